"""Train the context model (lexicons/model/context.npz) on clean texts.

    pip install jax
    python tools/train_context_model.py TEXT... --out lexicons/model/context.npz --minutes 52

Each TEXT has a paragraph a line.  The texts are cut into tokens; each token is learned from the five on either side, by
contrast with other tokens of the same batch and with words that look like it, and each gap between two words from the
marks that stand in such gaps.  Start reading at :func:`train`.  Needs JAX, which nothing else of ocrfix does.  The
result depends on how many steps the machine makes in the given time, so it can be made alike, not bit for bit.
"""
from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import jax
import jax.numpy as jnp
import numpy as np
import regex
from numpy.typing import NDArray
from symspellpy import SymSpell, Verbosity

from ocrfix.engine.channel import FOLD
from ocrfix.engine.context import BEGINNINGS, BUCKETS, EDGE, ENDINGS, MARKS, REACH, case_of, parts_of
from ocrfix.engine.features import tokens
from ocrfix.language.turkish import lower

VOCABULARY = 150_000
"""Tokens that are told apart; the others are unknown."""
WORDS = 50_000
"""Of them, the most frequent have a vector of their own beside those of their parts."""
PAD, UNKNOWN_ROW = WORDS + BUCKETS, WORDS + BUCKETS + 1
ROWS = WORDS + BUCKETS + 2
PARTS = 1 + len(BEGINNINGS) + len(ENDINGS)
SIZE, HIDDEN = 96, 320
LENGTH, BATCH = 256, 32
"""A batch is so many stretches of so many tokens."""
NEGATIVES, LOOK_ALIKES, CONFUSABLE = 768, 6, 16
GAPS = LENGTH * BATCH // 8
"""Gaps of a batch that are looked at; an eighth of them, which :func:`pack` makes up for."""
RATE, WARM_UP = 1.5e-3, 300
HIDDEN_SHARES = (0.02, 0.1, 0.25)
"""Shares of the words of a context that are hidden: OCR leaves gaps."""
_DIGIT = regex.compile(r"\d")

Params = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """Texts as identities of tokens, 0 at the start of a line, and the case of each; the vocabulary with its counts."""

    ids: NDArray[np.int32]
    case: NDArray[np.int8]
    vocabulary: list[str]
    counts: NDArray[np.int64]


def read(texts: Sequence[Path]) -> Corpus:
    """Cut texts into tokens."""
    known: dict[str, int] = {}
    seen: dict[str, tuple[int, int]] = {}
    ids, case = array("i"), array("b")
    for line in (line for path in texts for line in path.open(encoding="utf-8")):
        ids.append(0)
        case.append(0)
        for token in tokens(line.translate(FOLD)):
            if token not in seen:
                seen[token] = known.setdefault(_DIGIT.sub("0", lower(token)), len(known) + 1), case_of(token)
            ids.append(seen[token][0])
            case.append(seen[token][1])
    plain = np.frombuffer(ids, np.int32)
    counts = np.bincount(plain, minlength=len(known) + 1)
    order = (np.argsort(-counts[1:], kind="stable") + 1)[:VOCABULARY - 1]
    new = np.full(len(known) + 1, VOCABULARY, np.int32)
    new[0] = 0
    new[order] = np.arange(1, len(order) + 1)
    names = list(known)
    return Corpus(new[plain], np.frombuffer(case, np.int8), [names[k - 1] for k in order], counts[order])


def parts(vocabulary: Sequence[str]) -> NDArray[np.int32]:
    """int32[VOCABULARY + 1, PARTS]: the rows of each token, as :meth:`ContextModel.parts` has them; padded."""
    out = np.full((VOCABULARY + 1, PARTS), PAD, np.int32)
    out[0, :1] = parts_of(EDGE, None, WORDS)
    out[VOCABULARY, 0] = UNKNOWN_ROW
    for k, token in enumerate(vocabulary):
        rows = parts_of(token, k if k < WORDS else None, WORDS)
        out[k + 1, :len(rows)] = rows
    return out


def look_alikes(corpus: Corpus, seed: int = 1) -> NDArray[np.int32]:
    """int32[VOCABULARY + 1, CONFUSABLE]: words at most two letters away from each frequent one; 0 where none are."""
    index = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
    identity = {}
    for k, word in enumerate(corpus.vocabulary[:90_000]):
        if word.replace("'", "").isalpha():
            index.create_dictionary_entry(word, int(corpus.counts[k]))
            identity[word] = k + 1
    chance = np.random.default_rng(seed)
    out = np.zeros((VOCABULARY + 1, CONFUSABLE), np.int32)
    for k, word in enumerate(corpus.vocabulary[:60_000]):
        if word not in identity or len(word) < 2:
            continue
        found = index.lookup(word, Verbosity.ALL, max_edit_distance=1 if len(word) < 4 else 2)
        near = [x for x in found if x.term != word]
        if near:
            weight = np.array([x.count ** 0.6 * (6.0 if x.distance == 1 else 1.0) for x in near])
            chosen = chance.choice(len(near), min(CONFUSABLE, len(near)), replace=False, p=weight / weight.sum())
            out[k + 1] = np.resize([identity[near[n].term] for n in chosen], CONFUSABLE)
    return out


def batches(corpus: Corpus, confusable: NDArray[np.int32], seed: int = 0) -> Iterator[tuple[NDArray[Any], ...]]:
    """Stretches from anywhere in the corpus, with what is hidden, contrasted and asked."""
    chance = np.random.default_rng(seed)
    place = {token: k + 1 for k, token in enumerate(corpus.vocabulary)}
    mark = np.zeros(VOCABULARY + 1, np.int32)
    for k, sign in enumerate(MARKS):
        if sign in place:
            mark[place[sign]] = k
    word = np.zeros(VOCABULARY + 1, bool)
    word[1:len(corpus.vocabulary) + 1] = [any(map(str.isalnum, token)) for token in corpus.vocabulary]
    span = LENGTH + 2 * REACH
    while True:
        index = chance.integers(0, len(corpus.ids) - span, BATCH)[:, None] + np.arange(span)
        ids, case = corpus.ids[index], corpus.case[index].astype(np.int32)
        hide = (chance.random(ids.shape) < chance.choice(HIDDEN_SHARES, (BATCH, 1))) & word[ids]
        target, target_case = (a[:, REACH:REACH + LENGTH].reshape(-1) for a in (ids, case))
        alike = np.zeros((len(target), LOOK_ALIKES), np.int32)
        picked = chance.integers(0, CONFUSABLE, (len(target), LOOK_ALIKES - 1))
        alike[:, :-1] = np.take_along_axis(confusable[target], picked, 1)
        alike[:, -1] = np.where(alike[:, 0] > 0, target, 0)                    # the word itself in the other case
        alike_case = np.repeat(target_case[:, None], LOOK_ALIKES, 1)
        alike_case[:, -1] = np.where(target_case == 1, 2, 1)
        row, column = chance.integers(0, BATCH, GAPS), chance.integers(REACH, REACH + LENGTH, GAPS)
        between = (word[ids[row, column - 1]] & word[ids[row, column]]).astype(np.float32)
        yield (ids, case, hide, row * span + column, between, chance.integers(0, len(target), NEGATIVES), alike,
               alike_case, mark[target])


def start(seed: int = 0) -> Params:
    """Weights to begin with."""
    keys = jax.random.split(jax.random.PRNGKey(seed), 7)

    def normal(key: Any, shape: tuple[int, ...], scale: float) -> Any:
        return jax.random.normal(key, shape) * scale

    return {"rows": normal(keys[0], (ROWS, SIZE), 0.05).at[PAD].set(0), "case_in": normal(keys[1], (4, SIZE), 0.05),
            "case_out": normal(keys[2], (4, SIZE), 0.05), "sharpness": jnp.array(2.0),
            "weight0": normal(keys[3], (2 * REACH * SIZE, HIDDEN), (2 * REACH * SIZE) ** -0.5),
            "bias0": jnp.zeros(HIDDEN),
            "weight1": normal(keys[4], (HIDDEN, HIDDEN), 0.5 * HIDDEN ** -0.5), "bias1": jnp.zeros(HIDDEN),
            "weight2": normal(keys[5], (HIDDEN, SIZE), HIDDEN ** -0.5), "bias2": jnp.zeros(SIZE),
            "weight3": normal(keys[6], (HIDDEN, len(MARKS)), 0.05), "bias3": jnp.zeros(len(MARKS))}


def loss(p: Params, table: Any, ids: Any, case: Any, hide: Any, gap: Any, between: Any, negative: Any, alike: Any,
         alike_case: Any, mark: Any) -> Any:
    """Contrast with other tokens, contrast with look-alikes, and half the cross-entropy of the marks, in nats."""
    def vectors(tokens: Any) -> Any:
        return p["rows"][table[tokens]].sum(-2)

    def hidden(window: Any) -> Any:
        h = jax.nn.gelu(window @ p["weight0"] + p["bias0"])
        return h + jax.nn.gelu(h @ p["weight1"] + p["bias1"])

    seen = vectors(jnp.where(hide, VOCABULARY, ids)) + p["case_in"][jnp.where(hide, 1, case)]
    offsets = [k for k in range(2 * REACH + 1) if k != REACH]
    h = hidden(jnp.concatenate([seen[:, k:k + LENGTH] for k in offsets], -1).reshape(-1, 2 * REACH * SIZE))
    wanted = (h @ p["weight2"] + p["bias2"]) * p["sharpness"]
    target, target_case = ids[:, REACH:REACH + LENGTH].reshape(-1), case[:, REACH:REACH + LENGTH].reshape(-1)
    vector = vectors(target) + p["case_out"][target_case]
    right = (wanted * vector).sum(-1)
    counts = (target != VOCABULARY) & (target != 0)
    same = (target[negative][None] == target[:, None]) & (target_case[negative][None] == target_case[:, None])
    others = jnp.where(same, -1e9, wanted @ vector[negative].T)
    near = jnp.einsum("nd,nkd->nk", wanted, vectors(alike) + p["case_out"][alike_case])

    def contrast(against: Any, weight: Any) -> Any:
        each = jax.nn.logsumexp(jnp.concatenate([right[:, None], against], 1), 1) - right
        return jnp.where(weight, each, 0).sum() / weight.sum()

    window = seen.reshape(-1, SIZE)[gap[:, None] + jnp.arange(-REACH, REACH)[None]].reshape(-1, 2 * REACH * SIZE)
    without = jax.nn.log_softmax(hidden(window) @ p["weight3"] + p["bias3"])[:, 0]
    marks = jnp.take_along_axis(jax.nn.log_softmax(h @ p["weight3"] + p["bias3"]), mark[:, None], 1)[:, 0]
    asked = between.sum() + (mark > 0).sum()
    return (contrast(others, counts) + contrast(near, counts & (alike[:, 0] > 0))
            - 0.5 * ((without * between).sum() + (marks * (mark > 0)).sum()) / asked)


def train(corpus: Corpus, minutes: float) -> Params:
    """Train for some minutes with Adam, the rate falling to nothing."""
    table = jnp.asarray(parts(corpus.vocabulary))

    def step(p: Params, m: Params, v: Params, n: int, rate: float, *batch: Any) -> tuple[Params, Params, Params, Any]:
        value, gradient = jax.value_and_grad(loss)(p, table, *batch)
        gradient["rows"] = gradient["rows"].at[PAD].set(0)
        m = jax.tree.map(lambda a, g: 0.9 * a + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda a, g: 0.98 * a + 0.02 * g * g, v, gradient)
        small, large = 1 - 0.9 ** n, 1 - 0.98 ** n
        p = jax.tree.map(lambda a, x, y: a - rate * (x / small) / (jnp.sqrt(y / large) + 1e-8), p, m, v)
        return p, m, v, value

    compiled = jax.jit(step)
    p = start()
    m = v = jax.tree.map(jnp.zeros_like, p)
    confusable = look_alikes(corpus)
    began = time.monotonic()
    for n, batch in enumerate(batches(corpus, confusable), 1):
        share = (time.monotonic() - began) / (60 * minutes)
        if share > 1:
            break
        p, m, v, value = compiled(p, m, v, n, RATE * min(1.0, n / WARM_UP) * max(0.02, 1 - share), *batch)
        if n % 100 == 0:
            click.echo(f"{n} steps, {share:.0%} of the time, loss {float(value):.3f}", err=True)
    return p


def pack(p: Params, vocabulary: Sequence[str], out: Path) -> None:
    """Write the model in small: a byte a number, with a scale for each row."""
    rows = np.asarray(p["rows"])
    rows = np.concatenate([rows[:WORDS + BUCKETS], rows[UNKNOWN_ROW:]])
    scale = np.abs(rows).max(1) / 127
    scale[scale == 0] = 1
    small = {name: np.asarray(a).astype(np.float16) for name, a in p.items() if name not in ("rows", "sharpness")}
    bias = np.asarray(p["bias3"]).copy()
    bias[0] += np.log(LENGTH * BATCH / GAPS)           # only a share of the gaps without a mark was looked at
    small["bias3"] = bias.astype(np.float16)
    np.savez_compressed(out, words=np.frombuffer("\n".join(vocabulary[:WORDS]).encode(), np.uint8),
                        rows=np.round(rows / scale[:, None]).astype(np.int8), scale=scale.astype(np.float16),
                        sharpness=np.float32(p["sharpness"]), **small)  # type: ignore[arg-type]


@click.command(help=__doc__.partition("\n")[0])
@click.argument("texts", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write.")
@click.option("--minutes", default=52.0, show_default=True, type=click.FloatRange(0, min_open=True),
              help="How long to train.")
def main(texts: tuple[Path, ...], out: Path, minutes: float) -> None:
    """Train the context model on clean texts."""
    corpus = read(texts)
    click.echo(f"{len(corpus.ids)} tokens", err=True)
    pack(train(corpus, minutes), corpus.vocabulary, out)


if __name__ == "__main__":
    main()
