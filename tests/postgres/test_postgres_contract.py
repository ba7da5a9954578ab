"""Both engines answer alike: every view, list, filter, order, search, screen and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from postgres_tools import ENV

from crmcli.catalog import BY_NAME, RECORDS
from crmcli.errors import CrmError
from crmcli.fields import Field, Record
from crmcli.queries.complete import records
from crmcli.queries.listing import listing
from crmcli.queries.pipeline import pipeline
from crmcli.queries.reports import REPORTS, report
from crmcli.queries.resolve import resolve
from crmcli.queries.search import search
from crmcli.queries.today import today
from crmcli.reminders.screen import due
from crmcli.store.location import Location
from crmcli.store.read import Reader, open_reader


class Both(NamedTuple):
    """A reader of each engine, on the same rows."""

    file: Reader
    server: Reader


@pytest.fixture(scope="module")
def both(in_file: Location, on_server: Location) -> Iterator[Both]:
    readers = Both(open_reader(in_file), open_reader(on_server))
    yield readers
    for reader in readers:
        reader.close()


def outcome(ask: Any, reader: Reader) -> Any:
    """What a question gives, or the error that it raises."""
    try:
        return ask(reader)
    except CrmError as error:
        return type(error).__name__, error.message


def agree(both: Both, ask: Any) -> Any:
    """Both readers' answer, which must be one."""
    found = outcome(ask, both.file)
    assert outcome(ask, both.server) == found
    return found


def readable(value: Any) -> Any:
    """JSON as what it says: the engines put different blanks between its parts."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.plural)
def test_every_view_has_the_same_rows(both: Both, record: Record) -> None:
    def ask(reader: Reader) -> list[list[Any]]:
        rows = reader.rows(f"SELECT * FROM {record.plural} ORDER BY id")
        return [[readable(value) for value in row] for row in rows]

    agree(both, ask)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.plural)
def test_every_list_with_all_its_columns(both: Both, record: Record) -> None:
    found = agree(
        both, lambda reader: listing(reader, ENV, record, limit=0, everything=True, full=True)
    )
    assert found.total or record.name in ("segment", "import", "alert", "holiday")


def orders() -> list[tuple[str, str]]:
    names = [(record.name, field.name) for record in RECORDS for field in record.fields]
    names += [("contact", name) for name in ("budget", "fit", "nickname", "company.industry",
                                             "company.revenue", "owner.name")]  # fmt: skip
    names += [("deal", name) for name in ("company.city", "contact.birthday", "stage.probability")]
    return [(noun, sign + name) for noun, name in names for sign in ("", "-")]


@pytest.mark.parametrize(("noun", "sort"), orders())
def test_every_order(both: Both, noun: str, sort: str) -> None:
    record = BY_NAME[noun]
    agree(both, lambda reader: listing(reader, ENV, record, sort=sort, columns=["handle"],
                                       limit=0).rows)  # fmt: skip


BY_KIND = {
    "text": ("a", "=a", "none", "any"),
    "longtext": ("a", "none"),
    "name": ("an", "=Ada", "any"),
    "email": ("com", "a@", "none"),
    "phone": ("+44", "7946", "none"),
    "url": ("www", "none"),
    "social": ("linkedin", "none"),
    "domain": ("com", "de", "none"),
    "country": ("Germany", "fr", "none"),
    "language": ("German", "none"),
    "postcode": ("1", "none"),
    "zone": ("europe", "none"),
    "currency": ("EUR",),
    "money": ("10k..", "..5k", "EUR1k..20k", "none", "any"),
    "integer": ("1..", "..0", "2", "none"),
    "number": ("1..", "..2.5", "none"),
    "percent": ("50..", "..25", "none"),
    "year": ("1990..", "..2000", "none"),
    "yesno": ("yes", "no"),
    "day": ("2026-01..2026-03", "30d..", "..today", "none"),
    "birthday": ("1980..1990", "mar..jun", "30d", "none"),
    "moment": ("2026-01..2026-03", "30d..", "..today", "none"),
    "when": ("..today", "today..", "none"),
    "duration": ("30m..", "..1h", "none"),
    "interval": ("30d..", "none"),
    "tags": ("vip", "none", "any"),
    "address": ("berlin", "1", "none"),
    "recurrence": ("any",),
}


def words_for(field: Field) -> tuple[str, ...]:
    if field.choices:
        return (*field.choices[:2], "none")
    if field.kind == "ref":
        return ("none", "any", "a", "me")
    return BY_KIND.get(field.kind, ("any", "none"))


def filters() -> list[tuple[str, str]]:
    found = [
        (record.name, f"{field.name}:{word}")
        for record in RECORDS
        for field in record.fields
        for word in words_for(field)
    ]
    found += [("contact", term) for term in (
        "budget:0..", "budget:-2..1", "budget:none", "fit:1.5..", "fit:2", "nickname:Ö1",
        "nickname:ö1", "company.industry:a", "company.revenue:1m..", "email.work:any",
        "not:tag:vip", "deleted:any", "ärger", "ada", "miller or lang", "tag:ärger",
    )]  # fmt: skip
    return found


@pytest.mark.parametrize(("noun", "term"), filters())
def test_every_filter(both: Both, noun: str, term: str) -> None:
    record = BY_NAME[noun]
    agree(both, lambda reader: listing(reader, ENV, record, term.split(), columns=["handle"],
                                       me="anna", limit=0).rows)  # fmt: skip


def groups() -> list[tuple[str, str | None]]:
    return [(name, by) for name, spec in REPORTS.items() for by in (None, *spec.by)]


@pytest.mark.parametrize(("name", "by"), groups())
def test_every_report(both: Both, name: str, by: str | None) -> None:
    agree(both, lambda reader: report(reader, ENV, name, by=by, limit=0))


def test_every_screen(both: Both) -> None:
    agree(both, lambda reader: pipeline(reader, ENV, deals=True))
    agree(both, lambda reader: today(reader, ENV, owner="all"))
    agree(both, lambda reader: due(reader, ENV, owner="all"))


def names_in(both: Both) -> list[str]:
    rows = both.file.rows("SELECT name FROM contact ORDER BY id LIMIT 40")
    return [row[0] for row in rows] + [row[0].split()[-1][:-1] for row in rows]


def test_names_are_found_and_misspelt_ones_corrected(both: Both) -> None:
    for name in names_in(both):
        agree(both, lambda reader, name=name: search(reader, ENV, name).rows)
        agree(both, lambda reader, name=name: resolve(reader, ENV, name))
        swapped = name[:1] + name[2:3] + name[1:2] + name[3:]
        agree(both, lambda reader, word=swapped: search(reader, ENV, word).rows)


def test_names_are_completed_alike(both: Both) -> None:
    for start in ("a", "Mü", "ö", "c1", "z"):
        agree(both, lambda reader, start=start: records(reader, start))
