"""`crm user`: who you are, and who of the team is active."""

from __future__ import annotations

import os
from typing import Annotated

from crmcli import config
from crmcli.cli.arguments import refs, words
from crmcli.cli.selection import select
from crmcli.cli.session import Act, Session
from crmcli.errors import DatabaseError
from crmcli.results import Done
from crmcli.values.base import quote
from crmcli.values.text import close_matches, sort_key

Users = Annotated[list[str], refs("user", metavar="USER...")]


def me() -> Act:
    """Show which user you are, and why."""
    return _me


def _me(session: Session) -> Done:
    why = (
        "by --as" if session.given.get("user")
        else "by CRM_USER" if os.environ.get("CRM_USER")
        else "by the setting user" if session.ctx.settings["user"]
        else "by your login name"
    )  # fmt: skip
    name = session.ctx.user
    return Done(lines=(f"{name}, {why}",), data={"user": name, "why": why})


def use(name: Annotated[str, words("The user's name.", "USER", "users")]) -> Act:
    """Set which user you are on this machine."""

    def act(session: Session) -> Done:
        value = str(config.change(config.config_path(os.environ), "user", name))
        warnings = _strange(session, value)
        return Done(lines=(f"you are now {value}",), warnings=warnings, data={"user": value})

    return act


def _strange(session: Session, name: str) -> tuple[str, ...]:
    """What to say of a name that none of the team has, which may be a typing error."""
    try:
        users = session.ctx.reader.rows("SELECT name FROM app_user WHERE deleted_at IS NULL")
    except DatabaseError:
        return ()
    names = [user for (user,) in users]
    if not names or sort_key(name) in map(sort_key, names):
        return ()
    near = close_matches(name, names)
    guess = f"did you mean {near[0]}?" if near else "your first change makes it"
    return (f"there is no user {quote(name)} yet; {guess}",)


def deactivate(users: Users) -> Act:
    """Keep a user's history, but offer them no more."""
    return lambda session: _set_active(session, users, "no", "Deactivated")


def activate(users: Users) -> Act:
    """Bring a deactivated user back."""
    return lambda session: _set_active(session, users, "yes", "Activated")


def _set_active(session: Session, users: list[str], text: str, verb: str) -> object:
    from crmcli.actions import records
    from crmcli.actions.assign import setting

    return records.edit(session.ctx, select(session, users), [setting("active", text)], verb=verb)
