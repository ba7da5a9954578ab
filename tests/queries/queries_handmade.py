"""Small databases made row by row, whose sums can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests import engines

from crmcli.store.read import Reader, open_reader
from crmcli.store.write import Author, Writer, writing
from crmcli.values import Env
from crmcli.values.text import sort_key

NOW = "2026-03-05T09:00:00Z"  # a Thursday
ENV = Env(datetime(2026, 3, 5, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "GB", "EUR", "DMY")
NEW, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST = range(1, 7)
ADA, BEN = 1, 2

_KEYS = {"name": "name_key", "title": "title_key"}
_KEYED = {
    "contact": "name", "company": "name", "deal": "title", "app_user": "name", "source": "name",
    "pipeline": "name", "stage": "name",
}  # fmt: skip
_BARE = ("stage_change", "activity_participant")
_DEFAULTS: dict[str, dict[str, Any]] = {
    "app_user": {"active": 1},
    "contact": {"status": "lead", "do_not_contact": 0},
    "deal": {"stage_since": NOW, "stage_id": NEW},
    "task": {"status": "open", "priority": "normal"},
    "activity": {"planned": 0, "type": "call", "subject": "talk"},
    "stage": {"probability": 0},
}


class Hand:
    """Puts rows into tables as they are."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def put(self, table: str, **row: Any) -> int:
        """Insert a row with its bookkeeping and key; returns its id."""
        row = {**_DEFAULTS.get(table, {}), **row}
        if table in _KEYED:
            name = _KEYED[table]
            row.setdefault(name, f"{table} {row.get('id', '')}".strip())
            row[_KEYS[name]] = sort_key(row[name])
        elif table == "task":
            row.setdefault("title", "task")
        if table not in _BARE:
            row = {"created_at": NOW, "updated_at": NOW, "version": 1, **row}
        return self.writer.insert_log(table, row)

    def deal(self, id: int, minor: int | None, currency: str | None = "EUR", **row: Any) -> int:
        """A deal."""
        code = None if minor is None else currency
        return self.put("deal", id=id, value=minor, currency=code, **row)

    def move(self, deal: int, stage: int, at: str, came_from: int | None = None) -> None:
        """A deal entered a stage."""
        self.put("stage_change", deal_id=deal, stage_id=stage, from_id=came_from, at=at)

    def talk(self, contact: int, at: str, **row: Any) -> int:
        """An activity with a contact."""
        id = self.put("activity", at=at, **row)
        self.put("activity_participant", activity_id=id, contact_id=contact)
        return id


def made(path: Path, fill: Callable[[Hand], None]) -> Reader:
    """A reader of a database at `path` with the users ada and ben and what `fill` puts there."""
    location = engines.location_of(path)
    with writing(location, Author("ada", NOW, "fill")) as writer:
        hand = Hand(writer)
        hand.put("app_user", id=ADA, name="ada")
        hand.put("app_user", id=BEN, name="ben")
        fill(hand)
    return open_reader(location)
