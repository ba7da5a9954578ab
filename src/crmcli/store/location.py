"""Which database a command works on: a path, or the word `demo`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import UsageError

DEMO = "demo"


class Location(NamedTuple):
    """A database file. `given` says that the user named it, rather than getting the default."""

    path: Path
    given: bool = False

    @property
    def shown(self) -> str:
        """The path as people write it, with `~` for the home folder."""
        home = os.path.expanduser("~")
        text = str(self.path)
        return "~" + text[len(home) :] if text.startswith(home + os.sep) else text


def data_dir() -> Path:
    """The platform's folder for this program's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("crmcli", appauthor=False))


def locate(text: str | None) -> Location:
    """The database that `--db`, `CRM_DB` or the setting names; the default one for None or ""."""
    if not text:
        return Location(data_dir() / "crm.db")
    if text == DEMO:
        return Location(data_dir() / "demo.db", given=True)
    if "://" in text:
        scheme = text.split("://", 1)[0]
        raise UsageError(
            f"databases of the kind {scheme}:// are not supported",
            hint="give the path of an SQLite file, for example --db ~/crm.db",
        )
    return Location(Path(text).expanduser(), given=True)
