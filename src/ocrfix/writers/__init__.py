"""The format of the input back, corrected in place: hOCR, ALTO and PAGE keep every box, id and attribute.

Start reading at :func:`same_format`.  What each word of the input has become is worked out once for all formats
(:mod:`ocrfix.writers.corrected`); the module of a format puts it into the elements.
"""
from __future__ import annotations

from lxml import etree

from ocrfix.document import Document
from ocrfix.errors import InputError, UsageError
from ocrfix.readers import PAGE_FILES, Format, page_files, parse_pages
from ocrfix.readers._archive import pack
from ocrfix.readers.parsed import Parsed
from ocrfix.writers import alto, hocr, page
from ocrfix.writers._tree import ids
from ocrfix.writers.corrected import Group, corrected

NAMES = {Format.HOCR: "clean.hocr", Format.ALTO: "clean.alto.xml", Format.PAGE: "clean.page.xml"}
"""What the file is called; several of them in one archive are ``clean.hocr.zip`` and so on."""
_PUT = {Format.HOCR: hocr.put, Format.ALTO: alto.put, Format.PAGE: page.put}


def same_format(document: Document) -> tuple[str, bytes]:
    """(name, bytes) of the input with its text corrected, in the input's own format.

    Nothing moves: notes stay at the foot of their pages, lines are divided where they were, with their hyphens, and
    the numbers of calls and notes stand as they are printed.

    Raises:
        UsageError: the input is of a format that cannot be written back.
        InputError: the original is damaged.
    """
    original = document.source.original
    kind = Format(original.format) if original is not None else Format.TEXT
    if original is None or kind not in PAGE_FILES:
        raise UsageError(f"{document.source.name}: a {kind.value} input cannot be written back, only hocr, alto and "
                         "page")
    parsed = parse_pages(original.data, kind)
    if parsed.extract.text != document.text:
        raise InputError("the text of the document is not the one that is taken from its original now")
    put(parsed, kind, corrected(document, parsed.extract))
    files = [(name, _written(tree, kind)) for (name, _), tree in
             zip(page_files(original.data, kind), parsed.trees, strict=True)]
    if files[0][0]:
        return NAMES[kind].removesuffix(".xml") + ".zip", pack(files)
    return NAMES[kind], files[0][1]


def put(parsed: Parsed, kind: Format, groups: list[Group]) -> None:
    """Put the new words of groups of tokens into the elements of a parsed input."""
    taken = {name for tree in parsed.trees for name in ids(tree)}
    for group in groups:
        tokens = parsed.extract.tokens[group.first:group.last]
        _PUT[kind](parsed.elements[group.first:group.last], [token.box for token in tokens], group.words,
                   taken)


def _written(tree: etree._ElementTree, kind: Format) -> bytes:
    """A tree as bytes in UTF-8; hOCR that is HTML and not XHTML is written as HTML."""
    if kind is Format.HOCR and not str(tree.getroot().tag).startswith("{"):
        return etree.tostring(tree, encoding="UTF-8", method="html") + b"\n"
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True) + b"\n"
