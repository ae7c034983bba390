"""Words: split, fused and misread words set right by the noisy channel.

For each block the kind of type is told from its text, which chooses the confusion model; how noisy the document is
scales that model; the decoder (:mod:`ocrfix.engine.correct`) proposes; and the calibrated confidence decides what is
applied, what is applied and asked about, and what is only asked about.
"""
from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import accumulate

from threadpoolctl import threadpool_limits

from ocrfix import cores
from ocrfix.adaptation import Adapted, adapt
from ocrfix.document import DECIDED, PRINTED, Block, Change, Document, Kind, Status, apply_changes
from ocrfix.engine.channel import FOLD
from ocrfix.engine.correct import Unit, Work, correct
from ocrfix.engine.features import WORD, is_odd
from ocrfix.knowledge import Knowledge
from ocrfix.language.foreign import Lists, runs
from ocrfix.language.turkish import lower
from ocrfix.messages import message
from ocrfix.settings import Settings
from ocrfix.stages._confidence import Places, Trust, weighed

STAGE = "words"
PASSES, NOISY_PASSES = 8, 2
"""The second pass believes that the text is as noisy as at first: it has better neighbours to go by."""
STATES, SHORT = 4000, 20_000
"""A document may cost so many states of the search for each of its characters, and for so many characters more.  Bad
OCR costs up to 1,300, over all passes; with every fifth letter of it exchanged at random besides, 3,600; words of
letters at random, which are searched as widely as can be, would cost 16,000 to 21,000."""
BATCH = 20_000
"""Characters of the blocks that are corrected before it is looked how much that cost."""
NUMBER = re.compile(r"(?<![^\s(\"'.,;])\d+(?=[\s.,;)\"']|$)")
"""Figures that stand by themselves, as a number does."""
AROUND = ".,;:!?()[]\"'“”‘’«»"
"""Marks around a word."""
MARKS = 2
"""So many marks behind its last word belong to a run of another language."""
LEAST = 0.01
"""What is less probable is a guess at a word of which nothing is left: the text stays as the OCR has it."""
MARKS_SHARE = 1 / 3
"""To break a right mark costs so much of what it costs to break a right word: as much as to leave a wrong one."""


def correct_words(document: Document, settings: Settings, knowledge: Knowledge, *,
                  adapting: Callable[..., Adapted] = adapt) -> Document:
    """The words stage.

    It is repeated on its own result until nothing more changes, so that cleaning the clean text again changes nothing.
    """
    ours, beyond = within_budget(document, settings.most_characters)
    first: Adapted | None = None
    adapted: Adapted | None = None
    texts = [document.blocks[i].current(document.text) for i in ours]
    notes = [document.blocks[i].kind is Kind.NOTE for i in ours]
    trust = Trust.of(document, knowledge.accepts)
    rest: float = STATES * (sum(map(len, texts)) + SHORT)
    for number in range(PASSES):
        adapted = adapting([(note, [text]) for note, text in zip(notes, texts, strict=True)], knowledge,
                           before=adapted, as_noisy=number < NOISY_PASSES,
                           as_read=None if number else [undecided(document, document.blocks[i]) for i in ours])
        first = first or adapted
        with threadpool_limits(1):                    # the blocks are the threads; more of them get in each other's way
            document, work = _pass(document, ours, texts, adapted, first.kinds, settings, knowledge.foreign,
                                   trust, rest)
        rest -= work.done
        if work.left:
            beyond = (*beyond, too_costly(work.left if number == 0 else 0))
            break
        before, texts = texts, [document.blocks[i].current(document.text) for i in ours]
        if texts == before and (number == 0 or number >= NOISY_PASSES):
            break                                     # as noisy as at first, if nothing was changed at all
    return document if first is None else replace(
        document, statistics=document.statistics + first.statistics, messages=document.messages + beyond)


def within_budget(document: Document, most: int) -> tuple[list[int], tuple[str, ...]]:
    """The numbers of the blocks whose words are looked at: those in Turkish, up to so many characters together.

    If there are more, a message says of how many characters the words are left alone.
    """
    turkish = [i for i, block in enumerate(document.blocks) if block.kind in PRINTED and block.language in (None, "tr")]
    ends = list(accumulate(len(document.blocks[i].current(document.text)) for i in turkish))
    count = bisect.bisect_right(ends, most)
    if count == len(turkish):
        return turkish, ()
    left = ends[-1] - (ends[count - 1] if count else 0)
    return turkish[:count], (message(f"too long: misread words were left alone, and not estimated, in the last "
                                     f"{left:,} characters"),)


def too_costly(left: int) -> str:
    """The message of a document whose words cost too much; ``left``: so many characters were never looked at."""
    if left:
        return message(f"too unlike text: misread words were left alone in the last {left:,} characters")
    return message("too unlike text: misread words were not looked for as often as usual")


def batches(texts: Sequence[str]) -> Iterator[range]:
    """The numbers of some texts in order, those together that have about :data:`BATCH` characters.

    >>> list(batches(["a" * 9000, "b" * 9000, "c" * 9000, "d" * 50_000, "e"]))
    [range(0, 3), range(3, 4), range(4, 5)]
    """
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= BATCH or number == len(texts) - 1:
            yield range(first, number + 1)
            first, size = number + 1, 0


def _pass(document: Document, ours: Sequence[int], texts: Sequence[str], adapted: Adapted, types: Sequence[str],
          settings: Settings, foreign: Lists, trust: Trust | None, most: float) -> tuple[Document, Work]:
    """One round of correction of the blocks ``ours``; ``types`` are the kinds of type that they are said to be in.

    Args:
        trust: what the confidence of the OCR is worth, if the input has it.
        most: so many states may be searched; what a block costs is known when its batch is done, so that the result
            does not depend on which thread comes first.
    """
    blocks = list(document.blocks)
    whole = Work(most)

    def units(k: int, work: Work) -> list[Unit]:
        kind, text = adapted.kinds[k], texts[k].strip()
        found = correct(text, adapted.model, adapted.channel(kind), adapted.parameters(kind), adapted.ranking,
                        notes=blocks[ours[k]].kind is Kind.NOTE, noise=adapted.scales.get(kind, 1.0),
                        evidence=adapted.evidence, work=work)
        return not_foreign(found, text, adapted.model.word_cost, foreign)

    found: list[list[Unit]] = []
    with ThreadPoolExecutor(max_workers=cores.threads()) as threads:     # the compiled search runs beside Python
        for batch in batches(texts):
            works = [Work(most - whole.done) for _ in batch]
            found += threads.map(units, batch, works)
            whole.done += sum(work.done for work in works)
            whole.left += sum(work.left for work in works)
    for i, text, kind, type_, proposed in zip(ours, texts, adapted.kinds, types, found, strict=True):
        block = blocks[i]
        lead = len(text) - len(text.lstrip())
        calls = call_offsets(block, document.text)
        changes = []
        for unit in _trusted(proposed, block, document.text, lead, trust):
            change = decide(unit, lead, settings, kind)
            if change is not None:
                change = beside_calls(change, text, calls)
            if change is not None:
                changes.append(change)
        blocks[i] = apply_changes(replace(block, type=type_), document.text, changes, STAGE)
    return document.with_blocks(blocks), whole


def not_foreign(units: Sequence[Unit], text: str, turkish: Callable[[str], float], foreign: Lists) -> list[Unit]:
    """The units without those whose words belong to the run of another language that they stand in; a space may go.

    Args:
        turkish: the cost of a word in Turkish, in nats.
    """
    def explains(language: str, unit: Unit) -> bool:
        return (not is_odd(unit.raw.translate(FOLD)) and unit.raw.replace(" ", "") != unit.best.replace(" ", "")
                and all(token.strip(AROUND).lower() in foreign[language] for token in unit.raw.split()))

    if not any(explains(language, unit) for language in foreign for unit in units):
        return list(units)
    found = runs(text, turkish, foreign)
    return [unit for unit in units if not any(
        run.start <= unit.start and unit.end <= run.end + MARKS and explains(run.language, unit) for run in found)]


def undecided(document: Document, block: Block) -> str:
    """A block's current text, but what the OCR had where a person decided: a few decisions make no clean document."""
    return "".join(document.joined_of(piece.edit) if piece.edit is not None and piece.edit.status in DECIDED
                   else piece.text for piece in block.pieces(document.text))


def _trusted(units: Sequence[Unit], block: Block, text: str, lead: int, trust: Trust | None) -> Sequence[Unit]:
    """The units of a block with the confidence of the OCR in the text as it stands taken into account."""
    if trust is None:
        return units
    places = Places(block, text)
    return [unit if (spans := places.spans(unit.start + lead, unit.end + lead)) is None
            else weighed(unit, trust.of_spans(spans)) for unit in units]


def call_offsets(block: Block, text: str) -> list[int]:
    """Where footnote calls stand in a block's current text."""
    out, pos = [], 0
    for piece in block.pieces(text):
        pos += len(piece.text)
        if piece.edit is not None and piece.edit.applied and piece.edit.call is not None:
            out.append(pos)
    return out


def beside_calls(change: Change, text: str, calls: Sequence[int]) -> Change | None:
    """The part of a change on one side of the footnote calls inside of it; None if it changes both sides."""
    for at in calls:
        if not change.start < at < change.end:
            continue
        before, after = text[change.start:at], text[at:change.end]
        if change.after.endswith(after):
            change = replace(change, end=at, after=change.after[:len(change.after) - len(after)])
        elif change.after.startswith(before):
            change = replace(change, start=at, after=change.after[len(before):])
        else:
            return None
    return change


def decide(unit: Unit, offset: int, settings: Settings, kind: str) -> Change | None:
    """Apply, apply and ask, only ask, or leave alone: by the correction's probability and what a mistake costs."""
    least = min(settings.apply_above * settings.strictness / 3, settings.ask_below)
    possible = unit.confidence >= (LEAST if is_odd(unit.raw.translate(FOLD)) else least)
    rule = rule_of(unit)
    strictness = settings.strictness * MARKS_SHARE if rule == "punctuation" else settings.strictness
    applied = possible and unit.confidence > strictness * unit.kept
    if not applied and unit.confidence < settings.suggest_above and unit.kept >= settings.doubt_below:
        return None
    figures = any(map(str.isdigit, unit.best)) or NUMBER.search(unit.raw) is not None      # no number goes silently
    sure = unit.confidence >= settings.ask_below and not figures
    status = Status.AUTO if applied and sure else Status.REVIEW
    return Change(unit.start + offset, unit.end + offset, unit.best, rule, reason_of(unit, kind),
                  round(unit.confidence, 4), status, applied, None, unit.alternatives)


def rule_of(unit: Unit) -> str:
    """What sort of correction it is."""
    raw = unit.raw.translate(FOLD)
    before, after = len(raw.split()), len(unit.best.split())
    if lower(raw) == lower(unit.best):
        return "case"
    if WORD.findall(raw) == WORD.findall(unit.best):
        return "punctuation"
    if after > before:
        return "fused-words"
    if after < before:
        return "split-word"
    return "real-word" if unit.known else "misread-word"


def reason_of(unit: Unit, kind: str) -> str:
    known = message("a known word") if unit.known else message("in no lexicon")
    return message(f"as read {known}; the correction fits the confusions of {kind} type and its context "
                   f"{unit.margin:.1f} nats better")
