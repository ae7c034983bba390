"""Words: split, fused and misread words set right by the noisy channel.

For each block the kind of type is told from its text, which chooses the confusion model; how noisy the document is
scales that model; the decoder (:mod:`ocrfix.engine.correct`) proposes; and the calibrated confidence decides what is
applied, what is applied and asked about, and what is only asked about.
"""
from __future__ import annotations

from dataclasses import dataclass, replace

from ocrfix.adaptation import Adapted, adapt
from ocrfix.document import PRINTED, Block, Change, Document, Kind, Status, apply_changes
from ocrfix.engine.correct import Unit, correct
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings

STAGE = "words"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of a block's current text without a footnote call inside, white space single as far as it goes."""

    start: int
    text: str
    sentence_start: bool


def correct_words(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The words stage."""
    parts = {i: stretches(block, document.text) for i, block in enumerate(document.blocks) if _is_ours(block)}
    sample = [(document.blocks[i].kind is Kind.NOTE, [s.text for s in runs]) for i, runs in parts.items()]
    adapted = adapt(sample, knowledge)
    blocks = list(document.blocks)
    for (i, runs), kind in zip(parts.items(), adapted.kinds, strict=True):
        changes = [change for run in runs for change in _changes(run, blocks[i], kind, adapted, settings)]
        blocks[i] = apply_changes(replace(blocks[i], type=blocks[i].type or kind), document.text, changes, STAGE)
    return replace(document.with_blocks(blocks), statistics=document.statistics + adapted.statistics)


def _is_ours(block: Block) -> bool:
    return block.kind in PRINTED and block.language in (None, "tr")


def stretches(block: Block, text: str) -> list[Stretch]:
    """The runs of a block's text between its footnote calls."""
    out: list[Stretch] = []
    pos, begin = 0, 0
    current: list[str] = []
    start = True
    for piece in block.pieces(text):
        current.append(piece.text)
        pos += len(piece.text)
        if piece.edit is not None and piece.edit.applied and piece.edit.call is not None:
            joined = "".join(current)
            out.append(Stretch(begin, joined, start))
            start = joined.rstrip()[-1:] in {".", "!", "?"}
            begin, current = pos, []
    out.append(Stretch(begin, "".join(current), start))
    return [run for run in out if run.text.strip()]


def _changes(run: Stretch, block: Block, kind: str, adapted: Adapted, settings: Settings) -> list[Change]:
    out = []
    lead = len(run.text) - len(run.text.lstrip())
    text = run.text.strip()
    for unit in correct(text, adapted.model, adapted.channel(kind), adapted.parameters(kind),
                        adapted.confidence,
                        sentence_start=run.sentence_start, notes=block.kind is Kind.NOTE,
                        noise=adapted.scales.get(kind, 1.0), counts=adapted.counts):
        change = decide(unit, run.start + lead, settings, kind)
        if change is not None:
            out.append(change)
    return out


def decide(unit: Unit, offset: int, settings: Settings, kind: str) -> Change | None:
    """Apply, apply and ask, only ask, or leave alone: by the correction's probability and what a mistake costs."""
    applied = unit.confidence > settings.strictness / (1 + settings.strictness)
    if not applied and unit.confidence < settings.suggest_above:
        return None
    status = Status.AUTO if applied and unit.confidence >= settings.ask_below else Status.REVIEW
    return Change(unit.start + offset, unit.end + offset, unit.best, rule_of(unit), reason_of(unit, kind),
                  round(unit.confidence, 4), status, applied, None, unit.alternatives)


def rule_of(unit: Unit) -> str:
    """What sort of correction it is."""
    before, after = len(unit.raw.split()), len(unit.best.split())
    if unit.features.only_case:
        return "case"
    if unit.features.only_marks:
        return "punctuation"
    if after > before:
        return "fused-words"
    if after < before:
        return "split-word"
    return "real-word" if unit.features.literal_known else "misread-word"


def reason_of(unit: Unit, kind: str) -> str:
    known = "a known word" if unit.features.literal_known else "in no lexicon"
    return (f"as read {known}; the correction fits the confusions of {kind} type and its context "
            f"{unit.features.literal_margin:.1f} nats better")


