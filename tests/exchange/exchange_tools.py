"""What the tests of import and export share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests import engines

from crmcli.exchange.importing import import_file

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.results import ImportSummary

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """A real file; the test is skipped loudly where the folder is not there."""
    folder = Path(os.environ.get("CRM_SHARED_DATA") or BESIDE)
    if not (folder / name).exists():
        pytest.skip(f"THE REAL FILES ARE NOT AT {folder}: set CRM_SHARED_DATA to their folder")
    return folder / name


def write(folder: Path, text: str, name: str = "people.csv", encoding: str = "utf-8") -> Path:
    """A file with this text."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def load(ctx: Context, text: str, name: str = "people.csv", **choice: Any) -> ImportSummary:
    """Import a file with this text, which is made beside the database."""
    return import_file(ctx, write(ctx.location.path.parent, text, name), **choice)


def counts(summary: ImportSummary) -> tuple[int, ...]:
    """read, created, updated, unchanged, skipped, rejected."""
    return (
        summary.read,
        summary.created,
        summary.updated,
        summary.unchanged,
        summary.skipped,
        summary.rejected,
    )


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the database at `path`."""
    return engines.ask_with_names(path, sql)[0]
