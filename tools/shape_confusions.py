#!/usr/bin/env python3
"""Makes confusion tables from the shapes of letters alone: what short stretches of print look like at a low resolution.

A table learned from a few pages knows only what happened there.  Here every short segment of Turkish print (``m``,
``un``, ``tır``) is rendered in book types and compared with every OCR segment of about its width; how alike two
segments look gives a probability to confusions that no page has shown yet.  Needs Debian's fonts-liberation
and fonts-linuxlibertine, and the packages pillow and wordfreq:

    python tools/shape_confusions.py BENCH_FOLDER --out TABLES_FOLDER

BENCH_FOLDER is laid out as for ``ocrfix cross-validate``.  It takes some minutes of one core.  How, in the order of
:func:`main`:

1. The segments of print are the letters and the common bigrams and trigrams of wordfreq's Turkish words; those of the
   OCR are all characters, pairs of them, Turkish trigrams and triples of narrow characters (:func:`print_segments`,
   :func:`ocr_segments`).
2. :class:`Typeface` sets each segment in ink and maps it, blurred, stretched and shifted, onto a grid with
   :data:`X_HEIGHT` pixels from base line to x-height.  All of these are linear maps, so segments are compared in bulk.
3. :func:`candidates` keeps the likeliest pairs by the cosine of their blurred images; :func:`measure` compares these
   in every typeface, with thin, plain and fat ink, sharp and blurred.
4. :func:`fit` maps the likeness to a rate with a negative binomial regression on the confusions of the bench; its
   parameters are :data:`NAMES` and a base rate for each pair of lengths.
5. :func:`table` drops what shorter confusions explain as well, and keeps the rows that are expected most often.

``--report`` fits on one half of the pages and prints how well the misread segments of the other half are explained.
"""
from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from pathlib import Path

import click
import numpy as np
import wordfreq
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ocrfix.engine.channel import LONGEST, Channel, Segment, merged
from ocrfix.engine.learn import MASK, align, split_page
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.training import TruthPage, halves, learn_tables
from ocrfix.evaluation.cross_validation import read_bench
from ocrfix.knowledge import FAMILY_WEIGHT
from ocrfix.language.turkish import upper

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LIBERATION = Path("/usr/share/fonts/truetype/liberation")
LIBERTINE = Path("/usr/share/fonts/opentype/linux-libertine")
FONTS = {
    "roman": (LIBERATION / "LiberationSerif-Regular.ttf", LIBERTINE / "LinLibertine_R.otf"),
    "italic": (LIBERATION / "LiberationSerif-Italic.ttf", LIBERTINE / "LinLibertine_I.otf"),
}

LETTERS = "abcçdefgğhıijklmnoöprsştuüvyzâîû"
FOREIGN = "qwxQWX"
DIGITS = "0123456789"
MARKS = ".,;:!?'\"()-/"
OCR_MARKS = "[]{}|\\*~<>_^"
NARROW = "ıilrtjfcsuneI1.,'!"
"""Characters that three of may stand for one or two letters."""

X_HEIGHT = 8
"""Pixels of the coarse grid from base line to x-height."""
FINE = 3
"""Pixels in which ink is set, to a pixel of the coarse grid."""
ABOVE, BELOW, WIDE = 17, 5, 36
"""Coarse pixels above and below the base line, and of a segment's canvas."""
WIDEST = 31.0
"""Widest segment, in coarse pixels."""
STRETCHES = (0.88, 1.0, 1.13)
SHIFTS = (-0.7, 0.0, 0.7)
"""Of an OCR segment against the print: its width (1) and place (coarse pixels)."""
INKS = ((0, 0.0), (-1, 0.0), (1, -0.6))
"""States of the print: steps of erosion (-) or spread (+) of the ink, in fine pixels, and coarse pixels of tracking."""
BLURS = (0.6, 1.2)
"""Standard deviations, in coarse pixels."""

CANDIDATES = {(1, 1): 60, (1, 2): 60, (1, 3): 40, (2, 1): 16, (2, 2): 12, (2, 3): 6, (3, 1): 8, (3, 2): 6}
"""So many OCR segments of a length, the most alike, are measured for each true segment of a length."""
LEAST_COSINE = 0.6
"""And only if they are so alike, blurred."""
SEEN = 1000
"""Sightings that each true segment of a table is given."""
ROWS = 3000
LEAST = 1e-4
"""Least probability of a row."""


# --- segments -------------------------------------------------------------------------------------------------------

def ngrams() -> dict[str, float]:
    """Share of each stretch of one to three letters in Turkish text, capitals included."""
    share: dict[str, float] = defaultdict(float)
    for word, p in wordfreq.get_frequency_dict("tr", wordlist="best").items():
        if set(word) <= set(LETTERS):
            for form, q in ((word, 0.86), (upper(word[0]) + word[1:], 0.12), (upper(word), 0.02)):
                for size in range(1, LONGEST + 1):
                    for k in range(len(form) - size + 1):
                        share[form[k:k + size]] += p * q
    total = sum(n for gram, n in share.items() if len(gram) == 1)
    return {gram: n / total for gram, n in share.items()}


def print_segments(share: Mapping[str, float]) -> list[str]:
    """True segments: every character, the common bigrams and trigrams."""
    single = [*LETTERS, *upper(LETTERS), *DIGITS, *MARKS]
    common = [gram for gram, p in share.items() if p > {2: 1e-4, 3: 2e-4}.get(len(gram), 1.0)]
    return single + sorted(common)


def ocr_segments(share: Mapping[str, float]) -> list[str]:
    """OCR segments: every character, pairs, Turkish trigrams, and triples of narrow characters."""
    single = [*LETTERS, *upper(LETTERS), *FOREIGN, *DIGITS, *MARKS, *OCR_MARKS]
    paired = [*LETTERS, *upper(LETTERS), *FOREIGN, *DIGITS, *MARKS, "|"]
    found = dict.fromkeys(single)
    found.update(dict.fromkeys("".join(x) for x in product(paired, repeat=2)))
    found.update(dict.fromkeys("".join(x) for x in product(NARROW, repeat=3)))
    found.update(dict.fromkeys(sorted(gram for gram, p in share.items() if len(gram) == 3 and p > 1e-4)))
    return list(found)


def plausibility(segments: Sequence[str], share: Mapping[str, float]) -> Floats:
    """How probable a segment is as text, in nats: an engine prefers what its language model likes."""
    def single(c: str) -> float:
        return share.get(c, 0.0) * 0.93 + (0.02 / 25 if c in MARKS + DIGITS else 0.0) + 1e-4

    out = []
    for text in segments:
        cost = math.log(single(text[0]))
        for a, b in pairwise(text):
            cost += math.log(0.8 * share.get(a + b, 0.0) / single(a) + 0.2 * single(b))
        out.append(cost)
    return np.array(out, np.float32)


# --- images ---------------------------------------------------------------------------------------------------------

class Typeface:
    """A font at a size that gives it the x-height of the grid.  Ink is 0 to 1, y counts down."""

    def __init__(self, path: Path) -> None:
        probe = ImageFont.truetype(str(path), 1000, layout_engine=ImageFont.Layout.BASIC)
        top = probe.getbbox("x", anchor="ls")[1]
        self.font = ImageFont.truetype(str(path), X_HEIGHT * FINE * 1000 / -top,
                                       layout_engine=ImageFont.Layout.BASIC)
        self.glyphs: dict[tuple[str, int], Floats] = {}
        self.advances: dict[str, float] = {}

    def glyph(self, c: str, spread: int) -> Floats:
        """A character in a box with a margin of :data:`FINE` * 4 pixels on either side."""
        if (c, spread) not in self.glyphs:
            margin = 4 * FINE
            size = (math.ceil(self.advance(c)) + 2 * margin, (ABOVE + BELOW) * FINE)
            image = Image.new("L", size, 0)
            ImageDraw.Draw(image).text((margin, ABOVE * FINE), c, fill=255, font=self.font, anchor="ls")
            ink = np.asarray(image, np.float32) / np.float32(255)
            if spread:
                pick = np.minimum if spread < 0 else np.maximum
                for axis in (0, 1):
                    ink = np.asarray(pick(ink, np.roll(ink, 1, axis)), np.float32)
            self.glyphs[c, spread] = ink
        return self.glyphs[c, spread]

    def advance(self, c: str) -> float:
        """Width of a character in fine pixels."""
        if c not in self.advances:
            self.advances[c] = self.font.getlength(c)
        return self.advances[c]

    def width(self, segment: str) -> float:
        """Width of a segment in coarse pixels."""
        return sum(map(self.advance, segment)) / FINE

    def ink(self, segments: Sequence[str], spread: int = 0, tracking: float = 0.0) -> Floats:
        """The segments in ink, centred: rows of fine pixels, (segments, height, width)."""
        out = np.zeros((len(segments), (ABOVE + BELOW) * FINE, WIDE * FINE), np.float32)
        for canvas, segment in zip(out, segments, strict=True):
            x = (WIDE - self.width(segment) - tracking * (len(segment) - 1)) * FINE / 2
            for c in segment:
                image = self.glyph(c, spread)
                left = round(x) - 4 * FINE
                lo, hi = max(left, 0), min(left + image.shape[1], WIDE * FINE)
                np.maximum(canvas[:, lo:hi], image[:, lo - left:hi - left], out=canvas[:, lo:hi])
                x += self.advance(c) + tracking * FINE
        return out


def squeezed(ink: Floats, blur: float) -> Floats:
    """Ink with its height blurred and on the coarse grid."""
    out: Floats = np.matmul(_sampling(ABOVE + BELOW, blur, 1.0, 0.0), ink)
    return out


def coarse(ink: Floats, blur: float, stretch: float = 1.0, shift: float = 0.0) -> tuple[Floats, Floats]:
    """:func:`squeezed` ink with its width on the coarse grid too: vectors of unit length, and their lengths."""
    pixels = np.matmul(ink, _sampling(WIDE, blur, stretch, shift).T).reshape(len(ink), -1)
    length = np.sqrt((pixels ** 2).sum(1)) + 1e-6
    return pixels / length[:, None], length


def _sampling(size: int, blur: float, stretch: float, shift: float) -> Floats:
    """The matrix that takes a row of fine pixels to coarse ones, blurred, stretched from the middle and shifted."""
    fine = ((np.arange(size * FINE) + 0.5) / FINE - size / 2) * stretch + size / 2 + shift
    distance = (np.arange(size) + 0.5)[:, None] - fine[None, :]
    spread = math.hypot(blur, 0.29)
    return (np.exp(-0.5 * (distance / spread) ** 2) * stretch / (FINE * spread * math.sqrt(2 * math.pi))
            ).astype(np.float32)


# --- likeness -------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Pairs:
    """Pairs of a true and an OCR segment, and what is measured of each: the columns of ``values`` are :data:`NAMES`."""

    names: list[Segment]
    values: NDArray[np.float64]

    def lengths(self) -> list[str]:
        return [f"{len(true)}:{len(ocr)}" for true, ocr in self.names]


def comparable(true: str, ocr: str) -> bool:
    """Whether a pair can be a confusion by itself: an equal edge belongs outside, and 3:3 is left to shorter ones."""
    if true == ocr or len(true) + len(ocr) > 5:
        return False
    return len(true) + len(ocr) == 2 or (true[0] != ocr[0] and true[-1] != ocr[-1])


def candidates(face: Typeface, true: Sequence[str], ocr: Sequence[str]) -> tuple[Ints, Ints]:
    """Indices of the pairs that look most alike in a typeface, blurred."""
    wide = [np.array([face.width(s) for s in segments]) for segments in (true, ocr)]
    ink = [squeezed(face.ink(segments), BLURS[1]) for segments in (true, ocr)]
    print_ = coarse(ink[0], BLURS[1])[0]
    best = np.zeros((len(true), len(ocr)), np.float32)
    for stretch, shift in product(STRETCHES, (-0.5, 0.5)):
        image = coarse(ink[1], BLURS[1], stretch, shift)[0]
        for k in range(0, len(true), 256):
            np.maximum(best[k:k + 256], print_[k:k + 256] @ image.T, out=best[k:k + 256])
    ratio = np.log(wide[1][None, :] / wide[0][:, None])
    best[np.abs(ratio) > 0.35] = 0.0
    first, last = [[np.array([ord(s[k]) for s in segments]) for segments in (true, ocr)] for k in (0, -1)]
    sizes = [np.array([len(s) for s in segments]) for segments in (true, ocr)]
    total = sizes[0][:, None] + sizes[1][None, :]
    best[(total > 2) & ((first[0][:, None] == first[1][None, :]) | (last[0][:, None] == last[1][None, :]))] = 0.0
    best[total > 5] = 0.0
    best[(total == 2) & (first[0][:, None] == first[1][None, :])] = 0.0
    rows, columns = [], []
    for i in range(len(true)):
        for size in range(1, LONGEST + 1):
            of_size = np.flatnonzero((sizes[1] == size) & (best[i] >= LEAST_COSINE))
            order = of_size[np.argsort(-best[i, of_size])][:CANDIDATES.get((len(true[i]), size), 0)]
            rows.append(np.full(len(order), i))
            columns.append(order)
    return np.concatenate(rows), np.concatenate(columns)


NAMES = ("residue", "residue blurred", "text", "case")
"""What is measured of a pair: logarithm of the squared difference of the images in units of a letter, sharp and
blurred; :func:`plausibility` of the OCR segment; whether both are one letter in two cases."""
ALIKE = 0.05
"""Differences below this tell nothing any more: it is added to them."""


def measure(faces: Sequence[Typeface], true: Sequence[str], ocr: Sequence[str], rows: Ints, columns: Ints,
            share: Mapping[str, float]) -> Pairs:
    """Compare the given pairs in every typeface and state of the ink; the best fit of each, averaged over faces."""
    used, columns = np.unique(columns, return_inverse=True)
    ocr = [ocr[k] for k in used]
    residue = np.zeros((len(rows), len(BLURS)))
    for face in faces:
        for column, blur in enumerate(BLURS):
            unit = float(np.mean(coarse(squeezed(face.ink("nea"), blur), blur)[1] ** 2))
            read = squeezed(face.ink(ocr), blur)
            states = [coarse(squeezed(face.ink(true, *state), blur), blur) for state in INKS]
            best = np.zeros((len(INKS), len(rows)), np.float32)
            for stretch, shift in product(STRETCHES, SHIFTS):
                image = coarse(read, blur, stretch, shift)[0]
                for k in range(0, len(rows), 1024):
                    part = image[columns[k:k + 1024]]
                    for v, (print_, _) in enumerate(states):
                        found = np.einsum("ij,ij->i", print_[rows[k:k + 1024]], part)
                        np.maximum(best[v, k:k + 1024], found, out=best[v, k:k + 1024])
            energy = states[0][1][rows] * coarse(read, blur)[1][columns] / unit
            residue[:, column] += 2 * (1 - best.max(0)) * energy / len(faces)
    names = [(true[r], ocr[c]) for r, c in zip(rows, columns, strict=True)]
    case = [upper(t) == o or t == upper(o) for t, o in names]
    return Pairs(names, np.column_stack((np.log(residue + ALIKE), plausibility(ocr, share)[columns], case)))


# --- from likeness to probability -----------------------------------------------------------------------------------

@dataclass(frozen=True)
class Sightings:
    """What pages show: how often a true segment was read as an OCR segment, and how often it stood there."""

    count: Counter[Segment]
    seen: Counter[str]

    @classmethod
    def of(cls, pages: Sequence[TruthPage], channels: Mapping[str, Channel], style: str) -> Sightings:
        """Sightings in the pages of a style, whose tables are given; OCR of a foreign alphabet is left out."""
        count: Counter[Segment] = Counter()
        seen: Counter[str] = Counter()
        for kind, channel in channels.items():
            if fits(kind, style):
                count.update({s: round(n) for s, n in channel.count.items() if all(s) and comparable(*s)})
        for kind, _, true in texts(pages):
            if fits(kind, style):
                for size in range(1, LONGEST + 1):
                    seen.update(true[k:k + size] for k in range(len(true) - size + 1))
        return cls(count, seen)


def fits(kind: str, style: str) -> bool:
    """Whether a kind of text is of a style and read with the letters of Turkish."""
    return kind.endswith("italic") == (style == "italic") and not kind.startswith("tesseng")


def texts(pages: Sequence[TruthPage]) -> Iterator[tuple[str, str, str]]:
    """(kind, OCR, truth) of the bodies and notes of pages."""
    for page in pages:
        for kind, (ocr, true) in zip((page.kind, page.notes_kind), split_page(page.ocr, page.gold), strict=True):
            if true.strip():
                yield kind, ocr, true


def fit(pairs: Pairs, sightings: Sightings) -> NDArray[np.float64]:
    """Probability of each pair: a negative binomial regression of its count on its likeness.

    A base rate for each pair of lengths and a slope for each of :data:`NAMES`; of the dispersions tried, the likeliest.
    """
    lengths = pairs.lengths()
    classes = sorted(set(lengths))
    classed = np.array([[of == c for c in classes] for of in lengths], float)
    x = np.hstack((classed, pairs.values - pairs.values.mean(0)))
    count = np.array([sightings.count[pair] for pair in pairs.names], float)
    seen = np.array([sightings.seen[true] for true, _ in pairs.names], float)
    known = seen > 0
    found = []
    for shape in SHAPES:
        slopes = _regression(x[known], count[known], seen[known], shape, len(classes))
        mean = np.exp(np.clip(x[known] @ slopes, -30, 0)) * seen[known]
        likelihood = sum(math.lgamma(n + shape) - math.lgamma(shape) for n in count[known].tolist())
        likelihood += float((shape * np.log(shape / (shape + mean))).sum())
        likelihood += float((count[known] * np.log(mean / (shape + mean))).sum())
        found.append((likelihood, shape, slopes))
    _, shape, slopes = max(found, key=lambda f: f[0])
    click.echo(f"shape {shape}  " + "  ".join(f"{n} {b:.2f}" for n, b in zip([*classes, *NAMES], slopes, strict=True)))
    return np.exp(np.clip(x @ slopes, -30, math.log(0.3)))


SHAPES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Shapes of the gamma distribution of rates about their mean."""
BASE = -7.0
"""Base rates start here, in nats; they and the slopes are held back by a weak ridge."""


def _regression(x: NDArray[np.float64], count: NDArray[np.float64], seen: NDArray[np.float64], shape: float,
                classes: int) -> NDArray[np.float64]:
    prior = np.where(np.arange(x.shape[1]) < classes, BASE, 0.0)
    slopes = prior.copy()
    for _ in range(40):                            # Fisher scoring
        mean = np.exp(np.clip(x @ slopes + np.log(seen), -30, 8))
        weight = 1 / (1 + mean / shape)
        gradient = x.T @ ((count - mean) * weight) - 0.5 * (slopes - prior)
        step = np.linalg.solve((x * (mean * weight)[:, None]).T @ x + 0.5 * np.eye(len(slopes)), gradient)
        slopes += step * min(1.0, 3 / float(np.abs(step).max()))
    return slopes


def table(name: str, pairs: Pairs, probability: NDArray[np.float64], share: Mapping[str, float]) -> Channel:
    """The rows worth having: probable, not the sum of shorter ones, and expected most often in Turkish text.

    One letter for one is left out where the decoder's own substitution is cheaper.
    """
    costs: dict[Segment, float] = {}
    order = sorted(range(len(pairs.names)), key=lambda k: len(pairs.names[k][0] + pairs.names[k][1]))
    for k in order:
        (true, ocr), p = pairs.names[k], float(probability[k])
        least = math.exp(-Parameters().substitution) if len(true) == len(ocr) == 1 else LEAST
        if p >= least and -math.log(p) < explain(true, ocr, costs)[0] - math.log(2):
            costs[true, ocr] = -math.log(p)
    expected = {s: math.exp(-c) * share.get(s[0], 0.02 / 25) for s, c in costs.items()}
    kept = sorted(expected, key=lambda s: -expected[s])[:ROWS]
    return Channel(name, {s: SEEN * math.exp(-costs[s]) for s in kept}, {true: float(SEEN) for true, _ in kept})


# --- report ---------------------------------------------------------------------------------------------------------

def explain(true: str, ocr: str, costs: Mapping[Segment, float]) -> tuple[float, bool]:
    """(cost in nats of reading ``true`` as ``ocr``, whether the confusions alone explain it) at the least cost."""
    fallback = Parameters()
    best = {(0, 0): (0.0, True)}
    for j, i in product(range(len(true) + 1), range(len(ocr) + 1)):
        options = []
        for b, a in product(range(min(LONGEST, j) + 1), range(min(LONGEST, i) + 1)):
            t, o = true[j - b:j], ocr[i - a:i]
            before, known = best[j - b, i - a] if a + b else (math.inf, True)
            if a == b == 1 and t == o:
                options.append((before + 0.02, known))
                continue
            if (t, o) in costs:
                options.append((before + costs[t, o], known))
            if a <= 1 and b <= 1 and a + b:
                unseen = fallback.substitution if a == b else fallback.insertion if a else fallback.deletion
                options.append((before + unseen, False))
        if options:
            best[j, i] = min(options)
    return best[len(true), len(ocr)]


def costs_of(channel: Channel) -> dict[Segment, float]:
    """Costs of a table's confusions, discounted as :meth:`Channel.compile` does."""
    return {(t, o): -math.log(min(n / (channel.seen.get(t, n) + (1 if len(t) < 2 else 10)), 0.97))
            for (t, o), n in channel.count.items() if t != o}


def misread(ocr: str, true: str) -> Iterator[Segment]:
    """The stretches where a text and its truth differ, with a character on either side, up to 8 characters."""
    steps = [(" ", " "), *align(ocr, true), (" ", " ")]
    start = 0
    for k, (o, t) in enumerate(steps):
        if o == t:
            run = steps[start:k + 1]
            found = "".join(b for _, b in run), "".join(a for a, _ in run)
            if k - start > 1 and MASK not in found[0] and max(map(len, found)) <= 8:
                yield found
            start = k


def report(corpora: Sequence[Sequence[TruthPage]], measured: Mapping[str, Pairs], share: Mapping[str, float]) -> None:
    """Print how each half's misread segments are explained by what the other half taught, without and with shapes."""
    parts = [halves(pages) for pages in corpora]
    weights = (0.0, 1.0, 3.0, 10.0, 30.0)
    sums: dict[tuple[str, float], NDArray[np.float64]] = {}
    for fold in (0, 1):
        taught = [page for part in parts for page in part[1 - fold]]
        channels, _ = learn_tables(taught)
        shapes = {style: table(style, pairs, fit(pairs, Sightings.of(taught, channels, style)), share)
                  for style, pairs in measured.items()}
        wrong: dict[str, list[Segment]] = {}
        for kind, ocr, true in texts([page for part in parts for page in part[fold]]):
            wrong.setdefault(kind, []).extend(misread(ocr, true))
        for kind, segments in wrong.items():
            if kind not in channels:
                continue
            family = merged("family", [c for n, c in channels.items() if n.split("-")[0] == kind.split("-")[0]])
            plain = channels[kind].smoothed(family, FAMILY_WEIGHT)
            shape = shapes["italic" if kind.endswith("italic") else "roman"]
            for weight in weights:
                costs = costs_of(plain.smoothed(shape, weight))
                found = [explain(true, ocr, costs) for true, ocr in segments]
                row = np.array([len(found), sum(c for c, _ in found), sum(known for _, known in found)], float)
                sums[kind, weight] = sums.get((kind, weight), np.zeros(3)) + row
    click.echo("kind              misread  " + "".join(f"  weight {w:<4g}    " for w in weights))
    for kind in sorted({kind for kind, _ in sums}):
        rows = [sums[kind, w] for w in weights]
        click.echo(f"{kind:17} {rows[0][0]:7.0f}  "
                   + "".join(f"  {r[1] / r[0]:5.2f} {r[2] / r[0]:6.1%}   " for r in rows))


@click.command()
@click.argument("bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Write roman.tsv and italic.tsv here.")
@click.option("--report", "with_report", is_flag=True, help="Print held-out figures: mean cost in nats, and coverage.")
def main(bench: Path, out: Path | None, with_report: bool) -> None:
    """Make confusion tables from the shapes of letters, scaled by the misreadings of the pages below BENCH."""
    share = ngrams()
    measured = {}
    for style, fonts in FONTS.items():
        faces = [Typeface(path) for path in fonts]
        true, ocr = ([s for s in segments if all(face.width(s) <= WIDEST for face in faces)]
                     for segments in (print_segments(share), ocr_segments(share)))
        measured[style] = measure(faces, true, ocr, *candidates(faces[0], true, ocr), share)
        click.echo(f"{style}: {len(true)} true and {len(ocr)} OCR segments, {len(measured[style].names)} pairs")
    corpora = [corpus.pages for corpus in read_bench(bench)]
    if with_report:
        report(corpora, measured, share)
    if out is not None:
        pages = [page for corpus in corpora for page in corpus]
        channels, _ = learn_tables(pages)
        for style, pairs in measured.items():
            shapes = table(style, pairs, fit(pairs, Sightings.of(pages, channels, style)), share)
            shapes.write(out / f"{style}.tsv", f"Confusions of {style} book types by their shapes, as if each "
                         f"true segment was seen {SEEN} times.\nMade by tools/shape_confusions.py.")


if __name__ == "__main__":
    main()
