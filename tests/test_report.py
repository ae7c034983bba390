"""The report and the index: every change is there, tells why it was made, and nothing in the text can do harm."""
from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser

from conftest import CHROMIUM
from ocrfix.document import Document, Edit, Kind, Span, Status, Step
from ocrfix.document import Page as Sheet
from ocrfix.estimates import page_estimates
from ocrfix.outputs.confusions import Confusion, confusions
from ocrfix.outputs.corrections import numbered
from ocrfix.outputs.corrections import rows as correction_rows
from ocrfix.outputs.explanations import explanations
from ocrfix.outputs.report import write_index, write_parts, write_report
from ocrfix.outputs.summary import DONE, FAILED, SummaryRow, summarize, write_summary
from synthetic import Maker, change

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
    steps = (Step("reflow", "line-hyphen", "joined", "-\n", "", 1.0),
             Step("words", "noisy-channel", "s for f, 12.5 nats better", "Pafa", "Paşa", 0.9))
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


def table(html: str) -> list[dict[str, Any]]:
    """The corrections as the page's script reads them, each reason put together again from its form and its numbers."""
    found = re.search(r'<script type="application/json" id="table">(.*?)</script>', html, re.S)
    assert found
    data = json.loads(found[1])
    out = []
    for page, line, deciding, status, applied, confidence, raw, clean, steps, alternatives, *_ in data["changes"]:
        told = []
        for form, numbers, *texts in steps:
            stage, rule, *parts = data["forms"][form]
            reason = "".join(part + number for part, number in zip(parts, [*numbers, ""], strict=True))
            told.append([stage, rule, reason, *texts])
        out.append({"stage": told[deciding][0], "rule": told[deciding][1], "page": page, "line": line, "status": status,
                    "applied": bool(applied), "confidence": confidence, "raw": raw, "clean": clean, "steps": told,
                    "alternatives": alternatives})
    return out


def driven(document: Document, folder: Path, script: str) -> Any:
    """What a script gives that is run in the open report: the value that it leaves in ``result``."""
    assert CHROMIUM
    html = re.sub(r"<meta http-equiv=[^>]*>", "", report(document, folder))
    (folder / "driven.html").write_text(html.replace("</body>", f"""<pre id=result></pre><script>
        {{ {script}; $('result').textContent = JSON.stringify(result); }}</script></body>"""), encoding="utf-8")
    dom = opened(folder / "driven.html", folder)
    found = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    assert found and found[1]
    return json.loads(unescape(found[1]))


def opened(page: Path, folder: Path, anchor: str = "") -> str:
    """The elements of a page as Chromium has them once its script has run."""
    assert CHROMIUM
    return subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=5000", "--dump-dom", page.as_uri() + anchor],
        capture_output=True, text=True, timeout=120, check=True).stdout


in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the report's script was not run")


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
        for column in ("page", "line", "stage", "rule", "status", "applied", "raw", "clean"):
            assert line[column] == getattr(row, column)
        assert line["confidence"] == round(1000 * row.confidence)
    assert lines[1]["steps"] == [["reflow", "line-hyphen", "joined", "-\n", ""],
                                 ["words", "noisy-channel", "s for f, 12.5 nats better", "Pafa", "Paşa"]]
    assert lines[3]["alternatives"] == [["kitabı", 400], ["kitabî", 100]]


def test_a_reason_is_written_once_for_all_its_numbers(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, *(change("Pafa", "Paşa", reason=f"{n}.5 nats better") for n in range(50)))
    html = report(maker.document(), tmp_path)
    assert html.count("nats better") == 1
    assert [line["steps"][0][2] for line in table(html)] == [f"{n}.5 nats better" for n in range(50)]


def test_notes_and_calls_lead_to_each_other(tmp_path: Path) -> None:
    links = {attributes["id"]: attributes["href"] for tag, attributes in Page(report(example(), tmp_path)).tags
             if tag == "a" and "href" in attributes and "id" in attributes}
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
    assert table(html)[0]["clean"] == HOSTILE.replace("\udc80", "\ufffd")
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
    write_index(ROWS, tmp_path / "index.html")
    write_parts(ROWS[1], [(row.document, row, "1–2") for row in ROWS[:2]], tmp_path / "parts.html")
    for name, html in (("report", report(example(), tmp_path)), ("index", ""), ("parts", "")):
        html = html or (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        found = re.search(r'<script type="application/json" id="words">(.*?)</script>', html, re.S)
        assert found
        words = json.loads(found[1])
        assert set(words["en"]) == set(words["tr"])
        used = set(re.findall(r'data-[tlk]="([\w-]+)"', html))
        used |= set(re.findall(r"word\('([\w-]+)'\)", templates.joinpath(f"{name}.js").read_text(encoding="utf-8")))
        assert used and used <= set(words["en"]), name


def test_a_report_of_five_hundred_pages_is_light(tmp_path: Path) -> None:
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
    html = report(document, tmp_path)
    text = 2 * len(document.text.encode())
    assert len(html.encode()) - text < 20_000 * 150              # bytes for each of the corrections


@in_chromium
def test_the_script_explains_the_change_in_the_address(tmp_path: Path) -> None:
    report(example(), tmp_path)
    dom = opened(tmp_path / "report.html", tmp_path, "#c-4")
    why = re.search(r'<aside id="why"([^>]*)>(.*?)</aside>', dom, re.S)
    assert why and "hidden" not in why[1]
    assert "kitabî" in why[2] and "40 %" in why[2] and "not applied" in why[2]
    assert '<option value="1">Page 1 (1 ?)</option>' in dom


@in_chromium
def test_the_filters_leave_what_they_name(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, change("bir", "biz", rule="misread-word"), " ", change("ikı", "iki", rule="real-word"),
                " ", change(" ;", ";", "characters", rule="real-word"), " ", change("üc", "üç", rule="misread-word",
                                                                                  confidence=0.4))
    assert driven(maker.document(), tmp_path, """
        const result = {rules: [...$('rule').querySelectorAll('option')].map(option => option.text)};
        const left = () => [...document.querySelectorAll('ins:not([data-off])')].map(node => node.id);
        $('rule').value = 'words/misread-word'; filter(); result.rule = left(); result.shown = $('shown').textContent;
        $('confidence').value = '500'; filter(); result.both = left();
        $('rule').value = ''; $('confidence').value = '1001'; filter(); result.all = left().length;
        result.none = $('shown').textContent""") == {
            "rules": ["all", "misread-word (2)", "real-word (1)", "real-word (1)"], "rule": ["c-1", "c-4"],
            "shown": "2 / 4 shown", "both": ["c-4"], "all": 4, "none": ""}


FOUND = {
    "istanbul": ["İSTANBUL", "İstanbul"],                      # İ is the capital of i ...
    "ısparta": ["ISPARTA"],                                    # ... and I of ı
    "Isparta": ["ISPARTA"],
    "isparta": [],
    "paşa geldi": ["Paşa geldi"],                              # across the border of a correction
    "pafa": ["Pafa"],                                          # in the raw text only
    "gelmiş sonra": ["gelmiş2 sonra"],                         # across a call, which is no text
    "ankara'ya": ["Ankara’ya"],                                # whatever the apostrophe
    "dergi 45": ["DERGİ 45"],                                  # in what is not printed
    "kitabî": ["#c-3"],                                        # what was proposed for a change
    "kitabı": ["#c-3"],
    "kitabi": ["kitabi"],                                      # raw and clean are the same: once
    "paş": ["Paş"],                                            # its change has alternatives that begin so: once
    "x": [],                                                   # too short
}


@in_chromium
def test_a_reason_is_told_in_the_language_of_the_page(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, change("Pafa", "Paşa", reason="as read in no lexicon; the correction fits the "
                                       "confusions of article-roman type and its context 12.5 nats better"))
    told = driven(maker.document(), tmp_path, """
        explain(1);
        result = [why.textContent];
        speak('tr');
        explain(1);
        result.push(why.textContent);""")
    assert "its context 12.5 nats better" in told[0]
    assert "article-roman yazısının karıştırmalarına ve bağlama 12.5 nat daha iyi uyuyor" in told[1]


@pytest.mark.parametrize(("turkish", "expected"), [
    ("şu kadar: {}", [["şu kadar: ", " nat"]]), ("birkaç", [None]), ("{} ya da {}", [None])])
def test_a_translation_with_other_numbers_is_none(turkish: str, expected: list[object],
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocrfix.outputs.explanations.translated",
                        lambda text, language: turkish.replace("{}", "\ufffc") + " nat")
    maker = Maker()
    maker.block(Kind.PARAGRAPH, change("Pafa", "Paşa", reason="12.5 nats better"))
    table = explanations(maker.document(), [edit for _, _, edit in numbered(maker.document())])
    assert isinstance(table, dict) and table["turkish"] == expected


@in_chromium
def test_the_search_finds_by_turkish_case(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.RUNNING_HEAD, "DERGİ 45")
    maker.block(Kind.PARAGRAPH, "İSTANBUL ISPARTA x ", change("Pafa", "Paşa", alternatives=(("Paşam", 0.02),)),
                " geldi gelmiş", change("2", "", "calls", call="2"), " sonra Ankara’ya ",
                change("kitabi", "kitabı", applied=False, confidence=0.4, status=Status.REVIEW,
                       alternatives=(("kitabı", 0.4), ("kitabî", 0.1))), ".")
    for _ in range(40):
        maker.page()
        maker.block(Kind.PARAGRAPH, "Bir sayfa. " * 60)
    maker.block(Kind.PARAGRAPH, "Uzakta İstanbul.")            # on a page that is not drawn yet
    found = driven(maker.document(), tmp_path, f"""
        const result = {{}};
        for (const query of {json.dumps(list(FOUND))}) {{
          $('query').value = query;
          search();
          result[query] = hits.map(() => {{
            nextHit(1);
            return hits[hit].entry.number ? location.hash : String(rangeOf(hits[hit]));
          }});
          result[query].push($('hits').textContent);
        }}""")
    for query, (*places, count) in found.items():
        assert places == FOUND[query]
        assert count == (f"{len(places)} / {len(places)}" if places else "no hit" if len(query) > 1 else "")


# --- overview -------------------------------------------------------------------------------------------------------

def overview(html: str) -> str:
    """The text of the overview, each element's apart by a space."""
    found = re.search(r'<details id="overview".*?</details>', html, re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def test_the_worst_pages_come_first_and_each_page_tells_its_rate(tmp_path: Path) -> None:
    maker = Maker()
    for doubts in (0, 3, 1):
        maker.page()
        maker.block(Kind.PARAGRAPH, *(change("bir ", "biz ", confidence=0.5) for _ in range(doubts)), "söz " * 9)
    document = replace(maker.document(), statistics=(("noise ", 0.5),))                   # its words were looked at
    html = report(document, tmp_path)
    estimates = {number: estimate.rate or 0 for number, estimate in page_estimates(document).items()}
    rates = {number: f"{100 * rate:.1f} %" for number, rate in estimates.items()}
    assert f"2 {rates[2]} 0 3 {rates[3]} 0 1 {rates[1]} 0" in overview(html) and len(set(rates.values())) == 3
    heads = re.findall(r"<h2 class=\"ui\">.*?</h2>", html)
    assert [rates[number] in head for number, head in enumerate(heads, 1)] == [True] * 3
    bars = [attributes["style"] for tag, attributes in Page(html).tags if tag == "a" and "style" in attributes]
    assert bars == [f"--h:{100 * estimates[number] / estimates[2]:.0f}%" for number in (1, 2, 3)]


def test_rates_are_not_made_up(tmp_path: Path) -> None:
    html = report(example(), tmp_path)
    assert "No estimate" in overview(html)
    assert not any("%" in head for head in re.findall(r"<h2 class=\"ui\">.*?</h2>", html))


def test_the_commonest_confusions_stand_on_top_with_their_first_place(tmp_path: Path) -> None:
    html = report(example(), tmp_path)
    assert "i → ı 1" not in overview(html)                     # kitabi -> kitabı was not applied
    drawn = r'href="#c-(\d+)" data-l="first_such"><span>(.*?)</span>→<span>(.*?)</span></a><span class="d">(\d+)'
    assert re.findall(drawn, html)[:2] == [("1", "o", "ö", "1"), ("2", "f", "ş", "1")]


def test_confusions_are_counted_over_the_stages_that_repair_characters() -> None:
    edits = [change("rn", "m")[1], change("kirn", "kim")[1], change("a b", "ab", "characters")[1],
             change("12", "", "calls", call="12")[1], change("x", "y", applied=False)[1],
             change("Pa-\nfa", "Paşa", steps=(Step("reflow", "line-hyphen", "joined", "-\n", "", 1.0),
                                             Step("words", "noisy-channel", "", "Pafa", "Paşa", 0.9)))[1]]
    assert confusions(edits) == [Confusion("rn", "m", 2, 1), Confusion(" ", "", 1, 3), Confusion("f", "ş", 1, 6)]


def test_changes_are_counted_by_stage(tmp_path: Path) -> None:
    assert overview(report(example(), tmp_path)).endswith(
        "Stage all automatic doubtful characters 1 1 0 footnote calls 2 2 0 words 4 3 1 my stage 1 1 0")
    maker = Maker()
    maker.block(Kind.PARAGRAPH, change("bir", "biz", status=Status.ACCEPTED), " ", change("ikı", "iki"))
    assert overview(report(maker.document(), tmp_path)).endswith("Stage all automatic doubtful decided words 2 1 0 1")


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


def test_the_index_draws_how_many_documents_have_which_rate(tmp_path: Path) -> None:
    write_index(ROWS, tmp_path / "index.html")
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    bins = re.findall(r"<li><b>(\d+)</b>.*?<span>([\d.–]+)</span></li>", html)
    assert [name for count, name in bins if count == "1"] == ["1–2", "9–10"]
    assert sum(int(count) for count, _ in bins) == 2


def test_pages_speak_the_language_of_the_browser(browser: Browser, tmp_path: Path) -> None:
    message = "interrupted; 3 documents done, 4 not reached: the same command goes on from there"
    rows = [replace(row, message=message) for row in ROWS[:2]]
    write_parts(rows[1], [(row.document, row, "1–2") for row in rows], tmp_path / "parts.html")
    write_index(rows, tmp_path / "index.html")
    said = {"parts": {"en": "A large text, cleaned in parts.", "tr": "Bölümler hâlinde temizlenmiş büyük bir metin."},
            "index": {"en": "interrupted; 3 documents done", "tr": "kesildi; 3 belge tamamlandı"}}
    for name, by_language in said.items():
        for language, text in by_language.items():
            with browser.new_context(locale=language) as context:
                page = context.new_page()
                page.goto((tmp_path / f"{name}.html").as_uri())
                assert page.locator("html").get_attribute("lang") == language
                shown = page.inner_text("body")
                assert [each in shown for each in by_language.values()] == [
                    each == text for each in by_language.values()]


@in_chromium
def test_the_index_is_sorted_by_any_column(tmp_path: Path) -> None:
    write_index(ROWS, tmp_path / "index.html")
    html = re.sub(r"<meta http-equiv=[^>]*>", "", (tmp_path / "index.html").read_text(encoding="utf-8"))
    (tmp_path / "driven.html").write_text(html.replace("</body>", """<script>
        const heads = document.querySelector('thead tr').cells;
        const names = () => [...document.querySelectorAll('tbody small')].map(node => node.textContent.slice(3, -4));
        const told = [0, 0, 3, 1, 1].map(n => { heads[n].firstChild.click(); return names().join(); });
        document.body.append('[' + told.join('; ') + ']');</script></body>"""), encoding="utf-8")
    assert "[bozuk,x,iyi,NA; bozuk,NA,iyi,x; bozuk,NA,iyi,x; bozuk,NA,iyi,x; bozuk,x,iyi,NA]" in opened(
        tmp_path / "driven.html", tmp_path)


def test_an_empty_run_has_an_index(tmp_path: Path) -> None:
    write_index([], tmp_path / "index.html")
    assert "<tbody>" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_an_error_rate_is_not_made_up() -> None:
    assert summarize(example(), "made", "made.txt").error_rate_estimate is None
