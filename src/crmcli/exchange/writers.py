"""Records as lines of CSV, TSV, JSON or JSON Lines, in a form that an import reads back.

A field with many values has a column for each, `email` and `email_2`, with its label beside it in
`email_label`; an address has a column for each part. CSV is safe for spreadsheets: a text that one
would run as a formula gets an apostrophe, which the import takes off again.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from crmcli import values
from crmcli.exchange.documents import joined
from crmcli.exchange.extract import PARTS, Extract, Held
from crmcli.exchange.rows import AddressValue, MemberValue
from crmcli.fields import Field
from crmcli.values.base import Money
from crmcli.values.spreadsheet import spreadsheet_safe

FORMATS = ("csv", "tsv", "json", "jsonl")

_PLAIN = re.compile(r"-?[0-9][0-9.]*|\+[0-9]+(;ext=[0-9]+)?")
# What terminals obey or no encoding has, though JSON allows it as it is.
_RISKY = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def lines(extract: Extract, format: str) -> Iterator[str]:
    """The lines of a file of one of `FORMATS`, without their ends."""
    if format in ("csv", "tsv"):
        return _delimited(extract, "," if format == "csv" else "\t")
    return _objects(extract, array=format == "json")


# --- delimited


class _Column(NamedTuple):
    """A column and how a record's cell is had."""

    name: str
    cell: Callable[[dict[str, Any]], str]


def _delimited(extract: Extract, delimiter: str) -> Iterator[str]:
    columns = _columns(extract)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for page in extract.pages():
        writer.writerows([_safe(column.cell(record)) for column in columns] for record in page)
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest[:-1]


def _safe(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else spreadsheet_safe(text)


def _columns(extract: Extract) -> list[_Column]:
    found: list[_Column] = []
    placed = False
    for field in extract.fields:
        if field.store == "part":
            found += [] if placed else _address_columns(extract)
            placed = True
        elif field.store in ("point", "members"):
            found += _many_columns(field, *extract.most(field))
        elif field.store == "money":
            found += _money_columns(field)
        elif field.store == "tags":
            found.append(_Column(field.name, lambda record: joined(record["tags"])))
        else:
            found.append(_Column(field.name, _scalar(field)))
    return found


def _scalar(field: Field) -> Callable[[dict[str, Any]], str]:
    name, kind = field.name, field.kind
    return lambda record: values.plain(kind, record[name])


def _money_columns(field: Field) -> list[_Column]:
    def currency(record: dict[str, Any]) -> str:
        money = record[field.name]
        return money.currency if isinstance(money, Money) else ""

    return [_Column(field.name, _scalar(field)), _Column(field.currency, currency)]


def _many_columns(field: Field, most: int, labelled: bool) -> list[_Column]:
    found = []
    for place in range(max(most, 1)):
        name = _numbered(field.name, place)
        found.append(_Column(name, _one_of(field.name, place, 0)))
        if labelled:
            found.append(_Column(f"{name}_label", _one_of(field.name, place, 1)))
    return found


def _address_columns(extract: Extract) -> list[_Column]:
    parts = [field for field in extract.fields if field.store == "part"]
    most, labelled = extract.most(parts[0])
    found = []
    for place in range(max(most, 1)):
        if labelled:
            label = f"{_numbered('address', place)}_label"
            found.append(_Column(label, _one_of("address", place, 0)))
        found += [
            _Column(
                _numbered(part.name, place),
                _one_of("address", place, AddressValue._fields.index(part.part)),
            )
            for part in parts
        ]
    return found


def _numbered(name: str, place: int) -> str:
    return f"{name}_{place + 1}" if place else name


def _one_of(name: str, place: int, item: int) -> Callable[[dict[str, Any]], str]:
    def cell(record: dict[str, Any]) -> str:
        held = record[name]
        return held[place][item] or "" if place < len(held) else ""

    return cell


# --- JSON


def _objects(extract: Extract, *, array: bool) -> Iterator[str]:
    objects = (_object(extract, record) for page in extract.pages() for record in page)
    if not array:
        yield from objects
        return
    yield "["
    held = next(objects, None)
    for one in objects:
        yield f"{held},"
        held = one
    if held is not None:
        yield held
    yield "]"


def _object(extract: Extract, record: dict[str, Any]) -> str:
    pairs = [pair for field in extract.fields for pair in _pairs(field, record)]
    if "address" in record:
        pairs.append(("address", _text([_address(each) for each in record["address"]])))
    return "{" + ", ".join(f"{_text(name)}: {value}" for name, value in pairs) + "}"


def _pairs(field: Field, record: dict[str, Any]) -> list[tuple[str, str]]:
    """The members of an object that a field makes, their values as JSON."""
    if field.store == "part":
        return []
    value = record[field.name]
    if field.store == "money":
        amount = values.plain("money", value) or "null"
        currency = value.currency if isinstance(value, Money) else None
        return [(field.name, amount), (field.currency, _text(currency))]
    if isinstance(value, list):
        return [(field.name, _text([_held(each) for each in value]))]
    return [(field.name, _text(values.json_value(field.kind, value)))]


def _held(one: Held | MemberValue | str) -> Any:
    if isinstance(one, Held):
        return {"value": one.value, "label": one.label, "primary": one.primary}
    return {"value": one.name, "label": one.label} if isinstance(one, MemberValue) else one


def _address(address: AddressValue) -> dict[str, str | None]:
    return {**{part: getattr(address, part) for part in PARTS}, "label": address.label}


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else _RISKY.sub(lambda m: f"\\u{ord(m[0]):04x}", text)
