"""`crm export`: records into a file that an import, or another program, reads back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.errors import UsageError
from crmcli.exchange import cards, programs
from crmcli.exchange.extract import Extract, exported
from crmcli.exchange.placing import placed
from crmcli.exchange.writers import Style, lines, markdown
from crmcli.fields import Record
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import select
from crmcli.results import Done, Stream
from crmcli.values.base import quote

FORMATS = ("csv", "tsv", "json", "jsonl", "xlsx", "vcard", "md")
"""What a file can be; `--format` says those of them that go to a terminal as well."""

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xlsx": "xlsx",
    ".vcf": "vcard",
    ".md": "md",
}


class Form(NamedTuple):
    """What a file is to be, as far as somebody says it.

    format: one of `FORMATS`; else the ending of the file says it, or it is CSV. program: of
    `programs.PROGRAMS`, whose columns it is to have. vcard: a version of `cards.VERSIONS`.
    """

    format: str | None = None
    program: str | None = None
    vcard: str | None = None
    style: Style = Style()


def export(
    ctx: Context,
    noun: str,
    words: Sequence[str] = (),
    *,
    where: str | None = None,
    columns: Sequence[str] | None = None,
    out: Path | None = None,
    form: Form = Form(),  # noqa: B008
) -> Done | Stream:
    """Write the records that match to `out`, or return their lines where that is None.

    noun: the record type. words, where: a query. columns: only these fields. The file appears
    whole, and for its owner only. Raises UsageError, UnknownName, QueryError, NotFound,
    NotPermitted, InvalidValue for what a sheet cannot hold, MissingPart.
    """
    format = _format(out, form)
    _check(noun, format, form, columns)
    record = with_custom(ctx.reader, BY_NAME[noun])
    selection = select(ctx.reader, ctx.env, record, words, where, me=ctx.user)
    extract = Extract(ctx.reader, record, exported(record, columns), selection)
    if out is None:
        if format == "xlsx":
            raise UsageError("a workbook is no text", hint="name a file: -o people.xlsx")
        return Stream(_lines(extract, record, format, form))
    count = int(
        ctx.reader.scalar(
            f"SELECT count(*) FROM {record.table} t WHERE {selection.sql}", selection.params
        )
    )
    data = {"file": str(out), "format": form.program or format, "count": count}
    what = record.plural if count != 1 else record.name
    if not ctx.dry_run:
        _write(out, extract, record, format, form)
    return Done((f"Wrote {count:,} {what} to {out}",), data=data, dry_run=ctx.dry_run)


def _format(out: Path | None, form: Form) -> str:
    """The format that was asked for, or that the file's ending says."""
    if form.program is not None:
        return "csv"
    if form.vcard is not None:
        return "vcard"
    if form.format in FORMATS:
        return form.format
    if form.format is not None:
        raise UsageError(
            f"an export cannot be {form.format}", hint=f"formats: {', '.join(FORMATS)}"
        )
    if out is None:
        return "csv"
    ending = out.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(
            f"the ending of {out.name} does not say a format",
            hint=f"end it in {', '.join(_ENDINGS)}, or add --format csv",
        )
    return _ENDINGS[ending]


def _check(noun: str, format: str, form: Form, columns: Sequence[str] | None) -> None:
    """Raise UsageError for what does not go together."""
    style = form.style
    if form.program is not None and form.program not in programs.PROGRAMS:
        raise UsageError(
            f"{quote(form.program)} is no program that files are written for",
            hint=f"programs: {', '.join(programs.PROGRAMS)}",
        )
    if form.vcard is not None and form.vcard not in cards.VERSIONS:
        raise UsageError(
            f"there is no vCard {quote(form.vcard)}", hint=f"versions: {', '.join(cards.VERSIONS)}"
        )
    if format == "vcard" and noun not in cards.NOUNS:
        raise UsageError(f"a {noun} is no vCard", hint="contacts and companies are")
    if columns and (form.program or format == "vcard"):
        raise UsageError("--columns does not go with a vCard or --for", hint="leave one out")
    if (style.raw or style.bom or style.delimiter) and format not in ("csv", "tsv"):
        raise UsageError("--raw, --bom and --delimiter are for CSV and TSV", hint="leave them out")


def _lines(extract: Extract, record: Record, format: str, form: Form) -> Iterator[str]:
    if form.program is not None:
        return programs.lines(extract, record.name, form.program, form.style)
    if format == "vcard":
        return cards.lines(extract, record.name, form.vcard or cards.VERSIONS[0])
    return markdown(extract) if format == "md" else lines(extract, format, form.style)


def _write(out: Path, extract: Extract, record: Record, format: str, form: Form) -> None:
    with placed(out) as file:
        if format == "xlsx":
            from crmcli.exchange import workbooks

            workbooks.write(extract, record.plural, file)
            return
        texts = _lines(extract, record, format, form)
        file.writelines(f"{text}\n".encode() for text in texts)
