"""What a run leaves on disk for a document: five files in one folder and those of further formats.

Each is written at once and whole.
"""
from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrfix.document import Document
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.outputs.summary import SummaryRow
from ocrfix.outputs.text import clean_md, clean_txt
from ocrfix.serialize import dumps


def write_files(document: Document, folder: Path, summary: SummaryRow | None = None, *, page_marks: bool = False,
                to: Collection[str] = ()) -> None:
    """Write ``clean.txt``, ``clean.md``, ``corrections.csv``, ``document.json`` and ``report.html`` into a folder.

    The folder is made if it is not there; files of an earlier run are replaced.  ``summary`` is the document's row in
    the summary of a run; ``page_marks``: see :func:`~ocrfix.outputs.text.clean_md`; ``to``: names of further formats,
    of which those of a document are written (:data:`ocrfix.outputs.formats.DOCUMENT`).

    Raises:
        OcrfixError: a format cannot be written.
        OSError: the folder cannot be made or a file not written.
    """
    from ocrfix.outputs.formats import DOCUMENT
    from ocrfix.outputs.report import write_report  # loads the templates
    folder.mkdir(parents=True, exist_ok=True)
    markdown = clean_md(document, page_marks=page_marks)
    for name, data in (("clean.txt", clean_txt(document).encode()), ("clean.md", markdown.encode()),
                       ("corrections.csv", corrections_csv(document)), ("document.json", dumps(document))):
        with replacing(folder / name) as beside:
            beside.write_bytes(data)
    with replacing(folder / "report.html") as beside:
        write_report(document, beside, summary)
    for name, made in DOCUMENT.items():
        if name in to and (file := made.write(document)) is not None:
            with replacing(folder / file[0]) as beside:
                beside.write_bytes(file[1])


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, beside ``path``; in the end the file takes its place, so that nobody ever sees half of it.

    If the writing fails, what was there before is still there.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o666 & ~_UMASK)            # a temporary file is private, a report is not
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _umask() -> int:
    value = os.umask(0)
    os.umask(value)
    return value


_UMASK = _umask()
