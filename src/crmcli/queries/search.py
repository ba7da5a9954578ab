"""Searching every record for words: by their beginnings, and forgiving typing mistakes.

The search index gives the records whose words begin with what was typed, first by name, then by
anything. Nothing is ordered by rank: on a frequent word that would read the whole index; a page is
taken and ordered by how well the names fit. Only when nothing is found at all, the words are
corrected against the terms in use, and as the last resort all names are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.queries.hits import Hit, Key, describe, indexed, name_match
from crmcli.queries.lookup import by_handle, by_identity, by_name
from crmcli.results import Column, Listing
from crmcli.store import search as index
from crmcli.values.base import quote
from crmcli.values.text import clean, match_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.fields import Record
    from crmcli.store.read import Rows
    from crmcli.values import Env

COLUMNS = (
    Column("handle", "handle", "Handle"),
    Column("noun", "text", "Type", 2),
    Column("title", "text", "Title"),
    Column("detail", "text", "Detail", 1),
)
NOUNS = tuple(BY_TABLE[table].name for table in index.SEARCHED)
"""The nouns of the record types that can be searched."""

_POOL = 200  # hits that are ordered by how well they fit
_COUNTED = 1000  # hits that are counted
_SIMILAR = 60  # per cent of likeness below which a name is no suggestion
_WORDS = 20
_FEW = 200_000  # names that are all compared in a tenth of a second


def search(
    reader: Rows, env: Env, text: str, nouns: Sequence[str] = (), limit: int = 20
) -> Listing:
    """The records that contain words beginning with those of `text`, the best first.

    nouns: the record types to look in, all when empty. limit: 0 for all that are counted.
    """
    word, among = clean(text), tuple(nouns) or NOUNS
    keys, note = found_keys(reader, env, word, among), ""
    if not keys:
        keys, note = _corrected(reader, word, among, thorough=True)
    hits = _ordered(describe(reader, keys[:_POOL]), match_key(word))
    keys_left = keys[_POOL:]
    shown = hits[: limit or None]
    if not limit:
        shown += describe(reader, keys_left)
    rows = tuple((hit.handle, hit.noun, hit.title, hit.detail or None) for hit in shown)
    return Listing(
        "matches",
        COLUMNS,
        rows,
        len(keys),
        hint=f"nothing contains {quote(word)}; `crm contacts` and the like list everything",
        note=f"{_COUNTED} or more match; more words find fewer" if len(keys) >= _COUNTED else note,
    )


def suggestions(reader: Rows, text: str, nouns: Sequence[str] = (), limit: int = 3) -> list[Hit]:
    """The records whose names come close to `text`, the closest first."""
    among = [noun for noun in nouns or NOUNS if noun in NOUNS]
    others = [noun for noun in nouns if noun not in NOUNS]
    keys = _corrected(reader, text, among)[0] if among else []
    keys += _similar(reader, text, others, limit)
    return describe(reader, keys[:limit])


def found_keys(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> list[Key]:
    """What the text identifies, then names, then anything that contains its words."""
    words = match_key(text).split()[:_WORDS]
    named = by_handle(text)
    keys = [Key(named[0].name, named[1])] if named and named[0].name in nouns else []
    keys += by_identity(reader, env, text, nouns)
    any_field = indexed(reader, index.match_text(words), nouns, _COUNTED) if words else []
    if len(any_field) > _POOL:  # too many to order them all: those whose names fit come first
        keys += by_name(reader, text, [noun for noun in nouns if noun in _KEYED])
        keys += indexed(reader, name_match(words, whole=True), nouns, _POOL)
        if len(keys) < _POOL:
            keys += indexed(reader, name_match(words), nouns, _POOL)
    return list(dict.fromkeys(keys + any_field))[:_COUNTED]


_KEYED = ("contact", "company", "deal")


def _ordered(hits: list[Hit], wanted: str) -> list[Hit]:
    """By name: equal, beginning so, with all words, with a word; the order found breaks ties."""
    words = wanted.split()

    def fit(hit: Hit) -> tuple[int, int]:
        name = match_key(hit.title)
        parts = name.split()
        if name == wanted:
            return 0, 0
        if all(word in parts for word in words):
            return 1 + (not name.startswith(wanted)), len(parts)
        begun = sum(any(part.startswith(word) for part in parts) for word in words)
        if begun == len(words):
            return 3 + (not name.startswith(wanted)), len(parts)
        return 6 - (begun > 0), 0

    return sorted(hits, key=fit) if words else hits


def _corrected(
    reader: Rows, text: str, nouns: Sequence[str], *, thorough: bool = False
) -> tuple[list[Key], str]:
    """Hits for the words as they may have been meant, and a note that says so.

    thorough: as the last resort, compare every name and not only those with the same beginning,
    unless there are too many.
    """
    from crmcli.queries.spelling import correct

    words = match_key(text).split()[:_WORDS]
    meant = [correct(reader, word) for word in words]
    if words and all(meant):
        either = (" OR ".join(index.match_text([word]) for word in near) for near in meant)
        match = " AND ".join(f"({part})" for part in either)
        keys = indexed(reader, match, nouns, _POOL)
        if keys:
            best = " ".join(near[0] for near in meant)
            return _closest(reader, keys, text), f"nothing contains {quote(text)}; shown: {best}"
    start = match_key(text)[:1]
    keys = _similar(reader, text, nouns, 20, start) if start else []
    if thorough and not keys:
        keys = _similar(reader, text, nouns, 20)
    return keys, f"nothing contains {quote(text)}; these names are similar" if keys else ""


def _closest(reader: Rows, keys: list[Key], text: str) -> list[Key]:
    """The keys, those whose names are most like the text first."""
    from rapidfuzz import fuzz

    wanted = match_key(text)
    hits = describe(reader, keys)
    hits.sort(key=lambda hit: -fuzz.token_sort_ratio(wanted, match_key(hit.title)))
    return [Key(hit.noun, hit.id) for hit in hits]


def _similar(
    reader: Rows, text: str, nouns: Sequence[str], limit: int, start: str = ""
) -> list[Key]:
    """The records whose names are most like the text, out of those that begin with `start`."""
    from rapidfuzz import fuzz, process

    scored: list[tuple[float, Key]] = []
    for noun in nouns:
        rows = _names(reader, BY_NAME[noun], start)
        near = process.extract(
            sort_key(text),
            [row[1] for row in rows],
            scorer=fuzz.ratio,
            limit=limit,
            score_cutoff=_SIMILAR,
        )
        scored += [(-score, Key(noun, rows[place][0])) for _name, score, place in near]
    return [key for _score, key in sorted(scored)[:limit]]


def _names(reader: Rows, record: Record, start: str) -> list[tuple[int, str]]:
    """The ids and names of records; of tasks and activities none, of which there are too many."""
    title = record.field(record.title)
    if title is None or (record.name in NOUNS and not title.key):
        return []
    column = title.key or title.column
    sql = f"SELECT id, {column} FROM {record.table} WHERE deleted_at IS NULL"
    if not (start and title.key):
        newest = reader.scalar(f"SELECT max(id) FROM {record.table}") or 0
        if newest > _FEW:
            return []
        return [(row[0], str(row[1])) for row in reader.rows(sql)]
    bounds = [start, start + "\U0010ffff"]
    return [
        (id, name) for id, name in reader.rows(f"{sql} AND {column} >= ? AND {column} < ?", bounds)
    ]
