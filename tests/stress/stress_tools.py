"""What holds of a database after many writers or a crash, whatever they did."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import engines
from tests.surroundings import context_at

from crmcli.actions import household
from crmcli.catalog import RECORDS

Row = dict[str, Any]

# Rows that are there without an entry in the journal: users are made as they write, and logs.
_UNTOLD = ("app_user", "import_batch")
_HELPERS = (
    "contact_point", "address", "tagging", "deal_contact", "activity_participant", "stage_change",
    "link",
)  # fmt: skip


def check_sound(db: Path) -> None:
    """The file is whole, references lead to rows, the index agrees, and every view can be read."""
    context = context_at(db)
    try:
        household.db_check(context)
        for record in RECORDS:
            there = context.reader.scalar(f"SELECT count(*) FROM {record.plural}")
            assert there == context.reader.scalar(f"SELECT count(*) FROM {record.table}")
    finally:
        context.close()


def check_journal(db: Path) -> int:
    """History and records agree: playing the journal gives what the tables hold, and every change
    begins where the one before it ended, so that none was lost. How many changes were played."""
    changes = engines.ask(
        db, "SELECT tbl, row_id, last_id, op, before, after FROM change ORDER BY id"
    )
    said: dict[tuple[str, int], Row] = defaultdict(dict)
    made: dict[str, set[int]] = defaultdict(set)
    for table, first, last, op, before, after in changes:
        if op == "create":
            assert made[table].isdisjoint(range(first, last + 1)), f"{table} {first} made twice"
            made[table].update(range(first, last + 1))
        for id in range(first, last + 1) if op != "create" else ():
            _play(said[table, id], json.loads(before), json.loads(after), f"{table} {id}")
    tables = [record.table for record in RECORDS if record.table not in _UNTOLD]
    for table in (*tables, *_HELPERS):
        _compare(db, table, made[table], said)
    return len(changes)


def _play(row: Row, before: Row, after: Row, what: str) -> None:
    for name, value in before.items():
        # When a row was deleted is in `after`; an undo says what it knows of the deletion.
        if name in row and name != "deleted_at":
            assert row[name] == value, f"{what}: {name} was {row[name]!r}, not {value!r}"
    row.update(after)


def _compare(db: Path, table: str, made: set[int], said: dict[tuple[str, int], Row]) -> None:
    rows, names = engines.ask_with_names(db, f"SELECT * FROM {table}")
    held = {row[names.index("id")]: dict(zip(names, row, strict=True)) for row in rows}
    assert made <= set(held), f"{table}: {sorted(made - set(held))} are gone"
    assert set(held) - made <= _seeded(table), f"{table}: rows that the journal does not know"
    for id, row in held.items():
        for name, value in said.get((table, id), {}).items():
            assert row[name] == value, f"{table} {id}: {name} is {row[name]!r}, not {value!r}"


def _seeded(table: str) -> set[int]:
    """The rows that a new database has."""
    return set(range(1, 10)) if table in ("pipeline", "stage") else set()


def check_no_duplicates(db: Path) -> None:
    """Names that are unique are, and so are e-mails, tags of a record and members."""
    for what, sql in _UNIQUE.items():
        assert engines.ask(db, f"{sql} HAVING count(*) > 1") == [], f"{what} twice"


_LIVE = "WHERE deleted_at IS NULL"
_UNIQUE = {
    "a tag": f"SELECT name_key FROM tag {_LIVE} GROUP BY name_key",
    "a company": f"SELECT name_key FROM company {_LIVE} GROUP BY name_key",
    "a user": f"SELECT name_key FROM app_user {_LIVE} GROUP BY name_key",
    "a tag of a record": "SELECT tag_id, record, record_id FROM tagging"
    f" {_LIVE} GROUP BY tag_id, record, record_id",
    "an e-mail": "SELECT p.key FROM contact_point p JOIN contact c ON c.id = p.contact_id"
    " WHERE p.deleted_at IS NULL AND c.deleted_at IS NULL AND p.kind = 'email' GROUP BY p.key",
    "a primary e-mail": "SELECT contact_id FROM contact_point"
    f" {_LIVE} AND is_primary = 1 AND kind = 'email' GROUP BY contact_id",
}


def lines(path: Path) -> Iterator[Row]:
    """The JSON lines of a file that a worker wrote."""
    with path.open() as file:
        yield from map(json.loads, file)
