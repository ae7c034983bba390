"""What persons decided, put where it belongs.

Start reading at :func:`settle_words`, which runs before the stages that repair text: these read decided words as part
of the context, and change none of them (:data:`ocrfix.document.DECIDED`).  Decisions on footnote calls and on the
numbers of notes wait for :func:`settle_calls` at the end, because only then the calls are known.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocrfix.decisions.binding import Anchors
from ocrfix.decisions.model import Decision, Scope
from ocrfix.document import (
    PRINTED,
    Block,
    Change,
    Document,
    Edit,
    Span,
    Status,
    Step,
    apply_changes,
    current_at,
    settle,
)
from ocrfix.knowledge import Knowledge
from ocrfix.messages import message
from ocrfix.settings import Settings

STAGE = "decisions"
ALWAYS = "always"
SHOWN = 3
"""So many decisions that no longer apply are named in the messages of a document."""


def settle_words(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with the decided readings set: those on places, then what always holds of a reading."""
    name = document.source.name
    places = [d for d in settings.decisions.places(name) if not on_call(d)]
    document = _settled(document, places)
    always = settings.decisions.everywhere(name)
    return _everywhere(document, always) if always else document


def settle_calls(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The document with the decided calls and numbers of notes, and a message that names what no longer applies."""
    name = document.source.name
    document = _settled(document, [d for d in settings.decisions.places(name) if on_call(d)])
    gone = unbound(document, settings.decisions.places(name))
    if gone:
        said = message(f"{len(gone)} decisions no longer apply: {shown(gone)}")
        document = replace(document, messages=(*document.messages, said))
    return document


def shown(gone: Sequence[Decision]) -> str:
    """The places of the first decisions that no longer apply, as messages name them."""
    return "; ".join(f"{d.place.before}[{d.place.raw}]{d.place.after}" for d in gone[:SHOWN])


def with_answers(document: Document, places: Sequence[Decision], everywhere: Sequence[Decision]) -> Document:
    """A cleaned document with decisions set: what it will be once more cleaned, but for their effect on other words."""
    document = _settled(document, places)
    return _everywhere(document, everywhere) if everywhere else document


def on_call(decision: Decision) -> bool:
    """Whether a decision is on a footnote call or the number of a note."""
    return bool(decision.old_call or decision.call or decision.note_number)


def unbound(document: Document, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions on places whose place is not in the document any more."""
    anchors = Anchors(document.text)
    return [d for d in decisions if printed_at(document, anchors.find_decision(d)) is None]


def decided_edit(decision: Decision, spans: tuple[Span, ...], raw: str, now: str) -> Edit:
    """The edit that a decision makes of a place; ``raw`` is what the input has there, ``now`` what stands there.

    A rejected correction is an edit that is not applied, where without it the input would stand there.
    """
    step = Step(STAGE, decision.verdict.value, f"{decision.reviewer}, {decision.time}", now, decision.new, 1.0)
    if decision.verdict is Status.REJECTED and now == decision.new and raw == now:
        return Edit(spans, decision.old, (replace(step, after=decision.old),), 0.0, decision.verdict, False,
                    decision.old_call or None)
    return Edit(spans, decision.new, (step,), 1.0, decision.verdict, True, decision.call or None,
                ((decision.old, 0.0),) if decision.old != decision.new else ())


def _settled(document: Document, decisions: Sequence[Decision]) -> Document:
    if not decisions:
        return document
    anchors = Anchors(document.text)
    blocks = list(document.blocks)
    for decision in decisions:
        spans = anchors.find_decision(decision)
        at = printed_at(document, spans)
        if spans is None or at is None:
            continue
        if decision.call:                            # one call a label: the machine's own gives way
            blocks = [_without_call(block, decision.call) for block in blocks]
        raw = "".join(document.text[span.start:span.end] for span in spans)
        edit = decided_edit(decision, spans, raw, current_at(blocks[at], document.text, spans))
        blocks[at] = settle(blocks[at], document.text, edit)
    return document.with_blocks(blocks)


def _without_call(block: Block, label: str) -> Block:
    """The block without a call of this label, unless a person set it."""
    if not any(edit.call == label and edit.status in (Status.AUTO, Status.REVIEW) for edit in block.edits):
        return block
    edits = []
    for edit in block.edits:
        if edit.call == label and edit.status in (Status.AUTO, Status.REVIEW):
            edit = replace(edit, call=None)
            if edit.spans[0].start == edit.spans[-1].end and not edit.clean:
                continue                             # it was nothing but the call
        edits.append(edit)
    return replace(block, edits=tuple(edits))


def _everywhere(document: Document, decisions: Sequence[Decision]) -> Document:
    """The document with each reading replaced wherever it stands as a word of its own."""
    blocks = []
    for block in document.blocks:
        if block.kind in PRINTED:
            block = apply_changes(block, document.text, list(_apart(
                change for decision in decisions for change in _changes(block.current(document.text), decision))),
                STAGE)
        blocks.append(block)
    return document.with_blocks(blocks)


def _changes(text: str, decision: Decision) -> Iterator[Change]:
    raw = decision.place.raw
    start = r"(?<![^\W_])" if raw[:1].isalnum() else ""
    end = r"(?![^\W_])" if raw[-1:].isalnum() else ""
    kept = decision.verdict is Status.REJECTED and decision.new == raw     # then an edit that is not made stands guard
    for match in re.finditer(start + re.escape(raw) + end, text):
        where = message("in this document") if decision.scope is Scope.DOCUMENT else message("in the corpus")
        yield Change(match.start(), match.end(), decision.old if kept else decision.new, ALWAYS,
                     f"always so {where}: {decision.reviewer}, {decision.time}", 0.0 if kept else 1.0, decision.verdict,
                     not kept)


def _apart(changes: Iterator[Change]) -> Iterator[Change]:
    """Changes that do not overlap; of two that do, the longer."""
    taken: list[Change] = []
    for change in sorted(changes, key=lambda c: (c.start - c.end, c.start)):
        if all(change.end <= other.start or other.end <= change.start for other in taken):
            taken.append(change)
            yield change


def printed_at(document: Document, spans: tuple[Span, ...] | None) -> int | None:
    """The number of the printed block that holds all the spans."""
    if spans is None:
        return None
    for k, block in enumerate(document.blocks):
        if block.kind in PRINTED and all(_holds(block, span) for span in spans):
            return k
    return None


def _holds(block: Block, span: Span) -> bool:
    reach = -1
    for part in block.spans:
        if reach == part.start or part.start <= span.start <= part.end:
            reach = part.end
        if reach >= span.end and part.start <= span.end:
            return True
    return False
