"""The options that work everywhere: before and after the command, from the environment, or set."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests import engines
from tests.surroundings import Crm

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def people(crm: Crm) -> Crm:
    for name in ("Grace Hopper", "Ada Lovelace", "Alan Turing"):
        crm("add-contact", name)
    return crm


@pytest.mark.parametrize(
    "words",
    [
        ["--json", "contacts"],
        ["contacts", "--json"],
        ["--format", "json", "contacts"],
        ["contacts", "--format=json"],
        ["--format", "csv", "contacts", "--json"],
    ],
)
def test_a_format_works_before_and_after_the_command(people: Crm, words: list[str]) -> None:
    names = [row["name"] for row in json.loads(people(*words).out)]
    assert names == ["Ada Lovelace", "Alan Turing", "Grace Hopper"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--limit", "1", "contacts"], ["Ada Lovelace"]),
        (["contacts", "--limit", "1"], ["Ada Lovelace"]),
        (["--limit", "1", "contacts", "--limit", "2"], ["Ada Lovelace", "Alan Turing"]),
        (["contacts", "--limit", "0"], ["Ada Lovelace", "Alan Turing", "Grace Hopper"]),
        (["--sort=-name", "contacts"], ["Grace Hopper", "Alan Turing", "Ada Lovelace"]),
        (["contacts", "--sort", "-name", "turing"], ["Alan Turing"]),
    ],
)
def test_lists_are_cut_and_ordered(people: Crm, words: list[str], names: list[str]) -> None:
    assert [row["name"] for row in json.loads(people("--json", *words).out)] == names


def test_columns_are_chosen_or_added(people: Crm) -> None:
    rows = list(csv.reader(people("contacts", "--columns", "name,city", "--format", "csv").out
                           .splitlines()))  # fmt: skip
    assert rows[0][-2:] == ["name", "city"]
    header = people("contacts", "--columns", "+city").out.splitlines()[0].split("\t")
    assert {"email", "city"} <= set(header)


def test_the_environment_chooses_the_format_and_an_option_goes_before_it(
    people: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_FORMAT", "ids")
    assert people("contacts").out.split() == ["c2", "c3", "c1"]
    assert people("contacts", "--format", "tsv").out.startswith("handle\tname")


def test_the_setting_chooses_the_format_of_lists_only(people: Crm) -> None:
    people("config", "set", "format", "ids")
    assert people("contacts").out.split() == ["c2", "c3", "c1"]
    assert people("show", "c1").out.startswith("c1")


def test_as_says_who_writes(people: Crm) -> None:
    people("--as", "grace", "add-contact", "X")
    people("add-contact", "Y", "--as", "alan")
    users = [row["user"] for row in json.loads(people("history", "--json", "--limit", "2").out)]
    assert users == ["alan", "grace"]


def test_me_is_the_option_then_the_environment_then_the_setting(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("user", "use", "setting")
    assert crm("user", "me").out == "ada, by CRM_USER\n"
    assert crm("user", "me", "--as", "opt").out == "opt, by --as\n"
    monkeypatch.delenv("CRM_USER")
    assert crm("user", "me").out == "setting, by the setting user\n"
    crm("config", "unset", "user")
    assert crm("user", "me").out.endswith(", by your login name\n")


def test_db_is_the_option_then_the_environment_then_the_setting(
    crm: Crm, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("config", "set", "db", str(tmp_path / "setting.db"))
    assert crm("db", "path").out.strip() == str(db)
    assert crm("db", "path", "--db", "x.db").out.strip() == "x.db"
    monkeypatch.delenv("CRM_DB")
    assert crm("db", "path").out.strip() == str(tmp_path / "setting.db")


def test_a_dry_run_changes_nothing(people: Crm, db: Path) -> None:
    before = engines.snapshot(db)
    ran = people("edit", "c1", "title=Admiral", "--dry-run")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "dry run: changed c1 Grace Hopper\n"
    assert people("-n", "delete", "c1").out == "dry run: deleted c1 Grace Hopper\n"
    told = json.loads(people("add-tag", "new", "-n", "--json").out)
    assert (told["dry_run"], told["change_set"]) == (True, None)
    assert engines.snapshot(db) == before


def test_a_reason_is_kept(people: Crm) -> None:
    people("--reason", "asked to", "delete", "c1")
    assert json.loads(people("history", "--json", "--limit", "1").out)[0]["reason"] == "asked to"


def test_quiet_prints_data_but_no_sentences(people: Crm) -> None:
    assert people("add-contact", "X", "--quiet") == ("", "", 0)
    assert people("-q", "contacts").out != ""


def test_the_history_keeps_the_command_as_it_was_typed(
    people: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["/usr/bin/crm", "delete", "c1", "it's"])
    people("delete", "c1")
    commands = [row["command"] for row in json.loads(people("history", "--json").out)]
    assert commands[0] == """crm delete c1 'it'"'"'s'"""


@pytest.mark.parametrize("words", [["--version"], ["contacts", "--version"]])
def test_version_works_before_and_after(crm: Crm, words: list[str]) -> None:
    assert crm(*words) == ("crm 0.1.0\n", "", 0)


def test_color_is_an_option_and_a_variable(people: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in people("contacts", "--format", "table", "--color", "always").out
    assert "\x1b[" not in people("contacts", "--format", "table").out
    assert "\x1b[" in people("--color", "always", "--help").out
    assert "\x1b[" not in people("--help").out
