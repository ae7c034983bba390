"""The laws that always hold, over random documents and over the pipeline."""
from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ocrfix
from conftest import ROOT, documents, texts
from ocrfix import serialize
from ocrfix.document import Document
from ocrfix.errors import DocumentError, InputError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.outputs.text import clean_md, clean_txt, publishable
from ocrfix.paths import schema
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest

SCHEMA = jsonschema.Draft202012Validator(json.loads(schema().read_text("utf-8")))
SAMPLES = ["Bu bir deneme-\ndir; iki\nsatır.\n\n1 Bkz. s. 5.\n", "\ud800 \udc80\r\nüç\x01\f2",
           "EK 1)\n\n* * *\n\n12. not"]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge.load()


@settings(max_examples=300)
@given(documents())
def test_a_document_that_was_written_and_read_is_the_same(document: Document) -> None:
    data = serialize.dumps(document)
    loaded = serialize.loads(data)
    assert loaded == document
    assert serialize.dumps(loaded) == data
    assert loaded.restore() == document.restore()


@settings(max_examples=100)
@given(documents())
def test_a_document_holds_to_its_schema(document: Document) -> None:
    SCHEMA.validate(json.loads(serialize.dumps(document)))


@settings(max_examples=200)
@given(documents(changes=1), st.data())
def test_a_corrupted_span_does_not_pass(document: Document, data: st.DataObject) -> None:
    top = json.loads(serialize.dumps(document))
    spans = [span for block in top["blocks"] for span in block["spans"] if span["text"]]
    span = data.draw(st.sampled_from(spans))
    at = data.draw(st.integers(0, len(span["text"]) - 1))
    other = data.draw(st.sampled_from(["", "x", "xy"]).filter(lambda s: s != span["text"][at]))
    span["text"] = span["text"][:at] + other + span["text"][at + 1:]
    with pytest.raises(DocumentError):
        serialize.loads(json.dumps(top).encode()).restore()


@settings(max_examples=300)
@given(documents())
def test_the_clean_text_may_be_published(document: Document) -> None:
    for text in (clean_txt(document), clean_md(document)):
        text.encode()
        assert publishable(text) == text
        assert not text or text.endswith("\n")


@settings(max_examples=30)
@given(texts)
def test_the_pipeline_restores_any_text(knowledge: Knowledge, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    document = ocrfix.clean(data, knowledge=knowledge)
    assert document.restore() == data
    assert serialize.loads(serialize.dumps(document.model)).restore() == data


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=120))
def test_the_pipeline_restores_any_bytes_that_it_accepts(knowledge: Knowledge, data: bytes) -> None:
    try:
        document = ocrfix.clean(data, knowledge=knowledge)
    except InputError:
        return
    assert document.restore() == data


@pytest.mark.parametrize("text", SAMPLES)
def test_the_same_input_gives_the_same_bytes(knowledge: Knowledge, text: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        ocrfix.clean(text, knowledge=knowledge).save(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["clean.md", "clean.txt", "corrections.csv", "document.json", "report.html"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


PAGES = sorted((ROOT / "tests" / "data" / "article").glob("*/p*.*"))


@pytest.mark.parametrize("path", [ROOT / "raw" / "frunze-gorusmeleri.txt", *PAGES,
                                  *sorted((ROOT / "tests" / "cases" / "layout").glob("*.txt"))],
                         ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_cleaning_a_clean_text_again_changes_nothing_more(knowledge: Knowledge, path: Path) -> None:
    def cleaned(text: bytes) -> Document:
        document = Pipeline().run(ingest.read(text, "clean.txt"), Settings(skip=frozenset({"words"})), knowledge)
        document.check()
        return document

    once = cleaned(path.read_bytes())
    twice = cleaned(clean_txt(once).encode())
    assert clean_txt(twice) == clean_txt(once)
    assert [note.label for note in twice.notes()] == [note.label for note in once.notes()]


@pytest.mark.parametrize("path", [ROOT / "raw" / "frunze-gorusmeleri.txt",
                                  *(p for p in PAGES if p.parent.name == "raw")], ids=lambda path: path.stem)
def test_cleaning_with_words_is_done_after_once(knowledge: Knowledge, path: Path) -> None:
    once = ocrfix.clean(path.read_bytes(), knowledge=knowledge).text
    assert ocrfix.clean(once.encode(), knowledge=knowledge).text == once


def test_the_article_comes_back_from_its_document(knowledge: Knowledge) -> None:
    path = ROOT / "raw" / "frunze-gorusmeleri.txt"
    document = ocrfix.clean(path, knowledge=knowledge)
    assert document.restore() == path.read_bytes()
    assert document.model.restore() == serialize.loads(serialize.dumps(document.model)).restore()
    SCHEMA.validate(json.loads(serialize.dumps(document.model)))
    assert len(corrections_csv(document.model).splitlines()) > 1


@pytest.mark.parametrize(("change", "says"), [
    (lambda top: top | {"version": serialize.VERSION + 1},
     rf"newer ocrfix \(version {serialize.VERSION + 1} .* {serialize.VERSION}\): update ocrfix"),
    (lambda top: top | {"version": "1"}, "version"),
    (lambda top: top | {"format": "x"}, "not an ocrfix document"), (lambda top: top | {"blocks": 1}, "damaged"),
    (lambda top: top | {"blocks": [{}]}, "kind|spans"), (lambda top: top | {"pages": []}, "pages"),
    (lambda top: [], "not an ocrfix document"),
], ids=["newer", "version", "format", "blocks", "block", "pages", "list"])
def test_a_damaged_document_is_refused_in_one_line(change, says: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "document.json"
    path.write_text(json.dumps(change(json.loads(serialize.dumps(ingest.read(b"bir iki", "x"))))))
    with pytest.raises(DocumentError, match=says) as caught:
        ocrfix.load(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


@settings(max_examples=300)
@given(documents(changes=1), st.data())
def test_a_mutilated_file_ends_in_a_document_error(document: Document, data: st.DataObject) -> None:
    good = serialize.dumps(document)
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.sampled_from([b"", b"]", b'"', b"\xff", b"9", b"null"])) + good[at + 1:]
    with suppress(DocumentError):
        serialize.loads(bad).restore()
