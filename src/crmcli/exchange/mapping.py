"""What a file holds and what its columns become: told, remembered, declared, or guessed.

First counts what somebody says (`--map`), then what was said of the same header before, then what
the program that wrote the file is known to mean, then the names of the columns, then guesses.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.errors import DatabaseMissing, InvalidValue, UnknownName, UsageError
from crmcli.exchange import dateorder, guessing, headers
from crmcli.exchange.headers import Column, names_of
from crmcli.exchange.layout import Layout, layout
from crmcli.exchange.planning import CONFLICTS, MODES, Policy
from crmcli.exchange.rejects import COLUMNS
from crmcli.exchange.sources import detect
from crmcli.exchange.sources.base import System
from crmcli.exchange.tables import Source
from crmcli.fields import Field, Record
from crmcli.queries.custom import EXTENSIBLE, with_custom
from crmcli.values.base import quote
from crmcli.values.choices import split_tags
from crmcli.values.text import fold, sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer


class Choice(NamedTuple):
    """What somebody says of an import.

    kind: the record type, singular or plural, where the header does not tell. maps: column ->
    field, ignore: columns to leave out. sets: field -> text for every row. said: `field:text` ->
    what it stands for. tags: put on every record that the file means. owner: of new records where
    the file has none. mode and conflict: see `planning`; conflicts: `conflict` by field.
    keep_unknown: columns that match nothing become custom fields. dates: dmy, mdy or ymd. atomic:
    one transaction, however long.
    """

    kind: str | None = None
    maps: Mapping[str, str] = {}
    ignore: Sequence[str] = ()
    sets: Mapping[str, str] = {}
    said: Mapping[str, str] = {}
    tags: Sequence[str] = ()
    owner: str | None = None
    mode: str = "upsert"
    conflict: str = "fill"
    conflicts: Mapping[str, str] = {}
    keep_unknown: bool = False
    dates: str | None = None
    atomic: bool = False

    @property
    def all_tags(self) -> list[str]:
        """The tags, each by itself."""
        return [tag for text in self.tags for tag in split_tags(text)]


class Mapped(NamedTuple):
    """What was concluded of a file. known: a mapping of the same header was used again. added:
    custom fields to make. policy: which rows count and who wins."""

    columns: tuple[Column, ...]
    layout: Layout
    system: System | None
    policy: Policy
    known: bool
    added: tuple[Field, ...]


OrderOf = Callable[[str, str], str]
"""Asks how a column writes dates, with one of them; returns dmy or mdy."""

Confirm = Callable[[Record, tuple[Column, ...], Sequence[Sequence[str]]], Mapping[str, str] | None]
"""Shows the columns with their first cells to somebody; returns what they change, None to agree."""


def mapped(
    ctx: Context,
    source: Source,
    choice: Choice,
    confirm: Confirm | None = None,
    order_of: OrderOf | None = None,
) -> Mapped:
    """Conclude what a file holds.

    Raises UsageError, UnknownName, InvalidValue for choices that do not fit, and where the record
    type or the order of dates stays open.
    """
    remembered = _remembered(ctx, source.header)
    choice = _joined(choice, remembered)
    known = detect(source.header)
    noun = _noun(ctx, source, choice, known)
    system = known[0] if known and known[1] == noun else None
    record = _record(ctx, noun)
    cells = _sample(source)
    columns = _columns(record, source, choice, system, cells)
    open_ones = any(each.sure < headers.CERTAIN or not each.used for each in columns)
    if confirm is not None and system is None and not remembered and open_ones:
        said = confirm(record, columns, cells)
        if said is not None:
            choice = choice._replace(maps={**choice.maps, **said})
            columns = _columns(record, source, choice, system, cells)
    added: tuple[Field, ...] = ()
    if choice.keep_unknown:
        columns, added = _kept(record, columns)
    built = _layout(record, choice, columns, system)
    built = built._replace(orders=_orders(ctx, source, choice, built, order_of))
    policy = _policy(record, choice)
    return Mapped(columns, built, system, policy, bool(remembered), added)


def _noun(ctx: Context, source: Source, choice: Choice, known: tuple[System, str] | None) -> str:
    kind = choice.kind or source.kind
    if kind:
        return noun_of(kind)
    return known[1] if known else kind_of(source, choice.maps)


def kind_of(source: Source, maps: Mapping[str, str]) -> str:
    """The record type of a file, by the names of its columns, else by what they look like.

    Raises InvalidValue where nothing tells it.
    """
    try:
        told = headers.kind_of(source.header, source.path.name, maps)
    except InvalidValue:
        likely = guessing.likely_kind(source.header, _sample(source))
        if not likely:
            raise
        return likely
    certain = maps or detect(source.header) or told not in guessing.GUESSED
    if certain or headers.recognised(source.header) * 2 >= len(source.header):
        return told
    return guessing.likely_kind(source.header, _sample(source), told)


def noun_of(kind: str) -> str:
    """The record type, singular or plural, that a file may hold. Raises UnknownName."""
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


def _sample(source: Source) -> list[list[str]]:
    """The first cells of each column."""
    with source.opened() as found:
        rows = [row[1] for row in islice(found, guessing.SAMPLE)]
    return [
        [row[place] if place < len(row) else "" for row in rows]
        for place in range(len(source.header))
    ]


def _columns(
    record: Record,
    source: Source,
    choice: Choice,
    system: System | None,
    cells: Sequence[Sequence[str]],
) -> tuple[Column, ...]:
    own = [name for name in source.header if name in COLUMNS and name not in choice.maps]
    left_out = [*choice.ignore, *own]
    found = headers.columns(record, source.header, choice.maps, left_out, system)
    if system is not None or source.format == "vcard":
        return found
    return guessing.guessed(names_of(record), found, cells)


# --- what somebody says


def _layout(
    record: Record, choice: Choice, columns: Sequence[Column], system: System | None
) -> Layout:
    names = names_of(record)
    constants = [(names.named(-1, field, field), text) for field, text in choice.sets.items()]
    said = _said(record, choice.said)
    return layout(record, columns, system=system, constants=constants, said=said)


def _orders(
    ctx: Context, source: Source, choice: Choice, built: Layout, order_of: OrderOf | None
) -> Mapping[int, str]:
    """The order of dates by column: as told, else as the columns have it, else as is set."""
    if told := dateorder.given_order(choice.dates):
        return dateorder.all_in(told, built)
    if not dateorder.date_columns(built):
        return {}
    with source.opened() as rows:
        found, undecided = dateorder.orders(built, rows, ctx.env)
    if not undecided or ctx.settings.get("date_order"):
        return found
    if order_of is None:
        raise dateorder.refuse(undecided)
    asked = {each.place: order_of(each.header, each.example) for each in undecided}
    return found | {place: dateorder.given_order(order) for place, order in asked.items()}


def _said(record: Record, said: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """`field:text` -> what it stands for, by field and folded text."""
    found: dict[str, dict[str, str]] = {}
    for what, meant in said.items():
        name, colon, text = what.partition(":")
        known = any(BY_NAME[kind].field(name.strip()) for kind in headers.KINDS)
        field = record.field(name.strip())
        if not colon or (field is None and not known):
            raise UsageError(
                f"cannot read --value {quote(what)}", hint='write --value "stage:Closed Won=Won"'
            )
        if field is None:  # of several files, the word is for another one
            continue
        found.setdefault(field.name, {})[fold(text)] = meant
    return found


def _policy(record: Record, choice: Choice) -> Policy:
    if choice.mode not in MODES:
        raise UsageError(f"--mode takes {', '.join(MODES)}, not {quote(choice.mode)}")
    for how in (choice.conflict, *choice.conflicts.values()):
        if how not in CONFLICTS:
            raise UsageError(f"--on-conflict takes {', '.join(CONFLICTS)}, not {quote(how)}")
    fields = {}
    for name, how in choice.conflicts.items():
        field = record.field(name)
        if field is None:
            raise UnknownName(f"a {record.name} has no field {quote(name)}")
        fields[field.name] = how
    return Policy(choice.mode, choice.conflict, fields)


# --- columns that match nothing


def _kept(
    record: Record, columns: Sequence[Column]
) -> tuple[tuple[Column, ...], tuple[Field, ...]]:
    """The columns with custom fields for those that would be left out, and these fields."""
    taken = {name for field in record.fields for name in (field.name, *field.aliases)}
    found, added = [], []
    for column in columns:
        known = column.used or column.how == "given" or not column.header.strip()
        if known or record.name not in EXTENSIBLE:
            found.append(column)
            continue
        field = _custom(column.header, taken)
        taken.add(field.name)
        added.append(field)
        found.append(column._replace(field=field, how="new field"))
    return tuple(found), tuple(added)


def _custom(header: str, taken: Iterable[str]) -> Field:
    """A custom field of texts with a name that is free."""
    stem = re.sub(r"[^a-z0-9]+", "_", sort_key(header)).strip("_") or "column"
    stem = stem if stem[0].isalpha() else f"x_{stem}"
    number, name = 1, stem
    while name in taken or name == "or":
        number += 1
        name = f"{stem}_{number}"
    return Field(name, "text", header.strip(), "", "custom", "custom")


def make_fields(writer: Writer, record: Record, added: Sequence[Field]) -> None:
    """Make the custom fields, as part of the import's change set."""
    from crmcli.exchange.bulk import insert

    now = writer.author.now
    names = ("record", "name", "kind", "label", "required", "created_at", "updated_at", "version")
    rows = [(record.name, field.name, field.kind, field.label, 0, now, now, 1) for field in added]
    insert(writer, "custom_field", names, rows)


# --- mappings that are kept


def _name(header: Sequence[str]) -> str:
    text = json.dumps([name.strip() for name in header], ensure_ascii=False)
    return f"mapping:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _remembered(ctx: Context, header: Sequence[str]) -> dict[str, Any]:
    """What was said of the same header before."""
    try:
        found = ctx.reader.scalar("SELECT value FROM meta WHERE name = ?", [_name(header)])
    except DatabaseMissing:
        return {}
    return dict(json.loads(found)) if found else {}


def _joined(choice: Choice, before: Mapping[str, Any]) -> Choice:
    """A choice, and what was said before as far as it does not speak of the same columns."""
    now = {*choice.maps, *choice.ignore}
    maps = {name: to for name, to in before.get("maps", {}).items() if name not in now}
    ignore = [name for name in before.get("ignore", ()) if name not in now]
    return choice._replace(
        kind=choice.kind or before.get("kind"),
        maps={**maps, **choice.maps},
        ignore=[*ignore, *choice.ignore],
        said={**before.get("said", {}), **choice.said},
    )


def remember(writer: Writer, source: Source, noun: str, choice: Choice, columns: Sequence[Column]
             ) -> None:  # fmt: skip
    """Keep what was said of a header for the next file that has it."""
    given = {column.header: column.target for column in columns if column.how == "given"}
    if not given and not choice.said:
        return
    maps = {name: target for name, target in given.items() if target}
    kept = {"kind": noun, "maps": maps, "ignore": [n for n in given if n not in maps],
            "said": dict(choice.said)}  # fmt: skip
    writer.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (_name(source.header), json.dumps(kept, ensure_ascii=False)),
    )
