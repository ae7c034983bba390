"""Reading bytes: every accepted input comes back byte for byte, and what is no text is named."""
from __future__ import annotations

import codecs
import io
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ocrfix.errors import InputError
from ocrfix.readers import decoding
from ocrfix.stages.ingest import read

TURKISH = "Türkiye'nin işgali ile Ağrı’da başlayan ıssız gün.\nİkinci çığır: göğüs, öküz, şişe.\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1254"]


@settings(max_examples=1000)
@given(st.binary(max_size=200))
@example(b"abc \xc5")
@example(b"\xff\xfea\x00b")
@example(b"\xef\xbb\xbf\xef\xbb\xbfa\xed\xa0\x80")
def test_any_bytes_that_are_accepted_come_back(data: bytes) -> None:
    try:
        document = read(data, "x")
    except InputError as error:
        assert str(error) and "\n" not in str(error)
        return
    assert document.restore() == data
    assert [p.number for p in document.pages] == list(range(1, len(document.pages) + 1))


@settings(max_examples=1000)
@given(st.one_of(st.binary(min_size=1, max_size=40), st.lists(st.sampled_from([
    b"abc ", b"\n", TURKISH[:9].encode(), TURKISH[9:20].encode("cp1254", "ignore"), TURKISH[:9].encode("utf-16-le"),
    "🙂".encode(), b"\xed\xa0\x80", b"\xff\xfe", codecs.BOM_UTF8, b"\x81", b"\xc5", b"\xe2\x82", b"\x00",
]), min_size=1, max_size=12).map(b"".join)), st.sampled_from([2, 4, 6]))
def test_a_file_that_is_read_in_blocks_is_decoded_as_one_that_is_held(data: bytes, block: int) -> None:
    whole, file = decoding.decode(data), io.BytesIO(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "BLOCK", block)
        found = decoding.tell(file)
        assert "".join(found.texts(file)) == whole.text
    assert (found.encoding, found.errors, found.bom, found.tail) == (
        whole.encoding, whole.errors, whole.bom, whole.tail)


@given(st.text(alphabet=st.characters(exclude_characters="\0"), min_size=1), st.sampled_from(ENCODINGS))
def test_any_text_in_any_encoding_comes_back(text: str, encoding: str) -> None:
    data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "ignore")
    try:
        assert read(data, "x").restore() == data
    except InputError:
        assert not text.strip() or b"\0" in data or encoding == "cp1254" or not text.strip("\ufeff \t\n\r\f\v") or (
            "utf-16" in encoding) or data[:4] in (b"GIF8",)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_encoding_is_recognised(encoding: str) -> None:
    assert read(TURKISH.encode(encoding), "x").text == TURKISH


def test_iso_8859_9_is_recognised_where_windows_1254_has_no_character() -> None:
    text = TURKISH.replace("’", "'") + "\x81"
    document = read(text.encode("iso8859-9"), "x")
    assert (document.source.encoding, document.text) == ("iso8859-9", text)


def test_a_broken_tail_is_kept_beside_the_text() -> None:
    data = TURKISH.encode()[:-1] + "ş".encode()[:1]
    document = read(data, "x")
    assert (document.source.encoding, document.source.tail) == ("utf-8", "c5")
    assert document.text == TURKISH[:-1]


def test_a_lone_surrogate_or_a_bad_byte_does_not_cost_the_turkish_letters() -> None:
    for damage in (b"\xed\xa0\x80", b"\xff"):
        assert read(TURKISH.encode() + damage + TURKISH.encode(), "x").text.startswith(TURKISH)


def test_a_line_of_ten_megabytes_just_works() -> None:
    data = "şu ".encode() * 2_500_000
    assert read(data, "x").restore() == data


@pytest.mark.parametrize(("data", "says"), [
    (b"", "empty"), (b" \n\t", "white space"), (codecs.BOM_UTF8 + b"\n", "white space"), (b"a\0b", "NUL"),
    (b"%PDF-1.7\n", "PDF"), (b"PK\x03\x04rest", "ZIP"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff\xe0", "JPEG"),
    (bytes(range(1, 9)) * 20 + b"\xff\x81", "binary"), (Random(1).randbytes(5000), "binary"),
], ids=["empty", "blank", "mark", "nul", "pdf", "zip", "png", "jpeg", "control", "random"])
def test_what_is_no_text_is_named(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(data, "x")


def starts(text: str) -> list[int]:
    return [page.span.start for page in read(text.encode(), "x").pages]


def test_a_form_feed_belongs_to_the_page_that_it_begins() -> None:
    assert starts("bir\n\fiki\n\füç") == [0, 4, 9]


def test_a_form_feed_at_either_end_makes_no_empty_page() -> None:
    assert starts("\fbir\fiki\f\n") == [0, 4]


PAGE = " Bir sayfa\n" + "bu sayfanın satırı, sonuna kadar dolu bir satır\n" * 30


def test_lines_that_begin_with_one_space_are_pages_at_the_distance_of_pages() -> None:
    assert starts(PAGE * 5) == [len(PAGE) * k for k in range(5)]


def test_indented_paragraphs_are_no_pages() -> None:
    lines = "satırlar böyle sürer gider, bir satır daha\n"
    paragraphs = "".join(" Paragraf\n" + lines * k for k in [3, 5, 8, 2, 4] * 9)
    assert starts(paragraphs) == [0]


def test_a_page_that_lost_its_mark_begins_behind_the_long_blank() -> None:
    lost = PAGE + "\n\n\n" + PAGE[1:]
    assert starts(PAGE + lost + PAGE * 4) == [len(PAGE) * k + (3 if k > 1 else 0) - (k > 2) for k in range(7)]
