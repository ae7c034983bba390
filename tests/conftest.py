"""What the tests share: random documents, what lies in a folder, and the command as a user runs it."""
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, sync_playwright

from ocrfix.document import Block, Change, Document, Kind, Span, Status, apply_changes
from ocrfix.reports import LOCK
from ocrfix.stages import ingest

settings.register_profile("checks", deadline=None, derandomize=True)
settings.load_profile("checks")

os.environ["LANGUAGE"] = "en"                # whoever runs the tests

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

NASTY = ["NA", "001", '"', '""', "'", ",", ";", "\n", "\r\n", "a\rb", "", " ", "  iki  ", "true", "nan", "1e5", "\t",
         "=1+1", "ş\u0327", "\u2028", "\udce4", "🙂", "#", "c-1", "null", "\x01", "\ufeff"]
"""Texts on which tables come to grief."""

texts = st.one_of(
    st.text(alphabet=st.characters(exclude_characters="\0"), min_size=1, max_size=80),
    st.text(alphabet="abç ğı-\n\f.,19*[]^_\\", min_size=1, max_size=120),
).filter(lambda text: bool(text.strip("\ufeff \t\n\r\f\v")) and bool(text.strip()))


@st.composite
def documents(draw: st.DrawFn, changes: int = 3) -> Document:
    """A document cut into random blocks, some of two spans, with the changes of a few random stages."""
    text = draw(texts)
    document = ingest.read(text.encode("utf-8", "surrogatepass"), "random.txt")
    cuts = sorted({0, len(document.text), *draw(st.lists(st.integers(0, len(document.text)), max_size=6))})
    spans = [Span(a, b) for a, b in pairwise(cuts)]
    blocks: list[Block] = []
    while spans:
        mine = [spans.pop(0)]
        if len(spans) > 0 and draw(st.booleans()):
            mine.append(spans.pop(draw(st.integers(0, len(spans) - 1))))
        kind = draw(st.sampled_from(list(Kind)))
        label = draw(st.sampled_from(["1", "2", "*", None])) if kind is Kind.NOTE else None
        blocks.append(Block(kind, tuple(mine), "random", "random", label=label))
    for stage in ["first", "second", "third"][:changes]:
        blocks = [apply_changes(b, document.text, draw(changes_of(b.current(document.text))), stage) for b in blocks]
    return document.with_blocks(blocks)


@st.composite
def changes_of(draw: st.DrawFn, current: str) -> list[Change]:
    """Changes of a text that do not overlap."""
    ends = sorted(draw(st.lists(st.integers(0, len(current)), max_size=8)))
    out = []
    for start, end in zip(ends[::2], ends[1::2], strict=False):
        after = draw(st.one_of(st.text(alphabet="abş -", max_size=3), st.sampled_from(NASTY)))
        out.append(Change(start, end, after, "random", "because", draw(st.integers(0, 1000)) / 1000,
                          draw(st.sampled_from(list(Status))), draw(st.booleans()),
                          draw(st.sampled_from([None, None, "1", "2", "7"])),
                          (("ab", 0.2), ("NA", 0.7)) if draw(st.booleans()) else ()))
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for pages; where there is none, what needs one is skipped."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: the page was not looked at in it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def contents(folder: Path | str) -> dict[str, bytes]:
    """The files in a folder, but for the lock, which some versions of filelock leave there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and path.name != LOCK}


@pytest.fixture
def ocrfix(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs ``ocrfix`` with arguments in a folder of its own; no document is corrected by words, to be quick."""

    def command(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([sys.executable, "-m", "ocrfix", *map(str, arguments)], cwd=tmp_path,
                              capture_output=True, timeout=300, check=False)

    return command
