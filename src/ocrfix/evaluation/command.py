"""``ocrfix eval``: the command, and :func:`run`, which does what it does in Python."""
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ocrfix.errors import OcrfixError, UsageError
from ocrfix.evaluation.comparison import write_comparison
from ocrfix.evaluation.decisions import score_corrections
from ocrfix.evaluation.score import Report, score, score_untouched
from ocrfix.evaluation.stages import StageEffect, stage_effects
from ocrfix.evaluation.transcription import Transcript, read_gold, read_transcript
from ocrfix.messages import translated
from ocrfix.outputs.text import clean_md
from ocrfix.serialize import load


def run(gold: Path, clean: Path | None = None, *, whole: bool = False, pages: Sequence[str] | None = None,
        raw: Path | None = None, per_page: bool = False, html: Path | None = None,
        document: Path | None = None) -> Report:
    """Score a cleaned text, the untouched OCR, or both, against ground truth.

    Args:
        gold: a folder of gold pages ``pNN.md``, or one text file, which then covers the whole document.
        clean: a Markdown or text file, or a ``document.json``.
        whole: the gold covers the whole document: everything in the clean text is scored.
        pages: names of the gold pages to score, ``p01`` ...
        raw: a folder of untouched OCR pages ``pNN.txt``, or one file if the gold is one.
        per_page: give the rates of each page too.
        html: a file to write the side-by-side error page to.
        document: the ``document.json`` of the clean text: its corrections and stages are judged too.

    Returns:
        Scores under ``clean``, ``raw`` and ``document``, as far as they were asked for.

    Raises:
        UsageError: the options do not go together.
        OcrfixError: a file cannot be read.
    """
    if whole and (pages or per_page):
        raise UsageError("--whole goes with neither --pages nor --per-page")
    if clean is None and (html or document):
        raise UsageError("--html and --document need a CLEAN text")
    if clean is None and raw is None:
        raise UsageError("nothing to score: name a CLEAN text or --raw")
    truth = read_gold(gold, pages)
    whole = whole or truth.complete
    result: Report = {}
    if clean is not None:
        if clean.suffix == ".json":
            document = document or clean
        loaded = load(document) if document is not None else None
        if clean.suffix == ".json" and loaded is not None:
            transcript = Transcript("all")
            transcript.add_markdown(clean_md(loaded))
        else:
            transcript = read_transcript(clean)
        result["clean"] = score(truth, transcript, whole=whole).as_dict(with_structure=True, per_page=per_page)
        if html is not None:
            write_comparison(truth, transcript, html, whole=whole)
        if loaded is not None:
            result["document"] = {
                "stages": [effect.as_dict() for effect in stage_effects(loaded, truth, whole=whole)],
                "corrections": score_corrections(loaded, truth, whole=whole).as_dict(),
            }
    if raw is not None:
        result["raw"] = score_untouched(truth, raw, whole=whole).as_dict(with_structure=False, per_page=per_page)
    return result


def stage_table(effects: Sequence[StageEffect]) -> str:
    """The effects of the stages as a table for a person, in white-space tokens."""
    lines = [f"{'stage':12} {'changed':>8} {'gained':>7} {'broke':>6} {'wrong>wrong':>12} {'errors':>7} {'WER':>7}"]
    for effect in effects:
        e = effect.tokens
        lines.append(f"{effect.stage:12} {e.changed:8} {e.gained:7} {e.broke:6} {e.wrong_to_wrong:12} "
                     f"{e.errors.count:7} {e.errors.rate:7.4f}")
    return "\n".join(lines)


@click.command("eval", short_help="Score a cleaned text against ground truth.")
@click.argument("gold", type=click.Path(exists=True, path_type=Path))
@click.argument("clean", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--whole", is_flag=True, help="The gold covers the whole document: everything in CLEAN is scored.")
@click.option("--pages", metavar="NAMES", help="Gold pages to score, separated by commas, for example p01,p03.")
@click.option("--raw", type=click.Path(exists=True, path_type=Path), metavar="DIR",
              help="Folder of untouched OCR pages pNN.txt: the baseline is scored too.")
@click.option("--per-page", is_flag=True, help="Give the rates of each page too.")
@click.option("--document", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="The document.json of CLEAN: its corrections and stages are judged too.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write a page that shows the errors, gold and clean text side by side.")
@click.option("--json", "compact", is_flag=True, help="Print the scores on one line, and nothing else.")
@click.option("-q", "--quiet", is_flag=True, help="No table of the stages.")
def eval_command(gold: Path, clean: Path | None, whole: bool, pages: str | None, raw: Path | None, per_page: bool,
                 document: Path | None, html: Path | None, compact: bool, quiet: bool) -> None:
    """Score CLEAN (clean.md, clean.txt or document.json) against GOLD.

    GOLD is a folder of gold pages pNN.md or a single text file, which then covers the whole document.  The scores are
    printed as JSON: error rates of characters (CER), white-space tokens (WER) and words (WERw), for body and notes
    apart, and how well calls, paragraphs, headings and notes stand.

    With a document.json as CLEAN or with --document, the scores say too how good the corrections are and what each
    stage gained and broke.  Where a document.json lies beside CLEAN, a table of the latter goes to standard error.

    \b
    Example:
      ocrfix eval gold/ reports/article/clean.md --raw pages/ --html errors.html
    """
    names = [name.strip() for name in pages.split(",") if name.strip()] if pages else None
    try:
        result = run(gold, clean, whole=whole, pages=names, raw=raw, per_page=per_page, html=html, document=document)
        click.echo(json.dumps(result, indent=None if compact else 1, ensure_ascii=False))
        if clean is not None and not (compact or quiet):
            beside = document or (clean if clean.suffix == ".json" else clean.parent / "document.json")
            if beside.is_file():
                truth = read_gold(gold, names)
                click.echo(stage_table(stage_effects(load(beside), truth, whole=whole or truth.complete)), err=True)
    except OcrfixError as error:
        click.echo(f"ocrfix: {translated(str(error))}", err=True)
        raise SystemExit(error.exit_status) from None
