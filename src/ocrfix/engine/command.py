"""The command ``ocrfix learn``: confusions from pairs of OCR text and truth, into tables that a person can edit."""
from __future__ import annotations

from pathlib import Path

import click


def _page_names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    """``1-14,26`` as page names p01 ... p14, p26; other names stand for themselves."""
    if value is None:
        return None
    names: list[str] = []
    for part in value.split(","):
        first, dash, last = part.strip().partition("-")
        if first.isdigit() and (last.isdigit() or not dash):
            names += [f"p{n:02d}" for n in range(int(first), int(last or first) + 1)]
        else:
            names.append(part.strip())
    return names


@click.command("learn", short_help="Learn confusions from pairs of OCR text and truth.")
@click.argument("ocr", metavar="OCR", type=click.Path(exists=True, path_type=Path))
@click.argument("gold", metavar="GOLD", type=click.Path(exists=True, path_type=Path))
@click.option("--name", default="own", show_default=True, metavar="NAME",
              help="Name of the table of the body: FAMILY-TYPE, e.g. myscanner-roman.")
@click.option("--notes", metavar="NAME", help="Name of the table of the notes; it should end in -small.")
@click.option("--only", type=click.Choice(["body", "notes", "both"]), default="both", show_default=True,
              help="Which tables to write.")
@click.option("--pages", callback=_page_names, metavar="LIST", help="Pages to learn from, e.g. 1-14,26 (p01 ...).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("lexicons"), show_default=True,
              help="Lexicon folder; the tables go into its subfolder confusions.")
def learn_command(ocr: Path, gold: Path, name: str, notes: str | None, only: str, pages: list[str] | None,
                  out: Path) -> None:
    """Learn character confusions from OCR text and its truth.

    OCR and GOLD are two text files, or two folders whose files pair by name (p01.txt with p01.md or p01.txt).  Writes
    NAME.tsv, the confusions with their counts, and NAME.signature, by which text of this kind is told again.  Use the
    result with `ocrfix run --lexicons`.

    \b
    Example:
      ocrfix learn scans/ocr scans/truth --name myscanner-roman --notes myscanner-small --out mylexicons
      ocrfix run more/ --lexicons mylexicons
    """
    from ocrfix.engine.learn import learn_pages, paired_pages

    found = paired_pages(ocr, gold, pages)
    family = name.split("-")[0]
    tables = learn_pages(found, name if only != "notes" else None,
                         (notes or f"{family}-small") if only != "body" else None)
    folder = out / "confusions"
    folder.mkdir(parents=True, exist_ok=True)
    for channel, signature in tables:
        said = f"{len(found)} pages of OCR text with their truth: {', '.join(n for n, _, _ in found)}"
        channel.write(folder / f"{channel.name}.tsv",
                      f"Confusions of {channel.name}: "
                      "a true segment, what the OCR made of it, how often, of how many.\n"
                      f"Learned by `ocrfix learn` from {said}.")
        signature.write(folder / f"{channel.name}.signature",
                        f"Character trigrams of OCR text of {channel.name}, learned by `ocrfix learn` from {said}.")
        click.echo(f"{folder / (channel.name + '.tsv')}: {len(channel.count)} confusions", err=True)
