"""What the notes of a document repeat helps to read its misread notes."""
from __future__ import annotations

import pytest

from ocrfix.engine.citations import Citations, collect, fields, page_reference, slices
from ocrfix.engine.features import Cut


def cuts(raw: str, out: str | None = None) -> list[Cut]:
    """A note cut at its spaces; ``out`` is what the path makes of it."""
    units, at = [], 0
    for word, read in zip(raw.split(" "), (out or raw).split(" "), strict=True):
        units.append(Cut(at, at + len(word), word, read))
        at += len(word) + 1
    return units


@pytest.mark.parametrize(("note", "expected"), [
    ("Yerasimos, Türk-Sovyet İlişkileri, s.342", ["Yerasimos", "Türk-Sovyet İlişkileri"]),
    ("(Karabekir, İstiklal Harbimiz, s.882.)", ["Karabekir", "İstiklal Harbimiz"]),
    ("Yerasimos, 'fürk-Jo,!yet tlifki/eri, s.342", ["Yerasimos", "fürk-Jo,!yet tlifki/eri"]),       # specks in a word
    ("F.28, Op.1, D.68, s.12-13", []),                                                             # too short to tell
    ("", []),
])
def test_fields_lie_between_marks_and_figures(note: str, expected: list[str]) -> None:
    assert [note[start:end] for start, end in fields(note)] == expected


def test_what_stands_there_once_is_not_repeated() -> None:
    assert collect([cuts("Yerasimos, s.1"), cuts("Karabekir, s.2")]).counts == ()


def test_fields_that_stand_there_twice_are_collected_with_their_counts() -> None:
    found = collect([cuts("Yerasimos, s.1"), cuts("Karabekir, s.2"), cuts("Yerasimos, s.3")])
    assert found.counts == (("Yerasimos", 2),)


def test_the_spelling_that_the_print_repeats_beats_the_lexicon() -> None:
    """The path reads a listed name where the author has a variant of it, again and again."""
    notes = [cuts("Tengirşek, s.1", "Tengirşenk, s.1"), cuts("Tengirşek, s.2", "Tengirşenk, s.2")]
    assert collect(notes).counts == (("Tengirşek", 2),)


def test_a_rare_field_nearly_like_a_frequent_one_is_a_misreading_of_it() -> None:
    notes = [cuts("Yerasimos, s.1")] * 8 + [cuts("Yerasımos, s.1")] * 2
    assert [text for text, _ in collect(notes).counts] == ["Yerasimos"]


def test_a_misread_field_is_recognised() -> None:
    cited = Citations((("Türk-Sovyet İlişkileri", 5), ("İstiklal Harbimiz", 3)))
    raw = "Yera~imos, Tiirk-So~yet iliıkilni, s.395"
    [match] = cited.like(raw)
    assert match.text == "Türk-Sovyet İlişkileri"
    assert slices(11, 23, raw, match) == "Türk-Sovyet" and slices(24, 34, raw, match) == "İlişkileri,"


def test_what_is_like_two_things_is_like_none() -> None:
    cited = Citations((("Sovyet Rusya Tarihi", 3), ("Sovyet Rusya Tarifi", 3)))
    assert list(cited.like("Sovyet Rusya Tariki, s.2")) == []


def test_a_title_that_the_document_does_not_have_is_left_alone() -> None:
    assert list(Citations((("Türk-Sovyet İlişkileri", 5),)).like("Karabekir, İstiklal Harbimiz, s.882")) == []


@pytest.mark.parametrize(("raw", "expected"), [
    ("5.395", "s.395"), ("8.230-231.", "s.230-231."), ("$.9-15.", "s.9-15."), ("~.32-38;", "s.32-38;"),
    ("593-100", "s.93-100"),                     # 593 to 100 is no stretch of pages, 93 to 100 is
])
def test_the_sign_before_a_page_number_is_restored(raw: str, expected: str) -> None:
    assert page_reference(raw, "s.") == expected


@pytest.mark.parametrize("raw", ["s.597-605;", "429", "1967", "6375", "s.12", "K1.887", "5", "93-100", "1921'de", "",
                                 "s."])
def test_a_number_is_never_guessed(raw: str) -> None:
    assert page_reference(raw, "s.") is None


def test_the_habit_of_the_notes_decides_about_the_sign() -> None:
    notes = [cuts("Smith, A History, pp.12-13"), cuts("Jones, Another, pp.3-4")]
    assert collect(notes).page == "pp."
    assert collect([]).page == "s."
