"""Enriching fills blanks, never overwrites unasked, and every value can be traced to its source."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmcli.actions import journal, merge, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.exchange import enriching
from crmcli.exchange.importing import import_file
from crmcli.values.whereabouts import country_of, region_of, zone_of

Crm = Callable[..., Any]

BERLIN, OAKLAND = "+49 30 901820", "+1 510 444 0100"


def add(ctx: Context, noun: str, title: str, *assigns: str) -> str:
    return records.add(ctx, noun, [read_assign(a) for a in assigns], title=title).records[0]


def cell(ctx: Context, column: str, id: int = 1, view: str = "contacts") -> Any:
    found = ctx.reader.scalar(f"SELECT {column} FROM {view} WHERE id = ?", (id,))
    ctx.close()
    return found


@pytest.fixture
def tool(tmp_path: Path) -> Callable[[str], str]:
    """Makes a program of some lines of Python, which have the record as `r`, and print fields."""

    def make(code: str) -> str:
        path = tmp_path / "tool.py"
        path.write_text(f"import json, sys, time\nr = json.load(sys.stdin)\n{code}\n")
        return shlex.join([sys.executable, "-S", "-E", str(path)])

    return make


def answered(ctx: Context, command: str, *terms: str, seconds: float = 20) -> enriching.Offers:
    asked: list[int] = []
    return enriching.answered(
        ctx, "contact", command, terms, seconds=seconds, progress=asked.append
    )


def offered(offers: enriching.Offers) -> dict[tuple[str, str], str]:
    return {(each.target.handle, each.assign.field): each.after for each in offers.found}


# --- what follows from what is known


@pytest.mark.parametrize(
    ("phones", "country"),
    [
        (["+442079460958"], "GB"),
        (["+14155552671;ext=7"], "US"),
        (["+16135550123"], "CA"),
        (["+442079460958", "+4930901820"], ""),
        (["+80012345678"], ""),
        (["call me"], ""),
        ([], ""),
    ],
)
def test_the_country_is_that_of_all_phones(phones: list[str], country: str) -> None:
    assert country_of(phones) == country


@pytest.mark.parametrize(
    ("country", "phones", "zone"),
    [
        ("DE", [], "Europe/Berlin"),
        ("IE", [], "Europe/Dublin"),
        ("US", [], ""),
        ("US", ["+14155552671"], "America/Los_Angeles"),
        ("US", ["+442079460958"], ""),
        ("ES", ["+34911234567"], "Europe/Madrid"),
        ("RU", ["+79161234567"], ""),
        ("Atlantis", [], ""),
    ],
)
def test_the_zone_is_the_one_of_the_country_or_of_the_area(
    country: str, phones: list[str], zone: str
) -> None:
    assert zone_of(country, phones) == zone


@pytest.mark.parametrize(
    ("phone", "country", "city", "region"),
    [
        ("+14155552671", "US", "", "CA"),
        ("+14155552671", "US", "San Francisco", "CA"),
        ("+14155552671", "US", "Austin", ""),
        ("+12045551234", "CA", "", "Manitoba"),
        ("+19025551234", "CA", "", ""),
        ("+12045551234", "US", "", ""),
        ("+442079460958", "GB", "", ""),
    ],
)
def test_the_region_is_that_of_the_area(phone: str, country: str, city: str, region: str) -> None:
    assert region_of([phone], country, city) == region


def test_blanks_are_filled_from_what_is_known_and_undone_as_one(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    add(ctx, "contact", "Ada", "email=ada@acme.com", f"phone={OAKLAND}", "city=Oakland")
    add(ctx, "contact", "Bob", "email=bob@gmail.com", f"phone={BERLIN}", "time_zone=Asia/Tokyo")
    add(ctx, "company", "Acme", "domain=acme.com", f"phone={BERLIN}")
    add(ctx, "company", "Mail", "domain=gmail.com")
    before = content(db)
    done = enriching.fill(ctx, enriching.derived(ctx, "contact"))
    assert done.records == ("c1", "c2")
    assert ctx.reader.rows(
        "SELECT company, city, region, country, time_zone FROM contacts ORDER BY id"
    ) == [
        ("Acme", "Oakland", "CA", "US", "America/Los_Angeles"),
        (None, None, None, "DE", "Asia/Tokyo"),
    ]
    assert not enriching.derived(ctx, "contact").found
    assert offered(enriching.derived(ctx, "company")) == {("o1", "country"): "DE"}
    journal.undo(ctx)
    assert content(db) == before


def test_a_domain_of_two_companies_says_nothing(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "email=ada@acme.com")
    add(ctx, "company", "Acme", "domain=acme.com")
    assert offered(enriching.derived(ctx, "contact")) == {("c1", "company"): "Acme"}
    ctx.duplicates = "add"
    add(ctx, "company", "Acme Labs", "domain=acme.com")
    assert not enriching.derived(ctx, "contact").found


def test_only_what_the_query_selects_is_filled(ctx: Context) -> None:
    for name in ("Ada", "Bob"):
        add(ctx, "contact", name, f"phone={BERLIN}", f"tags={name}")
    assert {key[0] for key in offered(enriching.derived(ctx, "contact", ["tag:bob"]))} == {"c2"}


# --- a program


def test_a_program_fills_blanks_and_adds_to_what_may_be_many(
    ctx: Context, tool: Callable[[str], str]
) -> None:
    records.add(ctx, "field", [read_assign(a) for a in ("record=contact", "kind=integer")],
                title="fans")  # fmt: skip
    add(ctx, "contact", "Ada", "email=ada@acme.com", "title=CTO", "tags=vip")
    command = tool(
        "print(json.dumps({**r, 'title': 'CEO', 'department': 'R&D', 'tags': 'VIP, math',"
        " 'email': ['ADA@acme.com', {'value': 'ada@home.org', 'label': 'home'}],"
        " 'country': 'Germany', 'birthday': '10 Dec 1990', 'fans': 12, 'phone': None,"
        " 'address': {'city': 'Berlin'}, 'company': 'Acme'}))"
    )
    offers = answered(ctx, command)
    assert offers.problems == ()
    assert offers.differing == ["title"]
    assert ("c1", "title") in offered(offers)
    done = enriching.fill(ctx, offers)
    assert (done.exit_status, done.lines[0]) == (0, "Made company o1 Acme")
    row = ctx.reader.row(
        "SELECT title, department, country, city, birthday, company, tags FROM contacts"
    )
    assert row is not None
    assert row[:-1] == ("CTO", "R&D", "DE", "Berlin", "1990-12-10", "Acme")
    assert json.loads(row[-1]) == ["math", "vip"]
    assert json.loads(cell(ctx, "custom")) == {"fans": 12}
    emails = json.loads(cell(ctx, "emails"))
    assert [(e["value"], e.get("label")) for e in emails] == [
        ("ada@acme.com", None), ("ada@home.org", "home"),
    ]  # fmt: skip
    again = answered(ctx, command)
    assert offered(again) == {("c1", "title"): "CEO"}
    enriching.fill(ctx, again, ["title"])
    assert cell(ctx, "title") == "CEO"


def test_a_program_that_repeats_what_it_got_changes_nothing(
    ctx: Context, tool: Callable[[str], str]
) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "city=London", f"phone={BERLIN}",
        "tags=vip", "notes=one\ntwo", "keep_in_touch=30d")  # fmt: skip
    offers = answered(ctx, tool("print(json.dumps(r))"))
    assert (offers.found, offers.problems) == ((), ())
    assert enriching.fill(ctx, offers).lines == ("Nothing to fill in",)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("sys.stderr.write('try\\nlater\\n'); sys.exit(3)", "ended with status 3: later"),
        ("print('[1]')", "printed no JSON object"),
        ("print('not {} json')", "printed no JSON object"),
        ("time.sleep(30)", "it took longer than 1 s"),
        ("print(json.dumps({'emial': 'x'}))", "has no field"),
        ("print(json.dumps({'created': '2020-01-01'}))", "cannot be set"),
        ("print(json.dumps({'title': {'a': 1}}))", "cannot read"),
        ("print(json.dumps({'birthday': 'soon'}))", "birthday: "),
    ],
)
def test_what_fails_for_one_record_is_told_and_the_others_go_on(
    ctx: Context, tool: Callable[[str], str], code: str, problem: str
) -> None:
    for name in ("Bad", "Good"):
        add(ctx, "contact", name)
    fine = "print(json.dumps({'title': 'CEO'}))"
    command = tool(f"if r['name'] == 'Bad':\n    {code}\nelse:\n    {fine}")
    done = enriching.fill(ctx, answered(ctx, command, seconds=1))
    assert done.exit_status == 1
    assert done.records == ("c2",)
    assert [w for w in done.warnings if w.startswith("c1 Bad: ") and problem in w]


def test_what_a_program_started_does_not_outlive_the_time_limit(
    ctx: Context, tool: Callable[[str], str]
) -> None:
    add(ctx, "contact", "Ada")
    started = time.monotonic()
    offers = answered(ctx, tool("import subprocess; subprocess.run(['sleep', '30'])"), seconds=1)
    assert "longer than 1 s" in offers.problems[0]
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("command", ["", "'open", "/nowhere/tool"])
def test_a_program_that_cannot_be_started_is_no_program(ctx: Context, command: str) -> None:
    add(ctx, "contact", "Ada")
    with pytest.raises(UsageError):
        answered(ctx, command)


def test_a_record_that_refuses_a_value_does_not_hold_up_the_others(
    ctx: Context, tool: Callable[[str], str], db: Path, content: Callable[[Path], Any]
) -> None:
    for name in ("Ada", "Bob"):
        add(ctx, "contact", name)
    command = tool("print(json.dumps({'title': 'CEO', 'owner': r['name']}))")
    add(ctx, "user", "Bob")
    before = content(db)
    done = enriching.fill(ctx, answered(ctx, command), ["owner"])
    assert done.records == ("c1", "c2")
    journal.undo(ctx)
    assert content(db) == before
    stranger = tool("print(json.dumps({'title': 'CEO', 'owner': r['name'] + 'by'}))")
    with pytest.raises(InvalidValue, match="c2 Bob: no user fits"):
        enriching.fill(ctx, answered(ctx, stranger), ["owner"])
    assert content(db) == before
    half = tool("print(json.dumps({'title': 'CEO', 'owner': r['name']}).replace('Ada', 'Zed'))")
    done = enriching.fill(ctx, answered(ctx, half), ["owner"])
    assert (done.records, done.exit_status, cell(ctx, "title")) == (("c2",), 1, None)


def test_what_somebody_changed_meanwhile_stays(ctx: Context, tool: Callable[[str], str]) -> None:
    add(ctx, "contact", "Ada")
    add(ctx, "contact", "Bob")
    offers = answered(ctx, tool("print(json.dumps({'title': 'CEO'}))"))
    ctx.as_of, known = None, ctx.as_of
    records.edit(ctx, ["c1"], [read_assign("title=CTO")])
    ctx.as_of = known
    done = enriching.fill(ctx, offers)
    assert (cell(ctx, "title"), cell(ctx, "title", 2)) == ("CTO", "CEO")
    assert "changed by ada in the meantime" in done.warnings[0]


def test_a_dry_run_changes_nothing(
    ctx: Context, db: Path, content: Callable[[Path], Any], tool: Callable[[str], str]
) -> None:
    add(ctx, "contact", "Ada", "title=CTO")
    before = content(db)
    ctx.dry_run = True
    offers = answered(ctx, tool("print(json.dumps({'title': 'CEO', 'department': 'R&D'}))"))
    assert [row[1:4] + row[5:] for row in enriching.listing(offers).rows] == [
        ("title", "CTO", "CEO", "differs"), ("department", None, "R&D", "fills"),
    ]  # fmt: skip
    assert enriching.fill(ctx, offers).dry_run
    assert content(db) == before


# --- a file

LIST = "name,email,title,department,city\nAda,ada@acme.com,CEO,R&D,London\nNew,new@x.org,,,\n"


def test_a_list_fills_blanks_makes_nothing_and_says_where_it_differs(
    ctx: Context, tmp_path: Path
) -> None:
    add(ctx, "contact", "Ada", "email=ada@acme.com", "title=CTO")
    path = tmp_path / "fair.csv"
    path.write_text(LIST)
    done = import_file(ctx, path, mode="update")
    assert (done.created, done.updated, done.skipped) == (0, 1, 1)
    assert done.kept_counts == (("title", 1),)
    assert done.kept[0][2:] == ("title", "CTO", "CEO")
    assert cell(ctx, "title") == "CTO"
    assert cell(ctx, "department || city") == "R&DLondon"
    again = import_file(ctx, path, mode="update", conflicts={"title": "overwrite"})
    assert (again.kept, cell(ctx, "title")) == ((), "CEO")


# --- where a value is from


def test_the_history_of_a_field_says_where_its_value_is_from(
    ctx: Context, tool: Callable[[str], str]
) -> None:
    add(ctx, "contact", "Ada", "title=CTO", "city=London", f"phone={BERLIN}")
    ctx.command = "crm enrich --command tool"
    fields = {"title": "CEO", "phone": "+4930901821", "region": "England", "department": "R&D"}
    enriching.fill(ctx, answered(ctx, tool(f"print(json.dumps({fields!r}))")), ["title"])

    def sources(field: str) -> list[tuple[Any, ...]]:
        return [row[3:6] for row in journal.history(ctx, ["c1"], field=field).rows]

    assert sources("title") == [
        ("CTO", "CEO", "crm enrich --command tool"), (None, "CTO", "crm test"),
    ]  # fmt: skip
    assert sources("phone") == [
        (None, "+4930901821", "crm enrich --command tool"), (None, "+4930901820", "crm test"),
    ]  # fmt: skip
    assert sources("department") == [(None, "R&D", "crm enrich --command tool")]
    assert sources("region")[0] == (None, "England", "crm enrich --command tool")
    assert sources("birthday") == []


def test_a_value_is_traced_to_what_it_was_at_first(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "email=ada@acme.com")
    records.edit(ctx, ["c1"], [read_assign("email=ada@home.org")])
    rows = journal.history(ctx, ["c1"], field="email").rows
    assert [row[3:5] for row in rows] == [("ada@acme.com", "ada@home.org"), (None, "ada@acme.com")]


@pytest.mark.parametrize("refs", [[], ["h1"], ["c1", "c2"]])
def test_a_field_is_that_of_a_record(ctx: Context, refs: list[str]) -> None:
    add(ctx, "contact", "Ada")
    with pytest.raises(UsageError):
        journal.history(ctx, refs, field="title")
    with pytest.raises(UnknownName):
        journal.history(ctx, ["c1"], field="titel")


def test_a_merge_is_one_in_the_history_of_both_and_its_undo_too(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "title=CTO")
    add(ctx, "contact", "Ada L.", "email=ada@acme.com", "title=CEO", "city=London", "tags=vip")
    merge.merge(ctx, ["c1", "c2"])

    def latest(ref: str) -> list[tuple[Any, ...]]:
        rows = journal.history(ctx, [ref]).rows
        return [row[3:] for row in rows if row[0] == rows[0][0]]

    assert latest("c1")[0] == ("merged c2 into c1", None, None, None)
    assert ("moved from c2", "email", None, "ada@acme.com") in latest("c1")
    assert ("moved from c2", "tags", None, "vip") in latest("c1")
    assert latest("c2") == [("merged c2 into c1", None, None, None),
                            ("deleted", None, None, None)]  # fmt: skip
    journal.undo(ctx)
    assert ("took c2 out of c1", None, None, None) in latest("c1")


# --- on the command line


def test_enriching_on_the_command_line(
    crm: Crm, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    crm("add-contact", "Ada", "--email", "ada@acme.com", "--title", "CTO", "--phone", BERLIN)
    refused = crm("enrich")
    assert (refused.status, "--yes" in refused.err) == (2, True)
    assert "Filled in 2 values of 1 contact" in crm("enrich", "--yes").out
    path = tmp_path / "fair.csv"
    path.write_text(LIST)
    tried = crm("enrich", "--from", str(path), "--dry-run", "--format", "table")
    assert "title: CTO → CEO" in tried.out
    filled = crm("enrich", "--from", str(path), "--yes", "--overwrite", "title", "--json")
    assert json.loads(filled.out)["updated"] == 1
    assert "CTO\tCEO" in crm("history", "c1", "--field", "title").out
    assert json.loads(crm("show", "c1", "--json").out)["title"] == "CEO"
    assert crm("undo").status == 0
    failing = crm("enrich", "--command", tool("sys.exit(1)"), "--yes")
    assert (failing.status, "ended with status 1" in failing.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--from", "x.csv", "contacts", "tag:vip"), 2),
        (("--from", "x.csv", "--command", "y"), 2),
        (("--overwrite", "titel"), 2),
        (("--timeout", "soon"), 5),
        (("--timeout", "0"), 5),
        (("deals",), 2),
    ],
)
def test_what_makes_no_sense_is_refused(crm: Crm, words: tuple[str, ...], status: int) -> None:
    crm("add-contact", "Ada")
    assert crm("enrich", *words, "--yes").status == status
