"""Encoding: what wrong encodings and fonts did to the letters of a whole document, or of a part of it.

Start reading at :func:`repair`, which mends one kind of damage after the other:

- bytes of another encoding in the midst of UTF-8 (:func:`stray_bytes`), and UTF-8 that was read as something else
  (:func:`mojibake`);
- letters that stand for other letters, by the tables in ``lexicons/damage/`` (:func:`misread_letters`);
- letters that moved behind a line break or a space (:func:`apart`), that lost their marks, or that are missing
  altogether (:func:`lost_letters`).

Damage is told from the text itself.  One odd letter says nothing (``Guðmundur``, ``Đilas``): it takes words that are no
words as they stand and are words when mended.  Paragraphs that have the letters in question are sound and left alone.
What a table cannot decide is decoded by the engine with a confusion model written for the damage, in which each lost
letter is read as what is left of it with a probability near one, and nothing else is misread.
"""
from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import ftfy.bad_codecs  # noqa: F401  (registers the sloppy codecs)
import regex

from ocrfix import paths
from ocrfix.document import PRINTED, Block, Change, Document, Status, apply_changes
from ocrfix.engine.channel import FOLD, Channel, Compiled
from ocrfix.engine.correct import stretches
from ocrfix.engine.features import tokens
from ocrfix.engine.model import SENTENCE, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.knowledge import Knowledge
from ocrfix.language.damage import ASCII, FREQUENCY, SPECIAL, Damage, read_tables
from ocrfix.language.turkish import LETTERS
from ocrfix.messages import message
from ocrfix.settings import Settings

STAGE = "encoding"
EXACT = Parameters(substitution=90.0, insertion=90.0, deletion=90.0, false_space=90.0,
                   beam_width=20.0)
"""Constants of a decoding in which nothing is misread but what the channel names.  The beam is wide: a name that begins
like a common word (``Gillespie``) must outlive it."""
SURE = 1e6
"""Sightings that make a confusion certain."""
WORD = regex.compile(r"[\p{L}\p{M}]++(?:['’][\p{L}\p{M}]++)?")


def repair(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The encoding stage."""
    texts = _Texts(document, settings)
    stray_bytes(texts, knowledge)
    mojibake(texts)
    for damage in read_tables([paths.lexicons()] + ([settings.lexicons] if settings.lexicons else [])):
        misread_letters(texts, damage, knowledge)
    apart(texts, knowledge)
    lost_letters(texts, knowledge)
    return document.with_blocks(texts.blocks)


class _Texts:
    """The printed Turkish blocks of a document with their current texts, which the kinds of damage are mended in."""

    def __init__(self, document: Document, settings: Settings) -> None:
        self.source = document.text
        self.settings = settings
        self.blocks: list[Block] = list(document.blocks)
        self.current: dict[int, str] = {i: block.current(document.text) for i, block in enumerate(document.blocks)
                                        if block.kind in PRINTED and block.language in (None, "tr")}

    def change(self, i: int, changes: Sequence[Change]) -> None:
        if changes:
            self.blocks[i] = apply_changes(self.blocks[i], self.source, changes, STAGE)
            self.current[i] = self.blocks[i].current(self.source)

    def made(self, start: int, end: int, after: str, rule: str, reason: str, confidence: float,
             alternatives: tuple[tuple[str, float], ...] = ()) -> Change:
        """A change that is applied, and asked about where it is not sure."""
        status = Status.AUTO if confidence >= self.settings.ask_below else Status.REVIEW
        return Change(start, end, after, rule, reason, round(confidence, 4), status, True, None, alternatives)


# Bytes --------------------------------------------------------------------------------------------------------------

_ESCAPED = regex.compile("[\udc80-\udcff]")
_RUN = regex.compile(r"\S+")


def stray_bytes(texts: _Texts, knowledge: Knowledge) -> None:
    """A word in Windows-1254 in the midst of UTF-8: someone pasted it there."""
    for i, text in texts.current.items():
        if not _ESCAPED.search(text):
            continue
        changes = []
        for m in _RUN.finditer(text):
            mended = _ESCAPED.sub(_in_1254, m[0])
            words = WORD.findall(mended)
            if words and mended != m[0] and all(knowledge.accepts(w) for w in words):
                changes.append(texts.made(m.start(), m.end(), mended, "stray-bytes", "a word in Windows-1254", 0.98))
        texts.change(i, changes)


def _in_1254(escaped: regex.Match[str]) -> str:
    return bytes([ord(escaped[0]) - 0xDC00]).decode("cp1254", "ignore") or escaped[0]


_MOJIBAKE = regex.compile(r"[ÂÃÄÅâĂĹ√ƒ≈‚¬][^\x00-\x7f\s\ud800-\udfff]+")
CODECS = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1254", "sloppy-windows-1250", "macroman")
"""What UTF-8 is mistaken for (the sloppy ones, of ftfy, know a character for every byte, as browsers do)."""
_PRINTED = regex.compile(r"[\p{Latin}‘’‚“”„†•…–—‹›«»€™°§·¼½¾©®²³¹ÂÃÄÅ¢-¿]+")
MOST_TIMES = 3


def mojibake(texts: _Texts) -> None:
    """UTF-8 that was read as Latin-1, Windows-1252, Windows-1254 or Mac Roman, once or twice.

    ``kadÄ±nÄ±n`` is ``kadının``.  Odd characters that happen to be the bytes of a letter or a quotation mark do not
    occur in any language; runs that give something else (``kâ¤›t``, Mac letters) are left alone.
    """
    for i, text in texts.current.items():
        if not _MOJIBAKE.search(text):
            continue
        changes = []
        for m in _RUN.finditer(text):
            mended = _MOJIBAKE.sub(lambda run: _utf8_of(run[0]) or run[0], m[0])
            if mended != m[0]:
                changes.append(texts.made(m.start(), m.end(), mended, "mojibake",
                                          "UTF-8 that was read in another encoding", 0.995))
        texts.change(i, changes)


@lru_cache(maxsize=4096)
def _utf8_of(run: str, times: int = MOST_TIMES) -> str | None:
    """A run of characters beyond ASCII as the text that its bytes are in UTF-8; None if they are none."""
    for codec in CODECS:
        try:
            mended = run.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        if _MOJIBAKE.search(mended) and times > 1 and (inner := _utf8_of(mended, times - 1)):
            return inner
        if _PRINTED.fullmatch(mended):
            return mended
    return None


# Letters that stand for others --------------------------------------------------------------------------------------

SHARE = 0.6
"""So many of the words that bear a mark of the damage must be words when mended."""
LEAST_WORDS = 3
"""From so many on, those are mended too that no lexicon has."""


def misread_letters(texts: _Texts, damage: Damage, knowledge: Knowledge) -> None:
    """``yaþamanýn``, ``barda¤›``, ``BĐRLĐK``: letters in the places of others, by a table of the damage."""
    found: dict[int, list[tuple[regex.Match[str], str, bool]]] = {}
    right: Counter[str] = Counter()
    wrong = 0
    for i, text in texts.current.items():
        if not damage.mark.search(text):
            continue
        found[i] = []
        for m in damage.word.finditer(text):
            if not damage.mark.search(m[0]) or not WORD.search(m[0]):
                continue
            mended = m[0].translate(damage.marks)
            word = next((w for w in _variants(mended, damage) if knowledge.accepts(w)), None)
            found[i].append((m, word or mended, word is not None))
            if word is not None:
                right[m[0]] += 1
            else:
                wrong += 1
    total = sum(right.values())
    inside = sum(len(damage.mark.findall(word, 1, len(word) - 1)) for word in right)
    letters_only = all(chr(c).isalpha() for c in damage.marks)
    if total < SHARE * (total + wrong) or not total or (not letters_only and inside < 2):
        return                                       # a mark at a word's edge may be a quotation's
    damaged = total >= LEAST_WORDS or inside >= LEAST_WORDS
    channel = _confusions({(true, read): 1.0 for read, true in damage.readings}) if damage.is_ambiguous else None
    true_letters = frozenset(true for _, true in damage.readings)
    reason = message(f"letters of another encoding or font: {damage.name}")
    for i, text in list(texts.current.items()):
        sound = sum(c in true_letters for c in text)
        marks = len(damage.mark.findall(text))
        if channel is not None and damaged and marks >= sound and (marks or (_letters(text) > 0 and not sound)):
            texts.change(i, decoded(texts, text, channel, damage.name, reason, knowledge.model))
            continue
        changes = []
        for m, mended, is_word in found.get(i, []):
            if is_word or (damaged and marks >= sound and _is_turkish(mended)):
                changes.append(texts.made(m.start(), m.end(), mended, damage.name, reason, 0.995 if is_word else 0.95))
        texts.change(i, changes)


def _is_turkish(word: str) -> bool:
    return all(c in LETTERS or c in "'’ﬁﬂ" for c in word)


def _variants(word: str, damage: Damage) -> Iterable[str]:
    """A word with its marks mended, and with its ambiguous readings taken for the printed letter too."""
    if not _is_turkish(word):
        return
    yield word
    for read, true in damage.readings:
        if ord(read[0]) not in damage.marks and read in word:
            word = word.replace(read, true)
            yield word


# Letters apart ------------------------------------------------------------------------------------------------------

LEAST_APART = 3
"""A letter stands apart if so many words become words by joining (one is enough where ``ğ`` does) ..."""
APART_SHARE = 0.4
"""... and so large a share of the places where it follows a gap."""


def apart(texts: _Texts, knowledge: Knowledge) -> None:
    """``barda ğı``: letters set from a second font land behind a line break, or behind a space.

    No Turkish word begins with ``ğ``, and of a letter that often begins a word the lexicon tells.
    """
    gaps: dict[int, list[tuple[int, str]]] = {}
    joins: Counter[str] = Counter()
    all_gaps: Counter[str] = Counter()
    for i, text in texts.current.items():
        found = list(_GAP.finditer(text))
        if not found:
            continue
        breaks = _line_ends(texts.blocks[i], texts.source)
        gaps[i] = []
        for k, m in enumerate(found):
            kind = m[3] + ("\n" if m.start(2) in breaks else " ")
            gaps[i].append((m.start(2), kind))
            all_gaps[kind] += 1
            known = knowledge.accepts(m[1]) and knowledge.accepts(m[3] + m[4])
            joins[kind] += m[3] == "ğ" or (not known and any(knowledge.accepts(w) for w in _joined(found, k)))
    certain = {kind[1] for kind in joins if kind[0] == "ğ" and joins[kind] >= 2}
    bad = [kind for kind, n in sorted(all_gaps.items()) if joins[kind] >= max(1.0, APART_SHARE * n)
           and (joins[kind] >= LEAST_APART or kind[1] in certain)]
    if not bad:
        return
    channel = _confusions({(" ", "\n"): 1.0} | {(kind[0], "\n" + kind[0]): 1.0 for kind in bad})
    for i, places in gaps.items():
        marked = list(texts.current[i])
        for start, kind in places:
            if kind in bad:
                marked[start] = "\n"
        text = "".join(marked)
        if "\n" in text:
            texts.change(i, decoded(texts, text, channel, "apart", "a letter of a second font stood apart",
                                    knowledge.model, gap="\n"))


_GAP = regex.compile(r"(?<!\p{L})(\p{L}+)( )(?=([ışğçöüİŞĞÇÖÜ])(\p{L}*))")


def _joined(found: Sequence[regex.Match[str]], k: int) -> Iterable[str]:
    """The words that the pieces on both sides of a gap make, with further pieces behind gaps of the same sort."""
    lefts = [found[k][1]]
    while len(lefts) < 3 and k >= len(lefts) and found[k - len(lefts)].end(2) == found[k - len(lefts) + 1].start(1):
        lefts.append(found[k - len(lefts)][1] + lefts[-1])
    rights = [found[k][3] + found[k][4]]
    while len(rights) < 3 and k + len(rights) < len(found) and (
            found[k + len(rights)].start(1) == found[k + len(rights) - 1].end(2)):
        rights.append(rights[-1] + found[k + len(rights)][3] + found[k + len(rights)][4])
    return (left + right for left in lefts for right in rights)


def _line_ends(block: Block, source: str) -> frozenset[int]:
    """Offsets in the current text where a line of the input ended."""
    out = []
    pos = 0
    for piece in block.pieces(source):
        if piece.edit is not None and piece.edit.is_join:
            out.append(pos)
        pos += len(piece.text)
    return frozenset(out)


# Letters lost -------------------------------------------------------------------------------------------------------

MISSED = 0.25
"""A letter is missed in a document where paragraphs that hold so much of its text have none of it ..."""
LEAST_EXPECTED = 4.0
"""... long ones, that should have so many (a sound text lacks it with a probability of e^-4), or all of them."""
LEAST_OF_BLOCK = 5.0
"""A paragraph of a sound document is looked at if it should have so many of the letters that it lacks."""
SAMPLE_WORDS = 250
GAIN = 0.06
"""So large a share of the words must become words by decoding ..."""
LEAST_GAINED = 3
"""... and so many ..."""
LEFT = 0.5
"""... and no more of those that were none may be left ..."""
MOST_UNKNOWN = 0.25
"""... nor so large a share of all."""
SHORTEST = 4
"""Shorter words become other words too easily to count."""


def lost_letters(texts: _Texts, knowledge: Knowledge) -> None:
    """``yasamanin`` and ``yaamanın``: letters that lost their marks, or that the font did not map at all."""
    missed = _missed(texts)
    if missed:
        blocks = [i for i, text in texts.current.items() if not any(c in text for c in missed)]
        groups = [(missed, blocks)] if blocks else []
    else:
        groups = [(lacking, [i]) for i, text in texts.current.items() if (lacking := _lacking(text))]
    for letters, group in groups:
        parts = [texts.current[i] for i in group]
        best = _best_candidate(parts, _candidates(parts, letters), knowledge.model)
        if best is not None:
            rule, reason, confusions = best
            for i in group:
                texts.change(i, decoded(texts, texts.current[i], confusions, rule, reason, knowledge.model))


def _lacking(text: str) -> str:
    """The small letters that a paragraph of a sound document lacks, if there should be many of them."""
    size = _letters(text)
    lacking = [c for c in SPECIAL[:6] if c not in text]
    return "".join(lacking) if sum(FREQUENCY[c] * size for c in lacking) >= LEAST_OF_BLOCK else ""


def _candidates(parts: Sequence[str], missed: str) -> list[tuple[str, str, _Confusions]]:
    """The kinds of damage that some texts may have, as (rule, reason, confusion model)."""
    count: Counter[str] = Counter()
    for part in parts:
        count.update(part)
    letters = sum(n for c, n in count.items() if c.isalpha())
    out = []
    if not any(count[c] for c in SPECIAL):
        out.append(("ascii", message("letters without their Turkish marks"),
                    _confusions({(c, c.translate(ASCII)): 1.0 for c in SPECIAL})))
    gone = {(c, ""): 1 / (1 + math.exp(-FREQUENCY[c] * letters)) for c in SPECIAL if not count[c]}
    out.append(("dropped", message(f"letters that the font did not map: {' '.join(missed)}"), _confusions(gone)))
    return out


def _best_candidate(group: Sequence[str], candidates: Sequence[tuple[str, str, _Confusions]], model: LanguageModel,
                    ) -> tuple[str, str, _Confusions] | None:
    """The damage that explains the unknown words of some texts best, if any does."""
    sample = _sample(group)
    words, unknown = _unknown(sample, model)
    best: tuple[int, tuple[str, str, _Confusions]] | None = None
    if unknown < max(LEAST_GAINED, GAIN * words):
        return None
    for candidate in candidates:
        after = [" ".join(u.after for u in _units(text, candidate[2], model)) for text in sample]
        _, left = _unknown(after, model)
        gained = unknown - left >= max(GAIN * words, LEAST_GAINED)
        if gained and left <= min(LEFT * unknown, MOST_UNKNOWN * words) and (best is None or left < best[0]):
            best = left, candidate
    return best[1] if best is not None else None


def _missed(texts: _Texts) -> str:
    """The small letters that are missed in the document, or in a good part of it."""
    rows = [(frozenset(text), _letters(text)) for text in texts.current.values()]
    out = ""
    for c in SPECIAL[:6]:
        total = sum(FREQUENCY[c] * n for _, n in rows)
        lacking = sum(FREQUENCY[c] * n for seen, n in rows if c not in seen)
        long = sum(FREQUENCY[c] * n for _, n in rows if FREQUENCY[c] * n >= LEAST_EXPECTED)
        long_lacking = sum(FREQUENCY[c] * n for seen, n in rows if c not in seen and FREQUENCY[c] * n >= LEAST_EXPECTED)
        if (lacking == total and total >= LEAST_EXPECTED) or (long_lacking > 0 and long_lacking >= MISSED * long
                                                              and lacking >= MISSED * total):
            out += c
    return out


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _sample(texts: Sequence[str]) -> list[str]:
    out: list[str] = []
    size = 0
    for text in sorted(texts, key=len, reverse=True):
        out.append(text[:3000])
        size += out[-1].count(" ") + 1
        if size >= SAMPLE_WORDS:
            break
    return out


def _unknown(texts: Sequence[str], model: LanguageModel) -> tuple[int, int]:
    """(words, words that the lexicon does not know), without the short ones."""
    words = [w for text in texts for w in WORD.findall(text) if len(w) >= SHORTEST]
    return len(words), sum(not model.accepts(w) for w in words)


# Decoding -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Unit:
    start: int
    end: int
    raw: str
    after: str
    previous: int
    sentence_start: bool


@dataclass(frozen=True)
class _Confusions:
    """The confusion model of a damage, and the (true, read) pairs in it."""

    compiled: Compiled
    pairs: frozenset[tuple[str, str]]


def _confusions(probabilities: Mapping[tuple[str, str], float]) -> _Confusions:
    """A confusion model of (true, read) pairs with the probability of each."""
    channel = Channel("damage", {pair: p * SURE for pair, p in probabilities.items()},
                      {true: SURE for true, _ in probabilities})
    return _Confusions(channel.compile(), frozenset(probabilities))


def _units(text: str, confusions: _Confusions, model: LanguageModel, gap: str = "") -> list[_Unit]:
    """A text decoded and cut at the spaces that are spaces before and after.  Offsets are those of the text."""
    runs = list(regex.finditer(r"[^\s\ud800-\udfff]+", text))
    flat: list[str] = []
    place: list[int] = []                            # offset in the text of each character of the flat text
    for k, run in enumerate(runs):
        if k:
            flat.append("\n" if gap and gap in text[runs[k - 1].end():run.start()] else " ")
            place.append(runs[k - 1].end())
        flat.append(run[0])
        place.extend(range(run.start(), run.end()))
    line = "".join(flat)
    folded = line.translate(FOLD)
    out: list[_Unit] = []
    previous, at_start = SENTENCE, True
    for start, end in stretches(folded):
        part = folded[start:end]
        found = model.decode(part, confusions.compiled, EXACT, previous=previous, sentence_start=at_start)
        if not found:
            previous, at_start = 0, False
            continue
        begin, after, exact = 0, "", True
        segments = [*found[0].segments, (len(part), len(part), " ")]
        for s, e, true in segments:
            if (e > s and part[e - 1] in " \n" and true == " ") or (s == len(part) == e and true == " "):
                stop = e - 1 if e > s else e
                if stop > begin:
                    raw = line[start + begin:start + stop]
                    out.append(_Unit(place[start + begin], place[start + stop - 1] + 1, raw, after if exact else raw,
                                     previous, at_start))
                last = tokens(after)[-1:]
                if last:
                    at_start = after.rstrip("\"')")[-1:] in (".", "!", "?", "…")
                    previous = SENTENCE if at_start else model.word_id(last[0])
                begin, after, exact = e, "", True
            elif part[s:e] == true:
                after += line[start + s:start + e]
            else:
                exact = exact and (true, part[s:e]) in confusions.pairs
                after += true
    return out


def decoded(texts: _Texts, text: str, confusions: _Confusions, rule: str, reason: str, model: LanguageModel,
            gap: str = "") -> list[Change]:
    """The changes that make the likeliest printed text of a damaged one."""
    out = []
    judged: dict[tuple[str, str, int, bool], tuple[float, tuple[tuple[str, float], ...]]] = {}
    for unit in _units(text, confusions, model, gap):
        if unit.after == unit.raw or (gap and unit.after == unit.raw.replace(gap, " ")):
            continue
        key = unit.raw, unit.after, unit.previous, unit.sentence_start
        if key not in judged:
            judged[key] = _sureness(unit, confusions.compiled, model)
        confidence, alternatives = judged[key]
        start, end, after = _core(unit)
        lead, tail = unit.after[:unit.after.find(after)], unit.after[unit.after.find(after) + len(after):]
        others = tuple((t[len(lead):len(t) - len(tail)], p) for t, p in alternatives
                       if t.startswith(lead) and t.endswith(tail))
        out.append(texts.made(start, end, after, rule, reason, confidence, others))
    return out


def _core(unit: _Unit) -> tuple[int, int, str]:
    """A unit without the punctuation round it that stays."""
    raw, after = unit.raw, unit.after
    a = 0
    while a < min(len(raw), len(after)) and raw[a] == after[a] and not raw[a].isalnum():
        a += 1
    z = 0
    while z < min(len(raw), len(after)) - a and raw[-1 - z] == after[-1 - z] and not raw[-1 - z].isalnum():
        z += 1
    if unit.end - unit.start != len(raw):            # white space of the text was squeezed: keep it whole
        a = z = 0
    return unit.start + a, unit.end - z, after[a:len(after) - z]


def _sureness(unit: _Unit, channel: Compiled, model: LanguageModel) -> tuple[float, tuple[tuple[str, float], ...]]:
    """How probable a reading is among its rivals in its context, and the rivals."""
    found = model.decode(unit.raw.translate(FOLD), channel, EXACT, previous=unit.previous,
                         sentence_start=unit.sentence_start, results=4)
    costs: dict[str, float] = {}
    for h in found:
        costs.setdefault(h.text, h.cost)
    folded = unit.after.translate(FOLD)
    if folded not in costs:
        return 0.6, tuple((t, 0.2) for t in costs)
    low = min(costs.values())
    weights: Mapping[str, float] = {t: math.exp(low - c) for t, c in costs.items()}
    total = sum(weights.values())
    known = all(model.accepts(w) for w in WORD.findall(unit.after))
    sure = min(weights[folded] / total, 0.995 if known else 0.8)
    return sure, tuple((t, round(w / total, 4)) for t, w in weights.items() if t != folded and w / total > 0.01)
