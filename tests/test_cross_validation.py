"""Cross-validation: no page is scored with what it taught."""
from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import ROOT
from ocrfix.engine.learn import plain_truth
from ocrfix.engine.training import TruthPage, aligned_offsets, halves, learn_tables, thinned, without_calls
from ocrfix.errors import UsageError
from ocrfix.evaluation import cross_validation
from ocrfix.evaluation.cross_validation import (
    Corpus,
    Tally,
    cross_validate,
    cross_validate_command,
    interval,
    read_bench,
    rows,
)
from ocrfix.evaluation.structure import Marks, Structure
from ocrfix.knowledge import Knowledge

SENTENCES = (ROOT / "tests" / "cases" / "encoding" / "sound.txt").read_text("utf-8").replace("\n\n", " ").split(". ")
TRUTH = [". ".join(SENTENCES[k::4]).strip(" .\n") + "." for k in range(4)]
"""Four pages."""


def misread(text: str) -> str:
    return text.replace("m", "rn").replace("ş", "s")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """One scan of four pages."""
    folder = tmp_path / "bench" / "scan-x"
    for name in ("raw", "gold"):
        (folder / name).mkdir(parents=True)
    for k, text in enumerate(TRUTH, 1):
        (folder / "raw" / f"p{k:02d}.txt").write_text(misread(text) + "\n", "utf-8")
        (folder / "gold" / f"p{k:02d}.md").write_text(text + "\n", "utf-8")
    (folder / "document.txt").write_text("\n\f".join(misread(text) for text in TRUTH) + "\n", "utf-8")
    return folder.parent


def test_a_bench_is_read(bench: Path, tmp_path: Path) -> None:
    corpus, = read_bench(bench)
    assert [page.name for page in corpus.pages] == ["p01", "p02", "p03", "p04"]
    assert {page.kind for page in corpus.pages} == {"tessx-roman"}
    assert {page.notes_kind for page in corpus.pages} == {"tessx-small"}
    with pytest.raises(UsageError, match="no folder with gold"):
        read_bench(tmp_path / "bench" / "scan-x" / "raw")


def test_the_halves_share_no_page_and_have_every_kind() -> None:
    pages = [TruthPage(f"p{n:02d}", "", "", kind, "x-small") for kind in ("x-roman", "x-italic") for n in range(5)]
    first, second = halves(pages)
    assert not set(first) & set(second) and {*first, *second} == set(pages)
    assert {p.kind for p in first} == {p.kind for p in second} == {"x-roman", "x-italic"}
    assert abs(len(first) - len(second)) <= 2


def test_no_page_is_scored_with_what_it_taught(bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[set[str]] = []
    scored: list[set[str]] = []

    def train(pages: Sequence[TruthPage], base: Knowledge) -> Knowledge:
        taught.append({page.name for page in pages})
        return base

    def score_half(corpus: Corpus, names: list[str], *_: object) -> None:
        scored.append(set(names))

    monkeypatch.setattr(cross_validation, "train", train)
    monkeypatch.setattr(cross_validation, "_score_half", score_half)
    cross_validate(read_bench(bench))
    assert len(taught) == len(scored) == 2
    for learned, judged in zip(taught, scored, strict=True):
        assert learned and judged and not learned & judged
    assert scored[0] | scored[1] == {"p01", "p02", "p03", "p04"}


def test_the_rates_of_a_bench_are_printed(bench: Path) -> None:
    result = CliRunner().invoke(cross_validate_command, [str(bench), "--json"], catch_exceptions=False)
    found = json.loads(result.stdout)
    row = found["scan-x"]
    assert row["pages"] == 4
    assert row["untouched WER"] > 0.2
    assert row["body WER"] < row["untouched WER"]             # what one half taught helps the other
    low, high = row["reduction"][1:]
    assert low <= row["reduction"][0] <= high
    assert "all" in found


def test_the_interval_holds_the_estimate_and_is_the_same_each_time() -> None:
    tally = Tally([(30, 10, 100, 0, 0, 1), (20, 5, 80, 0, 0, 1), (25, 15, 90, 0, 0, 1)])
    estimate, low, high = interval(tally)
    assert estimate == pytest.approx(1 - 30 / 75)
    assert low <= estimate <= high and low < high
    assert interval(tally) == (estimate, low, high)
    assert interval(Tally([(0, 0, 10, 0, 0, 1)])) == (0.0, 0.0, 0.0)


def test_tables_are_learned_by_kind() -> None:
    pages = [TruthPage(f"p{k}", misread(t) if k < 2 else t, t, "x-roman" if k < 2 else "x-italic", "x-small")
             for k, t in enumerate(TRUTH)]
    channels, signatures = learn_tables(pages)
    assert set(channels) == set(signatures) == {"x-roman", "x-italic"}
    assert ("m", "rn") in channels["x-roman"].count and not channels["x-italic"].count


def test_thinning_leaves_a_share_of_the_misread_words() -> None:
    true = " ".join(TRUTH)
    ocr = misread(true)

    def wrong(text: str) -> int:
        return sum(a != b for a, b in zip(text.split(), true.split(), strict=True))

    assert thinned(ocr, true, 1.0) == ocr and thinned(ocr, true, 0.0) == true
    assert 0 < wrong(thinned(ocr, true, 0.4)) < wrong(ocr)
    assert thinned(ocr, true, 0.4) == thinned(ocr, true, 0.4)


def test_calls_are_taken_out_before_words_are_judged() -> None:
    ocr, true = without_calls("Köy yolu uzundu¹² ve dardı.", plain_truth("Köy yolu uzundu[^12] ve dardı."))
    assert (ocr, true) == ("Köy yolu uzundu ve dardı.",) * 2


def test_offsets_are_aligned_in_order() -> None:
    true = TRUTH[0]
    where = aligned_offsets(misread(true), true)
    assert where[0] == 0 and where[-1] == len(true)
    assert where.tolist() == sorted(where.tolist())
    at = misread(true).index("rn")
    assert true[where[at]] == "m"


def test_the_ranking_is_fitted_on_all_pages(bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def train(pages: Sequence[TruthPage], knowledge: Knowledge) -> Knowledge:
        seen.append(len(pages))
        return knowledge

    monkeypatch.setattr(cross_validation, "train", train)
    out = tmp_path / "ranking.tsv"
    CliRunner().invoke(cross_validate_command, [str(bench), "--fit-ranking", str(out)], catch_exceptions=False)
    assert seen == [4] and "4 pages" in out.read_text("utf-8")


def test_the_structure_of_the_pages_is_told() -> None:
    places = [("p01", "1", 3), ("p01", "2", 9), ("p02", "3", 1)]
    calls = Marks(frozenset(places[:2]), frozenset(places[1:]))
    breaks = Marks(frozenset(places), frozenset(places))
    tally = Tally([(4, 1, 10, 9, 2, 50)], structure=Structure(calls=calls, breaks=breaks), notes_found=(3, 4, 1))
    (_, row), = rows({"x": tally})
    assert (row["calls F1"], row["breaks F1"], row["heads F1"]) == (0.5, 1.0, 0.0)
    assert (row["notes found"], row["leaks"]) == ([3, 4], 1)
