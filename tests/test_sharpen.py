"""Word pairs of clean texts, mixed into the bigram model."""
from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ocrfix.engine.automaton import LETTERS, SHIPPED_ROOTS, build
from ocrfix.engine.context import ContextModel
from ocrfix.engine.model import COST_UNIT, SENTENCE, LanguageModel, Scratch, hash_word
from ocrfix.engine.sharpen import DISCOUNT, ENOUGH, LEAST, PairCounts, count_pairs, sharpened
from ocrfix.errors import OcrfixError

WORDS = ("köy", "yolu", "uzun", "ev", "kısa", ".")
IDS = {word: k for k, word in enumerate(WORDS, SENTENCE + 1)}
SHARE = (0.0001, 0.05, 0.2, 0.1, 0.1, 0.15, 0.05, 0.3)
"""Probability of the unknown word, the sentence start and the words."""
PAIRS = {("köy", "yolu"): 0.2, ("köy", "ev"): 0.4, ("ev", "kısa"): 0.3, ("kısa", "."): 0.5}
TEXTS = ["Köy yolu uzun. Ev kısa."] * 40
Arrays = tuple[NDArray[np.generic], ...]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    """A model of six words and four pairs."""
    rows = sorted((IDS[a], IDS[b], p) for (a, b), p in PAIRS.items())
    first = np.searchsorted([a for a, _, _ in rows], np.arange(len(SHARE) + 1)).astype(np.int32)
    hashes = sorted((hash_word(word), k) for word, k in IDS.items())
    left = [1.0] * len(SHARE)
    for word in range(len(SHARE)):
        mine = [(b, p) for a, b, p in rows if a == word]
        left[word] = (1 - sum(p for _, p in mine)) / (1 - sum(SHARE[b] for b, _ in mine))
    bigrams = (first, np.array([b for _, b, _ in rows], np.int32),
               np.array([round(-math.log(p) / COST_UNIT) for _, _, p in rows], np.uint8),
               np.array([round(-math.log(x) / COST_UNIT) for x in left], np.int8),
               np.array([h for h, _ in hashes], np.int64), np.array([k for _, k in hashes], np.int32),
               -np.log(np.array(SHARE, np.float32)))
    size = len(LETTERS) + 1
    marks = np.zeros(300, np.int64)
    marks[ord(".")] = IDS["."]
    return LanguageModel(build([{}] * SHIPPED_ROOTS), bigrams, np.zeros((size ** 3, size), np.uint8),
                         np.zeros(512, np.int64), marks, ContextModel.silent(), Scratch())


def counted(pairs: PairCounts) -> dict[tuple[int, int], int]:
    return {(a, b): n for a, b, n in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.count.tolist(),
                                         strict=True)}


def costs(arrays: Arrays) -> dict[tuple[int, int], int]:
    """(first, second) -> cost in units of the file."""
    first, second, cost = (array.tolist() for array in arrays[:3])
    return {(a, second[k]): cost[k] for a in range(len(first) - 1) for k in range(first[a], first[a + 1])}


def test_pairs_are_counted_within_sentences(model: LanguageModel) -> None:
    ids = IDS
    found = count_pairs(["Köy yolu uzun. Ev kısa.", "KÖY YOLU"], model)
    assert counted(found) == {(SENTENCE, ids["köy"]): 2, (ids["köy"], ids["yolu"]): 2}
    once = {SENTENCE: 1, ids["yolu"]: 1, ids["uzun"]: 1, ids["ev"]: 1, ids["kısa"]: 1}      # ``uzun .`` and so on
    assert {a: n for a, n in enumerate(found.once.tolist()) if n} == once


def test_an_unknown_word_parts_its_neighbours(model: LanguageModel) -> None:
    assert counted(count_pairs(["köy qxzv yolu"] * 2, model)) == {(SENTENCE, IDS["köy"]): 2}


def test_texts_without_words_have_no_pairs(model: LanguageModel) -> None:
    for lines in ([], ["", "  "], ["qxzv"]):
        assert counted(count_pairs(lines, model)) == {}


def test_pairs_of_the_texts_become_cheaper_and_others_dearer(model: LanguageModel) -> None:
    before = costs(model.bigrams)
    after = costs(sharpened(model, count_pairs(TEXTS, model), size=100))
    assert after[IDS["köy"], IDS["yolu"]] < before[IDS["köy"], IDS["yolu"]]
    assert after[IDS["köy"], IDS["ev"]] > before[IDS["köy"], IDS["ev"]]       # never there behind this word
    assert after[IDS["ev"], IDS["kısa"]] < before[IDS["ev"], IDS["kısa"]]
    new = {(SENTENCE, IDS["köy"]), (SENTENCE, IDS["ev"]), (IDS["yolu"], IDS["uzun"]), (IDS["uzun"], IDS["."])}
    assert set(after) == set(before) | new
    for a, b in new:                                          # cheaper than the word alone, which it was before
        assert after[a, b] * COST_UNIT < -math.log(SHARE[b])


def test_a_pair_gets_its_discounted_share(model: LanguageModel) -> None:
    after = costs(sharpened(model, count_pairs(TEXTS[:3], model), size=100, weight=1.0))
    known = 3 / (3 + ENOUGH)                                  # behind ``yolu`` there was no pair before
    texts = (3 - DISCOUNT) / 3 + DISCOUNT / 3 * 0.1
    assert after[IDS["yolu"], IDS["uzun"]] == round(-math.log((1 - known) * 0.1 + known * texts) / COST_UNIT)


def test_more_weight_and_more_text_sharpen_more(model: LanguageModel) -> None:
    pair = IDS["köy"], IDS["yolu"]
    few, many = count_pairs(TEXTS[:4], model), count_pairs(TEXTS, model)
    rising = [costs(sharpened(model, few, size=100, weight=0.3))[pair],
              costs(sharpened(model, many, size=100, weight=0.3))[pair],
              costs(sharpened(model, many, size=100, weight=0.8))[pair]]
    assert rising == sorted(rising, reverse=True) and len(set(rising)) == 3


@pytest.mark.parametrize("size", [None, 2, 6, 100])
def test_the_arrays_are_laid_out_as_before(model: LanguageModel, size: int | None) -> None:
    before = model.bigrams
    after = sharpened(model, count_pairs(TEXTS, model), size)
    assert [array.dtype for array in after] == [array.dtype for array in before]
    assert len(after[0]) == len(before[0]) and len(after[3]) == len(before[3])
    assert len(after[1]) == len(after[2]) == min(8, 8 if size is None else size)
    starts = after[0].tolist()
    assert starts[0] == 0 and starts[-1] == len(after[1]) and starts == sorted(starts)
    for a, b in itertools.pairwise(starts):                   # pairs are searched by halving
        seconds = after[1][a:b].tolist()
        assert seconds == sorted(set(seconds))
    for k in (4, 5, 6):
        assert np.array_equal(after[k], before[k])


@pytest.mark.parametrize("size", [None, 3, 100])
def test_behind_each_word_the_probabilities_sum_to_one(model: LanguageModel, size: int | None) -> None:
    after = sharpened(model, count_pairs(TEXTS, model), size)
    found = costs(after)
    backoff = after[3].tolist()
    for a in range(len(SHARE)):
        mine = {b: math.exp(-cost * COST_UNIT) for (first, b), cost in found.items() if first == a}
        rest = sum(p for b, p in enumerate(SHARE) if b not in mine) * math.exp(-backoff[a] * COST_UNIT)
        assert sum(mine.values()) + rest == pytest.approx(sum(SHARE), abs=0.08), a


def test_the_pairs_that_save_most_are_kept(model: LanguageModel) -> None:
    pairs = count_pairs(TEXTS, model)
    everything = costs(sharpened(model, pairs, size=100))
    kept = costs(sharpened(model, pairs, size=2))
    assert kept.items() <= everything.items()
    assert set(kept) == {(IDS["köy"], IDS["yolu"]), (IDS["ev"], IDS["kısa"])}


def test_without_pairs_nothing_changes(model: LanguageModel) -> None:
    assert costs(sharpened(model, count_pairs([], model))) == costs(model.bigrams)
    once = count_pairs(TEXTS[:1] * (LEAST - 1), model)      # a pair seen once is no pair
    assert set(costs(sharpened(model, once, size=100))) == set(costs(model.bigrams))


def test_a_file_of_pairs_says_the_same(model: LanguageModel, tmp_path: Path) -> None:
    pairs = count_pairs([*TEXTS[:3], "Köy kısa."], model)
    pairs.write(tmp_path / "pairs.tsv", "from nowhere")
    assert "\nköy\t\t1\nköy\tyolu\t3\n" in (tmp_path / "pairs.tsv").read_text("utf-8")
    again = PairCounts.read(tmp_path / "pairs.tsv", model)
    assert counted(again) == counted(pairs) and again.once.tolist() == pairs.once.tolist()
    assert [array.tolist() for array in sharpened(model, again)] == [a.tolist() for a in sharpened(model, pairs)]


def test_words_that_the_model_lacks_are_passed_over(model: LanguageModel, tmp_path: Path) -> None:
    (tmp_path / "pairs.tsv").write_text("qxzv\tköy\t5\nköy\tqxzv\t5\nqxzv\t\t5\nköy\tev\t5\n", "utf-8")
    again = PairCounts.read(tmp_path / "pairs.tsv", model)
    assert counted(again) == {(IDS["köy"], IDS["ev"]): 5} and not again.once.any()


@pytest.mark.parametrize("text", ["köy yolu 5", "köy\tyolu\tfünf", "köy\tyolu\t5\t5"])
def test_a_damaged_file_of_pairs_is_named(model: LanguageModel, tmp_path: Path, text: str) -> None:
    (tmp_path / "pairs.tsv").write_text("# pairs\n" + text + "\n", "utf-8")
    with pytest.raises(OcrfixError, match=r"pairs\.tsv, line 2: not a row of word pairs"):
        PairCounts.read(tmp_path / "pairs.tsv", model)
