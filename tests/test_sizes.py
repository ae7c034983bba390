"""The size of the type, where an input has geometry, tells notes and headings from the body."""
from __future__ import annotations

import pytest

from ocrfix.document import Document, Kind
from ocrfix.knowledge import Knowledge
from ocrfix.pipeline import Pipeline
from ocrfix.stages import ingest
from ocrfix.stages._sizes import relative_sizes

BODY = ["Ordu bu kararın ardından geri çekildi ve yeni bir cephe kurdu, ama",
        "düşman da boş durmadı ve bütün kış boyunca hazırlandı. Baharda iki",
        "taraf yeniden karşı karşıya geldi ve savaş yeniden başladı. Hükümet",
        "ise bu sırada başka işlerle uğraşıyordu ve cepheye pek az yardım",
        "gönderebildi. Halk yorgundu, tarlalar boş kalmıştı ve kimse savaşın",
        "ne zaman biteceğini bilmiyordu. Yine de umut kesilmedi ve her köyden",
        "gönüllüler geldi, her şehirden yardım toplandı. Yaz başında durum",
        "değişti ve ordu ilk büyük zaferini kazandı; haber her yere yayıldı."]
NOTE = ["l Bu konuda o günlerin gazetelerinde pek çok yazı çıkmıştır ve bunların", "hepsi aynı şeyi söyler."]


def hocr(*lines: tuple[str, int]) -> Document:
    """A page of lines with the width of a letter in each; an empty line begins a paragraph."""
    out = []
    for row, (line, letter) in enumerate(lines):
        if not line:
            out.append("</p><p class='ocr_par'>")
            continue
        x, y = 100, 100 + 40 * row
        out.append(f"<span class='ocr_line' title='bbox 100 {y} 2000 {y + 30}'>")
        for word in line.split():
            right = x + len(word) * letter
            out.append(f"<span class='ocrx_word' title='bbox {x} {y} {right} {y + 30}'>{word}</span>")
            x = right + 10
        out.append("</span>")
    return ingest.read(f"<html><div class='ocr_page'><p class='ocr_par'>{''.join(out)}</p></div></html>".encode(), "x")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


def kinds(document: Document, knowledge: Knowledge) -> list[tuple[Kind, str]]:
    laid_out = Pipeline().without("words").run(document, None, knowledge)
    return [(block.kind, document.text[block.start:block.start + 10]) for block in laid_out.printed()]


def test_a_foot_without_a_gap_or_a_legible_number_is_known_by_its_smaller_type(knowledge: Knowledge) -> None:
    same = hocr(*((line, 20) for line in BODY + NOTE))
    smaller = hocr(*((line, 20) for line in BODY), *((line, 16) for line in NOTE))
    assert kinds(same, knowledge) == [(Kind.PARAGRAPH, "Ordu bu ka")]
    assert kinds(smaller, knowledge) == [(Kind.PARAGRAPH, "Ordu bu ka"), (Kind.NOTE, "l Bu konud")]


def test_a_heading_in_sentence_case_is_known_by_its_larger_type(knowledge: Knowledge) -> None:
    lines = [*((line, 20) for line in BODY), ("", 0), ("Yeni bir dönem", 25), ("", 0), *((line, 20) for line in BODY)]
    assert (Kind.HEADING, "Yeni bir d") in kinds(hocr(*lines), knowledge)
    assert (Kind.HEADING, "Yeni bir d") not in kinds(hocr(*((line, 20) for line, _ in lines)), knowledge)


def test_sizes_are_those_beside_the_body_of_the_page() -> None:
    document = hocr(*((line, 20) for line in BODY), *((line, 16) for line in NOTE))
    sizes = list(relative_sizes(document).values())
    assert all(0.93 < size < 1.07 for size in sizes[:8]) and all(0.74 < size < 0.86 for size in sizes[8:])


def test_a_page_of_few_lines_and_plain_text_say_nothing_of_sizes() -> None:
    assert relative_sizes(hocr(*((line, 20) for line in BODY[:3]))) == {}
    assert relative_sizes(ingest.read("\n".join(BODY).encode(), "x.txt")) == {}
