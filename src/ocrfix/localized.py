"""The commands with their help in the language of the user, and the option ``--lang`` that chooses it.

Start reading at :func:`localized`.
"""
from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

import click

from ocrfix.messages import LANGUAGES, translated

Shown = TypeVar("Shown", bound=click.Command)

EXAMPLE = "Example:"
"""The heading of the part of a help that is not translated."""


def localized(command: Shown) -> Shown:
    """A command, and those below it, as they are shown; the command itself stays as it is."""
    return with_texts(command, translated)


def asked(arguments: Sequence[str]) -> str | None:
    """The language that the arguments of a command line ask for, wherever they do: help is shown before they are read.

    >>> asked(["run", "--help", "--lang", "tr"]), asked(["run", "--lang=en"]), asked(["run", "--", "--lang=tr"])
    ('tr', 'en', None)
    """
    options = list(arguments[:arguments.index("--")] if "--" in arguments else arguments)
    said = [argument.removeprefix("--lang=") for argument in options if argument.startswith("--lang=")]
    said += [after for before, after in pairwise(options) if before == "--lang"]
    return said[-1] if said and said[-1] in LANGUAGES else None


def with_texts(command: Shown, translate: Callable[[str], str]) -> Shown:
    """A command with all its texts replaced, and the option ``--lang``."""
    shown = copy.copy(command)
    shown._help_option = None                        # click keeps the one that it made, with the text in its language
    shown.help = "\n\n".join(_paragraphs(command.help or "", translate))
    shown.short_help = command.short_help and translate(command.short_help)
    shown.options_metavar = command.options_metavar and translate(command.options_metavar)
    shown.params = [_with_text(param, translate) for param in (*command.params, _lang())]
    if isinstance(shown, click.Group) and isinstance(command, click.Group):
        shown.subcommand_metavar = translate(command.subcommand_metavar)
        shown.commands = {name: with_texts(below, translate) for name, below in command.commands.items()}
    return shown


def _lang() -> click.Option:
    return click.Option(["--lang"], type=click.Choice(LANGUAGES), expose_value=False,
                        help="Language of messages and help.  [default: that of the environment]")


def _with_text(param: click.Parameter, translate: Callable[[str], str]) -> click.Parameter:
    shown = copy.copy(param)
    shown.type = copy.copy(param.type)
    shown.type.name = translate(param.type.name)
    if isinstance(shown, click.Option) and shown.help:
        shown.help = translate(" ".join(shown.help.split()))
    return shown


def _paragraphs(text: str, translate: Callable[[str], str]) -> list[str]:
    """The paragraphs of a help; of examples, which keep their lines, only the heading is a message."""
    return [paragraph.replace(EXAMPLE, translate(EXAMPLE), 1) if paragraph.startswith("\b")
            else translate(" ".join(paragraph.split()))
            for paragraph in inspect.cleandoc(text).split("\n\n")]
