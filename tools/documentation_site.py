"""What the documentation site has beside docs/: a hook of mkdocs.

The lexicons' README is a page of it, and sections of the README stand where a page asks for them, by a line
``<!-- README: Limits -->``.  Links lead to pages of the site; of a link to anything else in the repository the text is
left.
"""
from __future__ import annotations

import os
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
README, LEXICONS = ROOT / "README.md", ROOT / "lexicons" / "README.md"
PAGE_OF_LEXICONS = DOCS / "lexicons.md"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
SECTION = re.compile(r"<!-- README: (.+?) -->")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages, with that of the lexicons."""
    files.append(File.generated(config, PAGE_OF_LEXICONS.name, content=LEXICONS.read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A page with the sections of the README that it asks for, and links that lead somewhere."""
    there = DOCS / page.file.src_uri
    source = LEXICONS if there == PAGE_OF_LEXICONS else there
    markdown = relinked(markdown, source, there)
    return SECTION.sub(lambda found: relinked(section(found[1]), README, there), markdown)


def section(heading: str) -> str:
    """What stands under a heading of the README."""
    _, _, rest = README.read_text("utf-8").partition(f"\n## {heading}\n")
    if not rest:
        raise ValueError(f"{README}: no section is called {heading!r}")
    return rest.partition("\n## ")[0].strip()


def relinked(markdown: str, source: Path, there: Path) -> str:
    """A text of the file ``source`` with its links as they must be on the page of ``there``."""

    def link(found: re.Match[str]) -> str:
        image, text, target, anchor = found.groups(default="")
        if not target or ":" in target:
            return found[0]
        path = (source.parent / target).resolve()
        path = PAGE_OF_LEXICONS if path == LEXICONS else path
        if not path.is_relative_to(DOCS):
            return text
        return f"{image}[{text}]({Path(os.path.relpath(path, there.parent)).as_posix()}{anchor})"

    return LINK.sub(link, markdown)
