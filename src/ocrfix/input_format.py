"""The formats of inputs, by themselves: the command line names them before anything that reads them is loaded."""
from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What an input is."""

    TEXT = "text"
    PDF = "pdf"
    HOCR = "hocr"
    ALTO = "alto"
    PAGE = "page"
    DOCX = "docx"
    HTML = "html"
    MARKDOWN = "markdown"
