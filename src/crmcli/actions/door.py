"""Whether a new record may be there already: asked at the door, by indexes only.

A few look-ups for each e-mail, phone, domain and name, so that adding stays quick; the whole
comparison of records is `crm dupes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.actions.draft import Draft
    from crmcli.fields import Record
    from crmcli.store.read import Rows

_LIMIT = 3
_NAMESAKES = 20
_SAID = {"email": "e-mail"}


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
    """The records that a new one may be, the likeliest first; three at most.

    A contact is met by e-mail, phone or name, a company by its domain and by its name without
    the legal form as well. Where only the name speaks for it, another birthday speaks against it.
    """
    if record.name not in ("contact", "company"):
        return []
    found: dict[int, list[str]] = {}
    for id, why in (*_reached(rows, record, draft), *_named(rows, record, draft)):
        reasons = found.setdefault(id, [])
        if why not in reasons:
            reasons.append(why)
    ordered = sorted(found, key=lambda one: (found[one] == ["same name"], -len(found[one]), one))
    return [_described(rows, record, id, found[id]) for id in ordered[:_LIMIT]]


def _reached(rows: Rows, record: Record, draft: Draft) -> list[tuple[int, str]]:
    """By e-mail and phone, and a company by its domain."""
    found = []
    for point in draft.points:
        if point.part not in ("email", "phone") or point.value is None:
            continue
        hits = rows.rows(
            f"SELECT DISTINCT r.id FROM contact_point p JOIN {record.table} r"
            f" ON r.id = p.{record.name}_id WHERE p.key = ? AND p.kind = ?"
            " AND p.deleted_at IS NULL AND r.deleted_at IS NULL ORDER BY r.id LIMIT ?",
            (values.key(point.part, point.value), point.part, _LIMIT),
        )
        found += [(int(id), f"same {_SAID.get(point.part, point.part)}") for (id,) in hits]
    if domain := draft.columns.get("domain"):
        hits = rows.rows(
            "SELECT id FROM company WHERE domain = ? AND deleted_at IS NULL LIMIT ?",
            (domain, _LIMIT),
        )
        found += [(int(id), "same domain") for (id,) in hits]
    return found


def _named(rows: Rows, record: Record, draft: Draft) -> list[tuple[int, str]]:
    name = str(draft.columns.get("name") or "")
    if not name:
        return []
    if record.name == "company":
        return _companies(rows, name)
    hits = rows.rows(
        "SELECT id, birthday FROM contact WHERE name_key = ? AND deleted_at IS NULL"
        " ORDER BY id LIMIT ?",
        (sort_key(name), _NAMESAKES),
    )
    birthday = draft.columns.get("birthday")
    return [(int(id), "same name") for id, born in hits if not _other_day(born, birthday)]


def _other_day(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one)[-5:] != str(other)[-5:]


def _companies(rows: Rows, name: str) -> list[tuple[int, str]]:
    """Companies whose names are the same but for their legal forms."""
    from crmcli.values.organisations import core_name

    core = core_name(name)
    first = sort_key(name).partition(" ")[0].rstrip(".,")
    hits = rows.rows(
        "SELECT id, name FROM company WHERE name_key >= ? AND name_key < ?"
        " AND deleted_at IS NULL ORDER BY name_key LIMIT ?",
        (first, f"{first}\U0010ffff", _NAMESAKES * 5),
    )
    return [(int(id), "same name") for id, other in hits if core_name(other) == core]


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
