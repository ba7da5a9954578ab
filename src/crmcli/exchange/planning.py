"""What a chunk of rows makes and fills in.

Blanks are filled and points, addresses and tags are added; what a record holds already stays. Rows
are taken in the order of the file, so a later row may add to what an earlier one made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crmcli.exchange.layout import NAME_PARTS, Layout
from crmcli.exchange.matching import Matcher, agreeing
from crmcli.exchange.problems import Problems
from crmcli.exchange.references import References
from crmcli.exchange.rows import AddressValue, Entry, RowValues
from crmcli.values.base import quote
from crmcli.values.text import sort_key

# What a file may bring for a new record, but never changes in one that is there.
_ONLY_NEW = ("created_at", "stage_since", "closed_at")


@dataclass(slots=True)
class Plan:
    """Records to make and to fill in, and what became of the rows."""

    new: list[Entry] = field(default_factory=list)
    changed: list[Entry] = field(default_factory=list)
    updated: int = 0
    unchanged: int = 0


def plan(
    matcher: Matcher,
    layout: Layout,
    references: References,
    rows: Sequence[RowValues],
    tags: Sequence[str],
    problems: Problems,
) -> Plan:
    """Decide for each row of a chunk; `tags` are put on every record that a row means."""
    merge = Merge(layout, references, tags, problems)
    found = Plan()
    changed: dict[int, Entry] = {}
    for row in rows:
        entry = matcher.find(row)
        if entry is None:
            entry = Entry(row)
            merge.tag(entry)
            found.new.append(entry)
        elif merge.into(entry, row):
            found.updated += 1
            if not entry.new:
                changed[id(entry)] = entry
        else:
            found.unchanged += 1
        matcher.add(entry, row)
    found.changed = list(changed.values())
    return found


class Merge:
    """Adds what a row says to a record that has it not."""

    def __init__(
        self,
        layout: Layout,
        references: References,
        tags: Sequence[str],
        problems: Problems,
    ) -> None:
        self._tags, self._problems = tags, problems
        self._references = references
        self._names = layout.names
        self._refs = [field.column for field in layout.ref_fields]
        self._fixed = {0} | {place for place, name in enumerate(layout.names) if name in _ONLY_NEW}
        self._parts = {
            place for place, name in enumerate(layout.names) if name in NAME_PARTS
        } if layout.record.name == "contact" else set()  # fmt: skip
        self._zero = [name == "do_not_contact" for name in layout.names]

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
        return grown

    def _values(self, entry: Entry, row: RowValues) -> bool:
        grown = self._name(entry, row)
        same_name = entry.key == row.key
        held = entry.values
        for place, value in enumerate(row.values):
            blank = held[place] in (None, "") or (self._zero[place] and not held[place])
            if value in (None, "") or not blank or held[place] == value or place in self._fixed:
                continue
            if place in self._parts and not same_name:
                continue
            self._set(entry, place, value)
            grown = True
        return grown

    def _set(self, entry: Entry, place: int, value: Any) -> None:
        entry.note(self._names[place], entry.values[place])
        entry.values[place] = value

    def _name(self, entry: Entry, row: RowValues) -> bool:
        """A record that is called by its e-mail gets its name; another name is told."""
        if entry.key == row.key:
            return False
        called = {key for _part, key in entry.point_keys()}
        if entry.key in called and row.key not in called:
            self._set(entry, 0, row.values[0])
            entry.note(f"{self._names[0]}_key", entry.key)
            entry.key = row.key
            return True
        if row.key not in called and not set(entry.key.split()) & set(row.key.split()):
            message = (
                f"{quote(row.values[0])} is {quote(entry.values[0])} here, whose name was kept"
            )
            self._problems.warn(row.line, self._names[0], message, "other name kept")
        return False

    def _named(self, entry: Entry, row: RowValues) -> bool:
        grown = False
        for place, text in enumerate(row.refs):
            if text is not None and entry.refs[place] is None:
                entry.note(self._refs[place], None)
                entry.refs[place] = text
                grown = True
        return grown

    def _points(self, entry: Entry, row: RowValues) -> bool:
        if not row.points:
            return False
        held = set(entry.point_keys())
        added = [point for point in row.points if (point.part, point.key) not in held]
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
            grown |= _add_address(entry, address)
        return grown | self._members(entry, row) | self._custom(entry, row)

    def _members(self, entry: Entry, row: RowValues) -> bool:
        named = {member.name for member in entry.members}
        added = [
            member
            for member in row.members
            if member.name not in named
            and self._references.contact(member.name) not in entry.held_members
        ]
        if added:
            entry.members = (*entry.members, *added)
        return bool(added)

    def _custom(self, entry: Entry, row: RowValues) -> bool:
        held = entry.custom or {}
        added = {
            name: value for name, value in (row.custom or {}).items() if held.get(name) is None
        }
        if added:
            entry.note("custom", held or None)
            entry.custom = {**held, **added}
        return bool(added)


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
