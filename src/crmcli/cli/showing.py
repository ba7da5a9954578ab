"""Looking at records, and looking for records: show, search."""

from __future__ import annotations

from typing import Annotated

from crmcli.catalog import BY_NAME, BY_PLURAL
from crmcli.cli.arguments import RefList, option, words
from crmcli.cli.guess import unknown
from crmcli.cli.selection import STDIN, select
from crmcli.cli.session import Act, Session
from crmcli.cli.table import MAIN_NOUNS
from crmcli.results import Cards, Screen

_PLURALS = tuple(BY_NAME[noun].plural for noun in MAIN_NOUNS)


def show(refs: RefList) -> Act:
    """Show records with all that belongs to them.

    For a contact: details, company, open deals, last activities, next tasks, links and tags; for
    a company its people and what was won as well. With --json one REF makes an object, several
    make an array.
    """
    return lambda s: _cards(s, refs)


def _cards(session: Session, refs: list[str]) -> Screen | Cards:
    """The card of the one record that was named, or those of a list, however long it is."""
    from crmcli.actions.show import show_all

    found = show_all(session.ctx, select(session, refs))
    alone = len(found.cards) == 1 and STDIN not in refs
    return found.cards[0] if alone else found


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
