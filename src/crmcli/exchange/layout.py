"""How the columns of a file make up a record.

Some values are made from several columns: the first of two that is not blank, the lines of a
street, a day and its time, a name with the other program's id. `made` lists them; each counts as a
column after those of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crmcli.exchange.headers import Column
from crmcli.exchange.sources.base import System
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
    """A column that names somebody who takes part, and perhaps one with the role.

    listed: the column was made of names and ids, several in a cell; the first `skip` of them are
    said by another field.
    """

    field: Field
    place: int
    label_place: int | None
    listed: bool = False
    skip: int = 0


class Made(NamedTuple):
    """A column that is made from others.

    how: `first` that is not blank, `lines` of an address, `words` of a line, `any` that says yes,
    `done` (yes means no longer planned), `birthday` of a year, a month and a day, `moment` of days
    and a time, `linked` from a name and an id, `owner` by the other program's ids of users, which
    `Layout.said` explains, or `constant`, whose cells are `text`.
    """

    name: str
    how: str
    places: tuple[int, ...]
    text: str = ""


class Layout(NamedTuple):
    """The columns of a file by what they are.

    header: the names of the file's columns, then of the made ones; width: how many the file has.
    plain: fields with a column of their own and where it stands. hints: fields that only help to
    find another one, such as the pipeline of a stage. names: the columns of a row's values.
    linked: places of refs that were made of a name and an id. external, deleted: the columns with
    the other program's id and with the mark of deleted rows; external_kind: put before the ids,
    where others are counted alike. system: that program. said: what
    texts of a field stand for, by its name and the folded text. orders: the order of day, month
    and year by column, where it is known. last_first: names are written `Last, First`.
    """

    record: Record
    header: tuple[str, ...]
    width: int
    made: tuple[Made, ...]
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
    linked: frozenset[int] = frozenset()
    external: int | None = None
    external_kind: str = ""
    deleted: int | None = None
    system: str = ""
    said: Mapping[str, Mapping[str, str]] = {}
    orders: Mapping[int, str] = {}

    @property
    def ref_fields(self) -> tuple[Field, ...]:
        """The references, in the order of a row's refs."""
        return tuple(field for field, _place in self.refs)

    @property
    def owners(self) -> tuple[int, ...]:
        """The columns with the other program's ids of users."""
        return tuple(place for each in self.made if each.how == "owner" for place in each.places)

    @property
    def key(self) -> str | None:
        """The column with the sort key of the name or title, if the table has one."""
        return f"{self.names[0]}_key" if self.record.name in _KEYED else None

    def has(self, name: str) -> bool:
        """Whether a column of the file is this field."""
        return name in self.hints or any(
            field.name == name for field, _place in (*self.plain, *self.refs, *self.custom)
        )


_KEYED = ("contact", "company", "deal")
# Columns that the program derives, the name or title first.
_DERIVED = {
    "contact": ("name", *NAME_PARTS),
    "company": ("name", "domain"),
    "deal": ("title", "stage_since", "closed_at"),
    "activity": ("subject", "at", "planned"),
    "task": ("title", "due", "status", "done_at"),
}


def layout(
    record: Record,
    columns: Sequence[Column],
    *,
    system: System | None = None,
    constants: Iterable[tuple[Column, str]] = (),
    said: Mapping[str, Mapping[str, str]] | None = None,
    orders: Mapping[int, str] | None = None,
) -> Layout:
    """The layout of a file of records of this type.

    constants: columns that the file does not have, and the text of each in every row.
    """
    used, made = Combining(columns, constants, ";" if system else "").done()
    plain, amounts = tuple(_fields(used, "column")), tuple(_amounts(used))
    linked = frozenset(len(columns) + at for at, each in enumerate(made) if each.how == "linked")
    return Layout(
        record,
        (*(column.header for column in columns), *(each.name for each in made)),
        len(columns),
        made,
        plain,
        amounts,
        tuple(_fields(used, "ref")),
        tuple(_points(used)),
        tuple(_addresses(used)),
        tuple(place for _field, place in _fields(used, "tags")),
        tuple(_members(record, used, linked)),
        tuple(_fields(used, "custom")),
        {field.name: place for field, place in _fields(used, "derived")},
        _names(record, plain, amounts),
        linked,
        next((column.place for column in columns if column.role == "id"), None),
        next((column.label or "" for column in columns if column.role == "id"), ""),
        next((column.place for column in columns if column.role == "deleted"), None),
        system.name if system else "",
        said or {},
        orders or {},
    )


def _names(
    record: Record, plain: Sequence[tuple[Field, int]], amounts: Sequence[Amount]
) -> tuple[str, ...]:
    """The table's columns that a row fills; those that the program derives are among them."""
    names = dict.fromkeys(_DERIVED[record.name])
    names.update(dict.fromkeys(field.column for field, _place in plain))
    for amount in amounts:
        names.update(dict.fromkeys((amount.field.column, amount.field.currency)))
    return tuple(names)


class Combining:
    """Columns into values: what several of them say together becomes a made column."""

    def __init__(
        self, columns: Sequence[Column], constants: Iterable[tuple[Column, str]], several: str
    ) -> None:
        self._width, self._several = len(columns), several
        self._made: list[Made] = []
        self._used: list[tuple[int, Column]] = []
        self._groups: dict[tuple[object, ...], list[Column]] = {}
        fixed = {_group(column): (column, text) for column, text in constants}
        for column in sorted(columns, key=lambda each: (each.rank, each.place)):
            if column.field is not None and _group(column) not in fixed:
                self._groups.setdefault(_group(column), []).append(column)
        for column, text in fixed.values():
            self._make(column, Made(column.target, "constant", (), text))

    def done(self) -> tuple[list[Column], tuple[Made, ...]]:
        """The columns that are used, in the order of the file, and those that were made."""
        for group in self._groups.values():
            self._combine(group)
        used = [column for _place, column in sorted(self._used, key=lambda each: each[0])]
        return used, tuple(self._made)

    def _combine(self, group: Sequence[Column]) -> None:
        first, roles = group[0], {column.role for column in group}
        if roles & {"opt_out", "done"}:
            how = "any" if "opt_out" in roles else "done"
            self._make(first, _made(group, how))
        elif roles & {"year", "month", "day"}:
            parts = {column.role: column.place for column in group}
            places = tuple(parts.get(role, -1) for role in ("year", "month", "day"))
            self._make(first, Made(first.header, "birthday", places))
        elif "house" in roles:
            self._street(group)
        elif "time" in roles:
            self._make(first, _made(sorted(group, key=lambda c: c.role == "time"), "moment"))
        elif "link" in roles and first.field is not None and first.field.ref == "user":
            named = [column for column in group if column.role == "value"]
            self._make(first, _made(named or group, "first" if named else "owner"))
        elif "link" in roles:
            self._link(group)
        elif len(group) > 1:
            part = first.field is not None and first.field.store == "part"
            self._make(first, _made(group, "lines" if part else "first"))
        else:
            self._used.append((first.place, first))

    def _street(self, group: Sequence[Column]) -> None:
        """The number of a house goes with the first line of its street, in the file's order."""
        numbers = [column for column in group if column.role == "house"]
        lines = [column for column in group if column.role != "house"]
        first = sorted((*numbers, *lines[:1]), key=lambda column: column.place)
        self._made.append(_made(first, "words"))
        line = first[0]._replace(place=self._width + len(self._made) - 1)
        self._make(first[0], _made((line, *lines[1:]), "lines"))

    def _link(self, group: Sequence[Column]) -> None:
        """A column of names with ids, each the first of its kind that is not blank."""
        places = []
        for role in ("value", "link"):
            own = [column for column in group if column.role == role]
            places.append(self._first(own))
        column = next((each for each in group if each.role == "value"), group[0])
        self._make(column, Made(column.header, "linked", tuple(places), self._several))

    def _first(self, group: Sequence[Column]) -> int:
        if len(group) < 2:
            return group[0].place if group else -1
        self._made.append(_made(group, "first"))
        return self._width + len(self._made) - 1

    def _make(self, column: Column, made: Made) -> None:
        self._made.append(made)
        place = self._width + len(self._made) - 1
        self._used.append((column.place, column._replace(place=place, role="value")))


def _made(group: Sequence[Column], how: str) -> Made:
    return Made(group[0].header, how, tuple(column.place for column in group))


def _group(column: Column) -> tuple[object, ...]:
    """What tells the values of a record apart: columns of one group are one value."""
    field = column.field
    role = column.role if column.role in ("label", "currency") else "value"
    own = field is not None and field.store in ("point", "tags") and role == "value"
    place = column.place if own else None
    return (field and field.name, column.number, column.label, role, place)


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


def _members(record: Record, columns: Sequence[Column], linked: frozenset[int]) -> list[Members]:
    """Who takes part: named by columns of their own, or after the first of a list of contacts."""
    found = [
        Members(column.field, column.place, _beside(columns, column, "label"),
                listed=column.place in linked)
        for column in columns
        if column.field and column.field.store == "members" and column.role == "value"
    ]  # fmt: skip
    field = record.field("contacts")
    for ref, place in _fields(columns, "ref"):
        if ref.name == "contact" and place in linked and field and field.store == "members":
            found.append(Members(field, place, None, listed=True, skip=1))
    return found


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
