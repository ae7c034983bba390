"""Tie two texts together: offsets of one to offsets of the other, and a gold page to its place in a document."""
from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from ocrfix.evaluation.transcription import Transcription

_EDGE = 160
"""Characters at either end of a page that find its place to the character."""


def project(got: str, want: str) -> list[int]:
    """For each offset of ``got``, its end included, the offset of ``want`` that it aligns with (Levenshtein)."""
    offsets = [0] * (len(got) + 1)
    for op in Levenshtein.opcodes(got, want):
        for k in range(op.src_end - op.src_start):
            offsets[op.src_start + k] = min(op.dest_start + k, op.dest_end)
    offsets[len(got)] = len(want)
    return offsets


def match(got: Sequence[str], want: Sequence[str]) -> list[tuple[bool, int, int]]:
    """For each item of ``want`` whether ``got`` has it, and the stretch of ``got`` in its place.

    As many items as can be are matched (longest common subsequence); what stands in the place of an unmatched item is
    all between its matched neighbours.
    """
    places: list[tuple[bool, int, int]] = []
    at = gap = 0                                    # in `got`: behind the last match; items not matched since
    for block in [*Indel.opcodes(list(got), list(want)), None]:
        if block is None or block.tag == "equal":
            end = block.src_start if block is not None else len(got)
            places += [(False, at, end)] * gap
            gap = 0
        if block is None:
            break
        if block.tag == "equal":
            places += [(True, k, k + 1) for k in range(block.src_start, block.src_end)]
            at = block.src_end
        else:
            gap += block.dest_end - block.dest_start
    return places


def locate(document: Transcription, page: Transcription) -> tuple[int, int]:
    """The stretch of a document that reads like a page: ``(0, 0)`` if none does.

    The place is where most pairs of neighbouring words agree on the distance between the two texts; its ends are then
    found by the page's first and last characters.
    """
    ours = document.tokens(words_only=True)
    theirs = [token.text for token in page.tokens(words_only=True)]
    bigrams: dict[tuple[str, str], list[int]] = {}
    for i, (a, b) in enumerate(pairwise(ours)):
        bigrams.setdefault((a.text, b.text), []).append(i)
    shifts = sorted(i - j for j, bigram in enumerate(pairwise(theirs))
                    for i in bigrams.get(bigram, ()))
    if not shifts:
        return 0, 0
    reach = max(25, len(theirs) // 6)
    shift = max(shifts, key=lambda s: bisect.bisect_right(shifts, s + reach) - bisect.bisect_left(shifts, s - reach))
    first, last = max(0, shift - reach - 10), min(len(ours), shift + len(theirs) + reach + 10)
    start = ours[first].start if first < len(ours) else len(document)
    end = ours[last].start if last < len(ours) else len(document)
    text, want = document.text, page.text
    # each end is looked for in its own three fifths of the window
    head = _edge(text, start, start + (end - start) * 3 // 5, want[:_EDGE])
    tail = len(text) - _edge(text[::-1], len(text) - end, len(text) - (start + (end - start) * 2 // 5),
                             want[::-1][:_EDGE])
    return head, max(head, tail)


def _edge(text: str, low: int, high: int, head: str) -> int:
    """Where in ``text[low:high]`` the passage begins that reads like ``head``."""
    if high - low <= len(head):
        high = min(len(text), low + len(head) + 1)
    found = fuzz.partial_ratio_alignment(text[low:high], head)
    guess = low + (found.src_start if found else 0)

    def badness(at: int) -> tuple[int, bool, int]:
        distance = (Levenshtein.distance(text[at:at + 50], head[:50])
                    + Levenshtein.distance(text[at:at + 12], head[:12]))
        return distance, at > 0 and text[at - 1] != " ", abs(at - guess)

    return min(range(max(0, guess - 15), min(len(text), guess + 16)), key=badness)
