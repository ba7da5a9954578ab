"""`crm db`: where the database is, and how it is."""

from __future__ import annotations

from crmcli.cli.session import Act, Session
from crmcli.results import Done


def path() -> Act:
    """Print the path of the database."""
    return _path


def _path(session: Session) -> Done:
    path = str(session.ctx.location.path)
    return Done(lines=(path,), data={"path": path})


def info() -> Act:
    """Show the size, version and contents of the database."""
    from crmcli.actions import household

    return lambda s: household.db_info(s.ctx)


def check() -> Act:
    """Examine the database for damage."""
    from crmcli.actions import household

    return lambda s: household.db_check(s.ctx)
