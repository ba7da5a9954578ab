"""The options that say how a file is read or written, as types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from crmcli.catalog import RECORDS
from crmcli.cli.arguments import flag, option, words
from crmcli.cli.session import Session
from crmcli.cli.table import by_hand
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.exchange.exporting import Form
    from crmcli.exchange.tables import Choice

PLURALS = tuple(record.plural for record in RECORDS if by_hand(record))
EVERYTHING = "everything"
_FORMATS = ("csv", "json", "vcard", "sheet", "zip")
_PROGRAMS = ("google", "hubspot", "outlook")

Files = Annotated[list[str], words("Files, folders or archives; - is standard input.", "FILE...")]
From = Annotated[
    str | None,
    option("What the file is.", "--from", metavar="|".join(_FORMATS), choices=_FORMATS),
]
Encoding = Annotated[
    str | None, option("Its encoding, such as windows-1252.", "--encoding", metavar="NAME")
]
Delimiter = Annotated[
    str | None, option("What stands between cells: ; or tab.", "--delimiter", metavar="C")
]
Sheet = Annotated[
    str | None, option("The sheet of a workbook, by name or number.", "--sheet", metavar="NAME")
]
HeaderLine = Annotated[
    str | None, option("The line with the names of the columns.", "--header-line", metavar="N")
]

Lists = Annotated[
    str,
    words("contacts, companies, deals …, or everything.", "NOUNS", choices=(*PLURALS, EVERYTHING)),
]
Output = Annotated[
    str | None,
    option(
        "The file; its ending says which format. Else stdout.", "--output", "-o", metavar="FILE"
    ),
]
Only = Annotated[str | None, option("Only these fields.", "--columns", metavar="A,B")]
For = Annotated[
    str | None,
    option("As this program imports it.", "--for", metavar="|".join(_PROGRAMS), choices=_PROGRAMS),
]
VCard = Annotated[
    str | None,
    option("vCards: 3.0 or 4.0.", "--vcard", metavar="VERSION", choices=("3.0", "4.0")),
]
Raw = Annotated[bool, flag("Texts as they are, even where a spreadsheet would run them.", "--raw")]
Bom = Annotated[bool, flag("With a mark, for Excel to know UTF-8.", "--bom")]


def read_as(
    format: str | None,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    header_line: str | None,
) -> Choice:
    """What somebody said of a file. Raises UsageError for a line that is no number."""
    from crmcli.exchange.tables import Choice

    if header_line is not None and not (header_line.isdecimal() and int(header_line)):
        raise UsageError(f'--header-line takes a line\'s number, not "{header_line}"')
    return Choice(encoding or "", delimiter or "", sheet or "", int(header_line or 0), format or "")


def form(
    session: Session,
    output: str | None,
    program: str | None,
    vcard: str | None,
    style: tuple[bool, bool, str | None],
) -> Form:
    """What a file is to be. style: raw, with a mark, the delimiter."""
    from crmcli.exchange.exporting import Form
    from crmcli.exchange.tables import sign
    from crmcli.exchange.writers import Style

    raw, bom, delimiter = style
    # A file's ending says more than a setting for screens does.
    format = session.how.format if output is None else session.given.get("format")
    return Form(format, program, vcard, Style(raw, bom, sign(delimiter) if delimiter else ""))
