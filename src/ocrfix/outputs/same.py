"""``--to same``: the input corrected in place, beside the other files of a document."""
from __future__ import annotations

from pathlib import Path

from ocrfix.document import Document
from ocrfix.outputs.files import replacing
from ocrfix.readers import PAGE_FILES

SAME = "same"


def write_same(document: Document, folder: Path) -> None:
    """Write ``clean.hocr``, ``clean.alto.xml`` or ``clean.page.xml`` (or a ZIP file of several) into a folder.

    Nothing is written for an input of another format: plain text has ``clean.txt``, others cannot be written back.

    Raises:
        InputError: the original is damaged.
        OSError: the file cannot be written.
    """
    original = document.source.original
    if original is None or original.format not in PAGE_FILES:
        return
    from ocrfix.writers import same_format
    name, data = same_format(document)
    with replacing(folder / name) as beside:
        beside.write_bytes(data)
