"""``--to same``: the input corrected in place, beside the other files of a document."""
from __future__ import annotations

from ocrfix.document import Document
from ocrfix.readers import PAGE_FILES


def corrected_in_place(document: Document) -> tuple[str, bytes] | None:
    """``clean.hocr``, ``clean.alto.xml`` or ``clean.page.xml`` (or a ZIP file of several), with its bytes.

    None for an input of another format: plain text has ``clean.txt``, others cannot be written back.

    Raises:
        InputError: the original is damaged.
    """
    original = document.source.original
    if original is None or original.format not in PAGE_FILES:
        return None
    from ocrfix.writers import same_format
    return same_format(document)
