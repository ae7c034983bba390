"""The noisy-channel decoder: one beam search over the lattice of a line, with the space as a symbol of the channel.

Start reading at :func:`search`.  A state has read the OCR text up to some position and stands somewhere inside of a
true text: between words, in a word of the automaton, in an unknown word spelled by the character model, in a number,
or in a suffix behind an apostrophe.  A segment of the confusion model (``rn`` read for ``m``) takes it over up to three
OCR characters and up to three true ones, so misread, split and fused words are one search.  A finished word is scored
by the bigram model.  Compiled by numba; compiled code, never a result, is cached.

Costs are negative natural logarithms.  Method: Kernighan, Church and Gale, A spelling correction program based on a
noisy channel model (1990); segments as in Brill and Moore, An improved error model for noisy channel spelling
correction (2000).
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ocrfix.engine.automaton import SHIPPED_ROOTS

# Modes of a state.
GAP, GLUE, WORD, OOV, NUMBER, SUFFIX = 0, 1, 2, 3, 4, 5
# Columns of a state's integers.  KEY: node, word before, start of a sentence, case and mode, packed by _key; HASH: of
# the word in progress, or of the last one; AUX: what follows from these, the stem's identity and sound.
KEY, HASH, AUX = 0, 1, 2
INTS = 3
# Two columns more in a bucket: the state before, and the step from there, packed as search returns it.
BACK, STEP = 3, 4
# Columns of a state's costs: of the word in progress so far, and of all.
ACC, COST = 0, 1
# Columns of a bucket's numbers: states in it; of these, those below its limit; the bin of the limit; the stamp of its
# slots; how many states are wanted.
COUNT, TOTAL, TOP, STAMP, ROOM = 0, 1, 2, 3, 4
# Columns of a bucket's bounds: the cheapest state, and what is too dear.
BEST, LIMIT = 0, 1
# Case of the word in progress.
LOWER, TITLE1, TITLE, CAPS = 1, 2, 3, 4
# Parameters: see engine/parameters.py, which names and documents them.
P_LM, P_OOV, P_OOV_CHAR, P_NUM, P_DIGIT, P_GLUE, P_APOS_NAME, P_APOS_COMMON, P_CLASH, P_CAP_NAME, P_CAP_COMMON, \
    P_LOWER_NAME, P_LOWER_START, P_CAPS, P_SUB, P_INS, P_DEL, P_PUNCT, P_SPACE_INS, P_DOC, P_WORD, \
    P_BEAM, P_BEAM_SIZE = range(23)
PARAMETERS = 23

LAST_SUFFIX_ROOT = SHIPPED_ROOTS - 1
"""Root of the suffixes behind numbers; behind it come the roots of the listed words and of the document's own."""
AFTER_NUMBER = 2.0
"""Cost of a word right behind a number and its punctuation."""
OOV_LIMIT = 4.0
"""Dearest confusion, in nats, that is tried inside of an unknown word or a number."""
ANY = -1
"""The letters, one a bit, that may follow a state that is in no word of the automaton."""
REMEMBERED = 1 << 16
CAPACITY, TABLE = 6000, 16384
"""States a position may hold before pruning, and slots of its hash table."""
BINS = 256
"""Bins of a bucket's costs; half of them span the width of the beam, so that their numbers may go round."""
_A = 1000003
_NONE = 7
_CODES = 384
"""All letters are below this code point."""
IMPOSSIBLE = 1e18
"""Cost of what cannot be, in nats."""

Array = NDArray[np.generic]


class Lexicon(NamedTuple):
    """What the search reads of the language: automaton, bigrams, remembered look-ups, and the character model."""

    nodes: Array
    arcs: Array
    roots: Array
    root_cost: Array
    lm_first: Array
    lm_word: Array
    lm_cost: Array
    lm_backoff: Array
    word_hash: Array
    word_id: Array
    uni: Array
    seen_pair: Array
    seen_word: Array
    char_lm: Array
    char_code: Array
    punct_id: Array


class Rules(NamedTuple):
    """The confusion model, sorted by OCR segment and cost; see :class:`ocrfix.engine.channel.Compiled`."""

    rule_key: Array
    rule_first: Array
    rule_true: Array
    rule_cost: Array
    rule_bit: Array
    rule_letters: Array
    identity: Array


class Buckets(NamedTuple):
    """The states at four positions, and the shape of the beam."""

    ints: Array
    costs: Array
    slots: Array
    bins: Array
    numbers: Array
    bounds: Array
    width: float
    scale: float
    """Bins a nat."""
    mask: int
    """Slots of a hash table, less one."""
    capacity: int


class Live(NamedTuple):
    """The states at one position that are kept; row ``s + len(ended)`` is state s with its word ended."""

    ints: Array
    costs: Array
    letters: Array
    ended: Array


class Scratchpad(NamedTuple):
    """Room for the states that one step leads to, for counting, and for what single letters cost at a position."""

    xi: Array
    xf: Array
    yi: Array
    yf: Array
    place: Array
    single: Array


_compiled = njit(_nrt=False, forceinline=True, no_cpython_wrapper=True,  # type: ignore[call-overload]  # so in numba's
                 no_cfunc_wrapper=True)                                   # stubs, which know no such options
"""Compiled into their callers, without reference counting: such functions make no arrays.

A call that stays a call hands over each array by seven numbers, which costs more than most of these functions.  So it
is worth while to call a large one from one place only, and to give a small one no more arrays than it needs.
"""


@_compiled
def lower_code(c):
    """Turkish lower case of a code point of the Latin blocks used in Turkish print."""
    if c == 73:                                    # I
        return 305
    if c == 304:                                   # İ
        return 105
    if 65 <= c <= 90:
        return c + 32
    if 192 <= c <= 222 and c != 215:
        return c + 32
    if c == 286 or c == 350:                       # Ğ Ş
        return c + 1
    return c


@_compiled
def upper_code(c):
    if c == 305:
        return 73
    if c == 105:
        return 304
    if 97 <= c <= 122:
        return c - 32
    if 224 <= c <= 254 and c != 247:
        return c - 32
    if c == 287 or c == 351:
        return c - 1
    return c


@_compiled
def is_letter(c):
    return (97 <= c <= 122 or 65 <= c <= 90 or c == 305 or c == 304 or c == 286 or c == 287 or c == 350 or c == 351
            or (192 <= c <= 254 and c != 215 and c != 247))


@_compiled
def _sound(sound, c):
    """The stem's sound after one more lower-case letter.

    4 * harmony (7 while without vowel) + 0 behind a vowel, 1 behind a voiced, 2 behind a voiceless consonant.
    """
    if c == 97 or c == 305 or c == 226:
        return 0
    if c == 101 or c == 105 or c == 238:
        return 4
    if c == 111 or c == 117 or c == 251:
        return 8
    if c == 246 or c == 252:
        return 12
    harmony = sound >> 2
    if c == 102 or c == 115 or c == 116 or c == 107 or c == 231 or c == 351 or c == 104 or c == 112:
        return (harmony << 2) | 2
    return (harmony << 2) | 1


@_compiled
def _find(array, value):
    lo, hi = 0, len(array)
    while lo < hi:
        mid = (lo + hi) >> 1
        if array[mid] < value:
            lo = mid + 1
        else:
            hi = mid
    return lo if lo < len(array) and array[lo] == value else -1


@_compiled
def _first(nodes, node):
    """The first arc of a node."""
    return nodes[node, 1] & 0xFFFFFFFF


@_compiled
def _behind(nodes, node):
    """The arc behind the last one of a node."""
    return _first(nodes, node) + (nodes[node, 1] >> 48)


@_compiled
def _final(nodes, node):
    return (nodes[node, 1] >> 32) & 255


@_compiled
def _proper(nodes, node):
    return (nodes[node, 1] >> 40) & 255


@_compiled
def _label(arc):
    return arc & 0xFFFF


@_compiled
def _arc_cost(arc):
    """Cost of an arc, in nats."""
    return 0.5 * ((arc >> 16) & 255)


@_compiled
def _target(arc):
    return arc >> 24


@_compiled
def _arc(nodes, arcs, node, c):
    """The arc of a node by a character, or -1."""
    lo, end = _first(nodes, node), _behind(nodes, node)
    hi = end
    while lo < hi:
        mid = (lo + hi) >> 1
        if _label(arcs[mid]) < c:
            lo = mid + 1
        else:
            hi = mid
    return lo if lo < end and _label(arcs[lo]) == c else -1


@_compiled
def _bigram(lm_first, lm_word, lm_cost, prev, word):
    """Cost of a bigram in nats, or -1 where it is not in the model."""
    lo, hi = lm_first[prev], lm_first[prev + 1]
    while lo < hi:
        mid = (lo + hi) >> 1
        if lm_word[mid] < word:
            lo = mid + 1
        else:
            hi = mid
    if lo < lm_first[prev + 1] and lm_word[lo] == word:
        return lm_cost[lo] * 0.08
    return -1.0


@_compiled
def _remembered(lex, prev, word):
    """:func:`_bigram`, remembered: the same pairs are asked for again and again, and the search misses the cache."""
    key = (np.int64(prev) << 20) | np.int64(word)
    slot = (key ^ (key >> 13)) & (len(lex.seen_pair) - 1)
    if lex.seen_pair[slot, 0] == key:
        return lex.seen_pair[slot, 1]
    found = _bigram(lex.lm_first, lex.lm_word, lex.lm_cost, prev, word)
    lex.seen_pair[slot, 0] = key
    lex.seen_pair[slot, 1] = found
    return found


@_compiled
def _identity(lex, value):
    """Identity of a word by its hash, 0 if unknown, remembered likewise."""
    slot = (value ^ (value >> 17)) & (len(lex.seen_word) - 1)
    if lex.seen_word[slot, 0] == value:
        return lex.seen_word[slot, 1]
    at = _find(lex.word_hash, value)
    lex.seen_word[slot, 0] = value
    lex.seen_word[slot, 1] = lex.word_id[at] if at >= 0 else 0
    return lex.seen_word[slot, 1]


@_compiled
def _word_cost(lex, prev, word, unigram):
    """Cost of a word behind a word: the bigram's, a little smoothed, or the unigram's with backing off."""
    backed = unigram + (lex.lm_backoff[prev] * 0.08 if prev > 0 else 0.0)
    if word > 0:
        bi = _remembered(lex, prev, word)
        if bi >= 0.0:
            return -np.log(0.95 * np.exp(-bi) + 0.05 * np.exp(-unigram))
    return backed


@_compiled
def _case_cost(p, case, proper, sentence_start):
    if case == LOWER:
        return (p[P_LOWER_NAME] if proper == 2 else 0.0) + (p[P_LOWER_START] if sentence_start else 0.0)
    if case == CAPS:
        return p[P_CAPS]
    if sentence_start:
        return 0.0
    if proper == 2:
        return 0.0
    if proper == 1:
        return p[P_CAP_NAME]
    return p[P_CAP_COMMON]


@_compiled
def _key(node, mode, case, prev, start):
    return (node << 32) | (prev << 12) | (start << 8) | (case << 4) | mode


@_compiled
def _node(key):
    return key >> 32


@_compiled
def _prev(key):
    return (key >> 12) & 0xFFFFF


@_compiled
def _start(key):
    return (key >> 8) & 15


@_compiled
def _case(key):
    return (key >> 4) & 15


@_compiled
def _mode(key):
    return key & 15


@_compiled
def _spelled(value, low):
    """The hash of a word with one more letter."""
    return (value * _A) ^ (low + 1)


@_compiled
def _sounds(aux, low):
    """The last column of a state's integers after one more letter."""
    return (aux & ~np.int64(255)) | _sound(aux & 255, low)


@_compiled
def _end_token(si, sf, s, p, lex):
    """Finish the token in progress in place.  False if it cannot end here.  Adds its cost, sets the context."""
    key = si[s, KEY]
    mode, node, prev = _mode(key), _node(key), _prev(key)
    if mode == GAP or mode == GLUE:
        return True
    word = np.int64(0)
    if mode == WORD:
        if _final(lex.nodes, node) == 255:
            return False
        acc = sf[s, ACC] + 0.5 * _final(lex.nodes, node)
        word = np.int64(_identity(lex, si[s, HASH]))
        c = _word_cost(lex, prev, word, acc)
        sf[s, COST] += p[P_LM] * (c - sf[s, ACC]) + _case_cost(p, _case(key), _proper(lex.nodes, node),
                                                               _start(key) & 1)
    elif mode == OOV:
        c = lex.char_lm[node, lex.char_lm.shape[1] - 1] * 0.1
        sf[s, COST] += p[P_OOV_CHAR] * c
        word = np.int64(_identity(lex, si[s, HASH]))
    elif mode == SUFFIX:
        if _final(lex.nodes, node) == 255:
            return False
        word = np.int64(_identity(lex, si[s, HASH]))
        stem = si[s, AUX] >> 8
        acc = sf[s, ACC] + 0.5 * _final(lex.nodes, node)
        c = acc
        if word > 0:
            bi = _remembered(lex, prev, word)
            if bi >= 0.0 and bi < c:
                c = bi
        if stem > 0:
            bi = _remembered(lex, prev, stem)
            if bi >= 0.0:
                c = min(c, bi + 1.0 + (acc - lex.uni[stem] if acc > lex.uni[stem] else 0.0))
        sf[s, COST] += p[P_LM] * (c - sf[s, ACC])
        if word == 0:
            word = stem
    si[s, KEY] = _key(np.int64(0), GLUE, _case(key), word, _start(key))
    si[s, AUX] &= 255
    sf[s, ACC] = 0.0
    return True


@_compiled
def _goes_on(mode, case, is_up):
    """The case of a word in the lexicon after one more letter; 0 if it cannot go on so."""
    if case == LOWER or case == TITLE:
        return 0 if is_up else case
    if case == TITLE1:
        return CAPS if is_up else TITLE
    if is_up:
        return case
    return LOWER if mode == SUFFIX else 0


@_compiled
def _advance(si, sf, s, t, highest, p, lex, out_i, out_f, base_n):
    """The states cheaper than ``highest`` that a state may reach by the true character ``t``.

    They go into out_* from base_n on; returns the next free place.
    """
    n = base_n
    here = sf[s, COST]
    key, value, aux = si[s, KEY], si[s, HASH], si[s, AUX]
    mode, case, node, prev, start = _mode(key), _case(key), _node(key), _prev(key), _start(key)
    if is_letter(t):
        low = lower_code(t)
        is_up = low != t
        code = lex.char_code[low] if low < 512 else 0
        # a word may follow a number and its punctuation without a space: "1-Türkiye", "1921.Bu"
        behind_number = mode == NUMBER and case == CAPS
        if mode == GAP or mode == GLUE or behind_number:
            base = here
            if mode == GLUE and (start & 2):
                base += p[P_GLUE]
            if behind_number:
                base += AFTER_NUMBER
            case = TITLE1 if is_up else LOWER
            for r in range(len(lex.roots) - LAST_SUFFIX_ROOT):
                acc = np.float64(lex.root_cost[0]) if r == 0 else lex.root_cost[LAST_SUFFIX_ROOT + r] + p[P_DOC]
                if base + p[P_LM] * acc + p[P_WORD] >= highest:
                    continue
                root = lex.roots[0] if r == 0 else lex.roots[LAST_SUFFIX_ROOT + r]
                at = _arc(lex.nodes, lex.arcs, np.int64(root), low)
                if at >= 0:
                    acc += _arc_cost(lex.arcs[at])
                    out_i[n, KEY] = _key(_target(lex.arcs[at]), WORD, case, prev, start)
                    out_i[n, HASH] = low + 1
                    out_i[n, AUX] = _sound(_NONE << 2, low)
                    out_f[n, ACC] = acc
                    out_f[n, COST] = base + p[P_LM] * acc + p[P_WORD]
                    n += 1
            base += p[P_OOV] - (1.5 if is_up else 0.0)
            if code > 0 and base < highest:
                out_i[n, KEY] = _key(code, OOV, case, prev, start)
                out_i[n, HASH] = low + 1
                out_i[n, AUX] = _sound(_NONE << 2, low)
                out_f[n, ACC] = 0.0
                out_f[n, COST] = base + p[P_OOV_CHAR] * lex.char_lm[0, code - 1] * 0.1
                n += 1
        elif mode == WORD or mode == SUFFIX:
            at = _arc(lex.nodes, lex.arcs, node, low)
            case = _goes_on(mode, case, is_up)
            if at >= 0 and case > 0:
                step = _arc_cost(lex.arcs[at])
                out_i[n, KEY] = _key(_target(lex.arcs[at]), mode, case, prev, start)
                out_i[n, HASH] = _spelled(value, low)
                out_i[n, AUX] = _sounds(aux, low)
                out_f[n, ACC] = sf[s, ACC] + step
                out_f[n, COST] = here + p[P_LM] * step
                n += 1
        elif mode == OOV and code > 0:
            cost = here + _unknown_letter(node, case, code, is_up, p, lex.char_lm)
            if cost < highest:
                size = lex.char_lm.shape[1]
                out_i[n, KEY] = _key((node * size + code) % (size * size * size), OOV,
                                     (CAPS if is_up else TITLE) if case == TITLE1 else case, prev, start)
                out_i[n, HASH] = _spelled(value, low)
                out_i[n, AUX] = _sounds(aux, low)
                out_f[n, ACC] = 0.0
                out_f[n, COST] = cost
                n += 1
        elif mode == NUMBER:
            at = _arc(lex.nodes, lex.arcs, np.int64(lex.roots[LAST_SUFFIX_ROOT]), low)
            if at >= 0:
                out_i[n, KEY] = _key(_target(lex.arcs[at]), SUFFIX, CAPS if is_up else LOWER, prev, start)
                out_i[n, HASH] = low + 1
                out_i[n, AUX] = aux & 255
                out_f[n, ACC] = lex.root_cost[13] + _arc_cost(lex.arcs[at])
                out_f[n, COST] = here + p[P_LM] * out_f[n, ACC] + 5.0
                n += 1
        return n
    out_i[n, HASH] = value
    out_i[n, AUX] = aux
    out_f[n, ACC] = 0.0
    if 48 <= t <= 57:
        out_f[n, COST] = here + p[P_DIGIT]
        if mode == OOV:
            out_i[n, KEY] = _key(np.int64(0), OOV, case, prev, start)
            out_f[n, COST] += 6.0
            return n + 1
        if mode == GAP or mode == GLUE:
            out_f[n, COST] += p[P_NUM] + (p[P_WORD] if mode == GAP else 0.0)
        elif mode != NUMBER:
            return base_n
        out_i[n, KEY] = _key(np.int64(0), NUMBER, LOWER, prev, start)
        out_i[n, HASH] = t
        return n + 1
    if mode == NUMBER and case != CAPS and (t == 46 or t == 44 or t == 45 or t == 47 or t == 58):
        # . , - / : inside of a number, no more than one in a row
        out_i[n, KEY] = _key(np.int64(0), NUMBER, CAPS, prev, start)
        out_f[n, COST] = here + p[P_DIGIT]
        n += 1
    if t == 39 and (mode == WORD or mode == OOV or mode == NUMBER):
        acc, score, word, ok, name = 0.0, here, np.int64(0), True, True
        if mode == WORD:
            if _final(lex.nodes, node) == 255:
                ok = False
            else:
                acc = sf[s, ACC] + 0.5 * _final(lex.nodes, node)
                word = np.int64(_identity(lex, value))
                name = _proper(lex.nodes, node) > 0 or case != LOWER
                score += p[P_LM] * (acc - sf[s, ACC])
                score += _case_cost(p, case, max(_proper(lex.nodes, node), np.int64(1)), start & 1)
        elif mode == OOV:
            score += p[P_OOV_CHAR] * lex.char_lm[node, lex.char_lm.shape[1] - 1] * 0.1
            name = case != LOWER
        score += p[P_APOS_NAME] if name else p[P_APOS_COMMON]
        if ok and score < highest:
            harmony = (aux & 255) >> 2
            want = -1 if harmony > 3 else 3 * harmony + (aux & 3)
            lo, hi = (13, 14) if mode == NUMBER else (1, 13)
            for r in range(lo, hi):
                clash = 0.0
                if mode != NUMBER:
                    if want < 0 or case == CAPS:
                        clash = 2.0 if r - 1 != 3 else 0.5
                        if r - 1 == want:
                            clash = 0.5
                    elif r - 1 != want:
                        clash = p[P_CLASH]
                if score + clash + p[P_LM] * lex.root_cost[r] >= highest:
                    continue
                out_i[n, KEY] = _key(np.int64(lex.roots[r]), SUFFIX, CAPS if case == CAPS else LOWER, prev, start)
                out_i[n, HASH] = (value * _A) ^ 40
                out_i[n, AUX] = (word << 8) | (aux & 255)
                out_f[n, ACC] = acc + lex.root_cost[r]
                out_f[n, COST] = score + clash + p[P_LM] * lex.root_cost[r]
                n += 1
    # a space, or punctuation: the token in progress ends
    if t == 32 and mode == GAP:
        return n
    if here >= highest and mode <= GLUE:
        return n
    out_i[n, KEY] = key
    out_i[n, HASH] = value
    out_i[n, AUX] = aux
    out_f[n, ACC] = sf[s, ACC]
    out_f[n, COST] = here
    if not _end_token(out_i, out_f, n, p, lex):
        return n
    prev = _prev(out_i[n, KEY])
    if t == 32:
        if mode == GLUE and start & 4:
            out_i[n, KEY] = _key(np.int64(0), GAP, case, 1, 1)             # <s>
        else:
            out_i[n, KEY] = _key(np.int64(0), GAP, case, prev, start & 1 if mode == GLUE else 0)
        return n + 1
    if mode != GAP and mode != GLUE:
        start = 8 if case == TITLE1 and (mode == WORD or mode == OOV) else 0
    pid = np.int64(lex.punct_id[t]) if t < len(lex.punct_id) else 0
    c = p[P_PUNCT]
    if pid > 0:
        c = min(c, _word_cost(lex, prev, pid, np.float64(lex.uni[pid])))
    out_f[n, COST] += p[P_LM] * c
    begins = start & 1
    if t == 46 and start & 8:                          # an initial
        start = 0
    elif t == 46 or t == 33 or t == 63 or t == 8230:   # . ! ? …
        start = 4 | 2 | begins
    elif t == 44 or t == 59 or t == 58 or t == 41 or t == 93 or t == 125:      # , ; : ) ] }
        start = 2
    elif t == 40 or t == 34 or t == 91 or t == 39:      # ( " [ ' : the word behind may still start the sentence
        start = begins | (start & 4)
    else:
        start = 0
    out_i[n, KEY] = _key(np.int64(0), GLUE, case, pid, start)
    return n + 1


@_compiled
def _unknown_letter(node, case, code, is_up, p, char_lm):
    """Cost of one more letter of a word that is in no lexicon."""
    mixed = case == LOWER and is_up or case == TITLE and is_up or case == CAPS and not is_up
    return (3.0 if mixed else 0.0) + p[P_OOV_CHAR] * char_lm[node, code - 1] * 0.1


@_compiled
def _empty(w, b, room, stamp):
    """Make a bucket ready for the states of a position."""
    w.bins[b, :] = 0
    w.numbers[b, COUNT] = 0
    w.numbers[b, TOTAL] = 0
    w.numbers[b, STAMP] = stamp
    w.numbers[b, ROOM] = room
    w.bounds[b, BEST] = IMPOSSIBLE
    w.bounds[b, LIMIT] = IMPOSSIBLE


@_compiled
def _cheaper(w, b, cost):
    """A bucket has a new cheapest state: what is too dear beside it counts no more."""
    w.bounds[b, BEST] = cost
    limit = min(w.bounds[b, LIMIT], cost + w.width)
    w.bounds[b, LIMIT] = limit
    top = np.int64(limit * w.scale)
    if w.numbers[b, TOTAL] > 0:
        last = w.numbers[b, TOP]
        for x in range(max(top, last - BINS) + 1, last + 1):
            w.numbers[b, TOTAL] -= w.bins[b, x & (BINS - 1)]
            w.bins[b, x & (BINS - 1)] = 0
    w.numbers[b, TOP] = top


@_compiled
def _insert(w, b, key, value, aux, acc, cost, back, step):
    """Put a state into a bucket if it is not too dear; of two states with the same future the cheaper stays.

    As soon as a bucket has more states than are wanted, its limit falls: a histogram of the costs is kept.
    """
    if cost >= w.bounds[b, LIMIT]:
        return
    h = (key ^ (key >> 29)) * 0x9E3779B97F4A7C1 + value
    h = (h ^ (h >> 32)) * 0x2545F4914F6CDD1
    slot = (h >> 20) & w.mask
    stamp, k = w.numbers[b, STAMP], np.int64(-1)
    while w.slots[b, slot] >> 16 == stamp:
        held = w.slots[b, slot] & 0xFFFF
        if w.ints[b, held, KEY] == key and w.ints[b, held, HASH] == value:
            if w.costs[b, held, COST] <= cost:
                return
            k = held
            break
        slot = (slot + 1) & w.mask
    if cost < w.bounds[b, BEST]:
        _cheaper(w, b, cost)
    top, total = w.numbers[b, TOP], w.numbers[b, TOTAL] + 1
    if k < 0:
        k = w.numbers[b, COUNT]
        if k >= w.capacity:
            return
        w.numbers[b, COUNT] = k + 1
        w.slots[b, slot] = (stamp << 16) | k
    elif w.costs[b, k, COST] < w.bounds[b, LIMIT]:
        w.bins[b, min(np.int64(w.costs[b, k, COST] * w.scale), top) & (BINS - 1)] -= 1
        total -= 1
    w.bins[b, min(np.int64(cost * w.scale), top) & (BINS - 1)] += 1
    w.ints[b, k, KEY] = key
    w.ints[b, k, HASH] = value
    w.ints[b, k, AUX] = aux
    w.ints[b, k, BACK] = back
    w.ints[b, k, STEP] = step
    w.costs[b, k, ACC] = acc
    w.costs[b, k, COST] = cost
    if total > w.numbers[b, ROOM]:
        last = top
        while total - w.bins[b, top & (BINS - 1)] >= w.numbers[b, ROOM]:
            total -= w.bins[b, top & (BINS - 1)]
            w.bins[b, top & (BINS - 1)] = 0
            top -= 1
        if top < last:
            w.numbers[b, TOP] = top
            w.bounds[b, LIMIT] = (top + 1) / w.scale
    w.numbers[b, TOTAL] = total


@_compiled
def _keep(w, b, lo, room, kept, live, lex, back, step, used, place):
    """Append the cheapest states of a bucket from ``lo`` on, about in order, to the live ones, and to the trellis.

    Returns how many are live then.
    """
    best, limit, last = w.bounds[b, BEST], w.bounds[b, LIMIT], BINS // 2
    place[:] = 0
    for k in range(lo, w.numbers[b, COUNT]):
        if w.costs[b, k, COST] < limit:
            x = np.int64((w.costs[b, k, COST] - best) * w.scale)
            place[x + 1] += 1
    for bin_ in range(last + 1):
        place[bin_ + 1] += place[bin_]
    for k in range(lo, w.numbers[b, COUNT]):
        if w.costs[b, k, COST] < limit:
            x = np.int64((w.costs[b, k, COST] - best) * w.scale)
            at = place[x]
            place[x] += 1
            if at < room:
                key = w.ints[b, k, KEY]
                row = kept + at
                live.ints[row, KEY] = key
                live.ints[row, HASH] = w.ints[b, k, HASH]
                live.ints[row, AUX] = w.ints[b, k, AUX]
                live.costs[row, ACC] = w.costs[b, k, ACC]
                live.costs[row, COST] = w.costs[b, k, COST]
                live.letters[row] = lex.nodes[_node(key), 0] if _mode(key) == WORD or _mode(key) == SUFFIX else ANY
                live.ended[row] = 0
                back[used + row] = w.ints[b, k, BACK]
                step[used + row] = w.ints[b, k, STEP]
    return kept + min(place[last], room)


@_compiled
def _ended(s, live, p, lex):
    """The row of a state with its word ended, which is scored once for all that follows; -1 if it cannot end."""
    key = live.ints[s, KEY]
    mode = _mode(key)
    if mode != WORD and mode != OOV and mode != SUFFIX:
        return s
    e = s + len(live.ended)
    if live.ended[s] == 0:
        for k in range(INTS):
            live.ints[e, k] = live.ints[s, k]
        live.costs[e, ACC] = live.costs[s, ACC]
        live.costs[e, COST] = live.costs[s, COST]
        live.ended[s] = 1 if _end_token(live.ints, live.costs, e, p, lex) else 2
        initial = _case(key) == TITLE1 and mode != SUFFIX
        ended = live.ints[e, KEY]
        live.ints[e, KEY] = _key(np.int64(0), _mode(ended), _case(ended), _prev(ended), 8 if initial else 0)
    return e if live.ended[s] == 1 else np.int64(-1)


@_compiled
def _chain(si, sf, s, true, extra, highest, p, lex, xi, xf, yi, yf):
    """States after up to three true characters, in xi, xf.  Returns their number.  yi, yf are scratch.

    Those that cost ``highest`` or more may be missing.
    """
    for j in range(INTS):
        xi[0, j] = si[s, j]
    xf[0, ACC] = sf[s, ACC]
    xf[0, COST] = sf[s, COST] + extra
    m = np.int64(1)
    while true > 0 and m > 0:
        k = np.int64(0)
        for r in range(m):
            if k > 220:
                break
            k = _advance(xi, xf, r, true & 0xFFFF, highest, p, lex, yi, yf, k)
        true >>= 16
        for r in range(k):
            for j in range(INTS):
                xi[r, j] = yi[r, j]
            xf[r, ACC] = yf[r, ACC]
            xf[r, COST] = yf[r, COST]
        m = k
    return m


@_compiled
def _spread(w, b, s, ended, true, extra, size, base, live, p, lex, pad):
    """Put all states that a state reaches by true characters into a bucket; row ``ended`` has its word ended."""
    t = true & 0xFFFF
    goes_on = t == 0 or is_letter(t) or 48 <= t <= 57 or (t == 39 and _mode(live.ints[s, KEY]) != SUFFIX)
    row = s if goes_on else ended
    if row < 0 or live.costs[row, COST] + extra >= w.bounds[b, LIMIT]:
        return
    got = _chain(live.ints, live.costs, row, true, extra, w.bounds[b, LIMIT], p, lex, pad.xi, pad.xf, pad.yi, pad.yf)
    for g in range(got):
        _insert(w, b, pad.xi[g, KEY], pad.xi[g, HASH], pad.xi[g, AUX], pad.xf[g, ACC], pad.xf[g, COST], base + s,
                (size << 48) | true)


@_compiled
def _spell(w, b, s, true, extra, size, base, live, p, lex):
    """Go on with a word of the lexicon by several letters."""
    key, value, aux, acc = live.ints[s, KEY], live.ints[s, HASH], live.ints[s, AUX], live.costs[s, ACC]
    mode, case, node = _mode(key), _case(key), _node(key)
    total, rest = live.costs[s, COST] + extra, true
    while rest > 0:
        t = rest & 0xFFFF
        low = lower_code(t)
        case = _goes_on(mode, case, low != t)
        at = _arc(lex.nodes, lex.arcs, node, low) if case > 0 else -1
        if at < 0:
            return
        step = _arc_cost(lex.arcs[at])
        total += p[P_LM] * step
        if total >= w.bounds[b, LIMIT]:
            return
        acc += step
        node = _target(lex.arcs[at])
        value = _spelled(value, low)
        aux = _sounds(aux, low)
        rest >>= 16
    _insert(w, b, _key(node, mode, case, _prev(key), _start(key)), value, aux, acc, total, base + s,
            (size << 48) | true)


@_compiled
def _expand(size, c0, lo, hi, price, states, w, b, base, live, rules, p, lex, pad):
    """Take states over ``size`` OCR characters, of which ``c0`` is the first, by the confusions lo:hi, into a bucket.

    ``price`` is that of any other letter in their place; no character that was read right costs more.
    """
    # what each letter costs here, small (row 0) and capital (row 1)
    same = IMPOSSIBLE
    cheapest = price
    if size == 1:
        same = min(price, rules.identity[c0] if c0 < len(rules.identity) else 0.05)
        cheapest = same
        if is_letter(c0):
            low = lower_code(c0)
            pad.single[np.int64(low != c0), low] = same
    for r in range(lo, hi):
        if rules.rule_letters[r] == 1:
            low = lower_code(rules.rule_true[r])
            capital = np.int64(low != rules.rule_true[r])
            pad.single[capital, low] = min(pad.single[capital, low], rules.rule_cost[r])
            cheapest = min(cheapest, rules.rule_cost[r])
    root = np.int64(lex.roots[0])
    for s in range(states):
        key, value, aux, acc, cost = live.ints[s, KEY], live.ints[s, HASH], live.ints[s, AUX], live.costs[s, ACC], \
            live.costs[s, COST]
        mode, case, node = _mode(key), _case(key), _node(key)
        slack = w.bounds[b, LIMIT] - cost
        inside = mode == WORD or mode == SUFFIX
        if inside and cheapest < slack:
            for a in range(_first(lex.nodes, node), _behind(lex.nodes, node)):
                step = _arc_cost(lex.arcs[a])
                if cheapest + p[P_LM] * step >= slack:
                    continue
                low = _label(lex.arcs[a])
                for up in range(2):
                    after = _goes_on(mode, case, up == 1)
                    if after == 0 or not is_letter(low):
                        continue
                    extra = pad.single[up, low]
                    if up == 1 and case == CAPS or up == 0 and case != CAPS:
                        extra = min(extra, price)
                    total = cost + extra + p[P_LM] * step
                    if total < w.bounds[b, LIMIT]:
                        _insert(w, b, _key(_target(lex.arcs[a]), mode, after, _prev(key), _start(key)),
                                _spelled(value, low), _sounds(aux, low), acc + step, total, base + s,
                                (size << 48) | (upper_code(low) if up == 1 else low))
        # a word that ends may become cheaper by that: its bigram tells
        ended = _ended(s, live, p, lex)
        reach = slack
        if mode == WORD and ended >= 0:
            reach = max(slack, w.bounds[b, LIMIT] - live.costs[ended, COST])
        # before the confusions: the character read right; behind them: one that stands for nothing, and letters that
        # may begin a word
        r, end = lo - 1, hi
        if size == 1:
            r, end = lo - 2, hi + 1
            if mode <= GLUE and price < slack:
                end += _behind(lex.nodes, root) - _first(lex.nodes, root)
        while r + 1 < end:
            r += 1
            if r < lo:
                true, extra, letters = c0, same, np.int64(is_letter(c0))
            elif r < hi:
                true, extra, letters = rules.rule_true[r], rules.rule_cost[r], np.int64(rules.rule_letters[r])
                if extra >= reach:                     # confusions are sorted by cost
                    r = hi - 1
                    continue
            elif r == hi:
                true, extra, letters = np.int64(0), p[P_SPACE_INS] if c0 == 32 else p[P_INS], np.int64(0)
            else:
                a = _first(lex.nodes, root) + r - hi - 1
                true, extra, letters = _label(lex.arcs[a]), price, np.int64(1)
                if lower_code(c0) != c0:
                    true = upper_code(true)
                if true == c0 or price + p[P_LM] * (lex.root_cost[0] + _arc_cost(lex.arcs[a])) >= slack:
                    continue
            if inside and letters > 0:
                if letters > 1 and live.letters[s] & rules.rule_bit[r] != 0:
                    _spell(w, b, s, true, extra, size, base, live, p, lex)
                continue
            if (mode == OOV or mode == NUMBER) and true > 0:
                if extra > OOV_LIMIT:                  # no lexicon holds the spelling: unlikely confusions say nothing
                    continue
                if letters == 1 and mode == OOV:
                    low = lower_code(true)
                    code = lex.char_code[low] if low < 512 else 0
                    if code == 0 or cost + extra + _unknown_letter(node, case, code, low != true, p, lex.char_lm) \
                            >= w.bounds[b, LIMIT]:
                        continue
            _spread(w, b, s, ended, true, extra, size, base, live, p, lex, pad)
    if size == 1 and is_letter(c0):
        low = lower_code(c0)
        pad.single[np.int64(low != c0), low] = IMPOSSIBLE
    for r in range(lo, hi):
        if rules.rule_letters[r] == 1:
            low = lower_code(rules.rule_true[r])
            pad.single[np.int64(low != rules.rule_true[r]), low] = IMPOSSIBLE


@_compiled
def _trace(end, back, step, into):
    """Write the steps that lead to a state of the trellis, the first one first; returns how many there are."""
    size = np.int64(0)
    k = end
    while back[k] >= 0:
        size += 1
        k = back[k]
    k = end
    for at in range(size):
        into[size - 1 - at] = step[k]
        k = back[k]
    return size


@njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]
def _search(obs, rules, p, lex, prev, start, w, clock, live, back, step, pad, results, scores, steps, sizes):
    """The search itself, in arrays that are given.  Returns the number of results.

    ``scores`` gets the costs of the best true texts, ``steps`` and ``sizes`` how each is reached.
    """
    n = len(obs)
    beam = len(live.ended) // 2
    tick = clock[0]                                # stamps of this search are above those of every earlier one
    clock[0] += 2 * (n + 5)
    zero = np.int64(0)                             # typed, or numba compiles all that takes it once more
    for b in range(4):
        _empty(w, b, beam, tick + 2 * b)
    _insert(w, zero, _key(zero, GAP, zero, prev, start), zero, zero, 0.0, 0.0, np.int64(-1), zero)
    used, kept = zero, zero
    for pos in range(n + 1):
        b = pos & 3
        used += kept
        kept = zero
        first = zero
        key = zero
        for size in range(-1, min(3, n - pos) + 1):
            if size == 0:
                # the same bucket takes the states that are reached by true characters that left no trace; they are not
                # compared with the others, of which they are alternatives: "yıl.." beside "yıl."
                first = w.numbers[b, COUNT]
                w.bins[b, :] = 0
                w.numbers[b, TOTAL] = 0
                w.numbers[b, STAMP] += 1
                w.numbers[b, ROOM] = beam // 2
                w.bounds[b, LIMIT] = w.bounds[b, BEST] + w.width
                w.numbers[b, TOP] = np.int64(w.bounds[b, LIMIT] * w.scale)
            if size > 0:
                key |= obs[pos + size - 1] << (16 * (size - 1))
            at = _find(rules.rule_key, key) if size >= 0 else -1
            lo, hi = zero, zero
            if at >= 0:
                lo, hi = rules.rule_first[at], rules.rule_first[at + 1]
            price = IMPOSSIBLE
            if size == 0:
                price = p[P_DEL]
            elif size == 1 and obs[pos] != 32:
                price = p[P_SUB]
            if size == 0 or size == 1 or at >= 0:
                _expand(np.int64(size), obs[pos] if pos < n else zero, lo, hi, price, kept, w, (pos + size) & 3, used,
                        live, rules, p, lex, pad)
            if size <= 0:
                kept = _keep(w, b, first, beam if size < 0 else beam // 2, kept, live, lex, back, step, used, pad.place)
        _empty(w, b, beam, tick + 2 * (pos + 4))
    for s in range(kept):                          # every state ends its token
        row = _ended(s, live, p, lex)
        live.costs[s, COST] = live.costs[row, COST] if row >= 0 else IMPOSSIBLE
    for found in range(results):
        best = np.int64(0)
        for s in range(1, kept):
            if live.costs[s, COST] < live.costs[best, COST]:
                best = np.int64(s)
        if kept == 0 or live.costs[best, COST] >= IMPOSSIBLE:
            return found
        scores[found] = live.costs[best, COST]
        sizes[found] = _trace(used + best, back, step, steps[found])
        live.costs[best, COST] = IMPOSSIBLE
    return results


def memory() -> tuple[Array, Array]:
    """Remembered look-ups of a language model: pairs with their costs, word hashes with their identities."""
    return np.full((REMEMBERED, 2), -1.0), np.full((REMEMBERED, 2), -1, np.int64)


class Workspace:
    """Arrays that searches share, one set a thread: building them for every word would take most of the time."""

    def __init__(self) -> None:
        self.buckets = (np.zeros((4, CAPACITY, INTS + 2), np.int64), np.zeros((4, CAPACITY, 2), np.float64),
                        np.zeros((4, TABLE), np.int64), np.zeros((4, BINS), np.int64), np.zeros((4, 5), np.int64),
                        np.zeros((4, 2), np.float64))
        self.clock = np.ones(1, np.int64)
        self.pad = Scratchpad(np.empty((256, INTS), np.int64), np.empty((256, 2)), np.empty((256, INTS), np.int64),
                              np.empty((256, 2)), np.empty(BINS, np.int64), np.full((2, _CODES), IMPOSSIBLE))
        self._live: dict[int, Live] = {}
        self._trellis = (np.empty(0, np.int64), np.empty(0, np.int64))

    def live(self, most: int) -> Live:
        """Room for so many states at a position."""
        if most not in self._live:
            self._live[most] = Live(np.empty((2 * most, INTS), np.int64), np.empty((2 * most, 2)),
                                    np.empty(most, np.int64), np.empty(most, np.int8))
        return self._live[most]

    def trellis(self, states: int) -> tuple[Array, Array]:
        """Room for so many states at all positions together: the state before each, and the step from there."""
        if len(self._trellis[0]) < states:
            self._trellis = (np.empty(states, np.int64), np.empty(states, np.int64))
        return self._trellis


def search(obs: NDArray[np.int64], rules: Rules, p: NDArray[np.float64], lex: Lexicon, prev: int, start: int,
           results: int, work: Workspace) -> list[tuple[float, list[int]]]:
    """The ``results`` best true texts of an OCR text.

    Args:
        obs: code points.
        p: the constants, :meth:`ocrfix.engine.parameters.Parameters.array`.
        prev: identity of the word before (0 unknown, 1 sentence start).
        start: 1 at the start of a sentence.

    Returns:
        The cost of each text and its steps, in order: three true characters of 16 bits, and above them the number of
        OCR characters that they stand for.
    """
    half = 2 * int(p[P_BEAM_SIZE])
    slots = min(TABLE, max(1024, 1 << (4 * half - 1).bit_length()))
    buckets = Buckets(*work.buckets, p[P_BEAM], (BINS // 2 - 1) / p[P_BEAM], slots - 1, min(CAPACITY, 3 * slots // 8))
    scores, steps = np.empty(results), np.empty((results, 2 * len(obs) + 2), np.int64)
    sizes = np.empty(results, np.int64)
    found = _search(obs, rules, p, lex, prev, start, buckets, work.clock, work.live(half),
                    *work.trellis((len(obs) + 1) * half), work.pad, results, scores, steps, sizes)
    return [(score, steps[k, :size].tolist())
            for k, (score, size) in enumerate(zip(scores[:found].tolist(), sizes[:found].tolist(), strict=True))]
