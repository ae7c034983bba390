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

from ocrfix.api import Document, clean, load
from ocrfix.errors import DocumentError, InputError, OcrfixError
from ocrfix.outputs.corrections import DTYPES
from ocrfix.settings import Settings

if TYPE_CHECKING:
    from ocrfix.pipeline import Pipeline, Stage

try:
    __version__ = version("ocrfix")
except PackageNotFoundError:                            # run from a folder that was not installed
    __version__ = "0+unknown"

__all__ = ["DTYPES", "Document", "DocumentError", "InputError", "OcrfixError", "Pipeline", "Settings", "Stage",
           "__version__", "clean", "load"]


def __getattr__(name: str) -> object:
    """The stages and what they load come in only when they are used: ``ocrfix --help`` answers at once."""
    if name in ("Pipeline", "Stage"):
        return getattr(import_module("ocrfix.pipeline"), name)
    raise AttributeError(f"module 'ocrfix' has no attribute {name!r}")
