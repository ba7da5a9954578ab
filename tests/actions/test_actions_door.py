"""A new record that may be there already is noticed before it is added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crmcli.actions import records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.errors import Duplicate

Crm = Callable[..., Any]


def add(ctx: Context, noun: str, title: str, *assigns: str) -> tuple[str, ...]:
    done = records.add(ctx, noun, [read_assign(a) for a in assigns], title=title)
    return done.warnings


@pytest.mark.parametrize(
    ("title", "assigns", "why"),
    [
        ("Somebody", ("email=ADA@acme.com",), "same e-mail"),
        ("Somebody", ("phone=020 7946 0958",), "same phone"),
        ("ada  LOVELACE", (), "same name"),
        ("Ada Lovelace", ("email=ada@acme.com",), "same e-mail, same name"),
        ("Ada Lovelace", ("birthday=1990-12-11",), ""),
        ("Ada Love", (), ""),
    ],
)
def test_a_person_is_met(ctx: Context, title: str, assigns: tuple[str, ...], why: str) -> None:
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "phone=+44 20 7946 0958",
        "birthday=1990-12-10")  # fmt: skip
    warnings = add(ctx, "contact", title, *assigns)
    assert [w.rpartition(": ")[2] for w in warnings] == ([why] if why else [])


@pytest.mark.parametrize(
    ("title", "assigns", "met"),
    [
        ("ACME Inc.", (), True),
        ("Acme GmbH & Co. KG", (), True),
        ("Other", ("domain=acme.com",), True),
        ("Acme Labs", (), False),
        ("Acm", (), False),
    ],
)
def test_a_company_is_met(ctx: Context, title: str, assigns: tuple[str, ...], met: bool) -> None:
    add(ctx, "company", "Acme", "domain=acme.com")
    assert bool(add(ctx, "company", title, *assigns)) == met


def test_deleted_records_are_not_met(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace")
    records.delete(ctx, ["c1"])
    assert add(ctx, "contact", "Ada Lovelace") == ()


def test_a_duplicate_can_be_refused(ctx: Context) -> None:
    add(ctx, "contact", "Ada Lovelace")
    ctx.duplicates = "refuse"
    with pytest.raises(Duplicate) as problem:
        add(ctx, "contact", "Ada Lovelace")
    assert [each["handle"] for each in problem.value.details["candidates"]] == ["c1"]
    assert ctx.reader.scalar("SELECT count(*) FROM contact") == 1


def test_refusing_is_exit_status_4(crm: Crm) -> None:
    crm("add-company", "Acme")
    refused = crm("add-company", "Acme Ltd", "--refuse-duplicates")
    assert (refused.status, refused.out) == (4, "")
    assert "o1 Acme" in refused.err
    assert crm("add-company", "Acme Ltd").status == 0
