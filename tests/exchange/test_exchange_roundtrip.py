"""What was exported comes back whole: exported again it is the same, byte for byte."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, load, shared
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import engines

from crmcli import values
from crmcli.exchange.exporting import Form, export
from crmcli.exchange.importing import import_file
from crmcli.exchange.writers import Style
from crmcli.results import Stream
from crmcli.values.text import clean, sort_key

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.store.write import Writer

NOUNS = ("company", "contact", "deal")
FORMATS = ("csv", "tsv", "json", "jsonl", "xlsx")
NOW = "2026-03-04T09:15:00Z"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(clean)
WORD = st.one_of(
    TEXT, st.sampled_from(["=1+1", "'=x", "-5", "@ada", '"', "a\tb", "none", "[red]x", "́ä", ""])
)
LINES = st.text(max_size=30).map(lambda text: clean(text, lines=True))
LABEL = st.sampled_from([None, "work", "home", "=odd, one"])
MAYBE = st.one_of(st.none(), WORD.filter(bool))
DAY = st.dates(min_value=date(1900, 1, 1)).map(str)
EMAIL = st.sampled_from(["work@x.io", "Ada.L@acme.com", "not an address", "ü@bücher.de"])
PHONE = st.sampled_from(["+442079460958", "+442079460959;ext=12", "12", "call me, later"])
POINT = st.one_of(
    st.tuples(st.just("email"), EMAIL, LABEL),
    st.tuples(st.just("phone"), PHONE, LABEL),
    st.tuples(st.just("url"), st.sampled_from(["https://acme.com/x", "no url"]), LABEL),
    st.tuples(st.just("social"), st.sampled_from(["linkedin:in/ada", "@ada"]), LABEL),
)
POINTS = st.lists(POINT, max_size=4, unique_by=lambda point: point[:2])
ADDRESS = st.fixed_dictionaries(
    {"street": MAYBE, "postcode": MAYBE, "country": st.sampled_from([None, "DE", "Ruritania"])}
)
ADDRESSES = st.lists(ADDRESS, max_size=3).map(
    lambda each: [{**a, "city": f"City {at}", "label": "home"} for at, a in enumerate(each)]
)
TAGS = st.lists(st.sampled_from(["vip", "big fish", "a,b", 'q"q', "=x"]), unique=True, max_size=3)
COMPANY = st.fixed_dictionaries(
    {
        "industry": MAYBE,
        "size": st.one_of(st.none(), st.integers(0, 10**6)),
        "founded": st.one_of(st.none(), st.integers(1800, 2026)),
        "revenue": st.one_of(st.none(), st.integers(-(10**12), 10**12)),
        "notes": LINES,
    }
)
CONTACT = st.fixed_dictionaries(
    {
        "first_name": MAYBE,
        "last_name": MAYBE,
        "title": MAYBE,
        "preferred_name": MAYBE,
        "status": st.sampled_from(["lead", "customer", "lost"]),
        "birthday": st.sampled_from([None, "1815-12-10", "--02-29"]),
        "language": st.sampled_from([None, "en"]),
        "keep_in_touch": st.sampled_from([None, 30]),
        "do_not_contact": st.sampled_from([0, 1]),
        "notes": LINES,
    }
)
DEAL = st.fixed_dictionaries(
    {
        "value": st.one_of(st.none(), st.integers(-(10**12), 10**12)),
        "probability": st.sampled_from([None, 0, 35]),
        "expected_close": st.one_of(st.none(), DAY),
        "lost_reason": MAYBE,
        "notes": LINES,
    }
)
CURRENCY = st.sampled_from(["EUR", "JPY", "KWD"])
WORLD = st.fixed_dictionaries(
    {
        "names": st.lists(WORD.filter(bool), unique_by=sort_key, min_size=3, max_size=3),
        "companies": st.lists(COMPANY, min_size=3, max_size=3),
        "contacts": st.lists(CONTACT, min_size=3, max_size=3),
        "deals": st.lists(DEAL, min_size=3, max_size=3),
        "points": st.lists(POINTS, min_size=6, max_size=6),
        "addresses": st.lists(ADDRESSES, min_size=6, max_size=6),
        "tags": st.lists(TAGS, min_size=9, max_size=9),
        "currency": CURRENCY,
        "custom": st.one_of(st.none(), WORD.filter(bool)),
    }
)


@pytest.fixture
def empty(tmp_path: Path, make_context: Callable[..., Context]) -> Path:
    """An empty database with a custom field, to be copied."""
    path = tmp_path / "empty.db"
    define(make_context(path))
    return path


def define(ctx: Context) -> None:
    """The team's own field."""
    with ctx.writing() as writer:
        for noun in NOUNS:
            writer.create("custom_field", {"record": noun, "name": "motto", "kind": "text"})


def fill(ctx: Context, world: dict[str, Any]) -> None:
    """Write a small world: companies, contacts, deals, and all that belongs to them."""
    with ctx.writing() as writer:
        user = writer.create("app_user", {"name": "Bob the owner"})
        source = writer.create("source", {"name": "=Fair, spring"})
        used = dict.fromkeys(tag for each in world["tags"] for tag in each)
        tags = {tag: writer.create("tag", {"name": tag}) for tag in used}
        own = {"owner_id": user, "source_id": source}
        if world["custom"]:
            own["custom"] = json.dumps({"motto": world["custom"]}, ensure_ascii=False)
        companies = [
            writer.create("company", _present({**company, **own, "name": f"{name} {at}",
                                               "revenue_currency": world["currency"]}))
            for at, company, name in zip(range(3), world["companies"], world["names"], strict=True)
        ]  # fmt: skip
        writer.update("company", companies[0], {"parent_id": companies[2]})
        contacts = [
            writer.create("contact", _present({**contact, **own, "name": f"{name} {at}",
                                               "company_id": companies[at]}))
            for at, contact, name in zip(range(3), world["contacts"], world["names"], strict=True)
        ]  # fmt: skip
        deals = [_deal(writer, world, at, own, companies, contacts) for at in range(3)]
        holders = [*(("company", id) for id in companies), *(("contact", id) for id in contacts)]
        for (noun, id), points, addresses in zip(
            holders, world["points"], world["addresses"], strict=True
        ):
            _belongings(writer, noun, id, points, addresses)
        everything = [*holders, *(("deal", id) for id in deals)]
        for (noun, id), names in zip(everything, world["tags"], strict=True):
            for name in names:
                writer.create("tagging", {"tag_id": tags[name], "record": noun, "record_id": id})


def _present(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, "")}


def _deal(
    writer: Writer,
    world: dict[str, Any],
    at: int,
    own: dict[str, Any],
    companies: list[int],
    contacts: list[int],
) -> int:
    stage = (1, 5, 6)[at]
    row = {
        **world["deals"][at],
        **own,
        "title": f"{world['names'][at]} {at}",
        "currency": world["currency"],
        "stage_id": stage,
        "stage_since": "2026-02-01T10:00:00Z",
        "closed_at": None if stage == 1 else "2026-02-02T10:00:00Z",
        "company_id": companies[at],
        "contact_id": contacts[at] if at else None,
    }
    id = writer.create("deal", _present(row))
    writer.create("deal_contact", {"deal_id": id, "contact_id": contacts[0], "label": "=boss"})
    writer.create("deal_contact", {"deal_id": id, "contact_id": contacts[at - 1]}) if at > 1 else 0
    return id


def _belongings(
    writer: Writer, noun: str, id: int, points: list[Any], addresses: list[dict[str, Any]]
) -> None:
    holder = {f"{noun}_id": id}
    first: set[str] = set()
    for part, text, label in points:
        # An e-mail is what a contact is met by, so each has its own.
        value = text.replace("@", f"{id}@") if part == "email" else text
        row = {"kind": part, "value": value, "label": label, "key": values.key(part, value)}
        row |= {"is_primary": int(part not in first), "valid": int("@" in value or part != "email")}
        first.add(part)
        writer.create("contact_point", {**_present(row), **holder})
    for at, address in enumerate(addresses):
        writer.create("address", {**_present(address), **holder, "is_primary": int(at == 0)})


def exports(ctx: Context, folder: Path, format: str) -> dict[str, bytes]:
    """The three files of a database."""
    folder.mkdir(exist_ok=True)
    found = {}
    for noun in NOUNS:
        path = folder / f"{noun}.{format}"
        export(ctx, noun, out=path)
        found[noun] = path.read_bytes() if format != "xlsx" else b"".join(sheet_of(path))
    return found


def sheet_of(path: Path) -> list[bytes]:
    """The sheet of a workbook and its texts: the rest of the file has the time in it."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if "sheet1" in name or "Strings" in name]
        return [archive.read(name) for name in sorted(names)]


def comes_back(
    folder: Path, empty: Path, make_context: Callable[..., Context], ctx: Context, format: str
) -> None:
    """Import the files of a database into an empty one, and export that."""
    first = exports(ctx, folder / "first", format)
    target = folder / f"again-{format}.db"
    engines.copy(empty, target)
    again = make_context(target)
    for noun in NOUNS:
        summary = import_file(again, folder / "first" / f"{noun}.{format}")
        assert summary.noun == noun
        assert summary.rejected == 0
    assert exports(again, folder / "again", format) == first
    for noun in NOUNS:
        summary = import_file(again, folder / "first" / f"{noun}.{format}")
        assert summary.unchanged == summary.read
    again.close()


@pytest.mark.sqlite_only
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=WORLD, format=st.sampled_from(FORMATS))
def test_any_world_comes_back_byte_for_byte(
    tmp_path: Path,
    empty: Path,
    make_context: Callable[..., Context],
    world: dict[str, Any],
    format: str,
) -> None:
    source = tmp_path / "source.db"
    engines.copy(empty, source)
    ctx = make_context(source)
    fill(ctx, world)
    comes_back(tmp_path, empty, make_context, ctx, format)
    ctx.close()


@pytest.mark.parametrize("format", FORMATS)
def test_the_real_files_come_back_byte_for_byte(
    db: Path, tmp_path: Path, ctx: Context, make_context: Callable[..., Context], format: str
) -> None:
    empty = tmp_path / "empty.db"
    define(make_context(empty))
    define(ctx)
    for name in ("organizations-100.csv", "leads-100.csv"):
        import_file(ctx, shared(name))
    load(ctx, "Title,Value,Stage,Company,Contact\nX,€5k,Won,Crosby Inc,Maureen Fuentes\n", "d.csv")
    comes_back(tmp_path, empty, make_context, ctx, format)


def test_an_export_is_safe_for_spreadsheets_and_reads_as_any_csv(
    db: Path, tmp_path: Path, ctx: Context
) -> None:
    load(ctx, 'Name,Email,Phone,Notes\n"=cmd()",a@x.io,+442079460958,"a,""b"\nBob,b@x.io,,\n')
    out = tmp_path / "out.csv"
    done = export(ctx, "contact", ["name:cmd"], columns=["name", "phone", "notes"], out=out)
    assert done.lines == (f"Wrote 1 contact to {out}",)
    with out.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["name", "phone", "notes"],
            ["'=cmd()", "+442079460958", 'a,"b'],
        ]
    assert out.stat().st_mode & 0o077 == 0


def test_an_export_without_a_file_gives_its_lines(ctx: Context) -> None:
    load(ctx, "Name,Email\nAda,a@x.io\n")
    stream = export(ctx, "contact", columns=["name", "email"], form=Form("jsonl"))
    (line,) = stream.lines
    assert json.loads(line) == {
        "name": "Ada", "email": [{"value": "a@x.io", "label": None, "primary": True}],
    }  # fmt: skip


def test_a_new_database_exports_only_its_header(ctx: Context, tmp_path: Path) -> None:
    with ctx.writing():
        pass
    export(ctx, "task", out=tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text("utf-8").startswith("title,due,")
    export(ctx, "task", out=tmp_path / "t.json")
    assert json.loads((tmp_path / "t.json").read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [("out.doc", "does not say a format"), ("gone/out.csv", "no folder"), (".", "ending|folder")],
)
def test_a_place_that_cannot_be_written_is_an_error(
    ctx: Context, tmp_path: Path, name: str, says: str
) -> None:
    from crmcli.errors import CrmError

    load(ctx, "Name,Email\nAda,a@x.io\n")
    with pytest.raises(CrmError, match=says):
        export(ctx, "contact", out=tmp_path / name)
    assert ask(ctx.location.path, "SELECT count(*) FROM contact") == [(1,)]


# --- workbooks and other programs


def test_a_workbook_holds_numbers_and_days_and_runs_nothing(ctx: Context, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    load(
        ctx,
        "Title,Value,Currency,Close date,Notes\n=1+1,12000.5,EUR,2026-12-31,@SUM(A1)\n",
        "d.csv",
    )
    out = tmp_path / "d.xlsx"
    export(ctx, "deal", columns=["title", "value", "expected_close", "notes"], out=out)
    book = CalamineWorkbook.from_path(out)
    assert list(book.get_sheet_by_name("deals").iter_rows()) == [
        ["title", "value", "currency", "expected_close", "notes"],
        ["=1+1", 12000.5, "EUR", date(2026, 12, 31), "@SUM(A1)"],
    ]
    with zipfile.ZipFile(out) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_what_a_sheet_cannot_hold_is_refused(ctx: Context, tmp_path: Path) -> None:
    from crmcli.errors import InvalidValue

    load(ctx, f"Name,Notes\nAda,{'x' * 40_000}\n")
    with pytest.raises(InvalidValue, match="notes in row 2 is longer"):
        export(ctx, "contact", out=tmp_path / "a.xlsx")
    assert not list(tmp_path.glob("*.xlsx"))


PEOPLE = (
    "Name,Email,Email 2,Phone,Phone label,Phone 2,Phone 2 label,Company,Title,Tags,Street,City,"
    "Country,Address label,URL,Birthday,Notes\n"
    "Ada Lovelace,ada@x.io,b@x.io,+442079460958,mobile,+442079460959,work,Engines,Analyst,vip,"
    '"1 Square",London,GB,work,https://ada.example,1990-12-10,"one, two"\n'
    "=Bob,bob@x.io,,,,,,,,,,,,,,,\n"
)
KEPT = "SELECT name, company, title, birthday, city, country, email, phone, tags, url FROM contacts"


@pytest.mark.parametrize("program", ["google", "outlook", "hubspot"])
def test_what_another_program_is_given_comes_back_from_it(
    ctx: Context, db: Path, tmp_path: Path, make_context: Callable[..., Context], program: str
) -> None:
    load(ctx, PEOPLE)
    out = tmp_path / "out.csv"
    export(ctx, "contact", out=out, form=Form(program=program))
    again = make_context(tmp_path / "again.db")
    summary = import_file(again, out)
    assert summary.created == 2
    wanted, found = ask(db, KEPT), ask(again.location.path, KEPT)
    # HubSpot has no tags; neither it nor Outlook has an order of phones.
    lost = {"hubspot": {7, 8}, "outlook": {7}}.get(program, set())
    assert [_without(row, lost) for row in found] == [_without(row, lost) for row in wanted]
    for text in ("+442079460959", "b@x.io"):
        assert text in out.read_text("utf-8")
    again.close()


def _without(row: tuple[Any, ...], places: set[int]) -> list[Any]:
    return [value for place, value in enumerate(row) if place not in places]


@pytest.mark.parametrize(
    ("noun", "text", "line"),
    [
        ("company", "Company name,Website,Industry,Number of employees\nAcme,https://acme.com,Tools,9\n",
         "Acme,acme.com,ada,,https://acme.com,"),
        ("deal", "Deal name,Value,Stage,Company\nBig,€5k,Proposal,Acme\n",
         "Big,Sales,Proposal,5000.00,EUR,,ada,Acme,"),
    ],
)  # fmt: skip
def test_hubspot_takes_companies_and_deals(
    ctx: Context, tmp_path: Path, noun: str, text: str, line: str
) -> None:
    load(ctx, text)
    stream = export(ctx, noun, form=Form(program="hubspot"))
    assert isinstance(stream, Stream)
    assert line in "\n".join(stream.lines)


@pytest.mark.parametrize(
    ("noun", "form", "says"),
    [
        ("deal", Form(program="google"), "google takes no deals"),
        ("deal", Form(vcard="4.0"), "a deal is no vCard"),
        ("contact", Form(vcard="5.0"), "no vCard"),
        ("contact", Form(program="lotus"), "no program"),
        ("contact", Form("json", style=Style(bom=True)), "--bom"),
        ("contact", Form("xlsx"), "no text"),
        ("contact", Form("pdf"), "cannot be pdf"),
    ],
)
def test_forms_that_do_not_go_together_are_refused(
    ctx: Context, noun: str, form: Form, says: str
) -> None:
    from crmcli.errors import UsageError

    load(ctx, "Name,Email\nAda,a@x.io\n")
    with pytest.raises(UsageError, match=says):
        list(getattr(export(ctx, noun, form=form), "lines", ()))


def test_csv_can_be_raw_and_made_for_excel(ctx: Context, tmp_path: Path) -> None:
    load(ctx, "Name,Email\n=Ada;B,a@x.io\n")
    out = tmp_path / "a.csv"
    style = Style(raw=True, bom=True, delimiter=";")
    export(ctx, "contact", columns=["name", "email"], out=out, form=Form(style=style))
    assert out.read_bytes() == b'\xef\xbb\xbfname;email\n"=Ada;B";a@x.io\n'


def test_markdown_is_a_table_that_shows_texts_as_they_are(ctx: Context, tmp_path: Path) -> None:
    load(ctx, "Name,Email\n*Ada*|B,a@x.io\n")
    out = tmp_path / "a.md"
    export(ctx, "contact", columns=["name", "email"], out=out)
    assert out.read_text("utf-8").splitlines() == [
        "| name | email |",
        "| --- | --- |",
        "| \\*Ada\\*\\|B | a@x.io |",
    ]
