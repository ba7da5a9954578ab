"""The journal: who changed what and when, so that everything can be shown, undone and redone.

Journal rows are written by `crmcli.store.write` itself and never by a command.
"""

from typing import ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from crmcli.models.base import (
    About,
    Moment,
    RecordRow,
    Text,
    Virtual,
    Whole,
    derived,
    fact,
    internal,
    partial_index,
)


class ChangeSet(SQLModel, table=True):
    """One write: all that a command changed.

    `kind` is write, import, undo, redo, purge or erase; `undo_of` names the change set that this
    one took back, and `undone_by` the one that took this one back; `state` is done, unfinished
    while an import is still committing its chunks, or purged when all that it changed was removed
    for good.
    """

    __tablename__ = "change_set"
    __table_args__ = (Index("ix_change_set_user", "user_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: str
    user_id: int | None = internal(foreign="app_user.id")
    command: str
    reason: str | None = None
    kind: str = "write"
    state: str = "done"
    undo_of: int | None = internal(foreign="change_set.id")
    undone_by: int | None = internal(foreign="change_set.id")


class Change(SQLModel, table=True):
    """What a change set did to one row, or to a run of rows with consecutive ids.

    `op` is create, update, delete, restore, or purge for a record that was removed for good. A
    creation stores the table and the ids only, an update the changed columns before and after, as
    JSON objects.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_change_set_id", "change_set_id"),
        Index("ix_change_row", "tbl", "row_id"),
        partial_index("ix_change_run", "tbl", "row_id", "last_id", where="last_id > row_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    change_set_id: int = internal(required=True, foreign="change_set.id")
    tbl: str
    row_id: int
    last_id: int
    op: str
    before: str | None = None
    after: str | None = None


class ImportBatch(RecordRow, table=True):
    """A file that was imported, and what came of it."""

    __tablename__ = "import_batch"
    about: ClassVar[About] = About(
        noun="import",
        plural="imports",
        letter="i",
        help="A file that was imported, and what came of it.",
        title="file",
        order=("-id",),
        owned=False,
    )

    file: Text = fact("The file's name.", required=True, readonly=True, listed=True)
    sha256: Text = fact("The SHA-256 of the file.", required=True, readonly=True, label="SHA-256")
    record: Text = fact("The record type.", required=True, readonly=True, listed=True)
    change_set_id: int = internal(required=True, foreign="change_set.id")
    read: Whole = fact("Rows read.", default=0, readonly=True, listed=True)
    made: Whole = fact(
        "Records made.", default=0, readonly=True, listed=True, name="created_rows", label="Created"
    )
    changed: Whole = fact(
        "Records changed.",
        default=0,
        readonly=True,
        listed=True,
        name="updated_rows",
        label="Updated",
    )
    created_at: Moment = fact(
        "When it was imported.",
        required=True,
        readonly=True,
        listed=True,
        name="created",
        label="When",
    )
    user: ClassVar[Virtual] = derived(
        "text",
        "(SELECT u.name FROM change_set s JOIN app_user u ON u.id = s.user_id"
        " WHERE s.id = t.change_set_id)",
        "Who imported it.",
        listed=True,
        label="By",
    )
    state: ClassVar[Virtual] = derived(
        "text",
        "(SELECT CASE WHEN s.undone_by IS NULL THEN s.state ELSE 'undone' END FROM change_set s"
        " WHERE s.id = t.change_set_id)",
        "done, undone, or unfinished after an interruption.",
        listed=True,
    )
    unchanged: Whole = fact("Rows that changed nothing.", default=0, readonly=True, listed=True)
    skipped: Whole = fact("Rows left out.", default=0, readonly=True)
    rejected: Whole = fact("Rows set aside.", default=0, readonly=True, listed=True)
    warnings: Whole = fact("Values kept as typed.", default=0, readonly=True)
    hash: ClassVar[Virtual] = derived(
        "text", "substr(t.sha256, 1, 12)", "How its SHA-256 begins.", listed=True, label="Hash"
    )


class Meta(SQLModel, table=True):
    """Facts about the database itself."""

    __tablename__ = "meta"

    name: str = Field(primary_key=True)
    value: str
