"""A copy holds everything that its source held, in either direction, or changes nothing."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.benchmarks.databases import Size, database
from tests.surroundings import Crm

from crmcli.errors import DatabaseError, UsageError
from crmcli.store import backup, connect, copying
from crmcli.store.location import Location
from crmcli.store.read import open_reader
from crmcli.store.sealing import Keys

NOW = engines.MADE


def held(location: Location) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, the journal included."""
    with closing(open_reader(location)) as reader:
        return {table.name: reader.rows(table.select) for table in copying.tables()}


def next_ids(location: Location) -> dict[str, int]:
    with closing(connect.connect(location)) as connection:
        return {
            table.name: connect.next_id(connection, table.name)
            for table in copying.tables()
            if table.key == "id"
        }


def test_there_and_back_everything_is_the_same(
    in_file: Location, on_server: Location, tmp_path: Path
) -> None:
    back = Location(tmp_path / "back.db", given=True)
    copied = copying.copy(on_server, back, NOW)
    assert held(on_server) == held(in_file)
    assert held(back) == held(in_file)
    assert sum(table.rows for table in copied) == sum(map(len, held(in_file).values()))


def test_handles_go_on_where_they_were_also_after_the_newest_was_erased(
    tmp_path: Path, elsewhere: Location
) -> None:
    source = Location(tmp_path / "source.db", given=True)
    copying.schema.ensure(source, NOW)
    with closing(connect.connect(source)) as connection:
        connection.execute("INSERT INTO tag (id, name, name_key, created_at, updated_at, version)"
                           " VALUES (41, 'x', 'x', 't', 't', 1)")  # fmt: skip
        connection.execute("DELETE FROM tag")
    copying.copy(source, elsewhere, NOW)
    back = Location(tmp_path / "back.db", given=True)
    copying.copy(elsewhere, back, NOW)
    assert next_ids(source)["tag"] == 42
    assert next_ids(elsewhere) == next_ids(back) == next_ids(source)


def test_what_was_copied_is_found_and_whole(on_server: Location) -> None:
    with closing(open_reader(on_server)) as reader:
        name = reader.scalar("SELECT name FROM contact WHERE id = 5")
        sql = "SELECT count(*) FROM search WHERE search MATCH ?"
        assert reader.scalar(sql, [f'"{name.split()[-1]}"']) >= 1
        assert reader.scalar("SELECT count(*) FROM contacts") == 600


def test_records_are_replaced_only_when_that_was_said(
    in_file: Location, tmp_path: Path, elsewhere: Location
) -> None:
    for target in (Location(tmp_path / "target.db", given=True), elsewhere):
        copying.copy(in_file, target, NOW)
        with pytest.raises(UsageError, match="holds records already"):
            copying.copy(in_file, target, NOW)
        with closing(connect.connect(target)) as connection:
            connection.execute("UPDATE contact SET title = 'Countess'")
        copying.copy(in_file, target, NOW, replace=True)
        assert held(target) == held(in_file)


def test_a_dry_run_copies_nothing(in_file: Location, elsewhere: Location) -> None:
    assert copying.copy(in_file, elsewhere, NOW, keep=False)
    assert copying.is_empty(elsewhere)


def test_a_copy_onto_itself_is_refused(in_file: Location, on_server: Location) -> None:
    for location in (in_file, on_server):
        with pytest.raises(UsageError, match="same database"):
            copying.copy(location, location, NOW, replace=True)


def test_what_does_not_arrive_as_it_left_takes_all_of_it_back(
    in_file: Location, elsewhere: Location
) -> None:
    copying.schema.ensure(elsewhere, NOW)
    with closing(connect.connect(elsewhere)) as connection:
        connection.execute(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.title := 'spoilt'; RETURN NEW; END $$"
        )
        connection.execute(
            "CREATE TRIGGER spoiling BEFORE INSERT ON contact FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    with pytest.raises(DatabaseError, match="contact is not what was copied"):
        copying.copy(in_file, elsewhere, NOW)
    assert copying.is_empty(elsewhere)


def test_progress_counts_every_row(in_file: Location, elsewhere: Location) -> None:
    steps: list[int] = []
    copied = copying.copy(in_file, elsewhere, NOW, advance=steps.append)
    assert sum(steps) == sum(table.rows for table in copied)


@pytest.mark.sqlite_only
def test_the_command_copies_and_asks_before_it_replaces(
    crm: Crm, db: Path, elsewhere: Location
) -> None:
    assert crm("add-contact", "Ada", "--email", "ada@acme.com").status == 0
    ran = crm("db", "copy", str(db), elsewhere.url, "--json")
    assert ran.status == 0, ran
    tables = {each["table"]: each for each in json.loads(ran.out)["tables"]}
    assert tables["contact"]["rows"] == 1
    assert len(tables["contact"]["sha256"]) == 64
    assert "Ada" in crm("contacts", "--db", elsewhere.url).out
    assert crm("db", "copy", elsewhere.url, str(db)).status == 2
    assert crm("db", "copy", elsewhere.url, str(db), "--yes", "--dry-run").status == 0
    assert crm("db", "copy", elsewhere.url, str(db), "--yes").status == 0


@pytest.mark.sqlite_only
def test_a_backup_of_a_server_is_restored_in_a_file_and_there(
    db: Path, on_server: Location, in_file: Location, elsewhere: Location, tmp_path: Path
) -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 3, 5, 9, tzinfo=UTC)
    saved = backup.create(on_server, now, folder=tmp_path)
    assert saved.engine == "postgresql"
    backup.verify(saved, Keys())
    backup.extract(saved, tmp_path / "copy.db", Keys())
    assert held(Location(tmp_path / "copy.db", given=True)) == held(in_file)
    assert backup.restore(elsewhere, saved, now, folder=tmp_path).before is None
    assert held(elsewhere) == held(in_file)
    assert backup.restore(elsewhere, saved, now, folder=tmp_path).before is not None


def test_many_rows_are_replaced_without_a_look_at_whole_tables_for_each(
    server: engines.Server, tmp_path: Path
) -> None:
    source = Location(database(tmp_path, Size(1500, 1500)), given=True)
    name = server.empty()
    target = Location(Path(name), given=True, url=server.url(name))
    copying.copy(source, target, NOW)
    copying.copy(source, target, NOW, replace=True)
    looked_at = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'contact_point'"
    assert server.run(looked_at, name)[0][0] < 100_000
    assert held(target) == held(source)
    server.drop(name)
