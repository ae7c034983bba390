"""Texts of a megabyte that no press printed, for all stages but the words; run by ``tests/test_adversarial.py``."""
from __future__ import annotations

import signal

from ocrfix import serialize
from ocrfix.errors import InputError
from ocrfix.knowledge import Knowledge
from ocrfix.outputs.corrections import corrections_csv
from ocrfix.outputs.text import clean_md, clean_txt
from ocrfix.pipeline import Pipeline
from ocrfix.stages import ingest

SIZE = 2**20
LIMIT = 120.0
"""Seconds of processor time for one text: some hundred times what is needed.  The square of a megabyte takes hours."""
UNITS = {"one line": "kelime ", "one word": "a", "digits": "1", "numbers": "12. ", "brackets": "(", "calls": "[^1]",
         "hyphens": "-", "letters apart": "a ", "quotes": "'", "stars": "*", "marks": "\u0307", "damage": "Ã¼",
         "initials": "A.", "tags": "<a", "values": "<a b=", "spaces": " ", "form feeds": "\f",
         "another script": "аa", "latin1": "ý", "ligatures": "fl", "suffixes": "A 'da "}


def main() -> None:
    knowledge = Knowledge.load()
    for name, unit in UNITS.items():
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        print(name, flush=True)
        data = (unit * (SIZE // len(unit)) + "a").encode()
        try:
            document = Pipeline().without("words").run(ingest.read(data, "a.txt"), None, knowledge)
        except InputError:
            continue
        assert serialize.loads(serialize.dumps(document)).restore() == data
        clean_md(document)
        corrections_csv(document)
        assert clean_txt(document).strip()


if __name__ == "__main__":
    main()
