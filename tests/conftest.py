"""What all tests share: a fresh database, and the program run in this process on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


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
