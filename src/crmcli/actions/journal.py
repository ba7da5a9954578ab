"""The history of what was changed, and taking changes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from crmcli.actions import trail
from crmcli.actions.context import Context
from crmcli.actions.draft import find_field
from crmcli.actions.records import done
from crmcli.actions.refs import parts_of, seen
from crmcli.actions.trail import ALL
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.errors import NotFound, UsageError
from crmcli.queries.custom import with_custom
from crmcli.queries.lookup import by_handle
from crmcli.results import Column, Done, Listing
from crmcli.store.read import Rows
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.store.undo import Undone
    from crmcli.store.write import Writer

_Named: TypeAlias = tuple[str, int, str]
"""The noun, id and handle of a record."""

_SETS = (
    Column("handle", "handle", "Change"),
    Column("at", "moment", "When"),
    Column("user", "text", "Who"),
    Column("command", "text", "Command"),
    Column("rows", "integer", "Rows"),
    Column("state", "text", "State"),
    Column("reason", "text", "Reason", 1),
)
_CHANGES = (
    Column("handle", "handle", "Change"),
    Column("at", "moment", "When"),
    Column("user", "text", "Who"),
    Column("what", "text", "What"),
    Column("field", "text", "Field"),
    Column("before", "text", "Before"),
    Column("after", "text", "After"),
)
_SOURCES = (
    Column("handle", "handle", "Change"),
    Column("at", "moment", "When"),
    Column("user", "text", "Who"),
    Column("before", "text", "Before"),
    Column("after", "text", "After"),
    Column("command", "text", "Command"),
    Column("reason", "text", "Reason", 1),
)


def history(
    ctx: Context, refs: Sequence[str] = (), limit: int = 50, *, field: str | None = None
) -> Listing:
    """The change sets, newest first; with REFs, what happened to those records, field by field.

    field: only what happened to this one, and by which command, which says where its value is from.
    Raises UsageError for a field without one record, UnknownName for one that there is not.
    """
    if field is not None:
        return _of_field(ctx, refs, field, limit)
    if not refs:
        return _all_sets(ctx.reader, limit)
    if len(refs) == 1 and (change_set := _number(refs[0], "h")) is not None:
        return _of_set(ctx.reader, change_set, limit)
    return _of_records(ctx.reader, _records(ctx, refs), limit)


def _number(handle: str, letter: str) -> int | None:
    """The number of a handle with this letter, such as h412; None for any other text."""
    digits = handle[1:]
    wanted = handle[:1].casefold() == letter and digits.isdecimal() and len(digits) <= 18
    return int(digits) if wanted else None


def _records(ctx: Context, refs: Sequence[str]) -> list[_Named]:
    """The records that REFs mean, each of which may be a comma list; each record once."""
    parts = [part for text in refs for part in parts_of(ctx, ctx.reader, text)]
    return list(dict.fromkeys(_record(ctx, part) for part in parts))


def _record(ctx: Context, ref: str) -> _Named:
    """The record that REF means, also when it is deleted, as long as it is named by handle."""
    if named := by_handle(ref):
        record, id = named
        if ctx.reader.scalar(f"SELECT 1 FROM {record.table} WHERE id = ?", (id,)):
            return record.name, id, record.handle(id)
        raise NotFound(f"there is no {ref}")
    found = seen(ctx, ctx.reader, ref)
    return found.noun, found.id, found.handle


def _all_sets(rows: Rows, limit: int) -> Listing:
    found = rows.rows(
        "SELECT 'h' || s.id, s.at, u.name, s.command,"
        " (SELECT coalesce(sum(c.last_id - c.row_id + 1), 0) FROM change c"
        "  WHERE c.change_set_id = s.id),"
        " CASE WHEN s.state = 'purged' THEN s.state"
        "  WHEN s.undone_by IS NOT NULL THEN 'undone by h' || s.undone_by"
        "  WHEN s.undo_of IS NOT NULL THEN s.kind || ' of h' || s.undo_of"
        "  WHEN s.state <> 'done' THEN s.state ELSE '' END,"
        " s.reason FROM change_set s LEFT JOIN app_user u ON u.id = s.user_id"
        " ORDER BY s.id DESC LIMIT ?",
        (limit or ALL,),
    )
    total = int(rows.scalar("SELECT count(*) FROM change_set"))
    return Listing("changes", _SETS, tuple(found), total, "Nothing was changed yet.")


def _of_set(rows: Rows, change_set: int, limit: int) -> Listing:
    if rows.scalar("SELECT 1 FROM change_set WHERE id = ?", (change_set,)) is None:
        raise NotFound(f"there is no h{change_set}", hint="`crm history` lists the change sets")
    found = trail.of_set(rows, change_set, limit or ALL)
    return _listing([line for step in found for line in trail.lines(rows, step)])


def _of_records(rows: Rows, records: Sequence[_Named], limit: int) -> Listing:
    """What happened to records, newest first; the lines name theirs where there are several."""
    found = [
        (step, handle)
        for noun, id, handle in records
        for step in trail.of_record(rows, noun, id, limit=limit or ALL)
    ]
    found.sort(key=lambda pair: pair[0].change_set, reverse=True)
    named = len(records) > 1
    lines = [
        trail.named(line, handle) if named else line
        for step, handle in found[: limit or ALL]
        for line in trail.lines(rows, step, handle)
    ]
    return _listing(lines)


def _of_field(ctx: Context, refs: Sequence[str], name: str, limit: int) -> Listing:
    if len(refs) != 1 or _number(refs[0], "h") is not None:
        raise UsageError("whose field?", hint=f"for example: crm history c12 --field {name}")
    noun, id, _handle = _record(ctx, refs[0])
    field = find_field(with_custom(ctx.reader, BY_NAME[noun]), name)
    lines = [
        (*line[:3], *line[5:], *_source(ctx.reader, step.change_set))
        for step in trail.of_record(ctx.reader, noun, id)
        for line in trail.field_lines(ctx.reader, step, field)
    ]
    shown = tuple(lines[:limit] if limit else lines)
    return Listing("changes", _SOURCES, shown, len(lines), f"{name} was never set.")


def _source(rows: Rows, change_set: int) -> tuple[Any, ...]:
    sql = "SELECT command, reason FROM change_set WHERE id = ?"
    return rows.row(sql, (change_set,)) or (None, None)


def _listing(lines: list[tuple[Any, ...]]) -> Listing:
    return Listing("changes", _CHANGES, tuple(lines), len(lines), "Nothing was changed.")


def undo(ctx: Context, handle: str | None = None) -> Done:
    """Take a change set or an import back; without a handle, your own last one."""
    return _back(ctx, handle, "undo")


def redo(ctx: Context, handle: str | None = None) -> Done:
    """Do again what an undo took back; without a handle, your own last undo."""
    return _back(ctx, handle, "redo")


def _back(ctx: Context, handle: str | None, kind: str) -> Done:
    from crmcli.store import undo as store_undo

    with ctx.writing(kind) as writer:
        wanted = _change_set(writer, handle, kind) if handle else store_undo.last_of(writer, kind)
        origin, command = _origin(writer, wanted)
        result = store_undo.undo(writer, wanted)
        lines = _undone_lines(result, f"h{origin} ({command})", kind)
    warnings = [f"kept {_kept_name(k.table, k.id)} {k.title}: {k.why}" for k in result.kept]
    data = {"of": f"h{wanted}", "kept": [_kept_name(k.table, k.id) for k in result.kept]}
    answer = done(writer, ctx, lines, (), warnings, data)
    return answer._replace(exit_status=4) if result.kept else answer


def _change_set(writer: Writer, handle: str, kind: str) -> int:
    found, batch = _number(handle, "h"), _number(handle, "i")
    if found is None and batch is None:
        raise UsageError(
            f"{quote(handle)} names no change",
            hint=f"`crm history` and `crm imports` list them; for example: crm {kind} h412",
        )
    if found is None:
        found = writer.scalar("SELECT change_set_id FROM import_batch WHERE id = ?", (batch,))
    if found is None:
        raise NotFound(f"there is no {handle}", hint="`crm imports` lists the imports")
    return found if kind == "undo" else _undo_of(writer, found)


def _undo_of(writer: Writer, change_set: int) -> int:
    """The undo to redo: `change_set` itself, or the one that took it back."""
    row = writer.row("SELECT kind, undone_by FROM change_set WHERE id = ?", (change_set,))
    if row is None:
        raise NotFound(f"there is no h{change_set}", hint="`crm history` lists the change sets")
    if row[0] == "undo":
        return change_set
    if row[1] is None:
        raise NotFound(f"h{change_set} is not undone, so there is nothing to redo")
    return int(row[1])


def _origin(writer: Writer, change_set: int) -> tuple[int, str]:
    """The change set that people know: that of the command itself, not of an undo of it."""
    row = writer.row("SELECT command, undo_of FROM change_set WHERE id = ?", (change_set,))
    if row is None:
        raise NotFound(f"there is no h{change_set}", hint="`crm history` lists the change sets")
    return _origin(writer, row[1]) if row[1] else (change_set, row[0])


def _undone_lines(result: Undone, what: str, kind: str) -> list[str]:
    said = {} if kind == "undo" else {"changed back": "changed again"}
    counted = [
        f"{number:,} {BY_NAME[noun].plural if number != 1 else noun} {said.get(op, op)}"
        for (op, noun), number in result.counts.items()
    ]
    verb = "Undid" if kind == "undo" else "Redid"
    rest = f": {', '.join(counted)}" if counted else ""
    return [f"{verb} {what}{rest}"]


def _kept_name(table: str, id: int) -> str:
    record = BY_TABLE.get(table)
    return record.handle(id) if record else table.replace("_", " ")
