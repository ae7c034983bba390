"""A text as it is scored: folded characters, with marks where paragraphs start, where calls stand, what is unsure.

Gold pages and clean texts are read into the same :class:`Transcription`, so that what is compared is the same on both
sides.  The format of gold pages is pandoc Markdown with four additions: ``[^12+]: text`` is a note continued from the
page before, ``↩`` at the start of a line a paragraph continued from the page before, ``⟦span⟧`` a reading too unsure
to score, and ``⟦?⟧`` an unreadable place.
"""
from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import regex

from ocrfix.errors import InputError

_FOLDED = str.maketrans({
    "’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
    "–": "-", "—": "-", "−": "-",
    "â": "a", "î": "i", "û": "u", "Â": "A", "Î": "İ", "Û": "U",
    "\u00ad": None, "\ufeff": None, "\u00a0": " ",
})
_NOTE = regex.compile(r"^\[\^(?P<label>[^\]+]+)(?P<continued>\+?)\]:\s*(?P<text>.*)$")
_PLAIN_NOTE = regex.compile(r"^(?P<label>\*|n?\d+(?:-\d+)?)\.\s+(?P<text>.*)$")
_MARKUP = regex.compile(r"\[\^(?P<call>[^\[\]+]+)\]|⟦(?P<unsure>[^⟦⟧]*)⟧|"
                        r"\\(?P<escaped>[\\`*_{}\[\]()#+\-.!'\"~^<>|@$&])")
_CONTINUED_NOTE = regex.compile(r"\[\^([^\[\]+]+)\+\]:")
_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*")
_TOKEN = regex.compile(r"\S+")

STAR = "*"
"""Label of the author's star note, whose call is not scored."""


def fold(text: str) -> str:
    """Fold what no reader calls an error: Unicode form, shapes of quotes and dashes, circumflexes, runs of white space.

    >>> fold("Hâlâ “var”  —\\n evet")
    'Hala "var" - evet'
    """
    return regex.sub(r"\s+", " ", unicodedata.normalize("NFC", text).translate(_FOLDED))


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a white-space token: its text, its stretch of the transcription, and whether its reading is unsure."""

    text: str
    start: int
    end: int
    unsure: bool = False


def tokenize(text: str, *, words_only: bool) -> list[Token]:
    """The white-space tokens of a folded text, or its words alone: runs of letters and digits, apostrophes within.

    >>> [token.text for token in tokenize("Paşa'nın (1921), evi", words_only=True)]
    ["Paşa'nın", '1921', 'evi']
    """
    return [Token(m.group(), m.start(), m.end()) for m in (_WORD if words_only else _TOKEN).finditer(text)]


@dataclass
class Transcription:
    """A folded text with its marks.  All offsets are in characters of the folded text.

    ``unsure`` has a flag for each character; ``breaks`` are the offsets at which paragraphs start, ``headings`` those
    of them that start a heading; ``calls`` are (label, offset).
    """

    characters: list[str] = field(default_factory=list)
    unsure: list[bool] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    calls: list[tuple[str, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.characters)

    @property
    def text(self) -> str:
        return "".join(self.characters)

    def add(self, line: str, *, joined: bool, heading: bool = False, markup: bool = True) -> None:
        """Add a line: a new paragraph, or with ``joined`` the rest of the one before.

        Without ``markup`` the line is plain text, in which a bracket is a bracket.
        """
        if self.characters:
            self._push(" ")
        if not joined:
            self.breaks.append(len(self))
            if heading:
                self.headings.append(len(self))
        position = 0
        for match in _MARKUP.finditer(line) if markup else ():
            self._push(line[position:match.start()])
            if match["call"] is not None:
                self.calls.append((match["call"], len(self)))
            elif match["unsure"] is not None:
                self._push("" if match["unsure"] == "?" else match["unsure"], unsure=True)
            else:
                self._push(match["escaped"])
            position = match.end()
        self._push(line[position:])

    def tokens(self, *, words_only: bool) -> list[Token]:
        found = tokenize(self.text, words_only=words_only)
        if not any(self.unsure):
            return found
        return [Token(t.text, t.start, t.end, any(self.unsure[t.start:t.end])) for t in found]

    def cut(self, start: int, end: int) -> Transcription:
        """The stretch ``start:end`` with its marks."""
        return Transcription(
            self.characters[start:end], self.unsure[start:end],
            [at - start for at in self.breaks if start <= at < end],
            [at - start for at in self.headings if start <= at < end],
            [(label, at - start) for label, at in self.calls if start <= at <= end])

    def _push(self, text: str, unsure: bool = False) -> None:
        for character in fold(text):
            if character == " " and self.characters and self.characters[-1] == " ":
                continue
            self.characters.append(character)
            self.unsure.append(unsure)


@dataclass
class Transcript:
    """The body and the notes of a page or document.

    ``continued`` are the labels of notes of which the page may hold a part only: those that it continues from the page
    before, and its last.
    """

    name: str
    body: Transcription = field(default_factory=Transcription)
    notes: dict[str, Transcription] = field(default_factory=dict)
    continued: set[str] = field(default_factory=set)

    def add_markdown(self, markdown: str) -> None:
        """Add the body and the notes of a Markdown text."""
        label: str | None = None                    # of the note that a following line may continue
        for block in regex.split(r"\n[ \t]*\n", markdown):
            fresh = True
            for raw in block.split("\n"):
                line = raw.strip()
                if not line or line.startswith("<!--"):
                    continue
                if note := _NOTE.match(line):
                    label = str(note["label"])
                    self.notes.setdefault(label, Transcription()).add(note["text"], joined=bool(note["continued"]))
                elif label is not None and (raw.startswith("    ") or not fresh):
                    self.notes[label].add(line, joined=True)
                else:
                    label = None
                    heading = regex.match(r"#+\s", line) is not None
                    joined = line.startswith("↩") or not (fresh or heading)
                    self.body.add(regex.sub(r"^(↩\s*|#+\s+|>\s+)", "", line), joined=joined, heading=heading)
                fresh = False
        self.continued = {str(m[1]) for m in _CONTINUED_NOTE.finditer(markdown)} | set(list(self.notes)[-1:])

    def add_plain(self, text: str) -> None:
        """Add the body of a plain text, paragraphs between blank lines, and the notes behind a line ``* * *``."""
        in_notes = False
        label: str | None = None
        for block in regex.split(r"\n[ \t]*\n", text):
            fresh = True
            for line in filter(None, (raw.strip() for raw in block.split("\n"))):
                if line == "* * *":
                    in_notes = True
                elif in_notes and (note := _PLAIN_NOTE.match(line)):
                    label = str(note["label"])
                    self.notes.setdefault(label, Transcription()).add(note["text"], joined=False, markup=False)
                elif label is not None:
                    self.notes[label].add(line, joined=True, markup=False)
                else:
                    self.body.add(line, joined=not fresh, markup=False)
                fresh = False


@dataclass(frozen=True)
class Gold:
    """Ground truth: its pages, and all of them as one transcript.  ``complete`` if it covers a whole document."""

    pages: tuple[Transcript, ...]
    whole: Transcript
    complete: bool = False


def read_gold(path: Path, pages: Sequence[str] | None = None) -> Gold:
    """Read a folder of gold pages ``pNN.md``, or those named by ``pages``, or one file with the truth of a document.

    Raises:
        InputError: there is no such page, or a file cannot be read as UTF-8 text.
    """
    if not path.is_dir():
        transcript = read_transcript(path)
        return Gold((transcript,), transcript, complete=True)
    files = [file for file in sorted(path.glob("p*.md")) if pages is None or file.stem in pages]
    if not files:
        if pages:
            raise InputError(f"{path}: no gold page pNN.md there is called {', '.join(pages)}")
        raise InputError(f"{path}: no gold page pNN.md there")
    whole = Transcript("all")
    read = []
    for file in files:
        markdown = read_text(file)
        page = Transcript(file.stem)
        page.add_markdown(markdown)
        whole.add_markdown(markdown)
        read.append(page)
    return Gold(tuple(read), whole)


def read_transcript(path: Path) -> Transcript:
    """Read one text file: Markdown, of which plain text is the simplest case, or a ``clean.txt`` with notes.

    The latter is known by its name's ending ``.txt`` and the line ``* * *`` before its notes.

    Raises:
        InputError: it cannot be read as UTF-8 text.
    """
    transcript = Transcript("all")
    text = read_text(path)
    if path.suffix == ".txt" and regex.search(r"(?m)^\* \* \*$", text):
        transcript.add_plain(text)
    else:
        transcript.add_markdown(text)
    return transcript


def read_text(path: Path) -> str:
    """The text of an UTF-8 file.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not a text in UTF-8 (byte {error.start})") from error
