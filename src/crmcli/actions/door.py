"""Whether new records may be there already: asked at the door, by indexes only.

A few look-ups for e-mails, phones, domains and names, many records at once, so that adding one and
importing many stay quick; the whole comparison of records is `crm dupes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.actions.draft import Draft
    from crmcli.fields import Record
    from crmcli.store.read import Rows

ASKED = ("contact", "company")
"""The record types that are asked about."""

REACHED_BY = ("email", "phone")
"""The kinds of points by which somebody is met."""

_LIMIT = 3
_NAMESAKES = 20  # records of one key that are looked at
_TOGETHER = 500  # keys in one statement
_SAID = {"email": "e-mail"}

Hit = tuple[int, Any]
Reasons = tuple[int, list[str]]


class Newcomer(NamedTuple):
    """What is known of a new record. key: of its name (`name_key`); points: (kind, key) of those
    that `REACHED_BY` names."""

    name: str
    key: str
    points: Sequence[tuple[str, str]] = ()
    domain: str | None = None
    birthday: str | None = None


class _Known(NamedTuple):
    """What new records may be, by what it is met by; a birthday beside a name."""

    points: dict[tuple[str, str], list[Hit]]
    domains: dict[str, list[Hit]]
    named: dict[str, list[Hit]]

    def of(self, one: Newcomer) -> Sequence[Reasons]:
        """What a new record may be, the likeliest first."""
        found: dict[int, list[str]] = {}
        for kind, key in one.points:
            _note(found, self.points.get((kind, key), ()), f"same {_SAID.get(kind, kind)}")
        _note(found, self.domains.get(one.domain or "", ()), "same domain")
        hits = self.named.get(one.key, ())
        _note(found, [hit for hit in hits if not _other_day(hit[1], one.birthday)], "same name")
        return sorted(found.items(), key=_order) if found else ()

    def add(self, id: int, one: Newcomer) -> None:
        """Let those that follow meet this one."""
        met = [self.points.setdefault(point, []) for point in one.points]
        met += [self.domains.setdefault(one.domain, [])] if one.domain else []
        met += [self.named.setdefault(one.key, [])] if one.key else []
        for hits in met:
            if len(hits) < _NAMESAKES:
                hits.append((id, one.birthday))


class Likely(NamedTuple):
    """A record that a new one may be, what tells it apart, and why."""

    handle: str
    title: str
    detail: str
    why: str

    @property
    def said(self) -> str:
        """The record in a line: `c12 Ada Lovelace, ada@acme.com: same phone`."""
        named = f"{self.handle} {self.title}"
        return f"{named}, {self.detail}: {self.why}" if self.detail else f"{named}: {self.why}"


def likely(rows: Rows, record: Record, draft: Draft) -> list[Likely]:
    """The records that a new one may be, the likeliest first; three at most."""
    if record.name not in ASKED:
        return []
    (found,) = alike(rows, record, [_newcomer(record, draft)])
    return [_described(rows, record, id, why) for id, why in found[:_LIMIT]]


def alike(
    rows: Rows, record: Record, newcomers: Sequence[Newcomer], *, together: bool = False
) -> Iterator[Sequence[Reasons]]:
    """For each new record those that it may be, by id and with the reasons, the likeliest first.

    A contact is met by e-mail, phone or name, a company by its domain and by its name without
    the legal form as well. Where only the name speaks for it, another birthday speaks against it.
    together: it may also be one of the new ones before it, the first of which is -1.
    """
    company = record.name == "company"
    known = _Known(
        _by_point(rows, record, newcomers),
        _by_domain(rows, newcomers) if company else {},
        _companies(rows, newcomers) if company else _people(rows, newcomers),
    )
    for place, one in enumerate(newcomers):
        yield known.of(one)
        if together:
            known.add(~place, one)


def name_key(record: Record, name: str) -> str:
    """What the names of two records have in common that may be one."""
    if record.name != "company":
        return sort_key(name)
    from crmcli.values.organisations import core_name

    return core_name(name)


def first_word(key: str) -> str:
    """The word that a name begins with, of its `sort_key`; names of one company share it."""
    return key.partition(" ")[0].rstrip(".,")


def _note(found: dict[int, list[str]], hits: Iterable[Hit], why: str) -> None:
    for id, _detail in hits:
        reasons = found.setdefault(id, [])
        if why not in reasons:
            reasons.append(why)


def _order(one: Reasons) -> tuple[bool, int, bool, int]:
    id, why = one
    return why == ["same name"], -len(why), id < 0, abs(id)


def _newcomer(record: Record, draft: Draft) -> Newcomer:
    points = [
        (point.part, values.key(point.part, point.value))
        for point in draft.points
        if point.part in REACHED_BY and point.value is not None
    ]
    columns = draft.columns
    name, domain = str(columns.get("name") or ""), columns.get("domain")
    return Newcomer(name, name_key(record, name), points, domain, columns.get("birthday"))


def _by_point(
    rows: Rows, record: Record, newcomers: Sequence[Newcomer]
) -> dict[tuple[str, str], list[Hit]]:
    found: dict[tuple[str, str], list[Hit]] = {}
    for kind in REACHED_BY:
        keys = {key for one in newcomers for part, key in one.points if part == kind}
        sql = (
            "SELECT p.key, r.id, NULL AS detail,"
            " row_number() OVER (PARTITION BY p.key ORDER BY r.id) AS place"
            f" FROM contact_point p JOIN {record.table} r ON r.id = p.{record.name}_id"
            f" WHERE p.kind = '{kind}' AND p.deleted_at IS NULL AND r.deleted_at IS NULL"
            " AND p.key"
        )
        found |= {(kind, key): hits for key, hits in _first_of_each(rows, sql, keys).items()}
    return found


def _by_domain(rows: Rows, newcomers: Sequence[Newcomer]) -> dict[str, list[Hit]]:
    sql = (
        "SELECT domain AS key, id, NULL AS detail,"
        " row_number() OVER (PARTITION BY domain ORDER BY id) AS place"
        " FROM company WHERE deleted_at IS NULL AND domain"
    )
    return _first_of_each(rows, sql, {one.domain for one in newcomers if one.domain})


def _people(rows: Rows, newcomers: Sequence[Newcomer]) -> dict[str, list[Hit]]:
    """Namesakes with their birthdays."""
    sql = (
        "SELECT name_key AS key, id, birthday AS detail,"
        " row_number() OVER (PARTITION BY name_key ORDER BY id) AS place"
        " FROM contact WHERE deleted_at IS NULL AND name_key"
    )
    return _first_of_each(rows, sql, {one.key for one in newcomers} - {""})


def _first_of_each(rows: Rows, sql: str, keys: Iterable[str]) -> dict[str, list[Hit]]:
    """(id, detail) by key, of each key the first few. sql: ends before ` IN (keys)`."""
    found: dict[str, list[Hit]] = defaultdict(list)
    rest = list(keys)
    while rest:
        some, rest = rest[:_TOGETHER], rest[_TOGETHER:]
        marks = ", ".join("?" * len(some))
        for key, id, detail in rows.rows(
            f"SELECT key, id, detail FROM ({sql} IN ({marks})) AS known WHERE place <= ?",
            (*some, _NAMESAKES),
        ):
            found[key].append((int(id), detail))
    return found


def _other_day(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one)[-5:] != str(other)[-5:]


def _companies(rows: Rows, newcomers: Sequence[Newcomer]) -> dict[str, list[Hit]]:
    """Companies whose names are the same but for their legal forms."""
    from crmcli.values.organisations import core_name

    by_word: dict[str, set[str]] = defaultdict(set)
    for one in newcomers:
        if one.name:
            by_word[first_word(sort_key(one.name))].add(one.key)
    found: dict[str, list[Hit]] = defaultdict(list)
    for first, keys in by_word.items():
        for id, other in rows.rows(
            "SELECT id, name FROM company WHERE name_key >= ? AND name_key < ?"
            " AND deleted_at IS NULL ORDER BY name_key LIMIT ?",
            (first, f"{first}\U0010ffff", _NAMESAKES * 5),
        ):
            if (key := core_name(other)) in keys:
                found[key].append((int(id), None))
    return found


def _described(rows: Rows, record: Record, id: int, why: list[str]) -> Likely:
    title = rows.scalar(f"SELECT name FROM {record.table} WHERE id = ?", (id,))
    return Likely(record.handle(id), str(title), _detail(rows, record, id), ", ".join(why))


def _detail(rows: Rows, record: Record, id: int) -> str:
    """The primary e-mail, else the domain or the phone."""
    found: Any = rows.scalar(
        f"SELECT value FROM contact_point WHERE {record.name}_id = ? AND deleted_at IS NULL"
        " AND kind IN ('email', 'phone') ORDER BY kind, is_primary DESC LIMIT 1",
        (id,),
    )
    if found is None and record.name == "company":
        found = rows.scalar("SELECT domain FROM company WHERE id = ?", (id,))
    return str(found or "")
