"""Which records the rows of a chunk mean: looked up set by set, then chosen row by row.

What another program calls a record comes first, where the file tells it. A contact is met by an
e-mail, else by a phone or a profile together with the name, else by name and company; a company by
its domain, else by its name; a deal by its title together with its company or contact; an activity
by its subject and time, a task by its title and day.
Rows of the file meet each other in the same way. Of several with one e-mail, that of the same name
is meant. What the program tells apart by its ids stays apart, unless e-mail and name are the same.
Where only a name speaks for it, a row that contradicts a record (another birthday, amount, domain)
is another one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from crmcli.exchange.bulk import wanted
from crmcli.exchange.layout import NAME_PARTS, Layout
from crmcli.exchange.references import BY_EMAIL, SHARED, UNKNOWN, References, by_external
from crmcli.exchange.rows import AddressValue, Entry, RowValues
from crmcli.fields import Record
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer

Key = tuple[Any, ...]

_WEIGHED = 100  # records of one name or e-mail that a row is compared with
# What tells two records of one name apart, and hardly ever changes.
_STEADY = {
    "contact": ("birthday", "created_at"),
    "company": ("domain", "founded"),
    "deal": ("value", "expected_close", "created_at"),
    "activity": (),
    "task": (),
}


class Matcher:
    """Finds the record that a row means, among those stored and those of the file so far."""

    def __init__(self, writer: Writer, layout: Layout, references: References) -> None:
        self._writer, self._layout, self._references = writer, layout, references
        self._entries: dict[int, Entry] = {}
        self._by_id: dict[Key, Entry] = {}
        self._by_key: dict[Key, list[Entry]] = {}
        self._claimed: set[int] = set()
        self._keys: dict[int, list[Key]] = {}
        self._make_keys = _KEYS[layout.record.name]
        refs = [field.name for field in layout.ref_fields]
        self._company = refs.index("company") if "company" in refs else -1
        self._contact = refs.index("contact") if "contact" in refs else -1
        # Names that met have the same key; how they are written need not agree.
        self._compared = [
            place for place, name in enumerate(layout.names) if place and name not in NAME_PARTS
        ]
        self._steady = [
            place for place, name in enumerate(layout.names) if name in _STEADY[layout.record.name]
        ]

    @property
    def record(self) -> Record:
        """The record type of the file."""
        return self._layout.record

    def prepare(self, rows: Sequence[RowValues]) -> None:
        """Load every stored record that one of the rows may mean."""
        self._entries, self._by_id, self._by_key, self._claimed = {}, {}, {}, set()
        self._keys = {}
        hits = [*self._by_external(rows), *_LOOKUPS[self._layout.record.name](self, rows)]
        self._load({id for _key, id in hits})
        for key, id in hits:
            entry = self._entries.get(id)
            if entry is not None and key[0] == "id":
                self._by_id.setdefault(key, entry)
            elif entry is not None:
                self._by_key.setdefault(key, []).append(entry)

    def find(self, row: RowValues) -> Entry | None:
        """The record that the row means; None when it is a new one."""
        keys = self.keys(row)
        if row.external and (known := self._by_id.get(keys[0])):
            return self._claim(known)
        for key in keys:
            if key in self._by_key:
                found = self._choose(row, key, self._by_key[key])
                if found is not None:
                    return self._claim(found)
        return None

    def add(self, entry: Entry, row: RowValues) -> None:
        """Have later rows of the chunk meet a record: a new one, or one that this row added to."""
        for key in self.keys(row):
            if key[0] == "id":
                self._by_id.setdefault(key, entry)
            elif entry.new or key[0] == "email":
                known = self._by_key.setdefault(key, [])
                if not known or known[-1] is not entry:
                    known.append(entry)

    def _claim(self, entry: Entry) -> Entry:
        self._claimed.add(id(entry))
        return entry

    def _choose(self, row: RowValues, key: Key, candidates: Sequence[Entry]) -> Entry | None:
        """The candidate that agrees with the row in all, else a stored one that may be meant."""
        candidates = candidates[:_WEIGHED]
        if key[0] == "email":
            return _of_email(row, candidates)
        if key[0] in ("phone", "social"):
            return next((each for each in candidates if not each.is_another(row.external)), None)
        if key[0] == "domain":
            return self._of_domain(row, candidates)
        likely, dated = None, key[0] == "dated"
        for entry in candidates:
            if entry.is_another(row.external) or (dated and not self._same_people(entry, row)):
                continue
            if self._agrees(entry, row, self._compared):
                return entry
            if likely is None and not entry.new and self._may_differ(key, entry, row):
                likely = entry
        return likely

    def _of_domain(self, row: RowValues, candidates: Sequence[Entry]) -> Entry | None:
        """The company of a domain: that of the same name, else one with a word in common.

        A stored one of another name is meant too where the file says the domain itself. Read off a
        web page it says less: several companies may show their pages on one site.
        """
        candidates = [each for each in candidates if not each.is_another(row.external)]
        same = next((entry for entry in candidates if entry.key == row.key), None)
        if same is not None:
            return same
        words, explicit = set(row.key.split()), self._layout.has("domain")
        for entry in candidates:
            if words & set(entry.key.split()) or (explicit and not entry.new):
                return entry
        return None

    def _same_people(self, entry: Entry, row: RowValues) -> bool:
        """Whether an activity or a task concerns whom the row names."""
        for place, field in enumerate(self._layout.ref_fields):
            text, held = row.refs[place], entry.refs[place]
            if text is None or held is None:
                continue
            meant = text if isinstance(held, str) else self._references.find(field, text)
            if meant != held:
                return False
        if entry.new:
            return {one.name for one in row.members} == {one.name for one in entry.members}
        return all(self._references.contact(one.name) in entry.held_members for one in row.members)

    def _agrees(self, entry: Entry, row: RowValues, places: Iterable[int]) -> bool:
        for place in places:
            old, new = entry.values[place], row.values[place]
            if old is not None and new is not None and old != new:
                return False
        return _same_place(entry, row)

    def _may_differ(self, key: Key, entry: Entry, row: RowValues) -> bool:
        """Whether a stored record may be meant although it differs from the row by now.

        What tells two of one name apart must agree, unless no other row has meant the record.
        """
        if self._agrees(entry, row, self._steady):
            return True
        noun = self._layout.record.name
        named_alone = noun == "company" or (noun == "contact" and key[2] is None)
        return not named_alone and id(entry) not in self._claimed

    # --- keys

    def keys(self, row: RowValues) -> list[Key]:
        """What the row can be met by; worked out once in a chunk."""
        found = self._keys.get(row.place)
        if found is None:
            found = self._keys[row.place] = self._make_keys(self, row)
            if row.external:
                found.insert(0, ("id", row.external))
        return found

    def company_of(self, row: RowValues) -> Any:
        """The id of the company that the row names, its name while there is none, or None."""
        text = row.refs[self._company] if self._company >= 0 else None
        return text and (self._references.company(text, row.points) or text.casefold())

    def contact_of(self, row: RowValues) -> Any:
        """The id of the contact that a deal names, its text while there is none, or None."""
        text = row.refs[self._contact] if self._contact >= 0 else None
        return text and (self._references.contact(text) or text.casefold())

    # --- looking up

    def _by_external(self, rows: Sequence[RowValues]) -> list[tuple[Any, int]]:
        if self._layout.external is None:
            return []
        record = self._layout.record
        keys = [(row.external,) for row in rows if row.external]
        sql = by_external(record.name, record.table)
        found = self.pairs(sql, ("key",), keys, (self._layout.system or UNKNOWN,))
        return [(("id", key), id) for key, id in found]

    def pairs(
        self, sql: str, columns: Sequence[str], keys: Iterable[Key], params: Sequence[Any] = ()
    ) -> list[Key]:
        """The rows of `sql` over temp.wanted, its columns filled with these keys."""
        distinct = list(dict.fromkeys(keys))
        if not distinct:
            return []
        wanted(self._writer, columns, distinct)
        return self._writer.rows(sql, params)

    def _load(self, ids: set[int]) -> None:
        """Read what the records hold of the fields that the file has."""
        if not ids:
            return
        wanted(self._writer, ("ref",), [(id,) for id in ids])
        layout, record = self._layout, self._layout.record
        references = [field.column for field in layout.ref_fields]
        names = ["id", layout.key or layout.names[0], "custom", *layout.names, *references]
        for id, name, custom, *values in self._writer.rows(
            f"SELECT {', '.join(names)} FROM {record.table}"
            " WHERE id IN (SELECT ref FROM temp.wanted) AND deleted_at IS NULL"
        ):
            key = name if layout.key else sort_key(name)
            entry = stored(id, key, values[: len(layout.names)], values[len(layout.names) :])
            entry.custom = json.loads(custom or "{}")
            self._entries[id] = entry
        self._load_rest()

    def _load_rest(self) -> None:
        layout, noun = self._layout, self._layout.record.name
        if noun in ("contact", "company"):
            for id, part, key in self._held(
                f"SELECT {noun}_id, kind, key FROM contact_point", f"{noun}_id"
            ):
                self._hold(id, "held_points", (part, key))
        if layout.addresses:
            for id, place, *parts in self._held(
                f"SELECT {noun}_id, id, label, street, city, region, postcode, country"
                " FROM address", f"{noun}_id",
            ):  # fmt: skip
                entry = self._entries[id]
                entry.held_addresses = (*entry.held_addresses, (place, AddressValue(*parts)))
        for id, key in self._held(
            "SELECT record_id, (SELECT name_key FROM tag g WHERE g.id = tag_id) FROM tagging",
            "record_id", f" AND record = '{noun}'",
        ):  # fmt: skip
            self._hold(id, "held_tags", key)
        if layout.members:
            table = layout.members[0].field.part
            for id, contact in self._held(
                f"SELECT {noun}_id, contact_id FROM {table}", f"{noun}_id"
            ):
                self._hold(id, "held_members", contact)
        if layout.external is not None:
            system = (layout.system or UNKNOWN).replace("'", "''")
            for id, key in self._held(
                "SELECT record_id, key FROM external_id", "record_id",
                f" AND record = '{noun}' AND system = '{system}'",
            ):  # fmt: skip
                self._hold(id, "held_externals", key)

    def _hold(self, id: int, name: str, value: Any) -> None:
        entry = self._entries[id]
        held = vars(entry).get(name)
        if held is None:
            setattr(entry, name, {value})
        else:
            held.add(value)

    def _held(self, select: str, column: str, condition: str = "") -> list[Key]:
        rows = self._writer.rows(
            f"{select} WHERE {column} IN (SELECT ref FROM temp.wanted) AND deleted_at IS NULL"
            f"{condition} ORDER BY id"
        )
        return [row for row in rows if row[0] in self._entries]


def stored(id: int, key: str, values: Sequence[Any], refs: Sequence[int | None]) -> Entry:
    """A record of the database, before the file adds to it."""
    entry = Entry(RowValues(0, 0, key, tuple(values), (), (), (), (), (), None))
    entry.id, entry.new, entry.refs = id, False, list(refs)
    return entry


def _of_email(row: RowValues, candidates: Sequence[Entry]) -> Entry | None:
    """Whom of those with one e-mail a row means: that of the same name, else one whom the other
    program does not know by another id."""
    same = next((entry for entry in candidates if entry.key == row.key), None)
    return same or next((each for each in candidates if not each.is_another(row.external)), None)


def _same_place(entry: Entry, row: RowValues) -> bool:
    """Whether one of the record's addresses agrees with one of the row's, or either has none."""
    if not row.addresses:
        return True
    theirs = [*entry.addresses, *(address for _id, address in entry.held_addresses)]
    if not theirs:
        return True
    return any(agreeing(one, other) for one in theirs for other in row.addresses)


def agreeing(one: AddressValue, other: AddressValue) -> bool:
    """Whether two addresses may be the same: no part is different, and one part is the same."""
    same = [sort_key(a) == sort_key(b) for a, b in zip(one[1:], other[1:], strict=True) if a and b]
    return bool(same) and all(same)


# --- contacts


def _contact_keys(matcher: Matcher, row: RowValues) -> list[Key]:
    keys: list[Key] = list(row.met)
    company = matcher.company_of(row)
    if company is not None:
        keys.append(("name", row.key, company))
    elif not keys:
        keys.append(("name", row.key, None))
    return keys


def _contacts(matcher: Matcher, rows: Sequence[RowValues]) -> list[tuple[Any, int]]:
    emails = [(key[1], row.key) for row in rows for key in row.met if key[0] == "email"]
    hits = matcher.pairs(BY_EMAIL, ("key", "more"), emails)
    found: list[tuple[Any, int]] = [
        (("email", key), id) for key, id in dict.fromkeys((key, id) for key, _name, id, _ in hits)
    ]
    met = {key for key, _id in found}
    rest = [row for row in rows if met.isdisjoint(row.met)] if met else rows
    for part in ("phone", "social"):
        called = [key[1:] for row in rest for key in row.met if key[0] == part]
        found += [
            ((part, key, name), id)
            for key, name, id in matcher.pairs(_BY_POINT, ("key", "more"), called, (part,))
        ]
    named = [(key[1], key[2]) for row in rest for key in matcher.keys(row)[-1:]
             if key[0] == "name" and not isinstance(key[2], str)]  # fmt: skip
    found += [
        (("name", name, company), id)
        for name, company, id in matcher.pairs(_BY_NAME, ("key", "ref"), named)
    ]
    return found


# By a phone or a profile together with the name.
_BY_POINT = (
    "SELECT w.key, w.more, min(c.id) FROM temp.wanted w"
    " CROSS JOIN contact_point p ON p.key = w.key AND p.kind = ? AND p.deleted_at IS NULL"
    " CROSS JOIN contact c ON c.id = p.contact_id AND c.name_key = w.more AND c.deleted_at IS NULL"
    " WHERE (SELECT count(*) FROM (SELECT 1 FROM contact_point q WHERE q.key = w.key"
    f" AND q.kind = p.kind AND q.deleted_at IS NULL LIMIT {SHARED + 1})) <= {SHARED}"
    " GROUP BY w.key, w.more"
)
_BY_NAME = (
    "SELECT w.key, w.ref, c.id FROM temp.wanted w"
    " CROSS JOIN contact c ON c.company_id IS w.ref AND c.name_key = w.key AND c.deleted_at IS NULL"
    " ORDER BY c.id"
)


# --- companies


def _company_keys(matcher: Matcher, row: RowValues) -> list[Key]:
    domain = row.values[1]
    keys: list[Key] = [("domain", domain)] if domain else []
    return [*keys, ("name", row.key)]


def _companies(matcher: Matcher, rows: Sequence[RowValues]) -> list[tuple[Any, int]]:
    domains = [(row.values[1],) for row in rows if row.values[1]]
    found: list[tuple[Any, int]] = [
        (("domain", domain), id)
        for domain, id in matcher.pairs(
            "SELECT w.key, c.id FROM temp.wanted w CROSS JOIN company c"
            " ON c.domain = w.key AND c.deleted_at IS NULL"
            " WHERE (SELECT count(*) FROM (SELECT 1 FROM company o WHERE o.domain = w.key"
            f" AND o.deleted_at IS NULL LIMIT {SHARED + 1})) <= {SHARED} ORDER BY c.id",
            ("key",),
            domains,
        )
    ]
    return found + [
        (("name", name), id)
        for name, id in matcher.pairs(
            "SELECT w.key, c.id FROM temp.wanted w CROSS JOIN company c"
            " ON c.name_key = w.key AND c.deleted_at IS NULL ORDER BY c.id",
            ("key",),
            [(row.key,) for row in rows],
        )
    ]


# --- deals


def _deal_keys(matcher: Matcher, row: RowValues) -> list[Key]:
    company, contact = matcher.company_of(row), matcher.contact_of(row)
    if company is not None:
        return [("company", row.key, company)]
    return [("contact", row.key, contact)]


def _deals(matcher: Matcher, rows: Sequence[RowValues]) -> list[tuple[Any, int]]:
    keys = [key for row in rows for key in matcher.keys(row)
            if key[0] != "id" and not isinstance(key[2], str)]  # fmt: skip
    found: list[tuple[Any, int]] = [
        (("company", title, company), id)
        for title, company, id in matcher.pairs(
            "SELECT w.key, w.ref, d.id FROM temp.wanted w CROSS JOIN deal d"
            " ON d.company_id = w.ref AND d.title_key = w.key AND d.deleted_at IS NULL"
            " ORDER BY d.id",
            ("key", "ref"),
            [key[1:] for key in keys if key[0] == "company"],
        )
    ]
    return found + [
        (("contact", title, contact), id)
        for title, contact, id in matcher.pairs(
            "SELECT w.key, w.ref, d.id FROM temp.wanted w CROSS JOIN deal d ON d.company_id IS NULL"
            " AND d.title_key = w.key AND d.contact_id IS w.ref AND d.deleted_at IS NULL"
            " ORDER BY d.id",
            ("key", "ref"),
            [key[1:] for key in keys if key[0] == "contact"],
        )
    ]


# --- activities and tasks


_TOLD_BY = {"activity": "at", "task": "due"}


def _dated_keys(matcher: Matcher, row: RowValues) -> list[Key]:
    return [("dated", row.values[0], row.values[1])]


def _dated(matcher: Matcher, rows: Sequence[RowValues]) -> list[tuple[Any, int]]:
    """Activities by subject and time, tasks by title and day."""
    record = matcher.record
    title, day = record.title, _TOLD_BY[record.name]
    keys = [(row.values[0], row.values[1]) for row in rows if row.key]
    hits = matcher.pairs(
        f"SELECT w.key, w.more, t.id FROM temp.wanted w CROSS JOIN {record.table} t"
        f" ON t.{title} = w.key AND t.{day} IS w.more AND t.deleted_at IS NULL ORDER BY t.id",
        ("key", "more"),
        keys,
    )
    if record.name == "activity":
        undated = [(subject,) for subject, at in keys if at is None]
        hits += [(subject, None, id) for subject, id in matcher.pairs(_UNDATED, ("key",), undated)]
    return [(("dated", name, at), id) for name, at, id in hits]


# An activity without a time took place when it was imported. One pass over the table, as subjects
# have no index of their own.
_UNDATED = (
    "SELECT subject, id FROM activity WHERE deleted_at IS NULL AND at = created_at"
    " AND subject IN (SELECT key FROM temp.wanted) ORDER BY id"
)


_LOOKUPS = {
    "contact": _contacts, "company": _companies, "deal": _deals, "activity": _dated, "task": _dated,
}  # fmt: skip
_KEYS = {
    "contact": _contact_keys, "company": _company_keys, "deal": _deal_keys,
    "activity": _dated_keys, "task": _dated_keys,
}  # fmt: skip
