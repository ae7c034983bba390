"""Fitting the ranking of readings on pages with truth.

The pages are halved; each half is decoded with confusions learned from the other, so the decoder is as unsure as it is
on new pages, and every unit that it changes or doubts is compared with the truth that aligns with it.
"""
from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex
from numpy.typing import NDArray

from ocrfix.engine.channel import Channel
from ocrfix.engine.citations import Citations, collect
from ocrfix.engine.correct import Evidence, paths, questions
from ocrfix.engine.kinds import Signature, trigrams
from ocrfix.engine.learn import MASK, SUPERSCRIPTS, align, learn, split_page
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import Sample, fit
from ocrfix.knowledge import Knowledge

NOISES = (1.0, 0.25, 0.03)
"""Shares of its misread words that a page is judged with, so that the ranking knows less noisy text than the
pages."""
BESIDE = 3
"""Words beside one that aligns with nothing: their alignment is not believed."""
_FIGURES = frozenset("".join(chr(c) for c in SUPERSCRIPTS.values()))


@dataclass(frozen=True, slots=True)
class TruthPage:
    """A page with truth.  ``kind`` and ``notes_kind`` name the confusion tables of its body and notes."""

    name: str
    ocr: str
    gold: str
    kind: str
    notes_kind: str


def learn_tables(pages: Sequence[TruthPage]) -> tuple[dict[str, Channel], dict[str, Signature]]:
    """Confusion tables and signatures of the kinds that the pages have."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for page in pages:
        for kind, pair in zip((page.kind, page.notes_kind), split_page(page.ocr, page.gold), strict=True):
            if pair[1].strip():
                pairs.setdefault(kind, []).append(pair)
    channels = {kind: learn(kind, found) for kind, found in sorted(pairs.items())}
    signatures = {}
    for kind, found in sorted(pairs.items()):
        counts: dict[str, float] = {}
        for ocr, _ in found:
            for gram, n in trigrams(ocr).items():
                counts[gram] = counts.get(gram, 0.0) + n
        signatures[kind] = Signature(kind, counts)
    return channels, signatures


def halves(pages: Iterable[TruthPage]) -> tuple[list[TruthPage], list[TruthPage]]:
    """Every other page of each kind."""
    out: tuple[list[TruthPage], list[TruthPage]] = ([], [])
    seen: dict[str, int] = {}
    for page in sorted(pages, key=lambda p: (p.kind, p.name)):
        k = seen[page.kind] = seen.get(page.kind, -1) + 1
        out[k % 2].append(page)
    return out


def samples(pages: Sequence[TruthPage], channels: Mapping[str, Channel], knowledge: Knowledge,
            document: Sequence[TruthPage] | None = None) -> list[Sample]:
    """The questions of some pages, decoded with given tables, with their answers.

    ``document`` are the pages that tell what the notes repeat (from their OCR alone), these pages if None.
    """
    out: list[Sample] = []
    families: dict[str, list[str]] = {}
    for page in pages:
        families.setdefault(page.kind.split("-")[0], []).append(page.ocr)
    smoothed = knowledge.smooth(channels)
    compiled = {kind: channel.compile() for kind, channel in smoothed.items()}
    evidence = {}
    for family, texts in families.items():
        told = [page for page in document or pages if page.kind.split("-")[0] == family and page.notes_kind in channels]
        evidence[family] = Evidence.of(texts, collect(
            paths(split_page(page.ocr, page.gold)[1][0], knowledge.model, compiled[page.notes_kind], Parameters())
            for page in told))
    for page in pages:
        family = page.kind.split("-")[0]
        for notes, (ocr, true) in enumerate(split_page(page.ocr, page.gold)):
            kind = page.notes_kind if notes else page.kind
            if not true.strip() or kind not in channels:
                continue
            ocr, true = without_calls(ocr, true)
            for noise in NOISES:              # what misread notes repeat says nothing of notes that are read better
                told_of = evidence[family] if noise == 1 else replace(evidence[family], cited=Citations())
                out += text_samples(thinned(ocr, true, noise), true, knowledge, smoothed[kind], noise, bool(notes),
                                    told_of)
    return out


def text_samples(ocr: str, true: str, knowledge: Knowledge, channel: Channel, noise: float, notes: bool,
                 evidence: Evidence) -> Iterator[Sample]:
    """The questions of a text with their answers: which row is right, the last one if none is.

    Left out is what stands where nothing is known of the truth, and what lies beside text that has no truth at all.
    """
    where = aligned_offsets(ocr, true)
    lost = lost_stretches(ocr, where)
    for q in questions(ocr, knowledge.model, channel.compile(scale=noise), Parameters().scaled(noise), notes=notes,
                       noise=noise, evidence=evidence):
        gold = true[where[q.start]:where[q.end]].strip()
        if MASK in gold or any(q.start < end and q.end > start for start, end in lost):
            continue
        yield q.rows, q.readings.index(gold) if gold in q.readings else len(q.readings)


def lost_stretches(ocr: str, where: NDArray[np.int64]) -> list[tuple[int, int]]:
    """(start, end) of what lies within :data:`BESIDE` words of a word that aligns with nothing."""
    words = [m.span() for m in regex.finditer(r"\S+", ocr)]
    out = []
    for k, (start, end) in enumerate(words):
        if end - start > 2 and where[start] == where[end]:
            out.append((words[max(0, k - BESIDE)][0], words[min(len(words) - 1, k + BESIDE)][1]))
    return out


def thinned(ocr: str, true: str, keep: float, seed: int = 1) -> str:
    """The OCR text with only a share of its misread words left: the others read as the truth has them."""
    chance = random.Random(seed)
    out: list[str] = []
    word: list[tuple[str, str]] = []
    for o, t in [*align(ocr, true), (" ", " ")]:
        if o == t == " ":
            read, right = "".join(a for a, _ in word), "".join(b for _, b in word)
            out.append(right if read != right and MASK not in right and chance.random() >= keep else read)
            word = []
        else:
            word.append((o, t))
    return " ".join(out)


def without_calls(ocr: str, true: str) -> tuple[str, str]:
    """OCR and truth without the footnote calls, which another stage takes out before words are corrected."""
    steps = align(ocr, true)
    kept = [(o, t) for o, t in steps
            if not (any(c in _FIGURES for c in t) and all(c in _FIGURES or c == " " for c in t))]
    return "".join(o for o, _ in kept), "".join(c for _, t in kept for c in t if c not in _FIGURES)


def aligned_offsets(ocr: str, true: str) -> NDArray[np.int64]:
    """For each offset of the OCR the offset of the truth that it aligns with."""
    where = np.zeros(len(ocr) + 1, np.int64)
    i = j = 0
    for o, t in align(ocr, true):
        where[i:i + len(o)] = j
        i, j = i + len(o), j + len(t)
    where[len(ocr)] = len(true)
    return where


def train(pages: Sequence[TruthPage], knowledge: Knowledge) -> Knowledge:
    """The knowledge with tables, signatures and ranking learned from these pages alone."""
    found: list[Sample] = []
    first, second = halves(pages)
    for test, rest in ((first, second), (second, first)):
        found += samples(test, learn_tables(rest)[0], knowledge, pages)
    channels, signatures = learn_tables(pages)
    return replace(knowledge, channels=channels, signatures=signatures,
                   ranking=fit(found) if len(found) > 50 else knowledge.ranking)
