"""Whether new records may be there already: asked at the door, by indexes only.

A few look-ups for e-mails, phones, domains and names, many records at once, so that adding one and
importing many stay quick; the whole comparison of records is `crm dupes`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """What is known of a new record. points: (kind, key) of those that `REACHED_BY` names."""

    name: str
    points: Sequence[tuple[str, str]] = ()
    domain: str | None = None
    birthday: str | None = None


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
    (found,) = alike(rows, record, [_newcomer(draft)])
    return [_described(rows, record, id, why) for id, why in found[:_LIMIT]]


def alike(rows: Rows, record: Record, newcomers: Sequence[Newcomer]) -> Iterator[Sequence[Reasons]]:
    """For each new record those that it may be, by id and with the reasons, the likeliest first.

    A contact is met by e-mail, phone or name, a company by its domain and by its name without
    the legal form as well. Where only the name speaks for it, another birthday speaks against it.
    """
    reached = _by_point(rows, record, newcomers)
    domains = _by_domain(rows, newcomers) if record.name == "company" else {}
    people = record.name == "contact"
    named = (_people if people else _companies)(rows, {each.name for each in newcomers} - {""})
    for one in newcomers:
        found: dict[int, list[str]] = {}
        for kind, key in one.points:
            _note(found, reached.get((kind, key), ()), f"same {_SAID.get(kind, kind)}")
        _note(found, domains.get(one.domain or "", ()), "same domain")
        hits = named.get(one.name, ())
        _note(found, [hit for hit in hits if not _other_day(hit[1], one.birthday)], "same name")
        yield sorted(found.items(), key=_order) if found else ()


def _note(found: dict[int, list[str]], hits: Iterable[Hit], why: str) -> None:
    for id, _detail in hits:
        reasons = found.setdefault(id, [])
        if why not in reasons:
            reasons.append(why)


def _order(one: Reasons) -> tuple[bool, int, int]:
    id, why = one
    return why == ["same name"], -len(why), id


def _newcomer(draft: Draft) -> Newcomer:
    points = [
        (point.part, values.key(point.part, point.value))
        for point in draft.points
        if point.part in REACHED_BY and point.value is not None
    ]
    columns = draft.columns
    name, domain = str(columns.get("name") or ""), columns.get("domain")
    return Newcomer(name, points, domain, columns.get("birthday"))


def _by_point(
    rows: Rows, record: Record, newcomers: Sequence[Newcomer]
) -> Mapping[tuple[str, str], list[Hit]]:
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


def _by_domain(rows: Rows, newcomers: Sequence[Newcomer]) -> Mapping[str, list[Hit]]:
    sql = (
        "SELECT domain AS key, id, NULL AS detail,"
        " row_number() OVER (PARTITION BY domain ORDER BY id) AS place"
        " FROM company WHERE deleted_at IS NULL AND domain"
    )
    return _first_of_each(rows, sql, {one.domain for one in newcomers if one.domain})


def _people(rows: Rows, names: Iterable[str]) -> Mapping[str, list[Hit]]:
    """Namesakes with their birthdays."""
    sql = (
        "SELECT name_key AS key, id, birthday AS detail,"
        " row_number() OVER (PARTITION BY name_key ORDER BY id) AS place"
        " FROM contact WHERE deleted_at IS NULL AND name_key"
    )
    keys = {name: sort_key(name) for name in names}
    found = _first_of_each(rows, sql, set(keys.values()))
    return {name: found[key] for name, key in keys.items() if key in found}


def _first_of_each(rows: Rows, sql: str, keys: Iterable[str]) -> Mapping[str, list[Hit]]:
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


def _companies(rows: Rows, names: Iterable[str]) -> Mapping[str, list[Hit]]:
    """Companies whose names are the same but for their legal forms."""
    from crmcli.values.organisations import core_name

    by_word: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_word[sort_key(name).partition(" ")[0].rstrip(".,")].append(name)
    found: dict[str, list[Hit]] = {}
    for first, same in by_word.items():
        known: dict[str, list[Hit]] = defaultdict(list)
        for id, other in rows.rows(
            "SELECT id, name FROM company WHERE name_key >= ? AND name_key < ?"
            " AND deleted_at IS NULL ORDER BY name_key LIMIT ?",
            (first, f"{first}\U0010ffff", _NAMESAKES * 5),
        ):
            known[core_name(other)].append((int(id), None))
        found |= {name: known[core_name(name)] for name in same}
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
