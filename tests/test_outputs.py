"""The outputs: what stands in them, and that programs read back what was written."""
from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings

import ocrfix
from conftest import NASTY, documents
from ocrfix.document import Block, Change, Document, Kind, Page, Span, Status, apply_changes
from ocrfix.outputs.corrections import COLUMNS, corrections, corrections_csv
from ocrfix.outputs.text import clean_md, clean_txt, escape
from ocrfix.stages import ingest
from synthetic import Maker, change


def read_back(data: bytes) -> pd.DataFrame:
    """The call that the README shows."""
    return pd.read_csv(io.BytesIO(data), dtype=ocrfix.DTYPES, keep_default_na=False, encoding_errors="surrogatepass")


def laid_out(*parts: tuple[Kind, str, str | None]) -> Document:
    """A document whose blocks have these kinds, texts and labels, one blank line apart."""
    text = "\n\n".join(part for _, part, _ in parts)
    document = ingest.read(text.encode(), "x.txt")
    blocks, at = [], 0
    for kind, part, label in parts:
        blocks.append(Block(kind, (Span(at, at + len(part)),), "test", "test", label=label))
        at += len(part)
        if at < len(text):
            blocks.append(Block(Kind.BLANK, (Span(at, at + 2),), "test", "test"))
        at += 2
    return document.with_blocks(blocks)


def with_calls(document: Document, *places: tuple[str, str]) -> Document:
    """The document with the number behind each of these words turned into a call of the label."""
    blocks = list(document.blocks)
    for word, label in places:
        for i, block in enumerate(blocks):
            at = block.current(document.text).find(word)
            if at >= 0:
                end = at + len(word)
                change = Change(end, end + len(label), "", "call", "", call=label)
                blocks[i] = apply_changes(block, document.text, [change], "calls")
    return document.with_blocks(blocks)


ARTICLE = with_calls(laid_out(
    (Kind.HEADING, "Giriş", None), (Kind.PARAGRAPH, "Birinci cümle1 burada. Son2", None),
    (Kind.RUNNING_HEAD, "DERGİ 7", None), (Kind.NOTE, "Bkz. s. 5.", "1"),
    (Kind.PARAGRAPH, "İkinci paragraf.", None), (Kind.NOTE, "Aynı eser.", "2"),
    (Kind.NOTE, "Yazarın notu.", "*")), ("cümle", "1"), ("Son", "2"))


def test_clean_txt_is_the_body_and_then_the_notes() -> None:
    assert clean_txt(ARTICLE) == ("Giriş\n\nBirinci cümle burada. Son\n\nİkinci paragraf.\n\n* * *\n\n1. Bkz. s. 5.\n\n"
                                  "2. Aynı eser.\n\n*. Yazarın notu.\n")


def test_clean_md_has_headings_calls_and_notes() -> None:
    assert clean_md(ARTICLE) == ("## Giriş\n\nBirinci cümle[^1] burada. Son[^2]\n\nİkinci paragraf.\n\n"
                                 "[^1]: Bkz. s. 5.\n\n[^2]: Aynı eser.\n\n[^*]: Yazarın notu.\n")


def test_page_marks_stand_between_paragraphs_and_between_words() -> None:
    maker = Maker()
    maker.page()
    maker.block(Kind.HEADING, "Giriş")
    maker.block(Kind.PARAGRAPH, "Çarşı ırmağın iki yaka", change("-\n", "", "reflow"), "sında kurulmuştu",
                change("4", "", call="4"), ". Sonra kapandı.")
    maker.block(Kind.NOTE, "Kaya, Irmak, s.3.", label="4")
    document = maker.document()
    cut = document.text.index("sında")
    pages = (Page(1, Span(0, cut), "103"), Page(2, Span(cut, len(document.text) - 1)),
             Page(3, Span(len(document.text) - 1, len(document.text))))
    document = replace(document, pages=pages)
    marked = clean_md(document, page_marks=True)
    assert marked == ("<!-- page 103 -->\n\n## Giriş\n\nÇarşı ırmağın iki yakasında <!-- page 2 --> kurulmuştu[^4]. "
                      "Sonra kapandı.\n\n[^4]: Kaya, Irmak, s.3.\n")
    assert re.sub(r"<!-- page \d+ -->(?:\n\n| )", "", marked) == clean_md(document)


@settings(max_examples=200)
@given(documents())
def test_page_marks_take_nothing_from_the_text(document: Document) -> None:
    marked = clean_md(document, page_marks=True)
    bare = re.sub(r"<!-- page [^>]* -->", "", marked)
    assert bare.split() == clean_md(document).split()
    assert marked.count("<!-- page ") <= len(document.pages) + document.text.count("<!-- page ")


def test_labels_that_return_come_out_unique_with_their_calls() -> None:
    document = with_calls(laid_out(
        (Kind.PARAGRAPH, "bir1", None), (Kind.NOTE, "ilk", "1"), (Kind.PARAGRAPH, "iki1", None),
        (Kind.NOTE, "öbür", "1"), (Kind.NOTE, "adsız", None), (Kind.NOTE, "takma", "1-2")), ("bir", "1"), ("iki", "1"))
    assert re.findall(r"\[\^([^]]+)\](?!:)", clean_md(document)) == ["1", "1-3"]
    assert re.findall(r"\[\^([^]]+)\]:", clean_md(document)) == ["1", "1-3", "n1", "1-2"]


def test_a_call_and_a_colon_at_a_paragraphs_start_are_not_the_note() -> None:
    document = laid_out((Kind.PARAGRAPH, "1: eski", None), (Kind.NOTE, "ilk", "1"))
    block = document.blocks[0]
    called = apply_changes(block, document.text, [Change(0, 1, "", "call", "", call="1")], "calls")
    document = document.with_blocks([called, *document.blocks[1:]])
    assert clean_md(document) == "[^1]\\: eski\n\n[^1]: ilk\n"


@settings(max_examples=200)
@given(documents())
def test_labels_of_notes_are_unique(document: Document) -> None:
    labels = re.findall(r"(?m)^\[\^([^]\n]+)\]:", clean_md(document))
    assert len(labels) == len(set(labels)) == sum(1 for _ in document.notes())


PLAIN = ["anla~ma ve oluştu", "16 Mart 1921'de", "A. Rıza", "p. 5 bak", "5 * 3 = 15", "a_b", "F.28, Op.1", "[Fotoğraf]",
         "1921'de (bkz. s. 5)", "100$", "#1", "C&A", "x < y > z", "ad@", "Mecml<clJl, Ci",
         "MI!<trodnqy Politik, Moskova", "<a. b>", "</clJl,", "<!x", "<?", "<ı 1>", "2<a, b='c'>", "<a:b c, <d@ e"]


@pytest.mark.parametrize("plain", PLAIN)
def test_what_pandoc_reads_as_text_gets_no_backslash(plain: str) -> None:
    assert escape(plain) == plain


MARKUP = ["1. Ordu", "a) madde", "(a) madde", "II. Dünya", "# baş", "> alıntı", "- madde", "*vurgu*", "a _vurgu_ b",
          "H~2~O", "~~üstü çizili~~", "x^2^", "^[not]", "[^1]", "[ad](yer)", "[ad]{.s}", "<b>kalın</b>", "&amp;",
          "@anahtar", "$x$", "`kod`", "l\\ntlaşma", "---", "***", "::: kutu", "| satır", "```", "<https://a.b>",
          "iv) madde", "(@) örnek", "#. madde", "[açık", "[x [y](z) w]", "<img src=x", "<p title='<b>'>",
          "</div", "<1@b.c>", "<ışık>", "<a b", "<a b=c", "<a b='c", "<a b=\"<c>\">", "<a b=<c>", "<a b =>",
          "<a b=x<c>", "<a/b/c=d />", "<a:b", "</?", "<?a", "<!-- not", "<a b='x' c=\"y", "<mailto:a@b.c>", "<x:a<>"]


@pytest.mark.parametrize("markup", MARKUP)
def test_what_pandoc_would_read_as_markup_is_escaped(markup: str) -> None:
    escaped = escape(markup)
    assert "\\" in escaped
    assert re.sub(r"\\(.)", r"\1", escaped) == markup


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc, which judges the escapes, is not installed")
def test_pandoc_reads_the_escaped_text_as_plain_text() -> None:
    paragraphs = [*MARKUP, *PLAIN, "[^1] [^1]", "*a _b* c_", "~a~~b~", "kapalı]", "son >"]      # which ends a tag
    source = "\n\n".join(map(escape, paragraphs))
    command = ["pandoc", "-f", "markdown-smart", "-t", "json"]
    done = subprocess.run(command, input=source.encode(), capture_output=True, check=True)
    blocks = json.loads(done.stdout)["blocks"]
    assert {block["t"] for block in blocks} == {"Para"}
    assert {item["t"] for block in blocks for item in block["c"]} <= {"Str", "Space"}
    assert len(blocks) == len(paragraphs)


@settings(max_examples=200)
@given(documents())
def test_the_table_reads_back_as_it_was(document: Document) -> None:
    table = corrections(document)
    assert list(table.columns) == list(COLUMNS)
    pd.testing.assert_frame_equal(read_back(corrections_csv(document)), table)


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_text_reads_back_as_it_was(text: str) -> None:
    raw = text.encode("utf-8", "surrogateescape") or b"x"
    document = ingest.read("ğ ".encode() + raw + " son ş".encode(), "x")
    end = len(document.text) - 6
    change = Change(2, end, text + "!", "rule", "why", 0.1234, Status.REVIEW, True, alternatives=((text, 0.5),))
    block = Block(Kind.PARAGRAPH, (Span(0, len(document.text)),), "test", "test")
    document = document.with_blocks([apply_changes(block, document.text, [change], "words")])
    (row,) = read_back(corrections_csv(document)).to_dict("records")
    assert (row["raw"], row["clean"], row["id"], row["applied"]) == (document.text[2:end], text + "!", "c-1", True)
    assert json.loads(row["alternatives"])[0] == [text, 0.5]


def test_every_confidence_reads_back_as_it_was() -> None:
    table = pd.DataFrame({"confidence": [k / 10000 for k in range(10001)]})
    back = pd.read_csv(io.StringIO("confidence\n" + "\n".join(map(str, table.confidence)) + "\n"))
    pd.testing.assert_frame_equal(back, table, check_exact=True)


def test_a_loaded_document_has_the_same_corrections(tmp_path: Path) -> None:
    ocrfix.Document(ARTICLE).save(tmp_path)
    loaded = ocrfix.load(tmp_path / "document.json")
    pd.testing.assert_frame_equal(loaded.corrections(), corrections(ARTICLE))
    pd.testing.assert_frame_equal(read_back((tmp_path / "corrections.csv").read_bytes()), corrections(ARTICLE))
    assert loaded.text == (tmp_path / "clean.txt").read_text("utf-8")
    assert loaded.markdown() == (tmp_path / "clean.md").read_text("utf-8")
    assert list(loaded.corrections().raw) == ["1", "2"]


def test_before_and_after_are_the_clean_text_around() -> None:
    first = corrections(ARTICLE).iloc[0]
    assert (first.before, first.after, first.page, first.line) == ("Birinci cümle", " burada. Son", 1, 3)
