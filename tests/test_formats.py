"""The formats of ``--to``: they are valid, and reading them back gives the clean text."""
from __future__ import annotations

import io
import json
import lzma
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import conllu as conllu_reader
import pandas as pd
import pyarrow.json
import pyarrow.parquet
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from lxml import etree, html

import ocrfix
from conftest import ROOT, documents
from ocrfix.cli import main, run
from ocrfix.document import Document, Kind, Page, Span, Status
from ocrfix.errors import UsageError
from ocrfix.outputs.formats import CORPUS, DOCUMENT, DocumentFormat, pandoc, written
from ocrfix.outputs.formats.corpus import COLUMNS, Row, rows, write_jsonl, write_parquet
from ocrfix.outputs.formats.reading import printable
from ocrfix.outputs.text import clean_txt
from synthetic import Maker, change

TEI = "{http://www.tei-c.org/ns/1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
HOSTILE = ["<script>alert(1)</script>", "]]>", "a & b &amp; c", "\x01\x08", "\udce4", "[^1]", "<!-- x -->", "## başlık",
           "\u2028", "\ufffe", "*a* _b_ $c$", "1.\tmadde", "{{x}}", "# text = x", "\"'`", "a\xa0b", "_", "a|b=c"]


def article() -> Document:
    """Two pages: headings, a paragraph that goes over the page within a word, notes with and without calls, verse."""
    maker = Maker()
    maker.page()
    maker.block(Kind.RUNNING_HEAD, "DERGİ")
    maker.block(Kind.HEADING, "Giriş")
    maker.block(Kind.PARAGRAPH, "Çarşı ", change("ırmagın", "ırmağın", confidence=0.93), " iki yaka",
                change("-\n", "", "reflow"), "sında ", change("kurulmuslu", "kurulmuştu", status=Status.EDITED),
                change("4", "", call="4"), ". ", change("Sorna", "Sonra", applied=False), " kapandı",
                change("5", "", call="5"), ".", change("4", "", call="4"))
    maker.block(Kind.NOTE, change("4. ", ""), "Kaya, ", change("lrmak", "Irmak"), ", s. 3.", label="4")
    maker.block(Kind.NOTE, "Çağrısız.", label="9")
    maker.block(Kind.PAGE_NUMBER, "103")
    maker.block(Kind.HEADING, "Son")
    maker.block(Kind.LINES, "Bir mısra\nöbür mısra")
    maker.block(Kind.CAPTION, "Resim 1. Köprü")
    document = maker.document("köprü.txt")
    cut = document.text.index("sında")
    return replace(document, pages=(Page(1, Span(0, cut), "102"), Page(2, Span(cut, len(document.text)))))


def hostile() -> Document:
    """What would be markup, or is forbidden, in every place that a text can have."""
    maker = Maker()
    for i, text in enumerate(HOSTILE):
        safe = text.replace("\udce4", "ä")
        maker.block([Kind.HEADING, Kind.PARAGRAPH, Kind.LINES, Kind.RUNNING_HEAD][i % 4], f"w{i} ", safe,
                    change(safe, text + "x"), change("1", "", call=str(i)))
        maker.block(Kind.NOTE, safe, change(safe, "n " + text), label=str(i) if i % 3 else safe)
    return maker.document("<a> & \"b\" \x01.txt")


ARTICLE, ATTACK = article(), hostile()
BY_HAND = [pytest.param(ARTICLE, id="article"), pytest.param(ATTACK, id="hostile")]


def words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def clean_words(document: Document) -> list[str]:
    """The words of ``clean.txt`` in characters that XML allows."""
    return words(printable(clean_txt(document)))


def as_clean_txt(body: Iterable[str], notes: Iterable[str]) -> list[str]:
    """The words of body and notes as they stand in ``clean.txt``; a note begins with its label and a dot."""
    found = list(notes)
    return words("\n".join([*body, *(["* * *", *found] if found else [])]))


def body_and_notes(document: Document) -> tuple[list[str], list[list[str]]]:
    """The words of the body, and those of each note, sorted."""
    def text(kind: bool) -> Iterator[str]:
        return (printable(block.current(document.text)) for block in document.printed()
                if (block.kind is Kind.NOTE) == kind)
    return words("\n".join(text(False))), sorted(words(note) for note in text(True))


# TEI ----------------------------------------------------------------------------------------------------------------

@cache
def schema() -> etree.RelaxNG:
    path = ROOT / "tests" / "data" / "tei" / "tei_all.rng.xz"
    return etree.RelaxNG(etree.fromstring(lzma.decompress(path.read_bytes())))


def valid_tei(document: Document) -> etree._Element:
    root = etree.fromstring(written(document, "tei"))
    assert schema().validate(root), schema().error_log
    names = root.xpath("//@xml:id")
    assert len(names) == len(set(names))
    pointers = {p.removeprefix("#") for p in [*root.xpath("//@target"), *root.xpath("//@resp")]}
    assert pointers <= set(names)
    return root


def tei_text(element: etree._Element) -> str:
    """The corrected text of an element, without notes, their calls and what was printed around the text."""
    out = [element.text or ""]
    for child in element:
        left_out = child.tag in (TEI + "note", TEI + "sic", TEI + "fw") or child.get("type") == "noteCall"
        out += ["" if left_out else tei_text(child), child.tail or ""]
    return "".join(out)


def tei_as_clean_txt(root: etree._Element) -> list[str]:
    body = [tei_text(block) for block in root.iter(TEI + "p", TEI + "head", TEI + "ab")
            if block.xpath("ancestor::*[local-name()='body']")]
    notes = sorted(root.iter(TEI + "note"), key=lambda note: int(note.get(XML_ID).removeprefix("note-")))
    return as_clean_txt(body, [f"{note.get('n')}. {tei_text(note)}" for note in notes])


@pytest.mark.parametrize("document", BY_HAND)
def test_tei_is_valid_and_reads_back_as_the_clean_text(document: Document) -> None:
    assert tei_as_clean_txt(valid_tei(document)) == clean_words(document)


@settings(max_examples=150)
@given(documents())
def test_tei_of_any_document_is_valid_and_reads_back(document: Document) -> None:
    assert tei_as_clean_txt(valid_tei(document)) == clean_words(document)


def test_the_schema_finds_what_is_wrong() -> None:
    root = etree.fromstring(written(ARTICLE, "tei").replace(b"<corr ", b"<corr wrong='1' "))
    assert not schema().validate(root)


def test_tei_marks_corrections_pages_and_notes() -> None:
    text = written(ARTICLE, "tei").decode()
    body = text[text.index("<body>") + 6:text.index("</body>")]
    assert body == """<div>
<pb n="102" />
<fw type="header">DERGİ</fw>
<head>Giriş</head>
<p>Çarşı <choice><sic>ırmagın</sic><corr resp="#ocrfix" cert="0.93" type="auto">ırmağın</corr></choice> iki yaka\
<pb n="2" break="no" />sında <choice><sic>kurulmuslu</sic>\
<corr resp="#reviewer" cert="0.97" type="edited">kurulmuştu</corr></choice>\
<note xml:id="note-1" n="4" place="foot">Kaya, <choice><sic>lrmak</sic>\
<corr resp="#ocrfix" cert="0.97" type="auto">Irmak</corr></choice>, s. 3.</note>. Sorna kapandı\
<ref type="noteCall">5</ref>.<ref type="noteCall" target="#note-1">4</ref></p>
<note xml:id="note-2" n="9" place="foot">Çağrısız.</note>
</div>
<div>
<fw type="pageNum">103</fw>
<head>Son</head>
<ab type="lines">Bir mısra<lb />
öbür mısra</ab>
<ab type="caption">Resim 1. Köprü</ab>
</div>
"""


def test_divisions_lie_in_one_another_by_the_level_of_their_headings() -> None:
    maker = Maker()
    for text in ("Birinci", "Alt", "İkinci"):
        maker.block(Kind.HEADING, text)
        maker.block(Kind.PARAGRAPH, text + " metin.")
    document = maker.document()
    blocks = [replace(block, level=3) if i == 4 else block for i, block in enumerate(document.blocks)]
    root = valid_tei(document.with_blocks(blocks))
    assert [len(head.xpath("ancestor::*[local-name()='div']")) for head in root.iter(TEI + "head")] == [1, 2, 1]


# HTML, Word, EPUB ---------------------------------------------------------------------------------------------------

def html_text(roots: Iterable[html.HtmlElement]) -> tuple[list[str], list[list[str]]]:
    """Words of the body and of each note; those behind the rule at the end are notes too, with their labels."""
    body, notes = [], []
    for root in roots:
        for call in root.xpath(".//a[starts-with(@class, 'footnote-')] | .//sup | .//h1[@class='unnumbered']"):
            call.drop_tree()
        for section in root.xpath(".//*[contains(@class, 'footnotes')]"):
            notes += [words(note.text_content()) for note in section.xpath(".//li | .//aside")
                      if not note.xpath(".//li | .//aside")]
            section.drop_tree()
        for rule in root.xpath(".//hr[last()]"):
            behind = rule.xpath("following-sibling::*")
            notes += [words(note.text_content())[1:] for note in behind]
            for note in behind:
                note.drop_tree()
        body.append(root.text_content())
    return words("\n".join(body)), sorted(notes)


def read_html(data: bytes) -> tuple[list[str], list[list[str]]]:
    return html_text([html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8")).body])


def read_epub(data: bytes) -> tuple[list[str], list[list[str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = sorted(name for name in archive.namelist() if re.search(r"ch\d+\.xhtml$", name))
        for name in archive.namelist():
            if name.endswith((".xhtml", ".opf", ".ncx", ".xml")):
                etree.fromstring(archive.read(name))
        roots = [html.document_fromstring(archive.read(name), parser=html.HTMLParser(encoding="utf-8")).body
                 for name in names]
    return html_text(roots)


def read_docx(data: bytes) -> tuple[list[str], list[list[str]]]:
    """What pandoc reads: it makes notes of footnotes."""
    tree = json.loads(subprocess.run([pandoc.program(), "-f", "docx", "-t", "json"], input=data, capture_output=True,
                                     check=True).stdout)
    notes: list[list[str]] = []
    blocks = tree["blocks"]
    rules = [i for i, block in enumerate(blocks) if block["t"] == "HorizontalRule"]
    if rules:
        notes += [words(ast_text(block, notes))[1:] for block in blocks[rules[-1] + 1:]]
        blocks = blocks[:rules[-1]]
    return words("\n".join(ast_text(block, notes) for block in blocks)), sorted(notes)


def ast_text(node: object, notes: list[list[str]]) -> str:
    """The text of a node of pandoc's tree; notes go to the list."""
    if isinstance(node, list):
        return "".join(ast_text(child, notes) for child in node)
    if not isinstance(node, dict):
        return ""
    if node["t"] in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if node["t"] == "Str":
        return str(node["c"])
    if node["t"] == "Note":
        notes.append(words(ast_text(node["c"], notes)))
    if node["t"] in ("Note", "Superscript"):
        return ""
    return ast_text(node.get("c"), notes) + ("\n" if node["t"] in ("Para", "Plain", "Header") else "")


READERS: dict[str, Callable[[bytes], tuple[list[str], list[list[str]]]]] = {
    "html": read_html, "docx": read_docx, "epub": read_epub}


@pytest.mark.parametrize("document", BY_HAND)
@pytest.mark.parametrize("name", READERS)
def test_what_pandoc_writes_reads_back_as_the_clean_text(name: str, document: Document) -> None:
    assert READERS[name](written(document, name)) == body_and_notes(document)


@pytest.mark.parametrize("name", READERS)
def test_what_pandoc_writes_of_any_document_reads_back(name: str) -> None:
    @settings(max_examples=12)
    @given(documents())
    def check(document: Document) -> None:
        assert READERS[name](written(document, name)) == body_and_notes(document)

    check()


def test_footnotes_are_real_and_the_metadata_stand() -> None:
    page = html.document_fromstring(written(ARTICLE, "html"))
    assert page.get("lang") == "tr" and page.findtext(".//title") == "köprü"
    assert len(page.xpath("//a[@class='footnote-ref']")) == 1
    assert [mark.get("title") for mark in page.xpath("//span[@role='doc-pagebreak']")] == ["102", "2"]
    with zipfile.ZipFile(io.BytesIO(written(ARTICLE, "epub"))) as book:
        assert b"doc-pagebreak" not in book.read("EPUB/nav.xhtml")
        assert b"K\xc3\xb6pr" in book.read("EPUB/text/ch002.xhtml")
    with zipfile.ZipFile(io.BytesIO(written(ARTICLE, "docx"))) as word:
        assert "Kaya" in word.read("word/footnotes.xml").decode()
        assert "<dc:title>köprü</dc:title>" in word.read("docProps/core.xml").decode()


def test_what_has_no_boxes_cannot_be_written_back_in_its_own_format() -> None:
    with pytest.raises(UsageError, match="cannot be written as same"):
        written(ARTICLE, "same")


@pytest.mark.parametrize("name", [*(name for name in DOCUMENT if name != "same"), *CORPUS])
def test_the_same_document_gives_the_same_bytes(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(ARTICLE, name)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert written(article(), name) == first


def test_without_pandoc_the_command_says_what_to_do_before_any_work(tmp_path: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Bir cümle.")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pandoc, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    pandoc.program.cache_clear()
    pandoc._api_version.cache_clear()
    try:
        done = CliRunner().invoke(main, ["run", "a.txt", "--to", "docx"])
    finally:
        pandoc.program.cache_clear()
        pandoc._api_version.cache_clear()
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1 and "pip install 'ocrfix[pandoc]'" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


# The corpus ---------------------------------------------------------------------------------------------------------

def as_jsonl(table: Iterable[Row]) -> bytes:
    file = io.BytesIO()
    write_jsonl(table, file)
    return file.getvalue()


@settings(max_examples=150)
@given(documents())
def test_the_rows_are_the_printed_blocks(document: Document) -> None:
    table = list(rows(document, "x"))
    assert as_clean_txt((row.text for row in table if row.kind != Kind.NOTE),
                        (f"{row.label}. {row.text}" for row in table if row.kind == Kind.NOTE)) == words(
                            clean_txt(document))
    data = as_jsonl(table)
    assert len(data.decode().splitlines()) == len(table)
    assert [Row(**json.loads(line)) for line in data.splitlines()] == table


@pytest.mark.parametrize("document", BY_HAND)
def test_pandas_and_arrow_read_the_rows_as_they_are(document: Document, tmp_path: Path) -> None:
    table = list(rows(document, "NA"))
    as_json = pyarrow.json.read_json(io.BytesIO(as_jsonl(table)))
    assert as_json.column_names == list(COLUMNS)
    assert [Row(**row) for row in as_json.to_pylist()] == table
    as_frame = pd.read_json(io.BytesIO(as_jsonl(table)), lines=True,
                            dtype={"document": str, "label": str, "text": str, "raw": str})
    assert [tuple(row) for row in as_frame[["document", "label", "text", "raw"]].itertuples(index=False)] == [
        (row.document, row.label, row.text, row.raw) for row in table]
    with (tmp_path / "corpus.parquet").open("wb") as file:
        write_parquet(table, file)
    frame = pd.read_parquet(tmp_path / "corpus.parquet")
    assert list(frame.columns) == list(COLUMNS) and len(frame) == len(table)
    assert list(frame.text) == [row.text for row in table] and list(frame.raw) == [row.raw for row in table]
    assert list(frame.page) == [row.page for row in table]


def test_a_row_says_where_its_text_is_from_and_how_sure_it_is() -> None:
    document = replace(ARTICLE, statistics=(("noise ", 0.1),))
    row = next(row for row in rows(document, "köprü") if row.kind == "note")
    assert (row.document, row.block, row.page, row.label, row.text, row.raw, row.language) == (
        "köprü", 3, 2, "4", "Kaya, Irmak, s. 3.", "4. Kaya, lrmak, s. 3.", "tr")
    assert row.error_rate_estimate == pytest.approx((0.03 + 0.03 + 4 * 0.05 * 0.1) / 4, abs=1e-4)
    assert next(rows(ARTICLE, "köprü")).error_rate_estimate is None


def test_parquet_is_written_as_the_rows_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrfix.outputs.formats.corpus.GROUP", 2)
    table = list(rows(ARTICLE, "x"))
    file = io.BytesIO()
    write_parquet(iter(table), file)
    assert pyarrow.parquet.ParquetFile(file).num_row_groups == (len(table) + 1) // 2
    assert pyarrow.parquet.read_table(file).column("block").to_pylist() == [row.block for row in table]


def test_an_empty_corpus_has_its_columns() -> None:
    file = io.BytesIO()
    write_parquet([], file)
    assert pyarrow.parquet.read_table(file).column_names == list(COLUMNS)
    assert as_jsonl([]) == b""


# CoNLL-U ------------------------------------------------------------------------------------------------------------

def conllu_as_clean_txt(data: bytes) -> list[str]:
    """Reads the tokens with the package ``conllu`` and puts their text together."""
    body: list[str] = []
    notes: list[str] = []
    kind = label = ""
    names = set()
    for sentence in conllu_reader.parse(data.decode()):
        new = "newpar id" in sentence.metadata
        if new:
            kind, label = sentence.metadata["kind"], sentence.metadata.get("note") or ""
        assert [token["id"] for token in sentence] == list(range(1, len(sentence) + 1))
        names.add(sentence.metadata["sent_id"])
        text = "".join(token["form"] + space_behind(token["misc"]) for token in sentence)
        assert text.split() == sentence.metadata["text"].split()
        target = notes if kind == Kind.NOTE else body
        if new:
            target.append(f"{label}. " if kind == Kind.NOTE else "")
        target[-1] += text
    assert len(names) == data.count(b"# sent_id = ")
    return as_clean_txt(body, notes)


def space_behind(misc: dict[str, str] | None) -> str:
    if misc is None:
        return " "
    if "SpacesAfter" in misc:
        return misc["SpacesAfter"].replace("\\s", " ").replace("\\n", "\n")
    assert misc == {"SpaceAfter": "No"}
    return ""


def without_empty_notes(document: Document) -> Document:
    """CoNLL-U has no sentence without a token."""
    return document.with_blocks(
        block if block.kind is not Kind.NOTE or printable(block.current(document.text)).strip()
        else replace(block, kind=Kind.BLANK) for block in document.blocks)


@pytest.mark.parametrize("document", BY_HAND)
def test_conllu_reads_back_as_the_clean_text(document: Document) -> None:
    assert conllu_as_clean_txt(written(document, "conllu")) == clean_words(document)


@settings(max_examples=200)
@given(documents().map(without_empty_notes))
def test_conllu_of_any_document_reads_back(document: Document) -> None:
    data = written(document, "conllu")
    assert conllu_as_clean_txt(data) == clean_words(document)
    for line in data.decode().split("\n"):
        assert not line or line.startswith("# ") or len(line.split("\t")) == 10


def test_conllu_has_one_sentence_after_the_other() -> None:
    data = written(ARTICLE, "conllu").decode()
    assert "\n".join(data.split("\n")[:26]) == """\
# newdoc id = köprü
# title = köprü
# newpar id = köprü-1
# kind = heading
# page = 1
# sent_id = köprü-1-1
# text = Giriş
1\tGiriş\t_\t_\t_\t_\t_\t_\t_\t_

# newpar id = köprü-2
# kind = paragraph
# page = 1
# sent_id = köprü-2-1
# text = Çarşı ırmağın iki yakasında kurulmuştu.
1\tÇarşı\t_\t_\t_\t_\t_\t_\t_\t_
2\tırmağın\t_\t_\t_\t_\t_\t_\t_\t_
3\tiki\t_\t_\t_\t_\t_\t_\t_\t_
4\tyakasında\t_\t_\t_\t_\t_\t_\t_\t_
5\tkurulmuştu\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
6\t.\t_\t_\t_\t_\t_\t_\t_\t_

# sent_id = köprü-2-2
# text = Sorna kapandı.
1\tSorna\t_\t_\t_\t_\t_\t_\t_\t_
2\tkapandı\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
3\t.\t_\t_\t_\t_\t_\t_\t_\t_"""


# The command --------------------------------------------------------------------------------------------------------

def test_the_command_writes_several_formats_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Bir cümle.\n")
    (tmp_path / "b.txt").write_text("Öbür cümle.\n")
    (tmp_path / "corpus.jsonl.txt").write_text("Son.\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["run", ".", "--skip", "words", "--to", ",".join(DOCUMENT), "--to", "jsonl",
                                     "--to", "parquet"])
    assert done.exit_code == 0, done.stderr
    reports = tmp_path / "reports"
    for name in ("a", "b", "corpus.jsonl.txt"):
        assert {"clean.tei.xml", "clean.html", "clean.docx", "clean.epub", "clean.conllu"} < {
            path.name for path in (reports / name).iterdir()}
    table = [json.loads(line) for line in (reports / "corpus.jsonl").read_text("utf-8").splitlines()]
    assert [(row["document"], row["text"]) for row in table] == [
        ("a", "Bir cümle."), ("b", "Öbür cümle."), ("corpus.jsonl.txt", "Son.")]
    assert list(pd.read_parquet(reports / "corpus.parquet").text) == [row["text"] for row in table]
    assert (reports / "a" / "clean.tei.xml").read_text("utf-8") == ocrfix.load(reports / "a").tei()


def test_an_unknown_format_is_wrong_usage_before_any_work(ocrfix: Callable[..., subprocess.CompletedProcess[bytes]],
                                                          tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Bir cümle.")
    done = ocrfix("run", "a.txt", "--to", "tei,pdf")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode() == (
        f"ocrfix: no format is called 'pdf'; there are {', '.join([*DOCUMENT, *CORPUS])}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_format_that_a_document_has_not_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DOCUMENT, "other", DocumentFormat(lambda document: None))
    before = ocrfix.Document(ARTICLE)
    before.save(tmp_path / "a")
    before.save(tmp_path / "b", to=["other"])
    assert {path.name for path in (tmp_path / "a").iterdir()} == {path.name for path in (tmp_path / "b").iterdir()}
    with pytest.raises(UsageError, match=r"köprü\.txt cannot be written as other"):
        before.to("other")


def test_the_help_names_every_format() -> None:
    (option,) = [option for option in run.params if option.name == "to"]
    assert set(re.findall(r"[a-z]+", str(getattr(option, "help", "")))) >= {*DOCUMENT, *CORPUS}
