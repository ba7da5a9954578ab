"""The file of a backup: a zip of the database, compressed, and of a manifest.

Whatever the backup was made of, it holds an SQLite database, so that it restores anywhere:
`database.sqlite.gz`, or `database.sqlite.gz.age` when it is encrypted, with `key.age` where a
passphrase protects its key. The comment of the zip is the SHA-256 of every byte before it, and
the manifest has those of the content, compressed and as it was: no byte can change unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from crmcli.errors import NotADatabase
from crmcli.store.sealing import Keys, Lock, Readable, Writable, seal, unseal

SUFFIX = ".crmbackup"
FORMAT = 1

_MANIFEST, _CONTENT, _KEY = "manifest.json", "database.sqlite.gz", "key.age"
_SEALED = _CONTENT + ".age"
_SAYS = b"sha256 "
_LEVEL = 3  # of compression: beyond it a backup takes twice the time and is hardly smaller
_BLOCK = 1 << 20
_LONGEST_MANIFEST = 1 << 20
_GZIP = 31  # zlib's word for the form of gzip

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    EOFError,
    RuntimeError,  # NotImplementedError as well: an entry of a method or flag that is not ours
)


class Part(NamedTuple):
    """Bytes: how many, and their SHA-256."""

    size: int
    sha256: str


def pack(
    path: Path, database: Path, facts: dict[str, Any], when: datetime, lock: Lock | None = None
) -> Part:
    """Write `database` and `facts` into the new file `path`; what the content was.

    when: the time of the entries. lock: how to encrypt, or None. Raises OSError, and what
    `sealing.seal` raises.
    """
    stamp = when.timetuple()[:6]
    with _new_file(path) as file:
        with zipfile.ZipFile(file, "w") as archive, database.open("rb") as content:
            name = _SEALED if lock else _CONTENT
            source = _Packer(content)
            with archive.open(_entry(name, stamp), "w", force_zip64=True) as entry:
                tally = _Tally(entry)
                key = _pour(source, tally, lock)
            if key is not None:
                archive.writestr(_entry(_KEY, stamp), key)
            parts = {"content": source.part()._asdict(), "stored": tally.part()._asdict()}
            text = json.dumps({"format": FORMAT, **facts, **parts}, ensure_ascii=False, indent=2)
            archive.writestr(_entry(_MANIFEST, stamp), text + "\n")
            archive.comment = _SAYS + b"0" * 64
        _sign(file)
    return source.part()


def manifest(path: Path) -> dict[str, Any]:
    """What the manifest says. Raises NotADatabase where there is none that can be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_MANIFEST) as entry:
            found: Any = json.loads(entry.read(_LONGEST_MANIFEST))
        if not isinstance(found, dict) or int(found["format"]) != FORMAT:
            raise ValueError("it is of another format")
    except _UNREADABLE as error:
        raise NotADatabase(
            f"{path} is not a backup that can be read",
            hint="`crm backup list` shows the backups; a database itself opens with --db FILE",
        ) from error
    return found


def check(path: Path) -> None:
    """Raise NotADatabase unless every byte is what it was when the file was written."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 64, 0))
        if file.read() != _digest(file, size - 64):
            raise damaged(path, "its checksum does not fit")


def encrypted(path: Path) -> bool:
    """Whether the content is encrypted. Raises NotADatabase for a file that is no backup."""
    return bool(manifest(path).get("encrypted"))


def unpack(path: Path, target: Path, keys: Keys) -> None:
    """Write the database in the backup `path` to the new file `target`.

    Raises NotADatabase for a backup that is damaged in any byte, OSError, and what
    `sealing.unseal` raises.
    """
    check(path)
    facts = manifest(path)
    try:
        wanted, sealed = Part(**facts["content"]), bool(facts["encrypted"])
        with zipfile.ZipFile(path) as archive, _new_file(target) as file:
            key = archive.read(_KEY) if _KEY in archive.namelist() else None
            sink = _Unpacker(file, wanted.size)
            with archive.open(_SEALED if sealed else _CONTENT) as entry:
                if sealed:
                    unseal(entry, sink, keys, key)
                else:
                    shutil.copyfileobj(entry, sink, _BLOCK)
            found = sink.part()
    except _UNREADABLE as error:
        raise damaged(path, str(error)) from error
    if found != wanted:
        raise damaged(path, "its content is not what its manifest says")


def damaged(path: Path, why: str) -> NotADatabase:
    """The error for a backup that is not whole."""
    return NotADatabase(
        f"the backup {path} is damaged: {why}",
        hint="`crm backup list` shows the others; nothing was changed",
    )


def _new_file(path: Path) -> BinaryIO:
    """A new file that only its owner can read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _entry(name: str, stamp: tuple[int, ...]) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (max(stamp[0], 1980), *stamp[1:6]))  # type: ignore[arg-type]
    entry.external_attr = 0o600 << 16
    return entry


def _pour(source: Readable, target: Writable, lock: Lock | None) -> bytes | None:
    if lock is not None:
        return seal(source, target, lock)
    while block := source.read(_BLOCK):
        target.write(block)
    return None


def _sign(file: BinaryIO) -> None:
    """Put the digest of all bytes before it at the end, and see the file to the disk."""
    size = file.seek(0, os.SEEK_END)
    digest = _digest(file, size - 64)
    file.seek(size - 64)
    file.write(digest)
    file.flush()
    os.fsync(file.fileno())


def _digest(file: BinaryIO, size: int) -> bytes:
    """The SHA-256, in hexadecimal, of the first `size` bytes."""
    file.seek(0)
    digest, left = hashlib.sha256(), max(size, 0)
    while left and (block := file.read(min(left, _BLOCK))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


class _Packer:
    """A file in compressed form, to be read; takes the measure of what goes in."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._squeeze = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._ready = b""
        self._at_end = False
        self._size, self._digest = 0, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        while not self._at_end and not 0 <= size <= len(self._ready):
            self._more()
        end = len(self._ready) if size < 0 else size
        found, self._ready = self._ready[:end], self._ready[end:]
        return found

    def part(self) -> Part:
        """What went in so far."""
        return Part(self._size, self._digest.hexdigest())

    def _more(self) -> None:
        block = self._source.read(_BLOCK)
        self._at_end = not block
        self._size += len(block)
        self._digest.update(block)
        self._ready += self._squeeze.compress(block) if block else self._squeeze.flush()


class _Tally:
    """A file to write to, with the measure of what was written."""

    def __init__(self, target: Any) -> None:
        self._target = target
        self._size, self._digest = 0, hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        """Take all of `data`."""
        self._size += len(data)
        self._digest.update(data)
        self._target.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing: the archive flushes when it is whole."""

    def part(self) -> Part:
        """What was written so far."""
        return Part(self._size, self._digest.hexdigest())


class _Unpacker:
    """A file to write compressed bytes to, which expands them, up to the size they should have."""

    def __init__(self, target: BinaryIO, most: int) -> None:
        self._expand = zlib.decompressobj(_GZIP)
        self._tally = _Tally(target)
        self._most = most

    def write(self, data: bytes, /) -> int:
        """Take all of `data`; ValueError for more than there should be."""
        left = data
        while left:
            self._tally.write(self._expand.decompress(left, _BLOCK))
            left = self._expand.unconsumed_tail
            if self._tally.part().size > self._most or self._expand.unused_data:
                raise ValueError("it holds more than its manifest says")
        return len(data)

    def flush(self) -> None:
        """Nothing: the file is closed when it is whole."""

    def part(self) -> Part:
        """What came out; ValueError where the end is missing."""
        self._tally.write(self._expand.flush())
        if not self._expand.eof:
            raise ValueError("its end is missing")
        return self._tally.part()
