"""What to be reminded of, and the log of what was sent: rules, holidays, runs, deliveries.

Rules and holidays are records; a hold is what somebody said about one reminder (later, or never
mind). Runs, messages and deliveries are a log: they are no part of any change set, and undo leaves
them alone.
"""

from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from crmcli.models.base import (
    About,
    Choice,
    Day,
    Days,
    Leads,
    RecordRow,
    Row,
    Text,
    YesNo,
    fact,
    internal,
    live_index,
    refers,
)

RULE_KINDS = (
    "tasks",
    "meetings",
    "keep in touch",
    "date",
    "yearly",
    "no next step",
    "rotting",
    "leads",
    "escalation",
)
STATES = ("pending", "sending", "sent", "failed")


class Rule(RecordRow, table=True):
    """Something to be reminded of; one with the name of a built-in rule stands in its place."""

    __tablename__ = "rule"
    __table_args__ = (live_index("rule", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="alert",
        plural="alerts",
        letter="rl",
        help="Something to be reminded of; `crm reminders` lists these and the built-in ones.",
        title="name",
        order=("name_key",),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    kind: Choice = fact(
        "What it looks for.",
        default="keep in touch",
        choices=RULE_KINDS,
        check="kind",
        listed=True,
    )
    query: Text | None = fact("Only records that match, as typed after --where.", listed=True)
    about_date: Text | None = fact(
        "The date it is about, such as contact.birthday.", listed=True, name="date"
    )
    days: Days | None = fact("After how many days (keep in touch, leads, escalation).", listed=True)
    lead: Leads | None = fact(
        "How long before, such as 7d.", listed=True, aliases=("before", "remind")
    )
    person_id: int | None = refers(
        "Who is reminded; else the owner of each record.",
        "user",
        "app_user",
        listed=True,
        aliases=("to", "owner"),
    )
    active: YesNo = fact("Whether it is on.", default=1, listed=True)


class Holiday(RecordRow, table=True):
    """A day on which no reminder is sent."""

    __tablename__ = "holiday"
    __table_args__ = (live_index("holiday", "day", unique=True),)
    about: ClassVar[About] = About(
        noun="holiday",
        plural="holidays",
        letter="hd",
        help="A day on which no reminder is sent.",
        title="name",
        order=("day",),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    day: Day = fact("The day.", required=True, listed=True, aliases=("date",))


class ReminderHold(Row, table=True):
    """A reminder about a record that is to wait until a day, or without one never to come again."""

    __tablename__ = "reminder_hold"
    __table_args__ = (live_index("reminder_hold", "key", unique=True),)

    key: Text = internal(required=True)
    record: str = internal(required=True)
    record_id: int = internal(required=True)
    until: Day | None = internal()


class ReminderRun(SQLModel, table=True):
    """One run of `crm remind`: when, where, what was due and what came of it."""

    __tablename__ = "reminder_run"
    __table_args__ = (Index("ix_reminder_run_at", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: str
    host: str
    pid: int
    ended_at: str | None = None
    due: int = 0
    sent: int = 0
    failed: int = 0
    note: str | None = None


class ReminderMessage(SQLModel, table=True):
    """A message to one person by one channel. Its Message-ID is known before it is sent.

    state: pending, sending (since `claimed_at`, by `claimed_by`), sent or failed; a message that
    could not be sent is tried again from `next_at` on. payload: what it says, as a JSON object.
    """

    __tablename__ = "reminder_message"
    __table_args__ = (
        Index("ix_reminder_message_state", "state", "next_at"),
        Index("ix_reminder_message_person", "user_id", "channel", "day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = internal(required=True, foreign="app_user.id")
    channel: str
    kind: str
    day: str
    message_id: str = Field(unique=True)
    payload: str
    state: str = "pending"
    attempts: int = 0
    next_at: str
    claimed_at: str | None = None
    claimed_by: str | None = None
    sent_at: str | None = None
    error: str | None = None
    created_at: str
    run_id: int = internal(required=True, foreign="reminder_run.id")


class Delivery(SQLModel, table=True):
    """One reminder to one person by one channel, which there is once however many runs see it."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("key", "user_id", "channel", name="uq_delivery"),
        Index("ix_delivery_record", "record", "record_id"),
        Index("ix_delivery_message", "message_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    record: str
    record_id: int
    user_id: int = internal(required=True, foreign="app_user.id")
    channel: str
    title: str
    message_id: int = internal(required=True, foreign="reminder_message.id")
