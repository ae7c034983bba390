"""Which encoding the bytes of a text are in: UTF-8, UTF-16, Windows-1254 or ISO-8859-9.

Start reading at :func:`decode`.  The decision is a short list that can be read aloud (:func:`_candidates`); whatever is
chosen must give back the very same bytes, else the next candidate is tried.
"""
from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

FEWEST_UTF16 = 8
"""Bytes: fewer say nothing about UTF-16."""
UTF16_SHARE = 0.7
"""Share of NUL among the high bytes of Latin UTF-16.  Of Turkish letters only ğ, ı, İ and ş have another one."""

_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_ESCAPED_RUN = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and how to write it back: codec, error handler, byte order mark, and bytes that are no whole character."""

    text: str
    encoding: str
    errors: str
    bom: bytes
    tail: bytes


def decode(data: bytes) -> Decoded:
    """The first candidate that decodes and gives the same bytes back."""
    for encoding, errors, bom, tail in _candidates(data):
        body = data[len(bom):len(data) - len(tail)]
        try:
            text = body.decode(encoding, errors)
            if text.encode(encoding, errors) == body:
                return Decoded(text, encoding, errors, bom, tail)
        except UnicodeError:
            continue
    raise AssertionError("every byte is a character of ISO-8859-9")


def _candidates(data: bytes) -> Iterator[tuple[str, str, bytes, bytes]]:
    """(encoding, error handler, byte order mark, broken tail) in the order in which they are tried."""
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(bom):
            yield encoding, "surrogatepass", bom, data[len(data) - len(data) % 2:]
    if (guess := _utf16_by_nuls(data)) is not None:
        yield guess, "surrogatepass", b"", data[len(data) - len(data) % 2:]
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    tail = _broken_tail(data)
    yield "utf-8", "strict", bom, b""
    body = data[len(bom):len(data) - len(tail)]
    # One byte after plain ASCII says nothing: it may as well be the last letter of a Windows-1254 text.
    if tail and (bom or len(tail) > 1 or not body.isascii()):
        yield "utf-8", "strict", bom, tail
    if bom or _mostly_utf8(body):
        yield "utf-8", "surrogateescape", bom, b""
    yield "cp1254", "strict", b"", b""
    yield "iso8859-9", "strict", b"", b""


def _utf16_by_nuls(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: of Latin text every other byte is NUL, and hardly one of the rest."""
    even, odd = data[0::2], data[1::2]
    few = len(data) // 200
    if len(data) < FEWEST_UTF16:
        return None
    if odd.count(0) >= UTF16_SHARE * len(odd) and even.count(0) <= few:
        return "utf-16-le"
    if even.count(0) >= UTF16_SHARE * len(even) and odd.count(0) <= few:
        return "utf-16-be"
    return None


def _broken_tail(data: bytes) -> bytes:
    """The bytes at the end that begin a UTF-8 character and do not complete it (a file cut off in the middle)."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data[-4:].lstrip(bytes(range(0x80, 0xC0))))
    return decoder.getstate()[0]


def _mostly_utf8(data: bytes) -> bool:
    """Whether damaged data is UTF-8 all the same: more whole characters beyond ASCII than damaged places."""
    lone = len(_SURROGATE_BYTES.findall(data))            # lone surrogates: wrong, but written by a UTF-8 encoder
    text = _SURROGATE_BYTES.sub(b"", data).decode("utf-8", "surrogateescape")
    bad = len(_ESCAPED_RUN.findall(text))
    good = lone + len(text) - len(text.encode("ascii", "ignore")) - sum(map(len, _ESCAPED_RUN.findall(text)))
    return good > bad
