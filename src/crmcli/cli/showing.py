"""Looking at one record, and looking for records: show, search."""

from __future__ import annotations

from typing import Annotated

from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.cli.arguments import AnyRef, option, words
from crmcli.cli.guess import unknown
from crmcli.cli.session import Act
from crmcli.cli.table import MAIN_NOUNS

_PLURALS = tuple(BY_NAME[noun].plural for noun in MAIN_NOUNS)


def show(ref: AnyRef) -> Act:
    """Show a record with all that belongs to it.

    For a contact: details, company, open deals, last activities, next tasks, links and tags; for
    a company its people and what was won as well.
    """
    from crmcli.actions.show import show as look

    return lambda s: look(s.ctx, ref)


def search(
    text: Annotated[
        list[str], words("Words, or their beginnings; typing errors are forgiven.", "TEXT...")
    ],
    among: Annotated[
        str | None,
        option(
            "Only these: contacts, companies, deals, activities or tasks.",
            "--in",
            metavar="NOUNS",
            choices=_PLURALS,
        ),
    ] = None,
) -> Act:
    """Find records by any of their words."""
    from crmcli.queries.search import search as look

    nouns = () if among is None else (_noun(among),)
    return lambda s: look(s.ctx.reader, s.ctx.env, " ".join(text), nouns, s.limit)


def _noun(plural: str) -> str:
    if plural not in _PLURALS:
        raise unknown("list", plural, _PLURALS)
    return BY_PLURAL[plural].name
