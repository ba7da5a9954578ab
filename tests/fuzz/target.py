"""What is fuzzed: bytes as a file of any kind, as far as its values, before anything is written."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress
from itertools import islice
from pathlib import Path

import xlsxwriter

from crmcli.actions.context import Context
from crmcli.errors import CrmError
from crmcli.exchange import headers
from crmcli.exchange.mapping import Choice, mapped
from crmcli.exchange.problems import Problems
from crmcli.exchange.readers import open_sources
from crmcli.exchange.reading import RowReader

ENDINGS = ("csv", "tsv", "json", "jsonl", "vcf", "xlsx", "ods", "zip", "csv.gz", "txt")
_ROWS = 100

_CSV = b"Name,Email,Phone,Street,Birthday,Tags\nAda,a@x.io,+44 20 7946 0958,1 Main,1990-12-10,vip\n"
_DEALS = b"Deal name;Amount;Stage;Close date\nRenewal;1.200,50 EUR;Won;31.12.2026\n"
_JSON = b'{"contacts": [{"name": "Ada", "email": ["a@x.io"], "tags": ["vip"]}]}'
_LINES = b'{"name": "Ada", "value": 1e3}\n{"name": null}\n'
_CARD = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lovelace;Ada;;;\r\nitem1.EMAIL;type=pref:a@x.io\r\n"
    b"item1.X-ABLabel:_$!<Other>!$_\r\nTEL;CELL;ENCODING=QUOTED-PRINTABLE:=2B44\r\nEND:VCARD\r\n"
)


def _zipped(name: str, data: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, data)
    return held.getvalue()


def _sheet() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet("People")
        sheet.write_row(0, 0, ("Name", "Email", "Birthday"))
        sheet.write_row(1, 0, ("Ada", "a@x.io", 32852))
    return held.getvalue()


SEEDS = {
    "csv": _CSV, "tsv": _CSV.replace(b",", b"\t"), "txt": _DEALS, "json": _JSON, "jsonl": _LINES,
    "vcf": _CARD, "xlsx": _sheet(), "zip": _zipped("Connections.csv", _CSV),
    "csv.gz": gzip.compress(_CSV, mtime=0),
}  # fmt: skip
"""A file of each kind, from which the fuzzer begins."""


def seed(ending: str) -> bytes:
    """A seed as the target takes it: the place of its ending, then the file."""
    return bytes([ENDINGS.index(ending)]) + SEEDS[ending]


def read(ctx: Context, folder: Path, data: bytes) -> int:
    """Read bytes as a file whose first one says the kind; how many rows had values.

    ctx: without a database. Raises whatever is no error of ours.
    """
    path = folder / f"a.{ENDINGS[data[0] % len(ENDINGS)]}" if data else folder / "a.csv"
    path.write_bytes(data[1:])
    found = 0
    with suppress(CrmError):
        for source in open_sources([path], headers.recognised):
            layout = mapped(ctx, source, Choice()).layout
            reader = RowReader(layout, ctx.env, Problems(), escaped=bool(source.delimiter))
            found += len(reader.read(list(islice(source.rows(), _ROWS))).rows)
    return found
