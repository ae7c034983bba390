"""Which words have a capital inside of a sentence: the table, how it is made, and what readings are told of it."""
from __future__ import annotations

import math
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from ocrfix import paths
from ocrfix.engine.capitals import NAME, OTHERWISE, Capitals, surprise
from ocrfix.engine.channel import Channel
from ocrfix.engine.citations import Citations
from ocrfix.engine.context import MARKS, ContextModel, Vector
from ocrfix.engine.correct import Evidence, doubtful_stretches, questions
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import NAMES
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower

COMMAS = Channel("x", {(".", ","): 60.0, (",", "."): 60.0}, {".": 300.0, ",": 300.0})
"""A table by which a stop is read as a comma, and a comma as a stop."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


@pytest.fixture(scope="module")
def tool() -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "tools" / "count_capitals.py")))


def shipped() -> Capitals:
    return Capitals.read(paths.lexicons() / "model" / "capitals.tsv")


@pytest.mark.parametrize(("word", "capital"), [
    ("ahmet", True), ("ankara", True), ("türkiye", True), ("paşa", True), ("moskova", True),
    ("akşam", False), ("zaman", False), ("sürekli", False), ("kitaplarımızdan", False)])
def test_names_have_a_capital_and_other_words_none(word: str, capital: bool) -> None:
    assert (shipped().of(word) > 1.5) == capital and (shipped().of(word) < -1.5) == (not capital)


def test_a_word_inherits_from_its_longest_beginning() -> None:
    table = Capitals({"kara": -2.0, "karab-": 1.0, "karabek-": 3.0})
    assert [table.of(w) for w in ("kara", "karabük", "karabekir", "karar", "ak")] == [-2.0, 1.0, 3.0, OTHERWISE,
                                                                                    OTHERWISE]
    assert table.of("karar", name=True) == NAME
    assert table.of("kara", name=True) == -2.0                # it was seen: that tells more


def test_the_surprises_of_both_cases_are_those_of_a_probability() -> None:
    for odds in (-6.0, -0.5, 0.0, 2.5):
        assert math.exp(-surprise(odds, capital=True)) + math.exp(-surprise(odds, capital=False)) == pytest.approx(1)


def test_a_suffix_and_the_case_at_hand_do_not_count(knowledge: Knowledge) -> None:
    model = knowledge.model
    assert model.capital("Ankara'nın") == model.capital("ankara") == model.capital("ANKARA") > 2


@pytest.mark.parametrize("content", [b"ankara\n", b"ankara\tx\n", b"ankara\t1\t2\n", b"\xff\t1\n"])
def test_a_file_that_is_no_table_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capitals.tsv"
    path.write_bytes(content)
    with pytest.raises(OcrfixError, match=re.escape(str(path))):
        Capitals.read(path)


def asked(text: str, knowledge: Knowledge, *, notes: bool = False,
          table: Channel = COMMAS) -> dict[str, dict[str, dict[str, float]]]:
    """raw text of each question -> reading -> its features."""
    found = questions(text, knowledge.model, table.compile(), Parameters(), notes=notes,
                      evidence=Evidence.of([text], Citations()))
    return {q.raw: {reading: dict(zip(NAMES, row, strict=True))
                    for reading, row in zip(q.readings, q.rows[:-1], strict=True)} for q in found}


def test_a_sign_that_print_does_not_have_is_doubted_where_the_search_leaves_it(knowledge: Knowledge) -> None:
    assert "§" in asked("Bütün gün § evde oturdu.", knowledge)


def test_a_comma_before_a_common_word_with_a_capital_is_doubted(knowledge: Knowledge) -> None:
    found = asked("Bütün gün evde oturdu, Akşam olunca dışarı çıktı.", knowledge)
    assert found["oturdu,"]["oturdu,"]["comma_common"] > 2
    assert found["oturdu,"]["oturdu."]["comma_common"] == found["oturdu,"]["oturdu."]["open_common"] == 0
    name = asked("Bütün gün evde oturdu*, Ahmet ise dışarı çıktı.", knowledge)["oturdu*,"]
    assert all(row["comma_common"] < 0.1 for row in name.values())


def test_a_comma_before_a_capital_is_doubted_whatever_the_context_says(knowledge: Knowledge,
                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    def indifferent(size: int) -> Callable[[ContextModel, Vector], Vector]:
        return lambda _, hidden: np.zeros((len(hidden), size), np.float32)

    monkeypatch.setattr(ContextModel, "marks", indifferent(len(MARKS)))
    monkeypatch.setattr(ContextModel, "wanted", indifferent(knowledge.model.context.rows.shape[1]))
    text = "Bütün gün evde oturdu, Akşam olunca dışarı çıktı."
    assert set(asked(text, knowledge, table=Channel("x"))) == {"oturdu,"}


def test_in_notes_a_capital_behind_a_comma_begins_a_title(knowledge: Knowledge) -> None:
    found = asked("Yalçın, Siyasi Anılar, Sürekli* Yayınları.", knowledge, notes=True)
    rows = [row for readings in found.values() for row in readings.values()]
    assert rows and all(row["comma_common"] == row["open_common"] == 0 for row in rows)


@pytest.mark.parametrize("title", ["Ortaya* Konulan* Sorunlar", "ORTAYA* KONULAN* SORUNLAR"])
def test_a_capital_in_a_title_or_among_capitals_is_no_surprise(title: str, knowledge: Knowledge) -> None:
    found = asked(f"Bu yazıda {title} anlatılır.", knowledge)
    for word in title.split()[:-1]:
        assert all(row["open_common"] == 0 for row in found[word].values()), word
    alone = asked("Bu yazıda* Sorunlar anlatılır.", knowledge)["yazıda*"]
    assert alone["yazıda"]["open_common"] > 2


def test_the_case_of_the_words_themselves_is_weighed(knowledge: Knowledge) -> None:
    found = asked("Dün ankara* ile Zaman* geldi.", knowledge)
    assert found["ankara*"]["ankara"]["small_name"] > 2 > found["ankara*"]["Ankara"]["small_name"]
    assert found["Zaman*"]["Zaman"]["capital_common"] > 4 > found["Zaman*"]["zaman"]["capital_common"]


def test_words_are_counted_inside_of_sentences_alone(tool: SimpleNamespace) -> None:
    lines = ["Bugün Ankara güzel. Yarın da, Ankara'da kalacak; ANKARA (Ankara) olsun.", "Ankara mı: Ankara mı?"]
    assert list(tool.inside(lines)) == ["Ankara", "güzel", "da", "Ankara", "kalacak", "ANKARA", "mı", "mı"]
    whole, begun = tool.count(tool.inside(lines))
    assert (whole.capital["ankara"], whole.small["ankara"]) == (2, 0)         # what is in capitals tells nothing
    assert (begun.capital["ankar"], begun.small["kalac"], whole.small["mı"]) == (2, 1, 2)


def test_rows_stand_where_they_differ_from_what_would_be_inherited(tool: SimpleNamespace) -> None:
    words = ["Ankara"] * 50 + ["ankaralı"] * 50 + ["Ankarada"] * 30 + ["kalem"] * 60 + ["kalemler"] * 60
    rows = tool.table(*tool.count(words))
    told = Capitals(rows)
    assert told.of("ankara") > 2 and told.of("ankaralı") < -2 and told.of("ankarada") > 2
    assert rows["kale-"] < -2 and not any(key.startswith("kalem") for key in rows)
    assert all(abs(odds) <= tool.MOST and odds % tool.STEP == 0 for odds in rows.values())


def test_the_tool_writes_what_is_read(tool: SimpleNamespace, tmp_path: Path) -> None:
    text, out = tmp_path / "text.txt", tmp_path / "capitals.tsv"
    text.write_text("Biz de Ankara yolunda bir zaman bekledik.\n" * 50, "utf-8")
    done = CliRunner().invoke(tool.main, [str(text), "--out", str(out)])
    assert done.exit_code == 0, done.output
    table = Capitals.read(out)
    assert table.of("ankara") > 2 and table.of("zaman") < -2
    assert all(key == lower(key) for key in table.odds)


@pytest.mark.parametrize(("text", "doubted"), [
    ("Evde oturdu. sonra kalktı.", True), ("Bütün gün Ankara'da. sonra yolda.", True),
    ("Elma, armut vb. meyveler.", False), ("Bu 3. madde.", False), ("Evde qxzvl. sonra.", True),
    ("Evde oturdu. Sonra kalktı.", False), ("Evde durdu... sonra kalktı.", False),
    ("Evde oturdu, Sonra kalktı.", True), ("Evde oturdu, Ahmet kalktı.", False), ("Dedi ki: Sonra gel.", False)])
def test_in_nearly_clean_text_marks_are_doubted_by_the_case_behind_them(text: str, doubted: bool,
                                                                       knowledge: Knowledge) -> None:
    assert bool(list(doubtful_stretches(text, knowledge.model))) == doubted


def test_in_nearly_clean_text_a_stop_before_a_small_letter_is_a_question(knowledge: Knowledge) -> None:
    text = "Bütün gün evde oturdu. sonra dışarı çıktı. Akşam eve döndü."
    asked = [q.raw for q in questions(text, knowledge.model, COMMAS.compile(scale=0.1), Parameters().scaled(0.1),
                                      noise=0.1)]
    assert asked == ["oturdu."]
