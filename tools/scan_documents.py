#!/usr/bin/env python3
"""Journal articles printed, photocopied badly and read by Tesseract, with their truth: to measure layout and calls on.

    pip install -e . pillow
    apt-get install tesseract-ocr tesseract-ocr-tur tesseract-ocr-eng fonts-liberation fonts-freefont-ttf \\
        fonts-texgyre fonts-linuxlibertine fonts-ebgaramond fonts-cmu fonts-urw-base35
    python tools/scan_documents.py make --engine tesseract-tur --documents 32 --out build/articles TEXT.txt ...
    python tools/scan_documents.py score build/articles
    python tools/scan_documents.py stops build/articles

``make`` writes ``build/articles/tesseract-tur-NNN/document.txt`` (pages apart by form feeds) and ``gold/pNN.md``, in
the form that ``ocrfix eval`` reads.  A page has a running head, a few paragraphs of the texts, calls at the ends of
sentences (before the stop in some documents, behind it in others) and its notes below in smaller type.  Everything
else is as in :mod:`print_and_scan`, which prints and copies.

``score`` cleans the documents without the words stage and prints, over the pages whose notes were all found, how many
calls stand behind the right word under the right number on the page, and how many of so sure ones do.
"""
from __future__ import annotations

import bisect
import random
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import print_and_scan as ps
import regex

from ocrfix.document import Document, Kind
from ocrfix.engine.learn import SUPERSCRIPTS
from ocrfix.evaluation.align import project
from ocrfix.evaluation.score import score as score_text
from ocrfix.evaluation.transcription import Transcript, Transcription, read_gold
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest

PAGES = 6
LEAST_BODY = 1300
"""Characters of body on a page."""
MOST_NOTES = 8
SMALLER = 0.8
"""Size of the notes' type beside the body's."""
_STOP = regex.compile(r"(?<=\w\w)\.(?= \p{Lu})")
"""The full stop of a sentence."""


def compose(paragraphs: list[str], names: list[str], first: int, behind: bool, chance: np.random.Generator,
            choice: random.Random) -> tuple[list[str], list[str]]:
    """(paragraphs, notes) of a page, with superscript numbers from ``first`` on."""
    body: list[str] = []
    notes: list[str] = []
    least, rate = choice.randint(2, 4), choice.uniform(0.15, 0.4)
    while len(body) < least or sum(map(len, body)) < LEAST_BODY:
        sentences = ps.SENTENCE.split(choice.choice(paragraphs))
        for k, sentence in enumerate(sentences):
            if sentence[-1:] in ".!?" and choice.random() < rate and len(notes) < MOST_NOTES:
                call = f"{first + len(notes)}".translate(SUPERSCRIPTS)
                sentences[k] = sentence + call if behind or sentence[-1] != "." else f"{sentence[:-1]}{call}."
                text = ps.citation(names, chance)
                if choice.random() < 0.3:
                    text = f"{choice.choice(ps.SENTENCE.split(choice.choice(paragraphs)))} {text}"
                notes.append(f"{call} {text}")
        body.append(" ".join(sentences))
    return body, notes


def print_pages(parts: list[ps.Page], chance: np.random.Generator) -> ps.Grey:
    """Texts of different type below each other on one page."""
    margin = ps.MARGIN - 20
    images = [ps.print_page(part, chance)[margin:-margin] for part in parts]
    wide = max(image.shape[1] for image in images)
    images = [np.pad(image, ((0, 0), (0, wide - image.shape[1]))) for image in images]
    blank = np.zeros((60, wide), np.float32)
    return np.concatenate([blank, *images, blank])


def gold_page(body: list[str], notes: list[str]) -> str:
    """The truth of a page in the form that ``ocrfix eval`` reads."""
    def called(text: str) -> str:
        return ps.RAISED.sub(lambda m: f"[^{m.group().translate(ps.PLAIN_FIGURES)}]", text)

    listed = [called(note).replace("] ", "]: ", 1) for note in notes]
    return "\n\n".join([*map(called, body), *listed]) + "\n"


@click.group()
def main() -> None:
    """Make scanned articles with their truth, and measure the calls on them."""


@main.command()
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--engine", "engine_name", type=click.Choice(["tesseract-tur", "tesseract-eng"]), required=True)
@click.option("--documents", default=32, show_default=True, help="So many, those already there included.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--seed", default=77, show_default=True)
def make(texts: tuple[Path, ...], engine_name: str, documents: int, out: Path, seed: int) -> None:
    """Print, copy and read articles made of TEXTS."""
    paragraphs = ps.read_paragraphs(texts)
    names = ps.names_in(paragraphs)
    engine = ps.ENGINES[engine_name]
    engine = replace(engine, command=(*engine.command[:-1], "3"))         # pages with several columns of type sizes
    fonts = [path for path in map(ps.find_font, ps.TYPES["roman"].fonts) if path is not None]
    for n in range(documents):
        folder = out / f"{engine_name}-{n:03d}"
        if (folder / "document.txt").exists():
            continue
        (folder / "gold").mkdir(parents=True, exist_ok=True)
        chance, choice = np.random.default_rng([seed, n]), random.Random(f"{seed} {n}")
        font = fonts[int(chance.integers(len(fonts)))]
        points, columns = float(chance.uniform(10.5, 12)), int(chance.integers(62, 78))
        severity, behind = float(chance.uniform(0.2, 0.62)), bool(chance.random() < 0.5)
        head = " ".join(choice.sample(names, 3)) + " Dergisi"
        number, read = 1, []
        for k in range(PAGES):
            body, notes = compose(paragraphs, names, number, behind, chance, choice)
            number += len(notes)
            page = ps.Page("\n".join(body), font, points, columns,
                           min(0.7, max(0.05, severity + float(chance.normal(0, 0.08)))),
                           round(float(chance.uniform(*engine.dpi))))
            parts = [replace(page, text=f"{head} {100 + k}" if k % 2 else f"{100 + k} {head}"), page]
            if notes:
                parts.append(replace(page, text="\n".join(notes), points=points * SMALLER,
                                     columns=round(columns / SMALLER)))
            image = ps.photocopy(print_pages(parts, chance), page, engine.two_tone, chance)
            read.append(ps.read_image(image, engine, page.dpi))
            (folder / "gold" / f"p{k + 1:02d}.md").write_text(gold_page(body, notes), "utf-8")
        (folder / "document.txt").write_text("\f".join(read), "utf-8")
        click.echo(f"{folder.name}: {number - 1} notes, severity {severity:.2f}")


def judge_calls(document: Document, folder: Path) -> tuple[int, int, list[tuple[float, bool]]]:
    """(calls, right calls, (how sure, right?) of each) on the pages of which all notes were found."""
    found = Counter(document.page_at(block.start).number for block in document.notes() if block.label)
    sure = {edit.call: edit.confidence for block in document.blocks for edit in block.edits if edit.call}
    text = Transcript("all")
    text.add_markdown(clean_md(document))
    calls = right = 0
    judged: list[tuple[float, bool]] = []
    for path in sorted((folder / "gold").glob("p*.md")):
        marks = score_text(read_gold(folder / "gold", [path.stem]), text).structure.calls
        want = [word for _, _, word in sorted(marks.want, key=lambda place: int(place[1]))]
        got = sorted((word, label) for _, label, word in marks.got)
        if not want or found[int(path.stem[1:])] != len(want):
            continue
        calls += len(want)
        if len(got) == len(want):                        # by their order on the page: notes before it may be missing
            hits = [word == other for (word, _), other in zip(got, want, strict=True)]
            right += sum(hits)
            judged += [(sure[label], hit) for (_, label), hit in zip(got, hits, strict=True) if label in sure]
    return calls, right, judged


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def score(folder: Path) -> None:
    """Measure the calls on the articles in FOLDER."""
    knowledge, settings = Knowledge.load(), Settings()
    totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    judged: list[tuple[float, bool]] = []
    for path in sorted(folder.glob("*/document.txt")):
        document = Pipeline().without("words").run(ingest.read(path.read_bytes(), path.name), settings, knowledge)
        calls, right, some = judge_calls(document, path.parent)
        total = totals[path.parent.name.rpartition("-")[0]]
        notes = sum(1 for block in document.blocks if block.kind is Kind.NOTE)
        for k, value in enumerate((1, notes, calls, right)):
            total[k] += value
        judged += some
    for name, (count, notes, calls, right) in totals.items():
        share = right / max(calls, 1)
        click.echo(f"{name}: {count} documents, {notes} notes, {right} of {calls} calls right ({share:.3f})")
    bins: defaultdict[int, list[bool]] = defaultdict(list)
    for confidence, hit in judged:
        bins[min(9, int(confidence * 10))].append(hit)
    for tenth, hits in sorted(bins.items()):
        click.echo(f"  sure {tenth / 10:.1f}-{(tenth + 1) / 10:.1f}: {sum(hits) / len(hits):.2f} right of {len(hits)}")


def read_stops(ocr: str, gold: Transcript) -> Counter[tuple[str, str]]:
    """How often the stop of a sentence is read as a stop, a comma or not at all, by what stands at it."""
    page, truth = Transcription(), Transcription()
    page.add(ocr, joined=True)
    for text in (gold.body, *gold.notes.values()):
        truth.add(text.text, joined=True)
    offsets = project(page.text, truth.text)
    called = {at for _, at in gold.body.calls}
    out: Counter[tuple[str, str]] = Counter()
    for m in _STOP.finditer(gold.body.text):
        read = page.text[bisect.bisect_left(offsets, m.start()):bisect.bisect_left(offsets, m.end() + 1)]
        trace = read.strip(" .,;:")
        place = "no call" if not called & {m.start(), m.end()} else "call" if trace else "call without trace"
        out[place, "." if "." in read else "," if "," in read else "nothing"] += 1
    return out


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def stops(folder: Path) -> None:
    """Count how full stops are read on the articles in FOLDER."""
    counted: Counter[tuple[str, str]] = Counter()
    for path in sorted(folder.glob("*/document.txt")):
        for number, ocr in enumerate(path.read_text("utf-8").split("\f"), 1):
            counted += read_stops(ocr, read_gold(path.parent / "gold", [f"p{number:02d}"]).pages[0])
    for place in sorted({place for place, _ in counted}):
        total = sum(n for (where, _), n in counted.items() if where == place)
        shares = "  ".join(f"{read} {counted[place, read] / total:.2f}" for read in (".", ",", "nothing"))
        click.echo(f"{place}: {total} sentences  {shares}")


if __name__ == "__main__":
    main()
