"""`crm backup`: make, list, verify, restore and prune backups."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from crmcli.cli.arguments import flag, option, words
from crmcli.cli.session import Act, Session
from crmcli.errors import NotPermitted, UsageError

if TYPE_CHECKING:
    from crmcli.store.backup import Backup
    from crmcli.store.sealing import Keys, Lock

PASSPHRASE = "CRM_BACKUP_PASSPHRASE"  # noqa: S105  a name

File: TypeAlias = Annotated[str, words("A backup, by path or by name.", "FILE", "backups")]
Newest: TypeAlias = Annotated[
    str | None, words("A backup, by path or by name; else the newest.", "FILE", "backups")
]
PassphraseFile: TypeAlias = Annotated[
    str | None,
    option(f"A file with the passphrase. [{PASSPHRASE}]", "--passphrase-file", metavar="PATH"),
]
Recipients: TypeAlias = Annotated[
    list[str] | None,
    option("Encrypt it to a public key of age or SSH; repeatable.", "--recipient", metavar="KEY"),
]
Identity: TypeAlias = Annotated[
    str | None,
    option("A file with your private key of age or SSH.", "--identity", "-i", metavar="PATH"),
]


def create(
    to: Annotated[
        str | None, option("File or folder; else the usual folder.", "--to", metavar="PATH")
    ] = None,
    note: Annotated[str, option("Why it is made.", "--note", metavar="TEXT")] = "",
    encrypt: Annotated[bool, flag("Encrypt it with a passphrase.", "--encrypt")] = False,
    recipient: Recipients = None,
    passphrase_file: PassphraseFile = None,
) -> Act:
    """Write a backup of the database.

    It is compressed, can be made while others work, and restores on any kind of database.
    """
    from crmcli.actions import backups

    def act(session: Session) -> object:
        sealed = encrypt or passphrase_file is not None
        lock = _lock(session, sealed, recipient or (), passphrase_file)
        return backups.create(session.ctx, to, note, lock)

    return act


def list() -> Act:
    """List the backups, newest first."""
    from crmcli.actions import backups

    return lambda s: backups.listing(s.ctx)


def verify(
    file: Newest = None, identity: Identity = None, passphrase_file: PassphraseFile = None
) -> Act:
    """Examine a backup: checksums, integrity and counts."""
    from crmcli.actions import backups

    def act(session: Session) -> object:
        found = backups.find(session.ctx, file)
        keys = _keys(session, found, identity, passphrase_file)
        closed = found.encrypted and keys.passphrase is None and keys.identity is None
        return backups.verify(found, None if closed else keys)

    return act


def restore(
    file: File,
    to: Annotated[
        str | None, option("A new file to restore into.", "--to", metavar="NEWFILE")
    ] = None,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
) -> Act:
    """Replace the database by a backup, or restore it into a new file.

    It is verified first. What it replaces is kept as a backup of its own.
    """
    from crmcli.actions import backups
    from crmcli.store.backup import replaces

    def act(session: Session) -> object:
        found = backups.find(session.ctx, file)
        if to is not None:
            keys = _keys(session, found, identity, passphrase_file)
            return backups.extract(session.ctx, found, to, keys)
        if replaces(session.ctx.location):
            session.confirm(f"Replace {session.ctx.location.shown} by {found.path.name}?")
        keys = _keys(session, found, identity, passphrase_file)
        return backups.restore(session.ctx, found, keys)

    return act


def prune(
    keep: Annotated[
        str,
        option(
            "How many days, weeks, months and years keep their newest.", "--keep", metavar="7d4w12m"
        ),
    ] = "7d4w12m",
) -> Act:
    """Delete old backups, but the newest of each day, week and month.

    7d4w12m, which is the default, keeps those of the last 7 days, 4 weeks and 12 months in which
    there are any. The newest of all is never deleted.
    """
    from crmcli.actions import backups

    def act(session: Session) -> object:
        found = backups.prunable(session.ctx, keep)
        if found:
            session.confirm(f"Delete {len(found)} of {len(backups.known(session.ctx))} backups?")
        return backups.prune(session.ctx, found)

    return act


# --- secrets


def _lock(
    session: Session, sealed: bool, recipients: Sequence[str], passphrase_file: str | None
) -> Lock | None:
    """How to encrypt; None for not at all."""
    from crmcli.store.sealing import Lock

    if not sealed:
        return Lock(recipients=tuple(recipients)) if recipients else None
    passphrase = _given(passphrase_file)
    if passphrase is None:
        if not session.interactive:
            raise UsageError(
                "nobody is there to type a passphrase",
                hint=f"give it by --passphrase-file or {PASSPHRASE}, or encrypt by --recipient KEY",
            )
        passphrase = _typed("Passphrase: ")
        if _typed("Again: ") != passphrase:
            raise UsageError("the two differ; nothing was written")
    return Lock(_not_empty(passphrase), tuple(recipients))


def _keys(
    session: Session, found: Backup, identity: str | None, passphrase_file: str | None
) -> Keys:
    """What may open a backup; asks where it takes a passphrase and none is given."""
    from crmcli.store.sealing import Keys

    path = Path(identity).expanduser() if identity else None
    passphrase = _given(passphrase_file) if found.encrypted else None
    asks = found.encrypted == "passphrase" and passphrase is None and path is None
    if asks and session.interactive:
        passphrase = _not_empty(_typed(f"Passphrase of {found.path.name}: "))
    return Keys(passphrase, path)


def _given(passphrase_file: str | None) -> str | None:
    """The passphrase of a file, else of the environment."""
    if passphrase_file is None:
        return os.environ.get(PASSPHRASE) or None
    try:
        text = Path(passphrase_file).expanduser().read_text("utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise NotPermitted(f"{passphrase_file} cannot be read: {why}") from error
    return _not_empty(text.rstrip("\r\n"))


def _typed(prompt: str) -> str:
    from getpass import getpass

    return getpass(prompt)


def _not_empty(passphrase: str) -> str:
    if not passphrase:
        raise UsageError("the passphrase is empty")
    return passphrase
