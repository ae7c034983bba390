"""Decisions: bound to the reading in its context, never lost, never overruled, and taught from."""
from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import texts
from ocrfix.cli import main
from ocrfix.decisions.binding import DIVIDED, Anchors
from ocrfix.decisions.exchange import HEADER, from_csv, to_csv
from ocrfix.decisions.model import Decision, Place, Scope, Standing, new_id, now
from ocrfix.decisions.store import Store, Undo, store_beside
from ocrfix.document import Document, Span, Status
from ocrfix.engine.learn import MASK
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md, clean_txt
from ocrfix.pipeline import Pipeline
from ocrfix.review.learning import block_pair, confirmed_words, learn_from_decisions, sharpness, threshold
from ocrfix.settings import Settings
from ocrfix.stages import decided, ingest
from ocrfix.stages.words import undecided

TEXT = """Ali Fuat Pafa, Moskova'ya gitti ve orada bir süre kaldı. Sonra Pafa Ankara'ya döndü ve Meclis'e
bilgi verdi. Görüşmeler sıra-
sında Rus heyeti ile Pafa arasında geçen konuşma uzun sürdü.
"""
NAME = "yazı.txt"


def decision(text: str, raw: str, new: str, *, nth: int = 0, verdict: Status = Status.EDITED,
             scope: Scope = Scope.PLACE, reviewer: str = "ayşe", document: str = NAME, old: str | None = None,
             time: str = "", word: bool = False, confidence: float = 0.5, answer: str = "") -> Decision:
    """A decision on the n-th place of a reading in a text."""
    start = [m.start() for m in re.finditer(re.escape(raw), text)][nth]
    place = Anchors(text).place([Span(start, start + len(raw))])
    return Decision(new_id(), answer or new_id(), time or now(), reviewer, document, scope, verdict, place,
                    new if old is None else old, new, confidence=confidence, word=word)


def cleaned(text: str, *decisions: Decision, name: str = NAME) -> Document:
    options = Settings(decisions=Standing.of(decisions), skip=frozenset({"words"}))
    return Pipeline().run(ingest.read(text.encode(), name), options)


# Binding ------------------------------------------------------------------------------------------------------------

@settings(max_examples=300)
@given(st.data(), texts)
def test_every_place_of_a_text_is_found_again(data: st.DataObject, text: str) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    anchors = Anchors(text)
    found = anchors.find(anchors.place([span]))
    if text[span.start:span.end].strip():
        assert found is not None
        assert " ".join(text[found[0].start:found[0].end].split()) == " ".join(text[span.start:span.end].split())


def test_a_place_is_found_in_a_text_whose_lines_are_broken_otherwise_and_whose_rest_was_edited() -> None:
    place = Anchors(TEXT).place([Span(TEXT.index("Pafa Ankara"), TEXT.index("Pafa Ankara") + 4)])
    edited = "Yeni bir giriş paragrafı.\n\n" + TEXT.replace("gitti ve", "gitti,\nve").replace("Sonra", "Sonra\n")
    (span,) = Anchors(edited).find(place) or ()
    assert edited[span.start:].startswith("Pafa Ankara")


def test_a_place_whose_reading_is_gone_or_cannot_be_told_is_not_found() -> None:
    place = Anchors(TEXT).place([Span(TEXT.index("Pafa Ankara"), TEXT.index("Pafa Ankara") + 4)])
    assert Anchors(TEXT.replace("Pafa Ankara", "Paşa Ankara")).find(place) is None
    assert Anchors("Pafa geldi. " * 3).find(place) is None


def test_places_that_look_alike_are_told_apart_by_their_number() -> None:
    text = "aynı satır aynı satır aynı satır " * 8
    starts = [m.start() for m in re.finditer("aynı", text)]
    anchors = Anchors(text)
    for start in starts:
        assert anchors.find(anchors.place([Span(start, start + 4)])) == (Span(start, start + 4),)


def test_in_the_clean_text_the_new_reading_is_bound() -> None:
    raw = "Gazi Muslafa Kcmal Pafa'nın yaııında Pafa da olduk. Bı'{j istasyonda karpladı ve gülüın1sedi."
    clean = "Gazi Mustafa Kemal Paşa'nın yanında Paşa da olduk. Bizi istasyonda karşıladı ve gülümsedi."
    said = decision(raw, "karpladı", "karşıladı")
    kept = decision(raw, "olduk.", "olduk.", verdict=Status.REJECTED)
    assert Anchors(clean).find(said.place) is None
    for one in (said, kept):
        (span,) = Anchors(clean).find_decision(one) or ()
        assert clean[span.start:span.end] == one.new
    assert Anchors("Bambaşka bir metin, karşıladı ama başka bir yerde ve zamanda.").find_decision(said) is None


def test_a_mark_that_was_set_is_not_set_again_in_the_clean_text() -> None:
    raw = "Gazi Muslafa Kemal Paşa'nın bunu istemez Bizi istasyonda karşıladı ve gülümsedi."
    clean = "Gazi Mustafa Kemal Paşa'nın bunu istemez. Bizi istasyonda karşıladı ve gülümsedi."
    said = decision(raw, "istemez", "istemez.")
    (span,) = Anchors(clean).find_decision(said) or ()
    assert clean[span.start:span.end] == "istemez."
    (span,) = Anchors(raw).find_decision(said) or ()
    assert raw[span.start:span.end] == "istemez"


def test_a_divided_word_is_bound_by_both_halves() -> None:
    text = "önce gelen sözler ve bağım-\n12 Bir dipnot.\nsızlık mücadelesi"
    spans = (Span(text.index("bağım"), text.index("\n12")), Span(text.index("sızlık"), text.index(" mücadele")))
    place = Anchors(text).place(spans)
    assert place.raw == f"bağım-{DIVIDED}sızlık"
    assert Anchors("Başka bir satır. " + text).find(place) == tuple(Span(s.start + 17, s.end + 17) for s in spans)


# What stands --------------------------------------------------------------------------------------------------------

def test_of_two_decisions_on_a_place_the_last_holds() -> None:
    first = decision(TEXT, "Pafa", "Paşa", time="2026-01-01T00:00:00.000000+00:00")
    last = decision(TEXT, "Pafa", "Pafa", time="2026-01-02T00:00:00.000000+00:00")
    assert Standing.of([last, first]).places(NAME) == (last,)


def test_a_document_says_more_of_its_readings_than_the_corpus() -> None:
    corpus = decision(TEXT, "Pafa", "Paşa", scope=Scope.CORPUS, document="")
    own = decision(TEXT, "Pafa", "Pafa", scope=Scope.DOCUMENT)
    standing = Standing.of([corpus, own])
    assert standing.everywhere(NAME) == (own,)
    assert standing.everywhere("other.txt") == (corpus,)


# In the clean text --------------------------------------------------------------------------------------------------

def test_a_decision_is_in_the_clean_text_and_in_the_record() -> None:
    document = cleaned(TEXT, decision(TEXT, "Pafa", "Paşa", nth=1))
    assert clean_txt(document).count("Paşa") == 1
    (edit,) = [e for block in document.printed() for e in block.edits if e.status is Status.EDITED]
    assert (edit.clean, edit.applied, edit.confidence) == ("Paşa", True, 1.0)
    assert edit.steps[-1].stage == "decisions"
    assert edit.steps[-1].reason.startswith("ayşe, 20")
    assert document.restore() == TEXT.encode()


def test_a_rejected_correction_stands_as_printed_and_is_listed_as_not_applied() -> None:
    text = "Bu metin bir deneme olarak burada yazıldı , sonra da okundu."
    rule = next(e for b in cleaned(text).printed() for e in b.edits)
    raw = text[rule.start:rule.spans[-1].end]
    document = cleaned(text, decision(text, raw, raw, nth=text[:rule.start].count(raw), verdict=Status.REJECTED,
                                      old=rule.clean))
    (edit,) = [e for b in document.printed() for e in b.edits if e.status is Status.REJECTED]
    assert (edit.clean, edit.applied) == (rule.clean, False)
    assert "yazıldı , sonra" in clean_txt(document)
    assert "yazıldı, sonra" in clean_txt(cleaned(text))


def test_a_word_joined_over_lines_is_decided_as_one() -> None:
    document = cleaned(TEXT, decision(TEXT, "sıra-\nsında", "sırasında"))
    assert "Görüşmeler sırasında Rus heyeti" in clean_txt(document)


def test_always_holds_for_every_word_of_the_document_but_for_places_decided_otherwise() -> None:
    always = decision(TEXT, "Pafa", "Paşa", scope=Scope.DOCUMENT)
    document = cleaned(TEXT + "Pafalar ve Pafa'nın.\n", always, decision(TEXT, "Pafa", "Pafa", nth=1))
    text = clean_txt(document)
    assert text.count("Paşa") == 3
    assert "Pafalar ve Paşa'nın" in text
    assert "Sonra Pafa Ankara'ya" in text


def test_decisions_on_an_edited_input_still_apply_and_those_that_do_not_are_named() -> None:
    decisions = [decision(TEXT, "Pafa", "Paşa", nth=0), decision(TEXT, "Pafa", "Paşa", nth=2)]
    edited = TEXT.replace("Görüşmeler", "Uzun görüşmeler").replace("Ali Fuat Pafa,", "Ali Fuat Bey,")
    document = cleaned(edited, *decisions)
    assert "heyeti ile Paşa arasında" in clean_txt(document)
    assert any(m.startswith("1 decisions no longer apply: Ali Fuat [Pafa], Moskova") for m in document.messages)


def test_decisions_on_one_document_leave_others_alone() -> None:
    assert "Paşa" not in clean_txt(cleaned(TEXT, decision(TEXT, "Pafa", "Paşa"), name="other.txt"))


def test_what_persons_mended_does_not_make_the_document_look_clean() -> None:
    document = cleaned(TEXT, decision(TEXT, "Pafa", "Paşa", nth=1), decision(TEXT, "sıra-\nsında", "sırasında"))
    texts = [undecided(document, block) for block in document.printed()]
    assert texts == [undecided(document, block) for block in cleaned(TEXT).printed()]
    assert "Sonra Pafa Ankara" in texts[0]


CALLED = "\n".join([
    "Heyet Moskova'ya vardı ve görüşmelere hemen başlandı.1 Görüşmeler uzun sürdü ve",
    "taraflar anlaşamadılar, çünkü sınır meselesi henüz çözülmüş değildi ve kimse bunu bilmiyordu.",
    "Bu sebeple heyet Ankara'ya dönmeye karar verdi ve kararını hükümete hemen bildirdi.2",
    "Meclis bu kararı uzun bir tartışmadan sonra kabul etti ve heyete teşekkür etti.",
    "", "1 Ali Fuat Cebesoy, Moskova Hatıraları, s. 12.", "2 Kâzım Karabekir, İstiklal Harbimiz, s. 34.", ""])


def test_a_call_can_be_rejected_and_set_elsewhere() -> None:
    machine = cleaned(CALLED)
    edit = next(e for b in machine.body() for e in b.edits if e.call == "1")
    raw = CALLED[edit.start:edit.spans[-1].end]
    place = Anchors(CALLED).place(edit.spans)
    base = Decision(new_id(), new_id(), now(), "ayşe", NAME, Scope.PLACE, Status.REJECTED, place, edit.clean, raw,
                    old_call="1")
    rejected = cleaned(CALLED, base)
    assert "[^1]" in clean_md(machine).partition("[^1]:")[0]
    assert "[^1]" not in clean_md(rejected).partition("[^1]:")[0]
    word = decision(CALLED, "anlaşamadılar", "anlaşamadılar")
    moved = cleaned(CALLED, base, replace(word, call="1"))
    assert "anlaşamadılar[^1]," in clean_md(moved)
    assert clean_md(moved).partition("[^1]:")[0].count("[^1]") == 1


def test_a_right_word_joins_the_lexicon() -> None:
    knowledge = Knowledge.load()
    assert not knowledge.accepts("Zorkinbayov")
    assert knowledge.listing(["Zorkinbayov"]).accepts("Zorkinbayov'un")
    assert knowledge.listing(["Zorkinbayov"]).with_words({"abc": (9.0, 0)}).accepts("Zorkinbayov")


# The database -------------------------------------------------------------------------------------------------------

def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "decisions.sqlite")
    assert store.decisions() == []
    assert not store.path.exists()
    given_ = [decision(TEXT, "Pafa", "Paşa", nth=k, confidence=0.25 * k) for k in range(3)]
    store.record(given_)
    store.record(given_[:1])                          # once more is once
    assert store.decisions() == sorted(given_, key=lambda d: (d.time, d.id))
    assert store.standing().places(NAME) == tuple(store.decisions())


def test_an_undone_answer_holds_no_more_but_is_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "decisions.sqlite")
    together = [decision(TEXT, "Pafa", "Paşa", nth=k, answer="series") for k in (0, 1)]
    store.record([*together, decision(TEXT, "Pafa", "Paşa", nth=2)])
    store.undo("series", "ayşe")
    assert len(store.holding()) == 1
    assert len(store.decisions()) == 3


def test_reviewers_who_disagree_are_shown_until_they_agree(tmp_path: Path) -> None:
    store = Store(tmp_path / "decisions.sqlite")
    hers, his = decision(TEXT, "Pafa", "Paşa"), decision(TEXT, "Pafa", "Pafa", reviewer="mehmet")
    store.record([hers, his])
    assert store.conflicts() == [(hers, his)]
    assert store.standing().places(NAME) == (his,)
    store.record([decision(TEXT, "Pafa", "Paşa", reviewer="mehmet")])
    assert store.conflicts() == []


def test_two_reviewers_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "decisions.sqlite"

    def review(name: str) -> None:
        for k in range(40):
            Store(path).record([decision(TEXT, "Pafa", f"{name}{k}", nth=k % 3, reviewer=name)])

    threads = [threading.Thread(target=review, args=(name,)) for name in ("ayşe", "mehmet", "deniz")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Store(path).decisions()) == 120


KILLED = """
import os, signal, sys
from pathlib import Path
from ocrfix.decisions.model import *
from ocrfix.decisions.store import Store
from ocrfix.document import Status
store = Store(Path(sys.argv[1]))
for k in range(1000):
    store.record([Decision(f"{k:04}", "a", now(), "r", "d", Scope.PLACE, Status.ACCEPTED, Place(str(k)), "", "")])
    print(k, flush=True)
    if k == 7:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_nothing_that_it_confirmed(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "d.sqlite")], capture_output=True, check=False)
    confirmed = done.stdout.decode().split()
    assert confirmed[-1] == "7"
    assert [d.place.raw for d in Store(tmp_path / "d.sqlite").decisions()] == confirmed


@pytest.mark.parametrize(("make", "said"), [
    (lambda path: path.write_bytes(b"no database at all, but longer than a header of one" * 9), "cannot be"),
    (lambda path: sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close(), "not of decisions"),
    (lambda path: sqlite3.connect(path).execute("PRAGMA user_version = 99").connection.close(),
     r"newer ocrfix \(version 99 .* 1\): update ocrfix"),
])
def test_a_file_that_is_no_database_of_decisions_is_refused(tmp_path: Path, make: Callable[[Path], None], said: str,
                                                            ) -> None:
    path = tmp_path / "decisions.sqlite"
    make(path)
    with pytest.raises(OcrfixError, match=f"{path}.*{said}"):
        Store(path)


def test_decisions_live_beside_the_reports_and_are_applied_by_the_next_run(
        ocrfix: Callable[..., subprocess.CompletedProcess[bytes]], tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(TEXT, "utf-8")
    assert store_beside(tmp_path / "reports") == tmp_path / "decisions.sqlite"
    Store(tmp_path / "decisions.sqlite").record([decision(TEXT, "Pafa", "PAŞA", nth=1)])
    for out in ("reports", "elsewhere"):
        done = ocrfix("run", NAME, "--out", out, "--skip", "words")
        assert done.returncode == 0
        assert "Sonra PAŞA Ankara'ya" in (tmp_path / out / "yazı" / "clean.txt").read_text("utf-8")
    missing = ocrfix("run", NAME, "--decisions", "gone.sqlite")
    assert (missing.returncode, missing.stderr.decode()) == (2, "ocrfix: gone.sqlite: no such file\n")


# CSV ----------------------------------------------------------------------------------------------------------------

def test_export_and_import_lose_nothing(tmp_path: Path) -> None:
    store, other = Store(tmp_path / "one.sqlite"), tmp_path / "two.sqlite"
    store.record([decision(TEXT, "Pafa", 'Pa"şa, NA', nth=1, answer="x"), decision(TEXT, "sıra-\nsında", "sırasında")])
    store.undo("x", "ayşe")
    exported = CliRunner().invoke(main, ["decisions", "export", "--decisions", str(store.path)])
    assert exported.exit_code == 0
    assert len(exported.stdout.splitlines()) == 3     # a line a decision
    (tmp_path / "out.csv").write_text(exported.stdout, "utf-8")
    for _ in range(2):
        done = CliRunner().invoke(main, ["decisions", "import", str(tmp_path / "out.csv"), "--decisions", str(other)])
        assert done.exit_code == 0
    assert Store(other).decisions() == store.decisions()
    assert Store(other).undone() == store.undone()


def test_a_damaged_csv_is_named_with_its_line_and_nothing_is_added(tmp_path: Path) -> None:
    good = to_csv([decision(TEXT, "Pafa", "Paşa")], [])
    for text, said in ((good.replace("edited", "perhaps"), "line 2"), (good + "x,y\n", "line 3"),
                       ("a,b\n1,2\n", "columns"), (good.replace("\n", ",x\n"), "columns")):
        (tmp_path / "bad.csv").write_text(text, "utf-8")
        done = CliRunner().invoke(main, ["decisions", "import", str(tmp_path / "bad.csv"), "--decisions",
                                         str(tmp_path / "d.sqlite")])
        assert done.exit_code == 1
        assert "bad.csv" in done.stderr and said in done.stderr
        assert not (tmp_path / "d.sqlite").exists()


def test_the_first_undoing_of_an_answer_is_exported() -> None:
    one = decision(TEXT, "Pafa", "Paşa", answer="x")
    text = to_csv([one], [Undo("u1", "x", "2026", "ayşe"), Undo("u2", "x", "2027", "mehmet")])
    assert text.splitlines()[0] == ",".join(HEADER)
    assert from_csv(text, "f") == ([one], [Undo("u1", "x", "2026", "ayşe")])


# Learning -----------------------------------------------------------------------------------------------------------

def test_confusions_are_learned_from_what_was_decided_and_doubtful_text_is_left_out() -> None:
    document = cleaned(TEXT, decision(TEXT, "Pafa", "Paşa", nth=1))
    block = next(document.printed())
    ocr, true = block_pair(document, block)
    assert len(ocr) == len(true)
    assert "Sonra Pafa Ankara" in ocr
    assert "Sonra Paşa Ankara" in true
    assert MASK not in true
    knowledge = Knowledge.load()
    kind = "article-roman"
    document = document.with_blocks(replace(b, type=kind) for b in document.blocks)
    lesson = learn_from_decisions([document], Standing.of([decision(TEXT, "Pafa", "Paşa", nth=1)]), knowledge)
    assert lesson.channels[kind].count["ş", "f"] == knowledge.channels[kind].count.get(("ş", "f"), 0.0) + 1


def test_words_join_the_lexicon_when_they_are_called_right_or_decided_twice() -> None:
    knowledge = Knowledge.load()
    twice = [decision(TEXT, "Pafa", "Zorkinbayov,", nth=k) for k in (0, 1)]
    once = [decision(TEXT, "Pafa", "Yelpazebek", nth=2), *twice]
    assert confirmed_words(once, Standing(), knowledge) == ("Zorkinbayov",)
    assert confirmed_words(once, Standing(words=("Yelpazebek",)), knowledge) == ("Yelpazebek", "Zorkinbayov")


def test_confidences_grow_blunter_when_sure_corrections_were_wrong() -> None:
    right = [decision(TEXT, "Pafa", "Paşa", confidence=0.95) for _ in range(50)]
    wrong = [decision(TEXT, "Pafa", "Pafa", old="Paşa", confidence=0.95) for _ in range(50)]
    assert sharpness(right) > 1.0
    assert sharpness([*right[:25], *wrong]) < 0.7
    assert sharpness([]) == 1.0


def test_the_threshold_is_where_the_corrections_above_it_are_right() -> None:
    sure = [decision(TEXT, "Pafa", "Paşa", confidence=0.97) for _ in range(60)]
    unsure = [decision(TEXT, "Pafa", "Pafa", old="Paşa", confidence=0.6) for _ in range(60)]
    assert threshold([*sure, *unsure]) == 0.97
    assert threshold(sure[:10]) is None
    assert threshold(unsure) is None


def test_learning_writes_lexicons_that_a_run_takes(tmp_path: Path) -> None:
    document = cleaned(TEXT)
    document = document.with_blocks(replace(b, type="article-roman") for b in document.blocks)
    from ocrfix.outputs.files import write_files
    write_files(document, tmp_path / "reports" / "yazı")
    Store(tmp_path / "decisions.sqlite").record(
        [decision(TEXT, "Pafa", "Paşa", nth=k, confidence=0.97, word=k == 0) for k in (0, 1, 2)])
    done = CliRunner().invoke(main, ["learn", "--from-decisions", str(tmp_path / "decisions.sqlite"), "--out",
                                     str(tmp_path / "own")])
    assert done.exit_code == 0, done.output
    assert "Paşa" in (tmp_path / "own" / "words.txt").read_text("utf-8")
    before, after = Knowledge.load(), Knowledge.load(tmp_path / "own")
    assert ("ş", "f") not in before.channels["article-roman"].count
    assert after.channels["article-roman"].count["ş", "f"] == 3
    assert after.ranking != before.ranking
    assert Settings(lexicons=tmp_path / "own").as_learned() == Settings(lexicons=tmp_path / "own")


def test_learning_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, said in ((["--from-decisions"], "decisions.sqlite: no such file"), ([], "OCR and GOLD are needed")):
        done = CliRunner().invoke(main, ["learn", *arguments])
        assert (done.exit_code, done.stderr) == (2, f"ocrfix: {said}\n" if arguments else done.stderr)
        assert said in done.stderr
    Store(tmp_path / "decisions.sqlite").record([decision(TEXT, "Pafa", "Paşa")])
    done = CliRunner().invoke(main, ["learn", "--from-decisions"])
    assert (done.exit_code, done.stderr) == (2, f"ocrfix: {tmp_path / 'reports'}: no such folder\n")


def test_learned_thresholds_are_read_and_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("ask_below = 0.95\n", "utf-8")
    assert Settings(lexicons=tmp_path).as_learned().ask_below == 0.95
    for text in ("ask_below = 7", "ask_below = [", "other = 1", "ask_below = 'x'"):
        path.write_text(text, "utf-8")
        with pytest.raises(OcrfixError, match=re.escape(str(path))):
            Settings(lexicons=tmp_path).as_learned()


def test_the_list_of_what_no_longer_applies_can_be_had(tmp_path: Path) -> None:
    from ocrfix.outputs.files import write_files
    write_files(cleaned(TEXT), tmp_path / "reports" / "yazı")
    gone = replace(decision(TEXT, "Pafa", "Paşa"), place=Place("Pufa", "Ali Fuat ", ", Moskova'ya"))
    Store(tmp_path / "decisions.sqlite").record([gone, decision(TEXT, "Pafa", "Paşa", nth=1)])
    done = CliRunner().invoke(main, ["decisions", "unbound", str(tmp_path / "reports")])
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == 2
    assert "Pufa" in done.stdout


def test_an_unbound_decision_is_one_whose_place_is_not_printed() -> None:
    document = cleaned(TEXT)
    assert decided.unbound(document, [decision(TEXT, "Pafa", "Paşa")]) == []
