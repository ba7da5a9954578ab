"""Rows of texts to rows of stored values: a chunk at a time, column by column.

A row that names nobody, or has more cells than the header, is rejected with the reason; everything
else goes on, if need be without the values that could not be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat, zip_longest
from typing import Any, NamedTuple

from crmcli.exchange import columns
from crmcli.exchange.columns import Cells, ColumnReader, PointReader
from crmcli.exchange.combining import add_made, says_yes
from crmcli.exchange.deriving import NOBODY, derive
from crmcli.exchange.layout import Address, Layout, Members
from crmcli.exchange.problems import Problems
from crmcli.exchange.readers import Row
from crmcli.exchange.rows import (
    SEVERAL,
    AddressValue,
    MemberValue,
    Points,
    PointValue,
    RowValues,
)
from crmcli.fields import Field
from crmcli.values.base import Env
from crmcli.values.places import country_code
from crmcli.values.spreadsheet import from_spreadsheet_safe
from crmcli.values.text import fold, sort_key

Values = dict[str, Sequence[Any]]


class Rejected(NamedTuple):
    """A row that was set aside, as it was, and why."""

    line: int
    cells: list[str]
    reason: str


class Chunk(NamedTuple):
    """What a chunk of rows came to.

    whole: the cells that rows were read from, by their places. hints: texts of columns that help
    to find others.
    """

    read: int
    skipped: int
    rows: list[RowValues]
    rejected: list[Rejected]
    whole: Sequence[Row]
    hints: Mapping[str, Sequence[str | None]]


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, layout: Layout, env: Env, problems: Problems, *, escaped: bool) -> None:
        self._layout, self._env, self._problems = layout, env, problems
        self._escaped = escaped
        header = layout.header
        self._plain = [self._column(field, place) for field, place in layout.plain]
        self._custom = [self._column(field, place) for field, place in layout.custom]
        self._said = {
            place: layout.said[field.name]
            for field, place in said_fields(layout)
            if field.name in layout.said
        }
        self._points = [
            (PointReader(each.field.part, header[each.place], each.place, env, problems), each)
            for each in layout.points
        ]
        self._countries = {
            place: self._column(field, place)
            for address in layout.addresses
            for field, place in address.parts
        }

    def _column(self, field: Field, place: int) -> ColumnReader:
        """A reader of one column, whose dates are in the order that the column has."""
        order, header = self._layout.orders.get(place), self._layout.header[place]
        env = self._env._replace(date_order=order) if order else self._env
        return ColumnReader(field, header, place, env, self._problems)

    def read(self, rows: Sequence[Row]) -> Chunk:
        """The values of a chunk of rows."""
        whole, rejected, skipped = self._sorted_out(rows)
        if not whole:
            return Chunk(len(rows), skipped, [], rejected, (), {})
        cells = self._cells(whole)
        found = self._assemble(cells)
        good = [row for row in found if row.key]
        if len(good) < len(found):
            reason = NOBODY[self._layout.record.name]
            rejected += [Rejected(*whole[row.place], reason) for row in found if not row.key]
        hints = {
            name: columns.texts(cells.columns[place]) for name, place in self._layout.hints.items()
        }
        return Chunk(len(rows), skipped, good, rejected, whole, hints)

    def _sorted_out(self, rows: Sequence[Row]) -> tuple[list[Row], list[Rejected], int]:
        """The rows with as many cells as the header, those with more, and the number of blanks."""
        width = self._layout.width
        whole: list[Row] = []
        rejected = []
        for row in rows:
            cells = row[1]
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                reason = f"{len(cells)} cells, but the header has {width}"
                rejected.append(Rejected(*row, reason))
            elif any(cells) and any(cell.strip() for cell in cells) and not self._deleted(cells):
                whole.append(row)
        return whole, rejected, len(rows) - len(whole) - len(rejected)

    def _deleted(self, cells: Sequence[str]) -> bool:
        """Whether the other program had deleted the record."""
        place = self._layout.deleted
        return place is not None and says_yes("".join(cells[place : place + 1]), self._env)

    def _cells(self, rows: Sequence[Row]) -> Cells:
        width = self._layout.width
        by_column: list[Sequence[str]] = list(zip_longest(*[row[1] for row in rows], fillvalue=""))
        blank = ("",) * len(rows)
        by_column += [blank] * (width - len(by_column))
        if self._escaped:
            by_column = [_unescaped(column) for column in by_column]
        for place in self._layout.owners:
            by_column[place] = self._owners(by_column[place])
        add_made(self._layout.made, by_column, len(rows), self._env)
        for place, said in self._said.items():
            by_column[place] = [said.get(fold(cell), cell) for cell in by_column[place]]
        return Cells([row[0] for row in rows], by_column)

    def _owners(self, ids: Sequence[str]) -> list[str]:
        """Whom the other program's ids of users stand for; those that nothing explains are told."""
        said = self._layout.said.get("owner", {})
        unknown = Counter(id for id in ids if id.strip() and fold(id) not in said)
        for id, rows in unknown.items():
            self._problems.unmatched["owner", id, ""] += rows
        return [said.get(fold(id), "") for id in ids]

    def _assemble(self, cells: Cells) -> list[RowValues]:
        layout = self._layout
        points = self._row_points(cells)
        values = self._row_values(cells, points)
        keys = [sort_key(name) if name else "" for name in values[layout.names[0]]]
        refs = [self._named(cells, place) for _field, place in layout.refs]
        count = len(cells.lines)
        return list(
            map(
                RowValues,
                range(count),
                cells.lines,
                keys,
                zip(*(values[name] for name in layout.names), strict=True),
                zip(*refs, strict=True) if refs else ((),) * count,
                points,
                _merged(self._addresses(cells), count),
                self._tags(cells),
                _merged(self._members(cells), count),
                self._custom_values(cells),
                map(_met_by, points, keys) if layout.record.name == "contact" else repeat(()),
                repeat(None)
                if layout.external is None
                else self._externals(cells, layout.external),
            )
        )

    def _externals(self, cells: Cells, place: int) -> list[str | None]:
        """What the other program calls the rows."""
        kind, ids = self._layout.external_kind, columns.texts(cells.columns[place])
        return [id and f"{kind}:{id}" for id in ids] if kind else ids

    def _named(self, cells: Cells, place: int) -> list[str | None]:
        """What the rows name in a column of references; of several, the first."""
        if place in self._layout.linked:
            return [cell.partition(SEVERAL)[0] or None for cell in cells.columns[place]]
        return columns.texts(cells.columns[place])

    def _row_values(self, cells: Cells, points: Sequence[Points]) -> Values:
        found: Values = {reader.field.column: reader.read(cells) for reader in self._plain}
        for amount in self._layout.amounts:
            header = self._layout.header[amount.place]
            found[amount.field.column], found[amount.field.currency] = columns.amounts(
                cells, amount.place, amount.currency_place, header, self._env, self._problems
            )
        noun = self._layout.record.name
        return derive(noun, found, points, len(cells.lines), self._env)

    def _regions(self, cells: Cells) -> Sequence[str | None] | None:
        """The country of each row, by which its phones are read; None where no column says it."""
        places = [place for address in self._layout.addresses
                  for field, place in address.parts if field.kind == "country"]  # fmt: skip
        if not places or not any(reader.part == "phone" for reader, _each in self._points):
            return None
        texts = [next(filter(None, row), "") for row in zip(*(cells.columns[p] for p in places),
                                                            strict=True)]  # fmt: skip
        known = {text: country_code(text) if text else None for text in set(texts)}
        return [known[text] for text in texts]

    def _row_points(self, cells: Cells) -> Sequence[Points]:
        regions = self._regions(cells)
        found = [
            reader.read(cells, columns.labels(cells, each.label_place, each.label), regions)
            for reader, each in self._points
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            return ((),) * len(cells.lines)
        return [_each_once(lists) for lists in zip(*found, strict=True)]

    def _addresses(self, cells: Cells) -> list[list[AddressValue | None]]:
        return [self._address(cells, address) for address in self._layout.addresses]

    def _address(self, cells: Cells, address: Address) -> list[AddressValue | None]:
        parts = {field.part: self._countries[place].read(cells) for field, place in address.parts}
        labels = columns.labels(cells, address.label_place, address.label)
        found: list[AddressValue | None] = []
        for place, label in enumerate(labels):
            one = {part: read[place] for part, read in parts.items()}
            if not any(one.values()) and address.whole is not None:
                one = _whole_address(cells.columns[address.whole][place])
            found.append(AddressValue(label, **one) if any(one.values()) else None)
        return found

    def _tags(self, cells: Cells) -> Iterable[tuple[str, ...]]:
        if not self._layout.tags:
            return ((),) * len(cells.lines)
        known: dict[str, tuple[str, ...]] = {"": ()}
        split = columns.labels_of if self._layout.system else columns.tags
        read = [[_known(known, cell, split) for cell in cells.columns[place]]
                for place in self._layout.tags]  # fmt: skip
        return [tuple(dict.fromkeys(tag for tags in lists for tag in tags))
                for lists in zip(*read, strict=True)]  # fmt: skip

    def _members(self, cells: Cells) -> list[list[MemberValue | None]]:
        return [list_ for each in self._layout.members for list_ in _member_columns(cells, each)]

    def _custom_values(self, cells: Cells) -> Iterable[dict[str, Any] | None]:
        if not self._custom:
            return (None,) * len(cells.lines)
        read = [(reader.field.name, reader.read(cells)) for reader in self._custom]
        return [
            {name: values[place] for name, values in read if values[place] is not None}
            for place in range(len(cells.lines))
        ]


def said_fields(layout: Layout) -> Iterator[tuple[Field, int]]:
    """The columns whose texts may be said to stand for others, with their fields."""
    yield from (*layout.plain, *layout.refs, *layout.custom)
    for address in layout.addresses:
        yield from address.parts
    for name, place in layout.hints.items():
        if field := layout.record.field(name):
            yield field, place


def _met_by(points: Points, name: str) -> tuple[tuple[str, ...], ...]:
    """What a contact is met by: valid e-mails, then phones and profiles together with the name."""
    emails, phones = [], []
    for part, _label, _value, key, valid in points:
        if part == "email" and valid:
            emails.append((part, key))
        elif part == "phone" or (part == "social" and valid):
            phones.append((part, key, name))
    return (*emails, *phones)


def _unescaped(column: Sequence[str]) -> Sequence[str]:
    if not any(cell[:1] == "'" for cell in column):
        return column
    return [from_spreadsheet_safe(cell) for cell in column]


def _known(known: dict[str, Any], text: str, read: Callable[[str], Any]) -> Any:
    if text not in known:
        known[text] = read(text)
    return known[text]


def _each_once(lists: Iterable[Points]) -> Points:
    """The points of a row, each once."""
    points = [point for each in lists for point in each]
    if len(points) < 2:
        return tuple(points)
    distinct: dict[tuple[str, str], PointValue] = {}
    for point in points:
        distinct.setdefault((point.part, point.key), point)
    return tuple(distinct.values())


def _merged(lists: Sequence[Sequence[Any]], count: int) -> Iterator[tuple[Any, ...]]:
    """From one list for each group of columns to what each row has."""
    if not lists:
        return iter(((),) * count)
    return (tuple(value for value in row if value is not None) for row in zip(*lists, strict=True))


def _whole_address(text: str) -> dict[str, Any]:
    """The parts of an address that stands in one cell."""
    from crmcli.actions.draft import address_parts

    line = columns.texts([text.replace("\n", ", ")])[0]
    return dict(address_parts(line)) if line else {}


def _member_columns(cells: Cells, members: Members) -> list[list[MemberValue | None]]:
    """Who takes part, a list for each place in a cell that names several."""
    if members.listed:
        people = [cell.split(SEVERAL)[members.skip :] for cell in cells.columns[members.place]]
        return [
            [MemberValue(name, None) if name else None for name in column]
            for column in zip_longest(*people, fillvalue="")
        ]
    return [_member_column(cells, members)]


def _member_column(cells: Cells, members: Members) -> list[MemberValue | None]:
    names = columns.texts(cells.columns[members.place])
    labels = columns.labels(cells, members.label_place, None)
    return [
        MemberValue(name, label) if name else None
        for name, label in zip(names, labels, strict=True)
    ]
