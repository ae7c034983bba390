"""A text above the limit: learned from as a whole, cleaned in parts, and no worse for it."""
from __future__ import annotations

import codecs
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import ocrfix as library
from conftest import ROOT, contents
from ocrfix import adaptation, api
from ocrfix.adaptation import Elsewhere, Sightings, own_words
from ocrfix.decisions.model import Decision, Place, Scope, Standing
from ocrfix.decisions.store import Store, store_beside
from ocrfix.document import Status
from ocrfix.errors import DocumentError
from ocrfix.knowledge import Knowledge
from ocrfix.large import clean as large
from ocrfix.large.division import divide, find_cut
from ocrfix.large.source import LargeText
from ocrfix.large.words import running_text
from ocrfix.outputs.summary import SummaryRow
from ocrfix.pipeline import Pipeline
from ocrfix.review.corpus import Answer, Corpus
from ocrfix.run import plan, run
from ocrfix.settings import Settings
from ocrfix.stages._unwrapped import notes_from
from ocrfix.stages.layout import classify
from ocrfix.stages.reflow import join

ABOVE = 28_000
"""Bytes: what is larger is cleaned in parts of a quarter of that."""
QUICK = Settings(skip=frozenset({"words"}), divide_above=ABOVE)
WHOLE = replace(QUICK, divide_above=10**9)
FILES = ("clean.txt", "clean.md", "corrections.csv")
GOLD = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "tests/data/article/gold").glob("p0*.md")))
PROSE = re.findall(r"(?<=\. )[A-ZÇĞİÖŞÜ][^.^\[\]⟦⟧\d\n]{60,160}[a-zçğıöşü]{4}\.(?= )", GOLD)


def sentences(first: int, count: int) -> list[str]:
    return [PROSE[k % len(PROSE)] for k in range(first, first + count)]


def wrapped(text: str, width: int = 70) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += " " * bool(lines[-1]) + word
    return lines


def book(pages: int = 40, first_note: int = 1) -> str:
    """Pages with running heads, paragraphs of which some go on on the next page, and notes numbered through."""
    out = []
    for page in range(pages):
        first = " ".join(sentences(7 * page, 4))
        second = " ".join(sentences(7 * page + 4, 3))
        if page % 3 == 1:                                           # the last paragraph goes on
            second = second[:-40].rsplit(" ", 1)[0]
        number = first_note + page
        lines = [f"MOSKOVA GÖRÜŞMELERİ                    {page + 100}", "", *wrapped(first), "",
                 *wrapped(second.replace("nda ", f"nda{number} ", 1)), "", f"{number} Yılmaz, Tarih, s. {page + 10}."]
        out.append("\n".join(lines))
    return "\n\f".join(out) + "\n"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder ``raw`` with a book in the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "book.txt").write_text(book(), "utf-8")
    return tmp_path


def done(settings: Settings = QUICK, out: str = "reports", **options: bool) -> SummaryRow:
    """The row of the one document in ``raw``."""
    (row,) = run([Path("raw")], Path(out), settings, **options)
    return row


def parts(folder: Path | str = "reports/book") -> list[Path]:
    return sorted((Path(folder) / "parts").iterdir())


def restored(path: Path | str = "reports/book/document.json") -> bytes:
    return b"".join(api.restore(path))


# --- the same as a whole --------------------------------------------------------------------------------------------

def test_in_parts_comes_out_what_comes_out_as_a_whole(here: Path) -> None:
    row, whole = done(), done(WHOLE, "whole")
    assert row.message == f"in {len(parts())} parts" and len(parts()) > 3 and whole.message == ""
    assert replace(row, message="", review=whole.review) == whole     # how calls are read is learned of each part
    for name in ("clean.txt", "clean.md"):
        assert (Path("reports/book") / name).read_text("utf-8") == (Path("whole/book") / name).read_text("utf-8")
    tables = [pd.read_csv(Path(out) / "book" / "corrections.csv", dtype=library.DTYPES, keep_default_na=False)
              for out in ("reports", "whole")]
    same = [column for column in tables[0].columns if column not in ("confidence", "status")]
    pd.testing.assert_frame_equal(tables[0][same], tables[1][same])
    assert len(tables[0]) > 40


def test_the_marks_of_pages_and_the_rows_of_the_corpus_are_counted_through(here: Path) -> None:
    found = []
    for options, out in ((QUICK, "reports"), (WHOLE, "whole")):
        done(replace(options, page_marks=True, to=frozenset({"jsonl"})), out)
        found.append([Path(out, "book", "clean.md").read_text("utf-8"),
                      [{**json.loads(line), "error_rate_estimate": None}
                       for line in Path(out, "corpus.jsonl").read_text("utf-8").splitlines()]])
    assert found[0] == found[1]
    assert found[0][0].count("<!-- page ") == 40


def test_a_text_with_pages_is_cut_where_no_paragraph_goes_on(here: Path, knowledge: Knowledge) -> None:
    text = book()
    source = LargeText.open(Path("raw/book.txt"))
    whole = join(classify(api.ingest.read(text.encode(), "book.txt"), Settings(), knowledge), Settings(), knowledge)
    over_pages = [block for block in whole.printed() if "\f" in text[block.spans[0].start + 1:block.spans[-1].end]]
    cuts = [find_cut(source, text[:end], knowledge) for end in range(11_000, 14_000, 250)]
    assert all(turns and text[cut] == "\f" for cut, turns in cuts) and len(set(cuts)) > 3
    assert any(cuts[0][0] < block.start < cuts[-1][0] for block in over_pages)
    assert not any(block.spans[0].start < cut < block.spans[-1].end for block in over_pages for cut, _ in cuts)


@pytest.mark.parametrize("text", [
    pytest.param("\n\n".join(" ".join(sentences(k, 3)) for k in range(120)), id="a paragraph a line"),
    pytest.param("\n\n".join("\n".join(wrapped(" ".join(sentences(k, 3)))) for k in range(120)), id="wrapped"),
])
def test_a_text_without_pages_is_cut_between_paragraphs(here: Path, text: str) -> None:
    Path("raw/book.txt").write_text(text + "\n", "utf-8")
    row, whole = done(), done(WHOLE, "whole")
    assert len(parts()) > 3 and replace(row, message="") == whole
    for name in FILES:
        assert Path("reports/book", name).read_text("utf-8") == Path("whole/book", name).read_text("utf-8")


def test_a_clean_text_that_is_cleaned_again_in_parts_stays_as_it_is(here: Path) -> None:
    """The list of notes at its end reaches over several parts."""
    body = [" ".join(sentences(k, 3)) for k in range(30)]
    notes = [f"{k}. Yılmaz, Türk Tarihi ve Belgeleri, c. I, Ankara, s. {k + 10}." for k in range(1, 400)]
    text = "\n\n".join([*body, "* * *", *notes]) + "\n"
    Path("raw/book.txt").write_text(text, "utf-8")
    row = done()
    assert len(parts()) > 3 and row.notes == 399
    assert Path("reports/book/clean.txt").read_text("utf-8") == text
    assert notes_from([text]) == notes_from(text.splitlines(keepends=True)) == text.index("* * *")
    assert notes_from([text + "Son.\n"]) is None and notes_from([*body]) is None


def test_a_text_that_is_not_larger_than_the_limit_is_not_divided(here: Path) -> None:
    size = Path("raw/book.txt").stat().st_size
    done(replace(QUICK, divide_above=size))
    done(WHOLE, "whole")
    same = contents("reports/book"), contents("whole/book")
    for files in same:
        del files[".ocrfix.json"]                                   # it knows the settings
    assert same[0] == same[1]
    done(replace(QUICK, divide_above=size - 1))
    assert len(parts()) > 1


def test_the_numbers_of_notes_go_on_from_part_to_part(knowledge: Knowledge) -> None:
    """In the whole 1,200 follows 1,199; alone, a number so high is not believed to be a note's."""
    document = api.ingest.read(book(6, first_note=1200).encode(), "book.txt")
    labels = [[block.label for block in classify(document, Settings(), knowledge, notes_before=before).notes()]
              for before in (1199, 0)]
    assert labels[0] == [str(1200 + k) for k in range(6)] and labels[1] != labels[0]


def test_labels_are_unique_through_the_parts(here: Path) -> None:
    """Numbers that begin anew in the middle."""
    Path("raw/book.txt").write_text(book() + "\f" + book(), "utf-8")
    row = done()
    text = Path("reports/book/clean.md").read_text("utf-8")
    labels = re.findall(r"^\[\^(.+?)\]:", text, re.M)
    calls = re.findall(r"(?<!^)\[\^(.+?)\]", text, re.M)
    assert len(set(labels)) == len(labels) == row.notes > 40
    assert set(calls) <= set(labels) and len(set(calls)) == len(calls)


def test_words_are_counted_through_the_whole(knowledge: Knowledge) -> None:
    """A name that a part has once is one of the document's words if the other parts have it, too."""
    here, other = "Bugün Abilov geldi.", "Yarın Abilov gelir. Abilov, Bakü'den Abilov."
    whole, part = Sightings(), Sightings()
    whole.add([here, other])
    part.add([here])
    assert "abilov" not in own_words([here], knowledge)
    assert "abilov" in own_words([here], knowledge, Elsewhere(whole, part, {}))
    assert own_words([here], knowledge, Elsewhere(part, part, {})) == {}
    with pytest.MonkeyPatch.context() as patch:                     # the more text, the less one sighting says
        patch.setattr(adaptation, "MOST_ELSEWHERE", 1)
        assert own_words([here], knowledge, Elsewhere(whole, part, {})) == {}
    assert own_words([here, other], knowledge) == own_words([here], knowledge, Elsewhere(whole, part, {}))


def test_running_heads_do_not_count_and_divided_words_are_put_together() -> None:
    page = "MOSKOVA 7\nbir iki üç dört\nbeş altı ye-\ndi sekiz\ndokuz on\n1 Yılmaz.\n"
    text = page + "\f" + page
    assert list(running_text(text, [0, len(page)])) == ["bir iki üç dört\nbeş altı yedi sekiz\ndokuz on"] * 2
    assert list(running_text("bir\niki\n", [0])) == ["bir\niki"]


def test_words_that_are_seldom_seen_are_forgotten_first() -> None:
    words = Sightings()
    words.add(["Ordu ordu ordu hükümet hükümet savaş barış"])
    words.forget(4)
    assert words.count.total() == 7
    words.forget(3)
    assert (dict(words.count), dict(words.capital), words.total) == ({"ordu": 3}, {"ordu": 1}, 7)


# --- nothing is lost ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("before", "encoding", "after"), [
    (b"", "utf-8", b""), (codecs.BOM_UTF8, "utf-8", b""), (codecs.BOM_UTF16_LE, "utf-16-le", b"x"),
    (b"", "cp1254", b""), (b"Bozuk \xff bayt. ", "utf-8", b"son \xc5"), (b"\r\n\f\n", "utf-8", b"\f\n \n"),
], ids=["utf-8", "mark", "utf-16", "1254", "damaged", "blank pages"])
def test_the_input_comes_back_byte_for_byte(here: Path, before: bytes, encoding: str, after: bytes) -> None:
    data = before + book().encode(encoding, "replace") + after
    Path("raw/book.txt").write_bytes(data)
    assert done().status == "done" and len(parts()) > 3
    assert restored() == data
    assert b"".join(library.load(part).restore() for part in parts()) == data


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["Bir iki üç. ", "dört,\n", "\n\n", "\f", " Beş", "a" * 300, "1 Yılmaz, s. 5.\n",
                                 "🙂", "\r\n", "\ufeff", "\udcff"]), min_size=1, max_size=120),
       st.sampled_from(["utf-8", "utf-16"]))
@example(["a" * 300] * 40, "utf-8")
@example(["\n\n"] * 2000 + ["a"], "utf-8")
@example(["Bir iki üç. "] * 700, "utf-16")
@example(["dört,\n", "\f"] * 1200 + ["son"], "utf-8")
@example([*["dört,\n"] * 250, "\f", *["\n\n"] * 1500, "son"], "utf-8")
def test_any_text_is_cut_without_loss(tmp_path_factory: pytest.TempPathFactory, knowledge: Knowledge,
                                      pieces: list[str], encoding: str) -> None:
    text = "x " + "".join(pieces).replace("\udcff", "" if encoding == "utf-16" else "\udcff")
    path = tmp_path_factory.mktemp("cut") / "any.txt"
    path.write_bytes(text.encode(encoding, "surrogateescape"))
    source = LargeText.open(path)
    found = list(divide(source, 0, knowledge))
    whole = "".join(source.texts())
    assert "".join(text for _, text in found) == whole
    pages = source.page_starts(whole)
    for part, text in found:
        document = source.part("a", part.start, part.end)
        assert document.text == text == whole[part.offset:part.offset + len(text)]
        assert len(text) <= 3000
        begun = [start for start in pages if start <= part.offset]
        assert (part.page, part.line) == (len(begun), whole.count("\n", begun[-1], part.offset) + 1)
    assert [part.end for part, _ in found[:-1]] == [part.start for part, _ in found[1:]]
    assert (found[0][0].start, found[-1][0].end) == (0, path.stat().st_size)


def test_a_part_that_was_altered_does_not_pass_unseen(here: Path) -> None:
    done()
    one, two = (part / "document.json" for part in parts()[:2])
    two.write_bytes(one.read_bytes())
    with pytest.raises(DocumentError, match=r"parts/0002/document\.json: is not the part that document\.json lists"):
        restored()
    two.unlink()
    with pytest.raises(DocumentError, match=r"parts/0002/document\.json: cannot be read"):
        restored()
    manifest = Path("reports/book/document.json")
    manifest.write_text(manifest.read_text("utf-8").replace('"version": 1', '"version": 2'), "utf-8")
    with pytest.raises(DocumentError, match="written by a newer ocrfix"):
        restored()


def test_a_text_that_is_changed_while_it_is_read_fails_and_leaves_the_files_of_before(
        here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done()
    before = {name: Path("reports/book", name).read_bytes() for name in large.NAMES}
    Path("raw/book.txt").write_text(book(39), "utf-8")
    learned = large._learned

    def changed(*arguments: object) -> object:
        result = learned(*arguments)  # type: ignore[arg-type]
        with Path("raw/book.txt").open("r+b") as file:
            file.seek(-200, os.SEEK_END)
            file.write(b"X")
        return result

    monkeypatch.setattr(large, "_learned", changed)
    row = done()
    assert (row.status, row.message) == ("failed", "was changed while it was read")
    assert {name: Path("reports/book", name).read_bytes() for name in large.NAMES} == before
    assert list(Path("reports/book").rglob(".writing-*")) == []


@pytest.mark.parametrize(("data", "says"), [
    (b"Ordu " * 10_000 + b"\0", "NUL bytes"), (b" \n" * 10_000, "nothing but white space"),
    (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 100, "looks like a PNG file"),
    (bytes(range(1, 9)) * 4000 + b"\xff\x81", "full of control characters"),
])
def test_what_is_no_text_is_named(here: Path, data: bytes, says: str) -> None:
    Path("raw/book.txt").write_bytes(data)
    row = done()
    assert row.status == "failed" and says in row.message and not Path("reports/book").exists()


# --- going on where it was ------------------------------------------------------------------------------------------

@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the parts that are cleaned, as they are."""
    names: list[str] = []
    before = Pipeline.run

    def counted(pipeline: Pipeline, document: api.core.Document, *rest: object) -> object:
        names.append(document.source.name)
        return before(pipeline, document, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Pipeline, "run", counted)
    return names


def test_a_run_that_was_stopped_does_not_do_finished_parts_again(here: Path, monkeypatch: pytest.MonkeyPatch,
                                                                  cleaned: list[str]) -> None:
    done(out="whole")
    write = large.write_recorded

    def refused(document: api.core.Document, folder: Path, *rest: object, **more: object) -> list[str]:
        if folder.name == "0003":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        return write(document, folder, *rest, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(large, "write_recorded", refused)
        assert done().status == "failed"
    assert sorted(path.name for path in Path("reports/book").iterdir()) == ["parts"]
    cleaned.clear()
    assert done().status == "done"
    assert cleaned == [f"book.txt#{number:04}" for number in range(3, 3 + len(cleaned))] and len(cleaned) > 2
    assert contents("reports/book") == contents("whole/book")


def test_only_what_was_altered_is_done_again_and_what_is_left_over_goes(here: Path, cleaned: list[str]) -> None:
    first, count = done(), len(cleaned)
    before = contents("reports")
    assert [step[1] for step in plan([Path("raw")], Path("reports"), QUICK) if isinstance(step, tuple)] == [""]
    assert done() == first and len(cleaned) == count
    (parts()[1] / "clean.md").write_text("half", "utf-8")
    assert [step[1] for step in plan([Path("raw")], Path("reports"), QUICK) if isinstance(step, tuple)] == [
        "parts/0002/clean.md was altered"]
    assert done() == first and cleaned[count:] == ["book.txt#0002"] and contents("reports") == before
    Path("raw/book.txt").write_text(book(32), "utf-8")
    done()
    assert 1 < len(parts()) < count and restored() == book(32).encode()
    Path("raw/book.txt").write_text(book(3), "utf-8")
    done()
    assert not Path("reports/book/parts").exists() and restored() == book(3).encode()


def test_a_part_is_done_again_for_what_it_is_told_of_the_others_and_if_it_is_forced(
        here: Path, cleaned: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    done()
    everything = list(cleaned)
    with Path("raw/book.txt").open("r+b") as file:                  # one letter of the last part: all hear of its words
        file.seek(-5, os.SEEK_END)
        file.write(b"t")
    cleaned.clear()
    done()
    assert cleaned == everything
    Path("reports/book/document.json").unlink()                     # the whole is done again, so its parts are asked
    cleaned.clear()
    monkeypatch.setattr(large, "last_note", lambda document: 999)
    done()
    assert cleaned == everything[1:]
    cleaned.clear()
    done(force=True)
    assert cleaned == everything


def test_the_bytes_depend_neither_on_hashes_nor_on_cores(here: Path) -> None:
    program = ("from pathlib import Path; from ocrfix.run import run; from ocrfix.settings import Settings; import sys;"
               "from ocrfix import cores; cores.use(int(sys.argv[2]));"
               "run([Path('raw')], Path(sys.argv[1]), Settings(divide_above=28_000))")
    for out, seed, threads in (("one", "1", "1"), ("two", "2", "3")):
        subprocess.run([sys.executable, "-c", program, out, threads], env=os.environ | {"PYTHONHASHSEED": seed},
                       check=True, timeout=300)
    assert contents("one") == contents("two") and len(contents("one")) > 20


# --- reading and deciding -------------------------------------------------------------------------------------------

def decision(document: str, scope: Scope, place: Place, new: str) -> Decision:
    return Decision(f"{document}{scope}", "1", "2026-01-01", "ayşe", document, scope, Status.EDITED, place, place.raw,
                    new)


def test_a_decision_holds_in_its_part_and_one_on_a_reading_in_all(here: Path, cleaned: list[str]) -> None:
    Path("raw/book.txt").write_text("\n\n".join(f"Numara {k}. {sentences(k, 1)[0]} Sonuç ilc." for k in range(260)),
                                    "utf-8")
    done()
    second = (parts()[1] / "clean.txt").read_text("utf-8")
    number = re.findall(r"Numara \d+", second)[1]
    here_only = decision("book.txt#0002", Scope.PLACE, Place(number.split()[1] + "."), "bin.")
    in_all = decision("book.txt#0003", Scope.DOCUMENT, Place("ilc."), "ile.")
    before = len(cleaned)
    done(replace(QUICK, decisions=Standing.of([here_only, in_all])))
    text = Path("reports/book/clean.txt").read_text("utf-8")
    assert text.count("ile.") == 260 and "ilc." not in text
    assert text.count("Numara bin.") == 1 and number + "." not in text
    assert len(cleaned) == 2 * before
    table = pd.read_csv("reports/book/corrections.csv", dtype=library.DTYPES, keep_default_na=False)
    assert (table["status"] == "edited").sum() == 261


def test_the_review_says_where_the_parts_are(ocrfix: Callable[..., subprocess.CompletedProcess[bytes]],
                                             here: Path) -> None:
    done()
    shown = ocrfix("review", "reports", "--no-open")
    assert shown.returncode == 1 and shown.stderr.decode().splitlines()[0] == (
        "ocrfix: book: is in parts, which are reviewed by themselves: `ocrfix review reports/book/parts`")
    assert store_beside(Path("reports/book/parts")) == store_beside(Path("reports")) == here / "decisions.sqlite"


def test_what_is_decided_of_a_part_stands_in_the_whole(here: Path, cleaned: list[str]) -> None:
    done()
    store = Store(store_beside(Path("reports/book/parts")))
    corpus = Corpus(Path("reports/book/parts"), store)
    assert corpus.names() == [part.name for part in parts()]
    at = corpus.document("0002").document.text.index("Enver Paşa")
    corpus.answer([("0002", at, at + 10)], Answer(Status.EDITED, "Enver Bey"), "ayşe")
    cleaned.clear()
    done(replace(QUICK, decisions=store.standing()))
    assert cleaned == ["book.txt#0002"]
    assert Path("reports/book/clean.txt").read_text("utf-8").count("Enver Bey") == 1


def test_a_decision_holds_however_the_text_is_divided_by_then(here: Path) -> None:
    """Places at the edges of parts, and one of many that look alike."""
    repeated = " Görüşmelerin sonucunda imzalanan metin ilc."
    Path("raw/book.txt").write_text("\n\n".join(f"Numara {k}. {sentences(k, 1)[0]}{repeated * 3}" for k in range(130)),
                                    "utf-8")
    done()
    store = Store(store_beside(Path("reports")))
    edges = [re.findall(r"Numara \d+", (part / "clean.txt").read_text("utf-8"))[at]
             for part in parts() for at in (0, -1)]
    done(WHOLE)
    assert len(edges) > 6 and not Path("reports/book/parts").exists()

    def decide(reports: str, name: str, raw: str, new: str, which: int = 0) -> None:
        corpus = Corpus(Path(reports), store)
        at = [match.start() for match in re.finditer(rf"{raw}\b", corpus.document(name).document.text)][which]
        corpus.answer([(name, at, at + len(raw))], Answer(Status.EDITED, new), "ayşe")

    for number in edges:
        decide("reports", "book", number, f"Sayı {number[7:]}")
    decide("reports", "book", "metin ilc", "metin ile", 250)
    whole = replace(WHOLE, decisions=store.standing())
    assert done(whole).message == ""
    expected = Path("reports/book/clean.txt").read_text("utf-8")
    assert expected.count("Sayı") == len(edges) and expected.count("metin ile") == 1
    assert done(replace(whole, divide_above=ABOVE // 2)).message == f"in {len(parts())} parts"
    assert Path("reports/book/clean.txt").read_text("utf-8") == expected

    number = re.findall(r"Numara \d+", (parts()[6] / "clean.txt").read_text("utf-8"))[3]
    decide("reports/book/parts", "0007", number, "Madde")
    decided = replace(whole, decisions=store.standing())
    for above in (ABOVE, WHOLE.divide_above):
        assert "Madde" not in done(replace(decided, divide_above=above)).message
        text = Path("reports/book/clean.txt").read_text("utf-8")
        assert text.count("Madde") == 1 and text.count("Sayı") == len(edges)


def test_a_decision_that_fits_no_part_is_named_and_one_that_fits_several_is_not_guessed(here: Path) -> None:
    gone = decision("book.txt", Scope.PLACE, Place("Yoktur", "nerede böyle bir metin ", " hiç"), "Vardır")
    alike = decision("book.txt#0077", Scope.PLACE, Place(PROSE[0].split()[-1]), "Olmasın")
    for options in (QUICK, WHOLE):
        row = done(replace(options, decisions=Standing.of([gone, alike])))
        assert row.message.endswith(f"2 decisions no longer apply: [{alike.place.raw}]; "
                                    "nerede böyle bir metin [Yoktur] hiç")
        assert "Olmasın" not in Path("reports/book/clean.txt").read_text("utf-8")


def test_restore_prints_a_divided_text_and_load_says_what_it_is(
        ocrfix: Callable[..., subprocess.CompletedProcess[bytes]], here: Path) -> None:
    done()
    shown = ocrfix("restore", "reports/book/document.json")
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, book().encode(), b"")
    with pytest.raises(DocumentError, match="is a large text in parts"):
        library.load("reports/book")
    assert library.load("reports/book/parts/0002").model.source.name == "book.txt#0002"


def test_the_report_leads_to_the_reports_of_the_parts(here: Path) -> None:
    row = done()
    html = Path("reports/book/report.html").read_text("utf-8")
    links = re.findall(r'href="(parts/\d+/report\.html)"', html)
    assert [Path("reports/book", link).is_file() for link in links] == [True] * len(parts())
    words = json.loads(re.search(r'id="words">(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    used = set(re.findall(r'data-t="([\w-]+)"', html))
    assert used <= set(words["en"]) and used <= set(words["tr"])
    assert f"1–{row.pages}" in html and "http:" not in html

