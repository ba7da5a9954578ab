"""From typed assignments to stored values: what a command line, a page or a file says of a record.

`read` turns assignments into a `Draft` of stored values, resolving references and reporting the
first thing that is wrong; `apply` writes a draft to a record and to the rows that belong to it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.refs import named, target, user_id
from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.fields import Field, Record
from crmcli.queries.names import where_fields
from crmcli.values.base import Env, Money, quote
from crmcli.values.text import close_matches

if TYPE_CHECKING:
    from crmcli.store.write import Writer


class PointEdit(NamedTuple):
    """A change to one of many e-mails, phones, URLs or social profiles."""

    part: str
    op: str
    label: str | None
    value: str | None
    valid: bool


class AddressEdit(NamedTuple):
    """A change to an address: to the whole of it, or to some of its parts."""

    op: str
    label: str | None
    parts: dict[str, str | None]


class MemberEdit(NamedTuple):
    """A change to the records that take part."""

    field: Field
    op: str
    label: str | None
    id: int | None


@dataclass(slots=True)
class Draft:
    """What is to be written, as stored values. `made` are handles of records made on the way."""

    columns: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    points: list[PointEdit] = field(default_factory=list)
    addresses: list[AddressEdit] = field(default_factory=list)
    tags: list[tuple[str, list[str]]] = field(default_factory=list)
    members: list[MemberEdit] = field(default_factory=list)
    extras: dict[str, str] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def find_field(record: Record, name: str) -> Field:
    """The field called `name`; raises UnknownName with what was probably meant."""
    found = record.field(name) or record.field(name.removesuffix("_id"))
    if found is None:
        names = [each.name for each in record.fields]
        near = close_matches(name, names)
        hint = f"did you mean {' or '.join(near)}?" if near else where_fields(record)
        raise UnknownName(f"a {record.name} has no field {quote(name)}", hint=hint)
    return found


def read(ctx: Context, writer: Writer, record: Record, assigns: Sequence[Assign]) -> Draft:
    """Read assignments to a record of this type into a draft.

    Raises UnknownName, UsageError, InvalidValue (naming the field), NotFound and Ambiguous.
    """
    draft = Draft()
    for assign in assigns:
        spec = find_field(record, assign.field)
        if spec.readonly:
            raise UsageError(f"{spec.name} cannot be set by hand", hint=_HINTS.get(spec.name))
        _check_op(spec, assign)
        try:
            _READERS[spec.store](ctx, writer, draft, spec, assign)
        except InvalidValue as error:
            error.message = f"{assign.field}: {error.message}"
            raise
    return draft


_READABLE_IN_MANY_WAYS = frozenset(("money", "day", "when", "moment", "birthday"))


def as_read(draft: Draft, record: Record, env: Env) -> str:
    """The amounts and dates of a draft, as they were read or chosen, to follow what it names."""
    said = []
    for spec in record.fields:
        if spec.readonly or spec.kind not in _READABLE_IN_MANY_WAYS:
            continue
        own = spec.store == "custom"
        value = draft.custom.get(spec.name) if own else draft.columns.get(spec.column)
        if value is not None:
            held = Money(value, draft.columns[spec.currency]) if spec.store == "money" else value
            said.append(f", {spec.label.lower()} {values.show(spec.kind, held, env)}")
    return "".join(said)


_HINTS = {
    "status": "use `crm move`, `crm win`, `crm lose` or `crm reopen`",
    "done": "use `crm done`",
    "stage_since": "use `crm move`",
    "closed": "use `crm win` or `crm lose`",
}


def _check_op(spec: Field, assign: Assign) -> None:
    if assign.op != "=" and not spec.many and spec.kind != "longtext":
        raise UsageError(
            f"{spec.name} holds one value; {assign.op} works on fields with many",
            hint=f"write {spec.name}={assign.text}",
        )
    if assign.op != "=" and spec.many and not assign.text.strip():
        raise UsageError(
            f"{assign.shown} needs a value", hint=f"{spec.name}= takes away all of them"
        )
    if assign.label and not spec.many:
        raise UsageError(f"{spec.name} has no labels", hint=f"write {spec.name}={assign.text}")


def _parsed(ctx: Context, spec: Field, text: str) -> Any:
    env: Env = ctx.env._replace(past=spec.past) if spec.past else ctx.env
    return values.parse(spec.kind, text, env, spec.choices)


def _read_column(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    value = _parsed(ctx, spec, assign.text)
    if value is None and spec.required:
        raise InvalidValue("cannot be empty")
    if assign.op == "+=" and value is not None:
        draft.lines[spec.column] = str(value)
    elif assign.op == "-=":
        raise UsageError(f"{spec.name} is one text; it cannot be taken from")
    else:
        draft.columns[spec.column] = spec.default if value is None else value


def _read_money(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    value = _parsed(ctx, spec, assign.text)
    amount = value if isinstance(value, Money) else None
    draft.columns[spec.column] = amount.minor if amount else None
    draft.columns[spec.currency] = amount.currency if amount else None


def _read_ref(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    text = assign.text.strip()
    if not text:
        if spec.required:
            raise InvalidValue("cannot be empty")
        draft.columns[spec.column] = None
    elif spec.ref == "stage":
        draft.extras["stage"] = text
    elif spec.ref == "user":
        draft.columns[spec.column] = user_id(ctx, writer, text)
    elif spec.create:
        id, handle = named(ctx, writer, spec.ref, text)
        draft.columns[spec.column] = id
        draft.made += [handle] if handle else []
    else:
        draft.columns[spec.column] = target(ctx, writer, text, (spec.ref,)).id


def _read_point(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    label, text = assign.label, assign.text
    value = _parsed(ctx, spec, text)
    valid = True
    if value is not None and ctx.env.keep_invalid and spec.part == "phone":
        valid = str(value).startswith("+")
    if value is not None and spec.part == "social" and not label:
        label = str(value).split(":", 1)[0] if ":" in str(value) else None
    draft.points.append(PointEdit(spec.part, assign.op, label, value, valid))


def _read_address(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    text = values.parse("text", assign.text, ctx.env)
    parts = address_parts(str(text)) if text else {}
    draft.addresses.append(AddressEdit(assign.op, assign.label, parts))


def _read_part(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    draft.addresses.append(AddressEdit("part", None, {spec.part: _parsed(ctx, spec, assign.text)}))


def _read_tags(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    from crmcli.values.choices import split_tags

    draft.tags.append((assign.op, split_tags(assign.text)))


def _read_members(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    texts = [part.strip() for part in assign.text.split(",") if part.strip()]
    if assign.op == "=":
        draft.members.append(MemberEdit(spec, "=", None, None))
    for text in texts:
        id = target(ctx, writer, text, (spec.ref,)).id
        op = "-=" if assign.op == "-=" else "+="
        draft.members.append(MemberEdit(spec, op, assign.label, id))


def _read_extra(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    draft.extras[spec.name] = assign.text.strip()


def _read_custom(ctx: Context, writer: Writer, draft: Draft, spec: Field, assign: Assign) -> None:
    value = _parsed(ctx, spec, assign.text)
    if value is None and spec.required:
        raise InvalidValue("cannot be empty")
    draft.custom[spec.name] = value


_READERS = {
    "column": _read_column,
    "money": _read_money,
    "ref": _read_ref,
    "point": _read_point,
    "address": _read_address,
    "part": _read_part,
    "tags": _read_tags,
    "members": _read_members,
    "derived": _read_extra,
    "custom": _read_custom,
}


def address_parts(text: str) -> dict[str, str | None]:
    """A typed address as parts: `12 Main St, 10115 Berlin, Germany`.

    Of the parts between commas the last is the country where it names one, the last of the rest
    the city, with a postcode of digits before or after it; everything before is the street.
    """
    from crmcli.values.places import country_code

    parts = [part.strip() for part in text.split(",") if part.strip()]
    found: dict[str, str | None] = {}
    if len(parts) > 1 and (code := country_code(parts[-1])):
        found["country"] = code
        parts.pop()
    if len(parts) > 1:
        found |= _city_parts(parts.pop())
    found["street"] = ", ".join(parts) or None
    return found


def _city_parts(text: str) -> dict[str, str | None]:
    words = text.split()
    for place in (0, -1):
        if len(words) > 1 and any(letter.isdigit() for letter in words[place]):
            postcode = words.pop(place)
            return {"city": " ".join(words), "postcode": postcode}
    return {"city": text}


# --- writing a draft


def apply(writer: Writer, record: Record, id: int, draft: Draft, *, new: bool = False) -> bool:
    """Write a draft to the record `id`; returns whether anything changed."""
    changed = _apply_columns(writer, record, id, draft)
    for point in draft.points:
        changed |= _apply_point(writer, record, id, point, new=new)
    for address in draft.addresses:
        changed |= _apply_address(writer, record, id, address, new=new)
    for op, names in draft.tags:
        changed |= apply_tags(writer, record, id, op, names)
    for member in draft.members:
        changed |= _apply_member(writer, record, id, member)
    return changed


def _apply_columns(writer: Writer, record: Record, id: int, draft: Draft) -> bool:
    columns = dict(draft.columns)
    for column, line in draft.lines.items():
        before = writer.scalar(f"SELECT {column} FROM {record.table} WHERE id = ?", (id,))
        columns[column] = f"{before}\n{line}" if before else line
    if draft.custom:
        columns["custom"] = _merged_custom(writer, record, id, draft.custom)
    return bool(columns) and bool(writer.update(record.table, id, columns))


def _merged_custom(writer: Writer, record: Record, id: int, custom: dict[str, Any]) -> str | None:
    text = writer.scalar(f"SELECT custom FROM {record.table} WHERE id = ?", (id,))
    merged = {**json.loads(text or "{}"), **custom}
    kept = {name: value for name, value in merged.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None


def _apply_point(writer: Writer, record: Record, id: int, edit: PointEdit, *, new: bool) -> bool:
    current = _points(writer, record, id, edit.part)
    if edit.value is None:
        gone = [row for row in current if edit.label in (None, row[2])]
        for row in gone:
            writer.delete("contact_point", row[0])
        _one_primary(writer, record, id, edit.part)
        return bool(gone)
    key = values.key(edit.part, edit.value)
    same = next((row for row in current if row[1] == key), None)
    if edit.op == "-=":
        return _remove_point(writer, record, id, edit, same)
    if edit.op == "+=" or (new and not edit.label):
        return _add_point(writer, record, id, edit, key, same, current)
    return _set_point(writer, record, id, edit, key, same, current)


_PointRow = tuple[int, str, "str | None", int]


def _points(writer: Writer, record: Record, id: int, part: str) -> list[_PointRow]:
    rows: list[Any] = writer.rows(
        f"SELECT id, key, label, is_primary FROM contact_point WHERE {record.name}_id = ?"
        " AND kind = ? AND deleted_at IS NULL ORDER BY is_primary DESC, id",
        (id, part),
    )
    return rows


def _remove_point(
    writer: Writer, record: Record, id: int, edit: PointEdit, same: _PointRow | None
) -> bool:
    if same is None:
        raise InvalidValue(f"{edit.part}: {edit.value} is not there to be taken away")
    writer.delete("contact_point", same[0])
    _one_primary(writer, record, id, edit.part)
    return True


def _add_point(
    writer: Writer,
    record: Record,
    id: int,
    edit: PointEdit,
    key: str,
    same: _PointRow | None,
    current: list[_PointRow],
) -> bool:
    if same is not None:
        return bool(edit.label) and bool(
            writer.update("contact_point", same[0], {"label": edit.label})
        )
    row = _point_row(record, id, edit, key)
    writer.create("contact_point", {**row, "is_primary": int(not current)})
    return True


def _set_point(
    writer: Writer,
    record: Record,
    id: int,
    edit: PointEdit,
    key: str,
    same: _PointRow | None,
    current: list[_PointRow],
) -> bool:
    """Put a value in the place of the one with its label, or of the primary one."""
    place = next((row for row in current if edit.label in (None, row[2])), None)
    if same is not None and place is not same:
        return (
            _make_primary(writer, same, current)
            if not edit.label
            else bool(writer.update("contact_point", same[0], {"label": edit.label}))
        )
    if place is None:
        return _add_point(writer, record, id, edit, key, None, current)
    row = {"value": edit.value, "key": key, "valid": int(edit.valid)}
    return bool(writer.update("contact_point", place[0], row))


def _make_primary(writer: Writer, chosen: _PointRow, current: list[_PointRow]) -> bool:
    for row in current:
        writer.update("contact_point", row[0], {"is_primary": int(row is chosen)})
    return not chosen[3]


def _point_row(record: Record, id: int, edit: PointEdit, key: str) -> dict[str, Any]:
    return {
        f"{record.name}_id": id,
        "kind": edit.part,
        "label": edit.label,
        "value": edit.value,
        "key": key,
        "valid": int(edit.valid),
    }


def _one_primary(writer: Writer, record: Record, id: int, part: str) -> None:
    current = _points(writer, record, id, part)
    if current and not current[0][3]:
        writer.update("contact_point", current[0][0], {"is_primary": 1})


def _apply_address(
    writer: Writer, record: Record, id: int, edit: AddressEdit, *, new: bool
) -> bool:
    rows = _addresses(writer, record, id)
    place = next((row[0] for row in rows if edit.label in (None, row[1])), None)
    if edit.op == "-=":
        return _remove_address(writer, record, id, edit, [row[0] for row in rows])
    if not edit.parts:
        gone = [row[0] for row in rows if edit.label in (None, row[1])]
        return _delete_addresses(writer, record, id, gone)
    parts = {name: value for name, value in edit.parts.items() if value or edit.op == "part"}
    if place is None or edit.op == "+=" or (new and edit.op == "="):
        if not any(parts.values()):
            return False
        holder = {f"{record.name}_id": id, "label": edit.label, "is_primary": int(not rows)}
        writer.create("address", {**holder, **parts})
        return True
    blank = {} if edit.op == "part" else dict.fromkeys(_ADDRESS_PARTS)
    changed = bool(writer.update("address", place, {**blank, **parts}))
    if changed and not any(_address(writer, place)):
        _delete_addresses(writer, record, id, [place])
    return changed


_ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")


def _addresses(writer: Writer, record: Record, id: int) -> list[tuple[Any, ...]]:
    """Id, label and whether primary, of the live addresses; the primary one first."""
    return writer.rows(
        f"SELECT id, label, is_primary FROM address WHERE {record.name}_id = ?"
        " AND deleted_at IS NULL ORDER BY is_primary DESC, id",
        (id,),
    )


def _address(writer: Writer, id: int) -> tuple[Any, ...]:
    return writer.row(f"SELECT {', '.join(_ADDRESS_PARTS)} FROM address WHERE id = ?", (id,)) or ()


def _remove_address(
    writer: Writer, record: Record, id: int, edit: AddressEdit, ids: list[int]
) -> bool:
    wanted = {str(part).casefold() for part in edit.parts.values() if part}
    for each in ids:
        if wanted <= {str(part).casefold() for part in _address(writer, each) if part}:
            return _delete_addresses(writer, record, id, [each])
    raise InvalidValue("address: it is not there to be taken away")


def _delete_addresses(writer: Writer, record: Record, id: int, ids: list[int]) -> bool:
    """Delete addresses of a record; of the rest the first becomes the primary one."""
    for each in ids:
        writer.delete("address", each)
    rest = _addresses(writer, record, id)
    if rest and not rest[0][2]:
        writer.update("address", rest[0][0], {"is_primary": 1})
    return bool(ids)


def apply_tags(writer: Writer, record: Record, id: int, op: str, names: Sequence[str]) -> bool:
    """Set (`=`), add (`+=`) or take away (`-=`) tags; a tag that is new is made."""
    from crmcli.values.text import sort_key

    current = dict(
        writer.rows(
            "SELECT g.name_key, x.id FROM tagging x JOIN tag g ON g.id = x.tag_id"
            " WHERE x.record = ? AND x.record_id = ? AND x.deleted_at IS NULL",
            (record.name, id),
        )
    )
    wanted = {sort_key(name): name for name in names}
    gone = set(current) - set(wanted) if op == "=" else set(current) & set(wanted)
    new = [] if op == "-=" else [key for key in wanted if key not in current]
    for key in gone if op != "+=" else ():
        writer.delete("tagging", current[key])
    for key in new:
        writer.create(
            "tagging",
            {"tag_id": _tag_id(writer, wanted[key], key), "record": record.name, "record_id": id},
        )
    return bool(new) or (op != "+=" and bool(gone))


def _tag_id(writer: Writer, name: str, key: str) -> int:
    found = writer.scalar("SELECT id FROM tag WHERE name_key = ? AND deleted_at IS NULL", (key,))
    return int(found) if found is not None else writer.create("tag", {"name": name})


def _apply_member(writer: Writer, record: Record, id: int, edit: MemberEdit) -> bool:
    table, mine, theirs = edit.field.part, f"{record.name}_id", f"{edit.field.ref}_id"
    rows = writer.rows(
        f"SELECT id, {theirs} FROM {table} WHERE {mine} = ? AND deleted_at IS NULL", (id,)
    )
    if edit.op == "=":
        for row in rows:
            writer.delete(table, row[0])
        return bool(rows)
    same = next((row[0] for row in rows if row[1] == edit.id), None)
    if edit.op == "-=":
        if same is None:
            handle = BY_NAME[edit.field.ref].handle(edit.id or 0)
            raise InvalidValue(f"{edit.field.name}: {handle} does not take part")
        writer.delete(table, same)
        return True
    if same is not None:
        return bool(edit.label) and bool(writer.update(table, same, {"label": edit.label}))
    writer.create(table, {mine: id, theirs: edit.id, "label": edit.label})
    return True
