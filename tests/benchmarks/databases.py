"""Databases of a given size, made by bulk SQL, the same on every run."""

from __future__ import annotations

import csv
import hashlib
import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from crmcli.store import schema, search
from crmcli.store.location import Location

FIRST = ("Ada", "Alan", "Bela", "Carla", "Edsger", "Frances", "Grace", "Ivan", "Jean", "Linus")
STARTS = ("Ba", "Do", "Ke", "Li", "Mo", "Nu", "Ra", "Si", "To", "Ve", "Wa", "Zo", "Sha", "Tri")
MIDDLES = ("be", "di", "fo", "ga", "hu", "je", "ka", "lo", "mi", "nu", "pe", "ri", "sto", "va")
ENDS = ("berg", "dal", "ford", "gren", "ham", "ini", "kov", "land", "man", "nez", "poulos", "ski")
CITIES = ("Berlin", "Lyon", "Porto", "Leeds", "Austin", "Osaka", "Lima", "Oslo")
TITLES = ("CTO", "Buyer", "Head of Sales", "Engineer", "Founder")
TEAM = ("ada", "bob", "eve", "max")
OPEN_TASKS = 400
CADENCES = 500
"""Tasks and keep-in-touch intervals are what four people can look after, whatever the size."""


class Size(NamedTuple):
    """How many contacts and deals."""

    contacts: int
    deals: int


def database(folder: Path, size: Size) -> Path:
    """The path of a database of that size; made where it is missing or of an older shape."""
    path = folder / f"{size.contacts}-{size.deals}-{_shape()}.db"
    if not path.exists():
        draft = path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        # In a process of its own: one that starts others lends them its largest size as theirs.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            apart.submit(_make, draft, size).result()
        draft.rename(path)
    return path


def people_csv(folder: Path, rows: int, first: int = 1) -> Path:
    """A CSV file of people, from number `first`, as an export of another program would look."""
    path = folder / f"people-{rows}-from-{first}.csv"
    if not path.exists():
        head = ("First Name", "Last Name", "Email", "Phone", "Company", "Job Title", "City", "Note")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(head)
            writer.writerows(_person(number) for number in range(first, first + rows))
    return path


def name_of(number: int) -> str:
    """The name of contact `number`."""
    return f"{FIRST[number % len(FIRST)]} {_surname(number)}"


def _shape() -> str:
    """A digest of what the databases depend on: the schema, this file, and the day."""
    day = datetime.now(UTC).date().isoformat()
    text = "".join([*schema.statements(), Path(__file__).read_text("utf-8"), day])
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _surname(number: int) -> str:
    dice = random.Random(number)
    return "".join(dice.choice(parts) for parts in (STARTS, MIDDLES, MIDDLES, ENDS))


def _phone(number: int) -> str:
    area, line = 201 + number % 700, number % 10000
    exchange = 200 + number // 10000 % 800
    return (
        f"({area}) {exchange}-{line:04}",
        f"+44 20 7{exchange} {line:04}",
        f"{area}-{exchange}-{line:04}",
        f"+49 30 {100000 + number % 900000}",
    )[number % 4]


def _person(number: int) -> tuple[str, ...]:
    first, last = name_of(number).split()
    return (
        first,
        last,
        f"{first}.{last}.{number}@example.com",
        _phone(number),
        f"Company {number % 2000}",
        TITLES[number % len(TITLES)],
        CITIES[number % len(CITIES)],
        "met at the fair",
    )


class _Maker:
    """Fills one new database."""

    def __init__(self, connection: sqlite3.Connection, size: Size) -> None:
        self.connection = connection
        self.size = size
        self.companies = max(size.contacts // 10, 10)
        self.now = datetime.now(UTC).replace(microsecond=0)

    def moment(self, days: float) -> str:
        """A stored moment that many days from now."""
        return (self.now + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def insert(self, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
        """Insert records or other rows; records get their bookkeeping."""
        marks = ", ".join("?" * len(columns.split(",")))
        self.connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)

    def records(self, table: str, columns: str, rows: Iterator[Sequence[object]]) -> None:
        """Insert records, which have a creation time and a version."""
        made = self.moment(-90)
        full = ((made, made, 1, *row) for row in rows)
        self.insert(table, f"created_at, updated_at, version, {columns}", full)

    def all(self) -> None:
        """Fill every table."""
        self.people()
        self.reached()
        self.sales()
        self.work()

    def people(self) -> None:
        """Users, companies, contacts."""
        self.records("app_user", "name, name_key, active", ((name, name, 1) for name in TEAM))
        names = (f"Company {number}" for number in range(1, self.companies + 1))
        self.records(
            "company",
            "name, name_key, domain, industry, owner_id",
            (
                (name, name.casefold(), f"{name.replace(' ', '').lower()}.com", "retail", 1)
                for name in names
            ),
        )
        self.records(
            "contact",
            "name, name_key, title, status, do_not_contact, company_id, owner_id, keep_in_touch",
            (self.contact(number) for number in range(1, self.size.contacts + 1)),
        )

    def contact(self, number: int) -> tuple[object, ...]:
        """One contact."""
        name = name_of(number)
        return (
            name,
            name.casefold(),
            TITLES[number % len(TITLES)],
            ("lead", "qualified", "customer")[number % 3],
            0,
            number % self.companies + 1,
            number % 4 + 1,
            30 if number <= CADENCES else None,
        )

    def reached(self) -> None:
        """E-mails, phones and addresses of the contacts."""
        numbers = range(1, self.size.contacts + 1)
        emails = (f"{name_of(number).replace(' ', '.').lower()}{number}@example.com"
                  for number in numbers)  # fmt: skip
        columns = "contact_id, kind, value, key, is_primary, valid"
        self.insert(
            "contact_point",
            columns,
            ((number, "email", mail, mail, 1, 1) for number, mail in enumerate(emails, 1)),
        )
        phones = (f"+1212{5550000 + number}" for number in numbers)
        self.insert(
            "contact_point",
            columns,
            ((number, "phone", phone, phone, 1, 1) for number, phone in enumerate(phones, 1)),
        )
        self.insert(
            "address",
            "contact_id, city, city_key, country, is_primary",
            (
                (number, city, city.casefold(), "DE", 1)
                for number in numbers
                for city in (CITIES[number % len(CITIES)],)
            ),
        )

    def sales(self) -> None:
        """Deals over three years in all stages, each with its history."""
        self.records(
            "deal",
            "title, title_key, value, currency, stage_id, expected_close, company_id,"
            " contact_id, owner_id, stage_since, closed_at",
            (self.deal(number) for number in range(1, self.size.deals + 1)),
        )
        self.connection.execute(
            "INSERT INTO stage_change (deal_id, stage_id, at, user_id)"
            " SELECT id, stage_id, stage_since, owner_id FROM deal"
        )

    def deal(self, number: int) -> tuple[object, ...]:
        """One deal: the first thousand open and new, of the rest four in ten open."""
        place = 0 if number <= 1000 else number % 10
        stage = (1, 2, 3, 4, 5, 5, 5, 6, 6, 6)[place]
        closed = self.moment(-(number % 1000)) if stage > 4 else None
        title = f"Deal {number} with {name_of(number % self.size.contacts + 1)}"
        return (
            title,
            title.casefold(),
            (number % 500 + 1) * 10000,
            "EUR" if number % 3 else "USD",
            stage,
            self.moment(number % 120 - 30)[:10],
            number % self.companies + 1,
            number % self.size.contacts + 1,
            number % 4 + 1,
            self.moment(-(number % 60)),
            closed,
        )

    def work(self) -> None:
        """Activities, and the tasks that four people have."""
        self.records(
            "activity",
            "type, subject, at, planned, company_id, owner_id",
            (
                ("call", "Talked about price", self.moment(-(number % 700) - 1), 0,
                 number % self.companies + 1, number % 4 + 1)
                for number in range(1, self.size.contacts // 2 + 1)
            ),
        )  # fmt: skip
        self.connection.execute(
            "INSERT INTO activity_participant (activity_id, contact_id) SELECT id, id FROM activity"
        )
        self.records(
            "task",
            "title, due, status, priority, contact_id, deal_id, owner_id",
            (
                (f"Call back {number}", self.moment(number % 90 - 30)[:10], "open", "normal",
                 number % self.size.contacts + 1, number % self.size.deals + 1, number % 4 + 1)
                for number in range(1, OPEN_TASKS + 1)
            ),
        )  # fmt: skip


def _make(path: Path, size: Size) -> None:
    schema.ensure(Location(path, given=True), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    _Maker(connection, size).all()
    search.rebuild(connection)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
