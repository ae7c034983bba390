"""``ocrfix.toml``: what ``ocrfix init`` writes, and that ``ocrfix run`` goes by it."""
from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ocrfix.api import clean
from ocrfix.cli import main, run
from ocrfix.cluster import Dask
from ocrfix.configuration import EXAMPLES, FILE, PROFILES, settings_of, written
from ocrfix.settings import Settings

TEXT = "Türkiye'nin işgali ile başlayan bağımsızlık mücadelesi.\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    return tmp_path


def planned(*options: str) -> Result:
    return CliRunner().invoke(main, ["run", "a.txt", "--dry-run", *options])


def test_every_setting_is_an_option_of_the_command_with_the_same_default() -> None:
    options = settings_of(run)
    for field in fields(Settings):
        if field.name not in ("lexicons", "skip", "format", "to", "decisions"):        # they have no default to show
            default = False if options[field.name].is_flag else options[field.name].default
            assert default == getattr(Settings(), field.name), field.name
        assert field.name in options


@pytest.mark.parametrize("profile", PROFILES)
def test_init_writes_every_setting_with_what_it_does_and_its_default(profile: str) -> None:
    text = written(run, profile)
    set_here = tomllib.loads(text)
    all_set = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.M))
    assert set_here == PROFILES[profile].values
    assert list(all_set) == list(settings_of(run))
    for key, option in settings_of(run).items():
        assert " ".join((option.help or "").split()) in " ".join(text.replace("\n# ", " ").split())
        if key not in EXAMPLES and key not in set_here:
            assert all_set[key] == ([] if option.multiple else False if option.is_flag
                                    else str(option.default) if key == "out" else option.default)


@pytest.mark.parametrize("profile", PROFILES)
def test_run_takes_what_init_wrote(folder: Path, profile: str) -> None:
    assert CliRunner().invoke(main, ["init", "--profile", profile]).exit_code == 0
    done = planned()
    assert (done.exit_code, done.stderr) == (0, "")


NEWSPAPER = """Şehir meclisi dün toplandı ve yeni
köprünün yapımı için ayrılan ödeneği
görüştü. Üyelerin çoğu işin bu yaz
bitmesini istedi. Toplantı akşam
saat 7'ye kadar sürdü ve sonunda
teklif oybirliği ile kabul edildi.
Çarşı esnafı ise yolların kapalı
kalmasından şikâyet etmektedir.

1 Köprü için 12.000 lira.
2 Yol için 3.500 lira.
"""


def test_the_profile_of_a_newspaper_looks_for_no_calls() -> None:
    """Else a list at the foot of the column becomes notes, and places for their calls are proposed."""
    skip = PROFILES["newspaper"].values["skip"]
    assert isinstance(skip, list)
    as_article, as_newspaper = (clean(NEWSPAPER, settings=Settings(skip=frozenset({"words", *some})))
                                for some in ([], skip))
    assert "[^1]" in as_article.markdown().partition("\n\n")[0]
    assert "[^1]" not in as_newspaper.markdown().partition("\n\n")[0]


def test_init_replaces_no_file_unless_it_is_told_to(folder: Path) -> None:
    (folder / FILE).write_text("jobs = 1\n")
    done = CliRunner().invoke(main, ["init"])
    assert done.exit_code == 2 and done.stderr == "ocrfix: ocrfix.toml: is there already; --force replaces it\n"
    assert (folder / FILE).read_text() == "jobs = 1\n"
    assert CliRunner().invoke(main, ["init", "--force"]).exit_code == 0
    assert tomllib.loads((folder / FILE).read_text("utf-8")) == {}


def test_options_win_over_the_file_and_the_file_over_the_defaults(folder: Path) -> None:
    (folder / FILE).write_text('out = "elsewhere"\n')
    assert planned().stdout.startswith(f"a.txt -> {Path('elsewhere/a')}: ")
    assert planned("--out", "here").stdout.startswith(f"a.txt -> {Path('here/a')}: ")


CLUSTER = 'engine = "dask"\nscheduler = "tcp://1.2.3.4:8786"\n'


@pytest.mark.parametrize(("file", "options", "expected"), [
    (CLUSTER, (), (None, "tcp://1.2.3.4:8786")),
    (CLUSTER, ("--jobs", "2"), (2, None)),
    (CLUSTER, ("--engine", "processes"), (None, "processes")),
    (CLUSTER, ("--engine", "processes", "--jobs", "2"), (2, "processes")),
    (CLUSTER, ("--scheduler", "tcp://b:1"), (None, "tcp://b:1")),
    (CLUSTER + "jobs = 3\n", (), (3, "tcp://1.2.3.4:8786")),
    ("jobs = 3\n", ("--engine", "dask", "--scheduler", "tcp://b:1"), (3, "tcp://b:1")),
    ('engine = "dask"\njobs = 3\n', ("--scheduler", "tcp://b:1"), (3, "tcp://b:1")),
    ('engine = "dask"\njobs = 3\n', ("--jobs", "2"), (2, None)),
    ("jobs = 3\n", ("--scheduler", "tcp://b:1"), None),
    ("", ("--engine", "dask", "--scheduler", "tcp://b:1", "--jobs", "2"), None),
    (CLUSTER, ("--engine", "processes", "--scheduler", "tcp://b:1"), None),
])
def test_options_for_a_cluster_win_over_those_in_the_file(
        folder: Path, monkeypatch: pytest.MonkeyPatch, file: str, options: tuple[str, ...],
        expected: tuple[int | None, str | None] | None) -> None:
    """Expected: the jobs, which a scheduler leaves aside, and the scheduler or ``processes``; or wrong usage."""
    (folder / FILE).write_text(file)
    seen: list[tuple[object, object]] = []
    monkeypatch.setattr("ocrfix.cores.available", lambda: None)
    monkeypatch.setattr("ocrfix.run.run", lambda inputs, out, settings, *, engine, jobs, **others: seen.append(
        (jobs, engine.scheduler if isinstance(engine, Dask) else engine.__name__)) or [])
    done = CliRunner().invoke(main, ["run", "a.txt", *options])
    assert (seen == [expected] and done.exit_code == 0) if expected else (
        seen == [] and done.exit_code == 2 and "--scheduler is for --engine dask" in done.stderr)


def test_the_file_reaches_the_settings_of_the_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr("ocrfix.run.plan", lambda inputs, out, settings, force: seen.append(settings) or [])
    (folder / FILE).write_text("strictness = 5\nask_below = 0.5\nsuggest_above = 0.6\ndoubt_below = 0.7\n"
                               "apply_above = 0.8\nmost_characters = 9\npage_marks = true\n"
                               'format = "text"\nskip = ["calls", "words"]\nto = ["tei"]\n')
    assert planned("--ask-below", "0.4").exit_code == 0
    (settings,) = seen
    assert (settings.strictness, settings.ask_below, settings.suggest_above, settings.doubt_below,
            settings.apply_above, settings.most_characters, settings.page_marks, settings.format,
            settings.skip, settings.to) == (5, 0.4, 0.6, 0.7, 0.8, 9, True, "text", {"calls", "words"}, {"tei"})


def test_paths_are_relative_to_the_file(folder: Path) -> None:
    (folder / "corpus" / "own").mkdir(parents=True)
    (folder / "corpus" / "my.toml").write_text('out = "reports"\nlexicons = "own"\n')
    done = planned("--config", "corpus/my.toml")
    assert done.stdout.startswith(f"a.txt -> {Path('corpus/reports/a')}: ")


def test_a_url_is_relative_to_nothing(folder: Path) -> None:
    (folder / "corpus").mkdir()
    (folder / "corpus" / "my.toml").write_text('out = "memory://archive/reports"\n')
    done = planned("--config", "corpus/my.toml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("a.txt -> memory://archive/reports/a: ")


@pytest.mark.parametrize(("line", "said"), [
    ("strictnes = 3", "no setting is called 'strictnes'; the nearest is 'strictness'"),
    ("page-marks = true", "no setting is called 'page-marks'; the nearest is 'page_marks'"),
    ('strictness = "3"', 'strictness: must be a number, not "3"'),
    ("strictness = -1", "strictness: -1.0 is not in the range x>=0."),
    ("strictness = nan", "strictness: must be a finite number"),
    ("ask_below = 2.0", "ask_below: 2.0 is not in the range 0<=x<=1."),
    ("jobs = true", "jobs: must be a whole number, not true"),
    ("jobs = 1.5", "jobs: must be a whole number, not 1.5"),
    ("page_marks = 1", "page_marks: must be true or false, not 1"),
    ('skip = "words"', 'skip: must be a list of strings, not "words"'),
    ('skip = ["wrods"]', "skip: no stage is called 'wrods'"),
    ('to = ["pdf"]', "to: no format is called 'pdf'"),
    ('format = "tiff"', "format: 'tiff' is not one of 'text'"),
    ('lexicons = "nowhere"', "lexicons: Directory 'nowhere' does not exist."),
    ("[words]", "no setting is called 'words'"),
    ("jobs = ", "no TOML: "),
])
def test_a_wrong_line_is_named_with_its_file(folder: Path, line: str, said: str) -> None:
    (folder / FILE).write_text(line + "\n")
    done = planned()
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.startswith(f"ocrfix: ocrfix.toml: {said}")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_not_text_is_named(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xff\xfe")
    done = planned()
    assert done.exit_code == 2 and done.stderr.startswith("ocrfix: ocrfix.toml: no TOML: ")


def test_a_learned_threshold_yields_to_one_that_was_chosen(folder: Path) -> None:
    (folder / "settings.toml").write_text("ask_below = 0.7\n")
    assert Settings(lexicons=folder).as_learned().ask_below == 0.7
    assert Settings(lexicons=folder, ask_below=0.95).as_learned().ask_below == 0.95


def test_options_that_no_file_keeps_are_options() -> None:
    from ocrfix.configuration import OF_ONE_RUN
    names = {param.name for param in run.params if isinstance(param, click.Option)}
    assert {"config", "force", "dry_run", "quiet", "verbose"} <= OF_ONE_RUN & names
