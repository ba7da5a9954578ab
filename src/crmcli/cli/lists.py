"""`NOUNS [QUERY]` for every record type, and `leads`."""

from __future__ import annotations

from typing import Any

from crmcli.catalog import BY_NAME
from crmcli.cli.command import CrmCommand, generated
from crmcli.cli.session import Act, Session
from crmcli.cli.table import Entry
from crmcli.cli.toolkit import Parameter, TyperArgument, TyperOption
from crmcli.cli.words import Words
from crmcli.fields import Record

_ALWAYS = {"leads": ("status:lead",)}
"""The terms that a list stands for beside its noun."""


def build(entry: Entry) -> CrmCommand:
    """The command that lists records of the type `entry.noun`."""
    record = BY_NAME[entry.noun]

    def list_records(query: tuple[str, ...], where: str | None, deleted: bool) -> Act:
        terms = [*_ALWAYS.get(entry.name, ()), *query, *(["deleted:yes"] if deleted else [])]
        return lambda session: find(session, record, terms, where)

    text = (
        f"{entry.help}\n\n{record.help}\n\nWords search; FIELD:VALUE filters, FIELD:A..B is a"
        " range, not:TERM leaves out, `or` between terms."
    )
    return generated(entry, query_params(record, deleted=True), list_records, text)


def find(session: Session, record: Record, terms: list[str], where: str | None) -> Any:
    """The records that match, as a listing in the columns and order that were asked for."""
    from crmcli.queries.listing import listing

    ctx = session.ctx
    return listing(
        ctx.reader,
        ctx.env,
        record,
        terms,
        where=where,
        columns=session.columns,
        sort=session.given.get("sort"),
        limit=session.limit,
        me=ctx.user,
        full=session.how.format in ("json", "jsonl"),
    )


def query_params(record: Record, *, deleted: bool = False) -> list[Parameter]:
    """The arguments that select records: terms, and `--where`."""
    params: list[Parameter] = [
        TyperArgument(
            param_decls=["query"],
            type=Words("query", source=f"query:{record.name}"),
            nargs=-1,
            metavar="[QUERY]...",
            help="Terms such as city:Berlin; each word of the line is one.",
            show_default=False,
        ),
        TyperOption(
            param_decls=["where", "--where"],
            type=Words("query"),
            metavar="QUERY",
            help="A whole query in one word, with > < ( ) - and quotes.",
        ),
    ]
    if deleted:
        params.append(
            TyperOption(
                param_decls=["deleted", "--deleted"],
                is_flag=True,
                default=False,
                help="Those that were deleted, instead.",
                show_default=False,
            )
        )
    return params
