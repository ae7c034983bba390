"""One reviewer at work on a reports folder: what comes next, what was skipped, how fast it goes.

Start reading at :class:`Desk`.  Only what is skipped lives in memory; everything else is read from the decisions, so
that nothing that was confirmed is lost with the process.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar, cast

from ocrfix.decisions.model import Decision, now
from ocrfix.errors import UsageError
from ocrfix.estimates import Estimate, is_estimated
from ocrfix.review.corpus import NAME, Answer, Corpus
from ocrfix.review.queue import Item, Series

T = TypeVar("T")
Spot = tuple[str, int, int]
"""A place as the page names it: document, start and end in characters of the input."""
PAUSE = timedelta(minutes=1)
"""A longer time between two answers counts as so long."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a reviewer works.

    Attributes:
        answers: how many answers.
        words: how many words stand in the places that they settle.
        minutes: the time that was spent, pauses cut to :data:`PAUSE`.
    """

    answers: int
    words: int
    minutes: float

    @property
    def words_per_minute(self) -> float:
        return self.words / self.minutes if self.minutes else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the review is.

    Attributes:
        all_places: the places that are or were asked about.
        open_places: those that no decision answers.
        open_series: the questions that these make.
        expected: how many errors are expected in them.
        before, now: the estimated word error rate without and with the answers; None where words were not looked at.
    """

    all_places: int
    open_places: int
    open_series: int
    expected: float
    before: float | None
    now: float | None


class Desk:
    """A reviewer's place of work.  Safe to use from several threads."""

    def __init__(self, corpus: Corpus, reviewer: str) -> None:
        self.corpus = corpus
        self.reviewer = reviewer
        self.since = now()
        self._skipped: set[Spot] = set()
        self._lock = threading.RLock()
        self._revision = ""
        self._kept: dict[tuple[str, str | None], object] = {}

    def revision(self) -> str:
        """Changes whenever anybody decides something or the documents are cleaned again."""
        stamps = [(self.corpus.reports / name / NAME).stat().st_mtime_ns for name in self.corpus.names()]
        return f"{self.corpus.store.size()}-{len(stamps)}-{max(stamps, default=0)}"

    def queue(self, name: str | None = None) -> list[Series]:
        """What is still to be asked, of one document or of all; what was skipped comes last."""
        found = self._keep("queue", lambda: self.corpus.queue(name), name)
        with self._lock:
            return sorted(found, key=self.is_skipped)

    def progress(self) -> Progress:
        """How far the review of the whole folder is."""
        return self._keep("progress", self._measured)

    def conflicts(self) -> list[tuple[Decision, ...]]:
        """The places on which reviewers disagree, as :meth:`ocrfix.decisions.store.Store.conflicts` has them."""
        return self._keep("conflicts", self.corpus.store.conflicts)

    def _measured(self) -> Progress:
        queue = self.queue()
        documents = list(self.corpus.documents())
        known = [one for one in documents if is_estimated(one.document)]
        before = sum((one.estimate for one in known), Estimate()).rate
        estimates = self.corpus.estimates() if known else {}
        after = sum((estimates[one.name] for one in known if one.name in estimates), Estimate()).rate
        return Progress(sum(len(one.items) for one in documents), sum(len(one.items) for one in queue), len(queue),
                        sum(one.gain for one in queue), before, after)

    def _keep(self, what: str, compute: Callable[[], T], of: str | None = None) -> T:
        """What was computed since the last decision, of anybody's, or computed now."""
        with self._lock:
            revision = self.revision()
            if revision != self._revision:
                self._revision, self._kept = revision, {}
            if (what, of) not in self._kept:
                self._kept[what, of] = compute()
            return cast(T, self._kept[what, of])

    # Answers --------------------------------------------------------------------------------------------------------

    def answer(self, places: Sequence[Spot], answer: Answer, mark: str) -> None:
        """Record an answer under a mark of the page's choice; see :meth:`ocrfix.review.corpus.Corpus.answer`."""
        self.corpus.answer(places, answer, self.reviewer, mark)

    def agree(self, decision_id: str, mark: str) -> None:
        """Decide a conflict as one of its decisions; once, however often it is sent.

        Raises:
            UsageError: the decision is in no conflict any more.
        """
        if self.corpus.store.has_answer(mark):
            return
        decision = next((d for found in self.conflicts() for d in found if d.id == decision_id), None)
        if decision is None:
            raise UsageError("that conflict is settled already")
        self.corpus.agree(decision, self.reviewer, mark)

    def last_answer(self) -> list[Decision]:
        """What an undo takes back."""
        return self._keep("last", lambda: self.corpus.store.last_answer(self.reviewer))

    def undo(self, mark: str) -> None:
        """Take an answer of this reviewer back.

        Raises:
            UsageError: it is not the reviewer's own.
        """
        if not any(d.answer == mark and d.reviewer == self.reviewer for d in self.corpus.store.decisions()):
            raise UsageError("there is no such answer of yours")
        self.corpus.store.undo(mark, self.reviewer)

    def skip(self, places: Iterable[Spot]) -> None:
        """Ask about places last, as long as the server runs."""
        with self._lock:
            self._skipped |= set(places)

    def unskip(self, places: Iterable[Spot]) -> None:
        """Ask about places in their turn again."""
        with self._lock:
            self._skipped -= set(places)

    def is_skipped(self, series: Series) -> bool:
        """Whether all places of a series were skipped."""
        return bool(self._skipped) and all(spot(item) in self._skipped for item in series.items)

    def pace(self) -> Pace:
        """How fast the reviewer has worked since the server was started."""
        return self._keep("pace", lambda: pace([d for d in self.corpus.store.holding()
                                                if d.reviewer == self.reviewer and d.time >= self.since], self.since))


def pace(decisions: Collection[Decision], since: str) -> Pace:
    """The pace of decisions of one reviewer in the order of their time; the first one's time counts from ``since``."""
    spent, last = timedelta(), datetime.fromisoformat(since)
    for decision in decisions:
        time = datetime.fromisoformat(decision.time)
        spent += min(time - last, PAUSE)
        last = time
    words = sum(max(1, len(decision.old.split())) for decision in decisions)
    return Pace(len({decision.answer for decision in decisions}), words, spent.total_seconds() / 60)


def spot(item: Item) -> Spot:
    """How the page names the place of an item."""
    return item.document, item.spans[0].start, item.spans[-1].end
