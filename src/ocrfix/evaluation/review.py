"""``ocrfix simulate-review``: what a reviewer's answers are worth, with the gold as the reviewer.

Documents are cleaned with tables that the reviewed pages taught nothing.  The reviewer sees the queue of these pages
alone and answers each series as the print has it: accepts or rejects it as one, or writes what was printed; the places
of a series for which that is wrong are taken out of it and asked about again.  Word errors are counted in body and
notes.  Beside the queue's order stand random orders, and an oracle that knows of each answer how many errors it removes
and of each error that is not in the queue, too.
"""
from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from ocrfix.decisions.binding import Anchors
from ocrfix.decisions.model import Decision, Scope, Standing
from ocrfix.document import Document, Status
from ocrfix.engine.training import halves, train
from ocrfix.evaluation.cross_validation import Corpus, read_bench
from ocrfix.evaluation.decisions import printed_texts
from ocrfix.evaluation.score import score
from ocrfix.evaluation.transcription import Gold, Transcript, fold, read_gold
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md
from ocrfix.pipeline import Pipeline
from ocrfix.readers import Format
from ocrfix.review.learning import learn_from_decisions
from ocrfix.review.queue import Item, Series, items, misreading, series
from ocrfix.settings import Settings
from ocrfix.stages import decided, ingest

ANSWERS = 100
STEP = 10
"""Errors are counted after every so many answers."""
ROUNDS = 3
"""Random orders."""
REVIEWER = "gold"


class Sheaf:
    """Pages of a cleaned document whose truth a reviewer knows: those of ``gold``."""

    def __init__(self, name: str, document: Document, gold: Gold) -> None:
        self.name = name
        self.document = document
        self.gold = gold
        wanted = {int(page.name.removeprefix("p")) for page in gold.pages}
        printed = {edit.spans: text for edit, text in printed_texts(document, gold)}
        self.items = [item for item in items(document, name) if item.page in wanted]
        self.truth = {item.key: printed.get(item.spans) for item in self.items}

    @cached_property
    def anchors(self) -> Anchors:
        return Anchors(self.document.text)

    def errors(self, decisions: Sequence[Decision]) -> int:
        """Word errors of the pages with these decisions."""
        return word_errors(decided.with_answers(self.document, decisions, ()), self.gold)

    def right_answers(self, item: Item) -> Iterator[tuple[Status, str]]:
        """The answers that are right of an item; an edit with what stands in the place of the misreading."""
        truth = self.truth[item.key]
        if truth is None:
            return
        if fold(item.proposal) == truth:
            yield Status.ACCEPTED, ""
        elif fold(item.base) == truth:
            yield Status.REJECTED, ""
        else:
            yield Status.EDITED, misreading(item.base, truth)[1]

    def decision(self, item: Item, verdict: Status) -> Decision:
        """What the store would hold of an answer."""
        new = {Status.ACCEPTED: item.proposal, Status.REJECTED: item.base}.get(verdict, self.truth[item.key] or "")
        call = "" if verdict is Status.REJECTED else item.call
        return Decision(item.key, item.key, item.key.zfill(20), REVIEWER, self.document.source.name, Scope.PLACE,
                        verdict, self.anchors.place(item.spans), item.proposal, new, item.call, call,
                        item.confidence, item.note_number)

    def wrong(self, item: Item) -> bool:
        """Whether the clean text is wrong in the place of an item."""
        truth = self.truth[item.key]
        return truth is not None and fold(item.shown) != truth


class Review:
    """A reviewer at work on some pages of a corpus."""

    def __init__(self, sheaves: Sequence[Sheaf]) -> None:
        self.sheaves = {sheaf.name: sheaf for sheaf in sheaves}
        self.asked = series(item for sheaf in sheaves for item in sheaf.items)

    def answer(self, one: Series) -> tuple[list[tuple[str, Decision]], list[Item]]:
        """(document, decision) of what is said of a series, and the items of which it would be wrong."""
        right = {item.document + item.key: set(self.sheaves[item.document].right_answers(item)) for item in one.items}
        choices = Counter(choice for found in right.values() for choice in found)
        if not choices:                              # nothing is known of any: the text stays
            return [], []
        best = max(choices, key=lambda c: (choices[c], c[0] is Status.ACCEPTED, c[0] is Status.REJECTED, c[1]))
        said = [(item.document, self.sheaves[item.document].decision(item, best[0]))
                for item in one.items if best in right[item.document + item.key]]
        return said, [item for item in one.items
                      if (known := right[item.document + item.key]) and best not in known]

    def ask(self, order: Sequence[Series], answers: int = ANSWERS, *, by_gain: bool = True,
            ) -> tuple[list[float], dict[str, list[Decision]]]:
        """(errors left after 0, :data:`STEP` ... answers in an order, decisions by document).

        What was taken out of its series is asked about where its own gain puts it, or at last.
        """
        waiting = list(order)
        decisions: dict[str, list[Decision]] = {name: [] for name in self.sheaves}
        left = [float(self.errors(decisions))]
        for k in range(1, answers + 1):
            if waiting:
                said, apart = self.answer(waiting.pop(0))
                for name, decision in said:
                    decisions[name].append(decision)
                waiting += series(apart)
                if apart and by_gain:
                    waiting.sort(key=lambda s: -s.gain)
            if k % STEP == 0:
                left.append(float(self.errors(decisions)))
        return left, decisions

    def errors(self, decisions: dict[str, list[Decision]]) -> int:
        return sum(sheaf.errors(decisions[name]) for name, sheaf in self.sheaves.items())

    def oracle(self, answers: int = ANSWERS) -> list[float]:
        """The errors left by the best answers: series by what they set right, and every other error by itself."""
        gains = [sum(self.sheaves[item.document].wrong(item) for item in one.items) for one in self.asked]
        total = self.errors({name: [] for name in self.sheaves})
        best = sorted([*gains, *[1] * max(0, total - sum(gains))], reverse=True)
        removed = [0, *accumulate([*best, *[0] * answers][:answers])]
        return [float(total - removed[k]) for k in range(0, answers + 1, STEP)]


@dataclass(frozen=True, slots=True)
class Simulation:
    """Word errors left after 0, :data:`STEP` ... answers, in three orders.

    Attributes:
        name: the documents.
        queue, shuffled, oracle: in the order of the queue, in random ones (their mean), by the best answers.
    """

    name: str
    queue: tuple[float, ...]
    shuffled: tuple[float, ...]
    oracle: tuple[float, ...]

    def as_dict(self) -> dict[str, object]:
        removed, by_chance, best = (curve[0] - curve[-1] for curve in (self.queue, self.shuffled, self.oracle))
        return {"errors": self.queue[0], "removed": removed, "in random order": round(by_chance, 1), "oracle": best,
                "of oracle": round(removed / best, 3) if best else None,
                "against random": round(removed / by_chance, 2) if by_chance else None}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Word errors on pages of a document that were not reviewed.

    Attributes:
        name: the document and the pages that were reviewed.
        before, decided, taught: as cleaned at first; again with the answers on the other pages; with what
            `ocrfix learn --from-decisions` made of these, too.
    """

    name: str
    before: int
    decided: int
    taught: int


def word_errors(document: Document, gold: Gold) -> int:
    """Word errors in the body and notes of the pages of a gold."""
    clean = Transcript("all")
    clean.add_markdown(clean_md(document))
    found = score(gold, clean)
    return found.body.tokens.count + found.notes.rates.tokens.count


def simulate(name: str, sheaves: Sequence[Sheaf], seed: int = 1) -> Simulation:
    """Review some pages, in three orders."""
    review = Review(sheaves)
    chance = random.Random(seed)
    shuffled = [review.ask(chance.sample(review.asked, len(review.asked)), by_gain=False)[0] for _ in range(ROUNDS)]
    return Simulation(name, tuple(review.ask(review.asked)[0]),
                      tuple(sum(column) / ROUNDS for column in zip(*shuffled, strict=True)), tuple(review.oracle()))


def elsewhere(name: str, sheaf: Sheaf, others: Gold, knowledge: Knowledge) -> Elsewhere:
    """What the answers on some pages of a document do to ``others``."""
    review = Review([sheaf])
    standing = Standing.of(review.ask(review.asked)[1][sheaf.name])
    taught = learn_from_decisions([sheaf.document], standing, knowledge).apply(knowledge)
    return Elsewhere(name, word_errors(sheaf.document, others), *(
        word_errors(cleaned_again(sheaf.document, standing, known), others) for known in (knowledge, taught)))


def cleaned_again(document: Document, standing: Standing, knowledge: Knowledge) -> Document:
    """The input of a document cleaned with some decisions."""
    original = document.source.original
    format = Format(original.format) if original is not None else Format.TEXT
    again = ingest.read(document.restore(), document.source.name, format)
    return Pipeline().run(again, Settings(decisions=standing), knowledge)


def simulations(corpora: Sequence[Corpus]) -> Iterator[Simulation | Elsewhere]:
    """Each half of the pages under review, with what the other half taught: all documents together, then each.

    Then half of these pages are reviewed, and the other half of them looked at, and the other way round.
    """
    base = Knowledge.load()
    parts = {corpus.name: halves(corpus.pages) for corpus in corpora}
    for half in (0, 1):
        learned = train([page for part in parts.values() for page in part[1 - half]], base)
        documents = {corpus.name: Pipeline().run(
            ingest.read(corpus.document.read_bytes(), f"{corpus.name}.txt"), None, learned) for corpus in corpora}
        names = {corpus.name: [page.name for page in parts[corpus.name][half]] for corpus in corpora}
        sheaves = [Sheaf(corpus.name, documents[corpus.name], read_gold(corpus.gold, names[corpus.name]))
                   for corpus in corpora]
        yield simulate(f"half {half + 1}, all documents", sheaves)
        for sheaf in sheaves:
            yield simulate(f"half {half + 1}, {sheaf.name}", [sheaf])
        for corpus in corpora:
            for quarter in (0, 1):
                seen, unseen = (read_gold(corpus.gold, names[corpus.name][k::2]) for k in (quarter, 1 - quarter))
                yield elsewhere(f"half {half + 1}, {corpus.name}, quarter {quarter + 1}",
                                Sheaf(corpus.name, documents[corpus.name], seen), unseen, learned)


def picture(found: Sequence[Simulation]) -> str:
    """The curves of some simulations added up, as SVG: errors left against answers given."""
    curves = {label: [sum(values) for values in zip(*(getattr(one, key) for one in found), strict=True)]
              for label, key in (("random order", "shuffled"), ("queue", "queue"), ("oracle", "oracle"))}
    environment = Environment(loader=PackageLoader("ocrfix.evaluation"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("curve.svg").render(curves=curves, step=STEP, answers=ANSWERS,
                                                        top=max(max(values) for values in curves.values()))


@click.command("simulate-review", short_help="What a reviewer's answers are worth, with the gold as the reviewer.")
@click.argument("bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the curves.")
@click.option("--picture", "svg", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.svg",
              help="Draw the curves of all documents together.")
def simulate_review_command(bench: Path, as_json: bool, svg: Path | None) -> None:
    """Clean the pages below BENCH with tables that they taught nothing, let the gold answer 100 questions, and count.

    BENCH holds folders with raw/ and gold/ pages, as for `ocrfix cross-validate`.

    \b
    Example:
      ocrfix simulate-review ../shared/bench --picture docs/review.svg
    """
    reviewed: list[Simulation] = []
    unreviewed: list[Elsewhere] = []
    for one in simulations(read_bench(bench)):
        if isinstance(one, Simulation):
            reviewed.append(one)
        else:
            unreviewed.append(one)
    if svg is not None:
        svg.write_text(picture([one for one in reviewed if one.name.endswith("all documents")]), "utf-8")
    total = Elsewhere("pages not reviewed", *(sum(getattr(one, key) for one in unreviewed)
                                              for key in ("before", "decided", "taught")))
    if as_json:
        click.echo(json.dumps({"reviewed": [{**asdict(one), **one.as_dict()} for one in reviewed],
                               "not reviewed": [asdict(one) for one in (*unreviewed, total)]}))
        return
    for one in reviewed:
        click.echo(f"{one.name:24} " + "  ".join(f"{k} {v}" for k, v in one.as_dict().items()))
    for two in (*unreviewed, total):
        click.echo(f"{two.name:32} errors before {two.before}  with the answers {two.decided}  with what they taught "
                   f"{two.taught}")
