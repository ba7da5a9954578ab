"""`edit`: fields on the line, or a page in the editor."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import Refs, Where, flag, words
from crmcli.cli.selection import STDIN, select
from crmcli.cli.session import Act, Session
from crmcli.errors import UsageError


def edit(
    refs: Refs,
    changes: Annotated[
        list[str] | None,
        words(
            "title=CTO, email+=x, email-=y, email.work=z; title= clears.",
            "[FIELD=VALUE]...",
            "assigns",
        ),
    ] = None,
    where: Where = None,
    keep_invalid: Annotated[
        bool, flag("Keep a phone or e-mail that cannot exist as it is typed.", "--keep-invalid")
    ] = False,
) -> Act:
    """Change fields of records.

    Without changes on the line, the record opens as a page in your editor ($VISUAL, $EDITOR);
    what you save is checked, and opens again with the mistake marked when it is wrong.
    """

    def act(session: Session) -> object:
        if keep_invalid:
            session.keep_invalid()
        if changes:
            return _edit_by_line(session, refs, changes, where)
        from crmcli.cli.editor import edit_page

        if where is not None:
            raise UsageError(
                "--where needs a list and changes on the line",
                hint=f"for example: {session.path} contacts --where '{where}' status=former",
            )
        _check_alone(session, refs)
        return edit_page(session, refs)

    return act


def _check_alone(session: Session, refs: str) -> None:
    """Raises UsageError unless `refs` may be one record."""
    from crmcli.actions.refs import parts_of

    if refs == STDIN or len(parts_of(session.ctx, session.ctx.reader, refs)) > 1:
        raise UsageError(
            "one record at a time opens in the editor",
            hint=f"several are changed on the line: {session.path} {refs} status=former",
        )


def _edit_by_line(session: Session, refs: str, changes: list[str], where: str | None) -> object:
    from crmcli.actions import records
    from crmcli.actions.assign import read_assign

    assigns = [read_assign(change) for change in changes]
    return records.edit(session.ctx, select(session, [refs], where, "Change"), assigns)
