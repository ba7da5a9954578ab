"""The users of another program: a file of them says who the owners are that its other files name
by ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmcli.actions.context import Context
from crmcli.errors import DatabaseMissing
from crmcli.exchange.sources import detect
from crmcli.exchange.sources.base import squash, tokens
from crmcli.exchange.tables import Source
from crmcli.values.text import sort_key

_FILES = frozenset(("user", "users", "owner", "owners"))
_IDS = ("id", "userid", "ownerid", "recordid")
_NAMES = ("name", "fullname")
_EMAILS = ("email", "emailaddress")


def apart(sources: Sequence[Source]) -> tuple[list[Source], list[Source]]:
    """Files of users, and the others; without files that name owners by ids all are others."""
    if not any(map(_owned_by_id, sources)):
        return [], list(sources)
    users = [source for source in sources if _holds_users(source)]
    return users, [source for source in sources if source not in users]


def _owned_by_id(source: Source) -> bool:
    known = detect(source.header)
    if known is None:
        return False
    system, noun = known
    return any(system.target(noun, header) == "owner id" for header in source.header)


def _holds_users(source: Source) -> bool:
    named = _FILES & set(tokens(source.path.stem))
    columns = _places(source).keys()
    return bool(named and columns & {*_IDS} and columns & {*_EMAILS, *_NAMES, "lastname"})


def owners(ctx: Context, users: Sequence[Source]) -> dict[str, str]:
    """What `--value` would say of each id: the user who has the e-mail here, else the name."""
    try:
        rows = ctx.reader.rows("SELECT email FROM app_user WHERE deleted_at IS NULL")
    except DatabaseMissing:
        rows = []
    here = {sort_key(email) for (email,) in rows if email}
    return {
        f"owner:{id}": email if sort_key(email) in here else name or email
        for source in users
        for id, name, email in _people(source)
        if id and (name or email)
    }


def _people(source: Source) -> Iterator[tuple[str, str, str]]:
    """Id, name and e-mail of each user."""
    places = _places(source)
    with source.opened() as rows:
        for _line, cells in rows:
            row = {name: cells[at].strip() for name, at in places.items() if at < len(cells)}
            id, name, email = (
                next(filter(None, map(row.get, names)), "") for names in (_IDS, _NAMES, _EMAILS)
            )
            parts = filter(None, (row.get("firstname"), row.get("lastname")))
            yield id, name or " ".join(parts), email


def _places(source: Source) -> dict[str, int]:
    return {squash(header): place for place, header in enumerate(source.header)}
