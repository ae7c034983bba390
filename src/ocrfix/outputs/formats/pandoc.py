"""HTML, Word and EPUB, written by pandoc, with real footnotes.

Start reading at :func:`convert`.  pandoc is given the document as its own syntax tree and not as Markdown, so that no
character of the text can be taken for markup, and notes without a call are kept.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

from ocrfix.document import Block, Document, Kind, Page
from ocrfix.errors import OcrfixError, UsageError
from ocrfix.outputs.formats.reading import (
    LANGUAGE,
    NoteCall,
    Reading,
    Token,
    language_of,
    printable,
    title_of,
)

Json: TypeAlias = "list[Json] | dict[str, Json] | str | int"
TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "pandoc"
"""Data of pandoc's own; given to it so that a user's are not taken, and the same document gives the same bytes."""
WRITERS = {"html": "html5", "docx": "docx", "epub": "epub3"}
"""Format -> pandoc's name for it."""
EPOCH = "315532800"
"""The time that stands in the files, 1 January 1980, the first that a zip file can hold."""


def convert(document: Document, to: str) -> bytes:
    """The document in one of the formats :data:`WRITERS`.

    Raises:
        UsageError: there is no pandoc.
        OcrfixError: pandoc cannot write it.
    """
    tree = json.dumps(syntax_tree(document)).encode()
    return _run("--from=json", f"--to={WRITERS[to]}", "--standalone", f"--data-dir={TEMPLATES}", "--output=-",
                *(["--template=" + str(TEMPLATES / "clean.html5")] if to == "html" else []), stdin=tree)


def check() -> None:
    """Raise :class:`UsageError` unless there is a pandoc that can be used."""
    _api_version()


@cache
def program() -> str:
    """The path of pandoc: of the package ``pypandoc-binary``, else the one on the PATH.

    Raises:
        UsageError: there is none.
    """
    package = find_spec("pypandoc")
    carried = Path(package.origin).parent / "files" if package and package.origin else None
    found = shutil.which("pandoc", path=str(carried)) if carried else None         # pandoc.exe, too
    found = found or shutil.which("pandoc")
    if found is None:
        raise UsageError(f"{', '.join(WRITERS)} are written by pandoc, which is not here: pip install "
                         "'ocrfix[pandoc]', or put a pandoc on the PATH")
    return found


def _run(*arguments: str, stdin: bytes) -> bytes:
    """What pandoc makes of the standard input.  Nothing but its arguments says what it does."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([program(), *arguments], input=stdin, capture_output=True, env=environment, check=False)
    if done.returncode != 0:
        message = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise OcrfixError(f"pandoc ends with {done.returncode}: {message[:200]}")
    return done.stdout


@cache
def _api_version() -> list[Json]:
    """The version of the syntax tree that this pandoc reads; it takes no other.

    Raises:
        UsageError: pandoc is missing, or too old to be used.
    """
    try:
        tree = json.loads(_run("--from=markdown", "--to=json", stdin=b""))
        version: list[Json] = tree["pandoc-api-version"]
    except (OcrfixError, OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{program()} cannot be used, pandoc 2.11 or newer is needed: {error}") from error
    return version


# The syntax tree ----------------------------------------------------------------------------------------------------

def syntax_tree(document: Document) -> Json:
    """The document as pandoc's syntax tree (pandoc-types), with the notes in place of their first calls.

    Notes that the body does not call stand behind a rule at the end, each with its number.
    """
    reading = Reading(document)
    top = min((block.level for block in document.body() if block.kind is Kind.HEADING), default=1)
    tree = _Tree(reading, top)
    blocks: list[Json] = [element for block in document.body() for element in tree.block(block)]
    rest = [note for i, note in enumerate(reading.notes) if i not in reading.called]
    if rest:
        blocks.append(_element("HorizontalRule"))
    for note in rest:
        label: list[Json] = [_element("Str", printable(note.label) + "."), _element("Space")]
        blocks += _in_language(note.block, [*label, *tree.inlines(note.tokens, within_note=True)])
    title = _words(title_of(document))
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, "ocrfix:" + document.source.sha256).urn
    return {
        "pandoc-api-version": _api_version(),
        "meta": {"title": _element("MetaInlines", title), "lang": _element("MetaString", LANGUAGE),
                 "identifier": _element("MetaString", identifier)},
        "blocks": blocks,
    }


class _Tree:
    """Makes elements of the blocks of the body, in their order."""

    def __init__(self, reading: Reading, top: int) -> None:
        self.reading = reading
        self.top = top                               # the level of the highest headings, which become level 1
        self.placed: set[int] = set()
        self.headings = 0
        self.marks: list[Json] = []                  # of pages that begin in a heading; they wait for a paragraph

    def block(self, block: Block) -> list[Json]:
        tokens = list(self.reading.tokens(block))
        if block.kind is Kind.HEADING:               # headings are copied to the contents, where no mark may stand
            self.marks += [_mark(token) for token in tokens if isinstance(token, Page)]
            return self._heading(block, [token for token in tokens if not isinstance(token, Page)])
        inlines = _stripped(self.inlines(tokens, lines=block.kind is Kind.LINES))
        if not inlines:
            return []
        marks, self.marks = self.marks, []
        return _in_language(block, marks + inlines)

    def _heading(self, block: Block, tokens: list[Token]) -> list[Json]:
        inlines = _stripped(self.inlines(tokens))
        if not inlines:
            return []
        self.headings += 1
        attributes = _attributes(f"section-{self.headings}")
        return [_element("Header", [min(block.level - self.top + 1, 6), attributes, inlines])]

    def inlines(self, tokens: Iterable[Token], *, lines: bool = False, within_note: bool = False) -> list[Json]:
        out: list[Json] = []
        for token in tokens:
            if isinstance(token, NoteCall):
                out.append(self._call(token, within_note=within_note))
            elif isinstance(token, Page):
                out.append(_mark(token))
            elif not isinstance(token, Block):
                out += _words(printable(token.text), lines=lines)
        return out

    def _call(self, call: NoteCall, *, within_note: bool) -> Json:
        """A footnote; for a further call of the same note, one without a note and one within a note, its number."""
        if call.note is None or call.note in self.placed or within_note:
            return _element("Superscript", [_element("Str", printable(call.label))])
        self.placed.add(call.note)
        note = self.reading.notes[call.note]
        inlines = _stripped(self.inlines(note.tokens, within_note=True))
        return _element("Note", _in_language(note.block, inlines))


def _mark(page: Page) -> Json:
    """The mark of a page's beginning: an empty span."""
    label = printable(page.label or str(page.number))
    return _element("Span", [_attributes(f"page-{page.number}", "page", role="doc-pagebreak", title=label), []])


def _element(name: str, content: Json | None = None) -> Json:
    return {"t": name} if content is None else {"t": name, "c": content}


def _attributes(identifier: str = "", *classes: str, **others: str) -> Json:
    pairs: list[Json] = [[key, value] for key, value in others.items()]
    return [identifier, list(classes), pairs]


def _in_language(block: Block, inlines: list[Json]) -> list[Json]:
    """A paragraph of these inlines; a caption and one in another language is marked as such."""
    paragraph = _element("Para", inlines)
    classes = ["caption"] if block.kind is Kind.CAPTION else []
    language = {} if language_of(block) == LANGUAGE else {"lang": language_of(block)}
    if not classes and not language:
        return [paragraph]
    return [_element("Div", [_attributes("", *classes, **language), [paragraph]])]


def _words(text: str, *, lines: bool = False) -> list[Json]:
    """Text as words and spaces; with ``lines`` the ends of lines are kept."""
    return list(_inlines(text, "LineBreak" if lines else "SoftBreak"))


def _inlines(text: str, line_end: str) -> Iterator[Json]:
    for i, line in enumerate(text.split("\n")):
        if i:
            yield _element(line_end)
        for j, word in enumerate(line.replace("\t", " ").split(" ")):
            if j:
                yield _element("Space")
            if word:
                yield _element("Str", word)


def _stripped(inlines: list[Json]) -> list[Json]:
    """Inlines without white space at both ends."""
    spaces = [_element(name) for name in ("Space", "SoftBreak", "LineBreak")]
    start, end = 0, len(inlines)
    while start < end and inlines[start] in spaces:
        start += 1
    while end > start and inlines[end - 1] in spaces:
        end -= 1
    return inlines[start:end]
