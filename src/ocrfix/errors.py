"""Errors with the exit status of the command that meets them."""
from __future__ import annotations


class OcrfixError(Exception):
    """Something that the user is told in one line.  ``exit_status`` is what a command that stops here returns."""

    exit_status = 1


class InputError(OcrfixError):
    """An input file cannot be processed: empty, binary, unreadable."""


class DocumentError(OcrfixError):
    """A document breaks its own laws, or a ``document.json`` is damaged."""


class UsageError(OcrfixError):
    """The command or a setting is wrong."""

    exit_status = 2
