"""Characters: what is wrong whatever the word is.

Start reading at :data:`RULES`, the list of the defects in the order in which they are mended.  Each is a small function
``text -> list[Change]`` that tells its story, shows it mended, and names the near-miss that it leaves alone.  None of
them knows words: what needs a lexicon (dotted and dotless i, vowel harmony, misread letters) is the word stage's.  None
touches what may be left of a footnote call, figures or garbage behind a word: the calls stage reads that.

After this stage the text of every printed block is NFC, without control characters and lone surrogates, and a line end
stands in it only where the lines are kept (:attr:`~ocrfix.document.Kind.LINES`).
"""
from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import regex

from ocrfix.document import PRINTED, Block, Change, Document, Kind, apply_changes
from ocrfix.knowledge import Knowledge
from ocrfix.language import homoglyphs
from ocrfix.language.morphology import NAME_SUFFIXES, NUMBER_SUFFIXES, stem_class, suffixes
from ocrfix.language.turkish import LETTERS, lower
from ocrfix.settings import Settings

STAGE = "characters"


@dataclass(frozen=True, slots=True)
class Rule:
    """A defect: its name in reports, the function that finds it, and where it is looked for.

    ``turkish`` rules are for Turkish text only, the others for any language; ``lines`` says whether the rule is for
    blocks whose lines are kept (True), for the others (False), or for both (None).
    """

    name: str
    find: Callable[[str], list[Change]]
    turkish: bool = True
    lines: bool | None = None


def repair(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """The characters stage."""
    return document.with_blocks(_repaired(block, document.text) if block.kind in PRINTED else block
                                for block in document.blocks)


def _repaired(block: Block, text: str) -> Block:
    """A block with every rule applied, each on what the rules before it left."""
    current = block.current(text)
    for rule in RULES:
        if (rule.turkish and block.language not in (None, "tr")) or rule.lines is (block.kind is not Kind.LINES):
            continue
        changes = rule.find(current)
        if changes:
            block = apply_changes(block, text, changes, STAGE)
            current = block.current(text)
    return block


def repaired(text: str) -> str:
    """A Turkish text with every rule applied: what :func:`repair` does to a paragraph.

    >>> repaired("Frunze\\u00a0Paşa 'nın  1921 'deki ﬁkri , ''barıs\\u0327''tır .")
    'Frunze Paşa\\'nın 1921\\'deki fikri, "barış"tır.'
    """
    for rule in RULES:
        if not rule.lines:
            text = applied(text, rule.find(text))
    return text


def applied(text: str, changes: list[Change]) -> str:
    """A text with changes made (they do not overlap and are in order)."""
    out, pos = [], 0
    for change in changes:
        out += [text[pos:change.start], change.after]
        pos = change.end
    return "".join([*out, text[pos:]])


# Unicode ------------------------------------------------------------------------------------------------------------

_SURROGATES = regex.compile("[\ud800-\udfff]+")


def lone_surrogates(text: str) -> list[Change]:
    """A byte that is no character, or half of a character: the reader sees ``\\N{REPLACEMENT CHARACTER}``.

    Ingest keeps such bytes as lone surrogates, so that the input can be rebuilt; no text may be written with them.

    >>> applied("bir\\udcfe iki", lone_surrogates("bir\\udcfe iki"))
    'bir\ufffd iki'

    A whole character beyond the basic plane is left alone:

    >>> lone_surrogates("\\U0001f642")
    []
    """
    return [Change(m.start(), m.end(), "\ufffd" * len(m[0]), "undecodable",
                   "these bytes are no character of the encoding") for m in _SURROGATES.finditer(text)]


_INVISIBLE = regex.compile(
    r"(?:[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    r"\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]"
    r"|(?<![\p{Arabic}\p{Devanagari}\p{Bengali}\p{Extended_Pictographic}\ufe0f\p{M}])[\u200c\u200d])+")


def invisible(text: str) -> list[Change]:
    """Characters that print nothing: control characters, zero-width spaces, soft hyphens, byte order marks.

    Copying from PDF and HTML leaves them inside of words, where no search finds the word any more.

    >>> applied("ba\\xadrış\\u200b \\ufeffve\\x02", invisible("ba\\xadrış\\u200b \\ufeffve\\x02"))
    'barış ve'

    The joiners of Arabic script and of emoji are spelling, and a tab is a space:

    >>> invisible("می\\u200cخواهم\\tve")
    []
    """
    return [Change(m.start(), m.end(), "", "invisible", "characters that print nothing") for m in
            _INVISIBLE.finditer(text)]


_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = regex.compile("[ﬀ-ﬆ]")


def ligatures(text: str) -> list[Change]:
    """Two letters cast as one piece of type, which the OCR or the font took for one character.

    >>> applied("ﬁkir, aﬀetmek", ligatures("ﬁkir, aﬀetmek"))
    'fikir, affetmek'

    ``æ`` and ``œ`` are letters of other languages:

    >>> ligatures("Cæsar, œuvre")
    []
    """
    return [Change(m.start(), m.end(), _LIGATURES[m[0]], "ligature", "two letters in one piece of type")
            for m in _LIGATURE.finditer(text)]


MOST_MARKS = 8
"""No script of the world sets more marks on one letter."""
_STACKED = regex.compile(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")


def stacked_marks(text: str) -> list[Change]:
    """Dozens of marks heaped upon one letter: dirt, or a prank.

    >>> applied("a" + 50 * "\\u0301", stacked_marks("a" + 50 * "\\u0301")) == "a" + 8 * "\\u0301"
    True

    The two or three marks of a vocalised letter stay:

    >>> stacked_marks("e\\u0323\\u0302")
    []
    """
    return [Change(m.end(1), m.end(), "", "stacked-marks", "no letter bears so many marks")
            for m in _STACKED.finditer(text)]


_CLUSTER = regex.compile(r"[\p{Hangul}]+|[^\p{M}]\p{M}*+|\p{M}++")
_WORD = regex.compile(r"\S+")


def composition(text: str) -> list[Change]:
    """A letter and its mark as two characters (``s`` and a cedilla), where Unicode has one (NFC).

    macOS and some PDF writers take letters apart; ``ş`` is then not ``ş`` for any search.

    >>> applied("bas\\u0327lıg\\u0306ı", composition("bas\\u0327lıg\\u0306ı")) == "başlığı"
    True

    A mark that has no letter of its own in Unicode stays beside its letter:

    >>> composition("m\\u0304")
    []
    """
    if unicodedata.is_normalized("NFC", text):
        return []
    out = []
    for word in _WORD.finditer(text):
        if unicodedata.is_normalized("NFC", word[0]):
            continue
        for m in _CLUSTER.finditer(word[0]):
            whole = unicodedata.normalize("NFC", m[0])
            if whole != m[0]:
                out.append(Change(word.start() + m.start(), word.start() + m.end(), whole, "composition",
                                  "a letter and its mark are one character"))
    return out


_SPACES = regex.compile(r"^[\s\x1c-\x1f]+|[\s\x1c-\x1f]{2,}|[\s\x1c-\x1f]$|[^\S ]|[\x1c-\x1f]")


def spaces(text: str) -> list[Change]:
    """Tabs, non-breaking and other exotic spaces, runs of spaces, spaces at either end: one plain space or none.

    >>> applied(" bir\\u00a0 iki\\tüç  dört ", spaces(" bir\\u00a0 iki\\tüç  dört "))
    'bir iki üç dört'

    A plain space between two words stays:

    >>> spaces("bir iki")
    []
    """
    end = len(text)
    return [Change(m.start(), m.end(), "" if m.start() == 0 or m.end() == end else " ", "spaces",
                   "white space between words is one space") for m in _SPACES.finditer(text)]


_RUN = regex.compile(r"[\s\x1c-\x1f]+")


def spaces_of_lines(text: str) -> list[Change]:
    """The same where the lines are kept: verse and tables keep their line ends and the spaces inside of a line.

    >>> applied("bir  iki \\r\\n\\u00a0üç\\t", spaces_of_lines("bir  iki \\r\\n\\u00a0üç\\t"))
    'bir  iki\\n üç'
    """
    out = []
    for m in _RUN.finditer(text):
        parts = (m[0] + ".").splitlines()            # the stop keeps the last part, which may be empty
        after = "\n" * (len(parts) - 1) + " " * (len(parts[-1]) - 1) if m.end() < len(text) else ""
        if after != m[0]:
            out.append(Change(m.start(), m.end(), after, "spaces", "white space at the end of a line, or an odd space"))
    return out


# Letters ------------------------------------------------------------------------------------------------------------

_DOUBLE_DOT = regex.compile("[iıİ]\u0307(?!\\p{M})")


def double_dot(text: str) -> list[Change]:
    """An i with a dot too many, which programs leave that change case by English rules (``"İ".lower()``).

    >>> applied("i\\u0307ki ı\\u0307ki I\\u0307ki", double_dot("i\\u0307ki ı\\u0307ki"))
    'iki iki I\u0307ki'

    A combining dot that belongs to another letter is left alone:

    >>> double_dot("z\\u0307")
    []
    """
    return [Change(m.start(), m.end(), "İ" if m[0][0] == "İ" else "i", "double-dot", "an i with two dots")
            for m in _DOUBLE_DOT.finditer(text)]


_LETTERS_WORD = regex.compile(r"[\p{L}\p{M}]+")
_FOREIGN = regex.compile(r"(?P<letter>[\p{Greek}\p{Cyrillic}])\p{M}*+")
_LATIN = regex.compile(r"\p{Latin}")


def look_alikes(text: str) -> list[Change]:
    """A Cyrillic or Greek letter inside of a Latin word: it looks the same and is another character.

    >>> applied("Tаrihi kοnu", look_alikes("Tаrihi kοnu")) == "Tarihi konu"
    True

    Its mark goes with it, for a Latin letter may be one character with it:

    >>> applied("hа\u0302l\u00e2", look_alikes("hа\u0302l\u00e2")) == "h\u00e2l\u00e2"
    True

    A word of the other script stays, and so does one that might be either (``СССР``, ``Mос``), or that mixes
    scripts on purpose:

    >>> look_alikes("Москва СССР Mос β-karoten Фrunze")
    []
    """
    if not _FOREIGN.search(text):
        return []
    out = []
    for word in _LETTERS_WORD.finditer(text):
        foreign = [m for m in _FOREIGN.finditer(word[0])]
        if not foreign or not all(m["letter"] in homoglyphs.LATIN_OF for m in foreign):
            continue
        if any(_LATIN.match(c) and c not in homoglyphs.AMBIGUOUS for c in word[0]):
            out += [Change(word.start() + m.start(), word.start() + m.end(),
                           unicodedata.normalize("NFC", homoglyphs.LATIN_OF[m["letter"]] + m[0][1:]), "look-alike",
                           f"{unicodedata.name(m['letter'])} in a Latin word") for m in foreign]
    return out


_NEAR = {"ș": "ş", "Ș": "Ş", "ǧ": "ğ", "Ǧ": "Ğ"}
_NEAR_LETTER = regex.compile("[șȘǧǦ]")


def near_letters(text: str) -> list[Change]:
    """``ș`` with a comma and ``ǧ`` with a hook: not Turkish, and only ``ş`` and ``ğ`` can be meant.

    Fonts made for Romanian have the comma, and OCR reads the breve of ``ğ`` as a hook.

    >>> applied("bașlıǧı", near_letters("bașlıǧı"))
    'başlığı'

    A Romanian name, and the hook of the learned transcription of Arabic, stay:

    >>> near_letters("Timișoara, Ploiești, ǧāmiʿ, Ceaușescu")
    []
    """
    if not _NEAR_LETTER.search(text):
        return []
    out = []
    for word in _LETTERS_WORD.finditer(text):
        if all(c in LETTERS or c in _NEAR for c in word[0]) and (lower(word[0][0]) == word[0][0] or word[0].isupper()):
            out += [Change(word.start() + k, word.start() + k + 1, _NEAR[c], "near-letter",
                           f"{c} is no Turkish letter, {_NEAR[c]} is") for k, c in enumerate(word[0]) if c in _NEAR]
    return out


# Punctuation and spacing --------------------------------------------------------------------------------------------

_TWO_APOSTROPHES = regex.compile(r"(?<!['’‘`])(?:''|’’|‘‘|``)(?!['’‘`])")
_QUOTE = {"''": '"', "’’": "”", "‘‘": "“", "``": "“"}


def two_apostrophes(text: str) -> list[Change]:
    """A quotation mark set or read as two apostrophes, where both ends of the quotation are there.

    >>> applied("Bu, ''Misak-ı Milli'' idi.", two_apostrophes("Bu, ''Misak-ı Milli'' idi."))
    'Bu, "Misak-ı Milli" idi.'

    Two apostrophes behind a word that close nothing may be what is left of a footnote call (``11``), three are a
    quotation in a quotation:

    >>> two_apostrophes("etmiştir.'' Bundan '''sonra'''")
    []
    """
    out: list[Change] = []
    opening: Change | None = None
    for m in _TWO_APOSTROPHES.finditer(text):
        before, after = text[m.start() - 1:m.start()], text[m.end():m.end() + 1]
        change = Change(m.start(), m.end(), _QUOTE[m[0]], "two-apostrophes", "two apostrophes are a quotation mark")
        if (not before or before in " \n([-") and after and not after.isspace():
            opening = change
        elif opening is not None and before and not before.isspace():
            out += [opening, change]
            opening = None
    return out


_SPACE_BEFORE = regex.compile(r"(?<=[\p{L})”\"]) +(?=[,;)][ \n]+[\p{L}\p{N}(“\"]|[.!?](?:[ \n]+[\p{Lu}\p{N}(“\"]|$))")


def space_before_mark(text: str) -> list[Change]:
    """A space between a word and the comma or full stop behind it.

    >>> applied("geldi , gitti .", space_before_mark("geldi , gitti ."))
    'geldi, gitti.'

    Dots of an omission, a decimal, a speck inside of a sentence, a colon between two things, and anything behind a
    figure (it may be a footnote call) stay:

    >>> space_before_mark("geldi ... gitti .5 ve . sonra Adres : Konya madde 3 ,")
    []
    """
    return [Change(m.start(), m.end(), "", "space-before-mark", "no space stands before this mark")
            for m in _SPACE_BEFORE.finditer(text)]


_SPACE_AFTER = regex.compile(r"(?<=(?:^|[ \n])[(\[]) +(?=[\p{L}\p{N}])")


def space_after_opening(text: str) -> list[Change]:
    """A space behind an opening bracket.

    >>> applied("Paşa ( 1882-1948) ve", space_after_opening("Paşa ( 1882-1948) ve"))
    'Paşa (1882-1948) ve'

    A bracket that is glued to the word before may be a misread letter or a speck:

    >>> space_after_opening("Paşa( ve")
    []
    """
    return [Change(m.start(), m.end(), "", "space-after-opening", "no space stands behind an opening bracket")
            for m in _SPACE_AFTER.finditer(text)]


_SUFFIX = regex.compile(r"(?<![\p{L}\p{N}'’])(?P<stem>\p{Lu}\p{L}*|\d{1,4})(?P<gap> ?['’] | ['’])"
                        r"(?P<suffix>\p{Ll}{1,8})(?![\p{L}\p{N}'’])")
_CLOSING = regex.compile(r"[\p{L}\p{N}.,!?…]['’](?=[\s.,;:!?)]|$)")
_OPENING = regex.compile(r"(?:^|[\s(\[])['’‘](?=[\p{L}\p{N}])")
_QUOTED = 200
"""Characters in which a quotation that was opened is looked for its end."""
_OF_NAMES = tuple(frozenset(suffixes(c, NAME_SUFFIXES)) for c in range(12))
_OF_NUMBERS = frozenset(s for c in range(12) for s in suffixes(c, NUMBER_SUFFIXES))
_SHORTEST = 2
"""A suffix of one letter (``'a``) with a space beside it is too little evidence."""


def space_before_suffix(text: str) -> list[Change]:
    """A space beside the apostrophe that sets a suffix off from a name or a number.

    >>> applied("1921 'de, Paşa 'nın ve Ankara ' da", space_before_suffix("1921 'de, Paşa 'nın ve Ankara ' da"))
    "1921'de, Paşa'nın ve Ankara'da"

    A quotation between single quotes stays, and so does what the name's last vowel does not allow:

    >>> space_before_suffix("Ali 'de bana' dedi, Moskova 'den, bunun 'da, 'Eski Ankara' da")
    []
    """
    out = []
    for m in _SUFFIX.finditer(text):
        stem, suffix = m["stem"], lower(m["suffix"])
        kind = stem_class(stem)
        allowed = _OF_NUMBERS if stem.isdigit() else _OF_NAMES[kind] if kind is not None else frozenset()
        if suffix not in allowed or len(suffix) < _SHORTEST:
            continue
        if m["gap"][-1] != " " and _CLOSING.search(text, m.end(), m.end() + _QUOTED):
            continue                                 # the apostrophe opens a quotation
        if m["gap"][0] != " " and _OPENING.search(text, max(0, m.start() - _QUOTED), m.start()):
            continue                                 # it closes one
        out.append(Change(m.start("gap"), m.end("gap"), m["gap"].strip(), "space-before-suffix",
                          f"the suffix -{m['suffix']} belongs to {stem}"))
    return out


RULES: tuple[Rule, ...] = (
    Rule("undecodable", lone_surrogates, turkish=False),
    Rule("invisible", invisible, turkish=False),
    Rule("ligature", ligatures, turkish=False),
    Rule("stacked-marks", stacked_marks, turkish=False),
    Rule("composition", composition, turkish=False),
    Rule("spaces", spaces, turkish=False, lines=False),
    Rule("spaces-of-lines", spaces_of_lines, turkish=False, lines=True),
    Rule("double-dot", double_dot),
    Rule("look-alike", look_alikes),
    Rule("near-letter", near_letters),
    Rule("two-apostrophes", two_apostrophes),
    Rule("space-before-mark", space_before_mark),
    Rule("space-after-opening", space_after_opening),
    Rule("space-before-suffix", space_before_suffix),
)
"""The rules in the order in which they are applied."""
