"""Word (``.docx``, OOXML): its paragraphs, headings, footnotes and endnotes."""
from __future__ import annotations

import re

from lxml import etree

from ocrfix.errors import InputError
from ocrfix.readers._archive import Archive
from ocrfix.readers._xml import local, parse_xml
from ocrfix.readers.extract import Extract
from ocrfix.readers.paragraphs import Paragraphs

MAIN = "word/document.xml"
NOTES = {"footnoteReference": ("word/footnotes.xml", "footnote"), "endnoteReference": ("word/endnotes.xml", "endnote")}
"""What calls a note: the part that has the notes, and what a note is called there."""
HEADING_NAMES = re.compile(r"(?:heading|başlık)\s*([1-9])$", re.IGNORECASE)
_BREAKS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "\u00ad"}
_SKIPPED = frozenset({"Fallback", "del", "moveFrom", "txbxContent"})
"""What is said twice, was deleted, or stands in a box beside the text, whose paragraphs come by themselves."""


def read(data: bytes) -> Extract:
    """The text of a Word file, a paragraph a line, its notes numbered in the order of their calls.

    Raises:
        InputError: it is damaged, encrypted, or no Word file.
    """
    if not data.startswith(b"PK"):
        raise InputError("is no Word file (.docx); an old one (.doc) must be saved as .docx first")
    archive = Archive(data)
    body = parse_xml(archive.read(MAIN)).getroot()
    levels = _heading_levels(archive)
    notes = {(kind, note.get(_w(note, "id"))): _text_of(note) for kind, (part, name) in NOTES.items()
             if part in archive.names for note in parse_xml(archive.read(part)).iter(f"{{*}}{name}")}
    out = Paragraphs()
    called = 0
    for paragraph in body.iter("{*}p"):
        if any(local(above) in ("Fallback", "del", "moveFrom") for above in paragraph.iterancestors()):
            continue
        if (level := _level(paragraph, levels)) is not None:
            out.heading(level)
        for text, call in _runs(paragraph):
            if text == "\n":
                out.break_line()
            else:
                out.add(text)
            if call is not None and call in notes:
                called += 1
                out.call(str(called))
                out.note(str(called), notes[call])
        out.end()
    return out.extract()


def _w(element: etree._Element, name: str) -> str:
    """An attribute's name in the namespace of its element."""
    return f"{str(element.tag).rpartition('}')[0]}}}{name}"


def _runs(element: etree._Element) -> list[tuple[str, tuple[str, str | None] | None]]:
    """The pieces of text under an element, each with the note that is called behind it, if one is."""
    out: list[tuple[str, tuple[str, str | None] | None]] = []
    for child in element.iterchildren("*"):
        name = local(child)
        if name in _SKIPPED:
            continue
        if name == "t":
            out.append((child.text or "", None))
        elif name in _BREAKS:
            out.append((_BREAKS[name], None))
        elif name in NOTES:
            out.append(("", (name, child.get(_w(child, "id")))))
        elif name not in ("pPr", "rPr", "p"):
            out += _runs(child)
    return out


def _text_of(note: etree._Element) -> str:
    return " ".join("".join(text for text, _ in _runs(paragraph)) for paragraph in note.iter("{*}p"))


def _heading_levels(archive: Archive) -> dict[str, int]:
    """The levels of the styles that are headings, by the id of the style."""
    if "word/styles.xml" not in archive.names:
        return {}
    out: dict[str, int] = {}
    for style in parse_xml(archive.read("word/styles.xml")).iter("{*}style"):
        name = next(style.iterchildren("{*}name"), None)
        found = HEADING_NAMES.match(name.get(_w(name, "val")) or "") if name is not None else None
        if found:
            out[style.get(_w(style, "styleId")) or ""] = int(found[1])
    return out


def _level(paragraph: etree._Element, levels: dict[str, int]) -> int | None:
    """The level of a heading; None for any other paragraph."""
    for style in paragraph.iterfind("{*}pPr/{*}pStyle"):
        return levels.get(style.get(_w(style, "val")) or "")
    return None
