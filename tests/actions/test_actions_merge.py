"""Merging loses nothing, and undoing a merge takes it apart, whatever was edited in between."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import engines

from crmcli.actions import day, dupes, journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.actions.merge import fullest_first, merge, preview
from crmcli.errors import InvalidValue, NotFound, UsageError
from crmcli.queries.resolve import resolve

Crm = Callable[..., Any]


def add(ctx: Context, noun: str, title: str, *assigns: str) -> str:
    return records.add(ctx, noun, [read_assign(a) for a in assigns], title=title).records[0]


def edit(ctx: Context, ref: str, *assigns: str) -> None:
    records.edit(ctx, [ref], [read_assign(a) for a in assigns])


def field_of(ctx: Context, handle: str, column: str) -> Any:
    view = "contacts" if handle.startswith("c") else "companies"
    return ctx.reader.scalar(f"SELECT {column} FROM {view} WHERE id = ?", (int(handle[1:]),))


def emails_of(ctx: Context, handle: str) -> list[str]:
    return sorted(each["value"] for each in json.loads(field_of(ctx, handle, "emails")))


@pytest.fixture
def pair(ctx: Context) -> tuple[str, str]:
    """Two contacts that are one person, with something of everything attached to the second."""
    one = add(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "tags=vip", "notes=met")
    other = add(
        ctx, "contact", "Ada Lovelase", "email=ada@home.org", "email.work=ada@acme.com",
        "phone=+44 20 7946 0958", "title=CTO", "city=London", "tags=vip,math", "notes=called",
        "status=customer", "birthday=1815-12-10",
    )  # fmt: skip
    third = add(ctx, "contact", "Grace Hopper")
    add(ctx, "deal", "Engine", f"contact={other}")
    add(ctx, "task", "Call", f"contact={other}")
    day.log(ctx, "call", [one, other], "agreed", {})
    records.link(ctx, third, "reports-to", other)
    records.link(ctx, one, "knows", other)
    return one, other


def test_everything_moves_to_the_survivor(ctx: Context, pair: tuple[str, str]) -> None:
    one, other = pair
    done = merge(ctx, [one, other])
    assert done.data == {"survivor": one, "merged": [other]}
    assert emails_of(ctx, one) == ["ada@acme.com", "ada@home.org"]
    assert json.loads(field_of(ctx, one, "tags")) == ["math", "vip"]
    assert field_of(ctx, one, "title") == "CTO"
    assert field_of(ctx, one, "status") == "customer"
    assert field_of(ctx, one, "name") == "Ada Lovelace"
    assert field_of(ctx, one, "notes") == "met\n\ncalled"
    assert field_of(ctx, one, "city") == "London"
    id = int(one[1:])
    for sql in (
        "SELECT count(*) FROM deal WHERE contact_id = ?",
        "SELECT count(*) FROM task WHERE contact_id = ?",
        "SELECT count(*) FROM activity_participant WHERE contact_id = ? AND deleted_at IS NULL",
        "SELECT count(*) FROM link WHERE to_id = ? AND type = 'reports-to' AND deleted_at IS NULL",
    ):
        assert ctx.reader.scalar(sql, (id,)) == 1, sql
    knows = "SELECT count(*) FROM link WHERE type = 'knows' AND deleted_at IS NULL"
    assert ctx.reader.scalar(knows) == 0


def test_what_is_kept_of_both_is_shown(ctx: Context, pair: tuple[str, str]) -> None:
    shown = {row[0]: row[1:] for row in preview(ctx, list(pair)).rows}
    assert shown["Email"] == (
        "ada@acme.com", "ada@home.org, ada@acme.com", "ada@acme.com, ada@home.org",
    )  # fmt: skip
    assert shown["Phone"] == (None, "+442079460958", "+442079460958")
    assert shown["Tags"] == ("vip", "math, vip", "vip, math")


def test_a_merged_handle_leads_to_the_survivor_of_the_survivor(ctx: Context) -> None:
    first, second, third = (add(ctx, "contact", f"Ada {n}") for n in ("One", "Two", "Three"))
    merge(ctx, [second, third])
    merge(ctx, [first, second])
    assert resolve(ctx.reader, ctx.env, third).handle == first
    records.delete(ctx, [first])
    with pytest.raises(NotFound):
        resolve(ctx.reader, ctx.env, third)


@pytest.mark.parametrize(
    ("prefer", "assigns", "title"),
    [
        (None, (), "CEO"),
        ("c2", (), "Chief Executive"),
        ("newest", (), "Boss"),
        ("longest", (), "Chief Executive"),
        (None, ("title=c3",), "Boss"),
        ("c2", ("title=Founder",), "Founder"),
    ],
)
def test_who_wins_can_be_said(
    ctx: Context, prefer: str | None, assigns: tuple[str, ...], title: str
) -> None:
    for text in ("CEO", "Chief Executive", "Boss"):
        add(ctx, "contact", "Ada Lovelace", f"title={text}")
    ctx.env = ctx.env._replace(now=ctx.env.now.replace(hour=11))
    edit(ctx, "c3", "department=Top")
    given = [read_assign(a) for a in assigns]
    shown = {row[0]: row[-1] for row in preview(ctx, ["c1", "c2", "c3"], prefer=prefer,
                                                assigns=given).rows}  # fmt: skip
    merge(ctx, ["c1", "c2", "c3"], prefer=prefer, assigns=given)
    assert field_of(ctx, "c1", "title") == title
    assert shown["Title"] == title


def test_a_company_takes_over_people_and_children(ctx: Context) -> None:
    acme, double = add(ctx, "company", "Acme"), add(ctx, "company", "Acme Ltd", "domain=acme.com")
    child = add(ctx, "company", "Acme Labs", f"parent={double}")
    person = add(ctx, "contact", "Ada", f"company={double}")
    edit(ctx, acme, f"parent={double}")
    merge(ctx, [acme, double])
    assert field_of(ctx, acme, "domain") == "acme.com"
    assert field_of(ctx, acme, "parent_id") is None
    assert field_of(ctx, child, "parent") == "Acme"
    assert field_of(ctx, person, "company") == "Acme"


@pytest.mark.parametrize(
    ("refs", "error"),
    [(["c1"], UsageError), (["c1", "c1"], UsageError), (["c1", "o1"], UsageError)],
)
def test_what_is_no_pair_is_refused(ctx: Context, refs: list[str], error: type[Exception]) -> None:
    add(ctx, "contact", "Ada")
    add(ctx, "company", "Acme")
    with pytest.raises(error):
        merge(ctx, refs)


def test_a_stranger_cannot_be_preferred(ctx: Context) -> None:
    add(ctx, "contact", "Ada")
    add(ctx, "contact", "Bob")
    with pytest.raises(InvalidValue):
        merge(ctx, ["c1", "c2"], prefer="c9")


def test_undo_takes_a_merge_apart(
    ctx: Context, db: Path, pair: tuple[str, str], content: Callable[[Path], Any]
) -> None:
    before = content(db)
    merge(ctx, list(pair))
    assert journal.undo(ctx).exit_status == 0
    assert content(db) == before


def test_search_follows_a_merge_and_its_undo(ctx: Context, pair: tuple[str, str]) -> None:
    from crmcli.queries.lookup import by_identity

    def holders() -> list[int]:
        return [key.id for key in by_identity(ctx.reader, ctx.env, "ada@home.org", ("contact",))]

    merge(ctx, list(pair))
    assert holders() == [1]
    journal.undo(ctx)
    assert holders() == [2]


def test_later_edits_of_the_survivor_stay(ctx: Context, pair: tuple[str, str]) -> None:
    one, other = pair
    change_set = merge(ctx, [one, other]).change_set
    edit(ctx, one, "department=Analysis", "email+=ada@new.org", "tags+=later", "title=Countess")
    undone = journal.undo(ctx, change_set)
    assert field_of(ctx, one, "department") == "Analysis"
    assert field_of(ctx, one, "title") == "Countess"
    assert json.loads(field_of(ctx, one, "tags")) == ["later", "vip"]
    assert emails_of(ctx, one) == ["ada@acme.com", "ada@new.org"]
    assert field_of(ctx, other, "title") == "CTO"
    assert emails_of(ctx, other) == ["ada@acme.com", "ada@home.org"]
    assert [w for w in undone.warnings if "title" in w]


@pytest.mark.parametrize("noun", ["contact", "company"])
def test_fields_of_the_teams_own_take_part_in_finding(ctx: Context, noun: str) -> None:
    add(ctx, "field", "member_no", f"record={noun}", "kind=text")
    pair = [add(ctx, noun, title, "member_no=A 77") for title in ("Ada Lovelace", "Countess King")]
    add(ctx, noun, "Bob Ross", "member_no=B 12")
    assert not dupes.dupes(ctx, noun, threshold=0.0001).clusters
    ctx.settings["dupes_fields"] = "member_no"
    (found,) = dupes.dupes(ctx, noun, threshold=0.0001).clusters
    assert [handle for handle, *_ in found.records] == pair
    assert "same member no" in [says for says, _bits in found.pairs[0].pros]
    ctx.settings["dupes_fields"] = "membr_no"
    with pytest.raises(InvalidValue):
        dupes.dupes(ctx, noun)


_TEXTS = st.sampled_from(["Ada", "Grace", "Bob Ross", "Zoë"])
_FIELDS = {
    "contact": st.lists(
        st.sampled_from(
            ["email+=a@x.org", "email+=b@x.org", "email.work=c@x.org", "phone+=+44 20 7946 0958",
             "phone.mobile=+44 20 7946 0959", "title=CTO", "title=CEO", "city=Berlin",
             "city=Lyon", "tags+=vip", "tags+=math", "notes=one", "notes=two",
             "status=customer", "birthday=1990-01-02", "url+=x.org", "company=Acme",
             "do_not_contact=yes", "keep_in_touch=30d", "fans=3", "fans=7"]
        ),
        max_size=8,
    ),
    "company": st.lists(
        st.sampled_from(
            ["email+=a@x.org", "phone+=+44 20 7946 0958", "domain=x.org", "industry=retail",
             "city=Berlin", "tags+=vip", "notes=one", "notes=two", "revenue=12000",
             "revenue=13000 EUR", "size=12", "founded=1990", "fans=3", "fans=7"]
        ),
        max_size=8,
    ),
}  # fmt: skip
_ATTACHED = st.lists(
    st.tuples(st.sampled_from(["deal", "task", "log", "link", "person"]), st.integers(0, 2)),
    max_size=6,
)


def attach(ctx: Context, noun: str, what: str, handle: str, number: int) -> None:
    if what == "person":
        add(ctx, "contact", f"Colleague {number}", *([f"company={handle}"] * (noun == "company")))
    elif what == "link":
        records.link(ctx, handle, "knows", add(ctx, "contact", f"Friend {number}"))
    elif what == "log":
        day.log(ctx, "call", [handle], f"talk {number}", {})
    else:
        add(ctx, what, f"Thing {number}", f"{noun}={handle}")


@settings(max_examples=20, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(data=st.data(), noun=st.sampled_from(["contact", "company"]))
def test_merge_edit_undo_loses_and_doubles_nothing(
    data: st.DataObject,
    noun: str,
    db: Path,
    make_context: Callable[..., Context],
    content: Callable[[Path], Any],
) -> None:
    path = Path(tempfile.mkdtemp(dir=db.parent)) / "crm.db"
    ctx = make_context(path)
    add(ctx, "field", "fans", f"record={noun}", "kind=integer")
    handles = [
        add(ctx, noun, data.draw(_TEXTS), *dict.fromkeys(data.draw(_FIELDS[noun])))
        for _ in range(3)
    ]
    for number, (what, place) in enumerate(data.draw(_ATTACHED)):
        attach(ctx, noun, what, handles[place], number)
    ctx.close()
    before = content(path)
    prefer = data.draw(st.sampled_from([None, "newest", "longest", handles[1]]))
    change_set = merge(ctx, handles, prefer=prefer).change_set
    merged = content(path)
    assert all_keys(merged) == all_keys(before)
    edit(ctx, handles[2], "email+=later@x.org")
    assert journal.undo(ctx, change_set).exit_status == 0
    ctx.close()
    after = content(path)
    later = {id: row for id, row in after["contact_point"].items() if row["key"] == "later@x.org"}
    assert [row[f"{noun}_id"] for row in later.values()] == [int(handles[0][1:])]
    for id in later:
        del after["contact_point"][id]
    assert mended(after) == mended(before)
    engines.forget_below(path.parent)


def all_keys(found: Any) -> set[tuple[str, str]]:
    """Everything by which people can be reached, and the tags, each once."""
    keys = {(row["kind"], row["key"]) for row in found["contact_point"].values()}
    return keys | {("tag", str(row["tag_id"])) for row in found["tagging"].values()}


def mended(found: Any) -> Any:
    """The content without which of several e-mails is the primary one, which a later one may be."""
    points = {
        id: {name: value for name, value in row.items() if name != "is_primary"}
        for id, row in found["contact_point"].items()
    }
    return {**found, "contact_point": points}


def test_the_fullest_record_comes_first(ctx: Context, pair: tuple[str, str]) -> None:
    assert fullest_first(ctx.reader, list(pair)) == [pair[1], pair[0]]


def test_a_rejected_pair_never_comes_back(ctx: Context, pair: tuple[str, str]) -> None:
    assert [len(c.records) for c in dupes.dupes(ctx, "contact").clusters] == [2]
    dupes.reject(ctx, list(pair))
    assert dupes.dupes(ctx, "contact").clusters == ()


def test_merging_on_the_command_line(crm: Crm) -> None:
    for email in ("ada@acme.com", "ada@home.org"):
        crm("add-contact", "Ada Lovelace", "--email", email, "--phone", "+44 20 7946 0958")
    shown = crm("dupes", "--json")
    assert '"handle": "c1"' in shown.out
    assert "same phone" in shown.out
    assert crm("dupes", "--format", "ids").out == "c1 c2\n"
    tried = crm("merge", "c1", "c2", "--dry-run", "--format", "table")
    assert "dry run: merged c2" in tried.out
    assert crm("merge", "c1", "c2").status == 0
    assert crm("show", "c2", "--json").out.startswith('{\n  "handle": "c1"')
    assert crm("undo").status == 0
    assert "Merged 1 record into 1" in crm("dupes", "--auto", "--yes").out
