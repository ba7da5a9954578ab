"""The verbs that work on any record: delete, restore, tag, untag, assign, link, unlink."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from crmcli.cli.arguments import AnyRef, RefList, Refs, Where, ref, words
from crmcli.cli.selection import select
from crmcli.cli.session import Act
from crmcli.errors import UsageError


def delete(refs: RefList, where: Where = None) -> Act:
    """Delete records; they can be restored.

    Their history stays, and `crm restore` or `crm undo` brings them back.
    """
    from crmcli.actions import records

    return lambda s: records.delete(s.ctx, select(s, refs, where, "Delete"))


def restore(refs: RefList) -> Act:
    """Bring deleted records back.

    `crm contacts --deleted` lists what can be restored.
    """
    from crmcli.actions import records

    for word in refs:
        if "." in word and Path(word).is_file():
            raise UsageError(
                f"{word} is a file; crm restore brings back deleted records",
                hint=f"to replace the database by a backup: crm backup restore {word}",
            )
    return lambda s: records.restore(s.ctx, select(s, refs))


Tags = Annotated[list[str], words("The tags; new ones are made.", "TAG...", "tags")]


def tag(refs: Refs, tags: Tags, where: Where = None) -> Act:
    """Tag records."""
    from crmcli.actions import records

    return lambda s: records.tag(s.ctx, select(s, [refs], where, "Tag"), tags)


def untag(refs: Refs, tags: Tags, where: Where = None) -> Act:
    """Take tags off records."""
    from crmcli.actions import records

    return lambda s: records.untag(s.ctx, select(s, [refs], where, "Untag"), tags)


def assign(
    refs: Refs,
    owner: Annotated[str, ref("The new owner; `me` is you.", nouns="user", metavar="USER")],
    where: Where = None,
) -> Act:
    """Give records to another owner."""
    from crmcli.actions import records

    return lambda s: records.assign(s.ctx, select(s, [refs], where, "Assign"), owner)


TYPES = ("reports-to", "referred-by", "attends")

Several = Annotated[str, ref("A handle, e-mail, phone, domain or name; several with commas.")]


def link(
    first: Several,
    type: Annotated[str, words(f"{', '.join(TYPES)}, or a word of yours.", "TYPE", choices=TYPES)],
    second: Several,
) -> Act:
    """Link two records, for example as reports-to.

    Several are linked with each of the others.
    """
    from crmcli.actions import records

    return lambda s: records.link(s.ctx, first, type, second)


def unlink(
    first: AnyRef,
    rest: Annotated[list[str], words("The type, if only one, and the other.", "[TYPE] REF")],
) -> Act:
    """Remove a link between two records.

    Without a type, all links between the two are removed.
    """
    from crmcli.actions import records

    if len(rest) > 2:
        raise UsageError("crm unlink needs two records", hint="crm unlink REF [TYPE] REF")
    kind = rest[0] if len(rest) == 2 else None
    return lambda s: records.unlink(s.ctx, first, kind, rest[-1])
