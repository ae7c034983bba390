"""The command line: parses, calls, prints.  What the commands do stands in the functions that they call.

Start-up matters: what loads lexicons or compiled code is imported by the command that needs it.
"""
from __future__ import annotations

import logging
import math
import sys
import time
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocrfix.errors import OcrfixError, UsageError

if TYPE_CHECKING:
    from ocrfix.job import Outcome
    from ocrfix.outputs.summary import SummaryRow
    from ocrfix.settings import Settings

ELSEWHERE = {
    "eval": ("ocrfix.evaluation.command", "eval_command", "Score a cleaned text against ground truth."),
    "cross-validate": ("ocrfix.evaluation.cross_validation", "cross_validate_command",
                       "The error rates on pages that nothing was learned from."),
    "review": ("ocrfix.review.command", "review_command", "Accept, reject and edit corrections on a local web page."),
    "decisions": ("ocrfix.decisions.command", "decisions_group",
                  "Export, import and look after the decisions of a review."),
    "simulate-review": ("ocrfix.evaluation.review", "simulate_review_command",
                        "What a reviewer's answers are worth, with the gold as the reviewer."),
    "learn": ("ocrfix.engine.command", "learn_command", "Learn confusions from pairs of OCR text and truth."),
}
"""Commands that live beside what they call: name -> module, attribute, short help."""


FORMATS = ("text", "pdf", "hocr", "alto", "page", "docx", "html", "markdown")
"""Those of :class:`ocrfix.readers.Format`, which is loaded later."""


class Commands(click.Group):
    """The commands; those of :data:`ELSEWHERE` are imported when they are called.  Errors become one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = ELSEWHERE[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, command.get_short_help_str(80)) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl(sorted([*own, *((name, text) for name, (_, _, text) in ELSEWHERE.items())]))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OcrfixError as error:
            click.echo(f"ocrfix: {error}", err=True)
            ctx.exit(error.exit_status)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ocrfix", prog_name="ocrfix")
def main() -> None:
    """Turn the noisy OCR of Turkish printed prose into clean text, and show every change.

    \b
    Example:
      ocrfix run raw/
    """


def _finite(_ctx: click.Context, _param: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter("must be a finite number")
    return value


def _names(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """The names in an option that may be given several times, each with several names."""
    return frozenset(name.strip() for value in values for name in value.split(","))


@main.command(short_help="Clean documents and write their reports.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True,
              help="Folder of the reports.")
@click.option("--strictness", type=click.FloatRange(min=0), callback=_finite, default=3.0, show_default=True,
              help="What breaking a right word costs, in wrong words left alone.")
@click.option("--lexicons", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of your own lexicons, read after the shipped ones.")
@click.option("--skip", multiple=True, metavar="STAGE",
              help="Leave out a stage (layout, reflow, decisions, encoding, characters, calls, words ...).")
@click.option("--decisions", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Decisions of `ocrfix review`.  [default: decisions.sqlite beside the reports]")
@click.option("--format", "format_", metavar="FORMAT", type=click.Choice(FORMATS),
              help=f"What the inputs are, if their content misleads: {', '.join(FORMATS)}.")
@click.option("--page-marks", is_flag=True, help="Say in clean.md where a page begins: <!-- page 103 -->.")
@click.option("--to", multiple=True, metavar="FORMAT", callback=_names,
              help="Write another format too: tei, html, docx, epub, conllu; same (hOCR, ALTO, PAGE corrected in "
                   "place); of the whole corpus jsonl, parquet.  May be given again, or several with commas.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="Documents that are worked on at once, each in a process of its own.  [default: all cores]")
@click.option("--force", is_flag=True, help="Do again what is up to date.")
@click.option("--dry-run", is_flag=True, help="Print what would be done and why, and write nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each document, and where an error came from.")
def run(inputs: tuple[Path, ...], out: Path, strictness: float, lexicons: Path | None, skip: tuple[str, ...],
        decisions: Path | None, format_: str | None, page_marks: bool, to: frozenset[str], jobs: int | None,
        force: bool, dry_run: bool, quiet: bool, verbose: bool) -> None:
    """Clean every document in INPUT, files or folders, and write it to OUT/<document>/.

    INPUT is plain text, PDF with a text layer, hOCR, ALTO, PAGE-XML, Word, HTML or Markdown.  Of a folder every such
    file is taken, those in its subfolders too; hidden files are not, nor reports.  A folder or ZIP file of hOCR, ALTO
    or PAGE files, one a page, is one document.
    Each document gets clean.txt, clean.md, corrections.csv, document.json and report.html; the whole run
    index.html and summary.csv.  Further formats (--to) are written beside them.

    Plain text of more than 4 MB is cleaned in parts, which lie in OUT/<document>/parts/; the files of the whole are put
    together from them.

    A document that was done before is not done again while its text, the options, the lexicons, the decisions on it
    and ocrfix itself are the same: a run that was stopped goes on where it was.

    Exit status: 0 all done; 1 something could not be processed (it is named, everything else was written), or the run
    was stopped; 2 wrong usage.

    \b
    Example:
      ocrfix run raw/ more/article.txt --out reports/ --to tei,docx
    """
    if quiet and verbose:
        raise UsageError("-q and -v do not go together")
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if verbose else logging.ERROR, format="%(message)s")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("ocrfix").setLevel(logging.DEBUG if verbose else logging.ERROR)
    from ocrfix import cores
    from ocrfix.decisions.store import Store, store_beside
    from ocrfix.readers import Format
    from ocrfix.run import Stopped
    from ocrfix.run import run as run_all
    from ocrfix.settings import Settings
    from ocrfix.workers import stopped_once

    if decisions is not None and not decisions.exists():
        raise UsageError(f"{decisions}: no such file")
    standing = Store(decisions or store_beside(out)).standing()
    settings = Settings(strictness=strictness, lexicons=lexicons, skip=frozenset(skip), page_marks=page_marks,
                        format=Format(format_) if format_ else None, to=to, decisions=standing)
    if dry_run:
        raise SystemExit(_dry_run(inputs, out, settings, force))
    bar = sys.stderr.isatty() and not quiet
    try:
        with stopped_once():
            rows = run_all(inputs, out, settings, progress=_progress if bar else None, jobs=jobs or cores.available(),
                           force=force)
    except Stopped as error:
        _name_failures(error.rows)
        raise
    failed = _name_failures(rows)
    if not quiet:
        review = sum(row.review for row in rows)
        click.echo(f"{len(rows) - failed} of {len(rows)} done, {sum(row.corrections for row in rows)} corrections, "
                   f"{review} to review: {out / 'index.html'}", err=True)
    if failed:
        raise SystemExit(1)


def _name_failures(rows: Iterable[SummaryRow]) -> int:
    """Print a line for each document that could not be processed; returns how many there are."""
    from ocrfix.outputs.summary import FAILED
    failed = [row for row in rows if row.status == FAILED]
    for row in failed:
        click.echo(f"ocrfix: {row.source}: {row.message}", err=True)
    return len(failed)


def _dry_run(inputs: tuple[Path, ...], out: Path, settings: Settings, force: bool) -> int:
    """Print a line for each document that tells what a run would do with it; returns the exit status."""
    from ocrfix.outputs.summary import SummaryRow
    from ocrfix.run import plan
    status = 0
    for step in plan(inputs, out, settings, force=force):
        if isinstance(step, SummaryRow):
            status = status or _name_failures([step])
            continue
        item, why = step
        click.echo(f"{item.path} -> {out / item.name}: {why or 'up to date'}")
    return status


def _progress(outcomes: Iterable[Outcome], length: int) -> Iterator[Outcome]:
    """The outcomes, with a bar on standard error that tells the rate, the time left, and what was done last."""
    start = time.monotonic()
    done = 0

    def said(outcome: Outcome | None) -> str | None:
        return f"{done / max(time.monotonic() - start, 1e-3):.1f}/s {outcome.row.document}" if outcome else None

    with click.progressbar(outcomes, length=length, file=sys.stderr, show_pos=True, item_show_func=said) as bar:
        for done, outcome in enumerate(bar, 1):             # noqa: B007  the bar reads it
            yield outcome


@main.command(short_help="Print the original input back, byte for byte.")
@click.argument("document", metavar="DOCUMENT.json", type=click.Path(exists=True, path_type=Path))
def restore(document: Path) -> None:
    """Print the input that DOCUMENT.json was made from, byte for byte, to standard output.

    The proof that nothing was lost: the text is put together from the spans of the document, and checked.

    \b
    Example:
      ocrfix restore reports/article/document.json > article.txt
    """
    from ocrfix.api import restore as restored
    for data in restored(document):
        sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
