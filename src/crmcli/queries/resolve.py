"""Which record a word on the command line means.

In this order, and the first that finds something decides:

    c12                                   a handle, in any case
    ada@acme.com                          an e-mail
    +44 20 7946 0958   (020) 7946-0958    a phone, in any format
    acme.com   https://www.acme.com       a domain
    linkedin.com/in/ada   @ada            a URL or a social profile
    Ada Lovelace   ada lovelace           a whole name
    lovelace   ada lov                    parts of a name, each from the beginning of a word
    velace                                any part of a name

Contacts, companies and deals come before tasks and activities, these before the rest. More than
one match is never decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.catalog import BY_NAME, RECORDS
from crmcli.errors import Ambiguous, NotFound
from crmcli.queries.compile import HANDLE
from crmcli.queries.hits import Hit, Key, describe, indexed, name_match
from crmcli.queries.lookup import LIMIT, by_handle, by_identity, by_name, by_part
from crmcli.store import views
from crmcli.values.base import quote
from crmcli.values.text import clean, match_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmcli.fields import Record
    from crmcli.store.read import Rows
    from crmcli.values import Env


class Found(NamedTuple):
    """The record that was meant. `exact` is False when only a part of its name was typed."""

    noun: str
    id: int
    handle: str
    title: str
    exact: bool = True


class Candidates(NamedTuple):
    """All that a word may mean: the first few, how many there are, and whether exactly."""

    hits: tuple[Hit, ...]
    total: int
    exact: bool


_FIRST = ("contact", "company", "deal")
_SECOND = ("task", "activity")
_REST = tuple(record.name for record in RECORDS if record.name not in (*_FIRST, *_SECOND))
_SHOWN = 10


def resolve(reader: Rows, env: Env, text: str, nouns: Sequence[str] = ()) -> Found:
    """The one record that `text` means, among the types `nouns` (all, when empty).

    Raises NotFound with names close to it, or Ambiguous with the candidates in its details.
    """
    found = candidates(reader, env, text, nouns)
    if not found.hits:
        raise _not_found(reader, env, clean(text), nouns)
    if found.total > 1:
        raise _ambiguous(clean(text), found)
    hit = found.hits[0]
    return Found(hit.noun, hit.id, hit.handle, hit.title, found.exact)


def candidates(reader: Rows, env: Env, text: str, nouns: Sequence[str] = ()) -> Candidates:
    """All that `text` may mean. Raises NotFound for a handle of a record that is not there."""
    word = clean(text)
    if not word:
        return Candidates((), 0, True)
    named = by_handle(word)
    if named and (not nouns or named[0].name in nouns):
        return Candidates((_live(reader, *named),), 1, True)
    for exact, keys in _steps(reader, env, word, nouns):
        if keys:
            hits = tuple(describe(reader, keys[:_SHOWN]))
            return Candidates(hits, len(keys), exact)
    if named:
        raise NotFound(
            f"{word} is a {named[0].name}, not a {' or '.join(nouns)}",
            hint=f"handles of {BY_NAME[nouns[0]].plural} look like {BY_NAME[nouns[0]].handle(12)}",
        )
    return Candidates((), 0, True)


def _steps(
    reader: Rows, env: Env, text: str, nouns: Sequence[str]
) -> Iterator[tuple[bool, list[Key]]]:
    """What each way of looking finds, and whether it is exact."""
    every = nouns or tuple(record.name for record in RECORDS)
    yield True, by_identity(reader, env, text, every)
    groups = [tuple(nouns)] if nouns else [_FIRST, _SECOND]
    rest = () if nouns else _REST
    for group in groups:
        yield True, by_name(reader, text, group)
    for group in groups:
        yield from _partial(reader, text, group)
    yield True, by_name(reader, text, rest)
    for group in (*groups, rest):
        yield False, by_part(reader, text, group)


def _partial(reader: Rows, text: str, nouns: Sequence[str]) -> Iterator[tuple[bool, list[Key]]]:
    """By beginnings of words of the name; a name that differs in punctuation only is exact."""
    words = match_key(text).split()
    keys = indexed(reader, name_match(words), nouns, LIMIT)
    wanted = match_key(text)
    same = [
        Key(hit.noun, hit.id)
        for hit in describe(reader, keys[:100])
        if match_key(hit.title) == wanted
    ]
    yield True, same
    yield False, keys


def _live(reader: Rows, record: Record, id: int) -> Hit:
    """The record with this id, or the one that it was merged into; raises NotFound, with a hint
    when it was deleted."""
    handle = record.handle(id)
    row = reader.row(
        f"SELECT {views.title_column(record)}, deleted_at FROM {record.table} WHERE id = ?", [id]
    )
    if row is None or row[1] is not None:
        from crmcli.queries.doubles import merged_into

        survivor = merged_into(reader, record.name, id)
        if survivor is not None:
            return _live(reader, record, survivor)
    if row is None:
        raise NotFound(
            f"there is no {record.name} {handle}", hint=f"`crm {record.plural}` lists what there is"
        )
    if row[1] is not None:
        raise NotFound(
            f"{handle} {quote(row[0])} was deleted",
            hint=f"`crm restore {handle}` brings it back",
            details={"handle": handle, "deleted": row[1]},
        )
    return Hit(record.name, id, handle, row[0], "")


def _not_found(reader: Rows, env: Env, text: str, nouns: Sequence[str]) -> NotFound:
    from crmcli.queries.search import suggestions

    what = " or ".join(nouns) if nouns else "record"
    near = [
        f"{hit.handle} {hit.title}" if len(hit.title) <= 60 else hit.handle
        for hit in suggestions(reader, text, nouns, 3)
    ]
    hint = "`crm search TEXT` looks everywhere"
    if (handle := HANDLE.fullmatch(text)) and handle[1].lower() == "h":
        hint = f"h{handle[2]} is a change: `crm history h{handle[2]}` shows it"
    elif near:
        hint = f"did you mean {' or '.join(near)}?"
    elif len(nouns) == 1:
        hint = f"`crm {BY_NAME[nouns[0]].plural}` lists what there is"
    return NotFound(
        f"no {what} fits {quote(text)}", hint=hint, details={"text": text, "nouns": list(nouns)}
    )


def _ambiguous(text: str, found: Candidates) -> Ambiguous:
    listed = [
        {"handle": hit.handle, "title": hit.title, "noun": hit.noun, "extra": hit.detail}
        for hit in found.hits
    ]
    more = found.total - len(listed)
    some = f"{found.total} or more" if found.total >= LIMIT else str(found.total)
    shown = ", ".join(f"{hit.handle} {quote(hit.title)[1:-1]}" for hit in found.hits[:5])
    rest = found.total - min(5, len(listed))
    return Ambiguous(
        f"{quote(text)} fits {some} records: {shown}" + f" and {rest} more" * (rest > 0),
        hint="type a handle, or more of the name",
        details={"text": text, "candidates": listed, "more": more},
    )
