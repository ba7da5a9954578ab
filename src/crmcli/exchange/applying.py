"""A plan to rows: what is named is found or made, records go in as runs, blanks are filled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.exchange.bulk import insert
from crmcli.exchange.layout import Layout
from crmcli.exchange.planning import Plan
from crmcli.exchange.problems import Problems
from crmcli.exchange.references import References
from crmcli.exchange.rows import Entry
from crmcli.exchange.stages import Stage, Stages
from crmcli.values.base import quote
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Hints = Mapping[str, Sequence["str | None"]]


class Applier:
    """Writes the plans of one file."""

    def __init__(
        self,
        writer: Writer,
        layout: Layout,
        references: References,
        owner: int | None,
        problems: Problems,
    ) -> None:
        self._writer, self._layout, self._references = writer, layout, references
        self._noun, self._table = layout.record.name, layout.record.table
        self._owner, self._problems = owner, problems
        self._refs = layout.ref_fields
        self._hints: Hints = {}
        self._stages = Stages(writer, foreign=bool(layout.system))
        self._stage_place = next(
            (place for place, field in enumerate(self._refs) if field.ref == "stage"), None
        )
        self._constant = self._constants()
        self._defaults = self._column_defaults()

    def prepare(self, hints: Hints) -> None:
        """Take the texts of a chunk that help to find its stages."""
        self._hints = hints

    def apply(self, plan: Plan) -> None:
        """Write what a chunk makes and fills in."""
        entries = [*plan.new, *plan.changed]
        if self._noun == "deal":
            self._enter_stages(plan.new)
            self._move(plan.changed)
        self._resolve(entries, own=False)
        self._insert(plan.new)
        self._resolve(entries, own=True)
        self._set_parents(plan.new)
        self._add_points(entries)
        self._add_addresses(entries)
        self._add_tags(entries)
        self._add_members(entries)
        self._add_stage_changes(plan)
        self._add_externals(entries)
        for entry in plan.changed:
            self._fill(entry)

    # --- what is named

    def _resolve(self, entries: Sequence[Entry], *, own: bool) -> None:
        """Turn names into ids; `own`: references to records of the same type, which come last."""
        for place, field in sorted(
            enumerate(self._refs), key=lambda each: each[1].ref == "contact"
        ):
            named = [entry for entry in entries if isinstance(entry.refs[place], str)]
            if field.ref != "stage" and named and (field.ref == self._noun) == own:
                self._find_or_make(named, place, field.ref)

    def _find_or_make(self, named: Sequence[Entry], place: int, ref: str) -> None:
        references = self._references
        texts = {entry.refs[place] for entry in named}
        if ref == "company":
            if self._noun == "company":  # a parent may be among those just made
                references.find_companies(texts)
            references.make_companies(texts)
            for entry in named:
                entry.refs[place] = references.company(entry.refs[place], tuple(entry.points))
        elif ref == "contact":
            references.make_contacts({e.refs[place]: self._company(e) for e in named})
            for entry in named:
                entry.refs[place] = references.contact(entry.refs[place])
        elif ref == "deal":
            for entry in named:
                entry.refs[place] = references.find(self._refs[place], entry.refs[place])
        else:
            references.make_simple(ref, texts)
            for entry in named:
                entry.refs[place] = references.simple(ref, entry.refs[place])

    def _company(self, entry: Entry) -> int | None:
        places = [place for place, field in enumerate(self._refs) if field.name == "company"]
        found = entry.refs[places[0]] if places else None
        return found if isinstance(found, int) else None

    def _set_parents(self, new: Sequence[Entry]) -> None:
        for place, field in enumerate(self._refs):
            if field.ref == self._noun:
                self._writer.executemany(
                    f"UPDATE {self._table} SET {field.column} = ? WHERE id = ?",
                    [
                        (entry.refs[place], entry.id)
                        for entry in new
                        if entry.refs[place] not in (None, entry.id)
                    ],
                )

    def _enter_stages(self, new: Sequence[Entry]) -> None:
        """Put new deals into their stages; closed deals were closed when they entered it."""
        names = self._layout.names
        since, closed = names.index("stage_since"), names.index("closed_at")
        for entry in new:
            text = entry.refs[self._stage_place] if self._stage_place is not None else None
            stage = self.stage_of(entry.place, text or "", entry.line)
            entry.values[since] = entry.values[since] or self._writer.author.now
            ended = stage.type in ("won", "lost")
            entry.values[closed] = (entry.values[closed] or entry.values[since]) if ended else None
            if self._stage_place is None:
                entry.refs.append(stage.id)
            else:
                entry.refs[self._stage_place] = stage.id

    def stage_of(self, place: int, text: str, line: int = 0) -> Stage:
        """The stage of a deal in row `place` of the chunk; one that is not there is listed."""
        hints = self._hints
        asked = [(hints[name][place] or "") if name in hints else ""
                 for name in ("pipeline", "status")]  # fmt: skip
        stage, exact = self._stages.find(text, *asked)
        if not exact and line:
            self._problems.unmatched["stage", text, stage.name] += 1
            message = f"there is no stage {quote(text)}: the deal starts in {stage.name}"
            self._problems.warn(line, "stage", message, "stage not found")
        return stage

    def _move(self, changed: Sequence[Entry]) -> None:
        """Have deals that were there enter the stage that the file names."""
        now, names = self._writer.author.now, self._layout.names
        for entry in changed:
            if entry.moved is None or self._stage_place is None:
                continue
            stage = entry.moved[1]
            entry.refs[self._stage_place] = stage.id
            ended = now if stage.type in ("won", "lost") else None
            for name, value in (("stage_since", now), ("closed_at", ended)):
                entry.note(name, entry.values[names.index(name)])
                entry.values[names.index(name)] = value

    # --- new records

    def _constants(self) -> dict[str, Any]:
        """Columns that the file does not have, the same for every new record."""
        now, record = self._writer.author.now, self._layout.record
        given = {*self._layout.names, *(field.column for field in self._refs)}
        constants: dict[str, Any] = {"created_at": now, "updated_at": now, "version": 1}
        constants |= {f.column: f.default for f in record.fields if f.default is not None}
        constants["owner_id"] = self._owner or self._writer.user_id
        return {name: value for name, value in constants.items() if name not in given}

    def _column_defaults(self) -> list[tuple[int, Any]]:
        """Places of columns that the file has, and what stands there for a blank."""
        now = self._writer.author.now
        defaults = {
            f.column: f.default for f in self._layout.record.fields if f.default is not None
        }
        defaults |= {"created_at": now, "at": now}
        return [
            (place, defaults[name])
            for place, name in enumerate(self._layout.names)
            if name in defaults
        ]

    def _insert(self, new: Sequence[Entry]) -> None:
        if not new:
            return
        layout = self._layout
        own = {place for place, field in enumerate(self._refs) if field.ref == self._noun}
        refs = [field.column for field in self._refs]
        owner = refs.index("owner_id") if "owner_id" in refs else None
        whose = self._owner or (self._writer.user_id if layout.owners else None)
        if self._noun == "deal" and "stage_id" not in refs:
            refs.append("stage_id")
        key = [layout.key] if layout.key else []
        names = (*layout.names, *refs, *key, "custom", *self._constant)
        constant = tuple(self._constant.values())
        rows = []
        for entry in new:
            for place, default in self._defaults:
                if entry.values[place] is None:
                    entry.values[place] = default
            if owner is not None and entry.refs[owner] is None:
                entry.refs[owner] = whose
            ids = (
                [None if at in own else id for at, id in enumerate(entry.refs)]
                if own
                else entry.refs
            )
            custom = _json(entry.custom) if entry.custom else None
            keys = (entry.key,) if key else ()
            rows.append((*entry.values, *ids, *keys, custom, *constant))
        first = insert(self._writer, self._table, names, rows)
        for id, entry in enumerate(new, first):
            entry.id = id

    # --- what belongs to them

    def _add_points(self, entries: Iterable[Entry]) -> None:
        rows = []
        for entry in entries:
            id, held = entry.id, {part for part, _key in entry.held_points}
            for part, label, value, key, valid in entry.points:
                rows.append((id, part, label, value, key, int(part not in held), int(valid)))
                held.add(part)
        names = (f"{self._noun}_id", "kind", "label", "value", "key", "is_primary", "valid")
        insert(self._writer, "contact_point", names, rows)

    def _add_addresses(self, entries: Iterable[Entry]) -> None:
        rows = []
        keys: dict[str | None, str | None] = {None: None}
        for entry in entries:
            for number, address in enumerate(entry.addresses):
                primary = number == 0 and not entry.held_addresses
                city = address.city
                if city not in keys:
                    keys[city] = sort_key(city or "")
                rows.append((entry.id, *address, keys[city], int(primary)))
        names = (f"{self._noun}_id", "label", "street", "city", "region", "postcode", "country",
                 "city_key", "is_primary")  # fmt: skip
        insert(self._writer, "address", names, rows)

    def _add_tags(self, entries: Sequence[Entry]) -> None:
        tagged = [entry for entry in entries if entry.tags]
        if not tagged:
            return
        references = self._references
        references.make_simple("tag", {tag for entry in tagged for tag in entry.tags})
        rows = [
            (id, self._noun, entry.id)
            for entry in tagged
            for id in dict.fromkeys(references.simple("tag", tag) for tag in entry.tags)
        ]
        insert(self._writer, "tagging", ("tag_id", "record", "record_id"), rows)

    def _add_members(self, entries: Sequence[Entry]) -> None:
        joining = [entry for entry in entries if entry.members]
        if not joining:
            return
        references = self._references
        references.make_contacts(
            {member.name: self._company(entry) for entry in joining for member in entry.members}
        )
        rows = []
        for entry in joining:
            held = set(entry.held_members)
            for member in entry.members:
                id = references.contact(member.name)
                if id is not None and id not in held:
                    held.add(id)
                    rows.append((entry.id, id, member.label))
        table = self._layout.members[0].field.part
        insert(self._writer, table, (f"{self._noun}_id", "contact_id", "label"), rows)

    def _add_stage_changes(self, plan: Plan) -> None:
        if self._noun != "deal":
            return
        since = self._layout.names.index("stage_since")
        place = len(self._refs) if self._stage_place is None else self._stage_place
        user = self._writer.user_id
        rows: list[tuple[Any, ...]] = [
            (entry.id, None, entry.refs[place], entry.values[since], user) for entry in plan.new
        ]
        rows += [
            (entry.id, entry.moved[0], entry.moved[1].id, entry.values[since], user)
            for entry in plan.changed
            if entry.moved
        ]
        names = ("deal_id", "from_id", "stage_id", "at", "user_id")
        insert(self._writer, "stage_change", names, rows)

    def _add_externals(self, entries: Sequence[Entry]) -> None:
        pairs = [
            (key, entry.id)
            for entry in entries
            for key in entry.externals
            if entry.id and key not in entry.held_externals
        ]
        self._references.learn_externals(self._noun, pairs)

    # --- records that were there

    def _fill(self, entry: Entry) -> None:
        """Write the filled blanks of one record, with what stood there before."""
        id = entry.id or 0
        if entry.before:
            after = self._after(entry)
            before = {**entry.before}
            if "custom" in before and before["custom"] is not None:
                before["custom"] = _json(before["custom"])
            self._update(self._table, id, before, after, "updated_at = ?")
        for address, parts in (entry.fills or {}).items():
            if "city" in parts:
                parts["city_key"] = sort_key(parts["city"])
            self._update("address", address, dict.fromkeys(parts), parts)
        self._writer.touched(self._table, id, id)

    def _after(self, entry: Entry) -> dict[str, Any]:
        columns = [field.column for field in self._refs]
        held = dict(zip((*self._layout.names, *columns), (*entry.values, *entry.refs),
                        strict=False))  # fmt: skip
        if self._layout.key:
            held[self._layout.key] = entry.key
        held["custom"] = _json(entry.custom or {})
        return {name: held[name] for name in entry.before or ()}

    def _update(
        self, table: str, id: int, before: dict[str, Any], after: Mapping[str, Any], more: str = ""
    ) -> None:
        sets = ", ".join([*(f"{name} = ?" for name in after), *([more] if more else [])])
        params = [*after.values(), *([self._writer.author.now] if more else []), id]
        self._writer.execute(f"UPDATE {table} SET {sets} WHERE id = ?", params)
        self._writer.journal(table, id, "update", before, after)


class Counts(NamedTuple):
    """What became of the rows of a file."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    rejected: int = 0

    def plus(self, *numbers: int) -> Counts:
        """These counts and others, in the same order."""
        return Counts(*(a + b for a, b in zip(self, numbers, strict=True)))


def _json(custom: Mapping[str, Any]) -> str:
    return json.dumps(custom, ensure_ascii=False, sort_keys=True)
