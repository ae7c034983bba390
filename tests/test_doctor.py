"""``ocrfix doctor``: what is there is named, and what is missing with what to do about it."""
from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from importlib import metadata

import pytest
from click.testing import CliRunner, Result
from packaging.requirements import Requirement

from ocrfix import doctor
from ocrfix.cli import main
from ocrfix.doctor import Found
from ocrfix.errors import OcrfixError


def told() -> Result:
    return CliRunner().invoke(main, ["doctor"])


def without(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    usual = metadata.version

    def version(name: str) -> str:
        if name == package:
            raise metadata.PackageNotFoundError(name)
        return usual(name)

    monkeypatch.setattr(metadata, "version", version)


def test_a_sound_installation_has_all_that_is_needed() -> None:
    done = told()
    assert done.exit_code == 0 and done.stderr == ""
    assert not [line for line in done.stdout.splitlines() if line.startswith("!")]
    for name in ("ocrfix", "Python", "numba", "regex", "pandoc", "compiled code", "lexicons", "settings", "memory",
                 "cores", "locale"):
        assert f" {name} " in done.stdout
    assert metadata.version("numba") in done.stdout
    assert "pytest" not in done.stdout


def test_the_report_is_told_in_turkish_too() -> None:
    done = CliRunner().invoke(main, ["doctor", "--lang", "tr"])
    assert done.exit_code == 0 and "+ sözlükler" in done.stdout and "karıştırma tablosu" in done.stdout


def test_a_missing_package_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "regex")
    done = told()
    assert done.exit_code == 1 and done.stderr == "something is missing that ocrfix needs\n"
    lines = done.stdout.splitlines()
    (at,) = [k for k, line in enumerate(lines) if line.startswith("! regex ")]
    assert "not installed" in lines[at] and "-> pip install 'regex>=" in lines[at + 1]


def test_a_package_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.1" if name == "lxml" else usual(name))
    done = told()
    assert done.exit_code == 1 and re.search(r"^! lxml +0\.1$", done.stdout, re.M)


def test_what_is_not_needed_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "pyarrow")
    done = told()
    assert done.exit_code == 0
    assert "- pyarrow " in done.stdout and "-> if you need it: pip install 'ocrfix[parquet]'" in done.stdout


def test_a_package_that_cannot_be_imported_costs_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba.core.dispatcher", None)
    done = told()
    assert done.exit_code == 1 and "! compiled code" in done.stdout and "+ lexicons" in done.stdout


WITHOUT = """
import sys
from importlib import metadata
usual = metadata.version
def version(name):
    if name in sys.argv[2:]:
        raise metadata.PackageNotFoundError(name)
    return usual(name)
metadata.version = version
sys.modules |= dict.fromkeys(sys.argv[2:])
from ocrfix.cli import main
main(sys.argv[1:2])
"""
"""A program that runs a command where packages are missing."""
NEEDED = [requirement.name for requirement in map(Requirement, metadata.requires("ocrfix") or ())
          if requirement.marker is None and requirement.name not in ("click", "packaging")]


@pytest.mark.parametrize("missing", [["lxml"], ["rapidfuzz"], ["threadpoolctl"], NEEDED], ids=lambda names: names[0])
def test_no_package_is_needed_to_say_that_it_is_missing(missing: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT, "doctor", *missing], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1 and done.stderr == "something is missing that ocrfix needs\n"
    for name in missing:
        assert re.search(rf"^! {name} +not installed\n +-> pip install '{name}", done.stdout, re.M), name


def test_damaged_lexicons_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise OcrfixError("places.txt, line 3: more than one word")

    monkeypatch.setattr("ocrfix.knowledge.Knowledge.load", damaged)
    (finding,) = doctor.of_lexicons()
    assert finding.found is Found.MISSING and finding.value.startswith("places.txt") and finding.advice


def test_a_folder_that_cannot_be_written_to_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the refusal is made here."""
    def refused(**_where: object) -> None:
        raise PermissionError

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    findings = [*doctor.of_compiled_code(), *doctor.of_settings()]
    refusals = [finding for finding in findings if finding.found is not Found.GOOD]
    assert [finding.name for finding in refusals] == ["cache of compiled code", "current folder"]
    assert all(finding.advice for finding in refusals)


def test_too_little_memory_for_all_cores_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no more than advice: nothing that is needed is missing."""
    monkeypatch.setattr("ocrfix.cores.available", lambda: 100_000)
    memory = {finding.name: finding for finding in doctor.of_machine()}["memory"]
    assert memory.advice.startswith("each process takes some 600 MB: --jobs ") and memory.found is Found.OPTIONAL
    assert "\n- memory " in told().stdout and told().exit_code == 0


def test_names_of_files_that_are_not_in_utf8_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-9")
    named = {finding.name: finding for finding in doctor.of_machine()}["locale"]
    assert named.value.endswith("file names in iso8859-9") and named.found is Found.OPTIONAL
    assert named.advice.endswith("set PYTHONUTF8=1")
