"""No regular expression blows up, whatever text it meets."""
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import patterns

PARTS = 2
"""Processes among which the patterns are divided."""


def test_no_pattern_blows_up() -> None:
    running = [subprocess.Popen([sys.executable, patterns.__file__, str(part), str(PARTS)], stdout=subprocess.PIPE,
                                text=True) for part in range(PARTS)]
    tried = []
    for process in running:
        lines = process.communicate()[0].splitlines()
        assert process.returncode == 0, f"did not get done with {lines[-1] if lines else 'anything'}"
        tried += [line.partition(": ")[0] for line in lines]
    assert set(tried) == {pattern.where for pattern in patterns.collect()} and len(set(tried)) > 150


def test_a_pattern_that_blows_up_is_found() -> None:
    program = ("import patterns; patterns.LIMIT = 1.0; import signal; signal.setitimer(signal.ITIMER_PROF, 1.0); "
               "patterns.attack(patterns.Pattern('here', 're', r'\\s+$', 0, False), ' ')")
    done = subprocess.run([sys.executable, "-c", program], cwd=Path(patterns.__file__).parent, check=False)
    assert done.returncode < 0
