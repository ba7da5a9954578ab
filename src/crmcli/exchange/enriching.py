"""Values for the blanks of records: what follows from what is known, or what a program answers.

First the values are gathered as offers, without a change to anything; then those that somebody
agreed to are written, in one change set. What a record has already stays, unless its field is
named to be overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli import values
from crmcli.actions import programs
from crmcli.actions.assign import Assign
from crmcli.actions.draft import find_field
from crmcli.actions.records import change, done, made_line
from crmcli.actions.rules import company_of
from crmcli.actions.stale import last_change
from crmcli.catalog import BY_NAME
from crmcli.errors import CrmError, InvalidValue, UsageError
from crmcli.exchange.extract import PARTS, Extract, exported
from crmcli.exchange.rows import AddressValue
from crmcli.exchange.writers import document
from crmcli.queries.custom import with_custom
from crmcli.queries.listing import select
from crmcli.queries.resolve import Found
from crmcli.results import Column, Done, Listing
from crmcli.values.base import Money, quote
from crmcli.values.choices import split_tags
from crmcli.values.text import sort_key
from crmcli.values.whereabouts import country_of, region_of, zone_of

if TYPE_CHECKING:
    from crmcli.actions.context import Context
    from crmcli.fields import Field, Record
    from crmcli.store.read import Rows

Held = Mapping[str, Any]
"""A record as `Extract` gives it."""

_COLUMNS = (
    Column("handle", "handle", "Record"),
    Column("field", "text", "Field"),
    Column("before", "text", "Before"),
    Column("after", "text", "After"),
    Column("from", "text", "From"),
    Column("what", "text", "What"),
)


class Offer(NamedTuple):
    """A value for a field of a record. before: what is there, "" for a blank; source: what tells
    the value."""

    target: Found
    assign: Assign
    before: str
    after: str
    source: str


class Offers(NamedTuple):
    """Values that could be written, and why some records got none. reason: for the history."""

    record: Record
    found: tuple[Offer, ...]
    problems: tuple[str, ...] = ()
    reason: str = ""

    @property
    def differing(self) -> list[str]:
        """The fields for which something else is offered than they hold."""
        return list(dict.fromkeys(each.assign.field for each in self.found if each.before))

    def taken(self, overwrite: Collection[str]) -> list[Offer]:
        """What is written: for blanks, and for the fields that may be overwritten."""
        return [each for each in self.found if not each.before or each.assign.field in overwrite]


def derived(ctx: Context, noun: str, terms: Sequence[str] = (), where: str | None = None) -> Offers:
    """What follows from what is known of the contacts or companies that a query selects.

    The company from the domain of an e-mail, the country from the prefix of a phone, the region
    and the time zone from both; see `whereabouts`.
    """
    record = BY_NAME[noun]
    found: list[Offer] = []
    for target, held, _extract in _selected(ctx, record, terms, where):
        found += _following(ctx.reader, record, target, held)
    reason = "from e-mail domains, phone prefixes and countries"
    return Offers(record, tuple(found), reason=reason)


def answered(
    ctx: Context,
    noun: str,
    command: str,
    terms: Sequence[str] = (),
    where: str | None = None,
    *,
    seconds: float,
    progress: Callable[[int], None],
) -> Offers:
    """What a program says of the contacts or companies that a query selects.

    command: the program and its arguments; it gets a record as a JSON object on its standard input
    and prints one with fields. seconds: how long it may take for a record. progress: told of each.
    Raises UsageError for a program that cannot be started; what fails for one record is a problem
    of that record.
    """
    words = programs.words(command, "--command")
    if not words:
        raise UsageError("--command names no program")
    record = with_custom(ctx.reader, BY_NAME[noun])
    offers: list[Offer] = []
    problems: list[str] = []
    for target, held, extract in _selected(ctx, record, terms, where):
        given = {"handle": target.handle, **json.loads(document(extract, dict(held)))}
        try:
            said = _ask(words, json.dumps(given, ensure_ascii=False), seconds)
        except InvalidValue as error:
            problems.append(_problem(target, error))
        else:
            asking = _Reading(ctx, record, target, held, words[0], problems)
            offers += asking.offers(said, _exact(json.dumps(given)))
        progress(1)
    return Offers(record, tuple(offers), tuple(problems))


def listing(offers: Offers, overwrite: Collection[str] = (), limit: int = 0) -> Listing:
    """The offers, one in a row, with what becomes of each; `limit` of them, 0 for all."""
    shown = offers.found[:limit] if limit else offers.found
    more = len(offers.found) - len(shown)
    note = f"and {more:,} more, which --dry-run shows" if more else ""
    taken = set(offers.taken(overwrite))
    rows = tuple(
        (
            each.target.handle, each.assign.field, each.before or None, each.after, each.source,
            ("replaces" if each.before else "fills") if each in taken else "differs",
        )
        for each in shown
    )  # fmt: skip
    return Listing("values", _COLUMNS, rows, len(rows), "Nothing to fill in.", note)


def fill(ctx: Context, offers: Offers, overwrite: Collection[str] = ()) -> Done:
    """Write the offers for blanks, and for the fields that may be overwritten; one change set.

    A record that cannot take what is offered is left out and named; the status is then 1. Raises
    InvalidValue where no record can.
    """
    taken = offers.taken(overwrite)
    problems, handles, lines, count = list(offers.problems), [], [], 0
    if not taken:
        return Done(("Nothing to fill in",), warnings=tuple(problems),
                    exit_status=int(bool(problems)), dry_run=ctx.dry_run)  # fmt: skip
    with ctx.writing(reason=ctx.reason or offers.reason) as writer:
        for target, some in groupby(taken, key=lambda offer: offer.target):
            made: list[str] = []
            assigns = [offer.assign for offer in some]
            try:
                with writer.attempt():
                    change(ctx, writer, target, assigns, made)
                    ctx.ask_rules(writer)
            except CrmError as error:
                problems.append(_problem(target, error))
                continue
            handles.append(target.handle)
            count += len(assigns)
            lines += [made_line(handle, writer) for handle in made]
        if not handles:
            raise InvalidValue(f"nothing could be filled in: {problems[-1]}")
    noun = offers.record.name if len(handles) == 1 else offers.record.plural
    number = "1 value" if count == 1 else f"{count:,} values"
    lines.append(f"Filled in {number} of {len(handles):,} {noun}")
    answer = done(writer, ctx, lines, handles, problems, {"values": count})
    return answer._replace(exit_status=int(bool(problems)))


def _problem(target: Found, error: CrmError) -> str:
    return f"{target.handle} {target.title}: {error.message}"


def _selected(
    ctx: Context, record: Record, terms: Sequence[str], where: str | None
) -> Iterator[tuple[Found, Held, Extract]]:
    """The records that a query selects; what somebody changes after this is not overwritten."""
    ctx.as_of = last_change(ctx.reader)
    selection = select(ctx.reader, ctx.env, record, terms, where, me=ctx.user)
    extract = Extract(ctx.reader, record, exported(record, None), selection)
    for page in extract.pages():
        for held in page:
            id = held["id"]
            yield Found(record.name, id, record.handle(id), held[record.title]), held, extract


# --- what follows from what is known


def _following(rows: Rows, record: Record, target: Found, held: Held) -> Iterator[Offer]:
    for field, text, shown, source in (*_company(rows, held), *_place(record, held)):
        yield Offer(target, Assign(field, "=", None, text), "", shown, source)


_Told = tuple[str, str, str, str]
"""A field, the text of its value as it is typed and as it is shown, and what tells it."""


def _company(rows: Rows, held: Held) -> Iterator[_Told]:
    emails = [each.value for each in held["email"]]
    if held.get("company", "") is None and (id := company_of(rows, emails)) is not None:
        name, domain = rows.row("SELECT name, domain FROM company WHERE id = ?", (id,)) or ("", "")
        yield "company", f"o{id}", name, f"@{domain}"


def _place(record: Record, held: Held) -> Iterator[_Told]:
    phones = [each.value for each in held["phone"]]
    address = held["address"][0] if held["address"] else AddressValue(None)
    country, told = address.country or "", ", ".join(phones)
    if not country and (country := country_of(phones)):
        yield "country", country, country, told
    if not address.region and (region := region_of(phones, country, address.city or "")):
        yield "region", region, region, told
    if "time_zone" in held and not held["time_zone"] and (zone := zone_of(country, phones)):
        yield "time_zone", zone, zone, country


# --- what a program answers


def _exact(text: str | bytes) -> Any:
    """A JSON text with its numbers as they are written."""
    return json.loads(text, parse_float=str, parse_int=str)


def _ask(words: Sequence[str], text: str, seconds: float) -> dict[str, Any]:
    """The fields that a program answers. Raises InvalidValue where it does not answer, UsageError
    where it cannot be started."""
    try:
        ended = programs.run(words, text, seconds)
    except TimeoutError as error:
        raise InvalidValue(f"{words[0]}: {error}") from None
    except OSError as error:
        raise UsageError(f"{words[0]} cannot be started: {error.strerror or error}") from None
    if ended.status:
        last = ended.err.decode(errors="replace").strip().rpartition("\n")[2]
        raise InvalidValue(f"{words[0]} ended with status {ended.status}{last and f': {last}'}")
    try:
        found = _exact(ended.out) if ended.out.strip() else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidValue(f"{words[0]} printed no JSON object")
    return found


class _Reading(NamedTuple):
    """What is needed to read an answer about one record."""

    ctx: Context
    record: Record
    target: Found
    held: Held
    source: str
    problems: list[str]

    def offers(self, said: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[Offer]:
        """The offers of an answer, without what it repeats; what cannot be read is a problem."""
        for name, value in said.items():
            if value in (None, "", [], {}) or given.get(name) == value:
                continue
            try:
                yield from self._field(find_field(self.record, name), value)
            except CrmError as error:
                self.problems.append(_problem(self.target, error))

    def _field(self, field: Field, value: Any) -> Iterator[Offer]:
        if field.readonly:
            raise InvalidValue(f"{field.name} cannot be set")
        if field.store == "address" and isinstance(value, dict):
            parts = {part: value[part] for part in PARTS if part in value}
            yield from self.offers(parts, {})
            return
        for label, text in _texts(field, value):
            for name in split_tags(text) if field.store == "tags" else [text]:
                offer = self._offer(field, label, name)
                yield from [offer] if offer else []

    def _offer(self, field: Field, label: str | None, text: str) -> Offer | None:
        """The offer of one value; None where the record has it."""
        op = "+=" if field.many and field.store != "address" else "="
        try:
            after = _read(self.ctx, field, text)
        except InvalidValue as error:
            error.message = f"{field.name}: {error.message}"
            raise
        before = "" if op == "+=" else _text_of(field, self.held)
        known = _keys(field, self.held) if op == "+=" else {_key(field, before)}
        if _key(field, after) in known:
            return None
        return Offer(self.target, Assign(field.name, op, label, text), before, after, self.source)


def _texts(field: Field, value: Any) -> Iterator[tuple[str | None, str]]:
    """A JSON value as labels and texts, as they would be typed."""
    for each in value if field.many and isinstance(value, list) else [value]:
        label, text = None, each
        if field.many and isinstance(each, dict):
            label, text = each.get("label"), each.get("value")
        if isinstance(text, bool):
            text = "yes" if text else "no"
        if not isinstance(text, str) or not isinstance(label, str | None):
            raise InvalidValue(f"{field.name}: cannot read {quote(json.dumps(each))}")
        yield label, text


def _read(ctx: Context, field: Field, text: str) -> str:
    """A typed value as it is written out; a reference or an address as it is typed."""
    if field.store in ("ref", "address"):
        return text.strip()
    kind = "text" if field.store == "tags" else field.kind
    return _plain(kind, values.parse(kind, text, ctx.env, field.choices))


def _text_of(field: Field, held: Held) -> str:
    """What a record holds in a field, as text."""
    if field.store in ("part", "address"):
        first = held["address"][0] if held["address"] else AddressValue(None)
        named = first._asdict() | {field.name: first.line}
        return str(getattr(first, field.part) or "") if field.part in PARTS else named[field.name]
    return _plain(field.kind, held[field.name])


def _plain(kind: str, value: Any) -> str:
    if isinstance(value, Money):
        return f"{values.plain(kind, value)} {value.currency}"
    return "" if kind == "yesno" and not value else values.plain(kind, value)


def _keys(field: Field, held: Held) -> set[str]:
    """By what the values of a field with many are known."""
    return {_key(field, getattr(each, "value", each)) for each in held[field.name]}


def _key(field: Field, text: str) -> str:
    if field.store == "point":
        return values.key(field.part, text)
    return sort_key(text) if field.store in ("ref", "tags") else text
