"""The command ``ocrfix learn``: confusions from pairs of OCR text and truth, into tables that a person can edit."""
from __future__ import annotations

from pathlib import Path

import click

from ocrfix.errors import UsageError
from ocrfix.messages import translated


def _page_names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    """``1-14,26`` as page names p01 ... p14, p26; other names stand for themselves."""
    if value is None:
        return None
    names: list[str] = []
    for part in value.split(","):
        first, dash, last = part.strip().partition("-")
        if first.isdigit() and (last.isdigit() or not dash):
            names += [f"p{n:02d}" for n in range(int(first), int(last or first) + 1)]
        else:
            names.append(part.strip())
    return names


@click.command("learn", short_help="Learn confusions from pairs of OCR text and truth.")
@click.argument("ocr", metavar="[OCR", required=False, type=click.Path(exists=True, path_type=Path))
@click.argument("gold", metavar="GOLD]", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--from-decisions", "decisions", type=click.Path(dir_okay=False, path_type=Path), is_flag=False,
              flag_value=Path("decisions.sqlite"), metavar="[FILE]",
              help="Instead of OCR and GOLD: learn from the decisions of `ocrfix review`, in decisions.sqlite where no "
                   "FILE is named.")
@click.option("--from-texts", "texts", multiple=True, type=click.Path(exists=True, path_type=Path), metavar="PATH",
              help="Instead of OCR and GOLD: learn words, and which follows which, from clean texts, a file or a "
                   "folder of .txt and .md; may be repeated.")
@click.option("--reports", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="The reports that were reviewed.  [default: reports beside the decisions]")
@click.option("--lexicons", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="The lexicons of your own that the reports were made with.")
@click.option("--name", default="own", show_default=True, metavar="NAME",
              help="Name of the table of the body: FAMILY-TYPE, e.g. myscanner-roman.")
@click.option("--notes", metavar="NAME", help="Name of the table of the notes; it should end in -small.")
@click.option("--only", type=click.Choice(["body", "notes", "both"]), default="both", show_default=True,
              help="Which tables to write.")
@click.option("--pages", callback=_page_names, metavar="LIST", help="Pages to learn from, e.g. 1-14,26 (p01 ...).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("lexicons"), show_default=True,
              help="Lexicon folder; the tables go into its subfolder confusions.")
def learn_command(ocr: Path | None, gold: Path | None, decisions: Path | None, texts: tuple[Path, ...],
                  reports: Path | None, lexicons: Path | None, name: str, notes: str | None, only: str,
                  pages: list[str] | None, out: Path) -> None:
    """Learn confusions from OCR text and its truth, or what the decisions of a review, or clean texts, teach.

    OCR and GOLD are two text files, or two folders whose files pair by name (p01.txt with p01.md or p01.txt).  Writes
    NAME.tsv, the confusions with their counts, and NAME.signature, by which text of this kind is told again.  Use the
    result with `ocrfix run --lexicons`.

    From decisions: the confusion tables of the documents with what was decided, words.txt with words that no lexicon
    had, model/ranking.tsv, whose confidences are as sharp as the decisions say, and settings.toml, which says above
    which confidence nothing is asked.

    From clean texts, which have blank lines between paragraphs or a paragraph a line: model/pairs.tsv, word pairs that
    sharpen the language model, and words-of-texts.txt, words that stand there three times and in no lexicon.

    \b
    Example:
      ocrfix learn scans/ocr scans/truth --name myscanner-roman --notes myscanner-small --out mylexicons
      ocrfix learn --from-decisions --reports reports/ --out mylexicons
      ocrfix learn --from-texts books/ --out mylexicons
      ocrfix run more/ --lexicons mylexicons
    """
    if (ocr is not None) + (decisions is not None) + bool(texts) > 1:
        raise UsageError("OCR and GOLD, --from-decisions and --from-texts do not go together")
    if texts:
        _learn_from_texts(texts, lexicons, out)
        return
    if decisions is not None:
        if not decisions.exists():
            raise UsageError(f"{decisions}: no such file")
        _learn_from_decisions(decisions, reports or decisions.resolve().parent / "reports", lexicons, out)
        return
    if ocr is None or gold is None:
        raise UsageError("OCR and GOLD are needed, or --from-decisions, or --from-texts")
    from ocrfix.engine.learn import learn_pages, paired_pages

    found = paired_pages(ocr, gold, pages)
    family = name.split("-")[0]
    tables = learn_pages(found, name if only != "notes" else None,
                         (notes or f"{family}-small") if only != "body" else None)
    folder = out / "confusions"
    folder.mkdir(parents=True, exist_ok=True)
    for channel, signature in tables:
        said = f"{len(found)} pages of OCR text with their truth: {', '.join(n for n, _, _ in found)}"
        channel.write(folder / f"{channel.name}.tsv",
                      f"Confusions of {channel.name}: "
                      "a true segment, what the OCR made of it, how often, of how many.\n"
                      f"Learned by `ocrfix learn` from {said}.")
        signature.write(folder / f"{channel.name}.signature",
                        f"Character trigrams of OCR text of {channel.name}, learned by `ocrfix learn` from {said}.")
        path = folder / f"{channel.name}.tsv"
        click.echo(translated(f"{path}: {len(channel.count)} confusions"), err=True)


def _learn_from_decisions(decisions: Path, reports: Path, lexicons: Path | None, out: Path) -> None:
    """Learn from a database of decisions and the reports that they were taken on, and write the lexicons."""
    from ocrfix.api import load
    from ocrfix.decisions.store import Store
    from ocrfix.knowledge import Knowledge
    from ocrfix.review.learning import learn_from_decisions

    if not reports.is_dir():
        raise UsageError(f"{reports}: no such folder")
    documents = [load(path).model for path in sorted(reports.glob("*/document.json"))]
    if not documents:
        raise UsageError(f"{reports}: no document in it")
    knowledge = Knowledge.load(lexicons)
    lesson = learn_from_decisions(documents, Store(decisions).standing(), knowledge)
    said = f"by `ocrfix learn --from-decisions`: {lesson.decisions} decisions on {len(documents)} documents."
    (out / "confusions").mkdir(parents=True, exist_ok=True)
    (out / "model").mkdir(exist_ok=True)
    for kind, channel in lesson.channels.items():
        channel.write(out / "confusions" / f"{kind}.tsv",
                      f"Confusions of {kind}: a true segment, what the OCR made of it, how often, of how many.\n"
                      f"The table before, with what was learned {said}")
    lesson.ranking(knowledge.ranking).write(out / "model" / "ranking.tsv",
                                            f"Weights of the ranking of readings, {lesson.sharpness} times as sharp, "
                                            f"as learned {said}")
    (out / "words.txt").write_text("\n".join([f"# Words learned {said}", *lesson.words]) + "\n", "utf-8")
    settings = [f"# Learned {said}"] + ([f"ask_below = {lesson.ask_below}"] if lesson.ask_below is not None else [])
    (out / "settings.toml").write_text("\n".join(settings) + "\n", "utf-8")
    click.echo(translated(f"{out}: {lesson.decisions} decisions, {len(lesson.words)} words, confidences "
                          f"{lesson.sharpness} times as sharp"), err=True)


def _learn_from_texts(texts: tuple[Path, ...], lexicons: Path | None, out: Path) -> None:
    """Learn from clean texts, and write the lexicons."""
    from ocrfix.clean_texts import learn_from_texts, text_files
    from ocrfix.knowledge import Knowledge

    files = text_files(texts)
    if not files:
        raise UsageError(f"{texts[0]}: no text in it")
    pairs, words = learn_from_texts(files, Knowledge.load(lexicons))
    said = f"by `ocrfix learn --from-texts` from {len(files)} texts: {', '.join(path.name for path in files)}"
    (out / "model").mkdir(parents=True, exist_ok=True)
    pairs.write(out / "model" / "pairs.tsv", "Word pairs of clean texts: a word, the next, how often; without a next, "
                                             f"how many stand there but once.\nCounted {said}")
    (out / "words-of-texts.txt").write_text("\n".join([f"# Words found {said}", *words]) + "\n", "utf-8")
    click.echo(translated(f"{out}: {len(pairs.first)} word pairs, {len(words)} words"), err=True)
