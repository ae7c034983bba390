"""Markup in a text, a name or a decision stays text: in a real browser it makes no element, runs nothing, asks nobody.

A hostile document is compared with a harmless one that has the same letters in other shapes.  The rules by which the
pages keep foreign scripts out (Content-Security-Policy) are switched off, so that it is the writing that is tested.
"""
from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import Browser, Page

from ocrfix.decisions.model import Decision, Scope, now
from ocrfix.decisions.model import Place as Where
from ocrfix.decisions.store import Store
from ocrfix.document import Document, Kind, Status, Step
from ocrfix.outputs.files import write_files
from ocrfix.outputs.formats import pandoc
from ocrfix.outputs.report import write_index
from ocrfix.outputs.summary import DONE, FAILED, SummaryRow
from reviewing import NAME, write
from synthetic import Maker, change
from test_review_browser import serving

PAYLOADS = [
    "<script>ran=1</script>", "</script><script>ran=1</script>", "<img src=x onerror=ran=1>", "<svg/onload=ran=1>",
    "\" onmouseover=\"ran=1\" x=\"", "' autofocus onfocus='ran=1", "</textarea></title></style><b>", "--><i>", "]]><u>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>", "<base href=http://evil.invalid/>",
    "<link rel=stylesheet href=http://evil.invalid/a.css>", "<style>@import 'http://evil.invalid/b.css';</style>",
    "<meta http-equiv=refresh content='0;url=http://evil.invalid/'>", "<a href='javascript:ran=1'>bas</a>",
    "[bas](javascript:ran=1)", "![resim](http://evil.invalid/c.png)", "<http://evil.invalid/d>", "http://evil.invalid/e",
    "[x]: http://evil.invalid/f", "[x]{onclick=ran=1}", "`<img src=x onerror=ran=1>`{=html}",
    "$$\\href{javascript:ran=1}{x}$$", "<img src=x", "y onerror=ran=1>", "<img src=x<y onerror=ran=1>",
    "\\input{/etc/passwd}", "{{7*7}} {% x %} ${ran=1}", "&lt;script&gt; &#60;b&#62;", "<!-- x", "<![CDATA[x",
    "\u2028ran=1//", "\u202eran", "\x01\x1b[2J"]
KINDS = [Kind.PARAGRAPH, Kind.HEADING, Kind.PARAGRAPH, Kind.LINES, Kind.RUNNING_HEAD]
ELEMENTS = """[...document.querySelectorAll('*')].map(node => [node.localName, ...[...node.attributes].map(a =>
    ['href', 'src', 'action', 'data', 'srcdoc', 'poster'].includes(a.localName)
        ? `${a.name}=${new URL(a.value, document.baseURI).protocol}` : a.name).sort()].join(' '))"""
"""The elements of a page with the names of their attributes, and with the schemes of its links."""


def harmless(text: str) -> str:
    return re.sub(r"\S", "x", text)


def document(told: Callable[[str], str]) -> Document:
    """Each payload, told in some way, in every place that a text of a document can have."""
    maker = Maker()
    maker.page()
    for number, payload in enumerate(map(told, PAYLOADS)):
        step = Step(payload, payload, payload, payload, payload, 0.4)
        doubtful = change(payload, payload + "!", steps=(step,), confidence=0.4, status=Status.REVIEW,
                          alternatives=((payload + "?", 0.3), (payload, 0.2)))
        maker.block(KINDS[number % len(KINDS)], payload, " ", doubtful, change("1", "", "calls", call=str(number)))
        maker.block(Kind.NOTE, payload, " ", doubtful, label=str(number))
    return maker.document(told("<img src=x onerror=ran=1>.txt"))


def summary(told: Callable[[str], str]) -> list[SummaryRow]:
    return [SummaryRow(told(payload), told(payload), status, told(payload), 1, 1, 1, 1, 1, 0.5)
            for payload in PAYLOADS for status in (DONE, FAILED)]


def looked_at(browser: Browser, address: str, act: Callable[[Page], None] = lambda page: None) -> set[str]:
    """The elements of a page, after something was done on it; what it does of itself fails the test."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(address)
    act(page)
    assert page.evaluate("typeof ran") == "undefined"
    assert [url for url in asked if not url.startswith(("file:", "data:", "http://127.0.0.1:"))] == []
    found: list[str] = page.evaluate(ELEMENTS)
    context.close()
    return set(found)


def through_pandoc(markdown: bytes) -> bytes:
    done = subprocess.run([pandoc.program(), "-f", "markdown", "-t", "html5", "-s", "--metadata", "title=x"],
                          input=markdown, capture_output=True, check=True)
    return done.stdout


def test_pages_of_hostile_texts_have_the_elements_of_harmless_ones(browser: Browser, tmp_path: Path) -> None:
    found = []
    for name, told in (("hostile", str), ("harmless", harmless)):
        folder = tmp_path / name
        write_files(document(told), folder, summary(told)[0], page_marks=True, to={"html"})
        (folder / "pandoc.html").write_bytes(through_pandoc((folder / "clean.md").read_bytes()))
        write_index(summary(told), folder / "index.html")
        found.append({page: looked_at(browser, (folder / page).as_uri())
                      for page in ("report.html", "index.html", "clean.html", "pandoc.html")})
    assert found[0] == found[1]


def test_the_review_page_shows_hostile_texts_and_decisions_as_they_are(browser: Browser, tmp_path: Path) -> None:
    def answered(page: Page) -> None:
        page.wait_for_selector("#text .w")
        for key in "asfmvhu":                               # accept, skip and whatever else a key does
            page.keyboard.press(key)
            page.wait_for_timeout(100)

    found = []
    for name, told in (("hostile", str), ("harmless", harmless)):
        (tmp_path / name).mkdir()
        Store(tmp_path / name / "decisions.sqlite").record([
            Decision(f"{name}{number}", str(number), now(), told(payload), f"{NAME}.txt", Scope.CORPUS, Status.EDITED,
                     Where(told(payload)), told(payload), told(payload), word=True)
            for number, payload in enumerate(PAYLOADS)])
        with serving(write(tmp_path / name, document(told)), reviewer=told(PAYLOADS[0])) as (_, address):
            found.append(looked_at(browser, address, answered))
    assert found[0] <= found[1]


def elements(data: bytes) -> set[tuple[str, ...]]:
    """The elements in a file of XML, or in those of an archive, with their attributes' names; of links the scheme."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return set().union(*(elements(archive.read(name)) for name in archive.namelist()
                                 if name.endswith((".xml", ".rels", ".xhtml", ".opf", ".ncx"))))
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    return {(str(node.tag), *sorted(f"{name}={value.partition(':')[0]}" if str(name).endswith(("href", "src", "Target"))
                                    and ":" in value else str(name) for name, value in node.attrib.items()))
            for node in root.iter()}


@pytest.mark.parametrize("name", ["clean.tei.xml", "clean.docx", "clean.epub"])
def test_files_of_hostile_texts_have_the_elements_of_harmless_ones(name: str, tmp_path: Path) -> None:
    found = []
    for folder, told in ((tmp_path / "hostile", str), (tmp_path / "harmless", harmless)):
        write_files(document(told), folder, to={"tei", "docx", "epub"})
        found.append(elements((folder / name).read_bytes()))
    assert found[0] == found[1]
