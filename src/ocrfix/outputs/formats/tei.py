"""TEI P5: the clean text with pages, notes at their calls, and each correction beside what was read.

Start reading at :func:`tei`.  What the elements mean stands in ``docs/formats/tei.md``.  Elements are built with plain
names; the namespace is declared on the root.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

import ocrfix
from ocrfix.document import DECIDED, Block, Document, Edit, Kind, Page, Piece
from ocrfix.outputs.formats.reading import (
    LANGUAGE,
    Note,
    NoteCall,
    Reading,
    Token,
    Turn,
    language_of,
    printable,
    title_of,
)

NAMESPACE = "http://www.tei-c.org/ns/1.0"
PROGRAM, REVIEWER = "ocrfix", "reviewer"
"""Identifiers of those who are responsible for corrections."""


def tei(document: Document) -> str:
    """The document in TEI P5, valid against ``tei_all``.  The same document gives the same text."""
    root = ET.Element("TEI", {"xmlns": NAMESPACE, "xml:lang": LANGUAGE})
    root.append(_header(document))
    text = ET.SubElement(root, "text")
    _Body(document).write(ET.SubElement(text, "body"))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


# The header ---------------------------------------------------------------------------------------------------------

DECLARATIONS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("correction", {"method": "markup"},
     "Misread text was restored to what was printed. Each correction is a choice of sic, the reading of the OCR, and "
     "corr, whose resp says who answers for it, whose cert is the probability that it is right, and whose type is its "
     "status: auto, review (a person should look), accepted or edited (a person did). The author was not corrected. "
     "Proposals that were not applied are left out."),
    ("hyphenation", {"eol": "none"},
     "Lines and pages were joined into paragraphs and the hyphens at their ends removed, without markup."),
    ("normalization", {},
     "Characters are in Unicode NFC; those that XML does not allow were replaced by U+FFFD. Notes were moved from the "
     "foot of the page to their call, whose printed number is their n; notes without a call stand where they were "
     "read. Running heads and page numbers are fw."),
)
"""What was done to the text: the parts of editorialDecl, with attributes and text."""


def _header(document: Document) -> ET.Element:
    header = ET.Element("teiHeader")
    description = ET.SubElement(header, "fileDesc")
    statement = ET.SubElement(description, "titleStmt")
    ET.SubElement(statement, "title").text = title_of(document)
    _responsible(statement, PROGRAM, "Correction of the OCR", f"ocrfix {ocrfix.__version__}")
    if any(_is_marked(document, edit) and edit.status in DECIDED for block in document.printed()
           for edit in block.edits):
        _responsible(statement, REVIEWER, "Review of the corrections", "reviewer")
    publication = ET.SubElement(description, "publicationStmt")
    ET.SubElement(publication, "p").text = "Working text, not published."
    source = document.source
    ET.SubElement(ET.SubElement(description, "sourceDesc"), "p").text = printable(
        f"OCR of a printed text: {source.name}, {len(document.pages)} pages, {source.size} bytes, encoding "
        f"{source.encoding}, SHA-256 {source.sha256}.")
    encoding = ET.SubElement(header, "encodingDesc")
    version = re.match(r"\d+(\.\d+){0,3}", ocrfix.__version__)
    application = ET.SubElement(ET.SubElement(encoding, "appInfo"), "application",
                                {"ident": PROGRAM, "version": version[0] if version else "0"})
    ET.SubElement(application, "label").text = "ocrfix"
    declaration = ET.SubElement(encoding, "editorialDecl")
    for name, attributes, text in DECLARATIONS:
        ET.SubElement(ET.SubElement(declaration, name, attributes), "p").text = text
    languages = ET.SubElement(ET.SubElement(header, "profileDesc"), "langUsage")
    for language in sorted({LANGUAGE, *map(language_of, document.printed())}):
        ET.SubElement(languages, "language", {"ident": language})
    return header


def _responsible(statement: ET.Element, name: str, task: str, who: str) -> None:
    responsible = ET.SubElement(statement, "respStmt", {"xml:id": name})
    ET.SubElement(responsible, "resp").text = task
    ET.SubElement(responsible, "name").text = who


# The body -----------------------------------------------------------------------------------------------------------

ELEMENTS: dict[Kind, tuple[str, dict[str, str]]] = {
    Kind.PARAGRAPH: ("p", {}), Kind.HEADING: ("head", {}), Kind.CAPTION: ("ab", {"type": "caption"}),
    Kind.LINES: ("ab", {"type": "lines"}),
}
"""Kind of block of the body -> element and attributes."""


class _Body:
    """Writes the blocks of a document: a div from heading to heading, one in another by their levels."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reading = Reading(document)
        self.placed: set[int] = set()
        self.divisions: list[tuple[int, ET.Element]] = []     # the open ones, outermost first, with their levels

    def write(self, body: ET.Element) -> None:
        notes = iter(enumerate(self.reading.notes))
        for block in self.document.printed():
            if block.kind is Kind.NOTE:
                number, note = next(notes)
                if number not in self.reading.called:
                    self._division(body).append(self._note(number, note))
                continue
            if block.kind is Kind.HEADING:
                self._open(body, block.level)
            division = self._division(body)
            for turn in self.reading.turns(block.start):
                division.append(_turn(turn, self.document))
            element = self._block(block)
            if len(element) or element.text:
                division.append(element)
        division = self._division(body)
        for turn in self.reading.turns(len(self.document.text)):
            division.append(_turn(turn, self.document))
        for division in body.iter("div"):
            _indent(division)

    def _open(self, body: ET.Element, level: int) -> None:
        """Begin the division of a heading."""
        while self.divisions and self.divisions[-1][0] >= level:
            self.divisions.pop()
        parent = self.divisions[-1][1] if self.divisions else body
        self.divisions.append((level, ET.SubElement(parent, "div")))

    def _division(self, body: ET.Element) -> ET.Element:
        """The division that is being written; text before the first heading has its own."""
        if not self.divisions:
            self.divisions.append((_NO_HEADING, ET.SubElement(body, "div")))
        return self.divisions[-1][1]

    def _block(self, block: Block) -> ET.Element:
        name, attributes = ELEMENTS[block.kind]
        element = ET.Element(name, {**attributes, **_language(block)})
        self._fill(element, list(self.reading.tokens(block)), lines=block.kind is Kind.LINES)
        return element

    def _note(self, number: int, note: Note) -> ET.Element:
        self.placed.add(number)
        element = ET.Element("note", {"xml:id": f"note-{number + 1}", "n": printable(note.label), "place": "foot",
                                      **_language(note.block)})
        self._fill(element, note.tokens)
        return element

    def _call(self, call: NoteCall, *, in_body: bool) -> ET.Element:
        """The note of a call, or where that stands elsewhere or is missing, a reference."""
        if in_body and call.note is not None and call.note not in self.placed:
            return self._note(call.note, self.reading.notes[call.note])
        target = {"target": f"#note-{call.note + 1}"} if call.note is not None else {}
        reference = ET.Element("ref", {"type": "noteCall", **target})
        reference.text = printable(call.label)
        return reference

    def _fill(self, element: ET.Element, tokens: Sequence[Token], *, lines: bool = False) -> None:
        """Put tokens into an element.  ``lines``: the ends of lines are kept."""
        in_body = element.tag != "note"
        for i, token in enumerate(tokens):
            if isinstance(token, NoteCall):
                element.append(self._call(token, in_body=in_body))
            elif isinstance(token, Page):
                element.append(_turn(token, self.document, within_word=_within_word(tokens, i)))
            elif isinstance(token, Block):
                element.append(_turn(token, self.document))
            elif token.edit is not None and _is_marked(self.document, token.edit) and (
                    in_body or i > 0 or token.text.strip()):     # a note's printed number became its n
                element.append(_choice(self.document, token.edit))
            else:
                _write(element, printable(token.text), lines=lines)
        _strip(element)


_NO_HEADING = 100
"""The level of a division without a heading: any heading ends it."""


def _is_marked(document: Document, edit: Edit) -> bool:
    """Whether an edit is shown as a correction: it is applied, and more than a call's sign and white space."""
    if not edit.applied or edit.is_join or (edit.call is not None and not edit.clean.strip()):
        return False
    before, after = printable(document.joined_of(edit)), printable(edit.clean)
    return before != after and not before.isspace()


def _choice(document: Document, edit: Edit) -> ET.Element:
    choice = ET.Element("choice")
    ET.SubElement(choice, "sic").text = printable(document.joined_of(edit))
    responsible = REVIEWER if edit.status in DECIDED else PROGRAM
    ET.SubElement(choice, "corr", {"resp": f"#{responsible}", "cert": f"{round(edit.confidence, 4):g}",
                                   "type": edit.status.value}).text = printable(edit.clean)
    return choice


def _turn(turn: Turn, document: Document, *, within_word: bool = False) -> ET.Element:
    """The beginning of a page, or what was printed around its text."""
    if isinstance(turn, Page):
        label = printable(turn.label or str(turn.number))
        return ET.Element("pb", {"n": label, **({"break": "no"} if within_word else {})})
    furniture = ET.Element("fw", {"type": "header" if turn.kind is Kind.RUNNING_HEAD else "pageNum"})
    furniture.text = " ".join(printable(turn.current(document.text)).split())
    return furniture


def _language(block: Block) -> dict[str, str]:
    language = language_of(block)
    return {} if language == LANGUAGE else {"xml:lang": language}


def _within_word(tokens: Sequence[Token], place: int) -> bool:
    """Whether a page turns between two letters of a word."""
    before = _text(reversed(tokens[:place]))
    behind = _text(tokens[place:])
    return before[-1:].isalnum() and behind[:1].isalnum()


def _text(tokens: Iterable[Token]) -> str:
    """The first text among tokens."""
    return next((token.text for token in tokens if isinstance(token, Piece) and token.text), "")


# Mixed content ------------------------------------------------------------------------------------------------------

def _write(element: ET.Element, text: str, *, lines: bool = False) -> None:
    """Add text behind what an element holds; with ``lines``, an ``lb`` where a line ends."""
    first, *rest = text.split("\n") if lines else [text]
    _add(element, first)
    for line in rest:
        ET.SubElement(element, "lb").tail = "\n" + line


def _add(element: ET.Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _strip(element: ET.Element) -> None:
    """Take white space and line ends from both ends of an element."""
    while len(element) and element[-1].tag == "lb" and not (element[-1].tail or "").strip():
        element.remove(element[-1])
    if len(element):
        element[-1].tail = (element[-1].tail or "").rstrip()
    element.text = (element.text or "").lstrip() if len(element) else (element.text or "").strip()
    while len(element) and element[0].tag == "lb" and not element.text:
        element.text = (element[0].tail or "").lstrip()
        element.remove(element[0])


def _indent(division: ET.Element) -> None:
    """One block a line: white space between the children of a division means nothing."""
    division.text = "\n"
    for child in division:
        child.tail = "\n"
    division.tail = "\n"
