"""What is done to workers by their tests, in a module that a worker can import: stages that kill their process ..."""
from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

from ocrfix import cluster, cores
from ocrfix.document import Document
from ocrfix.knowledge import Knowledge
from ocrfix.settings import Settings


def kill_always(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """Dies of documents with ``always PATH``, and leaves a file at the path as if it had been writing it."""
    word, _, path = document.text.strip().partition(" ")
    if word == "always":
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return document


def kill_once(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """Dies of a document with ``once PATH``, unless there is something at the path, which it makes."""
    word, _, path = document.text.strip().partition(" ")
    if word == "once" and not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return document


def say_threads(document: Document, settings: Settings, knowledge: Knowledge) -> Document:
    """Writes into the messages with how many threads the process works."""
    return replace(document, messages=(str(cores.threads()),))


def known_jobs() -> int:
    """How many jobs a worker of a cluster knows."""
    return len(cluster._jobs)


def forget_jobs() -> None:
    """Has a worker of a cluster forget its jobs."""
    cluster._jobs.clear()
