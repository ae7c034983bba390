"""Write docs/rules.md from the docstrings of the rules and from the damage tables.

Run ``python tools/document_rules.py`` from the checkout after a rule was changed; ``--check`` only compares.
"""
from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

from ocrfix import paths
from ocrfix.language.damage import read_tables
from ocrfix.stages import characters, encoding

OUT = Path(__file__).resolve().parents[1] / "docs" / "rules.md"


def plain(text: str) -> str:
    """Markdown of the few marks that docstrings have."""
    return re.sub(r":(?:func|data|attr|meth|class):`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", text.replace("``", "`"))


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


def page() -> str:
    parts = ["# The rules of the encoding and characters stages",
             "Made by `tools/document_rules.py` from the code; each rule is named as in `corrections.csv`.",
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
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(OUT.read_text("utf-8") != page())
    OUT.write_text(page(), "utf-8")
