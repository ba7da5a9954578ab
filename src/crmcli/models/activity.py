"""What happened, or is planned to happen, between the team and its contacts."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Choice,
    LongText,
    Minutes,
    Moment,
    RecordRow,
    Row,
    Text,
    Virtual,
    YesNo,
    fact,
    gone_index,
    internal,
    live_index,
    members,
    refers,
    tags,
)

TYPES = ("call", "email", "meeting", "note", "chat", "visit")
DIRECTIONS = ("in", "out")


class Activity(RecordRow, table=True):
    """A call, an e-mail, a meeting, a note, a chat or a visit."""

    __tablename__ = "activity"
    __table_args__ = (
        live_index("activity", "at"),
        live_index("activity", "company_id", "at"),
        live_index("activity", "deal_id", "at"),
        live_index("activity", "owner_id", "at"),
        live_index("activity", "planned", "at"),
    )
    about: ClassVar[About] = About(
        noun="activity",
        plural="activities",
        letter="a",
        help="A call, an e-mail, a meeting, a note, a chat or a visit.",
        title="subject",
        order=("-at",),
    )

    type: Choice = fact(
        "call, email, meeting, note, chat or visit.",
        default="note",
        choices=TYPES,
        check="type",
        listed=True,
        aliases=("activity_type", "kind"),
    )
    subject: Text = fact(
        "What it was about.", required=True, search=True, listed=True, aliases=("title", "summary")
    )
    at: Moment = fact(
        "When it took place, or will.",
        required=True,
        listed=True,
        past=True,
        aliases=("date", "activity_date", "when"),
    )
    planned: YesNo = fact("Still to come; `crm done` settles it.", default=0)
    contacts: ClassVar[Virtual] = members(
        "activity_participant",
        "contact",
        "Who took part.",
        listed=True,
        aliases=("contact", "participants", "with"),
    )
    company_id: int | None = refers(
        "The company it concerns.",
        "company",
        "company",
        listed=True,
        create=True,
        aliases=("organization", "organisation", "account"),
    )
    deal_id: int | None = refers("The deal it concerns.", "deal", "deal", aliases=("opportunity",))
    owner_id: int | None = refers(
        "Who of the team took part.",
        "user",
        "app_user",
        listed=True,
        aliases=("user", "who"),
    )
    direction: Choice | None = fact(
        "in or out: who began it.", choices=DIRECTIONS, check="direction"
    )
    duration: Minutes | None = fact("How long it took.")
    outcome: Text | None = fact("What came of it.", search=True, aliases=("result",))
    tagged: ClassVar[Virtual] = tags()
    notes: LongText | None = fact(
        "The details.", search=True, aliases=("note", "body", "description", "comments")
    )


class ActivityParticipant(Row, table=True):
    """A contact who takes part in an activity."""

    __tablename__ = "activity_participant"
    __table_args__ = (
        live_index("activity_participant", "activity_id", "contact_id", unique=True),
        live_index("activity_participant", "contact_id", "activity_id"),
        gone_index("activity_participant", "activity_id"),
    )

    activity_id: int = internal(required=True, foreign="activity.id")
    contact_id: int = internal(required=True, foreign="contact.id")
    label: str | None = internal()
