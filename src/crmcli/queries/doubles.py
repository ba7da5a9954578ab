"""What finding duplicates reads: the records as columns, and what was decided about them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from crmcli.fields import Record
    from crmcli.store.read import Rows

Columns = dict[str, list[Any]]


class Records(NamedTuple):
    """The live records of a type: their ids, their names, and their values by column."""

    ids: list[int]
    titles: list[str]
    columns: Columns


def contacts(reader: Rows, own: Sequence[str] = ()) -> Records:
    """All contacts; `own` names custom fields that come as columns too."""
    rows = reader.rows(
        "SELECT t.id, t.name, t.first_name, t.last_name, t.birthday, o.name, t.custom"
        " FROM contact t LEFT JOIN company o ON o.id = t.company_id"
        " WHERE t.deleted_at IS NULL ORDER BY t.id"
    )
    ids, names, first, last, birthdays, companies, custom = _columns(rows, 7)
    firsts, lasts = _parts(names, first, last)
    columns: Columns = {
        "first_name": firsts,
        "last_name": lasts,
        "birthday": _texts(birthdays),
        "company": _texts(companies),
        **_points(reader, "contact", ids),
        **_addresses(reader, "contact", ids),
        **_custom(custom, own),
    }
    return Records(ids, names, columns)


def companies(reader: Rows, own: Sequence[str] = ()) -> Records:
    """All companies; the domains of their e-mails count as theirs, unless anybody has one."""
    rows = reader.rows(
        "SELECT id, name, domain, custom FROM company WHERE deleted_at IS NULL ORDER BY id"
    )
    ids, names, domains, custom = _columns(rows, 4)
    points = _points(reader, "company", ids)
    columns: Columns = {
        "name": names,
        "domain": [_domains(*each) for each in zip(domains, points["email"], strict=True)],
        **points,
        **_addresses(reader, "company", ids),
        **_custom(custom, own),
    }
    return Records(ids, names, columns)


def not_duplicates(reader: Rows, record: Record) -> set[tuple[int, int]]:
    """The pairs of ids, low first, that somebody said are not the same."""
    rows = reader.rows(
        "SELECT low_id, high_id FROM not_duplicate WHERE record = ? AND deleted_at IS NULL",
        [record.name],
    )
    return {(int(low), int(high)) for low, high in rows}


def merged_into(reader: Rows, noun: str, id: int) -> int | None:
    """The record that a merged one became part of, at the end of the chain; None for others."""
    seen, found = {id}, None
    while (
        after := reader.scalar(
            "SELECT into_id FROM merged WHERE record = ? AND record_id = ? AND deleted_at IS NULL",
            [noun, found or id],
        )
    ) is not None and after not in seen:
        seen.add(after)
        found = int(after)
    return found


def _columns(rows: Sequence[tuple[Any, ...]], number: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * number


def _texts(values: Sequence[Any]) -> list[str]:
    return [value or "" for value in values]


def _parts(
    names: Sequence[str], first: Sequence[str | None], last: Sequence[str | None]
) -> tuple[list[str], list[str]]:
    """First and last names; where a record has its whole name only, that is taken apart."""
    from crmcli.values.names import split

    firsts, lasts = _texts(first), _texts(last)
    for place, name in enumerate(names):
        if not firsts[place] and not lasts[place]:
            parts = split(name)
            firsts[place], lasts[place] = parts.first, parts.last
    return firsts, lasts


def _points(reader: Rows, noun: str, ids: Sequence[int]) -> Columns:
    """The keys of the e-mails and phones of each record."""
    places = {id: place for place, id in enumerate(ids)}
    found: Columns = {}
    for kind in ("email", "phone"):
        column: list[tuple[str, ...]] = [()] * len(ids)
        for id, key in reader.rows(
            f"SELECT {noun}_id, key FROM contact_point WHERE {noun}_id IS NOT NULL AND kind = ?"
            " AND deleted_at IS NULL",
            [kind],
        ):
            place = places.get(id)
            if place is not None:
                column[place] = (*column[place], key)
        found[kind] = column
    return found


_PARTS = ("street", "city", "region", "postcode", "country")


def _addresses(reader: Rows, noun: str, ids: Sequence[int]) -> Columns:
    """The parts of the primary address of each record."""
    places = {id: place for place, id in enumerate(ids)}
    found: Columns = {name: [""] * len(ids) for name in _PARTS}
    for id, *parts in reader.rows(
        f"SELECT {noun}_id, {', '.join(_PARTS)} FROM address"
        f" WHERE {noun}_id IS NOT NULL AND is_primary = 1 AND deleted_at IS NULL"
    ):
        place = places.get(id)
        if place is not None:
            for name, part in zip(_PARTS, parts, strict=True):
                found[name][place] = part or ""
    return found


def _custom(texts: Sequence[str | None], own: Sequence[str]) -> Columns:
    """The values of custom fields, as texts."""
    if not own:
        return {}
    values = [json.loads(text) if text else {} for text in texts]
    return {name: [str(each.get(name, "")) for each in values] for name in own}


def _domains(domain: str | None, emails: Sequence[str]) -> tuple[str, ...]:
    from crmcli.values.emails import FREE_MAIL

    found = [domain] if domain else []
    found += [email.rpartition("@")[2] for email in emails]
    return tuple(dict.fromkeys(each for each in found if each and each not in FREE_MAIL))
