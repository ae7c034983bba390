#!/usr/bin/env python3
"""What calls that leave no trace cost: the F1 of the calls that is to be expected of one who sees every trace.

    python tools/call_ceiling.py ../shared/bench

For each corpus, from its OCR and truth: how many calls left a sign or figure where they stand, on how many pages none
did for some call, and the expected F1 of a reader who sees every trace, and how many notes each page has, but not
which number a trace bears.  On a page with n notes and fewer traces it is unknown which of the notes lost their calls;
all are taken for equally likely.  The reader bets on those that get most of the others right on average, and does not
find the places of the lost ones.  Traces that tell their number allow more, luck too.
"""
from __future__ import annotations

import bisect
from itertools import combinations
from pathlib import Path

import click

from ocrfix.evaluation.align import project
from ocrfix.evaluation.cross_validation import Corpus, read_bench
from ocrfix.evaluation.transcription import Transcript, Transcription, read_gold

STOPS = " .,;:"
LAST = 3
"""So many characters of the word are looked at for signs: where a misread word ends is not sure."""


def traced(ocr: str, gold: Transcript) -> list[bool]:
    """For each call of a page whether the OCR has anything but stops between its word and the next."""
    page, truth = Transcription(), Transcription()
    page.add(ocr, joined=True)
    for text in (gold.body, *gold.notes.values()):
        truth.add(text.text, joined=True)
    offsets = project(page.text, truth.text)
    out = []
    for _, at in gold.body.calls:
        end = at + len(gold.body.text[at:]) - len(gold.body.text[at:].lstrip(" .,;:!?\"'"))
        place, after = bisect.bisect_left(offsets, at), bisect.bisect_left(offsets, end)
        read = page.text[place:after]                     # letters too, if nothing of the word is among them
        signs = [c for c in page.text[max(0, place - LAST):after + 1] if not c.isalpha()]
        printed = gold.body.text[at - LAST:end + 1]
        out.append(any(c not in STOPS and c not in printed for c in (*read, *signs)))
    return out


def expected_right(notes: int, traces: int) -> float:
    """The traces that the best bet gives the right number, on average over which notes left them: 2 of 3 of 4 notes."""
    choices = list(combinations(range(notes), traces))
    return max(sum(sum(a == b for a, b in zip(bet, true, strict=True)) for true in choices) / len(choices)
               for bet in choices)


def measure(corpus: Corpus) -> str:
    """A corpus's line of the output."""
    pages = [traced(page.ocr, read_gold(corpus.gold, [page.name]).pages[0]) for page in corpus.pages]
    calls, traces = sum(map(len, pages)), sum(map(sum, pages))
    right = sum(expected_right(len(page), sum(page)) for page in pages)
    lost = sum(not all(page) for page in pages)
    return (f"{corpus.name}: {traces} of {calls} calls left a trace, {lost} of {len(pages)} pages have one that did "
            f"not, expected F1 {right / max(calls, 1):.3f}")


@click.command()
@click.argument("bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(bench: Path) -> None:
    """Print what the calls without trace cost on each corpus below BENCH."""
    for corpus in read_bench(bench):
        click.echo(measure(corpus))


if __name__ == "__main__":
    main()
