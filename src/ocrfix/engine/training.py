"""Fitting the confidence model on pages with truth.

The pages are halved; each half is decoded with confusions learned from the other, so the decoder is as unsure as it is
on new pages, and every unit that it changes or doubts is compared with the truth that aligns with it.
"""
from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrfix.engine.channel import Channel, merged
from ocrfix.engine.confidence import Confidence, Features, fit
from ocrfix.engine.correct import correct, word_counts
from ocrfix.engine.kinds import Signature, trigrams
from ocrfix.engine.learn import MASK, SUPERSCRIPTS, align, learn, split_page
from ocrfix.engine.parameters import Parameters
from ocrfix.knowledge import FAMILY_WEIGHT, Knowledge

NOISES = (1.0, 0.25, 0.03)
"""Shares of its misread words that a page is judged with, so that the confidence knows less noisy text than the
pages."""
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


def judged_units(pages: Sequence[TruthPage], channels: Mapping[str, Channel], knowledge: Knowledge,
                 ) -> list[tuple[Features, bool]]:
    """(features, right?) of the units of some pages, decoded with given tables."""
    out: list[tuple[Features, bool]] = []
    families: dict[str, list[str]] = {}
    for page in pages:
        families.setdefault(page.kind.split("-")[0], []).append(page.ocr)
    counts = {family: word_counts(texts) for family, texts in families.items()}
    for page in pages:
        for notes, (ocr, true) in enumerate(split_page(page.ocr, page.gold)):
            kind = page.notes_kind if notes else page.kind
            if not true.strip() or kind not in channels:
                continue
            ocr, true = without_calls(ocr, true)
            family = merged("family", [c for n, c in channels.items() if n.split("-")[0] == kind.split("-")[0]])
            smoothed = channels[kind].smoothed(family, FAMILY_WEIGHT)
            for noise in NOISES:
                text = thinned(ocr, true, noise)
                where = aligned_offsets(text, true)
                for unit in correct(text, knowledge.model, smoothed.compile(scale=noise), Parameters().scaled(noise),
                                    Confidence(), notes=bool(notes), noise=noise,
                                    counts=counts[page.kind.split("-")[0]]):
                    gold = true[where[unit.start]:where[unit.end]].strip()
                    if MASK not in gold:
                        out.append((unit.features, gold == unit.best))
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
    """The knowledge with tables, signatures and confidence learned from these pages alone."""
    samples: list[tuple[Features, bool]] = []
    first, second = halves(pages)
    for test, rest in ((first, second), (second, first)):
        samples += judged_units(test, learn_tables(rest)[0], knowledge)
    channels, signatures = learn_tables(pages)
    return replace(knowledge, channels=channels, signatures=signatures,
                   confidence=fit(samples) if len(samples) > 50 else knowledge.confidence)
