"""Enriching: blanks filled from a file, by a program, or from what is known already."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from crmcli.cli.arguments import option, words
from crmcli.cli.session import Act, Session, ask
from crmcli.errors import Declined, InvalidValue, UsageError

if TYPE_CHECKING:
    from crmcli.results import ImportSummary

_SECONDS = {"": 1, "s": 1, "m": 60}


def enrich(
    what: Annotated[
        list[str] | None, words("contacts or companies, with a query.", "[NOUNS] [QUERY]...")
    ] = None,
    *,
    source: Annotated[
        str | None, option("A list to fill in from; - is standard input.", "--from", metavar="FILE")
    ] = None,
    command: Annotated[
        str | None,
        option(
            "A program that gets each record as JSON and prints fields as JSON.",
            "--command",
            metavar="CMD",
        ),
    ] = None,
    timeout: Annotated[
        str,
        option("How long the program may take for a record (10s).", "--timeout", metavar="TIME"),
    ] = "10s",
    overwrite: Annotated[
        str | None,
        option("Fields whose values may be replaced.", "--overwrite", metavar="FIELD,..."),
    ] = None,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
) -> Act:
    """Fill in the blanks of records.

    Without --from and --command it fills in what follows from what is known: the company from the
    domain of an e-mail, the country from the prefix of a phone, the region and the time zone from
    these. It shows all of it and asks. What is there already stays, unless you name its field.
    `crm history REF --field FIELD` says where a value comes from; `crm undo` takes all of it back.
    """
    from crmcli.actions.dupes import noun_and_query

    fields = [name.strip() for name in (overwrite or "").split(",") if name.strip()]
    noun, terms = noun_and_query(what or ())
    if source is not None and (terms or where or command):
        raise UsageError("--from takes every row of the file", hint="leave the query out")
    if source is not None:
        return lambda s: _from_file(s, Path(source), noun if what else None, fields)
    seconds = _seconds(timeout)
    return lambda s: _from_offers(s, noun, terms, where, command, seconds, fields)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([sm]?)", text.strip())
    if match is None or not float(match[1]):
        raise InvalidValue(f'cannot read "{text}" as a time', hint="for example --timeout 10s")
    return float(match[1]) * _SECONDS[match[2]]


def _from_file(session: Session, path: Path, kind: str | None, overwrite: Sequence[str]) -> Any:
    """Have the import update what is there; tried first, where somebody is to look at it."""
    from crmcli.cli.importing import asking_order, confirming
    from crmcli.exchange.headers import recognised
    from crmcli.exchange.importing import import_file
    from crmcli.exchange.readers import open_source
    from crmcli.output import emit

    table = open_source(path.expanduser(), recognised)
    order = asking_order(session)
    choice: dict[str, Any] = {"kind": kind, "mode": "update", "order_of": order and cache(order)}
    winning = dict.fromkeys(overwrite, "overwrite")
    if session.given.get("dry_run") or session.given.get("yes"):
        return import_file(session.ctx, table, conflicts=winning, **choice)
    session.ctx.close()
    tried = import_file(
        replace(session.ctx, dry_run=True), table, conflicts=winning,
        confirm=confirming(session), **choice,
    )  # fmt: skip
    if not (tried.updated or (session.interactive and tried.kept)):
        return tried
    emit(tried, session.how)
    plural = tried.plural if tried.updated != 1 else tried.noun
    question = f"Fill in {tried.updated:,} {plural}?"
    more = _agreed(session, question, [field for field, _count in tried.kept_counts])
    if not tried.source:  # what was agreed on is not asked again
        choice |= _agreed_columns(tried)
    return import_file(
        session.ctx, table, conflicts=winning | dict.fromkeys(more, "overwrite"), **choice
    )


def _agreed_columns(tried: ImportSummary) -> dict[str, Any]:
    """The choices of an import by which each column becomes what it became before."""
    return {
        "maps": {column: field for column, field in tried.mapping if field},
        "ignore": [column for column, field in tried.mapping if not field],
    }


def _from_offers(
    session: Session, noun: str, terms: Sequence[str], where: str | None, command: str | None,
    seconds: float, overwrite: list[str],
) -> Any:  # fmt: skip
    from crmcli.actions.draft import find_field
    from crmcli.catalog import BY_NAME
    from crmcli.exchange import enriching
    from crmcli.output import emit
    from crmcli.output.progress import Progress
    from crmcli.queries.custom import with_custom

    record = with_custom(session.ctx.reader, BY_NAME[noun])
    overwrite = [find_field(record, name).name for name in overwrite]
    if command is None:
        offers = enriching.derived(session.ctx, noun, terms, where)
    else:
        with Progress("asking", None, session.how) as progress:
            offers = enriching.answered(
                session.ctx, noun, command, terms, where,
                seconds=seconds, progress=progress.advance,
            )  # fmt: skip
    if session.given.get("dry_run"):
        done = enriching.fill(session.ctx, offers, overwrite)
        return done._replace(preview=enriching.listing(offers, overwrite)) if offers.found else done
    if offers.found and session.interactive:
        emit(enriching.listing(offers, overwrite, session.limit), session.how)
    taken = len(offers.taken(overwrite))
    if taken or (session.interactive and offers.differing):
        question = f"Fill in {'1 value' if taken == 1 else f'{taken:,} values'}?"
        left = [field for field in offers.differing if field not in overwrite]
        overwrite += _agreed(session, question, left)
    return enriching.fill(session.ctx, offers, overwrite)


def _agreed(session: Session, question: str, differing: Sequence[str]) -> list[str]:
    """Ask whether to go on; returns those of the fields that differ that are to be overwritten.

    Raises Declined; UsageError where there is nobody to ask.
    """
    if not differing or session.given.get("yes") or not session.interactive:
        session.confirm(question)
        return []
    answer = ask(f"{question} [y/N], or fields to overwrite, too ({','.join(differing)}): ")
    if answer.casefold() in ("y", "yes"):
        return []
    names = [name.strip() for name in answer.split(",") if name.strip()]
    if not names or not set(names) <= set(differing):
        raise Declined("nothing was changed")
    return names
