"""Which records a verb works on: references, handles on stdin, or all that a query matches."""

from __future__ import annotations

import sys

from crmcli.catalog import BY_PLURAL
from crmcli.cli.session import Session
from crmcli.errors import NotFound, UsageError
from crmcli.fields import Record

STDIN = "-"
"""The reference that stands for handles on stdin."""

_NAMED = 5  # records that a question names


def select(
    session: Session, texts: list[str], where: str | None = None, doing: str = ""
) -> list[str]:
    """The references that a command is about.

    texts: REFs, `-`, or with `where` the plural noun that the query is for.
    doing: the verb of the question that is asked before a query's records are changed.
    """
    if where is not None:
        return _matching(session, " ".join(texts), where, doing)
    if STDIN not in texts:
        return texts
    return [ref for text in texts for ref in (_from_stdin() if text == STDIN else [text])]


def _from_stdin() -> list[str]:
    """The handles on stdin: words, or the first column of a list that goes into a pipe."""
    handles: list[str] = []
    for line in sys.stdin.read().splitlines():
        first, *others = line.split("\t")
        handles += first.split() if not others else [first] if first != "handle" else []
    if not handles:
        raise NotFound(
            "there are no handles on stdin",
            hint="for example: crm contacts city:Berlin --format ids | crm tag - berlin",
        )
    return handles


def _matching(session: Session, noun: str, where: str, doing: str) -> list[str]:
    from crmcli.actions.stale import last_change

    record = BY_PLURAL.get(noun)
    if record is None:
        raise UsageError(
            f'with --where the first word says which list, such as contacts; it is "{noun}"',
            hint=f"for example: {session.path} contacts --where '{where}'",
        )
    # What somebody changes from here on stops the write: the question is about what was listed.
    session.ctx.as_of = last_change(session.ctx.reader)
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
    from crmcli.queries.listing import select_ids

    ctx = session.ctx
    ids = select_ids(ctx.reader, ctx.env, record, where=where, me=ctx.user)
    return [record.handle(number) for number in ids]
