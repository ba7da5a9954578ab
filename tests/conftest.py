"""What all tests share: a fresh database, and the program run in this process on it.

Tests that use a database run once on each engine (`tests.engines`); the mark `sqlite_only` is for
those that are about the file itself.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from tests import engines
from tests.surroundings import (
    NO_SERVER,
    Content,
    Crm,
    Ran,
    close_contexts,
    content_of,
    context_at,
)

if TYPE_CHECKING:
    from crmcli.actions.context import Context


# How long an example takes says more about the machine than about the program.
settings.register_profile("crm", deadline=None)
settings.load_profile("crm")

# A shell that starts the tests in the background has them, and all that they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture
def make_context() -> Callable[..., Context]:
    """Make a context on any database, as any user."""
    return context_at


@pytest.fixture
def content() -> Callable[[Path], Content]:
    """What a database holds, to compare two moments of it."""
    return content_of
