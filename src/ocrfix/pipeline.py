"""The pipeline: the stages in the order in which a page is repaired."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocrfix.document import Document
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings
from ocrfix.stages import calls, characters, decided, encoding, layout, reflow, words


@dataclass(frozen=True, slots=True)
class Stage:
    """A named step from document to document.  It adds edits or moves blocks and never changes the input."""

    name: str
    run: Callable[[Document, Settings, Knowledge], Document]


STAGES: tuple[Stage, ...] = (
    Stage("layout", layout.classify),          # which line is body, note, heading, furniture
    Stage("reflow", reflow.join),              # lines and pages joined into paragraphs
    Stage("decisions", decided.settle_words),        # what persons decided; no later stage changes it
    Stage("encoding", encoding.repair),        # damage by wrong encodings and fonts
    Stage("characters", characters.repair),    # impossible letters, quotes, dashes, spacing
    Stage("calls", calls.tie),                 # footnote calls tied to their notes
    Stage("words", words.correct_words),             # split, fused and misread words
    Stage("tidy", characters.repair),                # spacing that the words left behind
    Stage("decided-calls", decided.settle_calls),      # what persons decided of calls
)
"""The calls come before the words: a call that is still fused to a word spoils the spelling of that word."""


@dataclass(frozen=True)
class Pipeline:
    """A list of stages that a user can drop, replace or extend.

    >>> [stage.name for stage in Pipeline().without("decisions", "decided-calls").stages][-1]
    'tidy'
    """

    stages: tuple[Stage, ...] = STAGES

    def without(self, *names: str) -> Pipeline:
        """The pipeline without the named stages.

        Raises:
            KeyError: no stage has one of the names.
        """
        self._require(names)
        return replace(self, stages=tuple(s for s in self.stages if s.name not in names))

    def replacing(self, name: str, stage: Stage) -> Pipeline:
        """The pipeline with the named stage replaced."""
        self._require([name])
        return replace(self, stages=tuple(stage if s.name == name else s for s in self.stages))

    def inserting(self, stage: Stage, *, after: str) -> Pipeline:
        """The pipeline with a stage added behind the named one."""
        self._require([after])
        out: list[Stage] = []
        for s in self.stages:
            out.append(s)
            if s.name == after:
                out.append(stage)
        return replace(self, stages=tuple(out))

    def run(self, document: Document, settings: Settings | None = None, knowledge: Knowledge | None = None) -> Document:
        """Run every stage in order on an ingested document."""
        settings = settings or Settings()
        knowledge = knowledge or Knowledge.load(settings.lexicons)
        for stage in self.stages:
            if stage.name not in settings.skip:
                document = stage.run(document, settings, knowledge)
        return document

    def _require(self, names: Sequence[str]) -> None:
        known = [stage.name for stage in self.stages]
        for name in names:
            if name not in known:
                raise KeyError(f"no stage is called {name!r}; there are {', '.join(known)}")
