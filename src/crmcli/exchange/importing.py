"""`crm import`: a file into the database, in one change set.

The first rows are read and their values found before the write begins; every `CHUNK` rows are
committed on their own, with the change set marked as unfinished until the last. An import that was
interrupted can be undone, or run again: what went in already is unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli import collector
from crmcli.actions.context import Context
from crmcli.actions.refs import user_id
from crmcli.errors import InvalidValue
from crmcli.exchange import batches, headers
from crmcli.exchange.applying import Applier, Counts
from crmcli.exchange.changes import changes_of, differences_of, differing
from crmcli.exchange.mapping import Choice, Confirm, Mapped, OrderOf, make_fields, mapped, remember
from crmcli.exchange.matching import Matcher
from crmcli.exchange.nearness import Near, Nearness
from crmcli.exchange.planning import Merge, plan
from crmcli.exchange.problems import Problems
from crmcli.exchange.readers import Source, described, open_source
from crmcli.exchange.reading import Chunk, Rejected, RowReader
from crmcli.exchange.references import References
from crmcli.exchange.rejects import Rejects
from crmcli.exchange.rows import Entry
from crmcli.exchange.ruled import Ruled
from crmcli.results import ENOUGH_NEAR, FieldChange, ImportSummary, Listing, NearMatch
from crmcli.results import Column as ListColumn

if TYPE_CHECKING:
    from crmcli.store.erased import Known
    from crmcli.store.write import Writer

STEP = 5_000
"""Rows that are in memory at a time."""

CHUNK = 20_000
"""Rows after which a long import is committed the first time, and other processes may write."""

_LARGEST = 100_000
"""Rows after which it is committed when it has become long: each commit writes most pages of the
indexes anew, and those who wait do so for seconds, not minutes."""

_SAMPLES = 5
_KEPT = 20  # values that stayed though the file says something else


def import_file(
    ctx: Context,
    file: Path | Source,
    *,
    progress: Callable[[int, int], None] | None = None,
    confirm: Confirm | None = None,
    order_of: OrderOf | None = None,
    **choice: Any,
) -> ImportSummary:
    """Import a file; with `ctx.dry_run` only say what would happen.

    file: its path, or a table that was looked into already. progress: told the rows read so far
    and about how many there are. confirm: asked about columns that had to be guessed; order_of: how
    a column writes dates that may be read in two ways. choice: the fields of `mapping.Choice`.
    Raises NotFound, UsageError, UnknownName, InvalidValue, NotPermitted before anything is written.
    """
    said = Choice(**choice)
    source = file if isinstance(file, Source) else open_source(file, headers.recognised)
    job = _Import(ctx, source, said, mapped(ctx, source, said, confirm, order_of))
    with collector.paused():
        job.run(progress)
    return job.summary()


class _Import:
    """One import while it runs."""

    def __init__(self, ctx: Context, source: Source, choice: Choice, found: Mapped) -> None:
        self._ctx, self._source, self._choice, self._mapped = ctx, source, choice, found
        self._layout = found.layout
        self._problems = Problems()
        self._rejects = Rejects(source, write=not ctx.dry_run)
        self._counts = Counts()
        self._committed = 0
        self._made: dict[str, int] = {}
        self._samples: list[tuple[Any, ...]] = []
        self._changes: list[FieldChange] = []
        self._kept: list[FieldChange] = []
        self._kept_counts: Counter[str] = Counter()
        self._near: list[NearMatch] = []
        self._near_count = 0
        self._batch: int | None = None
        self._change_set: int | None = None

    def run(self, progress: Callable[[int, int], None] | None) -> None:
        """Read, plan and write chunk after chunk."""
        with closing(self._rejects), closing(self._read()) as chunks:
            chunk = self._first(chunks)
            with self._ctx.writing(kind="import") as writer:
                self._write(writer, chunk, chunks, progress)

    def _read(self) -> Generator[Chunk, None, None]:
        """The rows of the file in chunks, their values read."""
        escaped = bool(self._source.delimiter)
        reader = RowReader(self._layout, self._ctx.env, self._problems, escaped=escaped)
        with self._source.opened() as rows:
            while some := list(islice(rows, STEP)):
                yield reader.read(some)

    def _first(self, chunks: Iterator[Chunk]) -> Chunk:
        chunk = next(chunks, None)
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
        chunks: Iterator[Chunk],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        owner = self._choice.owner
        chosen = user_id(self._ctx, writer, owner) if owner else None
        make_fields(writer, self._layout.record, self._mapped.added)
        references = References(writer, self._layout)
        matcher = Matcher(writer, self._layout, references)
        applier = Applier(writer, self._layout, references, chosen, self._problems)
        merge = Merge(self._layout, references, self._choice.all_tags, self._problems,
                      self._mapped.policy, applier.stage_of)  # fmt: skip
        self._nearness = Nearness(writer, self._layout)
        self._ruled = Ruled(writer, self._ctx.env, self._ctx.settings["rules"] or (), self._layout,
                            owner or self._ctx.user, applier.stage_of, self._problems,
                            references)  # fmt: skip
        while chunk is not None:
            self._one(chunk, references, matcher, applier, merge)
            if progress:
                progress(self._counts.read, self._source.lines)
            chunk = self._next(writer, chunk, chunks)
        self._finish(writer, references)

    def _one(
        self,
        chunk: Chunk,
        references: References,
        matcher: Matcher,
        applier: Applier,
        merge: Merge,
    ) -> None:
        chunk = _without_erased(chunk, references.erased)
        references.prepare(chunk.rows)
        matcher.prepare(chunk.rows)
        applier.prepare(chunk.hints)
        refused = self._refused(chunk)
        found = plan(matcher, merge, chunk.rows, self._mapped.policy.mode, refused)
        broken = self._ruled.sort_out(found, chunk)
        near = self._near_ones(found.new)
        applier.apply(found)
        self._note_near(near)
        rejected = [*chunk.rejected, *(refused[row.place] for row in found.refused), *broken]
        self._rejects.add(rejected)
        self._counts = self._counts.plus(
            chunk.read, len(found.new), found.updated, found.unchanged,
            chunk.skipped + found.skipped, len(rejected),
        )  # fmt: skip
        for entry in found.changed[: max(_SAMPLES - len(self._changes), 0)]:
            self._changes += changes_of(entry, self._layout, references.title)
        for entry in found.differing:
            self._kept_counts.update(f.name for f in differing(entry, self._layout))
            if len(self._kept) < _KEPT:
                self._kept += differences_of(entry, self._layout, references.title)
        for entry in found.new[: _SAMPLES - len(self._samples)]:
            self._samples.append((self._layout.record.handle(entry.id or 0), *entry.values))

    def _refused(self, chunk: Chunk) -> dict[int, Rejected]:
        """Rows that must not make a record, as that may be there already or would break a rule, by
        their places."""
        refused = self._ruled.refused(chunk)
        if self._ctx.duplicates != "refuse":
            return refused
        return refused | {
            near.row.place: Rejected(*chunk.whole[near.row.place], near.reason(self._layout.record))
            for near in self._nearness.of(chunk.rows)
        }

    def _near_ones(self, new: Sequence[Entry]) -> Sequence[Near]:
        """New records that may be one with another, until there are more than anybody looks at;
        where these are refused there are none."""
        enough = self._near_count >= ENOUGH_NEAR or self._ctx.duplicates == "refuse"
        return () if enough else self._nearness.of(new)

    def _note_near(self, found: Sequence[Near]) -> None:
        """Note them for somebody to look at, once those of the same chunk have handles, too."""
        record = self._layout.record
        self._near_count += len(found)
        self._near += [near.match(record) for near in found[: _SAMPLES - len(self._near)]]

    def _next(self, writer: Writer, chunk: Chunk, chunks: Iterator[Chunk]) -> Chunk | None:
        """The next rows, None after the last; before them, what is enough is committed."""
        if chunk.read < STEP:
            return None
        due = min(max(self._committed, CHUNK), _LARGEST)
        whole = self._ctx.dry_run or self._choice.atomic
        if whole or self._counts.read - self._committed < due:
            return next(chunks, None)
        self._committed = self._counts.read
        self._log(writer, "unfinished")
        writer.commit_chunk()
        following = next(chunks, None)
        writer.begin_chunk()
        return following

    def _finish(self, writer: Writer, references: References) -> None:
        self._log(writer, "done")
        noun = self._layout.record.name
        remember(writer, self._source, noun, self._choice, self._mapped.columns)
        self._note_new_names(references)
        self._change_set = writer.change_set
        self._made = {noun: count for noun, count in references.made.items() if count}

    def _note_new_names(self, references: References) -> None:
        """Users and sources that were made because the file names them and nothing had the name."""
        for ref, text in references.new_names:
            if ref in ("user", "source"):
                field = "owner" if ref == "user" else ref
                self._problems.unmatched[field, text, "made"] += 1

    def _log(self, writer: Writer, state: str) -> None:
        """Keep the list of imports current. An import that changed nothing is not in it."""
        if writer.change_set is None:
            return
        warnings = self._problems.count
        if self._batch is None:
            name, record = self._source.path.name, self._layout.record.name
            self._batch = batches.listed(
                writer, name, self._source.sha256, record, self._counts, warnings
            )
        else:
            batches.relisted(writer, self._batch, self._counts, warnings)
        writer.execute("UPDATE change_set SET state = ? WHERE id = ?", (state, writer.change_set))

    def summary(self) -> ImportSummary:
        """What came of it."""
        found = self._mapped
        record, kept = self._layout.record, not self._ctx.dry_run
        problems = self._problems
        return ImportSummary(
            file=str(self._source.path),
            noun=record.name,
            plural=record.plural,
            detected=described(self._source),
            source=found.system.title if found.system else "",
            remembered=found.known,
            **self._counts._asdict(),
            mapping=tuple((column.header, column.target) for column in found.columns),
            guessed=tuple(
                (column.header, column.target, column.sure, column.how)
                for column in found.columns
                if column.used and column.sure < headers.CERTAIN
            ),
            unmatched=tuple((*key, count) for key, count in problems.unmatched.most_common()),
            lines=tuple((kind, tuple(lines)) for kind, lines in problems.lines.items()),
            changes=tuple(self._changes),
            kept=tuple(self._kept),
            kept_counts=tuple(self._kept_counts.most_common()),
            near=tuple(self._near),
            near_count=self._near_count,
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


def _without_erased(chunk: Chunk, known: Known | None) -> Chunk:
    """A chunk with the rows set aside whose e-mail or phone an erased person had."""
    if known is None:
        return chunk
    refused = {
        row.place: Rejected(*chunk.whole[row.place], "erased person")
        for row in chunk.rows
        if known.any_of((point.part, point.key) for point in row.points)
    }
    rows = [row for row in chunk.rows if row.place not in refused]
    return chunk._replace(rows=rows, rejected=[*chunk.rejected, *refused.values()])
