"""Records that a look-up found, with what people need to tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.store import search, views

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmcli.fields import Record
    from crmcli.store.read import Rows


class Key(NamedTuple):
    """A record: its noun and its id."""

    noun: str
    id: int


class Hit(NamedTuple):
    """A record with its title and one detail more, such as the company of a contact."""

    noun: str
    id: int
    handle: str
    title: str
    detail: str


_DETAILS = {
    "contact": ("company", "email"),
    "company": ("domain", "city"),
    "deal": ("company", "stage"),
    "task": ("due",),
    "activity": ("at",),
    "stage": ("pipeline",),
    "user": ("full_name", "email"),
}


def describe(reader: Rows, keys: Iterable[Key]) -> list[Hit]:
    """The hits for records that are not deleted, in the order of `keys`, each once."""
    ordered = list(dict.fromkeys(keys))
    found: dict[Key, Hit] = {}
    for noun in {key.noun for key in ordered}:
        record = BY_NAME[noun]
        ids = [key.id for key in ordered if key.noun == noun]
        marks = ", ".join("?" * len(ids))
        rows = reader.rows(
            f"SELECT t.id, t.{views.title_column(record)}, {_detail(record)} FROM {record.table} t"
            f" WHERE t.deleted_at IS NULL AND t.id IN ({marks})",
            ids,
        )
        for id, title, detail in rows:
            found[Key(noun, id)] = Hit(noun, id, record.handle(id), title, detail)
    return [found[key] for key in ordered if key in found]


def indexed(reader: Rows, match: str, nouns: Sequence[str], limit: int) -> list[Key]:
    """The records whose row of the search index matches an FTS expression, at most `limit`."""
    slots = [search.slot(table) for table in search.SEARCHED if BY_TABLE[table].name in nouns]
    if not match or not slots:
        return []
    rows = reader.rows(
        f"SELECT rowid FROM search WHERE search MATCH ? AND rowid % {search.SLOTS} IN"
        f" ({', '.join(map(str, slots))}) ORDER BY rowid LIMIT ?",
        [match, limit],
    )
    return [_key(row[0]) for row in rows]


def name_match(words: Sequence[str], *, whole: bool = False) -> str:
    """An FTS expression for names that have every word, or a word beginning so; "" for none."""
    if not words:
        return ""
    begun = [search.match_text([word]) for word in words]
    terms = [word.removesuffix("*") for word in begun] if whole else begun
    return f"name : ({' AND '.join(terms)})"


def _key(rowid: int) -> Key:
    id, place = divmod(rowid, search.SLOTS)
    return Key(BY_TABLE[search.SEARCHED[place]].name, id)


def _detail(record: Record) -> str:
    fields = (record.field(name) for name in _DETAILS.get(record.name, ()))
    parts = [next(iter(views.field_columns(record, field).values())) for field in fields if field]
    listed = ", ".join([*parts, "''"])
    return f"coalesce({listed})" if parts else "''"
