"""Write docs/rules.md from the docstrings of the rules, from the damage tables, and from what the rules did.

The rules of the stages that need a page (reflow, calls, words) are shown by what they did to the article in ``raw/``,
to the pages in ``tests/cases/layout``, and to :data:`PAGE`: the first change of each.

Run ``python tools/document_rules.py`` from the checkout after a rule was changed; ``--check`` only compares.
"""
from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from ocrfix import api, paths
from ocrfix.document import Document, Edit
from ocrfix.knowledge import Knowledge
from ocrfix.language.damage import read_tables
from ocrfix.outputs.report import visible
from ocrfix.stages import calls, characters, encoding, reflow, words

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "rules.md"
PAGES = ["raw/frunze-gorusmeleri.txt", "tests/cases/layout/*.txt"]
PAGE = """Kasabanın Çarşısı*

Kasabanın eski çarşısı, ırmağın iki yakasına kurulmuş dar sokaklardan
oluşuyordu ve her sokak bir zanaatın adıyla anılıyordu. Hanların bir
bölümü şehre göçmüş ve kalanlar başka işlere yönelmiştir1, Bakırcılar
çarşının yukarı ucunda çalışıyor, dericiler ise suyun aktığı aşağı uçta
duruyordu. Bu düzen yıllar boyunca sürüp gitmiş ancak demiryolunun
gelmesiyle bozulmaya başlamıştır2. Yangından sonra çarşı yeniden kuruldu.

* Bu yazı, kurulda okunan bildirinin genişletilmiş halidir.
1 Kaya, Eski Çarşılar, s.25.
2 Demir, Kasaba ve Irmak, s.101.
"""
AROUND = 20
"""Characters that are shown on either side of a change."""


def plain(text: str) -> str:
    """Markdown of the few marks that docstrings have."""
    return re.sub(r":(?:func|data|attr|meth|class|mod):`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text.replace("``", "`"))


def story(function: object) -> str:
    """A docstring as Markdown: its doctests as code blocks."""
    out: list[str] = []
    code: list[str] = []
    for line in [*inspect.cleandoc(function.__doc__ or "").splitlines(), ""]:
        if line.startswith(">>>") or (code and line):
            code.append(line)
            continue
        if code:
            out += ["```python", *code, "```"]
            code = []
        out.append(plain(line))
    return "\n".join(out).strip()


def cleaned() -> list[api.Document]:
    """The documents that examples are taken from."""
    knowledge = Knowledge.load()
    files: list[Path | str] = [path for pattern in PAGES for path in sorted(ROOT.glob(pattern))]
    return [api.clean(each, knowledge=knowledge) for each in [*files, PAGE]]


def table(stage: str, documents: list[Document]) -> str:
    """The rules of a stage, each with its first change."""
    edits = [(document, edit) for document in documents for block in document.blocks for edit in block.edits]
    found: dict[str, str] = {}
    for document, edit in sorted(edits, key=lambda pair: len(pair[1].steps)):      # best one that no other rule shares
        for step in edit.steps:
            if step.stage == stage and step.rule not in found:
                found[step.rule] = f"| {step.rule} | {example(document, edit)} | {step.reason} |"
    return "\n".join(["| rule | example | why |", "| --- | --- | --- |", *(found[rule] for rule in sorted(found))])


def example(document: Document, edit: Edit) -> str:
    """What a change found and what it put there, with what stands around it in the input."""
    start, end = edit.spans[0].start, edit.spans[-1].end
    before, after = document.text[max(0, start - AROUND):start], document.text[end:end + AROUND]
    call = f" [{edit.call}]" if edit.call is not None else ""
    shown = f"{before}⟦{visible(document.raw_of(edit))} → {visible(edit.clean)}{call}⟧{after}"
    return "`" + " ".join(shown.split()).replace("|", "/").replace("`", "'") + "`"


def page() -> str:
    parts = ["# The rules",
             "Made by `tools/document_rules.py` from the code; each rule is named as in `corrections.csv`. What the "
             "layout stage tells a line by has [its own page](layout.md).",
             "## Encoding", plain(inspect.getdoc(encoding) or "")]
    for name, function in (("stray-bytes", encoding.stray_bytes), ("mojibake", encoding.mojibake),
                           ("by table", encoding.misread_letters), ("apart", encoding.apart),
                           ("ascii, dropped", encoding.lost_letters)):
        parts += [f"### {name}", story(function)]
    parts += ["### The damage tables", "`lexicons/damage/*.tsv`, and those of the folder that `--lexicons` names.",
              "| rule | read as | printed |\n| --- | --- | --- |\n" + "\n".join(
                  f"| {table.name} | {' '.join(read for read, _ in table.readings)} | "
                  f"{' '.join(true for _, true in table.readings)} |" for table in read_tables([paths.lexicons()]))]
    parts += ["## Characters", plain(inspect.getdoc(characters) or "")]
    for rule in characters.RULES:
        where = "Turkish text" if rule.turkish else "text in any language"
        where += {None: "", True: ", where lines are kept", False: ", not where lines are kept"}[rule.lines]
        parts += [f"### {rule.name}", f"*{where}*", story(rule.find)]
    documents = [document.model for document in cleaned()]
    for title, stage in (("Reflow", reflow), ("Calls", calls), ("Words", words)):
        parts += [f"## {title}", plain(inspect.getdoc(stage) or ""), table(stage.STAGE, documents)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(OUT.read_text("utf-8") != page() and "docs/rules.md is stale: run python tools/document_rules.py")
    OUT.write_text(page(), "utf-8")
