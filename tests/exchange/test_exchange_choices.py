"""Whoever imports decides what columns are, which rows count and which side wins."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from exchange_tools import ask, counts, load

from crmcli.actions import journal
from crmcli.errors import InvalidValue, UnknownName, UsageError
from crmcli.exchange import importing
from crmcli.exchange.importing import CHUNK, STEP

if TYPE_CHECKING:
    from pathlib import Path

    from crmcli.actions.context import Context
    from crmcli.results import ImportSummary

ONE = "Name,Email,Title,City\nAda Lovelace,ada@acme.com,CTO,London\n"


# --- unknown columns


@pytest.mark.parametrize(
    ("header", "row", "street"),
    [
        ("Name,street_number,street_name,city", "Ada,12,Main St,Leeds", "12 Main St"),
        ("Name,Straße,Hausnummer,Ort", "Ada,Hauptstr.,5a,Berlin", "Hauptstr. 5a"),
        ("Name,Street,House number,Address 2,City", "Ada,Main St,12,Flat 3,Leeds",
         "Main St 12, Flat 3"),
        ("Name,Street,House number,City", "Ada,Main St,,Leeds", "Main St"),
        ("Name,House number,City", "Ada,12,Leeds", "12"),
        ("Name,Home Street,Home House number,City", "Ada,Main St,12,Leeds", "Main St 12"),
    ],
)  # fmt: skip
def test_the_number_of_a_house_goes_with_its_street(
    ctx: Context, db: Path, header: str, row: str, street: str
) -> None:
    summary = load(ctx, f"{header}\n{row}\n")
    assert all(target for _column, target in summary.mapping)
    assert ask(db, "SELECT street FROM address WHERE street IS NOT NULL") == [(street,)]


@pytest.mark.parametrize(
    ("header", "targets"),
    [
        ("Kundenname,Mail Adresse,Rufnummer,PLZ", ["name", "email", "phone", "postcode"]),
        ("Customer Name,Your email address,Phone No.", ["name", "email", "phone"]),
        ("Full Nmae,E-mial,Compnay", ["name", "email", "company"]),
        ("Nombre,Apellidos,Correo electrónico,Empresa",
         ["first_name", "last_name", "email", "company"]),
        ("Wer,Kontaktweg 1,Erreichbar,Seite", ["name", "email", "phone", "url"]),
        ("Wer,Kontaktweg 1,Firmenname", ["name", "email", "company"]),
    ],
)  # fmt: skip
def test_a_file_of_an_unseen_program_is_understood(
    ctx: Context, header: str, targets: list[str]
) -> None:
    values = {
        "name": "Ada Lovelace", "email": "ada@acme.com", "phone": "+44 20 7946 0958",
        "postcode": "10115", "company": "Acme", "first_name": "Ada", "last_name": "Lovelace",
        "url": "https://acme.com",
    }  # fmt: skip
    row = ",".join(values[target] for target in targets)
    summary = load(ctx, f"{header}\n{row}\n")
    assert [target for _column, target in summary.mapping] == targets
    assert all(50 <= sure < 100 for _column, _target, sure, _how in summary.guessed)
    assert summary.created == 1


def test_a_consent_is_not_taken_and_an_opt_out_only_restricts(ctx: Context, db: Path) -> None:
    text = "Name,Email,Newsletter consent,Unsubscribed\nAda,a@x.io,yes,{}\n"
    summary = load(ctx, text.format("oui"))
    assert ("Newsletter consent", "") in summary.mapping
    assert ask(db, "SELECT do_not_contact FROM contacts") == [(1,)]
    assert load(ctx, text.format("no"), conflict="overwrite").unchanged == 1
    assert ask(db, "SELECT do_not_contact FROM contacts") == [(1,)]


def test_a_mapping_is_remembered_for_the_same_header(ctx: Context, db: Path) -> None:
    load(ctx, "Wer,Wie,Was\nAda,ada@acme.com,x\n", maps={"Wer": "name", "Was": "notes"})
    again = load(ctx, "Wer,Wie,Was\nBob,bob@acme.com,y\n", "b.csv")
    assert again.remembered
    assert again.mapping == (("Wer", "name"), ("Wie", "email"), ("Was", "notes"))
    other = load(ctx, "Wer,Wie,Was\nCy,cy@acme.com,z\n", "c.csv", maps={"Was": "title"})
    assert dict(other.mapping)["Was"] == "title"


def test_what_matches_nothing_can_be_kept_in_fields_of_its_own(ctx: Context, db: Path) -> None:
    summary = load(ctx, "Name,Email,Favourite colour\nAda,a@x.io,red\n", keep_unknown=True)
    assert dict(summary.mapping)["Favourite colour"] == "favourite_colour"
    assert json.loads(ask(db, "SELECT custom FROM contact")[0][0]) == {"favourite_colour": "red"}
    assert load(ctx, "Name,Email,Favourite colour\nAda,a@x.io,red\n").unchanged == 1
    journal.undo(ctx)
    assert ask(db, "SELECT count(*) FROM custom_field WHERE deleted_at IS NULL") == [(0,)]


def test_somebody_is_asked_about_guesses_and_their_answer_is_kept(ctx: Context) -> None:
    asked: list[list[str]] = []

    def confirm(_record: Any, columns: Any, _cells: Any) -> dict[str, str]:
        asked.append([column.target for column in columns])
        return {"Wer": "company", "Seite": "name"}

    text = "Wer,Erreichbar,Seite\nAcme,ada@acme.com,Ada\n"
    first = load(ctx, text, confirm=confirm)
    assert asked == [["", "email", ""]]
    assert dict(first.mapping) == {"Wer": "company", "Erreichbar": "email", "Seite": "name"}
    assert load(ctx, text, confirm=confirm).unchanged == 1
    assert len(asked) == 1


def test_fields_can_be_set_for_every_row(ctx: Context, db: Path) -> None:
    load(ctx, ONE, sets={"status": "customer", "source": "Fair", "city": "Bonn"})
    assert ask(db, "SELECT status, source, city FROM contacts") == [("customer", "Fair", "Bonn")]
    with pytest.raises(UnknownName, match="no field"):
        load(ctx, ONE, sets={"colour": "red"})


# --- values


def test_a_word_of_the_file_can_be_said_to_mean_one_of_ours(ctx: Context, db: Path) -> None:
    text = "Deal name,Amount,Stage\nA,1,Angebot raus\nB,2,Geld da\n"
    first = load(ctx, text, "deals.csv")
    assert {each[:3] for each in first.unmatched} == {
        ("stage", "Angebot raus", "New"), ("stage", "Geld da", "New"),
    }  # fmt: skip
    journal.undo(ctx)
    said = {"stage:Angebot raus": "Proposal", "stage:geld da": "Won"}
    assert not load(ctx, text, "deals.csv", said=said).unmatched
    assert ask(db, "SELECT title, stage FROM deals WHERE deleted_at IS NULL ORDER BY title") == [
        ("A", "Proposal"), ("B", "Won"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="cannot read --value"):
        load(ctx, text, "deals.csv", said={"Geld da": "Won"})


@pytest.mark.parametrize(
    ("dates", "told", "found"),
    [
        (("03/04/2020", "25/04/2020"), None, "2020-04-03"),
        (("03/04/2020", "04/25/2020"), None, "2020-03-04"),
        (("03/04/2020", "05/06/2020"), "dmy", "2020-04-03"),
        (("03/04/2020", "05/06/2020"), "mdy", "2020-03-04"),
        (("2020-04-03", "2020-06-05"), None, "2020-04-03"),
    ],
)
def test_the_order_of_dates_is_that_of_the_column(
    ctx: Context, db: Path, dates: tuple[str, str], told: str | None, found: str
) -> None:
    ctx.settings.pop("date_order", None)
    text = "Deal name,Amount,Close date\n" + "".join(f"{at},1,{day}\n" for at, day in
                                                     enumerate(dates))  # fmt: skip
    load(ctx, text, "deals.csv", dates=told)
    assert ask(db, "SELECT expected_close FROM deals WHERE title = '0'") == [(found,)]


def test_dates_that_may_be_read_in_two_ways_are_refused(ctx: Context, db: Path) -> None:
    ctx.settings.pop("date_order", None)
    with pytest.raises(InvalidValue, match="two ways") as caught:
        load(ctx, "Deal name,Amount,Close date\nA,1,03/04/2026\n", "deals.csv")
    assert "--dates dmy" in (caught.value.hint or "")


def test_somebody_may_be_asked_how_dates_are_written(ctx: Context, db: Path) -> None:
    ctx.settings.pop("date_order", None)
    asked: list[tuple[str, str]] = []

    def order_of(header: str, example: str) -> str:
        asked.append((header, example))
        return "mdy"

    text = "Deal name,Amount,Close date\nA,1,03/04/2026\n"
    load(ctx, text, "deals.csv", order_of=order_of)
    assert asked == [("Close date", "03/04/2026")]
    assert ask(db, "SELECT expected_close FROM deals") == [("2026-03-04",)]


def test_phones_are_read_as_in_the_country_of_their_row(ctx: Context, db: Path) -> None:
    load(ctx, "Name,Phone,Country\nAda,020 7946 0958,UK\nBo,030 901820,Germany\nCy,,France\n")
    assert ask(db, "SELECT phone FROM contacts ORDER BY name") == [
        ("+442079460958",), ("+4930901820",), (None,),
    ]  # fmt: skip


def test_several_columns_are_the_lines_of_one_street(ctx: Context, db: Path) -> None:
    load(ctx, "Name,Address 1,Address 2,City\nAda,1 Main St,Flat 2,London\n")
    assert ask(db, "SELECT street, city FROM contacts") == [("1 Main St, Flat 2", "London")]


def test_last_name_first_is_turned_round(ctx: Context, db: Path) -> None:
    load(ctx, 'Name,Email\n"Lovelace, Ada",ada@acme.com\n')
    assert ask(db, "SELECT name, first_name, last_name FROM contacts") == [
        ("Ada Lovelace", "Ada", "Lovelace")
    ]


# --- which rows count, and who wins


def people(ctx: Context, **choice: Any) -> ImportSummary:
    load(ctx, ONE)
    text = ONE.replace("CTO,London", "CEO,Paris") + "Bob Byte,bob@acme.com,,\n"
    return load(ctx, text, "b.csv", **choice)


@pytest.mark.parametrize(
    ("choice", "came_of_it", "title"),
    [
        ({}, (2, 1, 1, 0, 0, 0), "CTO"),  # the address is another one, and added
        ({"conflict": "overwrite"}, (2, 1, 1, 0, 0, 0), "CEO"),
        ({"conflict": "keep"}, (2, 1, 0, 1, 0, 0), "CTO"),
        ({"conflicts": {"title": "overwrite"}}, (2, 1, 1, 0, 0, 0), "CEO"),
        ({"conflict": "overwrite", "conflicts": {"title": "keep"}}, (2, 1, 1, 0, 0, 0), "CTO"),
        ({"mode": "create"}, (2, 1, 0, 0, 1, 0), "CTO"),
        ({"mode": "update", "conflict": "overwrite"}, (2, 0, 1, 0, 1, 0), "CEO"),
    ],
)
def test_modes_and_conflicts(
    ctx: Context, db: Path, choice: dict[str, Any], came_of_it: tuple[int, ...], title: str
) -> None:
    assert counts(people(ctx, **choice)) == came_of_it
    assert ask(db, "SELECT title FROM contacts WHERE name = 'Ada Lovelace'") == [(title,)]


@pytest.mark.parametrize(
    "choice", [{"mode": "both"}, {"conflict": "win"}, {"conflicts": {"title": "win"}}]
)
def test_choices_that_there_are_not_are_errors(ctx: Context, choice: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        load(ctx, ONE, **choice)


def test_an_overwritten_record_comes_back_with_undo(ctx: Context, db: Path) -> None:
    summary = people(ctx, conflict="overwrite")
    assert ("title", "CTO", "CEO") in {each[2:] for each in summary.changes}
    journal.undo(ctx)
    assert ask(db, "SELECT name, title, city FROM contacts WHERE deleted_at IS NULL") == [
        ("Ada Lovelace", "CTO", "London")
    ]


def test_a_deal_that_is_overwritten_moves_and_its_history_says_so(ctx: Context, db: Path) -> None:
    text = "Deal name,Amount,Stage\nRenewal,5,{}\n"
    load(ctx, text.format("New"), "deals.csv")
    assert load(ctx, text.format("Won"), "deals.csv").unchanged == 1
    moved = load(ctx, text.format("Won"), "deals.csv", conflicts={"stage": "overwrite"})
    assert counts(moved) == (1, 0, 1, 0, 0, 0)
    assert ask(db, "SELECT stage, closed IS NOT NULL FROM deals")[0][0] == "Won"
    assert ask(db, "SELECT count(*) FROM stage_change WHERE from_id IS NOT NULL") == [(1,)]
    assert load(ctx, text.format("Won"), "deals.csv", conflict="overwrite").unchanged == 1
    journal.undo(ctx)
    assert ask(db, "SELECT stage FROM deals") == [("New",)]


THERE = {
    "people.csv": "Name,Email,Phone,Birthday\nAda Lovelace,ada@acme.com,+442079460958,1990-12-10\n",
    "companies.csv": "Company name,Domain\nAcme Ltd,acme.com\n",
}
"""What is in the database already: c1 and o1."""


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Name,Email\nAda Lovelace,ada@other.org\n", "b.csv", ("c1", "same name")),
        ("Name,Phone\nA. King,+44 20 7946 0958\n", "b.csv", ("c1", "same phone")),
        ("Name,Phone,Email\nAda Lovelace,+44 20 7946 0000,a@x.io\n", "b.csv", ("c1", "same name")),
        ("Company name,Country\nACME Limited,GB\n", "companies.csv", ("o1", "same name")),
        ("Company name,Domain\nInitech,acme.com\n", "b-companies.csv", None),
        ("Name,Birthday,Email\nAda Lovelace,1990-01-02,a@x.io\n", "b.csv", None),
        ("Name,Email\nBob,bob@acme.com\n", "b.csv", None),
    ],
)
def test_what_may_be_there_is_listed_and_not_merged_or_set_aside(
    ctx: Context, text: str, name: str, found: tuple[str, str] | None
) -> None:
    for file, rows in THERE.items():
        load(ctx, rows, file)
    ctx.duplicates = "refuse"
    refused = load(ctx, text, name)
    assert refused.rejected == bool(found)
    assert refused.reasons == ((f"line 2: may be {found[0]} already: {found[1]}",) if found else ())
    ctx.duplicates = "warn"
    summary = load(ctx, text, name)
    assert [(near.line, near.handle, near.why) for near in summary.near] == (
        [(2, *found)] if found else []
    )
    assert summary.created == bool(found)


PAIRS = [
    ("Name,Email", "Ada Lovelace,ada@acme.com", "Ada Lovelace,a@home.org", "a.csv", "same name"),
    ("Name,Phone", "Ada King,+44 20 7946 0958", "A. King,+442079460958", "a.csv", "same phone"),
    ("Customer ID,Name,Email", "1,Ada,a@x.io", "2,Alan,a@x.io", "a.csv", "same e-mail"),
    ("Company name,Country", "Acme Ltd,GB", "ACME Limited,DE", "companies.csv", "same name"),
    ("Company name,Domain", "Acme,acme.com", "Acme Inc,acme.io", "companies.csv", "same name"),
    ("Company name,Country", "Hut Intl. & Co,GB", "Hut International,DE", "companies.csv",
     "same name"),
    ("Customer ID,Company name,Domain", "1,Acme,acme.com", "2,Hut,acme.com", "companies.csv",
     "same domain"),
    ("Name,Email,Birthday", "Ada,a@x.io,1990-01-02", "Ada,a@y.io,1990-01-03", "a.csv", ""),
    ("Name,Email", "Ada,a@x.io", "Ada King,ada@x.io", "a.csv", ""),
]  # fmt: skip
"""Two rows of one file that may mean one record, and why they may."""


@pytest.mark.parametrize("step", [2, STEP])
@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize(("head", "one", "other", "name", "why"), PAIRS)
def test_rows_of_a_file_that_may_be_one_are_listed_or_the_later_ones_set_aside(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, step: int, there: bool,
    head: str, one: str, other: str, name: str, why: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(importing, "STEP", step)
    if there:
        load(ctx, "Name,Email\nEve,eve@eve.io\n", "b.csv")
        load(ctx, "Company name,Domain\nEvents,events.com\n", "b-companies.csv")
    text = "\n".join([head, one, one, other, ""])
    known, line = f"{'o' if 'companies' in name else 'c'}{1 + there}", None if step == 2 else 2
    maps = {"Customer ID": "id"} if "Customer ID" in head else {}
    summary = load(ctx, text, name, maps=maps)
    assert [(each.line, each.handle, each.why, each.other_line) for each in summary.near] == (
        [(4, known, why, line)] if why else []
    )
    assert (summary.created, summary.near_count) == (2, bool(why))
    journal.undo(ctx)
    ctx.duplicates = "refuse"
    refused = load(ctx, text, name, maps=maps)
    assert (refused.created, refused.rejected) == ((1, 1) if why else (2, 0))


def test_warnings_of_one_kind_say_their_lines(ctx: Context) -> None:
    rows = "".join(f"N{at},n{at}@x.io,12\n" for at in range(30))
    summary = load(ctx, "Name,Email,Phone\n" + rows)
    assert dict(summary.warnings) == {"phone kept as typed": 30}
    assert dict(summary.lines)["phone kept as typed"][:3] == (2, 3, 4)


def test_atomic_takes_back_all_of_a_long_file(ctx: Context, db: Path) -> None:
    rows = "".join(f"Name {at},n{at}@x.io\n" for at in range(CHUNK + 10))

    def interrupt(done: int, about: int) -> None:
        if done > CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(ctx, "Name,Email\n" + rows, atomic=True, progress=interrupt)
    assert ask(db, "SELECT count(*) FROM contact") == [(0,)]


# --- activities and tasks


def test_activities_and_tasks_are_files_like_others(ctx: Context, db: Path) -> None:
    load(ctx, ONE)
    calls = "Date,Type,Subject,Contact\n2024-03-01 10:00,Call,Intro,Ada <ada@acme.com>\n"
    tasks = "Task,Due date,Priority,Contact,Completed\nCall back,2027-01-05,urgent,Ada Lovelace,\n"
    for text, name in ((calls, "activities.csv"), (tasks, "tasks.csv")):
        assert counts(load(ctx, text, name)) == (1, 1, 0, 0, 0, 0)
        assert counts(load(ctx, text, name)) == (1, 0, 0, 1, 0, 0)
    assert ask(db, "SELECT type, subject, planned FROM activities") == [("call", "Intro", 0)]
    assert ask(db, "SELECT title, due, priority, status, contact FROM tasks") == [
        ("Call back", "2027-01-05", "high", "open", "Ada Lovelace")
    ]
    journal.undo(ctx)
    assert ask(db, "SELECT count(*) FROM tasks WHERE deleted_at IS NULL") == [(0,)]


@pytest.mark.parametrize(
    "text",
    [
        "Subject,Outcome,Contact\nIntro,fine,Ada\nDemo,long,Ada\n",
        "Subject,Date,Contact\nIntro,2026-01-05,Ada\nIntro,,Ada\nDemo,,Ada\n",
        "Subject,Date,Contact\nIntro,,Ada\nIntro,2026-01-05,Ada\n",
    ],
)
def test_activities_without_a_date_go_in_once(ctx: Context, text: str) -> None:
    rows = text.count("\n") - 1
    assert load(ctx, text, "activities.csv").created == rows
    ctx.env = ctx.env._replace(now=ctx.env.now + timedelta(days=1))
    for how in ("fill", "overwrite"):
        again = load(ctx, text, "activities.csv", conflict=how)
        assert (again.unchanged, again.kept_counts, again.handle) == (rows, (), None)
