"""`crm db`: where the database is, and how it is."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import words
from crmcli.cli.session import Act, Session
from crmcli.results import Done


def path() -> Act:
    """Print the path of the database."""
    return _path


def _path(session: Session) -> Done:
    location = session.ctx.location
    path = location.shown if location.url else str(location.path)
    return Done(lines=(path,), data={"path": path})


def info() -> Act:
    """Show the size, version and contents of the database."""
    from crmcli.actions import household

    return lambda s: household.db_info(s.ctx)


def check() -> Act:
    """Examine the database for damage."""
    from crmcli.actions import household

    return lambda s: household.db_check(s.ctx)


def migrate() -> Act:
    """Bring an older database forward, after a backup.

    A file is brought forward at its first use; a database on a server only by this command, for
    everybody who uses it.
    """
    from crmcli.actions import household

    return lambda s: household.db_migrate(s.ctx)


def copy(
    source: Annotated[str, words("The database to copy: a path or URL.", "SOURCE")],
    target: Annotated[str, words("Where to: a path or URL.", "TARGET")],
) -> Act:
    """Copy everything into another database.

    Records, history, your own fields and handles are the same there afterwards. Either of the two
    may be a file or a PostgreSQL database. Every table is compared before the copy counts.
    """
    return lambda s: _copy(s, source, target)


def _copy(session: Session, source: str, target: str) -> Done:
    from crmcli.actions import household
    from crmcli.output.progress import Progress
    from crmcli.store import copying
    from crmcli.store.location import locate

    there, here = locate(source), locate(target)
    total = copying.rows_in(there)
    if not copying.same(there, here) and not copying.is_empty(here):
        session.confirm(f"{here.shown} holds records already. Replace all of them?")
    with Progress(f"copying to {here.shown}", total, session.how) as bar:
        return household.db_copy(session.ctx, there, here, advance=bar.advance)
