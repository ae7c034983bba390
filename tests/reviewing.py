"""A small reports folder to review: one document made by hand, with a correction for each kind of answer."""
from __future__ import annotations

from pathlib import Path

from ocrfix import serialize
from ocrfix.decisions.store import Store
from ocrfix.document import Document, Edit, Kind, Status, Step
from ocrfix.review.corpus import Corpus
from synthetic import Maker, Pieces, change

NAME = "makale"


def doubtful(raw: str, clean: str, confidence: float, *others: tuple[str, float]) -> tuple[str, Edit]:
    """A correction that a person should look at; ``others`` are further readings."""
    return change(raw, clean, confidence=confidence, status=Status.REVIEW,
                  alternatives=((clean, confidence), *others))


def made(name: str = NAME) -> Document:
    """Two pages.  By expected gain the questions are Pafa (three places), halkln, Sivas, kitabi, mectis, ordıısu,
    Molokan."""
    maker = Maker()
    maker.page()
    first: Pieces = (
        "Mustafa Kemal ", doubtful("Pafa'nın", "Paşa'nın", 0.6),
        " Ankara'ya gelişi büyük bir sevinçle karşılandl. O gün ",
        doubtful("halkln", "halkın", 0.3, ("halkla", 0.1)), " önünde konuşan ", doubtful("Pafa", "Paşa", 0.6), ", ",
        doubtful("Sivas", "Siyah", 0.35, ("Sivas", 0.3)), " yolundan geldiğini söyledi.")
    second: Pieces = (
        "Akşam ", doubtful("Pafa,", "Paşa,", 0.6), " okuduğu ", doubtful("kitabi", "kitabı", 0.4, ("kitabî", 0.3),
                                                                        ("kitab", 0.1)),
        " bıraktı ve ", doubtful("mectis", "meclis", 0.45), " toplandı. Batı ", doubtful("ordıısu", "ordusu", 0.5),
        " cephede, doğu ordıısu ise sınırda bekliyordu.")
    maker.block(Kind.PARAGRAPH, *first)
    maker.block(Kind.PARAGRAPH, *second)
    maker.page()
    maker.block(Kind.PARAGRAPH, "Köyde yaşayan bir ", doubtful("Molokan", "Molozan", 0.55),
                " ailesi vardı. Komşuları onlara yardım etti.")
    return maker.document(f"{name}.txt")


def write(folder: Path, document: Document, name: str = NAME) -> Path:
    """A reports folder with a document in it."""
    reports = folder / "reports"
    (reports / name).mkdir(parents=True, exist_ok=True)
    (reports / name / "document.json").write_bytes(serialize.dumps(document))
    return reports


def corpus(folder: Path, document: Document | None = None) -> Corpus:
    """A corpus of one document, with its decisions beside it."""
    return Corpus(write(folder, document or made()), Store(folder / "decisions.sqlite"))


def hostile(text: str) -> Document:
    """A document whose every text is ``text``."""
    maker = Maker()
    step = Step(text, text, text, text, text, 0.5)
    maker.block(Kind.PARAGRAPH, text + " ", change(text, text + "!", steps=(step,), confidence=0.4,
                                                   status=Status.REVIEW, alternatives=((text + "?", 0.3),)), " " + text)
    maker.block(Kind.NOTE, text, label="1")
    return maker.document("hostile.txt")
