"""A file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from crmcli.errors import CrmError, NotFound, NotPermitted, UsageError


@contextmanager
def placed(out: Path) -> Iterator[BinaryIO]:
    """A file to write, beside its place and for its owner only; moved to `out` at the end.

    Raises UsageError for a folder, NotFound, NotPermitted, CrmError for a disk that is full.
    """
    if out.is_dir():
        raise UsageError(f"{out} is a folder", hint="name a file in it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.absolute().parent)
    except FileNotFoundError:
        raise NotFound(f"there is no folder {out.parent}") from None
    except OSError as error:
        raise NotPermitted(f"{out} cannot be written: {error.strerror}") from error
    try:
        with open(handle, "w+b") as file:
            yield file
        os.replace(name, out)
    except OSError as error:
        raise CrmError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
