"""New records of a file that may be one with another: asked as at the door, listed, never merged.

A row is compared with what is there, which the rows of earlier chunks are by then, and with the
rows before it in its chunk. Where there was nothing before the import, only rows are asked about
that share a key with one before them: each key leaves a mark at its hash, so that memory is the
same for any length.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmcli.actions.door import ASKED, REACHED_BY, Newcomer, alike, name_key
from crmcli.exchange.layout import Layout
from crmcli.exchange.rows import Entry, RowValues
from crmcli.results import NearMatch
from crmcli.values.organisations import beginning

if TYPE_CHECKING:
    from crmcli.fields import Record
    from crmcli.store.write import Writer

Row = Entry | RowValues

_MARKS = 1 << 25  # a million rows mark a tenth of them, so that few rows are asked about in vain


class Near(NamedTuple):
    """A row, and what it may mean: a record, by its id, or a row before it in its chunk."""

    row: Row
    other: int | Row
    why: str

    def reason(self, record: Record) -> str:
        """Why the row does not go in where such rows are refused."""
        if isinstance(self.other, int):
            return f"may be {record.handle(self.other)} already: {self.why}"
        return f"may be the same as line {self.other.line}: {self.why}"

    def match(self, record: Record) -> NearMatch:
        """For the summary, once both rows have become records."""
        line, name = self.row.line, str(self.row.values[0])
        if isinstance(self.other, int):
            return NearMatch(line, name, record.handle(self.other), self.why)
        id = self.other.id if isinstance(self.other, Entry) else None
        return NearMatch(line, name, record.handle(id or 0), self.why, self.other.line)


class Nearness:
    """Compares what is new with what is there, and with the rows before it."""

    def __init__(self, writer: Writer, layout: Layout) -> None:
        self._writer, self._record = writer, layout.record
        self._asks = layout.record.name in ASKED
        self._company = layout.record.name == "company"
        self._places = {name: place for place, name in enumerate(layout.names)}
        empty = self._asks and writer.next_id(layout.record.table) == 1
        self._marks = bytearray(_MARKS) if empty else None
        # Rows of one e-mail are one person, but for those that another program tells apart by ids.
        told_apart = self._company or layout.external is not None
        self._parts = ("phone",) if empty and not told_apart else REACHED_BY

    def of(self, rows: Sequence[Row]) -> list[Near]:
        """The rows that may mean what is there, or what a row before them means, each with the
        likeliest. To be asked once about each row, before it becomes a record."""
        if not self._asks:
            return []
        keys, owners = self._keys(rows)
        shared = set(keys) if self._marks is None else _marked(self._marks, keys)
        sharing = {id(row) for key, row in zip(keys, owners, strict=True) if key in shared}
        asked = [row for row in rows if id(row) in sharing] if sharing else []
        newcomers = [self._newcomer(row, shared) for row in asked]
        found = alike(self._writer, self._record, newcomers, together=True)
        return [
            Near(row, asked[~id] if id < 0 else id, ", ".join(why))
            for row, known in zip(asked, found, strict=True)
            for id, why in known[:1]
        ]

    def _keys(self, rows: Sequence[Row]) -> tuple[list[str], list[Row]]:
        """What rows may have in common with others, and beside it the row of each."""
        keys = [self._name(row) for row in rows] if self._company else [row.key for row in rows]
        keys += [point.key for row in rows for point in row.points if point.part in self._parts]
        owners = [*rows, *(row for row in rows for p in row.points if p.part in self._parts)]
        for row in rows if self._company else ():
            if domain := self._value(row, "domain"):
                keys.append(domain)
                owners.append(row)
        return keys, owners

    def _name(self, row: Row) -> str:
        """What its name has to share with another's: all of it, of a company the beginning."""
        return beginning(row.key) if self._company else row.key

    def _newcomer(self, row: Row, shared: set[str]) -> Newcomer:
        """What is asked about a row: those of its keys that are shared."""
        name = str(row.values[0]) if self._name(row) in shared else ""
        key = name_key(self._record, name) if self._company and name else row.key if name else ""
        points = [
            (point.part, point.key)
            for point in row.points
            if point.part in self._parts and point.key in shared
        ]
        domain, birthday = (self._value(row, name) for name in ("domain", "birthday"))
        return Newcomer(name, key, points, domain, birthday)

    def _value(self, row: Row, name: str) -> str | None:
        place = self._places.get(name)
        return None if place is None else row.values[place]


def _marked(marks: bytearray, keys: Iterable[str]) -> set[str]:
    """Mark keys; returns those that were marked before, and the few whose mark is another's."""
    found, last = set(), len(marks) - 1
    for key in keys:
        place = hash(key) & last
        if marks[place]:
            found.add(key)
        else:
            marks[place] = 1
    return found
