"""Whatever the bytes are: a table or a sentence, in bounded time, and never a partial write."""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmcli.errors import CrmError
from crmcli.exchange import headers
from crmcli.exchange.readers import Choice, open_sources

pytestmark = pytest.mark.sqlite_only

ENDINGS = ("csv", "tsv", "json", "jsonl", "vcf", "xlsx", "ods", "xls", "zip", "csv.gz", "txt")
CSV_BITS = ["Name", "Email", ",", ";", "\t", "|", '"', '""', "'", "\n", "\r\n", "\r", "sep=;",
            "\\", "\0", "\ufeff", "=1+1", "ä", "\x85", "\u2028", "a@x.io",
            "salesforce.com"]  # fmt: skip
JSON_BITS = ["{", "}", "[", "]", ",", ":", '"name"', '"email"', '"value"', "1", "1e999",
             "null", "true", "-", '"\\ud800"', '"', "\n", "NaN", '{"name": "Ada"}',
             '{"contacts": [']  # fmt: skip
CARD_BITS = ["BEGIN:VCARD\n", "END:VCARD\n", "VERSION:2.1\n", "N:", ";", "a", "\n", "\n ", "=\n",
             "TEL;CELL:", "item1.", "X-ABLabel:", "PHOTO:", "ENCODING=QUOTED-PRINTABLE:=C3=",
             "CHARSET=klingon", '"', "\\", "BDAY:", "ADR:", "--02", "KIND:group\n", "ORG:",
             "X-SOCIALPROFILE;TYPE=x:", "EMAIL;PREF=9999999999:", "\r"]  # fmt: skip


def bits(words: list[str]) -> st.SearchStrategy[bytes]:
    """Texts made of words that mean something to a reader."""
    return st.lists(st.sampled_from(words), max_size=40).map(
        lambda parts: "".join(parts).encode("utf-8", "surrogatepass")
    )


TEXTS = st.one_of(
    bits(CSV_BITS),
    bits(JSON_BITS),
    bits(CARD_BITS),
    st.binary(max_size=200),
    st.text(max_size=60).map(lambda text: text.encode("utf-16", "surrogatepass")),
)


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    """An archive of these files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, data in dict(files).items():
            archive.writestr(name, data)
    return held.getvalue()


NAMES = st.sampled_from(["a.csv", "b/c.json", "d.vcf", "manifest.json", "contacts.csv",
                         "e.xlsx", "[Content_Types].xml", "mimetype", "Connections.csv",
                         "../x.csv"])  # fmt: skip
FILES = st.one_of(
    TEXTS,
    TEXTS.map(gzip.compress),
    st.lists(st.tuples(NAMES, TEXTS), max_size=4).map(zipped),
    st.just(b'{"format": "crm export everything", "files": [{}]}').map(
        lambda manifest: zipped([("manifest.json", manifest)])
    ),
)


def damaged(data: bytes, at: int, byte: int) -> bytes:
    """The same with one byte changed."""
    place = at % len(data) if data else 0
    return data[:place] + bytes([byte]) + data[place + 1 :]


@settings(
    max_examples=150, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=FILES, ending=st.sampled_from(ENDINGS), at=st.integers(0, 10_000),
       byte=st.one_of(st.none(), st.integers(0, 255)))  # fmt: skip
def test_any_bytes_are_a_table_or_an_error_of_ours(
    tmp_path: Path, data: bytes, ending: str, at: int, byte: int | None
) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(data if byte is None else damaged(data, at, byte))
    with suppress(CrmError):
        for source in open_sources([path], headers.recognised):
            for line, cells in source.rows():
                assert line > 0
                assert all(isinstance(cell, str) for cell in cells)


@settings(
    max_examples=60, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=TEXTS, encoding=st.sampled_from(["", "utf-8", "utf-16", "utf-7", "gb18030", "hz"]),
       delimiter=st.sampled_from(["", ",", "x", "é"]), line=st.integers(0, 4),
       format=st.sampled_from(["", "csv", "json", "vcard", "sheet", "zip"]))  # fmt: skip
def test_any_choice_goes_with_any_bytes(
    tmp_path: Path, data: bytes, encoding: str, delimiter: str, line: int, format: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    choice = Choice(encoding, delimiter, "", line, format)
    with suppress(CrmError):
        for source in open_sources([path], headers.recognised, choice):
            assert all(number > 0 for number, _cells in source.rows())


# Zeros are what tells UTF-16 and binary files.
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=6),
       delimiter=st.sampled_from(",;\t|"),
       encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))  # fmt: skip
def test_what_csv_writes_is_read_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str
) -> None:
    import csv

    path = tmp_path / "a.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([["Name", "Email"], *rows])
    (source,) = open_sources([path], headers.recognised, Choice(delimiter=delimiter, header_line=1))
    read = [cells for _line, cells in source.rows()]
    assert [[_ends(cell) for cell in row] for row in read] == [
        [_ends(cell) for cell in row] for row in rows
    ]


def _ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
