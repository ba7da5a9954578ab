"""What tests work in: contexts with a fixed clock, a database's content, what a run gave.

Tests import these from here: `conftest.py` is loaded by pytest under a name of its own, and an
import of it would make a second copy, whose contexts nobody closes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from tests import engines

if TYPE_CHECKING:
    from crmcli.actions.context import Context

NO_SERVER = "THE HALF OF THE SUITE THAT NEEDS POSTGRESQL WAS NOT RUN"


class Ran(NamedTuple):
    """What came of a run of the program."""

    out: str
    err: str
    status: int


Crm = Callable[..., Ran]

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
