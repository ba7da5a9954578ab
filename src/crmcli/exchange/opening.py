"""The bytes of a file: plain, packed with gzip, a member of an archive, or from standard input.

A `Blob` can be opened again and again. `scanned` passes over all of it once, before anything else
reads it, and refuses what would take without end: a bomb, a line that never ends.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from crmcli.errors import CrmError, InvalidValue, NotFound, NotPermitted, UsageError

STDIN = "-"
HEAD = 64 * 1024
_TAIL = 4 * 1024
_BLOCK = 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
# Tables with hundreds of blank columns shrink to a fiftieth; deflate can do a thousandth.
_PACKED = 200
_UNPACKED_FREELY = 64 * 1024 * 1024
_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"


class Blob(NamedTuple):
    """Bytes that can be opened. path: what they are called; packed: their size in the archive."""

    path: Path
    opened: Callable[[], BinaryIO]
    packed: int | None = None

    @property
    def ending(self) -> str:
        """What its name says it is, such as `.csv`, also of a `.csv.gz`."""
        packed = self.path.suffix.lower() == ".gz"
        return (self.path.with_suffix("") if packed else self.path).suffix.lower()


class Scan(NamedTuple):
    """What one pass over the bytes shows. odd: some of them from the first line on that is not
    ASCII; utf8: whether they are UTF-8 throughout; quotes: whether there is any quote."""

    head: bytes
    tail: bytes
    odd: bytes
    sha256: str
    lines: int
    utf8: bool
    quotes: bool


def blob_at(path: Path) -> Blob:
    """The bytes at `path`, unpacked if they are packed with gzip; "-" is standard input.

    Raises NotFound, UsageError for a folder, NotPermitted.
    """
    piped = str(path) == STDIN
    real, shown = (_standard_input(), Path("stdin")) if piped else (path, path)
    with reading(shown), real.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        size = file.seek(0, io.SEEK_END)
    if not packed:
        return Blob(shown, lambda: real.open("rb"))
    return Blob(shown, lambda: _gunzipped(real), size)


def _gunzipped(path: Path) -> BinaryIO:
    import gzip

    return gzip.open(path, "rb")  # type: ignore[return-value]


def _standard_input() -> Path:
    """What is piped in, kept in a file until the program ends: it is read more than once."""
    import atexit
    import os
    import shutil
    import sys
    import tempfile
    from contextlib import suppress

    handle, name = tempfile.mkstemp(prefix="crm-stdin-")

    def forget() -> None:
        with suppress(OSError):
            os.unlink(name)

    atexit.register(forget)
    with open(handle, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return Path(name)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Faults of the file system and of packed data as errors that name the file."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound(f"there is no file {path}", hint="check the name and the folder") from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", hint="name a file in it") from None
    except PermissionError:
        raise NotPermitted(f"{path} may not be read") from None
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise damaged(path, str(error)) from error
    except OSError as error:
        if error.errno is None:  # gzip's own
            raise damaged(path, str(error)) from error
        raise CrmError(f"{path} cannot be read: {error.strerror or error}") from error


def damaged(path: Path, why: str) -> InvalidValue:
    """The error for packed data that cannot be unpacked."""
    return InvalidValue(f"{path} is damaged: {why}", hint="download or export it again")


def scanned(blob: Blob) -> Scan:
    """One pass over the bytes.

    Raises InvalidValue for nothing but blanks, for bombs and lines without end, what `reading`
    does.
    """
    with reading(blob.path), blob.opened() as file:
        scan = _scanned(blob, file)
    if not scan.head.strip(_MARKS):
        raise InvalidValue(
            f"{blob.path} is empty", hint="a file starts with a header of column names"
        )
    return scan


def _scanned(blob: Blob, file: BinaryIO) -> Scan:
    import codecs
    import hashlib

    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    head, tail, odd, lines, utf8, quotes, size, line = b"", b"", b"", 0, True, False, 0, 0
    while block := file.read(_BLOCK):
        size += len(block)
        _refuse_bomb(blob, size)
        ends = block.count(b"\n")
        line = line + len(block) if not ends and b"\r" not in block else 0
        if line > LONGEST_LINE:
            raise InvalidValue(
                f"{blob.path}, line {lines + 1} does not end within"
                f" {LONGEST_LINE // _BLOCK} MB: this is no table",
                hint="export the file again",
            )
        head = head or block[:HEAD]
        tail = block[-_TAIL:]
        odd = odd or _from_first_odd_line(block)
        digest.update(block)
        lines += ends
        quotes = quotes or b'"' in block
        try:
            if utf8:
                decoder.decode(block)
        except UnicodeDecodeError:
            utf8 = False
    ended = not tail or tail.rstrip(b"\0").endswith(b"\n")
    return Scan(head, tail, odd, digest.hexdigest(), lines + (not ended), utf8, quotes)


def _from_first_odd_line(block: bytes) -> bytes:
    if block.isascii():
        return b""
    first = re.search(rb"[^\x00-\x7f]", block)
    start = block.rfind(b"\n", 0, first.start()) + 1 if first else 0
    return block[start : start + HEAD]


def _refuse_bomb(blob: Blob, size: int) -> None:
    if blob.packed is not None and size > max(_UNPACKED_FREELY, blob.packed * _PACKED):
        raise InvalidValue(
            f"{blob.path} unpacks to more than {_PACKED} times its size: this is no table",
            hint="nothing was imported",
        )
