"""The command line: parses, calls, prints.  What the commands do stands in the functions that they call.

Start-up matters: what loads lexicons or compiled code is imported by the command that needs it.
"""
from __future__ import annotations

import logging
import math
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ocrfix.errors import DocumentError, OcrfixError, UsageError

if TYPE_CHECKING:
    from ocrfix.run import Input

ELSEWHERE = {
    "eval": ("ocrfix.evaluation.command", "eval_command", "Score a cleaned text against ground truth."),
    "cross-validate": ("ocrfix.evaluation.cross_validation", "cross_validate_command",
                       "The error rates on pages that nothing was learned from."),
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
@click.option("--to", multiple=True, type=click.Choice(["same"]),
              help="Write the input's own format back as well, corrected in place: hOCR, ALTO and PAGE-XML.")
@click.option("--page-marks", is_flag=True, help="Say in clean.md where a page begins: <!-- page 103 -->.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each document, and where an error came from.")
def run(inputs: tuple[Path, ...], out: Path, strictness: float, lexicons: Path | None, skip: tuple[str, ...],
        decisions: Path | None, format_: str | None, to: tuple[str, ...], page_marks: bool, quiet: bool,
        verbose: bool) -> None:
    """Clean every document in INPUT, files or folders, and write it to OUT/<document>/.

    INPUT is plain text, PDF with a text layer, hOCR, ALTO, PAGE-XML, Word, HTML or Markdown.  Of a folder every such
    file is taken, those in its subfolders too; hidden files are not, nor reports.  A folder or ZIP file of hOCR, ALTO
    or PAGE files, one a page, is one document.
    Each document gets clean.txt, clean.md, corrections.csv, document.json and report.html; the whole run
    index.html and summary.csv.

    Exit status: 0 all done; 1 something could not be processed (it is named, everything else was written); 2 wrong
    usage.

    \b
    Example:
      ocrfix run raw/ more/article.txt --out reports/
    """
    if quiet and verbose:
        raise UsageError("-q and -v do not go together")
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if verbose else logging.ERROR, format="%(message)s")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("ocrfix").setLevel(logging.DEBUG if verbose else logging.ERROR)
    from ocrfix.decisions.store import Store, store_beside
    from ocrfix.outputs.summary import FAILED
    from ocrfix.readers import Format
    from ocrfix.run import run as run_all
    from ocrfix.settings import Settings

    if decisions is not None and not decisions.exists():
        raise UsageError(f"{decisions}: no such file")
    standing = Store(decisions or store_beside(out)).standing()
    settings = Settings(strictness=strictness, lexicons=lexicons, skip=frozenset(skip), page_marks=page_marks,
                        format=Format(format_) if format_ else None, to=frozenset(to), decisions=standing)
    bar = sys.stderr.isatty() and not quiet
    rows = run_all(inputs, out, settings, progress=_progress if bar else None)
    failed = [row for row in rows if row.status == FAILED]
    for row in failed:
        click.echo(f"ocrfix: {row.source}: {row.message}", err=True)
    if not quiet:
        done = [row for row in rows if row.status != FAILED]
        review = sum(row.review for row in done)
        click.echo(f"{len(done)} of {len(rows)} done, {sum(row.corrections for row in done)} corrections, {review} to "
                   f"review: {out / 'index.html'}", err=True)
    if failed:
        raise SystemExit(1)


def _progress(items: Iterable[Input], length: int) -> Iterator[Input]:
    """The documents, with a bar on standard error that tells which one is being worked on."""
    with click.progressbar(items, length=length, file=sys.stderr, show_pos=True,
                           item_show_func=lambda item: item.name if item else None) as bar:
        yield from bar


@main.command(short_help="Print the original input back, byte for byte.")
@click.argument("document", metavar="DOCUMENT.json", type=click.Path(exists=True, path_type=Path))
def restore(document: Path) -> None:
    """Print the input that DOCUMENT.json was made from, byte for byte, to standard output.

    The proof that nothing was lost: the text is put together from the spans of the document, and checked.

    \b
    Example:
      ocrfix restore reports/article/document.json > article.txt
    """
    from ocrfix.api import load
    loaded = load(document)
    try:
        data = loaded.restore()
    except DocumentError as error:
        raise DocumentError(f"{document}: {error}") from error
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
