"""Undo takes back what it can, keeps what was used since, and says so; redo brings it again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import engines
from tests.surroundings import content_of, context_at

from crmcli.actions import day, household, journal, records
from crmcli.actions.assign import Assign, read_assign
from crmcli.actions.context import Context
from crmcli.actions.journal import redo, undo
from crmcli.errors import Conflict, CrmError, NotFound, UsageError
from crmcli.results import Done
from crmcli.store.write import writing

Act = Callable[[Context], Done]


def add(ctx: Context, noun: str, title: str, *words: str) -> Done:
    return records.add(ctx, noun, [read_assign(word) for word in words], title=title)


def edit(ctx: Context, ref: str, *words: str) -> Done:
    return records.edit(ctx, [ref], [read_assign(word) for word in words])


def rows(ctx: Context, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    found = ctx.reader.rows(sql, params)
    ctx.close()
    return found


def kept(answer: Done) -> tuple[list[str], str, int]:
    """The handles that an undo kept, why in one text, and its exit status."""
    return answer.data["kept"], " ".join(answer.warnings), answer.exit_status


@pytest.fixture
def team(ctx: Context) -> Context:
    """Ada of Acme with a deal: h1 and h2."""
    add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "company=Acme", "tags=vip")
    add(ctx, "deal", "Engine", "contact=c1", "value=5000")
    return ctx


# --- one change set


def test_undo_and_redo_return_to_the_same_content(team: Context) -> None:
    path = team.location.path
    before = content_of(path)
    made = edit(team, "c1", "title=Countess", "email+=ada@home.org", "tags+=math", "city=London")
    after = content_of(path)
    assert undo(team).data == {"of": made.change_set, "kept": []}
    assert content_of(path) == before
    assert redo(team).exit_status == 0
    assert content_of(path) == after
    undo(team)
    assert content_of(path) == before


def test_a_later_change_to_another_field_survives(team: Context) -> None:
    made = edit(team, "c1", "title=Countess")
    edit(team, "c1", "department=Engines", "email+=ada@home.org")
    assert undo(team, made.change_set).exit_status == 0
    assert rows(team, "SELECT title, department FROM contact") == [(None, "Engines")]


def test_a_field_changed_since_is_kept_and_listed(team: Context) -> None:
    made = edit(team, "c1", "title=Countess", "department=Engines")
    edit(team, "c1", "title=Dame")
    handles, why, status = kept(undo(team, made.change_set))
    assert (handles, status) == (["c1"], 4)
    assert "title was changed since" in why
    assert rows(team, "SELECT title, department FROM contact") == [("Dame", None)]


def test_custom_fields_are_taken_back_one_by_one(team: Context) -> None:
    for name in ("budget", "shoe"):
        add(team, "field", name, "record=contact", "kind=integer")
    made = edit(team, "c1", "budget=5", "shoe=40")
    edit(team, "c1", "shoe=41")
    handles, why, status = kept(undo(team, made.change_set))
    assert (handles, status) == (["c1"], 4)
    assert "shoe was changed since" in why
    assert rows(team, "SELECT custom FROM contact") == [('{"shoe": 41}',)]


USES: dict[str, Act] = {
    "changed": lambda c: edit(c, "c2", "title=Admiral"),
    "given an e-mail": lambda c: edit(c, "c2", "email+=grace@navy.mil"),
    "given another label": lambda c: edit(c, "c2", "email.work=grace@acme.com"),
    "tagged": lambda c: records.tag(c, ["c2"], ["navy"]),
    "linked": lambda c: records.link(c, "c1", "knows", "c2"),
    "in a deal": lambda c: add(c, "deal", "Compiler", "contact=c2"),
    "part of a deal": lambda c: edit(c, "d1", "contacts+=c2"),
    "talked to": lambda c: day.log(c, "call", ["c2"], "hello", {}),
    "to be followed up": lambda c: day.follow_up(c, ["c2"], "tomorrow", "", {}),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_a_created_record_that_was_used_since_is_kept_with_all_that_belongs_to_it(
    team: Context, use: Act
) -> None:
    made = add(
        team, "contact", "Grace Hopper", "email=grace@acme.com", "phone=+442079460958",
        "company=Navy", "tags=cobol", "address=1 Main St, London",
    )  # fmt: skip
    use(team)
    before = content_of(team.location.path)
    handles, _why, status = kept(undo(team, made.change_set))
    assert "c2" in handles
    assert status == 4
    after = content_of(team.location.path)
    assert after["contact"].keys() == before["contact"].keys()
    for table in ("contact_point", "address", "company", "tagging", "tag"):
        assert after[table] == before[table], table


def test_a_use_that_was_itself_undone_does_not_count(team: Context) -> None:
    made = add(team, "contact", "Grace Hopper", "email=grace@acme.com")
    before_use = content_of(team.location.path)
    edit(team, "c2", "title=Admiral", "email+=grace@navy.mil")
    undo(team)
    assert content_of(team.location.path) == before_use
    assert undo(team, made.change_set).exit_status == 0
    assert rows(team, "SELECT count(*) FROM contact WHERE deleted_at IS NULL") == [(1,)]


def test_what_a_change_made_on_the_way_goes_with_it(team: Context) -> None:
    edit(team, "c1", "company=Analytical Engines")
    assert kept(undo(team)) == ([], "", 0)
    assert rows(team, "SELECT name, deleted_at IS NULL FROM company") == [
        ("Acme", 1),
        ("Analytical Engines", 0),
    ]


def test_a_delete_is_undone_and_redone_with_all_that_hangs_on_it(team: Context) -> None:
    path = team.location.path
    before = content_of(path)
    records.delete(team, ["c1"])
    without = content_of(path)
    assert kept(undo(team)) == ([], "", 0)
    assert content_of(path) == before
    assert kept(redo(team)) == ([], "", 0)
    assert content_of(path) == without


def test_a_restore_is_undone_unless_the_record_was_used_since(team: Context) -> None:
    records.delete(team, ["c1"])
    made = records.restore(team, ["c1"])
    assert kept(undo(team, made.change_set)) == ([], "", 0)
    made = records.restore(team, ["c1"])
    edit(team, "c1", "title=Countess")
    assert kept(undo(team, made.change_set))[0] == ["c1"]


def test_restoring_into_a_taken_name_is_a_listed_conflict(team: Context) -> None:
    gone = records.delete(team, ["vip"])
    add(team, "tag", "VIP")
    handles, why, status = kept(undo(team, gone.change_set))
    assert (handles, status) == (["tg1"], 4)
    assert "its name was taken since" in why


def test_renaming_back_into_a_taken_name_is_a_listed_conflict(team: Context) -> None:
    renamed = edit(team, "tg1", "name=key account")
    add(team, "tag", "vip")
    handles, why, status = kept(undo(team, renamed.change_set))
    assert (handles, status) == (["tg1"], 4)
    assert "its name was taken since" in why
    assert rows(team, "SELECT name FROM tag ORDER BY id") == [("key account",), ("vip",)]


def test_of_the_emails_that_are_left_one_is_primary(team: Context) -> None:
    made = edit(team, "o1", "email+=a@acme.com")
    edit(team, "o1", "email+=b@acme.com")
    undo(team, made.change_set)
    left = "SELECT value, is_primary FROM contact_point WHERE company_id > 0 AND deleted_at IS NULL"
    assert rows(team, left) == [("b@acme.com", 1)]


def test_the_search_index_follows_an_undo(team: Context) -> None:
    edit(team, "c1", "tags+=mathematician", "email+=countess@home.org", "notes=poetical science")
    edit(team, "o1", "name=Difference Engines")
    records.delete(team, ["d1"])
    for _ in range(3):
        undo(team)
        household.db_check(team)
        team.close()
    for _ in range(3):
        redo(team)
        household.db_check(team)
        team.close()


# --- runs of rows made in bulk


def bulk(ctx: Context, count: int) -> str:
    """`count` contacts with an e-mail each, as an import makes them; its change set's handle."""
    with ctx.writing("import") as writer:
        first = 1 + int(writer.scalar("SELECT coalesce(max(id), 0) FROM contact"))
        last = first + count - 1
        writer.executemany(
            "INSERT INTO contact (id, name, name_key, status, do_not_contact, version, created_at,"
            " updated_at) VALUES (?, 'Row ' || ?, 'row ' || ?, 'lead', 0, 1, ?, ?)",
            [(n, n, n, ctx.now, ctx.now) for n in range(first, last + 1)],
        )
        points = 1 + int(writer.scalar("SELECT coalesce(max(id), 0) FROM contact_point"))
        writer.executemany(
            "INSERT INTO contact_point (id, contact_id, kind, value, key, is_primary, valid)"
            " VALUES (?, ?, 'email', ?, ?, 1, 1)",
            [(points + n, first + n, f"r{n}@x.org", f"r{n}@x.org") for n in range(count)],
        )
        writer.created_run("contact", first, last)
        writer.created_run("contact_point", points, points + count - 1)
    return f"h{writer.change_set}"


def test_runs_are_undone_and_redone_as_runs(team: Context) -> None:
    before = content_of(team.location.path)
    made = bulk(team, 50)
    after = content_of(team.location.path)
    assert "50 contacts removed" in undo(team, made).lines[0]
    assert content_of(team.location.path) == before
    assert rows(team, "SELECT count(*) FROM change WHERE change_set_id = 4") == [(2,)]
    redo(team)
    assert content_of(team.location.path) == after
    household.db_check(team)


def test_of_a_run_only_what_was_used_since_is_kept(team: Context) -> None:
    made = bulk(team, 50)
    edit(team, "c12", "title=Kept")
    edit(team, "c20", "email+=more@x.org")
    day.follow_up(team, ["c30"], "tomorrow", "", {})
    handles, _why, status = kept(undo(team, made))
    assert (sorted(handles), status) == (["c12", "c20", "c30"], 4)
    left = content_of(team.location.path)
    assert sorted(left["contact"]) == [1, 12, 20, 30]
    owners = [row["contact_id"] for row in left["contact_point"].values()]
    assert sorted(owners) == [1, 12, 20, 20, 30]
    household.db_check(team)


# --- whose, and in which order


def test_undo_takes_back_my_own_last_change_only(team: Context) -> None:
    grace = context_at(team.location.path, "grace")
    edit(team, "c1", "title=Countess")
    edit(grace, "c1", "department=Navy")
    undo(team)
    assert rows(team, "SELECT title, department FROM contact") == [(None, "Navy")]
    undo(grace)
    assert rows(team, "SELECT title, department FROM contact") == [(None, None)]


def test_repeated_undo_walks_back_and_redo_walks_forth(team: Context) -> None:
    for title in ("One", "Two", "Three"):
        edit(team, "c1", f"title={title}")
    seen = []
    for step in (undo, undo, undo, redo, redo, redo):
        step(team)
        seen += rows(team, "SELECT title FROM contact")[0]
    assert seen == ["Two", "One", None, "One", "Two", "Three"]


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda c: undo(c, "h99"), NotFound),
        (lambda c: undo(c, "i99"), NotFound),
        (lambda c: redo(c, "h1"), NotFound),
        (redo, NotFound),
        (lambda c: undo(c, "c1"), UsageError),
        (lambda c: undo(c, "h²"), UsageError),
        (lambda c: undo(c, "h" + "9" * 30), UsageError),
        (lambda c: (undo(c, "h2"), undo(c, "h2")), Conflict),
        (lambda c: (undo(c), edit(c, "c1", "title=New"), redo(c)), Conflict),
        (lambda c: undo(context_at(c.location.path, "grace")), NotFound),
    ],
)
def test_what_cannot_be_undone_is_refused(team: Context, act: Act, error: type[CrmError]) -> None:
    with pytest.raises(error):
        act(team)


def test_a_dry_run_undoes_nothing(team: Context) -> None:
    before = engines.snapshot(team.location.path)
    team.dry_run = True
    assert undo(team).lines[0].startswith("Undid h2")
    assert engines.snapshot(team.location.path) == before


def test_history_tells_what_was_undone(team: Context) -> None:
    undo(team)
    state = [row[5] for row in journal.history(team).rows]
    assert state == ["undo of h2", "undone by h3", ""]


# --- whatever happens


NAMES = ("Ada", "Grace", "Alan", "Edsger")
Step = tuple[str, int, int]


def step(ctx: Context, what: str, a: int, b: int) -> None:
    """Do one thing to one of the first few records."""
    name, other = NAMES[a % 4], NAMES[b % 4]
    contact, company, deal, task = (
        f"c{a % 4 + 1}",
        f"o{a % 3 + 1}",
        f"d{a % 3 + 1}",
        f"t{a % 3 + 1}",
    )
    acts: dict[str, Act] = {
        "contact": lambda c: add(c, "contact", name, f"email={name}@x.org", f"company={other} Co"),
        "company": lambda c: add(c, "company", f"{name} Co", f"tags={other}"),
        "deal": lambda c: add(c, "deal", f"Deal {a}", f"contact={contact}", f"value={b}00"),
        "task": lambda c: day.follow_up(c, [contact], "tomorrow", "", {}),
        "log": lambda c: day.log(c, "call", [contact], f"Call {b}", {}),
        "title": lambda c: edit(c, contact, f"title={other}", f"city={name}"),
        "rename": lambda c: edit(c, company, f"name={other} Ltd"),
        "email": lambda c: edit(c, contact, f"email+={other}@y.org"),
        "no email": lambda c: edit(c, contact, "email="),
        "main email": lambda c: edit(c, contact, f"email={other}@z.org"),
        "employer": lambda c: edit(c, contact, f"company={other} Inc"),
        "tag": lambda c: records.tag(c, [contact], [other]),
        "untag": lambda c: records.untag(c, [contact], [other]),
        "retag": lambda c: edit(c, f"tg{a % 2 + 1}", f"name={other}s"),
        "members": lambda c: edit(c, deal, f"contacts.buyer+=c{b % 4 + 1}"),
        "move": lambda c: day.move(c, [deal], ("new", "proposal", "negotiation")[b % 3]),
        "win": lambda c: day.win(c, [deal]),
        "lose": lambda c: day.lose(c, [deal], other),
        "reopen": lambda c: records.reopen(c, [deal]),
        "done": lambda c: day.done(c, [task]),
        "link": lambda c: records.link(c, contact, "knows", f"c{b % 4 + 1}"),
        "delete": lambda c: records.delete(c, [(contact, company, deal, task)[b % 4]]),
        "restore": lambda c: records.restore(c, [(contact, company, deal, task)[b % 4]]),
    }  # fmt: skip
    acts[what](ctx)


MAKING = ("contact", "company", "deal", "contact", "deal")
CHANGING = (
    "task", "log", "title", "rename", "email", "no email", "main email", "employer", "tag",
    "untag", "retag", "members", "move", "win", "lose", "reopen", "done", "link",
)  # fmt: skip
DELETING = ("delete", "restore", "delete")


FIRST: list[Step] = [("contact", 0, 1), ("contact", 1, 1), ("deal", 0, 1), ("task", 0, 0)]


def steps(*names: Sequence[str]) -> st.SearchStrategy[list[Step]]:
    words = [word for group in names for word in group]
    one = st.tuples(st.sampled_from(words), st.integers(0, 11), st.integers(0, 11))
    return st.lists(one, min_size=1, max_size=14)


def run(ctx: Context, todo: list[Step]) -> list[tuple[str, Any, Any]]:
    """Do the steps that can be done; for each change set its handle and the content around it."""
    done: list[tuple[str, Any, Any]] = []
    path = ctx.location.path
    with writing(ctx.location, _author(ctx)) as writer:
        writer.create("source", {"name": "first write"})
    before = content_of(path)
    for what, a, b in [*FIRST, *todo]:
        try:
            step(ctx, what, a, b)
        except CrmError:
            assert content_of(path) == before
            continue
        finally:
            ctx.close()
        after = content_of(path)
        number = rows(ctx, "SELECT max(id) FROM change_set")[0][0]
        if not done or done[-1][0] != f"h{number}":
            done.append((f"h{number}", before, after))
        before = after
    return done


def _author(ctx: Context) -> Any:
    from crmcli.store.write import Author

    return Author(ctx.user, ctx.now, ctx.command)


quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@quick
@given(steps(MAKING, MAKING, CHANGING, DELETING))
def test_undoing_everything_in_reverse_walks_back_through_every_state(todo: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ctx = context_at(Path(folder) / "crm.db")
        done = [each for each in run(ctx, todo) if each[0] != "h1"]
        for handle, before, _after in reversed(done):
            assert undo(ctx, handle).exit_status == 0
            assert content_of(ctx.location.path) == before
        for handle, _before, after in done:
            assert redo(ctx, handle).exit_status == 0
            assert content_of(ctx.location.path) == after
        household.db_check(ctx)
        ctx.close()


REFERENCES = (
    ("contact", "company_id", "company"),
    ("deal", "contact_id", "contact"),
    ("deal", "company_id", "company"),
    ("task", "contact_id", "contact"),
    ("contact_point", "contact_id", "contact"),
    ("contact_point", "company_id", "company"),
    ("address", "contact_id", "contact"),
    ("deal_contact", "deal_id", "deal"),
    ("deal_contact", "contact_id", "contact"),
    ("activity_participant", "activity_id", "activity"),
    ("activity_participant", "contact_id", "contact"),
    ("stage_change", "deal_id", "deal"),
    ("tagging", "tag_id", "tag"),
)


def check_whole(found: dict[str, dict[int, dict[str, Any]]]) -> None:
    """Nothing that lives refers to what is gone, and of many one is the primary one."""
    for table, column, target in REFERENCES:
        for row in found[table].values():
            assert row[column] is None or row[column] in found[target], (table, column, row)
    for table, nouns in (
        ("tagging", ("record", "record_id")),
        ("link", ("from_record", "from_id")),
    ):
        for row in found[table].values():
            assert row[nouns[1]] in found[row[nouns[0]]], (table, row)
    groups: dict[Any, int] = {}
    for row in found["contact_point"].values():
        group = (row["contact_id"], row["company_id"], row["kind"])
        groups[group] = groups.get(group, 0) + row["is_primary"]
    assert set(groups.values()) <= {1}


@quick
@given(steps(MAKING, MAKING, CHANGING), st.lists(st.integers(2, 20), min_size=1, max_size=6))
def test_undoing_in_any_order_never_leaves_a_record_without_what_it_refers_to(
    todo: list[Step], order: list[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ctx = context_at(Path(folder) / "crm.db")
        run(ctx, todo)
        for number in order:
            try:
                undo(ctx, f"h{number}")
            except (NotFound, Conflict):
                continue
            check_whole(content_of(ctx.location.path))
        household.db_check(ctx)
        ctx.close()


def test_an_assignment_that_was_undone_can_be_made_again(team: Context) -> None:
    assign = [Assign("title", "=", None, "Countess")]
    records.edit(team, ["c1"], assign)
    undo(team)
    assert records.edit(team, ["c1"], assign).records == ("c1",)
