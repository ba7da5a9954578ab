"""The one view of a record: its details, and all that belongs to it.

`show` returns the card, `show_all` those of several records; `page` the same details as typed
text, for `crm edit` in an editor.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.refs import seen, seen_all
from crmcli.catalog import BY_NAME
from crmcli.errors import NotFound
from crmcli.fields import Field, Record
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import listing
from crmcli.queries.resolve import Found
from crmcli.results import Cards, Column, Fact, Listing, Point, Screen, Section
from crmcli.store.read import Rows
from crmcli.store.views import POINT_PLURALS, title_column
from crmcli.values.base import Money

_RECENT = 5
# What a card shows beneath: (key, title, noun, query with {ref} for the handle, columns, sort)
_DEAL_COLUMNS = "handle,title,value,stage,expected_close,owner"
_TASK_COLUMNS = "handle,title,due,priority,owner"
_ACTIVITY_COLUMNS = "handle,at,type,subject,outcome,owner"
_SECTIONS: dict[str, tuple[tuple[str, str, str, tuple[str, ...], str, str], ...]] = {
    "contact": (
        ("deals", "Open deals", "deal", ("contact:{ref}", "status:open"), _DEAL_COLUMNS, ""),
        ("tasks", "Next tasks", "task", ("contact:{ref}", "status:open"), _TASK_COLUMNS, "due"),
        ("activities", "Last activities", "activity", ("contacts:{ref}",), _ACTIVITY_COLUMNS, ""),
    ),
    "company": (
        ("people", "People", "contact", ("company:{ref}",), "handle,name,title,email,phone", ""),
        ("deals", "Open deals", "deal", ("company:{ref}", "status:open"), _DEAL_COLUMNS, ""),
        ("tasks", "Next tasks", "task", ("company:{ref}", "status:open"), _TASK_COLUMNS, "due"),
        ("activities", "Last activities", "activity", ("company:{ref}",), _ACTIVITY_COLUMNS, ""),
    ),
    "deal": (
        ("tasks", "Next tasks", "task", ("deal:{ref}", "status:open"), _TASK_COLUMNS, "due"),
        ("activities", "Last activities", "activity", ("deal:{ref}",), _ACTIVITY_COLUMNS, ""),
    ),
    "user": (
        ("deals", "Open deals", "deal", ("owner:{ref}", "status:open"), _DEAL_COLUMNS, ""),
        ("tasks", "Next tasks", "task", ("owner:{ref}", "status:open"), _TASK_COLUMNS, "due"),
    ),
    "pipeline": (
        ("stages", "Stages", "stage", ("pipeline:{ref}",), "handle,name,type,probability,rot_days",
         "position"),
    ),
}  # fmt: skip


def show(ctx: Context, ref: str) -> Screen:
    """The card of the record that `ref` means.

    Raises NotFound (with the way to restore a deleted one) and Ambiguous.
    """
    return _card(ctx, seen(ctx, ctx.reader, ref))


def show_all(ctx: Context, refs: Sequence[str]) -> Cards:
    """The cards of all records that `refs` mean, each of which may be a comma list; raises as
    `show`."""
    return Cards(tuple(_card(ctx, found) for found in seen_all(ctx, ctx.reader, refs)))


def _card(ctx: Context, found: Found) -> Screen:
    record = with_custom(ctx.reader, BY_NAME[found.noun])
    row = _row(ctx.reader, record, found.id)
    facts = [_fact(record, field, row) for field in record.fields]
    facts.append(Fact("version", "integer", "Version", row["version"], quiet=True))
    shown = [fact for fact in facts if fact.value not in (None, "", ())]
    return Screen(
        name="card",
        title=found.title,
        subtitle=_subtitle(record, row),
        handle=found.handle,
        facts=tuple(shown + _totals(ctx.reader, found)),
        sections=tuple(_sections(ctx, found)),
    )


def _row(rows: Rows, record: Record, id: int) -> dict[str, Any]:
    """The row of the record's view, with every column that the card needs."""
    wanted: dict[str, None] = {}
    for field in record.fields:
        wanted |= dict.fromkeys(_columns(field))
    names = [*wanted, "custom", "version"]
    quoted = ", ".join(f'"{name}"' for name in names)
    found = rows.row(f"SELECT {quoted} FROM {record.plural} WHERE id = ?", (id,))
    if found is None:
        raise NotFound(f"there is no {record.handle(id)}")
    return dict(zip(names, found, strict=True))


def _columns(field: Field) -> list[str]:
    match field.store:
        case "money":
            return [field.name, field.currency]
        case "point":
            return [POINT_PLURALS[field.part]]
        case "address":
            return ["addresses"]
        case "custom":
            return []
        case _:
            return [field.name]


# The parts of a person's name, which the title shows joined.
_NAME_PARTS = ("prefix", "first_name", "middle_name", "last_name", "suffix")


def _fact(record: Record, field: Field, row: dict[str, Any]) -> Fact:
    quiet = field.name == record.title or field.name in _NAME_PARTS
    return Fact(field.name, field.kind, field.label, _value(record, field, row), quiet)


def _value(record: Record, field: Field, row: dict[str, Any]) -> Any:
    """A field's value as a cell; the parts of an address are in the address."""
    if field.store == "part":
        return None
    match field.store:
        case "money":
            amount = row[field.name]
            return None if amount is None else Money(amount, row[field.currency])
        case "point":
            return _points(row[POINT_PLURALS[field.part]])
        case "address":
            return _addresses(row["addresses"])
        case "members":
            return _points(row[field.name])
        case "tags":
            return tuple(Point(name) for name in json.loads(row[field.name] or "[]"))
        case "custom":
            return json.loads(row["custom"] or "{}").get(field.name)
        case _:
            value = row[field.name]
            return None if field.kind == "yesno" and not value else value


def _points(text: str | None) -> tuple[Point, ...]:
    return tuple(
        Point(
            f"{item['handle']} {item['value']}" if "handle" in item else item["value"],
            item.get("label"),
            bool(item.get("primary")),
            bool(item.get("valid", 1)),
        )
        for item in json.loads(text or "[]")
    )


def _addresses(text: str | None) -> tuple[Point, ...]:
    return tuple(
        Point(address_line(item), item.get("label"), bool(item.get("primary")))
        for item in json.loads(text or "[]")
    )


def address_line(item: dict[str, Any]) -> str:
    """An address on one line: street, postcode and city, region, country."""
    city = " ".join(filter(None, (item.get("postcode"), item.get("city"))))
    country = item.get("country")
    parts = (item.get("street"), city, item.get("region"), country)
    return ", ".join(part for part in parts if part)


def _subtitle(record: Record, row: dict[str, Any]) -> str:
    """The line under the title: what a person is where, what a company does."""
    if record.name == "contact":
        return ", ".join(filter(None, (row["title"], row["company"])))
    if record.name == "company":
        return ", ".join(filter(None, (row["industry"], row["domain"])))
    return record.name


def _totals(rows: Rows, found: Found) -> list[Fact]:
    """What was won, per currency."""
    if found.noun not in ("company", "contact"):
        return []
    sums = rows.rows(
        "SELECT sum(d.value), d.currency FROM deal d JOIN stage s ON s.id = d.stage_id"
        f" WHERE d.{found.noun}_id = ? AND s.type = 'won' AND d.deleted_at IS NULL"
        " AND d.value IS NOT NULL GROUP BY d.currency ORDER BY 1 DESC",
        (found.id,),
    )
    return [
        Fact("total_won" if not place else f"total_won_{currency.lower()}", "money", "Total won",
             Money(int(amount), currency))
        for place, (amount, currency) in enumerate(sums)
    ]  # fmt: skip


def _sections(ctx: Context, found: Found) -> list[Section]:
    sections = [
        Section(
            name,
            title,
            listing(
                ctx.reader,
                ctx.env,
                with_custom(ctx.reader, BY_NAME[noun]),
                [term.format(ref=found.handle) for term in terms],
                columns=columns.split(","),
                sort=sort or None,
                limit=_RECENT,
                me=ctx.user,
            ),
        )
        for name, title, noun, terms, columns, sort in _SECTIONS.get(found.noun, ())
    ]
    links = _links(ctx.reader, found)
    if links.rows:
        sections.append(Section("links", "Links", links))
    return [section for section in sections if section.listing.rows]


_LINK_COLUMNS = (
    Column("handle", "handle", ""),
    Column("relation", "text", "Relation"),
    Column("title", "text", "Record"),
)


def _links(rows: Rows, found: Found) -> Listing:
    lines = []
    for mine, theirs, arrow in (("from", "to", "{}"), ("to", "from", "{} of")):
        linked = rows.rows(
            f"SELECT l.type, l.{theirs}_record, l.{theirs}_id FROM link l"
            f" WHERE l.{mine}_record = ? AND l.{mine}_id = ? AND l.deleted_at IS NULL",
            (found.noun, found.id),
        )
        for kind, noun, id in linked:
            record = BY_NAME[noun]
            title = rows.scalar(
                f"SELECT {title_column(record)} FROM {record.table}"
                " WHERE id = ? AND deleted_at IS NULL",
                (id,),
            )
            if title is not None:
                lines.append((record.handle(id), arrow.format(kind), title))
    return Listing("link", _LINK_COLUMNS, tuple(lines), len(lines))


# --- the same as text, for an editor


def page(ctx: Context, ref: str) -> tuple[Found, list[tuple[Field, list[tuple[str, str]]]]]:
    """The record that `ref` means, and for each field that can be edited its values as typed text.

    Each value comes with its label, "" for none; a field with one value has at most one.
    """
    found = seen(ctx, ctx.reader, ref)
    record = with_custom(ctx.reader, BY_NAME[found.noun])
    row = _row(ctx.reader, record, found.id)
    listed = [
        (field, _texts(record, field, row))
        for field in record.fields
        if not field.readonly and field.store not in ("derived", "part")
    ]
    return found, listed


def _texts(record: Record, field: Field, row: dict[str, Any]) -> list[tuple[str, str]]:
    value = _value(record, field, row)
    if value in (None, "", ()):
        return []
    if isinstance(value, Money):
        return [("", f"{values.plain('money', value)} {value.currency}")]
    if field.store == "members":
        # A participant is named by handle, which stays right when names repeat.
        return [(point.label or "", point.value.split(" ", 1)[0]) for point in value]
    if isinstance(value, tuple):
        return [(point.label or "", point.value) for point in value]
    if field.store == "ref" and row.get(field.name):
        return [("", str(row[field.name]))]
    return [("", values.plain(field.kind, value))]
