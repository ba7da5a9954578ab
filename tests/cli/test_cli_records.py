"""The commands on records, from adding to undoing, run on a real file."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.surroundings import Crm

from crmcli.catalog import RECORDS
from crmcli.cli.adding import spellings
from crmcli.cli.table import by_hand
from crmcli.fields import Field, Record

NEEDED = {
    "field": ["--record", "contact"],
    "segment": ["--query", "tag:vip"],
    "holiday": ["--day", "2026-12-25"],
    "stage": ["--pipeline", "Sales"],
}
SAMPLES = {
    "text": "Some text",
    "longtext": "Some text",
    "name": "Ada Lovelace",
    "email": "ada@acme.com",
    "phone": "+44 20 7946 0958",
    "url": "https://acme.com/about",
    "social": "https://linkedin.com/in/ada",
    "domain": "acme.com",
    "country": "DE",
    "language": "en",
    "zone": "Europe/Berlin",
    "money": "12k",
    "integer": "7",
    "percent": "40%",
    "year": "1999",
    "day": "2030-03-05",
    "birthday": "1990-12-10",
    "moment": "2030-03-05 10:00",
    "when": "2030-03-05",
    "duration": "45m",
    "interval": "3 weeks",
    "recurrence": "every monday",
    "leads": "1d,1h",
    "clock": "08:00",
    "hours": "22:00-07:00",
    "weekdays": "mon-fri",
    "channels": "mail",
    "tags": "vip",
    "address": "Main St 1, 10115 Berlin, Germany",
}


def sample(field: Field) -> str:
    if field.choices:
        return field.choices[-1]
    if field.name == "pipeline":
        return "Some pipeline"
    if field.name == "date":
        return "contact.birthday"
    if field.store in {"ref", "members"}:
        return {"stage": "Proposal", "user": "ada"}.get(field.ref, f"Some {field.ref}")
    return SAMPLES[field.kind]


def option_of(field: Field) -> list[str]:
    spelling = spellings(field)[0].partition("/")[0]
    return [spelling] if field.kind == "yesno" else [spelling, sample(field)]


SETTABLE = [
    (record, field)
    for record in RECORDS
    if by_hand(record)
    for field in record.fields
    if not field.readonly and field.name not in (record.title, "record", "kind")
]


@pytest.fixture
def others(crm: Crm) -> Crm:
    """What references may name."""
    crm("add-user", "ada")
    crm("add-company", "Some company")
    crm("add-contact", "Some contact")
    crm("add-deal", "Some deal")
    crm("add-task", "Some task")
    crm("add-pipeline", "Some pipeline")
    return crm


@pytest.mark.parametrize(
    ("record", "field"), SETTABLE, ids=[f"{record.name}.{field.name}" for record, field in SETTABLE]
)
def test_every_field_has_an_option_that_sets_it(others: Crm, record: Record, field: Field) -> None:
    needed = NEEDED.get(record.name, [])
    if option_of(field)[0] in needed:
        needed = []
    added = others(f"add-{record.name}", "Xyz", *needed, *option_of(field), "--json")
    assert added.status == 0, added
    handle = json.loads(added.out)["records"][0]
    column = field.part if field.store == "part" else field.name
    rows = others(record.plural, f"id:{handle}", "--columns", column, "--json", "--limit", "0")
    assert rows.status == 0, rows
    (row,) = json.loads(rows.out)
    assert row[column] not in (None, "", [])


@pytest.mark.parametrize("record", [r for r in RECORDS if by_hand(r)], ids=lambda r: r.name)
def test_a_record_of_each_type_goes_through_its_life(crm: Crm, record: Record) -> None:
    added = crm(f"add-{record.name}", "xyzzy", *NEEDED.get(record.name, []), "--json")
    assert added.status == 0, added
    handle = json.loads(added.out)["records"][0]
    assert handle in crm(record.plural, "--format", "ids").out.split()
    assert "xyzzy" in crm("show", handle).out
    assert crm("edit", handle, f"{record.title}=plugh").status == 0
    assert "plugh" in crm(record.plural).out
    assert crm("delete", handle).status == 0
    assert handle not in crm(record.plural, "--format", "ids").out.split()
    assert handle in crm(record.plural, "--deleted", "--format", "ids").out.split()
    assert crm("show", handle).status == 3
    assert crm("restore", handle).status == 0
    assert crm("undo").status == 0
    assert crm("redo").status == 0
    assert "plugh" in crm("show", handle).out


def test_words_of_a_name_need_no_quotes(crm: Crm) -> None:
    crm("add-contact", "Ada", "King", "Lovelace")
    assert "Ada King Lovelace" in crm("contacts").out


def test_any_field_may_be_given_with_a_label(crm: Crm) -> None:
    crm("add-contact", "Ada", "--field", "email.work=ada@acme.com", "--email", "ada@home.org")
    emails = json.loads(crm("show", "c1", "--json").out)["email"]
    assert {(each["value"], each["label"]) for each in emails} == {
        ("ada@acme.com", "work"),
        ("ada@home.org", None),
    }


def test_an_impossible_phone_is_refused_or_kept_as_typed(crm: Crm) -> None:
    assert crm("add-contact", "Ada", "--phone", "12").status == 5
    assert crm("add-contact", "Ada", "--phone", "12", "--keep-invalid").status == 0
    assert crm("edit", "c1", "phone+=13", "--keep-invalid").status == 0
    assert '"12"' in crm("show", "c1", "--json").out


def test_leads_are_contacts_with_that_status(crm: Crm) -> None:
    crm("add-contact", "Ada", "--status", "lead")
    crm("add-contact", "Grace", "--status", "customer")
    assert crm("leads", "--format", "ids").out.split() == ["c1"]
    assert crm("leads", "grace", "--format", "ids").out.split() == []


def test_an_empty_list_is_fine(crm: Crm) -> None:
    crm("init")
    ran = crm("contacts", "--format", "json")
    assert (ran.status, json.loads(ran.out)) == (0, [])


# --- many at once


@pytest.fixture
def three(crm: Crm) -> Crm:
    for name, city in (("Ada", "Berlin"), ("Grace", "Paris"), ("Alan", "Berlin")):
        crm("add-contact", name, "--city", city)
    return crm


def tagged(crm: Crm) -> list[str]:
    return sorted(crm("contacts", "tag:x", "--format", "ids").out.split())


@pytest.mark.parametrize(
    "words",
    [
        ["tag", "c1,c3", "x"],
        ["tag", "contacts", "--where", "city:Berlin", "x", "--yes"],
        ["edit", "contacts", "--where", "city:Berlin", "tags+=x", "-y"],
    ],
)
def test_several_records_are_named_by_commas_or_by_a_query(three: Crm, words: list[str]) -> None:
    ran = three(*words)
    assert ran.status == 0, ran
    assert tagged(three) == ["c1", "c3"]
    assert json.loads(three("history", "--json", "--limit", "1").out)[0]["command"] != ""
    three("undo")
    assert tagged(three) == []


def test_a_query_needs_an_answer_before_it_changes_records(three: Crm) -> None:
    ran = three("delete", "contacts", "--where", "city:Berlin")
    assert ran.status == 2
    assert "Delete 2 contacts (c3, c1)?" in ran.err or "Delete 2 contacts (c1, c3)?" in ran.err
    assert "--yes" in ran.err
    assert len(three("contacts", "--format", "ids").out.split()) == 3
    assert three("delete", "contacts", "--where", "city:Berlin", "-n").status == 0
    assert len(three("contacts", "--format", "ids").out.split()) == 3
    assert three("delete", "contacts", "--where", "city:Rome", "--yes").status == 3
    assert three("delete", "contacts", "--where", "city:Berlin", "--yes").status == 0
    assert three("contacts", "--format", "ids").out.split() == ["c2"]


def test_handles_are_read_from_stdin(three: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("c1\nc2\n"))
    assert three("tag", "-", "x").status == 0
    assert tagged(three) == ["c1", "c2"]
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert three("delete", "-").status == 3


def test_a_list_that_goes_into_a_pipe_names_its_records(
    three: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    three("add-contact", "Grace Ada Alan")
    monkeypatch.setattr("sys.stdin", io.StringIO(three("contacts", "name:grace").out))
    assert three("tag", "-", "x").status == 0
    assert tagged(three) == ["c2", "c4"]


def test_handles_on_stdin_may_stand_among_others(
    three: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("c1 c2\n"))
    assert three("show", "c3", "-", "--format", "ids").out == "c3\nc1\nc2\n"


def test_several_words_name_several_records(three: Crm) -> None:
    assert three("delete", "c1", "c2").status == 0
    assert three("restore", "c1", "c2").status == 0


SEVERAL = [["c1,c3"], ["c1", "c3"], ["c1, c3,", "c1"], ["-"]]


@pytest.mark.parametrize("refs", SEVERAL, ids=" ".join)
def test_several_records_are_shown_and_have_one_history(
    three: Crm, monkeypatch: pytest.MonkeyPatch, refs: list[str]
) -> None:
    def run(*words: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("c1\nc3\n"))
        ran = three(*words)
        assert (ran.status, ran.err) == (0, ""), ran
        return ran.out

    assert [card["name"] for card in json.loads(run("show", *refs, "--json"))] == ["Ada", "Alan"]
    assert len(run("show", *refs, "--format", "jsonl").splitlines()) == 2
    assert run("show", *refs, "--format", "ids") == "c1\nc3\n"
    assert run("show", *refs).index("c1  Ada") < run("show", *refs).index("\n\nc3  Alan")
    told = json.loads(run("history", *refs, "--json"))
    assert {row["what"] for row in told} == {"added c1", "added c3"}
    assert [row["handle"] for row in told] == sorted((r["handle"] for r in told), reverse=True)


def test_one_record_is_an_object_but_a_list_of_one_is_a_list(
    three: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("c1\n"))
    assert isinstance(json.loads(three("show", "c1", "--json").out), dict)
    assert isinstance(json.loads(three("show", "-", "--json").out), list)


@pytest.mark.parametrize("verb", ["show", "history", "delete", "restore"])
def test_nothing_is_done_when_one_of_several_is_not_there(three: Crm, verb: str) -> None:
    ran = three(verb, "c1,c99")
    assert (ran.out, ran.status) == ("", 3)
    assert "c99" in ran.err
    assert len(three("contacts", "--format", "ids").out.split()) == 3


def test_cards_of_different_types_are_rows_of_one_table(three: Crm) -> None:
    three("add-company", "Acme", "--domain", "acme.com")
    head, ada, acme = three("show", "c1,o1", "--format", "tsv").out.splitlines()
    columns = head.split("\t")
    assert (ada.split("\t")[0], acme.split("\t")[0]) == ("c1", "o1")
    assert acme.split("\t")[columns.index("domain")] == "acme.com"
    assert ada.split("\t")[columns.index("domain")] == ""


def test_several_are_followed_up_and_linked_at_once(three: Crm) -> None:
    assert len(three("follow-up", "c1,c2", "fri", "call").out.splitlines()) == 2
    rows = json.loads(three("tasks", "--json", "--columns", "contact").out)
    assert sorted(row["contact"] for row in rows) == ["Ada", "Grace"]
    assert three("link", "c1,c2", "reports-to", "c3").status == 0
    assert len(json.loads(three("show", "c3", "--json").out)["links"]) == 2
    three("undo")
    assert "links" not in json.loads(three("show", "c3", "--json").out)
    assert three("link", "c1", " ", "c3").status == 2


def test_restoring_a_file_points_to_the_backups(three: Crm, tmp_path: Path) -> None:
    file = tmp_path / "crm-2026.db"
    file.write_text("")
    ran = three("restore", str(file))
    assert ran.status == 2
    assert f"crm backup restore {file}" in ran.err


# --- the working day


def test_a_day_of_work(crm: Crm) -> None:
    assert crm("add-contact", "Ada Lovelace", "--company", "Acme").status == 0
    assert crm("add-deal", "Renewal", "--company", "Acme", "--value", "12k").status == 0
    assert crm("move", "d1", "proposal").status == 0
    assert crm("log", "call", "ada", "agreed", "on", "price", "--deal", "d1").status == 4
    assert crm("log", "call", "c1", "agreed", "on", "price", "--deal", "d1").status == 0
    assert crm("log", "meeting", "c1", "demo", "--at", "tomorrow 10:00").status == 0
    assert crm("follow-up", "c1", "today", "send", "contract").status == 0
    assert "send contract" in crm("today").out
    assert "send contract" in crm("remind").out
    assert crm("snooze", "t1", "+3d").status == 0
    assert "send contract" not in crm("remind").out
    assert crm("done", "t1", "a2").status == 0
    assert crm("reopen", "t1").status == 0
    assert crm("done", "t1", "--drop").status == 0
    assert crm("win", "d1").status == 0
    assert json.loads(crm("deals", "--json").out)[0]["stage"] == "Won"
    assert crm("reopen", "d1").status == 0
    assert crm("lose", "d1", "--reason", "price").status == 0
    (deal,) = json.loads(crm("deals", "--json", "--columns", "+lost_reason").out)
    assert (deal["stage"], deal["lost_reason"]) == ("Lost", "price")
    assert crm("link", "c1", "works-with", "o1").status == 0
    assert crm("unlink", "c1", "works-with", "o1").status == 0
    assert crm("unlink", "c1", "o1").status == 3
    assert crm("assign", "c1", "me").status == 0
    assert crm("untag", "c1", "none").status == 0
    for words in (["pipeline", "--deals"], ["pipeline", "value:10k..", "--owner", "me"],
                  ["report", "lost"], ["report", "won", "--period", "2026", "--by", "owner"],
                  ["search", "renewal"], ["history", "c1"], ["today", "--days", "3"]):  # fmt: skip
        ran = crm(*words)
        assert (ran.status, ran.err) == (0, ""), (words, ran)
        assert ran.out


def test_remind_prints_json_even_when_nothing_is_due(crm: Crm) -> None:
    crm("init")
    assert crm("remind") == ("", "", 0)
    assert isinstance(json.loads(crm("remind", "--json").out), dict)


def test_stages_are_put_in_order(crm: Crm) -> None:
    crm("init")
    assert crm("stage", "order", "Proposal", "New").status == 0
    assert crm("stage", "move", "Qualified", "--before", "New").status == 0
    assert crm("stage", "move", "Proposal", "--after", "New", "--pipeline", "Sales").status == 0
    names = [row["name"] for row in json.loads(crm("stages", "--json").out)]
    assert names[:4] == ["Qualified", "New", "Proposal", "Negotiation"]
    assert crm("stage", "move", "New", "--after", "New").status == 2
    assert crm("stage", "order", "Nowhere").status == 3


def test_users_are_deactivated_and_brought_back(crm: Crm) -> None:
    crm("add-user", "bob")
    assert crm("user", "deactivate", "bob").status == 0
    rows = json.loads(crm("users", "name:bob", "--json", "--columns", "active").out)
    assert rows[0]["active"] is False
    assert crm("user", "activate", "bob").status == 0


def test_becoming_a_user_whom_nobody_knows_is_noticed(crm: Crm) -> None:
    assert crm("user", "use", "ada").err == ""
    crm("add-user", "ada")
    assert crm("user", "use", "Ada").err == ""
    assert "did you mean ada?" in crm("user", "use", "adaa").err
    assert "your first change makes it" in crm("user", "use", "grace").err


# --- the household


def test_settings_are_listed_changed_and_returned_to_their_defaults(crm: Crm) -> None:
    assert crm("config", "set", "currency", "eur").out == "currency is now EUR\n"
    assert crm("config", "get", "currency").out == "EUR\n"
    rows = {row["name"]: row["value"] for row in json.loads(crm("config", "list", "--json").out)}
    assert rows["currency"] == "EUR"
    assert crm("config", "unset", "currency").status == 0
    assert json.loads(crm("config", "get", "currency", "--json").out)["currency"] is None


@pytest.mark.sqlite_only
def test_the_database_is_made_described_and_checked(crm: Crm, db: Path) -> None:
    assert crm("contacts").status == 7
    assert crm("init").status == 0
    assert crm("init").status == 0
    for words in (["db", "path"], ["db", "info"], ["db", "check"]):
        ran = crm(*words)
        assert (ran.status, ran.err) == (0, ""), (words, ran)
        assert ran.out


def test_what_never_happened_to_the_database_is_said(crm: Crm) -> None:
    crm("init")
    told = crm("db", "info").out.splitlines()
    names = ("Last backup", "Last import", "Last reminder run")
    assert [line.split()[-1] for line in told if line.startswith(names)] == ["never"] * 3
    assert crm("db", "info", "--format", "md").out.count("| never |") == 3
    found = json.loads(crm("db", "info", "--json").out)
    assert [found[name] for name in ("backup", "import", "reminders")] == [None] * 3
    assert "never" in crm("remind", "--status").out
    crm("backup", "create")
    assert crm("db", "info").out.count("  never\n") == 2


def test_fields_and_kinds_are_listed(crm: Crm) -> None:
    names = [row["name"] for row in json.loads(crm("field", "list", "deals", "--json").out)]
    assert {"value", "stage", "expected_close"} <= set(names)
    crm("add-field", "plan", "--record", "deal", "--kind", "choice", "--choices", "free,pro")
    rows = {
        row["name"]: row["own"] for row in json.loads(crm("field", "list", "deal", "--json").out)
    }
    assert (rows["plan"], rows["value"]) == (True, False)
    assert "duration" in crm("field", "kinds").out


def test_open_hands_the_address_to_the_systems_program(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm("add-contact", "Ada", "--email", "ada@acme.com", "--phone", "+44 20 7946 0958")
    crm("add-company", "Acme", "--url", "https://acme.com")
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\nprintf "%s" "$1" > {tmp_path}/opened\n')
    opener.chmod(0o700)
    monkeypatch.setenv("PATH", f"{opener.parent}:/bin:/usr/bin")
    for words, address in (
        (["c1"], "mailto:ada@acme.com"),
        (["c1", "phone"], "tel:+442079460958"),
        (["o1"], "https://acme.com"),
    ):
        assert crm("open", *words).status == 0
        assert (tmp_path / "opened").read_text() == address
    assert "no web page" in crm("open", "c1", "web").err
    opener.write_text("#!/bin/sh\nexit 3\n")
    assert crm("open", "c1").status == 1
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no program" in crm("open", "c1").err


# --- files


def test_what_is_exported_is_there_already_when_it_is_imported(three: Crm, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    assert three("export", "contacts", "city:Berlin", "-o", str(file)).status == 0
    assert file.read_text().count("\n") == 3
    ran = three("import", str(file), "--json")
    assert ran.status == 0
    assert json.loads(ran.out)["unchanged"] == 2
    assert three("export", "contacts", "-o", str(file)).status == 2
    assert three("export", "contacts", "-o", str(file), "--yes").status == 0
    assert file.read_text().count("\n") == 4


def test_an_import_says_what_it_made_and_is_taken_back(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Who,Mail,Junk\nAda Lovelace,ada@acme.com,x\nGrace Hopper,grace@navy.mil,y\n")
    words = ["import", str(file), "--kind", "contacts", "--map", "Who=name", "--map", "Mail=email",
             "--ignore", "Junk", "--tag", "fair", "--owner", "me"]  # fmt: skip
    crm("init")
    assert json.loads(crm(*words, "--dry-run", "--json").out)["created"] == 2
    assert crm("contacts", "--format", "ids").out == ""
    assert json.loads(crm(*words, "--json").out)["created"] == 2
    assert len(crm("contacts", "tag:fair", "--format", "ids").out.split()) == 2
    (listed,) = json.loads(crm("imports", "--json").out)
    assert crm("undo", listed["handle"]).status == 0
    assert crm("contacts", "--format", "ids").out == ""
    assert crm("import", str(file), "--map", "nonsense").status == 2
    assert crm("import", str(tmp_path / "none.csv")).status == 3


@pytest.mark.parametrize(
    ("words", "field"),
    [(("clean",), "name"), (("enrich",), "country"), (("merge", "c1", "c2"), "Name")],
)
def test_a_dry_run_with_its_values_is_one_json_document(
    crm: Crm, words: tuple[str, ...], field: str
) -> None:
    crm("add-contact", "ADA LOVELACE", "--phone", "+442079460958")
    crm("add-contact", "Ada L", "--email", "ada@acme.com")
    found = json.loads(crm(*words, "--dry-run", "--json").out)
    assert found["dry_run"]
    assert field in [row["field"] for row in found["preview"]]
