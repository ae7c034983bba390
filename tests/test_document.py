"""The document model: changes compose, nothing overlaps, and the input is always there."""
from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import changes_of, documents
from ocrfix.document import (
    DECIDED,
    Block,
    Call,
    Change,
    Document,
    Edit,
    Kind,
    Span,
    Status,
    Step,
    apply_changes,
    current_at,
    settle,
)
from ocrfix.errors import DocumentError
from ocrfix.evaluation.history import replay
from ocrfix.stages import ingest


def block_of(text: str, *spans: tuple[int, int]) -> Block:
    return Block(Kind.PARAGRAPH, tuple(Span(*s) for s in spans) or (Span(0, len(text)),), "test", "test")


def change(start: int, end: int, after: str, *, call: str | None = None, applied: bool = True,
           confidence: float = 1.0) -> Change:
    status = Status.AUTO if applied else Status.REVIEW
    return Change(start, end, after, "rule", "why", confidence, status, applied, call)


def raw_of_pieces(block: Block, text: str) -> str:
    return "".join(text[s.start:s.end] for piece in block.pieces(text) for s in piece.spans)


@settings(max_examples=400)
@given(documents())
def test_pieces_hold_every_character_of_the_input_once(document: Document) -> None:
    for block in document.blocks:
        assert raw_of_pieces(block, document.text) == "".join(document.text[s.start:s.end] for s in block.spans)


@settings(max_examples=400)
@given(documents())
def test_edits_never_overlap_and_stand_in_order(document: Document) -> None:
    document.check()
    for block in document.blocks:
        places = sorted(span for edit in block.edits for span in edit.spans)
        assert all(a.end <= b.start for a, b in pairwise(places))


@settings(max_examples=400)
@given(st.data(), documents(changes=2))
def test_applied_changes_are_what_the_text_becomes(data: st.DataObject, document: Document) -> None:
    for block in document.blocks:
        current = block.current(document.text)
        changes = [c for c in data.draw(changes_of(current)) if c.call is None]
        block = plain(block)
        want, pos = [], 0
        for c in sorted(changes, key=lambda c: (c.start, c.end)):
            if c.applied:
                want += [current[pos:c.start], c.after]
                pos = c.end
        want.append(current[pos:])
        assert apply_changes(block, document.text, changes, "stage").current(document.text) == "".join(want)


def plain(block: Block) -> Block:
    """The block without calls and decisions: changes that meet them are left out, which are other promises."""
    return replace(block, edits=tuple(
        replace(edit, call=None, status=Status.AUTO if edit.status in DECIDED else edit.status)
        for edit in block.edits))


@settings(max_examples=400)
@given(st.data(), documents())
def test_no_later_change_touches_what_a_person_decided(data: st.DataObject, document: Document) -> None:
    for block in document.blocks:
        decided = [edit for edit in block.edits if edit.status in DECIDED]
        changes = data.draw(changes_of(block.current(document.text)))
        later = apply_changes(block, document.text, changes, "stage")
        assert [edit for edit in later.edits if edit.status in DECIDED] == decided or any(
            c.status in DECIDED for c in changes)


@settings(max_examples=400)
@given(st.data(), documents())
def test_what_a_person_decides_stands_and_the_rest_stays(data: st.DataObject, document: Document) -> None:
    for block in document.blocks:
        run = data.draw(st.sampled_from(block.spans))
        start = data.draw(st.integers(run.start, run.end))
        span = Span(start, data.draw(st.integers(start, run.end)))
        now = current_at(block, document.text, [span])
        edit = Edit((span,), "what was printed", (Step("decisions", "edited", "", now, "what was printed", 1.0),), 1.0,
                    Status.EDITED)
        later = settle(block, document.text, edit)
        assert "what was printed" in later.current(document.text)
        assert raw_of_pieces(later, document.text) == raw_of_pieces(block, document.text)
        apart = [e for e in block.edits if e.spans[-1].end < span.start or e.spans[0].start > span.end]
        seams = {offset for s in block.spans for offset in (s.start, s.end)}
        assert all(e in later.edits for e in apart                  # two sides of a seam are one place, as it is read
                   if not (span.start == span.end and e.spans[0].start == e.spans[-1].end and span.start in seams
                           and e.start in seams))


def test_an_edit_that_reaches_beyond_a_decision_is_taken_in() -> None:
    text = "Pafa ilc birlikte"
    block = apply_changes(block_of(text), text, [change(0, 8, "Paşa ile")], "words")
    decided = Edit((Span(5, 8),), "ilk", (Step("decisions", "edited", "", "ile", "ilk", 1.0),), 1.0, Status.EDITED)
    assert current_at(block, text, [Span(5, 8)]) == "ile"
    assert settle(block, text, decided).current(text) == "Paşa ilk birlikte"


@settings(max_examples=400)
@given(documents())
def test_the_steps_of_an_edit_lead_from_raw_to_clean(document: Document) -> None:
    for block in document.blocks:
        for edit in block.edits:
            raw = "".join(document.text[s.start:s.end] for s in edit.spans)
            assert replay(raw, edit.steps, edit.clean) is not None


@settings(max_examples=400)
@given(st.data(), documents())
def test_no_later_change_loses_a_call(data: st.DataObject, document: Document) -> None:
    for block in document.blocks:
        before = [item for item in block.render(document.text) if isinstance(item, Call)]
        changes = [c for c in data.draw(changes_of(block.current(document.text))) if c.call is None]
        after = apply_changes(block, document.text, changes, "stage").render(document.text)
        assert [item for item in after if isinstance(item, Call)] == before


def test_a_change_on_an_edit_keeps_the_history() -> None:
    text = "Pa-\nfa geldi"
    block = apply_changes(block_of(text), text, [change(2, 4, "")], "reflow")
    block = apply_changes(block, text, [change(0, 4, "Paşa")], "words")
    (edit,) = block.edits
    assert (edit.spans, edit.clean) == ((Span(0, 6),), "Paşa")
    assert [(s.stage, s.before, s.after) for s in edit.steps] == [("reflow", "-\n", ""), ("words", "Pafa", "Paşa")]


def test_a_word_divided_by_a_foot_of_notes_is_one_edit_of_two_spans() -> None:
    text = "kara NOTES rr"
    block = apply_changes(block_of(text, (0, 4), (11, 13)), text, [change(0, 6, "kararı")], "words")
    assert block.edits[0].spans == (Span(0, 4), Span(11, 13))
    assert block.current(text) == "kararı"


def test_an_edit_may_reach_over_the_border_of_adjacent_spans() -> None:
    text = "abcdef"
    block = apply_changes(block_of(text, (0, 3), (3, 6)), text, [change(2, 4, "X")], "words")
    assert block.current(text) == "abXef"


def test_an_insertion_behind_the_last_edit_does_not_double_it() -> None:
    text = "ab"
    block = apply_changes(block_of(text), text, [change(0, 2, "AB")], "first")
    block = apply_changes(block, text, [change(0, 1, "x"), change(2, 2, "y")], "second")
    assert block.current(text) == "xBy"


def test_a_proposal_beside_an_applied_edit_takes_nothing_back() -> None:
    text = "kara deniz"
    block = apply_changes(block_of(text), text, [change(0, 1, "K")], "first")
    block = apply_changes(block, text, [change(0, 10, "Karadeniz", applied=False, confidence=0.4)], "words")
    (edit,) = block.edits
    assert block.current(text) == "Kara deniz"
    assert (edit.applied, edit.status, edit.alternatives) == (True, Status.REVIEW, (("Karadeniz", 0.4),))


def test_two_proposals_for_one_place_are_both_kept() -> None:
    text = "soma"
    block = apply_changes(block_of(text), text, [change(0, 4, "sonra", applied=False, confidence=0.4)], "first")
    block = apply_changes(block, text, [change(0, 4, "Soma", applied=False, confidence=0.3)], "second")
    (edit,) = block.edits
    assert block.current(text) == "soma"
    assert (edit.clean, edit.applied, edit.alternatives) == ("sonra", False, (("Soma", 0.3),))


def test_a_change_reaching_across_a_call_is_left_out() -> None:
    text = "vermişti4 ve"
    block = apply_changes(block_of(text), text, [change(8, 9, "", call="4")], "calls")
    block = apply_changes(block, text, [change(6, 11, "x")], "words")
    assert block.render(text) == ["vermişti", "", Call("4"), " ve"]


def test_a_word_before_its_call_is_corrected_and_keeps_the_call() -> None:
    text = "vermiştı4 ve"
    block = apply_changes(block_of(text), text, [change(8, 9, "", call="4")], "calls")
    block = apply_changes(block, text, [change(0, 8, "vermişti")], "words")
    assert block.render(text) == ["vermişti", "", Call("4"), " ve"]


def test_a_change_of_nothing_is_no_edit() -> None:
    assert apply_changes(block_of("abc"), "abc", [change(0, 2, "ab")], "words").edits == ()


@pytest.mark.parametrize("changes", [[change(0, 2, "x"), change(1, 3, "y")], [change(2, 9, "x")], [change(-1, 1, "x")],
                                     [change(2, 1, "x")]])
def test_impossible_changes_are_refused(changes: list[Change]) -> None:
    with pytest.raises(DocumentError):
        apply_changes(block_of("abc"), "abc", changes, "stage")


def test_a_document_with_a_gap_or_an_overlap_does_not_pass() -> None:
    document = ingest.read(b"bir iki", "x")
    for spans in ([(0, 3)], [(0, 3), (2, 7)], [(0, 3), (4, 7)]):
        with pytest.raises(DocumentError):
            document.with_blocks([block_of("", span) for span in spans]).check()


def test_pages_and_lines_count_from_one() -> None:
    document = ingest.read("bir\niki\n\füç\ndört".encode(), "x")
    assert [document.position(document.text.index(word)) for word in ("bir", "iki", "üç", "dört")] == [
        (1, 1), (1, 2), (2, 1), (2, 2)]
