"""Promises of the calls: found behind the stop too, the likeliest of all assignments, with a probability that holds."""
from __future__ import annotations

from itertools import combinations
from math import exp

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ocrfix.document import Call, Document, Status
from ocrfix.stages import _call_assignment
from ocrfix.stages._call_assignment import Chances, _best, _Trellis, assign
from ocrfix.stages._call_places import Place
from ocrfix.stages._numbers import Figures
from test_layout import laid_out

BODY = ["Kasabanın eski çarşısı, ırmağın iki yakasına kurulmuş dar sokaklardan", "oluşuyordu{0} Her sokak bir zanaatın",
        "adıyla anılırdı ve bakırcılar hep yukarı uçta çalışırdı{1} Dericiler ise", "suyun aktığı aşağı uçta dururdu.",
        "Bu düzen yüzyıllar boyunca sürüp gitmiş ancak demiryolunun gelmesiyle", "bozulmaya başlamıştır{2} Kimse bunun",
        "sebebini sormadı, kimse de söylemedi. Ertesi yıl hanlar birer birer", "kapandı ve hancılar şehre göçtü."]
NOTES = "\n3 Yılmaz, Eski Çarşılar, s.25.\n\n4 Demir, Kasaba, İstanbul, 1980, s.7.\n\n5 Kaya, Irmak, s.31-33.\n"


def called(*ends: str) -> Document:
    return laid_out("\n".join(BODY).format(*ends) + "\n" + NOTES)


def markdown_calls(document: Document) -> list[str]:
    """Each call with what stands before it."""
    out = []
    for block in document.body():
        before = ""
        for item in block.render(document.text):
            if isinstance(item, Call):
                out.append(f"{before.split()[-1]}^{item.label}")
            else:
                before += item
    return out


@pytest.mark.parametrize("signs", [("3", "4", "5"), ("”", "*", "*"), ("3", "*", "5"), ("?", "4", "”")])
def test_calls_behind_the_stop_are_found(signs: tuple[str, str, str]) -> None:
    found = markdown_calls(called(*(f".{sign}" for sign in signs)))
    assert found == ["oluşuyordu.^3", "çalışırdı.^4", "başlamıştır.^5"]


def test_a_call_without_trace_is_proposed_on_the_side_of_the_stop_where_the_others_stand() -> None:
    for ends, word in (((".3", ".", ".5"), "çalışırdı.^4"), (("3.", ".", "5."), "çalışırdı^4")):
        document = called(*ends)
        assert word in markdown_calls(document)
        edit, = (edit for block in document.blocks for edit in block.edits if edit.call == "4")
        assert edit.status is Status.REVIEW


def test_a_comma_beside_the_call_of_a_whole_sentence_is_a_stop() -> None:
    document = called("3,", "4.", "5,")
    text = " ".join(block.current(document.text) for block in document.body())
    assert "oluşuyordu. Her" in text and "başlamıştır. Kimse" in text
    document = laid_out("\n".join(BODY).format("3.", "4, Dericiler", "5.") + "\n" + NOTES)


@pytest.mark.parametrize("behind", ["dericiler{0}, Ahmet", "kasabada{0}, Ankara"])
def test_a_comma_beside_the_call_of_a_part_of_a_sentence_stays(behind: str) -> None:
    end = f"Ertesi yıl hanlar yandı ve bütün {behind} gibi büyük\nşehirlere göçtü, kimse de dönmedi.\n"
    body = "\n".join(BODY).format("3.", "4.", "5.") + "\n" + end.format("6")
    document = laid_out(f"{body}{NOTES}\n6 Kaya, Irmak, s.90.\n")
    assert f"{behind.partition('{')[0]}^6" in markdown_calls(document)
    assert behind.format("") in " ".join(block.current(document.text) for block in document.body())


def place(n: int, read: str = "", base: float = 0.0) -> Place:
    return Place(0, 10 * n, 10 * n + len(read), read, True, base, False, True, True, None, False)


worths = st.lists(st.lists(st.floats(-6, 6), min_size=2, max_size=2), min_size=3, max_size=6)


@given(worths)
def test_the_probabilities_are_those_of_all_assignments(worth: list[list[float]]) -> None:
    """Two notes and some words: against the sum over every pair of words, and every word for one of the two."""
    words = [[place(n)] for n in range(len(worth))]
    trellis = _Trellis(Chances(Figures.learned(), [w[0] for w in words], [1, 2]), words, [1, 2])
    trellis.readings = [[np.array(row)] for row in worth]
    trellis.fixed = [np.zeros(1) for _ in worth]
    found = trellis.posterior()
    drop = exp(_call_assignment.DROP)
    sums = np.zeros((len(worth), 2))
    total = drop * drop
    for a, b in combinations(range(len(worth)), 2):
        both = exp(worth[a][0] + worth[b][1])
        total += both
        sums[a, 0] += both
        sums[b, 1] += both
    for n, row in enumerate(worth):
        for note in (0, 1):
            alone = exp(row[note]) * drop
            total += alone
            sums[n, note] += alone
    for n, (low, rows) in enumerate(found):
        whole = np.zeros(2)
        whole[low:low + rows.shape[1]] = rows[0]
        assert whole == pytest.approx(sums[n] / total, abs=1e-9)


@given(st.lists(st.sampled_from(["", "1", "2", "3", "4", "”", "*", "l"]), min_size=5, max_size=40), st.integers(1, 6))
@example(["", "", "", "1", ""], 6)
@example(list("_1_”323*l4*”l”1_2l21_1_243l*44*1*l31”2_*"), 6)
def test_leaving_out_what_is_hopeless_changes_nothing(reads: list[str], notes: int) -> None:
    words = [[place(n, read.strip("_"))] for n, read in enumerate(reads)]
    numbers = list(range(1, notes + 1))
    trellis = _Trellis(Chances(Figures.learned(), [w[0] for w in words], numbers), words, numbers)
    whole = trellis.posterior()
    trellis.small = False
    part = trellis.posterior()
    for (a, x), (b, y) in zip(whole, part, strict=True):
        one, other = np.zeros(notes), np.zeros(notes)
        one[a:a + x.shape[1]], other[b:b + y.shape[1]] = x[0], y[0]
        assert one == pytest.approx(other, abs=1e-6)
    taken = [[(note, p.start) for note, p, _ in _best(words, found, notes)] for found in (whole, part)]
    assert taken[0] == taken[1]


@given(st.lists(st.sampled_from(["", "1", "2", "3", "12", "”", "*", "l", "5s"]), max_size=30), st.integers(0, 5))
def test_notes_are_called_in_order_and_once(reads: list[str], notes: int) -> None:
    places = [place(n, read, 2.0) for n, read in enumerate(reads)]
    found = assign(Figures.learned(), {1: range(1, notes + 1)}, {1: places})[1]
    assert [note for note, _, _ in found] == sorted({note for note, _, _ in found})
    assert [p.start for _, p, _ in found] == sorted({p.start for _, p, _ in found})
    assert all(0 < sure <= 1 + 1e-9 for _, _, sure in found)


def test_the_middle_is_the_safest_guess_where_a_call_was_lost() -> None:
    """Three calls were read of four notes: a wrong guess in the middle spoils fewer numbers than one at an end."""
    reads = ["", "", "*", "", "", "*", "", "", "*", "", ""]
    found = assign(Figures.learned(), {1: range(1, 5)}, {1: [place(n, read, 2.7) for n, read in enumerate(reads)]})[1]
    untraced, = (note for note, p, _ in found if not p.read)
    assert untraced in (1, 2)
