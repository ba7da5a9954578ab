"""Erasing a person: the contact goes for good, with all that tells who it was.

What goes with it: e-mails, phones, addresses, tags, links, ids in other programs, contacts that
were merged into it, tasks about it and activities in which nobody else took part, unless these
belong to a deal. What stays (deals, activities with others) refers to it no more, and where its
texts or their history name the person, `ERASED` stands instead. E-mails and phones that nobody
else has are kept as keyed hashes, by which `store.erased` refuses them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions.backups import known as known_backups
from crmcli.actions.context import Context
from crmcli.actions.purging import by_noun, compacted, counted
from crmcli.actions.refs import target
from crmcli.catalog import BY_TABLE, RECORDS
from crmcli.errors import NotFound
from crmcli.queries.doubles import merged_into
from crmcli.queries.lookup import by_handle
from crmcli.results import Done
from crmcli.store import erased, search
from crmcli.store.views import title_column
from crmcli.values.base import quote
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.removal import Removal
    from crmcli.store.write import Writer

ERASED = "(erased)"
"""What stands for a name, an e-mail or a phone that was erased."""

_LISTED = 20  # records of one type that still mention somebody
_NAMES = ("first_name", "middle_name", "last_name", "preferred_name")
# Texts of logs, which nobody can edit.
_LOGS = (
    ("change_set", "command"),
    ("change_set", "reason"),
    ("import_batch", "file"),
    ("delivery", "title"),
    ("reminder_message", "error"),
    ("reminder_run", "note"),
)


class Traces(NamedTuple):
    """What came of an erasing: since when backups may hold the person, how many rows of which
    tables went, the records that stay without the person, those that still mention the name, and
    the files of rejected rows."""

    since: str
    counts: Mapping[str, int]
    kept: list[str]
    mentions: list[str]
    rejects: list[str]


class Person(NamedTuple):
    """Somebody to erase: the contact with those merged into it, and what tells the person.

    since: when the first of them was made. full: names, and e-mails, phones and pages that nobody
    else has, which tell the person anywhere. parts: first names and the like, which do so in what
    is about the person. points: the e-mails and phones among these.
    """

    ids: tuple[int, ...]
    since: str
    full: frozenset[str]
    parts: frozenset[str]
    points: frozenset[erased.Point]


def erase(ctx: Context, ref: str) -> Done:
    """Erase a contact for good; returns what went, what stays, and which backups still hold it.

    ref: as everywhere, and the handle of a contact that is deleted. Raises NotFound, Ambiguous;
    DatabaseBusy while a reminder that names the person is being sent.
    """
    id, handle, title = _contact(ctx, ref)
    ctx.close()
    traces = _erase(replace(ctx, command=f"crm erase {handle}"), id)
    lines = [f"Erased {handle} {title}: {counted(traces.counts)}"]
    if traces.kept:
        lines.append(f"Kept without them: {', '.join(traces.kept)}")
    backups = [str(each.path) for each in known_backups(ctx) if each.made >= traces.since]
    warnings = [] if ctx.dry_run else compacted(ctx)
    for said, found in (
        ("the name or an address is still mentioned in", traces.mentions),
        ("rows that imports set aside may name them", traces.rejects),
        ("backups still hold them, and bring them back when restored", backups),
    ):
        if found:
            warnings.append(f"{said}: {', '.join(found)}")
    data = {
        "erased": handle,
        "removed": by_noun(traces.counts),
        "rows": sum(traces.counts.values()),
        "kept": traces.kept,
        "mentions": traces.mentions,
        "rejects": traces.rejects,
        "backups": backups,
    }
    return Done(tuple(lines), (), None, tuple(warnings), data, dry_run=ctx.dry_run)


def _erase(ctx: Context, id: int) -> Traces:
    from crmcli.store.removal import Removal, forget_words

    with ctx.writing("erase") as writer:
        person = _person(writer, id)
        removal = Removal(writer)
        stay = _gather(removal, person)
        removal.forget_messages(_messages_about(writer, person))
        counts = removal.counts
        told = removal.carry_out()
        _redact_logs(writer, person, told)
        _redact_records(writer, person, stay)
        erased.remember(writer, person.points)
        writer.finish()
        if not ctx.dry_run:
            forget_words(writer)
        return Traces(
            person.since,
            counts,
            [_named(writer, table, row) for table, ids in stay.items() for row in sorted(ids)],
            _mentions(writer, person),
            _rejects(writer),
        )


def readmit(ctx: Context, text: str) -> Done:
    """Accept an e-mail or a phone of an erased person again, by which they may be added.

    Raises InvalidValue for what is neither, NotFound for what nobody erased had.
    """
    kind = "email" if "@" in text else "phone"
    point = (kind, values.key(kind, str(values.parse(kind, text, ctx.env))))
    ctx.close()
    with replace(ctx, command="crm erase --readmit").writing("erase") as writer:
        if not erased.forget(writer, point):
            raise NotFound(f"no erased person had {quote(text)}", hint="it can be added as it is")
        writer.begin_change_set()
    return Done((f"{text} can be added again",), dry_run=ctx.dry_run)


def _contact(ctx: Context, ref: str) -> tuple[int, str, str]:
    """The id, handle and name of the contact that is meant, which may be a deleted one."""
    named = by_handle(ref)
    if named and named[0].name == "contact" and not merged_into(ctx.reader, "contact", named[1]):
        row = ctx.reader.row("SELECT name FROM contact WHERE id = ?", (named[1],))
        if row:
            return named[1], named[0].handle(named[1]), str(row[0])
    # a part of a name will do for other commands that --yes goes with, never here
    found = target(replace(ctx, accept_partial=False), ctx.reader, ref, ("contact",))
    return found.id, found.handle, found.title


# --- who it is


def _person(writer: Writer, id: int) -> Person:
    ids = _with_merged(writer, id)
    marks = ", ".join("?" * len(ids))
    columns = ("name", *_NAMES)
    rows = writer.rows(
        f"SELECT created_at, {', '.join(columns)} FROM contact WHERE id IN ({marks})", ids
    )
    points = writer.rows(
        f"SELECT p.id, p.kind, p.value, p.key FROM contact_point p WHERE p.contact_id IN ({marks})"
        " AND NOT EXISTS (SELECT 1 FROM contact_point o WHERE o.key = p.key AND o.kind = p.kind"
        " AND o.deleted_at IS NULL AND (o.contact_id IS NULL"
        f" OR o.contact_id NOT IN ({marks})))",
        [*ids, *ids],
    )
    names = [dict(zip(columns, row[1:], strict=True)) for row in rows]
    names += _once(writer, "contact", ids)
    reached = [{"value": value, "key": key} for _id, _kind, value, key in points]
    reached += _once(writer, "contact_point", [row[0] for row in points])
    named = [*names, *_joined(names), *reached]
    return Person(
        ids=tuple(ids),
        since=min(row[0] for row in rows),
        full=_texts(named, ("name", "value", "key")),
        parts=_texts(names, _NAMES),
        points=frozenset((kind, key) for _id, kind, _value, key in points
                         if kind in erased.REACHED),
    )  # fmt: skip


def _joined(names: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """First and last names together, as people write them."""
    for row in names:
        if row.get("first_name") and row.get("last_name"):
            yield {"name": f"{row['first_name']} {row['last_name']}"}


def _with_merged(writer: Writer, id: int) -> list[int]:
    """A contact, those that were merged into it, and those merged into these."""
    ids = [id]
    for each in ids:
        rows = writer.rows(
            "SELECT record_id FROM merged WHERE record = 'contact' AND into_id = ?"
            " AND deleted_at IS NULL",
            (each,),
        )
        ids += [merged for (merged,) in rows if merged not in ids]
    return ids


def _once(writer: Writer, table: str, ids: Iterable[int]) -> Iterator[dict[str, Any]]:
    """What rows held at some time, as their history has it."""
    for id in ids:
        for texts in writer.rows(
            "SELECT before, after FROM change WHERE tbl = ? AND row_id = ? AND op = 'update'",
            (table, id),
        ):
            yield from (json.loads(text) for text in texts if text)


def _texts(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> frozenset[str]:
    """The texts in columns of rows, as they are and as keys have them. Initials tell nobody."""
    held = {str(row[column]) for row in rows for column in columns if row.get(column)}
    found = held | {sort_key(text) for text in held}
    return frozenset(text for text in found if len(text.rstrip(".")) > 1)


# --- what goes


def _gather(removal: Removal, person: Person) -> dict[str, set[int]]:
    """Gather what goes; returns the records that stay and had to do with the person."""
    ids = f"({', '.join(map(str, person.ids))})"
    part = "SELECT 1 FROM activity_participant p WHERE p.activity_id = t.id AND p.contact_id"
    removal.doom("contact", f"t.id IN {ids}")
    removal.doom("task", f"t.contact_id IN {ids} AND t.deal_id IS NULL")
    removal.doom(
        "activity",
        f"t.deal_id IS NULL AND EXISTS ({part} IN {ids})"
        f" AND NOT EXISTS ({part} NOT IN {ids} AND p.deleted_at IS NULL)",
    )
    removal.doom_owned()
    return removal.release()


def _messages_about(writer: Writer, person: Person) -> list[int]:
    """The messages that name the person, whatever they are about."""
    found = _pattern(person.full)
    rows = writer.rows("SELECT id, payload FROM reminder_message")
    return [id for id, payload in rows if found.search(payload)]


# --- what is rewritten


def _pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of the texts as whole words, the longest first; in names of files _ parts words."""
    ordered = sorted(texts, key=len, reverse=True)
    words = "|".join(map(re.escape, ordered)) or "(?!)"
    return re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE)


def _redact_logs(writer: Writer, person: Person, told: Iterable[int]) -> None:
    """Take the person out of the logs, and all but the verb out of the commands of change sets
    that were about the person: somebody typed phones, addresses and notes there as they liked."""
    anywhere = _pattern(person.full)
    for table, column in _LOGS:
        for id, text in writer.rows(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL"):
            _set(writer, table, id, _redacted(anywhere, {column: text}))
    about = _pattern(person.full | person.parts)
    for id in told:
        command = writer.scalar("SELECT command FROM change_set WHERE id = ?", (id,))
        _set(writer, "change_set", id, {"command": _bare(command), "reason": None})
        for batch, file in writer.rows(
            "SELECT id, file FROM import_batch WHERE change_set_id = ?", (id,)
        ):
            _set(writer, "import_batch", batch, _redacted(about, {"file": file}))


def _bare(command: str) -> str:
    """A command without what it was given: `crm log ada "had lunch"` -> `crm log`."""
    words = re.match(r"crm(?: [a-z]+(?:-[a-z]+)*(?= |$))?", command)
    return words[0] if words else ""


def _redact_records(writer: Writer, person: Person, stay: Mapping[str, set[int]]) -> None:
    """Take the person out of the texts of records that stay, and of their history."""
    about = _pattern(person.full | person.parts)
    rows = [(table, id) for table, ids in stay.items() for id in ids]
    for table, id in rows:
        writer.touched(table, id, id)
    points = writer.rows(
        "SELECT id FROM task_item WHERE task_id IN"
        f" ({', '.join(map(str, stay.get('task', ()))) or 'NULL'})"
    )
    for table, id in [*rows, *(("task_item", id) for (id,) in points)]:
        columns = _text_columns(table)
        row = writer.row(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", (id,)) or ()
        _set(writer, table, id, _redacted(about, dict(zip(columns, row, strict=True))))
        _redact_history(writer, about, table, id)


def _text_columns(table: str) -> list[str]:
    """The columns of a table that hold what people wrote."""
    record = BY_TABLE.get(table)
    if record is None:
        return ["text"]
    free = [f for f in record.fields if f.store == "column" and f.kind in ("text", "longtext")]
    return [*(f.column for f in free), *(f.key for f in free if f.key), "custom"]


def _redact_history(writer: Writer, about: re.Pattern[str], table: str, id: int) -> None:
    """Take the person out of what a row held at some time, and of the commands about it."""
    columns = _text_columns(table)
    for change, change_set, *texts in writer.rows(
        "SELECT id, change_set_id, before, after FROM change"
        " WHERE tbl = ? AND row_id <= ? AND last_id >= ?",
        (table, id, id),
    ):
        for name, text in zip(("before", "after"), texts, strict=True):
            held = json.loads(text or "{}")
            if changed := _redacted(about, {name: held[name] for name in columns if name in held}):
                _set(writer, "change", change, {name: _json({**held, **changed})})
        said = "SELECT command, reason FROM change_set WHERE id = ?"
        names = ("command", "reason")
        logged = dict(zip(names, writer.row(said, (change_set,)) or (), strict=True))
        _set(writer, "change_set", change_set, _redacted(about, logged))


def _redacted(about: re.Pattern[str], held: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that name the person, without the name."""
    changed: dict[str, Any] = {}
    for name, value in held.items():
        if not isinstance(value, str):
            continue
        if name == "custom":
            custom = json.loads(value)
            new = _json({**custom, **_redacted(about, custom)})
        else:
            new = about.sub(ERASED, value)
        if new != value:
            changed[name] = new
    return changed


def _set(writer: Writer, table: str, id: int, columns: Mapping[str, Any]) -> None:
    """Change a row without a trace of what stood there."""
    if columns:
        pairs = ", ".join(f"{name} = ?" for name in columns)
        writer.execute(f"UPDATE {table} SET {pairs} WHERE id = ?", (*columns.values(), id))


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


# --- what is left to say


def _named(writer: Writer, table: str, id: int) -> str:
    record = BY_TABLE[table]
    title = writer.scalar(f"SELECT {title_column(record)} FROM {table} WHERE id = ?", (id,))
    return f"{record.handle(id)} {title}"


def _mentions(writer: Writer, person: Person) -> list[str]:
    """Records that had nothing to do with the person, and whose texts still have the name."""
    found: dict[str, None] = {}
    for table in search.SEARCHED:
        for text in sorted(person.full):
            condition, params = search.match_condition(table, text.split())
            rows = writer.rows(
                f"SELECT t.id FROM {table} t WHERE t.deleted_at IS NULL AND {condition}"
                " ORDER BY t.id LIMIT ?",
                [*params, _LISTED],
            )
            found.update((_named(writer, table, id), None) for (id,) in rows)
    return [*found, *_definitions_naming(writer, person)]


def _definitions_naming(writer: Writer, person: Person) -> Iterator[str]:
    """Segments, alerts, tags and the like that name the person: few, and not in the index."""
    full = _pattern(person.full)
    for record in RECORDS:
        if record.table not in search.SEARCHED:
            columns = ", ".join(_text_columns(record.table))
            sql = f"SELECT id, {columns} FROM {record.table} WHERE deleted_at IS NULL ORDER BY id"
            for id, *texts in writer.rows(sql):
                if any(full.search(text) for text in texts if text):
                    yield _named(writer, record.table, id)


def _rejects(writer: Writer) -> list[str]:
    """The files of rows that imports set aside; where they are nobody noted."""
    rows = writer.rows("SELECT id, file FROM import_batch WHERE rejected > 0 ORDER BY id")
    return [f"{file}.rejects.csv (i{id})" for id, file in rows]
