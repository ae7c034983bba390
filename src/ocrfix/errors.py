"""Errors with the exit status of the command that meets them."""
from __future__ import annotations


def printable(text: str) -> str:
    r"""Text for a line of a terminal: what would end the line or steer the terminal is escaped, as in Python.

    Names of files, and of files in archives, may hold anything.

    >>> printable("ılıca 1.txt"), printable("a\nb.txt"), printable("\x1b[2J")
    ('ılıca 1.txt', 'a\\nb.txt', '\\x1b[2J')
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class OcrfixError(Exception):
    """Something that the user is told in one line.  ``exit_status`` is what a command that stops here returns."""

    exit_status = 1

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class InputError(OcrfixError):
    """An input file cannot be processed: empty, binary, unreadable."""


class DocumentError(OcrfixError):
    """A document breaks its own laws, or a ``document.json`` is damaged."""


class UsageError(OcrfixError):
    """The command or a setting is wrong."""

    exit_status = 2
