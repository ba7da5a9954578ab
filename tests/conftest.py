"""What all tests share: a fresh database, and the program run in this process on it.

Tests that use a database run once on each engine (`tests.engines`); the mark `sqlite_only` is for
those that are about the file itself.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from tests import engines

if TYPE_CHECKING:
    from crmcli.actions.context import Context


class Ran(NamedTuple):
    """What came of a run of the program."""

    out: str
    err: str
    status: int


Crm = Callable[..., Ran]

# How long an example takes says more about the machine than about the program.
settings.register_profile("crm", deadline=None)
settings.load_profile("crm")

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

NO_SERVER = "THE HALF OF THE SUITE THAT NEEDS POSTGRESQL WAS NOT RUN"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses a database on both engines."""
    if "engine" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_only") is not None
        server = pytest.param(engines.POSTGRESQL, marks=pytest.mark.postgresql)
        names = [engines.SQLITE] if alone else [engines.SQLITE, server]
        metafunc.parametrize("engine", names, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is about PostgreSQL alone, which `-m postgresql` runs with the other half."""
    for item in items:
        if "postgres" in item.path.parts:
            item.add_marker(pytest.mark.postgresql)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have each test begin on its engine, whatever ran before; one that names none is on files."""
    named = getattr(item, "callspec", None)
    with suppress(engines.Unavailable):  # the fixture says so
        engines.use(named.params.get("engine", engines.SQLITE) if named else engines.SQLITE)


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of the databases that `engines.location_of` gives: sqlite or postgresql."""
    try:
        engines.use(request.param)
    except engines.Unavailable as error:
        engines.missing(NO_SERVER, error)
    return str(request.param)


def pytest_sessionfinish() -> None:
    """Let go of the server."""
    engines.close()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly when half of the suite was skipped."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_SERVER in str(report.longrepr) for report in skipped):
        terminalreporter.write_sep("!", NO_SERVER, red=True, bold=True)


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str) -> Iterator[Path]:
    """The path of a database, and surroundings of its own.

    A file is not there yet; on a server the path only names a database, which is as `crm init`
    leaves it (`engines.location_of`).
    """
    for name in ("CRM_FORMAT", "NO_COLOR", "VISUAL", "EDITOR", "LC_ALL", "LC_TIME", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "crm.db"
    for name, value in {
        "CRM_DB": engines.location_of(path).url or str(path),
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
    yield path
    close_contexts()
    engines.forget_below(tmp_path)


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


_contexts: list[Context] = []


def context_at(path: Path, user: str = "ada") -> Context:
    """Surroundings with a fixed clock, on the database at `path`."""
    from crmcli.actions.context import Context
    from crmcli.config import load
    from crmcli.values import Env

    context = Context(
        location=engines.location_of(path),
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
    _contexts.append(context)
    return context


def close_contexts() -> None:
    """Let go of the databases that contexts have open."""
    while _contexts:
        _contexts.pop().close()


@pytest.fixture
def make_context() -> Callable[..., Context]:
    """Make a context on any database, as any user."""
    return context_at


Content = dict[str, dict[int, dict[str, Any]]]


def content_of(path: Path) -> Content:
    """All live rows of all tables by id, without logs such as the journal, and without the
    counting of versions."""
    from crmcli.models import TABLES, table

    logs = [name for name in TABLES if not hasattr(table(name), "deleted_at")]
    with engines.connected(path) as connection:
        return {name: _live_rows(connection, name) for name in TABLES if name not in logs}


def _live_rows(connection: Any, table: str) -> dict[int, dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} WHERE deleted_at IS NULL")
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    counting = ("updated_at", "version")
    return {row["id"]: {n: row[n] for n in names if n not in counting} for row in found}


@pytest.fixture
def content() -> Callable[[Path], Content]:
    """What a database holds, to compare two moments of it."""
    return content_of
