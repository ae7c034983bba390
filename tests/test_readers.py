"""Inputs that are no plain text: each dialect gives the same text, and every accepted input comes back."""
from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from conftest import ROOT
from ocrfix import serialize
from ocrfix.document import Document
from ocrfix.errors import DocumentError, InputError
from ocrfix.readers import Format, _xml, detect, extract_of
from ocrfix.readers import extract as model
from ocrfix.run import find_documents
from ocrfix.stages import ingest

FOLDER = ROOT / "tests" / "data" / "formats"
FILES = sorted(FOLDER.iterdir())
PAGE_FILES = [path for path in FILES if path.suffix in (".xml", ".hocr")]
TEXT = ("Hükümetin kararı bütün illere\nbildirildi ve ordu hemen sınıra gön-\ndcrildi. Yeni bir cephe kurul du.1\n\n"
        "1 Cebesoy, Moskova Hatıraları, s. 36.\n")
WORDS = [path for path in PAGE_FILES if "escriptorium" not in path.name and "ocropus" not in path.name]


def read(path: Path) -> Document:
    return ingest.read(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.name)
def test_the_same_page_in_every_dialect_is_the_same_text(path: Path) -> None:
    assert read(path).text == TEXT


@pytest.mark.parametrize("path", PAGE_FILES, ids=lambda path: path.name)
def test_tokens_stand_where_the_text_has_them(path: Path) -> None:
    taken = extract_of(read(path))
    assert taken is not None
    tokens = " ".join(TEXT[token.span.start:token.span.end] for token in taken.tokens)
    assert tokens.replace("gön -", "gön-").split() == TEXT.split()          # ALTO has an element for the hyphen
    assert [TEXT[row.span.start:row.span.end] for row in taken.rows] == TEXT.replace("\n\n", "\n").splitlines()
    assert all(row.box is not None and row.box.width > 0 for row in taken.rows)


@pytest.mark.parametrize("path", WORDS, ids=lambda path: path.name)
def test_the_confidence_of_words_is_a_share_of_one(path: Path) -> None:
    taken = extract_of(read(path))
    assert taken is not None
    doubtful = {TEXT[token.span.start:token.span.end] for token in taken.tokens if (token.confidence or 1.0) < 0.7}
    assert "dcrildi." in doubtful and len(doubtful) < 4


@pytest.mark.parametrize(("name", "large", "small"), [
    ("tesseract.hocr", 40, 28), ("abbyy.hocr", 10, 7), ("abbyy.alto.xml", 11, 8.5), ("transkribus.page.xml", 11, 8.5)])
def test_the_size_of_type_is_read(name: str, large: float, small: float) -> None:
    taken = extract_of(read(FOLDER / name))
    assert taken is not None and [row.size for row in taken.rows] == [large, large, large, small]


# Documents that come in paragraphs ----------------------------------------------------------------------------------

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str, footnotes: str = "") -> bytes:
    """A Word file with the parts that its text is in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')
        archive.writestr("word/footnotes.xml", f'<w:footnotes xmlns:w="{WORD}">{footnotes}</w:footnotes>')
        archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="Balk1"><w:name '
                                            'w:val="heading 1"/></w:style></w:styles>')
    return out.getvalue()


DOCX = docx('<w:p><w:pPr><w:pStyle w:val="Balk1"/></w:pPr><w:r><w:t>Savaş</w:t></w:r></w:p>'
            '<w:p><w:r><w:t>Ordu </w:t></w:r><w:del><w:r><w:delText>dün </w:delText></w:r></w:del><w:r><w:t>geri '
            'çekildi.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t xml:space="preserve"> Sonra '
            'durdu.</w:t></w:r></w:p>',
            '<w:footnote w:id="0"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>'
            'Bkz. s. 5.</w:t></w:r></w:p></w:footnote>')
MARKDOWN = "# Savaş\n\nOrdu *geri*\nçekildi.[^1] Sonra durdu.\n\n[^1]: Bkz. s. 5.\n".encode()
HTML = ("<html><head><meta charset='utf-8'><title>x</title><style>p {}</style></head><body><h1>Savaş</h1>"
        "<p>Ordu <b>geri</b>\n çekildi.</p><script>var x</script><p>Sonra durdu.</p></body></html>").encode()


@pytest.mark.parametrize(("data", "name"), [(DOCX, "a.docx"), (MARKDOWN, "a.md")], ids=["docx", "markdown"])
def test_headings_and_notes_stay_what_they_are(data: bytes, name: str, ocrfix_markdown: Callable[..., str]) -> None:
    assert ocrfix_markdown(data, name) == ("# Savaş\n\nOrdu geri çekildi.[^1] Sonra durdu.\n\n[^1]: Bkz. s. 5.\n")


@pytest.mark.parametrize("address", [
    "s/5.html", "https://x.tr/?a[0]=1", "https://x.tr/" + "a/" * 5000, "data:image/png;base64," + "iVBORw0KGgo" * 5000])
@pytest.mark.parametrize("title", ["", ' "Resim 1"'])
def test_no_address_of_a_link_or_an_image_is_text(address: str, title: str) -> None:
    text = f"Ordu ![geri]({address}{title}) çekildi, [sonra]({address}{title}) durdu."
    assert ingest.read(text.encode(), "a.md").text == "Ordu geri çekildi, sonra durdu.\n"
    text = f"Ordu [![geri]({address}{title})]({address}) çekildi."
    assert ingest.read(text.encode(), "a.md").text == "Ordu geri çekildi.\n"


def test_the_text_of_html_is_that_of_its_paragraphs(ocrfix_markdown: Callable[..., str]) -> None:
    assert ocrfix_markdown(HTML, "a.html") == "# Savaş\n\nOrdu geri çekildi.\n\nSonra durdu.\n"


def test_html_without_a_charset_is_read_as_plain_text_would_be() -> None:
    assert ingest.read("<html><body><p>Ağrı, ışık, şiş</p></body></html>".encode("cp1254"), "x").text == (
        "Ağrı, ışık, şiş\n")


@pytest.fixture(scope="module")
def ocrfix_markdown() -> Callable[..., str]:
    """The clean Markdown of bytes, no word corrected."""
    from ocrfix.knowledge import Knowledge
    from ocrfix.outputs.text import clean_md
    from ocrfix.pipeline import Pipeline
    knowledge = Knowledge.load()

    def markdown(data: bytes, name: str) -> str:
        return clean_md(Pipeline().without("words").run(ingest.read(data, name), None, knowledge))

    return markdown


# PDF ----------------------------------------------------------------------------------------------------------------

def pdf(pages: Iterable[Iterable[tuple[float, float, float, str]]]) -> bytes:
    """A PDF of pages of lines, each with its place, its size and its text in ASCII."""
    streams = ["BT " + " ".join(f"/F1 {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, size, text in page) + " ET"
               for page in pages]
    kids = " ".join(f"{3 + 2 * k} 0 R" for k in range(len(streams)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>"]
    for k, stream in enumerate(streams):
        objects += [f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 600] /Contents {4 + 2 * k} 0 R /Resources << "
                    f"/Font << /F1 {font} >> >> >>", f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream"]
    return assembled(objects)


def assembled(objects: list[str], trailer: str = "") -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{item}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


PDF = pdf([[(50, 500, 12, "Ordu geri ve kadar gel-"), (50, 484, 12, "di sonra durdu."), (50, 440, 12, "Yeni bir son."),
            (50, 100, 8, "1 Bkz. s. 5.")], [], [(50, 500, 12, "Son sayfa.")]])


def test_a_pdf_gives_lines_pages_and_what_stands_apart() -> None:
    document = ingest.read(PDF, "a.pdf")
    assert document.text == ("Ordu geri ve kadar gel-\ndi sonra durdu.\n\nYeni bir son.\n\n1 Bkz. s. 5.\n\f\f"
                             "Son sayfa.\n")
    assert [document.page_at(document.text.index(word)).number for word in ("Ordu", "Son s")] == [1, 3]
    taken = extract_of(document)
    assert taken is not None and [row.size for row in taken.rows] == [12, 12, 12, 8, 12]


def encrypted() -> bytes:
    """A PDF whose encryption asks for a password that nobody has."""
    secret = "".join(f"{k:02x}" for k in range(32))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>",
               f"<< /Filter /Standard /V 1 /R 2 /O <{secret}> /U <{secret}> /P -4 >>"]
    return assembled(objects, "/Encrypt 3 0 R /ID [<00> <00>]")


@pytest.mark.parametrize(("data", "says"), [
    (pdf([[]]), "ocrmypdf -l tur"), (encrypted(), "encrypted PDF"), (b"%PDF-1.7\nrubbish", "damaged PDF"),
    (PDF[:200], "damaged PDF"),
], ids=["images", "encrypted", "rubbish", "cut off"])
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        ingest.read(data, "a.pdf")


def test_a_pdf_of_too_many_pages_is_refused_before_it_is_read() -> None:
    objects = ["<< /Type /Catalog /Pages 2 0 R >>",
               "<< /Type /Pages /Kids [" + "3 0 R " * 20_001 + "] /Count 20001 >>",
               "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"]
    with pytest.raises(InputError, match="20,001 pages"):
        ingest.read(assembled(objects), "a.pdf")


def test_a_pdf_of_two_thousand_pages_just_works() -> None:
    document = ingest.read(pdf([[(50, 500, 12, f"Sayfa {k}")] for k in range(2000)]), "a.pdf")
    assert len(document.pages) == 2000 and document.text.endswith("\fSayfa 1999\n")


# What does harm -----------------------------------------------------------------------------------------------------

BOMB = ("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + k)} '{f'&{chr(97 + k)};' * 10}'>" for k in range(9)) + "]><alto><Page><PrintSpace><TextBlock>"
    "<TextLine><String CONTENT='&j;'/></TextLine></TextBlock></PrintSpace></Page></alto>")
THIEF = ("<?xml version='1.0'?><!DOCTYPE PcGts [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><PcGts><Page><TextRegion>"
         "<TextLine><TextEquiv><Unicode>&x;</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>")


@pytest.mark.parametrize("text", [BOMB, THIEF], ids=["bomb", "thief"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(text: str, encoding: str) -> None:
    with pytest.raises(InputError, match="entities"):
        ingest.read(text.encode(encoding), "a.xml")


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_bomb_is_refused() -> None:
    with pytest.raises(InputError, match="attack"):
        ingest.read(zipped({"p1.xml": b"<alto>" + b" " * 50_000_000}), "a.zip")


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    data = zipped({"../../p2.xml": (FOLDER / "tesseract.alto.xml").read_bytes()})
    assert ingest.read(data, "a.zip").text == TEXT
    assert not list(tmp_path.parent.glob("p2.xml"))


def test_a_file_without_a_name_in_an_archive_is_passed_over() -> None:
    """Names end at a null character."""
    data = zipped({"p2.xml": (FOLDER / "tesseract.alto.xml").read_bytes(), "without a name": b""})
    assert ingest.read(data.replace(b"without", b"\0ithout"), "a.zip").text == TEXT


def test_a_text_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LARGEST_TEXT", 1000)
    monkeypatch.setattr(model, "LARGEST_TEXT", 1000)
    for data, name, says in ((b"ordu " * 1000, "a.txt", "`ocrfix run` cleans it in parts"),
                             (b"<html><p>" + b"ordu " * 1000, "a.html", "divide it")):
        with pytest.raises(InputError, match=says):
            ingest.read(data, name)
    monkeypatch.setattr(ingest, "LARGEST_INPUT", 100)
    with pytest.raises(InputError, match="divide it"):
        ingest.read(b"ordu " * 100, "a.txt")


def test_bytes_that_an_older_libxml2_passes_on_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrfix.readers.html.parse_html", lambda *_: b"\xff".decode())
    with pytest.raises(InputError, match="no utf-8"):
        ingest.read(HTML, "a.html")


def test_an_xml_file_without_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_xml, "LARGEST_XML", 100)
    with pytest.raises(InputError, match="divide it"):
        read(FOLDER / "tesseract.alto.xml")


@pytest.mark.parametrize(("data", "says"), [
    (zipped({"x.odt": b"x"}), "ZIP"), (b"PK\x03\x04rest", "ZIP"), (b"<alto", "XML"),
    (b"<alto xmlns='x'><Layout><Page/></Layout></alto>", "no text"), (b"<html><body></body></html>", "no text"),
    (b"<html><body>" + b"<div>" * 300 + b"ordu", "nested too deep"), (b"<alto>" + b"<a>" * 300, "[Dd]epth"),
])
def test_what_cannot_be_read_is_named(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        ingest.read(data, "x")
    assert "\n" not in str(caught.value)


def test_the_name_of_a_damaged_page_does_not_break_the_line() -> None:
    with pytest.raises(InputError, match=r"^a\\n\\x1b\[2Jb\.xml: damaged XML: "):
        ingest.read(zipped({"a\n\x1b[2Jb.xml": b"<alto"}), "a.zip")


# Laws ---------------------------------------------------------------------------------------------------------------

ALL = [*((path.name, path.read_bytes()) for path in PAGE_FILES), ("a.docx", DOCX), ("a.md", MARKDOWN), ("a.html", HTML),
       ("a.pdf", PDF)]


@pytest.mark.parametrize(("name", "data"), ALL, ids=[name for name, _ in ALL])
def test_every_format_comes_back_byte_for_byte(name: str, data: bytes) -> None:
    document = ingest.read(data, name)
    written = serialize.dumps(document)
    assert document.restore() == data == serialize.loads(written).restore()
    assert serialize.dumps(serialize.loads(written)) == written


@pytest.mark.parametrize("where", ["text", "data", "format"])
def test_a_tampered_original_does_not_pass(where: str) -> None:
    top = json.loads(serialize.dumps(read(FOLDER / "tesseract.hocr")))
    if where == "text":
        top["blocks"][0]["spans"][0]["text"] = "x" + top["blocks"][0]["spans"][0]["text"][1:]
    else:
        top["source"]["original"][where] = "AAAA" + top["source"]["original"][where][4:]
    with pytest.raises(DocumentError):
        document = serialize.loads(json.dumps(top).encode())
        document.restore()
        if where == "format":
            raise DocumentError(document.source.original.format if document.source.original else "")


def test_a_document_of_version_1_is_still_read() -> None:
    top = json.loads(serialize.dumps(ingest.read(b"Ordu", "a.txt")))
    del top["source"]["original"]
    assert serialize.loads(json.dumps(top | {"version": 1}).encode()).restore() == b"Ordu"


# Detection and folders ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "data"), ALL, ids=[name for name, _ in ALL])
def test_the_content_tells_the_format(name: str, data: bytes) -> None:
    want = {"hocr": Format.HOCR, "docx": Format.DOCX, "md": Format.MARKDOWN, "html": Format.HTML, "pdf": Format.PDF}
    ending = name.rpartition(".")[2]
    kind = want.get(ending) or (Format.ALTO if "alto" in name else Format.PAGE)
    assert detect(data, name) is kind
    if kind is not Format.MARKDOWN:
        assert detect(data, "a.txt") is kind


def test_the_format_that_is_asked_for_wins() -> None:
    assert ingest.read(MARKDOWN, "a.md", Format.TEXT).text == MARKDOWN.decode()
    assert ingest.read(HTML, "a.html", Format.TEXT).restore() == HTML
    with pytest.raises(InputError):
        ingest.read(b"Ordu", "a.txt", Format.ALTO)


def test_a_folder_or_archive_of_pages_is_one_document(tmp_path: Path) -> None:
    book = tmp_path / "kitap.1"
    book.mkdir()
    one = (FOLDER / "tesseract.alto.xml").read_bytes()
    two = (FOLDER / "abbyy.alto.xml").read_bytes()
    for name, data in (("p10.xml", two), ("p2.xml", one), ("p2.png", b"\x89PNG"), ("mets.xml", b"<mets/>")):
        (book / name).write_bytes(data)
    found, failed = find_documents([tmp_path], tmp_path / "reports")
    assert [(item.path, item.name) for item in found] == [(book, "kitap.1")] and not failed
    from ocrfix.api import read_input
    data = read_input(book)
    document = ingest.read(data, "kitap.1")
    assert document.text == TEXT + "\f" + TEXT
    assert document.restore() == data == read_input(book)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["p2.xml", "p10.xml"]
    assert ingest.read(zipped({"alto/p1.xml": one, "x.png": b""}), "a.zip").text == TEXT


def test_a_folder_gives_the_files_of_known_formats_and_no_reports(tmp_path: Path) -> None:
    for name in ("a.txt", "b.pdf", "c.hocr", "d.md", "e.docx", "f.html", "g.xml", "h.xml", "i.png", "old/clean.txt",
                 "old/clean.md", "old/document.json", "out/index.html", "out/summary.csv", "out/x/clean.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"<mets/>" if name == "g.xml" else
                                      (FOLDER / "ocrd.page.xml").read_bytes() if name == "h.xml" else b"x")
    found, _ = find_documents([tmp_path], tmp_path / "reports")
    assert [item.path.name for item in found] == ["a.txt", "b.pdf", "c.hocr", "d.md", "e.docx", "f.html", "h.xml"]
