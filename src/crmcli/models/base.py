"""How a record type and its fields are declared.

A model is a SQLModel class with an `about` (its nouns, handle, default order) and fields made by
`fact` (a column), `money` (a column with its currency), `refers` (a reference), `points`,
`addresses`, `parts`, `tags`, `members` and `derived` (values that live elsewhere). The type of a
column names its kind of value, whose check runs on every save. `crmcli.models.generate` reads all
this into `crmcli.catalog`.

No module here postpones annotations: SQLModel reads them when the class is made.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator
from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field as SQLField
from sqlmodel import SQLModel

from crmcli import values


class Kind(NamedTuple):
    """Marks an annotation with the kind of value it holds."""

    name: str


def _check(kind: str) -> AfterValidator:
    return AfterValidator(partial(values.check, kind))


Text = Annotated[str, _check("text"), Kind("text")]
LongText = Annotated[str, _check("longtext"), Kind("longtext")]
Name = Annotated[str, _check("name"), Kind("name")]
Email = Annotated[str, _check("email"), Kind("email")]
Domain = Annotated[str, _check("domain"), Kind("domain")]
Country = Annotated[str, _check("country"), Kind("country")]
Language = Annotated[str, _check("language"), Kind("language")]
Zone = Annotated[str, _check("zone"), Kind("zone")]
CurrencyCode = Annotated[str, _check("currency"), Kind("currency")]
MinorUnits = Annotated[int, Kind("money")]
Whole = Annotated[int, _check("integer"), Kind("integer")]
Year = Annotated[int, _check("year"), Kind("year")]
Percent = Annotated[int, _check("percent"), Kind("percent")]
YesNo = Annotated[int, _check("yesno"), Kind("yesno")]
Day = Annotated[str, _check("day"), Kind("day")]
Birthday = Annotated[str, _check("birthday"), Kind("birthday")]
Moment = Annotated[str, _check("moment"), Kind("moment")]
When = Annotated[str, _check("when"), Kind("when")]
Minutes = Annotated[int, _check("duration"), Kind("duration")]
Days = Annotated[int, _check("interval"), Kind("interval")]
Choice = Annotated[str, _check("text"), Kind("choice")]
Recurrence = Annotated[str, _check("recurrence"), Kind("recurrence")]
Leads = Annotated[str, _check("leads"), Kind("leads")]
Clock = Annotated[str, _check("clock"), Kind("clock")]
Hours = Annotated[str, _check("hours"), Kind("hours")]
Weekdays = Annotated[str, _check("weekdays"), Kind("weekdays")]
Channels = Annotated[str, _check("channels"), Kind("channels")]
Json = Annotated[str, Kind("json")]


class About(NamedTuple):
    """The nouns of a record type; see `crmcli.fields.Record` for what each part means."""

    noun: str
    plural: str
    letter: str
    help: str
    title: str
    order: tuple[str, ...]
    owned: bool = True
    open_where: str = ""
    open_note: str = ""


class Virtual(NamedTuple):
    """A field whose values live outside the record's own columns."""

    kind: str
    help: str
    store: str
    part: str = ""
    ref: str = ""
    many: bool = False
    readonly: bool = False
    search: bool = False
    listed: bool = False
    label: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def _one_of(column: str, choices: Sequence[str]) -> CheckConstraint:
    quoted = ", ".join("'" + choice.replace("'", "''") + "'" for choice in choices)
    # Without a name it would be lost when a migration rebuilds the table.
    return CheckConstraint(f"{column} IN ({quoted})", name=f"ck_{column}")


def fact(
    help: str,
    *,
    default: Any = None,
    required: bool = False,
    choices: tuple[str, ...] = (),
    check: str = "",
    foreign: str = "",
    **spec: Any,
) -> Any:
    """A plain column. `spec` is what `crmcli.fields.Field` holds beside name, kind and store.

    check: the name of the column whose `choices` the database itself shall enforce.
    """
    extra = {"help": help, "required": required, "choices": choices, **spec}
    kwargs = _column(default, required=required, foreign=foreign)
    kwargs["schema_extra"] = {"json_schema_extra": {"crm": extra}}
    if check:
        kwargs["sa_column_args"] = [_one_of(check, choices)]
    return SQLField(**kwargs)


def _column(default: Any, *, required: bool, foreign: str) -> dict[str, Any]:
    kwargs: dict[str, Any] = {} if required else {"default": default}
    if foreign:
        # Only the schema needs the constraint (`models.load_all` adds it): with it, SQLAlchemy
        # would want every table that a written one refers to, and each costs start-up time.
        kwargs["sa_column_kwargs"] = {"info": {"foreign": foreign}}
    return kwargs


def money(help: str, currency: str, **spec: Any) -> Any:
    """An amount in minor units, whose ISO 4217 code is the column `currency`."""
    return fact(help, store="money", currency=currency, **spec)


def refers(help: str, ref: str, table: str, **spec: Any) -> Any:
    """A reference to a record of type `ref`; its column is called NAME_id, its field NAME."""
    return fact(help, foreign=f"{table}.id", store="ref", ref=ref, **spec)


def internal(default: Any = None, *, required: bool = False, foreign: str = "") -> Any:
    """A column that is no field: keys, currencies, bookkeeping."""
    return SQLField(**_column(default, required=required, foreign=foreign))


def points(kind: str, help: str, **spec: Any) -> Virtual:
    """Any number of e-mails, phones, URLs or social profiles, one of them primary."""
    return Virtual(kind, help, "point", part=kind, many=True, **spec)


def addresses(help: str, **spec: Any) -> Virtual:
    """Any number of postal addresses, one of them primary."""
    return Virtual("address", help, "address", many=True, **spec)


def part(column: str, kind: str, help: str, **spec: Any) -> Virtual:
    """One line of the primary address."""
    return Virtual(kind, help, "part", part=column, **spec)


def tags() -> Virtual:
    """The tags of a record."""
    return Virtual("tags", "Tags.", "tags", many=True, search=True, aliases=("tag",))


def members(table: str, ref: str, help: str, **spec: Any) -> Virtual:
    """Records of type `ref` that the table joins to this one, each with a label (its role)."""
    return Virtual("ref", help, "members", part=table, ref=ref, many=True, **spec)


def derived(kind: str, sql: str, help: str, **spec: Any) -> Virtual:
    """A value computed by `sql` over the record's table, aliased `t`; read-only unless a rule of
    the record type knows what to do with it (`readonly=False`)."""
    return Virtual(kind, help, "derived", part=sql, **{"readonly": True, **spec})


def live_index(
    table: str, *columns: str, unique: bool = False, name: str = "", given: str = ""
) -> Index:
    """An index over the rows that are not deleted; its uniqueness holds among those only.

    One that must cover a query also holds `deleted_at`: SQLite reads the table's row for it
    otherwise. name: for an index whose columns would make too long a one. given: a column that
    many rows leave empty, which are then not in the index.
    """
    name = name or f"{'uq' if unique else 'ix'}_{table}_{'_'.join(columns)}"
    where = "deleted_at IS NULL" + (f" AND {given} IS NOT NULL" if given else "")
    return partial_index(name, *columns, where=where, unique=unique)


def gone_index(table: str, *columns: str) -> Index:
    """An index over the rows that are deleted, by the record that they belonged to: its history
    names them still. It costs next to nothing, as there are few."""
    name = f"ix_{table}_gone_{'_'.join(columns)}"
    return partial_index(name, *columns, where="deleted_at IS NOT NULL")


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which the condition `where` holds.

    The schema writes the condition (`store.schema`). As an argument for a dialect it would make
    SQLAlchemy load all of that dialect, PostgreSQL's with every write to a file.
    """
    return Index(name, *columns, unique=unique, info={"where": where})


class Row(SQLModel):
    """Any stored row: an id that is never used again, and a soft deletion."""

    about: ClassVar[About | None] = None

    id: int | None = SQLField(default=None, primary_key=True)
    deleted_at: Moment | None = internal()


class RecordRow(Row):
    """A record: a row with a history of its own.

    `version` counts its changes; `custom` holds the values of custom fields as one JSON object.
    """

    created_at: Moment = fact("When it was made.", required=True, readonly=True, name="created")
    updated_at: Moment = fact("When it last changed.", required=True, readonly=True, name="updated")
    version: int = internal(1)
    custom: Json | None = internal()
