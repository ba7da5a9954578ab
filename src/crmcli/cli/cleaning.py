"""Cleaning: values written as they should be."""

from __future__ import annotations

from typing import Annotated, Any

from crmcli.cli.arguments import option, words
from crmcli.cli.session import Act, Session
from crmcli.results import Done


def clean(
    what: Annotated[
        list[str] | None, words("contacts or companies, with a query.", "[NOUNS] [QUERY]...")
    ] = None,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
) -> Act:
    """Write names, places, phones and e-mails as they should be.

    It shows what would change and asks. Names in capitals get their case, spaces are single, and
    what was kept as typed is read again. All of it is one change, which `crm undo` takes back.
    """
    from crmcli.actions import clean as actions
    from crmcli.actions.dupes import noun_and_query

    noun, terms = noun_and_query(what or ())

    def act(session: Session) -> Any:
        shown = actions.preview(session.ctx, noun, terms, where)
        if not shown.rows:
            return Done(("All of it is clean",))
        if session.interactive and not session.given.get("dry_run"):
            from crmcli.output import emit

            emit(shown, session.how)
        session.confirm(f"Change {'1 value' if shown.total == 1 else f'{shown.total:,} values'}?")
        done = actions.clean(session.ctx, noun, terms, where)
        return done._replace(preview=shown) if done.dry_run else done

    return act
