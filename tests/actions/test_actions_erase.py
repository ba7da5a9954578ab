"""An erased person is nowhere in the database afterwards, is refused when they come back, and what
others need stays."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests import engines
from tests.exchange.exchange_tools import counts, load
from tests.surroundings import Crm

from crmcli.actions import backups, day, dupes, erasing, household, journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.actions.merge import merge
from crmcli.errors import Ambiguous, Conflict, DatabaseBusy, NotFound
from crmcli.reminders import holding
from crmcli.reminders.running import run as remind
from crmcli.store import copying, erased
from crmcli.store.logs import logging


def add(ctx: Context, noun: str, title: str, *words: str) -> str:
    return records.add(ctx, noun, [read_assign(word) for word in words], title=title).records[0]


def edit(ctx: Context, ref: str, *words: str) -> None:
    records.edit(ctx, [ref], [read_assign(word) for word in words])


def everything(ctx: Context) -> str:
    """All that any table holds, as one text, the index and its words included."""
    ctx.close()
    names = [table.name for table in copying.tables()] + ["search", "search_vocab"]
    return "\n".join(
        repr(row)
        for name in names
        for row in engines.ask(ctx.location.path, f"SELECT * FROM {name}")
    ).casefold()


def file_bytes(ctx: Context) -> bytes:
    """The file, or nothing for a database on a server; letters as small ones."""
    return b"" if ctx.location.url else ctx.location.path.read_bytes().lower()


# --- nothing is left


class Secret:
    """Somebody whose every text can be told from all others."""

    def __init__(self, number: int, accents: bool) -> None:
        letters = random.Random(number)

        def word() -> str:
            return "".join(letters.choices("bcdfghjklmnpqrstvwxz", k=9)).capitalize()

        self.first = "Zoë" + word() if accents else word()
        self.last = word()
        self.name = f"{self.first} {self.last}"
        self.email = f"{word()}@{word()}.example".lower()
        self.phone = f"+4420{letters.randrange(70000000, 79999999)}"
        self.street, self.note, self.old = word(), word(), word()

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.first, self.last, self.email, self.phone, self.street, self.note, self.old)


def told(ctx: Context) -> None:
    """Have a program told what is due, which is all that anybody wants to be told by."""
    ctx.settings["remind_program"] = "true"
    engines.ask(ctx.location.path, "UPDATE app_user SET channels = 'program' RETURNING id")
    remind(ctx, clock=lambda: ctx.env.now)


Attach = Callable[[Context, Secret, str], object]


def _deal(ctx: Context, who: Secret, c: str) -> None:
    edit(ctx, c, f"phone+={who.phone}")
    deal = add(ctx, "deal", f"{who.name}'s renewal", f"contact={c}", f"notes=with {who.first}")
    edit(ctx, deal, f"title={who.last.upper()} again")
    day.log(ctx, "call", [c], f"{who.name} asks for more", {"deal": deal})
    task = add(ctx, "task", f"Write to {who.email}", f"contact={c}", f"deal={deal}")
    edit(ctx, task, f"title=Ring {who.phone}")


def _met_with_bob(ctx: Context, who: Secret, c: str) -> None:
    bob = add(ctx, "contact", "Bob Hopper")
    day.log(ctx, "meeting", [bob, c], f"{who.name} and Bob", {"notes": f"{who.last} was late"})


def _merged(ctx: Context, who: Secret, c: str) -> None:
    ctx.duplicates = "add"
    other = add(ctx, "contact", who.old, f"email=x{who.email}", f"notes={who.note}")
    merge(ctx, [c, other])
    dupes.reject(ctx, [c, add(ctx, "contact", "Namesake")])


def _imported(ctx: Context, who: Secret, c: str) -> None:
    row = f"{who.first},{who.last},{who.email},{who.street}"
    load(ctx, f"First Name,Last Name,E-mail,City\n{row}\n", f"{who.last}.csv")


def _reminded(ctx: Context, who: Secret, c: str) -> None:
    add(ctx, "task", f"Ring {who.name}", f"contact={c}", "due=2026-03-01")
    told(ctx)


def _renamed(ctx: Context, who: Secret, c: str) -> None:
    edit(ctx, c, f"name={who.old}")
    edit(ctx, c, f"name={who.name}")


def _snoozed(ctx: Context, who: Secret, c: str) -> None:
    edit(ctx, c, "birthday=1990-03-04")
    holding.snooze(replace(ctx, command=f"crm snooze {who.first} +3d"), [c], "+3d")


ATTACH: dict[str, Attach] = {
    "e-mail": lambda ctx, who, c: edit(ctx, c, f"email+=o{who.email}", f"email-=o{who.email}"),
    "phone": lambda ctx, who, c: edit(ctx, c, f"phone+={who.phone}"),
    "address": lambda ctx, who, c: edit(ctx, c, f"street={who.street}", f"city={who.note}"),
    "notes": lambda ctx, who, c: edit(ctx, c, f"notes={who.note}"),
    "old name": _renamed,
    "call": lambda ctx, who, c: day.log(ctx, "call", [c], f"about {who.note}", {}),
    "task": lambda ctx, who, c: add(ctx, "task", f"Ask for {who.note}", f"contact={c}"),
    "deal": _deal,
    "meeting": _met_with_bob,
    "link": lambda ctx, who, c: records.link(ctx, c, "knows", add(ctx, "company", "Acme")),
    "tags": lambda ctx, who, c: records.tag(ctx, [c], ["vip"]),
    "merge": _merged,
    "import": _imported,
    "reminder": _reminded,
    "snooze": _snoozed,
    "deletion": lambda ctx, who, c: (records.delete(ctx, [c]), journal.undo(ctx)),
}


_numbers = itertools.count()


@given(
    accents=st.booleans(),
    attached=st.lists(st.sampled_from(sorted(ATTACH)), min_size=2, max_size=6, unique=True),
)
@settings(
    max_examples=8,
    phases=[Phase.generate],  # one database for all examples: what an earlier one left would count
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_text_of_an_erased_person_is_left_in_any_table_or_in_the_file(
    ctx: Context, accents: bool, attached: list[str]
) -> None:
    who = Secret(next(_numbers), accents)
    command = f"crm add-contact '{who.name}' --email {who.email} --phone '{who.phone[:5]}'"
    typing = replace(ctx, command=command, reason=f"{who.name} asked", duplicates="add")
    contact = add(typing, "contact", who.name, f"email={who.email}")
    for name in attached:
        ATTACH[name](typing, who, contact)
        typing.close()
    assert who.last.casefold() in everything(ctx)

    erasing.erase(ctx, contact)

    left, held = everything(ctx), file_bytes(ctx)
    for text in who.texts:
        assert text.casefold() not in left, attached
        assert text.lower().encode() not in held, attached
    household.db_check(ctx)
    ctx.close()


# --- what goes and what stays


@pytest.fixture
def ada(ctx: Context) -> str:
    """Ada of Acme, with something of everything."""
    ctx.settings["backup_dir"] = str(ctx.location.path.parent / "kept")
    contact = add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "phone=+442079460958",
                  "company=Acme", "tags=vip")  # fmt: skip
    grace = add(ctx, "contact", "Grace Hopper", "email=grace@navy.mil")
    deal = add(ctx, "deal", "Engine", f"contact={contact}", "company=Acme")
    day.log(ctx, "call", [contact], "her illness", {})
    day.log(ctx, "meeting", [contact, grace], "prices", {})
    day.log(ctx, "call", [contact], "terms", {"deal": deal})
    add(ctx, "task", "Call Ada", f"contact={contact}")
    add(ctx, "task", "Send terms", f"contact={contact}", f"deal={deal}")
    return contact


def test_deals_and_what_others_took_part_in_stay_without_the_person(ctx: Context, ada: str) -> None:
    answer = erasing.erase(ctx, "ada@acme.com")
    assert answer.data["removed"] == {"activity": 1, "contact": 1, "task": 1}
    assert sorted(answer.data["kept"]) == ["a2 prices", "a3 terms", "d1 Engine", "t2 Send terms"]
    rows = engines.ask(ctx.location.path, "SELECT contact_id FROM deal UNION SELECT contact_id"
                       " FROM task")  # fmt: skip
    assert rows == [(None,)]
    people = engines.ask(ctx.location.path, "SELECT contact_id FROM activity_participant")
    assert people == [(2,)]
    with pytest.raises(NotFound):
        erasing.erase(ctx, ada)


def test_the_history_says_who_erased_when_and_why_and_nothing_of_the_person(
    ctx: Context, ada: str
) -> None:
    erasing.erase(replace(ctx, command="crm erase 'Ada Lovelace'", reason="asked to"), ada)
    sets = journal.history(ctx).rows
    assert sets[0][2:] == ("ada", "crm erase c1", 3, "", "asked to")
    emptied = [row for row in sets if row[5] == "purged"]
    assert [row[3] for row in emptied] == ["crm test"] * 2
    assert [row[3] for row in journal.history(ctx, [sets[0][0]]).rows] == [
        "purged a1", "purged c1", "purged t1",
    ]  # fmt: skip


def test_nothing_brings_an_erased_person_back(ctx: Context, ada: str) -> None:
    erasing.erase(ctx, ada)
    with pytest.raises(Conflict, match="for good"):
        journal.undo(ctx)
    purged = next(row[0] for row in journal.history(ctx).rows if row[5] == "purged")
    with pytest.raises(Conflict, match="purged"):
        journal.undo(ctx, purged)


def test_an_undo_leaves_a_field_alone_whose_record_was_erased(ctx: Context, ada: str) -> None:
    edit(ctx, "d1", "contact=c2", "value=5k")
    moved = journal.history(ctx).rows[0][0]
    erasing.erase(ctx, ada)
    answer = journal.undo(ctx, moved)
    assert answer.exit_status == 4
    assert "gone for good" in answer.warnings[0]
    assert engines.ask(ctx.location.path, "SELECT contact_id, value FROM deal") == [(2, None)]


def test_a_name_that_is_a_word_of_a_rule_or_a_choice_leaves_these_in_the_history(
    ctx: Context,
) -> None:
    contact = add(ctx, "contact", "Mo High")
    deal = add(ctx, "deal", "Engine", f"contact={contact}")
    task = add(ctx, "task", "Ring Mo", f"contact={contact}", f"deal={deal}", "due=2026-03-09",
               "recurrence=every monday", "priority=high")  # fmt: skip
    edit(ctx, task, "title=Ring", "recurrence=daily", "priority=low")
    edited = journal.history(ctx).rows[0][0]
    erasing.erase(ctx, contact)
    journal.undo(ctx, edited)
    found = engines.ask(ctx.location.path, "SELECT title, recurrence, priority FROM task")
    assert found == [("Ring (erased)", "FREQ=WEEKLY;BYDAY=MO", "high")]


def test_what_is_held_about_a_person_goes_too(ctx: Context, ada: str) -> None:
    edit(ctx, ada, "birthday=1815-03-04")
    holding.snooze(ctx, [ada], "+3d")
    erasing.erase(ctx, ada)
    assert engines.ask(ctx.location.path, "SELECT key FROM reminder_hold") == []


def test_segments_and_tags_that_name_the_person_are_listed(ctx: Context, ada: str) -> None:
    add(ctx, "tag", "friends", "notes=of Ada Lovelace")
    add(ctx, "segment", "hers", "record=contact", "query=email:ADA@acme.com")
    mentions = erasing.erase(ctx, ada).data["mentions"]
    assert [line.partition(" ")[2] for line in mentions] == ["friends", "hers"]


def test_a_dry_run_says_the_same_and_changes_nothing(ctx: Context, ada: str) -> None:
    before = everything(ctx)
    tried = erasing.erase(replace(ctx, dry_run=True), ada)
    assert everything(ctx) == before
    done = erasing.erase(ctx, ada)
    assert (tried.lines, tried.warnings, tried.data) == (done.lines, done.warnings, done.data)


def test_a_deleted_person_is_erased_by_handle_and_those_merged_into_one_with_it(
    ctx: Context, ada: str
) -> None:
    other = add(ctx, "contact", "Augusta King", "email=augusta@home.example")
    merge(ctx, [ada, other])
    records.delete(ctx, [ada])
    erasing.erase(ctx, ada)
    for gone in (ada, other):
        with pytest.raises(NotFound):
            erasing.erase(ctx, gone)
    assert engines.ask(ctx.location.path, "SELECT name FROM contact") == [("Grace Hopper",)]


def test_a_merged_handle_erases_the_person_that_it_leads_to(ctx: Context, ada: str) -> None:
    other = add(ctx, "contact", "Augusta King")
    merge(ctx, [ada, other])
    assert erasing.erase(ctx, other).data["erased"] == ada


def test_part_of_a_name_erases_nobody_even_with_yes(ctx: Context, ada: str) -> None:
    ctx.accept_partial = True
    with pytest.raises(Ambiguous):
        erasing.erase(ctx, "lovelace")


def test_namesakes_stay_as_they_are_and_are_named(ctx: Context, ada: str) -> None:
    ctx.duplicates = "add"
    namesake = add(ctx, "contact", "Ada Lovelace", "notes=met Ada Lovelace")
    answer = erasing.erase(ctx, ada)
    assert f"{namesake} Ada Lovelace" in answer.data["mentions"]
    found = engines.ask(ctx.location.path, "SELECT name, notes FROM contact WHERE id = 3")
    assert found == [("Ada Lovelace", "met Ada Lovelace")]


def test_the_backups_that_hold_the_person_are_named(ctx: Context, ada: str) -> None:
    later = replace(ctx, env=ctx.env._replace(now=ctx.env.now.replace(hour=20)))
    older = replace(ctx, env=ctx.env._replace(now=ctx.env.now.replace(day=1)))
    for each in (older, later):
        backups.create(each)
    answer = erasing.erase(ctx, ada)
    assert [Path(name).name for name in answer.data["backups"]] == [
        "crm-20260304T201500Z.crmbackup"
    ]


def test_the_files_of_rejected_rows_are_named(ctx: Context, ada: str) -> None:
    load(ctx, "Name,Email\nBob,bob@x.example,more,than,that\nEve,eve@x.example\n", "old.csv")
    assert erasing.erase(ctx, ada).data["rejects"] == ["old.csv.rejects.csv (i1)"]


# --- reminders


def test_messages_forget_the_person_and_unsent_ones_are_planned_anew(
    ctx: Context, ada: str
) -> None:
    edit(ctx, "t1", "due=2026-03-01")
    edit(ctx, "t2", "due=2026-03-01")
    told(ctx)
    path = ctx.location.path
    assert len(engines.ask(path, "SELECT * FROM delivery")) > 1
    with logging(ctx.location) as log:
        log.execute("UPDATE reminder_message SET state = 'pending'")
    erasing.erase(ctx, ada)
    assert engines.ask(path, "SELECT * FROM delivery") == []
    told(ctx)
    assert engines.ask(path, "SELECT record_id FROM delivery WHERE record = 'task'") == [(2,)]
    assert "ada" not in engines.ask(path, "SELECT payload FROM reminder_message")[0][0].lower()


def test_nobody_is_erased_while_a_reminder_about_them_is_under_way(ctx: Context, ada: str) -> None:
    edit(ctx, "t1", "due=2026-03-01")
    told(ctx)
    with logging(ctx.location) as log:
        log.execute("UPDATE reminder_message SET state = 'sending'")
    before = everything(ctx)
    with pytest.raises(DatabaseBusy):
        erasing.erase(ctx, ada)
    assert everything(ctx) == before


# --- coming back


@pytest.fixture
def gone(ctx: Context, ada: str) -> Context:
    """Where Ada was erased."""
    erasing.erase(ctx, ada)
    return ctx


@pytest.mark.parametrize("reached", ["email=ADA@acme.com", "phone=020 7946 0958"])
def test_adding_or_editing_refuses_what_an_erased_person_was_reached_by(
    gone: Context, reached: str
) -> None:
    with pytest.raises(Conflict, match="erased"):
        add(gone, "contact", "A. King", reached)
    with pytest.raises(Conflict, match="erased"):
        edit(gone, "c2", reached.replace("=", "+="))
    add(gone, "contact", "Ada Lovelace")


def test_an_import_sets_the_rows_of_an_erased_person_aside(gone: Context) -> None:
    found = load(gone, "Name,Email\nAda King,ada@acme.com\nEve,eve@x.example\n")
    assert counts(found) == (2, 1, 0, 0, 0, 1)
    assert found.reasons == ("line 2: erased person",)
    assert "Ada King,ada@acme.com,2,erased person" in Path(found.rejects).read_text("utf-8")


def test_a_file_that_names_an_erased_person_does_not_make_them(gone: Context) -> None:
    load(gone, "Deal Name,Contact\nSecond,Ada <ada@acme.com>\n", kind="deal")
    assert engines.ask(gone.location.path, "SELECT contact_id FROM deal WHERE id = 2") == [(None,)]
    assert len(engines.ask(gone.location.path, "SELECT id FROM contact")) == 1


def test_what_somebody_else_is_reached_by_too_is_not_refused(ctx: Context, ada: str) -> None:
    edit(ctx, "o1", "phone+=+442079460958")
    erasing.erase(ctx, ada)
    add(ctx, "contact", "Colleague", "phone=+442079460958")


def test_somebody_who_agrees_is_readmitted(gone: Context) -> None:
    erasing.readmit(gone, "ada@acme.com")
    add(gone, "contact", "Ada King", "email=ada@acme.com")
    with pytest.raises(NotFound):
        erasing.readmit(gone, "ada@acme.com")
    assert "acme.com" not in repr(journal.history(gone).rows[1])


def test_hashes_tell_nothing_and_are_another_databases_own(gone: Context) -> None:
    held = erased.known(gone.reader)
    assert held is not None
    assert len(held.digests) == 2
    assert all(len(digest) == 64 for digest in held.digests)
    other = held._replace(secret=bytes(32))
    assert other.any_of([("email", "ada@acme.com")]) is None
    assert held.any_of([("email", "ada@acme.com")]) == ("email", "ada@acme.com")


# --- at the prompt


def test_the_commands_end_as_they_should(crm: Crm) -> None:
    crm("add-contact", "Ada Lovelace", "--email", "ada@acme.com")
    assert crm("erase", "c1").status == 2
    assert "erased c1 Ada Lovelace" in crm("erase", "c1", "--dry-run").out
    ran = crm("erase", "ada@acme.com", "--yes", "--json")
    assert (ran.status, json.loads(ran.out)["removed"]) == (0, {"contact": 1})
    back = crm("add-contact", "Ada", "--email", "ada@acme.com")
    assert (back.status, "--readmit" in back.err) == (4, True)
    assert crm("erase", "ada@acme.com", "--readmit").status == 0
    assert crm("add-contact", "Ada", "--email", "ada@acme.com").status == 0
    assert crm("erase", "c1", "--yes").status == 3
