"""A file of pages in XML with the elements that its tokens come from, so that the text can be written back into it."""
from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from ocrfix.readers.extract import Box, Builder, Extract


@dataclass(slots=True)
class Parsed:
    """What was read of one file or of several that make one document.

    ``trees`` are those of the files, in order; ``elements[i]`` is the element of ``extract.tokens[i]``.
    """

    extract: Extract
    trees: list[etree._ElementTree]
    elements: list[etree._Element]


@dataclass(slots=True)
class Taker:
    """A :class:`~ocrfix.readers.extract.Builder` that remembers the element of each token.

    ``keeps``: whether elements and trees are kept; without, the memory of a file is free when the next one is read.
    """

    keeps: bool = True
    builder: Builder = field(default_factory=Builder)
    trees: list[etree._ElementTree] = field(default_factory=list)
    elements: list[etree._Element] = field(default_factory=list)

    def file(self, tree: etree._ElementTree) -> None:
        """Begin a file."""
        if self.keeps:
            self.trees.append(tree)

    def token(self, element: etree._Element, text: str, box: Box | None = None, confidence: float | None = None, *,
              glued: bool = False) -> None:
        if self.builder.token(text, box, confidence, glued=glued) and self.keeps:
            self.elements.append(element)

    def parsed(self) -> Parsed:
        return Parsed(self.builder.extract(), self.trees, self.elements)
