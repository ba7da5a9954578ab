"""What the program knows of a record type and its fields, as plain data.

The models declare fields (`crmcli.models`); the generator writes them down as these tuples in
`crmcli.catalog`, and everything that reads, lists, filters, completes, documents, imports or
exports takes them from there, without loading a model.
"""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """One field of a record type.

    Where the value lives, by `store`:
      column      a column of the record's own table (`column`)
      money       two columns: `column` (minor units) and `currency` (ISO 4217)
      ref         `column` holds the id of a record of type `ref`
      point       rows of contact_point with kind `part` (email, phone, url, social)
      address     rows of the address table, each a whole address
      part        column `part` of the record's primary address
      tags        rows of tagging
      members     rows of the table `part`, which join this record to records of type `ref`
      derived     `part` is an SQL expression over the record's table, aliased `t`; read only
      custom      key `name` in the JSON column `custom`
    """

    name: str
    kind: str
    label: str
    help: str
    store: str = "column"
    column: str = ""
    currency: str = ""
    ref: str = ""
    part: str = ""
    many: bool = False
    required: bool = False
    readonly: bool = False
    choices: tuple[str, ...] = ()
    default: str | int | None = None
    aliases: tuple[str, ...] = ()
    search: bool = False
    listed: bool = False
    create: bool = False  # a ref that does not exist yet is made when it is named
    past: bool = False  # a date without a year is the last one, not the next
    option: str = ""  # long option of add-NOUN without dashes; "" means the name
    key: str = ""  # the column with the value's `values.sort_key`, by which it is found and ordered


class Record(NamedTuple):
    """One record type.

    name, plural: the nouns of the command line (`add-contact`, `contacts`); letter: of the handle.
    table: its table; the view with the same rows for people and programs is named `plural`.
    title: the field that names a record; order: columns of the default order, "-" first for
    descending; open_where: SQL over `t` that the bare list applies (tasks: those still open).
    """

    name: str
    plural: str
    letter: str
    table: str
    help: str
    title: str
    order: tuple[str, ...]
    fields: tuple[Field, ...]
    owned: bool = True
    open_where: str = ""
    open_note: str = ""

    def field(self, name: str) -> Field | None:
        """The field called `name`, by its name or an alias; None when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        for field in self.fields:
            if name in field.aliases:
                return field
        return None

    def handle(self, id: int) -> str:
        """The short name of record `id`, for example `c12`."""
        return f"{self.letter}{id}"
