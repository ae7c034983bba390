"""Which encoding the bytes of a text are in: UTF-8, UTF-16, Windows-1254 or ISO-8859-9.

Start reading at :func:`decode`.  The decision is a short list that can be read aloud (:func:`_candidates`); whatever is
chosen must give back the very same bytes, else the next candidate is tried.  A file that is too large to be held is
decided upon in the same way (:func:`tell`), read block by block.
"""
from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

FEWEST_UTF16 = 8
"""Bytes: fewer say nothing about UTF-16."""
UTF16_SHARE = 0.7
"""Share of NUL among the high bytes of Latin UTF-16.  Of Turkish letters only ğ, ı, İ and ş have another one."""
BLOCK = 2**20
"""Bytes that are read at once; an even number, for UTF-16."""

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


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text: codec, error handler, byte order mark, bytes that are no whole character."""

    encoding: str
    errors: str
    bom: bytes
    tail: bytes

    def texts(self, file: BinaryIO) -> Iterator[str]:
        """The text of a file, block by block.

        Raises:
            UnicodeError: it is not in this encoding.
        """
        decoder = codecs.getincrementaldecoder(self.encoding)(self.errors)
        size = file.seek(0, io.SEEK_END)
        for block in _blocks(file, len(self.bom), size - len(self.tail)):
            yield decoder.decode(block)
        yield decoder.decode(b"", final=True)


def decode(data: bytes) -> Decoded:
    """The first candidate that decodes and gives the same bytes back."""
    for encoding, errors, bom, tail in _candidates(io.BytesIO(data)):
        body = data[len(bom):len(data) - len(tail)]
        try:
            text = body.decode(encoding, errors)
            if text.encode(encoding, errors) == body:
                return Decoded(text, encoding, errors, bom, tail)
        except UnicodeError:
            continue
    raise AssertionError("every byte is a character of ISO-8859-9")


def tell(file: BinaryIO) -> Encoding:
    """What :func:`decode` would choose for the bytes of a file, of which only a block is held.

    What one of the candidates decodes, it also encodes to the same bytes, so that is not tried.
    """
    for encoding, errors, bom, tail in _candidates(file):
        found = Encoding(encoding, errors, bom, tail)
        with suppress(UnicodeError):
            for _ in found.texts(file):
                pass
            return found
    raise AssertionError("every byte is a character of ISO-8859-9")


def _candidates(file: BinaryIO) -> Iterator[tuple[str, str, bytes, bytes]]:
    """(encoding, error handler, byte order mark, broken tail) in the order in which they are tried."""
    size = file.seek(0, io.SEEK_END)
    head, last = _part(file, 0, 4), _part(file, max(0, size - 4), size)
    odd = last[len(last) - size % 2:]
    for bom, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(bom):
            yield encoding, "surrogatepass", bom, odd
    if (guess := _utf16_by_nuls(file, size)) is not None:
        yield guess, "surrogatepass", b"", odd
    bom = codecs.BOM_UTF8 if head.startswith(codecs.BOM_UTF8) else b""
    tail = _broken_tail(last)
    yield "utf-8", "strict", bom, b""
    body = len(bom), size - len(tail)
    # One byte after plain ASCII says nothing: it may as well be the last letter of a Windows-1254 text.
    if tail and (bom or len(tail) > 1 or not all(block.isascii() for block in _blocks(file, *body))):
        yield "utf-8", "strict", bom, tail
    if bom or _mostly_utf8(_words(file, *body)):
        yield "utf-8", "surrogateescape", bom, b""
    yield "cp1254", "strict", b"", b""
    yield "iso8859-9", "strict", b"", b""


def _part(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(max(0, end - start))


def _blocks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bytes ``start:end`` of a file, block by block; the file may be read otherwise between two blocks."""
    for at in range(start, end, BLOCK):
        yield _part(file, at, min(at + BLOCK, end))


def _words(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The same, cut at spaces and line ends alone: no character of UTF-8 is divided, damaged or not."""
    rest = b""
    for block in _blocks(file, start, end):
        cut = max(block.rfind(b"\n"), block.rfind(b" ")) + 1
        if cut:
            yield rest + block[:cut]
            rest = b""
        rest += block[cut:]
    yield rest


def _utf16_by_nuls(file: BinaryIO, size: int) -> str | None:
    """UTF-16 without a byte order mark: of Latin text every other byte is NUL, and hardly one of the rest."""
    if size < FEWEST_UTF16:
        return None
    few = size // 200
    even = odd = 0
    for block in _blocks(file, 0, size):
        even += block[0::2].count(0)
        odd += block[1::2].count(0)
    if odd >= UTF16_SHARE * (size // 2) and even <= few:
        return "utf-16-le"
    if even >= UTF16_SHARE * ((size + 1) // 2) and odd <= few:
        return "utf-16-be"
    return None


def _broken_tail(data: bytes) -> bytes:
    """The bytes at the end that begin a UTF-8 character and do not complete it (a file cut off in the middle)."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data[-4:].lstrip(bytes(range(0x80, 0xC0))))
    return decoder.getstate()[0]


def _mostly_utf8(blocks: Iterator[bytes]) -> bool:
    """Whether damaged data is UTF-8 all the same: more whole characters beyond ASCII than damaged places."""
    good = bad = 0
    for data in blocks:
        lone = len(_SURROGATE_BYTES.findall(data))        # lone surrogates: wrong, but written by a UTF-8 encoder
        text = _SURROGATE_BYTES.sub(b"", data).decode("utf-8", "surrogateescape")
        runs = _ESCAPED_RUN.findall(text)
        bad += len(runs)
        good += lone + len(text) - len(text.encode("ascii", "ignore")) - sum(map(len, runs))
    return good > bad
