"""A small team's database, filled row by row, for all tests of queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests import engines

from crmcli.store.read import Reader, open_reader
from crmcli.store.write import Author, Writer, writing
from crmcli.values import Env
from crmcli.values.text import sort_key

NOW = "2026-03-05T09:00:00Z"
KEYS = {"name": "name_key", "title": "title_key", "city": "city_key"}
KEYED = {
    "contact": "name",
    "company": "name",
    "deal": "title",
    "app_user": "name",
    "tag": "name",
    "pipeline": "name",
    "source": "name",
    "segment": "name",
    "address": "city",
}
ROWS_ONLY = ("contact_point", "address", "tagging", "deal_contact", "activity_participant")


class Filler:
    """Inserts rows as they are."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def put(self, table: str, **row: Any) -> int:
        """Insert a row with its bookkeeping and keys; returns its id."""
        keyed = KEYED.get(table)
        if keyed and row.get(keyed):
            row[KEYS[keyed]] = sort_key(row[keyed])
        if table not in ROWS_ONLY:
            row = {"created_at": NOW, "updated_at": NOW, "version": 1, **row}
        id = self.writer.insert_log(table, row)
        self.writer.touched(table, id, id)
        return id

    def point(self, kind: str, value: str, key: str, **row: Any) -> None:
        """Insert an e-mail, phone, URL or profile."""
        row = {"is_primary": 1, "valid": 1, **row}
        self.put("contact_point", kind=kind, value=value, key=key, **row)

    def tag(self, record: str, id: int, tag_id: int) -> None:
        """Give a record a tag."""
        self.put("tagging", record=record, record_id=id, tag_id=tag_id)


@pytest.fixture(scope="session")
def env() -> Env:
    return Env(datetime(2026, 3, 5, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "GB", "EUR", "DMY")


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Iterator[Reader]:
    location = engines.location_of(tmp_path_factory.mktemp("queries") / "crm.db")
    with writing(location, Author("ada", NOW, "fill")) as writer:
        fill(Filler(writer))
    opened = open_reader(location)
    yield opened
    opened.close()


def fill(db: Filler) -> None:
    """Users ada, ben; companies o1 to o3; contacts c1 to c6; deals d1 to d4; tasks; activities."""
    ada = db.writer.user_id
    ben = db.put("app_user", name="ben", full_name="Benjamin Bit", email="Ben@team.com", active=1)
    vip = db.put("tag", name="VIP")
    press = db.put("tag", name="press")
    fair = db.put("source", name="Trade fair")
    db.put(
        "custom_field", record="contact", name="size", kind="choice", choices="S, M, L", required=0
    )
    db.put("custom_field", record="contact", name="score", kind="integer", required=0)
    db.put("custom_field", record="company", name="since", kind="day", required=0)
    acme = db.put(
        "company",
        name="Acme, Inc",
        domain="acme.com",
        industry="Retail",
        size=250,
        revenue=100_000_000,
        revenue_currency="EUR",
        founded=1999,
        owner_id=ada,
        custom='{"since": "2020-05-01"}',
    )
    initech = db.put("company", name="Initech", domain="initech.de", industry="ÖL & Gas")
    db.put("company", name="Acme Labs", parent_id=acme, founded=2010)
    lovelace = db.put(
        "contact",
        name="Ada Lovelace",
        first_name="Ada",
        status="customer",
        company_id=acme,
        owner_id=ada,
        source_id=fair,
        title="Countess",
        birthday="--12-10",
        do_not_contact=0,
        created_at="2026-01-10T08:00:00Z",
        keep_in_touch=30,
        custom='{"size": "M", "score": 7}',
    )
    mueller = db.put(
        "contact",
        name="Jürgen Müller",
        status="lead",
        company_id=initech,
        owner_id=ben,
        title="ÖKONOM",
        birthday="1980-03-20",
        do_not_contact=1,
        language="de",
        notes="likes\ntea",
        created_at="2026-03-01T08:00:00Z",
        custom='{"size": "L", "score": 12}',
    )
    obrien = db.put("contact", name="Pat O'Brien", status="lead", do_not_contact=0, company_id=acme)
    db.put("contact", name="=SUM(1;2) 100%_sure", status="lost", do_not_contact=0)
    db.put("contact", name="Ada Byron", status="former", do_not_contact=0)
    db.put("contact", name="Gone Girl", status="lead", do_not_contact=0, deleted_at=NOW)
    db.point("email", "Ada@acme.com", "ada@acme.com", contact_id=lovelace, label="work")
    db.point(
        "email", "ada@home.org", "ada@home.org", contact_id=lovelace, label="Home", is_primary=0
    )
    db.point("phone", "+442079460958", "442079460958", contact_id=lovelace)
    db.point("social", "linkedin:in/ada", "linkedin:in/ada", contact_id=lovelace)
    db.point("url", "https://ada.dev/about", "ada.dev/about", contact_id=lovelace)
    db.point("email", "j@initech.de", "j@initech.de", contact_id=mueller)
    db.point("email", "info@acme.com", "info@acme.com", company_id=acme)
    db.put(
        "address",
        contact_id=lovelace,
        city="London",
        country="GB",
        postcode="N1",
        is_primary=1,
        label="home",
    )
    db.put(
        "address", contact_id=mueller, city="Köln", country="DE", street="Domplatz 1", is_primary=1
    )
    db.put("address", company_id=acme, city="Berlin", country="DE", is_primary=1)
    db.tag("contact", lovelace, vip)
    db.tag("contact", lovelace, press)
    db.tag("contact", obrien, press)
    fill_work(db, ada, ben, acme, lovelace, mueller)


def fill_work(db: Filler, ada: int, ben: int, acme: int, lovelace: int, mueller: int) -> None:
    """Deals, tasks, activities and segments."""
    base = {"stage_since": NOW, "owner_id": ada}
    first = db.put(
        "deal",
        title="Acme renewal",
        value=1_200_000,
        currency="EUR",
        stage_id=3,
        company_id=acme,
        contact_id=lovelace,
        expected_close="2026-03-31",
        **base,
    )
    db.put(
        "deal",
        title="Tokyo pilot",
        value=12_000,
        currency="JPY",
        stage_id=1,
        expected_close="2026-02-01",
        **base,
    )
    db.put("deal", title="Gulf line", value=12_000_001, currency="KWD", stage_id=5, **base)
    db.put("deal", title="Nothing yet", stage_id=6, stage_since=NOW, owner_id=ben)
    db.put("deal_contact", deal_id=first, contact_id=mueller, label="Decider")
    task = {"priority": "normal", "status": "open", "owner_id": ada}
    db.put("task", title="Call Ada", due="2026-03-04", contact_id=lovelace, **task)
    db.put("task", title="Send offer", due="2026-03-05T15:00:00Z", deal_id=first, **task)
    db.put("task", title="Sharpen pencils", **{**task, "priority": "low"})
    db.put("task", title="Old thing", due="2026-01-01", **{**task, "status": "done"})
    call = db.put(
        "activity",
        type="call",
        subject="Price agreed",
        at="2026-03-04T10:00:00Z",
        planned=0,
        company_id=acme,
        owner_id=ada,
        duration=30,
    )
    db.put("activity_participant", activity_id=call, contact_id=lovelace)
    db.put("segment", name="Stars", record="contact", query="tag:vip or owner:ben")
    db.put("segment", name="Loop", record="contact", query="segment:loop2")
    db.put("segment", name="Loop2", record="contact", query="not:segment:Loop")
