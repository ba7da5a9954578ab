"""Adding, changing and deleting records of any type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from crmcli.actions import door, rules, stale
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.draft import Draft, apply, apply_tags, as_read, read
from crmcli.actions.refs import listed, target, targets, user_id
from crmcli.catalog import BY_LETTER, BY_NAME, RECORDS
from crmcli.errors import Conflict, Duplicate, InvalidValue, NotFound, UsageError
from crmcli.fields import Record
from crmcli.queries.custom import with_custom
from crmcli.queries.lookup import by_handle
from crmcli.queries.resolve import Found
from crmcli.results import Done
from crmcli.store.views import title_column
from crmcli.values.base import quote
from crmcli.values.text import match_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def add(ctx: Context, noun: str, assigns: Sequence[Assign], *, title: str | None = None) -> Done:
    """Make a record of type `noun` from assignments; `title` is its name or title.

    Raises UsageError when what names it is missing, InvalidValue, NotFound, Ambiguous, Conflict;
    Duplicate when it may be there already and `ctx.duplicates` is not `warn` or `add`.
    """
    with ctx.writing() as writer:
        record = with_custom(writer, BY_NAME[noun])
        draft = read(ctx, writer, record, assigns)
        if title is not None:
            naming = read(ctx, writer, record, [Assign(record.title, "=", None, title)])
            draft.columns |= naming.columns
        warnings = _at_the_door(ctx, writer, record, draft)
        id = make(ctx, writer, record, draft)
        lines = [made_line(handle, writer) for handle in draft.made]
        handle = record.handle(id)
        understood = as_read(draft, record, ctx.env)
        lines.append(f"Added {handle} {_title(writer, record, id)}{understood}")
    return done(writer, ctx, lines, [handle], warnings)


def _at_the_door(ctx: Context, writer: Writer, record: Record, draft: Draft) -> list[str]:
    """What to warn of when the record may be there already."""
    if ctx.duplicates == "add":
        return []
    found = door.likely(writer, record, draft)
    if found and ctx.duplicates != "warn":
        raise Duplicate(
            f"it may be there already: {found[0].said}",
            hint=f"`crm show {found[0].handle}`; without --refuse-duplicates it is added",
            details={"candidates": [each._asdict() for each in found]},
        )
    return [f"it may have been there already: {each.said}" for each in found]


def make(ctx: Context, writer: Writer, record: Record, draft: Draft) -> int:
    """Write the draft of a new record; returns its id."""
    if record.owned:
        draft.columns.setdefault("owner_id", writer.user_id)
    rules.before(ctx, writer, record.name, draft, None)
    _check_required(record, draft)
    id = writer.create(record.table, draft.columns)
    rest = Draft(
        custom=draft.custom,
        lines=draft.lines,
        points=draft.points,
        addresses=draft.addresses,
        tags=draft.tags,
        members=draft.members,
    )
    apply(writer, record, id, rest, new=True)
    rules.after(ctx, writer, record.name, id, new=True)
    return id


def edit(
    ctx: Context, refs: Sequence[str], assigns: Sequence[Assign], *, verb: str = "Changed"
) -> Done:
    """Change fields of records, all of one type; returns what changed, said with the verb.

    Raises what `add` raises, and NotFound or Ambiguous for the records themselves.
    """
    if not assigns:
        raise UsageError("nothing to change", hint="write field=value, for example title=CTO")
    lines, handles = [], []
    with ctx.writing() as writer:
        for found in targets(ctx, writer, refs):
            made: list[str] = []
            if change(ctx, writer, found, assigns, made):
                handles.append(found.handle)
                record = BY_NAME[found.noun]
                lines += [made_line(handle, writer) for handle in made]
                lines.append(f"{verb} {found.handle} {_title(writer, record, found.id)}")
    return done(writer, ctx, lines or ["Nothing to change: it is so already"], handles)


def change(
    ctx: Context,
    writer: Writer,
    found: Found,
    assigns: Sequence[Assign],
    made: list[str] | None = None,
) -> bool:
    """Apply assignments to one record; returns whether anything changed.

    made: takes the handles of records that were made on the way.
    """
    record = with_custom(writer, BY_NAME[found.noun])
    draft = read(_in_its_currency(ctx, writer, record, found.id), writer, record, assigns)
    if made is not None:
        made += draft.made
    rules.before(ctx, writer, record.name, draft, found.id)
    stale.guard(ctx, writer, found, stale.fields_of(draft))
    changed = apply(writer, record, found.id, draft)
    if changed:
        rules.after(ctx, writer, record.name, found.id, new=False)
    return changed


def _in_its_currency(ctx: Context, writer: Writer, record: Record, id: int) -> Context:
    """The context to read changes in: an amount without a currency is in the one it had."""
    column = next((field.currency for field in record.fields if field.store == "money"), None)
    if column is None:
        return ctx
    currency = writer.scalar(f"SELECT {column} FROM {record.table} WHERE id = ?", (id,))
    return replace(ctx, env=ctx.env._replace(currency=currency)) if currency else ctx


def delete(ctx: Context, refs: Sequence[str]) -> Done:
    """Delete records; `restore` or `undo` brings them back."""

    def one(writer: Writer, found: Found) -> bool:
        _refuse_in_use(writer, found)
        stale.guard(ctx, writer, found, stale.WHOLE)
        writer.delete(BY_NAME[found.noun].table, found.id)
        return True

    return _for_each(ctx, refs, "Deleted", one)


def restore(ctx: Context, refs: Sequence[str]) -> Done:
    """Bring deleted records back, by their handles.

    Raises NotFound for a handle that never was, Conflict where the name was taken in between.
    """
    lines, handles = [], []
    with ctx.writing() as writer:
        for ref in (part for text in refs for part in listed(text)):
            record, id = _by_handle(writer, ref)
            writer.restore(record.table, id)
            handles.append(record.handle(id))
            lines.append(f"Restored {record.handle(id)} {_title(writer, record, id)}")
    if writer.change_set is None:
        lines = ["Nothing to restore: it is not deleted"]
    return done(writer, ctx, lines, handles)


def tag(ctx: Context, refs: Sequence[str], tags: Sequence[str]) -> Done:
    """Put tags on records."""
    return _tagged(ctx, refs, tags, "+=", "Tagged")


def untag(ctx: Context, refs: Sequence[str], tags: Sequence[str]) -> Done:
    """Take tags off records."""
    return _tagged(ctx, refs, tags, "-=", "Untagged")


def _tagged(ctx: Context, refs: Sequence[str], tags: Sequence[str], op: str, verb: str) -> Done:
    from crmcli.values.choices import split_tags

    names = [name for text in tags for name in split_tags(text)]
    if not names:
        raise UsageError("which tag?", hint="for example: crm tag c12 vip")

    def one(writer: Writer, found: Found) -> bool:
        if BY_NAME[found.noun].field("tags") is None:
            raise InvalidValue(f"a {found.noun} has no tags")
        stale.guard(ctx, writer, found, frozenset())
        return apply_tags(writer, BY_NAME[found.noun], found.id, op, names)

    return _for_each(ctx, refs, verb, one, suffix=" " + " ".join(f"#{name}" for name in names))


def assign(ctx: Context, refs: Sequence[str], owner: str) -> Done:
    """Give records an owner."""

    def one(writer: Writer, found: Found) -> bool:
        record = BY_NAME[found.noun]
        if not record.owned:
            raise InvalidValue(f"a {record.name} has no owner")
        to = user_id(ctx, writer, owner)
        stale.guard(ctx, writer, found, frozenset(("owner_id",)))
        return bool(writer.update(record.table, found.id, {"owner_id": to}))

    return _for_each(ctx, refs, "Assigned", one, suffix=f" to {owner}")


def reopen(ctx: Context, refs: Sequence[str]) -> Done:
    """Open closed deals again, in the stage they were closed from, and tasks that were done."""

    def one(writer: Writer, found: Found) -> bool:
        if found.noun == "task":
            return change(ctx, writer, found, [Assign("status", "=", None, "open")])
        stage = _stage_before_closing(writer, found.id)
        return change(ctx, writer, found, [Assign("stage", "=", None, stage)]) if stage else False

    return _for_each(ctx, refs, "Reopened", one, nouns=("deal", "task"))


def _stage_before_closing(writer: Writer, deal: int) -> str | None:
    """The handle of the open stage to go back to; None for a deal that is open."""
    row = writer.row(
        "SELECT s.type, s.pipeline_id FROM deal d JOIN stage s ON s.id = d.stage_id WHERE d.id = ?",
        (deal,),
    )
    if row is None or row[0] not in ("won", "lost"):
        return None
    last = writer.scalar(
        "SELECT s.id FROM stage_change c JOIN stage s ON s.id = c.stage_id"
        " WHERE c.deal_id = ? AND c.deleted_at IS NULL AND s.deleted_at IS NULL"
        " AND s.type NOT IN ('won', 'lost') ORDER BY c.id DESC LIMIT 1",
        (deal,),
    )
    return f"st{last if last is not None else rules.first_stage(writer, row[1]).id}"


def link(ctx: Context, a: str, type: str, b: str) -> Done:
    """Link two records: `a` stands in the relation `type` to `b`; either may be a comma list."""
    kind, lines = link_type(type), []
    handles: dict[str, None] = {}
    with ctx.writing() as writer:
        for one, other in product(targets(ctx, writer, [a]), targets(ctx, writer, [b])):
            _link(writer, one, kind, other)
            lines.append(f"{one.handle} {one.title} {kind} {other.handle} {other.title}")
            handles |= {one.handle: None, other.handle: None}
    return done(writer, ctx, lines, list(handles))


def _link(writer: Writer, one: Found, kind: str, other: Found) -> None:
    if not kind:
        raise UsageError("linked as what?", hint="for example: crm link c12 reports-to c14")
    if one.handle == other.handle:
        raise InvalidValue(f"{one.handle} cannot be linked to itself")
    if _link_id(writer, one, kind, other) is None:
        writer.create("link", {**_link_row(one, other), "type": kind})


def unlink(ctx: Context, a: str, type: str | None, b: str) -> Done:
    """Take a link away; without a type, every link between the two."""
    with ctx.writing() as writer:
        one, other = target(ctx, writer, a), target(ctx, writer, b)
        kind = link_type(type) if type else None
        gone = [_link_id(writer, one, kind, other), _link_id(writer, other, kind, one)]
        if not any(gone):
            raise NotFound(f"{one.handle} and {other.handle} are not linked so")
        for id in filter(None, gone):
            writer.delete("link", id)
    return done(writer, ctx, [f"Unlinked {one.handle} and {other.handle}"], [one.handle])


def link_type(text: str) -> str:
    """A link's type as it is stored: `Reports to` and `reports_to` are `reports-to`."""
    return match_key(text).replace(" ", "-").replace("_", "-")


def _link_row(one: Found, other: Found) -> dict[str, Any]:
    return {
        "from_record": one.noun,
        "from_id": one.id,
        "to_record": other.noun,
        "to_id": other.id,
    }


def _link_id(writer: Writer, one: Found, kind: str | None, other: Found) -> int | None:
    sql = (
        "SELECT id FROM link WHERE from_record = ? AND from_id = ? AND to_record = ?"
        " AND to_id = ? AND deleted_at IS NULL"
    )
    params: list[Any] = list(_link_row(one, other).values())
    if kind:
        sql, params = sql + " AND type = ?", [*params, kind]
    found: int | None = writer.scalar(sql, params)
    return found


# --- shared


def done(
    writer: Writer,
    ctx: Context,
    lines: Sequence[str],
    handles: Sequence[str] = (),
    warnings: Sequence[str] = (),
    data: dict[str, Any] | None = None,
) -> Done:
    """The result of a write, or of one that was only tried."""
    warnings = [*warnings, *ctx.notices]
    undo = f"h{writer.change_set}" if writer.change_set and not ctx.dry_run else None
    return Done(
        tuple(lines), tuple(handles), undo, tuple(warnings), data or {}, dry_run=ctx.dry_run
    )


def _for_each(
    ctx: Context,
    refs: Sequence[str],
    verb: str,
    one: Callable[[Writer, Found], bool],
    *,
    suffix: str = "",
    nouns: Sequence[str] = (),
) -> Done:
    """Do `one` to each record in one change set; what was so already is left out of the lines."""
    lines, handles, same = [], [], []
    with ctx.writing() as writer:
        for found in targets(ctx, writer, refs, nouns):
            if one(writer, found):
                handles.append(found.handle)
                lines.append(f"{verb} {found.handle} {found.title}{suffix}")
            else:
                same.append(f"{found.handle} {found.title} is so already")
    return done(writer, ctx, lines or same, handles)


def _title(writer: Writer, record: Record, id: int) -> str:
    column = title_column(record)
    found = writer.scalar(f"SELECT {column} FROM {record.table} WHERE id = ?", (id,))
    return str(found or "")


def made_line(handle: str, writer: Writer) -> str:
    """A sentence about a record that was made on the way, by its handle."""
    letter = handle.rstrip("0123456789")
    record, id = BY_LETTER[letter], int(handle[len(letter) :])
    return f"Made {record.name} {handle} {_title(writer, record, id)}"


def _check_required(record: Record, draft: Draft) -> None:
    for field in record.fields:
        held = draft.custom if field.store == "custom" else draft.columns
        key = field.name if field.store == "custom" else field.column
        missing = field.required and not field.readonly and held.get(key) in (None, "")
        if missing:
            raise UsageError(
                f"a {record.name} needs a {field.label.lower()}",
                hint=f"see `crm add-{record.name} --help`",
            )


def _by_handle(writer: Writer, text: str) -> tuple[Record, int]:
    named = by_handle(text)
    if named is None:
        raise UsageError(
            f"{quote(text)} is no handle",
            hint="deleted records are named by handle; `crm contacts --deleted` lists contacts",
        )
    record, id = named
    if writer.scalar(f"SELECT 1 FROM {record.table} WHERE id = ?", (id,)) is None:
        raise NotFound(f"there is no {text}")
    return record, id


def _refuse_in_use(writer: Writer, found: Found) -> None:
    """Stages, pipelines and users that live records need cannot be deleted."""
    for noun, sql, hint in _IN_USE.get(found.noun, ()):
        used = writer.scalar(sql, (found.id,))
        if used:
            what = f"1 {noun}" if used == 1 else f"{used:,} {BY_NAME[noun].plural}"
            raise Conflict(f"{found.handle} {found.title} is in use by {what}", hint=hint)


# What may need a record: the noun, how many such records do, and what to do about it.
_IN_USE = {
    "stage": (
        (
            "deal",
            "SELECT count(*) FROM deal WHERE stage_id = ? AND deleted_at IS NULL",
            "move those to another stage first",
        ),
    ),
    "pipeline": (
        (
            "deal",
            "SELECT count(*) FROM deal d JOIN stage s ON s.id = d.stage_id"
            " WHERE s.pipeline_id = ? AND d.deleted_at IS NULL",
            "move those to a stage of another pipeline first",
        ),
    ),
    "user": tuple(
        (
            record.name,
            f"SELECT count(*) FROM {record.table} WHERE owner_id = ? AND deleted_at IS NULL",
            "give those to somebody with `crm assign`, or use `crm user deactivate`",
        )
        for record in RECORDS
        if record.owned
    ),
}
