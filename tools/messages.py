"""Collect the messages of ocrfix from its code, and bring the catalogues of translations up to date.

    python tools/messages.py

writes what is new in the code into ``src/ocrfix/locale/*/LC_MESSAGES/ocrfix.po``, without a translation, takes out what
is no more, and compiles the catalogues.  Translate what is new, and run it again.  ``--check`` writes nothing and fails
if something is missing or stale.

Messages are what is given to the functions and errors of :data:`CARRIERS` as literal text, in which each expression is
a place with a name, and the help of all commands.  Those of click are taken along, of every version that was installed
when this was run.
"""
from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from ocrfix.cli import ELSEWHERE, main
from ocrfix.engine.ranking import FEATURES
from ocrfix.localized import with_texts
from ocrfix.messages import DOMAIN, LANGUAGES, LOCALE, Form

PACKAGE = LOCALE.parent
CARRIERS = {"message": 0, "translated": 0, "OcrfixError": 0, "InputError": 0, "DocumentError": 0, "UsageError": 0,
            "Stopped": 0, "ValueError": 0, "TypeError": 0, "Step": 2, "Change": 4, "made": 4}
"""Functions and errors by name, with the place of the message among their arguments."""


def of_commands() -> Iterator[str]:
    """The texts in the help of all commands."""
    found: list[str] = []

    def noted(text: str) -> str:
        found.append(text)
        return text

    with_texts(main, noted)
    for module, attribute, short in ELSEWHERE.values():
        found.append(short)
        with_texts(getattr(import_module(module), attribute), noted)
    yield from filter(None, found)


def of_code() -> Iterator[tuple[str, str, int]]:
    """(message, file, line) of the messages in the code."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = CARRIERS.get(called)
                if place is not None and place < len(node.args):
                    form = form_of(node.args[place])
                    if says_something(form):
                        yield form, path.relative_to(PACKAGE.parent).as_posix(), node.lineno


def says_something(text: str) -> bool:
    """Whether a message has words of its own, and its places have names, by which a translation is filled in."""
    form = Form.of(text)
    return any(map(str.isalpha, "".join(form.literals))) and all(map(str.isidentifier, form.names))


def form_of(node: ast.expr) -> str:
    """The form of a literal text; empty if the expression is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.replace("{", "{{").replace("}", "}}")
    if not isinstance(node, ast.JoinedStr):
        return ""
    names: list[str] = []
    out = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            out += str(part.value).replace("{", "{{").replace("}", "}}")
        else:
            name = name_of(part)
            names.append(name)
            out += "{" + name + (str(names.count(name)) if names.count(name) > 1 else "") + "}"
    return out


def name_of(node: ast.expr) -> str:
    """What to call the place of an expression: the last name in it."""
    assert isinstance(node, ast.FormattedValue)
    names = [each.attr if isinstance(each, ast.Attribute) else each.id for each in ast.walk(node.value)
             if isinstance(each, ast.Attribute | ast.Name)]
    told = [name for name in names if name not in ("len", "join", "repr", "type", "__name__", "strerror", "value")]
    return (told or names)[0].lower().strip("_")


def of_features() -> Iterator[str]:
    """What the features of a reading say."""
    yield from FEATURES.values()


def of_click() -> Iterator[str | tuple[str, ...]]:
    """The messages of click."""
    for _, _, found, _, _ in extract_from_dir(str(Path(click.__file__).parent)):
        if says_something(found if isinstance(found, str) else found[0]):
            yield found


def template() -> Catalog:
    """All messages, without translations."""
    catalog = Catalog(domain=DOMAIN, project="ocrfix", charset="utf-8")
    for text in of_commands():
        catalog.add(text)
    for form, path, _ in of_code():
        catalog.add(form, locations=[(path, 0)])
    for text in of_features():
        catalog.add(text, locations=[("ocrfix/engine/ranking.py", 0)])
    for found in of_click():
        catalog.add(found, locations=[("click", 0)])
    return catalog


def stale(folder: Path, wanted: Catalog) -> list[str]:
    """What is wrong with a catalogue."""
    with (folder / f"{DOMAIN}.po").open("rb") as file:
        catalog = read_po(file, domain=DOMAIN)
    ours = {entry.id for entry in wanted if entry.id and not of_click_alone(entry)}
    there = {entry.id for entry in catalog if entry.id and not of_click_alone(entry)}
    out = [f"missing: {text}" for text in sorted(ours - {entry.id for entry in catalog}, key=str)]
    out += [f"no more in the code: {text}" for text in sorted(there - {entry.id for entry in wanted}, key=str)]
    out += [f"not translated: {entry.id}" for entry in catalog
            if entry.id and not (all(entry.string) if isinstance(entry.string, tuple) else entry.string)]
    with (folder / f"{DOMAIN}.mo").open("rb") as file:
        if texts(read_mo(file)) != texts(catalog):
            out.append("not compiled")
    return out


def of_click_alone(entry: Message) -> bool:
    """Whether a message is one of click, which has others in other versions."""
    return [path for path, _ in entry.locations] == ["click"]


def texts(catalog: Catalog) -> set[str]:
    """The translations in a catalogue, each with its message."""
    return {f"{entry.id!r} {entry.string!r}".replace("[", "(").replace("]", ")") for entry in catalog
            if entry.id and any(entry.string or ())}


def update(folder: Path, wanted: Catalog) -> None:
    """Bring a catalogue up to date and compile it."""
    path = folder / f"{DOMAIN}.po"
    with path.open("rb") as file:
        catalog = read_po(file, domain=DOMAIN)
    created = catalog.creation_date
    catalog.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
    catalog.creation_date = created                      # no message, no difference
    for entry in catalog.obsolete.values():
        text = entry.id if isinstance(entry.id, str) else entry.id[0]
        if of_click_alone(entry) and says_something(text):              # of another version of it
            catalog[entry.id] = entry
    catalog.obsolete.clear()
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True)
    path.write_bytes(buffer.getvalue())
    with (folder / f"{DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)


def folders() -> list[Path]:
    return [LOCALE / language / "LC_MESSAGES" for language in LANGUAGES if language != "en"]


if __name__ == "__main__":
    all_messages = template()
    if "--check" not in sys.argv[1:]:
        for one in folders():
            update(one, all_messages)
    problems = [f"{one}: {what}" for one in folders() for what in stale(one, all_messages)]
    for problem in problems:
        print(problem)
    sys.exit(bool(problems))
