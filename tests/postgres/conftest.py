"""The demo team's database, in a file and on a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_tools import ENV
from tests import engines
from tests.surroundings import NO_SERVER

from crmcli.actions import demo
from crmcli.actions.context import Context
from crmcli.config import defaults
from crmcli.store import copying
from crmcli.store.location import Location


@pytest.fixture(scope="session")
def server() -> engines.Server:
    """A PostgreSQL server, whatever engine the rest of the suite is on."""
    try:
        return engines.server()
    except engines.Unavailable as error:
        engines.missing(NO_SERVER, error)


@pytest.fixture(scope="session")
def in_file(tmp_path_factory: pytest.TempPathFactory) -> Location:
    """The demo in a file, with a custom field of each sort and values in it."""
    path = tmp_path_factory.mktemp("both") / "demo.db"
    context = Context(Location(path, given=True), ENV, defaults(), "root", "crm demo")
    demo.make(context)
    with context.writing() as writer:
        for name, kind in (("budget", "integer"), ("fit", "number"), ("nickname", "text")):
            writer.create(
                "custom_field", {"record": "contact", "name": name, "kind": kind, "required": 0}
            )
        for id in range(1, 60):
            values = f'{{"budget": {id % 7 - 3}, "fit": {id / 8}, "nickname": "Ö{id} x"}}'
            writer.update("contact", id, {"custom": values})
        writer.delete("contact", 60)
        writer.create("tag", {"name": "Ärger"})
    return context.location


@pytest.fixture(scope="session")
def on_server(server: engines.Server, in_file: Location) -> Iterator[Location]:
    """The same on the server."""
    name = server.empty()
    location = Location(Path(name), given=True, url=server.url(name))
    copying.copy(in_file, location, engines.MADE)
    yield location
    server.drop(name)


@pytest.fixture
def elsewhere(server: engines.Server) -> Iterator[Location]:
    """An empty database on the server, without tables."""
    name = server.empty()
    yield Location(Path(name), given=True, url=server.url(name))
    server.drop(name)
