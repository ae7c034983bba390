"""``document.json``: a document written so that programs can read it and a person can check it.

Start reading at :func:`dumps`.  The text of the input stands in the spans of the blocks and nowhere else; loading puts
it together again from them, so that a span that was tampered with does not pass unseen (the checksum in ``source``).
The format is described by ``schema/document.schema.json`` and in ``docs/document.md``.
"""
from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

from ocrfix.document import Block, Document, Edit, Kind, Original, Page, Source, Span, Status, Step
from ocrfix.errors import DocumentError
from ocrfix.messages import message

FORMAT = "ocrfix-document"
VERSION = 2
"""Raised when a reader of the old version would misread the new one; version 1 knew only inputs that are plain text."""

PARTS_FORMAT = "ocrfix-parts"
"""The format of the ``document.json`` of a text that was cleaned in parts (:mod:`ocrfix.large.manifest`)."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
T = TypeVar("T")


def dumps(document: Document) -> bytes:
    """The document as JSON in UTF-8, one block a line.  Lone surrogates are escaped, as JSON allows.

    The same document gives the same bytes.
    """
    text = document.text
    source = document.source
    head = {
        "name": source.name, "encoding": source.encoding, "errors": source.errors, "bom": source.bom,
        "tail": source.tail, "size": source.size, "sha256": source.sha256, "original": _original(source.original),
    }
    parts = [
        "{",
        f'"format": {_json(FORMAT)},',
        f'"version": {VERSION},',
        f'"source": {_json(head)},',
        f'"pages": {_lines(_json(_page(page)) for page in document.pages)},',
        f'"messages": {_json(list(document.messages))},',
        f'"statistics": {_json([[name, value] for name, value in document.statistics])},',
        f'"blocks": {_lines(_json(_block(block, text)) for block in document.blocks)}',
        "}",
    ]
    return ("\n".join(parts) + "\n").encode("utf-8", "backslashreplace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _lines(items: Iterable[str]) -> str:
    return "[\n" + ",\n".join(items) + "\n]"


def _original(original: Original | None) -> Mapping[str, object] | None:
    """The bytes of an input that is no plain text, packed: level 9 of zlib, then base64."""
    if original is None:
        return None
    packed = base64.b64encode(zlib.compress(original.data, 9)).decode("ascii")
    return {"format": original.format, "text_sha256": original.text_sha256, "data": packed}


def _page(page: Page) -> Mapping[str, object]:
    return {"number": page.number, "start": page.span.start, "end": page.span.end, "label": page.label}


def _block(block: Block, text: str) -> Mapping[str, object]:
    return {
        "kind": block.kind.value, "label": block.label, "level": block.level, "type": block.type,
        "language": block.language, "stage": block.stage, "rule": block.rule, "confidence": block.confidence,
        "spans": [{"start": span.start, "text": text[span.start:span.end]} for span in block.spans],
        "edits": [_edit(edit) for edit in block.edits],
    }


def _edit(edit: Edit) -> Mapping[str, object]:
    return {
        "spans": [[span.start, span.end] for span in edit.spans],
        "clean": edit.clean, "call": edit.call, "confidence": edit.confidence, "status": edit.status.value,
        "applied": edit.applied, "alternatives": [[after, p] for after, p in edit.alternatives],
        "steps": [{"stage": s.stage, "rule": s.rule, "reason": s.reason, "before": s.before, "after": s.after,
                   "confidence": s.confidence} for s in edit.steps],
    }


def load(path: Path | str) -> Document:
    """The document in a ``document.json``.

    Raises:
        DocumentError: the file cannot be read, is damaged, or was written by a newer ocrfix; the message names it.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        return loads(data)
    except DocumentError as error:
        raise DocumentError(f"{path}: {error}") from error


def loads(data: bytes) -> Document:
    """The document in the bytes of a ``document.json``.

    Raises:
        DocumentError: the bytes are damaged, no document, or of a newer version.
    """
    try:
        top: Json = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DocumentError(f"damaged: no UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise DocumentError(f"damaged: no JSON at line {error.lineno}, column {error.colno}: {error.msg}") from error
    except RecursionError as error:
        raise DocumentError("damaged: nested too deep") from error
    if isinstance(top, dict) and top.get("format") == PARTS_FORMAT:
        raise DocumentError("is a large text in parts; each is a document of its own, in the folder parts/ beside it")
    if not isinstance(top, dict) or top.get("format") != FORMAT:
        raise DocumentError("is not an ocrfix document")
    version = top.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise DocumentError("damaged: no version")
    if version > VERSION:
        raise DocumentError(f"was written by a newer ocrfix (version {version} of the format; this one reads "
                            f"{VERSION}): update ocrfix")
    try:
        document = _document(top)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError) as error:
        raise DocumentError(f"damaged: {_explain(error)}") from error
    document.check()
    return document


def _explain(error: Exception) -> str:
    return message(f"{error} is missing") if isinstance(error, KeyError) else str(error)


def _document(top: dict[str, Json]) -> Document:
    s = _as(dict, top["source"])
    source = Source(_as(str, s["name"]), _as(str, s["encoding"]), _as(str, s["errors"]), _hex(s["bom"]),
                    _hex(s["tail"]), _as(int, s["size"]), _as(str, s["sha256"]),
                    _read_original(s.get("original"), _as(int, s["size"])))
    pages = tuple(_read_page(_as(dict, p)) for p in _as(list, top["pages"]))
    stretches: list[tuple[int, str]] = []
    blocks = tuple(_read_block(_as(dict, b), stretches) for b in _as(list, top["blocks"]))
    text: list[str] = []
    pos = 0
    for start, stretch in sorted(stretches):
        if start != pos:
            raise ValueError(f"the spans leave a gap or overlap at character {min(pos, start)}")
        text.append(stretch)
        pos += len(stretch)
    if not pages or any(not 0 <= p.span.start <= p.span.end <= pos for p in pages):
        raise ValueError("the pages lie outside of the text")
    messages = tuple(_as(str, m) for m in _as(list, top["messages"]))
    statistics = tuple((_as(str, pair[0]), _number(pair[1]))
                       for pair in (_as(list, row) for row in _as(list, top["statistics"])))
    return Document(source, "".join(text), pages, blocks, messages, statistics)


def _read_original(value: Json, size: int) -> Original | None:
    """The original, unpacked no further than to its size and one byte."""
    if value is None:
        return None
    item = _as(dict, value)
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(base64.b64decode(_as(str, item["data"]), validate=True), max(size, 0) + 1)
    except zlib.error as error:
        raise ValueError(f"the original cannot be unpacked: {error}") from error
    return Original(_as(str, item["format"]), data, _as(str, item["text_sha256"]))


def _read_page(page: dict[str, Json]) -> Page:
    span = Span(_as(int, page["start"]), _as(int, page["end"]))
    return Page(_as(int, page["number"]), span, _maybe(page["label"]))


def _read_block(block: dict[str, Json], stretches: list[tuple[int, str]]) -> Block:
    spans = []
    for item in (_as(dict, span) for span in _as(list, block["spans"])):
        start, text = _as(int, item["start"]), _as(str, item["text"])
        stretches.append((start, text))
        spans.append(Span(start, start + len(text)))
    if not spans:
        raise ValueError("a block has no spans")
    edits = tuple(_read_edit(_as(dict, edit)) for edit in _as(list, block["edits"]))
    return Block(Kind(_as(str, block["kind"])), tuple(spans), _as(str, block["stage"]), _as(str, block["rule"]),
                 _number(block["confidence"]), _maybe(block["label"]), _maybe(block["type"]),
                 _maybe(block["language"]), _as(int, block["level"]), edits)


def _read_edit(edit: dict[str, Json]) -> Edit:
    spans = tuple(Span(_as(int, pair[0]), _as(int, pair[1]))
                  for pair in (_as(list, span) for span in _as(list, edit["spans"])))
    if not spans:
        raise ValueError("an edit has no spans")
    steps = tuple(Step(_as(str, s["stage"]), _as(str, s["rule"]), _as(str, s["reason"]), _as(str, s["before"]),
                       _as(str, s["after"]), _number(s["confidence"]))
                  for s in (_as(dict, step) for step in _as(list, edit["steps"])))
    if not steps:
        raise ValueError("an edit has no steps")
    alternatives = tuple((_as(str, pair[0]), _number(pair[1]))
                         for pair in (_as(list, row) for row in _as(list, edit["alternatives"])))
    return Edit(spans, _as(str, edit["clean"]), steps, _number(edit["confidence"]), Status(_as(str, edit["status"])),
                _as(bool, edit["applied"]), _maybe(edit["call"]), alternatives)


def _as(kind: type[T], value: Json) -> T:
    """The value, if it is of the kind that must stand here."""
    if type(value) is not kind:
        raise TypeError(f"{json.dumps(value)[:40]} stands where a {kind.__name__} must")
    return value


def _number(value: Json) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise TypeError(f"{json.dumps(value)[:40]} stands where a number must")


def _maybe(value: Json) -> str | None:
    return None if value is None else _as(str, value)


def _hex(value: Json) -> str:
    bytes.fromhex(text := _as(str, value))
    return text
