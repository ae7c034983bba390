"""The review as a person does it: with the keyboard, in a browser, against the command."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ocrfix.decisions.store import Store
from ocrfix.document import Document
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_txt
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest
from reviewing import hostile, made, write


@contextmanager
def serving(reports: Path, *options: str, reviewer: str = "ayşe") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and the address that it printed."""
    command = [sys.executable, "-m", "ocrfix", "review", str(reports), "--no-open", "--reviewer", reviewer, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def opened(browser: Browser, address: str, width: int = 1280, language: str = "en-GB") -> Page:
    """The page, ready; an error of its script fails the test."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=language)
    context.set_default_timeout(10_000)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("close", lambda: None if not errors else pytest.fail("; ".join(errors)))
    page.goto(address)
    page.wait_for_selector("#text .w")
    return page


def asked(page: Page, raw: str) -> None:
    """Wait until a reading is asked about, and can be answered."""
    expect(page.locator("body:not(.busy)")).to_have_count(1)
    expect(page.locator("#title del")).to_have_text(raw)


def saved(page: Page, words: str) -> None:
    """Wait until the page says that an answer is saved."""
    expect(page.locator("#saved")).to_contain_text(f"Saved: {words}")


def cleaned(document: Document, store: Store) -> str:
    """The clean text of another run with the decisions; words are corrected by nobody but the reviewer."""
    pipeline = Pipeline().without("words")
    again = ingest.read(document.text.encode(), document.source.name)
    return clean_txt(pipeline.run(again, Settings(decisions=store.standing()), Knowledge.load()))


def test_the_whole_review_by_keyboard_from_an_empty_database(browser: Browser, tmp_path: Path) -> None:
    document = made()
    reports = write(tmp_path, document)
    store = Store(tmp_path / "decisions.sqlite")
    with serving(reports) as (process, address):
        page = opened(browser, address)
        press = page.keyboard.press
        assert "token" not in page.url

        asked(page, "Pafa")                                       # a series, with one exception by hand
        expect(page.locator("#places li")).to_have_count(3)
        press("j"), press("j"), press("x")
        press("a")
        saved(page, "Pafa → Paşa, 2 places")
        asked(page, "Pafa")                                       # the exception is asked next
        press("r")
        saved(page, "Pafa stays")

        asked(page, "halkln")
        press("a")
        saved(page, "halkln → halkın")
        asked(page, "Sivas")
        press("r")
        saved(page, "Sivas stays")
        asked(page, "kitabi")
        press("1")
        saved(page, "kitabi → kitabî")

        asked(page, "mectis")
        press("s")
        asked(page, "ordıısu")
        press("u")                                                # what was skipped is back
        asked(page, "mectis")
        press("e")
        expect(page.locator("#editor-text")).to_be_focused()
        page.keyboard.type("Meclis")
        press("Enter")
        saved(page, "mectis → Meclis")

        asked(page, "ordıısu")
        press("d")
        saved(page, "ordıısu → ordusu, always")
        asked(page, "Molokan")
        press("w")
        saved(page, "Molokan stays")
        expect(page.locator("#done")).to_be_visible()

        press("u")                                                # undone, and done again
        expect(page.locator("#saved")).to_have_text("Undone: Molokan stays")
        expect(page.locator("#card")).to_be_visible()
        asked(page, "Molokan")
        assert store.standing().words == ()
        press("w")
        expect(page.locator("#done")).to_be_visible()

        page.locator("#page-back").focus()                        # a word that was left alone
        press("Enter")
        expect(page.locator("#text")).to_contain_text("karşılandl.")
        press("p")
        expect(page.locator("#text .w:focus")).to_have_count(1)
        press("Home")
        for _ in range(8):
            press("ArrowRight")
        expect(page.locator("#text .w:focus")).to_have_text("karşılandl.")
        press("Enter")
        page.keyboard.type("karşılandı.")
        press("Enter")
        saved(page, "karşılandl. → karşılandı.")
        expect(page.locator("#text")).to_contain_text("karşılandı.✎")
        page.close()

        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    text = cleaned(document, store)
    assert "Paşa'nın Ankara'ya gelişi büyük bir sevinçle karşılandı. O gün halkın önünde konuşan Pafa, Sivas" in text
    assert "Akşam Paşa, okuduğu kitabî bıraktı ve Meclis toplandı." in text
    assert text.count("ordusu") == 2 and "Molokan ailesi" in text
    assert store.standing().words == ("Molokan",)


def test_no_key_answers_a_question_that_was_answered_already(browser: Browser, tmp_path: Path) -> None:
    reports = write(tmp_path, made())
    store = Store(tmp_path / "decisions.sqlite")
    with serving(reports) as (_, address):
        page = opened(browser, address)
        asked(page, "Pafa")
        held: list[Route] = []
        page.route("**/api/queue*", lambda route: held.append(route))
        page.keyboard.press("a")
        saved(page, "Pafa → Paşa, 3 places")
        assert held                                               # the next question does not come yet
        for key in ("r", "1", "s", "e"):
            page.keyboard.press(key)
        expect(page.locator("#editor-text")).not_to_be_visible()
        page.unroute("**/api/queue*")                             # what was held goes on
        asked(page, "halkln")
        saved(page, "Pafa → Paşa, 3 places")
        page.close()
    assert [decision.verdict for decision in store.decisions()] == ["accepted"] * 3


def test_what_was_confirmed_outlives_a_kill_and_what_was_not_is_kept(browser: Browser, tmp_path: Path) -> None:
    reports = write(tmp_path, made())
    with serving(reports) as (process, address):
        page = opened(browser, address)
        asked(page, "Pafa")
        page.keyboard.press("a")
        saved(page, "Pafa → Paşa, 3 places")
        asked(page, "halkln")
        process.kill()
        process.wait()
        page.keyboard.press("a")
        expect(page.locator("#alert")).to_contain_text("NOT saved")
        expect(page.locator("#saved")).to_have_text("")
        assert [d.new for d in Store(tmp_path / "decisions.sqlite").holding()] != []
        assert len(Store(tmp_path / "decisions.sqlite").holding()) == 3
    with serving(reports) as (_, address):
        page = opened(browser, address)
        asked(page, "halkln")
        page.keyboard.press("u")
        asked(page, "Pafa")


def test_an_answer_is_sent_again_when_the_server_is_back(browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address)
        page.route("**/api/answer", lambda route: route.abort())
        asked(page, "Pafa")
        page.keyboard.press("a")
        expect(page.locator("#alert")).to_contain_text("NOT saved")
        assert not (tmp_path / "decisions.sqlite").exists()
        page.unroute("**/api/answer")
        page.locator("#retry").click()
        saved(page, "Pafa → Paşa, 3 places")
        expect(page.locator("#alert")).to_be_hidden()


def test_typing_is_no_shortcut_and_escape_changes_nothing(browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address)
        page.keyboard.press("e")
        page.keyboard.type("arsuc1")
        expect(page.locator("#editor-text")).to_have_value("arsuc1")
        page.keyboard.press("Escape")
        expect(page.locator("#editor")).to_be_hidden()
        asked(page, "Pafa")
        page.keyboard.press("?")
        expect(page.locator("#manual")).to_be_visible()
        page.locator("#letters").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.wait_for_timeout(200)
        asked(page, "Pafa")
        assert not (tmp_path / "decisions.sqlite").exists()


def test_a_place_is_opened_alone_and_the_series_comes_back(browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address)
        page.keyboard.press("j")
        page.keyboard.press("o")
        asked(page, "Pafa'nın")
        page.keyboard.press("Escape")
        asked(page, "Pafa")
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.keyboard.press("a")
        saved(page, "Pafa'nın → Paşa'nın")
        asked(page, "Pafa")
        expect(page.locator("#places li")).to_have_count(2)


def test_two_reviewers_see_each_others_answers_and_conflicts(browser: Browser, tmp_path: Path) -> None:
    reports = write(tmp_path, made())
    with serving(reports) as (_, one), serving(reports, reviewer="bora") as (_, other):
        ayse, bora = opened(browser, one), opened(browser, other)
        asked(bora, "Pafa")
        ayse.keyboard.press("a")
        saved(ayse, "Pafa")
        asked(bora, "halkln")                                     # within a few seconds
        expect(bora.locator("#saved")).to_contain_text("Another reviewer")
        bora.wait_for_timeout(800)                                # what he did not choose takes no answer at once
        bora.route("**/api/status", lambda route: route.abort())       # he does not hear of her next answer
        ayse.keyboard.press("a")
        saved(ayse, "halkln → halkın")
        bora.keyboard.press("r")
        saved(bora, "halkln stays")
        expect(bora.locator("#saved")).to_contain_text("decided otherwise")
        bora.keyboard.press("v")
        expect(bora.locator("#conflict-items > li")).to_have_count(1)
        bora.locator("#conflict-items button").first.click()
        expect(bora.locator("#conflict-items")).to_contain_text("No conflicts")
    assert [d.new for d in Store(tmp_path / "decisions.sqlite").standing().places("makale.txt")][-1] == "halkın"


def test_a_document_full_of_scripts_is_shown_as_it_is(browser: Browser, tmp_path: Path) -> None:
    text = "</script><script>document.title='x'</script><img src=x onerror=\"document.title='x'\"><b>&amp;"
    with serving(write(tmp_path, hostile(text)), reviewer=text) as (_, address):
        page = opened(browser, address)
        asked(page, text)
        page.keyboard.press("1")
        saved(page, f"{text} → {text}?")
        page.keyboard.press("u")
        asked(page, text)
        assert page.title() == "ocrfix review" and page.locator("main b b, main script, #text img").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(width: int, browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address, width)
        for letter, what in (("", "#card"), ("e", "#editor"), ("h", "#manual"), ("v", "#conflict-list")):
            if letter:
                page.keyboard.press(letter)
            expect(page.locator(what)).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator(what).evaluate("node => node.scrollWidth - node.clientWidth") <= 1
            page.keyboard.press("Escape")


def test_the_interface_speaks_turkish_where_the_browser_does(browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address, language="tr-TR")
        expect(page.locator("#accept .verb")).to_have_text("Kabul")
        assert page.locator("html").get_attribute("lang") == "tr"
        page.get_by_role("button", name="English").click()
        expect(page.locator("#accept .verb")).to_have_text("Accept")


def test_a_screen_reader_hears_the_question_and_knows_the_buttons(browser: Browser, tmp_path: Path) -> None:
    with serving(write(tmp_path, made())) as (_, address):
        page = opened(browser, address)
        expect(page.locator("#live")).to_contain_text("3 places. Read: Pafa. Proposed: Paşa.")
        page.keyboard.press("a")
        expect(page.locator("#live")).to_contain_text("Saved: Pafa → Paşa, 3 places")
        expect(page.locator("#live")).to_contain_text("Page 1, line 1. Read: halkln. Proposed: halkın.")
        nameless = page.locator("button:visible, select:visible, input:visible").evaluate_all(
            "nodes => nodes.filter(n => !(n.innerText || n.ariaLabel || n.labels?.length)).map(n => n.outerHTML)")
        assert nameless == []
        for name, shortcut in (("Accept halkın 30%", "a"), ("Reject halkln", "r"), ("Skip", "s"), ("Undo", "u")):
            assert page.get_by_role("button", name=name).get_attribute("aria-keyshortcuts") == shortcut


def test_the_scan_stands_beside_the_text(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    opened_page = browser.new_page()
    opened_page.screenshot(path=tmp_path / "scans" / "makale-1.png")
    opened_page.close()
    with serving(write(tmp_path, made()), "--images", str(tmp_path / "scans")) as (_, address):
        page = opened(browser, address)
        expect(page.locator("#scan-image")).to_be_visible()
        page.wait_for_function("document.getElementById('scan-image').naturalWidth > 0")
        page.locator("#page-on").click()
        expect(page.locator("#scan")).to_be_hidden()


