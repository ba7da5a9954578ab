"""Which database a command works on: a path, a PostgreSQL URL, or the word `demo`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import UsageError

DEMO = "demo"


class Location(NamedTuple):
    """A database: a file, or with a `url` one on a PostgreSQL server.

    given: the user named it, rather than getting the default. A server's `path` is only a name,
    for what is kept beside files (backups).
    """

    path: Path
    given: bool = False
    url: str = ""

    @property
    def shown(self) -> str:
        """The path as people write it, with `~` for the home folder; the URL without a password."""
        if self.url:
            return without_password(self.url)
        home = os.path.expanduser("~")
        text = str(self.path)
        return "~" + text[len(home) :] if text.startswith(home + os.sep) else text


def data_dir() -> Path:
    """The platform's folder for this program's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("crmcli", appauthor=False))


# Up to the last @: a password may hold what should have been written as %40 or %2F.
_PASSWORD = re.compile(r"(postgres(?:ql)?://[^:/@?\s]*):\S*@|([?&](?:ssl)?password=)[^&\s]*")


def without_password(text: str) -> str:
    """A text in which no URL shows a password."""
    return _PASSWORD.sub(lambda m: f"{m[1]}@" if m[1] else f"{m[2]}***", text)


def _server(url: str) -> Location:
    name = url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1] or "crm"
    return Location(Path(name), given=True, url=url)


def locate(text: str | None) -> Location:
    """The database that `--db`, `CRM_DB` or the setting names; the default one for None or ""."""
    if not text:
        return Location(data_dir() / "crm.db")
    if text == DEMO:
        return Location(data_dir() / "demo.db", given=True)
    if text.startswith(("postgresql://", "postgres://")):
        return _server(text)
    if "://" in text:
        scheme = text.split("://", 1)[0]
        raise UsageError(
            f"databases of the kind {scheme}:// are not supported",
            hint="give the path of an SQLite file, or postgresql://user@host/name",
        )
    return Location(Path(text).expanduser(), given=True)
