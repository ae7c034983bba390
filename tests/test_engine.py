"""The correction engine: automaton, confusion model, decoder, learning, kinds of type, adapting to a document."""
from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from ocrfix.adaptation import adapt, noise_scale, own_words, sampled, stem_counts, tell_kinds
from ocrfix.engine import decoder, model
from ocrfix.engine.automaton import LETTERS, NOT_FINAL, OTHER, QUANTUM, SHIPPED_ROOTS, Automaton, build, letter_bit
from ocrfix.engine.channel import Channel, merged
from ocrfix.engine.context import ContextModel
from ocrfix.engine.correct import LONGEST_STRETCH, correct, cut_units, stretches
from ocrfix.engine.features import case_variants
from ocrfix.engine.kinds import Signature, best_kind, trigrams
from ocrfix.engine.learn import MASK, SegmentCosts, align, learn, plain_ocr, plain_truth, split_page
from ocrfix.engine.model import Hypothesis, LanguageModel, Scratch
from ocrfix.engine.parameters import Parameters
from ocrfix.errors import OcrfixError
from ocrfix.knowledge import Knowledge
from ocrfix.language.turkish import lower

Words = Mapping[str, tuple[float, int]]

CLEAN = [
    "Dün akşam kardeşim eski bir kitapçıda çocukluğumuzun masallarını buldu ve bütün gece okudu.",
    "Sonbaharda köyün yolları çamur olduğu için öğrenciler okula çoğu zaman geç kalıyordu.",
    "Belediye başkanı yeni köprünün gelecek yıl açılacağını ve yolun kısalacağını söyledi.",
    "Deniz kıyısında yürüyen yaşlı adam, balıkçıların ağlarını nasıl onardığını uzun uzun anlattı.",
    "Bu konuda daha önce yapılan çalışmaların büyük bir bölümü yalnızca şehirleri ele almıştır.",
    "Fırtınadan sonra limandaki gemiler birer birer denize açıldı, rıhtımda kimse kalmadı.",
    "Annem her sabah erkenden kalkar, bahçedeki çiçekleri sular ve kuşlara ekmek verirdi.",
    "Savaşın bitmesinden sonra iki ülke arasındaki ilişkiler yavaş yavaş düzelmeye başladı.",
]
"""Sentences written for these tests."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge.load()


# --- the automaton ---------------------------------------------------------------------------------------------------

words_of_abc = st.dictionaries(st.text("abç", max_size=5), st.tuples(st.integers(0, 60).map(lambda n: n / 3),
                                                                     st.integers(0, 2)), max_size=25)


def quantised(cost: float) -> float:
    return round(cost / QUANTUM) * QUANTUM


@settings(max_examples=200)
@given(st.lists(words_of_abc, min_size=1, max_size=3), st.text("abçd", max_size=6))
def test_an_automaton_holds_the_words_of_each_class_with_their_costs(classes: list[Words], stranger: str) -> None:
    automaton = build(classes)
    for root, words in enumerate(classes):
        for word, (cost, proper) in words.items():
            assert automaton.accepts(word, root)
            assert automaton.word_cost(word, root) == pytest.approx(quantised(cost))
            assert automaton.proper[automaton.walk(word, root)] == proper
        if stranger not in words and words:
            assert not automaton.accepts(stranger, root)
            assert automaton.word_cost(stranger, root) == math.inf


def residual(words: Words, prefix: str) -> frozenset[tuple[str, int, int]]:
    """What may follow a prefix: (ending, quanta above the cheapest, properness)."""
    ends = {w[len(prefix):]: (round(c / QUANTUM), p) for w, (c, p) in words.items() if w.startswith(prefix)}
    least = min(c for c, _ in ends.values())
    return frozenset((end, c - least, p) for end, (c, p) in ends.items())


@settings(max_examples=200)
@given(words_of_abc)
def test_an_automaton_is_minimal_and_its_costs_are_pushed_to_the_front(words: Words) -> None:
    assume(words)
    automaton = build([words])
    prefixes = {word[:k] for word in words for k in range(len(word) + 1)}
    assert len(automaton.final) == len({residual(words, prefix) for prefix in prefixes})
    for node in range(len(automaton.final)):                  # from every node the best way on is free
        ways = automaton.cost[automaton.first[node]:automaton.first[node + 1]].tolist()
        ways += [int(end) for end in automaton.final[node:node + 1] if end != NOT_FINAL]
        assert min(ways) == 0


@settings(max_examples=100)
@given(words_of_abc, words_of_abc)
def test_a_further_root_leaves_the_others_alone(words: Words, own: Words) -> None:
    assume(words and own)
    base = build([words] + [{}] * (SHIPPED_ROOTS - 1))
    more = base.with_root(own)
    assert {w for w in [*words, *own] if more.accepts(w, 0)} == set(words)
    assert {w for w in [*words, *own] if more.accepts(w, SHIPPED_ROOTS)} == set(own)
    for word, (cost, _) in own.items():
        assert more.word_cost(word, SHIPPED_ROOTS) == pytest.approx(quantised(cost))
    for word, (cost, _) in words.items():
        assert more.word_cost(word, 0) == pytest.approx(quantised(cost))
    assert len(more.without_roots().roots) == len(base.roots)
    assert base.without_roots() is base


def test_every_letter_has_a_bit_of_its_own() -> None:
    bits = [letter_bit(c) for c in LETTERS]
    assert len(set(bits)) == len(LETTERS) and all(bit.bit_count() == 1 and 0 < bit < OTHER for bit in bits)
    assert {letter_bit(c) for c in ["", "'", "-", "1", "ж", "A", "İ"]} == {OTHER}


def check_letters(automaton: Automaton, node: int) -> None:
    """The set of letters of a node has those of its arcs, and no other."""
    arcs = automaton.label[automaton.first[node]:automaton.first[node + 1]].tolist()
    expected = OTHER
    for code in arcs:
        expected |= letter_bit(chr(code))
    assert int(automaton.letters[node]) == expected


words_of_any_letters = st.dictionaries(st.text("aıiğşñ'ж1", max_size=4), st.just((1.0, 0)), max_size=15)


@settings(max_examples=150)
@given(st.lists(words_of_any_letters, min_size=1, max_size=3), words_of_any_letters)
def test_the_letters_that_may_follow_are_those_of_the_arcs(classes: list[Words], own: Words) -> None:
    base = build(classes)
    for automaton in (base, base.with_root(own)):
        assert automaton.letters.shape == automaton.final.shape and automaton.letters.dtype == np.int64
        for node in range(len(automaton.final)):
            check_letters(automaton, node)


# --- the confusion model ---------------------------------------------------------------------------------------------

nasty = st.text(st.one_of(st.sampled_from("␣∅\\#\t\n\r\"' tnh|,"), st.characters(exclude_categories=["Cs"])),
                max_size=3)


@settings(max_examples=200)
@given(st.dictionaries(st.tuples(nasty, nasty), st.integers(1, 999), max_size=12),
       st.integers(0, 9))
def test_a_confusion_table_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory,
                                                     count: dict[tuple[str, str], int], more: int) -> None:
    seen = {true: float(1000 + len(true) + more) for true, _ in count}
    path = tmp_path_factory.mktemp("table") / "scanner-roman.tsv"
    written = Channel("scanner-roman", {k: float(n) for k, n in count.items()}, seen)
    written.write(path, "two lines\nof comment")
    assert Channel.read(path) == written


@pytest.mark.parametrize(("head", "row", "says"), [
    ("true\tocr\tcount\tseen", "a\tb\t1", "row 3 is not"), ("true\tocr\tcount\tseen", "a\tb\tone\t2", "row 3 is not"),
    ("true\tocr\tcount\tseen", "a\tb\t1\t2\t3", "row 3 is not"), ("true\tocr\tcount\tseen", "a", "row 3 is not"),
    ("true\tocr\tcount\tseen\tyear", "", "row 1 is not"), ("ocr\ttrue\tcount\tseen", "", "row 1 is not"),
    ("true\tocr\tcount\tseen", "\udce4\tb\t1\t2", "no UTF-8")])
def test_a_confusion_table_that_is_broken_or_has_other_columns_is_named(tmp_path: Path, head: str, row: str,
                                                                        says: str) -> None:
    path = tmp_path / "mine.tsv"
    path.write_bytes(f"{head}\nm\trn\t3\t9\n{row}\n".encode("utf-8", "surrogateescape"))
    with pytest.raises(OcrfixError, match=rf"mine\.tsv.*{says}"):
        Channel.read(path)


def test_tables_add_up_and_are_drawn_towards_their_family() -> None:
    one = Channel("x-roman", {("m", "rn"): 1.0}, {"m": 10.0})
    two = Channel("x-italic", {("m", "rn"): 50.0, ("s", "J"): 20.0}, {"m": 100.0, "s": 40.0})
    both = merged("x", [one, two])
    assert both.count["m", "rn"] == 51 and both.seen["m"] == 110
    drawn = one.smoothed(both, 10)
    rate = drawn.count["m", "rn"] / drawn.seen["m"]
    assert 1 / 10 < rate < 51 / 110                           # between its own rate and the family's
    assert drawn.count["s", "J"] / drawn.seen["s"] == pytest.approx(0.5)      # never seen here: the family's rate
    assert one.smoothed(both, 0) is one and one.smoothed(None, 10) is one


# --- the decoder against a plain search over the same model ----------------------------------------------------------

SPACE_INSERTED, INSERTED, DELETED, REPLACED, WORD = 3.25, 4.5, 5.125, 3.75, 1.0
WIDE = Parameters(unknown_word=1e5, substitution=REPLACED, insertion=INSERTED, deletion=DELETED,
                  false_space=SPACE_INSERTED, word=WORD, beam_width=400.0, beam_size=2900.0)


def tiny_model(words: Words, own: Words | None = None) -> LanguageModel:
    """A language model of a few words, without bigrams."""
    automaton = build([words] + [{}] * (SHIPPED_ROOTS - 1))
    ids = np.zeros(3, np.int32)
    bigrams = (ids, ids[:0], np.zeros(0, np.uint8), np.zeros(2, np.int8), np.zeros(0, np.int64), ids[:0],
               np.zeros(2, np.float32), )
    size = len(LETTERS) + 1
    model = LanguageModel(automaton, bigrams, np.zeros((size ** 3, size), np.uint8), np.zeros(512, np.int64),
                          np.zeros(300, np.int64), ContextModel.silent(), Scratch())
    return model.with_words(own) if own else model


def cheapest(ocr: str, words: Words, count: Mapping[tuple[str, str], int], seen: Mapping[str, int]) -> float:
    """Cost of the best true text of an OCR text, by Dijkstra's algorithm over (position, prefix of a word)."""
    automaton = build([words])
    price = {word: automaton.word_cost(word) for word in words}
    prefixes = {word[:k] for word in words for k in range(len(word) + 1)}
    chance = {(t, o): n / (seen[t] + (1 if len(t) < 2 else 10)) for (t, o), n in count.items() if t != o}
    rules = {segment: -math.log(p) for segment, p in chance.items()}

    def kept(c: str) -> float:
        """Cost of a character that was read right; without any table it is small and the same for all."""
        lost = [p for (t, _), p in chance.items() if t == c]
        return -math.log(max(1 - sum(lost), 0.02)) if lost else 0.02

    def spelled(prefix: str, true: str) -> tuple[str, float] | None:
        cost = 0.0
        for c in true:
            if c == " ":
                if prefix not in price:
                    return None
                cost, prefix = cost + price[prefix], ""
            else:
                cost += WORD if prefix == "" else 0.0
                prefix += c
                if prefix not in prefixes:
                    return None
        return prefix, cost

    # the third part of a state tells that something without a trace was just printed: that happens once a place
    heap: list[tuple[float, int, str, bool]] = [(0.0, 0, "", False)]
    done: set[tuple[int, str, bool]] = set()
    best = math.inf
    while heap:
        cost, at, prefix, traceless = heapq.heappop(heap)
        if (at, prefix, traceless) in done:
            continue
        done.add((at, prefix, traceless))
        if at == len(ocr) and (prefix == "" or prefix in price):
            best = min(best, cost + price.get(prefix, 0.0) * (prefix != ""))
        ways: list[tuple[str, int, float]] = []
        if not traceless:
            ways += [(t, 0, c) for (t, o), c in rules.items() if o == ""]
            ways += [(c, 0, DELETED) for c in "abc" if prefix]
        for (true, read), c in rules.items():
            if read and ocr.startswith(read, at):
                ways.append((true, len(read), c))
        if at < len(ocr):
            c0 = ocr[at]
            ways.append((c0, 1, kept(c0)))
            ways.append(("", 1, SPACE_INSERTED if c0 == " " else INSERTED))
            ways += [(c, 1, REPLACED) for c in "abc" if c0 != " "]      # itself as well, if a table has it for lost
        for true, used, c in ways:
            step = spelled(prefix, true)
            if step is not None:
                heapq.heappush(heap, (cost + c + step[1], at + used, step[0], used == 0))
    return best


lexicons = st.dictionaries(st.text("abc", min_size=1, max_size=4), st.tuples(st.integers(2, 16).map(lambda n: n / 2),
                                                                             st.just(0)), min_size=1, max_size=6)
LOST = {("a", ""): 11, ("a", "aaa"): 30}
"""Misreadings of a letter, oftener than it is seen below."""
segments = st.tuples(st.text("abc ", max_size=2).filter(lambda t: "  " not in t), st.text("abc ", max_size=3))


@settings(max_examples=150)
@example({"ab": (1.0, 0)}, LOST, "ab")
@example({"aa": (1.0, 0)}, LOST, "aaaa")
@given(lexicons, st.dictionaries(segments.filter(lambda s: s[0] != s[1]), st.integers(1, 30), max_size=5),
       st.text("abc ", min_size=1, max_size=8))
def test_the_decoder_finds_the_cheapest_path(words: Words, count: dict[tuple[str, str], int], ocr: str) -> None:
    seen = dict.fromkeys({true for true, _ in count}, 40)
    channel = Channel("tiny", {k: float(n) for k, n in count.items()}, {k: float(n) for k, n in seen.items()})
    found = tiny_model(words).decode(ocr, channel.compile(), WIDE, previous=0, sentence_start=False)
    expected = cheapest(ocr, words, count, seen)
    assert (found[0].cost if found else math.inf) == pytest.approx(expected, abs=1e-6)
    if found:
        assert all(word in words for word in found[0].text.split())
        check_segments(ocr, found[0])


def test_no_letter_that_is_read_right_costs_more_than_one_in_its_place() -> None:
    compiled = Channel("tiny", {k: float(n) for k, n in LOST.items()}, {"a": 40.0}).compile()
    assert compiled.identity[ord("a")] > REPLACED
    assert compiled.cost("a", "a", substitution=REPLACED, insertion=INSERTED, deletion=DELETED) == REPLACED


def check_segments(ocr: str, found: Hypothesis) -> None:
    assert "".join(true for _, _, true in found.segments) == found.text
    ends = [0, *(end for _, end, _ in found.segments)]
    assert [start for start, _, _ in found.segments] == ends[:-1] and ends[-1] == len(ocr)


def test_the_costs_of_words_add_up() -> None:
    model, silent = tiny_model({"ab": (3.0, 0), "cba": (4.5, 0), "b": (9.0, 0)}), Channel("none").compile()
    ab, cba, both = (model.decode(text, silent, WIDE, previous=0, sentence_start=False)[0].cost
                     for text in ("ab", "cba", "ab cba"))
    assert both == pytest.approx(ab + cba + float(silent.identity[ord(" ")]))


# --- the decoder over the shipped model ------------------------------------------------------------------------------

@cache
def silent() -> Channel:
    """A table without a confusion."""
    return Channel("none")


@pytest.mark.parametrize("sentence", CLEAN)
def test_without_confusions_known_words_stay_as_they_are(knowledge: Knowledge, sentence: str) -> None:
    found = knowledge.model.decode(sentence, silent().compile(), Parameters())
    assert found[0].text == sentence
    assert all(o == t for s, e, t in found[0].segments for o in [sentence[s:e]])


ocr_texts = st.text(st.sampled_from("abcçdeğıijklmnoöprsştuüvyzKŞIİ'’.,;-(  0123€ж"), min_size=1, max_size=40)


@settings(max_examples=60)
@given(ocr_texts)
def test_segments_cover_any_text_and_the_best_comes_first(knowledge: Knowledge, text: str) -> None:
    channel = knowledge.smoothed["article-roman"].compile()
    found = knowledge.model.decode(text, channel, Parameters(), results=6)
    assert [h.cost for h in found] == sorted(h.cost for h in found)
    for hypothesis in found:
        check_segments(text, hypothesis)
    if found:
        units = cut_units(text, found[0].segments)
        assert " ".join(u.raw for u in units) == text
        assert " ".join(u.out for u in units) == found[0].text


def test_more_results_do_not_change_the_best(knowledge: Knowledge) -> None:
    channel = knowledge.smoothed["article-italic"].compile()
    one = knowledge.model.decode("bu soma aniaşmayı", channel, Parameters())
    many = knowledge.model.decode("bu soma aniaşmayı", channel, Parameters(), results=8)
    assert many[0] == one[0] and len(many) > 1


def test_context_chooses_between_two_words(knowledge: Knowledge) -> None:
    channel = Channel("x", {("nr", "m"): 30.0}, {"nr": 100.0}).compile()      # sonra is read soma

    def read(text: str) -> str:
        return knowledge.model.decode(text, channel, Parameters())[0].text

    assert read("Üç gün soma geldi.") == "Üç gün sonra geldi."
    assert read("İşçiler Soma'da maden ocağında çalışıyordu.") == "İşçiler Soma'da maden ocağında çalışıyordu."


def test_split_and_fused_words_are_one_search(knowledge: Knowledge) -> None:
    channel = Channel("x", {(" ", ""): 30.0, ("", " "): 30.0}, {" ": 1000.0, "": 6000.0}).compile()
    found = knowledge.model.decode("Çocuk lar ertesigün okula gitmişti.", channel, Parameters())
    assert found[0].text == "Çocuklar ertesi gün okula gitmişti."


def test_a_users_word_is_accepted_and_restored(knowledge: Knowledge) -> None:
    word = "Kırıtepelioğullu"
    assert not knowledge.accepts(word)
    model = knowledge.model.with_words({lower(word): (9.0, 2)})
    assert model.accepts(word) and model.accepts(f"{word}'nun")
    channel = Channel("x", {("t", "r"): 30.0}, {"t": 1000.0}).compile()
    assert model.decode("Dün Kırırepelioğullu geldi.", channel, Parameters())[0].text == f"Dün {word} geldi."


@pytest.mark.parametrize(("read", "true"), [
    ("Ankara'nin", "Ankara'nın"), ("İzmir'in", "İzmir'in"), ("Moskova'yı", "Moskova'yı"), ("Lenin'ın", "Lenin'in"),
    ("Erzurum'dan", "Erzurum'dan"), ("Kars'in", "Kars'ın"), ("Mehmet'in", "Mehmet'in"),
])
def test_a_suffix_behind_an_apostrophe_follows_harmony(knowledge: Knowledge, read: str, true: str) -> None:
    channel = Channel("x", {("ı", "i"): 30.0, ("i", "ı"): 30.0}, {"ı": 300.0, "i": 300.0}).compile()
    found = knowledge.model.decode(f"Bu haber {read} gazetelerinde çıktı.", channel, Parameters())
    assert found[0].text == f"Bu haber {true} gazetelerinde çıktı."


def test_noise_makes_unseen_confusions_cheaper(knowledge: Knowledge) -> None:
    usual, quiet = Parameters(), Parameters().scaled(0.01)
    for name in ("substitution", "insertion", "deletion", "false_space"):
        assert getattr(quiet, name) == pytest.approx(getattr(usual, name) + math.log(100))
    assert len(usual.array()) == decoder.PARAMETERS == len(fields(Parameters))
    channel = Channel("x", {("t", "r"): 30.0}, {"t": 1000.0})
    loud, soft = channel.compile(), channel.compile(scale=0.1)
    assert soft.rule_cost[0] == pytest.approx(loud.rule_cost[0] + math.log(10))
    assert soft.identity[ord("t")] < loud.identity[ord("t")]


# --- correcting text -------------------------------------------------------------------------------------------------

@settings(max_examples=60)
@given(st.text("ab ", max_size=1500))
def test_stretches_leave_out_nothing_but_single_spaces(text: str) -> None:
    at = 0
    for start, end in stretches(text):
        assert text[at:start] in ("", " ") and start < end
        at = end
    assert text[at:] in ("", " ")


# --- learning --------------------------------------------------------------------------------------------------------

@settings(max_examples=200)
@given(st.text("abcmrn ıi", max_size=20), st.text(f"abcmrn ıi{MASK}", max_size=20))
def test_an_alignment_covers_both_texts(ocr: str, true: str) -> None:
    steps = align(ocr, true)
    assert "".join(o for o, _ in steps) == ocr
    assert "".join(t for _, t in steps) == true
    assert all(len(o) <= 3 and len(t) <= 3 and o + t for o, t in steps)


def test_what_a_segment_costs_decides_how_texts_are_cut() -> None:
    assert align("xcdx", "xabx") == [("x", "x"), ("cd", "ab"), ("x", "x")]
    single = SegmentCosts.of({("a", "c"): 1.0, ("b", "d"): 1.0})              # (true, OCR)
    assert align("xcdx", "xabx", single) == [("x", "x"), ("c", "a"), ("d", "b"), ("x", "x")]
    turned = SegmentCosts.of({("c", "a"): 1.0, ("d", "b"): 1.0})
    assert align("xcdx", "xabx", turned) == align("xcdx", "xabx")


true_segments, ocr_segments = st.text("abcşğı ", max_size=3), st.text("xyzéж€1", max_size=3)
misread_segments = st.tuples(true_segments, ocr_segments).filter(any)


@settings(max_examples=200)
@given(st.dictionaries(misread_segments, st.floats(5, 9), max_size=12), misread_segments)
def test_a_segment_is_found_by_its_cost_among_others(others: dict[tuple[str, str], float],
                                                     segment: tuple[str, str]) -> None:
    costs = SegmentCosts.of({**others, segment: 0.5})
    assert costs.keys.tolist() == sorted(set(costs.keys.tolist()))            # they are searched by halving
    assert len(costs.keys) == len(costs.values) == len({*others, segment})
    true, ocr = segment
    assert align(f"m{ocr}n", f"m{true}n", costs) == [("m", "m"), (ocr, true), ("n", "n")]


def planted(text: str, confusions: Mapping[str, tuple[str, float]], seed: int = 1) -> str:
    """The text with letters misread by chance."""
    chance = random.Random(seed)
    return "".join(confusions[c][0] if c in confusions and chance.random() < confusions[c][1] else c for c in text)


def test_a_planted_confusion_is_learned() -> None:
    truth = " ".join(CLEAN * 6)
    ocr = planted(truth, {"m": ("rn", 0.4), "ş": ("f", 0.2)})
    table = learn("x-roman", [(ocr, truth)])

    def rate(true: str, read: str) -> float:
        return table.count.get((true, read), 0.0) / table.seen[true]

    assert rate("m", "rn") == pytest.approx(0.4, abs=0.08)
    assert rate("ş", "f") == pytest.approx(0.2, abs=0.08)
    assert {(t, o) for t, o in table.count if len(t) == 1} == {("m", "rn"), ("ş", "f")}
    assert table.seen["m"] == truth.count("m")


def test_nothing_is_learned_where_nobody_could_read_the_page() -> None:
    assert not learn("x", [("Bir xyz adam geldi", f"Bir {MASK * 3} adam geldi")]).count


def test_a_page_is_cut_into_body_and_notes() -> None:
    gold = "## Giriş\n\nKöy yolu uzundu[^3]. Sonra yağmur başladı.\n\n[^3]: Demir, *Kasaba*, s. 12."
    ocr = "Giriş\nKöy yolu uzun-\ndu³. Sonra yağrnur başladı.\n3 Demir, Kasaba, s. 12.\n"
    body, notes = split_page(ocr, gold)
    assert body == (plain_ocr("Giriş Köy yolu uzundu³. Sonra yağrnur başladı."),
                    plain_truth("Giriş Köy yolu uzundu[^3]. Sonra yağmur başladı.")) or "yağrnur" in body[0]
    assert "Kasaba" in notes[0] and "Kasaba" in notes[1] and "yağ" not in notes[1]


# --- kinds of type ---------------------------------------------------------------------------------------------------

def test_a_signature_tells_its_own_kind_and_is_read_as_written(tmp_path: Path) -> None:
    plain, odd = " ".join(CLEAN[:4]), planted(" ".join(CLEAN[:4]), {"ş": ("f", 1.0), "s": ("J", 1.0)})
    signatures = {name: Signature(name, {g: float(n) for g, n in trigrams(text).items()})
                  for name, text in (("x-roman", plain), ("x-italic", odd))}
    names = tuple(signatures)
    unseen = " ".join(CLEAN[4:])
    assert best_kind(unseen, signatures, names)[0] == "x-roman"
    assert best_kind(planted(unseen, {"ş": ("f", 1.0), "s": ("J", 1.0)}, 2), signatures, names)[0] == "x-italic"
    for name, signature in signatures.items():
        path = tmp_path / f"{name}.signature"
        signature.write(path, "made by a test")
        assert Signature.read(path) == signature


def test_the_kinds_of_type_of_a_document_are_told(knowledge: Knowledge) -> None:
    pages = ROOT / "tests" / "data" / "article" / "raw"
    blocks = [(False, [plain_ocr((pages / f"{name}.txt").read_text("utf-8"))]) for name in ("p05", "p07", "p19", "p21")]
    blocks.append((True, ["Bkz. Demir, Kasaba ve Irmak, s. 101-104."]))
    kinds = tell_kinds(blocks, knowledge)
    assert len({kind.split("-")[0] for kind in kinds}) == 1                   # one document, one family
    assert [kind.split("-")[1] for kind in kinds] == ["roman", "roman", "italic", "italic", "small"]


# --- adapting to a document ------------------------------------------------------------------------------------------

def test_text_without_errors_has_no_noise_and_misread_text_has(knowledge: Knowledge) -> None:
    channel = knowledge.smoothed["article-italic"]
    found = sorted((n, t, o) for (t, o), n in channel.count.items() if len(t) == 1 == len(o) and (t + o).isalpha())
    common = {t: (o, 0.5) for _, t, o in found[-6:]}          # the six commonest misreadings of a letter
    clean = noise_scale(CLEAN, knowledge.model, channel)
    noisy = noise_scale([planted(text, common) for text in CLEAN], knowledge.model, channel)
    assert clean < 0.05
    assert noisy > 5 * clean and noisy > 0.2


def test_a_name_that_returns_is_one_of_the_documents_words(knowledge: Knowledge) -> None:
    name = "Zekriyazov"
    assert not knowledge.accepts(name)
    told = [f"Toplantıda {name} konuştu.", f"Sonra {name}'un mektubu okundu.", f"Akşam {name} gitti.",
            f"O gün {name} geldi.", f"Herkes {name}'a baktı.", "Bir kez de Pertekmezov söz aldı."]
    words = own_words(told, knowledge)
    assert set(words) == {lower(name)}                        # not the name that stands there once, no known word
    cost, proper = words[lower(name)]
    assert 0 < cost < 20 and proper == 2
    assert knowledge.with_words(words).accepts(name)


def test_a_frequent_misreading_is_not_one_of_the_documents_words(knowledge: Knowledge) -> None:
    lines = ["Bu başka bir şey.", "Orada başka biri vardı.", "Hiç başka yol yoktu."] * 6 + ["Bu bafka bir şey."] * 4
    assert "bafka" not in own_words(lines, knowledge)


def test_a_misread_word_with_a_dotted_capital_is_not_one_of_the_documents_words(knowledge: Knowledge) -> None:
    assert own_words(["Dün İstanbol uzaktı.", "Yine İstanbol uzaktı.", "Bu İstanbol uzaktı."], knowledge) == {}


def test_the_forms_of_a_word_speak_for_each_other(knowledge: Knowledge) -> None:
    count = {"pertekmezlar": 2, "pertekmezların": 1, "pertekmezlardan": 4, "qxzvlar": 3, "zeki": 2, "zekinin": 3}
    assert stem_counts(count, knowledge.model) == {
        "pertekmezlar": 7, "pertekmezların": 7, "pertekmezlardan": 7, "qxzvlar": 3,
        "zeki": 2, "zekinin": 3}                              # a stem of four letters is too short to tell
    assert stem_counts({}, knowledge.model) == {}


def test_a_word_that_stands_there_in_several_forms_is_one_of_the_documents_words(knowledge: Knowledge) -> None:
    told = ["Köyde Zekriyazovlar oturuyordu.", "Sonra Zekriyazovların evi yandı.",
            "Akşam Zekriyazovlardan haber geldi."]
    assert set(own_words(told, knowledge)) == {"zekriyazovlar", "zekriyazovların", "zekriyazovlardan"}
    assert own_words(told[:2], knowledge) == {}


def test_a_regular_form_that_stands_there_once_is_one_of_the_documents_words(knowledge: Knowledge) -> None:
    assert knowledge.accepts("demlik") and not knowledge.accepts("demliklerimizden")
    words = own_words(["Masada demliklerimizden biri vardı, qxzvlar da."], knowledge)
    assert set(words) == {"demliklerimizden"}
    cost, proper = words["demliklerimizden"]
    assert knowledge.model.word_cost("demlik") < cost < 25 and proper == 0
    assert own_words(["Masada Demliklerimizden biri vardı."], knowledge) == {}       # a name may look like a form


def test_a_regular_form_that_is_like_a_far_commoner_word_is_a_misreading_of_it(knowledge: Knowledge) -> None:
    word, near = "kitaplıkımızda", "kitaplığımızda"
    seldom = f"Burada {word} kaldı."
    assert set(own_words([seldom], knowledge)) == {word}
    assert own_words([f"Burada {near} kaldı."] * 9 + [seldom], knowledge) == {}


def test_what_is_the_same_is_taken_over_from_the_pass_before(knowledge: Knowledge) -> None:
    text = "Toplantıda Zekriyazov konuştu. Sonra Zekriyazov'un mektubu okundu. Akşam Zekriyazov gitti."
    first = adapt([(False, [text])], knowledge)
    again = adapt([(False, [text])], knowledge, before=first)
    assert set(first.words) == {"zekriyazov"} and again.model is first.model
    assert again.scales == first.scales and all(again.compiled[kind] is first.compiled[kind] for kind in first.compiled)
    noisy = adapt([(False, ["Mecliste hiç kimse konuşmadı ve herkes sessizce dağıldı."])], knowledge, before=first,
                  as_noisy=True)
    assert (noisy.scales, noisy.kinds, noisy.words) == (first.scales, first.kinds, first.words)
    fresh = adapt([(False, ["Mecliste hiç kimse konuşmadı."])], knowledge, before=first)
    assert not fresh.words and not fresh.model.accepts("Zekriyazov")


def test_what_was_decoded_is_remembered_and_forgotten(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "MOST_DECODED", 2)
    language = knowledge.with_words({"zekriyazov": (9.0, 2)}).model
    channel = knowledge.smoothed["article-roman"].compile()
    once = language.decode("bafka bir", channel, Parameters())
    assert language.decode("bafka bir", channel, Parameters()) is once
    assert language.decode("bafka bir", channel, Parameters(), results=3) != once
    language.decode("iyi", channel, Parameters())
    assert len(language.memory.decoded) == 1
    assert language.decode("bafka bir", channel, Parameters()) == once


@pytest.mark.parametrize(("text", "at_start", "others"), [
    ("Çok", False, ["çok"]), ("Çok", True, []), ("SÖZ", False, ["söz"]), ("Kemal", False, []),
    ("olduğu Cevabını", False, ["olduğu cevabını"]), ("iyi", True, ["İyi"]), ("ı1k", False, [])])
def test_a_word_has_its_usual_case_too(knowledge: Knowledge, text: str, at_start: bool, others: list[str]) -> None:
    assert list(case_variants(text, at_start, knowledge.model)) == others


lines_of_text = st.lists(st.text("abş ", max_size=1200), max_size=12)


@settings(max_examples=100)
@given(lines_of_text, st.integers(1, 4000))
def test_a_sample_is_about_as_large_as_wanted(texts: list[str], size: int) -> None:
    parts = [text[start:end] for text in texts for start, end in stretches(text)]
    parts = [part for part in parts if max(map(len, part.split(" "))) <= 120]
    sample = sampled(texts, size)
    rest = iter(parts)
    assert all(part in rest for part in sample)               # in order, none twice
    if sum(map(len, parts)) <= size:
        assert sample == parts
    else:
        assert size <= sum(map(len, sample)) < size + LONGEST_STRETCH


def test_a_sample_is_spread_over_the_text_and_folded() -> None:
    texts = [f"“{k:04d}” satırda şunlar yazılıydı." for k in range(1000)]
    sample = sampled(texts, 3000)
    numbers = [int(part[1:5]) for part in sample]
    assert all(part.startswith('"') for part in sample)
    steps = [b - a for a, b in zip([0, *numbers], [*numbers, 1000], strict=True)]
    assert max(steps) <= 2 * 1000 / len(sample)               # no stretch of the text is left out
    assert sampled(["a" * 400, "ve " + "b" * 121, "ev"], 9999) == ["ev"]      # no word is so long


# --- the shipped files ------------------------------------------------------------------------------------------------

def test_the_shipped_automaton_is_laid_out_as_the_decoder_expects(knowledge: Knowledge) -> None:
    automaton: Automaton = knowledge.model.automaton
    assert len(automaton.roots) in (SHIPPED_ROOTS, SHIPPED_ROOTS + 1)
    for node in range(0, len(automaton.final), 997):          # arcs are searched by halving
        labels = automaton.label[automaton.first[node]:automaton.first[node + 1]].tolist()
        assert labels == sorted(set(labels))
        check_letters(automaton, node)


def test_words_with_an_odd_sign_between_them_are_not_known(knowledge: Knowledge) -> None:
    text = "ve iki nota daha ve=esine yol açmıştır"
    channel = knowledge.smoothed["article-roman"].compile()
    found = correct(text, knowledge.model, channel, Parameters(), knowledge.ranking)
    assert [unit.known for unit in found if unit.raw == "ve=esine"] == [False]
    assert knowledge.accepts("ve") and knowledge.accepts("esine")
