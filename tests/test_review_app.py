"""The server of the review: whom it lets in, what it records, and that nothing in a text does harm."""
from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser
from importlib import resources
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ocrfix.decisions.model import Decision, Place, Scope
from ocrfix.decisions.store import Store
from ocrfix.document import Call, Change, Document, Kind, Page, Status, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_txt
from ocrfix.pipeline import Pipeline, Stage
from ocrfix.review import desk as desks
from ocrfix.review.app import create_app, interface_words
from ocrfix.review.corpus import Corpus, Segment
from ocrfix.review.images import Scans
from ocrfix.review.queue import Series
from ocrfix.review.security import Guard
from ocrfix.review.views import choices, tokens
from ocrfix.settings import Settings
from ocrfix.stages import ingest
from reviewing import NAME, corpus, doubtful, hostile, made, write
from synthetic import Maker

GUARD = Guard("secret", "127.0.0.1", 8765)
BASE = "http://127.0.0.1:8765"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;{{7*7}}"
MARK = "0123456789abcdef" * 2


def client(of: Corpus, reviewer: str = "ayşe", images: Path | None = None, *, known: bool = True) -> FlaskClient:
    """A browser; ``known`` if it has opened the printed address."""
    browser = create_app(of, guard=GUARD, reviewer=reviewer, images=images).test_client()
    if known:
        assert browser.get("/?token=secret", base_url=BASE).status_code == 303
    return browser


def get(browser: FlaskClient, path: str, **query: object) -> TestResponse:
    return browser.get(path, base_url=BASE, query_string={name: str(value) for name, value in query.items()})


def post(browser: FlaskClient, path: str, body: object, origin: str | None = BASE,
         content: str = "application/json") -> TestResponse:
    return browser.post(path, base_url=BASE, data=json.dumps(body), content_type=content,
                        headers={} if origin is None else {"Origin": origin})


def questions(browser: FlaskClient, **query: object) -> dict[str, dict[str, Any]]:
    """The questions of the queue by what was read."""
    return {one["raw"]: one for one in get(browser, "/api/queue", **query).get_json()["series"]}


def places(question: dict[str, Any]) -> list[list[object]]:
    return [[item["document"], item["start"], item["end"], item["version"]] for item in question["items"]]


VERSION = "the version of the document"
_marks = map("{:032x}".format, count())


def answer(browser: FlaskClient, where: list[list[object]], verdict: str, **more: object) -> TestResponse:
    body = {"places": where, "verdict": verdict, "scope": "place", "mark": next(_marks), **more}
    return post(browser, "/api/answer", body)


def said(of: Corpus) -> list[tuple[str, str, str, str]]:
    """What is decided: raw, new, verdict, scope."""
    return [(d.place.raw, d.new, d.verdict.value, d.scope.value) for d in of.store.holding()]


def clean(of: Corpus) -> str:
    """The clean text with the answers so far."""
    document = of.settled(of.document(NAME))
    return "\n".join(block.current(document.text) for block in document.printed())


# Who is let in ------------------------------------------------------------------------------------------------------

def test_nobody_comes_in_without_the_token(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path), known=False)
    for path in ("/", "/?token=wrong", "/?token=", "/api/queue", "/api/page", "/static/review.js", "/shared/look.css"):
        response = browser.get(path, base_url=BASE)
        assert response.status_code == 403 and "Set-Cookie" not in response.headers, path
    assert post(browser, "/api/undo", {"mark": MARK}).status_code == 403


def test_the_token_leaves_the_address_and_stays_in_a_cookie_that_no_script_reads(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path), known=False)
    response = browser.get("/?token=secret", base_url=BASE)
    cookie = response.headers["Set-Cookie"]
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and cookie.startswith("ocrfix-8765=")
    assert get(browser, "/").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1", "127.0.0.1:1", "localhost:80",
                                  "127.0.0.1:8765.evil.example", "[::1", "192.168.1.2:8765", ""])
def test_a_request_under_another_name_is_refused(host: str, tmp_path: Path) -> None:
    browser = client(corpus(tmp_path))
    for path in ("/", "/?token=secret", "/api/queue"):
        assert browser.get(path, base_url=BASE, headers={"Host": host}).status_code in (400, 403)


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765"])
def test_the_computers_own_names_are_let_in(host: str, tmp_path: Path) -> None:
    browser = client(corpus(tmp_path), known=False)
    assert browser.get("/?token=secret", base_url=f"http://{host}").status_code == 303


def test_on_all_addresses_a_name_is_refused_all_the_same() -> None:
    guard = Guard("secret", "0.0.0.0", 8765)
    assert guard._is_host("192.168.1.2:8765") and not guard._is_host("evil.example:8765")


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:8766", "https://127.0.0.1:8765",
                                    "http://localhost:8765"])
def test_a_change_must_come_from_the_page(origin: str | None, tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    body = {"places": places(questions(browser)["halkln"]), "verdict": "accepted", "scope": "place", "mark": MARK}
    assert post(browser, "/api/answer", body, origin).status_code == 403
    assert post(browser, "/api/answer", body, content="text/plain").status_code == 403
    assert said(of) == []


def test_no_get_changes_anything(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    app = browser.application
    changing = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert changing == {"/api/answer", "/api/undo", "/api/agree", "/api/skip"}
    for rule in app.url_map.iter_rules():
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"} or rule.rule in changing
        get(browser, rule.rule.replace("<path:filename>", "review.js").replace("<name>", "look.css"), document=NAME,
            page=1, mark=MARK, verdict="accepted")
    assert not of.store.path.exists()


def test_every_response_confines_the_page(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path))
    for path in ("/", "/api/queue", "/api/none", "/static/review.js", "/nowhere", "/api/page"):
        headers = get(browser, path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "same-origin"


# Hostile texts and names --------------------------------------------------------------------------------------------

class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_a_document_full_of_scripts_runs_none(tmp_path: Path) -> None:
    of = corpus(tmp_path, hostile(HOSTILE))
    browser = client(of, reviewer=HOSTILE)
    page = Tags(get(browser, "/").get_data(as_text=True))
    assert [attributes.get("src") for tag, attributes in page.tags if tag == "script"] == [
        None, "/shared/interface.js", "/static/review.js"]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "style"]
    for path in ("/api/queue", "/api/page", "/api/conflicts", "/api/" + HOSTILE):
        for name, page in ((NAME, 1), (HOSTILE, HOSTILE)):
            assert get(browser, path, document=name, page=page).mimetype == "application/json"
    question = next(iter(questions(browser).values()))
    assert answer(browser, places(question), "edited", new=HOSTILE).status_code == 200
    assert get(browser, "/api/status").get_json()["last"]["new"] == HOSTILE


def test_the_script_writes_text_never_markup() -> None:
    for path in resources.files("ocrfix.review").joinpath("static").iterdir():
        if path.name.endswith(".js"):
            source = path.read_text(encoding="utf-8")
            assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", source)


def test_the_page_needs_no_network(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path))
    for path in ("/", "/static/review.js", "/static/review.css", "/shared/look.css", "/shared/interface.js"):
        assert not re.search(r"https?://|//cdn", get(browser, path).get_data(as_text=True)), path


@pytest.mark.parametrize("name", ["..", "../secret", "../reports/makale", "/etc", "makale/../makale", "", ".", "%2e%2e",
                                  "secret", "makale\0"])
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    of = corpus(tmp_path)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "document.json").write_bytes((of.reports / NAME / "document.json").read_bytes())
    (of.reports / "secret").symlink_to(tmp_path / "secret")
    (tmp_path / "scans").mkdir()
    browser = client(of, images=tmp_path / "scans")
    assert get(browser, "/api/page", document=name, page=1).status_code == 404
    assert get(browser, "/api/scan", document=name, page=1).status_code == 404
    assert answer(browser, [[name, 0, 5, "1"]], "edited", new="x").status_code == 404
    assert get(browser, f"/static/../{name}/document.json").status_code in (308, 400, 404)
    assert get(browser, "/shared/../review/app.py").status_code == 404


# Answers ------------------------------------------------------------------------------------------------------------

def test_the_queue_has_the_greatest_gain_first_with_context_and_alternatives(tmp_path: Path) -> None:
    found = questions(client(corpus(tmp_path)))
    assert list(found) == ["Pafa", "halkln", "Sivas", "kitabi", "mectis", "ordıısu", "Molokan"]
    assert found["Pafa"]["places"] == 3 and found["Pafa"]["clean"] == "Paşa"
    assert found["kitabi"]["choices"] == [["kitabî", 0.3], ["kitab", 0.1]]
    (item,) = found["Sivas"]["items"]
    assert (item["before"][-8:], item["after"][:9], item["kept"]) == ("n Paşa, ", " yolundan", 0.3)


def test_answers_are_recorded_and_shown_in_the_page(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    found = questions(browser)
    assert answer(browser, places(found["halkln"]), "accepted").status_code == 200
    assert answer(browser, places(found["Sivas"]), "rejected").status_code == 200
    assert answer(browser, places(found["kitabi"]), "edited", new="kitabî").status_code == 200
    assert said(of) == [("halkln", "halkın", "accepted", "place"), ("Sivas", "Sivas", "rejected", "place"),
                        ("kitabi", "kitabî", "edited", "place")]
    assert list(questions(browser)) == ["Pafa", "mectis", "ordıısu", "Molokan"]
    assert "halkın önünde" in clean(of) and "Sivas yolundan" in clean(of) and "kitabî bıraktı" in clean(of)
    page = get(browser, "/api/page", document=NAME, page=1).get_json()["paragraphs"]
    shown = {token["text"]: token.get("edit") for paragraph in page for token in paragraph["tokens"]}
    assert shown["halkın"]["status"] == "accepted" and shown["Sivas"]["status"] == "rejected"
    assert shown["karşılandl."] is None


def test_a_series_is_answered_as_one_but_for_its_exceptions(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["Pafa"])
    assert answer(browser, [where[0], where[2]], "edited", new="Başa", part=True).status_code == 200
    assert sorted(said(of)) == [("Pafa'nın", "Başa'nın", "edited", "place"), ("Pafa,", "Başa,", "edited", "place")]
    left = questions(browser)["Pafa"]
    assert places(left) == [where[1]]
    assert len({d.answer for d in of.store.holding()}) == 1                            # undone together


def test_one_place_of_a_series_keeps_its_suffix(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    answer(browser, places(questions(browser)["Pafa"])[:1], "edited", new="Başa", part=True)
    assert said(of) == [("Pafa'nın", "Başa'nın", "edited", "place")]


def test_always_in_the_document_changes_the_places_that_nobody_proposed(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    answer(browser, places(questions(browser)["ordıısu"]), "accepted", scope="document")
    assert said(of) == [("ordıısu", "ordusu", "accepted", "document")]
    assert clean(of).count("ordusu") == 2 and "ordıısu" not in clean(of)
    answer(browser, places(questions(browser)["Pafa"]), "edited", new="Başa", scope="corpus", part=True)
    assert said(of)[-1] == ("Pafa", "Başa", "edited", "corpus")
    assert "Pafa" not in questions(browser)


def test_what_is_always_so_is_shown_as_decided_where_it_was_corrected(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    found = questions(browser)
    answer(browser, places(found["Pafa"]), "accepted", scope="document")
    answer(browser, places(found["mectis"]), "rejected", scope="document")
    page = get(browser, "/api/page", document=NAME, page=1).get_json()["paragraphs"]
    shown = {token["text"]: token.get("edit", {}).get("status") for paragraph in page for token in paragraph["tokens"]}
    assert (shown["Paşa'nın"], shown["Paşa"], shown["mectis"]) == ("accepted", "accepted", "rejected")


def test_a_reading_that_always_stays_is_left_alone_by_the_next_run(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    for raw in ("mectis", "Pafa"):
        answer(browser, places(questions(browser)[raw]), "rejected", scope="document")
    assert said(of) == [("mectis", "mectis", "rejected", "document"), ("Pafa", "Pafa", "rejected", "document")]

    def machine(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
        blocks = []
        for block in document.blocks:
            found = re.finditer("mectis|Pafa", block.current(document.text))
            changes = [Change(m.start(), m.end(), "MACHINE", "rule", "reason") for m in found]
            blocks.append(apply_changes(block, document.text, changes, "machine"))
        return document.with_blocks(blocks)

    pipeline = Pipeline().replacing("words", Stage("words", machine))
    document = ingest.read(made().text.encode(), f"{NAME}.txt")
    assert "MACHINE" in clean_txt(pipeline.run(document))
    text = clean_txt(pipeline.run(document, Settings(decisions=of.store.standing())))
    assert "MACHINE" not in text and "Pafa'nın Ankara'ya" in text and "mectis toplandı" in text


def test_a_right_word_goes_to_the_lexicon(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    answer(browser, places(questions(browser)["Molokan"]), "rejected", word=True)
    assert of.store.standing().words == ("Molokan",)


def test_a_word_that_was_left_alone_can_be_changed(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    version = get(browser, "/api/page", document=NAME, page=1).get_json()["version"]
    start = made().text.index("karşılandl")
    assert answer(browser, [[NAME, start, start + 10, version]], "edited", new="karşılandı").status_code == 200
    assert "karşılandı. O gün" in clean(of)


def test_a_word_that_lines_divide_is_changed_as_one(tmp_path: Path) -> None:
    text = "Uzun süren bağım-\nsızlık mücadelesi sonunda kazanıldı ve barış\nyapıldı.\n"
    pipeline = Pipeline().without("words")
    of = corpus(tmp_path, pipeline.run(ingest.read(text.encode(), f"{NAME}.txt")))
    browser = client(of)
    page = get(browser, "/api/page", document=NAME, page=1).get_json()
    word = next(token for token in page["paragraphs"][0]["tokens"] if token["text"] == "bağımsızlık")
    assert answer(browser, [[NAME, word["start"], word["end"], page["version"]]], "edited",
                  new="özgürlük").status_code == 200
    wanted = "Uzun süren özgürlük mücadelesi sonunda kazanıldı ve barış yapıldı."
    assert clean(of).strip() == wanted
    again = pipeline.run(ingest.read(text.encode(), f"{NAME}.txt"), Settings(decisions=of.store.standing()))
    assert clean_txt(again).strip() == wanted


def test_a_footnote_call_can_be_set_behind_a_word(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["halkln"])
    assert answer(browser, where, "edited", new="halkın", call="x").status_code == 400
    assert answer(browser, where, "edited", new="halkın", call="12").status_code == 200
    document = of.settled(of.document(NAME))
    assert Call("12") in next(iter(document.printed())).render(document.text)


def test_an_answer_sent_twice_is_recorded_once(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["halkln"])
    for _ in range(2):
        assert answer(browser, where, "accepted", mark=MARK).status_code == 200
    assert len(of.store.decisions()) == 1


def test_undo_takes_back_the_reviewers_own_last_answer(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser, other = client(of), client(of, "bora")
    answer(browser, places(questions(browser)["Pafa"]), "accepted")
    answer(other, places(questions(other)["Sivas"]), "rejected")
    again = client(of)                                                                 # as after a reload
    last = get(again, "/api/status").get_json()["last"]
    assert (last["raw"], last["places"]) == ("Pafa", 3)
    assert post(other, "/api/undo", {"mark": last["mark"]}).status_code == 400         # not his
    assert post(again, "/api/undo", {"mark": last["mark"]}).get_json()["last"] is None
    assert post(again, "/api/undo", {"mark": last["mark"]}).status_code == 200         # sent twice
    assert said(of) == [("Sivas", "Sivas", "rejected", "place")]
    assert questions(again)["Pafa"]["places"] == 3


def test_what_is_skipped_comes_last_and_can_be_brought_back(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["Pafa"])
    post(browser, "/api/skip", {"places": where})
    assert list(questions(browser))[-1] == "Pafa" and questions(browser)["Pafa"]["skipped"]
    post(browser, "/api/skip", {"places": where, "undo": True})
    assert next(iter(questions(browser))) == "Pafa"
    assert not of.store.path.exists()


def test_a_wanted_place_comes_first(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path))
    name, start, end, _ = places(questions(browser)["mectis"])[0]
    assert next(iter(questions(browser, want=name, start=start, end=end))) == "mectis"


@pytest.mark.parametrize("body", [
    [], {}, {"places": []}, {"places": [[NAME, "0", 5, VERSION]]}, {"places": [[NAME, 0, VERSION]]},
    {"places": [[NAME, 0, 5, VERSION]] * 101},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "auto", "scope": "place"},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "world"},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "place", "new": 7},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "place", "new": "x" * 2001},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "place", "new": "a\x00b"},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "place", "new": "a\ud800b"},
    {"places": [[NAME, 0, 10**9, VERSION]], "verdict": "edited", "scope": "place", "new": "a"},
    {"places": [[NAME, -5, 5, VERSION]], "verdict": "edited", "scope": "place", "new": "a"},
    {"places": [[NAME, 0, 5, VERSION]], "verdict": "edited", "scope": "place", "new": "a", "mark": "x"},
])
def test_a_senseless_request_is_told_so_and_changes_nothing(body: object, tmp_path: Path) -> None:
    of = corpus(tmp_path)
    if isinstance(body, dict):
        places = [[of.document(NAME).version if part == VERSION else part for part in place]
                  for place in body.get("places", [])]
        body = {"mark": MARK, **body, "places": places}
    response = post(client(of), "/api/answer", body)
    assert response.status_code == 400 and response.get_json()["error"]
    assert said(of) == []


def test_an_answer_that_cannot_be_written_is_not_confirmed(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["halkln"])
    of.store.path.mkdir()
    response = answer(browser, where, "accepted")
    assert response.status_code == 500 and "decisions.sqlite" in response.get_json()["error"]


def test_beside_a_byte_that_is_no_character_answers_are_recorded_and_found_again(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, "Bir X ", doubtful("Pafa", "Paşa", 0.5), " X üç.")
    document = maker.document(f"{NAME}.txt")
    text = document.text.replace("X", "\udce4")
    source = replace(document.source, size=len(text.encode("utf-8", "surrogateescape")), errors="surrogateescape",
                     sha256=hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest())
    of = corpus(tmp_path, replace(document, text=text, source=source))
    browser = client(of)
    assert answer(browser, places(questions(browser)["Pafa"]), "accepted").status_code == 200
    assert questions(browser) == {} and clean(of) == "Bir \udce4 Paşa \udce4 üç."
    assert get(browser, "/api/page", document=NAME, page=1).status_code == 200


def test_a_request_that_is_too_large_is_refused(tmp_path: Path) -> None:
    assert post(client(corpus(tmp_path)), "/api/answer", {"new": "x" * 2_000_000}).status_code == 413


def test_what_was_shown_of_an_older_cleaning_is_not_answered(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    where = places(questions(browser)["halkln"])
    write(tmp_path, hostile("Başka bir metin, başka yerler, başka öneriler."))
    os.utime(of.reports / NAME / "document.json", ns=(1, 1))
    response = answer(browser, where, "accepted")
    assert response.status_code == 400 and "cleaned again" in response.get_json()["error"]
    assert said(of) == []


# Two reviewers ------------------------------------------------------------------------------------------------------

@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[FlaskClient, FlaskClient, Corpus]]:
    """Two servers on one folder, as of two people."""
    reports = write(tmp_path, made())
    one, other = (Corpus(reports, Store(tmp_path / "decisions.sqlite")) for _ in range(2))
    yield client(one, "ayşe"), client(other, "bora"), one


def test_what_one_answers_the_other_is_not_asked(two: tuple[FlaskClient, FlaskClient, Corpus]) -> None:
    one, other, _ = two
    before = get(other, "/api/status").get_json()["revision"]
    answer(one, places(questions(one)["halkln"]), "accepted")
    assert get(other, "/api/status").get_json()["revision"] != before
    assert "halkln" not in questions(other)


def test_two_at_the_same_moment_lose_nothing(two: tuple[FlaskClient, FlaskClient, Corpus]) -> None:
    one, other, of = two
    where = [place for question in questions(one).values() for place in places(question)]

    def all_of_them(browser: FlaskClient) -> list[int]:
        return [answer(browser, [place], "accepted").status_code for place in where]

    with ThreadPoolExecutor() as threads:
        assert [*threads.map(all_of_them, (one, other))] == [[200] * len(where)] * 2
    assert len(of.store.decisions()) == 2 * len(where) and of.store.conflicts() == []


def test_a_conflict_is_shown_and_gone_when_they_agree(two: tuple[FlaskClient, FlaskClient, Corpus]) -> None:
    one, other, of = two
    where = places(questions(one)["Sivas"])
    answer(one, where, "accepted")
    assert answer(other, where, "rejected").get_json()["conflicts"] == 1
    (conflict,) = get(one, "/api/conflicts").get_json()
    assert (conflict["document"], conflict["raw"], conflict["before"][-6:]) == (NAME, "Sivas", "Pafa, ")
    assert [(d["reviewer"], d["new"]) for d in conflict["decisions"]] == [("ayşe", "Siyah"), ("bora", "Sivas")]
    chosen = conflict["decisions"][1]["id"]
    assert post(one, "/api/agree", {"decision": chosen, "mark": MARK}).get_json()["conflicts"] == 0
    assert post(one, "/api/agree", {"decision": chosen, "mark": MARK}).status_code == 200        # sent twice
    assert post(one, "/api/agree", {"decision": chosen, "mark": MARK[::-1]}).status_code == 400
    assert len(of.store.decisions()) == 3
    assert [d.new for d in of.store.standing().places(f"{NAME}.txt")] == ["Sivas"]


# The page view ------------------------------------------------------------------------------------------------------

def test_a_word_that_lines_divide_is_one_word_of_the_page() -> None:
    segments = [Segment("Bir bağım", 0, 9), Segment("", 9, 11, "-\n"), Segment("sızlık savaşı", 11, 24),
                Segment(" ", 24, 25, "\n"), Segment("Paşa", 25, 29, "Pafa", True), Segment(", son.", 29, 35)]
    assert [(token["text"], token.get("start"), token.get("end")) for token in tokens(segments)] == [
        ("Bir", 0, 3), (" ", None, None), ("bağımsızlık", 4, 17), (" ", None, None), ("savaşı", 18, 24),
        (" ", None, None), ("Paşa", 25, 29), (",", 29, 30), (" ", None, None), ("son.", 31, 35)]


def test_the_alternatives_of_a_series_are_those_of_the_misreading(tmp_path: Path) -> None:
    (pafa, *_) = corpus(tmp_path).queue()
    items = [replace(item, alternatives=((item.proposal, 0.6), (item.base, 0.1),
                                         (item.base.replace("Pafa", "Rafa"), 0.2))) for item in pafa.items]
    assert choices(Series("Pafa", "Paşa", tuple(items))) == [("Rafa", pytest.approx(0.2))]


# Scans --------------------------------------------------------------------------------------------------------------

def scanned(tmp_path: Path, *names: str) -> Path:
    folder = tmp_path / "scans"
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\x89PNG " + name.encode())
    return folder


@pytest.mark.parametrize("names", [("makale-001.png", "makale-002.png"), ("makale/1.jpg", "makale/s 2.jpg"),
                                   ("makale_p1.webp", "makale_p2.gif"), ("makale 645.png", "makale 646.png"),
                                   ("makale/scan-0645.tif", "makale/scan-0646.tif")])
def test_scans_are_found_by_the_number_of_the_page_or_the_printed_one(names: tuple[str, str], tmp_path: Path) -> None:
    document = made()
    first, second = document.pages
    labelled = replace(document, pages=(Page(1, first.span, "645"), Page(2, second.span, "646")))
    folder = scanned(tmp_path, *names, "other-1.png", "makale2-1.png", "makale-ek-1.png", "makale.txt")
    found = Scans(folder).of(NAME, labelled)
    assert [found[number].name for number in (1, 2)] == [name.rpartition("/")[2] for name in names]


def test_a_document_of_one_page_needs_no_number(tmp_path: Path) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, "Bir iki.")
    assert Scans(scanned(tmp_path, "makale.png")).of(NAME, maker.document())[1].name == "makale.png"


def test_scans_are_sent_and_none_that_a_link_leads_out_to(tmp_path: Path) -> None:
    folder = scanned(tmp_path, "makale-1.png")
    (tmp_path / "secret.png").write_bytes(b"secret")
    (folder / "makale-2.png").symlink_to(tmp_path / "secret.png")
    browser = client(corpus(tmp_path), images=folder)
    assert get(browser, "/api/documents").get_json() == [{"name": NAME, "pages": ["1", "2"], "scans": [1]}]
    response = get(browser, "/api/scan", document=NAME, page=1)
    assert response.mimetype == "image/png" and response.data.endswith(b"makale-1.png")
    assert get(browser, "/api/scan", document=NAME, page=2).status_code == 404
    assert get(client(corpus(tmp_path)), "/api/scan", document=NAME, page=1).status_code == 404


# Progress and words -------------------------------------------------------------------------------------------------

def decision(time: str, mark: str, old: str) -> Decision:
    return Decision(time, mark, time, "ayşe", "a.txt", Scope.PLACE, Status.ACCEPTED, Place("x"), old, old)


def test_the_pace_counts_words_over_time_without_long_pauses() -> None:
    since = "2026-01-01T10:00:00.000000+00:00"
    taken = [decision("2026-01-01T10:00:30.000000+00:00", "a", "iki sözcük"),
             decision("2026-01-01T10:00:30.000000+00:00", "a", "bir"),
             decision("2026-01-01T12:00:00.000000+00:00", "b", "")]
    pace = desks.pace(taken, since)
    assert (pace.answers, pace.words, pace.minutes) == (2, 4, 1.5)
    assert pace.words_per_minute == pytest.approx(4 / 1.5)
    assert desks.pace([], since).words_per_minute == 0


def test_progress_counts_open_places(tmp_path: Path) -> None:
    browser = client(corpus(tmp_path))
    answer(browser, places(questions(browser)["Pafa"]), "accepted")
    progress = get(browser, "/api/status").get_json()["progress"]
    assert (progress["allPlaces"], progress["openPlaces"], progress["openSeries"]) == (9, 6, 6)
    assert progress["now"] is None                                # no words were looked at: no rate is made up


def test_a_document_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    (of.reports / "broken").mkdir()
    (of.reports / "broken" / "document.json").write_text("{")
    browser = client(of)
    assert len(questions(browser)) == 7
    (failed,) = get(browser, "/api/status").get_json()["failed"]
    assert failed["en"].startswith("broken: ") and "damaged" in failed["en"] and "bozuk" in failed["tr"]


def test_the_interface_has_every_word_in_both_languages(tmp_path: Path) -> None:
    words = interface_words()
    assert set(words["en"]) == set(words["tr"])
    review = resources.files("ocrfix.review")
    html = get(client(corpus(tmp_path)), "/").get_data(as_text=True)
    used = set(re.findall(r'data-[tl]="([\w-]+)"', html))
    for path in review.joinpath("static").iterdir():
        if path.name.endswith(".js"):
            used |= set(re.findall(r"(?:word|say)\('([\w-]+)'[,)]", path.read_text(encoding="utf-8")))
    assert used <= set(words["en"])
    own = set(json.loads(review.joinpath("interface.json").read_text(encoding="utf-8"))["en"])
    sources = html + "".join(path.read_text(encoding="utf-8") for path in review.joinpath("static").iterdir())
    assert not [key for key in own if not re.search(rf"\b{re.escape(key)}\b", sources) and not key.startswith("scope_")]


def test_two_files_of_one_name_stay_two_documents(tmp_path: Path) -> None:
    reports = write(tmp_path, made(), "a")
    write(tmp_path, made("b"), "b")
    browser = client(Corpus(reports, Store(tmp_path / "decisions.sqlite")))
    assert questions(browser)["Pafa"]["places"] == 6
    assert questions(browser, document="b")["Pafa"]["places"] == 3


def test_what_is_kept_between_answers_is_what_a_fresh_look_finds(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    found = questions(browser)
    always = {"scope": "document"}
    for raw, verdict, more in (("Pafa", "accepted", {}), ("Sivas", "rejected", {}), ("ordıısu", "accepted", always),
                               ("halkln", "edited", {"new": "halkı"}), ("Sivas", "accepted", {}), ("", "", {})):
        if raw:
            answer(browser, places(found[raw]), verdict, **more)
        else:
            post(browser, "/api/undo", {"mark": get(browser, "/api/status").get_json()["last"]["mark"]})
        fresh = Corpus(of.reports, of.store)
        assert of.settled(of.document(NAME)) == fresh.settled(fresh.document(NAME))
        assert of.queue() == fresh.queue() and of.estimates() == fresh.estimates()


def test_a_right_word_joins_the_lexicon_without_marks_and_suffix(tmp_path: Path) -> None:
    of = corpus(tmp_path)
    browser = client(of)
    answer(browser, places(questions(browser)["Pafa"]), "rejected", word=True)
    assert of.store.standing().words == ("Pafa",)
