"""An import adds what is new, fills what is blank, says what it did, and can be taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, counts, load, shared

from crmcli.actions import journal
from crmcli.errors import InvalidValue, NotFound, UnknownName
from crmcli.exchange.importing import CHUNK, import_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcli.actions.context import Context

PEOPLE = "Name,Email,Phone,Company,Title\n"
ADA = "Ada Lovelace,ada@acme.com,+44 20 7946 0958,Acme,CTO\n"


# --- the real files


@pytest.mark.parametrize(
    ("name", "noun", "rows"),
    [("people-1000.csv", "contact", 1000), ("organizations-100.csv", "company", 100),
     ("leads-100.csv", "contact", 100)],
)  # fmt: skip
def test_a_real_file_loads_every_row_and_a_second_time_changes_nothing(
    ctx: Context, name: str, noun: str, rows: int
) -> None:
    summary = import_file(ctx, shared(name))
    assert summary.noun == noun
    assert counts(summary) == (rows, rows, 0, 0, 0, 0)
    again = import_file(ctx, shared(name))
    assert counts(again) == (rows, 0, 0, rows, 0, 0)
    assert again.change_set is None
    assert again.exit_status == 0


def test_leads_have_their_status_their_owner_and_both_phones(ctx: Context, db: Path) -> None:
    summary = import_file(ctx, shared("leads-100.csv"))
    assert dict(summary.made) == {"company": 100, "user": 100, "source": 20}
    assert ("status", "Closed Won", "customer", 9) in summary.translated
    assert ask(
        db,
        "SELECT status, owner, source, company, email, url, notes FROM contacts"
        " WHERE name = 'Victor Cochran'",
    ) == [
        (
            "lead",
            "Bethany Dixon",
            "Retargeting Ads",
            "Grimes, Madden and Huff",
            "hatkinson@mclaughlin.com",
            "http://www.rosales-molina.com/",
            "Speak own such.",
        )
    ]
    assert ask(db, "SELECT count(*) FROM contact_point WHERE kind = 'phone'") == [(200,)]


def test_undo_redo_and_another_import_after_an_undo(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    path = shared("people-1000.csv")
    import_file(ctx, path)
    before = content(db)
    journal.undo(ctx)
    assert ask(db, "SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == [(0,)]
    journal.redo(ctx)
    assert content(db) == before
    journal.undo(ctx)
    assert counts(import_file(ctx, path)) == (1000, 1000, 0, 0, 0, 0)


# --- what a row means


def test_the_second_file_fills_blanks_adds_points_and_keeps_what_is_there(
    ctx: Context, db: Path
) -> None:
    load(ctx, PEOPLE + "Ada Lovelace,ada@acme.com,,Acme,\n")
    summary = load(
        ctx, PEOPLE + "Ada Lovelace,ADA@acme.com,+44 20 7946 0958,Other,Countess\n", "second.csv"
    )
    assert counts(summary) == (1, 0, 1, 0, 0, 0)
    assert ask(db, "SELECT name, company, title, phone FROM contacts") == [
        ("Ada Lovelace", "Acme", "Countess", "+442079460958")
    ]
    assert ask(db, "SELECT name FROM companies") == [("Acme",)]


def test_an_undo_of_a_fill_restores_the_blank(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    load(ctx, "Name,Email,City\nAda,ada@acme.com,London\n")
    before = content(db)
    load(ctx, "Name,Email,Title,Phone,Street,City,Tags\nAda,ada@acme.com,CTO,+442079460958,1 Main,"
              "London,vip\n", "second.csv")  # fmt: skip
    assert ask(db, "SELECT title, street FROM contacts") == [("CTO", "1 Main")]
    journal.undo(ctx)
    after = content(db)
    for each in (before, after):
        each.pop("import_batch")
    assert after == before


@pytest.mark.parametrize(
    ("rows", "people"),
    [
        (["Ada,ada@x.io,,,", "Ada L.,ada@x.io,,,"], 1),  # by e-mail
        (["Ada,,+442079460958,,", "Ada,ada@x.io,020 7946 0958,,"], 1),  # by phone and name
        (["Ada,,+442079460958,,", "Bob,,+442079460958,,"], 2),  # a phone alone is not enough
        (["Ada,a@x.io,,Acme,", "ADA,b@x.io,,acme,"], 1),  # by name and company
        (["Ada,a@x.io,,Acme,", "Ada,b@x.io,,Other,"], 2),
        (["Ada,a@x.io,,,", "Ada,b@x.io,,,"], 2),  # a name alone is not enough
        (["Ada,,,,", "Ada,,,,"], 1),  # unless there is nothing but the name
        (["Ada,,,,CTO", "Ada,,,,CEO"], 2),
        (["Ada,n/a,,,", "Bob,n/a,,,"], 2),  # what is no e-mail identifies nobody
        (["Ada,a@x.io,,,", "Bob,b@x.io,,,", "X,a@x.io;b@x.io,,,"], 2),
    ],
)
def test_rows_meet_by_email_phone_and_name(
    ctx: Context, db: Path, rows: list[str], people: int
) -> None:
    text = PEOPLE + "\n".join(rows) + "\n"
    first = load(ctx, text)
    assert first.created == people
    assert first.read == first.created + first.updated + first.unchanged
    again = load(ctx, text)
    assert (again.created, again.updated) == (0, 0)
    assert ask(db, "SELECT count(*) FROM contacts") == [(people,)]


def test_a_contact_called_by_its_email_gets_its_name(ctx: Context, db: Path) -> None:
    load(ctx, "Email\nada@acme.com\n")
    assert ask(db, "SELECT name FROM contacts") == [("ada@acme.com",)]
    load(ctx, "Name,Email\nAda Lovelace,ada@acme.com\n", "b.csv")
    assert ask(db, "SELECT name, name_key FROM contact") == [("Ada Lovelace", "ada lovelace")]


def test_another_name_under_the_same_email_is_told(ctx: Context, db: Path) -> None:
    load(ctx, "Name,Email\nAda Lovelace,ada@acme.com\n")
    summary = load(ctx, "Name,Email\nBob Byte,ada@acme.com\n", "b.csv")
    assert dict(summary.warnings) == {"other name kept": 1}
    assert ask(db, "SELECT name FROM contacts") == [("Ada Lovelace",)]


@pytest.mark.parametrize(
    ("rows", "companies"),
    [
        (["Acme,acme.com", "Acme Inc,https://www.acme.com/about"], 1),
        (["Acme,acme.com", "ACME,"], 1),
        (["Acme,acme.com", "Acme,acme.de"], 2),
        (["Acme,acme.com", "Rocket,acme.com"], 2),
    ],
)
def test_companies_meet_by_domain_and_name(ctx: Context, rows: list[str], companies: int) -> None:
    text = "Company name,Domain\n" + "\n".join(rows) + "\n"
    assert load(ctx, text, "companies.csv").created == companies
    assert load(ctx, text, "companies.csv").created == 0


def test_contacts_find_their_company_by_name_or_domain(ctx: Context, db: Path) -> None:
    load(ctx, "Company name,Domain\nAcme,acme.com\nAcme,acme.de\n", "companies.csv")
    load(ctx, "Name,Email,Company\nAda,ada@acme.de,Acme\nBob,bob@x.io,acme.com\nCy,c@x.io,New\n")
    assert ask(db, "SELECT name, company_id FROM contact ORDER BY id") == [
        ("Ada", 2), ("Bob", 1), ("Cy", 3),
    ]  # fmt: skip


DEALS = "Title,Value,Currency,Stage,Close date,Company,Contact,Contacts,Contacts label\n"
RENEWAL = (
    'Renewal,"12,000.50",USD,Proposal,2026-05-01,Acme,Ada <ada@acme.com>,Bob <b@x.io>,advisor\n'
)


def test_deals_bring_their_company_their_people_and_their_stage(ctx: Context, db: Path) -> None:
    summary = load(ctx, DEALS + RENEWAL, "deals.csv")
    assert counts(summary) == (1, 1, 0, 0, 0, 0)
    assert dict(summary.made) == {"company": 1, "contact": 2}
    assert ask(db, "SELECT title, value, currency, stage, expected_close, company, contact"
                   " FROM deals") == [
        ("Renewal", 1200050, "USD", "Proposal", "2026-05-01", "Acme", "Ada"),
    ]  # fmt: skip
    assert ask(db, "SELECT c.name, p.label FROM deal_contact p JOIN contact c"
                   " ON c.id = p.contact_id") == [("Bob", "advisor")]  # fmt: skip
    assert ask(db, "SELECT count(*) FROM stage_change") == [(1,)]
    assert counts(load(ctx, DEALS + RENEWAL, "deals.csv")) == (1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("stage", "found", "warned"),
    [("proposal", "Proposal", False), ("Closed Won", "Won", False), ("closed lost", "Lost", False),
     ("Whatever", "New", True), ("", "New", False)],
)  # fmt: skip
def test_the_stage_of_a_deal_is_found(
    ctx: Context, db: Path, stage: str, found: str, warned: bool
) -> None:
    summary = load(ctx, f"Deal name,Amount,Stage\nX,10,{stage}\n")
    (deal,) = ask(db, "SELECT stage, closed FROM deals")
    assert deal[0] == found
    assert (deal[1] is not None) == (found in ("Won", "Lost"))
    assert bool(summary.warnings) == warned


# --- values


def test_values_that_cannot_be_read_are_warnings_with_their_line(ctx: Context, db: Path) -> None:
    summary = load(
        ctx,
        "Name,Email,Phone,Birthday,Status\nAda,ada@acme,123,1/x/00,Gone fishing\n",
    )
    assert counts(summary) == (1, 1, 0, 0, 0, 0)
    assert summary.exit_status == 0
    assert dict(summary.warnings) == {
        "email kept as typed": 1, "phone kept as typed": 1, "value not read": 1,
        "unknown status": 1,
    }  # fmt: skip
    assert all(problem.startswith("line 2, ") for problem in summary.problems)
    assert any("1/x/00" in problem for problem in summary.problems)
    assert ask(db, "SELECT value, valid FROM contact_point ORDER BY kind") == [
        ("ada@acme", 0), ("123", 0),
    ]  # fmt: skip
    assert ask(db, "SELECT status, birthday FROM contacts") == [("lead", None)]


def test_odd_names_are_stored_as_they_are(ctx: Context, db: Path) -> None:
    names = ["'; DROP TABLE contact; --", "[red]Bob[/]", "李 小龍", "😀", "x" * 10_000, "=1+1"]
    rows = "".join(f'"{name}",n{at}@x.io\n' for at, name in enumerate(names))
    load(ctx, "Name,Email\n" + rows + '"e\x1b[31mvil",e@x.io\n')
    found = [row[0] for row in ask(db, "SELECT name FROM contact ORDER BY id")]
    assert found == [*names, "e[31mvil"]


def test_custom_fields_are_columns_like_any_other(ctx: Context, db: Path) -> None:
    with ctx.writing() as writer:
        writer.create("custom_field", {"record": "contact", "name": "shoe_size", "kind": "integer"})
    load(ctx, "Name,Email,Shoe Size\nAda,a@x.io,38\nBob,b@x.io,big\n")
    assert ask(db, "SELECT custom FROM contact ORDER BY id") == [('{"shoe_size": 38}',), (None,)]
    assert counts(load(ctx, "Name,Email,Shoe Size\nAda,a@x.io,38\n", "b.csv"))[3] == 1


def test_tags_owner_and_mapping_can_be_given(ctx: Context, db: Path) -> None:
    with ctx.writing() as writer:
        writer.create("app_user", {"name": "bob"})
    summary = load(
        ctx, "Wer,Mail\nAda,ada@acme.com\n", maps={"Wer": "name"}, tags=["vip,fair"], owner="bob"
    )
    assert summary.mapping == (("Wer", "name"), ("Mail", "email"))
    ((owner, tags),) = ask(db, "SELECT owner, tags FROM contacts")
    assert (owner, json.loads(tags)) == ("bob", ["fair", "vip"])


def test_columns_that_match_nothing_are_listed(ctx: Context) -> None:
    summary = load(ctx, "Name,Email,Favourite colour\nAda,a@x.io,red\n")
    assert ("Favourite colour", "") in summary.mapping


# --- rejected rows


def test_rejected_rows_are_set_aside_mended_and_imported(ctx: Context, db: Path) -> None:
    text = 'Name;Email;Notes\nAda;a@x.io;\n;;"lost;\nfound"\nBob;b@x.io;x;y;z\n;;\n'
    summary = load(ctx, text)
    assert counts(summary) == (4, 1, 0, 0, 1, 2)
    assert summary.exit_status == 1
    rejects = Path(summary.rejects)
    assert rejects == db.parent / "people.csv.rejects.csv"
    lines = rejects.read_text("utf-8")
    assert lines.startswith("Name;Email;Notes;line;reason\n")
    assert "5 cells, but the header has 3" in lines
    assert "names nobody" in lines
    assert rejects.stat().st_mode & 0o077 == 0
    rejects.write_text(lines.replace(';;"lost', 'Cy;;"lost').replace(";y;z", ""), "utf-8")
    mended = import_file(ctx, rejects)
    assert mended.created == 2
    assert ask(db, "SELECT name, notes FROM contacts WHERE name = 'Cy'") == [("Cy", "lost;\nfound")]


def test_a_dry_run_counts_the_same_and_changes_nothing(
    ctx: Context, db: Path, content: Callable[[Path], Any]
) -> None:
    load(ctx, PEOPLE + ADA)
    before = content(db)
    ctx.dry_run = True
    text = PEOPLE + ADA + "Bob,bob@x.io,,New,CEO\n,,,,\n,,,Nobody,\n"
    summary = load(ctx, text, "b.csv")
    assert counts(summary) == (4, 1, 0, 1, 1, 1)
    assert summary.samples is not None
    assert summary.change_set is None
    assert content(db) == before
    assert not list(db.parent.glob("*.rejects.csv"))


# --- what is wrong with the whole file


def test_a_file_that_cannot_be_used_leaves_everything_alone(ctx: Context, db: Path) -> None:
    with pytest.raises(InvalidValue, match="no rows"):
        load(ctx, "Name,Email\n")
    with pytest.raises(InvalidValue, match="cannot tell"):
        load(ctx, "a,b\n1,2\n")
    with pytest.raises(UnknownName, match="cannot be imported"):
        load(ctx, PEOPLE + ADA, kind="users")
    with pytest.raises(NotFound, match="nobody"):
        load(ctx, PEOPLE + ADA, owner="nobody")


def test_a_fault_in_the_middle_takes_the_chunk_back(ctx: Context, db: Path) -> None:
    with pytest.raises(InvalidValue, match="does not end"):
        load(ctx, PEOPLE + ADA + '"' + "x" * 17_000_000)
    assert not db.exists() or ask(db, "SELECT count(*) FROM contact") == [(0,)]


# --- many rows


def test_a_large_file_is_committed_in_chunks_of_one_change_set(ctx: Context, db: Path) -> None:
    rows = "".join(f"Name {at},n{at}@x.io,,C{at % 50},\n" for at in range(CHUNK + 10))
    seen: list[int] = []
    summary = load(
        ctx, PEOPLE + rows, progress=lambda done, _about: seen.append(done), tags=["fair"]
    )
    assert counts(summary) == (CHUNK + 10, CHUNK + 10, 0, 0, 0, 0)
    assert seen[-1] == CHUNK + 10
    assert CHUNK in seen
    assert ask(db, "SELECT kind, state FROM change_set") == [("import", "done")]
    assert ask(db, "SELECT made, read FROM import_batch") == [(CHUNK + 10, CHUNK + 10)]
    assert dict(summary.made) == {"company": 50, "tag": 1}
    assert ask(db, f"SELECT company, email FROM contacts WHERE id = {CHUNK + 1}") == [
        (f"C{CHUNK % 50}", f"n{CHUNK}@x.io")
    ]
    journal.undo(ctx)
    assert ask(db, "SELECT count(*) FROM contacts WHERE deleted_at IS NULL") == [(0,)]


def test_an_interrupted_import_is_run_again_or_undone(ctx: Context, db: Path) -> None:
    rows = "".join(f"Name {at},n{at}@x.io,,C{at % 50},\n" for at in range(CHUNK + 10))

    def interrupt(done: int, about: int) -> None:
        if done > CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(ctx, PEOPLE + rows, progress=interrupt)
    assert ask(db, "SELECT state FROM change_set") == [("unfinished",)]
    assert ask(db, "SELECT count(*) FROM contact") == [(CHUNK,)]
    summary = load(ctx, PEOPLE + rows)
    assert counts(summary) == (CHUNK + 10, 10, 0, CHUNK, 0, 0)


@pytest.mark.sqlite_only
def test_every_reference_and_the_search_index_are_sound(ctx: Context, db: Path) -> None:
    import_file(ctx, shared("leads-100.csv"))
    load(ctx, DEALS + RENEWAL, "deals.csv")
    load(ctx, "Name,Email,City\nAda,ada@acme.com,Bonn\n", "c.csv", tags=["vip"])
    assert ask(db, "PRAGMA foreign_key_check") == []
    listed = "SELECT rowid, name, body FROM search ORDER BY rowid"
    before = ask(db, listed)
    from crmcli.store import search

    with ctx.writing() as writer:
        search.rebuild(writer)
    assert ask(db, listed) == before
