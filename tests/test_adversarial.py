"""Work is bounded by the length of a text, whatever stands in it."""
from __future__ import annotations

import subprocess
import sys

import adversarial


def test_a_megabyte_of_one_sign_is_done() -> None:
    done = subprocess.run([sys.executable, adversarial.__file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout.splitlines()[-1:]}: {done.stderr[-500:]}"
    assert done.stdout.splitlines() == list(adversarial.UNITS)
