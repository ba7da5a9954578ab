"""Records as lines of CSV, TSV, JSON, JSON Lines (which an import reads back) or Markdown.

A field with many values has a column for each, `email` and `email_2`, with its label beside it in
`email_label`; an address has a column for each part. CSV is safe for spreadsheets: a text that one
would run as a formula gets an apostrophe, which the import takes off again.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from crmcli import values
from crmcli.exchange.documents import joined
from crmcli.exchange.extract import PARTS, Extract, Held
from crmcli.exchange.rows import AddressValue, MemberValue
from crmcli.fields import Field
from crmcli.values.base import Money
from crmcli.values.spreadsheet import spreadsheet_safe


class Style(NamedTuple):
    """How a delimited file is written. raw: texts as they are, also those that a spreadsheet would
    run; bom: with a mark, by which Excel knows UTF-8; delimiter: another one than the format's."""

    raw: bool = False
    bom: bool = False
    delimiter: str = ""


_PLAIN = re.compile(r"-?[0-9][0-9.]*|\+[0-9]+(;ext=[0-9]+)?")
# What terminals obey or no encoding has, though JSON allows it as it is.
_RISKY = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def lines(extract: Extract, format: str, style: Style = Style()) -> Iterator[str]:  # noqa: B008
    """The lines of a file in the format csv, tsv, json or jsonl, without their ends."""
    if format in ("csv", "tsv"):
        return _delimited(extract, "," if format == "csv" else "\t", style)
    return _objects(extract, array=format == "json")


# --- delimited


class Column(NamedTuple):
    """A column of a table, how a record's cell is had, and the kind of its values."""

    name: str
    cell: Callable[[dict[str, Any]], str]
    kind: str = "text"


def table(
    header: Sequence[str], rows: Iterator[Sequence[Sequence[str]]], delimiter: str
) -> Iterator[str]:
    """Lines of delimited text from pages of rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    for page in rows:
        writer.writerows(page)
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest[:-1]


def _delimited(extract: Extract, delimiter: str, style: Style) -> Iterator[str]:
    chosen = columns(extract)
    safe = str if style.raw else _safe
    pages = (
        [[safe(column.cell(record)) for column in chosen] for record in page]
        for page in extract.pages()
    )
    header = [column.name for column in chosen]
    found = table(header, pages, style.delimiter or delimiter)
    if style.bom:
        yield f"\ufeff{next(found)}"
    yield from found


def _safe(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else spreadsheet_safe(text)


def columns(extract: Extract) -> list[Column]:
    """The columns of a table of these records: those with many values as often as needed."""
    found: list[Column] = []
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
            found.append(Column(field.name, lambda record: joined(record["tags"])))
        else:
            found.append(Column(field.name, _scalar(field), field.kind))
    return found


def _scalar(field: Field) -> Callable[[dict[str, Any]], str]:
    name, kind = field.name, field.kind
    return lambda record: values.plain(kind, record[name])


def _money_columns(field: Field) -> list[Column]:
    def currency(record: dict[str, Any]) -> str:
        money = record[field.name]
        return money.currency if isinstance(money, Money) else ""

    return [Column(field.name, _scalar(field), "money"), Column(field.currency, currency)]


def _many_columns(field: Field, most: int, labelled: bool) -> list[Column]:
    found = []
    for place in range(max(most, 1)):
        name = _numbered(field.name, place)
        found.append(Column(name, _one_of(field.name, place, 0)))
        if labelled:
            found.append(Column(f"{name}_label", _one_of(field.name, place, 1)))
    return found


def _address_columns(extract: Extract) -> list[Column]:
    parts = [field for field in extract.fields if field.store == "part"]
    most, labelled = extract.most(parts[0])
    found = []
    for place in range(max(most, 1)):
        if labelled:
            label = f"{_numbered('address', place)}_label"
            found.append(Column(label, _one_of("address", place, 0)))
        found += [
            Column(
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


# --- Markdown


def markdown(extract: Extract) -> Iterator[str]:
    """The lines of a table for GitHub and its like; not to be read back."""
    from crmcli.output.markdown import escape

    chosen = columns(extract)
    yield f"| {' | '.join(escape(column.name) for column in chosen)} |"
    yield f"| {' | '.join('---' for _column in chosen)} |"
    for page in extract.pages():
        for record in page:
            yield f"| {' | '.join(escape(column.cell(record)) for column in chosen)} |"


# --- JSON


def _objects(extract: Extract, *, array: bool) -> Iterator[str]:
    objects = (document(extract, record) for page in extract.pages() for record in page)
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


def document(extract: Extract, record: dict[str, Any]) -> str:
    """A record as one JSON object, as an import reads it back."""
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
