"""Every regular expression of ocrfix, found in its source, and the texts of a megabyte that each is tried on.

Start reading at :func:`collect`.  A pattern is found where ``re`` or ``regex`` is called, so none can be forgotten; one
that is put together at run time must be listed in :data:`MADE`, or the collection fails.

A pattern whose matching costs the square of the length needs hours for a megabyte, one that is linear a fraction of a
second.  Nobody has to measure to tell one from the other: run as a program, this module tries all of them, and the
kernel ends the process if one takes :data:`LIMIT` seconds of processor time, a hundred times what the slowest takes
and a hundredth of what the square would cost at least.  How busy the machine is makes no difference to that.
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

import regex

SOURCE = Path(__file__).resolve().parents[1] / "src" / "ocrfix"
SIZE = 2**20
"""Characters of a text."""
LIMIT = 40.0
"""Seconds of processor time within which a pattern must be done with a text."""
CALLS = frozenset({"compile", "match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split"})
ANCHORED = frozenset({"match", "fullmatch"})
MADE: Mapping[str, Sequence[str]] = {
    "f\"[{regex.escape(''.join(map(chr, self.marks)))}]\"": ["[\x96þ]"],
    "f\"[\\\\p{{L}}\\\\p{{M}}{marks}]++(?:['’][\\\\p{{L}}\\\\p{{M}}{marks}]++)?\"": [
        r"[\p{L}\p{M}\x96þ]++(?:['’][\p{L}\p{M}\x96þ]++)?"],
    "re.escape(sign) + '+'": [r"\*+", "_+", "`+"],
    "re.escape(sign) + '{2,}'": ["~{2,}"],
    r"f'{re.escape(name)}(?:[\\W_]+(?:p|pg|page|s|sayfa)?[\\W_]*[0-9]+)?'": [
        r"kitap(?:[\W_]+(?:p|pg|page|s|sayfa)?[\W_]*[0-9]+)?"],
    r"f'(?:\\b|(?=\\W)){re.escape(word)}(?:\\b|(?<=\\W))'": [r"(?:\b|(?=\W))aa(?:\b|(?<=\W))"],
    "start + re.escape(raw) + end": [r"(?<!\w)aa(?!\w)", r"(?<!\w)\.\.(?!\w)"],
}
"""What is put together at run time, as it stands in the source, with patterns such as come out."""
UNITS = ["a", " ", "\n", "1", ".", "(", "a ", "-\n", "a1", "\u0307"]
"""What texts are made of, again and again; each pattern has units of its own besides (:func:`beginnings`)."""


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
    """Texts on which a pattern matches up to some point and no further, one for each of its parts.

    >>> beginnings(r"[(][a-z]{2,}\\d*=")
    ['(', '(aa', '(aa0', '(aa0=']
    >>> beginnings("<(?=a b*=|!)")
    ['<', '<!', '<a', '<a ', '<a b', '<a b=']
    """
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    text = re.sub(r"\\p\{(?:N|Nd)\}", "0", re.sub(r"\\p\{\w+\}", "a", text))
    out = _beginnings("", syntax.parse(text, re.VERBOSE if "\n" in text else 0))
    return sorted({unit for unit in out if unit}, key=lambda unit: (len(unit), unit))


def _beginnings(before: str, parts: Iterable[tuple[object, object]]) -> Iterator[str]:
    """What stands before some parsed parts with ever more of them behind it; what lies ahead is taken apart, too."""
    for part in parts:
        kind, value = str(part[0]), part[1]
        if kind == "ASSERT" and value[0] > 0:  # type: ignore[index]
            ahead = value[1]  # type: ignore[index]
            for way in ahead[0][1][1] if len(ahead) == 1 and str(ahead[0][0]) == "BRANCH" else [ahead]:
                yield from _beginnings(before, way)
        before += _sample(part)
        yield before


def _sample(part: tuple[object, object]) -> str:
    """A short text that a part of a parsed pattern matches; repeats are matched once at least."""
    kind, value = str(part[0]), part[1]
    if kind == "LITERAL":
        return chr(value)  # type: ignore[arg-type]
    if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return "".join(map(_sample, value[2])) * max(1, int(value[0]))  # type: ignore[index]
    if kind == "SUBPATTERN":
        return "".join(map(_sample, value[-1]))  # type: ignore[index]
    if kind == "ATOMIC_GROUP":
        return "".join(map(_sample, value))  # type: ignore[call-overload]
    if kind == "BRANCH":
        return "".join(map(_sample, value[1][0]))  # type: ignore[index]
    if kind in ("IN", "NOT_LITERAL", "ANY"):
        return next((c for c in "a0 .-[(\"'<\n*Aİ\ufdd0\ufdd1\x01\ud800" if _is_in(c, kind, value)), "")
    return ""


def _is_in(character: str, kind: str, value: object) -> bool:
    if kind != "IN":
        return kind == "ANY" or ord(character) != value
    state = syntax.State()
    state.str = ""
    parsed = syntax.SubPattern(state, [(syntax.IN, value)])
    return re._compiler.compile(parsed).match(character) is not None  # type: ignore[attr-defined]


def units(pattern: Pattern) -> Iterator[str]:
    """What a pattern is tried on."""
    yield from dict.fromkeys([*beginnings(pattern.pattern), *UNITS])


def attack(pattern: Pattern, unit: str) -> None:
    """Try a pattern on a unit that is repeated, with a sign at the end on which hardly any pattern ends."""
    compiled = {"re": re, "regex": regex}[pattern.library].compile(pattern.pattern, pattern.flags)  # type: ignore[attr-defined]
    text: str | bytes = unit * (SIZE // len(unit)) + "\x02"
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
        for unit in units(pattern):
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            print(f"{pattern.where}: {pattern.pattern!r} on {unit!r} again and again", flush=True)
            attack(pattern, unit)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
