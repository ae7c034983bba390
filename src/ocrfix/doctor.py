"""``ocrfix doctor``: what is installed, what is missing, and what to do about it.

Start reading at :data:`CHECKS`.  A check is a function that finds something out; it imports what it looks at only when
it is called, so that a missing package costs its own line alone.
"""
from __future__ import annotations

import locale
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata
from pathlib import Path

import click

from ocrfix import __version__, paths
from ocrfix.errors import OcrfixError
from ocrfix.messages import message, translated

OF_DEVELOPMENT = frozenset({"dev", "docs"})
"""Extras that nobody misses."""
WORKER = 0.6e9
"""Bytes of memory that a worker process takes for documents of the usual size (``docs/scale.md``)."""


class Found(Enum):
    """How a check ended, as the sign before its line."""

    GOOD = "+"
    OPTIONAL = "-"
    MISSING = "!"


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the report.

    Attributes:
        found: whether all is good, something that is not needed is missing, or something that is needed.
        name: what was looked at.
        value: what was found.
        advice: what to do; empty if nothing is to be done.
    """

    found: Found
    name: str
    value: str
    advice: str = ""


def of_python() -> Iterator[Finding]:
    """ocrfix itself and the Python that runs it."""
    yield Finding(Found.GOOD, "ocrfix", f"{__version__}, {Path(__file__).resolve().parent}")
    yield Finding(Found.GOOD, "Python", f"{platform.python_version()}, {sys.executable}")


def of_packages() -> Iterator[Finding]:
    """The packages that ocrfix needs, and those of its extras."""
    from packaging.requirements import Requirement
    try:
        requirements = [Requirement(line) for line in metadata.requires("ocrfix") or ()]
    except metadata.PackageNotFoundError:
        yield Finding(Found.OPTIONAL, message("packages"), message("unknown: ocrfix is run from a folder"),
                      message("install it: pip install -e ."))
        return
    extras = set(metadata.metadata("ocrfix").get_all("Provides-Extra") or ()) - OF_DEVELOPMENT
    for requirement in requirements:
        extra = next((extra for extra in sorted(extras) if requirement.marker is not None
                      and requirement.marker.evaluate({"extra": extra})), None)
        if requirement.marker is not None and extra is None:
            continue                                        # of development, or of another platform
        advice = f"pip install '{requirement.name}{requirement.specifier}'"
        if extra is not None:
            advice = message(f"if you need it: pip install 'ocrfix[{extra}]'")
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            version = ""
        good = bool(version) and requirement.specifier.contains(version, prereleases=True)
        value = version or message("not installed")
        yield Finding(Found.GOOD if good else Found.OPTIONAL if extra else Found.MISSING, requirement.name, value,
                      "" if good else advice)


def of_pandoc() -> Iterator[Finding]:
    """The program pandoc, which the package ``pypandoc-binary`` brings, or the system."""
    from ocrfix.outputs.formats import pandoc
    try:
        pandoc.check()
        yield Finding(Found.GOOD, "pandoc", pandoc.program())
    except OcrfixError as error:
        yield Finding(Found.OPTIONAL, "pandoc", message("not usable"), str(error))


def of_compiled_code() -> Iterator[Finding]:
    """The search, which is compiled at its first use and then kept."""
    from numba.core.dispatcher import Dispatcher

    from ocrfix.engine import decoder
    folders = {each.stats.cache_path for each in vars(decoder).values() if isinstance(each, Dispatcher)}
    for folder in sorted(map(Path, filter(None, folders))):
        if any(folder.glob("decoder.*.nbc")):
            yield Finding(Found.GOOD, message("compiled code"), str(folder))
        else:
            yield Finding(Found.OPTIONAL, message("compiled code"), message(f"none yet in {folder}"),
                          message("the first run compiles it, which takes some ten seconds"))
        yield _writable(message("cache of compiled code"), folder,
                        message("set NUMBA_CACHE_DIR to a folder that can be written to"))


def of_lexicons() -> Iterator[Finding]:
    """The shipped lexicons and models, loaded."""
    from ocrfix.knowledge import Knowledge
    from ocrfix.records import version_of_lexicons
    try:
        knowledge = Knowledge.load()
        value = message(f"version {version_of_lexicons()[:12]}, {len(knowledge.channels)} confusion tables, "
                        f"{len(knowledge.listed):,} listed words, {paths.lexicons()}")
        yield Finding(Found.GOOD, message("lexicons"), value)
    except (OcrfixError, OSError, ValueError, KeyError) as error:
        yield Finding(Found.MISSING, message("lexicons"), str(error), message("install ocrfix again"))


def of_settings() -> Iterator[Finding]:
    """The settings file of this folder, and whether reports can be written here."""
    from ocrfix import configuration
    there = Path(configuration.FILE).exists()
    yield Finding(Found.GOOD, message("settings"),
                  f"{Path.cwd() / configuration.FILE}" if there else message("the defaults: no ocrfix.toml here"))
    yield _writable(message("current folder"), Path.cwd(), message("write the reports elsewhere: --out"))


def of_machine() -> Iterator[Finding]:
    """Cores, memory and locale."""
    from ocrfix import cores
    count = cores.available()
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):           # not told on this system
        size = 0
    memory = f"{size / 1e9:.1f} GB" if size else message("unknown")
    enough = not size or size >= count * WORKER
    yield Finding(Found.GOOD, message("cores"), str(count))
    yield Finding(Found.GOOD if enough else Found.OPTIONAL, message("memory"), memory,
                  "" if enough else message(f"each process takes some 600 MB: --jobs {max(1, int(size // WORKER))}"))
    encoding = sys.getfilesystemencoding()
    name = locale.setlocale(locale.LC_CTYPE)
    utf8 = encoding.lower().replace("-", "") == "utf8"
    advice = message("names of files with Turkish letters may fail: set PYTHONUTF8=1")
    yield Finding(Found.GOOD if utf8 else Found.OPTIONAL, message("locale"),
                  message(f"{name}, file names in {encoding}"), "" if utf8 else advice)


def _writable(name: str, folder: Path, advice: str) -> Finding:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Finding(Found.GOOD, name, message(f"can be written to: {folder}"))
    except OSError:
        return Finding(Found.OPTIONAL, name, message(f"cannot be written to: {folder}"), advice)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    of_python, of_packages, of_pandoc, of_compiled_code, of_lexicons, of_settings, of_machine)


def examine() -> Iterator[Finding]:
    """All findings; a check that fails for want of a package, or of a cache, says so."""
    for check in CHECKS:
        try:
            yield from check()
        except (ImportError, RuntimeError) as error:
            yield Finding(Found.MISSING, check.__name__.removeprefix("of_").replace("_", " "), str(error),
                          message("install ocrfix again"))


@click.command("doctor", short_help="Say what is installed, what is missing, and what to do.")
def doctor_command() -> None:
    """Say what ocrfix finds on this computer: + is good, - is missing but not needed, ! is missing and needed.

    Exit status: 0 all that is needed is there; 1 something is missing.

    \b
    Example:
      ocrfix doctor
    """
    findings = list(examine())
    names = [translated(finding.name) for finding in findings]
    width = max(map(len, names))
    for name, finding in zip(names, findings, strict=True):
        click.echo(f"{finding.found.value} {name:{width}}  {translated(finding.value)}")
        if finding.advice:
            click.echo(f"  {'':{width}}  -> {translated(finding.advice)}")
    if any(finding.found is Found.MISSING for finding in findings):
        click.echo(translated("something is missing that ocrfix needs"), err=True)
        raise SystemExit(1)
