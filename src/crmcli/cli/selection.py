"""Which records a verb works on: references, handles on stdin, or all that a query matches."""

from __future__ import annotations

import sys

from crmcli.catalog import BY_PLURAL
from crmcli.cli.session import Session
from crmcli.errors import NotFound, UsageError
from crmcli.fields import Record

_NAMED = 5  # records that a question names


def select(session: Session, text: str, where: str | None, doing: str) -> list[str]:
    """The references that a command is about.

    text: a REF, several with commas, `-`, or with `where` the plural noun that the query is for.
    doing: the verb of the question that is asked before a query's records are changed.
    """
    if where is not None:
        return _matching(session, text, where, doing)
    if text == "-":
        return _from_stdin()
    return [text]


def _from_stdin() -> list[str]:
    handles = sys.stdin.read().split()
    if not handles:
        raise NotFound(
            "there are no handles on stdin",
            hint="for example: crm contacts city:Berlin --format ids | crm tag - berlin",
        )
    return handles


def _matching(session: Session, noun: str, where: str, doing: str) -> list[str]:
    record = BY_PLURAL.get(noun)
    if record is None:
        raise UsageError(
            f'with --where the first word says which list, such as contacts; it is "{noun}"',
            hint=f"for example: {session.path} contacts --where '{where}'",
        )
    handles = matching(session, record, where)
    if not handles:
        raise NotFound(f"no {record.plural} match {where}", hint=f"see `crm {record.plural}`")
    one = len(handles) == 1
    named = ", ".join(handles[:_NAMED]) + (" …" if len(handles) > _NAMED else "")
    noun = record.name if one else record.plural
    session.confirm(f"{doing} {len(handles)} {noun} ({named})?")
    return handles


def matching(session: Session, record: Record, where: str) -> list[str]:
    """The handles of all records that a query matches."""
    from crmcli.queries.listing import listing

    ctx = session.ctx
    found = listing(
        ctx.reader, ctx.env, record, where=where, columns=["handle"], limit=0, me=ctx.user
    )
    return [str(row[0]) for row in found.rows]
