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

# Modes of a state.
GAP, GLUE, WORD, OOV, NUMBER, SUFFIX = 0, 1, 2, 3, 4, 5
# Columns of a state's integers.
NODE, MODE, CASE, PREV, STEM, HASH, SOUND, START = 0, 1, 2, 3, 4, 5, 6, 7
INTS = 8
# Case of the word in progress.
LOWER, TITLE1, TITLE, CAPS = 1, 2, 3, 4
# Parameters: see engine/parameters.py, which names and documents them.
P_LM, P_OOV, P_OOV_CHAR, P_NUM, P_DIGIT, P_GLUE, P_APOS_NAME, P_APOS_COMMON, P_CLASH, P_CAP_NAME, P_CAP_COMMON, \
    P_LOWER_NAME, P_LOWER_START, P_CAPS, P_SUB, P_INS, P_DEL, P_PUNCT, P_SPACE_INS, P_DOC, P_WORD, \
    P_BEAM, P_BEAM_SIZE = range(23)
PARAMETERS = 23

AFTER_NUMBER = 2.0
"""Cost of a word right behind a number and its punctuation."""
OOV_LIMIT = 4.0
"""Dearest confusion, in nats, that is tried inside of an unknown word or a number."""
ANY = -1
"""The letters, one a bit, that may follow a state that is in no word of the automaton."""
REMEMBERED = 1 << 16
CAPACITY, TABLE = 6000, 16384
"""States a position may hold before pruning, and slots of its hash table."""
_A = 1000003
_NONE = 7
IMPOSSIBLE = 1e18
"""Cost of what cannot be, in nats."""

Array = NDArray[np.generic]


class Lexicon(NamedTuple):
    """What the search reads of the language: automaton, bigrams, remembered look-ups, and the character model."""

    first: Array
    label: Array
    target: Array
    cost: Array
    final: Array
    letters: Array
    proper: Array
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
    pair_cost: Array
    seen_word: Array
    seen_id: Array
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
    identity: Array


class Buckets(NamedTuple):
    """The states at four positions: integers, costs, the state before, true and OCR characters since."""

    bi: Array
    bf: Array
    bb: Array
    bo: Array
    bc: Array


_compiled = njit(cache=True, _nrt=False)  # type: ignore[call-overload]  # numba's stubs do not know _nrt
"""Compiled without reference counting, which would cost most of the time: such functions make no arrays."""


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
    if lex.seen_pair[slot] == key:
        return lex.pair_cost[slot]
    found = _bigram(lex.lm_first, lex.lm_word, lex.lm_cost, prev, word)
    lex.seen_pair[slot] = key
    lex.pair_cost[slot] = found
    return found


@_compiled
def _identity(lex, value):
    """Identity of a word by its hash, 0 if unknown, remembered likewise."""
    slot = (value ^ (value >> 17)) & (len(lex.seen_word) - 1)
    if lex.seen_word[slot] == value:
        return lex.seen_id[slot]
    at = _find(lex.word_hash, value)
    lex.seen_word[slot] = value
    lex.seen_id[slot] = lex.word_id[at] if at >= 0 else 0
    return lex.seen_id[slot]


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
def _end_token(si, sf, s, p, lex):
    """Finish the token in progress in place.  False if it cannot end here.  Adds its cost, sets the context."""
    mode = si[s, MODE]
    if mode == GAP or mode == GLUE:
        return True
    if mode == WORD:
        node = si[s, NODE]
        if lex.final[node] == 255:
            return False
        acc = sf[s, 0] + 0.5 * lex.final[node]
        word = _identity(lex, si[s, HASH])
        c = _word_cost(lex, si[s, PREV], word, acc)
        sf[s, 1] += p[P_LM] * (c - sf[s, 0]) + _case_cost(p, si[s, CASE], np.int64(lex.proper[node]), si[s, START] & 1)
        si[s, PREV] = word
    elif mode == OOV:
        n = si[s, NODE]
        c = lex.char_lm[n, lex.char_lm.shape[1] - 1] * 0.1
        sf[s, 1] += p[P_OOV_CHAR] * c
        si[s, PREV] = _identity(lex, si[s, HASH])
    elif mode == SUFFIX:
        node = si[s, NODE]
        if lex.final[node] == 255:
            return False
        whole = _identity(lex, si[s, HASH])
        acc = sf[s, 0] + 0.5 * lex.final[node]
        c = acc
        if whole > 0:
            bi = _remembered(lex, si[s, PREV], whole)
            if bi >= 0.0 and bi < c:
                c = bi
        if si[s, STEM] > 0:
            bi = _remembered(lex, si[s, PREV], si[s, STEM])
            if bi >= 0.0:
                c = min(c, bi + 1.0 + (acc - lex.uni[si[s, STEM]] if acc > lex.uni[si[s, STEM]] else 0.0))
        sf[s, 1] += p[P_LM] * (c - sf[s, 0])
        si[s, PREV] = whole if whole > 0 else si[s, STEM]
    elif mode == NUMBER:
        si[s, PREV] = 0
    si[s, MODE] = GLUE
    si[s, STEM] = 0
    si[s, NODE] = 0
    sf[s, 0] = 0.0
    return True


@_compiled
def _goes_on(si, s, is_up):
    """The case of a word in the lexicon after one more letter; 0 if it cannot go on so."""
    case = si[s, CASE]
    if case == LOWER or case == TITLE:
        return 0 if is_up else case
    if case == TITLE1:
        return CAPS if is_up else TITLE
    if is_up:
        return case
    return LOWER if si[s, MODE] == SUFFIX else 0


@_compiled
def _letter(si, sf, s, at, low, is_up, extra, highest, p, lex, out_i, out_f, n):
    """One more letter of a word in the lexicon, over the arc ``at``: the state goes into row n of out_*.

    False if there is no such state, or if it costs more than ``highest``.
    """
    step = 0.5 * lex.cost[at]
    score = sf[s, 1] + extra + p[P_LM] * step
    if score > highest:
        return False
    case = _goes_on(si, s, is_up)
    if case == 0:
        return False
    out_i[n, NODE] = lex.target[at]
    out_i[n, MODE] = si[s, MODE]
    out_i[n, CASE] = case
    out_i[n, PREV] = si[s, PREV]
    out_i[n, STEM] = si[s, STEM]
    out_i[n, HASH] = (si[s, HASH] * _A) ^ (low + 1)
    out_i[n, SOUND] = _sound(si[s, SOUND], low)
    out_i[n, START] = si[s, START]
    out_f[n, 0] = sf[s, 0] + step
    out_f[n, 1] = score
    return True


@_compiled
def _advance(si, sf, s, extra, t, p, lex, out_i, out_f, base_n):
    """All states that a state may reach by the true character ``t``, at so much extra cost.

    They go into out_* from base_n on; returns the next free place.
    """
    n = base_n
    here = sf[s, 1] + extra
    mode = si[s, MODE]
    if is_letter(t):
        low = lower_code(t)
        is_up = low != t
        # a word may follow a number and its punctuation without a space: "1-Türkiye", "1921.Bu"
        behind_number = mode == NUMBER and si[s, CASE] == CAPS
        if mode == GAP or mode == GLUE or behind_number:
            base = here
            if mode == GLUE and (si[s, START] & 2):
                base += p[P_GLUE]
            if behind_number:
                base += AFTER_NUMBER
            for r in range(2):
                if r == 1 and len(lex.roots) < 15:
                    break
                root = lex.roots[0] if r == 0 else lex.roots[14]
                at = _arc(lex.first, lex.label, np.int64(root), low)
                if at >= 0:
                    for k in range(INTS):
                        out_i[n, k] = si[s, k]
                    acc = (lex.root_cost[0] if r == 0 else lex.root_cost[14] + p[P_DOC]) + 0.5 * lex.cost[at]
                    out_i[n, NODE] = lex.target[at]
                    out_i[n, MODE] = WORD
                    out_i[n, CASE] = TITLE1 if is_up else LOWER
                    out_i[n, HASH] = low + 1
                    out_i[n, SOUND] = _sound(_NONE << 2, low)
                    out_f[n, 0] = acc
                    out_f[n, 1] = base + p[P_LM] * acc + p[P_WORD]
                    n += 1
            code = lex.char_code[low] if low < 512 else 0
            if code > 0:
                for k in range(INTS):
                    out_i[n, k] = si[s, k]
                out_i[n, NODE] = code
                out_i[n, MODE] = OOV
                out_i[n, CASE] = TITLE1 if is_up else LOWER
                out_i[n, HASH] = low + 1
                out_i[n, SOUND] = _sound(_NONE << 2, low)
                out_f[n, 0] = 0.0
                out_f[n, 1] = base + p[P_OOV] - (1.5 if is_up else 0.0) + p[P_OOV_CHAR] * lex.char_lm[0, code - 1] * 0.1
                n += 1
        elif mode == WORD or mode == SUFFIX:
            at = _arc(lex.first, lex.label, si[s, NODE], low)
            if at >= 0 and _letter(si, sf, s, at, low, is_up, extra, IMPOSSIBLE, p, lex, out_i, out_f, n):
                n += 1
        elif mode == OOV:
            case = si[s, CASE]
            penalty = 0.0
            if case == LOWER and is_up or case == TITLE and is_up or case == CAPS and not is_up:
                penalty = 3.0
            elif case == TITLE1:
                case = CAPS if is_up else TITLE
            code = lex.char_code[low] if low < 512 else 0
            if code > 0:
                for k in range(INTS):
                    out_i[n, k] = si[s, k]
                size = lex.char_lm.shape[1]
                out_i[n, NODE] = (si[s, NODE] * size + code) % (size * size * size)
                out_i[n, CASE] = case
                out_i[n, HASH] = (si[s, HASH] * _A) ^ (low + 1)
                out_i[n, SOUND] = _sound(si[s, SOUND], low)
                out_f[n, 0] = 0.0
                out_f[n, 1] = here + penalty + p[P_OOV_CHAR] * lex.char_lm[si[s, NODE], code - 1] * 0.1
                n += 1
        elif mode == NUMBER:
            at = _arc(lex.first, lex.label, np.int64(lex.roots[13]), low)
            if at >= 0:
                for k in range(INTS):
                    out_i[n, k] = si[s, k]
                out_i[n, NODE] = lex.target[at]
                out_i[n, MODE] = SUFFIX
                out_i[n, CASE] = CAPS if is_up else LOWER
                out_i[n, HASH] = low + 1
                out_i[n, STEM] = 0
                out_f[n, 0] = lex.root_cost[13] + 0.5 * lex.cost[at]
                out_f[n, 1] = here + p[P_LM] * out_f[n, 0] + 5.0
                n += 1
        return n
    if 48 <= t <= 57:
        for k in range(INTS):
            out_i[n, k] = si[s, k]
        out_f[n, 0] = 0.0
        out_f[n, 1] = here + p[P_DIGIT]
        if mode == GAP or mode == GLUE:
            out_i[n, MODE] = NUMBER
            out_f[n, 1] += p[P_NUM] + (p[P_WORD] if mode == GAP else 0.0)
            out_i[n, HASH] = t
            out_i[n, CASE] = LOWER
            return n + 1
        if mode == NUMBER:
            out_i[n, HASH] = t
            out_i[n, CASE] = LOWER
            return n + 1
        if mode == OOV:
            out_i[n, NODE] = 0
            out_f[n, 1] += 6.0
            return n + 1
        return base_n
    if mode == NUMBER and (t == 46 or t == 44 or t == 45 or t == 47 or t == 58):      # . , - / : inside of a number
        for k in range(INTS):
            out_i[n, k] = si[s, k]
        out_i[n, CASE] = CAPS                        # no more than one in a row
        out_f[n, 0] = 0.0
        out_f[n, 1] = here + p[P_DIGIT]
        n += 1 if si[s, CASE] != CAPS else 0
    if t == 39 and (mode == WORD or mode == OOV or mode == NUMBER):
        acc, score, word, ok, name = 0.0, here, 0, True, True
        if mode == WORD:
            node = si[s, NODE]
            if lex.final[node] == 255:
                ok = False
            else:
                acc = sf[s, 0] + 0.5 * lex.final[node]
                word = _identity(lex, si[s, HASH])
                name = lex.proper[node] > 0 or si[s, CASE] != LOWER
                score += p[P_LM] * (acc - sf[s, 0])
                score += _case_cost(p, si[s, CASE], np.int64(max(lex.proper[node], 1)), si[s, START] & 1)
        elif mode == OOV:
            score += p[P_OOV_CHAR] * lex.char_lm[si[s, NODE], lex.char_lm.shape[1] - 1] * 0.1
            name = si[s, CASE] != LOWER
        if ok:
            score += p[P_APOS_NAME] if name else p[P_APOS_COMMON]
            harmony = si[s, SOUND] >> 2
            want = -1 if harmony > 3 else 3 * harmony + (si[s, SOUND] & 3)
            lo, hi = (13, 14) if mode == NUMBER else (1, 13)
            for r in range(lo, hi):
                clash = 0.0
                if mode != NUMBER:
                    if want < 0 or si[s, CASE] == CAPS:
                        clash = 2.0 if r - 1 != 3 else 0.5
                        if r - 1 == want:
                            clash = 0.5
                    elif r - 1 != want:
                        clash = p[P_CLASH]
                for k in range(INTS):
                    out_i[n, k] = si[s, k]
                out_i[n, NODE] = lex.roots[r]
                out_i[n, MODE] = SUFFIX
                out_i[n, CASE] = CAPS if si[s, CASE] == CAPS else LOWER
                out_i[n, STEM] = word
                out_i[n, HASH] = (si[s, HASH] * _A) ^ 40
                out_f[n, 0] = acc + lex.root_cost[r]
                out_f[n, 1] = score + clash + p[P_LM] * lex.root_cost[r]
                n += 1
    # a space, or punctuation: the token in progress ends
    for k in range(INTS):
        out_i[n, k] = si[s, k]
    out_f[n, 0] = sf[s, 0]
    out_f[n, 1] = here
    if t == 32:
        if mode == GAP:
            return n
        if not _end_token(out_i, out_f, n, p, lex):
            return n
        ended = si[s, START] & 4
        if mode == GLUE and ended:
            out_i[n, PREV] = 1                       # <s>
            out_i[n, START] = 1
        else:
            out_i[n, START] = si[s, START] & 1 if mode == GLUE else 0
        out_i[n, MODE] = GAP
        return n + 1
    if mode != GAP and mode != GLUE:
        if not _end_token(out_i, out_f, n, p, lex):
            return n
        out_i[n, START] = 8 if si[s, CASE] == TITLE1 and (mode == WORD or mode == OOV) else 0
    pid = lex.punct_id[t] if t < len(lex.punct_id) else 0
    c = p[P_PUNCT]
    if pid > 0:
        c = min(c, _word_cost(lex, out_i[n, PREV], pid, np.float64(lex.uni[pid])))
    out_f[n, 1] += p[P_LM] * c
    out_i[n, PREV] = pid
    out_i[n, MODE] = GLUE
    start = out_i[n, START] & 1
    if t == 46 and out_i[n, START] & 8:                # an initial
        out_i[n, START] = 0
    elif t == 46 or t == 33 or t == 63 or t == 8230:   # . ! ? …
        out_i[n, START] = 4 | 2 | start
    elif t == 44 or t == 59 or t == 58 or t == 41 or t == 93 or t == 125:      # , ; : ) ] }
        out_i[n, START] = 2
    elif t == 40 or t == 34 or t == 91 or t == 39:      # ( " [ ' : the word behind may still start the sentence
        out_i[n, START] = start | (out_i[n, START] & 4)
    else:
        out_i[n, START] = 0
    return n + 1


@_compiled
def _arc(first, label, node, c):
    lo, hi = first[node], first[node + 1]
    end = hi
    while lo < hi:
        mid = (lo + hi) >> 1
        if label[mid] < c:
            lo = mid + 1
        else:
            hi = mid
    return lo if lo < end and label[lo] == c else -1


@_compiled
def _insert(buckets, b, count, table, stamp, mark, si, sf, s, back, out, consumed, best, limit, width):
    """Put a state into a bucket; of two states with the same future the cheaper stays.  Returns the new count."""
    bi, bf, bb, bo, bc = buckets.bi, buckets.bf, buckets.bb, buckets.bo, buckets.bc
    score = sf[s, 1]
    if score > limit[b]:
        return count
    if score < best[b]:
        best[b] = score
        limit[b] = min(limit[b], score + width)
    h = si[s, NODE] * 31 + si[s, MODE]
    h = h * 1000003 + si[s, PREV]
    h = h * 1000003 + si[s, HASH]
    h = h * 1000003 + si[s, CASE] * 64 + si[s, START] * 8 + (si[s, STEM] & 7)
    mask = table.shape[1] - 1
    slot = (h ^ (h >> 17)) & mask
    while mark[b, slot] == stamp:
        k = table[b, slot]
        if (bi[b, k, NODE] == si[s, NODE] and bi[b, k, MODE] == si[s, MODE] and bi[b, k, PREV] == si[s, PREV]
                and bi[b, k, HASH] == si[s, HASH] and bi[b, k, CASE] == si[s, CASE]
                and bi[b, k, START] == si[s, START]):
            if bf[b, k, 1] > score:
                for j in range(INTS):
                    bi[b, k, j] = si[s, j]
                bf[b, k, 0] = sf[s, 0]
                bf[b, k, 1] = score
                bb[b, k] = back
                bo[b, k] = out
                bc[b, k] = consumed
            return count
        slot = (slot + 1) & mask
    if count >= bb.shape[1]:
        return count
    mark[b, slot] = stamp
    table[b, slot] = count
    for j in range(INTS):
        bi[b, count, j] = si[s, j]
    bf[b, count, 0] = sf[s, 0]
    bf[b, count, 1] = score
    bb[b, count] = back
    bo[b, count] = out
    bc[b, count] = consumed
    return count + 1


@_compiled
def _step(pos, n, obs, rules, p, lex, open_letters, buckets, table, mark, count, best, limit, tick, ki, kf, ended,
          back, out, consumed, xi, xf, yi, yf, si, sf, bins, used, eps_lo, eps_hi):
    """Prune the states at a position, keep them in the trellis and expand them.  Returns how many there are."""
    bi, bf, bb, bo, bc = buckets.bi, buckets.bf, buckets.bb, buckets.bo, buckets.bc
    width = p[P_BEAM]
    beam = int(p[P_BEAM_SIZE])
    half = 2 * beam
    zero, one = np.int64(0), np.int64(1)
    b = pos & 3
    m = count[b]
    base = used
    live = 0
    ended[:] = 0
    for phase in range(2):
        # keep the best states of the bucket (phase 1: those reached by true characters that left no trace)
        lo = 0 if phase == 0 else m
        hi = count[b]
        room = beam if phase == 0 else beam // 2
        kept0 = live
        highest = _limit(bf, b, lo, hi, best[b], width, room, bins)
        for k in range(lo, hi):
            if bf[b, k, 1] > highest:
                continue
            if live - kept0 >= room:
                break
            for j in range(INTS):
                ki[live, j] = bi[b, k, j]
            kf[live, 0] = bf[b, k, 0]
            kf[live, 1] = bf[b, k, 1]
            mode = ki[live, MODE]
            open_letters[live] = lex.letters[ki[live, NODE]] if mode == WORD or mode == SUFFIX else ANY
            back[used] = bb[b, k]
            out[used] = bo[b, k]
            consumed[used] = bc[b, k]
            used += 1
            live += 1
        if phase == 1:
            break
        m = count[b]
        stamp = tick + 2 * pos + 1
        limit[b] = best[b] + width
        tightened = m
        for s in range(kept0, live):
            if count[b] > tightened + beam // 2:
                tightened = count[b]
                limit[b] = min(limit[b], _limit(bf, b, m, tightened, best[b], width, beam // 2, bins))
            slack = limit[b] - kf[s, 1]
            inside = ki[s, MODE] == WORD or ki[s, MODE] == SUFFIX
            for r in range(eps_lo, eps_hi):
                if rules.rule_cost[r] > slack:
                    break
                if open_letters[s] & rules.rule_bit[r] == 0:
                    continue
                true = rules.rule_true[r]
                if inside and true <= 0xFFFF and is_letter(true):
                    low = lower_code(true)
                    at = _arc(lex.first, lex.label, ki[s, NODE], low)
                    if at >= 0 and _letter(ki, kf, s, at, low, low != true, rules.rule_cost[r], limit[b], p, lex, xi,
                                           xf, zero):
                        count[b] = _insert(buckets, b, count[b], table, stamp, mark, xi, xf, zero, base + s, true,
                                           zero, best, limit, width)
                    continue
                if not _hopeless(ki, s, rules.rule_true[r], rules.rule_cost[r], slack, p, lex):
                    way = _begin(s, rules.rule_true[r] & 0xFFFF, ki, kf, ended, p, lex)
                    if way == 2 or way == 1 and kf[s + half, 1] + rules.rule_cost[r] > limit[b]:
                        continue
                    row = s + half if way == 1 else s
                    got = _chain(ki, kf, row, rules.rule_true[r], rules.rule_cost[r], p, lex, xi, xf, yi, yf)
                    for g in range(got):
                        count[b] = _insert(buckets, b, count[b], table, stamp, mark, xi, xf, g, base + s,
                                           rules.rule_true[r], zero, best, limit, width)
            if p[P_DEL] <= slack and inside:
                node = ki[s, NODE]
                for a in range(lex.first[node], lex.first[node + 1]):
                    if p[P_DEL] + p[P_LM] * 0.5 * lex.cost[a] <= slack:
                        low = np.int64(lex.label[a])
                        c = upper_code(low) if ki[s, CASE] == CAPS else low
                        if is_letter(c) and lower_code(c) == low:
                            if _letter(ki, kf, s, a, low, c != low, p[P_DEL], limit[b], p, lex, xi, xf, zero):
                                count[b] = _insert(buckets, b, count[b], table, stamp, mark, xi, xf, zero, base + s,
                                                   c, zero, best, limit, width)
                            continue
                        got = _chain(ki, kf, s, c, p[P_DEL], p, lex,
                                     xi, xf, yi, yf)
                        for g in range(got):
                            count[b] = _insert(buckets, b, count[b], table, stamp, mark, xi, xf, g, base + s,
                                               c, zero, best, limit, width)
    if pos == n:
        return live
    # expand over 1, 2 and 3 OCR characters
    key = np.int64(0)
    for size_o in range(1, min(3, n - pos) + 1):
        key = key | (obs[pos + size_o - 1] << (16 * (size_o - 1)))
        nb = (pos + size_o) & 3
        stamp = tick + 2 * (pos + size_o)
        at = _find(rules.rule_key, key)
        if at >= 0:
            lo, hi = rules.rule_first[at], rules.rule_first[at + 1]
            tightened = 0
            for s in range(live):
                if count[nb] > tightened + beam:
                    tightened = count[nb]
                    limit[nb] = min(limit[nb], _limit(bf, nb, zero, tightened, best[nb], width, beam, bins))
                inside = ki[s, MODE] == WORD or ki[s, MODE] == SUFFIX
                for r in range(lo, hi):
                    slack = limit[nb] - kf[s, 1]
                    if rules.rule_cost[r] > slack:
                        break                      # rules are sorted by cost
                    if open_letters[s] & rules.rule_bit[r] == 0:
                        continue
                    true = rules.rule_true[r]
                    if inside and true <= 0xFFFF and is_letter(true):
                        low = lower_code(true)
                        arc = _arc(lex.first, lex.label, ki[s, NODE], low)
                        if arc >= 0 and _letter(ki, kf, s, arc, low, low != true, rules.rule_cost[r], limit[nb], p, lex,
                                                xi, xf, zero):
                            count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, xi, xf, zero, base + s,
                                                true, size_o, best, limit, width)
                        continue
                    if _hopeless(ki, s, rules.rule_true[r], rules.rule_cost[r], slack, p, lex):
                        continue
                    way = _begin(s, rules.rule_true[r] & 0xFFFF, ki, kf, ended, p, lex)
                    if way == 2 or way == 1 and kf[s + half, 1] + rules.rule_cost[r] > limit[nb]:
                        continue
                    row = s + half if way == 1 else s
                    got = _chain(ki, kf, row, rules.rule_true[r], rules.rule_cost[r], p, lex, xi, xf, yi, yf)
                    for g in range(got):
                        count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, xi, xf, g, base + s,
                                            rules.rule_true[r], size_o, best, limit, width)
        if size_o == 1:
            c0 = obs[pos]
            same = rules.identity[c0] if c0 < len(rules.identity) else 0.05
            for s in range(live):
                if _hopeless(ki, s, c0, same, 1e9, p, lex):
                    continue
                way = _begin(s, c0, ki, kf, ended, p, lex)
                if way == 2:
                    continue
                row = s + half if way == 1 else s
                got = _chain(ki, kf, row, c0, same, p, lex, xi, xf, yi, yf)
                for g in range(got):
                    count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, xi, xf, g, base + s, c0,
                                        one, best, limit, width)
            for s in range(live):
                slack = limit[nb] - kf[s, 1]
                drop = p[P_SPACE_INS] if c0 == 32 else p[P_INS]
                if drop <= slack:
                    for j in range(INTS):
                        si[0, j] = ki[s, j]
                    sf[0, 0] = kf[s, 0]
                    sf[0, 1] = kf[s, 1] + drop
                    count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, si, sf, zero, base + s,
                                        zero, one, best, limit, width)
                mode = ki[s, MODE]
                begins = mode == GAP or mode == GLUE
                if c0 != 32 and p[P_SUB] <= slack and (begins or mode == WORD or mode == SUFFIX):
                    node = np.int64(lex.roots[0]) if begins else ki[s, NODE]
                    capital = lower_code(c0) != c0 if begins else ki[s, CASE] == CAPS
                    dearest = slack - p[P_SUB] - (p[P_LM] * lex.root_cost[0] if begins else 0.0)
                    for a in range(lex.first[node], lex.first[node + 1]):
                        if p[P_LM] * 0.5 * lex.cost[a] <= dearest:
                            low = np.int64(lex.label[a])
                            c = upper_code(low) if capital else low
                            if not begins and c != c0 and is_letter(c) and lower_code(c) == low:
                                if _letter(ki, kf, s, a, low, c != low, p[P_SUB], limit[nb], p, lex, xi, xf, zero):
                                    count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, xi, xf, zero,
                                                        base + s, c, one, best, limit, width)
                            elif c != c0:
                                got = _chain(ki, kf, s, c, p[P_SUB], p, lex, xi, xf, yi, yf)
                                for g in range(got):
                                    count[nb] = _insert(buckets, nb, count[nb], table, stamp, mark, xi, xf,
                                                        g, base + s, c, one, best, limit, width)
    count[b] = 0
    best[b] = 1e18
    limit[b] = 1e18
    return live


def search(obs: NDArray[np.int64], rules: Rules, p: NDArray[np.float64], lex: Lexicon, prev: int, start: int,
           results: int, work: tuple[Buckets, Array, Array, Array]) -> tuple[Array, Array, Array, Array, Array]:
    """The ``results`` best true texts of an OCR text.

    Args:
        obs: code points.
        p: the constants, :meth:`ocrfix.engine.parameters.Parameters.array`.
        prev: identity of the word before (0 unknown, 1 sentence start).
        start: 1 at the start of a sentence.
        work: :func:`workspace`.

    Returns:
        (ends, scores, back, out, consumed): indices of the best final states with their costs, and the trellis to
        trace them back through: the state before, the true characters (three of 16 bits), OCR characters consumed.
    """
    half = 2 * int(p[P_BEAM_SIZE])
    states = (len(obs) + 1) * half
    back, out, consumed = np.empty(states, np.int32), np.empty(states, np.int64), np.empty(states, np.int8)
    final = np.full(half, IMPOSSIBLE)
    live, used = _search(obs, rules, p, lex, prev, start, *work, np.zeros(4, np.int64), np.full(4, IMPOSSIBLE),
                         np.full(4, IMPOSSIBLE), np.zeros((2 * half, INTS), np.int64), np.zeros((2 * half, 2)),
                         np.zeros(half, np.int8), np.zeros(half, np.int64), back, out, consumed,
                         np.zeros((256, INTS), np.int64), np.zeros((256, 2)), np.zeros((256, INTS), np.int64),
                         np.zeros((256, 2)), np.zeros((1, INTS), np.int64), np.zeros((1, 2)), np.zeros(128, np.int64),
                         final)
    order = np.argsort(final[:live], kind="stable")[:results]
    order = order[final[order] < IMPOSSIBLE]
    return order + (used - live), final[order], back[:used], out[:used], consumed[:used]


@njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]
def _search(obs, rules, p, lex, prev, start, buckets, table, mark, clock, count, best, limit, ki, kf, ended,
            open_letters, back, out, consumed, xi, xf, yi, yf, si, sf, bins, final):
    """The search itself, in arrays that are given.  Returns the number of final states and of all.

    Row s + half of ``ki`` and ``kf`` is state s with its word ended; what costs more than ``limit`` need not be put
    into a bucket; ``final`` gets the costs of the final states.
    """
    n = len(obs)
    width = p[P_BEAM]
    tick = clock[0]                                # stamps of this search are above those of every earlier one
    clock[0] += 2 * (n + 4)
    zero, none = np.int64(0), np.int64(-1)         # typed, or numba compiles all that takes them once more
    si[0, MODE] = GAP
    si[0, PREV] = prev
    si[0, START] = start
    count[0] = _insert(buckets, zero, zero, table, tick, mark, si, sf, zero, none, zero, zero, best, limit, width)
    used, live = np.int64(0), np.int64(0)
    eps_lo, eps_hi = zero, zero
    at0 = _find(rules.rule_key, zero)
    if at0 >= 0:
        eps_lo, eps_hi = rules.rule_first[at0], rules.rule_first[at0 + 1]
    for pos in range(n + 1):
        live = _step(pos, n, obs, rules, p, lex, open_letters, buckets, table, mark, count, best, limit, tick, ki, kf,
                     ended, back, out, consumed, xi, xf, yi, yf, si, sf, bins, used, eps_lo, eps_hi)
        used += live
    for s in range(live):                          # every state ends its token
        for j in range(INTS):
            si[0, j] = ki[s, j]
        sf[0, 0] = kf[s, 0]
        sf[0, 1] = kf[s, 1]
        if _end_token(si, sf, zero, p, lex):
            final[s] = sf[0, 1]
    return live, used


@_compiled
def _hopeless(si, s, true, extra, slack, p, lex):
    """Whether a confusion cannot continue a state: a cheap test that spares most of the work."""
    mode = si[s, MODE]
    t = true & 0xFFFF
    if t == 0 or mode == GAP or mode == GLUE:
        return False
    if mode == OOV or mode == NUMBER:
        return extra > OOV_LIMIT                   # no lexicon holds the spelling, so unlikely confusions say nothing
    if not is_letter(t):
        return False
    low = lower_code(t)
    case = si[s, CASE]
    if low != t:
        if case == LOWER or case == TITLE:
            return True
    elif case == CAPS and mode == WORD:
        return True
    at = _arc(lex.first, lex.label, si[s, NODE], low)
    return at < 0 or extra + p[P_LM] * 0.5 * lex.cost[at] > slack


@_compiled
def _begin(s, t, ki, kf, ended, p, lex):
    """How to go on with a true character that may end the state's word.

    0: from the state itself; 1: from the state with its word ended (scored once for all that follows); 2: not at all.
    """
    mode = ki[s, MODE]
    if t == 0 or (mode != WORD and mode != OOV and mode != SUFFIX) or is_letter(t) or 48 <= t <= 57:
        return 0
    if t == 39 and mode != SUFFIX:
        return 0
    if ended[s] == 0:
        e = s + len(ended)
        for k in range(INTS):
            ki[e, k] = ki[s, k]
        kf[e, 0] = kf[s, 0]
        kf[e, 1] = kf[s, 1]
        initial = ki[s, CASE] == TITLE1 and mode != SUFFIX
        ended[s] = 1 if _end_token(ki, kf, e, p, lex) else 2
        ki[e, START] = 8 if initial else 0
    return ended[s]


@_compiled
def _limit(scores, b, lo, hi, best, width, room, bins):
    """The cost up to which about ``room`` of the states lo:hi may be kept (a histogram instead of a sort)."""
    if hi - lo <= room:
        return best + width
    bins[:] = 0
    for k in range(lo, hi):
        x = int((scores[b, k, 1] - best) * (128.0 / width))
        if x < 128:
            bins[max(x, 0)] += 1
    total = 0
    for x in range(128):
        total += bins[x]
        if total > room:
            return best + x * (width / 128.0) if x > 0 else best + width / 128.0
    return best + width


def memory() -> tuple[Array, Array, Array, Array]:
    """Remembered look-ups of a language model: pairs and their costs, word hashes and their identities."""
    return (np.full(REMEMBERED, -1, np.int64), np.zeros(REMEMBERED, np.float64),
            np.full(REMEMBERED, -1, np.int64), np.zeros(REMEMBERED, np.int64))


def workspace() -> tuple[Buckets, Array, Array, Array]:
    """Arrays that searches share, one set a process: building them for every word would take most of the time."""
    return (Buckets(np.zeros((4, CAPACITY, INTS), np.int64), np.zeros((4, CAPACITY, 2), np.float64),
            np.zeros((4, CAPACITY), np.int32), np.zeros((4, CAPACITY), np.int64), np.zeros((4, CAPACITY), np.int8)),
            np.zeros((4, TABLE), np.int32), np.zeros((4, TABLE), np.int64), np.ones(1, np.int64))


@_compiled
def _chain(si, sf, s, true, extra, p, lex, xi, xf, yi, yf):
    """States after up to three true characters, in xi, xf.  Returns their number.  yi, yf are scratch."""
    if true == 0:                                  # what was read stands for nothing
        for j in range(INTS):
            xi[0, j] = si[s, j]
        xf[0, 0] = sf[s, 0]
        xf[0, 1] = sf[s, 1] + extra
        return np.int64(1)
    m = _advance(si, sf, s, extra, true & 0xFFFF, p, lex, xi, xf, np.int64(0))
    true >>= 16
    while true > 0 and m > 0:
        k = np.int64(0)
        for r in range(m):
            if k > 220:
                break
            k = _advance(xi, xf, r, 0.0, true & 0xFFFF, p, lex, yi, yf, k)
        true >>= 16
        for r in range(k):
            for j in range(INTS):
                xi[r, j] = yi[r, j]
            xf[r, 0] = yf[r, 0]
            xf[r, 1] = yf[r, 1]
        m = k
    return m
