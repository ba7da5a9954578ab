"""The tree of a query to an SQL condition over the record's table, aliased `t`.

`compile` is the one place that knows what a term means for each way in which a field is stored.
The condition says nothing about deleted rows unless the query does (`mentions` tells).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmcli.catalog import BY_LETTER, BY_NAME
from crmcli.errors import InvalidValue, QueryError
from crmcli.fields import Field, Record
from crmcli.queries.conditions import (
    EVERYTHING,
    NOTHING,
    Item,
    Lead,
    Sql,
    among,
    joined,
    negated,
    one_of,
    refuse_order,
    split_values,
    text_condition,
    value_condition,
)
from crmcli.queries.names import Path, find_path
from crmcli.queries.parse import And, Compare, Node, Not, Or, Word, parse_where
from crmcli.store import dialect, search, views
from crmcli.values.base import quote
from crmcli.values.phone import phone_key
from crmcli.values.text import did_you_mean, fold, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmcli.store.read import Rows
    from crmcli.values import Env

HANDLE = re.compile(r"([a-z]{1,3})(\d{1,18})", re.IGNORECASE)
"""A handle, with the number small enough for the database."""

SMALL = frozenset(("user", "stage", "pipeline", "source", "tag"))
"""Record types of which there are few, so that a name is looked up before the query."""

_GIVEN = frozenset(("user", "stage", "pipeline"))  # those that a query must name correctly
_CITY_KEY = "city_key"
_MAX_WORDS = 100
_MAX_ITEMS = 400  # in a comma list
_MAX_HANDLES = 20_000


def compile(node: Node, record: Record, env: Env, me: str, reader: Rows) -> Sql:
    """The SQL condition of `node` over `record.table` aliased `t`.

    me: the user's name, for `owner:me`. Raises UnknownName for a field, InvalidValue for a value,
    QueryError for what makes no sense; each names the term.
    """
    return _Compiler(env, me, reader).node(node, record, "t")


def mentions(node: Node, record: Record, reader: Rows) -> frozenset[str]:
    """The names of the fields of `record` itself that the query asks for.

    A handle among the words to search for counts as the field `handle`.
    """
    names = set()
    for leaf in _leaves(node):
        if isinstance(leaf, Word):
            if any(handle_id(word, record) for word in leaf.text.split()):
                names.add("handle")
        elif not (path := find_path(reader, record, leaf.field, queried=True)).steps:
            names.add(path.field.name)
    return frozenset(names)


def _leaves(node: Node) -> Iterator[Word | Compare]:
    if isinstance(node, Word | Compare):
        yield node
    elif isinstance(node, Not):
        yield from _leaves(node.term)
    else:
        for term in node.terms:
            yield from _leaves(term)


def handle_id(text: str, record: Record) -> int | None:
    """The id in a handle of `record`; None when the text is no such handle."""
    match = HANDLE.fullmatch(text)
    return int(match[2]) if match and match[1].lower() == record.letter else None


class _Compiler:
    """What a compilation needs to know and to count."""

    def __init__(self, env: Env, me: str, reader: Rows) -> None:
        self.env = env
        self.me = me
        self.reader = reader
        self._aliases = 0
        self._segments: list[str] = []

    def node(self, node: Node, record: Record, alias: str) -> Sql:
        """The condition of a tree over the rows of `record` called `alias`."""
        match node:
            case Word(text):
                return self._words(text.split(), record, alias)
            case Compare():
                return self._compare(node, record, alias)
            case Not(term):
                return negated(self.node(term, record, alias), "({}) IS NOT TRUE")
            case Or(terms):
                return joined("OR", (self.node(term, record, alias) for term in terms))
            case And(terms):
                return self._all(terms, record, alias)

    def _all(self, terms: tuple[Node, ...], record: Record, alias: str) -> Sql:
        """All of the terms; the words among them are one question to the search index."""
        words = [word for term in terms if isinstance(term, Word) for word in term.text.split()]
        parts = [self._words(words, record, alias)] if words else []
        parts += [self.node(term, record, alias) for term in terms if not isinstance(term, Word)]
        return joined("AND", parts) if parts else EVERYTHING

    def _words(self, words: list[str], record: Record, alias: str) -> Sql:
        if len(words) > _MAX_WORDS:
            raise QueryError(
                f"the query searches for {len(words)} words, more than {_MAX_WORDS}",
                hint="search for fewer words",
            )
        ids = [id for id in (handle_id(word, record) for word in words) if id is not None]
        others = [word for word in words if handle_id(word, record) is None]
        parts = [Sql(f"{alias}.id = ?", [id]) for id in ids]
        if others and record.table in search.SEARCHED:
            parts.append(_found(record, alias, others))
        elif others:
            parts += [self._title(record, alias, Item(":", word)) for word in others]
        return joined("AND", parts) if parts else EVERYTHING

    def _compare(self, term: Compare, record: Record, alias: str) -> Sql:
        path = find_path(self.reader, record, term.field, queried=True)
        shown = f"{term.field}{term.op}{term.text}"
        try:
            return self._follow(path, record, term, alias)
        except InvalidValue as error:
            raise InvalidValue(
                f"{shown if len(shown) <= 60 else term.field}: {error.message}",
                hint=error.hint,
                details={**error.details, "word": shown, "field": path.field.name},
            ) from error

    def _follow(self, path: Path, record: Record, term: Compare, alias: str) -> Sql:
        """The condition at the end of a path, within one for each reference on the way."""
        if not path.steps:
            return self._field(path, term, alias)
        field = path.steps[0]
        target, other = BY_NAME[field.ref], self._alias()
        inner = self._follow(path._replace(steps=path.steps[1:]), target, term, other)
        column = f"{alias}.{field.column}" if field.store == "ref" else f"m.{field.ref}_id"
        within = _records(column, target, other, inner)
        if field.store == "ref":
            return within
        return _holders(Path((), record, field), alias, within)

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"

    def _field(self, path: Path, term: Compare, alias: str) -> Sql:
        kind, handles = path.field.kind, path.field.store == "handle"
        texts = [term.text]
        if not term.quoted and term.op in (":", ":="):
            texts = split_values(kind, term.text)
        if not texts or len(texts) > (_MAX_HANDLES if handles else _MAX_ITEMS):
            raise QueryError(
                f"{term.field}: {'no value' if not texts else 'too many values'} in the list",
                hint="for example tag:vip,press",
                details={"word": f"{term.field}{term.op}"},
            )
        literal = term.quoted or term.op != ":"
        items = [Item(term.op, text, literal) for text in texts]
        if handles:
            return _handles(path.record, alias, items)
        return joined("OR", (self._item(path, alias, item) for item in items))

    def _item(self, path: Path, alias: str, item: Item) -> Sql:
        field, record = path.field, path.record
        word = "" if item.literal else item.text.lower()
        if field.store in ("search", "segment", "deleted"):
            return self._pseudo(field, record, alias, item)
        if word in ("none", "any"):
            present = _present(path, alias)
            return present if word == "any" else negated(present, "NOT {}")
        match field.store:
            case "ref":
                return self._reference(field, f"{alias}.{field.column}", item)
            case "members":
                ids = self._reference(field, f"m.{field.ref}_id", item)
                return _holders(path, alias, ids)
            case "tags":
                return self._tags(record, alias, item)
            case "point":
                refuse_order(field, item)
                return _holders(path, alias, _point(field, item, self.env))
            case "address" | "part":
                return _holders(path, alias, _address(field, item, self.env, self.reader))
        sql = at(next(iter(views.field_columns(record, field).values())), alias)
        key = f"{alias}.{field.key}" if field.key else ""
        return value_condition(field, sql, item, self.env, key)

    def _pseudo(self, field: Field, record: Record, alias: str, item: Item) -> Sql:
        refuse_order(field, item)
        if field.store == "search":
            return self._words(item.text.split(), record, alias)
        if field.store == "segment":
            return self._segment(item.text, record, alias)
        if item.text.lower() == "any":
            return EVERYTHING
        deleted = value_condition(field._replace(kind="yesno"), "1", item, self.env)
        return Sql(f"{alias}.deleted_at IS {'NOT ' * (deleted.params[0] == 1)}NULL")

    def _segment(self, name: str, record: Record, alias: str) -> Sql:
        wanted = sort_key(name)
        row = self.reader.row(
            "SELECT query FROM segment WHERE name_key = ? AND record = ? AND deleted_at IS NULL",
            [wanted, record.name],
        )
        if row is None:
            raise self._no_segment(name, record)
        if wanted in self._segments:
            raise QueryError(
                f"the segment {quote(name)} refers to itself",
                hint=f"segments on the way: {', '.join(self._segments)}",
            )
        self._segments.append(wanted)
        found = self.node(parse_where(row[0]), record, alias)
        self._segments.pop()
        return found

    def _no_segment(self, name: str, record: Record) -> InvalidValue:
        rows = self.reader.rows(
            "SELECT name FROM segment WHERE record = ? AND deleted_at IS NULL ORDER BY name_key",
            [record.name],
        )
        names = [row[0] for row in rows]
        return InvalidValue(
            f"there is no segment {quote(name)} of {record.plural}",
            hint=did_you_mean(name, names) if names else "`crm add-segment` saves a query",
        )

    def _title(self, record: Record, alias: str, item: Item) -> Sql:
        field = record.field(record.title)
        column = views.title_column(record)
        key = f"{alias}.{field.key}" if field and field.key else ""
        found = text_condition(f"{alias}.{column}", item, key)
        if record.name == "user":
            return joined("OR", (found, text_condition(f"{alias}.full_name", item)))
        return found

    def _reference(self, field: Field, column: str, item: Item) -> Sql:
        """A column that holds the id of a record which is named by handle or by title."""
        refuse_order(field, item)
        target = BY_NAME[field.ref]
        id = handle_id(item.text, target)
        if id is not None:
            return Sql(f"{column} = ?", [id])
        if target.name in SMALL:
            return one_of(column, self._named(target, item))
        other = self._alias()
        return _records(column, target, other, self._title(target, other, item))

    def _named(self, target: Record, item: Item) -> list[int]:
        """The ids of the records of a small table that are called so, else whose name has it.

        Raises InvalidValue when a user, stage or pipeline is named that there is not.
        """
        me = item.text.lower() == "me" and target.name == "user" and not item.literal
        wanted = sort_key(self.me if me else item.text)
        rows = self.reader.rows(
            f"SELECT id, name, name_key FROM {target.table} WHERE deleted_at IS NULL ORDER BY id"
        )
        found = [id for id, _name, key in rows if key == wanted]
        if found or me:
            return found
        if not item.exact:
            title = self._title(target, "t", item)
            sql = f"SELECT t.id FROM {target.table} t WHERE t.deleted_at IS NULL AND {title.text}"
            found = [row[0] for row in self.reader.rows(sql, title.params)]
        if not found and target.name in _GIVEN:
            names = list(dict.fromkeys(name for _id, name, _key in rows))
            raise InvalidValue(
                f"there is no {target.name} {quote(item.text)}",
                hint=did_you_mean(item.text, names)
                if names
                else f"`crm {target.plural}` lists them",
                details={"value": item.text, "choices": names},
            )
        return found

    def _tags(self, record: Record, alias: str, item: Item) -> Sql:
        refuse_order(record.field("tags") or record.fields[0], item)
        exact = Item(":=", item.text.lstrip("#"))
        ids = self._named(BY_NAME["tag"], exact)
        if not ids:
            return NOTHING
        return _tagged(record, alias, one_of("g.tag_id", ids))


def at(sql: str, alias: str) -> str:
    """An expression over `t` as one over `alias`."""
    return sql if alias == "t" else re.sub(r"\bt\.", f"{alias}.", sql)


def _found(record: Record, alias: str, words: list[str]) -> Sql:
    """The records that the search index finds; it is slow to ask it about one after the other."""
    text, params = search.match_ids(record.table, words)
    ids = Sql(text, params)
    return Sql(f"{alias}.id IN ({text})", params, None, Lead(ids, EVERYTHING))


def _records(column: str, target: Record, other: str, condition: Sql) -> Sql:
    """A column that holds the id of a live record which meets the condition over `other`."""
    live = Sql(f"{other}.deleted_at IS NULL")
    return among(column, f"{other}.id", f"{target.table} {other}", _all_of([live, condition]))


def _tagged(record: Record, alias: str, condition: Sql) -> Sql:
    """The records that have a tag which meets the condition."""
    ours = Sql(f"g.deleted_at IS NULL AND g.record = {dialect.quoted(record.name)}")
    return among(f"{alias}.id", "g.record_id", "tagging g", _all_of([ours, condition]))


def _all_of(parts: Iterable[Sql]) -> Sql:
    return joined("AND", [part for part in parts if part is not EVERYTHING])


def _rows_of(path: Path) -> tuple[str, str]:
    """The table and alias of the rows that hold a field's many values."""
    match path.field.store:
        case "members":
            return path.field.part, "m"
        case "point":
            return "contact_point", "p"
        case _:
            return "address", "a"


def _holders(path: Path, alias: str, condition: Sql) -> Sql:
    """The records one of whose rows (points, addresses, members) meets the condition."""
    table, row = _rows_of(path)
    holder = f"{row}.{path.record.name}_id"
    ours = [f"{row}.deleted_at IS NULL", f"{holder} IS NOT NULL"]
    if path.field.store == "point":
        ours.append(f"{row}.kind = {dialect.quoted(path.field.part)}")
    parts = [Sql(" AND ".join(ours)), condition]
    if path.label:
        parts.append(Sql(f"lower({row}.label) = ?", [path.label.lower()]))
    return among(f"{alias}.id", holder, f"{table} {row}", _all_of(parts))


def _present(path: Path, alias: str) -> Sql:
    """The condition that a field has a value."""
    field, record = path.field, path.record
    match field.store:
        case "point" | "address" | "members":
            return _holders(path, alias, EVERYTHING)
        case "part":
            return _holders(path, alias, Sql(f"a.{field.part} IS NOT NULL"))
        case "tags":
            return _tagged(record, alias, EVERYTHING)
        case "ref":
            return Sql(f"({alias}.{field.column} IS NOT NULL)")
    sql = at(next(iter(views.field_columns(record, field).values())), alias)
    return Sql(f"({sql} IS NOT NULL)")


def _handles(record: Record, alias: str, items: list[Item]) -> Sql:
    ids = []
    for item in items:
        refuse_order(Field("handle", "handle", "", ""), item)
        id = int(item.text) if item.text.isascii() and item.text.isdecimal() else None
        id = handle_id(item.text, record) if id is None else id
        if id is None or id >= 10**18:
            raise _not_a_handle(item.text, record)
        ids.append(id)
    return one_of(f"{alias}.id", ids)


def _not_a_handle(text: str, record: Record) -> InvalidValue:
    match = HANDLE.fullmatch(text)
    other = BY_LETTER.get(match[1].lower()) if match else None
    named = f"a {other.name}" if other else "no handle"
    return InvalidValue(
        f"{quote(text)} is {named}, not a {record.name}",
        hint=f"handles of {record.plural} look like {record.handle(12)}",
    )


def _point(field: Field, item: Item, env: Env) -> Sql:
    if field.kind == "phone":
        return _phone(item, env)
    if item.exact:
        from crmcli import values

        stored = values.parse(field.kind, item.text, env)
        return Sql("p.key = ?", [values.key(field.kind, stored or item.text)])
    return Sql(dialect.contains("p.key"), [_point_key(field.kind, item.text, env)])


def _point_key(kind: str, text: str, env: Env) -> str:
    """What the key of a point contains when the point contains the text."""
    from crmcli import values

    if kind == "url":
        return values.key("url", text)
    if kind == "social" and "/" in text.strip("/"):
        return values.key("social", values.parse("social", text, env) or text)
    return fold(text.lstrip("@") if kind == "social" else text)


def _phone(item: Item, env: Env) -> Sql:
    """By the digits; a zero before a national number does not count."""
    digits = phone_key(item.text).lstrip("0")
    if not digits.isdecimal():
        raise InvalidValue(
            f"{quote(item.text)} has no digits", hint="for example phone:+44 or phone:7946"
        )
    if item.exact:
        from crmcli import values

        stored = values.parse("phone", item.text, env) or item.text
        return Sql("p.key = ?", [values.key("phone", stored)])
    return Sql(dialect.contains("p.key"), [digits])


def _address(field: Field, item: Item, env: Env, reader: Rows) -> Sql:
    if field.store == "part" and field.part != "city":
        return value_condition(field, f"a.{field.part}", item, env)
    refuse_order(field, item)
    city = _city(item, reader)
    if field.store == "part":
        return city
    parts = [part for part in views.ADDRESS_PARTS if part != "city"]
    return joined("OR", (city, *(text_condition(f"a.{part}", item) for part in parts)))


def _city(item: Item, reader: Rows) -> Sql:
    """A city is or contains what was typed: there are few of them, and an index over them.

    They are looked up before the query, so that the database knows how frequent they are.
    """
    key = f"a.{_CITY_KEY}"
    if item.exact:
        return text_condition("a.city", item, key)
    keys, wanted = dialect.keys_containing("address", _CITY_KEY), sort_key(item.text)
    found = [row[0] for row in reader.rows(f"{keys} LIMIT ?", [wanted, _MAX_ITEMS + 1])]
    return one_of(key, found) if len(found) <= _MAX_ITEMS else Sql(f"{key} IN ({keys})", [wanted])
