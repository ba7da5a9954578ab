"""What follows from a change to a record of one type: the rules of the trade.

`RULES` maps a noun to its rules. `before` sees the draft of a new record (id None) or of an edit
and may complete it; `after` sees the record once it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions import series
from crmcli.actions.context import Context
from crmcli.actions.draft import Draft
from crmcli.errors import Conflict, InvalidValue, NotFound, UsageError
from crmcli.queries.lookup import by_handle
from crmcli.store import erased
from crmcli.values.base import quote
from crmcli.values.text import close_matches, sort_key

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.store.write import Writer

NAME_PARTS = ("prefix", "first_name", "middle_name", "last_name", "suffix")


class Rules(NamedTuple):
    """The rules of one record type."""

    before: Callable[[Context, Writer, Draft, int | None], None]
    after: Callable[[Context, Writer, int, bool], None] | None = None


# --- contacts


def _contact(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    _refuse_erased(writer, draft)
    _complete_name(writer, draft, id)
    if id is None:
        _find_company(writer, draft)


def _refuse_erased(writer: Writer, draft: Draft) -> None:
    """Nobody who was erased comes back by mistake."""
    if not draft.points or not (known := erased.known(writer)):
        return
    for point in draft.points:
        if point.op != "-=" and point.value is not None:
            met = known.any_of([(point.part, values.key(point.part, point.value))])
            if met:
                raise Conflict(
                    f"{point.value} belonged to a person who was erased",
                    hint=f"if they agree to be kept again: crm erase {point.value} --readmit",
                )


def _complete_name(writer: Writer, draft: Draft, id: int | None) -> None:
    """Keep the full name and its parts in step, whichever was given."""
    from crmcli.values import names

    columns = draft.columns
    given = [part for part in NAME_PARTS if columns.get(part)]
    if columns.get("name"):
        parts = names.split(columns["name"])
        for part, value in zip(NAME_PARTS, parts[:5], strict=True):
            columns.setdefault(part, value or None)
        if parts.nickname:
            columns.setdefault("preferred_name", parts.nickname)
    elif any(part in columns for part in NAME_PARTS):
        columns["name"] = _joined_name(writer, columns, id)
    if id is None and not columns.get("name"):
        reached = next((point.value for point in draft.points if point.value), None)
        if reached is None and not given:
            raise UsageError(
                "a contact needs a name", hint='for example: crm add-contact "Ada Lovelace"'
            )
        columns["name"] = reached


def _joined_name(writer: Writer, columns: dict[str, Any], id: int | None) -> str:
    from crmcli.values import names

    current: tuple[Any, ...] = (None,) * len(NAME_PARTS)
    if id is not None:
        found = writer.row(f"SELECT {', '.join(NAME_PARTS)} FROM contact WHERE id = ?", (id,))
        current = found or current
    whole = {
        part: columns.get(part, before) or ""
        for part, before in zip(NAME_PARTS, current, strict=True)
    }
    name = names.join(names.Name(*whole.values()))
    if not name and id is not None:
        raise InvalidValue("a contact needs a name")
    return name


def _find_company(writer: Writer, draft: Draft) -> None:
    """A contact without a company belongs to the one whose domain their e-mail has."""
    if "company_id" in draft.columns:
        return
    emails = [point.value for point in draft.points if point.part == "email" and point.value]
    if (found := company_of(writer, emails)) is not None:
        draft.columns["company_id"] = found


def company_of(rows: Rows, emails: Iterable[str]) -> int | None:
    """The one company whose domain the first of these e-mails has that tells; None without."""
    from crmcli.values.emails import FREE_MAIL, email_domain

    for domain in map(email_domain, emails):
        if domain and domain not in FREE_MAIL:
            found = rows.rows(
                "SELECT id FROM company WHERE domain = ? AND deleted_at IS NULL LIMIT 2", (domain,)
            )
            if len(found) == 1:
                return int(found[0][0])
    return None


# --- companies


def _company(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """A company gets its domain from its web page or its name, where it has none."""
    from crmcli.values.web import domain_of

    _refuse_erased(writer, draft)
    if id is not None and draft.columns.get("parent_id") == id:
        raise InvalidValue("parent: a company cannot belong to itself")
    if id is not None or draft.columns.get("domain"):
        return
    page = next((p.value for p in draft.points if p.part == "url" and p.value), None)
    name = str(draft.columns.get("name") or "")
    from_name = name if "." in name and " " not in name else ""
    if domain := domain_of(page or from_name):
        draft.columns["domain"] = domain


# --- deals


class Stage(NamedTuple):
    """A stage as the rules need it."""

    id: int
    name: str
    type: str
    pipeline_id: int


def _deal(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    current = _stage_of(writer, id) if id is not None else None
    wanted = draft.extras.get("stage")
    pipeline = _pipeline(writer, draft.extras.get("pipeline"), current, wanted)
    if wanted:
        stage = find_stage(writer, wanted, pipeline)
    elif current is None or current.pipeline_id != pipeline:
        stage = first_stage(writer, pipeline)
    else:
        return
    if current is None or stage.id != current.id:
        enter_stage(ctx, draft, stage)
    if id is None:
        _complete_deal(writer, draft)


def _complete_deal(writer: Writer, draft: Draft) -> None:
    """A new deal with a contact belongs to the contact's company, if it names no other."""
    contact = draft.columns.get("contact_id")
    if contact and "company_id" not in draft.columns:
        draft.columns["company_id"] = writer.scalar(
            "SELECT company_id FROM contact WHERE id = ?", (contact,)
        )


def enter_stage(ctx: Context, draft: Draft, stage: Stage) -> None:
    """Put a deal into `stage`: since now, and closed now where the stage closes it."""
    closes = stage.type in ("won", "lost")
    draft.columns |= {
        "stage_id": stage.id,
        "stage_since": ctx.now,
        "closed_at": ctx.now if closes else None,
    }
    if stage.type != "lost":
        draft.columns.setdefault("lost_reason", None)


def _deal_after(ctx: Context, writer: Writer, id: int, new: bool) -> None:
    """Write the stage history, and move the people on: a deal makes a lead qualified, a won deal
    makes them a customer."""
    row = writer.row("SELECT stage_id, contact_id FROM deal WHERE id = ?", (id,))
    if row is None:
        return
    # By number, not by time: who waited for the lock, or whose clock is behind, still comes last.
    last = writer.scalar(
        "SELECT stage_id FROM stage_change WHERE deal_id = ? AND deleted_at IS NULL"
        " ORDER BY id DESC LIMIT 1",
        (id,),
    )
    if last != row[0]:
        entry = {"deal_id": id, "stage_id": row[0], "from_id": last, "at": ctx.now}
        writer.create("stage_change", {**entry, "user_id": writer.user_id})
    if row[1] is not None and (new or last != row[0]):
        _move_contact_on(writer, row[1], _stage(writer, row[0]))


def _move_contact_on(writer: Writer, contact: int, stage: Stage) -> None:
    status = writer.scalar("SELECT status FROM contact WHERE id = ?", (contact,))
    if stage.type == "won" and status != "customer":
        writer.update("contact", contact, {"status": "customer"})
    elif stage.type in ("open", "on hold") and status == "lead":
        writer.update("contact", contact, {"status": "qualified"})


_STAGE = "SELECT id, name, type, pipeline_id FROM stage"


def _stage(writer: Writer, id: int) -> Stage:
    found = writer.row(f"{_STAGE} WHERE id = ?", (id,))
    if found is None:
        raise NotFound(f"there is no st{id}")
    return Stage(*found)


def _stage_of(writer: Writer, deal: int) -> Stage:
    return _stage(writer, int(writer.scalar("SELECT stage_id FROM deal WHERE id = ?", (deal,))))


def stages(writer: Writer, pipeline: int) -> list[Stage]:
    """The stages of a pipeline, in order."""
    rows = writer.rows(
        f"{_STAGE} WHERE pipeline_id = ? AND deleted_at IS NULL ORDER BY position, id", (pipeline,)
    )
    return [Stage(*row) for row in rows]


def first_stage(writer: Writer, pipeline: int, type: str = "open") -> Stage:
    """The first stage of a type in a pipeline; raises NotFound when it has none."""
    for stage in stages(writer, pipeline):
        if stage.type == type:
            return stage
    raise NotFound(
        f"the pipeline has no stage of type {type}",
        hint=f"make one with: crm add-stage NAME --pipeline PIPELINE --type {type}",
    )


def find_stage(writer: Writer, text: str, pipeline: int) -> Stage:
    """The stage of a pipeline by handle, name, or the beginning of its name; raises NotFound."""
    found = stages(writer, pipeline)
    wanted = sort_key(text)
    exact = [s for s in found if sort_key(s.name) == wanted or f"st{s.id}" == wanted]
    begun = [s for s in found if sort_key(s.name).startswith(wanted)]
    if exact or len(begun) == 1:
        return (exact or begun)[0]
    names = [stage.name for stage in found]
    near = close_matches(text, names)
    hint = f"did you mean {near[0]}?" if near else f"stages: {', '.join(names)}"
    raise NotFound(f"there is no stage {quote(text)} in this pipeline", hint=hint)


def _pipeline(writer: Writer, named: str | None, current: Stage | None, stage: str | None) -> int:
    """The pipeline that is named, else the deal's own, else that of the stage's handle, else the
    default one."""
    if named:
        return _find_pipeline(writer, named)
    handle = by_handle(stage) if stage else None
    if handle and handle[0].name == "stage":
        return _stage(writer, handle[1]).pipeline_id
    if current is not None:
        return current.pipeline_id
    found = writer.scalar(
        "SELECT id FROM pipeline WHERE deleted_at IS NULL"
        " ORDER BY is_default DESC, position, id LIMIT 1"
    )
    if found is None:
        raise NotFound("there is no pipeline", hint="make one with: crm add-pipeline NAME")
    return int(found)


def _find_pipeline(writer: Writer, text: str) -> int:
    rows = writer.rows("SELECT id, name, name_key FROM pipeline WHERE deleted_at IS NULL")
    wanted = sort_key(text)
    for id, _name, key in rows:
        if wanted in (key, f"pl{id}"):
            return int(id)
    names = ", ".join(str(row[1]) for row in rows)
    raise NotFound(f"there is no pipeline {quote(text)}", hint=f"pipelines: {names}")


# --- stages and pipelines


def _stage_rules(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """A new stage stands last among the open ones of its pipeline."""
    columns = draft.columns
    if id is None and "pipeline_id" not in columns:
        columns["pipeline_id"] = _pipeline(writer, None, None, None)
    if id is None and not columns.get("position"):
        columns["position"] = 1 + int(
            writer.scalar(
                "SELECT coalesce(max(position), 0) FROM stage WHERE pipeline_id = ?"
                " AND type IN ('open', 'on hold') AND deleted_at IS NULL",
                (columns["pipeline_id"],),
            )
        )
    if columns.get("type") == "won":
        columns.setdefault("probability", 100)


def _pipeline_after(ctx: Context, writer: Writer, id: int, new: bool) -> None:
    """One pipeline is the default; a new one without stages gets the three that it needs."""
    if writer.scalar("SELECT is_default FROM pipeline WHERE id = ?", (id,)):
        others = writer.rows(
            "SELECT id FROM pipeline WHERE is_default = 1 AND id <> ? AND deleted_at IS NULL", (id,)
        )
        for (other,) in others:
            writer.update("pipeline", other, {"is_default": 0})
    if new:
        for place, (name, type, chance) in enumerate(
            (("New", "open", 10), ("Won", "won", 100), ("Lost", "lost", 0)), 1
        ):
            stage = {"name": name, "type": type, "probability": chance, "position": place}
            writer.create("stage", {**stage, "pipeline_id": id})


def _nothing(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """No rule applies before."""


# --- activities and tasks


def _activity(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """What lies in the future is planned; a participant's company is the activity's."""
    columns = draft.columns
    if id is None:
        columns.setdefault("at", ctx.now)
        columns.setdefault("owner_id", writer.user_id)
    if columns.get("at") and "planned" not in columns:
        columns["planned"] = int(columns["at"] > ctx.now)
    people = [member.id for member in draft.members if member.op == "+="]
    if id is None and people and not columns.get("company_id"):
        columns["company_id"] = writer.scalar(
            "SELECT company_id FROM contact WHERE id = ?", (people[0],)
        )


def _task(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """A task that is done was done at a moment, once."""
    status = draft.columns.get("status")
    sql = "SELECT status FROM task WHERE id = ?"
    if status is not None and (id is None or writer.scalar(sql, (id,)) != status):
        draft.columns["done_at"] = ctx.now if status == "done" else None
    series.before(ctx, writer, draft, id)


# --- fields


def _custom_field(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """A field's name is one word that no built-in field has; a choice has choices."""
    from crmcli.catalog import BY_NAME

    columns = draft.columns
    if columns.get("name"):
        columns["name"] = sort_key(columns["name"]).replace(" ", "_").replace("-", "_")
    name, noun = columns.get("name"), columns.get("record")
    if id is None and (noun is None or name is None):
        raise UsageError(
            "a field needs a record type and a name",
            hint="for example: crm add-field budget --record deal --kind number",
        )
    if name and (name == "or" or not name.isidentifier()):
        raise InvalidValue(
            f"name: {quote(name)} cannot name a field", hint="use letters, digits and underscores"
        )
    if name and noun and BY_NAME[noun].field(name):
        raise InvalidValue(f"name: a {noun} has a field {name} already")
    if id is None and columns.get("kind") == "choice" and not columns.get("choices"):
        raise InvalidValue("choices: a choice needs them", hint="add --choices one,two,three")


# --- reminders


def _rule(ctx: Context, writer: Writer, draft: Draft, id: int | None) -> None:
    """What a reminder looks for can be looked for."""
    from crmcli.catalog import BY_NAME
    from crmcli.queries.custom import with_custom
    from crmcli.queries.scope import filtered

    row = writer.row("SELECT kind, query, about_date FROM rule WHERE id = ?", (id or 0,))
    held = dict(zip(("kind", "query", "about_date"), row or (), strict=False))
    kind, query, date = ({**held, **draft.columns}.get(name) for name in _RULE_PARTS)
    noun, _dot, name = str(date or "").partition(".")
    if date and (noun not in BY_NAME or with_custom(writer, BY_NAME[noun]).field(name) is None):
        raise InvalidValue(f"date: {quote(str(date))} is no field", hint="such as deal.renewal")
    if kind in ("date", "yearly") and not date:
        raise InvalidValue("date: which one is it about?", hint="add --date contact.birthday")
    if query:
        filtered(writer, ctx.env, noun or _RULE_NOUNS.get(str(kind), "contact"), where=query)


_RULE_PARTS = ("kind", "query", "about_date")
_RULE_NOUNS = {
    "tasks": "task",
    "escalation": "task",
    "meetings": "activity",
    "no next step": "deal",
    "rotting": "deal",
}


RULES: dict[str, Rules] = {
    "contact": Rules(_contact),
    "company": Rules(_company),
    "deal": Rules(_deal, _deal_after),
    "stage": Rules(_stage_rules),
    "pipeline": Rules(_nothing, _pipeline_after),
    "activity": Rules(_activity),
    "task": Rules(_task, series.after),
    "field": Rules(_custom_field),
    "alert": Rules(_rule),
}


def before(ctx: Context, writer: Writer, noun: str, draft: Draft, id: int | None) -> None:
    """Complete the draft of a new record (id None) or of an edit."""
    if noun in RULES:
        RULES[noun].before(ctx, writer, draft, id)


def after(ctx: Context, writer: Writer, noun: str, id: int, *, new: bool) -> None:
    """Do what follows from a record having been written."""
    rules = RULES.get(noun)
    if rules and rules.after:
        rules.after(ctx, writer, id, new)
