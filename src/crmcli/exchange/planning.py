"""What a chunk of rows makes and fills in.

Points, addresses and tags are added. What a record holds in a field already stays, unless the
policy says that the file wins there. Rows are taken in the order of the file, so a later row may
add to what an earlier one made.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from crmcli.exchange.layout import NAME_PARTS, Layout
from crmcli.exchange.matching import Matcher, agreeing
from crmcli.exchange.problems import Problems
from crmcli.exchange.references import References
from crmcli.exchange.rows import AddressValue, Entry, RowValues, unlinked
from crmcli.exchange.stages import Stage
from crmcli.values.base import quote
from crmcli.values.text import sort_key

MODES = ("create", "update", "upsert")
"""Which rows of a file count: those that are new, those that are there already, or both."""

CONFLICTS = ("fill", "overwrite", "keep")
"""What is done to a field of a record that is there: fill it if blank, let the file win, or keep
even a blank."""

StageOf = Callable[[int, str], Stage]

# What a file may bring for a new record, but never changes in one that is there.
_ONLY_NEW = ("created_at", "stage_since", "closed_at")


class Policy(NamedTuple):
    """Which rows count, and which side wins where both say something; `fields`: by field."""

    mode: str = "upsert"
    conflict: str = "fill"
    fields: Mapping[str, str] = {}

    def of(self, field: str) -> str:
        """One of `CONFLICTS` for this field."""
        return self.fields.get(field, self.conflict)


@dataclass(slots=True)
class Plan:
    """Records to make and to fill in, and what became of the rows."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    refused: list[RowValues] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    differing: list[Entry] = field(default_factory=list)


def plan(
    matcher: Matcher,
    merge: Merge,
    rows: Sequence[RowValues],
    mode: str,
    refused: Container[int] = (),
) -> Plan:
    """Decide for each row of a chunk. mode: one of `MODES`; what does not count is skipped.

    refused: places of rows that must not make a record.
    """
    found = Plan()
    changed: dict[int, Entry] = {}
    differing: dict[int, Entry] = {}
    for row in rows:
        entry = matcher.find(row)
        if entry is None:
            if mode == "update":
                found.skipped += 1
                continue
            if row.place in refused:
                found.refused.append(row)
                continue
            entry = Entry(row)
            merge.tag(entry)
            found.new.append(entry)
        elif mode == "create" and not entry.new:
            found.skipped += 1
        elif merge.into(entry, row):
            found.updated += 1
            if not entry.new:
                entry.place, entry.line = row.place, row.line
                changed[id(entry)] = entry
        else:
            found.unchanged += 1
        if entry.differs:
            differing[id(entry)] = entry
        matcher.add(entry, row)
    found.changed, found.differing = list(changed.values()), list(differing.values())
    return found


class Merge:
    """Adds what a row says to a record that has it not; `tags` go on every record."""

    def __init__(
        self,
        layout: Layout,
        references: References,
        tags: Sequence[str],
        problems: Problems,
        policy: Policy = Policy(),  # noqa: B008  a named tuple is a constant
        stage_of: StageOf | None = None,
    ) -> None:
        self._tags, self._problems, self._policy = tags, problems, policy
        self._references, self._layout = references, layout
        self._stage_of = stage_of
        self._names = layout.names
        self._fields = layout.ref_fields
        self._key = layout.key
        self._refs = [field.column for field in layout.ref_fields]
        self._fixed = {0} | {place for place, name in enumerate(layout.names) if name in _ONLY_NEW}
        contact = layout.record.name == "contact"
        self._parts = {
            place for place, name in enumerate(layout.names) if contact and name in NAME_PARTS
        }
        self._zero = [name == "do_not_contact" for name in layout.names]
        self._kept, self._winning = self._by_policy()

    def _by_policy(self) -> tuple[set[int], set[int]]:
        """The places of values that the file never changes, and of those where it wins."""
        given = {field.column: field.name for field, _place in self._layout.plain}
        for amount in self._layout.amounts:
            given[amount.field.column] = given[amount.field.currency] = amount.field.name
        kept, winning = set(), set()
        for place, column in enumerate(self._names):
            how = self._policy.of(given.get(column, column))
            if how == "keep":
                kept.add(place)
            elif how == "overwrite" and column in given and not self._zero[place]:
                winning.add(place)
        return kept, winning

    def tag(self, entry: Entry) -> None:
        """Put the tags of the whole import on a new record."""
        known = {sort_key(tag) for tag in entry.tags} if self._tags else set()
        new = [tag for tag in self._tags if sort_key(tag) not in known]
        if new:
            entry.tags = (*entry.tags, *new)

    def into(self, entry: Entry, row: RowValues) -> bool:
        """Add what the row says and the record lacks; returns whether there was anything."""
        grown = self._values(entry, row)
        grown |= self._named(entry, row)
        grown |= self._points(entry, row)
        grown |= self._rest(entry, row)
        if row.external and row.external not in (*entry.externals, *entry.held_externals):
            entry.externals = (*entry.externals, row.external)
            grown = True
        return grown

    def _values(self, entry: Entry, row: RowValues) -> bool:
        grown = self._name(entry, row)
        same_name = entry.key == row.key
        held = entry.values
        for place, value in enumerate(row.values):
            blank = held[place] in (None, "") or (self._zero[place] and not held[place])
            if value in (None, "") or held[place] == value or place in self._fixed:
                continue
            if place in self._kept and not entry.new:
                continue
            if place in self._parts and not same_name:
                continue
            if not blank and (entry.new or place not in self._winning):
                entry.differ(self._names[place], value)
                continue
            self._set(entry, place, value)
            grown = True
        return grown

    def _set(self, entry: Entry, place: int, value: Any) -> None:
        entry.note(self._names[place], entry.values[place])
        entry.values[place] = value

    def _name(self, entry: Entry, row: RowValues) -> bool:
        """A record that is called by its e-mail gets its name; another name is told."""
        if entry.values[0] == row.values[0]:
            return False
        how = self._policy.of(self._layout.record.title)
        called = {key for _part, key in entry.point_keys()}
        unnamed = entry.key in called and row.key not in called
        wins = how == "overwrite" and not entry.new and row.key not in called
        if (unnamed and entry.key != row.key and how != "keep") or wins:
            self._rename(entry, row)
            return True
        if row.key not in called and entry.key != row.key and how == "fill":
            entry.differ(self._names[0], row.values[0])
        apart = not set(entry.key.split()) & set(row.key.split())
        if row.key not in called and entry.key != row.key and apart:
            message = (
                f"{quote(row.values[0])} is {quote(entry.values[0])} here, whose name was kept"
            )
            self._problems.warn(row.line, self._names[0], message, "other name kept")
        return False

    def _rename(self, entry: Entry, row: RowValues) -> None:
        self._set(entry, 0, row.values[0])
        if self._key and entry.key != row.key:
            entry.note(self._key, entry.key)
            for place in self._parts:
                if entry.values[place] is not None and row.values[place] != entry.values[place]:
                    self._set(entry, place, row.values[place])
        entry.key = row.key

    def _named(self, entry: Entry, row: RowValues) -> bool:
        grown = False
        for place, text in enumerate(row.refs):
            if text is not None and self._takes(entry, row, place, text):
                entry.note(self._refs[place], entry.refs[place])
                entry.refs[place] = text
                grown = True
        return grown

    def _takes(self, entry: Entry, row: RowValues, place: int, text: str) -> bool:
        """Whether a reference of the row becomes the record's."""
        field, held = self._fields[place], entry.refs[place]
        how = "fill" if entry.new else self._policy.of(field.name)
        if how == "keep":
            return False
        filled = held is not None and how == "fill"
        if field.ref == "stage":
            return not (entry.new or filled) and self._moves(entry, row, held, text)
        if filled and entry.new:
            return False
        found = self._references.find(field, text, row.points)
        if filled:
            if held not in (found, text):
                entry.differ(field.column, found or unlinked(text)[0])
            return False
        if found is None:
            return entry.new or self._references.can_make(field, text)
        return bool(found != held)

    def _moves(self, entry: Entry, row: RowValues, held: Any, text: str) -> bool:
        """Whether a deal goes to another stage, which is written down as a move."""
        stage = self._stage_of(row.place, text) if self._stage_of else None
        if stage is None or stage.id == held:
            return False
        entry.moved = (held, stage)
        return True

    def _points(self, entry: Entry, row: RowValues) -> bool:
        if not row.points:
            return False
        held = set(entry.point_keys())
        added = [
            point
            for point in row.points
            if (point.part, point.key) not in held
            and (entry.new or self._policy.of(point.part) != "keep")
        ]
        if added:
            entry.points = (*entry.points, *added)
        return bool(added)

    def _rest(self, entry: Entry, row: RowValues) -> bool:
        known = {sort_key(tag) for tag in entry.tags} | entry.held_tags
        tags = [tag for tag in (*row.tags, *self._tags) if sort_key(tag) not in known]
        if tags:
            entry.tags = (*entry.tags, *tags)
        grown = bool(tags)
        for address in row.addresses:
            if entry.new or self._policy.of("address") != "keep":
                grown |= _add_address(entry, address)
        return grown | self._members(entry, row) | self._custom(entry, row)

    def _members(self, entry: Entry, row: RowValues) -> bool:
        named = {member.name for member in entry.members}
        added = [
            member
            for member in row.members
            if member.name not in named and self._joins(entry, member.name)
        ]
        if added:
            entry.members = (*entry.members, *added)
        return bool(added)

    def _joins(self, entry: Entry, name: str) -> bool:
        """Whether somebody whom the row names takes part by it for the first time."""
        found = self._references.contact(name)
        return found not in entry.held_members and (found is not None or bool(name.strip()))

    def _custom(self, entry: Entry, row: RowValues) -> bool:
        held = entry.custom or {}
        given = {name: v for name, v in (row.custom or {}).items() if held.get(name) != v}
        added = {n: v for n, v in given.items() if self._may_set(entry, n, held.get(n))}
        for name in given.keys() - added.keys():
            if self._policy.of(name) == "fill":
                entry.differ(name, given[name])
        if added:
            entry.note("custom", held or None)
            entry.custom = {**held, **added}
        return bool(added)

    def _may_set(self, entry: Entry, name: str, held: Any) -> bool:
        how = "fill" if entry.new else self._policy.of(name)
        return how == "overwrite" or (how == "fill" and held is None)


def _add_address(entry: Entry, address: AddressValue) -> bool:
    """Add an address, or the parts that one of the record's lacks; returns whether any."""
    for place, held in enumerate(entry.addresses):
        if agreeing(held, address):
            full = _fuller(held, address)
            before, after = entry.addresses[:place], entry.addresses[place + 1 :]
            entry.addresses = (*before, full, *after)
            return full != held
    for id, held in entry.held_addresses:
        if agreeing(held, address):
            return _fill_address(entry, id, held, address)
    entry.addresses = (*entry.addresses, address)
    return True


def _fill_address(entry: Entry, id: int, held: AddressValue, address: AddressValue) -> bool:
    """Fill the blanks of a stored address; returns whether there were any."""
    full = _fuller(held, address)
    added = {name: value for name, value in full._asdict().items() if value != getattr(held, name)}
    if added:
        entry.fills = {**(entry.fills or {}), id: {**(entry.fills or {}).get(id, {}), **added}}
        entry.held_addresses = [
            (each, full if each == id else was) for each, was in entry.held_addresses
        ]
    return bool(added)


def _fuller(held: AddressValue, other: AddressValue) -> AddressValue:
    return AddressValue(*(a or b for a, b in zip(held, other, strict=True)))
