"""What the server tells the page, as JSON.

Offsets are in characters (code points) of the input; the page hands them back and reckons with none of them.  With
them goes the version of the document: what was seen in another version is not answered in this one.
"""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ocrfix.decisions.model import Decision
from ocrfix.messages import both
from ocrfix.review.corpus import Paragraph, Segment
from ocrfix.review.desk import Desk, Progress
from ocrfix.review.queue import Item, Series, misreading
from ocrfix.serialize import Json

MOST_PLACES = 100
"""So many places of a series are shown at once, and answered at once: nobody accepts what was not shown."""
MOST_CHOICES = 9
"""Alternatives have a digit each."""
_TOKEN = re.compile(r"\S+|\s+")


def series_view(series: Series, versions: Mapping[str, str], *, skipped: bool) -> Json:
    """A question: its places, and the readings to choose from.  ``versions`` are those of the documents."""
    items = series.items[:MOST_PLACES]
    return {"raw": series.raw, "clean": series.clean, "gain": round(series.gain, 3), "places": len(series.items),
            "skipped": skipped, "choices": _pairs(choices(series)),
            "items": [item_view(item, versions[item.document]) for item in items]}


def choices(series: Series) -> list[tuple[str, float]]:
    """The other readings than the proposal and the text without it, the most probable first.

    Of one place they are whole texts.  Of several they are what may stand for the misreading, with the mean of the
    probabilities that the places give it.
    """
    found: defaultdict[str, float] = defaultdict(float)
    several = len(series.items) > 1
    for item in series.items:
        for text, probability in item.alternatives:
            if text in (item.proposal, item.base, item.raw):
                continue
            raw, clean = misreading(item.base, text) if several else (series.raw, text)
            if raw == series.raw and clean != series.clean:
                found[clean] += probability / len(series.items)
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_CHOICES]


def item_view(item: Item, version: str) -> Json:
    """A place with its context."""
    kept = dict(item.alternatives).get(item.raw)
    return {"document": item.document, "version": version, "id": item.id, "page": item.page, "line": item.line,
            "start": item.spans[0].start, "end": item.spans[-1].end, "raw": item.raw, "base": item.base,
            "shown": item.shown, "proposal": item.proposal, "applied": item.applied, "call": item.call,
            "note": item.note, "noteNumber": item.note_number, "choices": _pairs(choices(Series("", "", (item,)))),
            "confidence": item.confidence, "kept": kept, "doubt": round(item.doubt, 4), "stage": item.stage,
            "rule": item.rule, "reason": _said(item.reason), "before": item.before, "after": item.after}


def page_view(paragraphs: Iterable[Paragraph], version: str) -> Json:
    """The paragraphs of a page as words that can be chosen, and what stands between them."""
    return {"version": version, "paragraphs": [
        {"kind": paragraph.kind, "label": paragraph.label, "tokens": list(tokens(paragraph.segments))}
        for paragraph in paragraphs]}


def tokens(segments: Sequence[Segment]) -> Iterator[dict[str, Json]]:
    """Words, corrections and gaps; the halves of a word that was divided at the line's end are one word."""
    word: dict[str, Json] | None = None
    for segment in segments:
        if segment.edit:
            if word:
                yield word
            word = None
            yield _edit_token(segment)
            continue
        if segment.raw and not segment.text:                     # the hyphen and the line's end go
            continue
        at = segment.start
        for match in _TOKEN.finditer(segment.text):
            text = match.group()
            end = segment.end if segment.raw else at + len(text)
            if text.isspace():
                if word:
                    yield word
                word = None
                yield {"text": text}
            elif word:
                word = {**word, "text": str(word["text"]) + text, "end": end}
            else:
                word = {"text": text, "start": at, "end": end}
            at = end
    if word:
        yield word


def _edit_token(segment: Segment) -> dict[str, Json]:
    return {"text": segment.text, "start": segment.start, "end": segment.end, "edit": {
        "raw": segment.raw, "clean": segment.clean, "status": segment.status, "applied": segment.applied,
        "call": segment.call, "doubt": round(segment.doubt, 4), "choices": _pairs(segment.alternatives[:MOST_CHOICES]),
        "reason": _said(segment.reason)}}


def status_view(desk: Desk) -> Json:
    """How far the review is, and what an undo would take back."""
    pace = desk.pace()
    last = desk.last_answer()
    return {"revision": desk.revision(), "progress": _progress_view(desk.progress()),
            "pace": {"answers": pace.answers, "words": pace.words, "minutes": round(pace.minutes, 2),
                     "wordsPerMinute": round(pace.words_per_minute, 1)},
            "last": answer_view(last), "conflicts": len(desk.conflicts()),
            "failed": [_said(f"{name}: {why}") for name, why in sorted(desk.corpus.failed.items())]}


def _progress_view(progress: Progress) -> Json:
    return {"allPlaces": progress.all_places, "openPlaces": progress.open_places, "openSeries": progress.open_series,
            "expected": round(progress.expected, 1), "before": progress.before, "now": progress.now}


def answer_view(decisions: Sequence[Decision]) -> Json:
    """An answer in short: its mark, what it was about, of several their misreading, and how many places it decided."""
    if not decisions:
        return None
    first = decisions[0]
    raw, new = misreading(first.place.raw, first.new) if len(decisions) > 1 else (first.place.raw, first.new)
    return {"mark": first.answer, "raw": raw, "new": new, "call": first.call, "verdict": first.verdict.value,
            "scope": first.scope.value, "places": len(decisions)}


def conflicts_view(desk: Desk) -> Json:
    """The places on which reviewers disagree, with what each of them said; the last of them holds."""
    names = {one.document.source.name: one.name for one in desk.corpus.documents()}
    return [{"raw": conflict[-1].place.raw, "before": conflict[-1].place.before, "after": conflict[-1].place.after,
             "scope": conflict[-1].scope.value, "document": names.get(conflict[-1].document, conflict[-1].document),
             "decisions": [{"id": d.id, "reviewer": d.reviewer, "time": d.time, "verdict": d.verdict.value,
                            "new": d.new, "call": d.call} for d in conflict]}
            for conflict in desk.conflicts()]


def _said(text: str) -> Json:
    """A message in every language."""
    return {**both(text)}


def _pairs(pairs: Iterable[tuple[str, float]]) -> list[Json]:
    return [[text, probability] for text, probability in pairs]
