"""``ocrfix review`` as a user starts it: what it prints where, and how it ends."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ocrfix.cli import main
from ocrfix.review import command
from reviewing import made, write

ADDRESS = "http://127.0.0.1:1/?token=t"


@pytest.fixture
def review(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Runs the command in a folder of its own with a server that ends as soon as it is ready."""
    def serve(*_: object, ready: Callable[[str], None], **options: object) -> None:
        served.append(options)
        ready(ADDRESS)

    served: list[dict[str, object]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "serve", serve)
    return lambda *arguments: CliRunner().invoke(main, ["review", *map(str, arguments)])


def test_the_address_alone_is_on_standard_output(review: Callable[..., Result], tmp_path: Path) -> None:
    write(tmp_path, made())
    done = review("--no-open")
    assert (done.exit_code, done.stdout) == (0, ADDRESS + "\n")
    assert "Ctrl-C" in done.stderr and "WARNING" not in done.stderr


def test_the_browser_is_opened_unless_it_shall_not(review: Callable[..., Result], tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(command.webbrowser, "open", opened.append)
    write(tmp_path, made())
    review("reports", "--no-open")
    assert opened == []
    review("reports")
    assert opened == [ADDRESS]


@pytest.mark.parametrize(("arguments", "words"), [
    (["nowhere"], "no such folder"), (["empty"], "no document in it"), (["--images", "nowhere"], "no such folder"),
    (["--reviewer", " "], "must be a name"), (["file"], "no such folder"),
])
def test_wrong_usage_is_one_clear_line(arguments: list[str], words: str, review: Callable[..., Result],
                                       tmp_path: Path) -> None:
    write(tmp_path, made())
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    done = review(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr and done.stderr.count("\n") == 1


def test_decisions_that_cannot_be_read_are_named(review: Callable[..., Result], tmp_path: Path) -> None:
    write(tmp_path, made())
    (tmp_path / "decisions.sqlite").write_text("no database at all, whatever its name says")
    done = review()
    assert done.exit_code == 1 and "decisions.sqlite" in done.stderr and done.stderr.count("\n") == 1


def test_a_folder_of_damaged_documents_is_not_reviewed(review: Callable[..., Result], tmp_path: Path) -> None:
    (write(tmp_path, made()) / "makale" / "document.json").write_text("{")
    done = review()
    assert done.exit_code == 1 and "makale: " in done.stderr and done.stdout == ""


def test_an_address_that_others_reach_is_warned_of(review: Callable[..., Result], tmp_path: Path) -> None:
    write(tmp_path, made())
    assert "WARNING: 0.0.0.0" in review("--host", "0.0.0.0", "--no-open").stderr


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    taken = command._listen("127.0.0.1", 0)
    done = CliRunner().invoke(main, ["review", str(write(tmp_path, made())), "--no-open", "--port",
                                     str(taken.getsockname()[1])])
    taken.close()
    assert done.exit_code == 2 and "in use" in done.stderr
