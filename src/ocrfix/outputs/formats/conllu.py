"""CoNLL-U: the clean text in sentences and tokens, ready for a parser of Turkish.

Start reading at :func:`conllu`.  Only ID, FORM and MISC are filled; what a parser finds is ``_``.  Between tokens
stands one space unless MISC says ``SpaceAfter=No``, or ``SpacesAfter=`` as UDPipe writes it (``\\s`` a space, ``\\n`` a
line's end), so that the text of each block can be put together again.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ocrfix.document import Block, Document, Kind
from ocrfix.language.sentences import Token, sentences
from ocrfix.outputs.formats.reading import LANGUAGE, language_of, printable, text_of, title_of
from ocrfix.outputs.text import Labels

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_SPACE = re.compile(r"[^\S\n]")


def conllu(document: Document) -> str:
    """The printed blocks of a document in reading order, a paragraph of CoNLL-U each."""
    title = title_of(document)
    name = re.sub(r"[\s/]+", "_", title)
    out: list[str] = []
    labels = iter(Labels.of(document).of_note)
    for number, block in enumerate(document.printed(), 1):
        label = next(labels) if block.kind is Kind.NOTE else None
        text = plain(text_of(block, document))
        if text:
            out += _paragraph(document, block, f"{name}-{number}", text, label)
    head = [f"# newdoc id = {name}", f"# title = {' '.join(title.split())}"]
    return "\n".join([*head, *out]) + "\n" if out else ""


def plain(text: str) -> str:
    """Text in which a line of a file may stand: no white space but spaces and the ends of lines.

    >>> plain("a\\u00a0b\\u2028c")
    'a b\\nc'
    """
    return _SPACE.sub(" ", _LINE_ENDS.sub("\n", text)).strip()


def _paragraph(document: Document, block: Block, name: str, text: str, label: str | None) -> Iterator[str]:
    """The lines of a block; verse and tables are cut at the ends of their lines, a heading nowhere."""
    yield f"# newpar id = {name}"
    yield f"# kind = {block.kind.value}"
    yield f"# page = {document.page_at(block.start).number}"
    if label is not None:
        yield f"# note = {printable(label)}"
    if language_of(block) != LANGUAGE:
        yield f"# lang = {language_of(block)}"
    cut = list(_cut(text, block.kind))
    for number, tokens in enumerate(cut, 1):
        end = cut[number][0].start if number < len(cut) else len(text)
        yield f"# sent_id = {name}-{number}"
        yield f"# text = {' '.join(text[tokens[0].start:tokens[-1].end].split())}"
        yield from _rows(text, tokens, end)
        yield ""


def _cut(text: str, kind: Kind) -> Iterator[list[Token]]:
    """The sentences of a block."""
    if kind is not Kind.LINES:
        found = sentences(text)
        yield from [[token for sentence in found for token in sentence]] if kind is Kind.HEADING else found
        return
    at = 0
    for line in text.split("\n"):
        for sentence in sentences(line):
            yield [Token(at + token.start, at + token.end) for token in sentence]
        at += len(line) + 1


def _rows(text: str, tokens: Sequence[Token], end: int) -> Iterator[str]:
    """A line for each token; ``end`` is where the next sentence begins, or the text ends."""
    starts = [*(token.start for token in tokens[1:]), end]
    for number, (token, following) in enumerate(zip(tokens, starts, strict=True), 1):
        form = text[token.start:token.end]
        yield "\t".join([str(number), form, *["_"] * 7, _misc(text[token.end:following], last=following == len(text))])


def _misc(space: str, *, last: bool) -> str:
    """What MISC says of the white space behind a token; nothing of one space, and of the end of a block."""
    if space == " " or (last and not space):
        return "_"
    if not space:
        return "SpaceAfter=No"
    return "SpacesAfter=" + space.replace(" ", "\\s").replace("\n", "\\n").replace("\t", "\\t")
