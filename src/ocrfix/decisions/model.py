"""A decision: what a person said should stand at a place, in a document, or everywhere."""
from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from ocrfix.document import Status

ONLY = -1
"""Which of the places that look alike: there must be but one.  For a place that was counted in another text."""
_PART = re.compile(r"\d{4,}")
_MARKS = re.compile(r"^[\W_]+|[\W_]+$")


class Scope(StrEnum):
    """Where a decision holds."""

    PLACE = "place"
    DOCUMENT = "document"
    """Wherever the reading stands in the document as a word of its own."""
    CORPUS = "corpus"
    """The same in every document."""


@dataclass(frozen=True, slots=True)
class Place:
    """A reading of the input in its context, white space single.

    Attributes:
        raw: the reading; between the halves of a divided word stands :data:`ocrfix.decisions.binding.DIVIDED`.
        before, after: the input around it, up to :data:`ocrfix.decisions.binding.CONTEXT` characters.
        nth: of the places of the document that look alike so far, which one it is, from 0; or :data:`ONLY`.
    """

    raw: str
    before: str = ""
    after: str = ""
    nth: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        id: unique in the world.
        answer: what one answer of the reviewer decided together bears the same mark, and is undone together.
        time: in UTC, ISO 8601 with microseconds.
        reviewer: who decided.
        document: the name of the input file; empty for the whole corpus.
        scope: where it holds.
        verdict: ``accepted``, ``rejected`` or ``edited``.
        place: the reading in its context; beyond a place the reading alone counts.
        old: what ocrfix proposed, or what stood in the clean text where it proposed nothing.
        new: what shall stand there.
        old_call, call: the number of the footnote call right behind it, proposed and decided; empty if there is none.
        confidence: the probability that ocrfix gave to ``old``; 0 where it proposed nothing.
        note_number: whether it is on the number before a note.
        word: the new text is a right word and joins the user's lexicon.
    """

    id: str
    answer: str
    time: str
    reviewer: str
    document: str
    scope: Scope
    verdict: Status
    place: Place
    old: str
    new: str
    old_call: str = ""
    call: str = ""
    confidence: float = 0.0
    note_number: bool = False
    word: bool = False

    @property
    def key(self) -> tuple[str, Scope, Place]:
        """What it is about: two decisions with the same key contradict or repeat each other."""
        if self.scope is Scope.PLACE:
            return self.document, self.scope, self.place
        return self.document, self.scope, Place(self.place.raw)

    @property
    def effect(self) -> tuple[str, str]:
        """What shall stand there: text and call."""
        return self.new, self.call


@dataclass(frozen=True)
class Standing:
    """The decisions that hold: of each key the last one that was not undone.

    Attributes:
        of_document: those on places and documents, by the name of the input file, in the order of their time.
        of_corpus: those on the whole corpus.
        words: the right words of the user's lexicon, in the order of the alphabet.
    """

    of_document: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    of_corpus: tuple[Decision, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, decisions: Iterable[Decision]) -> Standing:
        """What holds of some decisions, none of them undone."""
        last: dict[tuple[str, Scope, Place], Decision] = {}
        for decision in sorted(decisions, key=lambda d: (d.time, d.id)):
            last.pop(decision.key, None)                  # the order of time, not of first mention
            last[decision.key] = decision
        by_document: dict[str, list[Decision]] = {}
        for decision in last.values():
            if decision.scope is not Scope.CORPUS:
                by_document.setdefault(decision.document, []).append(decision)
        corpus = tuple(d for d in last.values() if d.scope is Scope.CORPUS)
        words = sorted({word for d in last.values() if d.word for word in bare_words(d.new)})
        return cls({name: tuple(found) for name, found in sorted(by_document.items())}, corpus, tuple(words))

    def places(self, document: str) -> tuple[Decision, ...]:
        """The decisions on places of a document, those on its parts with them, in the order of their time."""
        return tuple(d if d.document == document else replace(d, place=replace(d.place, nth=ONLY))
                     for d in self._on(document) if d.scope is Scope.PLACE)

    def everywhere(self, document: str) -> tuple[Decision, ...]:
        """The decisions on readings of a document, its own before those of the corpus; one for each reading."""
        own = {d.place.raw: d for d in self._on(document) if d.scope is Scope.DOCUMENT}
        return (*own.values(), *(d for d in self.of_corpus if d.place.raw not in own))

    def _on(self, document: str) -> list[Decision]:
        """The decisions on a document and on its parts, which it has when it is too large to be held."""
        found = [d for name, some in self.of_document.items() if is_part(name, document) for d in some]
        return sorted(found, key=lambda d: (d.time, d.id))


def is_part(name: str, document: str) -> bool:
    """Whether a name is a document's, or that of a part of it.

    >>> is_part("a.txt#0001", "a.txt"), is_part("a.txt", "a.txt"), is_part("a.txt#b", "a.txt")
    (True, True, False)
    """
    before, _, number = name.rpartition("#")
    return name == document or (before == document and _PART.fullmatch(number) is not None)


def bare_words(text: str) -> list[str]:
    """The words of a text as a lexicon has them: no marks around, no suffix behind an apostrophe.

    >>> bare_words("«Molokan'ın, 12. dukhobor)")
    ['Molokan', 'dukhobor']
    """
    bare = (_MARKS.sub("", word).partition("'")[0] for word in text.replace("’", "'").split())
    return [word for word in bare if any(map(str.isalpha, word))]


def now() -> str:
    """The time as decisions bear it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def new_id() -> str:
    """An identity that no other decision has."""
    return uuid.uuid4().hex
