"""What the shell offers when Tab is pressed: words with a short help, found through indexes.

Nothing here loads more than the catalogue and the database driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.catalog import BY_NAME
from crmcli.queries.custom import with_custom
from crmcli.queries.names import PSEUDO, known_field
from crmcli.store import views
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.fields import Field, Record
    from crmcli.store.read import Rows

Offers = list[tuple[str, str]]
"""Words to offer, each with its help."""

LIMIT = 50
_RECORDS = ("contact", "company", "deal")
_DIGITS = 9  # of the longest handles that are offered
_LAST = "\U0010ffff"


def records(reader: Rows, prefix: str, nouns: Sequence[str] = ()) -> Offers:
    """Names of records that begin with `prefix`, and handles that do."""
    found: Offers = []
    for noun in nouns or _RECORDS:
        record = BY_NAME[noun]
        found += handles(reader, prefix, record) or names(reader, prefix, record)
    return found[:LIMIT]


def handles(reader: Rows, prefix: str, record: Record) -> Offers:
    """The handles of `record` that begin with `prefix`, newest first, with their titles."""
    number = prefix.lower().removeprefix(record.letter)
    if number == prefix.lower() or not (number == "" or (number.isascii() and number.isdecimal())):
        return []
    found: list[tuple[int, str]] = []
    for low, high in _beginning_with(number):
        found += reader.rows(
            f"SELECT id, {views.title_column(record)} FROM {record.table}"
            " WHERE deleted_at IS NULL AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?",
            [low, high, LIMIT],
        )
    return [(record.handle(id), title) for id, title in found[:LIMIT]]


def _beginning_with(number: str) -> list[tuple[int, int]]:
    """The ranges of ids whose digits begin with `number`, shortest first."""
    if not number:
        return [(1, 10**_DIGITS)]
    if number.startswith("0") or len(number) > _DIGITS:
        return []
    first = int(number)
    return [
        (first * 10**more, (first + 1) * 10**more - 1) for more in range(_DIGITS - len(number) + 1)
    ]


def names(reader: Rows, prefix: str, record: Record) -> Offers:
    """The titles of `record` that begin with `prefix`, with their handles."""
    title = record.field(record.title)
    if title is None or not title.key:
        return []
    start = sort_key(prefix)
    rows = reader.rows(
        f"SELECT id, {title.column} FROM {record.table} WHERE deleted_at IS NULL"
        f" AND {title.key} >= ? AND {title.key} < ? ORDER BY {title.key}, id LIMIT ?",
        [start, start + _LAST, LIMIT],
    )
    return [(name, record.handle(id)) for id, name in rows]


def field_values(reader: Rows, prefix: str, record: Record, field: Field) -> Offers:
    """The values that `field` may have and that begin with `prefix`."""
    if field.store == "tags":
        return names(reader, prefix, BY_NAME["tag"])
    if field.ref:
        offers = names(reader, prefix, BY_NAME[field.ref])
        me = [("me", "yourself")] if field.ref == "user" and "me".startswith(prefix) else []
        return [*me, *offers]
    if field.store == "segment":
        return names(reader, prefix, BY_NAME["segment"])
    words = ("yes", "no") if field.kind == "yesno" else field.choices
    return [(word, field.label) for word in words if word.startswith(prefix.lower())]


def query_terms(reader: Rows, prefix: str, record: Record) -> Offers:
    """What may follow on the line of a list: names of fields with a colon, then their values."""
    negated, rest = ("not:", prefix[4:]) if prefix.startswith("not:") else ("", prefix)
    name, colon, value = rest.partition(":")
    whole = with_custom(reader, record)
    if not colon:
        fields = (*whole.fields, *PSEUDO)
        return [
            (f"{negated}{field.name}:", field.help)
            for field in fields
            if field.name.startswith(rest.lower())
        ]
    field = known_field(whole, name)
    if field is None:
        return []
    before, last = _before_last(value)
    start = f"{negated}{name}:{before}"
    return [(start + word, help) for word, help in field_values(reader, last, whole, field)]


def _before_last(value: str) -> tuple[str, str]:
    """A value split before the last item of its list; `=` for exact counts to the first part."""
    place = max(value.rfind(","), 0 if value.startswith("=") else -1) + 1
    return value[:place], value[place:]
