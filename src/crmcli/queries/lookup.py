"""Records by what identifies them: handle, e-mail, phone, domain, profile, exact name.

Every look-up goes through an index, whatever the size of the database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli import values
from crmcli.catalog import BY_LETTER, BY_NAME
from crmcli.errors import InvalidValue
from crmcli.queries.compile import HANDLE
from crmcli.queries.hits import Key, describe, indexed, name_match
from crmcli.store import dialect, search, views
from crmcli.values.text import fold, match_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.fields import Record
    from crmcli.store.read import Rows
    from crmcli.values import Env

LIMIT = 1000
"""How many records of one name are counted before it is enough."""

_PHONE = re.compile(
    r"(?:tel:)?[+(]?\d[\d\s()./-]{4,}(?:\s*(?:x|ext\.?|;ext=)\s*\d+)?", re.IGNORECASE
)
_HOLDERS = ("contact", "company")


def by_handle(text: str) -> tuple[Record, int] | None:
    """The record type and id that a handle names; None when the text is no handle."""
    match = HANDLE.fullmatch(text)
    record = BY_LETTER.get(match[1].lower()) if match else None
    return (record, int(match[2])) if match and record else None


def by_identity(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> list[Key]:
    """The records whose e-mail, phone, domain, URL or social profile this is."""
    if "@" in text.lstrip("@").rstrip("@") and not text.startswith("@") and "/" not in text:
        return _by_email(reader, text, nouns)
    if _PHONE.fullmatch(text):
        return _by_phone(reader, env, text, nouns)
    if " " in text:
        return []
    path = "/" in text.partition("://")[2] or ("://" not in text and "/" in text)
    steps = [_by_domain, _by_profile] if not path else [_by_profile, _by_domain]
    for step in steps:
        found = step(reader, env, text, nouns)
        if found:
            return found
    return []


def by_name(reader: Rows, text: str, nouns: Sequence[str]) -> list[Key]:
    """The records that are called exactly so, case and accents aside."""
    return [key for noun in nouns for key in _named(reader, BY_NAME[noun], text)]


def by_part(reader: Rows, text: str, nouns: Sequence[str]) -> list[Key]:
    """The records whose name contains the text anywhere: reads every name."""
    found = []
    for noun in nouns:
        record = BY_NAME[noun]
        title = record.field(record.title)
        if title and title.key:
            sql, wanted = f"t.{title.key}", sort_key(text)
        else:
            sql, wanted = f"lower(t.{views.title_column(record)})", text.lower()
        rows = reader.rows(
            f"SELECT t.id FROM {record.table} t WHERE t.deleted_at IS NULL"
            f" AND {dialect.contains(sql)} LIMIT {LIMIT}",
            [wanted],
        )
        found += [Key(noun, row[0]) for row in rows]
    return found


def _named(reader: Rows, record: Record, text: str) -> list[Key]:
    title = record.field(record.title)
    column = views.title_column(record)
    if title and title.key:
        sql = f"SELECT id FROM {record.table} WHERE {title.key} = ? AND deleted_at IS NULL LIMIT ?"
        return [Key(record.name, row[0]) for row in reader.rows(sql, [sort_key(text), LIMIT])]
    if record.table in search.SEARCHED:
        words = match_key(text).split()
        keys = indexed(reader, name_match(words, whole=True), [record.name], LIMIT)
        hits = describe(reader, keys)
        return [Key(hit.noun, hit.id) for hit in hits if fold(hit.title) == fold(text)]
    rows = reader.rows(f"SELECT id, {column} FROM {record.table} WHERE deleted_at IS NULL")
    return [Key(record.name, id) for id, name in rows if fold(name) == fold(text)]


def _by_email(reader: Rows, text: str, nouns: Sequence[str]) -> list[Key]:
    from crmcli.values.emails import read_email

    key = values.key("email", read_email(text)[0])
    found = _points(reader, "email", [key], nouns)
    if "user" in nouns:
        rows = reader.rows(
            "SELECT id FROM app_user WHERE lower(email) = ? AND deleted_at IS NULL", [key]
        )
        found += [Key("user", row[0]) for row in rows]
    return found


def _by_phone(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> list[Key]:
    """By the digits as typed, else by the number that they mean in the user's region."""
    from crmcli.values.phone import phone_key

    found = _points(reader, "phone", [phone_key(text)], nouns)
    if found or text.startswith("+"):
        return found
    try:
        stored = values.parse("phone", text, env)
    except InvalidValue:
        return []
    return _points(reader, "phone", [values.key("phone", stored or text)], nouns)


def _by_domain(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> list[Key]:
    from crmcli.values.web import domain_of

    domain = domain_of(text) if "company" in nouns and "." in text else ""
    if not domain:
        return []
    rows = reader.rows(
        "SELECT id FROM company WHERE domain = ? AND deleted_at IS NULL LIMIT ?", [domain, LIMIT]
    )
    return [Key("company", row[0]) for row in rows]


def _by_profile(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> list[Key]:
    found = _points(reader, "social", _profile_keys(env, text), nouns)
    if found or "." not in text:
        return found
    try:
        stored = values.parse("url", text, env)
    except InvalidValue:
        return []
    return _points(reader, "url", [values.key("url", stored or text)], nouns)


def _profile_keys(env: Env, text: str) -> list[str]:
    """The keys under which a profile may be stored; a bare handle may be of any network."""
    from crmcli.values.web import NETWORKS

    if not (text.startswith("@") or ":" in text or "/" in text):
        return []
    try:
        stored = str(values.parse("social", text, env))
    except InvalidValue:
        return []
    keys = [stored]
    if stored.startswith("@"):
        keys += [f"{network}:{part}{stored[1:]}" for network in NETWORKS for part in ("", "in/")]
    return [values.key("social", key) for key in keys]


def _points(reader: Rows, kind: str, keys: list[str], nouns: Sequence[str]) -> list[Key]:
    if not keys:
        return []
    marks = ", ".join("?" * len(keys))
    found = []
    for noun in _HOLDERS:
        if noun in nouns:
            rows = reader.rows(
                f"SELECT DISTINCT r.id FROM contact_point p JOIN {noun} r ON r.id = p.{noun}_id"
                f" WHERE p.key IN ({marks}) AND p.kind = ? AND p.deleted_at IS NULL"
                " AND r.deleted_at IS NULL ORDER BY r.id LIMIT ?",
                [*keys, kind, LIMIT],
            )
            found += [Key(noun, row[0]) for row in rows]
    return found
