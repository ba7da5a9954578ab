"""What happened to a record, as the journal has it: change by change, field by field.

Rows that belong to a record, such as its e-mails and tags, are part of its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from crmcli import values
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.fields import Field
from crmcli.store.read import Rows

ALL = 2**53  # more than there can be

Line = tuple[Any, ...]
"""The handle of the change set, when, who, what, the field, before, after."""


class Step(NamedTuple):
    """What a change set did to one row, or to a run of rows."""

    change_set: int
    at: str
    user: str | None
    table: str
    first: int
    last: int
    op: str
    before: dict[str, Any]
    after: dict[str, Any]


_COLUMNS = "s.id, s.at, u.name, c.tbl, {row}, {last}, c.op, c.before, c.after"
_JOINED = "JOIN change_set s ON s.id = c.change_set_id LEFT JOIN app_user u ON u.id = s.user_id"


def of_set(rows: Rows, change_set: int, limit: int = ALL) -> list[Step]:
    """What a change set did, in order."""
    columns = _COLUMNS.format(row="c.row_id", last="c.last_id")
    found = rows.rows(
        f"SELECT {columns} FROM change c {_JOINED} WHERE c.change_set_id = ? ORDER BY c.id LIMIT ?",
        (change_set, limit),
    )
    return [_step(row) for row in found]


def of_record(rows: Rows, noun: str, id: int, *, after: int = 0, limit: int = ALL) -> list[Step]:
    """What happened to a record since the change set `after`, newest first."""
    parts: list[str] = []
    params: list[Any] = []
    for table, condition, given in _holdings(noun, id):
        # Those that are there and those that are gone each have an index.
        held = " UNION ALL ".join(
            f"SELECT h.id FROM {table} h WHERE {condition} AND h.deleted_at {state}"
            for state in ("IS NULL", "IS NOT NULL")
        )
        columns = _COLUMNS.format(row="h.id", last="h.id")
        for match in ("c.row_id = h.id", _WITHIN):
            parts.append(
                f"SELECT c.id AS place, {columns} FROM ({held}) h"
                f" CROSS JOIN change c ON c.tbl = '{table}'"
                f" AND {match} {_JOINED} WHERE c.change_set_id > ?"
            )
            params += [*given, *given, after]
    found = rows.rows(f"{' UNION ALL '.join(parts)} ORDER BY place DESC LIMIT ?", [*params, limit])
    return [_step(row[1:]) for row in found]


# A change to a run of rows is looked for apart, by an index of its own.
_WITHIN = "c.last_id > c.row_id AND c.row_id < h.id AND c.last_id >= h.id"
_HELD = {
    "contact": (("contact_point", "contact_id"), ("address", "contact_id")),
    "company": (("contact_point", "company_id"), ("address", "company_id")),
    "deal": (("stage_change", "deal_id"), ("deal_contact", "deal_id")),
    "activity": (("activity_participant", "activity_id"),),
}


def _holdings(noun: str, id: int) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """A record and what belongs to it: tables, conditions on their rows, and parameters."""
    yield BY_NAME[noun].table, "h.id = ?", (id,)
    for table, column in _HELD.get(noun, ()):
        yield table, f"h.{column} = ?", (id,)
    for table in ("tagging", "external_id"):
        yield table, "h.record = ? AND h.record_id = ?", (noun, id)
    for column in ("record_id", "into_id"):
        yield "merged", f"h.record = ? AND h.{column} = ?", (noun, id)


def _step(row: tuple[Any, ...]) -> Step:
    *head, before, after = row
    return Step._make([*head, json.loads(before or "{}"), json.loads(after or "{}")])


def fields(rows: Rows, step: Step) -> set[str]:
    """The fields of its record that a step changed, by column, by kind of e-mail, phone or page,
    or by name; `EVERYTHING` for a record that was deleted or brought back."""
    if step.table not in BY_TABLE:
        return {_holder_field(rows, step)}
    if step.op in ("delete", "restore"):
        return {EVERYTHING}
    old, new = _unfolded(step.before), _unfolded(step.after)
    return {name for name in {**old, **new} if old.get(name) != new.get(name)}


EVERYTHING = "*"


def _holder_field(rows: Rows, step: Step) -> str:
    if step.table != "contact_point":
        return _FIELDS.get(step.table, step.table)
    return str(rows.scalar("SELECT kind FROM contact_point WHERE id = ?", (step.first,)))


_FIELDS = {
    "address": "address",
    "tagging": "tags",
    "deal_contact": "contacts",
    "activity_participant": "contacts",
}


def lines(rows: Rows, step: Step, handle: str = "") -> list[Line]:
    """A step as lines for people, one for each field that it changed.

    handle: of the record that this is the history of; without it the lines name theirs.
    """
    change_set, at, user, table, first, last, op, old, new = step
    done_to = _OPS[op] if handle else f"{_OPS[op]} {_row_name(table, first, last)}"
    head = (f"h{change_set}", at, user, done_to)
    if table == "merged":
        return [(*head[:3], _merged(rows, step), None, None, None)]
    if table not in BY_TABLE:
        return _held_lines(rows, step, head)
    if op != "update":
        return [(*head, None, None, None)]
    old, new = _unfolded(old), _unfolded(new)
    same = _same_currency(rows, table, first, old)
    old, new = same | old, same | new
    names = [name for name in {**old, **new} if not name.endswith("_key")]
    pairs = [(n, _said(rows, table, n, old), _said(rows, table, n, new)) for n in names]
    return [(*head, n.removesuffix("_id"), *pair) for n, *pair in pairs if pair[0] != pair[1]]


def named(line: Line, handle: str) -> Line:
    """A line of a record's history that says whose it is."""
    return (*line[:3], f"{line[3]} {handle}", *line[4:])


def field_lines(rows: Rows, step: Step, field: Field) -> list[Line]:
    """What a step of a record's history did to one of its fields; that it was made with it, too."""
    if step.table in BY_TABLE and step.op == "create":
        value = _at_first(rows, step, field) if field.store in _OWN else None
        head = (f"h{step.change_set}", step.at, step.user, _OPS[step.op])
        return [] if value in (None, "") else [(*head, field.name, None, value)]
    named = {field.name, field.column.removesuffix("_id"), field.part}
    if field.store in ("address", "part"):
        named |= _ADDRESS if field.store == "address" else {"address"}
    return [line for line in lines(rows, step, "its") if line[4] in named]


_OWN = ("column", "money", "ref", "custom")


def _at_first(rows: Rows, step: Step, field: Field) -> str | None:
    """What a field held when its record was made: before its first change, else what it holds."""
    columns = [name for name in (field.column, field.currency) if name]
    sql = f"SELECT {', '.join(columns)} FROM {step.table} WHERE id = ?"
    now = dict(zip(columns, rows.row(sql, (step.first,)) or (), strict=False))
    row = _unfolded(now | _before_all(rows, step))
    name = field.name if field.store == "custom" else field.column
    return _said(rows, step.table, name, row)


def _before_all(rows: Rows, step: Step) -> dict[str, Any]:
    """The columns of a step's row that were changed later, as they were at first."""
    found: dict[str, Any] = {}
    for (before,) in rows.rows(
        "SELECT before FROM change WHERE tbl = ? AND row_id = ? AND op = 'update' ORDER BY id",
        (step.table, step.first),
    ):
        found = json.loads(before or "{}") | found
    return found


def _unfolded(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its custom values beside the others."""
    custom: dict[str, Any] = json.loads(row.get("custom") or "{}")
    return {name: value for name, value in row.items() if name != "custom"} | custom


def _same_currency(rows: Rows, table: str, id: int, changed: dict[str, Any]) -> dict[str, Any]:
    """The currency of an amount that changed while its currency did not."""
    return {
        field.currency: rows.scalar(f"SELECT {field.currency} FROM {table} WHERE id = ?", (id,))
        for field in BY_TABLE[table].fields
        if field.store == "money" and field.column in changed and field.currency not in changed
    }


_OPS = {
    "create": "added",
    "update": "changed",
    "delete": "deleted",
    "restore": "restored",
    "purge": "purged",
}


def _held_lines(rows: Rows, step: Step, head: Line) -> list[Line]:
    """What happened to a row that belongs to a record: an e-mail, an address, a tag."""
    table, old = step.table, step.before
    found = rows.row(_SAYS[table], (step.first,)) if table in _SAYS else None
    field, value = found or (table.replace("_", " "), None)
    if step.op != "update":
        value = _before_all(rows, step).get("value", value) if step.op == "create" else value
        gone = step.op == "delete"
        return [(*head, field, value, None) if gone else (*head, field, None, value)]
    if not old.keys() - {"is_primary"}:
        return []
    if moved := _moved(rows, step):
        return [(*head[:3], moved, field, None, value)]
    if table == "address":
        return [(*head, n, old[n], step.after[n]) for n in old if n in _ADDRESS]
    return [(*head, field, _marked(value, old), _marked(value, step.after))]


def _marked(value: str | None, changed: dict[str, Any]) -> str | None:
    """A value as a change had it, with its label and whether it works, where these changed."""
    marks = [changed.get("label"), "not valid" if changed.get("valid") == 0 else None]
    said = ", ".join(filter(None, marks))
    value = changed.get("value", value)
    return f"{value} ({said})" if said else value


_ADDRESS = frozenset(("label", "street", "city", "region", "postcode", "country"))
_OWNERS = ("contact_id", "company_id", "record_id")


def _moved(rows: Rows, step: Step) -> str | None:
    """Whose a row was that belongs to another record now, as a merge has it."""
    column = next((name for name in _OWNERS if step.before.get(name)), None)
    if column is None or not step.after.get(column):
        return None
    noun = column.removesuffix("_id")
    if column == "record_id":
        noun = rows.scalar(f"SELECT record FROM {step.table} WHERE id = ?", (step.first,))
    return f"moved from {BY_NAME[noun].handle(step.before[column])}"


def _merged(rows: Rows, step: Step) -> str:
    """A merge in words, or that it was taken apart."""
    sql = "SELECT record, record_id, into_id FROM merged WHERE id = ?"
    noun, gone, to = rows.row(sql, (step.first,)) or ("contact", 0, 0)
    one, other = BY_NAME[noun].handle(gone), BY_NAME[noun].handle(to)
    return f"took {one} out of {other}" if step.op == "delete" else f"merged {one} into {other}"


def _row_name(table: str, first: int, last: int) -> str:
    record = BY_TABLE.get(table)
    name = f"{record.letter}{first}" if record else table.replace("_", " ")
    if last == first:
        return name
    return f"{name}..{record.letter}{last}" if record else f"{last - first + 1} {name} rows"


# What a row that belongs to a record is called and says, for people.
_SAYS = {
    "contact_point": "SELECT kind, value FROM contact_point WHERE id = ?",
    "address": "SELECT 'address', rtrim(coalesce(street || ', ', '') || coalesce(city || ', ', '')"
    " || coalesce(region || ', ', '') || coalesce(country, ''), ', ') FROM address WHERE id = ?",
    "tagging": "SELECT 'tags', g.name FROM tagging x JOIN tag g ON g.id = x.tag_id WHERE x.id = ?",
    "stage_change": "SELECT 'stage history', s.name FROM stage_change x"
    " JOIN stage s ON s.id = x.stage_id WHERE x.id = ?",
    "deal_contact": "SELECT 'contacts', r.name FROM deal_contact x"
    " JOIN contact r ON r.id = x.contact_id WHERE x.id = ?",
    "activity_participant": "SELECT 'contacts', r.name FROM activity_participant x"
    " JOIN contact r ON r.id = x.contact_id WHERE x.id = ?",
    "link": "SELECT 'link', type FROM link WHERE id = ?",
    "external_id": "SELECT 'id in ' || system, key FROM external_id WHERE id = ?",
}


def _said(rows: Rows, table: str, column: str, row: dict[str, Any]) -> str | None:
    """A stored value for people: a reference by its title, an amount with its decimals."""
    from crmcli.store.views import title_column

    value = row.get(column)
    field = next((f for f in BY_TABLE[table].fields if f.column == column != "custom"), None)
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
