"""Several tables in one go, and the archive of everything, from which a database is rebuilt."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, counts, write
from hypothesis import HealthCheck, given, settings
from test_exchange_roundtrip import WORLD, define, fill

from crmcli.errors import InvalidValue
from crmcli.exchange import everything
from crmcli.exchange.readers import Choice
from crmcli.exchange.several import import_files
from crmcli.results import Done, ImportSummary

if TYPE_CHECKING:
    from crmcli.actions.context import Context

COMPANIES = "Company name,Website,Industry\nAcme,https://acme.com,Tools\n"
PEOPLE = "Name,Email,Company\nAda,ada@acme.com,Acme\nAda,,\nAda,,\n"
DEALS = "Deal name,Value,Stage,Company,Contact\nBig,€5k,Proposal,Acme,ada@acme.com\n"


def load_all(ctx: Context, *paths: Path, **options: Any) -> list[ImportSummary | Done]:
    """Import files in one go."""
    return import_files(ctx, paths, Choice(), options, lambda _name: lambda _rows, _about: None)


def test_several_files_are_imported_in_the_order_of_what_they_refer_to(
    ctx: Context, db: Path, tmp_path: Path
) -> None:
    paths = [
        write(tmp_path, DEALS, "1.csv"),
        write(tmp_path, PEOPLE, "2.csv"),
        write(tmp_path, COMPANIES, "3.csv"),
        write(tmp_path, "Name,Email\n", "4.csv"),
    ]
    done = load_all(ctx, *paths)
    assert [each.noun for each in done if isinstance(each, ImportSummary)] == [
        "company", "contact", "deal",
    ]  # fmt: skip
    assert "4.csv has no rows" in getattr(done[0], "detected", "")
    assert ask(db, "SELECT company, contact FROM deals") == [("Acme", "Ada")]


def test_what_went_in_before_a_fault_is_told(ctx: Context, tmp_path: Path) -> None:
    good = write(tmp_path, COMPANIES, "1.csv")
    bad = write(tmp_path, "Name,Email\n" + "Ada,a@x.io\n" * 2 + '"Bob,b@x.io\n', "2.csv")
    with pytest.raises(InvalidValue, match=r"2\.csv, line 4") as problem:
        load_all(ctx, good, bad)
    assert "i1 went in before it" in str(problem.value.hint)


def test_rejected_rows_of_an_archive_stand_beside_it_and_are_safe(
    ctx: Context, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("people.csv", "Name,Email\nAda,a@x.io\nBob,b@x.io,=1+1\n")
        archive.writestr(
            "b/\x1b[31mpeople.json", '[{"name": "Ada", "title": "CEO"}, {"title": "=1+1"}]'
        )
    load_all(ctx, tmp_path / "a.zip")
    rejects = {path.name: path.read_text("utf-8") for path in tmp_path.glob("*.rejects.csv")}
    assert rejects.keys() == {
        "a.zip.people.csv.rejects.csv",
        "a.zip.b._[31mpeople.json.rejects.csv",
    }
    assert ",=1+1\n" in rejects["a.zip.people.csv.rejects.csv"]
    assert ",'=1+1," in rejects["a.zip.b._[31mpeople.json.rejects.csv"]


# --- everything


@pytest.fixture
def full(ctx: Context) -> Context:
    """A database with something of everything."""
    with ctx.writing() as w:
        user = w.create("app_user", {"name": "grace", "full_name": "=Grace", "active": 0})
        tag = w.create("tag", {"name": "vip", "notes": '"'})
        w.create("tag", {"name": "unused"})
        source = w.create("source", {"name": "Fair"})
        pipeline = w.create("pipeline", {"name": "Partners", "position": 2})
        stage = w.create("stage", {"name": "New", "pipeline_id": pipeline, "position": 1,
                                   "type": "open", "probability": 5})  # fmt: skip
        w.update("stage", 1, {"name": "Fresh"})
        w.create("custom_field", {"record": "contact", "name": "shirt", "kind": "text"})
        w.create("segment", {"name": "vips", "record": "contact", "query": "tag:vip"})
        gone = w.create("company", {"name": "Gone"})
        parent = w.create("company", {"name": "-Parent", "owner_id": user})
        acme = w.create("company", {"name": "Acme", "parent_id": gone, "revenue": -5,
                                    "revenue_currency": "JPY"})  # fmt: skip
        w.update("company", parent, {"parent_id": acme})
        w.delete("company", gone)
        own = {"company_id": acme, "source_id": source, "notes": 'a\n"b", =c\\',
               "custom": '{"shirt": "M"}'}  # fmt: skip
        twins = [w.create("contact", {"name": "Same Name", **own}) for _ in range(2)]
        left = w.create("contact", {"name": "Left"})
        point = {"contact_id": twins[0], "kind": "email", "value": "a@x.io", "key": "a@x.io"}
        w.create("contact_point", {**point, "is_primary": 1})
        w.create("contact_point", {**point, "value": "no mail", "key": "no mail", "valid": 0})
        w.create("address", {"contact_id": twins[1], "city": "Bonn", "country": "DE"})
        w.create("tagging", {"tag_id": tag, "record": "contact", "record_id": twins[1]})
        w.create("tagging", {"tag_id": tag, "record": "contact", "record_id": left})
        deal = w.create("deal", {"title": "Big", "value": 10**9, "currency": "KWD",
                                 "stage_id": stage, "contact_id": twins[1],
                                 "stage_since": "2026-02-01T10:00:00Z"})  # fmt: skip
        w.create("deal_contact", {"deal_id": deal, "contact_id": twins[0], "label": "boss"})
        activity = w.create("activity", {"type": "call", "subject": "Hi", "deal_id": deal,
                                         "at": "2026-02-03T10:00:00Z"})  # fmt: skip
        w.create("activity_participant", {"activity_id": activity, "contact_id": twins[0]})
        w.create("task", {"title": "Call", "due": "2026-12-01", "contact_id": twins[0]})
        link = {"from_record": "contact", "from_id": twins[0], "type": "reports to"}
        w.create("link", {**link, "to_record": "contact", "to_id": twins[1]})
        w.create("link", {**link, "to_record": "contact", "to_id": left})
        w.delete("contact", left)
    return ctx


def archive_of(ctx: Context, path: Path) -> dict[str, bytes]:
    """The files of an archive of everything."""
    everything.export_everything(ctx, path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_archive_of_everything_rebuilds_the_database(
    full: Context, tmp_path: Path, make_context: Callable[..., Context]
) -> None:
    files = archive_of(full, tmp_path / "all.zip")
    again = make_context(tmp_path / "again.db")
    (done,) = load_all(again, tmp_path / "all.zip")
    assert isinstance(done, Done)
    assert "2 contacts, 2 companies, 1 deal, 1 activity, 1 task" in done.lines[0]
    assert archive_of(again, tmp_path / "again.zip") == files
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "all.zip").read_bytes()
    again.close()


def test_a_rebuilt_database_has_the_same_handles_and_goes_on_counting(
    full: Context, tmp_path: Path, make_context: Callable[..., Context]
) -> None:
    everything.export_everything(full, tmp_path / "all.zip")
    again = make_context(tmp_path / "again.db")
    load_all(again, tmp_path / "all.zip")
    path = again.location.path
    assert ask(path, "SELECT id, name, parent_id FROM company ORDER BY id") == [
        (2, "-Parent", 3), (3, "Acme", None),
    ]  # fmt: skip
    assert ask(path, "SELECT count(*) FROM link") == [(1,)]
    assert ask(path, "SELECT name FROM stage ORDER BY id LIMIT 1") == [("Fresh",)]
    with again.writing() as writer:
        assert writer.create("company", {"name": "Next"}) == 4
        assert writer.create("pipeline", {"name": "Next", "position": 3}) == 3
    again.close()


def test_a_rebuilt_database_is_searched_listed_and_undone(
    full: Context, tmp_path: Path, make_context: Callable[..., Context]
) -> None:
    from crmcli.actions.journal import undo

    everything.export_everything(full, tmp_path / "all.zip")
    again = make_context(tmp_path / "again.db")
    load_all(again, tmp_path / "all.zip")
    assert ask(again.location.path, "SELECT file, record, read FROM import_batch")[0][:2] == (
        "all.zip", "everything",
    )  # fmt: skip
    undo(again, "i1")
    assert ask(again.location.path, "SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == [
        (0,)
    ]
    again.close()


def test_a_dry_run_rebuilds_nothing(
    full: Context, tmp_path: Path, make_context: Callable[..., Context]
) -> None:
    everything.export_everything(full, tmp_path / "all.zip")
    again = make_context(tmp_path / "again.db")
    again.dry_run = True
    (done,) = load_all(again, tmp_path / "all.zip")
    assert getattr(done, "change_set", "") is None
    assert everything.fits(again)
    again.close()


def test_into_a_database_with_records_the_main_files_are_imported(
    full: Context, tmp_path: Path
) -> None:
    everything.export_everything(full, tmp_path / "all.zip")
    done = load_all(full, tmp_path / "all.zip")
    nouns = [each.noun for each in done if isinstance(each, ImportSummary)]
    assert nouns[:3] == ["company", "contact", "deal"]
    assert counts(next(each for each in done if isinstance(each, ImportSummary)))[1] == 0
    assert "fields.csv" in getattr(done[0], "detected", "")


@pytest.mark.parametrize("name", ["contacts.csv", "tables/contact.csv", "manifest.json"])
def test_an_archive_that_was_changed_is_refused(
    full: Context, tmp_path: Path, make_context: Callable[..., Context], name: str
) -> None:
    files = archive_of(full, tmp_path / "all.zip")
    files[name] = files[name].replace(b"Same", b"Other").replace(b'"schema": ', b'"schema": 9')
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for each, data in files.items():
            archive.writestr(each, data)
    again = make_context(tmp_path / "again.db")
    with pytest.raises(InvalidValue, match=r"is not what was exported|another version"):
        load_all(again, tmp_path / "all.zip")
    assert everything.fits(again)
    again.close()


def test_the_manifest_counts_and_names_every_file(full: Context, tmp_path: Path) -> None:
    files = archive_of(full, tmp_path / "all.zip")
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["name"] for each in manifest["files"]} == set(files)
    rows = {each["name"]: each["rows"] for each in manifest["files"]}
    assert rows["contacts.csv"] == rows["tables/contact.csv"] == 2
    assert rows["users.csv"] == len(files["users.csv"].splitlines()) - 1


@pytest.mark.sqlite_only
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=WORLD)
def test_any_world_is_rebuilt_byte_for_byte(
    tmp_path: Path, make_context: Callable[..., Context], world: dict[str, Any]
) -> None:
    for name in ("one.db", "two.db"):
        (tmp_path / name).unlink(missing_ok=True)
    first, second = make_context(tmp_path / "one.db"), make_context(tmp_path / "two.db")
    define(first)
    fill(first, world)
    everything.export_everything(first, tmp_path / "one.zip")
    load_all(second, tmp_path / "one.zip")
    everything.export_everything(second, tmp_path / "two.zip")
    assert (tmp_path / "two.zip").read_bytes() == (tmp_path / "one.zip").read_bytes()
    first.close()
    second.close()
