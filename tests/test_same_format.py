"""The input's own format back: every box, id and attribute as it was, only the text corrected."""
from __future__ import annotations

import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conftest import ROOT, changes_of
from ocrfix.document import Block, Change, Document, Kind, Span, apply_changes
from ocrfix.errors import UsageError
from ocrfix.readers import _xml, extract_of, hocr
from ocrfix.readers._archive import pack
from ocrfix.stages import ingest
from ocrfix.writers import same_format

FOLDER = ROOT / "tests" / "data" / "formats"
FILES = sorted(FOLDER.iterdir())
WORDS = [path for path in FILES if "escriptorium" not in path.name and "ocropus" not in path.name]


def changed(document: Document) -> Document:
    """A document with the changes that the stages would make: joins, words, a call, the number of a note."""
    text = document.text
    body, note = text.index("\n\n"), text.index("1 Ceb")
    blocks = [Block(Kind.PARAGRAPH, (Span(0, body),), "t", "t"), Block(Kind.BLANK, (Span(body, note),), "t", "t"),
              Block(Kind.NOTE, (Span(note, len(text)),), "t", "t", label="1")]

    def change(block: int, raw: str, after: str, rule: str, call: str | None = None) -> None:
        current = blocks[block].current(text)
        at = current.index(raw)
        wish = Change(at, at + len(raw), after, rule, "why", call=call)
        blocks[block] = apply_changes(blocks[block], text, [wish], rule)

    change(0, "-\n", "", "line-hyphen")
    change(0, "\n", " ", "line-join")
    change(0, ".1", ".", "call", call="1")
    change(2, "1 ", "", "note-number")
    change(0, "göndcrildi", "gönderildi", "misread-word")
    change(0, "kurul du", "kuruldu", "split-word")
    change(0, "bütün", "bü tün", "fused-words")
    return document.with_blocks(blocks)


def attributes(data: bytes) -> dict[str, tuple[str, dict[str, str]]]:
    """The elements with an id: name and attributes."""
    tree = hocr.parse(data)
    out = {}
    for element in tree.iter("*"):
        for key in ("id", "ID"):
            if (name := element.get(key)) is not None:
                assert name not in out, f"the id {name} is there twice"
                out[name] = (_xml.local(element), dict(element.attrib))
    return out


WANT = ("Hükümetin kararı bü tün illere\nbildirildi ve ordu hemen sınıra gön-\nderildi. Yeni bir cephe kuruldu.1\n\n"
        "1 Cebesoy, Moskova Hatıraları, s. 36.\n")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_text_is_corrected_and_lines_calls_and_numbers_stay_as_printed(path: Path) -> None:
    _, data = same_format(changed(ingest.read(path.read_bytes(), path.name)))
    assert ingest.read(data, path.name).text == WANT


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_without_an_edit_nothing_changes(path: Path) -> None:
    document = ingest.read(path.read_bytes(), path.name)
    _, data = same_format(document)
    before, after = (etree.tostring(hocr.parse(d), method="c14n") if b"<html>" not in d else b""
                     for d in (path.read_bytes(), data))
    assert before.replace(b' xml:lang="tur"', b"") == after.replace(b' xml:lang="tur"', b"")
    assert same_format(ingest.read(data, path.name))[1] == data


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.name)
def test_what_did_not_change_keeps_its_attributes_and_new_ids_are_new(path: Path) -> None:
    document = ingest.read(path.read_bytes(), path.name)
    before, after = attributes(path.read_bytes()), attributes(same_format(changed(document))[1])
    gone, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert len([name for name in gone if "g" not in name]) == 1      # ``kurul`` took in ``du.1``
    assert len(new) == 1 and next(iter(new)).removesuffix("_2") in before        # ``bü`` ``tün``
    moved = {name for name in before.keys() & after.keys()
             if {k: v for k, v in before[name][1].items() if k not in ("CONTENT", "SUBS_CONTENT")}
             != {k: v for k, v in after[name][1].items() if k not in ("CONTENT", "SUBS_CONTENT", XML_LANG)}}
    assert len(moved) <= 2                                              # the boxes of ``bü`` and ``kuruldu.1``


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def boxes(document: Document) -> dict[str, tuple[float, float]]:
    """Left and right of each word."""
    taken = extract_of(document)
    assert taken is not None
    return {document.text[token.span.start:token.span.end]: (token.box.left, token.box.right)
            for token in taken.tokens if token.box is not None}


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.name)
def test_a_split_word_shares_its_box_and_a_joined_word_has_both(path: Path) -> None:
    document = ingest.read(path.read_bytes(), path.name)
    old, new = boxes(document), boxes(ingest.read(same_format(changed(document))[1], path.name))
    left, right = old["bütün"]
    assert new["bü"][0] == left < new["bü"][1] < new["tün"][0] < new["tün"][1] == right
    assert new["kuruldu.1"] == (old["kurul"][0], old["du.1"][1])


def test_the_halves_of_a_word_in_alto_say_the_whole_word() -> None:
    path = FOLDER / "abbyy.alto.xml"
    _, data = same_format(changed(ingest.read(path.read_bytes(), path.name)))
    assert data.decode().count('SUBS_CONTENT="gönderildi."') == 2
    assert '<HYP CONTENT="-"' in data.decode()


def test_lines_and_regions_of_page_xml_say_what_their_words_say() -> None:
    path = FOLDER / "ocrd.page.xml"
    tree = etree.fromstring(same_format(changed(ingest.read(path.read_bytes(), path.name)))[1])
    said = [element.text for element in tree.iterfind(".//{*}TextRegion/{*}TextEquiv/{*}Unicode")]
    assert said == ["1 Cebesoy, Moskova Hatıraları, s. 36.", WANT.partition("\n\n")[0]]
    glyphs = [element.text for element in tree.iterfind(".//{*}Glyph/{*}TextEquiv/{*}Unicode")]
    assert "".join(filter(None, glyphs)) == "derildi."


@pytest.mark.parametrize("path", [path for path in FILES if b"pagecontent/2019-07-15" in path.read_bytes()],
                         ids=lambda path: path.name)
def test_page_xml_is_valid_by_its_schema(path: Path) -> None:
    with lzma.open(FOLDER.parent / "page" / "page-2019-07-15.xsd.xz") as file:
        schema = etree.XMLSchema(etree.parse(file))
    document = changed(ingest.read(path.read_bytes(), path.name))
    for data in (path.read_bytes(), same_format(document)[1]):
        assert schema.validate(_xml.parse_xml(data)), schema.error_log
    assert not schema.validate(_xml.parse_xml(path.read_bytes().replace(b"<TextEquiv", b"<TextEquiv wrong='1'")))


def test_an_archive_comes_back_as_an_archive() -> None:
    data = pack([(f"{name}.xml", (FOLDER / "tesseract.alto.xml").read_bytes()) for name in ("p1", "p2")])
    name, back = same_format(ingest.read(data, "book"))
    assert name == "clean.alto.zip"
    with zipfile.ZipFile(io.BytesIO(back)) as archive:
        assert archive.namelist() == ["p1.xml", "p2.xml"]


def test_only_formats_with_boxes_are_written_back() -> None:
    with pytest.raises(UsageError, match="text input cannot be written back"):
        same_format(ingest.read(b"Ordu", "a.txt"))


@settings(max_examples=200)
@given(st.data(), st.sampled_from(FILES))
def test_any_changes_give_a_file_that_can_be_read(data: st.DataObject, path: Path) -> None:
    document = ingest.read(path.read_bytes(), path.name)
    text = document.text
    blocks = [apply_changes(block, text, data.draw(changes_of(block.current(text))), "t") for block in document.blocks]
    _, back = same_format(document.with_blocks(blocks))
    attributes(back)                                     # raises where an id is there twice
    tree = hocr.parse(back)
    assert tree.getroot() is not None


def test_the_command_writes_it_beside_the_other_files(ocrfix: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "sayfa.hocr").write_bytes((FOLDER / "tesseract.hocr").read_bytes())
    ocrfix("run", "sayfa.hocr", "--to", "same", "-q")
    text = ingest.read((tmp_path / "reports" / "sayfa" / "clean.hocr").read_bytes(), "x").text
    assert "gön-\nderildi" in text and "kuruldu" in text
