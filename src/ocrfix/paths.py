"""Where the package's own files lie: beside the modules in a wheel, beside ``src`` in a checkout."""
from __future__ import annotations

from functools import cache
from pathlib import Path

from ocrfix.errors import OcrfixError


@cache
def lexicons() -> Path:
    """The folder of the shipped lexicons.

    Raises:
        OcrfixError: there is none, so the installation is damaged.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "lexicons", package.parents[1] / "lexicons"):
        if folder.is_dir():
            return folder
    raise OcrfixError(f"the lexicons are missing beside {package}: install ocrfix again")


def schema() -> Path:
    """The JSON Schema of ``document.json``."""
    return Path(__file__).resolve().parent / "schema" / "document.schema.json"
