"""The options of a run: one record, every field with its default and its meaning."""
from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ocrfix.errors import OcrfixError
from ocrfix.input_format import Format

if TYPE_CHECKING:
    from ocrfix.decisions.model import Standing

LEARNED = "settings.toml"
"""In a user's lexicon folder: thresholds learned from decisions."""


def _none_standing() -> Standing:
    """No decisions; their model is loaded only with a record, so that the command line can show the defaults."""
    from ocrfix.decisions.model import Standing
    return Standing()


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of a run.

    Attributes:
        strictness: what breaking a right word costs, in wrong words left alone (>= 0).  A correction is applied where
            it is more than so many times as probable as the text as it stands.
        apply_above: corrections less probable than this are not applied to text that could have been printed, however
            unlikely it is as it stands; text with signs that no word has is corrected all the same.  It holds for a
            strictness of 3 and grows and shrinks with it.
        ask_below: applied corrections less probable than this get the status ``review``.
        suggest_above: corrections that are not applied are still shown for review if at least this probable ...
        doubt_below: ... or if the text as it stands is right with less than this probability.
        lexicons: a folder of the user's own lexicon files, read after the shipped ones.
        skip: names of stages to leave out.
        most_characters: of so many characters of a document misread words are set right; behind them the text is left
            alone, and a message says so.  A bound on the work that one document can cost, counted and not timed, so
            that the result is the same everywhere: some twenty thick books.  Of a text that is cleaned in parts, each
            part counts by itself.
        divide_above: of more bytes than this, a plain text is cleaned by ``ocrfix run`` in parts of about a quarter of
            that, each a document of its own (``docs/scale.md``), so that memory does not grow with it.
        page_marks: ``clean.md`` says in comments where a page begins.
        format: what the inputs are; told by the content and name of each if not given.
        to: names of further formats to write (:mod:`ocrfix.outputs.formats`).
        decisions: what persons decided of this and other documents.
    """

    strictness: float = 3.0
    apply_above: float = 0.25
    ask_below: float = 0.9
    suggest_above: float = 0.25
    doubt_below: float = 0.5
    lexicons: Path | None = None
    skip: frozenset[str] = frozenset()
    most_characters: int = 20_000_000
    divide_above: int = 4_000_000
    page_marks: bool = False
    format: Format | None = None
    to: frozenset[str] = frozenset()
    decisions: Standing = field(default_factory=_none_standing)

    def as_learned(self) -> Settings:
        """The same with what `ocrfix learn --from-decisions` wrote into the user's lexicons.

        What was learned holds in the place of a default; a threshold that somebody chose stays.

        Raises:
            OcrfixError: the file is damaged.
        """
        path = self.lexicons / LEARNED if self.lexicons is not None else None
        if path is None or not path.exists():
            return self
        try:
            values = tomllib.loads(path.read_text("utf-8-sig"))
            ask_below = float(values.get("ask_below", self.ask_below))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
            raise OcrfixError(f"{path}: damaged: {error}") from error
        if set(values) - {"ask_below"} or not 0 <= ask_below <= 1:
            raise OcrfixError(f"{path}: may hold ask_below, from 0 to 1, and nothing else")
        return replace(self, ask_below=ask_below) if self.ask_below == Settings().ask_below else self
