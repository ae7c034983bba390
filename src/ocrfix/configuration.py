"""``ocrfix.toml``: the options of ``ocrfix run`` in a file, and the command ``ocrfix init`` that writes one.

The options of the command are the one list of settings: their names, types, defaults and help make the file that
``ocrfix init`` writes (:func:`written`), and check the file that ``ocrfix run`` reads (:func:`read`).  What is read
becomes the defaults of the command, so that the command line wins.
"""
from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from ocrfix.errors import OcrfixError, UsageError
from ocrfix.messages import message, translated
from ocrfix.nearest import nearest
from ocrfix.outputs.files import replacing
from ocrfix.places import is_url

FILE = "ocrfix.toml"
OF_ONE_RUN = frozenset({"config", "lang", "force", "dry_run", "quiet", "verbose"})
"""Options that no file keeps."""
EXAMPLES: Mapping[str, object] = {"lexicons": "mylexicons", "decisions": "decisions.sqlite", "format": "text",
                                  "jobs": 4, "scheduler": "tcp://127.0.0.1:8786"}
"""What is shown of a setting that has no default value."""
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Profile:
    """What is set for a kind of print.

    Attributes:
        about: why, in a few words.
        values: the settings that differ from their defaults, by key.
    """

    about: str
    values: Mapping[str, object] = field(default_factory=dict)


PROFILES: Mapping[str, Profile] = {
    "article": Profile(message("For articles nothing differs from the defaults: notes that begin anew on each page, "
                               "endnotes and running heads are told from the pages themselves.")),
    "book": Profile(message("Books are cited by page, so clean.md says where each page begins."), {"page_marks": True}),
    "newspaper": Profile(message("Newspapers have no footnotes, so no footnote call is looked for."),
                         {"skip": ["calls"]}),
}
"""They differ in little, because the layout of a text is told from the text."""


def settings_of(command: click.Command) -> dict[str, click.Option]:
    """The options of a command that a file may hold, by key, in the order of its help."""
    return {option.name.rstrip("_"): option for option in command.params
            if isinstance(option, click.Option) and option.name and option.name not in OF_ONE_RUN}


def written(command: click.Command, profile: str) -> str:
    """The text of a settings file: every setting with what it does and its default, and those of a profile set."""
    chosen = PROFILES[profile]
    parts = [_comment(translated("Settings of `ocrfix run`, which reads this file where it is in the current folder, "
                                 "or by --config. Options on the command line win. Paths are relative to this file. "
                                 "What begins with # is a comment: a setting that is commented out has its default, "
                                 "or none.")),
             _comment(translated(chosen.about))]
    for key, option in settings_of(command).items():
        value = chosen.values.get(key, EXAMPLES.get(key, _default(option)))
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        parts.append(f"{_comment(option.help or '')}\n{'' if key in chosen.values else '# '}{line}")
    return "\n\n".join(parts) + "\n"


def read(path: Path, context: click.Context) -> dict[str, object]:
    """The settings in a file, as defaults for the command of ``context``, by the names of its parameters.

    Raises:
        UsageError: the file cannot be read, or holds a setting that there is not, or a value that is none for it.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: no TOML: {error}") from error
    options = settings_of(context.command)
    out: dict[str, object] = {}
    for key, value in values.items():
        if key not in options:
            raise UsageError(f"{path}: no setting is called {key!r}; the nearest is {nearest(key, options)!r}")
        option = options[key]
        expected = _expected(option)
        if not _is(value, expected):
            raise UsageError(f"{path}: {key}: must be {expected}, not {json.dumps(value, default=str)}")
        if isinstance(option.type, click.Path) and not is_url(value):
            value = str(path.parent / value)
        try:
            option.process_value(context, value)
        except (click.BadParameter, OcrfixError) as error:
            said = error.message if isinstance(error, click.BadParameter) else error
            raise UsageError(f"{path}: {key}: {said}") from error
        out[option.name or key] = value
    return out


def _expected(option: click.Option) -> str:
    """The type of TOML values of an option."""
    if option.is_flag:
        return message("true or false")
    if option.multiple:
        return message("a list of strings")
    if isinstance(option.type, click.types.IntParamType):
        return message("a whole number")
    return message("a number") if isinstance(option.type, click.types.FloatParamType) else message("a string")


def _is(value: object, expected: str) -> bool:
    """Whether a TOML value is of the type that is expected."""
    match expected:
        case "true or false":
            return isinstance(value, bool)
        case "a list of strings":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        case "a whole number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "a number":
            return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _default(option: click.Option) -> object:
    """The default of an option as TOML has it."""
    if option.multiple:
        return []
    if option.is_flag:
        return False
    return option.default.as_posix() if isinstance(option.default, Path) else option.default


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


@click.command("init", short_help="Write a commented settings file.")
@click.option("--profile", type=click.Choice(list(PROFILES)), default="article", show_default=True,
              help="For what kind of print.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_context
def init_command(context: click.Context, profile: str, force: bool) -> None:
    """Write ocrfix.toml into the current folder: every setting of `ocrfix run` with its default and what it does.

    \b
    Example:
      ocrfix init --profile book
    """
    path = Path(FILE)
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; --force replaces it")
    group = context.find_root().command
    assert isinstance(group, click.Group)
    run = group.get_command(context, "run")
    assert run is not None
    try:
        with replacing(path) as beside:
            beside.write_text(written(run, profile), "utf-8", newline="\n")
    except OSError as error:
        raise OcrfixError(f"{path}: cannot be written: {error.strerror or error}") from error
