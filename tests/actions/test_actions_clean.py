"""Cleaning writes values as they should be, and leaves alone what was written with care."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crmcli.actions import journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.clean import clean, preview
from crmcli.actions.context import Context
from crmcli.actions.dupes import noun_and_query
from crmcli.values.postcodes import postcode_of
from crmcli.values.tidy import tidy, tidy_name


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("ADA LOVELACE", "Ada Lovelace"),
        ("ada  lovelace", "Ada Lovelace"),
        ("LUDWIG VAN BEETHOVEN", "Ludwig van Beethoven"),
        ("van gogh", "Van Gogh"),
        ("SEAN O'NEILL", "Sean O'Neill"),
        ("ronald mcdonald", "Ronald McDonald"),
        ("JEAN-LUC PICARD", "Jean-Luc Picard"),
        ("J.R. EWING III", "J.R. Ewing III"),
        ("Anna deVries", "Anna deVries"),
        ("IBM", "IBM"),
        ("山田 太郎", "山田 太郎"),
        ("GRACE HOPPER PHD", "Grace Hopper PhD"),
        ("x", "x"),
    ],
)
def test_case(typed: str, tidied: str) -> None:
    assert tidy(typed) == tidied
    assert tidy(tidied) == tidied


def test_a_last_name_may_begin_small() -> None:
    assert tidy("VAN DER BERG", inside=True) == "van der Berg"


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("lovelace, ada", "Ada Lovelace"),
        ("van der Berg, Anna", "Anna van der Berg"),
        ("Ada Lovelace, PhD", "Ada Lovelace, PhD"),
        ("Acme, Inc.", "Acme, Inc."),
        ("DR. ADA LOVELACE", "Dr. Ada Lovelace"),
    ],
)
def test_a_name_that_was_turned_is_turned_back(typed: str, tidied: str) -> None:
    assert tidy_name(typed) == tidied
    assert tidy_name(tidied) == tidied


def test_the_parts_of_a_name_follow_it(ctx: Context) -> None:
    add(ctx, "DR. LUDWIG VAN BEETHOVEN PHD")
    clean(ctx, "contact")
    sql = "SELECT name, prefix, first_name, last_name, suffix FROM contacts"
    whole = ("Dr. Ludwig van Beethoven PhD", "Dr.", "Ludwig", "van Beethoven", "PhD")
    assert ctx.reader.row(sql) == whole


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "m1 1ae", "M1 1AE"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("NL", "1012ab", "1012 AB"),
        ("PL", "00 950", "00-950"),
        ("US", "941031234", "94103-1234"),
        ("US", "94103", "94103"),
        ("DE", "D-10115", "10115"),
        ("GB", "10115", "10115"),
        ("", "1012  ab", "1012 AB"),
    ],
)
def test_postcodes_are_written_as_in_their_countries(
    country: str, typed: str, written: str
) -> None:
    assert postcode_of(country, typed) == written
    assert postcode_of(country, written) == written


def add(ctx: Context, title: str, *assigns: str) -> None:
    records.add(ctx, "contact", [read_assign(a) for a in assigns], title=title)


def test_what_would_change_is_shown_done_and_undone(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    ctx.env = ctx.env._replace(keep_invalid=True)
    add(ctx, "ADA LOVELACE", "city=LONDON", "postcode=sw1a 1aa")
    add(ctx, "Grace Hopper", "city=New York")
    before = content(db)
    rows = {(handle, field): after for handle, field, _b, after in preview(ctx, "contact").rows}
    assert rows["c1", "name"] == "Ada Lovelace"
    assert rows["c1", "city"] == "London"
    assert all(handle == "c1" for handle, _field in rows)
    done = clean(ctx, "contact")
    assert done.records == ("c1",)
    assert ctx.reader.row("SELECT name, last_name, city FROM contacts WHERE id = 1") == (
        "Ada Lovelace", "Lovelace", "London",
    )  # fmt: skip
    assert preview(ctx, "contact").rows == ()
    journal.undo(ctx)
    assert content(db) == before


def test_a_query_says_which(ctx: Context) -> None:
    add(ctx, "ADA LOVELACE", "tags=vip")
    add(ctx, "GRACE HOPPER")
    assert clean(ctx, "contact", ["tag:vip"]).records == ("c1",)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((), ("contact", ())),
        (("companies",), ("company", ())),
        (("contact", "tag:vip"), ("contact", ("tag:vip",))),
        (("tag:vip", "Berlin"), ("contact", ("tag:vip", "Berlin"))),
    ],
)
def test_a_query_without_a_noun_is_about_contacts(
    words: tuple[str, ...], meant: tuple[str, tuple[str, ...]]
) -> None:
    assert noun_and_query(words) == meant


def test_deals_are_not_cleaned(crm: Callable[..., Any]) -> None:
    assert crm("clean", "deals").status == 2


def test_a_dry_run_changes_nothing(ctx: Context, db: Path, content: Callable[[Path], Any]) -> None:
    add(ctx, "ADA LOVELACE")
    before = content(db)
    ctx.dry_run = True
    assert clean(ctx, "contact").records == ("c1",)
    assert content(db) == before
