"""``ocrfix eval`` gives the figures of the bench, and says what each stage and each correction is worth."""
from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ocrfix.document import Edit, Kind, Status, Step
from ocrfix.errors import InputError, UsageError
from ocrfix.evaluation.align import locate
from ocrfix.evaluation.calibration import calibration
from ocrfix.evaluation.command import eval_command, run
from ocrfix.evaluation.decisions import decisions, forecasts, score_corrections
from ocrfix.evaluation.history import replay
from ocrfix.evaluation.stages import correction_effect, stage_effects
from ocrfix.evaluation.transcription import Gold, Transcript, read_gold
from synthetic import Maker, change

ARTICLE = Path(__file__).parent / "data" / "article"
BENCH = Path(__file__).parents[2] / "shared" / "bench"
EXPECTED = json.loads((ARTICLE / "expected.json").read_text(encoding="utf-8"))
"""What the bench's ``score.py`` printed for the damaged gold below and the raw pages, by the names of CASES."""
CASES: dict[str, list[str]] = {
    "pages": ["--raw", str(ARTICLE / "raw"), "--per-page"],
    "whole": ["--whole", "--raw", str(ARTICLE / "raw")],
    "some": ["--pages", "p05,p17", "--per-page"],
}


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gold as one document with every kind of error in it; the same on every machine."""
    dice = random.Random(1921)
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted((ARTICLE / "gold").glob("p*.md")))
    text = text.replace("⟦", "").replace("⟧", "").replace("↩ ", "").replace("+]:", "]:")
    out = []
    for character in text:
        roll = dice.random()
        if roll < 0.01:
            continue
        if roll < 0.02:
            out.append(dice.choice("abcşı2 "))
        out.append("\n\n" if roll > 0.998 and character == " " else character)
    path = tmp_path_factory.mktemp("damaged") / "clean.md"
    path.write_text("".join(out), encoding="utf-8")
    return path


@pytest.mark.parametrize("case", CASES)
def test_figures_are_those_of_the_bench(case: str, damaged: Path) -> None:
    arguments = [str(ARTICLE / "gold"), str(damaged), *CASES[case], "--json"]
    result = CliRunner().invoke(eval_command, arguments)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == EXPECTED[case]
    if BENCH.is_dir():
        theirs = subprocess.run([sys.executable, str(BENCH / "score.py"), *arguments], capture_output=True, text=True,
                                check=True)
        assert json.loads(result.stdout) == json.loads(theirs.stdout)


@pytest.mark.skipif(not BENCH.is_dir(), reason=f"the bench is not at {BENCH}: only stored figures were compared")
@pytest.mark.parametrize("name", ["scan-tur", "scan-eng", "clean"])
def test_figures_of_other_sets_are_those_of_the_bench(name: str) -> None:
    arguments = [str(BENCH / name / "gold"), str(BENCH / name / "document.txt"), "--whole", "--json"]
    ours = CliRunner().invoke(eval_command, arguments)
    theirs = subprocess.run([sys.executable, str(BENCH / "score.py"), *arguments], capture_output=True, text=True,
                            check=True)
    assert json.loads(ours.stdout) == json.loads(theirs.stdout)


def test_gold_may_be_one_text_file(tmp_path: Path) -> None:
    (tmp_path / "gold.txt").write_text("Bir iki üç dört.\n\nBeş altı.\n", encoding="utf-8")
    (tmp_path / "clean.txt").write_text("Bir ikı üç dört.\n\nBeş altı.\n", encoding="utf-8")
    result = run(tmp_path / "gold.txt", tmp_path / "clean.txt")["clean"]
    assert isinstance(result, dict)
    assert result["body"] == {"CER": round(1 / 26, 4), "WER": round(1 / 6, 4), "WERw": round(1 / 6, 4), "words": 6}


def test_notes_of_a_plain_text_stand_behind_the_stars(tmp_path: Path) -> None:
    (tmp_path / "gold.md").write_text("Bir iki[^1].\n\n[^1]: Bakınız s. 5.\n", encoding="utf-8")
    (tmp_path / "clean.txt").write_text("Bir iki.\n\n* * *\n\n1. Bakınız s. 5.\n", encoding="utf-8")
    result = run(tmp_path / "gold.md", tmp_path / "clean.txt")["clean"]
    assert isinstance(result, dict)
    assert result["body"]["CER"] == 0 and result["notes"]["CER"] == 0 and result["notes_found"] == [1, 1]


def test_unsure_readings_are_not_scored(tmp_path: Path) -> None:
    (tmp_path / "p01.md").write_text("Bir ⟦ikiz⟧ üç.\n", encoding="utf-8")
    (tmp_path / "clean.md").write_text("Bir ökz üç.\n", encoding="utf-8")
    result = run(tmp_path, tmp_path / "clean.md", whole=True)["clean"]
    assert isinstance(result, dict)
    assert result["body"] == {"CER": 0, "WER": 0, "WERw": 0, "words": 2}


def test_a_page_is_found_in_its_document() -> None:
    gold = read_gold(ARTICLE / "gold")
    page = gold.pages[3].body
    start, end = locate(gold.whole.body, page)
    assert gold.whole.body.text[start:end].strip() == page.text.strip()


def test_wrong_use_is_told_in_one_line(tmp_path: Path, damaged: Path) -> None:
    with pytest.raises(UsageError):
        run(ARTICLE / "gold", damaged, whole=True, per_page=True)
    with pytest.raises(InputError, match="no gold page"):
        run(tmp_path, damaged)
    (tmp_path / "latin.md").write_bytes("ş".encode("iso-8859-9"))
    result = CliRunner().invoke(eval_command, [str(ARTICLE / "gold"), str(tmp_path / "latin.md")])
    assert result.exit_code == 1 and result.stdout == "" and "latin.md: not a text in UTF-8" in result.stderr
    assert CliRunner().invoke(eval_command, [str(tmp_path / "none"), str(damaged)]).exit_code == 2


def test_error_page_shows_what_is_wrong_and_is_inert(tmp_path: Path) -> None:
    (tmp_path / "gold.md").write_text("Mustafa Kemal Paşa geldi.\n\nİkinci satır.\n", encoding="utf-8")
    (tmp_path / "clean.md").write_text("Mustafa <script>x</script> Pafa geldi.\n\nİkinci satır.\n", encoding="utf-8")
    page = tmp_path / "errors.html"
    run(tmp_path / "gold.md", tmp_path / "clean.md", html=page)
    html = page.read_text(encoding="utf-8")
    assert "<ins>Kemal Paşa</ins>" in html and "Pafa</del>" in html
    assert "<script" not in html and "&lt;script&gt;" in html and "http" not in html.replace("http-equiv", "")
    run(tmp_path / "gold.md", tmp_path / "clean.md", html=tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


# --- stages and decisions ------------------------------------------------------------------------------------------

def gold_of(markdown: str) -> Gold:
    page = Transcript("p01")
    page.add_markdown(markdown)
    return Gold((page,), page, complete=True)


def example() -> Maker:
    maker = Maker()
    steps = (Step("reflow", "line-hyphen", "joined", "-\n", "", 1.0),
             Step("words", "noisy-channel", "", "Pafa", "Paşa", 0.9))
    maker.block(Kind.PARAGRAPH, "Mustafa Kemal ", change("Pa-\nfa", "Paşa", steps=steps, confidence=0.9), " bugün ",
                change("gel-\ndi", "geldi", "reflow"), " ve ", change("birşey", "bir şey", "characters"), " söyledi; ",
                change("kale", "kafa", confidence=0.6, status=Status.REVIEW), " ", change("gözel", "gazel"), " idi, ",
                change("kitabi", "kitabı", applied=False, confidence=0.4, status=Status.REVIEW), ".")
    maker.block(Kind.NOTE, "Bakınız ", change("Atatiirk", "Atatürk"), " arşivi.", label="1")
    return maker


GOLD = "Mustafa Kemal Paşa bugün geldi ve bir şey söyledi; kale güzel idi, kitabı.\n\n[^1]: Bakınız Atatürk arşivi.\n"


def test_history_is_played_back() -> None:
    steps = [Step("a", "r", "", "a", "b", 1), Step("b", "r", "", "b", "c", 1)]
    assert replay("ab", steps, "cb") == ["ab", "bb", "cb"]
    assert replay("ab", steps, "bc") == ["ab", "bb", "bc"]
    assert replay("ab", steps, "xy") is None


def test_stages_say_what_they_gained_and_broke() -> None:
    effects = {e.stage: e.words for e in stage_effects(example().document(), gold_of(GOLD), whole=True)}
    assert list(effects) == ["input", "reflow", "characters", "words"]
    assert (effects["reflow"].gained, effects["reflow"].broke, effects["reflow"].wrong_to_wrong) == (1, 0, 1)
    assert (effects["characters"].gained, effects["characters"].broke) == (2, 0)
    assert (effects["words"].gained, effects["words"].broke, effects["words"].wrong_to_wrong) == (1, 1, 1)
    assert effects["input"].changed == 0
    assert effects["words"].errors.count == 3                     # kafa, gazel, kitabi


def test_effect_of_corrections_leaves_joins_out() -> None:
    effect = correction_effect(example().document(), gold_of(GOLD), whole=True)
    assert (effect.gained, effect.broke, effect.right, effect.wrong) == (3, 1, 8, 5)
    assert effect.broken_per_thousand == pytest.approx(125)


def test_each_correction_is_judged_by_its_own_words() -> None:
    judged = {d.edit.clean: d for d in decisions(example().document(), gold_of(GOLD), whole=True)}
    assert {clean: d.right for clean, d in judged.items()} == {
        "Paşa": True, "bir şey": True, "kafa": False, "gazel": False, "kitabı": True, "Atatürk": True}
    assert judged["kafa"].raw_right and not judged["gazel"].raw_right
    assert judged["bir şey"].gold == ("bir", "şey")


def test_corrections_have_precision_and_recall() -> None:
    score = score_corrections(example().document(), gold_of(GOLD), whole=True)
    assert score.precision == pytest.approx(3 / 5)                # of the applied: Paşa, bir şey, Atatürk
    assert score.auto_precision == pytest.approx(3 / 4)
    assert score.recall == pytest.approx(3 / 5)
    assert len(forecasts(score.judged)) == 6


def test_a_word_wrongly_taken_away_or_put_in_is_a_wrong_correction() -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, "Bir", change(" iki", ""), " üç", change("", " beş"), " dört", change(" ;", ""),
                " son.")
    judged = decisions(maker.document(), gold_of("Bir iki üç dört son.\n"), whole=True)
    assert [d.right for d in judged] == [False, False, True]


def test_a_call_is_judged_by_its_number_and_place_and_by_what_it_changes_beside() -> None:
    def called(raw: str, clean: str, label: str, *steps: Step) -> tuple[str, Edit]:
        taken = Step("calls", "call", "", raw, raw.rstrip("0123456789"), 0.9)
        return change(raw, clean, "calls", call=label, steps=(taken, *steps))

    read, misread = (Step("words", "misread-word", "", "kuruldı", word, 0.9) for word in ("kuruldu", "kurulda"))
    cases = [(called("4", "", "4"), True), (called("5", "", "5"), False),
             (called("kuruldı4", "kuruldu", "4", read), True), (called("kuruldı4", "kurulda", "4", misread), False),
             (called("kuruldı5", "kuruldu", "5", read), False)]
    for edit, right in cases:
        maker = Maker()
        word = "" if edit[1].clean else "kuruldı"
        maker.block(Kind.PARAGRAPH, f"Çarşı o yıl {word}", edit, ". Sonra yandı.")
        decision, = decisions(maker.document(), gold_of("Çarşı o yıl kuruldu[^4]. Sonra yandı.\n"), whole=True)
        assert decision.right is right


@pytest.mark.parametrize(("number", "right"), [("l2 ", True), ("Kaya ", False)])
def test_a_note_number_is_judged_by_how_the_note_begins_without_it(number: str, right: bool) -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, "Çarşı yandı.")
    rest = "Kava, Irmak, s.25." if right else "Irmak, s.25."
    maker.block(Kind.NOTE, change(number, "", "calls", rule="note-number"), rest, label="12")
    decision, = decisions(maker.document(), gold_of("Çarşı yandı.\n\n[^12]: Kaya Irmak, s.25.\n"), whole=True)
    assert decision.right is right


def test_unsure_gold_judges_nothing() -> None:
    maker = Maker()
    maker.block(Kind.PARAGRAPH, "Bir ", change("ikı", "iki"), " üç.")
    assert decisions(maker.document(), gold_of("Bir ⟦iki⟧ üç.\n"), whole=True) == []


def test_calibration_of_honest_and_of_boastful_forecasts() -> None:
    honest = [(p / 10, k < p) for p in range(1, 10) for k in range(10)]
    assert calibration(honest).expected_error < 0.06
    assert calibration(honest, bins=9).expected_error == pytest.approx(0)
    boastful = calibration([(0.9, k < 5) for k in range(10)])
    assert boastful.expected_error == pytest.approx(0.4)
    assert boastful.brier == pytest.approx((5 * 0.01 + 5 * 0.81) / 10)
    assert sum(b.count for b in boastful.bins) == 10
    assert calibration([]).count == 0
    dice = random.Random(5)
    shuffled = dice.sample(honest, len(honest))
    assert calibration(shuffled) == calibration(honest)
