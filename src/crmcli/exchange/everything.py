"""`crm export everything`: all that a database holds in one archive, and that archive back again.

`contacts.csv`, `deals.csv` … are the files of `crm export` for each record type, which any program
reads. Below `tables/` are the rows as they are stored, with their ids, from which an empty database
is filled so that every record has its handle again. `manifest.json` lists all with their checksums.
What was deleted, the history and the list of imports stay behind: `crm backup` keeps those.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from crmcli import models
from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME, BY_TABLE, RECORDS
from crmcli.errors import InvalidValue
from crmcli.exchange import archives, batches
from crmcli.exchange.applying import Counts
from crmcli.exchange.extract import Extract, exported
from crmcli.exchange.opening import LONGEST_LINE, Blob, blob_at, damaged
from crmcli.exchange.placing import placed
from crmcli.exchange.writers import lines
from crmcli.fields import Record
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import select
from crmcli.results import Done
from crmcli.store.copying import is_empty, tables
from crmcli.store.read import VERSION
from crmcli.store.write import runs
from crmcli.values.spreadsheet import from_spreadsheet_safe, spreadsheet_safe

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.store.write import Writer

_PAGE = 1000
# Logs stay behind, whose rows are never deleted softly, and so does the list of imports.
_LEFT_BEHIND = "import_batch"
# The columns beside `record` that hold ids of such records.
_IDS = ("record_id", "low_id", "high_id", "into_id")
# What a new database has already, or gets with its first write, is no part of the change.
_SETUP = ("pipeline", "stage", "app_user")


class _Column(NamedTuple):
    """A column as it is stored; `ref` is the table that it refers to."""

    name: str
    read: Callable[[str], Any]
    ref: str
    required: bool


class _Table(NamedTuple):
    """A table and its columns."""

    name: str
    columns: tuple[_Column, ...]

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]

    @property
    def own_refs(self) -> list[str]:
        """The columns that refer to other rows of the same table."""
        return [column.name for column in self.columns if column.ref == self.name]


class _Written(NamedTuple):
    """A file of the archive; `holds` is a record type or, below `tables/`, a table."""

    name: str
    holds: str
    rows: int
    sha256: str


# --- out


def export_everything(ctx: Context, out: Path) -> Done:
    """Write the archive to `out`. Raises what `exporting.export` raises."""
    counts: dict[str, int] = {}
    if not ctx.dry_run:
        with placed(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            written = [*_record_files(ctx, archive), *_table_files(ctx.reader, archive)]
            _write(archive, archives.MANIFEST, [_manifest(written)])
        counts = {each.holds: each.rows for each in written if not _is_table(each)}
    else:
        ctx.reader.scalar("SELECT 1")
    data = {"file": str(out), "format": "zip", "count": sum(counts.values()), "counts": counts}
    return Done((f"Wrote everything to {out}{_counted(counts)}",), data=data, dry_run=ctx.dry_run)


def _counted(counts: Mapping[str, int]) -> str:
    main = ("contact", "company", "deal", "activity", "task")
    parts = [
        f"{counts[noun]:,} {noun if counts[noun] == 1 else BY_NAME[noun].plural}"
        for noun in main
        if counts.get(noun)
    ]
    return f": {', '.join(parts)}" if parts else ""


def _is_table(each: _Written) -> bool:
    return each.name.startswith(archives.TABLES)


def _manifest(written: Iterable[_Written]) -> str:
    files = [each._asdict() for each in written]
    document = {"format": archives.OWN, "version": 1, "schema": VERSION, "files": files}
    return json.dumps(document, ensure_ascii=False, indent=1)


def _record_files(ctx: Context, archive: zipfile.ZipFile) -> Iterator[_Written]:
    for plain in RECORDS:
        if plain.name != "import":
            record = with_custom(ctx.reader, plain)
            name = f"{record.plural}.csv"
            rows = int(
                ctx.reader.scalar(f"SELECT count(*) FROM {record.table} WHERE deleted_at IS NULL")
            )
            digest = _write(archive, name, _record_lines(ctx, record))
            yield _Written(name, record.name, rows, digest)


def _record_lines(ctx: Context, record: Record) -> Iterator[str]:
    selection = select(ctx.reader, ctx.env, record, (), None, me=ctx.user)
    return lines(Extract(ctx.reader, record, exported(record, None), selection), "csv")


def _table_files(reader: Rows, archive: zipfile.ZipFile) -> Iterator[_Written]:
    for table in _tables():
        name = f"{archives.TABLES}{table.name}.csv"
        tally = [0]
        digest = _write(archive, name, _table_lines(reader, table, tally))
        yield _Written(name, table.name, tally[0], digest)


def _write(archive: zipfile.ZipFile, name: str, texts: Iterable[str]) -> str:
    """Write a member; returns its checksum. Its date is always the same, so that archives of the
    same content are."""
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as member:
        for text in texts:
            data = f"{text}\n".encode()
            digest.update(data)
            member.write(data)
    return digest.hexdigest()


def _tables() -> list[_Table]:
    """The tables that are kept, each after those that it refers to."""
    return [
        _Table(table.name, tuple(_columns(table.name)))
        for table in tables()
        if "deleted_at" in table.columns and table.name != _LEFT_BEHIND
    ]


def _columns(name: str) -> Iterator[_Column]:
    by_type: dict[str, Callable[[str], Any]] = {"INTEGER": int, "FLOAT": float, "REAL": float}
    for column in models.table(name).__table__.c:  # type: ignore[attr-defined]
        if column.name != "deleted_at":
            ref = str(column.info.get("foreign", "")).partition(".")[0]
            read = by_type.get(str(column.type).upper(), _text_from)
            yield _Column(column.name, read, ref, not column.nullable)


def _table_lines(reader: Rows, table: _Table, tally: list[int]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.names)
    last = 0
    sql = _select(table)
    while rows := reader.rows(sql, [last]):
        last = rows[-1][0]
        tally[0] += len(rows)
        writer.writerows([_cell(value) for value in row[1:]] for row in rows)
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()
    if rest := buffer.getvalue():
        yield rest[:-1]


def _select(table: _Table) -> str:
    """The rows that are not deleted, and belong to nothing that is."""
    is_record = table.name in BY_TABLE
    conditions = ["t.deleted_at IS NULL", "t.id > ?"]
    chosen = []
    for column in table.columns:
        live = f"EXISTS ({_live(column.ref, f't.{column.name}')})" if column.ref else ""
        if live and is_record and not column.required:
            chosen.append(f"CASE WHEN {live} THEN t.{column.name} END")
            continue
        chosen.append(f"t.{column.name}")
        if live and not is_record:
            conditions.append(f"(t.{column.name} IS NULL OR {live})")
        conditions += _of_live_records(table, column.name)
    return (
        f"SELECT t.id, {', '.join(chosen)} FROM {table.name} t WHERE {' AND '.join(conditions)}"
        f" ORDER BY t.id LIMIT {_PAGE}"
    )


def _live(table: str, id: str) -> str:
    return f"SELECT 1 FROM {table} r WHERE r.id = {id} AND r.deleted_at IS NULL"


def _of_live_records(table: _Table, name: str) -> list[str]:
    """Where a noun and ids name records of any type: the conditions that none is deleted."""
    ids = {"record": _IDS, "from_record": ("from_id",), "to_record": ("to_id",)}.get(name, ())
    found = []
    for id in (id for id in ids if id in table.names):
        each = [
            f"(t.{name} = '{record.name}' AND EXISTS ({_live(record.table, f't.{id}')}))"
            for record in RECORDS
        ]
        found.append(f"({' OR '.join(each)})")
    return found


def _cell(value: Any) -> str:
    """A stored value; an empty text is told apart from none by two quotes."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value)
    return f'{value}""' if not value.strip('"') else spreadsheet_safe(value)


def _text_from(text: str) -> str:
    return text[:-2] if not text.strip('"') else from_spreadsheet_safe(text)


# --- in


def is_archive(path: Path) -> bool:
    """Whether `path` is an archive of everything."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    return bool(archives.manifest(blob_at(path)))


def fits(ctx: Context) -> bool:
    """Whether the database is as empty as `crm init` leaves it, or not there yet."""
    return is_empty(ctx.location)


def rebuild(ctx: Context, path: Path, progress: Callable[[int, int], None]) -> Done:
    """Fill an empty database from an archive of everything, in one transaction.

    progress: told the rows written so far and how many there are. Raises InvalidValue for an
    archive that is damaged, was changed since, or is of another version.
    """
    source = _Archive(blob_at(path))
    source.check()
    with ctx.writing(kind="import") as writer:
        # The stages that every new database has make room for those of the archive.
        for name in reversed(_SETUP):
            writer.execute(f"DELETE FROM {name}")
        done = 0
        for table in _tables():
            done += _fill(writer, table, source)
            progress(done, source.total)
        batch = _log(ctx, writer, path, source)
    handle, kept = f"i{batch}", not ctx.dry_run
    said = f"Rebuilt from {path}{_counted(source.counts)}"
    lines_ = [said, f"Imported as {handle}; `crm undo {handle}` takes it back."][: 1 + kept]
    change_set = f"h{writer.change_set}" if kept else None
    data = {"file": str(path), "counts": source.counts}
    return Done(tuple(lines_), change_set=change_set, data=data, dry_run=ctx.dry_run)


class _Archive:
    """An archive of everything, as its manifest describes it."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        manifest = archives.manifest(blob)
        if manifest.get("schema") != VERSION:
            raise InvalidValue(
                f"{blob.path} was written by another version of crm",
                hint="unpack it and import contacts.csv, companies.csv, deals.csv",
            )
        self._files = [_Written(**each) for each in manifest["files"]]
        self.counts = {each.holds: each.rows for each in self._files if not _is_table(each)}
        self.total = sum(each.rows for each in self._files if _is_table(each))

    @cached_property
    def _members(self) -> dict[str, Blob]:
        base = len(str(self._blob.path)) + 1
        return {str(each.path)[base:]: each for each in archives.members(self._blob)}

    def check(self) -> None:
        """Raise InvalidValue unless every file is what was written."""
        for each in self._files:
            if each.name not in self._members or self._digest(each.name) != each.sha256:
                raise InvalidValue(
                    f"{self._blob.path}: {each.name} is not what was exported",
                    hint="unpack the archive and import the file itself",
                )

    def _digest(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._members[name].opened() as file:
            while block := file.read(1024 * 1024):
                digest.update(block)
        return digest.hexdigest()

    def rows(self, table: _Table) -> Iterator[list[Any]]:
        """The stored rows of a table."""
        csv.field_size_limit(LONGEST_LINE)
        with io.TextIOWrapper(self._opened(table), encoding="utf-8", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                if next(reader, []) != table.names:
                    raise ValueError("other columns than this version of crm has")
                for cells in reader:
                    pairs = zip(table.columns, cells, strict=True)
                    yield [column.read(cell) if cell else None for column, cell in pairs]
            except (ValueError, csv.Error) as error:
                raise damaged(self._blob.path / f"{table.name}.csv", str(error)) from error

    def _opened(self, table: _Table) -> IO[bytes]:
        name = f"{archives.TABLES}{table.name}.csv"
        if name not in self._members:
            raise damaged(self._blob.path, f"{name} is missing")
        return self._members[name].opened()


def _fill(writer: Writer, table: _Table, source: _Archive) -> int:
    """Insert the rows of a table under their own ids, and record the runs of them."""
    names = table.names
    own = [names.index(name) for name in table.own_refs]
    marks = ", ".join("?" * len(names))
    sql = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
    rows, ids, later = source.rows(table), list[int](), list[tuple[Any, Any, int]]()
    place = names.index("id")
    while page := list(islice(rows, _PAGE)):
        ids += [row[place] for row in page]
        for row in page:
            for at in own:
                if row[at] is not None:
                    later.append((names[at], row[at], row[place]))
                    row[at] = None
        writer.executemany(sql, page)
    for name, value, id in later:
        writer.execute(f"UPDATE {table.name} SET {name} = ? WHERE id = ?", (value, id))
    if table.name in _SETUP:
        writer.count_on(table.name, max(ids, default=0))
    else:
        for first, last in runs(ids):
            writer.created_run(table.name, first, last)
    return len(ids)


def _log(ctx: Context, writer: Writer, path: Path, source: _Archive) -> int:
    """The entry in the list of imports."""
    total = sum(source.counts.values())
    return batches.listed(writer, path.name, _sha256(path), "everything", Counts(total, total))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
