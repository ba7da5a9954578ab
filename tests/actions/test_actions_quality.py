"""An audit counts what is wrong as its definitions say, shows the worst first, and remembers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.surroundings import Crm

from crmcli.actions import clean, day, dupes, journal, quality, reach, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.data_rules import read_rules
from crmcli.errors import NotFound, UnknownName
from crmcli.queries.quality import EXPECTED, MEASURES
from crmcli.results import Listing, Screen


def add(ctx: Context, noun: str, title: str, *assigns: str) -> str:
    return records.add(ctx, noun, [read_assign(a) for a in assigns], title=title).records[0]


def part(screen: Screen, name: str) -> Listing:
    return next(each.listing for each in screen.sections if each.name == name)


def scores(screen: Screen, noun: str = "contacts") -> dict[str, Any]:
    listing = part(screen, "scores")
    names = [column.name for column in listing.columns]
    return next(dict(zip(names, row, strict=True)) for row in listing.rows if row[0] == noun)


def wrong(ctx: Context, plural: str, measure: str) -> dict[str, str]:
    """What is wrong with each record that falls short of a measure."""
    return {row[0]: row[4] for row in quality.records(ctx, plural, measure).rows}


COMPLETE = ("email=ada@acme.com", "phone=+442079460958", "title=CTO", "city=London", "company=Acme")


def test_a_clean_record_scores_a_hundred(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", *COMPLETE)
    found = scores(quality.quality(ctx, "contacts"))
    assert {found[name] for name in (*MEASURES, "score")} == {100}
    assert part(quality.quality(ctx, "contacts"), "worst").rows == ()


def test_completeness_is_the_share_of_expected_fields(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", *COMPLETE)
    add(ctx, "contact", "Grace Hopper", "email=grace@navy.mil", "city=Arlington")
    found = scores(quality.quality(ctx, "contacts"))
    assert found["completeness"] == 75  # the second has three of six, her owner among them
    assert found["score"] == 95
    assert wrong(ctx, "contacts", "completeness") == {"c2": "no phone, no company, no title"}


@pytest.mark.parametrize("noun", EXPECTED)
def test_the_fields_that_are_expected_are_there(noun: str) -> None:
    assert None not in [BY_NAME[noun].field(name) for name in EXPECTED[noun]]


# --- each measure


def test_what_bounces_is_not_valid_and_stays_so_until_it_works(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    add(ctx, "contact", "Ada Lovelace", *COMPLETE)
    add(ctx, "company", "Acme Labs", "phone=+442079460958")
    before = content(db)
    done = reach.mark(ctx, ["ADA@acme.com"], works=False)
    assert done.lines == ("ada@acme.com of c1 Ada Lovelace does not work",)
    assert list(wrong(ctx, "contacts", "validity")) == ["c1"]
    last = journal.history(ctx, ["c1"], field="email").rows[0]
    assert last[3:5] == ("ada@acme.com", "ada@acme.com (not valid)")
    assert clean.preview(ctx, "contact").rows == ()
    assert reach.mark(ctx, ["ada@acme.com"], works=False).change_set is None
    reach.mark(ctx, ["ada@acme.com"], works=True)
    assert content(db) == before
    assert reach.mark(ctx, ["020 7946 0958"], works=False).records == ("c1", "o2")
    journal.undo(ctx)
    assert content(db) == before
    with pytest.raises(NotFound):
        reach.mark(ctx, ["nobody@acme.com"], works=False)


def test_what_two_records_share_makes_both_no_longer_unique(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com")
    add(ctx, "contact", "A. Lovelace", "email=ADA@acme.com")
    add(ctx, "contact", "Grace Hopper", "company=Navy")
    add(ctx, "contact", "grace hopper", "company=Navy")
    add(ctx, "contact", "Grace Hopper", "company=Yale")
    assert set(wrong(ctx, "contacts", "uniqueness")) == {"c1", "c2", "c3", "c4"}
    dupes.reject(ctx, ["c1", "c2"])
    assert set(wrong(ctx, "contacts", "uniqueness")) == {"c3", "c4"}


def test_deals_are_the_same_while_they_are_open(ctx: Context) -> None:
    for _number in range(3):
        add(ctx, "deal", "Pilot", "company=Acme")
    day.win(ctx, ["d1"])
    assert set(wrong(ctx, "deals", "uniqueness")) == {"d2", "d3"}


def later(ctx: Context, days: int) -> None:
    ctx.env = ctx.env._replace(now=ctx.env.now + timedelta(days=days))


def test_what_nobody_touched_goes_stale_until_it_is_touched_or_confirmed(ctx: Context) -> None:
    for number in range(4):
        add(ctx, "contact", f"Contact {number}")
    later(ctx, 300)
    assert wrong(ctx, "contacts", "freshness") == {}
    later(ctx, 100)
    assert len(wrong(ctx, "contacts", "freshness")) == 4
    records.edit(ctx, ["c1"], [read_assign("title=CTO")])
    records.edit(ctx, ["c2"], [read_assign("confirmed=today")])
    day.log(ctx, "call", ["c3"], "hello", {})
    assert set(wrong(ctx, "contacts", "freshness")) == {"c4"}
    ctx.settings["stale_months"] = 24
    assert wrong(ctx, "contacts", "freshness") == {}


CONTRADICTIONS = [
    ("contact", ["name=ADA LOVELACE"], "a name in capitals"),
    ("contact", ["do_not_contact=yes", "keep_in_touch=30d"], "not to be contacted"),
    ("contact", ["email=ada@other.com", "company=Acme"], "an e-mail of another company"),
    ("company", ["domain=acme.com", "email=info@acme.org"], "none at its domain"),
    ("deal", ["close=2026-03-01"], "past its close date"),
    ("deal", ["contact=c1", "company=Acme"], "at another company"),
]


@pytest.mark.parametrize(("noun", "assigns", "says"), CONTRADICTIONS)
def test_what_contradicts_itself_is_not_consistent(
    ctx: Context, noun: str, assigns: list[str], says: str
) -> None:
    add(ctx, "company", "Other", "domain=other.com")
    add(ctx, "company", "Acme", "domain=acme.com", "email=info@acme.com")
    add(ctx, "contact", "Grace Hopper", "company=Other", "email=grace@other.com")
    records.add(ctx, "deal", [read_assign("close=2026-12-01")], title="Well")
    plural = BY_NAME[noun].plural
    assert wrong(ctx, plural, "consistency") == {}
    title = [] if assigns[0].startswith("name=") else [read_assign("notes=x")]
    made = records.add(
        ctx, noun, [*title, *map(read_assign, assigns)],
        title=None if not title else "Some Body",
    )  # fmt: skip
    found = wrong(ctx, plural, "consistency")
    assert list(found) == [made.records[0]]
    assert says in found[made.records[0]]


def test_a_lost_deal_needs_a_reason_and_a_winner_is_a_customer(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace")
    add(ctx, "deal", "Pilot", "contact=c1")
    day.win(ctx, ["d1"])
    records.edit(ctx, ["c1"], [read_assign("status=lead")])
    add(ctx, "deal", "Other", "stage=Lost")
    assert wrong(ctx, "contacts", "consistency") == {"c1": "won a deal, but is no customer"}
    assert wrong(ctx, "deals", "consistency") == {"d2": "lost without a reason"}


@pytest.mark.parametrize(
    ("rule", "measure"),
    [
        ({"pattern": "G.*"}, "validity"),
        ({"unique": True}, "uniqueness"),
        ({"case": "upper"}, "consistency"),
    ],
)
def test_a_broken_rule_counts_in_its_measure(
    ctx: Context, rule: dict[str, Any], measure: str
) -> None:
    add(ctx, "contact", "Ada Lovelace", "title=Cto")
    add(ctx, "contact", "Bob Lovelace", "title=Cto")
    ctx.settings["rules"] = read_rules([{"record": "contact", "field": "title", **rule}])
    assert len(wrong(ctx, "contacts", measure)) == 2
    mends = {row[2]: row[3] for row in part(quality.quality(ctx), "mend").rows}
    assert mends[ctx.settings["rules"][0].says] == "crm rules 1"


# --- the screen


def test_the_score_of_all_is_that_of_all_records(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", *COMPLETE)
    add(ctx, "deal", "Pilot", "contact=c1")
    found = quality.quality(ctx)
    rows = part(found, "scores").rows
    assert [row[2] for row in rows] == sorted(row[2] for row in rows)
    total = sum(row[1] * row[2] for row in rows) / sum(row[1] for row in rows)
    assert found.facts[0].value == pytest.approx(total, abs=0.1)


def test_owners_are_scored_apart_the_worst_first(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", *COMPLETE)
    records.add(ctx, "user", [], title="bob")
    add(ctx, "contact", "Grace Hopper", "owner=bob")
    add(ctx, "contact", "Edsger Dijkstra", "owner=")
    rows = part(quality.quality(ctx, "contacts", by_owner=True), "owners").rows
    assert [(row[0], row[2], row[3]) for row in rows] == [
        ("nobody", 1, 80),
        ("bob", 1, 83.3),
        ("ada", 1, 100),
    ]


def test_the_worst_record_comes_first_with_all_that_is_wrong(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "phone=+442079460958")
    add(ctx, "contact", "GRACE HOPPER")
    worst = part(quality.quality(ctx, "contacts"), "worst").rows
    assert [row[0] for row in worst] == ["c2", "c1"]
    assert worst[0][4].startswith("no e")
    assert worst[0][4].endswith("a name in capitals, or without any")


def test_every_day_leaves_one_score_for_the_trend(ctx: Context, db: Path) -> None:
    add(ctx, "contact", "Ada Lovelace")
    quality.quality(ctx)
    quality.quality(ctx)
    change_sets = ctx.reader.scalar("SELECT count(*) FROM change_set")
    later(ctx, 1)
    records.edit(ctx, ["c1"], [read_assign(text) for text in COMPLETE])
    trend = scores(quality.quality(ctx))["trend"]
    assert trend[0] < trend[1] == 100
    assert ctx.reader.scalar("SELECT count(*) FROM change_set") == change_sets + 1


def test_nothing_is_scored_where_nothing_is(crm: Crm) -> None:
    crm("init")
    ran = crm("quality", "--fail-under", "90")
    assert (ran.status, ran.out) == (0, "Data quality\n\nno records yet\n")


@pytest.mark.parametrize(
    ("least", "status"), [("10", 0), ("99.9", 1), ("some", 5), ("nan", 5), ("101", 5)]
)
def test_cron_is_told_by_the_status(crm: Crm, least: str, status: int) -> None:
    crm("add-contact", "Ada Lovelace")
    assert crm("quality", "--fail-under", least).status == status


def test_programs_get_the_same(crm: Crm) -> None:
    crm("add-contact", "Ada Lovelace", "--email", "ada@acme.com")
    found = json.loads(crm("quality", "--by", "owner", "--json").out)
    assert set(found) == {"heading", "score", "scores", "owners", "mend", "worst"}
    assert found["scores"][0]["type"] == "contacts"
    assert found["scores"][0]["validity"] == 100
    assert crm("quality", "contacts", "completeness", "--format", "ids").out == "c1\n"


@pytest.mark.parametrize(
    "words",
    [
        ("tasks",),
        ("contacts", "beauty"),
        ("contacts", "a", "b"),
        ("contacts", "validity", "--fail-under", "9"),
    ],
)
def test_what_is_not_audited_is_said(crm: Crm, words: tuple[str, ...]) -> None:
    crm("init")
    assert crm("quality", *words).status == 2


def test_types_and_measures_have_near_names(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace")
    with pytest.raises(UnknownName) as refused:
        quality.records(ctx, "contact", "validty")
    assert refused.value.hint == "did you mean validity?"


# --- at the command line


def test_confirming_marks_the_records_of_a_query(crm: Crm) -> None:
    crm("add-contact", "Ada Lovelace", "--tag", "vip")
    crm("add-contact", "Grace Hopper", "--tag", "vip")
    assert crm("confirm", "contacts", "--where", "tag:vip", "--yes").status == 0
    assert crm("contacts", "confirmed:today", "--format", "ids").out == "c1\nc2\n"
    crm("undo")
    assert crm("contacts", "confirmed:any", "--format", "ids").out == ""
    crm("add-task", "Call")
    assert crm("confirm", "t1").status == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the program that opens is called otherwise")
def test_open_takes_the_address_that_works(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text("#!/bin/sh\nexit 0\n")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(opener.parent), prepend=os.pathsep)
    crm("add-contact", "Ada Lovelace", "--email", "ada@acme.com", "--email", "ada@home.org")
    assert crm("open", "c1", "mail").out == "opened mailto:ada@acme.com\n"
    crm("bounced", "ada@acme.com")
    assert crm("open", "c1", "mail").out == "opened mailto:ada@home.org\n"
    assert "(not valid)" in crm("show", "c1").out
    crm("bounced", "ada@home.org")
    assert crm("open", "c1", "mail").status == 3
