"""Learning confusions from pairs of OCR text and truth.

A pair is aligned with segments of up to three characters on either side, at the least total cost; costs come from the
confusions counted so far, so a few rounds settle (Viterbi EM).  Each misread segment is counted alone and with its
neighbour on either side, which gives the context that matters for letters such as ``rn`` and ``m``.

Method: Brill and Moore (2000), An improved error model for noisy channel spelling correction.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex
from numba import njit
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from ocrfix.engine.channel import FOLD, LONGEST, Channel, Segment
from ocrfix.engine.kinds import Signature, trigrams
from ocrfix.errors import UsageError

MASK = "\ue000"
"""Stands in a truth for a character that nobody could read: nothing is learned there."""
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BAND = 24
_MARK = regex.compile(r"\[\^([^\[\]+]+)\+?\]:?|⟦([^⟦⟧]*)⟧")
_LEAD = regex.compile(r"^(↩\s*|#+\s+|>\s+)", regex.MULTILINE)


def plain_truth(markdown: str) -> str:
    """The text of a gold page as printed: calls in superscript figures, unsure readings masked, white space single.

    >>> plain_truth("## A Head\\n\\nHe came[^12] home ⟦late⟧.")
    'A Head He came¹² home \\ue000\\ue000\\ue000\\ue000.'
    """
    text = _LEAD.sub("", markdown)
    text = _MARK.sub(lambda m: m[1].translate(SUPERSCRIPTS) if m[1] is not None else MASK * max(len(m[2]), 1), text)
    return regex.sub(r"\s+", " ", text).strip().translate(FOLD)


def plain_ocr(raw: str) -> str:
    """OCR text with hyphenated line ends joined and white space single."""
    text = regex.sub(r"(?<=\p{L})-\n\s*(?=\p{Ll})", "", raw.translate(FOLD))
    return regex.sub(r"\s+", " ", text).strip()


@njit(cache=True)
def _align(ocr, true, centre, keys, costs, base, band):  # type: ignore[no-untyped-def]
    """Cheapest segmentation of ``ocr`` and ``true`` inside a band around a rough alignment.

    centre[j]: offset of ``ocr`` that true offset j roughly stands at.  Returns the steps as an array of (OCR length,
    true length) from the start.
    """
    n, m = len(ocr), len(true)
    width = 2 * band + 1
    big = 1e18
    cost = np.full((m + 1, width), big)
    step = np.zeros((m + 1, width), np.int8)
    cost[0, band - centre[0] if 0 <= band - centre[0] < width else 0] = 0.0
    for j in range(m + 1):
        for w in range(width):
            i = centre[j] + w - band
            if i < 0 or i > n:
                continue
            for b in range(min(LONGEST, j) + 1):
                for a in range(min(LONGEST, i) + 1):
                    if a == 0 and b == 0:
                        continue
                    w0 = (i - a) - centre[j - b] + band
                    if w0 < 0 or w0 >= width:
                        continue
                    before = cost[j - b, w0]
                    if before >= big:
                        continue
                    if a == 1 and b == 1 and ocr[i - 1] == true[j - 1]:
                        c = 0.02
                    else:
                        masked = False
                        for k in range(b):
                            if true[j - 1 - k] == 0xE000:
                                masked = True
                        if masked:
                            c = 0.5 * max(a, b)
                        else:
                            if a > 0 and b > 0 and a + b > 2 and (ocr[i - a] == true[j - b]
                                                                  or ocr[i - 1] == true[j - 1]):
                                continue               # an equal edge belongs outside of the segment
                            key = np.int64(1469598103934665603)
                            for k in range(a):
                                key = (key ^ ocr[i - a + k]) * 1099511628211
                            key = (key ^ 7) * 1099511628211
                            for k in range(b):
                                key = (key ^ true[j - b + k]) * 1099511628211
                            lo, hi = 0, len(keys)
                            while lo < hi:
                                mid = (lo + hi) >> 1
                                if keys[mid] < key:
                                    lo = mid + 1
                                else:
                                    hi = mid
                            c = costs[lo] if lo < len(keys) and keys[lo] == key else base[a, b]
                    if before + c < cost[j, w]:
                        cost[j, w] = before + c
                        step[j, w] = a * 4 + b
    out = np.zeros((n + m, 2), np.int8)
    i, j, k = n, m, 0
    while i > 0 or j > 0:
        w = i - centre[j] + band
        if w < 0 or w >= width or step[j, w] == 0:
            return out[:0]
        a, b = step[j, w] >> 2, step[j, w] & 3
        out[k, 0], out[k, 1] = a, b
        k += 1
        i, j = i - a, j - b
    return out[:k][::-1]


def _hash(ocr: str, true: str) -> int:
    key = 1469598103934665603
    for part, end in ((ocr, True), (true, False)):
        for c in part:
            key = (key ^ ord(c)) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
            key = key
        if end:
            key = (key ^ 7) * 1099511628211 & 0xFFFFFFFFFFFFFFFF
    return key - (1 << 64) if key >= 1 << 63 else key


def _base_costs() -> NDArray[np.float64]:
    base = np.full((LONGEST + 1, LONGEST + 1), 1e9)
    for a in range(LONGEST + 1):
        for b in range(LONGEST + 1):
            base[a, b] = {0: 4.5, 1: 5.0}.get(min(a, b), 5.5) + 2.2 * (max(a, b) - 1)
    base[1, 1] = 4.5
    return base


@dataclass(frozen=True)
class SegmentCosts:
    """Costs of misread segments, as :func:`align` wants them: hashes in order, and the costs in nats."""

    keys: NDArray[np.int64]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, costs: Mapping[Segment, float]) -> SegmentCosts:
        items = sorted((_hash(o, t), c) for (t, o), c in costs.items())
        return cls(np.array([k for k, _ in items], np.int64), np.array([c for _, c in items], np.float64))


NO_COSTS = SegmentCosts.of({})


def align(ocr: str, true: str, costs: SegmentCosts = NO_COSTS) -> list[tuple[str, str]]:
    """(OCR segment, true segment) pairs of the cheapest segmentation; empty where the texts do not align."""
    ops = Levenshtein.opcodes(true, ocr)
    centre = np.zeros(len(true) + 1, np.int64)
    for op in ops:
        for k in range(op.src_start, op.src_end + 1):
            centre[k] = min(op.dest_start + (k - op.src_start), op.dest_end)
    centre[len(true)] = len(ocr)
    centre[0] = 0
    codes = [np.array([min(ord(c), 0xFFFF) for c in s], np.int64) for s in (ocr, true)]
    steps = _align(codes[0], codes[1], centre, costs.keys, costs.values, _base_costs(), _BAND)
    out = []
    i = j = 0
    for a, b in steps.tolist():
        out.append((ocr[i:i + a], true[j:j + b]))
        i, j = i + a, j + b
    return out


def learn(name: str, pairs: Sequence[tuple[str, str]], rounds: int = 4) -> Channel:
    """Learn a confusion table from (OCR, truth) pairs of plain text (:func:`plain_ocr`, :func:`plain_truth`)."""
    costs: dict[Segment, float] = {}
    aligned: list[list[tuple[str, str]]] = []
    for _ in range(rounds):
        prepared = SegmentCosts.of(costs)
        aligned = [align(ocr, true, prepared) for ocr, true in pairs]
        count: Counter[Segment] = Counter()
        seen: Counter[str] = Counter()
        for steps in aligned:
            for o, t in steps:
                if MASK not in t:
                    seen[t] += 1
                    if o != t:
                        count[t, o] += 1
        total = sum(seen.values())
        costs = {}
        for (t, o), n in count.items():
            # the segment's own share of the text, a little discounted; long segments must earn their place
            spread = math.log(total) - math.log(max(seen[t], 1))
            costs[t, o] = -math.log((n - 0.3) / (seen[t] + 5.0)) + (0.3 * spread if len(t) > 1 else 0.0)
    return count_segments(name, aligned)


def count_segments(name: str, aligned: Iterable[Sequence[tuple[str, str]]]) -> Channel:
    """The confusion table of aligned texts: misread segments alone, and with a neighbour where they stay short."""
    count: Counter[Segment] = Counter()
    seen: Counter[str] = Counter()
    for steps in aligned:
        truth = "".join(t for _, t in steps)
        for size in range(1, LONGEST + 1):
            for k in range(len(truth) - size + 1):
                seen[truth[k:k + size]] += 1
        seen[""] += len(truth)
        for k, (o, t) in enumerate(steps):
            if o == t or MASK in t:
                continue
            count[t, o] += 1
            for before, after in (((k - 1), k), (k, k + 1)):
                if before < 0 or after >= len(steps):
                    continue
                if before == k and steps[after][0] != steps[after][1]:
                    continue                       # counted when its turn comes
                oo = steps[before][0] + steps[after][0]
                tt = steps[before][1] + steps[after][1]
                if len(oo) <= LONGEST and len(tt) <= LONGEST and MASK not in tt and len(tt) >= 2:
                    count[tt, oo] += 1
    keep = {t for t, _ in count} | {c for c in seen if len(c) == 1}
    return Channel(name, {k: float(v) for k, v in count.items()}, {t: float(seen[t]) for t in keep})


def split_page(ocr: str, gold: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """((OCR, truth) of the body, (OCR, truth) of the notes) of a page, cut where they align best.

    ``ocr`` is the page as the OCR left it, ``gold`` its transcription in Markdown, body first, then the notes.
    """
    first_note = regex.search(r"(?m)^\[\^[^\]]+\]:", gold)
    body = plain_truth(gold[:first_note.start()] if first_note else gold)
    notes = plain_truth(gold[first_note.start():]) if first_note else ""
    steps = align(plain_ocr(ocr), f"{body} {notes}".strip())
    done, cut = 0, len(steps)
    for k, (_, t) in enumerate(steps):
        if done > len(body):
            cut = k
            break
        done += len(t)
    halves = [("".join(o for o, _ in part), "".join(t for _, t in part)) for part in (steps[:cut], steps[cut:])]
    return halves[0], halves[1]


def paired_pages(ocr: Path, gold: Path, pages: Sequence[str] | None = None) -> list[tuple[str, str, str]]:
    """(name, OCR, gold) of the pages that both folders have under one name, or of two single files.

    Raises:
        UsageError: nothing pairs.
    """
    if ocr.is_file() and gold.is_file():
        found = [(gold.stem, ocr, gold)]
    else:
        golds = {p.stem: p for p in sorted(gold.glob("*")) if p.suffix in {".md", ".txt"}}
        found = [(p.stem, p, golds[p.stem]) for p in sorted(ocr.glob("*.txt")) if p.stem in golds]
    found = [row for row in found if pages is None or row[0] in pages]
    if not found:
        raise UsageError(f"no page of {ocr} has its truth in {gold}")
    return [(name, a.read_text("utf-8"), b.read_text("utf-8")) for name, a, b in found]


def learn_pages(pages: Sequence[tuple[str, str, str]], body: str | None, notes: str | None,
                ) -> list[tuple[Channel, Signature]]:
    """Confusion tables and signatures, under the names given, of the body and of the notes of paired pages."""
    out = []
    halves = [split_page(ocr, gold) for _, ocr, gold in pages]
    for name, side in ((body, 0), (notes, 1)):
        pairs = [half[side] for half in halves if half[side][1].strip()]
        if name is not None and pairs:
            grams: Counter[str] = Counter()
            for ocr, _ in pairs:
                grams.update(trigrams(ocr))
            out.append((learn(name, pairs), Signature(name, {g: float(n) for g, n in grams.items()})))
    return out
