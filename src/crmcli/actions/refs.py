"""Which record a word means, before it is written to.

A word that fits a record only in part is a question, not an answer: the caller is asked through
`Ambiguous`, unless it was answered already (`ctx.chosen`) or waved through (`--yes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from crmcli.actions.context import Context
from crmcli.catalog import BY_NAME
from crmcli.errors import Ambiguous, NotFound, UsageError
from crmcli.queries.lookup import by_handle
from crmcli.queries.resolve import Found, resolve
from crmcli.store.read import Rows
from crmcli.values.base import quote
from crmcli.values.text import sort_key

if TYPE_CHECKING:
    from crmcli.store.write import Writer


def seen(ctx: Context, rows: Rows, text: str, nouns: Sequence[str] = ()) -> Found:
    """The one record to look at that `text` means, in part as well; NotFound or Ambiguous."""
    return resolve(rows, ctx.env, ctx.chosen.get(text, text), nouns)


def target(ctx: Context, rows: Rows, text: str, nouns: Sequence[str] = ()) -> Found:
    """The one record to change that `text` means; raises NotFound or Ambiguous."""
    found = seen(ctx, rows, text, nouns)
    if not found.exact and not ctx.accept_partial:
        raise Ambiguous(
            f"{quote(text)} fits {found.handle} {found.title} only in part",
            hint=f"type {found.handle}, or the full name; --yes takes it as it is",
            details={
                "text": text,
                "candidates": [{"handle": found.handle, "title": found.title, "noun": found.noun}],
            },
        )
    return found


def seen_all(ctx: Context, rows: Rows, texts: Sequence[str]) -> list[Found]:
    """The records to look at that the words mean; a word may be a list with commas. Each comes
    once."""
    parts = [part for text in texts for part in parts_of(ctx, rows, text)]
    return _each_once(seen(ctx, rows, part) for part in parts)


def targets(
    ctx: Context, rows: Rows, texts: Sequence[str], nouns: Sequence[str] = ()
) -> list[Found]:
    """The records to change that the words mean; a word may be a list with commas. Each comes
    once."""
    parts = [part for text in texts for part in parts_of(ctx, rows, text, nouns)]
    found = _each_once(target(ctx, rows, part, nouns) for part in parts)
    if ctx.if_version is not None and len(found) > 1:
        raise UsageError("--if-version is about one record", hint="name one REF only")
    return found


def _each_once(found: Iterable[Found]) -> list[Found]:
    return list({record.handle: record for record in found}.values())


def parts_of(ctx: Context, rows: Rows, text: str, nouns: Sequence[str] = ()) -> list[str]:
    """The parts of a comma list; a name that holds a comma itself stays whole."""
    if "," not in text:
        return [text]
    try:
        seen(ctx, rows, text, nouns)
    except NotFound:
        return listed(text)
    except Ambiguous:
        pass
    return [text]


def listed(text: str) -> list[str]:
    """The parts of a text with commas between them; the text itself where there are none."""
    return [part.strip() for part in text.split(",") if part.strip()] or [text]


def user_id(ctx: Context, writer: Writer, text: str) -> int:
    """The user that `text` names; `me` is whoever writes."""
    if text == "me" or sort_key(text) == sort_key(ctx.user):
        return writer.user_id
    return target(ctx, writer, text, ("user",)).id


def named(ctx: Context, writer: Writer, noun: str, text: str) -> tuple[int, str | None]:
    """The record of type `noun` with this name, domain or handle, made where there is none.

    Returns its id, and its handle where it was made. A part of a name never counts here: what is
    named in full may well be new.
    """
    chosen = ctx.chosen.get(text, text)
    try:
        found = resolve(writer, ctx.env, chosen, (noun,))
        if found.exact:
            return found.id, None
    except NotFound:
        if by_handle(chosen):  # a handle names a record that is there, never a new one
            raise
    record = BY_NAME[noun]
    values = {"name": text}
    if noun == "company":
        values["owner_id"] = str(writer.user_id)
    id = writer.create(record.table, {**values, **_company_domain(noun, text)})
    return id, record.handle(id)


def _company_domain(noun: str, text: str) -> dict[str, str]:
    """A company that is named by its domain has that domain."""
    from crmcli.values.web import domain_of

    looks_like_one = noun == "company" and "." in text and " " not in text
    domain = domain_of(text) if looks_like_one else ""
    return {"domain": domain} if domain else {}
