"""Removing rows for good: out of their tables, the history, the logs of reminders and the index.

What goes is gathered first, as (table, id) in `temp.doomed`, by SQL over whole sets. What is still
referred to is either left alone (`Removal.doom_deleted`, for a purge) or let go of
(`Removal.release`, for the erasing of a person). `Removal.carry_out` then removes it, within the
same transaction, with foreign keys on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import models
from crmcli.catalog import BY_TABLE
from crmcli.errors import DatabaseBusy
from crmcli.store import connect, health, search
from crmcli.store.faults import explained
from crmcli.store.location import Location
from crmcli.store.undo import OWNED, without
from crmcli.store.write import Writer, runs

if TYPE_CHECKING:
    from sqlalchemy import Table

# Rows that go with what holds them: (table, column, table of the holder).
_OWNED = (*OWNED, ("task_item", "task_id", "task"), ("tagging", "tag_id", "tag"))
_POINTERS = (*health.POINTERS, ("delivery", "record", "record_id"))
# The values of a deleted field stay with the records that have them, and so must what they mean.
_NEVER_PURGED = ("custom_field",)
_FEW = 20  # records whose references are looked up without an index for it

NOTHING_TO_SEND = '{"items": [], "beside": []}'
"""What is left of a message that was sent."""


class Reference(NamedTuple):
    """A foreign key. required: its column cannot be emptied."""

    table: str
    column: str
    target: str
    required: bool


def references(tables: Iterable[Table]) -> list[Reference]:
    """Every foreign key of the tables."""
    return [
        Reference(table.name, column.name, _target(column.info["foreign"]), not column.nullable)
        for table in tables
        for column in table.c
        if "foreign" in column.info
    ]


def _target(foreign: str) -> str:
    return foreign.partition(".")[0]


@contextmanager
def whole_indexes(cursor: search.Cursor, wanted: Iterable[Reference]) -> Iterator[None]:
    """Have the references whole indexes while many rows that they lead to are deleted.

    The indexes of the schema are over live rows, of which a foreign key can make no use: each row
    that goes would cost a look at whole tables.
    """
    made = []
    for table, column, *_ in wanted:
        made.append(f"removal_{table}_{column}")
        cursor.execute(f"CREATE INDEX {made[-1]} ON {table} ({column})")
    yield
    for index in made:
        cursor.execute(f"DROP INDEX {index}")


class Removal:
    """What is to be removed for good within one write."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._tables = models.load_all()[0].metadata.sorted_tables
        self._references = references(self._tables)
        for name in ("doomed", "spared"):
            writer.execute(
                f"CREATE TEMP TABLE {name} (tbl TEXT, id INTEGER, PRIMARY KEY (tbl, id))"
            )

    # --- what goes

    def doom(self, table: str, condition: str, params: Sequence[Any] = ()) -> None:
        """Add the rows `t` of a table for which a condition holds."""
        self._writer.execute(
            f"INSERT INTO temp.doomed SELECT '{table}', t.id FROM {table} t WHERE {condition}"
            " ON CONFLICT DO NOTHING",
            params,
        )

    def doom_deleted(self, before: str) -> dict[str, int]:
        """Add all that was deleted before a moment and that nothing which stays refers to.

        Returns how many rows of which tables are spared because something does.
        """
        self._doom_spared_out(before)
        while self._spare():
            self._doom_spared_out(before)
        return self._counts("spared")

    def _doom_spared_out(self, before: str) -> None:
        self._writer.execute("DELETE FROM temp.doomed")
        for table in self._tables:
            if "deleted_at" in table.c and table.name not in _NEVER_PURGED:
                spared = f"SELECT id FROM temp.spared WHERE tbl = '{table.name}'"
                self.doom(table.name, f"t.deleted_at < ? AND t.id NOT IN ({spared})", (before,))
        self.doom_owned()

    def _spare(self) -> bool:
        """Spare what rows that stay refer to; whether there is more of it than before."""
        before = self._counts("spared")
        for table, column, target, _required in self._leading_here():
            self._writer.execute(
                f"INSERT INTO temp.spared SELECT DISTINCT '{target}', x.{column} FROM {table} x"
                f" WHERE x.{column} IN {_ids_of(target)} AND x.id NOT IN {_ids_of(table)}"
                " ON CONFLICT DO NOTHING"
            )
        return self._counts("spared") != before

    def _leading_here(self) -> list[Reference]:
        """The foreign keys to tables of which something goes, but those of what goes with it."""
        tables = self.counts
        owned = {part[:2] for part in _OWNED}
        return [
            each for each in self._references if each.target in tables and each[:2] not in owned
        ]

    def doom_owned(self) -> None:
        """Add what belongs to the rows that go: their e-mails, tags, links, deliveries."""
        for table, column, target in _OWNED:
            self.doom(table, f"t.{column} IN {_ids_of(target)}")
        records = [BY_TABLE[table] for table in self.counts if table in BY_TABLE]
        for table, kind, column in _POINTERS:
            for record in records:
                ids = _ids_of(record.table)
                self.doom(table, f"t.{kind} = '{record.name}' AND t.{column} IN {ids}")

    def release(self) -> dict[str, set[int]]:
        """Have rows that stay refer no more to those that go; a row that is nothing but such a
        reference, as taking part in a deal, goes too.

        Returns the records that stay and were referring, by table.
        """
        stay: dict[str, set[int]] = {}
        for table, column, target, required in self._leading_here():
            if required:
                self._release_members(table, column, target, stay)
        for table, column, target, required in self._leading_here():
            if not required:
                sql = f"UPDATE {table} SET {column} = NULL WHERE {column} IN {_ids_of(target)}"
                rows = self._writer.rows(f"{sql} AND id NOT IN {_ids_of(table)} RETURNING id")
                stay.setdefault(table, set()).update(id for (id,) in rows)
        return {table: ids for table, ids in stay.items() if ids}

    def _release_members(
        self, table: str, column: str, target: str, stay: dict[str, set[int]]
    ) -> None:
        self.doom(table, f"t.{column} IN {_ids_of(target)}")
        for holding, holder, held in _OWNED:
            if holding == table:
                rows = self._writer.rows(
                    f"SELECT {holder} FROM {table} WHERE id IN {_ids_of(table)}"
                    f" AND {holder} NOT IN {_ids_of(held)}"
                )
                stay.setdefault(held, set()).update(id for (id,) in rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of which tables go."""
        return self._counts("doomed")

    def ids(self, table: str) -> set[int]:
        """The rows of a table that go."""
        sql = "SELECT id FROM temp.doomed WHERE tbl = ?"
        return {id for (id,) in self._writer.rows(sql, (table,))}

    def _counts(self, name: str) -> dict[str, int]:
        sql = f"SELECT tbl, count(*) FROM temp.{name} GROUP BY tbl ORDER BY tbl"
        return {table: int(count) for table, count in self._writer.rows(sql)}

    # --- that it goes

    def carry_out(self) -> list[int]:
        """Remove what was gathered, and write down which records went, without what they held.

        Returns the change sets that were about any of it. Raises DatabaseBusy while a reminder
        about it is being sent.
        """
        self.forget_messages(())
        told = self._forget_history()
        for table in search.SEARCHED:
            rowids = f"SELECT id * {search.SLOTS} + {search.slot(table)}"
            doomed = f"{rowids} FROM temp.doomed WHERE tbl = '{table}'"
            self._writer.execute(f"DELETE FROM search WHERE rowid IN ({doomed})")
        gone = {table: self.ids(table) for table in self.counts if table in BY_TABLE}
        self._delete(sum(map(len, gone.values())) > _FEW)
        for table, ids in gone.items():
            for first, last in runs(ids):
                self._writer.journal(table, first, "purge", last=last)
        return told

    def forget_messages(self, more: Iterable[int]) -> None:
        """Empty the messages about what goes, and those with the ids `more`; those that were not
        sent yet go, so that the next run plans what is left of them anew."""
        sql = f"SELECT message_id FROM delivery WHERE id IN {_ids_of('delivery')}"
        for id in {id for (id,) in self._writer.rows(sql)} | {*more}:
            state = self._writer.scalar("SELECT state FROM reminder_message WHERE id = ?", (id,))
            if state == "sending":
                raise DatabaseBusy(
                    "a reminder about it is being sent just now",
                    hint="try again in a minute; `crm remind` takes over what was cut off",
                )
            if state in ("sent", "failed"):
                self._writer.execute(
                    "UPDATE reminder_message SET payload = ? WHERE id = ?", (NOTHING_TO_SEND, id)
                )
            else:
                self.doom("reminder_message", "t.id = ?", (id,))
        self.doom("delivery", f"t.message_id IN {_ids_of('reminder_message')}")

    def _forget_history(self) -> list[int]:
        """Take what happened to the rows out of the change sets; returns these."""
        gone = "EXISTS (SELECT 1 FROM temp.doomed d WHERE d.tbl = c.tbl AND d.id"
        sets = [
            id
            for (id,) in self._writer.rows(
                "SELECT DISTINCT c.change_set_id FROM change c"
                f" WHERE {gone} BETWEEN c.row_id AND c.last_id)"
            )
        ]
        self._shorten_runs()
        single = f"SELECT c.id FROM change c WHERE c.last_id = c.row_id AND {gone} = c.row_id)"
        self._writer.execute(f"DELETE FROM change WHERE id IN ({single})")
        self._writer.executemany(
            "UPDATE change_set SET state = 'purged' WHERE id = ?"
            " AND NOT EXISTS (SELECT 1 FROM change c WHERE c.change_set_id = change_set.id)",
            [(id,) for id in sets],
        )
        return sets

    def _shorten_runs(self) -> None:
        """Have entries about runs of rows be about those that stay."""
        for id, change_set, table, first, last, op, before, after in self._writer.rows(
            "SELECT c.id, c.change_set_id, c.tbl, c.row_id, c.last_id, c.op, c.before, c.after"
            " FROM change c WHERE c.last_id > c.row_id AND EXISTS (SELECT 1 FROM temp.doomed d"
            " WHERE d.tbl = c.tbl AND d.id BETWEEN c.row_id AND c.last_id)"
        ):
            rows = self._writer.rows(
                "SELECT id FROM temp.doomed WHERE tbl = ? AND id BETWEEN ? AND ?",
                (table, first, last),
            )
            self._writer.execute("DELETE FROM change WHERE id = ?", (id,))
            for low, high in without(first, last, {gone for (gone,) in rows}):
                self._writer.insert_log(
                    "change",
                    {
                        "change_set_id": change_set,
                        "tbl": table,
                        "row_id": low,
                        "last_id": high,
                        "op": op,
                        "before": before,
                        "after": after,
                    },
                )

    def _delete(self, many: bool) -> None:
        """Delete the rows, each table before those that it refers to."""
        tables = self.counts
        wanted = [each for each in self._references if many and each.target in tables]
        with whole_indexes(self._writer, wanted):
            for each in reversed(self._tables):
                if each.name in tables:
                    rows = f"id IN {_ids_of(each.name)}"
                    self._writer.execute(f"DELETE FROM {each.name} WHERE {rows}")


def _ids_of(table: str) -> str:
    """The rows of a table that go, as a list in SQL."""
    return f"(SELECT id FROM temp.doomed WHERE tbl = '{table}')"


def forget_words(writer: Writer) -> None:
    """Have the search index, once it is current, keep no word of what was removed from it."""
    writer.finish()
    if writer.location.url:
        from crmcli.store import postgres

        for statement in postgres.FORGET_WORDS:
            writer.execute(statement)
        return
    writer.execute("INSERT INTO search(search) VALUES ('optimize')")


def compact(location: Location) -> None:
    """Write a file anew, so that no free page holds what was removed; a server sees to its own.

    Raises DatabaseBusy and DatabaseError, as where the disk has no room for a second copy.
    """
    if location.url:
        return
    with explained(location), closing(connect.connect(location)) as connection:
        connect.patiently(lambda: connection.execute("VACUUM"))
