"""Zip archives: their members as files, without ever writing one of them to disk by its name.

What climbs out of its folder, is encrypted, or unpacks to far more than it should is refused before
anything is read.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from crmcli.errors import InvalidValue
from crmcli.exchange.opening import Blob, damaged, reading

_MOST_MEMBERS = 2_000
_LARGEST = 8 * 1024 * 1024 * 1024
_PACKED = 200
_UNPACKED_FREELY = 64 * 1024 * 1024


OWN = "crm export everything"
"""The format that the manifest of our own archives names."""
MANIFEST = "manifest.json"
TABLES = "tables/"
"""The folder of the rows as they are stored."""
_LONGEST_MANIFEST = 1024 * 1024


def manifest(blob: Blob) -> dict[str, Any]:
    """The manifest of an archive of our own; {} for any other."""
    with opened_zip(blob) as archive:
        if MANIFEST not in archive.namelist():
            return {}
        with archive.open(MANIFEST) as file:
            text = file.read(_LONGEST_MANIFEST)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    own = isinstance(found, dict) and found.get("format") == OWN
    return found if own and _are_files(found.get("files")) else {}


def _are_files(listed: Any) -> bool:
    """Whether a manifest's list of files is one."""
    kinds = {"name": str, "holds": str, "rows": int, "sha256": str}
    return isinstance(listed, list) and all(
        isinstance(each, dict) and {name: type(value) for name, value in each.items()} == kinds
        for each in listed
    )


def members(blob: Blob) -> list[Blob]:
    """The files in an archive, by name.

    Raises InvalidValue for an archive that is damaged, encrypted, a bomb, or climbs out.
    """
    with opened_zip(blob) as archive:
        infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    _refuse(blob, infos)
    return [
        Blob(blob.path / info.filename, _opener(blob, info.filename), info.compress_size)
        for info in sorted(infos, key=lambda info: info.filename)
    ]


@contextmanager
def opened_zip(blob: Blob) -> Iterator[zipfile.ZipFile]:
    """The archive itself; its faults as errors that name it."""
    with reading(blob.path), blob.opened() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                yield archive
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
            raise damaged(blob.path, str(error)) from error


def refuse_bomb(blob: Blob, largest: int = _LARGEST) -> None:
    """Raise InvalidValue where an archive would unpack to more than `largest` bytes, or to far
    more than its size. What is no archive passes."""
    with reading(blob.path), blob.opened() as file:
        if not zipfile.is_zipfile(file):
            return
    with opened_zip(blob) as archive:
        _refuse_size(blob, archive.infolist(), largest)


def _refuse(blob: Blob, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > _MOST_MEMBERS:
        raise InvalidValue(f"{blob.path} holds {len(infos):,} files", hint="unpack those you need")
    for info in infos:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
            raise InvalidValue(
                f"{blob.path} holds a path that climbs out of it: {info.filename}",
                hint="such an archive is made to do harm; nothing was imported",
            )
        if info.flag_bits & 1:
            raise InvalidValue(
                f"{blob.path} is locked with a password", hint="unpack it and import its files"
            )
    _refuse_size(blob, infos, _LARGEST)


def _refuse_size(blob: Blob, infos: list[zipfile.ZipInfo], largest: int) -> None:
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if size > largest or size > max(_UNPACKED_FREELY, packed * _PACKED):
        raise InvalidValue(
            f"{blob.path} unpacks to {size // 1024**2:,} MB from {packed // 1024:,} KB:"
            " this holds no tables",
            hint="nothing was imported",
        )


class _Member(io.RawIOBase):
    """One member, read as it is unpacked; its archive is closed with it."""

    def __init__(self, blob: Blob, name: str) -> None:
        super().__init__()
        self._opened = ExitStack()
        with ExitStack() as opened:
            file = opened.enter_context(blob.opened())
            try:
                archive = opened.enter_context(zipfile.ZipFile(file))
                self._member: Any = opened.enter_context(archive.open(name))
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
                raise damaged(blob.path / name, str(error)) from error
            self._opened = opened.pop_all()

    def readable(self) -> bool:
        """It can only be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        return int(self._member.readinto(buffer))

    def close(self) -> None:
        """Close the member and the archive."""
        if not self.closed:
            self._opened.close()
        super().close()


def _opener(blob: Blob, name: str) -> Callable[[], BinaryIO]:
    return lambda: io.BufferedReader(_Member(blob, name), 1024 * 1024)
