"""ocrfix turns the noisy OCR of Turkish printed prose into clean text, and shows every change.

    >>> import ocrfix
    >>> document = ocrfix.clean(Path("raw/article.txt"))           # doctest: +SKIP
    >>> document.text, document.markdown(), document.corrections() # doctest: +SKIP
    >>> document.save("reports/article")                           # doctest: +SKIP

:func:`clean` and :func:`load` give a :class:`Document`; :class:`Pipeline` holds the stages, :class:`Settings` the
options.  The modules read best in the order ``document``, ``pipeline``, ``stages``, ``outputs``.
"""
from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ocrfix.errors import DocumentError, InputError, OcrfixError
from ocrfix.settings import Settings

if TYPE_CHECKING:
    from ocrfix.api import Document, clean, load
    from ocrfix.outputs.corrections import DTYPES
    from ocrfix.pipeline import Pipeline, Stage

try:
    __version__ = version("ocrfix")
except PackageNotFoundError:                            # run from a folder that was not installed
    __version__ = "0+unknown"

__all__ = ["DTYPES", "Document", "DocumentError", "InputError", "OcrfixError", "Pipeline", "Settings", "Stage",
           "__version__", "clean", "load"]

_LATER = {"Document": "ocrfix.api", "clean": "ocrfix.api", "load": "ocrfix.api",
          "DTYPES": "ocrfix.outputs.corrections", "Pipeline": "ocrfix.pipeline", "Stage": "ocrfix.pipeline"}
"""What comes in only when it is used, with its module: ``ocrfix --help`` answers at once."""


def __getattr__(name: str) -> object:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module 'ocrfix' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
