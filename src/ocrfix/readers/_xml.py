"""XML and HTML parsed safely: nothing is fetched, no entity is expanded, and sizes are bounded."""
from __future__ import annotations

from lxml import etree, html

from ocrfix.errors import InputError

LARGEST_XML = 128 * 2**20
"""Bytes of one XML or HTML file."""


def parse_xml(data: bytes) -> etree._ElementTree:
    """The tree of an XML file.

    Raises:
        InputError: it is too large, damaged, or declares entities, as bombs and thieves of files do.
    """
    _refuse(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"damaged XML: {_first_line(error)}") from error
    return root.getroottree()


def parse_html(data: bytes, encoding: str | None = None) -> etree._ElementTree:
    """The tree of an HTML file; what is wrong in it is mended as browsers do.

    Raises:
        InputError: it is too large, declares entities, or holds no element.
    """
    _refuse(data)
    parser = html.HTMLParser(no_network=True, huge_tree=False, encoding=encoding)
    try:
        root = html.document_fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"damaged HTML: {_first_line(error)}") from error
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise InputError("is HTML that is nested too deep")           # what lies deeper was left out
    return root.getroottree()


def _refuse(data: bytes) -> None:
    if len(data) > LARGEST_XML:
        raise InputError(f"is larger than {LARGEST_XML // 2**20} MB, the most that is read of one XML file: divide it")
    if b"<!ENTITY" in data.replace(b"\0", b""):          # in UTF-16 as well
        raise InputError("declares XML entities, which no OCR engine does: refused, it may be an attack")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def local(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for comments and the like.

    >>> local(etree.fromstring('<a:b xmlns:a="x"/>'))
    'b'
    """
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def number(value: str | None) -> float | None:
    """The number in an attribute; None if there is none.

    >>> number("12.5"), number("nan"), number("x"), number(None)
    (12.5, None, None, None)
    """
    try:
        out = float(value or "")
    except ValueError:
        return None
    return out if abs(out) < 1e12 else None


def share(value: float | None, most: float = 1.0) -> float | None:
    """A confidence as a share of 1, if it is one."""
    return value / most if value is not None and 0 <= value <= most else None
