"""New records of a file that may be there already: asked as at the door, listed, never merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.actions.door import ASKED, REACHED_BY, Newcomer, alike
from crmcli.exchange.layout import Layout
from crmcli.exchange.rows import Entry, RowValues
from crmcli.results import NearMatch

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Row = Entry | RowValues


class Nearness:
    """Compares what is new with what was there before the import."""

    def __init__(self, writer: Writer, layout: Layout) -> None:
        self._writer, self._record = writer, layout.record
        self._first_new = writer.next_id(layout.record.table)
        self._places = {name: place for place, name in enumerate(layout.names)}

    def of(self, rows: Sequence[Row]) -> list[tuple[int, NearMatch]]:
        """The rows that may mean a record that was there, by their places, with the likeliest."""
        if self._record.name not in ASKED or self._first_new == 1:
            return []
        found = alike(self._writer, self._record, [self._newcomer(row) for row in rows])
        near = []
        for row, known in zip(rows, found, strict=True):
            for id, why in [one for one in known if one[0] < self._first_new][:1]:
                handle, name = self._record.handle(id), str(row.values[0])
                near.append((row.place, NearMatch(row.line, name, handle, ", ".join(why))))
        return near

    def _newcomer(self, row: Row) -> Newcomer:
        points = [(point.part, point.key) for point in row.points if point.part in REACHED_BY]
        domain, birthday = (self._value(row, name) for name in ("domain", "birthday"))
        return Newcomer(str(row.values[0]), points, domain, birthday)

    def _value(self, row: Row, name: str) -> str | None:
        place = self._places.get(name)
        return None if place is None else row.values[place]
