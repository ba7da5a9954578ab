"""Every format, encoding and container that a file may come in, and what is said about it."""

from __future__ import annotations

import gc
import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, load, write

from crmcli.errors import CrmError, InvalidValue, UnknownName, UsageError
from crmcli.exchange import headers
from crmcli.exchange.readers import Choice, Source, described, open_source, open_sources

if TYPE_CHECKING:
    from crmcli.actions.context import Context

PEOPLE = "Name,Email\nAda,a@x.io\n"


def opened(path: Path, **choice: Any) -> Source:
    return open_source(path, headers.recognised, Choice(**choice))


def several(*paths: Path, **choice: Any) -> list[Source]:
    return open_sources(paths, headers.recognised, Choice(**choice))


def cells(source: Source) -> list[list[str]]:
    return [row for _line, row in source.rows()]


def named(source: Source) -> list[dict[str, str]]:
    """The rows by the names of their columns, without what is empty."""
    return [
        {name: cell for name, cell in zip(source.header, row, strict=True) if cell}
        for row in cells(source)
    ]


# --- encodings


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Imię;Nazwisko;Miasto\nŁukasz;Żółć;Łódź\nGrażyna;Wiśniewska;Gdańsk\n", "cp1250", "cp1250"),
        ("Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Смирнова;Тверь\n", "cp1251", "cp1251"),
        ("Имя;Фамилия;Город\nИван;Петров;Москва\nАнна;Смирнова;Тверь\n", "koi8_r", "koi8_r"),
        ("姓,名,電話\n山田,太郎,03\n佐藤,花子,04\n", "cp932", "cp932"),
        ("姓名,公司,电话\n张三,北京公司,010\n李四,上海公司,021\n", "gb18030", "gb18030"),
        ("Name;Ort\nMüller;Köln\nGröße;Straße\nJürgen;Düren\n", "cp1252", "cp1252"),
        ("Jürgen Müller;Köln;Größe\n" * 3000, "cp1252", "cp1252"),
        ("Prénom;Nom;Ville\nGérard;Lefèvre;Orléans\nNoël;Çelik;Besançon\n", "cp1252", "cp1252"),
        ("Name,Email\nJosé,j@x.io\n", "cp1252", "cp1252"),
        ("Name,Email\nJosé,j@x.io\n", "utf-32", "utf-32"),
    ],
)
def test_older_encodings_are_told_apart(
    tmp_path: Path, text: str, encoding: str, name: str
) -> None:
    source = opened(write(tmp_path, text, encoding=encoding))
    assert source.encoding == name
    first = text.splitlines()[1].replace(";", ",").split(",")
    assert cells(source)[0] == first


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Name\n" + "Zoë Müller\n".encode() * 9 + b"Zo\xeb\n")
    source = opened(path)
    assert cells(source)[0] == ["Zoë Müller"]
    assert cells(source)[-1] == ["Zo\ufffd"]
    assert "broken" in described(source)


@pytest.mark.parametrize(
    ("tail", "encoding"),
    [("Łukasz,Żółć\nGrażyna,Dąbrowska\n", "cp1250"), ("Иван,Петров\nАнна,Смирнова\n", "cp1251")],
)
def test_letters_far_below_the_head_tell_the_encoding(
    tmp_path: Path, tail: str, encoding: str
) -> None:
    text = "First Name,Last Name\n" + "Ada,Lovelace\n" * 10_000 + tail * 3
    source = opened(write(tmp_path, text, encoding=encoding))
    assert source.encoding == encoding
    assert cells(source)[-1] == tail.splitlines()[-1].split(",")


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "UTF-16"])
def test_an_encoding_can_be_said(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "Name\nZoë\n", encoding=encoding)
    assert cells(opened(path, encoding=encoding)) == [["Zoë"]]


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64", "idna", "undefined"])
def test_an_encoding_that_is_none_is_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(CrmError) as problem:
        opened(write(tmp_path, "Name\nZoë\n"), encoding=encoding)
    assert problem.value.exit_status == 2


# --- delimited text


@pytest.mark.parametrize("delimiter", ["^", "~", "\x1f"])
def test_rare_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    source = opened(write(tmp_path, PEOPLE.replace(",", delimiter) * 1))
    assert cells(source) == [["Ada", "a@x.io"]]


@pytest.mark.parametrize("said", [":", "colon"])
def test_a_delimiter_can_be_said(tmp_path: Path, said: str) -> None:
    source = opened(write(tmp_path, PEOPLE.replace(",", ":")), delimiter=said)
    assert cells(source) == [["Ada", "a@x.io"]]


def test_excels_own_line_says_the_delimiter(tmp_path: Path) -> None:
    source = opened(write(tmp_path, "sep=|\nName|Email\nAda, B|a@x.io\n"))
    assert cells(source) == [["Ada, B", "a@x.io"]]


def test_quotes_escaped_with_backslashes_are_read(tmp_path: Path) -> None:
    text = 'Name,Email,Notes\n"Ada \\"A\\" L",a@x.io,"x, y"\n'
    assert cells(opened(write(tmp_path, text))) == [['Ada "A" L', "a@x.io", "x, y"]]


def test_tabs_without_quoting_keep_their_quotes(tmp_path: Path) -> None:
    text = 'Name\tEmail\n"Ada" Lovelace\ta@x.io\n5" disk\tb@x.io\n'
    assert cells(opened(write(tmp_path, text)))[0] == ['"Ada" Lovelace', "a@x.io"]


def test_a_header_line_can_be_said(tmp_path: Path) -> None:
    path = write(tmp_path, f"Email,Phone\n\n{PEOPLE}")
    assert opened(path).header_line == 1
    source = opened(path, header_line=3)
    assert source.header == ("Name", "Email")
    assert cells(source) == [["Ada", "a@x.io"]]
    with pytest.raises(UsageError, match="no line 90"):
        opened(path, header_line=90)


def test_a_header_that_nobody_knows_is_the_first_row_as_wide_as_the_rest(tmp_path: Path) -> None:
    text = "Liste vom Montag\n\nfoo,bar,baz\n" + "1,2,3\n" * 5
    assert opened(write(tmp_path, text)).header == ("foo", "bar", "baz")


FOOTER = (
    '\n"My contacts"\n"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
    '"Confidential Information - Do Not Distribute"\n"Generated By:  Ada  22/11/2026"\n"Acme"\n'
)


def test_the_footer_of_a_salesforce_report_is_no_record(tmp_path: Path) -> None:
    text = "First Name,Last Name,Email\nAda,L,a@x.io\n,,\nBob,M,b@x.io\n"
    assert len(cells(opened(write(tmp_path, text + FOOTER)))) == 3
    assert len(cells(opened(write(tmp_path, f"{text}\n\nlonely\n")))) == 6


@pytest.mark.parametrize("text", ["Name,,Name,\nAda,1,2,3\n", "Name,Email\nAda\nBob,b,c,d\n"])
def test_odd_headers_and_rows_are_kept_as_they_are(tmp_path: Path, text: str) -> None:
    source = opened(write(tmp_path, text))
    rows = [line.split(",") for line in text.splitlines()]
    assert [list(source.header), *cells(source)] == rows


# --- quotes gone wrong

WRONG = {
    "a quote within": '"Bob "B"" Smith",x,b@x.io\n',
    "a quote before": '"Bob,x,"b@x.io"\n',
    "never closed": '"Bob,x,b@x.io\n',
    "closed late": '"Bob,x,b@x.io\n"Cy,y,c@x.io\n',
}


@pytest.mark.parametrize("row", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("many", [3, 12_000])
def test_quotes_gone_wrong_are_told_with_their_line_and_nothing_is_imported(
    ctx: Context, db: Path, tmp_path: Path, row: str, many: int
) -> None:
    from crmcli.exchange.importing import import_file

    good = '"Ada","x, y",a@x.io\n'
    before = many - 3
    path = write(tmp_path, f"Name,Notes,Email\n{good * before}{row}{good * 4}")
    with pytest.raises(InvalidValue, match=f"line {before + 2}: the quotes"):
        import_file(ctx, path)
    assert not db.exists() or ask(db, "SELECT count(*) FROM contact") == [(0,)]


# --- workbooks


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    """A workbook with these sheets."""
    from xlsxwriter import Workbook

    with Workbook(str(path)) as book:
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, cell, formats.get(type(cell)))
    return path


TYPED = [
    [],
    ["Name", "Email", "Amount", "Birthday", "Created", "VIP", "Phone"],
    ["Ada", "a@x.io", 12000, date(1990, 3, 5), datetime(2026, 3, 5, 9, 30), True, 442079460958],
    ["Bob", "b@x.io", 12.5, None, None, False],
]


def test_dates_and_numbers_of_a_workbook_are_what_a_person_would_type(tmp_path: Path) -> None:
    (source,) = several(workbook(tmp_path / "a.xlsx", {"People": TYPED}))
    assert [list(source.header), *cells(source)] == [
        ["Name", "Email", "Amount", "Birthday", "Created", "VIP", "Phone"],
        ["Ada", "a@x.io", "12000", "1990-03-05", "2026-03-05 09:30", "yes", "442079460958"],
        ["Bob", "b@x.io", "12.5", "", "", "no", ""],
    ]
    assert [line for line, _row in source.rows()] == [3, 4]


SHEETS: dict[str, Sequence[Sequence[Any]]] = {
    "People": [["Name", "Email"], ["Ada", "a@x.io"]],
    "Read me": [["This is a template"]],
    "Firms": [["Name", "Website", "Industry"], ["Acme", "https://acme.com", "Tools"]],
}


def test_every_sheet_that_is_understood_is_a_table(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", SHEETS)
    sources = several(path)
    assert [source.path.name for source in sources] == ["People", "Firms"]
    assert "not read: Read me" in described(sources[0])
    assert [cells(source)[0][0] for source in sources] == ["Ada", "Acme"]


@pytest.mark.parametrize("sheet", ["Firms", "3"])
def test_a_sheet_can_be_said(tmp_path: Path, sheet: str) -> None:
    (source,) = several(workbook(tmp_path / "a.xlsx", SHEETS), sheet=sheet)
    assert cells(source)[0][0] == "Acme"


def test_a_sheet_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sheet") as problem:
        several(workbook(tmp_path / "a.xlsx", SHEETS), sheet="9")
    assert "People, Read me, Firms" in str(problem.value.hint)


def test_dates_that_a_spreadsheet_left_as_numbers_are_dates(ctx: Context, db: Path) -> None:
    load(ctx, "Name,Email,Birthday,Created\nAda,a@x.io,32937,46086.5\nBob,b@x.io,1990,\n")
    assert ask(db, "SELECT birthday, created FROM contacts ORDER BY id LIMIT 1") == [
        ("1990-03-05", "2026-03-05T11:00:00Z")
    ]


ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>
<office:spreadsheet><table:table table:name="S"><table:table-row>
<table:table-cell office:value-type="string"><text:p>Name</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>Birthday</text:p></table:table-cell>
</table:table-row><table:table-row>
<table:table-cell office:value-type="string"><text:p>Ada</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="1990-03-05"><text:p>5.3.90</text:p>
</table:table-cell></table:table-row></table:table></office:spreadsheet></office:body>
</office:document-content>"""


def test_ods_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<a/>")
        archive.writestr("content.xml", ODS.replace("\n", ""))
    assert named(opened(path)) == [{"Name": "Ada", "Birthday": "1990-03-05"}]


# --- archives, folders, standard input


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    """A zip with these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(PEOPLE.encode()))
    assert cells(opened(path)) == [["Ada", "a@x.io"]]


def test_the_tables_of_a_zip_are_read_and_the_rest_is_named(tmp_path: Path) -> None:
    files = {"in/people.csv": PEOPLE, "deals.json": '[{"title": "D", "value": 5}]', "a.txt": "hi",
             "readme.md": "x", "in.zip": b"PK", "old.rejects.csv": PEOPLE}  # fmt: skip
    sources = several(zipped(tmp_path / "all.zip", files))
    assert [source.path.name for source in sources] == ["deals.json", "people.csv"]
    assert cells(sources[1]) == [["Ada", "a@x.io"]]
    for name in ("readme.md", "in.zip", "a.txt", "old.rejects.csv"):
        assert name in described(sources[0])


LINKEDIN = """Notes:
"When exporting your connection data, you may notice that some are ""missing"". You can, too."

First Name,Last Name,URL,Email Address,Company,Position,Connected On
Ada,L,https://www.linkedin.com/in/ada,,Acme,CEO,12 Mar 2025
"""


def test_of_linkedins_archive_only_the_connections_are_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"Connections.csv": LINKEDIN, "messages.csv": "FROM,TO\n1,2\n",
                                     "Profile.csv": PEOPLE}  # fmt: skip
    (source,) = several(zipped(tmp_path / "Basic_LinkedInDataExport_11-22-2026.zip", files))
    assert source.origin == "linkedin"
    assert source.header[0] == "First Name"
    assert cells(source)[0][-1] == "12 Mar 2025"
    assert "2 other files" in described(source)


def test_a_folder_is_read_like_an_archive(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    write(folder, PEOPLE)
    (folder / ".hidden.csv").write_text(PEOPLE)
    (folder / "a.pdf").write_bytes(b"%PDF")
    (source,) = several(folder)
    assert source.path == folder / "people.csv"
    assert "a.pdf" in described(source)


@pytest.mark.parametrize("files", [{}, {"a.md": "x"}, {"a.csv": "foo\nbar\n"}, {"a.csv": ""}])
def test_an_archive_or_folder_without_a_table_is_refused(
    tmp_path: Path, files: dict[str, str | bytes]
) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(str(text))
    for place in (folder, zipped(tmp_path / "a.zip", files)):
        with pytest.raises(InvalidValue, match="holds no table"):
            several(place)


def test_an_archive_whose_members_lie_elsewhere_is_refused_and_closed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"people.csv": PEOPLE})
    data = bytearray(path.read_bytes())
    data[-6:-2] = struct.pack("<L", struct.unpack("<L", data[-6:-2])[0] + 256)
    path.write_bytes(data)
    with pytest.raises(InvalidValue, match="holds no table"):
        several(path)
    gc.collect()  # what is still open is a warning, and so a failure


OURS = (
    '{"format":"crm export everything","files":'
    '[{"name":"contacts.csv","holds":"contact","rows":1,"sha256":"0"}]}'
)
CONNECTIONS = "First Name,Last Name,URL,Company,Position,Connected On\nAda,King,,,,12 Mar 2025\n"


@pytest.fixture
def collected() -> Iterator[Callable[[], int]]:
    """Collects what the test itself left behind."""
    gc.collect()
    gc.freeze()
    yield gc.collect
    gc.unfreeze()


@pytest.mark.parametrize(
    "files",
    [
        {"people.csv": PEOPLE},
        {"manifest.json": OURS, "contacts.csv": PEOPLE},
        {"Connections.csv": CONNECTIONS},
    ],
)
@pytest.mark.parametrize("value", [0x00, 0x01, 0x7F, 0xFF])
def test_an_archive_with_any_byte_damaged_is_read_or_refused_and_closed(
    tmp_path: Path, collected: Callable[[], int], files: dict[str, str | bytes], value: int
) -> None:
    path = zipped(tmp_path / "a.zip", files)
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
        with suppress(CrmError):
            for source in several(path):
                assert all(cells(source))
        collected()  # what is still open is a warning, and so a failure


def test_standard_input_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PEOPLE.encode())))
    (source,) = several(Path("-"))
    assert source.path.name == "stdin"
    assert cells(source) == [["Ada", "a@x.io"]]


# --- JSON documents


def test_a_document_of_lists_is_several_tables(tmp_path: Path) -> None:
    text = '{"people": [{"name": "Ada"}], "deals": [{"title": "D"}], "tags": [], "version": 2}'
    sources = several(write(tmp_path, text, "a.json"))
    assert [source.kind for source in sources] == ["contact", "deal"]
    assert named(sources[1]) == [{"title": "D"}]


def test_one_record_with_lists_is_a_record(tmp_path: Path) -> None:
    text = '{"title": "D", "contacts": [{"value": "Ada", "label": "boss"}]}'
    (source,) = several(write(tmp_path, text, "a.json"))
    assert named(source) == [{"title": "D", "contacts": "Ada", "contacts_label": "boss"}]


# --- what would do harm


def bomb(path: Path) -> Path:
    return zipped(path, {"people.csv": "Name,Email\n" + "Ada,a@x.io\n" * 8_000_000})


HARMFUL: dict[str, tuple[Callable[[Path], Any], str]] = {
    "up.zip": (lambda path: zipped(path, {"../../etc/people.csv": PEOPLE}), "climbs out"),
    "root.zip": (lambda path: zipped(path, {"/etc/people.csv": PEOPLE}), "climbs out"),
    "back.zip": (lambda path: zipped(path, {"..\\people.csv": PEOPLE}), "climbs out"),
    "bomb.zip": (bomb, "unpacks to 83 MB from"),
    "bomb.xlsx": (
        lambda path: zipped(path, {"[Content_Types].xml": "", "xl/a.xml": b" " * 99_000_000}),
        "unpacks to 94 MB from",
    ),
    "bomb.csv.gz": (
        lambda path: path.write_bytes(gzip.compress(b"A,a@x.io\n" * 8_000_000)),
        "unpacks to more than 200 times",
    ),
    "cut.csv.gz": (
        lambda path: path.write_bytes(gzip.compress(PEOPLE.encode())[:-6]), "is damaged"
    ),
    "bad.csv.gz": (lambda path: path.write_bytes(b"\x1f\x8bnonsense"), "is damaged"),
    "bad.zip": (lambda path: path.write_bytes(b"PK\x03\x04nonsense"), "is damaged"),
    "bad.xlsx": (lambda path: path.write_bytes(b"PK\x03\x04nonsense"), "spreadsheet"),
    "locked.xlsx": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0sealed"), "a password"),
    "old.xls": (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0nonsense"), "spreadsheet"),
    "wide.csv": (
        lambda path: path.write_text(",".join(f"c{n}" for n in range(5000)) + "\n1\n"),
        "line 1: 5,000 columns",
    ),
    "wide.xlsx": (
        lambda path: workbook(path, {"S": [[f"c{n}" for n in range(2001)]]}), "2,001 columns"
    ),
    "page.csv": (lambda path: path.write_text("\n <HTML><table>"), "web page"),
    "photo.csv": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n"), "picture"),
    "empty.vcf": (lambda path: path.write_text("BEGIN:VCALENDAR\n"), "holds no|cannot"),
}  # fmt: skip


def look_into(path: Path) -> None:
    """Read all of a file, as an import does."""
    for source in several(path):
        assert all(len(row) for row in cells(source))
        headers.kind_of(source.header, path.name, {})


@pytest.mark.parametrize("name", HARMFUL)
def test_what_would_do_harm_is_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    make, says = HARMFUL[name]
    make(tmp_path / name)
    with pytest.raises(InvalidValue, match=says) as problem:
        look_into(tmp_path / name)
    assert problem.value.exit_status == 5
    assert name.removesuffix(".gz") in problem.value.message
    assert problem.value.hint


def test_a_line_of_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(b"Name,Email\n")
        file.seek(1 << 30)
        file.write(b"x")
    with pytest.raises(InvalidValue, match="line 2 does not end within 16 MB"):
        opened(path)


def test_a_row_of_many_lines_without_end_is_refused(tmp_path: Path) -> None:
    row = ('"' + "x" * 999 + '\n",') * 17_000
    with pytest.raises(InvalidValue, match="line 23: the row does not end"):
        cells(opened(write(tmp_path, PEOPLE + "Bob,b@x.io\n" * 20 + row)))


@pytest.mark.parametrize("said", [{"format": "docx"}, {"encoding": "latin-99"}])
def test_what_cannot_be_said_is_refused(tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(UnknownName):
        opened(write(tmp_path, PEOPLE), **said)
