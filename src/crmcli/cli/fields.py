"""`crm field`: which fields there are."""

from __future__ import annotations

from typing import Annotated

from crmcli.catalog import BY_NAME, BY_PLURAL, RECORDS
from crmcli.cli.arguments import words
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act, Session
from crmcli.errors import DatabaseMissing
from crmcli.fields import Record
from crmcli.results import Column, Listing

_COLUMNS = (
    Column("name", "text", "Field"),
    Column("kind", "text", "Kind"),
    Column("own", "yesno", "Your own", 2),
    Column("help", "text", "What it holds"),
    Column("also", "text", "Also called", 3),
)
_KINDS = {
    "text": "a line of text",
    "longtext": "text of several lines",
    "integer": "a whole number: 42",
    "number": "a number: 3.14",
    "percent": "0 to 100: 40%",
    "yesno": "yes or no",
    "day": "a date: 2026-03-05, next friday",
    "moment": "a date and time: tomorrow 9am",
    "choice": "one of the words in --choices",
    "email": "an e-mail address",
    "phone": "a phone number",
    "url": "a web page",
    "country": "a country: DE, Germany",
    "duration": "a length of time: 1h30",
}


def list(
    noun: Annotated[
        str,
        words(
            "contacts, companies, deals …",
            "NOUNS",
            choices=tuple(record.plural for record in RECORDS),
        ),
    ] = "contacts",
) -> Act:
    """List the fields of a record type, built in and your own.

    They are the columns, the filters and the options of its commands. `crm add-field` makes one.
    """
    record = BY_PLURAL.get(noun) or BY_NAME.get(noun)
    if record is None:
        raise unknown("list", noun, tuple(BY_PLURAL))
    return lambda session: _list(session, record)


def _list(session: Session, record: Record) -> Listing:
    fields = _with_own(session, record).fields
    rows = tuple(
        (field.name, field.kind, int(field.store == "custom"), field.help, ", ".join(field.aliases))
        for field in fields
    )
    return Listing("built-in", _COLUMNS, rows, len(rows))


def _with_own(session: Session, record: Record) -> Record:
    from crmcli.queries.custom import with_custom

    try:
        return with_custom(session.ctx.reader, record)
    except DatabaseMissing:
        return record


def kinds() -> Act:
    """List the kinds of value that a custom field may hold."""
    kind = BY_NAME["field"].field("kind")
    names = kind.choices if kind else ()
    rows = tuple((name, _KINDS[name]) for name in names)
    columns = (Column("kind", "text", "Kind"), Column("help", "text", "What it holds"))
    return lambda session: Listing("kind", columns, rows, len(rows))
