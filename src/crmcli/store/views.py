"""The views that people, lists and reports read, derived from the catalogue.

`columns(record)` gives the SQL of each column over the record's table, aliased `t`. The views are
dropped before a migration and made again after it.
"""

from __future__ import annotations

from crmcli.catalog import BY_NAME, RECORDS
from crmcli.fields import Field, Record
from crmcli.store import dialect

POINT_PLURALS = {"email": "emails", "phone": "phones", "url": "urls", "social": "socials"}
NUMBERS = frozenset(
    ("integer", "number", "percent", "year", "yesno", "duration", "interval", "money")
)
"""The kinds whose stored form is a number."""
ADDRESS_PARTS = ("street", "city", "region", "postcode", "country")


def create_statements() -> list[str]:
    """The statements that make every view."""
    return [_create(record) for record in RECORDS]


def drop_statements() -> list[str]:
    """The statements that drop every view."""
    return [f"DROP VIEW IF EXISTS {record.plural}" for record in RECORDS]


def columns(record: Record) -> dict[str, str]:
    """Column name of the view -> SQL expression over the record's table, aliased `t`."""
    found = {"id": "t.id", "handle": f"'{record.letter}' || t.id"}
    for field in record.fields:
        found.update(field_columns(record, field))
    for order in record.order:
        name = order.removeprefix("-")
        found.setdefault(name, f"t.{name}")
    found["version"] = "t.version"
    found["custom"] = "t.custom"
    found["deleted_at"] = "t.deleted_at"
    return found


def field_columns(record: Record, field: Field) -> dict[str, str]:
    """The columns of one field: the value for people first, then what belongs to it."""
    match field.store:
        case "money":
            return {field.name: f"t.{field.column}", field.currency: f"t.{field.currency}"}
        case "ref":
            return {field.name: title_sql(field), field.column: f"t.{field.column}"}
        case "point":
            return _point_columns(record, field)
        case "address":
            return {"address": _address_line(record), "addresses": _addresses(record)}
        case "part":
            return {field.name: _primary_part(record, field.part)}
        case "tags":
            return {field.name: _tags(record)}
        case "members":
            return {field.name: _members(record, field)}
        case "derived":
            return {field.name: field.part}
        case "custom":
            number = field.kind in NUMBERS
            return {field.name: dialect.json_value("t.custom", field.name, number=number)}
        case _:
            return {field.name: f"t.{field.column}"}


def title_sql(field: Field) -> str:
    """The title of the record that a reference points to."""
    target = BY_NAME[field.ref]
    return f"(SELECT r.{title_column(target)} FROM {target.table} r WHERE r.id = t.{field.column})"


def title_column(record: Record) -> str:
    """The column that names a record."""
    field = record.field(record.title)
    return field.column if field else "id"


def _create(record: Record) -> str:
    listed = ",\n  ".join(f'{sql} AS "{name}"' for name, sql in columns(record).items())
    return f"CREATE VIEW {record.plural} AS SELECT\n  {listed}\nFROM {record.table} t"


def _point_columns(record: Record, field: Field) -> dict[str, str]:
    where = (
        f"FROM contact_point p WHERE p.{record.name}_id = t.id AND p.kind = '{field.part}'"
        " AND p.deleted_at IS NULL ORDER BY p.is_primary DESC, p.id"
    )
    objects = dialect.json_objects(
        {
            "value": "q.value",
            "label": "q.label",
            "primary": "q.is_primary",
            "valid": "q.valid",
        }
    )
    return {
        field.name: f"(SELECT p.value {where} LIMIT 1)",
        POINT_PLURALS[field.part]: f"(SELECT {objects} FROM (SELECT p.* {where}) q)",
    }


def _address_rows(record: Record) -> str:
    return (
        f"FROM address a WHERE a.{record.name}_id = t.id AND a.deleted_at IS NULL"
        " ORDER BY a.is_primary DESC, a.id"
    )


def _primary_part(record: Record, column: str) -> str:
    return f"(SELECT a.{column} {_address_rows(record)} LIMIT 1)"


def _address_line(record: Record) -> str:
    parts = " || ".join(f"coalesce(', ' || nullif(a.{part}, ''), '')" for part in ADDRESS_PARTS)
    return f"(SELECT nullif(substr({parts}, 3), '') {_address_rows(record)} LIMIT 1)"


def _addresses(record: Record) -> str:
    names = {"label": "q.label", "primary": "q.is_primary"}
    objects = dialect.json_objects({**{part: f"q.{part}" for part in ADDRESS_PARTS}, **names})
    return f"(SELECT {objects} FROM (SELECT a.* {_address_rows(record)}) q)"


def _tags(record: Record) -> str:
    rows = (
        "SELECT g.name FROM tagging x JOIN tag g ON g.id = x.tag_id"
        f" WHERE x.record = '{record.name}' AND x.record_id = t.id AND x.deleted_at IS NULL"
        " ORDER BY g.name_key"
    )
    return f"(SELECT {dialect.json_array('q.name')} FROM ({rows}) q)"


def _members(record: Record, field: Field) -> str:
    target = BY_NAME[field.ref]
    rows = (
        f"SELECT r.{title_column(target)} AS value, m.label, '{target.letter}' || r.id AS handle"
        f" FROM {field.part} m JOIN {target.table} r ON r.id = m.{field.ref}_id"
        f" WHERE m.{record.name}_id = t.id AND m.deleted_at IS NULL ORDER BY m.id"
    )
    objects = dialect.json_objects({"value": "q.value", "label": "q.label", "handle": "q.handle"})
    return f"(SELECT {objects} FROM ({rows}) q)"
