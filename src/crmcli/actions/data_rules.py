"""The team's rules for its data: asked before every write is committed, listed, and checked.

A write is asked about the records that it makes, and about those where it changes what a rule looks
at: a record that broke a rule before it was made stays in the way of nothing else. Undo, redo and
`crm restore` bring back what was, without asking. (What follows from a change to a record, the
rules of the trade, is `crmcli.actions.rules`.)
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.actions.context import Context
from crmcli.actions.draft import find_field
from crmcli.catalog import BY_NAME, BY_TABLE
from crmcli.data_rules import ERROR, Contents, DataRule, tester, wrong
from crmcli.errors import BrokenRule, NotFound, UnknownName
from crmcli.fields import Field, Record
from crmcli.queries.contents import Held, contents, shared
from crmcli.queries.custom import with_custom
from crmcli.results import Column, Listing
from crmcli.store.views import ADDRESS_PARTS
from crmcli.values.base import Env, quote
from crmcli.values.text import did_you_mean, sort_key

if TYPE_CHECKING:
    from crmcli.store.read import Rows
    from crmcli.store.write import Writer

Rules = Sequence[DataRule]

_SHOWN = 3  # records of a bulk edit that an error names


class Ready(NamedTuple):
    """A rule made ready for one database.

    fields: those that it looks at; stages: the ids of those it is about, None for all; broken: what
    says whether contents break it; columns: what a write must change for the rule to be asked.
    """

    rule: DataRule
    record: Record
    fields: tuple[Field, ...]
    stages: frozenset[int] | None
    broken: Callable[[Contents], bool]

    @property
    def columns(self) -> frozenset[str]:
        """The columns and tables that hold what the rule looks at, as `Writer.edits` has them."""
        found = {name for field in self.fields for name in _held_in(field)}
        return frozenset(found if self.stages is None else found | {"stage_id"})

    @property
    def unique(self) -> Field | None:
        """The field whose values no two records may share."""
        return self.fields[-1] if self.rule.unique else None

    def is_about(self, held: Held) -> bool:
        """Whether a record is in a stage that the rule is about."""
        return self.stages is None or held.stage in self.stages


class Broken(NamedTuple):
    """A record that breaks a rule."""

    rule: DataRule
    id: int
    title: str

    @property
    def handle(self) -> str:
        """The record's handle."""
        return BY_NAME[self.rule.record].handle(self.id)


def ready(rows: Rows, env: Env, rules: Rules, noun: str) -> list[Ready]:
    """The rules for one type of record.

    Raises InvalidValue, naming the rule, where a field or a stage of it is not there.
    """
    mine = [rule for rule in rules if rule.record == noun]
    record = with_custom(rows, BY_NAME[noun]) if mine else BY_NAME[noun]
    return [_ready(rows, env, rule, record) for rule in mine]


def _ready(rows: Rows, env: Env, rule: DataRule, record: Record) -> Ready:
    fields = {name: _field(rule, record, name) for name in rule.fields}
    if rule.unique and fields[rule.field].store not in ("column", "point", "part", "custom"):
        raise wrong(rule.name, f"{rule.field} cannot be unique", "names, numbers, e-mails … can")
    return Ready(
        rule, record, tuple(fields.values()), _stages(rows, rule), tester(rule, fields, env)
    )


def _field(rule: DataRule, record: Record, name: str) -> Field:
    try:
        return find_field(record, name)
    except UnknownName as error:
        raise wrong(rule.name, error.message, error.hint) from error


def _held_in(field: Field) -> tuple[str, ...]:
    match field.store:
        case "point":
            return (f"{field.part}.key", f"{field.part}.deleted_at")
        case "address" | "part":
            parts = ADDRESS_PARTS if field.store == "address" else (field.part,)
            return tuple(f"address.{part}" for part in (*parts, "deleted_at"))
        case "tags":
            return ("tagging",)
        case "members":
            return (f"{field.part}.{field.ref}_id", f"{field.part}.deleted_at")
        case _:
            return (field.column, field.currency)


def _stages(rows: Rows, rule: DataRule) -> frozenset[int] | None:
    """The stages that a rule is about: one, or from one on those that are open or won."""
    if not (rule.pipeline or rule.stage or rule.from_stage):
        return None
    found = rows.rows(
        "SELECT s.id, s.name_key, s.position, s.type, s.pipeline_id, p.name_key FROM stage s"
        " JOIN pipeline p ON p.id = s.pipeline_id WHERE s.deleted_at IS NULL"
        " AND p.deleted_at IS NULL"
    )
    mine = [row for row in found if not rule.pipeline or row[5] == sort_key(rule.pipeline)]
    if not mine:
        raise wrong(
            rule.name, f"there is no pipeline {quote(rule.pipeline)}", "see `crm pipelines`"
        )
    named = rule.stage or rule.from_stage
    begins = {row[4]: row[2] for row in mine if row[1] == sort_key(named)}
    if named and not begins:
        raise wrong(rule.name, f"there is no stage {quote(named)}", "see `crm stages`")
    return frozenset(
        row[0]
        for row in mine
        if not named
        or (rule.stage and row[1] == sort_key(named))
        or (rule.from_stage and row[3] != "lost" and row[2] >= begins.get(row[4], row[2] + 1))
    )


# --- at the door


def enforce(writer: Writer, env: Env, rules: Rules) -> list[str]:
    """What to warn of in what was written; raises BrokenRule for what breaks a rule of severity
    error, and InvalidValue for a rule that makes no sense."""
    found = [
        broken
        for table, edits in writer.edits.items()
        for broken in _broken_by(writer, env, rules, BY_TABLE[table], edits)
    ]
    errors = [each for each in found if each.rule.severity == ERROR]
    if errors:
        raise refusal(errors)
    return [_line(each) for each in found]


def _broken_by(
    writer: Writer, env: Env, rules: Rules, record: Record, edits: Mapping[int, set[str]]
) -> Iterator[Broken]:
    from crmcli.store.write import NEW

    for each in ready(writer, env, rules, record.name):
        wanted = {NEW, *each.columns}
        yield from broken(writer, each, [id for id, what in edits.items() if wanted & what])


def broken(rows: Rows, each: Ready, ids: Sequence[int] | None = None) -> Iterator[Broken]:
    """The records that break a rule, of all or of those with the ids."""
    if ids is not None and not ids:
        return
    doubled = _doubled(rows, each, ids)
    for held in contents(rows, each.record, each.fields, ids):
        if each.is_about(held) and (held.id in doubled or each.broken(held.contents)):
            yield Broken(each.rule, held.id, held.title)


def _doubled(rows: Rows, each: Ready, ids: Sequence[int] | None) -> set[int]:
    if each.unique is None:
        return set()
    groups = shared(rows, each.record, each.unique, ids).values()
    return {id for group in groups for id in group}


def refusal(found: Sequence[Broken]) -> BrokenRule:
    """The error for records that break rules."""
    said = "; ".join(_line(each) for each in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    details = [{"rule": each.rule.name, "record": each.handle, "title": each.title,
                "says": each.rule.says} for each in found]  # fmt: skip
    return BrokenRule(
        f"{said}{more}", hint="`crm rules` lists the rules", details={"broken": details}
    )


def _line(each: Broken) -> str:
    return f"{quote(each.title)}: {each.rule.says}"


# --- `crm rules`

_COLUMNS = (
    Column("name", "text", "Rule"),
    Column("record", "text", "Record"),
    Column("severity", "text", "Severity"),
    Column("says", "text", "What it says"),
)
_CHECKED = (
    Column("broken", "integer", "Broken by"),
    Column("list", "text", "Listed by", 1),
)
_RECORDS = (Column("handle", "handle", "Record"), Column("title", "text", "Name"))


def listing(ctx: Context, *, check: bool = False) -> Listing:
    """The rules; with `check` how many records break each, and the command that lists them."""
    rules = _rules(ctx)
    rows: Iterable[tuple[Any, ...]] = [(r.name, r.record, r.severity, r.says) for r in rules]
    if check:
        rows = [
            (*row, len(found), listed_by(row[0]) if found else "")
            for row, found in zip(rows, map(partial(_breaking, ctx), rules), strict=True)
        ]
    hint = "no rules yet: write [[rules]] into the settings with `crm config edit`"
    return Listing("rules", _COLUMNS + _CHECKED * check, tuple(rows), len(rules), hint)


def listed_by(name: str) -> str:
    """The command that lists the records that break the rule of this name."""
    return f"crm rules {shlex.quote(name)}"


def breaking(ctx: Context, name: str, limit: int = 0) -> Listing:
    """The records that break the rule of this name, the first `limit` of them (0 for all).

    Raises NotFound for a rule that there is not.
    """
    named = {rule.name: rule for rule in _rules(ctx)}
    if name not in named:
        raise NotFound(
            f"there is no rule {quote(name)}",
            hint=did_you_mean(name, list(named)) if named else "`crm rules` says how to write one",
        )
    found = _breaking(ctx, named[name])
    rows = tuple((each.handle, each.title) for each in found[: limit or None])
    plural = BY_NAME[named[name].record].plural
    return Listing(plural, _RECORDS, rows, len(found), f"no {plural} break it", named[name].says)


def _breaking(ctx: Context, rule: DataRule) -> list[Broken]:
    (each,) = ready(ctx.reader, ctx.env, [rule], rule.record)
    return list(broken(ctx.reader, each))


def _rules(ctx: Context) -> tuple[DataRule, ...]:
    return tuple(ctx.settings["rules"] or ())
