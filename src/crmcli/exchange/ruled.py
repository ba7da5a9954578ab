"""Rows of a file that break a rule of the team's: set aside, or warned of.

A row that would make a record is asked before it does, as a whole record of its own, and with it
what the row names that would be made in passing; a record that the file adds to is asked with what
it holds already. Nothing here runs where there are no rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.actions.data_rules import Ready, ready
from crmcli.data_rules import Contents, DataRule
from crmcli.exchange.layout import Layout
from crmcli.exchange.passing import Fault, Passing
from crmcli.exchange.planning import Plan
from crmcli.exchange.problems import Problems
from crmcli.exchange.reading import Chunk, Rejected
from crmcli.exchange.references import References
from crmcli.exchange.rows import Entry, RowValues
from crmcli.exchange.stages import Stage
from crmcli.fields import Field
from crmcli.queries.contents import contents, holders, keys
from crmcli.values.base import Env, Money

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Said = RowValues | Entry
StageOf = Callable[[int, str], Stage]


class Ruled:
    """The rules for the records of one file. owner: whose those are that name no owner."""

    def __init__(
        self,
        writer: Writer,
        env: Env,
        rules: Sequence[DataRule],
        layout: Layout,
        owner: str,
        stage_of: StageOf,
        problems: Problems,
        references: References,
    ) -> None:
        self._writer, self._layout, self._stage_of = writer, layout, stage_of
        self._problems = problems
        self._active = bool(rules)
        self._passing = Passing(writer, env, rules, layout, references, owner)
        self._rules = ready(writer, env, rules, layout.record.name)
        self._fields = list(dict.fromkeys(f for each in self._rules for f in each.fields))
        self._of_nothing = _of_nothing(self._fields, owner)
        self._places = {name: place for place, name in enumerate(layout.names)}
        self._refs = {field.name: place for place, field in enumerate(layout.ref_fields)}
        self._broken: dict[int, list[Fault]] = {}
        self._told: set[Fault] = set()

    def refused(self, chunk: Chunk) -> dict[int, Rejected]:
        """The rows that must not make a record, by their places."""
        if not self._active:
            return {}
        self._passing.prepare(chunk.rows)
        taken = [self._taken(each, chunk.rows) for each in self._rules]
        self._broken = {
            row.place: found for row in chunk.rows if (found := list(self._of_new(row, taken)))
        }
        return {
            place: Rejected(*chunk.whole[place], _reason(found))
            for place, found in self._broken.items()
            if _is_error(found)
        }

    def sort_out(self, found: Plan, chunk: Chunk) -> list[Rejected]:
        """Take the records out of a plan that would break a rule by what the file adds to them;
        returns their rows. What breaks a rule of severity warning is told."""
        if not self._active:
            return []
        for entry in found.new:
            self._warn(entry, self._broken.get(entry.place, ()))
            for fault in self._passing.let_go(entry):  # what another row of the file added
                self._problems.warn(entry.line, fault.column, fault.says, f"rule {fault.rule.name}")
        broken = {id(entry): faults for entry, faults in self._of_changed(found.changed)}
        for entry in found.changed:
            self._warn(entry, broken.get(id(entry), ()))
        gone = [entry for entry in found.changed if _is_error(broken.get(id(entry), ()))]
        lost = {id(entry) for entry in gone}
        found.changed = [entry for entry in found.changed if id(entry) not in lost]
        found.updated -= len(gone)
        return [Rejected(*chunk.whole[entry.place], _reason(broken[id(entry)])) for entry in gone]

    def _warn(self, entry: Entry, faults: Iterable[Fault]) -> None:
        """Tell what breaks a rule of severity warning; what rows name is told of once."""
        for fault in faults:
            if fault.is_error or fault in self._told:
                continue
            self._problems.warn(entry.line, fault.column, fault.says, f"rule {fault.rule.name}")
            if fault.noun:
                self._told.add(fault)

    # --- rows that make a record

    def _of_new(self, row: RowValues, taken: Sequence[Mapping[str, int]]) -> Iterator[Fault]:
        held, stage = self._contents(row, self._of_nothing), self._stage(row)
        for each, others in zip(self._rules, taken, strict=True):
            if each.stages is not None and stage not in each.stages:
                continue
            doubled = any(others.get(key, row.place) != row.place for key in self._keys(each, row))
            if doubled or each.broken(held):
                yield Fault(each.rule)
        yield from self._passing.faults(row)

    def _stage(self, row: RowValues) -> int | None:
        if self._layout.record.name != "deal":
            return None
        text = row.refs[self._refs["stage"]] if "stage" in self._refs else None
        return self._stage_of(row.place, text or "").id

    def _taken(self, each: Ready, rows: Sequence[RowValues]) -> dict[str, int]:
        """Who has the keys of a unique field first: -1 for a record that is there already, else
        the place of a row."""
        wanted = [(key, row.place) for row in rows for key in self._keys(each, row)]
        found: dict[str, int] = {}
        for key, place in wanted:
            found.setdefault(key, place)
        return found | {key: -1 for key, _id in self._holders(each, list(found))}

    def _keys(self, each: Ready, said: Said) -> list[str]:
        """The keys of what is said of the field that a rule wants unique."""
        field = each.unique
        if field is None:
            return []
        if field.store == "point":
            return [point.key for point in said.points if point.part == field.part]
        if field.key and field.column == self._layout.names[0]:
            return [said.key]
        return [str(value) for value in self._said(field, said, ())]

    def _holders(self, each: Ready, wanted: Sequence[str]) -> Iterator[tuple[str, int]]:
        """The stored records that have these keys of a unique field."""
        if each.unique is None:
            return
        source = keys(self._layout.record, each.unique)
        yield from holders(self._writer, source, wanted)

    # --- records that were there

    def _of_changed(self, changed: Sequence[Entry]) -> Iterator[tuple[Entry, list[Fault]]]:
        by_id = {entry.id: entry for entry in changed if entry.id is not None}
        if not by_id:
            return
        doubled = [self._doubled(each, changed) for each in self._rules]
        for held in contents(self._writer, self._layout.record, self._fields, list(by_id)):
            entry = by_id[held.id]
            stage = entry.moved[1].id if entry.moved else held.stage
            full = self._contents(entry, held.contents)
            found = [
                Fault(each.rule)
                for each, others in zip(self._rules, doubled, strict=True)
                if (each.stages is None or stage in each.stages)
                and (held.id in others or each.broken(full))
            ]
            found += self._passing.faults(entry)
            if found:
                yield entry, found

    def _doubled(self, each: Ready, changed: Sequence[Entry]) -> set[int | None]:
        """Those that would get a value of a unique field that another record has."""
        wanted = {key: entry.id for entry in changed for key in self._keys(each, entry)}
        return {wanted[key] for key, id in self._holders(each, list(wanted)) if id != wanted[key]}

    # --- what a row says

    def _contents(self, said: Said, held: Contents) -> Contents:
        return {f.name: self._said(f, said, held.get(f.name, ())) for f in self._fields}

    def _said(self, field: Field, said: Said, held: Sequence[Any]) -> Sequence[Any]:
        """The values of a field after what is said; those that are held where it says nothing."""
        match field.store:
            case "point":
                return (*held, *(p.value for p in said.points if p.part == field.part))
            case "tags":
                return (*held, *said.tags)
            case "members":
                return (*held, *(member.name for member in said.members))
            case "address":
                return (*held, *(address.line for address in said.addresses))
            case "part":
                parts = [getattr(address, field.part) for address in said.addresses]
                return held or tuple(filter(None, parts))
            case "custom":
                value = (said.custom or {}).get(field.name)
            case "ref":
                place = self._refs.get(field.name)
                named = None if place is None else said.refs[place]
                value = named if isinstance(named, str) else None
            case _:
                value = self._column(field, said)
        return held if value in (None, "") else (value,)

    def _column(self, field: Field, said: Said) -> Any:
        place = self._places.get(field.column)
        value = None if place is None else said.values[place]
        if field.store != "money" or value is None:
            return value
        return Money(value, said.values[self._places[field.currency]])


def _of_nothing(fields: Sequence[Field], owner: str) -> Contents:
    """What a new record holds by itself: the defaults, and its owner."""
    found = {f.name: () if f.default is None else (f.default,) for f in fields}
    return found | ({"owner": (owner,)} if "owner" in found else {})


def _is_error(faults: Iterable[Fault]) -> bool:
    return any(fault.is_error for fault in faults)


def _reason(faults: Iterable[Fault]) -> str:
    return "; ".join(fault.says for fault in faults if fault.is_error)
