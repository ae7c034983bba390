"""The command line: parses, calls, prints.  What the commands do stands in the functions that they call.

Start-up matters: what loads lexicons or compiled code is imported by the command that needs it.
"""
from __future__ import annotations

import io
import logging
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ocrfix import completion
from ocrfix.errors import OcrfixError, UsageError, printable
from ocrfix.input_format import Format
from ocrfix.localized import asked, localized
from ocrfix.messages import from_environment, message, speaking, translated
from ocrfix.places import Place, Url, place
from ocrfix.settings import Settings

if TYPE_CHECKING:
    from ocrfix.job import Outcome
    from ocrfix.outputs.summary import SummaryRow

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
    "doctor": ("ocrfix.doctor", "doctor_command", "Say what is installed, what is missing, and what to do."),
    "explain": ("ocrfix.explain", "explain_command", "Show how one word is decided."),
    "init": ("ocrfix.configuration", "init_command", "Write a commented settings file."),
}
"""Commands that live beside what they call: name -> module, attribute, short help."""


FORMATS = [each.value for each in Format]
DEFAULTS = {each.name: each.default for each in fields(Settings)}


class Commands(click.Group):
    """The commands; those of :data:`ELSEWHERE` are imported when they are called.  Errors become one line."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        """Run the command that the arguments name, in the language of the user."""
        _in_utf8()
        with speaking(asked(sys.argv[1:] if args is None else args) or from_environment()):
            return super(Commands, localized(self)).main(args, *more, **named)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = ELSEWHERE[cmd_name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return localized(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [(name, command.get_short_help_str(80)) for name, command in sorted(self.commands.items())]
        with formatter.section(translated("Commands")):
            formatter.write_dl(sorted([*own, *((name, translated(text)) for name, (_, _, text) in ELSEWHERE.items())]))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except OcrfixError as error:
            click.echo(f"ocrfix: {translated(str(error))}", err=True)
            ctx.exit(error.exit_status)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ocrfix", prog_name="ocrfix")
def main() -> None:
    """Turn the noisy OCR of Turkish printed prose into clean text, and show every change.

    \b
    Example:
      ocrfix run raw/
    """


def _in_utf8() -> None:
    """What goes to a file or a pipe is UTF-8 with \\n at the ends of lines, on Windows too."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")


class _Translated(logging.Formatter):
    """Log lines in the language of the user."""

    def format(self, record: logging.LogRecord) -> str:
        return translated(super().format(record))


def _finite(_ctx: click.Context, _param: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter(translated("must be a finite number"))
    return value


def _names(_ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> frozenset[str]:
    """The names in an option that may be given several times, each with several names."""
    from ocrfix.outputs.formats import check_formats
    from ocrfix.pipeline import Pipeline
    from ocrfix.run import check_stages
    names = frozenset(name.strip() for value in values for name in value.split(","))
    if param.name == "skip":
        check_stages(Pipeline(), names)
    else:
        check_formats(names)
    return names


def _configured(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    """Take the settings in a file for the defaults of the other options."""
    from ocrfix import configuration
    path = value or Path(configuration.FILE)
    if not ctx.resilient_parsing and (value is not None or path.exists()):
        ctx.default_map = configuration.read(path, ctx)


class PlaceType(click.Path):
    """A path, checked, or a URL that fsspec can work with."""

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None,  # type: ignore[override]
                ctx: click.Context | None) -> Place:
        where = place(value)
        return where if isinstance(where, Url) else Path(os.fsdecode(super().convert(where, param, ctx)))


@main.command(short_help="Clean documents and write their reports.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=PlaceType(exists=True))
@click.option("--out", type=PlaceType(file_okay=False), default=Path("reports"), show_default=True,
              help="Folder of the reports, or its URL.")
@click.option("--strictness", type=click.FloatRange(min=0), callback=_finite, default=DEFAULTS["strictness"],
              show_default=True, help="What breaking a right word costs, in wrong words left alone.")
@click.option("--apply-above", type=click.FloatRange(0, 1), callback=_finite, default=DEFAULTS["apply_above"],
              show_default=True, help="Apply no correction less probable than this to text that could have been "
                                      "printed.")
@click.option("--ask-below", type=click.FloatRange(0, 1), callback=_finite, default=DEFAULTS["ask_below"],
              show_default=True, help="Ask about corrections that are applied if they are less probable than this.  "
                                      "What `ocrfix learn --from-decisions` learned holds instead of the default.")
@click.option("--suggest-above", type=click.FloatRange(0, 1), callback=_finite, default=DEFAULTS["suggest_above"],
              show_default=True, help="Ask about corrections that are not applied if they are at least so probable ...")
@click.option("--doubt-below", type=click.FloatRange(0, 1), callback=_finite, default=DEFAULTS["doubt_below"],
              show_default=True, help="... or if the text as it stands is less probable than this.")
@click.option("--most-characters", type=click.IntRange(min=0), default=DEFAULTS["most_characters"], show_default=True,
              help="Set misread words right in so many characters of a document, and leave those behind alone.")
@click.option("--divide-above", type=click.IntRange(min=1), default=DEFAULTS["divide_above"], show_default=True,
              help="Clean a plain text of more bytes than this in parts, each with a report of its own.")
@click.option("--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE", is_eager=True,
              expose_value=False, callback=_configured,
              help="Settings that `ocrfix init` wrote; options win over them.  [default: ocrfix.toml in the current "
                   "folder, if there is one]")
@click.option("--lexicons", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of your own lexicons, read after the shipped ones.")
@click.option("--skip", multiple=True, metavar="STAGE", callback=_names, shell_complete=completion.stages,
              help="Leave out a stage (layout, reflow, decisions, encoding, characters, calls, words ...).  May be "
                   "given again, or several with commas.")
@click.option("--decisions", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Decisions of `ocrfix review`.  [default: decisions.sqlite beside the reports]")
@click.option("--format", "format_", metavar="FORMAT", type=click.Choice(FORMATS),
              help=f"What the inputs are, if their content misleads: {', '.join(FORMATS)}.")
@click.option("--page-marks", is_flag=True, help="Say in clean.md where a page begins: <!-- page 103 -->.")
@click.option("--to", multiple=True, metavar="FORMAT", callback=_names, shell_complete=completion.formats,
              help="Write another format too: tei, html, docx, epub, conllu; same (hOCR, ALTO, PAGE corrected in "
                   "place); of the whole corpus jsonl, parquet.  May be given again, or several with commas.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="Documents that are worked on at once, each in a process of its own.  [default: all cores]")
@click.option("--engine", type=click.Choice(["processes", "dask"]), default="processes", show_default=True,
              help="What does the documents: processes of this machine, or the workers of a dask cluster.")
@click.option("--scheduler", metavar="ADDRESS",
              help="Of the dask cluster (tcp://...).  [default: a cluster on this machine is started]")
@click.option("--force", is_flag=True, help="Do again what is up to date.")
@click.option("--dry-run", is_flag=True, help="Print what would be done and why, and write nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each document, and where an error came from.")
def run(inputs: tuple[Place, ...], out: Place, strictness: float, apply_above: float, ask_below: float,
        suggest_above: float, doubt_below: float, most_characters: int, divide_above: int, lexicons: Path | None,
        skip: frozenset[str], decisions: Path | None, format_: str | None, page_marks: bool, to: frozenset[str],
        jobs: int | None, engine: str, scheduler: str | None, force: bool, dry_run: bool, quiet: bool, verbose: bool,
        ) -> None:
    """Clean every document in INPUT, files or folders or their URLs, and write it to OUT/<document>/.

    INPUT is plain text, PDF with a text layer, hOCR, ALTO, PAGE-XML, Word, HTML or Markdown.  Of a folder every such
    file is taken, those in its subfolders too; hidden files are not, nor reports.  A folder or ZIP file of hOCR, ALTO
    or PAGE files, one a page, is one document.
    Each document gets clean.txt, clean.md, corrections.csv, document.json and report.html; the whole run
    index.html and summary.csv.  Further formats (--to) are written beside them.

    Plain text of more than 4 MB is cleaned in parts, which lie in OUT/<document>/parts/; the files of the whole are put
    together from them.

    A document that was done before is not done again while its text, the options, the lexicons, the decisions on it
    and ocrfix itself are the same: a run that was stopped goes on where it was.

    Options that are not given are read from ocrfix.toml in the current folder, if there is one.

    Exit status: 0 all done; 1 something could not be processed (it is named, everything else was written), or the run
    was stopped; 2 wrong usage.

    \b
    Example:
      ocrfix run raw/ more/article.txt --out reports/ --to tei,docx
    """
    if quiet and verbose:
        raise UsageError("-q and -v do not go together")
    source = click.get_current_context().get_parameter_source
    jobs_given, scheduler_given = (source(name) is ParameterSource.COMMANDLINE for name in ("jobs", "scheduler"))
    if scheduler_given and (engine != "dask" or jobs_given):
        raise UsageError("--scheduler is for --engine dask, without --jobs: the cluster has the workers that it has")
    if jobs_given:
        scheduler = None                                    # that of the file yields
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG if verbose else logging.ERROR)
    logging.getLogger().handlers[0].setFormatter(_Translated())
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("ocrfix").setLevel(logging.DEBUG if verbose else logging.ERROR)
    from ocrfix import cores
    from ocrfix.cluster import Dask
    from ocrfix.decisions.store import Store
    from ocrfix.run import Stopped, decisions_beside, processes
    from ocrfix.run import run as run_all
    from ocrfix.stops import stopped_once

    if decisions is not None and not decisions.exists():
        raise UsageError(f"{decisions}: no such file")
    standing = Store(decisions).standing() if decisions is not None else decisions_beside(out)
    settings = Settings(strictness=strictness, apply_above=apply_above, ask_below=ask_below,
                        suggest_above=suggest_above, doubt_below=doubt_below, most_characters=most_characters,
                        divide_above=divide_above,
                        lexicons=lexicons, skip=skip, page_marks=page_marks,
                        format=Format(format_) if format_ else None, to=to, decisions=standing)
    if dry_run:
        raise SystemExit(_dry_run(inputs, out, settings, force))
    bar = sys.stderr.isatty() and not quiet
    try:
        with stopped_once():
            rows = run_all(inputs, out, settings, progress=_progress if bar else None, jobs=jobs or cores.available(),
                           force=force, engine=Dask(scheduler) if engine == "dask" else processes)
    except Stopped as error:
        _name_failures(error.rows)
        raise
    failed = _name_failures(rows)
    if not quiet:
        done, corrections = len(rows) - failed, sum(row.corrections for row in rows)
        review, index = sum(row.review for row in rows), out / "index.html"
        click.echo(translated(f"{done} of {len(rows)} done, {corrections} corrections, {review} to review: {index}"),
                   err=True)
    if failed:
        raise SystemExit(1)


def _name_failures(rows: Iterable[SummaryRow]) -> int:
    """Print a line for each document that could not be processed; returns how many there are."""
    from ocrfix.outputs.summary import FAILED
    failed = [row for row in rows if row.status == FAILED]
    for row in failed:
        click.echo(f"ocrfix: {printable(row.source)}: {translated(row.message)}", err=True)
    return len(failed)


def _dry_run(inputs: tuple[Place, ...], out: Place, settings: Settings, force: bool) -> int:
    """Print a line for each document that tells what a run would do with it; returns the exit status."""
    from ocrfix.outputs.summary import SummaryRow
    from ocrfix.run import plan
    status = 0
    for step in plan(inputs, out, settings, force=force):
        if isinstance(step, SummaryRow):
            status = status or _name_failures([step])
            continue
        item, why = step
        says = translated(why or message("up to date"))
        click.echo(f"{printable(str(item.path))} -> {printable(str(out / item.name))}: {says}")
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
@click.argument("document", metavar="DOCUMENT.json", type=click.Path(exists=True, path_type=Path),
                shell_complete=completion.documents)
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
