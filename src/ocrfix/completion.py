"""What the shell completes beside commands, options and files: names of stages, formats, tables and documents.

Each function is the ``shell_complete`` of options or arguments of click.
"""
from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from ocrfix import paths


def stages(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The stages of the pipeline, several with commas."""
    from ocrfix.pipeline import Pipeline
    return _listed(incomplete, (stage.name for stage in Pipeline().stages))


def formats(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The formats that are written, several with commas."""
    from ocrfix.outputs.formats import CORPUS, DOCUMENT
    return _listed(incomplete, (*DOCUMENT, *CORPUS))


def tables(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The shipped tables of confusions."""
    names = sorted(path.stem for path in paths.lexicons().glob("confusions/*.tsv"))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def documents(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The documents in ``reports/`` by their ``document.json``; any file if none of them begins so."""
    found = sorted(path.as_posix() for path in Path("reports").glob("*/document.json"))
    return [CompletionItem(name) for name in found if name.startswith(incomplete)] or [
        CompletionItem(incomplete, type="file")]


def _listed(incomplete: str, names: Iterable[str]) -> list[CompletionItem]:
    """The names that the last one of a list with commas may be, with those before it, which are not proposed again."""
    before, comma, last = incomplete.rpartition(",")
    return [CompletionItem(before + comma + name) for name in names
            if name.startswith(last) and name not in before.split(",")]
