"""Encryption of backups in the age format, by the optional library pyrage.

With a passphrase the content is encrypted to a key made for this one backup, and that key to the
passphrase. So both ways end in age's own form, which streams, and the program `age` opens both.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from crmcli.errors import DatabaseError, InvalidValue, MissingPart, NotPermitted

LIBRARY = "pyrage"


class Readable(Protocol):
    """What content is taken from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


class Writable(Protocol):
    """What content is given to."""

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""
        ...

    def flush(self) -> None:
        """See it off."""
        ...


@dataclass(frozen=True, slots=True)
class Lock:
    """How to encrypt: with a passphrase, or to public keys of age or SSH."""

    passphrase: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """How to decrypt: with a passphrase, or with a file of private keys of age or SSH."""

    passphrase: str | None = field(default=None, repr=False)
    identity: Path | None = None


def available() -> bool:
    """Whether the library is installed."""
    return importlib.util.find_spec(LIBRARY) is not None


def seal(source: Readable, target: Writable, lock: Lock) -> bytes | None:
    """Encrypt `source` into `target`; the key of this backup when a passphrase protects it.

    Raises MissingPart, InvalidValue for a recipient that is no key, DatabaseError where the
    target cannot be written.
    """
    age = _library()
    recipients = [_recipient(age, text) for text in lock.recipients]
    key = None
    if lock.passphrase:
        own = age.x25519.Identity.generate()
        recipients.append(own.to_public())
        key = bytes(age.passphrase.encrypt(f"{own}\n".encode(), lock.passphrase))
    try:
        age.encrypt_io(source, target, recipients)
    except age.EncryptError as error:
        raise DatabaseError(f"the backup cannot be encrypted: {error}") from error
    return key


def unseal(source: Readable, target: Writable, keys: Keys, key: bytes | None) -> None:
    """Decrypt `source` into `target`. key: what `seal` returned for this backup.

    Raises MissingPart, NotPermitted when neither passphrase nor identity opens it, and
    DatabaseError where the target cannot be written.
    """
    age = _library()
    identities = _identities(age, keys, key)
    if not identities:
        raise NotPermitted(
            "the backup is encrypted",
            hint="give its passphrase, by --passphrase-file or CRM_BACKUP_PASSPHRASE"
            if key
            else "give the private key, by --identity FILE",
        )
    try:
        age.decrypt_io(source, target, identities)
    except age.DecryptError as error:
        if "No matching keys" not in str(error):
            raise DatabaseError(f"the backup cannot be decrypted: {error}") from error
        raise NotPermitted(
            "the private key does not open the backup", hint="give another by --identity FILE"
        ) from error


def _identities(age: Any, keys: Keys, key: bytes | None) -> list[Any]:
    found = _from_file(age, keys.identity) if keys.identity else []
    if key is not None and keys.passphrase:
        try:
            text = bytes(age.passphrase.decrypt(key, keys.passphrase)).decode("ascii")
        except age.DecryptError as error:
            raise NotPermitted("the passphrase does not open the backup") from error
        found.append(age.x25519.Identity.from_str(text.strip()))
    return found


def _from_file(age: Any, path: Path) -> list[Any]:
    """The private keys of a file: lines of age, or one key of SSH."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise NotPermitted(f"{path} cannot be read: {error.strerror}") from error
    lines = content.decode("utf-8", "replace").split()
    texts = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        if texts:
            return [age.x25519.Identity.from_str(text) for text in texts]
        return [age.ssh.Identity.from_buffer(content)]
    except age.IdentityError as error:
        raise InvalidValue(f"{path} holds no private key of age or SSH") from error


def _recipient(age: Any, text: str) -> Any:
    kind = age.ssh if text.startswith("ssh-") else age.x25519
    try:
        return kind.Recipient.from_str(text)
    except age.RecipientError as error:
        raise InvalidValue(
            f"{text} is not a public key of age or SSH",
            hint="one looks like age1… or ssh-ed25519 AAAA…",
        ) from error


def _library() -> Any:
    if not available():
        raise MissingPart(
            "encryption is not installed", hint="pip install 'crmcli[encryption]' adds it"
        )
    import pyrage

    return pyrage
