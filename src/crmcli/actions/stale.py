"""Whether somebody else changed a record since a person looked at it.

Who works from older values (a page in the editor, a list that was confirmed, `--if-version N`) is
stopped when one of the same fields was changed in between, and told what and by whom; different
fields both survive, and so do values added to many. A change on one line is applied, and names
what somebody else changed in the last minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from crmcli.actions import trail
from crmcli.actions.context import Context
from crmcli.actions.draft import Draft
from crmcli.actions.trail import ALL, EVERYTHING, Line, Step
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.errors import Changed, UsageError
from crmcli.queries.resolve import Found
from crmcli.store.read import Rows
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

_RECENT = timedelta(minutes=10)
_NOTICES = 5  # of a command that changes many records
_LOOKED_AT = 50  # changes, newest first
_NAMED = 3  # changes that a message names

WHOLE = frozenset((EVERYTHING,))
"""Instead of fields: a change that concerns all of a record."""


def last_change(rows: Rows) -> int:
    """The newest change set, to know later what came after."""
    return int(rows.scalar("SELECT coalesce(max(id), 0) FROM change_set"))


def guard(ctx: Context, writer: Writer, found: Found, fields: frozenset[str]) -> None:
    """Look for what others changed, before the fields of a record are written.

    fields: in the words of `trail.fields`. Raises Changed where the person worked from older
    values; adds to `ctx.notices` where they did not.
    """
    since = _basis(ctx, writer, found)
    if since is None:
        _notice(ctx, writer, found)
        return
    steps = trail.of_record(writer, found.noun, found.id, after=since)
    clashing = [s for s in steps if s.change_set != writer.change_set and _meets(writer, s, fields)]
    if clashing:
        raise _changed(writer, found, clashing)


def fields_of(draft: Draft) -> frozenset[str]:
    """The fields that a draft sets, without those that it adds to or takes from."""
    many = [
        *((point.op, point.part) for point in draft.points),
        *(("-=" if each.op == "-=" else "=", "address") for each in draft.addresses),
        *((op, "tags") for op, _names in draft.tags),
        *((member.op, member.field.name) for member in draft.members),
    ]
    return frozenset([*draft.columns, *draft.custom, *(name for op, name in many if op == "=")])


def _basis(ctx: Context, writer: Writer, found: Found) -> int | None:
    """The last change set that the person knew of; None where they did not look before."""
    if ctx.if_version is None:
        return ctx.as_of
    if ctx.if_version < 1:
        raise UsageError("--if-version takes a number from 1 on", hint="`crm show --json` has it")
    table = BY_NAME[found.noun].table
    version = int(writer.scalar(f"SELECT version FROM {table} WHERE id = ?", (found.id,)))
    if ctx.if_version > version:
        raise Changed(
            f"{found.handle} {found.title} is at version {version}, not {ctx.if_version}",
            hint=f"see `crm show {found.handle}`, then try again",
            details={"handle": found.handle, "version": version},
        )
    steps = trail.of_record(writer, found.noun, found.id)
    sets = sorted({step.change_set for step in steps} - {writer.change_set}, reverse=True)
    newer = sets[: version - ctx.if_version]
    return newer[-1] - 1 if newer else ALL


def _meets(rows: Rows, step: Step, fields: frozenset[str]) -> bool:
    changed = trail.fields(rows, step)
    return bool(changed & fields) or EVERYTHING in changed | fields


def _changed(rows: Rows, found: Found, steps: Sequence[Step]) -> Changed:
    lines = _lines(rows, found, steps)
    people = list(dict.fromkeys(step.user or "somebody" for step in steps))
    table = BY_NAME[found.noun].table
    return Changed(
        f"{found.handle} {found.title} was changed by {' and '.join(people)} in the meantime:"
        f" {_said(lines)}; nothing was written",
        hint=f"see `crm history {found.handle}`, then try again",
        details={
            "handle": found.handle,
            "by": people,
            "version": rows.scalar(f"SELECT version FROM {table} WHERE id = ?", (found.id,)),
            "changes": [_as_data(line) for line in lines],
        },
    )


def _notice(ctx: Context, writer: Writer, found: Found) -> None:
    """Name what somebody else changed in the last minutes."""
    if len(ctx.notices) >= _NOTICES:
        return
    start = (ctx.env.now - _RECENT).strftime("%Y-%m-%dT%H:%M:%SZ")
    since = writer.scalar(
        "SELECT min(id) FROM (SELECT id, at FROM change_set ORDER BY id DESC LIMIT 1000) x"
        " WHERE at >= ?",
        (start,),
    )
    if since is None:
        return
    steps = trail.of_record(writer, found.noun, found.id, after=since - 1, limit=_LOOKED_AT)
    others = _by_others(steps, ctx.user)
    said = [
        f"{who} just changed {_said(lines)}"
        for who in dict.fromkeys(step.user for step in others)
        if (lines := _lines(writer, found, [step for step in others if step.user == who]))
    ]
    if said:
        ctx.notices.append(f"{found.handle} {found.title}: {'; '.join(said[:_NAMED])}")


def _by_others(steps: Sequence[Step], user: str) -> list[Step]:
    """What others changed since this user's own last change, or since the record was made."""
    found: list[Step] = []
    made = {step.change_set for step in steps if step.table in BY_TABLE and step.op == "create"}
    for step in steps:
        if not step.user or sort_key(step.user) == sort_key(user) or step.change_set in made:
            break
        found.append(step)
    return found


def _lines(rows: Rows, found: Found, steps: Sequence[Step]) -> list[Line]:
    """The steps as lines for people."""
    return [line for step in steps for line in trail.lines(rows, step, found.handle)]


def _said(lines: Sequence[Line]) -> str:
    parts = list(dict.fromkeys(_sentence(line) for line in lines))
    more = len(parts) - _NAMED
    return "; ".join(parts[:_NAMED]) + (f"; and {more} more" if more > 0 else "")


def _sentence(line: Line) -> str:
    handle, _at, _who, what, field, before, after = line
    if field is None:
        return f"{what} ({handle})"
    return f"{field} {_quoted(before)} → {_quoted(after)} ({handle})"


def _quoted(value: str | None) -> str:
    text = " ".join(value.split()) if value else ""
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”" if text else "empty"


def _as_data(line: Line) -> dict[str, str | None]:
    names = ("change_set", "at", "by", "what", "field", "before", "after")
    return dict(zip(names, line, strict=True))
