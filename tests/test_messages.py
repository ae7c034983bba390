"""Messages and help in the language of the user, and files that do not depend on it."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po
from click.testing import CliRunner, Result

from ocrfix.api import load
from ocrfix.cli import main
from ocrfix.cluster import SHARED
from ocrfix.messages import DOMAIN, LOCALE, both, translated
from ocrfix.reports import LOCK

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = LOCALE / "tr" / "LC_MESSAGES" / f"{DOMAIN}.po"
PLACE = re.compile(r"(?<!{){(\w+)(?:![rs])?}|%\((\w+)\)s")
ENTRIES = [entry for entry in read_po(CATALOGUE.open("rb")) if entry.id]
NOWHERE = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ocrfix(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, arguments, env=NOWHERE | environment, prog_name="ocrfix")


def test_the_catalogue_has_every_message_of_the_code_and_no_other(tool: ModuleType) -> None:
    assert tool.stale(CATALOGUE.parent, tool.template()) == [], "run tools/messages.py and translate what is new"


@pytest.mark.parametrize(("text", "says"), [
    ("{path}: no such file", True), ("Option {name!r} takes {nargs} values.", True), ("%(prog)s, version", True),
    ("d", True), ("{text} {more}", False), ("Error: {e.message}", False), ("{}: not found", False), ("[{0}]", False),
    ("", False)])
def test_a_message_has_words_and_its_places_have_names(tool: ModuleType, text: str, says: bool) -> None:
    assert tool.says_something(text) is says


def test_what_click_only_puts_together_is_no_message(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["Error: {message}", "Error: {e.message}", "{text} {more}", ("{n} value", "{n} values")]
    monkeypatch.setattr(tool, "extract_from_dir", lambda folder: [("", 0, each, [], None) for each in found])
    assert list(tool.of_click()) == [found[0], found[3]]
    for entry in ENTRIES:                                    # those of other versions of click, too
        assert tool.says_something(entry.id if isinstance(entry.id, str) else entry.id[0]), entry.id


def test_every_message_is_translated_with_the_same_places() -> None:
    assert len(ENTRIES) > 300
    for entry in ENTRIES:
        english = [entry.id] if isinstance(entry.id, str) else entry.id
        turkish = [entry.string] if isinstance(entry.string, str) else entry.string
        assert all(turkish) and not entry.fuzzy, entry.id
        known = {place for text in english for place in PLACE.findall(text)}
        for text in turkish:
            assert set(PLACE.findall(text)) <= known, entry.id
        assert set(PLACE.findall(turkish[-1])) == set(PLACE.findall(english[-1])), entry.id


def test_the_turkish_reasons_of_corrections_keep_the_order_of_their_numbers() -> None:
    """The report keeps the numbers of a reason apart from its text."""
    for entry in ENTRIES:
        if any("stages/" in path for path, _ in entry.locations):
            english, turkish = PLACE.findall(str(entry.id)), PLACE.findall(str(entry.string))
            assert [place for place in turkish if place[0] != "where"] == [
                place for place in english if place[0] != "where"], entry.id


def test_every_reason_in_a_document_can_be_told_in_turkish() -> None:
    document = load(ROOT / "reports" / "sample" / "page-8").model
    reasons = {step.reason for block in document.blocks for edit in block.edits for step in edit.steps}
    assert len(reasons) > 50
    for reason in reasons:
        assert both(reason)["tr"] != reason and both(reason)["en"] == reason


@pytest.mark.parametrize(("english", "turkish"), [
    ("a.txt: no such file", "a.txt: böyle bir dosya yok"),
    ("ocrfix.toml: jobs: must be a whole number, not true", "ocrfix.toml: jobs: bir tamsayı olmalıdır, true değil"),
    ("b/document.json: damaged: nested too deep", "b/document.json: bozuk: çok derin iç içe geçmiş"),
    ("the text goes on in the next line", "metin sonraki satırda sürüyor"),
    ("interrupted; 3 documents done, 4 not reached: the same command goes on from there",
     "kesildi; 3 belge tamamlandı, 4 belgeye sıra gelmedi: aynı komut kaldığı yerden sürer"),
    ("as read in no lexicon; the correction fits the confusions of article-roman type and its context 3.2 nats better",
     "okunduğu haliyle hiçbir sözlükte yok; düzeltme, article-roman yazısının karıştırmalarına ve bağlama 3.2 nat "
     "daha iyi uyuyor"),
    ("in 7 parts; remarks on 1, 3, 4 ...", "7 parça halinde; açıklaması olan parçalar: 1, 3, 4 ..."),
    ("the file is empty; a.txt: no such file", "dosya boş; a.txt: böyle bir dosya yok"),
    ("b.txt: cannot be read: the file is empty; in 2 parts", "b.txt: okunamıyor: dosya boş; 2 parça halinde"),
    ("a; b.txt: no such file", "a; b.txt: böyle bir dosya yok"),
    ("; " * 5000, "; " * 5000),
    ("raw/a.txt: part 2 of 30", "raw/a.txt: 30 parçadan 2. parça"),
    ("in 4 parts; remarks on 1, 3 .... 2 decisions no longer apply: a [b] c; [d]",
     "4 parça halinde; açıklaması olan parçalar: 1, 3 .... 2 karar artık geçerli değil: a [b] c; [d]"),
    (f"worker tcp://10.0.0.1:1: does not see raw/a.txt; {SHARED}",
     "işçi tcp://10.0.0.1:1: raw/a.txt yolunu görmüyor; yerel dosyalar bütün işçilerin paylaştığı bir diskte "
     "olmalıdır; yoksa URL verin (s3://...)"),
    ("what nobody ever said", "what nobody ever said"),
    ("Error: nobody said this", "Hata: nobody said this"),
    ("{}: {0} {path!r:>9}", "{}: {0} {path!r:>9}"),
    (": " * 5000, ": " * 5000),
])
def test_a_message_is_known_by_its_form(english: str, turkish: str) -> None:
    assert translated(english, "tr") == turkish


@pytest.mark.parametrize(("environment", "turkish"), [
    ({"LANG": "tr_TR.UTF-8"}, True), ({"LC_MESSAGES": "tr"}, True), ({"LC_ALL": "tr_TR"}, True),
    ({"LANGUAGE": "de:tr", "LC_ALL": "C"}, True), ({"LC_ALL": "C", "LANG": "tr_TR.UTF-8"}, False),
    ({"LANG": "de_DE.UTF-8"}, False), ({}, False),
])
def test_the_environment_says_the_language_by_the_rule_of_gettext(environment: dict[str, str], turkish: bool) -> None:
    assert ("Seçenekler:" in ocrfix("run", "--help", **environment).stdout) is turkish


def test_the_option_wins_over_the_environment_wherever_it_stands() -> None:
    for arguments in ("--lang tr run --help", "run --lang=tr --help", "run --help --lang tr"):
        assert ocrfix(*arguments.split(), LANG="C").stdout == ocrfix("run", "--help", LANG="tr_TR.UTF-8").stdout
    assert ocrfix("--lang", "en", "--help", LANG="tr_TR.UTF-8").stdout == ocrfix("--help").stdout
    assert ocrfix("--lang", "de", "--help").exit_code == 0                                 # help is shown first
    assert ocrfix("run", "--lang", "de").exit_code == 2


def commands() -> list[tuple[str, ...]]:
    lazy = [(name,) for name in main.list_commands(None)]                                  # type: ignore[arg-type]
    return [(), *lazy, ("decisions", "export"), ("decisions", "import"), ("decisions", "conflicts"),
            ("decisions", "unbound")]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_all_help_is_turkish(command: tuple[str, ...]) -> None:
    """No line of the English help is left, but for examples and names."""
    english, turkish = (ocrfix(*command, "--lang", language, "--help").stdout for language in ("en", "tr"))
    kept = {line for line in english.splitlines() if line.startswith("    ocrfix ")}       # the examples
    words = re.compile(r"\b(the|and|with|which|write|print|not)\b")
    assert not words.findall("\n".join(line for line in turkish.splitlines() if line not in kept))
    assert kept <= set(turkish.splitlines())


@pytest.mark.parametrize(("arguments", "said"), [
    (("rum",), "Hata: 'rum' adlı bir komut yok"),
    (("run",), "Hata: Eksik argüman 'INPUT...'."),
    (("run", "x", "--jbos", "3"), "seçenek yok"),
    (("run", ".", "--strictness", "x"), "için geçersiz değer: 'x' geçerli bir ondalık sayı değil."),
    (("run", ".", "--jobs", "0"), "Hata: '--jobs' için geçersiz değer: 0, x>=1 aralığında değil."),
    (("run", ".", "--strictness", "nan"), "Hata: '--strictness' için geçersiz değer: sonlu bir sayı olmalıdır"),
    (("run", "nowhere"), "Hata: 'INPUT...' için geçersiz değer: Yol 'nowhere' yok."),
    (("run", ".", "-q", "-v"), "ocrfix: -q ile -v birlikte kullanılamaz"),
    (("run", ".", "--skip", "wrods"), "ocrfix: 'wrods' adlı bir aşama yok; olanlar: layout"),
])
def test_errors_of_usage_are_turkish_those_of_click_too(arguments: tuple[str, ...], said: str) -> None:
    done = ocrfix("--lang", "tr", *arguments)
    assert done.exit_code == 2 and said in done.stderr
    assert "Error" not in done.stderr and "Usage" not in done.stderr


def test_files_do_not_depend_on_the_language_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("Bağım-\nsızlık  ﬁkri , bu.\n", "utf-8")
    (tmp_path / "empty.txt").write_bytes(b"")
    made: list[dict[str, bytes]] = []
    said = []
    for language in ("en", "tr"):
        done = ocrfix("--lang", language, "run", "a.txt", "empty.txt", "--skip", "words", "--out", "reports", "--force")
        assert done.exit_code == 1
        said.append(done.stderr)
        made.append({path.name: path.read_bytes() for path in sorted((tmp_path / "reports").rglob("*"))
                     if path.is_file() and path.name != LOCK})
    assert made[0] == made[1] and len(made[0]) == 8
    assert "empty.txt: the file is empty" in said[0] and "empty.txt: dosya boş" in said[1]
    assert b"the file is empty" in made[0]["summary.csv"] and "dosya boş".encode() not in made[0]["summary.csv"]
    for page, english, turkish in (("index.html", "the file is empty", "dosya boş"),
                                   ("report.html", "no space stands before this mark", "bu işaretin önünde boşluk")):
        assert english in made[0][page].decode() and turkish in made[0][page].decode()     # the reader chooses


def test_the_language_of_one_command_is_not_left_to_the_next() -> None:
    import os
    before = dict(os.environ)
    assert "Kullanım" in CliRunner().invoke(main, ["--lang", "tr", "--help"]).stdout
    assert "Usage" in CliRunner().invoke(main, ["--help"]).stdout
    assert dict(os.environ) == before
