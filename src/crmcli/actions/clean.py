"""Values as they should be written: shown first, then changed as one change set.

Names and places typed in capitals get their case, spaces are single, and e-mails, phones, pages
and postcodes that were kept as typed are read again, as more may be understood by now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions.context import Context
from crmcli.actions.records import done
from crmcli.catalog import BY_NAME
from crmcli.errors import InvalidValue
from crmcli.queries.listing import select_ids
from crmcli.results import Column, Done, Listing
from crmcli.values.text import match_key

if TYPE_CHECKING:
    from crmcli.fields import Record
    from crmcli.store.read import Rows

_COLUMNS = (
    Column("handle", "handle", "Record"),
    Column("field", "text", "Field"),
    Column("before", "text", "Before"),
    Column("after", "text", "After"),
)
_PARTS = ("prefix", "first_name", "middle_name", "last_name", "suffix")
_PLACES = ("street", "city", "region")


class Mend(NamedTuple):
    """A value and what it becomes: of row `id` of `table`, which belongs to `record`."""

    record: int
    table: str
    id: int
    column: str
    before: str
    after: str
    more: tuple[tuple[str, Any], ...] = ()


def preview(
    ctx: Context, noun: str, terms: Sequence[str] = (), where: str | None = None
) -> Listing:
    """What `clean` would change, one value in a row; see there."""
    record = BY_NAME[noun]
    found = _mends(ctx, ctx.reader, record, terms, where)
    rows = tuple((record.handle(m.record), m.column, m.before, m.after) for m in found)
    return Listing("values", _COLUMNS, rows, len(rows), "All of it is clean.")


def clean(ctx: Context, noun: str, terms: Sequence[str] = (), where: str | None = None) -> Done:
    """Write the values of the contacts or companies that a query selects as they should be.

    Returns what was changed; one change set, which one undo takes back.
    """
    record = BY_NAME[noun]
    with ctx.writing() as writer:
        found = _mends(ctx, writer, record, terms, where)
        for mend in found:
            writer.update(mend.table, mend.id, {mend.column: mend.after, **dict(mend.more)})
    handles = list(dict.fromkeys(record.handle(mend.record) for mend in found))
    if not found:
        return done(writer, ctx, ["Nothing to change: all of it is clean"])
    what = record.name if len(handles) == 1 else record.plural
    number = "1 value" if len(found) == 1 else f"{len(found):,} values"
    return done(writer, ctx, [f"Changed {number} of {len(handles):,} {what}"], handles)


def _mends(
    ctx: Context, rows: Rows, record: Record, terms: Sequence[str], where: str | None
) -> list[Mend]:
    wanted = set(select_ids(rows, ctx.env, record, terms, where, me=ctx.user))
    every = (*_names(rows, record), *_addresses(rows, record), *_points(ctx, rows, record))
    return sorted((mend for mend in every if mend.record in wanted), key=lambda m: m.record)


def _names(rows: Rows, record: Record) -> Iterator[Mend]:
    """Names of people; those of companies are as the companies write them."""
    from crmcli.values.tidy import tidy_name, tidy_part

    if record.name != "contact":
        return
    sql = f"SELECT id, name, {', '.join(_PARTS)} FROM contact WHERE deleted_at IS NULL"
    for id, name, *parts in rows.rows(sql):
        tidied = tidy_name(name)
        if tidied != name:
            yield Mend(id, "contact", id, "name", name, tidied)
        for column, text in zip(_PARTS, parts, strict=True):
            after = tidy_part(text, tidied, last=column == "last_name") if text else text
            if after != text:
                yield Mend(id, "contact", id, column, text, after)


def _addresses(rows: Rows, record: Record) -> Iterator[Mend]:
    from crmcli.values.postcodes import postcode_of
    from crmcli.values.tidy import tidy

    holder = f"{record.name}_id"
    for id, owner, country, postcode, *texts in rows.rows(
        f"SELECT id, {holder}, country, postcode, {', '.join(_PLACES)} FROM address"
        f" WHERE {holder} IS NOT NULL AND deleted_at IS NULL"
    ):
        written = postcode and postcode_of(country or "", postcode)
        if written != postcode:
            yield Mend(owner, "address", id, "postcode", postcode, written)
        for column, text in zip(_PLACES, texts, strict=True):
            after = text and _place(column, text, tidy(text))
            if after != text:
                yield Mend(owner, "address", id, column, text, after)


def _place(column: str, text: str, tidied: str) -> str:
    """A region of a few capitals is an abbreviation: NSW, Calif."""
    short = column == "region" and len(match_key(text)) <= 4
    return " ".join(text.split()) if short else tidied


def _points(ctx: Context, rows: Rows, record: Record) -> Iterator[Mend]:
    """E-mails, phones, pages and profiles that read differently by now."""
    holder = f"{record.name}_id"
    for id, owner, kind, value in rows.rows(
        f"SELECT id, {holder}, kind, value FROM contact_point WHERE {holder} IS NOT NULL"
        " AND valid = 0 AND deleted_at IS NULL"
    ):
        try:
            after = values.parse(kind, value, ctx.env._replace(keep_invalid=False))
        except InvalidValue:
            continue  # no better than before: it stays as it was typed
        if after == value:
            continue  # nothing is wrong with how it is written: somebody said that it is dead
        if isinstance(after, str):
            more = (("key", values.key(kind, after)), ("valid", 1))
            yield Mend(owner, "contact_point", id, "value", value, after, more)
