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

import ftfy
import regex

from ocrfix import paths
from ocrfix.document import PRINTED, Block, Change, Document, Status, apply_changes
from ocrfix.engine.channel import FOLD, Channel, Compiled
from ocrfix.engine.correct import stretches, tokens
from ocrfix.engine.model import SENTENCE, LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.knowledge import Knowledge
from ocrfix.language.damage import ASCII, FREQUENCY, SPECIAL, Damage, read_tables
from ocrfix.language.turkish import LETTERS
from ocrfix.settings import Settings

STAGE = "encoding"
EXACT = Parameters(substitution=90.0, insertion=90.0, deletion=90.0, false_space=90.0, lost_space=90.0)
"""Constants of a decoding in which nothing is misread but what the channel names."""
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

_STRAY = regex.compile(r"[^\s]*[\udc80-\udcff][^\s]*")
_RUN = regex.compile(r"\S+")


def stray_bytes(texts: _Texts, knowledge: Knowledge) -> None:
    """A word in Windows-1254 in the midst of UTF-8: someone pasted it there."""
    for i, text in texts.current.items():
        if not any("\udc80" <= c <= "\udcff" for c in text):
            continue
        changes = []
        for m in _RUN.finditer(text):
            escaped = [c for c in m[0] if "\udc80" <= c <= "\udcff"]
            if not escaped:
                continue
            mended = "".join(bytes([ord(c) - 0xDC00]).decode("cp1254", "ignore") or c if c in escaped else c
                             for c in m[0]) if len(m[0]) < 100 else m[0]
            words = WORD.findall(mended)
            if words and mended != m[0] and all(knowledge.accepts(w) for w in words):
                changes.append(texts.made(m.start(), m.end(), mended, "stray-bytes", "a word in Windows-1254", 0.98))
        texts.change(i, changes)


_MOJIBAKE = regex.compile(r"[ÂÃÄÅâÎÏÐÑ√ƒ≈‚ÈÇĂĹÆ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ±°üß∂∫ıºÄÅÖŞşĞğİı\u02dc]")


def mojibake(texts: _Texts) -> None:
    """UTF-8 that was read as Latin-1, Windows-1252, Windows-1254 or Mac Roman, once or twice.

    ``kadÄ±nÄ±n`` is ``kadının``.  Mended run by run with ftfy, which leaves what may be meant (``Ä°`` it mends, the
    ``â€`` of a lost character it does not guess).
    """
    config = ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False, fix_latin_ligatures=False,
                                  fix_character_width=False, fix_line_breaks=False, fix_surrogates=False,
                                  remove_control_chars=False, normalization=None, remove_terminal_escapes=False,
                                  restore_byte_a0=False)
    for i, text in texts.current.items():
        if not _MOJIBAKE.search(text):
            continue
        changes = []
        for m in regex.finditer(r"[^ \t\n]+", text):
            if _MOJIBAKE.search(m[0]):
                mended = ftfy.fix_encoding(m[0], config)
                if mended != m[0]:
                    changes.append(texts.made(m.start(), m.end(), mended, "mojibake",
                                              "UTF-8 that was read in another encoding", 0.995))
        texts.change(i, changes)


# Letters that stand for others --------------------------------------------------------------------------------------

SHARE = 0.6
"""So many of the words that bear a mark of the damage must be words when mended."""


def misread_letters(texts: _Texts, damage: Damage, knowledge: Knowledge) -> None:
    """``yaþamanýn``, ``bardaf¤›``, ``BĐRLĐK``: letters in the places of others, by a table of the damage."""
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
            is_word = _is_turkish(mended) and any(knowledge.accepts(w) for w in _variants(mended, damage))
            found[i].append((m, mended, is_word))
            if is_word:
                right[m[0]] += 1
            else:
                wrong += 1
    total = sum(right.values())
    inside = sum(1 for word in right if damage.mark.search(word, 1, len(word) - 1))
    letters_only = all(chr(c).isalpha() for c in damage.marks)
    if total < SHARE * (total + wrong) or not total or (not letters_only and inside < 2):
        return
    damaged = total >= 3
    channel = _channel([(true, read, SURE) for read, true in damage.readings]) if damage.is_ambiguous else None
    true_letters = frozenset(true for _, true in damage.readings)
    reason = "letters of another encoding or font: " + damage.name
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
    yield word
    for read, true in damage.readings:
        if ord(read[0]) not in damage.marks and read in word:
            word = word.replace(read, true)
            yield word


# Letters apart ------------------------------------------------------------------------------------------------------

LEAST_APART = 3
"""A letter stands apart if so many words become words by joining ..."""
APART_SHARE = 0.4
"""... and so large a share of the places where it follows a gap."""


def apart(texts: _Texts, knowledge: Knowledge) -> None:
    """``barda ğı``: letters set from a second font land behind a line break, or behind a space.

    No Turkish word begins with ``ğ``, and of a letter that often begins a word the lexicon tells.
    """
    gaps: dict[int, list[tuple[int, int, str]]] = {}
    joins: Counter[str] = Counter()
    all_gaps: Counter[str] = Counter()
    for i, text in texts.current.items():
        breaks: frozenset[int] | None = None
        for m in _GAP.finditer(text):
            if breaks is None:
                breaks = _line_ends(texts.blocks[i], texts.source)
            kind = m[3] + ("\n" if m.start(2) in breaks else " ")
            gaps.setdefault(i, []).append((m.start(2), m.end(2), kind))
            all_gaps[kind] += 1
            whole = m[1] + m[3] + m[4]
            joins[kind] += knowledge.accepts(whole) and not (knowledge.accepts(m[1]) and knowledge.accepts(m[3] + m[4]))
    bad = {kind: joins[kind] / n for kind, n in all_gaps.items()
           if joins[kind] >= LEAST_APART and joins[kind] >= APART_SHARE * n}
    if not bad:
        return
    pairs = [(" ", "\n", SURE)] + [(kind[0], "\n" + kind[0], SURE) for kind in bad]
    channel = _channel(pairs)
    for i, places in gaps.items():
        marked = list(texts.current[i])
        for start, _, kind in places:
            if kind in bad:
                marked[start] = "\n"
        text = "".join(marked)
        if "\n" in text:
            texts.change(i, decoded(texts, text, channel, "apart", "a letter of a second font stood apart",
                                    knowledge.model, gap="\n"))


_GAP = regex.compile(r"(?<!\p{L})(\p{L}+)( )(?=([ışğçöüİŞĞÇÖÜ])(\p{L}*))")


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
"""A paragraph lost its marks, in a document that has them, if it should have so many special letters."""
SAMPLE_WORDS = 250
GAIN = 0.06
"""So large a share of the words must become words by decoding ..."""
LEAST_GAINED = 2
"""... and so many ..."""
LEFT = 0.5
"""... and no more of those that were none may be left ..."""
MOST_UNKNOWN = 0.25
"""... nor so large a share of all."""


def lost_letters(texts: _Texts, knowledge: Knowledge) -> None:
    """``yasamanin`` and ``yaamanın``: letters that lost their marks, or that the font did not map at all."""
    missed = _missed(texts)
    whole = bool(missed)
    if whole:
        blocks = [i for i, text in texts.current.items() if not any(c in text for c in missed)]
    else:
        blocks = [i for i, text in texts.current.items()
                  if not any(c in text for c in SPECIAL) and _letters(text) * sum(FREQUENCY.values()) >= LEAST_OF_BLOCK]
    if not blocks:
        return
    count: Counter[str] = Counter()
    for i in blocks:
        count.update(texts.current[i])
    letters = sum(n for c, n in count.items() if c.isalpha())
    candidates: list[tuple[str, str, Compiled]] = []
    if not any(count[c] for c in SPECIAL):
        candidates.append(("ascii", "letters without their Turkish marks",
                           _channel([(c, c.translate(ASCII), SURE) for c in SPECIAL]).compile()))
    if whole:
        gone = {c: 1 / (1 + math.exp(-FREQUENCY[c] * letters)) for c in SPECIAL if not count[c]}
        candidates.append(("dropped", "letters that the font did not map: " + " ".join(missed),
                           Channel("dropped", {(c, ""): p * SURE for c, p in gone.items()},
                                   dict.fromkeys(gone, SURE)).compile()))
    groups = [blocks] if whole else [[i] for i in blocks]
    for group in groups:
        best = _best_candidate([texts.current[i] for i in group], candidates, knowledge.model)
        if best is not None:
            rule, reason, channel = best
            for i in group:
                texts.change(i, decoded(texts, texts.current[i], channel, rule, reason, knowledge.model))


def _best_candidate(group: Sequence[str], candidates: Sequence[tuple[str, str, Compiled]], model: LanguageModel,
                    ) -> tuple[str, str, Compiled] | None:
    """The damage that explains the unknown words of some texts best, if any does."""
    sample = _sample(group)
    words, unknown = _unknown(sample, model)
    best: tuple[int, tuple[str, str, Compiled]] | None = None
    if unknown < max(LEAST_GAINED, GAIN * words):
        return None
    for candidate in candidates:
        after = [" ".join(u.after for u in _units(text, candidate[2], model)) for text in sample]
        _, left = _unknown(after, model)
        if (unknown - left >= max(GAIN * words, LEAST_GAINED) and left <= LEFT * unknown and left <= MOST_UNKNOWN * words
                and (best is None or left < best[0])):
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
    """(words, words that the lexicon does not know)."""
    words = [w for text in texts for w in WORD.findall(text)]
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


def _channel(confusions: Iterable[tuple[str, str, float]]) -> Channel:
    """A confusion model of (true, read, sightings), each certain."""
    count = {(true, read): n for true, read, n in confusions}
    return Channel("damage", count, {true: n for (true, _), n in count.items()})


def _units(text: str, channel: Compiled, model: LanguageModel, gap: str = "") -> list[_Unit]:
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
        found = model.decode(part, channel, EXACT, previous=previous, sentence_start=at_start)
        if not found:
            previous, at_start = 0, False
            continue
        begin, after = 0, ""
        segments = [*found[0].segments, (len(part), len(part), " ")]
        for s, e, true in segments:
            if (e > s and part[e - 1] in " \n" and true == " ") or (s == len(part) == e and true == " "):
                stop = e - 1 if e > s else e
                if stop > begin:
                    raw = line[start + begin:start + stop]
                    out.append(_Unit(place[start + begin], place[start + stop - 1] + 1, raw, after, previous, at_start))
                last = tokens(after)[-1:]
                if last:
                    at_start = after.rstrip("\"')")[-1:] in (".", "!", "?", "…")
                    previous = SENTENCE if at_start else model.word_id(last[0])
                begin, after = e, ""
            else:
                after += line[start + s:start + e] if part[s:e] == true else true
    return out


def decoded(texts: _Texts, text: str, channel: Channel | Compiled, rule: str, reason: str, model: LanguageModel,
            gap: str = "") -> list[Change]:
    """The changes that make the likeliest printed text of a damaged one."""
    compiled = channel.compile() if isinstance(channel, Channel) else channel
    out = []
    for unit in _units(text, compiled, model, gap):
        if unit.after == unit.raw or (gap and unit.after == unit.raw.replace(gap, " ")):
            continue
        confidence, alternatives = _sureness(unit, compiled, model)
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
