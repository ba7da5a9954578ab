"""Making one record of several that are the same, without losing anything.

The first record named survives. For each field one value wins; e-mails, phones, addresses, tags,
activities, tasks, deals, links, ids in other programs and whatever else refers to the others move
to the survivor. The others are deleted, and their handles lead to the survivor from then on. All of
it is one change set of single steps, so that an undo takes it apart whatever came later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions import records, stale
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.dupes import NOUNS
from crmcli.actions.refs import targets
from crmcli.actions.show import page
from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue, UsageError
from crmcli.queries.custom import with_custom
from crmcli.queries.lookup import by_handle
from crmcli.queries.resolve import Found
from crmcli.results import Column, Done, Listing
from crmcli.values.base import Money
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.fields import Field, Record
    from crmcli.store.read import Rows
    from crmcli.store.write import Writer

PREFERENCES = ("newest", "longest")
"""Whose value wins, beside the handle of one of the records."""

_TOGETHER = ("name", "prefix", "first_name", "middle_name", "last_name", "suffix")
_KEPT_STORES = ("column", "money", "ref", "custom")


class Choice(NamedTuple):
    """A field of which one value wins. values: of each record, None where it has none; winner: the
    place of the record whose value wins, or None where all of them are joined."""

    field: Field
    values: tuple[Any, ...]
    winner: int | None
    value: Any


class Plan(NamedTuple):
    """What a merge will do: the records, the survivor first, and the choices that there are."""

    record: Record
    found: tuple[Found, ...]
    choices: tuple[Choice, ...]


def preview(
    ctx: Context,
    refs: Sequence[str],
    *,
    prefer: str | None = None,
    assigns: Sequence[Assign] = (),
) -> Listing:
    """The fields of the records side by side, with the value that will win.

    prefer: the handle of one of the records, newest or longest; the first record where it is None.
    assigns: field=value, or field=HANDLE for the value of that record.
    Raises UsageError where the records are not of one kind, and what finding them raises.
    """
    plan = _plan(ctx, ctx.reader, refs, prefer, assigns)
    typed = {assign.field: assign.text for assign in _typed(plan, assigns)}
    columns = (
        Column("field", "text", "Field"),
        *(Column(each.handle, "text", each.handle) for each in plan.found),
        Column("becomes", "text", "Becomes"),
    )
    rows = tuple(
        (
            choice.field.label,
            *(_shown(ctx, choice.field, value) for value in choice.values),
            typed.get(choice.field.name, _shown(ctx, choice.field, choice.value)),
        )
        for choice in plan.choices
        if any(value not in (None, "") for value in choice.values)
    )
    rows += tuple(_all_kept(ctx, plan))
    names = ", ".join(f"{each.handle} {each.title}" for each in plan.found[1:])
    note = f"{names} will become part of {plan.found[0].handle} {plan.found[0].title}"
    return Listing("fields", columns, rows, len(rows), note=note)


def _all_kept(ctx: Context, plan: Plan) -> Iterator[tuple[str | None, ...]]:
    """The fields with many values, of which none is lost: those of each record, and all of them."""
    sides = [dict(page(ctx, each.handle)[1]) for each in plan.found]
    for field in plan.record.fields:
        if field.many and any(side.get(field) for side in sides):
            held = [[text for _label, text in side.get(field, ())] for side in sides]
            kept = {sort_key(text): text for texts in held for text in texts}.values()
            yield (field.label, *(", ".join(texts) or None for texts in held), ", ".join(kept))


def merge(
    ctx: Context,
    refs: Sequence[str],
    *,
    prefer: str | None = None,
    assigns: Sequence[Assign] = (),
) -> Done:
    """Make the first record out of all of them; see `preview` for what may be given.

    Raises what `preview` raises, and Changed when somebody changed one of them meanwhile.
    """
    with ctx.writing() as writer:
        plan = _plan(ctx, writer, refs, prefer, assigns)
        merge_within(ctx, writer, plan, _typed(plan, assigns))
    survivor = plan.found[0]
    others = ", ".join(f"{each.handle} {each.title}" for each in plan.found[1:])
    data = {"survivor": survivor.handle, "merged": [each.handle for each in plan.found[1:]]}
    line = f"Merged {others} into {survivor.handle} {survivor.title}"
    return records.done(writer, ctx, [line], [survivor.handle], data=data)


def merge_all(ctx: Context, clusters: Sequence[Sequence[str]], prefer: str | None = None) -> Done:
    """Merge clusters, given by their handles, in one change set; the record with the most in it
    survives."""
    lines, handles, merged = [], [], 0
    with ctx.writing() as writer:
        for cluster in clusters:
            ordered = fullest_first(writer, cluster)
            plan = _plan(ctx, writer, ordered, prefer, ())
            merge_within(ctx, writer, plan, ())
            handles.append(ordered[0])
            merged += len(ordered) - 1
            lines.append(f"Merged {', '.join(ordered[1:])} into {ordered[0]} {plan.found[0].title}")
    if not lines:
        return Done(("Nothing to merge: no cluster is sure enough",), dry_run=ctx.dry_run)
    total = f"Merged {merged:,} {'records' if merged != 1 else 'record'} into {len(lines):,}"
    data = {"merged": merged, "survivors": handles}
    return records.done(writer, ctx, [*lines, total], handles, data=data)


def fullest_first(rows: Rows, handles: Sequence[str]) -> list[str]:
    """Handles of one kind, ordered by how much is known of the records; the oldest of equals."""
    return sorted(handles, key=lambda handle: -_fullness(rows, handle))


def merge_within(ctx: Context, writer: Writer, plan: Plan, typed: Sequence[Assign]) -> None:
    """Carry out a plan inside a write."""
    record, survivor = plan.record, plan.found[0]
    for each in plan.found:
        stale.guard(ctx, writer, each, stale.WHOLE)
    changes = _changes(writer, plan)
    for other in plan.found[1:]:
        _move_references(writer, record, other.id, survivor.id)
        _move_parts(writer, record, other.id, survivor.id)
        writer.delete(record.table, other.id)
        writer.create(
            "merged", {"record": record.name, "record_id": other.id, "into_id": survivor.id}
        )
    writer.update(record.table, survivor.id, changes)
    writer.touched(record.table, survivor.id, survivor.id)
    if typed:
        records.change(ctx, writer, survivor, typed)


# --- what will win


def _plan(
    ctx: Context, rows: Rows, refs: Sequence[str], prefer: str | None, assigns: Sequence[Assign]
) -> Plan:
    found = targets(ctx, rows, refs, NOUNS)
    if len({each.noun for each in found}) > 1:
        raise UsageError("contacts and companies cannot be merged with each other")
    if len(found) < 2:
        raise UsageError("two different records are needed", hint="for example: crm merge c12 c57")
    record = with_custom(rows, BY_NAME[found[0].noun])
    contents = [_contents(rows, record, each.id) for each in found]
    order = _order(found, contents, prefer)
    picked = _picked(record, found, assigns)
    fields = [f for f in record.fields if f.store in _KEPT_STORES and not f.readonly]
    choices = [_choice(field, contents, order, picked) for field in fields]
    return Plan(record, tuple(found), tuple(_names_together(choices, picked)))


def _contents(rows: Rows, record: Record, id: int) -> dict[str, Any]:
    """The stored values of a record's own fields, and when it was last changed."""
    fields = [f for f in record.fields if f.store in _KEPT_STORES and not f.readonly]
    columns = [f.column for f in fields] + [f.currency for f in fields if f.store == "money"]
    names = list(dict.fromkeys([*columns, "custom", "updated_at"]))
    row = rows.row(f"SELECT {', '.join(names)} FROM {record.table} WHERE id = ?", (id,)) or ()
    stored = dict(zip(names, row, strict=True))
    custom = json.loads(stored["custom"] or "{}")
    found: dict[str, Any] = {"updated_at": stored["updated_at"]}
    for field in fields:
        value = custom.get(field.name) if field.store == "custom" else stored[field.column]
        if field.store == "money" and value is not None:
            value = Money(value, stored[field.currency])
        found[field.name] = value
    return found


def _order(
    found: Sequence[Found], contents: Sequence[dict[str, Any]], prefer: str | None
) -> list[int] | None:
    """The places of the records in the order in which their values are preferred; None for the
    longest value of each field."""
    places = list(range(len(found)))
    if prefer == "longest":
        return None
    if prefer == "newest":
        return sorted(places, key=lambda place: contents[place]["updated_at"], reverse=True)
    if prefer is None:
        return places
    first = next((p for p in places if found[p].handle == prefer.lower()), None)
    if first is None:
        handles = ", ".join(each.handle for each in found)
        raise InvalidValue(
            f"--prefer {prefer} is none of the records", hint=f"{handles}, newest or longest"
        )
    return [first, *(place for place in places if place != first)]


def _picked(record: Record, found: Sequence[Found], assigns: Sequence[Assign]) -> dict[str, int]:
    """The fields whose value is taken from the record that was named for it."""
    handles = {each.handle: place for place, each in enumerate(found)}
    picked = {}
    for assign in assigns:
        field = record.field(assign.field)
        if field and assign.op == "=" and assign.text.lower() in handles:
            picked[field.name] = handles[assign.text.lower()]
    return picked


def _typed(plan: Plan, assigns: Sequence[Assign]) -> list[Assign]:
    """The assignments that hold a value rather than the handle of a record."""
    picked = {each.handle for each in plan.found}
    return [each for each in assigns if each.op != "=" or each.text.lower() not in picked]


def _choice(
    field: Field,
    contents: Sequence[dict[str, Any]],
    order: Sequence[int] | None,
    picked: dict[str, int],
) -> Choice:
    held = tuple(content[field.name] for content in contents)
    if field.name in picked:
        return Choice(field, held, picked[field.name], held[picked[field.name]])
    if field.kind == "longtext":
        texts = list(dict.fromkeys(text for text in held if text))
        return Choice(field, held, None, "\n\n".join(texts) or None)
    if field.kind == "yesno":
        return Choice(field, held, None, max((v for v in held if v is not None), default=None))
    winner = _winner(field, held, order)
    return Choice(field, held, winner, held[winner])


def _winner(field: Field, held: Sequence[Any], order: Sequence[int] | None) -> int:
    """Whose value wins: of those that have one other than the default, the most preferred."""
    places = range(len(held)) if order is None else order
    told = [place for place in places if held[place] not in (None, "", field.default)]
    if not told:
        return next((place for place in places if held[place] is not None), 0)
    if order is None:
        return max(told, key=lambda place: len(values.plain(field.kind, held[place])))
    return told[0]


def _names_together(choices: list[Choice], picked: dict[str, int]) -> list[Choice]:
    """The parts of a name are those of the record whose name wins."""
    winner = next((c.winner for c in choices if c.field.name == "name"), None)
    return [
        choice._replace(winner=winner, value=choice.values[winner])
        if winner is not None and choice.field.name in _TOGETHER
        and choice.field.name not in picked
        else choice
        for choice in choices
    ]  # fmt: skip


def _shown(ctx: Context, field: Field, value: Any) -> str | None:
    if value is None:
        return None
    if field.store == "ref":
        target = BY_NAME[field.ref]
        sql = f"SELECT name FROM {target.table} WHERE id = ?"
        return str(ctx.reader.scalar(sql, (value,)) or target.handle(value))
    return values.show(field.kind, value, ctx.env)


def _changes(writer: Writer, plan: Plan) -> dict[str, Any]:
    """The columns of the survivor that the choices change."""
    gone = {each.id for each in plan.found[1:]}
    survivor = plan.found[0].id
    changes: dict[str, Any] = {}
    custom: dict[str, Any] = {}
    for choice in plan.choices:
        field, value = choice.field, choice.value
        if field.store == "custom":
            custom[field.name] = value
        elif field.store == "money":
            changes[field.column] = value.minor if value else None
            changes[field.currency] = value.currency if value else None
        elif field.store == "ref" and field.ref == plan.record.name and value in {*gone, survivor}:
            changes[field.column] = None  # a company that was its own parent's double
        else:
            changes[field.column] = value
    if custom:
        sql = f"SELECT custom FROM {plan.record.table} WHERE id = ?"
        both = {**json.loads(writer.scalar(sql, (survivor,)) or "{}"), **custom}
        kept = {name: value for name, value in both.items() if value is not None}
        changes["custom"] = json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None
    return changes


# --- what moves


def _move_references(writer: Writer, record: Record, gone: int, to: int) -> None:
    """Have everything that refers to a record by a column refer to the survivor."""
    from crmcli.store.undo import references

    for table, column, target in references():
        if target != record.table or table in _PARTS:
            continue
        for (id,) in writer.rows(
            f"SELECT id FROM {table} WHERE {column} = ? AND deleted_at IS NULL", (gone,)
        ):
            if table == record.table and id == to:
                continue  # the survivor's own reference is one of its fields
            if not _doubled(writer, table, column, id, to):
                writer.update(table, id, {column: to})


_MEMBERS = {"deal_contact": "deal_id", "activity_participant": "activity_id"}


def _doubled(writer: Writer, table: str, column: str, id: int, to: int) -> bool:
    """Whether the survivor takes part already; the other's part is deleted then, its role kept."""
    other = _MEMBERS.get(table)
    if other is None:
        return False
    row = writer.row(
        f"SELECT x.id, x.label, y.label FROM {table} x JOIN {table} y ON x.{other} = y.{other}"
        f" WHERE y.id = ? AND x.{column} = ? AND x.deleted_at IS NULL",
        (id, to),
    )
    if row is None:
        return False
    _delete_double(writer, table, id, row)
    return True


def _delete_double(writer: Writer, table: str, id: int, same: tuple[Any, ...]) -> None:
    """Delete a row that the survivor has too; `same` is that one's id, its label and the other
    label, which it gets where it has none."""
    kept, label, other = same
    writer.delete(table, id)
    if not label and other:
        writer.update(table, kept, {"label": other})


_PARTS = ("contact_point", "address")


def _move_parts(writer: Writer, record: Record, gone: int, to: int) -> None:
    """Move e-mails, phones, pages, addresses, tags, links and ids in other programs."""
    holder = f"{record.name}_id"
    _move_points(writer, holder, gone, to)
    _move_addresses(writer, holder, gone, to)
    _move_tags(writer, record.name, gone, to)
    _move_links(writer, record.name, gone, to)
    _move_external(writer, record.name, gone, to)


def _move_points(writer: Writer, holder: str, gone: int, to: int) -> None:
    rows = writer.rows(
        "SELECT id, kind, key, label FROM contact_point"
        f" WHERE {holder} = ? AND deleted_at IS NULL ORDER BY id",
        (gone,),
    )
    for id, kind, key, label in rows:
        held = f"FROM contact_point WHERE {holder} = ? AND kind = ? AND deleted_at IS NULL"
        same = writer.row(f"SELECT id, label {held} AND key = ?", (to, kind, key))
        if same:
            _delete_double(writer, "contact_point", id, (*same, label))
            continue
        changes: dict[str, Any] = {holder: to}
        if writer.scalar(f"SELECT 1 {held} AND is_primary = 1", (to, kind)):
            changes["is_primary"] = 0
        writer.update("contact_point", id, changes)


_LINES = ("street", "city", "region", "postcode", "country")


def _move_addresses(writer: Writer, holder: str, gone: int, to: int) -> None:
    lines = f"id, label, {', '.join(_LINES)}"
    sql = f"SELECT {lines} FROM address WHERE {holder} = ? AND deleted_at IS NULL ORDER BY id"
    held = {_folded(row[2:]): row for row in writer.rows(sql, (to,))}
    first = not held
    for row in writer.rows(sql, (gone,)):
        same = held.get(_folded(row[2:]))
        if same:
            _delete_double(writer, "address", row[0], (same[0], same[1], row[1]))
            continue
        writer.update("address", row[0], {holder: to} if first else {holder: to, "is_primary": 0})
        held[_folded(row[2:])] = row
        first = first and not _has_primary(writer, holder, to)


def _has_primary(writer: Writer, holder: str, id: int) -> bool:
    sql = f"SELECT 1 FROM address WHERE {holder} = ? AND is_primary = 1 AND deleted_at IS NULL"
    return writer.scalar(sql, (id,)) is not None


def _folded(lines: Sequence[Any]) -> tuple[str, ...]:
    from crmcli.values.text import match_key

    return tuple(match_key(line) if line else "" for line in lines)


def _move_tags(writer: Writer, noun: str, gone: int, to: int) -> None:
    sql = "SELECT tag_id, id FROM tagging WHERE record = ? AND record_id = ? AND deleted_at IS NULL"
    held = {tag for tag, _id in writer.rows(sql, (noun, to))}
    for tag, id in writer.rows(sql, (noun, gone)):
        if tag in held:
            writer.delete("tagging", id)
        else:
            writer.update("tagging", id, {"record_id": to})


def _move_links(writer: Writer, noun: str, gone: int, to: int) -> None:
    """Links of both directions; one between the records themselves ends, and so does one that the
    survivor has too."""
    for mine, other in (("from", "to"), ("to", "from")):
        rows = writer.rows(
            f"SELECT id, type, {other}_record, {other}_id FROM link WHERE {mine}_record = ?"
            f" AND {mine}_id = ? AND deleted_at IS NULL",
            (noun, gone),
        )
        for id, type, other_noun, other_id in rows:
            same = writer.scalar(
                f"SELECT id FROM link WHERE {mine}_record = ? AND {mine}_id = ? AND type = ?"
                f" AND {other}_record = ? AND {other}_id = ? AND deleted_at IS NULL",
                (noun, to, type, other_noun, other_id),
            )
            if same or (other_noun, other_id) == (noun, to):
                writer.delete("link", id)
            else:
                writer.update("link", id, {f"{mine}_id": to})


def _move_external(writer: Writer, noun: str, gone: int, to: int) -> None:
    for (id,) in writer.rows(
        "SELECT id FROM external_id WHERE record = ? AND record_id = ? AND deleted_at IS NULL",
        (noun, gone),
    ):
        writer.update("external_id", id, {"record_id": to})


def _fullness(rows: Rows, handle: str) -> int:
    """How many fields, e-mails, phones, addresses, activities and the like a record has."""
    named = by_handle(handle)
    if named is None:
        return 0
    record, id = named
    contents = _contents(rows, record, id)
    count = sum(value not in (None, "", 0) for value in contents.values())
    for table in ("contact_point", "address"):
        sql = f"SELECT count(*) FROM {table} WHERE {record.name}_id = ? AND deleted_at IS NULL"
        count += int(rows.scalar(sql, (id,)))
    return count
