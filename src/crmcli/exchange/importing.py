"""`crm import`: a file into the database, in one change set.

The first rows are read and their values found before the write begins; every `CHUNK` rows are
committed on their own, with the change set marked as unfinished until the last. An import that was
interrupted can be undone, or run again: what went in already is unchanged.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.actions.context import Context
from crmcli.actions.refs import user_id
from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.errors import DatabaseMissing, InvalidValue, UnknownName
from crmcli.exchange import headers
from crmcli.exchange.ahead import STEP, Ahead, Spec
from crmcli.exchange.applying import Applier, Counts
from crmcli.exchange.headers import Column
from crmcli.exchange.layout import Layout, layout
from crmcli.exchange.matching import Matcher
from crmcli.exchange.planning import plan
from crmcli.exchange.problems import Problems
from crmcli.exchange.readers import Source, described, open_source
from crmcli.exchange.reading import Chunk
from crmcli.exchange.references import References
from crmcli.exchange.rejects import COLUMNS, Rejects
from crmcli.fields import Record
from crmcli.queries.custom import with_custom
from crmcli.results import Column as ListColumn
from crmcli.results import ImportSummary, Listing
from crmcli.store import dialect
from crmcli.values.base import quote
from crmcli.values.choices import split_tags

if TYPE_CHECKING:
    from crmcli.store.write import Writer

CHUNK = 20_000
"""Rows after which a long import is committed the first time, and other processes may write."""

_LARGEST = 50_000
"""Rows after which it is committed when it has become long: each commit writes most pages of the
indexes anew, and those who wait do so for seconds, not minutes."""

_SAMPLES = 5


def import_file(
    ctx: Context,
    file: Path | Source,
    *,
    kind: str | None = None,
    maps: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
    tags: Sequence[str] = (),
    owner: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImportSummary:
    """Import a file of contacts, companies or deals; with `ctx.dry_run` only say what would happen.

    file: its path, or a table that was looked into already.
    kind: the record type, singular or plural, where the header does not tell. maps: column ->
    field, ignore: columns to leave out. tags: put on every record that the file means. owner: of
    new records where the file has none. progress: told the rows read so far and about how many
    there are. Raises NotFound, UsageError, InvalidValue, NotPermitted before anything is written.
    """
    source = file if isinstance(file, Source) else open_source(file, headers.recognised)
    kind = kind or source.kind
    noun = _noun(kind) if kind else headers.kind_of(source.header, source.path.name, maps or {})
    record = _record(ctx, noun)
    left_out = [name for name in source.header if name in COLUMNS and name not in (maps or {})]
    columns = headers.columns(record, source.header, maps or {}, [*ignore, *left_out])
    job = _Import(
        ctx, source, layout(record, columns), [t for text in tags for t in split_tags(text)]
    )
    with _no_collector():
        job.run(owner, progress)
    return job.summary(columns)


def _noun(kind: str) -> str:
    record = BY_NAME.get(kind) or BY_PLURAL.get(kind)
    if record is None or record.name not in headers.KINDS:
        kinds = ", ".join(BY_NAME[each].plural for each in headers.KINDS)
        raise UnknownName(f"{quote(kind)} cannot be imported", hint=f"kinds: {kinds}")
    return record.name


def _record(ctx: Context, noun: str) -> Record:
    """The record type with the team's own fields, where there is a database."""
    try:
        return with_custom(ctx.reader, BY_NAME[noun])
    except DatabaseMissing:
        return BY_NAME[noun]


@contextmanager
def _no_collector() -> Iterator[None]:
    """The collector would look at every row again and again; nothing here makes cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Import:
    """One import while it runs."""

    def __init__(self, ctx: Context, source: Source, layout: Layout, tags: Sequence[str]) -> None:
        self._ctx, self._source, self._layout, self._tags = ctx, source, layout, tags
        self._problems = Problems()
        self._rejects = Rejects(source, write=not ctx.dry_run)
        self._counts = Counts()
        self._committed = 0
        self._made: dict[str, int] = {}
        self._samples: list[tuple[Any, ...]] = []
        self._batch: int | None = None
        self._change_set: int | None = None

    def run(self, owner: str | None, progress: Callable[[int, int], None] | None) -> None:
        """Read, plan and write chunk after chunk."""
        spec = Spec(self._layout, self._ctx.env, escaped=bool(self._source.delimiter))
        with closing(Ahead(self._source.rows(), spec)) as ahead, closing(self._rejects):
            chunk = self._first(ahead)
            with self._ctx.writing(kind="import") as writer:
                self._write(writer, chunk, ahead, owner, progress)

    def _first(self, ahead: Ahead) -> Chunk:
        chunk = ahead.take()
        if chunk is None:
            raise InvalidValue(
                f"{self._source.path} has a header, but no rows",
                hint=f"columns: {', '.join(self._source.header)[:200]}",
            )
        return chunk

    def _write(
        self,
        writer: Writer,
        chunk: Chunk | None,
        ahead: Ahead,
        owner: str | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        chosen = user_id(self._ctx, writer, owner) if owner else None
        writer.execute(dialect.ROOM_FOR_BULK)
        references = References(writer, self._layout)
        matcher = Matcher(writer, self._layout, references)
        applier = Applier(writer, self._layout, references, chosen, self._problems)
        while chunk is not None:
            if chunk.read == STEP:
                ahead.start()
            self._one(writer, chunk, references, matcher, applier)
            if progress:
                progress(self._counts.read, self._source.lines)
            chunk = self._next(writer, chunk, ahead)
        self._finish(writer, references)

    def _one(
        self,
        writer: Writer,
        chunk: Chunk,
        references: References,
        matcher: Matcher,
        applier: Applier,
    ) -> None:
        self._problems.add(chunk.problems)
        references.prepare(chunk.rows)
        matcher.prepare(chunk.rows)
        found = plan(matcher, self._layout, references, chunk.rows, self._tags, self._problems)
        applier.apply(found, chunk.hints)
        self._rejects.add(chunk.rejected)
        self._counts = self._counts.plus(
            chunk.read, len(found.new), found.updated, found.unchanged,
            chunk.skipped, len(chunk.rejected),
        )  # fmt: skip
        for entry in found.new[: _SAMPLES - len(self._samples)]:
            self._samples.append((self._layout.record.handle(entry.id or 0), *entry.values))

    def _next(self, writer: Writer, chunk: Chunk, ahead: Ahead) -> Chunk | None:
        """The next rows, None after the last; before them, what is enough is committed."""
        if chunk.read < STEP:
            return None
        due = min(max(self._committed, CHUNK), _LARGEST)
        if self._ctx.dry_run or self._counts.read - self._committed < due:
            return ahead.take()
        self._committed = self._counts.read
        self._log(writer, "unfinished")
        writer.commit_chunk()
        following = ahead.take()
        writer.begin_chunk()
        return following

    def _finish(self, writer: Writer, references: References) -> None:
        self._log(writer, "done")
        self._change_set = writer.change_set
        self._made = {noun: count for noun, count in references.made.items() if count}

    def _log(self, writer: Writer, state: str) -> None:
        """Keep the list of imports current. An import that changed nothing is not in it."""
        if writer.change_set is None:
            return
        counts = self._counts
        row = {
            "read": counts.read,
            "made": counts.created,
            "changed": counts.updated,
            "unchanged": counts.unchanged,
            "skipped": counts.skipped,
            "rejected": counts.rejected,
            "warnings": self._problems.count,
        }
        if self._batch is None:
            now = self._ctx.now
            self._batch = writer.insert_log("import_batch", {
                "file": self._source.path.name, "sha256": self._source.sha256,
                "record": self._layout.record.name, "change_set_id": writer.change_set,
                "created_at": now, "updated_at": now, "version": 1, **row,
            })  # fmt: skip
        else:
            sets = ", ".join(f"{name} = ?" for name in row)
            writer.execute(
                f"UPDATE import_batch SET {sets} WHERE id = ?", [*row.values(), self._batch]
            )
        writer.execute("UPDATE change_set SET state = ? WHERE id = ?", (state, writer.change_set))

    def summary(self, columns: Sequence[Column]) -> ImportSummary:
        """What came of it."""
        record, kept = self._layout.record, not self._ctx.dry_run
        problems = self._problems
        return ImportSummary(
            file=str(self._source.path),
            noun=record.name,
            plural=record.plural,
            detected=described(self._source),
            **self._counts._asdict(),
            mapping=tuple((column.header, column.target) for column in columns),
            made=tuple(self._made.items()),
            translated=tuple((*key, count) for key, count in problems.translated.most_common()),
            warnings=tuple(problems.kinds.most_common()),
            problems=tuple(problems.shown),
            samples=self._sample_listing(),
            reasons=tuple(self._rejects.reasons),
            rejects=str(self._rejects.path or ""),
            handle=f"i{self._batch}" if self._batch and kept else None,
            change_set=f"h{self._change_set}" if self._change_set and kept else None,
            dry_run=self._ctx.dry_run,
            exit_status=int(self._counts.rejected > 0),
        )

    def _sample_listing(self) -> Listing | None:
        """The first new records, with the columns that any of them fills."""
        if not self._samples:
            return None
        record = self._layout.record
        by_column = {field.column: field for field in record.fields if field.store == "column"}
        places = [
            (place, by_column[name])
            for place, name in enumerate(self._layout.names, 1)
            if name in by_column and any(row[place] is not None for row in self._samples)
        ]
        columns = (
            ListColumn("handle", "handle", "Handle"),
            *(ListColumn(field.name, field.kind, field.label) for _place, field in places),
        )
        rows = tuple((row[0], *(row[place] for place, _field in places)) for row in self._samples)
        return Listing(record.name, columns, rows, len(rows))
