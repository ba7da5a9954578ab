"""Help pages: of the program, its groups, and each command."""

from __future__ import annotations

import pytest
from test_cli_table import ALL, IDS
from tests.surroundings import Crm

from crmcli.cli.examples import examples_of
from crmcli.cli.table import COMMANDS, Entry

pytestmark = pytest.mark.sqlite_only


def test_the_programs_help_names_every_command(crm: Crm) -> None:
    ran = crm("--help")
    assert (ran.status, ran.err) == (0, "")
    words = ran.out.replace(",", " ").split()
    joined = "".join(words)
    assert all(entry.name in words or entry.name in joined for entry in COMMANDS)


def test_without_words_the_program_shows_its_help(crm: Crm) -> None:
    assert crm().out == crm("--help").out == crm("-h").out


@pytest.mark.parametrize("group", [entry for entry in COMMANDS if entry.children],
                         ids=lambda entry: entry.name)  # fmt: skip
def test_a_groups_help_names_its_commands(crm: Crm, group: Entry) -> None:
    ran = crm(group.name)
    assert ran.status == 0
    for child in group.children:
        assert f"  {child.name}" in ran.out
        assert child.help.split(".")[0][:30] in ran.out


@pytest.mark.parametrize(("name", "entry"), ALL, ids=IDS)
def test_a_commands_help_has_usage_options_and_examples(crm: Crm, name: str, entry: Entry) -> None:
    ran = crm(*name.split(), "--help")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: crm {name} [OPTIONS]")
    assert entry.help in " ".join(ran.out.split())
    assert "Options everywhere" in ran.out
    for line in examples_of(name):
        assert f"  {line}\n" in ran.out + "\n"


def test_help_fits_the_terminal(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, crm("--help").out.splitlines())) <= 80
    assert max(map(len, crm("show", "--help").out.splitlines())) <= 80


def test_the_options_of_add_contact_are_the_fields_of_a_contact(crm: Crm) -> None:
    text = crm("add-contact", "--help").out
    for option in ("--email EMAIL", "--company COMPANY", "--tag, --tags", "--do-not-contact",
                   "--keep-in-touch", "--field NAME=VALUE", "--keep-invalid"):  # fmt: skip
        assert option in text
    for option in ("--created", "--last-contact", "--name"):
        assert f"{option} " not in text


def test_a_report_is_explained_where_it_is_asked_for(crm: Crm) -> None:
    text = " ".join(crm("report", "--help").out.split())
    for name in ("won", "lost", "conversion", "velocity", "forecast", "leaderboard"):
        assert f" {name} " in text
    assert "won / (won + lost)" in text


def test_without_a_name_the_reports_are_listed(crm: Crm) -> None:
    names = [line.partition("\t")[0] for line in crm("report").out.splitlines()]
    assert names[:3] == ["name", "pipeline", "won"]


def test_a_group_lists_only_options_that_one_of_its_commands_takes(crm: Crm) -> None:
    user, config = crm("user", "--help").out, crm("config", "--help").out
    assert "--dry-run" in user
    assert "--db PATH" in config
    assert not [word for word in ("--columns", "--limit", "--if-version") if word in user]
    assert not [word for word in ("--dry-run", "--yes", "--sort") if word in config]
    assert crm("user", "--limit", "3", "me").status == 2
