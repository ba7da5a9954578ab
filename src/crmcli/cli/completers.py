"""Where the completions of a word come from: the catalogue and the database, read lightly.

A source is a word such as `refs:deal,task`, `query:contact`, `assigns:deal`, `value:deal.stage`,
`stages`, `tags`, `users`, `reports`. Tab never makes a noise: without a database there is nothing
to offer.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crmcli.catalog import BY_LETTER, BY_NAME, RECORDS
from crmcli.cli.everywhere import given, wish
from crmcli.cli.toolkit import Context
from crmcli.errors import CrmError
from crmcli.fields import Record
from crmcli.queries import complete as offers
from crmcli.store.read import Reader, open_reader

Offers = list[tuple[str, str]]
_NAMED = ("contact", "company", "deal")
Finder = Callable[[Reader, str, str, Context], Offers]


def complete(source: str, ctx: Context, incomplete: str) -> Offers:
    """What `incomplete` may become, each with a remark."""
    name, _, detail = source.partition(":")
    try:
        with _reader(ctx) as reader:
            return _FINDERS[name](reader, detail, incomplete, ctx)
    except (CrmError, sqlite3.Error, OSError):
        return []


@contextmanager
def _reader(ctx: Context) -> Iterator[Reader]:
    from crmcli import config
    from crmcli.store.location import locate

    named = wish(given(ctx), "db", "CRM_DB") or config.load(config.config_path(os.environ))["db"]
    reader = open_reader(locate(named))
    try:
        yield reader
    finally:
        reader.close()


def _refs(reader: Reader, nouns: str, incomplete: str, ctx: Context) -> Offers:
    """Records; of a comma list the last one. For a bulk change also the lists."""
    before, comma, last = incomplete.rpartition(",")
    named = tuple(nouns.split(",")) if nouns else _nouns_for(last)
    found = offers.records(reader, last, named)
    if not last:
        found += [each for noun in named for each in _newest(reader, BY_NAME[noun])]
    if "where" in ctx.params and not nouns and not comma:
        found += [
            (record.plural, record.help) for record in RECORDS if record.plural.startswith(last)
        ]
    return [(before + comma + word, note) for word, note in dict(found).items()]


def _nouns_for(word: str) -> tuple[str, ...]:
    """The record types whose names or handles may begin with `word`."""
    letter = word.rstrip("0123456789").lower()
    begun = (BY_LETTER[letter].name,) if letter in BY_LETTER else ()
    return tuple(dict.fromkeys((*_NAMED, *begun)))


def _newest(reader: Reader, record: Record) -> Offers:
    """Handles of records that are known by their handles rather than by their names."""
    return [] if record.name in _NAMED else offers.handles(reader, record.letter, record)


def _query(reader: Reader, noun: str, incomplete: str, ctx: Context) -> Offers:
    return offers.query_terms(reader, incomplete, BY_NAME[noun])


def _assigns(reader: Reader, noun: str, incomplete: str, ctx: Context) -> Offers:
    """Fields with an equals sign, then their values."""
    from crmcli.queries.custom import with_custom

    record = with_custom(reader, BY_NAME[noun] if noun else _edited(reader, ctx))
    name, equals, value = incomplete.partition("=")
    if not equals:
        return [
            (f"{field.name}=", field.help)
            for field in record.fields
            if not field.readonly and field.name.startswith(incomplete)
        ]
    field = record.field(name.rstrip("+-").partition(".")[0])
    if field is None:
        return []
    found = offers.field_values(reader, value, record, field)
    return [(f"{name}={word}", note) for word, note in found]


def _edited(reader: Reader, ctx: Context) -> Record:
    """The type of the record that the line is about; a contact where that is not known."""
    letter = str(ctx.params.get("refs") or "").split(",")[0].rstrip("0123456789").lower()
    return BY_LETTER.get(letter, BY_NAME["contact"])


def _value(reader: Reader, path: str, incomplete: str, ctx: Context) -> Offers:
    """The values of one field: `contact.status`."""
    noun, _, name = path.partition(".")
    record = BY_NAME[noun]
    if name == record.title:
        return offers.names(reader, incomplete, record)
    field = record.field(name)
    return offers.field_values(reader, incomplete, record, field) if field else []


def _names(noun: str) -> Finder:
    def find(reader: Reader, detail: str, incomplete: str, ctx: Context) -> Offers:
        return offers.names(reader, incomplete, BY_NAME[noun])

    return find


def _reports(reader: Reader, detail: str, incomplete: str, ctx: Context) -> Offers:
    from crmcli.queries.reports import REPORTS

    return [(name, spec.title) for name, spec in REPORTS.items() if name.startswith(incomplete)]


def _groups(reader: Reader, detail: str, incomplete: str, ctx: Context) -> Offers:
    from crmcli.queries.reports import find_report

    groups = find_report(str(ctx.params.get("name"))).by
    return [(group, "") for group in groups if group.startswith(incomplete)]


def _backups(reader: Reader, detail: str, incomplete: str, ctx: Context) -> Offers:
    from crmcli import config
    from crmcli.actions.backups import folders
    from crmcli.store.backup import list_backups

    places = folders(config.load(config.config_path(os.environ)))
    found = list_backups(reader.location, *places)
    names = [(backup.path.stem, backup.note) for backup in found]
    return [each for each in names if each[0].startswith(incomplete)]


_FINDERS: dict[str, Finder] = {
    "backups": _backups,
    "refs": _refs,
    "query": _query,
    "assigns": _assigns,
    "value": _value,
    "stages": _names("stage"),
    "tags": _names("tag"),
    "users": _names("user"),
    "reports": _reports,
    "groups": _groups,
}
