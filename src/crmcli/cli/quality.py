"""`crm quality`, `crm confirm`, `crm bounced`: how clean the data is, and what people say of it."""

from __future__ import annotations

from math import nan
from typing import Annotated

from crmcli.cli.arguments import RefList, Where, flag, option, words
from crmcli.cli.selection import select
from crmcli.cli.session import Act
from crmcli.errors import InvalidValue, UsageError

_TYPES = ("contacts", "companies", "deals")
_MEASURES = ("completeness", "validity", "uniqueness", "freshness", "consistency")


def quality(
    what: Annotated[
        list[str] | None,
        words("contacts, companies or deals; with a measure: the records that fall short of it.",
              "[NOUNS] [MEASURE]", choices=(*_TYPES, *_MEASURES)),
    ] = None,
    by: Annotated[
        str | None, option("Show the scores of each owner, too.", "--by", metavar="owner",
                           choices=("owner",)),
    ] = None,
    fail_under: Annotated[
        str | None, option("End with status 1 below this score; for cron.", "--fail-under",
                           metavar="N"),
    ] = None,
) -> Act:  # fmt: skip
    """Score how clean the data is, and say what mends it.

    Five measures from 0 to 100. Completeness: how many of the expected fields are filled in. The
    others are the share of records: validity, without an e-mail, phone or page that does not work
    and without a broken rule; uniqueness, with no e-mail, phone, domain or name that another has;
    freshness, changed, talked with or confirmed within `stale_months`; consistency, without a
    contradiction. The score is their mean. It is kept once a day, for the trend.
    """
    nouns, measure = [*(what or ()), None, None][:2]
    if len(what or ()) > 2:
        raise UsageError("crm quality takes a type of records and a measure")
    if measure and (by or fail_under):
        raise UsageError("records are listed by a measure, without --by and --fail-under")
    least = _score(fail_under)
    from crmcli.actions import quality as action

    if nouns and measure:
        return lambda s: action.records(s.ctx, nouns, measure, s.limit)
    return lambda s: action.quality(
        s.ctx,
        nouns,
        by_owner=by is not None,
        fail_under=least,
        worst=s.given.get("limit") or action.WORST,
    )


def _score(text: str | None) -> float:
    try:
        least = float(text or 0)
    except ValueError:
        least = nan
    if not 0 <= least <= 100:
        raise InvalidValue(f"--fail-under {text} is no score", hint="a number from 0 to 100")
    return least


def confirm(refs: RefList, where: Where = None) -> Act:
    """Mark records as checked.

    All that they say is right as of today, and `crm quality` counts them as fresh.
    """
    from crmcli.actions import records
    from crmcli.actions.assign import Assign

    today = [Assign("confirmed", "=", None, "today")]
    return lambda s: records.edit(s.ctx, select(s, refs, where, "Confirm"), today, verb="Confirmed")


def bounced(
    addresses: Annotated[
        list[str], words("E-mails that bounce, and phones that are dead.", "ADDRESS...")
    ],
    ok: Annotated[bool, flag("They work after all.", "--ok")] = False,
) -> Act:
    """Mark e-mails that bounce and phones that are dead.

    Wherever they are, they stay and are shown as not valid; `crm open` offers them no more, and
    `crm quality` counts them.
    """
    from crmcli.actions import reach

    return lambda s: reach.mark(s.ctx, select(s, addresses), works=ok)
