"""Every regular expression of ocrfix, found in its source, and the texts of half a megabyte that each is tried on.

Start reading at :func:`collect`.  A pattern is found where ``re`` or ``regex`` is called, so none can be forgotten; one
that is put together at run time must be listed in :data:`MADE`, or the collection fails.

A pattern whose matching costs the square of the length needs minutes for that, one that is linear a fraction of a
second.  Nobody has to measure to tell one from the other: run as a program, this module tries all of them, and the
kernel ends the process if one takes :data:`LIMIT` seconds of processor time, fifty times what the slowest takes
and a quarter of what the square would cost at least.  How busy the machine is makes no difference to that.
"""
from __future__ import annotations

import ast
import importlib
import re
import re._parser as syntax  # type: ignore[import-not-found]
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import regex

SOURCE = Path(__file__).resolve().parents[1] / "src" / "ocrfix"
SIZE = 2**19
"""Characters of a text."""
LIMIT = 10.0
"""Seconds of processor time within which a pattern must be done with a text."""
CALLS = frozenset({"compile", "match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"})
ANCHORED = frozenset({"match", "fullmatch"})
MADE: Mapping[str, Sequence[str]] = {
    "f\"[{regex.escape(''.join(map(chr, self.marks)))}]\"": ["[\x96þ]"],
    "f\"[\\\\p{{L}}\\\\p{{M}}{marks}]++(?:['’][\\\\p{{L}}\\\\p{{M}}{marks}]++)?\"": [
        r"[\p{L}\p{M}\x96þ]++(?:['’][\p{L}\p{M}\x96þ]++)?"],
    "re.escape(sign) + '+'": [r"\*+", "_+", "`+"],
    "re.escape(sign) + '{2,}'": ["~{2,}"],
    r"f'{re.escape(name)}(?:[\\W_]++(?:(?:p|pg|page|s|sayfa)[\\W_]*+)?[0-9]+)?'": [
        r"kitap(?:[\W_]++(?:(?:p|pg|page|s|sayfa)[\W_]*+)?[0-9]+)?"],
    r"f'(?:\\b|(?=\\W)){re.escape(word)}(?:\\b|(?<=\\W))'": [r"(?:\b|(?=\W))aa(?:\b|(?<=\W))"],
    "start + re.escape(raw) + end": [r"(?<!\w)aa(?!\w)", r"(?<!\w)\.\.(?!\w)"],
}
"""What is put together at run time, as it stands in the source, with patterns such as come out."""
UNITS = ["a", " ", "\n", "1", ".", "(", "a ", "-\n", "a1", "\u0307"]
"""What texts are made of, again and again; each pattern has units of its own besides (:func:`beginnings`)."""
END = "\x02a"
"""Ends each text: a pattern that wants a class of signs up to the end does not find both."""
SIGNS = "a0 .-[(\"'<\n*Aİ" + "".join(map(chr, range(sys.maxunicode + 1)))
"""All, the likeliest first."""
AHEAD = 1
"""The direction of an assertion, as ``re`` has it."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern: where it stands, its library, itself with its flags, and whether it is tried at a start only."""

    where: str
    library: str
    pattern: str | bytes
    flags: int
    anchored: bool


def collect() -> list[Pattern]:
    """All patterns.

    Raises:
        LookupError: one is put together at run time and not listed in :data:`MADE`.
    """
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    uses = _uses(trees.values())
    return [pattern for path, tree in trees.items() for pattern in _patterns(path.relative_to(SOURCE), tree, uses)]


def _patterns(path: Path, tree: ast.Module, uses: Mapping[str, set[str]]) -> Iterator[Pattern]:
    names = {id(node.value): node.targets[0].id for node in ast.walk(tree)
             if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in CALLS
                and isinstance(call.func.value, ast.Name) and call.func.value.id in ("re", "regex")):
            continue
        module = importlib.import_module(".".join(["ocrfix", *path.with_suffix("").parts]).removesuffix(".__init__"))
        how, flags = {call.func.attr}, 0
        if call.func.attr == "compile":
            how = uses.get(names.get(id(call), ""), {"search"})
            flags = sum(int(_value(node, module)) for node in [*call.args[1:], *(k.value for k in call.keywords)])
        for value in _values(call.args[0], module, f"{path}:{call.lineno}"):
            yield Pattern(f"{path}:{call.lineno}", call.func.value.id, value, flags, how <= ANCHORED)


def _uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """The methods that are called on whatever bears a name, in any module."""
    out: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in CALLS and isinstance(node.value, ast.Name | ast.Attribute):
            name = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            out.setdefault(name, set()).add(node.attr)
    return out


def _values(node: ast.expr, module: ModuleType, where: str) -> Sequence[str | bytes]:
    try:
        value = _value(node, module)
    except NameError:
        if (source := ast.unparse(node)) not in MADE:
            raise LookupError(f"{where}: list an example of this pattern in tests/patterns.py: {source}") from None
        return MADE[source]
    assert isinstance(value, str | bytes)
    return [value]


def _value(node: ast.expr, module: ModuleType) -> object:
    return eval(compile(ast.Expression(node), "<pattern>", "eval"), vars(module))


def beginnings(pattern: str | bytes) -> list[str]:
    """Texts on which a pattern matches up to some point and no further, on each of its alternative ways.

    >>> beginnings(r"[(](?:[a-z]{2,}|\\d*)=")
    ['(', '(0', '(a', '(0=', '(aa', '(aa=']
    """
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    text = re.sub(r"\\p\{(?:N|Nd)\}", "0", re.sub(r"\\p\{\w+\}", "a", text))
    ways = _ways(syntax.parse(text, re.VERBOSE if "\n" in text else 0))
    begun = {"".join(way[:k]) for way in ways for k in range(1, len(way) + 1)}
    return sorted(begun, key=lambda text: (len(text), text))


def _ways(parts: Iterable[tuple[object, object]]) -> list[list[str]]:
    """The signs that the parts of a parsed pattern match one after the other.

    In the first way all alternatives are the first of theirs, in each of the others one is another.
    """
    ways: list[list[str]] = [[]]
    for part in parts:
        first, *others = _ways_of(*part)
        ways = [way + first for way in ways] + [ways[0] + other for other in others]
    return ways


def _ways_of(kind: object, value: Any) -> list[list[str]]:
    """The ways of one part; repeats are matched once at least, what only looks ahead may be matched as well."""
    match str(kind):
        case "LITERAL":
            return [[chr(value)]]
        case "IN" | "NOT_LITERAL" | "ANY":
            return [[_sign(kind, value)]]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [way * max(1, value[0]) for way in _ways(value[2])]
        case "SUBPATTERN":
            return _ways(value[-1])
        case "ATOMIC_GROUP":
            return _ways(value)
        case "BRANCH":
            return [way for branch in value[1] for way in _ways(branch)]
        case "ASSERT" if value[0] == AHEAD:
            return [[], *_ways(value[1])]
    return [[]]


def _sign(kind: object, value: object) -> str:
    """A sign that a class matches, of those that are likely to belong to another class as well if one does."""
    state = syntax.State()
    state.str = ""
    found = re._compiler.compile(syntax.SubPattern(state, [(kind, value)])).search(SIGNS)  # type: ignore[attr-defined]
    assert found is not None
    return str(found[0])


def texts(pattern: Pattern) -> Iterator[tuple[str, str]]:
    """What a pattern is tried on, each text as what it begins with and what then comes again and again."""
    begun = beginnings(pattern.pattern)
    yield from (("", unit) for unit in dict.fromkeys([*begun, *UNITS]))
    yield from ((unit, unit[-1]) for unit in begun if len(unit) > 1)


def attack(pattern: Pattern, start: str, unit: str) -> None:
    """Try a pattern on a unit that is repeated, with signs at the end with which hardly any pattern ends."""
    compiled = {"re": re, "regex": regex}[pattern.library].compile(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
    text: str | bytes = start + unit * (SIZE // len(unit)) + END
    if isinstance(pattern.pattern, bytes):
        text = str(text).encode("utf-8", "surrogatepass")
    if pattern.anchored:
        compiled.match(text)
        compiled.fullmatch(text)
    else:
        for _ in compiled.finditer(text):
            pass


def main(part: int, parts: int) -> None:
    """Try every ``parts``-th pattern, from the ``part``-th on."""
    for pattern in collect()[part::parts]:
        for start, unit in texts(pattern):
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            print(f"{pattern.where}: {pattern.pattern!r} on {start!r} and {unit!r} again and again", flush=True)
            attack(pattern, start, unit)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
