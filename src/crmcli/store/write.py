"""Writing: one transaction, one change set, every row validated and recorded.

`writing(…)` takes the write lock before anything is read. Rows go through their SQLModel class
(`create`, `update`, `delete`, `restore`); bulk SQL goes through `execute`/`executemany` and reports
the runs of ids that it made. At the end the search index follows, and all is committed at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import models
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.errors import Conflict, CrmError, InvalidValue, NotFound
from crmcli.store import connect, schema, search
from crmcli.store.faults import explained, translate
from crmcli.store.inside import Inside
from crmcli.store.location import Location
from crmcli.values.text import clean, sort_key

if TYPE_CHECKING:
    from sqlmodel import Session, SQLModel

Values = Mapping[str, Any]

# Columns that say where a row of a helper table belongs, so that its record is touched with it.
_HOLDERS = {
    "contact_point": (("contact_id", "contact"), ("company_id", "company")),
    "address": (("contact_id", "contact"), ("company_id", "company")),
    "deal_contact": (("deal_id", "deal"),),
    "activity_participant": (("activity_id", "activity"),),
}
_KEYS = {"name": "name_key", "title": "title_key", "city": "city_key"}
_BOOKKEEPING = ("updated_at", "version")

NEW = "new"
"""Among the columns of an edit: the row was made."""


class Author(NamedTuple):
    """Who writes, when (a stored moment), by which command, and why."""

    user: str
    now: str
    command: str
    reason: str | None = None
    kind: str = "write"
    undo_of: int | None = None


@contextmanager
def writing(location: Location, author: Author, *, keep: bool = True) -> Iterator[Writer]:
    """A write to the database at `location`, which is made if it is not there yet.

    Everything in the block is one transaction; an exception takes all of it back, and so does
    `keep=False` at its end, for a dry run.
    Raises DatabaseBusy after `read.PATIENCE` seconds, or another DatabaseError.
    """
    schema.ensure(location, author.now)
    if author.kind != "import":
        _load_the_orm()
    with explained(location):
        bulk = author.kind == "import"
        connection = connect.begun(location, bulk=bulk, checked=not bulk)
    with (
        connect.all_or_nothing(connection),
        closing(Writer(connection, location, author)) as writer,
    ):
        yield writer
        with explained(location):
            writer.finish()
            if keep:
                connect.commit(connection)


def _load_the_orm() -> None:
    """Import what takes its time before the lock is taken, lest everybody wait for it. Imports of
    files do without."""
    import sqlmodel  # noqa: F401
    from sqlalchemy.dialects import sqlite  # noqa: F401


class Writer(Inside):
    """The inside of one write of records, whose changes it keeps in the journal.

    edits: by table and id the columns that changed, `NEW` for a row that was made; for a record
    also those of what belongs to it (`email.key`, `address.city`), and `tagging`.
    """

    def __init__(self, connection: Any, location: Location, author: Author) -> None:
        super().__init__(connection, location)
        self.author = author
        self.change_set: int | None = None
        self._session: Session | None = None
        self._user_id: int | None = None
        self._touched: dict[str, set[int]] = {}
        self._runs: list[tuple[str, int, int]] = []
        self._changed: list[tuple[str, int, int]] = []
        self._made: list[tuple[str, int, int]] = []
        self.edits: dict[str, dict[int, set[str]]] = {}

    def raw(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """Run one statement; what the driver raises is passed on as it is."""
        return self._connection.execute(sql, params)

    # --- writing rows

    def create(self, table: str, given: Values) -> int:
        """Validate and insert a row of `table`; returns its id.

        Raises InvalidValue for a value its column cannot hold, Conflict for one that is taken.
        """
        model = models.table(table)
        row = self._validated(model, {**given, **self._filled(model, given, new=True)})
        self._flush(row, table)
        id = int(row.id)  # type: ignore[attr-defined]
        self.journal(table, id, "create")
        self._made.append((table, id, id))
        self._edited(table, id, (NEW,))
        self._touch(table, id, given, given)
        return id

    def update(self, table: str, id: int, changes: Values) -> dict[str, Any]:
        """Change columns of a row; returns the old values of those that really changed.

        Raises NotFound when there is no such row, InvalidValue and Conflict as `create`.
        """
        model = models.table(table)
        row = self._get(model, table, id)
        before = {name: getattr(row, name) for name in changes}
        changed = {name: value for name, value in changes.items() if before[name] != value}
        if not changed:
            return {}
        full = {**changed, **self._filled(model, changed, new=False)}
        old = {name: getattr(row, name) for name in full}
        checked = self._validated(model, {**row.model_dump(), **full})
        for name in full:
            setattr(row, name, getattr(checked, name))
        self._flush(row, table)
        new = {name: getattr(row, name) for name in full}
        self.journal(table, id, "update", _without_bookkeeping(old), _without_bookkeeping(new))
        self._touch(table, id, {**row.model_dump(), **old}, changed)
        self._touch(table, id, row.model_dump(), changed)
        return {name: old[name] for name in changed}

    def delete(self, table: str, id: int) -> None:
        """Delete a row softly: it leaves every list, and `restore` brings it back."""
        self._set_deleted(table, id, self.author.now, "delete")

    def restore(self, table: str, id: int) -> None:
        """Bring a deleted row back. Raises Conflict when its name was taken in between."""
        self._set_deleted(table, id, None, "restore")

    def _set_deleted(self, table: str, id: int, moment: str | None, op: str) -> None:
        model = models.table(table)
        row = self._get(model, table, id)
        before = getattr(row, "deleted_at")  # noqa: B009 - not on every model
        if (before is None) == (moment is None):
            return
        setattr(row, "deleted_at", moment)  # noqa: B010
        self._flush(row, table)
        self.journal(table, id, op, {"deleted_at": before}, {"deleted_at": moment})
        self._touch(table, id, row.model_dump(), {"deleted_at": moment})

    # --- the journal

    def journal(
        self,
        table: str,
        id: int,
        op: str,
        before: Values | None = None,
        after: Values | None = None,
        *,
        last: int | None = None,
    ) -> None:
        """Record what happened to row `id` of `table`, or to the rows `id` to `last`."""
        self.insert_log(
            "change",
            {
                "change_set_id": self.begin_change_set(),
                "tbl": table,
                "row_id": id,
                "last_id": last or id,
                "op": op,
                "before": _json(before),
                "after": _json(after),
            },
        )

    def created_run(self, table: str, first: int, last: int) -> None:
        """Record that bulk SQL made the rows `first` to `last` of `table`."""
        if last < first:
            return
        if self.location.url:
            connect.count_on(self._connection, table, last)
            self._connection.grown(table, last)
        self.journal(table, first, "create", last=last)
        self._made.append((table, first, last))
        if table in search.SEARCHED:
            self._runs.append((table, first, last))

    def touched(self, table: str, first: int, last: int) -> None:
        """Have the versions and the search index follow the records `first` to `last`."""
        if table in BY_TABLE:
            self._changed.append((table, first, last))
        if table in search.SEARCHED:
            self._runs.append((table, first, last))

    def next_id(self, table: str) -> int:
        """The id that the next new row of `table` gets; ids of purged records count as used."""
        with explained(self.location):
            return connect.next_id(self._connection, table)

    def count_on(self, table: str, last: int) -> None:
        """Let the next new row of `table` get an id above `last`."""
        with explained(self.location):
            connect.count_on(self._connection, table, last)

    def begin_change_set(self) -> int:
        """The id of this write's change set, made at the first change."""
        if self.change_set is None:
            author = self.author
            self.change_set = self.insert_log(
                "change_set",
                {
                    "at": author.now,
                    "user_id": self.user_id,
                    "command": clean(author.command),
                    "reason": author.reason,
                    "kind": author.kind,
                    "state": "done",
                    "undo_of": author.undo_of,
                },
            )
        return self.change_set

    @property
    def user_id(self) -> int:
        """The id of the user who writes; made a user at the first write."""
        if self._user_id is None:
            self._user_id = self._find_user() or self.insert_log(
                "app_user",
                {
                    "name": self.author.user,
                    "name_key": sort_key(self.author.user),
                    "active": 1,
                    "version": 1,
                    "created_at": self.author.now,
                    "updated_at": self.author.now,
                },
            )
        return self._user_id

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of the write that is taken back by itself where it fails; the error goes on."""
        self.begin_change_set()
        made, changed = len(self._made), len(self._changed)
        self.execute("SAVEPOINT attempt")
        try:
            yield
        except CrmError:
            self.session.rollback()  # of what it holds: the transaction is ours
            self.execute("ROLLBACK TO attempt")
            del self._made[made:], self._changed[changed:]
            self.edits.clear()
            raise
        finally:
            self.execute("RELEASE attempt")

    # --- the end

    def finish(self) -> None:
        """Have the versions and the search index follow what was touched."""
        self._count_versions()
        touched = [(table, *run) for table, ids in self._touched.items() for run in runs(ids)]
        for table, first, last in joined([*touched, *self._runs]):
            search.refresh(self, table, first, last)
        self._touched.clear()
        self._runs.clear()

    def _count_versions(self) -> None:
        """Raise the version of each record that was there and changed, also when only an e-mail,
        an address or a tag of it did: once for each change set."""
        made = joined(self._made)
        for table, first, last in joined(self._changed):
            fresh = [(low, high) for name, low, high in made
                     if name == table and low <= last and high >= first]  # fmt: skip
            if any(low <= first and last <= high for low, high in fresh):
                continue
            spared = "".join(f" AND id NOT BETWEEN {low} AND {high}" for low, high in fresh)
            self.execute(
                f"UPDATE {table} SET version = version + 1, updated_at = ?"
                f" WHERE id BETWEEN ? AND ?{spared}",
                (self.author.now, first, last),
            )
        self._changed.clear()

    def commit_chunk(self) -> None:
        """Commit what was written so far, and let other processes in until `begin_chunk`.

        For long imports, whose change set is marked as unfinished until the last chunk.
        """
        with explained(self.location):
            self.finish()
            connect.commit(self._connection)

    def begin_chunk(self) -> None:
        """Begin the next transaction of a write that was committed in part."""
        with explained(self.location):
            connect.begin(self._connection, bulk=True)

    def close(self) -> None:
        """Let go of the ORM."""
        if self._session is not None:
            self._session.close()

    # --- how

    def _find_user(self) -> int | None:
        found: int | None = self.scalar(
            "SELECT id FROM app_user WHERE name_key = ? AND deleted_at IS NULL",
            (sort_key(self.author.user),),
        )
        return found

    @property
    def session(self) -> Session:
        """The SQLModel session over this transaction."""
        if self._session is None:
            from sqlmodel import Session

            self._session = Session(connect.borrowed(self._connection), autoflush=False)
        return self._session

    def _get(self, model: type[SQLModel], table: str, id: int) -> Any:
        row = self.session.get(model, id, populate_existing=True)
        if row is None:
            record = BY_TABLE.get(table)
            raise NotFound(f"there is no {record.handle(id) if record else f'{table} {id}'}")
        return row

    def _validated(self, model: type[SQLModel], row: Values) -> SQLModel:
        from pydantic import ValidationError

        try:
            return model.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or str(model.__tablename__)
            raise InvalidValue(f"{name}: {_reason(first['msg'])}") from error

    def _filled(self, model: type[SQLModel], given: Values, *, new: bool) -> dict[str, Any]:
        """The columns that the writer itself keeps."""
        filled: dict[str, Any] = {}
        for name, key in _KEYS.items():
            if key in model.model_fields and name in given:
                text = given[name]
                filled[key] = sort_key(text) if text and isinstance(text, str) else None
        if "updated_at" in model.model_fields:
            filled["updated_at"] = self.author.now
            if new:
                filled["created_at"] = given.get("created_at", self.author.now)
        return filled

    def _flush(self, row: Any, table: str) -> None:
        from sqlalchemy.exc import DBAPIError, IntegrityError

        try:
            self.session.add(row)
            self.session.flush()
        except IntegrityError as error:
            raise _conflict(table, error) from error
        except DBAPIError as error:
            cause = error.orig if isinstance(error.orig, Exception) else error
            raise translate(cause, self.location) from error

    def _touch(self, table: str, id: int, row: Values, changed: Values) -> None:
        """Remember which records' versions and index rows must follow."""
        self.touched(table, id, id)
        self._edited(table, id, changed)
        part = row.get("kind", table)
        for column, holder in _HOLDERS.get(table, ()):
            if row.get(column):
                self.touched(holder, int(row[column]), int(row[column]))
                self._edited(holder, int(row[column]), (f"{part}.{name}" for name in changed))
        if table == "tagging":
            bearer = int(row["record_id"])
            self.touched(BY_NAME[row["record"]].table, bearer, bearer)
            self._edited(BY_NAME[row["record"]].table, bearer, (table,))
        if table == "tag" and "name" in changed:
            for noun, bearer in self.rows(
                "SELECT record, record_id FROM tagging WHERE tag_id = ?", (id,)
            ):
                self._touched.setdefault(BY_NAME[noun].table, set()).add(int(bearer))
        for other, column in search.dependents(table, changed):
            ids = self.rows(f"SELECT id FROM {other} WHERE {column} = ?", (id,))
            self._touched.setdefault(other, set()).update(int(found[0]) for found in ids)

    def _edited(self, table: str, id: int, what: Iterable[str]) -> None:
        if table in BY_TABLE:
            self.edits.setdefault(table, {}).setdefault(id, set()).update(what)


def runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Ids as runs of consecutive ones: {1, 2, 3, 7} -> [(1, 3), (7, 7)]."""
    found: list[tuple[int, int]] = []
    for id in sorted(ids):
        if found and found[-1][1] == id - 1:
            found[-1] = (found[-1][0], id)
        else:
            found.append((id, id))
    return found


def joined(spans: Iterable[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Runs of ids by table, from first to last, with those that meet or overlap made one."""
    found: list[tuple[str, int, int]] = []
    for table, first, last in sorted(spans):
        if found and found[-1][0] == table and first <= found[-1][2] + 1:
            found[-1] = (table, found[-1][1], max(found[-1][2], last))
        else:
            found.append((table, first, last))
    return found


def _without_bookkeeping(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _BOOKKEEPING}


def _json(row: Values | None) -> str | None:
    return None if row is None else json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")


def _conflict(table: str, error: Exception) -> Conflict:
    record = BY_TABLE.get(table)
    noun = record.name if record else table
    said = str(getattr(error, "orig", error))
    if "unique" in said.lower():
        hint = f"`crm {record.plural}` lists what there is" if record else None
        details = {"constraint": said}
        return Conflict(f"there is already a {noun} of that name", hint=hint, details=details)
    return Conflict(f"the {noun} would break a rule of the database: {said}")
