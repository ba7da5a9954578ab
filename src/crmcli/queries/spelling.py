"""The words that a mistyped one may have been meant to be, out of those in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcli.store import search as index

if TYPE_CHECKING:
    from crmcli.store.read import Rows

_NEAR = 5
_SHORT = 4  # letters up to which one mistake is allowed, two above


def correct(reader: Rows, word: str) -> list[str]:
    """`word` itself when something begins with it, else the terms in use close to it.

    Terms that begin with the same two letters are looked at first, then those that begin with
    either of them, in case the mistake is at the beginning.
    """
    match = index.match_text([word])
    if reader.scalar("SELECT 1 FROM search WHERE search MATCH ? LIMIT 1", [match]):
        return [word]
    if not word.isalpha():  # another number is another thing, not a mistake
        return []
    starts = dict.fromkeys((word[:2], word[:1], word[1:2]))
    for start in starts:
        near = _near(word, _terms(reader, start, len(word))) if start else []
        if near:
            return near
    return []


def _terms(reader: Rows, start: str, length: int) -> list[str]:
    rows = reader.rows(
        "SELECT term FROM search_vocab WHERE term >= ? AND term < ?"
        " AND length(term) BETWEEN ? AND ?",
        [start, start + "\U0010ffff", max(1, length - 2), length + 2],
    )
    return [row[0] for row in rows]


def _near(word: str, terms: list[str]) -> list[str]:
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    found = process.extract(
        word,
        terms,
        scorer=OSA.distance,
        limit=_NEAR,
        score_cutoff=1 if len(word) <= _SHORT else 2,
    )
    return [term for term, _distance, _place in found]
