"""Looking at a database on a server loads the driver, and nothing that writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crmcli.store.location import Location

SOURCE = Path(__file__).parents[2] / "src"
WRITING = {"sqlalchemy", "sqlmodel", "pydantic", "alembic"}
HEAVY = {"phonenumbers", "nameparser", "rapidfuzz", "dateutil"}
PROBE = """
import sys
from crmcli.cli.main import main
status = main(sys.argv[1:])
sys.stdout.flush()
print(status, *sorted(sys.modules), file=sys.stderr)
"""
READS = (
    ["contacts"], ["deals", "value:10k.."], ["tasks"], ["show", "c1"], ["search", "granite"],
    ["pipeline", "--deals"], ["today"], ["remind"], ["report", "won"], ["history"],
    ["export", "contacts"], ["db", "info"],
)  # fmt: skip


def loaded(location: str, *words: str) -> set[str]:
    """The modules that a run of the program has loaded in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "CRM_DB": location},
        capture_output=True,
        text=True,
        check=True,
    )
    status, *modules = done.stderr.split()
    assert status == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_a_read_on_a_server_loads_the_driver_and_nothing_that_writes(
    on_server: Location, words: list[str]
) -> None:
    modules = loaded(on_server.url, *words)
    assert "psycopg" in modules
    assert not modules & (WRITING | HEAVY)


def test_a_read_of_a_file_loads_no_driver_of_servers(in_file: Location) -> None:
    assert "psycopg" not in loaded(str(in_file.path), "contacts")
