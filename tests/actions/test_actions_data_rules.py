"""The team's rules for its data hold at every door, for what is written and for nothing else."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.surroundings import Crm

from crmcli.actions import data_rules, day, journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.data_rules import read_rules
from crmcli.errors import BrokenRule, InvalidValue, NotFound

CLOSE = {"name": "close", "record": "deal", "from_stage": "Proposal", "require": "close"}


def ruled(ctx: Context, *tables: dict[str, Any]) -> None:
    ctx.settings["rules"] = read_rules(list(tables))


def add(ctx: Context, noun: str, title: str, *assigns: str) -> str:
    return records.add(ctx, noun, [read_assign(a) for a in assigns], title=title).records[0]


def edit(ctx: Context, ref: str, *assigns: str) -> Any:
    return records.edit(ctx, [ref], [read_assign(a) for a in assigns])


# --- what a rule can say

NAMED = {"record": "contact", "field": "name"}
TITLED = {"record": "contact", "field": "title"}
DEAL = {"record": "deal"}

CASES = [
    ({"record": "contact", "require": ["email"]}, "contact", ["email=ada@acme.com"], []),
    ({"record": "contacts", "require": "phone"}, "contact", ["phone=+442079460958"], ["title=x"]),
    ({"record": "contact", "require": "city"}, "contact", ["city=London"], ["country=GB"]),
    ({"record": "contact", "require": "tags"}, "contact", ["tags=vip"], []),
    ({"record": "contact", "require": "company"}, "contact", ["company=Acme"], []),
    ({**DEAL, "require": ["value", "close"]}, "deal", ["value=5", "close=2026-04-01"], ["value=5"]),
    (
        {"record": "contact", "field": "postcode", "pattern": r"\d{5}"},
        "contact", ["postcode=10115"], ["postcode=101150"],
    ),
    (
        {"record": "contact", "field": "email", "pattern": ".*@acme.com"},
        "contact", ["email=a@acme.com"], ["email=a@acme.com", "email+=b@home.org"],
    ),
    ({**DEAL, "field": "value", "min": 100}, "deal", ["value=100"], ["value=99.99"]),
    ({**DEAL, "field": "value", "max": 1e3}, "deal", ["value=1000 USD"], ["value=1001 JPY"]),
    (
        {**DEAL, "field": "close", "min": "today"},
        "deal", ["close=2026-03-04"], ["close=2026-03-03"],
    ),
    (
        {"record": "company", "field": "size", "min": 2, "max": 9},
        "company", ["size=9"], ["size=10"],
    ),
    (
        {"record": "company", "field": "industry", "one_of": ["retail", "Software"]},
        "company", ["industry=software"], ["industry=farming"],
    ),
    (
        {"record": "contact", "field": "do_not_contact", "one_of": "no"},
        "contact", ["do_not_contact=no"], ["do_not_contact=yes"],
    ),
    (
        {"record": "contact", "field": "address", "pattern": ".*, GB"},
        "contact", ["address=1 High St, London, UK"], ["address=1 Rue X, Paris, France"],
    ),
    ({**TITLED, "pattern": 7}, "contact", ["title=7"], ["title=8"]),
    ({**TITLED, "case": "upper"}, "contact", ["title=CTO"], ["title=Cto"]),
    ({**TITLED, "case": "lower"}, "contact", ["title=cto"], ["title=CTO"]),
    (
        {**TITLED, "case": "title"},
        "contact", ["title=Head of Sales"], ["title=head of sales"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "noun", "good", "bad"), CASES)
def test_a_rule_takes_what_keeps_to_it_and_nothing_else(
    ctx: Context, rule: dict[str, Any], noun: str, good: list[str], bad: list[str]
) -> None:
    ruled(ctx, rule)
    add(ctx, noun, "Ada Lovelace", *good)
    with pytest.raises(BrokenRule) as refused:
        add(ctx, noun, "Grace Hopper", *bad)
    assert ctx.settings["rules"][0].says in refused.value.message
    assert refused.value.details["broken"][0]["title"] == "Grace Hopper"
    assert ctx.reader.scalar(f"SELECT count(*) FROM {noun} WHERE deleted_at IS NULL") == 1


@pytest.mark.parametrize(
    "name", ["LUDWIG VAN BEETHOVEN", "ludwig van beethoven", "Ludwig beethoven"]
)
def test_names_have_the_case_that_a_rule_asks_for(ctx: Context, name: str) -> None:
    ruled(ctx, {**NAMED, "case": "title"})
    add(ctx, "contact", "Ludwig van Beethoven")
    with pytest.raises(BrokenRule):
        add(ctx, "contact", name)


@pytest.mark.parametrize(
    ("field", "first", "same"),
    [
        ("email", "email=ada@acme.com", "email=ADA@acme.com"),
        ("phone", "phone=+44 20 7946 0958", "phone=02079460958"),
        ("name", "title=x", "title=y"),
        ("department", "department=R1", "department=R1"),
        ("vat", "vat=DE1", "vat=DE1"),
    ],
)
def test_a_unique_value_is_had_once(ctx: Context, field: str, first: str, same: str) -> None:
    records.add(
        ctx, "field", [read_assign("record=contact"), read_assign("kind=text")], title="vat"
    )
    ruled(ctx, {"record": "contact", "field": field, "unique": True})
    name = "ada lovelace" if field == "name" else "Somebody Else"
    add(ctx, "contact", "Ada Lovelace", first)
    with pytest.raises(BrokenRule):
        add(ctx, "contact", name, same)
    edit(ctx, "c1", first, "notes=the same as before is no clash")


def test_a_custom_field_can_be_required(ctx: Context) -> None:
    records.add(
        ctx, "field", [read_assign("record=deal"), read_assign("kind=number")], title="seats"
    )
    ruled(ctx, {"record": "deal", "require": "seats"}, {**DEAL, "field": "seats", "max": 10})
    add(ctx, "deal", "Pilot", "seats=3")
    for assigns in ([], ["seats=11"]):
        with pytest.raises(BrokenRule):
            add(ctx, "deal", "Other", *assigns)


# --- doors


def test_a_deal_needs_a_close_date_from_a_stage_on(ctx: Context) -> None:
    ruled(ctx, CLOSE)
    for stage in ("New", "Qualified", "Proposal"):
        assigns = ["close=2026-05-01"] if stage == "Proposal" else []
        add(ctx, "deal", f"In {stage}", f"stage={stage}", *assigns)
    with pytest.raises(BrokenRule, match="from Proposal on"):
        add(ctx, "deal", "Late", "stage=Negotiation")
    with pytest.raises(BrokenRule):
        day.move(ctx, ["d1"], "proposal")
    with pytest.raises(BrokenRule):
        day.win(ctx, ["d1"])
    with pytest.raises(BrokenRule):
        edit(ctx, "d3", "close=")
    day.lose(ctx, ["d1"], "price")
    edit(ctx, "d2", "close=2026-05-01")
    day.move(ctx, ["d2"], "proposal")


def test_a_rule_of_one_stage_or_pipeline_is_about_that(ctx: Context) -> None:
    records.add(ctx, "pipeline", [], title="Partners")
    ruled(ctx, {**DEAL, "stage": "Lost", "require": "lost_reason"},
          {**DEAL, "pipeline": "Partners", "require": "value"})  # fmt: skip
    add(ctx, "deal", "Pilot")
    with pytest.raises(BrokenRule):
        add(ctx, "deal", "Other", "pipeline=Partners")
    with pytest.raises(BrokenRule):
        edit(ctx, "d1", "stage=Lost")


def test_a_warning_lets_the_write_pass(ctx: Context) -> None:
    ruled(ctx, {"record": "contact", "require": "email", "severity": "warning", "message": "mail!"})
    done = records.add(ctx, "contact", [], title="Ada Lovelace")
    assert done.warnings == ('"Ada Lovelace": mail!',)
    assert done.records == ("c1",)


def test_old_sins_stand_in_the_way_of_nothing_else(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com")
    add(ctx, "contact", "Grace Hopper", "email=grace@acme.com")
    ruled(ctx, {"record": "contact", "require": "phone"}, {**NAMED, "pattern": "G.*"})
    records.tag(ctx, ["c1"], ["vip"])
    edit(ctx, "c1", "title=CTO", "email=ada@home.org")
    with pytest.raises(BrokenRule):
        edit(ctx, "c1", "name=Ada King")
    with pytest.raises(BrokenRule):
        edit(ctx, "c1", "phone=+442079460958", "phone-=+442079460958")
    records.delete(ctx, ["c1"])
    records.restore(ctx, ["c1"])


def test_undo_and_redo_do_not_ask(ctx: Context, db: Path, content: Callable[[Path], Any]) -> None:
    add(ctx, "contact", "Ada Lovelace")
    before = content(db)
    edit(ctx, "c1", "email=ada@acme.com")
    ruled(ctx, {"record": "contact", "require": "email"})
    journal.undo(ctx)
    assert content(db) == before


def test_a_bulk_edit_names_the_first_that_break_a_rule(ctx: Context) -> None:
    for number in range(5):
        add(ctx, "deal", f"Deal {number}", "value=500")
    ruled(ctx, {**DEAL, "field": "value", "min": 100})
    with pytest.raises(BrokenRule, match="and 2 more") as refused:
        records.edit(ctx, ["d1,d2,d3,d4,d5"], [read_assign("value=5")])
    assert len(refused.value.details["broken"]) == 5


# --- import


def rows(crm: Crm, db: Path, text: str, *words: str) -> Any:
    file = db.with_name("rows.csv")
    file.write_text(text, "utf-8")
    return crm("import", str(file), "--yes", *words)


def settings(db: Path, text: str) -> None:
    db.with_name("config.toml").write_text(text, "utf-8")


def test_an_import_sets_the_rows_aside_that_break_a_rule(crm: Crm, db: Path) -> None:
    settings(
        db,
        """
        [[rules]]
        record = "contact"
        field = "email"
        unique = true
        [[rules]]
        record = "contact"
        require = "city"
        message = "no city"
        [[rules]]
        record = "contact"
        require = "phone"
        severity = "warning"
    """,
    )
    assert crm("add-contact", "Ada", "--email", "a@x.org", "--city", "Rome").status == 0
    ran = rows(crm, db, "name,email,city\nBob,b@x.org,Rome\nCy,c@x.org,\nDee,d@x.org,Bonn\n")
    assert ran.status == 1
    assert "line 3: no city" in ran.out
    assert "2  created" in ran.out
    assert "1  rejected" in ran.out
    assert "rule 3" in ran.out
    listed = crm("contacts", "--columns", "name", "--format", "tsv").out.split()
    assert listed == ["name", "Ada", "Bob", "Dee"]


def test_an_import_adds_to_no_record_what_breaks_a_rule(crm: Crm, db: Path) -> None:
    crm("add-deal", "Pilot", "--company", "Acme")
    crm("add-deal", "Second", "--company", "Acme", "--value", "700")
    settings(
        db,
        """
        [[rules]]
        record = "deal"
        from_stage = "Proposal"
        require = "close"
        [[rules]]
        record = "deal"
        field = "value"
        max = 1000
    """,
    )
    text = "title,company,stage,value,expected close\n"
    text += "Pilot,Acme,Proposal,500,\nSecond,Acme,Proposal,700,2026-12-24\nThird,Acme,,2000,\n"
    ran = rows(crm, db, text, "--on-conflict", "overwrite")
    assert "1  updated" in ran.out
    assert "2  rejected" in ran.out
    stages = crm("deals", "--columns", "title,stage,value", "--sort", "title", "--format", "tsv")
    assert [line.split("\t")[:2] for line in stages.out.splitlines()[1:]] == [
        ["Pilot", "New"],
        ["Second", "Proposal"],
    ]


@pytest.mark.parametrize(
    ("owner", "says"), [((), "1  created"), (("--owner", "bob"), "Nothing was imported.")]
)
def test_rules_know_whose_the_records_of_a_file_become(
    crm: Crm, db: Path, owner: tuple[str, ...], says: str
) -> None:
    crm("add-user", "bob")
    crm("add-contact", "Ada")
    mine = crm("contacts", "--columns", "owner", "--format", "tsv").out.split()[-1]
    settings(
        db,
        f"""
        [[rules]]
        record = "contact"
        field = "owner"
        one_of = "{mine}"
        [[rules]]
        record = "contact"
        field = "address"
        pattern = ".*, GB"
    """,
    )
    ran = rows(crm, db, "name,street,country\nCy,1 High St,UK\n", *owner)
    assert says in ran.out


def test_two_rows_of_a_file_cannot_both_have_what_is_unique(crm: Crm, db: Path) -> None:
    settings(db, '[[rules]]\nrecord = "contact"\nfield = "department"\nunique = true\n')
    ran = rows(crm, db, "name,email,department\nBob,b@x.org,R1\nCy,c@x.org,R1\n")
    assert "1  created" in ran.out
    assert "line 3: department must be unique" in ran.out


IN_PASSING = """
    [[rules]]
    record = "company"
    field = "name"
    pattern = "[A-Z].*"
    message = "a capital"
    [[rules]]
    record = "company"
    require = "domain"
    severity = "warning"
    message = "a domain"
    [[rules]]
    record = "contact"
    require = "company"
    message = "a company"
    [[rules]]
    record = "contact"
    field = "email"
    unique = true
    [[rules]]
    record = "tag"
    field = "name"
    case = "lower"
    message = "lower case"
"""


@pytest.mark.parametrize(
    ("text", "created", "reason"),
    [
        ("name,email,company\nBob,b@x.org,acme\nCy,c@x.org,Acme\n", 1,
         'line 2: company "acme": a capital'),
        ("name,email,company\nBob,b@x.org,Hut\n", 1, ""),
        ("name,email,company,tags\nBob,b@x.org,Hut,VIP\nCy,c@x.org,Hut,vip\n", 1,
         'line 2: tag "VIP": lower case'),
        ("Deal name,company,contact,value\nPilot,Hut,Ada,\nSecond,,Eve,\n", 1,
         'line 3: contact "Eve": a company'),
    ],
)  # fmt: skip
def test_an_import_asks_the_rules_for_what_it_makes_in_passing(
    crm: Crm, db: Path, text: str, created: int, reason: str
) -> None:
    settings(db, IN_PASSING)
    ran = rows(crm, db, text)
    assert f"{created}  created" in ran.out
    assert reason in ran.out
    assert ran.status == bool(reason)
    assert ran.out.count('company "Hut": a domain') == ("Hut" in text)
    broken = crm("rules", "--check", "--format", "tsv").out.splitlines()[1:]
    assert [line.split("\t")[4] for line in broken if "\terror\t" in line] == ["0"] * 4


def test_a_record_that_is_there_takes_nothing_that_may_not_be_made(crm: Crm, db: Path) -> None:
    crm("add-contact", "Ada", "--email", "ada@x.org")
    settings(db, IN_PASSING)
    ran = rows(crm, db, "name,email,company\nAda,ada@x.org,acme\n")
    assert "1  rejected" in ran.out
    ran = rows(crm, db, "name,email,company,tags\nBob,b@x.org,Hut,\nBob,b@x.org,,VIP\n")
    assert 'tag "VIP": lower case' in ran.out
    assert crm("tags", "--format", "tsv").out.splitlines()[1:] == []
    assert len(crm("companies", "--format", "tsv").out.splitlines()) == 2


# --- `crm rules`, and rules that make no sense


def test_rules_are_listed_checked_and_lead_to_the_records(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com")
    add(ctx, "contact", "Grace Hopper")
    ruled(ctx, {"name": "an e-mail", "record": "contact", "require": "email"}, CLOSE)
    assert [row[:3] for row in data_rules.listing(ctx).rows] == [
        ("an e-mail", "contact", "error"),
        ("close", "deal", "error"),
    ]
    assert [row[4:] for row in data_rules.listing(ctx, check=True).rows] == [
        (1, "crm rules 'an e-mail'"),
        (0, ""),
    ]
    assert data_rules.breaking(ctx, "an e-mail").rows == (("c2", "Grace Hopper"),)
    with pytest.raises(NotFound, match="an e-mial"):
        data_rules.breaking(ctx, "an e-mial")


def test_without_rules_the_list_says_how_to_write_one(crm: Crm, db: Path) -> None:
    crm("init")
    assert "[[rules]]" in crm("rules", "--format", "table").out


WRONG = [
    ("deals", "tables"),
    ([{"record": "deal"}], 'rule "1": it demands nothing'),
    ([{"require": "x"}], "names no type of record"),
    ([{"name": "mine", "record": "cat", "require": "x"}], 'rule "mine"'),
    ([{"record": "deal", "requires": "x"}], 'there is no "requires"'),
    ([{"record": "deal", "require": 3}], "require cannot be"),
    ([{"record": "deal", "pattern": "x"}], "pattern of which field"),
    ([{"record": "deal", "field": "title", "pattern": "("}], "the pattern is wrong"),
    ([{"record": "deal", "field": "title", "case": "camel"}], "case cannot be"),
    ([{"record": "deal", "require": "x", "severity": "fatal"}], "severity cannot be"),
    ([{"record": "deal", "require": "x", "severity": 3}], 'severity cannot be "3"'),
    ([{"record": 3, "require": "x"}], "names no type of record"),
    ([{"record": "contact", "require": "x", "stage": "Won"}], "only deals"),
    ([CLOSE, CLOSE], 'two rules "close"'),
]


@pytest.mark.parametrize(("given", "says"), WRONG)
def test_a_wrong_rule_is_named(given: Any, says: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_rules(given)
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({**DEAL, "require": "clos_date"}, "no field"),
        ({**DEAL, "stage": "Nowhere", "require": "close"}, "no stage"),
        ({**DEAL, "pipeline": "Nowhere", "require": "close"}, "no pipeline"),
        ({**DEAL, "field": "title", "min": 3}, "no least"),
        ({**DEAL, "field": "value", "min": "much"}, "cannot read"),
        ({**DEAL, "field": "tags", "unique": True}, "cannot be unique"),
    ],
)
def test_a_rule_that_does_not_fit_the_database_is_named(
    ctx: Context, rule: dict[str, Any], says: str
) -> None:
    ruled(ctx, {"name": "mine", **rule})
    with pytest.raises(InvalidValue, match='rule "mine"') as refused:
        add(ctx, "deal", "Pilot")
    assert says in refused.value.message


def test_setting_something_else_keeps_the_rules(crm: Crm, db: Path) -> None:
    settings(db, '[[rules]]\nrecord = "contact"\nrequire = "email"\n')
    assert crm("config", "set", "page", "20").status == 0
    assert crm("config", "get", "rules").out == "1 rule\n"
    assert crm("add-contact", "Ada").status == 5
    assert crm("config", "set", "rules", "none").status == 5


def test_enriching_leaves_out_the_records_that_would_break_a_rule(crm: Crm, db: Path) -> None:
    crm("add-contact", "Ada", "--email", "ada@x.org")
    crm("add-contact", "Bob", "--email", "bob@x.org")
    settings(db, '[[rules]]\nrecord = "contact"\nfield = "title"\none_of = ["CTO"]\n')
    program = db.with_name("titles.py")
    program.write_text(
        "import json, sys\n"
        "ada = json.load(sys.stdin)['name'] == 'Ada'\n"
        "print(json.dumps({'title': 'Countess' if ada else 'CTO'}))\n"
    )
    ran = crm("enrich", "--command", shlex.join([sys.executable, str(program)]), "--yes")
    assert ran.status == 1
    assert 'c1 Ada: "Ada": title must be one of CTO' in ran.err
    assert crm("contacts", "title:any", "--format", "ids").out == "c2\n"
