"""No common read goes through all rows of a large table, on either engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from postgres_tools import ENV
from tests import engines
from tests.benchmarks.databases import Size, database, name_of
from tests.surroundings import Crm

from crmcli.actions import journal, show
from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.config import defaults
from crmcli.errors import Ambiguous, NotFound
from crmcli.queries.complete import records
from crmcli.queries.listing import listing
from crmcli.queries.pipeline import pipeline
from crmcli.queries.reports import report
from crmcli.queries.resolve import resolve
from crmcli.queries.search import search
from crmcli.queries.today import today
from crmcli.store import copying
from crmcli.store.location import Location
from crmcli.store.read import Reader, open_reader

LARGE = 5000  # rows from which a table must not be read whole
SIZE = Size(20_000, 20_000)
NOW = ENV._replace(now=datetime.now(UTC))  # the databases lie around the present day

# What goes through all rows on purpose, or stops after the first ones: the number of all records,
# whether there is any, the newest by their handles.
_ENDS_SOON = re.compile(
    r"^SELECT (?:count\(\*\) FROM \w+ t WHERE t\.deleted_at IS NULL"
    r"|1 FROM \w+ WHERE deleted_at IS NULL LIMIT 1"
    r"|t\.id FROM \w+ t WHERE t\.deleted_at IS NULL ORDER BY t\.id DESC LIMIT \?)$"
)


class Watched:
    """A reader that asks for the plan of each query before it runs it."""

    def __init__(self, reader: Reader, large: set[str]) -> None:
        self._reader = reader
        self._large = large
        self.location = reader.location
        self.scans: list[str] = []

    def rows(self, sql: str, params: Any = ()) -> list[tuple[Any, ...]]:
        if not _ENDS_SOON.search(sql):
            plan = self._on_server if self.location.url else self._in_file
            scanned = plan(sql, params) & self._large
            self.scans += [f"{table}: {sql} {list(params)}" for table in scanned]
        return self._reader.rows(sql, params)

    def row(self, sql: str, params: Any = ()) -> tuple[Any, ...] | None:
        found = self.rows(sql, params)
        return found[0] if found else None

    def scalar(self, sql: str, params: Any = ()) -> Any:
        found = self.row(sql, params)
        return found[0] if found else None

    def close(self) -> None:
        """Stays open for the next question."""

    def _in_file(self, sql: str, params: Any) -> set[str]:
        """The tables that SQLite would read row by row, by their aliases."""
        plan = [row[3] for row in self._reader.rows(f"EXPLAIN QUERY PLAN {sql}", params)]
        scans = (re.fullmatch(r"SCAN (\w+)\b(?! (?:USING|VIRTUAL)).*", line) for line in plan)
        return {_table(sql, match[1]) for match in scans if match}

    def _on_server(self, sql: str, params: Any) -> set[str]:
        """The tables that PostgreSQL would read row by row, more than a few of them."""
        (plan,) = self._reader.rows(f"EXPLAIN (FORMAT JSON) {sql}", params)[0]
        return {
            node["Relation Name"]
            for node in _nodes(json.loads(plan)[0]["Plan"])
            if node["Node Type"] == "Seq Scan"
        }


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _table(sql: str, alias: str) -> str:
    match = re.search(rf"\b(?:FROM|JOIN)\s+(\w+)\s+(?:AS\s+)?{alias}\b", sql)
    return match[1] if match else alias


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Location:
    return Location(database(tmp_path_factory.mktemp("plans"), SIZE), given=True)


@pytest.fixture(scope="module", params=engines.ENGINES)
def watched(
    request: pytest.FixtureRequest, file: Location, server: engines.Server
) -> Iterator[Watched]:
    location = file
    if request.param == engines.POSTGRESQL:
        name = server.empty()
        location = Location(Path(name), given=True, url=server.url(name))
        copying.copy(file, location, engines.MADE)
        server.run("VACUUM ANALYZE", name)
    reader = open_reader(location)
    if location.url:
        reader.rows("SELECT set_config('random_page_cost', '1.1', false)")  # as for an SSD
    counts = {t.name: reader.scalar(f"SELECT count(*) FROM {t.name}") for t in copying.tables()}
    large = {table for table, count in counts.items() if count >= LARGE} | {"search"}
    assert {"contact", "deal", "contact_point"} <= large
    yield Watched(reader, large)
    reader.close()
    if location.url:
        server.drop(location.path.name)


def rows_of(noun: str, *terms: str, sort: str | None = None) -> Callable[[Any], Any]:
    return lambda reader: listing(reader, NOW, BY_NAME[noun], terms, sort=sort, limit=50)


def found(text: str, *nouns: str) -> Callable[[Any], Any]:
    """The looking up of a word, whether it is one record, several or none."""

    def read(reader: Any) -> None:
        with suppress(Ambiguous, NotFound):
            resolve(reader, NOW, text, nouns)

    return read


def reported(name: str, period: str | None = None, by: str | None = None) -> Callable[[Any], Any]:
    return lambda reader: report(reader, NOW, name, period=period, by=by)


def acted(act: Callable[[Context], Any]) -> Callable[[Any], Any]:
    """An action, on a context that reads through the watched reader."""
    return lambda reader: act(
        Context(reader.location, NOW, defaults(), "ada", "crm", _reader=reader)
    )


# Not among them: what asks for most rows or for a part of a word, which reads all of them.
READS: dict[str, Callable[[Any], Any]] = {
    "contacts": rows_of("contact"),
    "contacts by newest": rows_of("contact", sort="-created"),
    "contacts of a company": rows_of("contact", "company:o17"),
    "contacts of an owner": rows_of("contact", "owner:ada"),
    "contacts by e-mail": rows_of("contact", "email:=x77@acme.com"),
    "contacts by phone": rows_of("contact", "phone:=+4930123456"),
    "contacts by tag": rows_of("contact", "tag:vip"),
    "contacts by words": rows_of("contact", "shabeford"),
    "contacts by the name": rows_of("contact", f'name:="{name_of(77)}"'),
    "contacts of a status": rows_of("contact", "status:customer"),
    "contacts of a city": rows_of("contact", "city:=Trondheim"),
    "contacts created today": rows_of("contact", "created:today"),
    "contacts by handles": rows_of("contact", "handle:c7,c77,c777"),
    "companies": rows_of("company"),
    "companies by domain": rows_of("company", "domain:=company17.com"),
    "deals": rows_of("deal"),
    "deals of a stage": rows_of("deal", "stage:proposal"),
    "deals of a contact": rows_of("deal", "contact:c77"),
    "deals of a company": rows_of("deal", "company:o17"),
    "deals of an owner that are open": rows_of("deal", "owner:ada", "stage.type:open"),
    "deals to close this week": rows_of("deal", "close:this week"),
    "deals closed this month": rows_of("deal", "closed:this month"),
    "tasks": rows_of("task"),
    "tasks due": rows_of("task", "due:..today"),
    "tasks of a deal": rows_of("task", "deal:d77"),
    "activities": rows_of("activity"),
    "activities of a contact": rows_of("activity", "contacts:c77"),
    "activities of this week": rows_of("activity", "at:this week"),
    "pipeline": lambda reader: pipeline(reader, NOW),
    "pipeline with deals": lambda reader: pipeline(reader, NOW, deals=True),
    "today": lambda reader: today(reader, NOW, me="ada"),
    "report of the pipeline": reported("pipeline"),
    "report of deals won": reported("won", "this month"),
    "report of deals lost": reported("lost", "this month", "reason"),
    "report of activities": reported("activity", "this week"),
    "report of conversion": reported("conversion", "this week"),
    "report of velocity": reported("velocity", "this month"),
    "report of the forecast": reported("forecast"),
    "leaderboard": reported("leaderboard", "this week"),
    "show a contact": acted(lambda ctx: show.show(ctx, "c77")),
    "show a company": acted(lambda ctx: show.show(ctx, "o17")),
    "show a deal": acted(lambda ctx: show.show(ctx, "d77")),
    "history": acted(lambda ctx: journal.history(ctx, (), 50)),
    "history of a contact": acted(lambda ctx: journal.history(ctx, ["c77"], 50)),
    "search": lambda reader: search(reader, NOW, name_of(77)),
    "search by a beginning": lambda reader: search(reader, NOW, name_of(77)[:6]),
    "search with a slip": lambda reader: search(reader, NOW, "Adda Shabefrod"),
    "a record by its handle": found("c77"),
    "a record by its name": found(name_of(77), "contact"),
    "a record by a part of its name": found(name_of(77).split()[1][:6], "contact"),
    "a record by its e-mail": found(
        f"{name_of(77).replace(' ', '.').lower()}77@example.com", "contact"
    ),
    "a company by its domain": found("company17.com", "company"),
    "a deal by its title": found("Deal 77", "deal"),
    "completion": lambda reader: records(reader, "ad"),
}


@pytest.mark.parametrize("read", READS)
def test_it_reads_no_large_table_whole(watched: Watched, read: str) -> None:
    watched.scans = []
    READS[read](watched)
    assert watched.scans == []


def test_a_server_knows_how_large_an_import_has_made_its_tables(
    crm: Crm, server: engines.Server, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    rows = (f"Ada {n},ada{n}@example.com" for n in range(300))
    file.write_text("\n".join(["name,email", *rows]))
    name = server.made()
    assert crm("import", str(file), "--db", server.url(name)).status == 0
    known = server.run(
        "SELECT relname, CAST(reltuples AS integer) FROM pg_class"
        " WHERE relname IN ('contact', 'contact_point')", name,
    )  # fmt: skip
    assert dict(known) == {"contact": 300, "contact_point": 300}
    server.drop(name)
