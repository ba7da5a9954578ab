"""Custom fields, which a team adds to a record type, and segments, which are saved queries."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Choice,
    RecordRow,
    Text,
    YesNo,
    fact,
    internal,
    live_index,
)

KINDS = (
    "text",
    "longtext",
    "integer",
    "number",
    "percent",
    "yesno",
    "day",
    "moment",
    "choice",
    "email",
    "phone",
    "url",
    "country",
    "duration",
)
RECORDS = ("contact", "company", "deal", "activity", "task")


class CustomField(RecordRow, table=True):
    """A field that the team added to a record type; its values are in the column `custom`."""

    __tablename__ = "custom_field"
    __table_args__ = (live_index("custom_field", "record", "name", unique=True),)
    about: ClassVar[About] = About(
        noun="field",
        plural="fields",
        letter="fld",
        help="A field of your own, added to a record type.",
        title="name",
        order=("record", "id"),
        owned=False,
    )

    record: Choice = fact(
        "The record type it belongs to.",
        required=True,
        choices=RECORDS,
        check="record",
        listed=True,
    )
    name: Text = fact("Its name, as typed in queries and edits.", required=True, listed=True)
    kind: Choice = fact(
        "The kind of value it holds; `crm field kinds` lists them.",
        default="text",
        choices=KINDS,
        check="kind",
        listed=True,
    )
    label: Text | None = fact("Its heading.")
    choices: Text | None = fact("The values a choice may have, separated by commas.", listed=True)
    required: YesNo = fact("Every record must have it.", default=0, listed=True)
    help: Text | None = fact("What it means.", listed=True, option="about")


class Segment(RecordRow, table=True):
    """A query with a name."""

    __tablename__ = "segment"
    __table_args__ = (live_index("segment", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="segment",
        plural="segments",
        letter="seg",
        help="A query with a name, for use in lists as segment:NAME.",
        title="name",
        order=("name_key",),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    record: Choice = fact(
        "The record type it selects from.",
        default="contact",
        choices=RECORDS,
        check="record",
        listed=True,
    )
    query: Text = fact("The query, as typed after --where.", required=True, listed=True)
