"""Rows of texts to rows of stored values: a chunk at a time, column by column.

A row that names nobody, or has more cells than the header, is rejected with the reason; everything
else goes on, if need be without the values that could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat, zip_longest
from typing import Any, NamedTuple

from crmcli.exchange import columns
from crmcli.exchange.columns import Cells, ColumnReader, PointReader
from crmcli.exchange.layout import NAME_PARTS, Address, Layout, Members
from crmcli.exchange.problems import Problems
from crmcli.exchange.readers import Row
from crmcli.exchange.rows import AddressValue, MemberValue, Points, PointValue, RowValues
from crmcli.values.base import Env
from crmcli.values.names import Name, join, split
from crmcli.values.spreadsheet import from_spreadsheet_safe
from crmcli.values.text import sort_key

Values = dict[str, Sequence[Any]]


class Rejected(NamedTuple):
    """A row that was set aside, as it was, and why."""

    line: int
    cells: list[str]
    reason: str


class Chunk(NamedTuple):
    """What a chunk of rows came to. hints: texts of columns that help to find others; problems:
    what was noticed in these rows."""

    read: int
    skipped: int
    rows: list[RowValues]
    rejected: list[Rejected]
    hints: Mapping[str, Sequence[str | None]]
    problems: Problems


class RowReader:
    """Reads the rows of one file."""

    def __init__(self, layout: Layout, env: Env, *, escaped: bool) -> None:
        self._layout, self._env = layout, env
        self._problems = problems = Problems()
        self._escaped = escaped
        header = layout.header
        self._plain = [
            ColumnReader(field, header[place], place, env, problems)
            for field, place in layout.plain
        ]
        self._custom = [
            ColumnReader(field, header[place], place, env, problems)
            for field, place in layout.custom
        ]
        self._points = [
            (PointReader(each.field.part, header[each.place], each.place, env, problems), each)
            for each in layout.points
        ]
        self._countries = {
            place: ColumnReader(field, header[place], place, env, problems)
            for address in layout.addresses
            for field, place in address.parts
        }

    def read(self, rows: Sequence[Row]) -> Chunk:
        """The values of a chunk of rows."""
        whole, rejected, skipped = self._sorted_out(rows)
        if not whole:
            return Chunk(len(rows), skipped, [], rejected, {}, self._problems.taken())
        cells = self._cells(whole)
        found = self._assemble(cells)
        good = [row for row in found if row.key]
        if len(good) < len(found):
            reason = _NOBODY[self._layout.record.name]
            rejected += [Rejected(*whole[row.place], reason) for row in found if not row.key]
        hints = {
            name: columns.texts(cells.columns[place]) for name, place in self._layout.hints.items()
        }
        return Chunk(len(rows), skipped, good, rejected, hints, self._problems.taken())

    def _sorted_out(self, rows: Sequence[Row]) -> tuple[list[Row], list[Rejected], int]:
        """The rows with as many cells as the header, those with more, and the number of blanks."""
        width = len(self._layout.header)
        whole: list[Row] = []
        rejected = []
        for row in rows:
            cells = row[1]
            if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                reason = f"{len(cells)} cells, but the header has {width}"
                rejected.append(Rejected(*row, reason))
            elif any(cells) and any(cell.strip() for cell in cells):
                whole.append(row)
        return whole, rejected, len(rows) - len(whole) - len(rejected)

    def _cells(self, rows: Sequence[Row]) -> Cells:
        width = len(self._layout.header)
        by_column: list[Sequence[str]] = list(zip_longest(*[row[1] for row in rows], fillvalue=""))
        blank = ("",) * len(rows)
        by_column += [blank] * (width - len(by_column))
        if self._escaped:
            by_column = [_unescaped(column) for column in by_column]
        return Cells([row[0] for row in rows], by_column)

    def _assemble(self, cells: Cells) -> list[RowValues]:
        layout = self._layout
        points = self._row_points(cells)
        values = self._row_values(cells, points)
        keys = [sort_key(name) if name else "" for name in values[layout.names[0]]]
        refs = [columns.texts(cells.columns[place]) for _field, place in layout.refs]
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
            )
        )

    def _row_values(self, cells: Cells, points: Sequence[Points]) -> Values:
        found: Values = {reader.field.column: reader.read(cells) for reader in self._plain}
        for amount in self._layout.amounts:
            header = self._layout.header[amount.place]
            found[amount.field.column], found[amount.field.currency] = columns.amounts(
                cells, amount.place, amount.currency_place, header, self._env, self._problems
            )
        return _DERIVE[self._layout.record.name](found, points, len(cells.lines))

    def _row_points(self, cells: Cells) -> Sequence[Points]:
        found = [
            reader.read(cells, columns.labels(cells, each.label_place, each.label))
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
        read = [[_known(known, cell, columns.tags) for cell in cells.columns[place]]
                for place in self._layout.tags]  # fmt: skip
        return [tuple(dict.fromkeys(tag for tags in lists for tag in tags))
                for lists in zip(*read, strict=True)]  # fmt: skip

    def _members(self, cells: Cells) -> list[list[MemberValue | None]]:
        return [_member_column(cells, each) for each in self._layout.members]

    def _custom_values(self, cells: Cells) -> Iterable[dict[str, Any] | None]:
        if not self._custom:
            return (None,) * len(cells.lines)
        read = [(reader.field.name, reader.read(cells)) for reader in self._custom]
        return [
            {name: values[place] for name, values in read if values[place] is not None}
            for place in range(len(cells.lines))
        ]


def _met_by(points: Points, name: str) -> tuple[tuple[str, ...], ...]:
    """What a contact is met by: valid e-mails first, then phones together with the name."""
    emails, phones = [], []
    for part, _label, _value, key, valid in points:
        if part == "email" and valid:
            emails.append((part, key))
        elif part == "phone":
            phones.append((part, key, name))
    return (*emails, *phones)


_NOBODY = {
    "contact": "names nobody: no name, e-mail, phone or profile",
    "company": "names no company: no name, domain or web page",
    "deal": "has no title",
}


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


def _member_column(cells: Cells, members: Members) -> list[MemberValue | None]:
    names = columns.texts(cells.columns[members.place])
    labels = columns.labels(cells, members.label_place, None)
    return [
        MemberValue(name, label) if name else None
        for name, label in zip(names, labels, strict=True)
    ]


# --- what follows from other values


def _contact_values(found: Values, points: Sequence[Points], count: int) -> Values:
    """The full name from its parts; the parts from the name where the file has no such columns."""
    blank: Sequence[Any] = (None,) * count
    parts = [found.get(part, blank) for part in NAME_PARTS]
    given = found.get("name", blank)
    if any(part in found for part in NAME_PARTS):
        names = [name or _joined(each) for name, *each in zip(given, *parts, strict=True)]
    else:
        names = list(given)
        split_names = [split(name) if name else _NO_NAME for name in names]
        parts = [[name[place] or None for name in split_names] for place in range(len(NAME_PARTS))]
    found["name"] = [name or _reached(each) for name, each in zip(names, points, strict=True)]
    found.update(zip(NAME_PARTS, parts, strict=True))
    return found


_NO_NAME = Name()
_REACHED = ("email", "phone", "social", "url")


def _joined(parts: Sequence[str | None]) -> str:
    return join(Name(*(part or "" for part in parts)))


def _reached(points: Points) -> str | None:
    """What a contact without a name is called: how they are reached."""
    best = min(points, key=lambda point: _REACHED.index(point.part), default=None)
    return best.value if best else None


def _company_values(found: Values, points: Sequence[Points], count: int) -> Values:
    """The domain from the home page where the file has no such column; the name from the domain."""
    if "domain" not in found:
        found["domain"] = [_page_domain(each) for each in points]
    names = found.get("name", (None,) * count)
    found["name"] = [
        name or domain or _reached(each)
        for name, domain, each in zip(names, found["domain"], points, strict=True)
    ]
    return found


def _page_domain(points: Points) -> str | None:
    page = next((point.value for point in points if point.part == "url" and point.valid), None)
    return columns.page_domain(page) if page else None


def _deal_values(found: Values, points: Sequence[Points], count: int) -> Values:
    for name in ("title", "stage_since", "closed_at"):
        found.setdefault(name, (None,) * count)
    return found


_DERIVE = {"contact": _contact_values, "company": _company_values, "deal": _deal_values}
