"""HTML: the text of its paragraphs, headings, list items and cells."""
from __future__ import annotations

import re

from lxml import etree

from ocrfix.readers._xml import local, parse_html
from ocrfix.readers.decoding import decode
from ocrfix.readers.extract import Extract
from ocrfix.readers.paragraphs import Paragraphs

HIDDEN = frozenset({"script", "style", "template", "head", "noscript", "svg", "math", "nav", "iframe", "object",
                    "select", "button", "textarea"})
"""Elements whose text is not part of the text."""
BLOCKS = frozenset({"p", "div", "section", "article", "main", "header", "footer", "aside", "blockquote", "pre", "ul",
                    "ol", "li", "dl", "dt", "dd", "table", "tr", "td", "th", "caption", "figure", "figcaption", "hr",
                    "address", "form", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html"})
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=|<\?xml[^>]{0,200}encoding\s*=", re.IGNORECASE)
_HEADING = re.compile(r"h([1-6])$")


def read(data: bytes) -> Extract:
    """The text of an HTML file, a paragraph a line.

    Raises:
        InputError: it is too large, or no HTML at all.
    """
    named = _CHARSET.search(data[:4096]) is not None
    if not named:                                        # say what the encoding is, as for plain text
        data = decode(data).text.encode("utf-8", "replace")
    tree = parse_html(data, None if named else "utf-8")
    out = Paragraphs()
    _walk(tree.getroot(), out)
    return out.extract()


def _walk(element: etree._Element, out: Paragraphs) -> None:
    name = local(element)
    if name and name not in HIDDEN:
        block = name in BLOCKS
        if block:
            out.end()
        if (heading := _HEADING.match(name)) is not None:
            out.heading(int(heading[1]))
        if name == "br":
            out.break_line()
        out.add(element.text or "")
        for child in element:
            _walk(child, out)
        if block:
            out.end()
    out.add(element.tail or "")
