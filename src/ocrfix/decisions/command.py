"""The commands ``ocrfix decisions ...``: export, import, and lists of what needs a person's eye."""
from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from ocrfix.decisions.exchange import from_csv, to_csv
from ocrfix.decisions.store import FILE_NAME, Store, store_beside
from ocrfix.errors import DocumentError, OcrfixError, UsageError
from ocrfix.messages import translated

_FILE = click.option("--decisions", type=click.Path(dir_okay=False, path_type=Path), default=Path(FILE_NAME),
                     show_default=True, metavar="FILE", help="The database.")


@click.group("decisions")
def decisions_group() -> None:
    """Decisions of `ocrfix review`: take them along, merge them, look after them.

    \b
    Example:
      ocrfix decisions export > decisions.csv
    """


@decisions_group.command("export", short_help="Print all decisions as CSV.")
@_FILE
def export_command(decisions: Path) -> None:
    """Print all decisions, undone ones too, as CSV: a line a decision, in an order that merges well.

    \b
    Example:
      ocrfix decisions export --decisions decisions.sqlite > decisions.csv
    """
    store = existing(decisions)
    click.echo(to_csv(store.decisions(), store.undone()), nl=False)


@decisions_group.command("import", short_help="Add decisions from CSV.")
@click.argument("files", metavar="FILE.csv...", nargs=-1, required=True,
                type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_FILE
def import_command(files: tuple[Path, ...], decisions: Path) -> None:
    """Add the decisions in CSV files to a database; those that it has are left as they are.

    Exit status: 0 all added; 1 a file is damaged (nothing is added then).

    \b
    Example:
      ocrfix decisions import hers.csv his.csv --decisions decisions.sqlite
    """
    read = []
    for path in files:
        try:
            read.append(from_csv(path.read_text("utf-8-sig"), str(path)))
        except (OSError, UnicodeDecodeError) as error:
            raise OcrfixError(f"{path}: cannot be read: {error}") from error
    store = Store(decisions)
    before = len(store.decisions())
    store.record([d for found, _ in read for d in found], [u for _, undone in read for u in undone])
    added = len(store.decisions()) - before
    click.echo(translated(f"{added} decisions added to {decisions}"), err=True)


@decisions_group.command("conflicts", short_help="List places on which reviewers disagree.")
@_FILE
def conflicts_command(decisions: Path) -> None:
    """Print, as CSV, the last decision of each reviewer on every place where they disagree; the last one holds.

    \b
    Example:
      ocrfix decisions conflicts --decisions decisions.sqlite
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["document", "before", "raw", "after", "reviewer", "time", "new", "call", "holds"])
    for group in existing(decisions).conflicts():
        for d in group:
            writer.writerow([d.document, d.place.before, d.place.raw, d.place.after, d.reviewer, d.time, d.new, d.call,
                             "yes" if d is group[-1] else "no"])


@decisions_group.command("unbound", short_help="List decisions whose place is gone.")
@click.argument("reports", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("reports"))
@click.option("--decisions", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="The database.  [default: decisions.sqlite beside REPORTS]")
def unbound_command(reports: Path, decisions: Path | None) -> None:
    """Print, as CSV, the decisions on documents in REPORTS that do not apply because the input was edited.

    \b
    Example:
      ocrfix decisions unbound reports/
    """
    from ocrfix.api import load
    from ocrfix.stages.decided import unbound

    standing = existing(decisions or store_beside(reports)).standing()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["document", "before", "raw", "after", "new", "reviewer", "time"])
    failed = False
    for path in sorted(reports.glob("*/document.json")):
        try:
            document = load(path).model
        except DocumentError as error:
            click.echo(f"ocrfix: {translated(str(error))}", err=True)
            failed = True
            continue
        for d in unbound(document, standing.places(document.source.name)):
            writer.writerow([d.document, d.place.before, d.place.raw, d.place.after, d.new, d.reviewer, d.time])
    if failed:
        raise SystemExit(1)


def existing(path: Path) -> Store:
    """The database in a file.

    Raises:
        UsageError: there is no such file.
    """
    if not path.exists():
        raise UsageError(f"{path}: no such file; `ocrfix review` makes it with the first decision")
    return Store(path)
