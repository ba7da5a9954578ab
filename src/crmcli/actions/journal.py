"""The history of what was changed, and taking changes back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.records import done
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.errors import NotFound, UsageError
from crmcli.queries.lookup import by_handle
from crmcli.queries.resolve import resolve
from crmcli.results import Column, Done, Listing
from crmcli.store.read import Rows
from crmcli.values.base import quote

if TYPE_CHECKING:
    from crmcli.store.undo import Undone
    from crmcli.store.write import Writer

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


def history(ctx: Context, ref: str | None = None, limit: int = 50) -> Listing:
    """The change sets, newest first; with a REF, what happened to that record, field by field."""
    if ref is None:
        return _all_sets(ctx.reader, limit)
    if (change_set := _number(ref, "h")) is not None:
        return _of_set(ctx.reader, change_set, limit)
    noun, id, handle = _record(ctx, ref)
    return _of_record(ctx.reader, noun, id, handle, limit)


def _number(handle: str, letter: str) -> int | None:
    """The number of a handle with this letter, such as h412; None for any other text."""
    digits = handle[1:]
    wanted = handle[:1].casefold() == letter and digits.isdecimal() and len(digits) <= 18
    return int(digits) if wanted else None


def _record(ctx: Context, ref: str) -> tuple[str, int, str]:
    """The record that REF means, also when it is deleted, as long as it is named by handle."""
    if named := by_handle(ref):
        record, id = named
        if ctx.reader.scalar(f"SELECT 1 FROM {record.table} WHERE id = ?", (id,)):
            return record.name, id, record.handle(id)
        raise NotFound(f"there is no {ref}")
    found = resolve(ctx.reader, ctx.env, ctx.chosen.get(ref, ref))
    return found.noun, found.id, found.handle


def _all_sets(rows: Rows, limit: int) -> Listing:
    found = rows.rows(
        "SELECT 'h' || s.id, s.at, u.name, s.command,"
        " (SELECT coalesce(sum(c.last_id - c.row_id + 1), 0) FROM change c"
        "  WHERE c.change_set_id = s.id),"
        " CASE WHEN s.undone_by IS NOT NULL THEN 'undone by h' || s.undone_by"
        "  WHEN s.undo_of IS NOT NULL THEN s.kind || ' of h' || s.undo_of"
        "  WHEN s.state <> 'done' THEN s.state ELSE '' END,"
        " s.reason FROM change_set s LEFT JOIN app_user u ON u.id = s.user_id"
        " ORDER BY s.id DESC LIMIT ?",
        (limit or _ALL,),
    )
    total = int(rows.scalar("SELECT count(*) FROM change_set"))
    return Listing("change", _SETS, tuple(found), total, "Nothing was changed yet.")


_ALL = 2**53  # more than there can be
_CHANGE_ROWS = (
    "SELECT s.id, s.at, u.name, c.tbl, c.row_id, c.last_id, c.op, c.before, c.after"
    " FROM change c JOIN change_set s ON s.id = c.change_set_id"
    " LEFT JOIN app_user u ON u.id = s.user_id"
)


def _of_set(rows: Rows, change_set: int, limit: int) -> Listing:
    if rows.scalar("SELECT 1 FROM change_set WHERE id = ?", (change_set,)) is None:
        raise NotFound(f"there is no h{change_set}", hint="`crm history` lists the change sets")
    found = rows.rows(
        f"{_CHANGE_ROWS} WHERE c.change_set_id = ? ORDER BY c.id LIMIT ?",
        (change_set, limit or _ALL),
    )
    return _listing([line for row in found for line in _lines(rows, row)])


def _of_record(rows: Rows, noun: str, id: int, handle: str, limit: int) -> Listing:
    table = BY_NAME[noun].table
    conditions = ["(c.tbl = ? AND c.row_id = ?)", _RUN]
    params: list[Any] = [table, id, table, id, id]
    for helper, column in _HELD.get(noun, ()):
        held = f"(SELECT h.id FROM {helper} h WHERE h.{column} = ?)"
        conditions.append(f"(c.tbl = '{helper}' AND c.row_id IN {held})")
        params.append(id)
    conditions.append(
        "(c.tbl = 'tagging' AND c.row_id IN"
        " (SELECT h.id FROM tagging h WHERE h.record = ? AND h.record_id = ?))"
    )
    params += [noun, id]
    found = rows.rows(
        f"{_CHANGE_ROWS} WHERE {' OR '.join(conditions)} ORDER BY c.id DESC LIMIT ?",
        [*params, limit or _ALL],
    )
    return _listing([line for row in found for line in _lines(rows, row, handle)])


_RUN = "(c.tbl = ? AND c.last_id > c.row_id AND c.row_id <= ? AND c.last_id >= ?)"
_HELD = {
    "contact": (("contact_point", "contact_id"), ("address", "contact_id")),
    "company": (("contact_point", "company_id"), ("address", "company_id")),
    "deal": (("stage_change", "deal_id"), ("deal_contact", "deal_id")),
    "activity": (("activity_participant", "activity_id"),),
}


def _lines(rows: Rows, row: tuple[Any, ...], handle: str = "") -> list[tuple[Any, ...]]:
    """A journal row as lines, one for each field that it changed."""
    change_set, at, user, table, first, last, op, before, after = row
    done_to = _OPS[op] if handle else f"{_OPS[op]} {_row_name(table, first, last)}"
    head = (f"h{change_set}", at, user, done_to)
    old, new = json.loads(before or "{}"), json.loads(after or "{}")
    if table not in BY_TABLE:
        return _held_lines(rows, table, first, op, head, old)
    if op != "update":
        return [(*head, None, None, None)]
    if "custom" in old:
        old, new = _unfolded(old), _unfolded(new)
    same = _same_currency(rows, table, first, old)
    old, new = same | old, same | new
    names = [name for name in {**old, **new} if not name.endswith("_key")]
    pairs = [(n, _said(rows, table, n, old), _said(rows, table, n, new)) for n in names]
    return [(*head, n.removesuffix("_id"), *pair) for n, *pair in pairs if pair[0] != pair[1]]


def _unfolded(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its custom values beside the others."""
    custom: dict[str, Any] = json.loads(row["custom"] or "{}")
    return {name: value for name, value in row.items() if name != "custom"} | custom


def _same_currency(rows: Rows, table: str, id: int, changed: dict[str, Any]) -> dict[str, Any]:
    """The currency of an amount that changed while its currency did not."""
    return {
        field.currency: rows.scalar(f"SELECT {field.currency} FROM {table} WHERE id = ?", (id,))
        for field in BY_TABLE[table].fields
        if field.store == "money" and field.column in changed and field.currency not in changed
    }


_OPS = {"create": "added", "update": "changed", "delete": "deleted", "restore": "restored"}


def _held_lines(
    rows: Rows, table: str, id: int, op: str, head: tuple[Any, ...], old: dict[str, Any]
) -> list[tuple[Any, ...]]:
    """What happened to a row that belongs to a record: an e-mail, an address, a tag."""
    found = rows.row(_SAYS[table], (id,)) if table in _SAYS else None
    field, value = found or (table.replace("_", " "), None)
    if op == "update":
        return [(*head, field, old.get("value"), value)] if old.keys() - {"is_primary"} else []
    return [(*head, field, value, None) if op == "delete" else (*head, field, None, value)]


def _row_name(table: str, first: int, last: int) -> str:
    record = BY_TABLE.get(table)
    name = f"{record.letter}{first}" if record else table.replace("_", " ")
    if last == first:
        return name
    return f"{name}..{record.letter}{last}" if record else f"{last - first + 1} {name} rows"


# What a row that belongs to a record is called and says, for people.
_SAYS = {
    "contact_point": "SELECT kind, value FROM contact_point WHERE id = ?",
    "address": "SELECT 'address', coalesce(street || ', ', '') || coalesce(city, '')"
    " FROM address WHERE id = ?",
    "tagging": "SELECT 'tag', g.name FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.id = ?",
    "stage_change": "SELECT 'stage history', s.name FROM stage_change x"
    " JOIN stage s ON s.id = x.stage_id WHERE x.id = ?",
    "deal_contact": "SELECT 'contacts', r.name FROM deal_contact x"
    " JOIN contact r ON r.id = x.contact_id WHERE x.id = ?",
    "activity_participant": "SELECT 'contacts', r.name FROM activity_participant x"
    " JOIN contact r ON r.id = x.contact_id WHERE x.id = ?",
    "link": "SELECT 'link', type FROM link WHERE id = ?",
}


def _said(rows: Rows, table: str, column: str, row: dict[str, Any]) -> str | None:
    """A stored value for people: a reference by its title, an amount with its decimals."""
    from crmcli.store.views import title_column

    value = row.get(column)
    field = next((f for f in BY_TABLE[table].fields if f.column == column), None)
    if value is None or field is None:
        return None if value is None else str(value)
    if field.store == "money":
        currency = row.get(field.currency)
        return values.plain("money", values.Money(value, currency)) if currency else str(value)
    if field.store != "ref":
        return values.plain(field.kind, value)
    target = BY_NAME[field.ref]
    sql = f"SELECT {title_column(target)} FROM {target.table} WHERE id = ?"
    found: str | None = rows.scalar(sql, (value,))
    return found


def _listing(lines: list[tuple[Any, ...]]) -> Listing:
    return Listing("change", _CHANGES, tuple(lines), len(lines), "Nothing was changed.")


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
    counted = [
        f"{number:,} {BY_NAME[noun].plural if number != 1 else noun} {op}"
        for (op, noun), number in result.counts.items()
    ]
    verb = "Undid" if kind == "undo" else "Redid"
    rest = f": {', '.join(counted)}" if counted else ""
    return [f"{verb} {what}{rest}"]


def _kept_name(table: str, id: int) -> str:
    record = BY_TABLE.get(table)
    return record.handle(id) if record else table.replace("_", " ")
