"""`crm backup`: make, list and restore backups."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import words
from crmcli.cli.session import Act, Session

File = Annotated[str, words("A backup file, or its name in `crm backup list`.", "FILE")]


def create(
    file: Annotated[str | None, words("Where; else beside the database.", "FILE")] = None,
) -> Act:
    """Write a backup of the database."""
    from crmcli.actions import household

    return lambda s: household.backup_create(s.ctx, file)


def list() -> Act:
    """List the backups, newest first."""
    from crmcli.actions import household

    return lambda s: household.backup_list(s.ctx)


def restore(file: File) -> Act:
    """Replace the database by a backup.

    What it replaces is kept as a backup of its own.
    """
    return lambda session: _restore(session, file)


def _restore(session: Session, file: str) -> object:
    from crmcli.actions import household

    session.confirm(f"Replace {session.ctx.location.shown} by {file}?")
    return household.backup_restore(session.ctx, file)
