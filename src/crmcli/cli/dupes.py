"""Duplicates: finding them, and saying that some are none."""

from __future__ import annotations

from typing import Annotated

from crmcli.cli.arguments import flag, option, words
from crmcli.cli.session import Act
from crmcli.errors import InvalidValue

Threshold = Annotated[
    str | None,
    option("How likely they must be the same, from 0 to 1 (0.5).", "--threshold", metavar="P"),
]


def dupes(
    what: Annotated[
        list[str] | None,
        words("contacts or companies, with a query; or reject REF REF.", "[NOUNS] [QUERY]..."),
    ] = None,
    threshold: Threshold = None,
    explain: Annotated[bool, flag("The evidence of every pair, in bits.", "--explain")] = False,
    where: Annotated[
        str | None, option("A whole query in one word.", "--where", metavar="QUERY")
    ] = None,
) -> Act:
    """Find records that may be the same.

    Clusters come with the best first: a score from 0 to 1, and what speaks for it and against.
    `crm dupes reject c1 c2` remembers for good that two are not the same.
    """
    from crmcli.actions import dupes as actions

    given = list(what or ())
    if given[:1] == ["reject"]:
        return lambda s: actions.reject(s.ctx, given[1:])
    noun = actions.record_of(given[0] if given else "contacts").name
    least = actions.THRESHOLD if threshold is None else _probability(threshold)
    return lambda s: actions.dupes(
        s.ctx, noun, given[1:], where=where, threshold=least, limit=s.limit, explain=explain
    )


def _probability(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidValue(
            f'cannot read "{text}" as a threshold', hint="for example --threshold 0.8"
        ) from error
