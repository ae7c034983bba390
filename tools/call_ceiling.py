#!/usr/bin/env python3
"""What calls that leave no trace cost: the calls of pages with truth, with every trace told by the truth.

    python tools/call_ceiling.py ../shared/bench

For each corpus F1 of the calls as ocrfix finds them, and with an oracle that knows of each sign or figure whether a
call left it (but not which number): what is lost then is lost with the calls that left nothing, since on a page with
one of them nobody knows which number it bears.  Confusions are learned from the other half of the pages.
"""
from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from ocrfix.document import Block, Document, Kind
from ocrfix.engine.training import halves, learn_tables
from ocrfix.evaluation.align import project
from ocrfix.evaluation.cross_validation import Corpus, read_bench
from ocrfix.evaluation.score import score
from ocrfix.evaluation.structure import Structure
from ocrfix.evaluation.transcription import Transcript, Transcription, read_gold
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.text import clean_md
from ocrfix.pipeline import Pipeline
from ocrfix.settings import Settings
from ocrfix.stages import calls, ingest
from ocrfix.stages._call_places import Place, find_places

TOLD = 40.0
"""Log-odds of a place of which the oracle says that a call left something there."""
BODY = (Kind.PARAGRAPH, Kind.HEADING, Kind.CAPTION, Kind.LINES)


class Oracle:
    """:func:`find_places` that is told by the truth which residues are those of calls."""

    def __init__(self, gold: Transcription) -> None:
        self.gold = gold

    def __call__(self, document: Document, blocks: Sequence[Block], texts: Sequence[str], pages: Mapping[int, int],
                 knowledge: Knowledge) -> dict[int, list[Place]]:
        starts: dict[int, int] = {}
        body = ""
        for k, block in enumerate(blocks):
            if block.kind in BODY:
                starts[k] = len(body)
                body += texts[k] + " "
        offsets = project(body, self.gold.text)
        words = [token.start for token in self.gold.tokens(words_only=True)]
        called = {bisect.bisect_left(words, at) for _, at in self.gold.calls}
        out: dict[int, list[Place]] = {}
        for page, places in find_places(document, blocks, texts, pages, knowledge).items():
            ends: dict[tuple[int, int], list[Place]] = {}
            for place in places:
                ends.setdefault((place.block, place.end), []).append(place)
            out[page] = []
            for group in ends.values():
                traced = [p for p in group if p.read and not p.read.isalpha() and bisect.bisect_left(
                    words, offsets[starts[p.block] + p.start]) in called]
                if traced:
                    longest = max(traced, key=lambda p: len(p.read))
                    out[page].append(replace(longest, base=longest.base + TOLD))
                else:
                    out[page] += [p for p in group if not p.read]
        return out


def measure(corpus: Corpus, tables: Knowledge, names: Sequence[str], oracle: bool) -> Structure:
    """The marks on some pages of a corpus."""
    gold = read_gold(corpus.gold, [page.name for page in corpus.pages]).whole.body
    finding = calls.find_places
    if oracle:
        calls.find_places = Oracle(gold)                 # type: ignore[assignment]
    try:
        source = ingest.read(corpus.document.read_bytes(), corpus.document.name)
        document = Pipeline().without("words").run(source, Settings(), tables)
    finally:
        calls.find_places = finding
    text = Transcript("all")
    text.add_markdown(clean_md(document))
    marks = Structure()
    for name in names:
        marks |= score(read_gold(corpus.gold, [name]), text).structure
    return marks


@click.command()
@click.argument("bench", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(bench: Path) -> None:
    """Print F1 of the calls for each corpus with whole gold below BENCH, without and with the oracle."""
    corpora = [corpus for corpus in read_bench(bench) if corpus.name != "article"]
    base = Knowledge.load()
    parts = {corpus.name: halves(corpus.pages) for corpus in corpora}
    for corpus in corpora:
        found = {False: Structure(), True: Structure()}
        for fold in (0, 1):
            channels, signatures = learn_tables([page for part in parts.values() for page in part[1 - fold]])
            tables = replace(base, channels={**base.channels, **channels}, signatures={**base.signatures, **signatures})
            for oracle in found:
                found[oracle] |= measure(corpus, tables, [page.name for page in parts[corpus.name][fold]], oracle)
        click.echo(f"{corpus.name}: calls F1 {found[False].calls.as_dict()['F1']}, "
                   f"every trace told {found[True].calls.as_dict()['F1']}")


if __name__ == "__main__":
    main()
