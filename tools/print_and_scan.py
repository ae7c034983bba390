#!/usr/bin/env python3
"""Prints Turkish text as page images, spoils them as a bad photocopier does, and reads them with an OCR engine.

Pages with truth are scarce; pages that are printed from a text have their truth for nothing.  A run makes pages of one
kind of type (:data:`TYPES`) for one engine (:data:`ENGINES`) and learns their confusion table:

    pip install -e . pillow
    apt-get install tesseract-ocr tesseract-ocr-tur tesseract-ocr-eng ocrad gocr fonts-liberation fonts-freefont-ttf \\
        fonts-texgyre fonts-linuxlibertine fonts-ebgaramond fonts-junicode fonts-cmu fonts-urw-base35
    python tools/print_and_scan.py --engine tesseract-tur --type roman --pages 60 --out build/scans TEXT.txt ...

makes ``build/scans/tesseract-tur-roman/pNNN.txt`` (the OCR), ``pNNN.true.txt`` (the truth, a paragraph a line, with
footnote calls in superscript figures), ``pages.tsv`` (how each page was made and how badly it was read) and
``build/scans/tables/tesseract-tur-roman.tsv``.  Pages that are there already are kept: a larger ``--pages`` only adds.

How, in the order of :func:`main`:

1. :func:`read_paragraphs`: the texts are cut at empty lines; paragraphs in other alphabets are left out.
2. :func:`compose`: random paragraphs fill a page, with a footnote call here and there; a page of small type is filled
   with footnotes, half of them citations made of names of the texts (:func:`citation`).
3. :func:`print_page`: justified lines of 60 to 75 characters, without hyphenation, in a random serif font.
4. :func:`photocopy`: blur, grain, uneven toner, ink that spreads or thins, lower resolution, skew, specks.  How much of
   all of it is the page's *severity*, drawn evenly from a range, 0 (clean) to 1 (hardly readable).
5. The engine reads the image; :func:`learn_table` aligns the pages as ``ocrfix learn`` does.

The same texts, fonts, engine and seed make the same pages.  A page depends on the seed, its type and its number alone,
so every engine reads the same pages if the severities are the same.
"""
from __future__ import annotations

import io
import os
import subprocess
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click
import numpy as np
import regex
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrfix.engine.channel import FOLD, Channel
from ocrfix.engine.learn import SUPERSCRIPTS, learn, plain_ocr, plain_truth
from ocrfix.evaluation.errors import count_errors
from ocrfix.language.turkish import LETTERS

Grey = NDArray[np.float32]
"""An image as rows of pixels: 0 paper, 1 ink."""

PRINT_DPI = 300
"""Resolution that a page is printed and copied at, before it is scanned."""
MARGIN = 110
"""Blank pixels around the text at :data:`PRINT_DPI`."""
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts"))
PLACES = ("Ankara", "İstanbul", "İzmir", "Moskova", "Paris", "Londra", "Bakü", "Konya", "Erzurum")
_FIT = regex.compile(rf"[{''.join(sorted(LETTERS))}QWXqwx0-9\s.,;:!?'\"()/%-]+")
RAISED = regex.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
PLAIN_FIGURES = {raised: plain for plain, raised in SUPERSCRIPTS.items()}
_NAME = regex.compile(r"(?<=\p{Ll},? )\p{Lu}\p{Ll}{3,10}(?=[ ,.])")
SENTENCE = regex.compile(r"(?<=\p{Ll}{2}[.!?]) (?=\p{Lu})")


@dataclass(frozen=True, slots=True)
class Type:
    """A kind of type: the fonts it is set in, by file name, and its size in points."""

    fonts: tuple[str, ...]
    least: float
    most: float
    notes: bool = False


_ROMAN = ("LiberationSerif-Regular.ttf", "LiberationSerif-Regular.ttf", "texgyretermes-regular.otf",
          "NimbusRoman-Regular.otf", "FreeSerif.ttf", "LinLibertine_R.otf", "EBGaramond12-Regular.otf",
          "texgyrepagella-regular.otf", "texgyreschola-regular.otf", "cmunrm.ttf", "C059-Roman.otf", "P052-Roman.otf",
          "JunicodeTwoBeta-Regular.otf")
_ITALIC = ("LiberationSerif-Italic.ttf", "LiberationSerif-Italic.ttf", "texgyretermes-italic.otf",
           "NimbusRoman-Italic.otf", "FreeSerifItalic.ttf", "LinLibertine_RI.otf", "EBGaramond12-Italic.otf",
           "texgyrepagella-italic.otf", "texgyreschola-italic.otf", "cmunti.ttf", "C059-Italic.otf",
           "P052-Italic.otf", "JunicodeTwoBeta-Italic.otf")
TYPES = {
    "roman": Type(_ROMAN, 10, 12),
    "italic": Type(_ITALIC, 10, 12),
    "small": Type(_ROMAN, 8, 9, notes=True),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """An OCR engine: its command, which reads an image from standard input, and what it can read."""

    command: tuple[str, ...]
    image: str
    two_tone: bool
    dpi: tuple[int, int]
    severity: dict[str, tuple[float, float]]
    """Range of the severity for each kind of type, if none is given."""


def _tesseract(language: str) -> Engine:
    return Engine(("tesseract", "-", "-", "-l", language, "--psm", "6"), "PNG", False, (150, 220),
                  {"roman": (0.1, 0.62), "italic": (0.1, 0.62), "small": (0.35, 0.75)})


ENGINES = {
    "tesseract-tur": _tesseract("tur"),
    "tesseract-eng": _tesseract("eng"),
    "ocrad": Engine(("ocrad", "--charset=iso-8859-9", "--format=utf8", "-"), "PPM", True, (280, 320),
                    {"roman": (0.0, 0.25), "italic": (0.0, 0.2), "small": (0.0, 0.12)}),
    "gocr": Engine(("gocr", "-f", "UTF8", "-i", "-"), "PPM", True, (280, 320),
                   {"roman": (0.0, 0.25), "italic": (0.0, 0.2), "small": (0.0, 0.12)}),
}


@dataclass(frozen=True, slots=True)
class Page:
    """How a page was made: its text a paragraph a line, its font and size in points, its severity, its scan's dpi."""

    text: str
    font: Path
    points: float
    columns: int
    severity: float
    dpi: int


def read_paragraphs(texts: Sequence[Path]) -> list[str]:
    """The paragraphs of some text files, cut at empty lines (or at every line, if a file has no empty ones).

    Quotes and dashes are made plain.  Left out is what has other letters than Turkish print, or hardly any text.

    Raises:
        click.UsageError: nothing is left.
    """
    out = []
    for path in texts:
        text = path.read_text("utf-8").translate(FOLD)
        for paragraph in regex.split(r"\n\s*\n" if "\n\n" in text else r"\n", text):
            paragraph = " ".join(paragraph.split())
            if len(paragraph) > 80 and _FIT.fullmatch(paragraph):
                out.append(paragraph)
    if not out:
        raise click.UsageError("no paragraph of Turkish text in the files given")
    return out


def names_in(paragraphs: Sequence[str]) -> list[str]:
    """Capitalised words inside of sentences, for citations."""
    return sorted({name for paragraph in paragraphs for name in _NAME.findall(paragraph)})


def citation(names: Sequence[str], chance: np.random.Generator) -> str:
    """A made-up citation as footnotes have them: author, title, volume, place and year, page."""

    def pick(items: Sequence[str], n: int = 1) -> str:
        return " ".join(items[int(k)] for k in chance.integers(len(items), size=n))

    first = int(chance.integers(1, 600))
    page = f"s.{first}" if chance.random() < 0.5 else f"s.{first}-{first + int(chance.integers(1, 30))}"
    if chance.random() < 0.15:
        return f"{pick(('A.g.e.', 'a.g.m.', 'Aynı yer', 'Aynı eser'))}, {page}."
    if chance.random() < 0.15:
        return (f"{pick(('BCA', 'BOA', 'ATASE', 'TİTE'))}, K.{chance.integers(1, 99)}, D.{chance.integers(1, 999)}, "
                f"F.{chance.integers(1, 99)}.")
    parts = [pick(names, int(chance.integers(1, 4))), pick(names, int(chance.integers(1, 4)))]
    if chance.random() < 0.4:
        parts.append(f"C.{pick(('I', 'II', 'III', 'IV', 'V', '1', '2', '3'))}")
    if chance.random() < 0.5:
        parts.append(f"{pick(PLACES)}, {chance.integers(1905, 2005)}")
    return ", ".join([*parts, f"{page}."])


def compose(paragraphs: Sequence[str], names: Sequence[str], characters: int, notes: bool,
            chance: np.random.Generator) -> str:
    """The text of a page, a paragraph a line: body with footnote calls, or footnotes."""
    out: list[str] = []
    number = int(chance.integers(1, 60))
    while sum(map(len, out)) < characters:
        sentences = SENTENCE.split(paragraphs[int(chance.integers(len(paragraphs)))])
        if notes:
            text = citation(names, chance)
            if chance.random() < 0.4:
                text = sentences[int(chance.integers(len(sentences)))]
            out.append(f"{number}".translate(SUPERSCRIPTS) + f" {text}")
            number += 1
            continue
        for k, sentence in enumerate(sentences):
            if sentence[-1:] in ".!?" and chance.random() < 0.1:
                call = f"{number}".translate(SUPERSCRIPTS)
                # some publishers set the call before the full stop, some behind it
                sentences[k] = sentence[:-1] + call + sentence[-1] if chance.random() < 0.5 else sentence + call
                number += 1
        room = characters - sum(map(len, out))
        text = ""
        for sentence in sentences:
            if text and len(text) > room:
                break
            text = f"{text} {sentence}".strip()
        out.append(text)
    return "\n".join(out)


@cache
def find_font(name: str) -> Path | None:
    """The installed font file of this name, if it has the letters that only Turkish has."""
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob(name)):
            font = ImageFont.truetype(path, 40, layout_engine=ImageFont.Layout.BASIC)
            blank = bytes(font.getmask("\uffff"))
            if all(bytes(font.getmask(c)) != blank for c in "ğĞşŞıİâ"):
                return path
    return None


def plan(kind: str, number: int, seed: int, severity: tuple[float, float], dpi: tuple[int, int],
         paragraphs: Sequence[str], names: Sequence[str], characters: int) -> tuple[Page, np.random.Generator]:
    """What page ``number`` will be, and the source of chance for the rest of its making.

    Raises:
        click.UsageError: no font of the type is installed.
    """
    chance = np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
    kind_of_type = TYPES[kind]
    fonts = [path for path in map(find_font, kind_of_type.fonts) if path is not None]
    if not fonts:
        raise click.UsageError(f"none of the {kind} fonts is installed: {', '.join(kind_of_type.fonts)}")
    font = fonts[int(chance.integers(len(fonts)))]
    share, fine = chance.random(), chance.random()
    points = float(chance.uniform(kind_of_type.least, kind_of_type.most))
    columns = int(chance.integers(60, 76))
    text = compose(paragraphs, names, characters, kind_of_type.notes, chance)
    page = Page(text, font, points, columns, severity[0] + (severity[1] - severity[0]) * share,
                round(dpi[0] + (dpi[1] - dpi[0]) * fine))
    return page, chance


def print_page(page: Page, chance: np.random.Generator) -> Grey:
    """The page as it left the press, at :data:`PRINT_DPI`."""
    size = page.points * PRINT_DPI / 72
    font = ImageFont.truetype(page.font, size, layout_engine=ImageFont.Layout.BASIC)
    raised = ImageFont.truetype(page.font, size * 0.62, layout_engine=ImageFont.Layout.BASIC)
    sample = page.text[:1000].replace("\n", " ")
    measure = font.getlength(sample) / len(sample) * page.columns
    leading = size * float(chance.uniform(1.15, 1.4))
    space, indent = font.getlength(" "), size * float(chance.choice([0.0, 1.5, 2.5]))
    lines: list[tuple[list[str], float, bool]] = []
    for paragraph in page.text.split("\n"):
        line: list[str] = []
        left = width = indent
        for word in paragraph.split():
            step = _width(word, font, raised)
            if line and width + step > measure:
                lines.append((line, left, True))
                line, left, width = [], 0.0, 0.0
            line.append(word)
            width += step + space
        lines.append((line, left, False))
    image = Image.new("L", (round(measure) + 2 * MARGIN, round(leading * len(lines)) + 2 * MARGIN), 0)
    draw = ImageDraw.Draw(image)
    for row, (line, left, justified) in enumerate(lines):
        used = sum(_width(word, font, raised) for word in line)
        gap = (measure - left - used) / (len(line) - 1) if justified and len(line) > 1 else space
        x, y = MARGIN + left, MARGIN + row * leading
        for word in line:
            for run in filter(None, RAISED.split(word)):
                high = bool(RAISED.fullmatch(run))
                text = run.translate(PLAIN_FIGURES)
                # superscript figures hang from the same top as capitals
                draw.text((x, y + (size * 0.05 if high else 0.0)), text, fill=255, font=raised if high else font)
                x += (raised if high else font).getlength(text)
            x += gap
    return np.divide(np.asarray(image, np.float32), 255, dtype=np.float32)


def _width(word: str, font: ImageFont.FreeTypeFont, raised: ImageFont.FreeTypeFont) -> float:
    return sum((raised if RAISED.fullmatch(run) else font).getlength(run.translate(PLAIN_FIGURES))
               for run in RAISED.split(word) if run)


def _image(grey: Grey) -> Image.Image:
    return Image.fromarray((np.clip(1 - grey, 0, 1) * 255).astype(np.uint8))


def _grey(image: Image.Image) -> Grey:
    return np.subtract(1, np.asarray(image, np.float32) / 255, dtype=np.float32)


def _blurred(grey: Grey, radius: float) -> Grey:
    return _grey(_image(grey).filter(ImageFilter.GaussianBlur(radius)))


def _grain(shape: tuple[int, ...], radius: float, chance: np.random.Generator) -> Grey:
    """Noise of mean 0 and deviation 1 whose grains have about this radius in pixels."""
    step = max(radius, 1.0)
    small = chance.standard_normal((int(shape[0] / step) + 2, int(shape[1] / step) + 2), np.float32)
    if step == 1.0:
        return small[:shape[0], :shape[1]]
    large = Image.fromarray(small).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    field = np.asarray(large, np.float32)
    even: Grey = np.divide(field - field.mean(), field.std() + 1e-6, dtype=np.float32)
    return even


def photocopy(grey: Grey, page: Page, two_tone: bool, chance: np.random.Generator) -> Image.Image:
    """The page after one or two bad copies and a scan.

    A copier sees a blurred page with grain and inks what is darker than its level, so thin strokes break where the
    level is high and neighbours run together where it is low.
    """
    s = page.severity
    ink = float(chance.uniform(-0.25, 0.08)) * (0.4 + s)           # above 0: thin, below: bold
    for _ in range(2 if chance.random() < s else 1):
        seen = _blurred(grey, 0.6 + 1.5 * s)
        seen = seen + _grain(grey.shape, 2.0, chance) * (0.02 + 0.16 * s)
        seen = seen + _grain(grey.shape, 250.0, chance) * 0.08 * s
        grey = 1 / (1 + np.exp(np.clip(-(seen - 0.48 - ink) / 0.07, -30, 30)))
    image = _image(grey)
    skew = float(chance.normal(0, 0.35)) * s
    image = image.rotate(skew, Image.Resampling.BICUBIC, fillcolor=255)
    scale = page.dpi / PRINT_DPI
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BOX
                         if scale < 1 else Image.Resampling.BICUBIC)
    grey = _grey(image)
    for colour in (1.0, 0.0):
        count = int(grey.size * 0.0006 * s * s * chance.random())
        rows, columns = chance.integers(grey.shape[0] - 2, size=count), chance.integers(grey.shape[1] - 2, size=count)
        wide, high = chance.integers(1, 3, size=count), chance.integers(1, 3, size=count)
        for r, c, w, h in zip(rows, columns, wide, high, strict=True):
            grey[r:r + h, c:c + w] = colour
    if two_tone:
        return _image((grey > 0.5).astype(np.float32))
    grey = grey * (1 - 0.45 * s) + 0.12 * s + _grain(grey.shape, 1.0, chance) * 0.05 * s
    return _image(grey)


def read_image(image: Image.Image, engine: Engine, dpi: int) -> str:
    """What the engine reads.

    Raises:
        click.ClickException: the engine is not installed or failed.
    """
    data = io.BytesIO()
    image.save(data, engine.image, dpi=(dpi, dpi))
    try:
        done = subprocess.run(engine.command, input=data.getvalue(), capture_output=True, check=True, timeout=180,
                              env={**os.environ, "OMP_THREAD_LIMIT": "1"})
    except FileNotFoundError as error:
        raise click.ClickException(f"{engine.command[0]} is not installed") from error
    except subprocess.TimeoutExpired:
        return ""
    except subprocess.CalledProcessError as error:
        raise click.ClickException(f"{engine.command[0]}: {error.stderr.decode(errors='replace')[:300]}") from error
    return done.stdout.decode("utf-8", "replace").replace("\f", "").replace("\ufffd", "")


def error_rates(ocr: str, true: str) -> tuple[float, float]:
    """(character error rate, word error rate) of plain text."""
    words = true.split()
    return (count_errors(ocr, true, [False] * len(true)).rate,
            count_errors(ocr.split(), words, [False] * len(words)).rate)


def learn_table(name: str, folder: Path, worst: float, least: int, most: int) -> tuple[Channel, int]:
    """The confusion table of the pages in a folder, and how many pages taught it.

    Pages with a higher character error rate than ``worst`` teach nothing: the engine has lost their lines.  Left out
    are confusions seen less than ``least`` times, and of the others the rarest, if there are more than ``most``.
    """
    pairs = []
    for path in sorted(folder.glob("p*.true.txt")):
        ocr = plain_ocr(path.with_name(path.name.replace(".true.txt", ".txt")).read_text("utf-8"))
        true = plain_truth(path.read_text("utf-8"))
        if error_rates(ocr, true)[0] <= worst:
            pairs.append((ocr, true))
    table = learn(name, pairs)
    counts = sorted(table.count.values(), reverse=True)
    if len(counts) > most:
        least = max(least, int(counts[most]) + 1)
    count = {segment: n for segment, n in table.count.items() if n >= least}
    keep = {true for true, _ in count}
    return Channel(name, count, {t: n for t, n in table.seen.items() if t in keep}), len(pairs)


@click.command()
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--engine", "engine_name", type=click.Choice(sorted(ENGINES)), required=True)
@click.option("--type", "kind", type=click.Choice(sorted(TYPES)), required=True)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--pages", default=60, show_default=True, help="So many pages, those already there included.")
@click.option("--characters", default=2500, show_default=True, help="Least length of a page.")
@click.option("--severity", type=(float, float), help="Range of the severity, 0 to 1; else the engine's.")
@click.option("--worst", default=0.4, show_default=True, help="Character error rate above which a page is not used.")
@click.option("--least", default=2, show_default=True, help="Rarer confusions stay out of the table.")
@click.option("--most", default=2400, show_default=True, help="Most confusions of the table.")
@click.option("--seed", default=1, show_default=True)
@click.option("--images", is_flag=True, help="Keep the page images.")
def main(texts: tuple[Path, ...], engine_name: str, kind: str, out: Path, pages: int, characters: int,
         severity: tuple[float, float] | None, worst: float, least: int, most: int, seed: int,
         images: bool) -> None:
    """Make pages of one kind of type from TEXTS, read them with an engine and learn their confusion table."""
    engine = ENGINES[engine_name]
    name = f"{engine_name}-{kind}"
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    paragraphs = read_paragraphs(texts)
    names = names_in(paragraphs)
    record = folder / "pages.tsv"
    if not record.exists():
        record.write_text("page\tfont\tpoints\tseverity\tdpi\tcer\twer\n", "utf-8")
    for number in range(1, pages + 1):
        path = folder / f"p{number:03}.txt"
        if path.exists():
            continue
        page, chance = plan(kind, number, seed, severity or engine.severity[kind], engine.dpi, paragraphs, names,
                            characters)
        image = photocopy(print_page(page, chance), page, engine.two_tone, chance)
        ocr = read_image(image, engine, page.dpi)
        if images:
            image.save(path.with_suffix(".png"))
        path.with_suffix(".true.txt").write_text(page.text + "\n", "utf-8")
        path.write_text(ocr, "utf-8")
        cer, wer = error_rates(plain_ocr(ocr), plain_truth(page.text))
        with record.open("a", encoding="utf-8") as file:
            file.write(f"{path.stem}\t{page.font.stem}\t{page.points:.1f}\t{page.severity:.2f}\t{page.dpi}\t{cer:.4f}\t"
                       f"{wer:.4f}\n")
    table, used = learn_table(name, folder, worst, least, most)
    (out / "tables").mkdir(exist_ok=True)
    table.write(out / "tables" / f"{name}.tsv",
                f"Confusions of {name}: a true segment, what the OCR made of it, how often, of how many.\n"
                f"Learned by tools/print_and_scan.py from {used} pages printed in {kind} type from "
                f"{', '.join(p.name for p in texts)}, copied badly, and read by {engine_name}.")
    click.echo(f"{name}: {used} of {pages} pages, {len(table.count)} confusions")


if __name__ == "__main__":
    main()
