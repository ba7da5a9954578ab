"""The working day: deals move, tasks come due and are done, activities are logged or planned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests import engines

from crmcli.actions import day, journal, records, stages
from crmcli.actions.assign import Assign, read_assign
from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.errors import Conflict, CrmError, InvalidValue, NotFound, UsageError
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import listing
from crmcli.reminders import holding
from crmcli.results import Done

NOW = "2026-03-04T09:15:00Z"


def add(ctx: Context, noun: str, title: str, *words: str) -> Done:
    return records.add(ctx, noun, [read_assign(word) for word in words], title=title)


def edit(ctx: Context, ref: str, *words: str) -> Done:
    return records.edit(ctx, [ref], [read_assign(word) for word in words])


def rows(ctx: Context, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    found = ctx.reader.rows(sql, params)
    ctx.close()
    return found


def wait(ctx: Context, **length: float) -> str:
    """Let time pass; the new present."""
    ctx.env = ctx.env._replace(now=ctx.env.now + timedelta(**length))
    return ctx.now


@pytest.fixture
def team(ctx: Context) -> Context:
    """Ada of Acme, and a deal with her."""
    add(ctx, "contact", "Ada Lovelace", "company=Acme")
    add(ctx, "deal", "Engine", "contact=c1", "value=5000")
    return ctx


# --- deals


def deal(ctx: Context) -> tuple[Any, ...]:
    """Stage, since when, closed when, and why it was lost."""
    return rows(
        ctx,
        "SELECT s.name, d.stage_since, d.closed_at, d.lost_reason FROM deal d"
        " JOIN stage s ON s.id = d.stage_id WHERE d.id = 1",
    )[0]


def stage_history(ctx: Context) -> list[tuple[Any, ...]]:
    return rows(
        ctx,
        "SELECT f.name, s.name FROM stage_change c JOIN stage s ON s.id = c.stage_id"
        " LEFT JOIN stage f ON f.id = c.from_id WHERE c.deal_id = 1 AND c.deleted_at IS NULL"
        " ORDER BY c.id",
    )


def status(ctx: Context) -> str:
    return str(rows(ctx, "SELECT status FROM contact WHERE id = 1")[0][0])


def test_a_new_deal_starts_in_the_first_stage_with_the_company_of_its_contact(
    team: Context,
) -> None:
    assert deal(team) == ("New", NOW, None, None)
    assert stage_history(team) == [(None, "New")]
    assert rows(team, "SELECT company_id, owner_id, value, currency FROM deal") == [
        (1, 1, 500000, "EUR")
    ]


@pytest.mark.parametrize("word", ["Proposal", "proposal", "prop", "st3", "PROP"])
def test_a_stage_is_named_in_full_or_by_its_beginning(team: Context, word: str) -> None:
    later = wait(team, days=2)
    done = day.move(team, ["d1"], word)
    assert done.lines == ("Moved d1 Engine to Proposal",)
    assert deal(team) == ("Proposal", later, None, None)
    assert stage_history(team) == [(None, "New"), ("New", "Proposal")]


def test_moving_to_where_it_is_changes_nothing(team: Context) -> None:
    wait(team, days=1)
    done = day.move(team, ["d1"], "new")
    assert done.change_set is None
    assert deal(team) == ("New", NOW, None, None)


def test_a_deal_is_won_reopened_and_lost(team: Context) -> None:
    day.move(team, ["d1"], "proposal")
    won = wait(team, days=1)
    assert day.win(team, ["d1"]).lines[0].startswith("Won d1 Engine, ")
    assert deal(team) == ("Won", won, won, None)
    assert day.win(team, ["d1"]).change_set is None
    again = wait(team, days=1)
    assert records.reopen(team, ["d1"]).records == ("d1",)
    assert deal(team) == ("Proposal", again, None, None)
    assert records.reopen(team, ["d1"]).change_set is None
    lost = wait(team, days=1)
    day.lose(team, ["d1"], "price")
    assert deal(team) == ("Lost", lost, lost, "price")
    records.reopen(team, ["d1"])
    assert deal(team)[2:] == (None, None)
    names = [to for _from, to in stage_history(team)]
    assert names == ["New", "Proposal", "Won", "Proposal", "Lost", "Proposal"]


def test_a_lost_deal_may_get_another_reason(team: Context) -> None:
    day.lose(team, ["d1"], "price")
    wait(team, days=1)
    day.lose(team, ["d1"], "timing")
    assert deal(team) == ("Lost", NOW, NOW, "timing")
    assert len(stage_history(team)) == 2


def test_deals_move_their_people_on_and_never_back(team: Context) -> None:
    assert status(team) == "qualified"
    day.win(team, ["d1"])
    assert status(team) == "customer"
    records.reopen(team, ["d1"])
    day.lose(team, ["d1"], None)
    assert status(team) == "customer"


@pytest.mark.parametrize("before", ["qualified", "customer", "former", "lost"])
def test_a_new_deal_moves_on_leads_only(ctx: Context, before: str) -> None:
    add(ctx, "contact", "Ada Lovelace", f"status={before}")
    add(ctx, "deal", "Engine", "contact=c1")
    assert status(ctx) == before


def test_a_deal_keeps_its_currency_when_its_value_is_typed_without_one(team: Context) -> None:
    edit(team, "d1", "value=$100")
    edit(team, "d1", "value=200")
    assert rows(team, "SELECT value, currency FROM deal") == [(20000, "USD")]
    edit(team, "d1", "value=")
    assert rows(team, "SELECT value, currency FROM deal") == [(None, None)]


def test_members_have_roles(team: Context) -> None:
    add(team, "contact", "Grace Hopper")
    add(team, "contact", "Alan Turing")
    edit(team, "d1", "contacts.decider+=c2", "contacts+=c3", "contacts.user+=c3")
    members = "SELECT contact_id, label FROM deal_contact WHERE deleted_at IS NULL ORDER BY id"
    assert rows(team, members) == [(2, "decider"), (3, "user")]
    edit(team, "d1", "contacts-=c2")
    assert rows(team, members) == [(3, "user")]
    with pytest.raises(InvalidValue, match="c2 does not take part"):
        edit(team, "d1", "contacts-=c2")
    edit(team, "d1", "contacts=")
    assert rows(team, members) == []


def test_a_second_pipeline_has_stages_of_its_own(team: Context) -> None:
    add(team, "pipeline", "Partners")
    add(team, "stage", "Signing", "pipeline=Partners")
    add(team, "deal", "Alliance", "pipeline=partners")
    place = (
        "SELECT p.name, s.name FROM deal d JOIN stage s ON s.id = d.stage_id"
        " JOIN pipeline p ON p.id = s.pipeline_id WHERE d.id = 2"
    )
    assert rows(team, place) == [("Partners", "New")]
    day.move(team, ["d2"], "signing")
    with pytest.raises(NotFound, match=r"no stage .proposal."):
        day.move(team, ["d2"], "proposal")
    day.win(team, ["d2"])
    assert rows(team, place) == [("Partners", "Won")]
    edit(team, "d1", "pipeline=Partners")
    assert deal(team)[0] == "New"


def test_stages_can_be_put_in_order(team: Context) -> None:
    names = "SELECT name FROM stage WHERE pipeline_id = 1 ORDER BY position"
    stages.order(team, ["proposal", "new"])
    assert [n for (n,) in rows(team, names)][:3] == ["Proposal", "New", "Qualified"]
    stages.move(team, "proposal", "qualified", after=True)
    assert [n for (n,) in rows(team, names)][:3] == ["New", "Qualified", "Proposal"]


def test_one_pipeline_is_the_default(team: Context) -> None:
    add(team, "pipeline", "Partners", "is_default=yes")
    assert rows(team, "SELECT name FROM pipeline WHERE is_default = 1") == [("Partners",)]


@pytest.mark.parametrize(
    ("act", "error", "hint"),
    [
        (lambda c: day.move(c, ["d1"], "propsal"), NotFound, "Proposal"),
        (lambda c: day.move(c, ["d1"], "zzz"), NotFound, "stages: New"),
        (lambda c: day.move(c, ["d9"], "new"), NotFound, ""),
        (lambda c: day.move(c, ["d1"], "st" + "9" * 30), NotFound, ""),
        (lambda c: day.win(c, ["c1"]), NotFound, "d12"),
        (lambda c: add(c, "deal", "X", "pipeline=zzz"), NotFound, "Sales"),
        (lambda c: add(c, "deal", "X", "value=many"), InvalidValue, ""),
        (lambda c: add(c, "deal", "X", "contact=nobody"), NotFound, ""),
        (lambda c: records.delete(c, ["st1"]), Conflict, "another stage"),
        (lambda c: records.delete(c, ["pl1"]), Conflict, "another pipeline"),
        (lambda c: stages.move(c, "new", "new"), UsageError, ""),
    ],
)
def test_a_wrong_word_about_deals_is_explained_and_changes_nothing(
    team: Context, act: Callable[[Context], Done], error: type[CrmError], hint: str
) -> None:
    before = engines.snapshot(team.location.path)
    with pytest.raises(error) as caught:
        act(team)
    assert hint in str(caught.value.hint)
    assert engines.snapshot(team.location.path) == before


# --- tasks


def task(ctx: Context) -> tuple[Any, ...]:
    return rows(ctx, "SELECT status, due, done_at FROM task WHERE id = 1")[0]


def test_a_follow_up_concerns_whom_it_is_about(team: Context) -> None:
    done = day.follow_up(team, ["d1"], "tomorrow 10:00", "send contract", {"priority": "high"})
    assert done.lines[0].startswith("Added t1 send contract, due ")
    assert rows(
        team, "SELECT title, due, deal_id, contact_id, company_id, owner_id, priority FROM task"
    ) == [("send contract", "2026-03-05T09:00:00Z", 1, 1, 1, 1, "high")]
    assert "Follow up with Acme" in day.follow_up(team, ["o1"], "fri", "", {}).lines[0]


SNOOZES = [
    ("2026-03-06", "+3d", "2026-03-09"),
    ("2026-03-06", "+2w", "2026-03-20"),
    ("2026-03-01", "+3d", "2026-03-07"),
    ("2026-03-06 14:00", "+3d", "2026-03-09T13:00:00Z"),
    ("2026-03-27 14:00", "+3d", "2026-03-30T12:00:00Z"),
    ("2026-03-01 14:00", "+1d", "2026-03-05T13:00:00Z"),
    ("2026-03-06 14:00", "monday", "2026-03-09"),
    ("", "+3d", "2026-03-07"),
    ("2026-03-06", "2026-03-09 09:30", "2026-03-09T08:30:00Z"),
]


@pytest.mark.parametrize(("due", "when", "wanted"), SNOOZES)
def test_snoozing_counts_from_the_due_date_or_from_today_when_overdue(
    ctx: Context, due: str, when: str, wanted: str
) -> None:
    add(ctx, "task", "Call", f"due={due}")
    assert holding.snooze(ctx, ["t1"], when).records == ("t1",)
    assert task(ctx) == ("open", wanted, None)


@pytest.mark.parametrize(
    ("when", "error"),
    [("yesterday", InvalidValue), ("", UsageError), ("soonish", InvalidValue)],
)
def test_a_task_cannot_be_put_off_to_what_is_no_later_day(
    ctx: Context, when: str, error: type[CrmError]
) -> None:
    add(ctx, "task", "Call", "due=fri")
    with pytest.raises(error):
        holding.snooze(ctx, ["t1"], when)


def test_a_task_is_done_once_and_can_be_reopened(ctx: Context) -> None:
    add(ctx, "task", "Call", "due=fri")
    first = wait(ctx, hours=1)
    assert day.done(ctx, ["t1"]).lines == ("Done: t1 Call",)
    wait(ctx, hours=1)
    assert day.done(ctx, ["t1"]).change_set is None
    assert task(ctx) == ("done", "2026-03-06", first)
    with pytest.raises(Conflict) as error:
        holding.snooze(ctx, ["t1"], "+1d")
    assert "crm reopen t1" in str(error.value.hint)
    records.reopen(ctx, ["t1"])
    assert task(ctx) == ("open", "2026-03-06", None)
    day.done(ctx, ["t1"], drop=True)
    assert task(ctx)[0] == "dropped"
    journal.undo(ctx)
    assert task(ctx)[0] == "open"


# --- activities


def test_a_call_is_logged_with_its_people_their_company_and_the_deal(team: Context) -> None:
    add(team, "contact", "Grace Hopper")
    options = {"deal": "d1", "duration": "20m", "outcome": "agreed", "at": None}
    done = day.log(team, "call", ["c1,c2"], "price", options)
    assert done.lines[0].startswith("Logged a1 call with Ada Lovelace, Grace Hopper")
    assert rows(
        team,
        "SELECT type, subject, at, planned, company_id, deal_id, duration, outcome, owner_id"
        " FROM activity",
    ) == [("call", "price", NOW, 0, 1, 1, 20, "agreed", 1)]
    assert rows(team, "SELECT contact_id FROM activity_participant") == [(1,), (2,)]


@pytest.mark.parametrize("who", [["d1"], []])
def test_what_is_logged_on_a_deal_concerns_its_company(team: Context, who: list[str]) -> None:
    day.log(team, "note", who, "thinking", {} if who else {"deal": "d1"})
    assert rows(team, "SELECT deal_id, company_id FROM activity") == [(1, 1)]


def test_what_lies_ahead_is_planned_until_it_is_done(team: Context) -> None:
    done = day.log(team, "meeting", ["c1"], "demo", {"at": "tomorrow 10:00"})
    assert done.lines[0].startswith("Planned a1 meeting")
    at = "SELECT at, planned FROM activity"
    assert rows(team, at) == [("2026-03-05T09:00:00Z", 1)]
    now = wait(team, hours=2)
    day.done(team, ["a1"])
    assert rows(team, at) == [(now, 0)]
    assert day.done(team, ["a1"]).change_set is None


def test_a_planned_activity_keeps_its_time_when_it_is_done_later(team: Context) -> None:
    day.log(team, "meeting", ["c1"], "demo", {"at": "tomorrow 10:00"})
    wait(team, days=3)
    day.done(team, ["a1"])
    assert rows(team, "SELECT at, planned FROM activity") == [("2026-03-05T09:00:00Z", 0)]


def test_what_was_is_logged_at_its_time(team: Context) -> None:
    day.log(team, "call", ["c1"], "old news", {"at": "yesterday 15:00"})
    assert rows(team, "SELECT at, planned FROM activity") == [("2026-03-03T14:00:00Z", 0)]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: day.log(c, "shout", ["c1"], "x", {}), InvalidValue),
        (lambda c: day.log(c, "call", ["nobody"], "x", {}), NotFound),
        (lambda c: day.log(c, "call", ["c1"], "", {}), CrmError),
        (lambda c: day.log(c, "call", ["c1"], "x", {"at": "someday"}), InvalidValue),
        (lambda c: day.log(c, "call", ["c1"], "x", {"deal": "d9"}), NotFound),
        (lambda c: day.follow_up(c, ["c1"], "someday", "x", {}), InvalidValue),
        (lambda c: day.done(c, ["c1"]), NotFound),
    ],
)
def test_a_wrong_word_about_the_day_changes_nothing(
    team: Context, act: Callable[[Context], Done], error: type[CrmError]
) -> None:
    before = engines.snapshot(team.location.path)
    with pytest.raises(error):
        act(team)
    assert engines.snapshot(team.location.path) == before


# --- fields of one's own


CUSTOM = [
    ("text", "blue", "blue", "shade:blue"),
    ("longtext", "one\ntwo", "one\ntwo", "shade:two"),
    ("integer", "7", 7, "shade:5.."),
    ("number", "7.5", 7.5, "shade:7..8"),
    ("percent", "30%", 30, "shade:..40"),
    ("yesno", "yes", 1, "shade:yes"),
    ("day", "5 Mar 2027", "2027-03-05", "shade:2027"),
    ("moment", "2026-03-09 10:00", "2026-03-09T09:00:00Z", "shade:2026-03"),
    ("choice", "Red", "red", "shade:red"),
    ("email", "a@x.org", "a@x.org", "shade:x.org"),
    ("phone", "020 7946 0958", "+442079460958", "shade:+442079460958"),
    ("url", "x.org", "https://x.org", "shade:x.org"),
    ("country", "Germany", "DE", "shade:Germany"),
    ("duration", "90m", 90, "shade:1h..2h"),
]


@pytest.mark.parametrize(("kind", "text", "wanted", "query"), CUSTOM, ids=[c[0] for c in CUSTOM])
def test_a_field_of_ones_own_is_set_found_listed_and_undone(
    team: Context, kind: str, text: str, wanted: Any, query: str
) -> None:
    choices = ["choices=red,green"] if kind == "choice" else []
    add(team, "field", "Shade", "record=contact", f"kind={kind}", *choices)
    add(team, "contact", "Grace Hopper")
    records.edit(team, ["c1"], [Assign("shade", "=", None, text)])
    record = with_custom(team.reader, BY_NAME["contact"])
    found = listing(team.reader, team.env, record, [query], columns=["handle", "shade"])
    team.close()
    assert found.rows == (("c1", wanted),)
    assert journal.history(team, ["c1"]).rows[0][4] == "shade"
    team.close()
    journal.undo(team)
    assert rows(team, "SELECT custom FROM contact WHERE id = 1") == [(None,)]


@pytest.mark.parametrize(
    ("title", "words", "error"),
    [
        ("email", ("record=contact",), InvalidValue),
        ("or", ("record=contact",), InvalidValue),
        ("1st", ("record=contact",), InvalidValue),
        ("a.b", ("record=contact",), InvalidValue),
        ("shade", (), UsageError),
        ("shade", ("record=tag",), InvalidValue),
        ("shade", ("record=contact", "kind=colour"), InvalidValue),
        ("shade", ("record=contact", "kind=choice"), InvalidValue),
        ("Budget", ("record=deal",), Conflict),
    ],
)
def test_a_field_that_cannot_be_is_refused(
    team: Context, title: str, words: tuple[str, ...], error: type[CrmError]
) -> None:
    add(team, "field", "budget", "record=deal", "kind=number")
    with pytest.raises(error):
        add(team, "field", title, *words)


def test_a_required_field_must_be_given_and_kept(team: Context) -> None:
    add(team, "field", "shade", "record=contact", "required=yes")
    with pytest.raises(UsageError, match="needs a shade"):
        add(team, "contact", "Grace")
    add(team, "contact", "Grace", "shade=blue")
    with pytest.raises(InvalidValue, match="shade"):
        edit(team, "Grace", "shade=")
    edit(team, "c1", "title=Countess")


def test_custom_values_do_not_disturb_each_other(team: Context) -> None:
    for name in ("shade", "size"):
        add(team, "field", name, "record=contact")
    edit(team, "c1", "shade=blue")
    edit(team, "c1", "size=L")
    edit(team, "c1", "shade=")
    assert rows(team, "SELECT custom FROM contact") == [('{"size": "L"}',)]


# --- history


def test_history_tells_who_changed_which_field_from_what_to_what(team: Context) -> None:
    edit(team, "d1", "value=7000", "close=2026-05-01")
    day.move(team, ["d1"], "proposal")
    told = [row[3:] for row in journal.history(team, ["d1"]).rows]
    assert ("changed", "value", "5000.00", "7000.00") in told
    assert ("changed", "expected_close", None, "2026-05-01") in told
    assert ("changed", "stage", "New", "Proposal") in told
    team.close()
    one = [row[3:] for row in journal.history(team, ["h3"]).rows]
    assert ("changed d1", "value", "5000.00", "7000.00") in one
    sets = journal.history(team)
    assert [row[0] for row in sets.rows] == ["h4", "h3", "h2", "h1"]
    assert sets.total == 4
    team.close()
    for ref, error in (("h99", NotFound), ("c99", NotFound), ("zzz", NotFound), ("h²", NotFound)):
        with pytest.raises(error):
            journal.history(team, [ref])
