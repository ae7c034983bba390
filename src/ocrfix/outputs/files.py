"""What a run leaves on disk for a document: five files in one folder and those of further formats, each whole."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from ocrfix.document import Document
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.outputs.summary import SummaryRow
from ocrfix.outputs.text import clean_md, clean_txt
from ocrfix.serialize import dumps
from ocrfix.stops import put_off

WRITING = ".writing-"
"""The name of a file that is not written to its end begins so."""


def write_files(document: Document, folder: Path, summary: SummaryRow | None = None, *, page_marks: bool = False,
                to: Collection[str] = (), then: Callable[[list[str]], None] | None = None) -> list[str]:
    """Write ``clean.txt``, ``clean.md``, ``corrections.csv``, ``document.json`` and ``report.html`` into a folder.

    The folder is made if it is not there; files of an earlier run are replaced when all of the new ones are written.
    ``summary`` is the document's row in the summary of a run; ``page_marks``: see
    :func:`~ocrfix.outputs.text.clean_md`; ``to``: names of further formats, of which those of a document are written
    (:data:`ocrfix.outputs.formats.DOCUMENT`); ``then``: called with the names of the files when all are in
    their places.  A stop (:mod:`ocrfix.stops`) comes before they take them, or behind that.

    Returns:
        The names of the files.

    Raises:
        OcrfixError: a format cannot be written.
        OSError: the folder cannot be made or a file not written; then the files of an earlier run are still there.
    """
    from ocrfix.outputs.formats import DOCUMENT
    from ocrfix.outputs.report import write_report  # loads the templates
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"clean.txt": clean_txt(document).encode(),
                "clean.md": clean_md(document, page_marks=page_marks).encode(),
                "corrections.csv": corrections_csv(document), "document.json": dumps(document)}
    further = [made.write(document) for name, made in DOCUMENT.items() if name in to]
    contents |= dict(file for file in further if file is not None)
    with ExitStack() as files:
        for name, data in contents.items():
            files.enter_context(replacing(folder / name)).write_bytes(data)
        write_report(document, files.enter_context(replacing(folder / "report.html")), summary)
        names = [*contents, "report.html"]
        with put_off():
            files.pop_all().close()
            if then is not None:
                then(names)
    return names


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, beside ``path``; in the end the file takes its place, so that nobody ever sees half of it.

    If the writing fails or is interrupted, what was there before is still there, and nothing else.
    """
    beside = path.with_name(f"{WRITING}{uuid4().hex}")        # named before it exists: no moment in which it is lost
    try:
        yield beside
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """Remove what a process left half written in a folder, or in the parts in it, when it was killed."""
    for path in folder.rglob(f"{WRITING}*"):
        path.unlink(missing_ok=True)
