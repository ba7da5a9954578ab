"""`crm export`: records into a file that an import reads back without loss."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.errors import CrmError, NotFound, NotPermitted, UsageError
from crmcli.exchange.extract import Extract, exported
from crmcli.exchange.writers import FORMATS, lines
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import select
from crmcli.results import Done, Stream

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


def export(
    ctx: Context,
    noun: str,
    words: Sequence[str] = (),
    *,
    where: str | None = None,
    columns: Sequence[str] | None = None,
    out: Path | None = None,
    format: str | None = None,
) -> Done | Stream:
    """Write the records that match to `out`, or return their lines where that is None.

    noun: the record type. words, where: a query. columns: only these fields. format: one of
    `FORMATS`; without it the ending of `out` decides, or it is CSV. The file appears whole, and for
    its owner only. Raises UsageError, UnknownName, QueryError, NotFound, NotPermitted.
    """
    chosen = _format(out, format)
    record = with_custom(ctx.reader, BY_NAME[noun])
    selection = select(ctx.reader, ctx.env, record, words, where, me=ctx.user)
    extract = Extract(ctx.reader, record, exported(record, columns), selection)
    if out is None:
        return Stream(lines(extract, chosen))
    count = int(
        ctx.reader.scalar(
            f"SELECT count(*) FROM {record.table} t WHERE {selection.sql}", selection.params
        )
    )
    data = {"file": str(out), "format": chosen, "count": count}
    what = record.plural if count != 1 else record.name
    if not ctx.dry_run:
        _write(out, lines(extract, chosen))
    return Done((f"Wrote {count:,} {what} to {out}",), data=data, dry_run=ctx.dry_run)


def _format(out: Path | None, format: str | None) -> str:
    if format in FORMATS:
        return format
    if format is not None:
        raise UsageError(f"an export cannot be {format}", hint=f"formats: {', '.join(FORMATS)}")
    if out is None:
        return "csv"
    ending = out.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(
            f"the ending of {out.name} does not say a format",
            hint=f"end it in {', '.join(_ENDINGS)}, or add --format csv",
        )
    return _ENDINGS[ending]


def _write(out: Path, texts: Iterator[str]) -> None:
    """Write a file beside its place, then move it there: it is whole, or not there."""
    if out.is_dir():
        raise UsageError(f"{out} is a folder", hint="name a file in it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.absolute().parent)
    except FileNotFoundError:
        raise NotFound(f"there is no folder {out.parent}") from None
    except OSError as error:
        raise NotPermitted(f"{out} cannot be written: {error.strerror}") from error
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.writelines(f"{text}\n" for text in texts)
        os.replace(name, out)
    except OSError as error:
        raise CrmError(f"{out} cannot be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)
