"""Contacts and companies: names, e-mails and phones, addresses, employers, look-alikes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests import engines

from crmcli.actions import records, show
from crmcli.actions.assign import Assign, is_assign, read_assign
from crmcli.actions.context import Context
from crmcli.errors import Ambiguous, Conflict, CrmError, InvalidValue, NotFound, UsageError
from crmcli.results import Done


def add(ctx: Context, noun: str, title: str | None, *words: str) -> Done:
    return records.add(ctx, noun, [read_assign(word) for word in words], title=title)


def edit(ctx: Context, ref: str, *words: str) -> Done:
    return records.edit(ctx, [ref], [read_assign(word) for word in words])


def rows(ctx: Context, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    found = ctx.reader.rows(sql, params)
    ctx.close()
    return found


def points(ctx: Context, kind: str = "email", holder: str = "contact") -> list[tuple[Any, ...]]:
    """Value, label and whether primary of c1's or o1's; the primary first."""
    return rows(
        ctx,
        f"SELECT value, label, is_primary FROM contact_point WHERE {holder}_id = 1 AND kind = ?"
        " AND deleted_at IS NULL ORDER BY is_primary DESC, id",
        kind,
    )


# --- what is typed


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("title=CTO", Assign("title", "=", None, "CTO")),
        ("title=", Assign("title", "=", None, "")),
        ("email+=a@b.org", Assign("email", "+=", None, "a@b.org")),
        ("email-=a@b.org", Assign("email", "-=", None, "a@b.org")),
        ("email.work=a@b.org", Assign("email", "=", "work", "a@b.org")),
        ("email.work+=a@b.org", Assign("email", "+=", "work", "a@b.org")),
        ("notes=a=b", Assign("notes", "=", None, "a=b")),
        ("keep-in-touch=2w", Assign("keep_in_touch", "=", None, "2w")),
        ("größe=7", Assign("größe", "=", None, "7")),
        ("notes=two\nlines", Assign("notes", "=", None, "two\nlines")),
    ],
)
def test_an_assignment_is_field_operator_label_and_text(word: str, wanted: Assign) -> None:
    assert is_assign(word)
    assert read_assign(word) == wanted
    assert read_assign(wanted.shown) == wanted


@pytest.mark.parametrize("word", ["", "title", "=x", "1x=2", "tag:vip", "a b=c", "-x=1"])
def test_other_words_are_no_assignments(word: str) -> None:
    assert not is_assign(word)
    with pytest.raises(UsageError):
        read_assign(word)


# --- names


NAMES = [
    ("Ada Lovelace", ("Ada", None, "Lovelace")),
    ("Lovelace, Ada", ("Ada", None, "Lovelace")),
    ("Johann Sebastian Bach", ("Johann", "Sebastian", "Bach")),
    ("Ludwig van Beethoven", ("Ludwig", None, "van Beethoven")),
    ("Plato", ("Plato", None, None)),
]


@pytest.mark.parametrize(("name", "parts"), NAMES)
def test_a_full_name_is_split(ctx: Context, name: str, parts: tuple[str | None, ...]) -> None:
    add(ctx, "contact", name)
    assert rows(ctx, "SELECT name, first_name, middle_name, last_name FROM contact") == [
        (name, *parts)
    ]


def test_parts_make_the_full_name_and_keep_in_step(ctx: Context) -> None:
    add(ctx, "contact", None, "first_name=Ada", "last_name=Byron")
    assert rows(ctx, "SELECT name FROM contact") == [("Ada Byron",)]
    edit(ctx, "c1", "last_name=Lovelace")
    assert rows(ctx, "SELECT name, name_key FROM contact") == [("Ada Lovelace", "ada lovelace")]
    edit(ctx, "c1", "name=Augusta King")
    assert rows(ctx, "SELECT first_name, last_name FROM contact") == [("Augusta", "King")]


def test_a_contact_without_a_name_is_called_by_its_email(ctx: Context) -> None:
    add(ctx, "contact", None, "email=ada@acme.com")
    assert rows(ctx, "SELECT name FROM contact") == [("ada@acme.com",)]


def test_a_contact_keeps_a_name(ctx: Context) -> None:
    add(ctx, "contact", None, "first_name=Ada")
    for word in ("name=", "first_name="):
        with pytest.raises(InvalidValue):
            edit(ctx, "c1", word)


# --- e-mails and phones


Points = list[tuple[str, str | None, int]]
A, B, C = "a@x.org", "b@x.org", "c@x.org"
POINTS: list[tuple[tuple[str, ...], Points]] = [
    (("email+=" + B,), [(A, None, 1), (B, None, 0)]),
    (("email+=" + A.upper(),), [(A, None, 1)]),
    (("email=" + B,), [(B, None, 1)]),
    (("email.work=" + B,), [(A, None, 1), (B, "work", 0)]),
    (("email.work=" + B, "email.work=" + C), [(A, None, 1), (C, "work", 0)]),
    (("email.work=" + A,), [(A, "work", 1)]),
    (("email+=" + B, "email=" + B), [(B, None, 1), (A, None, 0)]),
    (("email+=" + B, "email-=" + A), [(B, None, 1)]),
    (("email-=" + A,), []),
    (("email=",), []),
    (("email.work=" + B, "email.work="), [(A, None, 1)]),
    (("email.work=" + B, "email="), []),
    (("email=", "email+=" + C), [(C, None, 1)]),
    (("email.home+=" + B, "email.home+=" + C), [(A, None, 1), (B, "home", 0), (C, "home", 0)]),
]


@pytest.mark.parametrize(("words", "wanted"), POINTS, ids=[" ".join(p[0]) for p in POINTS])
def test_of_many_emails_exactly_one_is_primary(
    ctx: Context, words: tuple[str, ...], wanted: Points
) -> None:
    add(ctx, "contact", "Ada Lovelace", f"email={A}")
    for word in words:
        edit(ctx, "c1", word)
    assert points(ctx) == wanted


@pytest.mark.parametrize(("words", "wanted"), POINTS, ids=[" ".join(p[0]) for p in POINTS])
def test_the_same_words_in_one_edit_do_the_same(
    ctx: Context, words: tuple[str, ...], wanted: Points
) -> None:
    add(ctx, "contact", "Ada Lovelace", f"email={A}")
    edit(ctx, "c1", *words)
    assert points(ctx) == wanted


def test_several_emails_can_be_given_at_once(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", f"email={A}", f"email={B}", f"email.home={C}")
    assert points(ctx) == [(A, None, 1), (B, None, 0), (C, "home", 0)]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("email-=z@x.org",), InvalidValue),
        (("email+=",), UsageError),
        (("email-=",), UsageError),
        (("email=no address",), InvalidValue),
        (("phone=12",), InvalidValue),
        (("title+=x",), UsageError),
        (("title.work=x",), UsageError),
        (("notes-=x",), UsageError),
        ((), UsageError),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    ctx: Context, words: tuple[str, ...], error: type[CrmError]
) -> None:
    add(ctx, "contact", "Ada Lovelace", f"email={A}")
    before = engines.snapshot(ctx.location.path)
    with pytest.raises(error) as caught:
        edit(ctx, "c1", *words)
    assert caught.value.message
    assert engines.snapshot(ctx.location.path) == before


def test_an_impossible_phone_is_kept_and_marked_when_asked(ctx: Context) -> None:
    ctx.env = ctx.env._replace(keep_invalid=True)
    add(ctx, "contact", "Ada", "phone=12", "phone=020 7946 0958")
    assert rows(ctx, "SELECT value, valid FROM contact_point ORDER BY id") == [
        ("12", 0),
        ("+442079460958", 1),
    ]


def test_a_profile_is_labelled_by_its_network(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "social=https://www.linkedin.com/in/ada")
    assert points(ctx, "social") == [("linkedin:in/ada", "linkedin", 1)]


def test_notes_grow_by_lines(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "notes=one")
    edit(ctx, "c1", "notes+=two")
    assert rows(ctx, "SELECT notes FROM contact") == [("one\ntwo",)]


# --- addresses


def addresses(ctx: Context) -> list[tuple[Any, ...]]:
    return rows(
        ctx,
        "SELECT label, street, postcode, city, country, is_primary FROM address"
        " WHERE contact_id = 1 AND deleted_at IS NULL ORDER BY is_primary DESC, id",
    )


HOME = ("home", "1 Main St", "10115", "Berlin", "DE", 1)
ADDRESSES: list[tuple[tuple[str, ...], list[tuple[Any, ...]]]] = [
    ((), [HOME]),
    (("city=Potsdam",), [("home", "1 Main St", "10115", "Potsdam", "DE", 1)]),
    (("address.work=2 High St, London",),
     [HOME, ("work", "2 High St", None, "London", None, 0)]),
    (("address.work=2 High St, London", "address.home="),
     [("work", "2 High St", None, "London", None, 1)]),
    (("address.work=2 High St, London", "address-=1 Main St"),
     [("work", "2 High St", None, "London", None, 1)]),
    (("address=",), []),
    (("street=", "city=", "postcode=", "country="), []),
    (("address=", "street="), []),
    (("address=", "city=Paris"), [(None, None, None, "Paris", None, 1)]),
]  # fmt: skip


@pytest.mark.parametrize(("words", "wanted"), ADDRESSES, ids=[" ".join(a[0]) for a in ADDRESSES])
def test_of_many_addresses_exactly_one_is_primary_and_none_is_empty(
    ctx: Context, words: tuple[str, ...], wanted: list[tuple[Any, ...]]
) -> None:
    add(ctx, "contact", "Ada", "address.home=1 Main St, 10115 Berlin, Germany")
    for word in words:
        edit(ctx, "c1", word)
    assert addresses(ctx) == wanted


def test_an_address_that_is_not_there_cannot_be_taken_away(ctx: Context) -> None:
    add(ctx, "contact", "Ada", "address=1 Main St, Berlin")
    with pytest.raises(InvalidValue, match="not there"):
        edit(ctx, "c1", "address-=9 Side St")


# --- employers


@pytest.mark.parametrize(
    ("words", "company"),
    [
        (("company=Acme",), "Acme"),
        (("company=ACME",), "Acme"),
        (("company=acme.com",), "Acme"),
        (("company=o1",), "Acme"),
        (("email=ada@acme.com",), "Acme"),
        (("email=ada@gmail.com",), None),
        (("email=ada@other.org",), None),
        (("company=", "email=ada@acme.com"), None),
        (("company=New Co",), "New Co"),
    ],
)
def test_a_company_is_found_by_name_or_domain_or_made(
    ctx: Context, words: tuple[str, ...], company: str | None
) -> None:
    add(ctx, "company", "Acme", "domain=acme.com")
    add(ctx, "company", "Google", "domain=gmail.com")
    add(ctx, "contact", "Ada Lovelace", *words)
    found = rows(ctx, "SELECT o.name FROM contact c LEFT JOIN company o ON o.id = c.company_id")
    assert found == [(company,)]


def test_a_company_named_by_its_domain_has_it(ctx: Context) -> None:
    done = add(ctx, "contact", "Ada", "company=navy.mil")
    assert rows(ctx, "SELECT name, domain, owner_id FROM company") == [("navy.mil", "navy.mil", 1)]
    assert done.lines == ("Made company o1 navy.mil", "Added c1 Ada")


def test_an_edit_says_which_company_it_made(ctx: Context) -> None:
    add(ctx, "contact", "Ada")
    assert "Made company o1 Acme" in edit(ctx, "c1", "company=Acme").lines


def test_a_company_takes_its_domain_from_its_page(ctx: Context) -> None:
    add(ctx, "company", "Navy", "url=https://www.navy.mil/about")
    assert rows(ctx, "SELECT domain FROM company") == [("navy.mil",)]


def test_a_company_cannot_belong_to_itself(ctx: Context) -> None:
    add(ctx, "company", "Acme")
    with pytest.raises(InvalidValue, match="itself"):
        edit(ctx, "o1", "parent=o1")


# --- who is meant


def test_somebody_with_the_same_email_or_phone_is_named(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "phone=020 7946 0958")
    done = add(ctx, "contact", "A. Lovelace", "email=ADA@acme.com")
    assert [w.partition(": ")[2] for w in done.warnings] == [
        "c1 Ada Lovelace, ada@acme.com: same e-mail"
    ]
    done = add(ctx, "contact", "Other", "phone=+44 20 7946 0958")
    assert done.warnings[0].endswith("c1 Ada Lovelace, ada@acme.com: same phone")
    records.delete(ctx, ["c1", "c2"])
    assert "c1" not in " ".join(add(ctx, "contact", "New", "phone=020 7946 0958").warnings)


def test_a_part_of_a_name_is_a_question_before_a_write(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace")
    with pytest.raises(Ambiguous) as error:
        edit(ctx, "ada", "title=Countess")
    assert error.value.exit_status == 4
    assert error.value.details["candidates"][0]["handle"] == "c1"
    ctx.chosen["ada"] = "c1"
    assert edit(ctx, "ada", "title=Countess").records == ("c1",)
    ctx.chosen.clear()
    ctx.accept_partial = True
    assert edit(ctx, "ada", "title=Dame").records == ("c1",)


def test_two_of_a_name_are_never_decided(ctx: Context) -> None:
    ctx.accept_partial = True
    for _ in range(2):
        add(ctx, "contact", "Ada Lovelace")
    with pytest.raises(Ambiguous) as error:
        records.delete(ctx, ["Ada Lovelace"])
    assert [c["handle"] for c in error.value.details["candidates"]] == ["c1", "c2"]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: edit(c, "c99", "title=x"), NotFound),
        (lambda c: edit(c, "c" + "9" * 30, "title=x"), NotFound),
        (lambda c: records.delete(c, ["nobody"]), NotFound),
        (lambda c: records.restore(c, ["Ada"]), UsageError),
        (lambda c: records.restore(c, ["c99"]), NotFound),
        (lambda c: records.restore(c, ["c" + "9" * 30]), UsageError),
        (lambda c: records.tag(c, ["c1"], [" , "]), UsageError),
        (lambda c: records.assign(c, ["c1"], "nobody"), NotFound),
        (lambda c: records.assign(c, ["tg1"], "me"), InvalidValue),
        (lambda c: records.delete(c, ["u1"]), Conflict),
        (lambda c: records.link(c, "c1", "knows", "c99"), NotFound),
        (lambda c: records.reopen(c, ["c1"]), NotFound),
        (lambda c: add(c, "contact", "Ada", "company=o99"), NotFound),
        (lambda c: add(c, "tag", "VIP"), Conflict),
    ],
)
def test_a_wrong_word_is_an_error_that_changes_nothing(
    ctx: Context, act: Callable[[Context], Done], error: type[CrmError]
) -> None:
    add(ctx, "contact", "Ada", "tags=vip")
    before = engines.snapshot(ctx.location.path)
    with pytest.raises(error):
        act(ctx)
    assert engines.snapshot(ctx.location.path) == before


def test_several_records_are_changed_in_one_change_set(ctx: Context) -> None:
    for name in ("Ada", "Grace", "Alan"):
        add(ctx, "contact", name)
    done = records.tag(ctx, ["c1,c2", "c3", "c1"], ["vip"])
    assert done.records == ("c1", "c2", "c3")
    assert done.change_set == "h4"


@pytest.mark.parametrize(
    ("noun", "typed", "said"),
    [
        ("deal", ["value=12k", "close=30 Nov"], ", value €12,000, expected close 30 Nov 2026"),
        ("task", ["due=tomorrow 9am", "priority=high"], ", due tomorrow 09:00"),
        ("task", ["due=next tuesday"], ", due in 6 days"),
        ("contact", ["birthday=3/5", "renewal=5/6/26"], ", birthday 3 May, renewal 5 Jun 2026"),
        ("task", ["every=every friday"], ", due in 2 days"),
        ("activity", ["type=call"], ", at today 10:15"),
    ],
)
def test_what_may_be_read_in_many_ways_or_was_chosen_is_said(
    ctx: Context, noun: str, typed: list[str], said: str
) -> None:
    add(ctx, "field", "renewal", "record=contact", "kind=day")
    line = add(ctx, noun, "Engine", *typed).lines[-1]
    assert line.partition("Engine")[2] == said


def test_a_dry_run_tells_what_would_be_and_changes_nothing(ctx: Context) -> None:
    add(ctx, "contact", "Ada")
    before = engines.snapshot(ctx.location.path)
    ctx.dry_run = True
    done = edit(ctx, "c1", "title=Countess", "company=Acme")
    assert (done.dry_run, done.change_set) == (True, None)
    assert engines.snapshot(ctx.location.path) == before


def test_a_card_shows_all_that_belongs_to_a_person(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=a@x.org", "company=Acme", "tags=vip", "city=Berlin")
    add(ctx, "deal", "Engine", "contact=c1", "value=5000")
    facts = {fact.name: fact.value for fact in show.show(ctx, "c1").facts}
    assert (facts["company"], facts["status"]) == ("Acme", "qualified")
    assert [point.value for point in facts["address"]] == ["Berlin"]
    assert [section.name for section in show.show(ctx, "c1").sections] == ["deals"]
