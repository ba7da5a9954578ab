"""E-mails and phones that were found not to work, and those that do after all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.records import done
from crmcli.catalog import BY_NAME
from crmcli.errors import NotFound
from crmcli.results import Done
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def mark(ctx: Context, addresses: Sequence[str], *, works: bool) -> Done:
    """Mark e-mails and phones as working or not, for everybody who has them.

    Raises NotFound for an address that nobody has.
    """
    lines, handles = [], []
    with ctx.writing() as writer:
        for text in addresses:
            for id, handle, title, value in _points(ctx, writer, text):
                if writer.update("contact_point", id, {"valid": int(works)}):
                    verb = "works" if works else "does not work"
                    lines.append(f"{value} of {handle} {title} {verb}")
                    handles.append(handle)
    return done(writer, ctx, lines or ["Nothing to change: it is so already"], handles)


def _points(ctx: Context, writer: Writer, text: str) -> list[tuple[Any, ...]]:
    """Every live e-mail or phone that the text means: id, its record's handle and title, value."""
    kind = "email" if "@" in text else "phone"
    env = ctx.env._replace(keep_invalid=True)
    stored = values.parse(kind, text, env)
    rows = writer.rows(
        "SELECT p.id, p.value, c.id, c.name, o.id, o.name FROM contact_point p"
        " LEFT JOIN contact c ON c.id = p.contact_id AND c.deleted_at IS NULL"
        " LEFT JOIN company o ON o.id = p.company_id AND o.deleted_at IS NULL"
        " WHERE p.key = ? AND p.kind = ? AND p.deleted_at IS NULL"
        " AND (c.id IS NOT NULL OR o.id IS NOT NULL) ORDER BY p.id",
        (values.key(kind, str(stored)), kind),
    )
    if not rows:
        raise NotFound(f"nobody has {quote(text)}", hint=f"`crm search {quote(text)}` looks for it")
    return [
        (id, BY_NAME["contact"].handle(contact), name, value)
        if contact is not None
        else (id, BY_NAME["company"].handle(company), company_name, value)
        for id, value, contact, name, company, company_name in rows
    ]
