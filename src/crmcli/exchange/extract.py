"""Records out of the database, page by page, with everything that an import reads back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import UnknownName
from crmcli.exchange.rows import AddressValue, MemberValue
from crmcli.fields import Field, Record
from crmcli.queries.listing import Selection
from crmcli.store.views import field_columns, title_column
from crmcli.values.base import Money, quote
from crmcli.values.text import close_matches

if TYPE_CHECKING:
    from crmcli.store.read import Rows

PAGE = 1000
PARTS = AddressValue._fields[1:]
# Derived fields that an import needs to find a stage by, and read-only ones that it takes over.
_KEPT = ("created", "stage_since", "closed", "status", "pipeline")
_SCALAR = ("column", "money", "ref", "derived", "custom")


class Held(NamedTuple):
    """One of many values of a record."""

    value: str
    label: str | None
    primary: bool = False


def exported(record: Record, names: Sequence[str] | None) -> tuple[Field, ...]:
    """The fields to export: those named, else all that an import reads back.

    Raises UnknownName.
    """
    possible = tuple(
        field
        for field in record.fields
        if field.store != "address" and (not field.readonly or field.name in _KEPT or names)
    )
    if not names:
        return possible
    return tuple(_named(record, possible, name) for name in names)


def _named(record: Record, possible: Sequence[Field], name: str) -> Field:
    found = record.field(name)
    if found is not None and found in possible:
        return found
    near = close_matches(name, [field.name for field in possible])
    raise UnknownName(
        f"a {record.name} has no field {quote(name)} to export",
        hint=f"did you mean {', '.join(near)}?" if near else "see `crm export --help`",
    )


class Extract:
    """The records that a selection finds, as plain values by field."""

    def __init__(
        self, reader: Rows, record: Record, fields: Sequence[Field], selection: Selection
    ) -> None:
        self._reader, self._record, self._selection = reader, record, selection
        self.fields = tuple(fields)
        self._scalars = [field for field in fields if field.store in _SCALAR]
        self._points = [field for field in fields if field.store == "point"]
        self._members = [field for field in fields if field.store == "members"]
        self._tagged = any(field.store == "tags" for field in fields)
        self._placed = any(field.store == "part" for field in fields)

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """The records in the order of their ids: field -> value, or a list of many values; `id`."""
        columns = ", ".join(["t.id", *(sql for f in self._scalars for sql in self._sql(f))])
        last = 0
        while rows := self._reader.rows(
            f"SELECT {columns} FROM {self._record.table} t WHERE ({self._selection.sql})"
            f" AND t.id > ? ORDER BY t.id LIMIT {PAGE}",
            [*self._selection.params, last],
        ):
            last = rows[-1][0]
            records = {row[0]: {"id": row[0], **self._scalar_values(row[1:])} for row in rows}
            self._add_many(records)
            yield list(records.values())

    def most(self, field: Field) -> tuple[int, bool]:
        """The most values of a field that one record has, and whether any has a label."""
        table, column, condition = self._many(field)
        found = self._reader.row(
            f"SELECT max(n), max(labelled) FROM (SELECT count(*) AS n, max(CASE WHEN m.label"
            f" IS NULL THEN 0 ELSE 1 END) AS labelled FROM {table} m JOIN {self._record.table} t"
            f" ON t.id = m.{column} WHERE m.deleted_at IS NULL{condition}"
            f" AND ({self._selection.sql}) GROUP BY m.{column}) q",
            self._selection.params,
        )
        return (int(found[0] or 0), bool(found[1])) if found else (0, False)

    def _many(self, field: Field) -> tuple[str, str, str]:
        column = f"{self._record.name}_id"
        if field.store == "point":
            return "contact_point", column, f" AND m.kind = '{field.part}'"
        return ("address" if field.store == "part" else field.part), column, ""

    # --- values

    def _sql(self, field: Field) -> tuple[str, ...]:
        if field.store == "money":
            return f"t.{field.column}", f"t.{field.currency}"
        if field.store == "ref" and field.ref == "contact":
            return (f"(SELECT {_PERSON} FROM contact r WHERE r.id = t.{field.column} AND {_LIVE})",)
        if field.store == "ref":
            # What is deleted would be made again by an import that finds its name.
            live = f"SELECT 1 FROM {BY_NAME[field.ref].table} r WHERE r.id = t.{field.column}"
            name = field_columns(self._record, field)[field.name]
            return (f"CASE WHEN EXISTS ({live} AND {_LIVE}) THEN {name} END",)
        return (field_columns(self._record, field)[field.name],)

    def _scalar_values(self, row: Sequence[Any]) -> dict[str, Any]:
        cells = iter(row)
        found: dict[str, Any] = {}
        for field in self._scalars:
            value = next(cells)
            if field.store == "money":
                currency = next(cells)
                value = Money(value, currency) if value is not None and currency else None
            found[field.name] = value
        return found

    def _add_many(self, records: dict[int, dict[str, Any]]) -> None:
        held = f"m.{self._record.name}_id IN ({', '.join('?' * len(records))})"
        ids = list(records)
        for field in (*self._points, *self._members):
            for found in records.values():
                found[field.name] = []
        for field in self._points:
            for id, value, label, primary in self._reader.rows(
                f"SELECT m.{self._record.name}_id, m.value, m.label, m.is_primary"
                f" FROM contact_point m WHERE {held} AND m.kind = '{field.part}'"
                " AND m.deleted_at IS NULL ORDER BY m.is_primary DESC, m.id",
                ids,
            ):
                records[id][field.name].append(Held(value, label, bool(primary)))
        for field in self._members:
            for id, value, label in self._reader.rows(
                f"SELECT m.{self._record.name}_id, {_PERSON}, m.label FROM {field.part} m"
                f" JOIN contact r ON r.id = m.contact_id WHERE {held} AND m.deleted_at IS NULL"
                f" AND {_LIVE} ORDER BY m.id",
                ids,
            ):
                records[id][field.name].append(MemberValue(value, label))
        if self._placed:
            self._add_addresses(records, held)
        if self._tagged:
            self._add_tags(records)

    def _add_addresses(self, records: dict[int, dict[str, Any]], held: str) -> None:
        for found in records.values():
            found["address"] = []
        for id, *parts in self._reader.rows(
            f"SELECT m.{self._record.name}_id, m.label, {', '.join(f'm.{part}' for part in PARTS)}"
            f" FROM address m WHERE {held} AND m.deleted_at IS NULL"
            " ORDER BY m.is_primary DESC, m.id",
            list(records),
        ):
            records[id]["address"].append(AddressValue(*parts))

    def _add_tags(self, records: dict[int, dict[str, Any]]) -> None:
        for found in records.values():
            found["tags"] = []
        for id, name in self._reader.rows(
            "SELECT x.record_id, g.name FROM tagging x JOIN tag g ON g.id = x.tag_id"
            f" WHERE x.record = ? AND x.record_id IN ({', '.join('?' * len(records))})"
            " AND x.deleted_at IS NULL ORDER BY g.name_key",
            [self._record.name, *records],
        ):
            records[id]["tags"].append(name)


_LIVE = "r.deleted_at IS NULL"
# A person is named so that an import finds them again: with the e-mail, where there is one.
_PERSON = (
    f"r.{title_column(BY_NAME['contact'])} || coalesce((SELECT ' <' || p.value || '>'"
    " FROM contact_point p WHERE p.contact_id = r.id AND p.kind = 'email' AND p.valid = 1"
    " AND p.deleted_at IS NULL ORDER BY p.is_primary DESC, p.id LIMIT 1), '')"
)
