"""The table of commands says the truth about the modules it stands for."""

from __future__ import annotations

import inspect
import shlex

import pytest

from crmcli.catalog import RECORDS
from crmcli.cli.command import CrmCommand, load
from crmcli.cli.examples import EXAMPLES, examples_of
from crmcli.cli.root import root
from crmcli.cli.table import COMMANDS, GUESSES, PANELS, Entry, by_hand
from crmcli.cli.toolkit import Command


def leaves(entries: tuple[Entry, ...] = COMMANDS, path: str = "") -> list[tuple[str, Entry]]:
    found = []
    for entry in entries:
        name = f"{path} {entry.name}".strip()
        found += leaves(entry.children, name) if entry.children else [(name, entry)]
    return found


ALL = leaves()
IDS = [name for name, _entry in ALL]


@pytest.mark.parametrize(("name", "entry"), ALL, ids=IDS)
def test_each_entry_loads_and_says_the_same_as_its_function(name: str, entry: Entry) -> None:
    command = load(entry)
    assert isinstance(command, CrmCommand)
    assert command.name == entry.name
    assert inspect.cleandoc(command.help or "").splitlines()[0] == entry.help


@pytest.mark.parametrize(("name", "entry"), ALL, ids=IDS)
def test_no_two_options_of_a_command_are_spelt_alike(name: str, entry: Entry) -> None:
    spellings = [word for param in load(entry).params for word in param.opts if word[0] == "-"]
    assert len(spellings) == len(set(spellings))
    assert "--help" not in spellings


@pytest.mark.parametrize(("name", "entry"), ALL, ids=IDS)
def test_every_option_says_what_it_does(name: str, entry: Entry) -> None:
    silent = [param.name for param in load(entry).params if not getattr(param, "help", "")]
    assert not silent


def test_names_are_unique_and_panels_exist() -> None:
    names = [entry.name for entry in COMMANDS]
    assert len(names) == len(set(names))
    assert {entry.panel for entry in COMMANDS} == set(PANELS)


def test_every_record_type_has_its_list_and_its_adder() -> None:
    names = {entry.name for entry in COMMANDS}
    for record in RECORDS:
        assert record.plural in names
        assert (f"add-{record.name}" in names) == by_hand(record)


def test_guesses_lead_to_commands() -> None:
    names = (
        {entry.name for entry in COMMANDS}
        | set(IDS)
        | {"--help", "--version", "--install-completion"}
    )
    assert set(GUESSES.values()) <= names
    assert not set(GUESSES) & names


def test_every_command_has_examples_and_no_others_have() -> None:
    assert set(EXAMPLES) == set(IDS)


@pytest.mark.parametrize("name", IDS)
def test_examples_are_valid_command_lines(name: str) -> None:
    for line in examples_of(name):
        words = shlex.split(line)
        assert words[0] == "crm"
        parse(root(), words[1:])


def parse(group: Command, words: list[str]) -> None:
    """Read a command line without running it; raises when it is wrong."""
    ctx = group.make_context("crm", words)
    while isinstance(ctx.command, type(group)):
        name, command, rest = ctx.command.resolve_command(ctx, [*ctx._protected_args, *ctx.args])
        assert command is not None
        ctx = command.make_context(name, rest, parent=ctx)
