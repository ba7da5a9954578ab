"""Any file is read as a table, or refused with a sentence that says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exchange_tools import shared, write

from crmcli.errors import CrmError, InvalidValue, NotFound, UsageError
from crmcli.exchange import headers
from crmcli.exchange.readers import Source, open_source

TABLE = '''Name,Email,Notes
Zoë Ünal,zoe@acme.com,"one, two"
"Bob ""B""",bob@acme.com,"a
b"
Cy,c@x.io,
'''
ROWS = [
    ["Zoë Ünal", "zoe@acme.com", "one, two"],
    ['Bob "B"', "bob@acme.com", "a\nb"],
    ["Cy", "c@x.io", ""],
]


def opened(path: Path) -> Source:
    return open_source(path, headers.recognised)


def cells(source: Source) -> list[list[str]]:
    return [row for _line, row in source.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    source = opened(write(tmp_path, TABLE, encoding=encoding))
    assert source.header == ("Name", "Email", "Notes")
    assert cells(source) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = TABLE.replace(", ", "§").replace(",", delimiter).replace("§", ", ")
    source = opened(write(tmp_path, text))
    assert source.delimiter == delimiter
    assert cells(source) == ROWS


def test_line_ends_do_not_matter(tmp_path: Path) -> None:
    for end in ("\r\n", "\r"):
        plain = "Name,Email\nAda,a@x.io\nBob,b@x.io\n".replace("\n", end)
        assert cells(opened(write(tmp_path, plain))) == [["Ada", "a@x.io"], ["Bob", "b@x.io"]]


@pytest.mark.parametrize("text", ["Name,Email\nAda,\nBob,\n", "List\n\nName,Email\nAda,\nBob,"])
def test_only_lines_below_the_header_count_as_work(tmp_path: Path, text: str) -> None:
    assert opened(write(tmp_path, text)).lines == 2


def test_a_row_knows_the_line_it_starts_on(tmp_path: Path) -> None:
    source = opened(write(tmp_path, TABLE))
    assert [line for line, _row in source.rows()] == [2, 3, 5]


def test_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    source = opened(write(tmp_path, f'Notes:\n"Made by a program, with love"\n\n{TABLE}'))
    assert source.header_line == 4
    assert cells(source) == ROWS


SPECTRUM = ("empty", "escaped_quotes", "json", "newlines_crlf", "utf8", "quotes_and_newlines",
            "comma_in_quotes", "newlines")  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum_is_read_as_its_authors_say(tmp_path: Path, name: str) -> None:
    source = opened(shared(f"csv-spectrum/csvs/{name}.csv"))
    wanted = json.loads(shared(f"csv-spectrum/json/{name}.json").read_text("utf-8"))
    found = [dict(zip(source.header, row, strict=True)) for row in cells(source)]
    assert [_plain(row) for row in found] == [_plain(row) for row in wanted]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.replace("\r\n", "\n") for name, value in row.items()}


@pytest.mark.parametrize(
    ("text", "header", "rows"),
    [
        ('[{"name": "Ada", "age": 3}, {"name": "Bob", "vip": true}]', ("name", "age", "vip"),
         [["Ada", "3", ""], ["Bob", "", "yes"]]),
        ('{"name": "Ada"}\n{"name": null}\n', ("name",), [["Ada"], [""]]),
        ('[{"email": [{"value": "a@x.io", "label": "work", "primary": true},'
         ' {"value": "b@x.io"}]}]',
         ("email", "email_label", "email_2"), [["a@x.io", "work", "b@x.io"]]),
        ('[{"tags": ["vip", "big fish"], "value": 1234567890123456.75}]', ("tags", "value"),
         [['vip, "big fish"', "1234567890123456.75"]]),
        ('[{"address": [{"city": "Bonn", "label": "home"}, {"city": "Ulm"}]}]',
         ("city", "address_label", "city_2"), [["Bonn", "home", "Ulm"]]),
    ],
)  # fmt: skip
def test_json_becomes_a_table(
    tmp_path: Path, text: str, header: tuple[str, ...], rows: list[list[str]]
) -> None:
    source = opened(write(tmp_path, text, "a.json"))
    assert source.header == header
    assert cells(source) == rows


def test_json_larger_than_a_block_is_read_object_by_object(tmp_path: Path) -> None:
    many = [{"name": f"N{number}", "notes": "x" * 900} for number in range(3000)]
    many.append({"name": "long", "notes": "y" * 3_000_000})
    source = opened(write(tmp_path, json.dumps(many, indent=1), "a.json"))
    assert len(cells(source)) == 3001


@pytest.mark.parametrize(
    ("data", "name", "kind", "says"),
    [
        (b"", "a.csv", InvalidValue, "is empty"),
        (b"\xef\xbb\xbf \r\n", "a.csv", InvalidValue, "is empty"),
        (b"PK\x03\x04\0\0", "a.csv", InvalidValue, "is damaged"),
        (b"%PDF-1.7", "a.csv", InvalidValue, "a PDF"),
        (bytes(range(256)) * 9, "a.csv", InvalidValue, "not a text file"),
        (b"<!DOCTYPE html><html>", "a.csv", InvalidValue, "a web page"),
        (b'[{"name": "Ada"', "a.json", InvalidValue, "not valid JSON"),
        (b'[{"name": "Ada"}, nope]', "a.json", InvalidValue, "not valid JSON"),
        (b"[1, 2]", "a.json", InvalidValue, "not an object"),
        (b"[]", "a.json", InvalidValue, "no records"),
        (b"[" * 100_000, "a.json", InvalidValue, "no records"),
        (b'[{"a":' * 100_000, "a.json", InvalidValue, "JSON"),
        (
            b'Name,Email\nAda,"' + b"x" * 17_000_000,
            "a.csv",
            InvalidValue,
            "line 2: the row does not end",
        ),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, data: bytes, name: str, kind: type[CrmError], says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(kind, match=says):
        cells(opened(path))


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no file"):
        opened(tmp_path / "gone.csv")
    with pytest.raises(UsageError, match="is a folder"):
        opened(tmp_path)
