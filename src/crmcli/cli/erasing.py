"""`purge` and `erase`: the two commands that nothing brings back from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from crmcli.cli.arguments import flag, option, ref
from crmcli.cli.session import Act, Session

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.results import Done


def purge(
    older_than: Annotated[
        str, option("How long ago it was deleted.", "--older-than", metavar="INTERVAL")
    ] = "90d",
) -> Act:
    """Remove for good what was deleted long ago.

    It shows how much that is, asks, and makes a backup. What a record that stays still refers to is
    kept. Neither `crm undo` nor `crm restore` brings back what was purged; the backup does.
    """
    from crmcli.actions import purging

    def act(session: Session) -> object:
        return _agreed(
            session,
            f"Remove for good what was deleted more than {older_than} ago?",
            lambda ctx: purging.purge(ctx, older_than),
        )

    return act


def erase(
    person: Annotated[str, ref("The contact; a deleted one by its handle.", nouns="contact")],
    readmit: Annotated[
        bool, flag("Accept this e-mail or phone of an erased person again.", "--readmit")
    ] = False,
) -> Act:
    """Erase a person for good, and all that tells who it was.

    It shows what goes and what stays, and asks. There is no backup of it, and no undo. Backups made
    before still hold the person, and are named. An import, and whoever adds a contact, is told when
    an e-mail or phone belonged to somebody who was erased.
    """
    from crmcli.actions import erasing

    def act(session: Session) -> object:
        if readmit:
            return erasing.readmit(session.ctx, person)
        return _agreed(
            session,
            f"Erase {person} for good? Nothing brings it back.",
            lambda ctx: erasing.erase(ctx, person),
        )

    return act


def _agreed(session: Session, question: str, action: Callable[[Context], Done]) -> Done:
    """Show what an action would do, ask unless that is nothing, and do it."""
    given, nothing = session.given, False
    if session.interactive and not given.get("yes") and not given.get("dry_run"):
        from crmcli.output import emit

        shown = action(replace(session.ctx, dry_run=True))
        nothing = shown.data["rows"] == 0
        emit(shown, session.how)
    session.confirm(question, agreed=nothing)
    return action(session.ctx)
