"""What a fresh interpreter loads: looking does not pay for writing, help not for tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.surroundings import Crm

pytestmark = pytest.mark.sqlite_only

WRITING = ("sqlalchemy", "sqlmodel", "pydantic", "alembic")
HEAVY = ("phonenumbers", "nameparser", "rapidfuzz", "dateutil", "importlib.metadata")
DRAWING = ("rich",)
SOURCE = Path(__file__).parents[2] / "src"

_PROBE = """
import sys
from crmcli.cli.main import main
status = main(sys.argv[1:])
sys.stdout.flush()
print(status, *sorted(sys.modules), file=sys.stderr)
"""


def loaded(*words: str, **environ: str) -> set[str]:
    """The modules that a run of the program has loaded in a process of its own."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stderr.split()
    assert status == "0", done.stderr
    return set(modules)


def of(modules: set[str], packages: tuple[str, ...]) -> list[str]:
    return [name for name in packages if name in modules]


@pytest.fixture
def filled(crm: Crm) -> Crm:
    crm("add-contact", "Ada Lovelace", "--email", "ada@acme.com", "--company", "Acme")
    crm("add-deal", "Renewal", "--company", "Acme", "--value", "12k", "--close", "tomorrow")
    crm("add-task", "Call", "--due", "today")
    return crm


READS = [
    ["contacts"],
    ["contacts", "status:lead", "created:30d.."],
    ["deals", "value:10k.."],
    ["tasks"],
    ["show", "c1"],
    ["show", "ada"],
    ["search", "ada"],
    ["pipeline"],
    ["pipeline", "--deals"],
    ["today"],
    ["remind"],
    ["report", "won"],
    ["report", "pipeline"],
    ["history"],
    ["imports"],
    ["config", "list"],
    ["field", "list"],
    ["user", "me"],
    ["db", "path"],
    ["db", "info"],
    ["export", "contacts"],
]


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_read_loads_nothing_that_writes(filled: Crm, words: list[str]) -> None:
    assert of(loaded(*words), WRITING + HEAVY) == []


@pytest.mark.parametrize("words", [["contacts"], ["show", "c1"], ["pipeline"], ["today"]],
                         ids=" ".join)  # fmt: skip
def test_json_loads_nothing_that_draws(filled: Crm, words: list[str]) -> None:
    assert of(loaded(*words, "--json"), DRAWING) == []


@pytest.mark.parametrize(
    "words", [["--help"], [], ["config"], ["add-contact", "--help"], ["contacts", "-h"],
              ["--version"]]
)  # fmt: skip
def test_help_loads_neither_drawing_nor_the_database(words: list[str]) -> None:
    modules = loaded(*words)
    assert of(modules, (*WRITING, *HEAVY, *DRAWING, "sqlite3")) == []


def test_the_programs_help_loads_no_command() -> None:
    homes = {f"crmcli.cli.{name}" for name in ("lists", "adding", "verbs", "day", "screens",
                                               "editing", "exchange", "settings")}  # fmt: skip
    assert not homes & loaded("--help")


@pytest.mark.parametrize("line", ["crm ", "crm con", "crm show ad", "crm contacts status:",
                                  "crm edit c1 ti", "crm add-contact --"])  # fmt: skip
def test_completion_loads_neither_drawing_nor_writing(filled: Crm, line: str) -> None:
    modules = loaded(_CRM_COMPLETE="bash", _CRM_LINE=line)
    assert of(modules, WRITING + HEAVY + DRAWING) == []


def test_completing_a_command_loads_one_command_at_most() -> None:
    modules = loaded(_CRM_COMPLETE="fish", _CRM_LINE="crm a")
    assert "crmcli.cli.command" not in modules
    assert "crmcli.cli.adding" not in modules


def test_parameters_are_not_coerced_through_pydantic(filled: Crm) -> None:
    # typer 0.29 and later does so, which costs every command that runs about 90 ms
    assert "pydantic" not in loaded("contacts", "--limit", "1")
    import typer

    assert tuple(map(int, typer.__version__.split(".")[:2])) < (0, 29)


def test_the_click_of_the_package_index_is_never_loaded(filled: Crm) -> None:
    assert "click" not in loaded("contacts")
