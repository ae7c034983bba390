"""Sentences and tokens of Turkish prose, as the Universal Dependencies treebanks of Turkish cut them.

Start reading at :func:`sentences`.  Rules, no model: the same text is always cut alike, and what is not understood is
left whole.  A word keeps its apostrophe and suffix (``Ankara'da``, ``1921'de``), and an abbreviation, an initial and an
ordinal keep their dot (``Prof.``, ``A.``, ``19. yüzyıl``).  A dot ends a sentence where it belongs to none of these and
no small letter follows.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ocrfix import paths
from ocrfix.language.turkish import lower

_APOSTROPHES = "'’‘ʼ`´"
_TOKEN = re.compile(rf"""
    (?:https?://|www\.)[^\s<>"“”]*[^\s<>"“”.,;:!?)\]}}'’»]            # an address
  | [\w.+-]{{1,64}}@\w[\w-]*(?:\.\w[\w-]*)+                                  # of mail
  | \d+(?:[.,:/]\d+)*%?(?:[{_APOSTROPHES}][^\W\d_]+)?                 # 1921'de, 16.3.1921, 3,5, 14:30
  | (?:[^\W\d_]\.){{2,}}(?:[^\W\d_](?![\w.]))?(?:[{_APOSTROPHES}][^\W\d_]+)?    # T.B.M.M., a.g.e.
  | \w[\w\u0300-\u036f\u00ad]*(?:[{_APOSTROPHES}]\w[\w\u0300-\u036f]*)*         # a word, with its suffix
  | \.{{2,}} | -{{2,}} | (?<!!)!++\?[!?]* | (?<!\?)\?++![!?]*       # ..., --, !?
  | \S[\u0300-\u036f]*                                                # any other sign
""", re.VERBOSE)
_END = re.compile(r"[.!?…]+")
_CLOSING = frozenset("\"'”’»)]}")
_OPENING = frozenset("\"'“‘«([{—–-•*")
_SIGNS = 6
"""So many signs are looked at between the mark of a sentence's end and the word behind it, or before."""
_INITIAL = re.compile(r"[^\W\d_]")
_ROMAN = re.compile(r"[IVXLCDM]+|[IVX]*İ+[IVX]*")
_ORDINAL = re.compile(r"\d{1,2}")
"""A number that with a dot is an ordinal even in front of a capital (``15. Kolordu``); a year is not."""


@dataclass(frozen=True, slots=True)
class Token:
    """The stretch ``start:end`` of a text, in characters."""

    start: int
    end: int


def sentences(text: str) -> list[list[Token]]:
    """The sentences of a text, each as its tokens.  What stands between tokens is white space.

    >>> text = "Prof. A. Rıza 15. Kolordu'da idi. 1921'de öldü (bkz. s. 5). Sonra?"
    >>> [[text[token.start:token.end] for token in sentence] for sentence in sentences(text)]  # doctest: +ELLIPSIS
    [['Prof.', 'A.', 'Rıza', '15.', "Kolordu'da", 'idi', '.'], ["1921'de", ...], ['Sonra', '?']]
    """
    found = list(_with_dots(text, [Token(*m.span()) for m in _TOKEN.finditer(text)]))
    out: list[list[Token]] = []
    start = 0
    for i in range(len(found)):
        if i + 1 == len(found) or _ends(text, found, start, i):
            out.append(found[start:i + 1])
            start = i + 1
    return out


@cache
def abbreviations() -> tuple[frozenset[str], frozenset[str]]:
    """Abbreviations in small letters without the dot: those that no sentence ends with, and those that one may."""
    lines = (paths.lexicons() / "sentences" / "abbreviations.txt").read_text("utf-8").splitlines()
    words = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return (frozenset(word for word in words if not word.endswith("$")),
            frozenset(word[:-1] for word in words if word.endswith("$")))


def _with_dots(text: str, found: Sequence[Token]) -> Iterator[Token]:
    """The tokens with the dot of an abbreviation, an initial or an ordinal put to its word."""
    before: Token | None = None
    for i, token in enumerate(found):
        if (before is not None and text[token.start:token.end] == "." and before.end == token.start
                and _takes_dot(text, found, i - 1)):
            before = Token(before.start, token.end)
            continue
        if before is not None:
            yield before
        before = token
    if before is not None:
        yield before


def _takes_dot(text: str, found: Sequence[Token], place: int) -> bool:
    """Whether the dot behind a token belongs to it."""
    token = found[place]
    word = text[token.start:token.end]
    behind = found[place + 2] if place + 2 < len(found) else None
    never, may = abbreviations()
    if lower(word) in never or lower(word) in may:
        return True
    if _INITIAL.fullmatch(word):
        return word.isupper() and behind is not None
    if behind is None:
        return False
    following = text[behind.start]
    if word.isdigit() and following.islower():
        return True
    # not a citation, "s. 15. Ayrıca", "122-123. Ayrıca"
    is_cited = place > 0 and text[found[place - 1].start:found[place - 1].end] in (".", "-", "–")
    if _ORDINAL.fullmatch(word):
        return following.isupper() and not is_cited
    return _ROMAN.fullmatch(word) is not None and (following.isupper() or following.islower())


def _ends(text: str, found: Sequence[Token], start: int, place: int) -> bool:
    """Whether a sentence ends with a token: with its mark, or with what closes a bracket or quotation behind it."""
    token, behind = found[place], found[place + 1]
    if token.end == behind.start:                      # nothing between: 'mi?"', '...)'
        return False
    at = place
    while at > max(start, place - _SIGNS) and text[found[at].start:found[at].end] in _CLOSING:
        at -= 1
    mark = text[found[at].start:found[at].end]
    if not _END.fullmatch(mark) and not _ends_with_abbreviation(mark):
        return False
    return _begins(text, found, place + 1)


def _ends_with_abbreviation(word: str) -> bool:
    return word.endswith(".") and lower(word[:-1]) in abbreviations()[1]


def _begins(text: str, found: Sequence[Token], place: int) -> bool:
    """Whether a sentence may begin with a token: no small letter, looked for behind opening signs."""
    signs = (text[token.start] for token in found[place:place + _SIGNS])
    first = next((sign for sign in signs if sign not in _OPENING), "")
    return first.isupper() or first.isdigit() or (first.isalpha() and not first.islower())
