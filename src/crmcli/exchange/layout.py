"""How the columns of a file make up a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crmcli.exchange.headers import Column
from crmcli.fields import Field, Record

NAME_PARTS = ("prefix", "first_name", "middle_name", "last_name", "suffix")


class Points(NamedTuple):
    """A column with one kind of points; the label stands in a column beside it, or is given."""

    field: Field
    place: int
    label_place: int | None
    label: str | None


class Address(NamedTuple):
    """Columns that make up one address: (part, place), and perhaps the whole in one cell."""

    parts: tuple[tuple[Field, int], ...]
    whole: int | None
    label_place: int | None
    label: str | None


class Amount(NamedTuple):
    """A column with an amount, and perhaps one with its currency."""

    field: Field
    place: int
    currency_place: int | None


class Members(NamedTuple):
    """A column that names somebody who takes part, and perhaps one with the role."""

    field: Field
    place: int
    label_place: int | None


class Layout(NamedTuple):
    """The columns of a file by what they are.

    plain: fields with a column of their own and where it stands. hints: fields that only help to
    find another one, such as the pipeline of a stage. names: the columns of a row's values.
    """

    record: Record
    header: tuple[str, ...]
    plain: tuple[tuple[Field, int], ...]
    amounts: tuple[Amount, ...]
    refs: tuple[tuple[Field, int], ...]
    points: tuple[Points, ...]
    addresses: tuple[Address, ...]
    tags: tuple[int, ...]
    members: tuple[Members, ...]
    custom: tuple[tuple[Field, int], ...]
    hints: dict[str, int]
    names: tuple[str, ...]

    @property
    def ref_fields(self) -> tuple[Field, ...]:
        """The references, in the order of a row's refs."""
        return tuple(field for field, _place in self.refs)

    def has(self, name: str) -> bool:
        """Whether a column of the file is this field."""
        return name in self.hints or any(
            field.name == name for field, _place in (*self.plain, *self.refs, *self.custom)
        )


def layout(record: Record, columns: Sequence[Column]) -> Layout:
    """The layout of a file of records of this type."""
    used = [column for column in columns if column.field is not None]
    plain = tuple(_fields(used, "column"))
    amounts = tuple(_amounts(used))
    return Layout(
        record,
        tuple(column.header for column in columns),
        plain,
        amounts,
        tuple(_fields(used, "ref")),
        tuple(_points(used)),
        tuple(_addresses(used)),
        tuple(place for _field, place in _fields(used, "tags")),
        tuple(_members(used)),
        tuple(_fields(used, "custom")),
        {field.name: place for field, place in _fields(used, "derived")},
        _names(record, plain, amounts),
    )


def _names(
    record: Record, plain: Sequence[tuple[Field, int]], amounts: Sequence[Amount]
) -> tuple[str, ...]:
    """The table's columns that a row fills; those that the program derives are among them."""
    derived = {
        "contact": ("name", *NAME_PARTS),
        "company": ("name", "domain"),
        "deal": ("title", "stage_since", "closed_at"),
    }
    names = dict.fromkeys(derived[record.name])
    names.update(dict.fromkeys(field.column for field, _place in plain))
    for amount in amounts:
        names.update(dict.fromkeys((amount.field.column, amount.field.currency)))
    return tuple(names)


def _fields(columns: Sequence[Column], store: str) -> list[tuple[Field, int]]:
    return [
        (column.field, column.place)
        for column in columns
        if column.field and column.field.store == store and column.role == "value"
    ]


def _beside(columns: Sequence[Column], column: Column, role: str) -> int | None:
    """The place of the column with the label or the currency of `column`."""
    for other in columns:
        if other.role == role and other.field == column.field and other.number == column.number:
            return other.place
    return None


def _amounts(columns: Sequence[Column]) -> list[Amount]:
    return [
        Amount(column.field, column.place, _beside(columns, column, "currency"))
        for column in columns
        if column.field and column.field.store == "money" and column.role == "value"
    ]


def _points(columns: Sequence[Column]) -> list[Points]:
    return [
        Points(column.field, column.place, _beside(columns, column, "label"), column.label)
        for column in columns
        if column.field and column.field.store == "point" and column.role == "value"
    ]


def _members(columns: Sequence[Column]) -> list[Members]:
    return [
        Members(column.field, column.place, _beside(columns, column, "label"))
        for column in columns
        if column.field and column.field.store == "members" and column.role == "value"
    ]


def _addresses(columns: Sequence[Column]) -> list[Address]:
    """One address for each number and label that its columns have."""
    stores = ("part", "address")
    own = [column for column in columns if column.field and column.field.store in stores]
    labels = {c.number: c.place for c in own if c.role == "label"}
    groups: dict[tuple[int, str | None], list[Column]] = {}
    for column in own:
        if column.role == "value":
            groups.setdefault((column.number, column.label), []).append(column)
    return [
        Address(
            tuple((c.field, c.place) for c in group if c.field and c.field.store == "part"),
            next((c.place for c in group if c.field and c.field.store == "address"), None),
            labels.get(number),
            label,
        )
        for (number, label), group in sorted(groups.items(), key=lambda each: each[0][0])
    ]
