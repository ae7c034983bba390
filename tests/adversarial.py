"""Long texts that no press printed, for all stages but the words; run by ``tests/test_adversarial.py``."""
from __future__ import annotations

import signal

from ocrfix import serialize
from ocrfix.document import Document
from ocrfix.knowledge import Knowledge
from ocrfix.language.sentences import sentences
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.outputs.text import clean_md, clean_txt
from ocrfix.pipeline import Pipeline
from ocrfix.stages import ingest

SIZE, SMALL = 2**20, 2**17
"""Characters of a text, and of one at whose every sign a rule has something to do, which takes longer."""
LIMIT = 120.0
"""Seconds of processor time for one text: some dozen times what is needed.  The square of a megabyte takes hours."""
LIMIT_OF_SMALL = 40.0
"""A dozen times what is needed as well.  The square of that length takes minutes."""
UNITS = {"one line": "kelime ", "one word": "a", "digits": "1", "numbers": "12. ", "brackets": "(", "calls": "[^1]",
         "hyphens": "-", "letters apart": "a ", "quotes": "'", "stars": "*", "marks": "\u0307", "damage": "Ã¼",
         "initials": "A.", "tags": "<a", "values": "<a b=", "spaces": " ", "form feeds": "\f",
         "another script": "аa", "latin1": "ý", "ligatures": "fl", "suffixes": "A 'da "}
CHARACTERS = ["' ", "''a", "\u0301", "e\u0301\u0327", "\u200b\x01", "A", "( ", "а", "ș", "\r\n \t", "ﬁ", "A '", ".'",
              "\u0327\u0301", "\U0001f1f9"]
ENCODINGS = ["› ", "a›", "Đ", "Ã", "Ä±", "a ş", "ş ", "ğ ğ", "yasamanin ", "ş\udcfe"]
"""Units for the rules of the two stages; a lone surrogate is a byte that is no UTF-8."""
SENTENCES = ["a.", "aa.", '" ', ". ", "1.", "A", "a@", "'", "a'", "? \" "]
"""Units for the rules of sentences and tokens, which CoNLL-U has."""


def main() -> None:
    knowledge = Knowledge.load()
    for name, unit in UNITS.items():
        document = cleaned(name, unit * (SIZE // len(unit)), LIMIT, knowledge)
        assert serialize.loads(serialize.dumps(document)).restore() == document.restore()
        clean_md(document)
        corrections_csv(document)
    for unit in (*CHARACTERS, *ENCODINGS):
        cleaned(ascii(unit), unit * (SMALL // len(unit)), LIMIT_OF_SMALL, knowledge)
    for unit in SENTENCES:
        begin(f"sentences of {unit}", LIMIT_OF_SMALL)
        sentences(unit * (SMALL // len(unit)))


def begin(name: str, limit: float) -> None:
    """Say what comes; the kernel ends the process if it takes more seconds of processor time."""
    signal.setitimer(signal.ITIMER_PROF, limit)
    print(name, flush=True)


def cleaned(name: str, text: str, limit: float, knowledge: Knowledge) -> Document:
    """The document of a text with an ``a`` behind it."""
    begin(name, limit)
    data = f"{text}a".encode("utf-8", "surrogateescape")
    document = Pipeline().without("words").run(ingest.read(data, "a.txt"), None, knowledge)
    assert document.restore() == data and clean_txt(document).strip()
    return document


if __name__ == "__main__":
    main()
