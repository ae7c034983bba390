"""No regular expression blows up, whatever text it meets."""
from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("pattern", [
    r"\s+$", r"[^\p{L}\p{M}]+$", r"!+\?[!?]*|\?+![!?]*|\S", r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$",
    r"\[\^([^\]+]+)\+?\]:?|⟦([^⟧]*)⟧", r"\[\^(?P<call>[^\]+]+)\]|⟦(?P<unsure>[^⟧]*)⟧|\\(?P<escaped>[\\`*_])",
    r"(?:EK|Ek)\s*[-.:]?\s*(?:\d{1,3}|[IVX]{1,5})"])
def test_a_pattern_that_blows_up_is_found(pattern: str) -> None:
    """Most of them stood in ocrfix once."""
    program = ("import patterns, sys; patterns.LIMIT = 1.0; "
               "patterns.collect = lambda: [patterns.Pattern('here', 'regex', sys.argv[1], 0, False)]; "
               "patterns.main(0, 1)")
    done = subprocess.run([sys.executable, "-c", program, pattern], cwd=Path(patterns.__file__).parent,
                          stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == -signal.SIGPROF and done.stdout.splitlines()[-1].startswith(f"here: {pattern!r} on ")
