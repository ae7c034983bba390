"""A page printed, copied and read by Tesseract: its text, hOCR, ALTO and PDF agree, and so do their clean texts."""
from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from ocrfix.document import Document, Kind
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md
from ocrfix.pipeline import Pipeline
from ocrfix.readers import extract_of
from ocrfix.stages import ingest
from ocrfix.stages._sizes import relative_sizes
from ocrfix.writers import same_format

BODY = [
    "Ordu bu kararın ardından geri çekildi ve yeni bir cephe kurdu.",
    "Hükümetin gönderdiği heyet ise Moskova'da uzun süren görüş-",
    "melerden sonra ilk antlaşmayı imzaladı; ama sınır meselesi he-",
    "nüz çözülmüş değildi. Ali Fuat Paşa bu konuda Ankara'ya bir",
    "telgraf çekti ve yeni talimat istedi. Cevap gecikince, heyetin",
    "dönüşü de bir hafta kadar ertelendi ve ordu hazırlandı.1",
]
NEXT = ["Yeni paragraf burada başlar ve dolu bir satırla sürer, sonra da",
        "kısa bir satırla biter. Bunu herkes görür."]
NOTE = ["1 Ali Fuat Cebesoy, Moskova Hatıraları, İstanbul, 1955, s. 36."]
FONTS = ("LiberationSerif-Regular.ttf", "DejaVuSerif.ttf", "FreeSerif.ttf")


def reads_turkish() -> bool:
    if shutil.which("tesseract") is None:
        return False
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    return "tur" in listed.stdout.split()


def font_file() -> Path | None:
    folder = Path("/usr/share/fonts")
    return next((path for name in FONTS for path in sorted(folder.rglob(name))), None)


pytestmark = [
    pytest.mark.skipif(not reads_turkish(), reason="Tesseract with its language tur is not installed"),
    pytest.mark.skipif(font_file() is None, reason=f"none of the fonts {', '.join(FONTS)} is installed"),
]


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """The page as Tesseract gives it in each format."""
    folder = tmp_path_factory.mktemp("scan")
    font = font_file()
    assert font is not None
    image = Image.new("L", (1500, 1000), 255)
    draw = ImageDraw.Draw(image)
    y = 80
    for lines, size, indent, gap in ((BODY, 40, 0, 0), (NEXT, 40, 60, 40), (NOTE, 31, 0, 140)):
        y += gap
        for k, line in enumerate(lines):
            x = 100 if k else 100 + indent
            head, call, _ = line.partition("1") if line.endswith(".1") else (line, "", "")
            draw.text((x, y), head, fill=0, font=ImageFont.truetype(font, size))
            draw.text((x + draw.textlength(head, ImageFont.truetype(font, size)), y), call, fill=0,
                      font=ImageFont.truetype(font, 26))
            y += round(1.4 * size)
    image.filter(ImageFilter.GaussianBlur(1.2)).save(folder / "page.png", dpi=(300, 300))
    subprocess.run(["tesseract", "page.png", "page", "-l", "tur", "txt", "hocr", "alto", "pdf"], cwd=folder, check=True,
                   capture_output=True, env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin:/usr/local/bin"})
    return {ending: ingest.read((folder / f"page.{ending}").read_bytes(), f"page.{ending}")
            for ending in ("txt", "hocr", "xml", "pdf")}


def test_text_hocr_and_alto_of_a_page_are_the_same_text(scanned: dict[str, Document]) -> None:
    want = scanned["txt"].text.rstrip("\f\n")
    assert scanned["hocr"].text.rstrip("\n") == scanned["xml"].text.rstrip("\n") == want
    assert "görüş-\nmelerden" in want


def test_the_pdf_of_a_page_has_the_same_lines(scanned: dict[str, Document]) -> None:
    lines = [line for line in scanned["pdf"].text.splitlines() if line]
    assert lines == [line for line in scanned["txt"].text.splitlines() if line.strip()]


def test_every_format_of_a_page_gives_the_same_clean_text(scanned: dict[str, Document]) -> None:
    knowledge = Knowledge.load()
    cleaned = {ending: clean_md(Pipeline().run(document, None, knowledge)) for ending, document in scanned.items()}
    assert cleaned["hocr"] == cleaned["xml"] == cleaned["txt"]
    assert cleaned["pdf"].split() == cleaned["txt"].split()
    assert "görüşmelerden sonra" in cleaned["hocr"] and "[^1]: Ali Fuat Cebesoy" in cleaned["hocr"]


def test_notes_are_known_by_the_size_of_their_type(scanned: dict[str, Document]) -> None:
    for ending in ("hocr", "xml", "pdf"):
        sizes = [relative_sizes(scanned[ending])[row.span.start] for row in _rows(scanned[ending])]
        assert max(sizes[-1:]) < 0.85 and min(sizes[:-1]) > 0.93


def _rows(document: Document):  # type: ignore[no-untyped-def]
    taken = extract_of(document)
    assert taken is not None
    return taken.rows


def test_a_cleaned_page_is_written_back_and_read_again(scanned: dict[str, Document]) -> None:
    for ending in ("hocr", "xml"):
        document = Pipeline().without("words").run(scanned[ending])
        assert any(block.kind is Kind.NOTE for block in document.blocks)
        again = ingest.read(same_format(document)[1], "page")
        assert len(again.text.splitlines()) == len(document.text.splitlines())
        assert again.text.split()[-3:] == document.text.split()[-3:]
