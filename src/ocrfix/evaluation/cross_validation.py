"""``ocrfix cross-validate``: the honest rates, on pages that nothing was learned from.

The pages with truth are halved; confusions, signatures and ranking are learned from one half, the whole pipeline is
run and scored on the other, then the halves change places.  Documents are cleaned whole, as a user would, and only the
pages of the half at hand are scored.  The 95 % interval of the relative error reduction is a bootstrap over pages.
"""
from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import pandas as pd

from ocrfix.document import Status
from ocrfix.engine.training import TruthPage, halves, train
from ocrfix.errors import UsageError
from ocrfix.estimates import page_estimates
from ocrfix.evaluation.calibration import calibration
from ocrfix.evaluation.decisions import Decision, decisions
from ocrfix.evaluation.score import score, score_untouched
from ocrfix.evaluation.stages import correction_effect
from ocrfix.evaluation.structure import Structure
from ocrfix.evaluation.transcription import Transcript, read_gold
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import ingest

ITALIC = frozenset(f"p{n:02d}" for n in range(15, 26))
CAPTIONS = frozenset(f"p{n:02d}" for n in range(29, 35))
NOT_TURKISH = frozenset({"p35"})


@dataclass(frozen=True, slots=True)
class Corpus:
    """A document with gold for some of its pages, in the layout of the bench."""

    name: str
    document: Path
    raw: Path
    gold: Path
    pages: tuple[TruthPage, ...]

    def group_of(self, page: str) -> str:
        if self.name != "article":
            return self.name
        return "italic" if page in ITALIC else "captions" if page in CAPTIONS else "roman"


@dataclass
class Tally:
    """Errors and lengths of a group, page by page."""

    errors: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """(raw word errors, word errors, words, raw character errors, character errors, characters) of each page."""
    notes: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(word errors, words, character errors, characters) of each page's notes."""
    judged: list[Decision] = field(default_factory=list)
    right_before: int = 0
    broken: int = 0
    rates: list[tuple[float, float]] = field(default_factory=list)
    """(estimated, true word error rate of the body) of each page."""
    structure: Structure = field(default_factory=Structure)
    notes_found: tuple[int, int, int] = (0, 0, 0)
    """(notes found, notes of the gold, notes left in the body)."""


def read_bench(root: Path) -> list[Corpus]:
    """The corpora below a folder: ``article/`` with its document in ``../raw``, and ``scan-*/``.

    Raises:
        UsageError: there is none.
    """
    out = []
    for folder in sorted(p.parent for p in root.glob("*/gold") if (p.parent / "raw").is_dir()):
        document = folder / "document.txt"
        if not document.exists():
            found = sorted((root.parent / "raw").glob("*.txt"))
            if len(found) != 1:
                continue
            document = found[0]
        family = folder.name.replace("scan-", "tess")
        pages = []
        for path in sorted((folder / "raw").glob("p*.txt")):
            gold = folder / "gold" / f"{path.stem}.md"
            if gold.exists() and path.stem not in NOT_TURKISH:
                italic = folder.name == "article" and path.stem in ITALIC
                pages.append(TruthPage(path.stem, path.read_text("utf-8"), gold.read_text("utf-8"),
                                       f"{family}-{'italic' if italic else 'roman'}", f"{family}-small"))
        out.append(Corpus(folder.name, document, folder / "raw", folder / "gold", tuple(pages)))
    if not out:
        raise UsageError(f"{root}: no folder with gold/ and raw/ pages in it")
    return out


def cross_validate(corpora: Sequence[Corpus], settings: Settings | None = None) -> dict[str, Tally]:
    """The tallies of each group of pages, every page scored with what the other half taught."""
    settings = settings or Settings()
    base = Knowledge.load(settings.lexicons)
    parts = {corpus.name: halves(corpus.pages) for corpus in corpora}
    tallies: dict[str, Tally] = {}
    for fold in (0, 1):
        learned = train([page for part in parts.values() for page in part[1 - fold]], base)
        for corpus in corpora:
            _score_half(corpus, [page.name for page in parts[corpus.name][fold]], learned, settings, tallies)
    return tallies


def _score_half(corpus: Corpus, names: list[str], knowledge: Knowledge, settings: Settings,
                tallies: dict[str, Tally]) -> None:
    document = Pipeline().run(ingest.read(corpus.document.read_bytes(), corpus.document.name), settings, knowledge)
    clean = Transcript("all")
    clean.add_markdown(clean_md(document))
    estimates = page_estimates(document, document.body())
    for name in names:
        gold = read_gold(corpus.gold, [name])
        now, raw = score(gold, clean), score_untouched(gold, corpus.raw)
        tally = tallies.setdefault(corpus.group_of(name), Tally())
        b, r, n = now.body, raw.body, now.notes.rates
        tally.errors.append((r.tokens.count, b.tokens.count, b.tokens.length, r.characters.count,
                             b.characters.count, b.characters.length))
        tally.notes.append((n.tokens.count, n.tokens.length, n.characters.count, n.characters.length))
        estimate = estimates[int(name.removeprefix("p"))].rate
        if estimate is not None and b.tokens.length:
            tally.rates.append((estimate, b.tokens.count / b.tokens.length))
        tally.structure |= now.structure
        found, printed, leaks = tally.notes_found
        tally.notes_found = found + now.notes.found, printed + now.notes.gold, leaks + now.leaks
        tally.judged += decisions(document, gold)
        effect = correction_effect(document, gold)
        tally.broken += effect.broke
        tally.right_before += effect.right


def interval(tally: Tally, rounds: int = 2000, seed: int = 1) -> tuple[float, float, float]:
    """(relative reduction of word errors in the body, its 95 % bootstrap interval over pages)."""
    chance = random.Random(seed)
    rows = tally.errors

    def reduction(sample: Sequence[tuple[int, ...]]) -> float:
        raw = sum(row[0] for row in sample)
        return 1 - sum(row[1] for row in sample) / raw if raw else 0.0

    draws = sorted(reduction(chance.choices(rows, k=len(rows))) for _ in range(rounds))
    return reduction(rows), draws[rounds // 40], draws[-rounds // 40]


def estimate_quality(rates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(mean distance of the estimated from the true error rates, Spearman's rank correlation of both)."""
    frame = pd.DataFrame(rates, columns=["estimated", "true"])
    return (float((frame["estimated"] - frame["true"]).abs().mean()),
            float(frame["estimated"].rank().corr(frame["true"].rank())))


def rows(tallies: dict[str, Tally]) -> Iterator[tuple[str, dict[str, object]]]:
    """What is printed, a row a group."""
    for group, t in tallies.items():
        sums = [sum(row[k] for row in t.errors) for k in range(6)]
        notes = [sum(row[k] for row in t.notes) for k in range(4)]
        applied = [d for d in t.judged if d.edit.applied]
        auto = [d for d in applied if d.edit.status is Status.AUTO]
        reduction = interval(t)
        yield group, {
            "pages": len(t.errors),
            "body CER": round(sums[4] / max(sums[5], 1), 4), "body WER": round(sums[1] / max(sums[2], 1), 4),
            "untouched WER": round(sums[0] / max(sums[2], 1), 4),
            "reduction": [round(x, 3) for x in reduction],
            "notes CER": round(notes[2] / notes[3], 4) if notes[3] else None,
            "notes WER": round(notes[0] / notes[1], 4) if notes[1] else None,
            "calls F1": t.structure.calls.as_dict()["F1"], "breaks F1": t.structure.breaks.as_dict()["F1"],
            "heads F1": t.structure.headings.as_dict()["F1"], "notes found": list(t.notes_found[:2]),
            "leaks": t.notes_found[2],
            "auto right": round(sum(d.right for d in auto) / len(auto), 4) if auto else None,
            "auto share": round(len(auto) / len(applied), 4) if applied else None,
            "broken per 1000": round(1000 * t.broken / max(t.right_before, 1), 2),
        }


@click.command("cross-validate", short_help="The error rates on pages that nothing was learned from.")
@click.argument("bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--fit-ranking", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Instead: fit the ranking of readings on all pages and write it to FILE.")
def cross_validate_command(bench: Path, as_json: bool, fit_ranking: Path | None) -> None:
    """Learn from half of the pages below BENCH, clean and score the other half, swap, and print the rates.

    BENCH holds folders with raw/ and gold/ pages, as article/, scan-tur/ and scan-eng/.

    \b
    Example:
      ocrfix cross-validate ../shared/bench
    """
    corpora = read_bench(bench)
    if fit_ranking is not None:
        pages = [page for corpus in corpora for page in corpus.pages]
        train(pages, Knowledge.load()).ranking.write(
            fit_ranking, f"Weights of the ranking of readings, fitted by `ocrfix cross-validate --fit-ranking` on "
                            f"{len(pages)} pages, each decoded with confusions learned from the other half of them.")
        return
    tallies = cross_validate(corpora)
    judged = [(d.edit.confidence, d.right) for t in tallies.values() for d in t.judged]
    found = dict(rows(tallies))
    off, correlation = estimate_quality([pair for tally in tallies.values() for pair in tally.rates])
    found["all"] = {**calibration(judged).as_dict(), "estimate off": round(off, 4),
                    "estimate rank": round(correlation, 3)}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for group, row in found.items():
        click.echo(f"{group:9} " + "  ".join(f"{k} {v}" for k, v in row.items() if k != "bins"))
