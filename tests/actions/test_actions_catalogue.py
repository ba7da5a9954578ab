"""Every verb works on every record type of the catalogue, and on every field by its kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests import engines
from tests.surroundings import context_at

from crmcli.actions import journal, records, show
from crmcli.actions.assign import Assign, read_assign
from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME, RECORDS
from crmcli.errors import CrmError, InvalidValue, NotFound, UnknownName, UsageError
from crmcli.fields import Field, Record
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import listing

# What a record needs beside its title; refs are made by `prepare`.
MINIMAL: dict[str, tuple[str, ...]] = {
    "field": ("record=deal", "kind=text"),
    "stage": ("pipeline=pl1",),
    "segment": ("record=contact", "query=status:lead"),
    "holiday": ("day=2026-12-25",),
}
SAMPLES: dict[str, tuple[str, Any]] = {
    "text": ("Some Words", "Some Words"),
    "longtext": ("two\nlines", "two\nlines"),
    "name": ("Grace Hopper", "Grace Hopper"),
    "email": ("Grace@Navy.mil", "Grace@navy.mil"),
    "phone": ("020 7946 0958", "+442079460958"),
    "url": ("navy.mil/grace", "https://navy.mil/grace"),
    "social": ("https://www.linkedin.com/in/grace", "linkedin:grace"),
    "domain": ("Navy.mil", "navy.mil"),
    "country": ("Germany", "DE"),
    "language": ("German", "de"),
    "zone": ("Europe/Paris", "Europe/Paris"),
    "day": ("5 Mar 2027", "2027-03-05"),
    "birthday": ("9 Dec 1906", "1906-12-09"),
    "moment": ("2026-03-03 10:00", "2026-03-03T09:00:00Z"),
    "when": ("2026-03-09 10:00", "2026-03-09T09:00:00Z"),
    "integer": ("7", 7),
    "number": ("7.5", 7.5),
    "percent": ("30%", 30),
    "year": ("1906", 1906),
    "duration": ("1h 30m", 90),
    "interval": ("2 weeks", 14),
    "recurrence": ("every monday", "FREQ=WEEKLY;BYDAY=MO"),
    "leads": ("1 day, 2h", "1d,2h"),
    "clock": ("8am", "08:00"),
    "hours": ("10pm-7am", "22:00-07:00"),
    "weekdays": ("mon-wed", "MO,TU,WE"),
    "channels": ("email desktop", "mail,desktop"),
    "tags": ("navy", None),
    "address": ("1 Main St, 10115 Berlin, Germany", None),
}
REFS = {"contact": "c1", "company": "o1", "deal": "d1", "user": "u2", "source": "src1",
        "task": "t1"}  # fmt: skip
ADDABLE = [record for record in RECORDS if any(not f.readonly for f in record.fields)]
EDITABLE = [
    (record.name, field.name)
    for record in ADDABLE
    for field in record.fields
    if not field.readonly and (record.name, field.name) not in {
        ("stage", "pipeline"), ("field", "record"), ("field", "name"), ("field", "kind"),
        ("user", "name"),
        ("deal", "pipeline"),
    }
]  # fmt: skip


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, engine: str) -> Path:
    """A database with one of everything that a field may refer to."""
    path = tmp_path_factory.mktemp("example") / "crm.db"
    ctx = context_at(path)
    make(ctx, "contact", "Ada Lovelace", "email=ada@acme.com", "company=Acme", "source=Fair")
    make(ctx, "deal", "Engine")
    make(ctx, "user", "grace")
    make(ctx, "task", "Oil it")
    ctx.close()
    return path


@pytest.fixture
def prepared(ctx: Context, example: Path) -> Context:
    """A copy of the example of one's own."""
    engines.copy(example, ctx.location.path)
    ctx.location = engines.location_of(ctx.location.path)
    return ctx


def make(ctx: Context, noun: str, title: str, *words: str) -> str:
    """Add a record; its handle."""
    done = records.add(ctx, noun, [read_assign(word) for word in words], title=title)
    return done.records[0]


def make_minimal(ctx: Context, noun: str, title: str = "sample_one") -> str:
    return make(ctx, noun, title, *MINIMAL.get(noun, ()))


def sample(field: Field) -> tuple[str, Any]:
    """What to type into a field, and what it stores (None: rows elsewhere)."""
    if field.choices:
        choice = next(c for c in field.choices if c != field.default)
        return choice, choice
    if field.name == "date":
        return "contact.birthday", "contact.birthday"
    if field.kind == "yesno":
        return ("no", 0) if field.default else ("yes", 1)
    if field.store == "money":
        return "USD 1,234.50", 123450
    if field.kind == "ref":
        ref = REFS.get(field.ref, "")
        if field.ref == "stage":
            return "Proposal", 3
        return ref, int(ref.lstrip("abcdefghijklmnopqrstuvwxyz")) if field.store == "ref" else None
    return SAMPLES[field.kind]


def stored(ctx: Context, record: Record, handle: str, field: Field) -> Any:
    id = int(handle.removeprefix(record.letter))
    try:
        return ctx.reader.scalar(f"SELECT {field.column} FROM {record.table} WHERE id = ?", (id,))
    finally:
        ctx.close()


def shown(ctx: Context, handle: str) -> dict[str, Any]:
    """The facts of a card by name."""
    found = {fact.name: fact.value for fact in show.show(ctx, handle).facts}
    ctx.close()
    return found


def rows(ctx: Context, noun: str, *terms: str) -> list[tuple[Any, ...]]:
    record = with_custom(ctx.reader, BY_NAME[noun])
    found = listing(ctx.reader, ctx.env, record, list(terms), columns=["handle"])
    ctx.close()
    return list(found.rows)


# --- every type


@pytest.mark.parametrize("noun", [record.name for record in ADDABLE])
def test_every_type_is_added_shown_deleted_restored_undone_and_redone(
    prepared: Context, noun: str, content: Callable[..., Any]
) -> None:
    path = prepared.location.path
    handle = make_minimal(prepared, noun)
    assert show.show(prepared, handle).handle == handle
    assert (handle,) in rows(prepared, noun)
    with_it = content(path)
    records.delete(prepared, [handle])
    assert (handle,) not in rows(prepared, noun)
    with pytest.raises(NotFound, match="deleted") as error:
        show.show(prepared, handle)
    assert f"crm restore {handle}" in str(error.value.hint)
    prepared.close()
    assert records.restore(prepared, [handle]).records == (handle,)
    assert content(path) == with_it
    assert records.restore(prepared, [handle]).change_set is None
    journal.undo(prepared)
    assert (handle,) not in rows(prepared, noun)
    journal.redo(prepared)
    assert content(path) == with_it
    told = [row[3] for row in journal.history(prepared, [handle]).rows]
    assert told[-1] == "added"
    assert {"deleted", "restored"} <= set(told)


@pytest.mark.parametrize(("noun", "name"), EDITABLE)
def test_every_field_is_set_by_what_people_type_and_undone(
    prepared: Context, noun: str, name: str, content: Callable[..., Any]
) -> None:
    record = BY_NAME[noun]
    field = next(f for f in record.fields if f.name == name)
    handle = make_minimal(prepared, noun)
    before = content(prepared.location.path)
    text, wanted = sample(field)
    assert records.edit(prepared, [handle], [Assign(name, "=", None, text)]).records == (handle,)
    if wanted is not None and field.column:
        assert stored(prepared, record, handle, field) == wanted
    assert (
        field.label.lower() in " ".join(f.label.lower() for f in show.show(prepared, handle).facts)
        or name in (record.title, "position", "is_default", "status", "active")
        or field.store == "part"
    )
    prepared.close()
    journal.undo(prepared)
    assert content(prepared.location.path) == before


@pytest.mark.parametrize(("noun", "name"), EDITABLE)
def test_every_field_can_be_cleared_unless_it_is_needed(
    prepared: Context, noun: str, name: str
) -> None:
    field = next(f for f in BY_NAME[noun].fields if f.name == name)
    handle = make_minimal(prepared, noun, "Sample Person" if noun == "contact" else "sample")
    records.edit(prepared, [handle], [Assign(name, "=", None, sample(field)[0])])
    clear = [Assign(name, "=", None, "")]
    if field.required:
        with pytest.raises(CrmError) as error:
            records.edit(prepared, [handle], clear)
        assert error.value.exit_status == 5
        return
    records.edit(prepared, [handle], clear)
    if field.column:
        assert stored(prepared, BY_NAME[noun], handle, field) == field.default
    else:
        assert shown(prepared, handle).get(name) in (None, (), "")


READONLY = [(r.name, f.name) for r in RECORDS for f in r.fields if f.readonly]


@pytest.mark.parametrize(("noun", "name"), READONLY)
def test_what_the_program_keeps_itself_cannot_be_set(
    prepared: Context, noun: str, name: str
) -> None:
    with pytest.raises(UsageError, match="cannot be set by hand"):
        records.add(prepared, noun, [Assign(name, "=", None, "1")], title="x")


@pytest.mark.parametrize("noun", [record.name for record in ADDABLE])
def test_a_misspelt_field_gets_a_suggestion(prepared: Context, noun: str) -> None:
    title = BY_NAME[noun].title
    with pytest.raises(UnknownName) as error:
        make(prepared, noun, "x", f"{title[:-1]}q=1")
    assert error.value.exit_status == 2
    assert title in str(error.value.hint)


@pytest.mark.parametrize("noun", [record.name for record in ADDABLE])
def test_a_record_without_what_names_it_is_refused(ctx: Context, noun: str) -> None:
    with pytest.raises(UsageError, match="needs a") as error:
        records.add(ctx, noun, [])
    assert error.value.hint


@pytest.mark.parametrize(
    ("noun", "name"),
    [(n, f) for n, f in EDITABLE if BY_NAME[n].field(f).kind not in  # type: ignore[union-attr]
     ("text", "longtext", "name", "tags", "address", "ref", "postcode",
         "country", "language")],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_names_its_field_and_changes_nothing(
    prepared: Context, noun: str, name: str
) -> None:
    handle = make_minimal(prepared, noun)
    before = engines.snapshot(prepared.location.path)
    with pytest.raises(InvalidValue, match=name) as error:
        records.edit(prepared, [handle], [Assign(name, "=", None, "no such thing @ all")])
    assert error.value.exit_status == 5
    assert engines.snapshot(prepared.location.path) == before


@pytest.mark.parametrize(
    ("noun", "name"),
    [(n, f) for n, f in EDITABLE if BY_NAME[n].field(f).kind == "ref"],  # type: ignore[union-attr]
)
def test_a_reference_to_nobody_is_not_found(prepared: Context, noun: str, name: str) -> None:
    field = BY_NAME[noun].field(name)
    assert field is not None
    if field.create:
        handle = make_minimal(prepared, noun)
        done = records.edit(prepared, [handle], [Assign(name, "=", None, "Brand New")])
        assert done.exit_status == 0
        return
    handle = make_minimal(prepared, noun)
    with pytest.raises(NotFound) as error:
        records.edit(prepared, [handle], [Assign(name, "=", None, "nobody at all")])
    assert error.value.exit_status == 3


OWNED = [record.name for record in ADDABLE if record.owned]


@pytest.mark.parametrize("noun", OWNED)
def test_what_can_be_owned_belongs_to_its_maker_and_can_be_assigned(
    prepared: Context, noun: str
) -> None:
    handle = make_minimal(prepared, noun)
    assert shown(prepared, handle)["owner"] == "ada"
    records.assign(prepared, [handle], "grace")
    assert shown(prepared, handle)["owner"] == "grace"
    records.assign(prepared, [handle], "me")
    assert shown(prepared, handle)["owner"] == "ada"


TAGGED = [record.name for record in ADDABLE if record.field("tags")]


@pytest.mark.parametrize("noun", TAGGED)
def test_tags_come_and_go(prepared: Context, noun: str) -> None:
    handle = make_minimal(prepared, noun)
    records.tag(prepared, [handle], ["vip", "Big Fish,vip"])
    assert [p.value for p in shown(prepared, handle)["tags"]] == ["Big-Fish", "vip"]
    assert records.tag(prepared, [handle], ["VIP"]).change_set is None
    records.untag(prepared, [handle], ["Vip"])
    assert [p.value for p in shown(prepared, handle)["tags"]] == ["Big-Fish"]
    records.edit(prepared, [handle], [read_assign("tags=one,two")])
    assert [p.value for p in shown(prepared, handle)["tags"]] == ["one", "two"]


@pytest.mark.parametrize("noun", [r.name for r in ADDABLE if not r.field("tags")])
def test_what_bears_no_tags_says_so(prepared: Context, noun: str) -> None:
    handle = make_minimal(prepared, noun)
    with pytest.raises(InvalidValue, match="no tags"):
        records.tag(prepared, [handle], ["vip"])


@pytest.mark.parametrize("noun", OWNED)
def test_any_two_records_can_be_linked(prepared: Context, noun: str) -> None:
    handle = make_minimal(prepared, noun)
    records.link(prepared, handle, "Referred by", "c1")
    assert records.link(prepared, handle, "referred-by", "c1").change_set is None
    sections = {s.name: s.listing.rows for s in show.show(prepared, handle).sections}
    assert sections["links"] == (("c1", "referred-by", "Ada Lovelace"),)
    prepared.close()
    records.unlink(prepared, "c1", None, handle)
    with pytest.raises(NotFound):
        records.unlink(prepared, handle, "referred-by", "c1")
    with pytest.raises(InvalidValue, match="itself"):
        records.link(prepared, handle, "knows", handle)
