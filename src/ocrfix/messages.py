"""What a person is told, in English and in Turkish.

Messages are written in English where they arise, and so they stand in files: what a run writes does not depend on who
runs it.  They are translated where they are shown, by the catalogue of :mod:`gettext` in ``locale/``.  As a message
holds names and numbers by then, :func:`translated` knows it by its form: ``a.txt: no such file`` is of the form
``{path}: no such file``.  That way the reasons of corrections in an old ``document.json`` are shown in Turkish, too.

``tools/messages.py`` collects the messages from the code.
"""
from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

DOMAIN = "ocrfix"
LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = ("en", "tr")
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Where the environment says the language, the first that is set; the rule of gettext."""
NESTED = frozenset({"error", "expected", "known", "shared", "where", "why"})
"""Places of a form in which another message stands."""
BETWEEN = "; "
"""Stands between messages that are told together."""
MOST_PARTS = 4
"""So many names may stand before a message, with colons."""

_language = "en"


def message(text: str) -> str:
    """The text itself: marks one that the catalogue translates, where nothing else does."""
    return text


def from_environment(environment: Mapping[str, str] = os.environ) -> str:
    """The language that the environment asks for; English if it asks for none that there is.

    >>> from_environment({"LANG": "tr_TR.UTF-8"}), from_environment({"LANGUAGE": "de:tr"}), from_environment({})
    ('tr', 'tr', 'en')
    """
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    codes = (code.partition(".")[0].partition("_")[0] for code in value.split(":"))
    return next((code for code in codes if code in LANGUAGES), "en")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, messages are shown in a language, those of click too (which go by the environment)."""
    global _language
    before = _language, os.environ.get("LANGUAGE"), gettext.textdomain()
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    _language = os.environ["LANGUAGE"] = language
    try:
        yield
    finally:
        _language = before[0]
        gettext.textdomain(before[2])
        if before[1] is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before[1]


def translated(text: str, language: str | None = None) -> str:
    """A message in the language that is spoken, or in another; as it is if the catalogue does not have it.

    Of several with semicolons between them each is translated, unless together they are one.

    >>> translated("a.txt: no such file", "tr"), translated("the file is empty; in 3 parts", "tr")
    ('a.txt: böyle bir dosya yok', 'dosya boş; 3 parça halinde')
    """
    language = language or _language
    return text if language == "en" else _translated(text, _catalogue(language), MOST_PARTS)


def both(text: str) -> dict[str, str]:
    """A message in every language, for a page that can be switched."""
    return {language: translated(text, language) for language in LANGUAGES}


def _translated(text: str, catalogue: Catalogue, parts: int) -> str:
    pieces = text.split(": ", parts)
    tails = [(": ".join([*pieces[:k], ""]), ": ".join(pieces[k:])) for k in range(len(pieces))]
    tails = [(head, tail) for head, tail in tails if BETWEEN not in head]
    for head, tail in tails:
        if tail in catalogue.exact and (not head or " " in tail):           # a word by itself may be a name
            return head + catalogue.exact[tail]
    for head, tail in tails:
        for form, other in catalogue.forms:
            values = form.values(tail)
            if values is not None and not any(BETWEEN in value for name, value in values.items() if name not in NESTED):
                return head + other.format(**{name: _translated(value, catalogue, parts) if name in NESTED else value
                                              for name, value in values.items()})
    messages = text.split(BETWEEN)
    return BETWEEN.join(_translated(each, catalogue, parts) for each in messages) if len(messages) > 1 else text


@dataclass(frozen=True, slots=True)
class Form:
    """A message with places for names and numbers: ``literals`` stand round them, one more than there are ``names``."""

    literals: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Form:
        """The form that a text of :meth:`str.format` describes."""
        literals, names = [""], []
        for literal, name, _, _ in Formatter().parse(text):
            literals[-1] += literal
            if name is not None:
                names.append(name)
                literals.append("")
        return cls(tuple(literals), tuple(names))

    def values(self, text: str) -> dict[str, str] | None:
        """What stands in the places, if a text is of this form; the first places are filled as sparingly as can be.

        >>> Form.of("{path}: {what} is missing").values("a: b: c is missing")
        {'path': 'a', 'what': 'b: c'}
        """
        first, *between, last = self.literals
        if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
            return None
        at, end = len(first), len(text) - len(last)
        found = []
        for literal in between:
            found_at = text.find(literal, at, end)
            if found_at < 0:
                return None
            found.append(text[at:found_at])
            at = found_at + len(literal)
        return dict(zip(self.names, [*found, text[at:end]], strict=True))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The translations of a language: of whole messages, and of forms, those that say most first."""

    exact: Mapping[str, str]
    forms: tuple[tuple[Form, str], ...]


class _Listed(gettext.GNUTranslations):
    """Translations of gettext that can be listed, which forms need."""

    _catalog: dict[str | tuple[str, int], str]

    def items(self) -> Iterator[tuple[str, str]]:
        return ((key, text) for key, text in self._catalog.items() if isinstance(key, str) and key)


@cache
def _catalogue(language: str) -> Catalogue:
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        items = list(_Listed(file).items())
    forms = [(Form.of(text), other) for text, other in items if "{" in text and "!r}" not in text]
    forms = [(form, other) for form, other in forms if form.names]
    forms.sort(key=lambda pair: -sum(map(len, pair[0].literals)))
    return Catalogue(dict(items), tuple(forms))
