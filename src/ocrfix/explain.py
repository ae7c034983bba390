"""``ocrfix explain``: how the words stage decides one word, in the numbers of the engine.

Start reading at :func:`explain`.  Nothing is reckoned anew here: the readings, their costs and features are those of
:func:`ocrfix.engine.correct.questions`, the weights those of :mod:`ocrfix.engine.ranking`, and the decision is that of
:func:`ocrfix.stages.words.decide`.
"""
from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ocrfix import api, completion
from ocrfix.adaptation import Adapted, adapt, tell_kinds
from ocrfix.document import Change, Document, Kind, Status
from ocrfix.engine.channel import FOLD, Compiled
from ocrfix.engine.correct import Evidence, Question, Unit, answer, in_figures, questions
from ocrfix.engine.model import LanguageModel
from ocrfix.engine.parameters import Parameters
from ocrfix.engine.ranking import FEATURES, NAMES, TERMS, Ranking, design
from ocrfix.errors import UsageError
from ocrfix.knowledge import Knowledge
from ocrfix.messages import message, translated
from ocrfix.outputs.corrections import numbered
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest, words
from ocrfix.stages._confidence import Places

MOST_REASONS = 10
"""So many features are shown, those that tell most."""
LEAST_REASON = 0.05
NETWORKS_SAY = "networks"
"""The reason that is no term: what the networks of the ranking add to the terms."""
TOGETHER = message("what several features together say (the networks of the ranking)")


@dataclass(frozen=True, slots=True)
class Models:
    """What a text is decided with: the models, the kind of type, and how noisy the text is taken for."""

    model: LanguageModel
    channel: Compiled
    parameters: Parameters
    ranking: Ranking
    kind: str
    noise: float = 1.0
    evidence: Evidence | None = None

    @classmethod
    def of_text(cls, text: str, knowledge: Knowledge, *, notes: bool = False, kind: str | None = None) -> Models:
        """Those for a text by itself, taken for as noisy as what the confusion tables were learned from.

        Raises:
            UsageError: there is no table for the kind of type.
        """
        if kind is not None and kind not in knowledge.channels:
            raise UsageError(f"no table of confusions is called {kind!r}; there are {', '.join(knowledge.channels)}")
        kind = kind or tell_kinds([(notes, [text])], knowledge)[0]
        return cls(knowledge.model, knowledge.smoothed[kind].compile(), Parameters(), knowledge.ranking, kind)

    @classmethod
    def of_document(cls, adapted: Adapted, block: int) -> Models:
        """Those for a block of a document."""
        kind = adapted.kinds[block]
        return cls(adapted.model, adapted.channel(kind), adapted.parameters(kind), adapted.ranking, kind,
                   adapted.scales.get(kind, 1.0), adapted.evidence)


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that was weighed.  Costs are in nats.

    Attributes:
        text: what it reads.
        misreading: what the noisy channel asks for printed ``text`` to be read as the OCR has it.
        language: the rest of the decoder's cost: lexicon, bigrams, case, and the word behind.
        fit: by how much its words are likelier between their neighbours than anywhere (not a cost).
        probability: what the ranking gives it.
    """

    text: str
    misreading: float
    language: float
    fit: float
    probability: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a unit of a text, mostly a word with its punctuation, was decided.

    Attributes:
        question: the unit with its readings, as the engine has it.
        models: what it was decided with.
        readings: the most probable first.
        none: the probability that none of them is right.
        reasons: (term of the ranking, by how many nats it speaks for the best other reading and against the text as it
            stands), what tells most first; :data:`NETWORKS_SAY` is what its networks add to the terms.
        unit: the answer; None if nothing but the text as it stands was found.
        change: what becomes of it; None if it is left alone.
    """

    question: Question
    models: Models
    readings: tuple[Reading, ...]
    none: float
    reasons: tuple[tuple[str, float], ...]
    unit: Unit | None
    change: Change | None


def explain(text: str, models: Models, settings: Settings, *, notes: bool = False) -> Iterator[Explanation]:
    """The units of a text that are in doubt, in order, each with how it is decided.

    Args:
        text: white space single, as the words stage sees it.
        models: see :class:`Models`.
        settings: the thresholds.
        notes: whether the text is a note.
    """
    for question in questions(text, models.model, models.channel, models.parameters, notes=notes, noise=models.noise,
                              evidence=models.evidence):
        yield _explained(question, models, settings)


def in_document(document: Document, number: str, knowledge: Knowledge, settings: Settings) -> Explanation | None:
    """How a correction of a document was decided, or None if the words stage did not doubt its place.

    The stages before are run again on the input, and the models adapted to it as in the first pass of the words stage.
    How sure the OCR engine was, which hOCR, ALTO and PAGE tell, is left aside.

    Args:
        document: as ``document.json`` has it.
        number: the ``id`` of the correction in ``corrections.csv``.

    Raises:
        UsageError: the document has no such correction.
    """
    edit = next((edit for name, _, edit in numbered(document) if name in (number, f"c-{number}")), None)
    if edit is None:
        raise UsageError(f"{document.source.name}: no correction is called {number!r}")
    usual = Pipeline()
    stages = [stage.name for stage in usual.stages]
    before = usual.without(*stages[stages.index(words.STAGE):])
    fresh = before.run(ingest.read(document.restore(), document.source.name, settings.format), settings, knowledge)
    ours, _ = words.within_budget(fresh, settings.most_characters)
    texts = [fresh.blocks[i].current(fresh.text) for i in ours]
    notes = [fresh.blocks[i].kind is Kind.NOTE for i in ours]
    at = next((k for k, i in enumerate(ours)
               if any(span.start <= edit.start < span.end for span in fresh.blocks[i].spans)), None)
    if at is None:
        return None
    adapted = adapt([(note, [text]) for note, text in zip(notes, texts, strict=True)], knowledge)
    places = Places(fresh.blocks[ours[at]], fresh.text)
    lead = len(texts[at]) - len(texts[at].lstrip())
    for found in explain(texts[at].strip(), Models.of_document(adapted, at), settings, notes=notes[at]):
        spans = places.spans(found.question.start + lead, found.question.end + lead) or ()
        if any(span.start < other.end and other.start < span.end for span in spans for other in edit.spans):
            return found
    return None


def _explained(question: Question, models: Models, settings: Settings) -> Explanation:
    probabilities = models.ranking.probabilities(question.rows).tolist()
    prices = models.parameters
    fit = NAMES.index("fit")
    raw = question.raw.translate(FOLD)
    readings = []
    for text, cost, row, probability in zip(question.readings, question.costs, question.rows, probabilities,
                                            strict=False):
        misread = models.channel.cost(text, raw, substitution=prices.substitution, insertion=prices.insertion,
                                      deletion=prices.deletion)
        readings.append(Reading(text, misread, cost - misread, row[fit], probability))
    answered = answer(question, models.ranking)
    unit = in_figures(answered, models.channel) if answered is not None else None
    reasons: list[tuple[str, float]] = []
    if unit is not None:
        terms = design(question.rows)
        best, kept = question.readings.index(unit.best), question.readings.index(raw)
        reasons = [(term, float(models.ranking.weights.get(term, 0.0) * (terms[best, k] - terms[kept, k])))
                   for k, term in enumerate(TERMS)]
        odds = math.log(probabilities[best] / probabilities[kept])
        reasons.append((NETWORKS_SAY, odds - sum(nats for _, nats in reasons)))
        reasons.sort(key=lambda reason: -abs(reason[1]))
    return Explanation(question, models, tuple(sorted(readings, key=lambda reading: -reading.probability)),
                       probabilities[-1], tuple(reasons), unit,
                       words.decide(unit, 0, settings, models.kind) if unit is not None else None)


# For a person -------------------------------------------------------------------------------------------------------

def table(explanation: Explanation, settings: Settings) -> Iterator[str]:
    """The lines of an explanation."""
    question, models, unit, change = explanation.question, explanation.models, explanation.unit, explanation.change
    known = message("a known word") if question.known else message("in no lexicon")
    raw = question.raw
    yield translated(f"{raw}: {known}; kind of type {models.kind}, noise {models.noise:.2f}")
    yield ""
    width = max([len(reading.text) for reading in explanation.readings] + [len(translated("none of them"))]) + 2
    yield (f"{translated('reading'):{width}} {translated('misreading'):>12} {translated('language'):>9} "
           f"{translated('context'):>8} {translated('probability'):>12}")
    for reading in explanation.readings:
        as_it_stands = "  " + translated("(as it stands)") if reading.text == raw.translate(FOLD) else ""
        yield (f"{reading.text or '∅':{width}} {reading.misreading:12.1f} {reading.language:9.1f} {reading.fit:8.1f} "
               f"{reading.probability:12.4f}{as_it_stands}")
    yield f"{translated('none of them'):{width}} {'':31} {explanation.none:12.4f}"
    yield ""
    yield translated("misreading, language: costs in nats, the less the better; context: nats, the more the better")
    if unit is None or change is None:
        yield translated("left alone: no other reading is probable enough")
        return
    yield ""
    yield translated(f"what speaks for {unit.best} and against {raw}, in nats:")
    for term, nats in explanation.reasons[:MOST_REASONS]:
        if abs(nats) >= LEAST_REASON:
            says = TOGETHER if term == NETWORKS_SAY else FEATURES.get(term, "")
            yield f"  {nats:+7.2f}  {term:16} {translated(says)}".rstrip()
    yield ""
    yield translated(f"probability {unit.confidence:.4f} against {unit.kept:.4f} for the text as it stands; it takes "
                     f"{settings.strictness:g} times as much to change a word")
    yield _decision(change)


def _decision(change: Change) -> str:
    if not change.applied:
        return translated(f"not applied, and asked about: {change.rule}")
    if change.status is Status.REVIEW:
        return translated(f"applied, and asked about: {change.rule}")
    return translated(f"applied: {change.rule}")


def _about(place: re.Match[str], found: Iterable[Explanation]) -> list[Explanation]:
    """Those of some explanations of a text that are about a place in it."""
    return [one for one in found if one.question.start < place.end() and place.start() < one.question.end]


@click.command("explain", short_help="Show how one word is decided.")
@click.argument("word", required=False)
@click.option("--context", metavar="TEXT", help="A text with the word in it, best the whole sentence.")
@click.option("--note", is_flag=True, help="The text is a note.")
@click.option("--type", "kind", metavar="NAME", shell_complete=completion.tables,
              help="Confusions of this table.  [default: told from the text]")
@click.option("--document", type=click.Path(exists=True, path_type=Path), metavar="FILE",
              shell_complete=completion.documents,
              help="Instead of WORD: a document.json, or its folder.  With --id.")
@click.option("--id", "number", metavar="ID", help="The correction of the document, as in corrections.csv.")
@click.option("--strictness", type=click.FloatRange(min=0), default=Settings().strictness, show_default=True,
              help="As for `ocrfix run`.")
@click.option("--lexicons", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR",
              help="As for `ocrfix run`.")
def explain_command(word: str | None, context: str | None, note: bool, kind: str | None, document: Path | None,
                    number: str | None, strictness: float, lexicons: Path | None) -> None:
    """Show how WORD is decided: its readings, what each costs, how probable it is, and what speaks for the best.

    Of a document, the correction with an ID of its corrections.csv is explained, with the models adapted to the whole
    document; without one, WORD is taken for as noisy as what the confusion tables were learned from.

    Exit status: 0 explained, or not in doubt; 1 the document cannot be read; 2 wrong usage.

    \b
    Example:
      ocrfix explain serzeıu~ler --context "görüşmelerinde küçük serzeıu~ler dışında hiç gündeme getirilmeyen"
      ocrfix explain --document reports/sample/page-8 --id c-2
    """
    if (word is None) == (document is None) or (document is None) != (number is None):
        raise UsageError("either WORD is needed, or --document with --id")
    settings = Settings(strictness=strictness, lexicons=lexicons)
    knowledge = Knowledge.load(lexicons)
    if document is not None and number is not None:
        one = in_document(api.load(document).model, number, knowledge, settings)
        found = [one] if one is not None else []
    else:
        word = " ".join((word or "").split())
        if not word:
            raise UsageError("WORD is empty")
        text = " ".join((context or word).split())
        place = re.search(rf"(?:\b|(?=\W)){re.escape(word)}(?:\b|(?<=\W))", text)
        if place is None:
            raise UsageError(f"--context: {word!r} is not in it")
        models = Models.of_text(text, knowledge, notes=note, kind=kind)
        found = _about(place, explain(text, models, settings, notes=note))
    for explanation in found:
        click.echo("\n".join(table(explanation, settings)))
    if not found:
        click.echo(translated("not in doubt: it is a known word that fits between its neighbours, or another stage "
                              "changed it"))
