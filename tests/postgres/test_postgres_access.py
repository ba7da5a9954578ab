"""A password comes from wherever libpq finds one, and is never shown, logged or kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests import engines
from tests.surroundings import Crm

from crmcli.errors import DatabaseError, DatabaseMissing, NotPermitted, UsageError
from crmcli.store.location import Location, without_password
from crmcli.store.read import open_reader
from crmcli.store.write import Author, writing

ROLE, PASSWORD = "crm_careful", "s3cret-Pa55"
pytestmark = pytest.mark.sqlite_only


@pytest.fixture(scope="session")
def guarded(server: engines.Server) -> Iterator[str]:
    """The URL, without a user, of a database that asks the role for a password."""
    if not server.demand_password(ROLE, PASSWORD):
        pytest.skip("the server that was named keeps its own rules of access")
    name = server.made()
    yield server.url(name, netloc="")
    server.drop(name)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No password from the surroundings."""
    for name in ("PGPASSWORD", "PGSERVICE", "PGSERVICEFILE", "PGUSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))


def with_user(url: str, user: str) -> str:
    return urlsplit(url)._replace(netloc=f"{user}@").geturl()


def opens(url: str) -> bool:
    open_reader(Location(Path("crm"), given=True, url=url)).close()
    return True


def test_a_password_may_stand_in_the_url(guarded: str) -> None:
    assert opens(with_user(guarded, f"{ROLE}:{PASSWORD}"))


def test_a_password_may_come_from_the_environment(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert opens(with_user(guarded, ROLE))


def test_a_password_may_come_from_the_password_file(
    guarded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "pgpass"
    file.write_text(f"*:*:*:{ROLE}:{PASSWORD}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert opens(with_user(guarded, ROLE))


def test_all_of_it_may_come_from_a_service_file(
    guarded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    parts = urlsplit(guarded)
    file = tmp_path / "services"
    file.write_text(
        f"[team]\nhost={parse_qs(parts.query)['host'][0]}\ndbname={parts.path[1:]}\n"
        f"user={ROLE}\npassword={PASSWORD}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    assert opens("postgresql:///?service=team")


@pytest.mark.parametrize("user", [f"{ROLE}:wrong-{PASSWORD}", ROLE])
def test_a_wrong_or_missing_password_is_not_permitted(guarded: str, user: str) -> None:
    with pytest.raises(NotPermitted, match="password or the user is wrong") as caught:
        opens(with_user(guarded, user))
    assert PASSWORD not in str(caught.value.message) + str(caught.value.hint)


def test_a_database_that_is_not_there_says_how_to_make_it(server: engines.Server) -> None:
    with pytest.raises(DatabaseMissing, match="no such database") as caught:
        opens(server.url("crm_test_nowhere"))
    assert "createdb" in (caught.value.hint or "")


def test_a_server_that_is_not_there_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not answer"):
        opens(f"postgresql://ada@/crm?host={tmp_path}")


def test_a_host_that_does_not_exist_is_said() -> None:
    with pytest.raises(DatabaseError, match="there is no such host"):
        opens("postgresql://ada@nowhere.invalid/crm")


def test_a_server_that_is_too_old_is_refused(
    server: engines.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmcli.store.postgres._OLDEST", 99_00_00)
    with pytest.raises(DatabaseError, match="which is too old") as caught:
        opens(server.url("postgres"))
    assert "14 or newer" in (caught.value.hint or "")


def test_a_statement_that_takes_too_long_for_the_server_says_which_setting(
    server: engines.Server,
) -> None:
    name = server.made()
    server.run(f'ALTER DATABASE "{name}" SET statement_timeout = 200')
    location = Location(Path(name), given=True, url=server.url(name))
    reader = open_reader(location)
    with pytest.raises(DatabaseError, match="broke off") as caught:
        reader.scalar("SELECT pg_sleep(20)")
    reader.close()
    assert "statement_timeout" in (caught.value.hint or "")
    server.drop(name)


def test_a_server_that_goes_away_in_the_middle_leaves_nothing_half_written(
    server: engines.Server,
) -> None:
    name = server.made()
    location = Location(Path(name), given=True, url=server.url(name))

    def add_two() -> None:
        with writing(location, Author("ada", engines.MADE, "add")) as writer:
            writer.create("tag", {"name": "vip"})
            server.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            writer.create("tag", {"name": "press"})

    with pytest.raises(DatabaseError, match="closed the connection") as caught:
        add_two()
    assert caught.value.exit_status == 7
    assert server.run("SELECT count(*) FROM tag", name) == [(0,)]
    server.drop(name)


@pytest.mark.parametrize("url", [
    f"postgresql://ada:{PASSWORD}/x@host:port/crm", f"postgresql://ada:{PASSWORD}@host:1x/crm",
    f"postgresql://ada:%zz{PASSWORD}@host/crm", f"postgresql://ada@host/crm?passwort={PASSWORD}",
])  # fmt: skip
def test_an_address_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises((UsageError, DatabaseError)) as caught:
        opens(url)
    assert PASSWORD not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"


@pytest.mark.parametrize(("text", "shown"), [
    ("postgresql://ada:pw@host/crm", "postgresql://ada@host/crm"),
    ("postgres://ada:p@w@host/crm", "postgres://ada@host/crm"),
    ("postgresql://ada:p/w@host/crm", "postgresql://ada@host/crm"),
    ("postgresql://:pw@/crm", "postgresql://@/crm"),
    ("postgresql://ada@host:5432/crm", "postgresql://ada@host:5432/crm"),
    ("postgresql://host/crm?user=a&password=pw&sslmode=require",
     "postgresql://host/crm?user=a&password=***&sslmode=require"),
    ("crm --db 'postgresql://ada:pw@host/crm' contacts",
     "crm --db 'postgresql://ada@host/crm' contacts"),
    ("see https://ada:x@acme.com", "see https://ada:x@acme.com"),
])  # fmt: skip
def test_passwords_are_taken_out_of_texts(text: str, shown: str) -> None:
    assert without_password(text) == shown


def test_no_command_shows_or_keeps_the_password(
    guarded: str, crm: Crm, db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = with_user(guarded, f"{ROLE}:{PASSWORD}")
    words = ("--db", url)
    seen = []
    for command in (["add-contact", "Ada"], ["db", "path"], ["db", "info"], ["db", "check"],
                    ["history"], ["history", "--json"], ["doctor"], ["contacts", "--json"],
                    ["backup", "create"], ["backup", "list", "--json"], ["init"],
                    ["db", "migrate"]):  # fmt: skip
        monkeypatch.setattr("sys.argv", ["crm", *command, *words])
        ran = crm(*command, *words)
        assert ran.status in (0, 1), (command, ran)
        assert "bug" not in ran.err
        seen.append(ran.out + ran.err)
    monkeypatch.setattr("sys.argv", ["crm", "db", "copy", url, str(tmp_path / "copy.db")])
    assert crm("db", "copy", url, str(tmp_path / "copy.db")).status == 0
    assert crm("config", "set", "db", url).status == 5
    assert not [text for text in seen if PASSWORD in text]
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        kept = json.dumps(copy.execute("SELECT command FROM change_set").fetchall())
    assert ROLE in kept
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


def test_the_log_of_a_bug_holds_no_password(db: Path) -> None:
    from crmcli.cli.bugs import report_bug, write_log

    url = f"postgresql://ada:{PASSWORD}@host/crm"
    try:
        raise RuntimeError(f"no {url}")
    except RuntimeError as bug:
        said = report_bug(bug, ["contacts", "--db", url])
        log = write_log(bug, ["contacts", "--db", url]).read_text()
    assert PASSWORD not in log + said.message
    assert "postgresql://ada@host/crm" in log


@pytest.mark.parametrize(
    "write", [("add-contact", "Bob"), ("edit", "c1", "title=CTO"), ("undo",)], ids=lambda w: w[0]
)
def test_a_replica_is_read_and_takes_no_changes(
    crm: Crm, server: engines.Server, write: tuple[str, ...]
) -> None:
    name = server.made()
    url = server.url(name)
    assert crm("add-contact", "Ada", "--db", url).status == 0
    server.run(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    assert "Ada" in crm("contacts", "--db", url).out
    ran = crm(*write, "--db", url)
    assert (ran.status, ran.out) == (6, "")
    assert "can only be read" in ran.err
    server.drop(name)
