"""The report and the index: every change is there, tells why it was made, and nothing in the text can do harm."""
from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import time
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest

from ocrfix.document import Document, Edit, Kind, Span, Status, Step
from ocrfix.document import Page as Sheet
from ocrfix.outputs.corrections import rows as correction_rows
from ocrfix.outputs.report import write_index, write_report
from ocrfix.outputs.summary import DONE, FAILED, SummaryRow, summarize, write_summary
from synthetic import Maker, change

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u2028 ]]> <!-- &amp; {{ 7*7 }} \udc80 \x01"


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text of the elements that hold corrections."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[str] = []
        self.clean: dict[str, str] = {}
        self.open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "del":
            self.raw.append("")
        if tag in ("ins", "mark"):
            self.clean[attributes["id"] or ""] = ""
        if tag in ("del", "ins", "mark", "a"):
            self.open.append((tag, attributes.get("id") or ""))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "del":
            self.raw[-1] += data
        elif self.open and self.open[-1][0] != "a":
            self.clean[self.open[-1][1]] += data


def example() -> Document:
    maker = Maker()
    maker.page()
    maker.block(Kind.RUNNING_HEAD, "DERGİ 45")
    maker.block(Kind.HEADING, "II. ", change("Gorüşme", "Görüşme"))
    steps = (Step("reflow", "line-hyphen", "joined", "-\n", "", 1.0), Step("words", "noisy-channel", "s for f", "Pafa",
                                                                           "Paşa", 0.9))
    maker.block(Kind.PARAGRAPH, "Kemal ", change("Pa-\nfa", "Paşa", steps=steps, confidence=0.9), " bugün",
                change("\n", " ", "reflow", rule="line-join"), change("gelmiştir12", "gelmiştir", "calls", call="12"),
                " ve ", change("kitabi", "kitabı", applied=False, confidence=0.4, status=Status.REVIEW,
                               alternatives=(("kitabı", 0.4), ("kitabî", 0.1))), change(" »", "", "characters"), ".")
    maker.block(Kind.NOTE, change("12. ", "", "calls"), "Bakınız ", change("Atatiirk", "Atatürk"), ".", label="12")
    maker.page()
    maker.block(Kind.PARAGRAPH, "İkinci ", change("sahife", "sayfa", "my stage"), " <b>.")
    maker.block(Kind.PAGE_NUMBER, "646")
    return maker.document()


def report(document: Document, folder: Path) -> str:
    write_report(document, folder / "report.html")
    return (folder / "report.html").read_text(encoding="utf-8")


def table(html: str) -> list[list[object]]:
    found = re.search(r'<script type="application/json" id="table">(.*?)</script>', html, re.S)
    assert found
    result = json.loads(found[1])
    assert isinstance(result, list)
    return result


def test_the_report_has_each_correction_under_its_id(tmp_path: Path) -> None:
    document = example()
    page = Page(report(document, tmp_path))
    expected = correction_rows(document)
    assert [row.id for row in expected] == list(page.clean)
    assert [row.raw for row in expected] == page.raw
    assert [row.clean if row.applied else row.raw for row in expected] == list(page.clean.values())


def test_the_table_tells_why_and_how_sure(tmp_path: Path) -> None:
    document = example()
    lines = table(report(document, tmp_path))
    for line, row in zip(lines, correction_rows(document), strict=True):
        assert line[:8] == [row.page, row.line, row.stage, row.status, int(row.applied), round(1000 * row.confidence),
                            row.raw, row.clean]
    assert lines[1][8] == [["reflow", "line-hyphen", "joined", "-\n", ""],
                           ["words", "noisy-channel", "s for f", "Pafa", "Paşa"]]
    assert lines[3][9] == [["kitabı", 400], ["kitabî", 100]]


def test_notes_and_calls_lead_to_each_other(tmp_path: Path) -> None:
    links = {attributes["id"]: attributes["href"] for tag, attributes in Page(report(example(), tmp_path)).tags
             if tag == "a" and "href" in attributes}
    assert links == {"r-1": "#n-1", "n-1": "#r-1"}


def test_joined_lines_are_no_corrections_and_furniture_is_shown(tmp_path: Path) -> None:
    html = report(example(), tmp_path)
    assert "DERGİ 45" in html and 'data-t="kind_running-head"' in html and "646" in html
    assert len(table(html)) == summarize(example(), "made", "made.txt").corrections == 8


def test_a_paragraph_over_two_pages_shows_where_the_page_turns(tmp_path: Path) -> None:
    maker = Maker()
    maker.page()
    maker.block(Kind.PARAGRAPH, "Bir iki\nüç dört.")
    document = maker.document()
    document = replace(document, pages=(Sheet(1, Span(0, 8)), Sheet(2, Span(8, len(document.text)), "647")))
    assert "Bir iki\n<span class=g>647</span>üç dört." in report(document, tmp_path)


def test_text_cannot_do_harm(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, HOSTILE.replace("\udc80", ""), change("x", HOSTILE, reason=HOSTILE, rule=HOSTILE,
                                                                     stage=HOSTILE, alternatives=((HOSTILE, 0.5),)))
    document = maker.document(HOSTILE.replace("/", "") + ".txt")
    html = report(document, tmp_path)
    page = Page(html)
    assert [tag for tag, _ in page.tags].count("script") == 3 and "img" not in [tag for tag, _ in page.tags]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert table(html)[0][7] == HOSTILE.replace("\udc80", "\ufffd")
    write_index([SummaryRow(HOSTILE, HOSTILE, DONE, HOSTILE), SummaryRow(HOSTILE, HOSTILE, FAILED, HOSTILE)],
                tmp_path / "index.html")
    page = Page((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert [tag for tag, _ in page.tags].count("script") == 2 and "img" not in [tag for tag, _ in page.tags]


@pytest.mark.parametrize("name", ["report.html", "index.html"])
def test_pages_need_no_network_and_run_their_own_script_only(name: str, tmp_path: Path) -> None:
    write_report(example(), tmp_path / "report.html")
    write_index([summarize(example(), "made", "made.txt")], tmp_path / "index.html")
    html = (tmp_path / name).read_text(encoding="utf-8")
    assert "http:" not in html and "https:" not in html and "//cdn" not in html
    script = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in html


def test_the_same_document_gives_the_same_bytes(tmp_path: Path) -> None:
    assert report(example(), tmp_path / "a") == report(example(), tmp_path / "b")


def test_the_interface_has_every_word_in_both_languages(tmp_path: Path) -> None:
    templates = resources.files("ocrfix.outputs").joinpath("templates")
    words = json.loads(templates.joinpath("interface.json").read_text(encoding="utf-8"))
    assert set(words["en"]) == set(words["tr"])
    used = set(re.findall(r'data-[tlk]="([\w-]+)"', report(example(), tmp_path)))
    script = templates.joinpath("report.js").read_text(encoding="utf-8")
    used |= set(re.findall(r"word\('([\w-]+)'\)", script))
    assert used <= set(words["en"])


def test_five_hundred_pages_are_written_fast_and_stay_light(tmp_path: Path) -> None:
    maker = Maker()
    for number in range(500):
        maker.page()
        for _ in range(4):
            pieces: list[str | tuple[str, Edit]] = []
            for _ in range(10):
                pieces += ["Türkiye Büyük Millet Meclisi ordusu ", change("Pafa", "Paşa", reason="ş for f"), "\n"]
            maker.block(Kind.PARAGRAPH, *pieces)
        maker.block(Kind.PAGE_NUMBER, str(number))
    document = maker.document()
    start = time.perf_counter()
    html = report(document, tmp_path)
    assert time.perf_counter() - start < 20
    text = 2 * len(document.text.encode())
    assert len(html.encode()) - text < 20_000 * 250              # bytes for each of the corrections


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the report's script was not run")
def test_the_script_explains_the_change_in_the_address(tmp_path: Path) -> None:
    report(example(), tmp_path)
    assert CHROMIUM
    dom = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=5000", "--dump-dom",
         (tmp_path / "report.html").as_uri() + "#c-4"], capture_output=True, text=True, timeout=120, check=True).stdout
    why = re.search(r'<aside id="why"([^>]*)>(.*?)</aside>', dom, re.S)
    assert why and "hidden" not in why[1]
    assert "kitabî" in why[2] and "40 %" in why[2] and "not applied" in why[2]
    assert '<option value="1">Page 1 (1 ?)</option>' in dom


# --- summary and index ----------------------------------------------------------------------------------------------

ROWS = [
    SummaryRow("iyi", "in/iyi.txt", pages=2, words=100, corrections=5, review=1, notes=3, error_rate_estimate=0.01),
    SummaryRow("NA", "in/NA.txt", message='iki "sütun", var', pages=1, words=300, corrections=50, review=9,
               error_rate_estimate=0.09),
    SummaryRow("bozuk", "in/bozuk.txt", FAILED, "binary"),
    SummaryRow("a b/ç", "in/x.txt", pages=1, words=10),
]


def test_the_summary_reads_back(tmp_path: Path) -> None:
    write_summary(ROWS, tmp_path / "summary.csv")
    frame = pd.read_csv(tmp_path / "summary.csv", keep_default_na=False, na_values={"error_rate_estimate": [""]})
    assert list(frame.columns) == ["document", "source", "status", "message", "pages", "words", "corrections", "review",
                                   "notes", "error_rate_estimate"]
    assert frame["document"].tolist() == ["iyi", "NA", "bozuk", "a b/ç"]
    assert frame["message"][1] == 'iki "sütun", var'
    assert frame["error_rate_estimate"].isna().tolist() == [False, False, True, True]


def test_the_index_shows_the_worst_first_and_adds_up(tmp_path: Path) -> None:
    write_index(ROWS, tmp_path / "index.html")
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    places = [html.index(f"<small>in/{name}.txt</small>") for name in ("bozuk", "NA", "iyi", "x")]
    assert places == sorted(places)
    assert 'href="a%20b%2F%C3%A7/report.html"' in html and "bozuk/report.html" not in html
    foot = html[html.index("<tfoot>"):]
    assert "7.0 %" in foot and ">410<" in foot and ">55<" in foot and ">10<" in foot


def test_an_empty_run_has_an_index(tmp_path: Path) -> None:
    write_index([], tmp_path / "index.html")
    assert "<tbody>" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_an_error_rate_is_not_made_up() -> None:
    assert summarize(example(), "made", "made.txt").error_rate_estimate is None
