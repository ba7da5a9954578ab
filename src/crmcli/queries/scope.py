"""Which records a screen or a report is about: a pipeline, an owner, a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmcli.catalog import BY_NAME
from crmcli.errors import NotFound
from crmcli.queries.conditions import EVERYTHING, Sql, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcli.store.read import Rows
    from crmcli.values import Env


class Pipeline(NamedTuple):
    """A pipeline by id and name."""

    id: int
    name: str


def read_pipelines(reader: Rows) -> list[Pipeline]:
    """All pipelines, the default one first."""
    rows = reader.rows(
        "SELECT id, name FROM pipeline WHERE deleted_at IS NULL"
        " ORDER BY is_default DESC, position, id"
    )
    return [Pipeline(*row) for row in rows]


def choose_pipeline(reader: Rows, env: Env, text: str | None) -> tuple[Pipeline, list[Pipeline]]:
    """The pipeline that `text` names, or the default one; and the others.

    Raises NotFound or Ambiguous.
    """
    found = read_pipelines(reader)
    if text:
        from crmcli.queries.resolve import resolve

        named = resolve(reader, env, text, ("pipeline",))
        chosen = next(pipeline for pipeline in found if pipeline.id == named.id)
    elif found:
        chosen = found[0]
    else:
        raise NotFound("there is no pipeline", hint="`crm add-pipeline NAME` makes one")
    return chosen, [pipeline for pipeline in found if pipeline != chosen]


def owned_by(reader: Rows, env: Env, noun: str, owner: str | None, me: str) -> Sql:
    """The condition over `t`, a row of `noun`, that `owner` owns it.

    owner: a user's name or handle, `me`, `none` for what nobody owns; None or `all` for
    everybody. Raises InvalidValue for a user that there is not.
    """
    if owner is None or owner.lower() == "all":
        return EVERYTHING
    from crmcli.queries import compile as compiler
    from crmcli.queries.parse import Compare

    return compiler.compile(Compare("owner", ":", owner), BY_NAME[noun], env, me, reader)


def filtered(
    reader: Rows,
    env: Env,
    noun: str,
    *,
    owner: str | None = None,
    words: Sequence[str] = (),
    where: str | None = None,
    me: str = "",
) -> Sql:
    """The condition over `t` of an owner and of a query, given as words, as a text, or both."""
    parts = [owned_by(reader, env, noun, owner, me)]
    if words or where:
        from crmcli.queries import compile as compiler
        from crmcli.queries.parse import parse_terms, parse_where

        trees = [parse_terms(words)] * bool(words) + ([parse_where(where)] if where else [])
        parts += [compiler.compile(tree, BY_NAME[noun], env, me, reader) for tree in trees]
    return joined("AND", [part for part in parts if part is not EVERYTHING] or [EVERYTHING])


def described(owner: str | None, words: Sequence[str], where: str | None) -> str:
    """The filter in a few words, for the title of a screen."""
    parts = [f"owner:{owner}"] if owner and owner.lower() != "all" else []
    return " ".join([*parts, *words, *([where] if where else [])])
