"""Promises of layout, reflow and calls: what is body and what note, paragraphs whole, calls at their words."""
from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrfix.document import Call, Document, Kind, Status
from ocrfix.errors import InputError
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings
from ocrfix.stages import calls, layout, reflow
from ocrfix.stages._furniture import is_speck
from ocrfix.stages._numbers import Figures
from ocrfix.stages.ingest import read

CASES = Path(__file__).parent / "cases" / "layout"


@functools.cache
def knowledge() -> Knowledge:
    return Knowledge.load()


def laid_out(text: str) -> Document:
    """A text through the three stages, checked after each."""
    document = read(text.encode(), "case.txt")
    for stage in (layout.classify, reflow.join, calls.tie):
        document = stage(document, Settings(), knowledge())
        document.check()
    assert document.restore() == text.encode()
    return document


def markdown(document: Document) -> str:
    """The plainest Markdown of a document."""
    body: list[str] = []
    notes: list[str] = []
    for block in document.printed():
        text = "".join(f"[^{x.label}]" if isinstance(x, Call) else x for x in block.render(document.text)).strip()
        if block.kind is Kind.NOTE:
            notes.append(f"[^{block.label}]: {text}")
        else:
            body.append(f"## {text}" if block.kind is Kind.HEADING else text)
    return "\n\n".join(body + notes) + "\n"


def labels(document: Document) -> list[str | None]:
    return [block.label for block in document.notes()]


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.txt")))
def test_the_page_comes_out_as_the_case_says(name: str) -> None:
    document = laid_out((CASES / f"{name}.txt").read_text(encoding="utf-8"))
    assert markdown(document) == (CASES / f"{name}.md").read_text(encoding="utf-8")


def test_no_word_of_the_notes_is_in_the_body_nor_of_the_body_in_the_notes() -> None:
    text = (CASES / "two-pages.txt").read_text(encoding="utf-8")
    document = laid_out(text)
    notes = " ".join(block.current(document.text) for block in document.notes())
    body = " ".join(block.current(document.text) for block in document.body())
    assert "Yılmaz" in notes and "Yılmaz" not in body
    assert "Bakırcılar" in body and "Bakırcılar" not in notes
    assert sum(len(block.current(document.text).split()) for block in document.printed()) == len(text.split()) - 3


GOLD = Path(__file__).parent / "data" / "article" / "gold"
PRINTED_WORD = re.compile(r"[^\W\d_]{5,}")


def printed(markdown: str) -> tuple[set[str], set[str]]:
    """(words that only the body of a gold page has, words that only its notes have)."""
    sides: tuple[set[str], set[str]] = set(), set()
    for line in re.sub(r"⟦[^⟧]*⟧", " ", markdown).splitlines():
        sides[line.startswith("[^")].update(PRINTED_WORD.findall(line))
    return sides[0] - sides[1], sides[1] - sides[0]


@functools.cache
def article() -> Document:
    document = read((Path(__file__).parents[1] / "raw" / "frunze-gorusmeleri.txt").read_bytes(), "article.txt")
    for stage in (layout.classify, reflow.join, calls.tie):
        document = stage(document, Settings(), knowledge())
    return document


@pytest.mark.parametrize("page", sorted(path.stem for path in GOLD.glob("p*.md")))
def test_no_word_is_on_the_wrong_side_of_the_foot(page: str) -> None:
    document = article()
    body, notes = printed((GOLD / f"{page}.md").read_text(encoding="utf-8"))
    found: tuple[set[str], set[str]] = set(), set()
    for block in document.printed():
        for span in block.spans:
            if document.page_at(span.start).number == int(page[1:]):
                found[block.kind is Kind.NOTE].update(PRINTED_WORD.findall(document.text[span.start:span.end]))
    assert found[0] & body                            # the pages are matched rightly
    assert not found[0] & notes
    assert not found[1] & body


@pytest.mark.parametrize(("read_as", "number"), [
    ("12", 12), ("l2", 12), ("ıı", 11), ("S2", 52), ("7O", 70), ("G0", 60), ("B3", 83)])
def test_a_garbled_number_is_near_the_true_one(read_as: str, number: int) -> None:
    figures = Figures.learned()
    assert figures.likeness(read_as, number) >= 0.5
    assert figures.likelihood(read_as, number) > max(figures.likelihood(read_as, n) for n in (94, 47))


def test_a_garbled_number_between_legible_ones_gets_its_true_value() -> None:
    foot = "\n\n".join(["3 Yılmaz, Eski Çarşılar, s.25.",
                        "i> Demir, Kasaba, İstanbul, 1980, s.7.", "5 Kaya, Irmak, s.31-33."])
    body = ("Kasabanın eski çarşısı, ırmağın iki yakasına kurulmuş dar sokaklardan oluşuyordu ve\n"
            "her sokak bir zanaatın adıyla anılıyordu3. Bakırcılar yukarı uçta çalışırdı. Dericiler\n"
            "ise suyun aktığı aşağı uçta dururdu4. Bu düzen yüzyıllar boyunca sürüp gitmiş ancak\n"
            "demiryolunun gelmesiyle bozulmaya başlamıştır5. Kimse bunun sebebini sormadı ve\n")
    document = laid_out(f"{body}\n{foot}\n")
    assert labels(document) == ["3", "4", "5"]
    assert [x.label for b in document.body() for x in b.render(document.text) if isinstance(x, Call)] == ["3", "4", "5"]


def test_a_note_without_a_call_gets_a_place_to_review() -> None:
    text = (CASES / "two-pages.txt").read_text(encoding="utf-8").replace("kuruldu3.", "kuruldu.")
    document = laid_out(text)
    edits = [edit for block in document.blocks for edit in block.edits if edit.call == "3"]
    assert [edit.status for edit in edits] == [Status.REVIEW]


@pytest.mark.parametrize("text", [
    "1921 yılında 3 Ocak günü 12 kişi geldi.\n", "Mart 1921'de, 16 Mart antlaşması 28 Mart'ta imzalandı.\n"])
def test_dates_are_no_calls(text: str) -> None:
    document = laid_out(text)
    assert not [edit for block in document.blocks for edit in block.edits if edit.call]
    assert markdown(document).strip() == text.strip()


def test_running_heads_are_kept_and_label_the_pages() -> None:
    document = laid_out((CASES / "running-heads.txt").read_text(encoding="utf-8"))
    assert [page.label for page in document.pages] == ["31", "32", "33", "34"]
    assert sum(block.kind is Kind.RUNNING_HEAD for block in document.blocks) == 4


def test_numbers_that_begin_anew_on_each_page_keep_labels_apart() -> None:
    sentences = ["Kasabanın eski çarşısı, ırmağın iki yakasına kurulmuş dar sokaklardan oluşuyordu1. Her",
                 "Hancıların bir bölümü şehre göçmüş, kalanlar ise başka işlere yönelmiş olmalıydı1. Ertesi",
                 "Tüccarlar mallarını artık limandan değil trenden alıyor, hanlar birer birer kapanıyordu1. Yeni",
                 "Belediye her dükkân sahibinden bir katkı payı istedi ve bu pay on yılda ödenip bitti1. Sonra"]
    works = ["Yılmaz, Eski Çarşılar, Ankara, 1971", "Kaya, Irmak, İzmir, 1966",
             "Ersoy, Yollar, Bursa, 1983", "Ak, Han, Sivas, 1990"]
    pages = [f"{sentence}\nsokak bir zanaatın adıyla anılıyor, bakırcılar çarşının yukarı ucunda çalışıyordu2. Eski\n"
             f"düzen yüzyıllar boyunca sürüp gitmiş, demiryolu gelince bozulmaya başlamış ve sonunda\n"
             f"\n1 {works[k]}, s.2{k}.\n\n2 Demir, {works[3 - k]}, s.{k}7-{k}9.\n"
             for k, sentence in enumerate(sentences)]
    found = labels(laid_out("\f".join(pages)))
    assert len(found) == 8 and len(set(found)) == 8


def test_endnotes_are_called_on_the_pages_before() -> None:
    text = (CASES / "endnotes.txt").read_text(encoding="utf-8")
    document = laid_out(text)
    assert labels(document) == ["1", "2", "3"]
    assert "dururdu[^2]. Bu" in markdown(document)


def test_numbers_that_begin_anew_in_a_chapter_keep_labels_apart() -> None:
    sentences = ["Kasabanın eski çarşısı, ırmağın iki yakasına kurulmuş dar sokaklardan oluşuyordu{}. Her\n"
                 "sokak bir zanaatın adıyla anılıyor, bakırcılar çarşının yukarı ucunda çalışıyordu{}. Eski",
                 "Hancıların bir bölümü şehre göçmüş, kalanlar ise başka işlere yönelmiş olmalıydı{}. Ertesi\n"
                 "yıl gelen tüccarlar mallarını artık limandan değil trenden almaya başlamışlardı{}. Yeni",
                 "Belediye her dükkân sahibinden bir katkı payı istedi ve bu pay on yılda ödenip bitti{}. Sonra\n"
                 "taş yapılar yükseldi, sokaklara fenerler dikildi, gece bekçileri dolaşmaya başladı{}. Halk",
                 "Irmağın öte yakasında kalan mahalleler bu düzenden uzun süre yararlanamamıştır{}. Köprü\n"
                 "ancak savaştan sonra yapılmış, açılışına bütün kasaba davullarla katılmıştır{}. Bundan"]
    works = ["Yılmaz, Eski Çarşılar, Ankara, 1971", "Kaya, Irmak, İzmir, 1966", "Ersoy, Yollar, Bursa, 1983",
             "Ak, Han, Sivas, 1990"]
    pages = [f"{sentence.format(n, n + 1)}\n\n{n} {works[k]}, s.2{k}.\n\n{n + 1} Demir, {works[3 - k]}, s.{k}7-{k}9.\n"
             for k, (sentence, n) in enumerate(zip(sentences, (5, 7, 1, 3), strict=True))]
    found = labels(laid_out("\f".join(pages)))
    assert found[:4] == ["5", "6", "7", "8"] and len(set(found)) == 8


def test_columns_read_across_are_reported_and_left_as_they_are() -> None:
    text = (CASES / "columns.txt").read_text(encoding="utf-8")
    document = laid_out(text)
    assert document.messages == ("page 1 looks like two columns read across",)
    assert "".join(block.current(document.text) for block in document.printed()).split() == text.split()


def test_an_initial_is_no_call() -> None:
    text = (CASES / "two-pages.txt").read_text(encoding="utf-8").replace(
        "kuruldu3.", "kuruldu. Bunu G. V. Kaya yazmıştır3.")
    document = laid_out(text)
    assert "G. V. Kaya yazmıştır[^3]." in markdown(document)


def test_english_is_marked() -> None:
    document = laid_out("ABSTRACT\n\n"
                        "Since the beginning the relations of the two countries were full of contradictions and\n"
                        "it was the aim of this study to show that they have not been able to change.\n")
    assert {block.language for block in document.printed()} == {"en"}


def test_specks_are_told_from_ornaments() -> None:
    assert is_speck("> \":~ı .") and not is_speck("* * *") and not is_speck("(imza)")


def test_a_line_of_ten_megabytes_is_a_paragraph() -> None:
    document = laid_out("kelime ve söz " * 750_000)
    assert [block.kind for block in document.printed()] == [Kind.PARAGRAPH]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("aşI1 2.,*\n\f\t-\"”(ı"), min_size=1, max_size=300))
def test_any_text_is_covered_and_restored(text: str) -> None:
    try:
        laid_out(text)
    except InputError:
        return
