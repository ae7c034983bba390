"""The table of the report: why each correction was made and how sure it is, as the script of the page reads it.

Start reading at :func:`explanations`.  Most reasons say the same in other numbers, and a document has tens of thousands
of them.  Therefore a step is kept as its *form* (stage, rule, and the texts between the numbers of its reason), which
is written once, and the numbers.  The texts of each form are there in Turkish, too.
"""
from __future__ import annotations

import re
from collections.abc import Iterable

from ocrfix.document import Document, Edit, Step
from ocrfix.messages import translated
from ocrfix.outputs.corrections import deciding_step

Json = list["Json"] | dict[str, "Json"] | str | int | None
Forms = dict[tuple[str, ...], int]
"""Stage, rule and the texts of a reason -> the place in the table's list of forms."""
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)")
_GAP = "\ufffc"
"""Stands for a number while a form is translated."""


def explanations(document: Document, edits: Iterable[Edit]) -> Json:
    """The table of these corrections: ``changes``, one each, and the ``forms`` of their steps, in ``turkish`` too."""
    forms: Forms = {}
    changes: list[Json] = [_change(document, edit, forms) for edit in edits]
    return {"forms": [list(form) for form in forms], "turkish": [_turkish(form[2:]) for form in forms],
            "changes": changes}


def _turkish(texts: tuple[str, ...]) -> Json:
    """The texts between the numbers of a reason in Turkish; None if it has no translation, or one of other numbers.

    That the numbers keep their order is a promise of the catalogue (``tests/test_messages.py``).
    """
    found: list[Json] = [*translated(_GAP.join(texts), "tr").split(_GAP)]
    return found if len(found) == len(texts) and found != list(texts) else None


def _change(document: Document, edit: Edit, forms: Forms) -> Json:
    """Page, line, which step decided, status, applied, confidence, raw, clean, steps, alternatives, and its call.

    Probabilities are in thousandths; the call is there only if the correction is one.
    """
    page, line = document.position(edit.start)
    steps: list[Json] = [_step(step, forms, with_texts=len(edit.steps) > 1) for step in edit.steps]
    alternatives: list[Json] = [[text, round(1000 * probability)] for text, probability in edit.alternatives]
    return [page, line, edit.steps.index(deciding_step(edit)), str(edit.status), int(edit.applied),
            round(1000 * edit.confidence), document.raw_of(edit), edit.clean, steps, alternatives,
            *([edit.call] if edit.call is not None else [])]


def _step(step: Step, forms: Forms, *, with_texts: bool) -> Json:
    """The number of the step's form, the numbers of its reason, and on demand what it found and what it made of it."""
    parts = _NUMBER.split(step.reason)
    form = forms.setdefault((step.stage, step.rule, *parts[::2]), len(forms))
    return [form, list(parts[1::2]), *([step.before, step.after] if with_texts else [])]
