"""What is thrown at ocrfix, and the laws that each input is held to.

For ``tests/test_fuzz.py``, which throws a little of it, always the same, and for ``tools/fuzz``, which throws as much
as is asked for.  Start reading at :data:`TARGETS`.  An input is a real file that is damaged in a few places, or made of
fragments; whatever it is, ocrfix either refuses it with an :class:`~ocrfix.errors.InputError` of one line or holds the
laws.  Any other exception is a finding.
"""
from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path

from hypothesis import strategies as st

from conftest import NASTY, ROOT
from ocrfix import serialize
from ocrfix.document import PRINTED, Document
from ocrfix.errors import DocumentError, InputError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.corrections import corrections_csv, numbered
from ocrfix.outputs.files import write_files
from ocrfix.outputs.text import NOTES_LINE, Labels, clean_md, clean_txt, publishable
from ocrfix.pipeline import Pipeline
from ocrfix.readers import extract_of
from ocrfix.stages import ingest
from test_readers import DOCX, HTML, MARKDOWN, PDF, docx, encrypted

FORMATS = ROOT / "tests" / "data" / "formats"
ARTICLE = (ROOT / "raw" / "frunze-gorusmeleri.txt").read_bytes()


# Laws ---------------------------------------------------------------------------------------------------------------

def read(data: bytes, name: str) -> Document | None:
    """The document in an input, held to the laws of reading; None if the input is refused, as it may be."""
    try:
        document = ingest.read(data, name)
    except InputError as error:
        assert str(error) and "\n" not in str(error)
        return None
    taken = extract_of(document)
    if taken is not None:
        assert taken.text == document.text
        assert all(0 <= token.span.start < token.span.end <= len(taken.text) for token in taken.tokens)
    hold(document, data)
    return document


def hold(document: Document, data: bytes) -> None:
    """Nothing is lost, neither in the document nor in its ``document.json``."""
    document.check()
    assert document.restore() == data
    written = serialize.dumps(document)
    loaded = serialize.loads(written)
    assert loaded == document and serialize.dumps(loaded) == written


def clean(data: bytes, pipeline: Pipeline, knowledge: Knowledge) -> Document | None:
    """A text cleaned and held to all laws; None if it is refused."""
    document = read(data, "a.txt")
    if document is None:
        return None
    cleaned = pipeline.run(document, None, knowledge)
    assert (cleaned.text, cleaned.source, cleaned.pages[0].span.start) == (document.text, document.source, 0)
    hold(cleaned, data)
    explained(cleaned)
    return cleaned


def explained(document: Document) -> None:
    """Every difference between the input and the clean text is an edit with a stage, a rule and a reason, or a move.

    The outputs are made of the blocks and their edits; so none of them may still have something to mend.
    """
    for block in document.blocks:
        assert block.stage and block.rule
        for edit in block.edits:
            assert edit.steps and all(step.stage and step.rule and step.reason for step in edit.steps)
            assert 0.0 <= edit.confidence <= 1.0
        current = block.current(document.text)
        assert block.kind not in PRINTED or publishable(current) == current
    words = [word for block in document.body() for word in block.current(document.text).split()]
    labels = Labels.of(document).of_note
    words += NOTES_LINE.split() if labels else []
    for label, note in zip(labels, document.notes(), strict=True):
        words += [f"{label}.", *note.current(document.text).split()]
    assert clean_txt(document).split() == words, "the words of the blocks are not those of clean.txt"
    clean_md(document).encode()
    table = csv.reader(io.StringIO(corrections_csv(document).decode("utf-8", "surrogatepass"), newline=""))
    assert len(list(table)) == 1 + len(list(numbered(document)))


# Inputs -------------------------------------------------------------------------------------------------------------

TOKENS = [b"", b"<", b">", b"</", b"/>", b"&", b"&#0;", b"&amp;", b'"', b"'", b"]]>", b"<!--", b"-->", b"<![CDATA[",
          b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\0", b"\f", b"\r", b"\n\n", b"-\n", b"9999999999", b"-1", b"nan",
          b"1e999", b"0", b"title='bbox 1 2 3 4'", b"\xc5\x9f", b"\xed\xa0\x80", b"[^1]", b"[^1]: ", b"# ", b"* * *",
          b"\\", b"<p>", b"</p>", b"<table>", b"PK\x03\x04", b"endobj", b"stream", b"<<", b">>", b"/Count", b" 0 R"]
"""What is put into a damaged file: signs that its format is made of, numbers that no page has, and rubbish."""
FRAGMENTS = ["Bkz. s. 5.", "1 ", "12 ", "* ", "1. ", "36 Cebesoy, ", "a.g.e., s. 12", "ı", "İ", "ş\u0327", "i\u0307",
             "kelime", "ilc", "Tiirkiye'de", "bağım-\n", "sızlık", "Ordu ", "\n", "\n\n", "\n\n\n\n", "\f", " ",
             "    ", "\t", "—", "- ", "“", "”", "'", "(", ")", "[", "]", "|", ".", ",", "...", "Ã¼", "ðþý", "\x96",
             "\ud800", "\udcff", "\u200b", "\u00ad", "ﬁ", "АВ", "ΑΒ", "\U0001f642", "\u2028", "\x85", "\x1c", "EK 1)",
             "Tablo 2", "BİRİNCİ BÖLÜM", "= 1", "<b>", "$x$", "2l", "l92O", "i Iükümeti", "1938S", "**", *NASTY]


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A file with a few stretches cut out, doubled, or replaced by something else."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from([0, 0, 1, 1, 2, 8, 50, 400]))
        put = draw(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=4), st.just(bytes(data[at:at + size]) * 2)))
        data[at:at + size] = put
    return bytes(data[:draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data)


_VALUE = re.compile(rb'(?<==")[^"<>]*(?=")|(?<==\')[^\'<>]*(?=\')|(?<=>)[^<>]+(?=<)')


@st.composite
def revalued(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """XML that is still well-formed: some of its attributes and texts are others, of which many are no good."""
    data = draw(st.sampled_from(seeds))
    places = [m.span() for m in _VALUE.finditer(data)]
    chosen = draw(st.sets(st.sampled_from(places), max_size=6)) if places else set()
    for start, end in sorted(chosen, reverse=True):
        value = draw(st.one_of(st.sampled_from(["", "-1", "nan", "1e999", "9" * 400, "bbox 1 2", "bbox 9 9 1 1", "x",
                                                "readingOrder {index:9;}", "1,2 3", "0,0 -1,1e9", "\u2028", "r1"]),
                               st.text(max_size=8), st.sampled_from(FRAGMENTS)))
        data = data[:start] + escape(value, quote=True).encode("utf-8", "replace") + data[end:]
    return data


@st.composite
def archives(draw: st.DrawFn, members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip archive with a damaged member, or with odd names; now and then it is damaged itself."""
    out = io.BytesIO()
    chosen = draw(st.integers(0, len(members) - 1))
    names = {name: name if draw(st.integers(0, 9)) else draw(st.sampled_from(
        ["../x.xml", "/etc/x.xml", "a/../../b.hocr", "x\n.xml", "CON", "p.xml/"])) for name, _ in members}
    with zipfile.ZipFile(out, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))) as archive:
        for name, data in members:
            mine = draw(st.one_of(damaged([data]), revalued([data]))) if name == members[chosen][0] else data
            if names[name] not in archive.NameToInfo:
                archive.writestr(zipfile.ZipInfo(names[name]), mine)
    return draw(damaged([out.getvalue()])) if draw(st.integers(0, 4)) == 0 else out.getvalue()


def members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def pieces(data: bytes, size: int) -> list[bytes]:
    """A text cut into pieces of about so many bytes, at the ends of lines."""
    out: list[bytes] = [b""]
    for line in data.splitlines(keepends=True):
        if len(out[-1]) > size:
            out.append(b"")
        out[-1] += line
    return out


texts = st.one_of(
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), min_size=1, max_size=14).map("".join),
    st.text(min_size=1, max_size=60),
).map(lambda text: text.encode("utf-8", "surrogatepass"))
encoded = st.tuples(texts, st.sampled_from(["cp1254", "utf-16", "utf-16-le", "iso8859-9"])).map(
    lambda pair: pair[0].decode("utf-8", "surrogatepass").encode(pair[1], "replace"))
rubbish = st.tuples(st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"%PDF-", b"PK\x03\x04", b"<?xml ",
                                     b"<html>", b"<alto>", b"{\\rtf"]), st.binary(max_size=60)).map(b"".join)


def files(*endings: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(FORMATS.iterdir()) if path.name.endswith(endings)]


# Targets ------------------------------------------------------------------------------------------------------------

@cache
def knowledge() -> Knowledge:
    return Knowledge.load()


@cache
def bare() -> Knowledge:
    """The lexicons without confusion tables, from which two stages learn for each document what figures look like."""
    return replace(knowledge(), channels={}, general={}, signatures={})


def _text(data: bytes) -> bool:
    return clean(data, Pipeline().without("words"), bare()) is not None


def _words(data: bytes) -> bool:
    return clean(data, Pipeline(), knowledge()) is not None


def _outputs(data: bytes) -> bool:
    """Every file that a run writes and that needs no other program."""
    document = clean(data, Pipeline().without("words"), bare())
    if document is not None:
        with tempfile.TemporaryDirectory() as folder:
            write_files(document, Path(folder), page_marks=True, to=["tei", "conllu"])
    return document is not None


def _document(data: bytes) -> bool:
    """A damaged ``document.json`` is refused, or it is whole."""
    try:
        document = serialize.loads(data)
        document.restore()
    except DocumentError:
        return False
    clean_txt(document)
    return True


def _reads(name: str) -> Callable[[bytes], bool]:
    return lambda data: read(data, name) is not None


@dataclass(frozen=True)
class Target:
    """What is fuzzed: the inputs, and ``laws``, which says whether an input was accepted and fails if a law is broken.

    ``seeds`` are real inputs, for a fuzzer that makes its own of them.
    """

    inputs: st.SearchStrategy[bytes]
    laws: Callable[[bytes], bool]
    seeds: Sequence[bytes]


def _of_xml(name: str, seeds: Sequence[bytes]) -> Target:
    return Target(st.one_of(damaged(seeds), revalued(seeds)), _reads(name), seeds)


PLAIN = [*pieces(ARTICLE, 300)[:200], *(path.read_bytes()[:600] for path in sorted(
    (ROOT / "tests" / "cases" / "layout").glob("*.txt")))]
PAGES = [(path.name, path.read_bytes()) for path in sorted(FORMATS.iterdir())]
WORD = [DOCX, docx("<w:p><w:r><w:t>Ordu</w:t><w:br/><w:t>geri</w:t></w:r></w:p>")]
WRITTEN = [serialize.dumps(Pipeline().without("words").run(ingest.read(piece, "a.txt"), None, bare()))
           for piece in (PLAIN[0], HTML)]
TARGETS: dict[str, Target] = {
    "bytes": Target(rubbish, _reads("a.txt"), [b"Ordu"]),
    "plain": Target(st.one_of(damaged(PLAIN), texts, encoded), _reads("a.txt"), PLAIN[:20]),
    "pdf": Target(damaged([PDF, encrypted()]), _reads("a.pdf"), [PDF, encrypted()]),
    "hocr": _of_xml("a.hocr", files(".hocr")),
    "alto": _of_xml("a.xml", files(".alto.xml")),
    "page": _of_xml("a.xml", files(".page.xml")),
    "docx": Target(st.one_of(*(archives(members(data)) for data in WORD)), _reads("a.docx"), WORD),
    "html": _of_xml("a.html", [HTML, *files("abbyy.hocr")]),
    "markdown": Target(st.one_of(damaged([MARKDOWN]), texts), _reads("a.md"), [MARKDOWN]),
    "zip": Target(st.one_of(archives(PAGES[:2]), archives(PAGES[-2:]), archives(PAGES[3:5])), _reads("a.zip"), WORD),
    "document": Target(damaged(WRITTEN), _document, WRITTEN),
    "text": Target(st.one_of(texts, damaged(PLAIN)), _text, PLAIN[:20]),
    "outputs": Target(st.one_of(texts, damaged(PLAIN)), _outputs, PLAIN[:20]),
    "words": Target(st.one_of(texts, damaged(PLAIN[:40])), _words, PLAIN[:20]),
}
"""By name; up to ``zip`` the readers, then what was written, and the stages: all in ``words``, else all but words."""
