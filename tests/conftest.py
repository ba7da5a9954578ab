"""What all tests share: a fresh database, and the program run in this process on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

if TYPE_CHECKING:
    from crmcli.actions.context import Context


class Ran(NamedTuple):
    """What came of a run of the program."""

    out: str
    err: str
    status: int


Crm = Callable[..., Ran]


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of a database that is not there yet, and surroundings of its own."""
    for name in ("CRM_FORMAT", "NO_COLOR", "VISUAL", "EDITOR", "LC_ALL", "LC_TIME", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "crm.db"
    for name, value in {
        "CRM_DB": str(path),
        "CRM_CONFIG": str(tmp_path / "config.toml"),
        "CRM_USER": "ada",
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "TZ": "UTC",
        "LANG": "en_GB.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    return path


@pytest.fixture
def crm(db: Path, capfd: pytest.CaptureFixture[str]) -> Crm:
    """Run `crm` with the given words in this process, on a database of its own."""
    from crmcli.cli.main import main

    def run(*words: str) -> Ran:
        capfd.readouterr()
        status = main(words)
        out, err = capfd.readouterr()
        return Ran(out, err, status)

    return run


@pytest.fixture
def ctx(db: Path) -> Iterator[Context]:
    """What actions depend on, on Wednesday 4 March 2026, 10:15 in Berlin."""
    context = context_at(db)
    yield context
    context.close()


def context_at(path: Path, user: str = "ada") -> Context:
    """Surroundings with a fixed clock, on the database at `path`."""
    from crmcli.actions.context import Context
    from crmcli.config import load
    from crmcli.store.location import Location
    from crmcli.values import Env

    return Context(
        location=Location(path, given=True),
        env=Env(
            datetime(2026, 3, 4, 9, 15, tzinfo=UTC),
            ZoneInfo("Europe/Berlin"),
            region="GB",
            currency="EUR",
        ),
        settings=load(path.with_name("config.toml")),
        user=user,
        command="crm test",
    )


@pytest.fixture
def make_context() -> Callable[..., Context]:
    """Make a context on any database, as any user."""
    return context_at


Content = dict[str, dict[int, dict[str, Any]]]
_JOURNAL = ("change", "change_set", "meta")


def content_of(path: Path) -> Content:
    """All live rows of all tables by id, without the journal and the counting of versions."""
    from crmcli.models import TABLES

    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    found = {
        table: {
            row["id"]: {n: row[n] for n in row.keys() if n not in ("updated_at", "version")}  # noqa: SIM118
            for row in connection.execute(f"SELECT * FROM {table} WHERE deleted_at IS NULL")
        }
        for table in TABLES
        if table not in _JOURNAL
    }
    connection.close()
    return found


@pytest.fixture
def content() -> Callable[[Path], Content]:
    """What a database holds, to compare two moments of it."""
    return content_of
