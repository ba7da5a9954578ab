"""Deals, the pipelines and stages they move through, and the history of their moves."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Choice,
    CurrencyCode,
    Day,
    LongText,
    MinorUnits,
    Moment,
    Percent,
    RecordRow,
    Row,
    Text,
    Virtual,
    Whole,
    YesNo,
    derived,
    fact,
    gone_index,
    internal,
    live_index,
    members,
    money,
    refers,
    tags,
)

STAGE_TYPES = ("open", "on hold", "won", "lost")


class Pipeline(RecordRow, table=True):
    """A sequence of stages."""

    __tablename__ = "pipeline"
    __table_args__ = (live_index("pipeline", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="pipeline",
        plural="pipelines",
        letter="pl",
        help="A sequence of stages that deals move through.",
        title="name",
        order=("position",),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    position: Whole = fact("Its place among the pipelines.", default=0, listed=True)
    is_default: YesNo = fact("New deals start here.", default=0, listed=True, aliases=("default",))
    notes: LongText | None = fact("What it is for.")


class Stage(RecordRow, table=True):
    """A step of a pipeline."""

    __tablename__ = "stage"
    __table_args__ = (live_index("stage", "pipeline_id", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="stage",
        plural="stages",
        letter="st",
        help="A step of a pipeline, with the probability to win from there.",
        title="name",
        order=("pipeline_id", "position"),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    pipeline_id: int = refers(
        "The pipeline it belongs to.", "pipeline", "pipeline", required=True, listed=True
    )
    position: Whole = fact("Its place in the pipeline.", default=0, listed=True)
    type: Choice = fact(
        "open, on hold, won or lost.",
        default="open",
        choices=STAGE_TYPES,
        check="type",
        listed=True,
    )
    probability: Percent = fact("The chance to win, in per cent.", default=0, listed=True)
    rot_days: Whole | None = fact(
        "Days after which a deal that stays here is rotting.", listed=True, aliases=("rots_after",)
    )


class Deal(RecordRow, table=True):
    """A sale in the making."""

    __tablename__ = "deal"
    __table_args__ = (
        live_index(
            "deal",
            "stage_id",
            "currency",
            "value",
            "stage_since",
            "expected_close",
            "owner_id",
            "probability",
            "deleted_at",
            name="ix_deal_board",
        ),
        live_index("deal", "contact_id"),
        live_index("deal", "company_id", "title_key"),
        live_index("deal", "owner_id"),
        live_index(
            "deal",
            "closed_at",
            "stage_id",
            "currency",
            "value",
            "owner_id",
            "deleted_at",
            name="ix_deal_closed",
        ),
        live_index("deal", "expected_close"),
        live_index("deal", "title_key"),
        live_index("deal", "created_at"),
    )
    about: ClassVar[About] = About(
        noun="deal",
        plural="deals",
        letter="d",
        help="A sale in the making: an opportunity with a value and a stage.",
        title="title",
        order=("-id",),
    )

    title: Text = fact(
        "What it is about.",
        required=True,
        search=True,
        listed=True,
        aliases=("name", "deal_name", "opportunity_name", "deal", "deal_title", "opportunity"),
    )
    title_key: str = internal(required=True)
    value: MinorUnits | None = money(
        "What it is worth.",
        "currency",
        listed=True,
        aliases=("amount", "deal_value", "total_amount"),
    )
    currency: CurrencyCode | None = internal()
    stage_id: int = refers(
        "Where it stands.",
        "stage",
        "stage",
        required=True,
        listed=True,
        aliases=("deal_stage", "stage_name"),
    )
    status: ClassVar[Virtual] = derived(
        "choice",
        "(SELECT s.type FROM stage s WHERE s.id = t.stage_id)",
        "open, on hold, won or lost: the type of its stage.",
        choices=STAGE_TYPES,
        aliases=("deal_status",),
    )
    pipeline: ClassVar[Virtual] = derived(
        "text",
        "(SELECT p.name FROM stage s JOIN pipeline p ON p.id = s.pipeline_id"
        " WHERE s.id = t.stage_id)",
        "The pipeline of its stage.",
        readonly=False,
    )
    probability: Percent | None = fact(
        "The chance to win, where it differs from the stage's.", aliases=("win_probability",)
    )
    expected_close: Day | None = fact(
        "When it should be decided.",
        listed=True,
        option="close",
        aliases=("close", "close_date", "expected_close_date", "closing_date"),
    )
    company_id: int | None = refers(
        "The company that buys.",
        "company",
        "company",
        search=True,
        listed=True,
        create=True,
        aliases=(
            "organization",
            "organisation",
            "account",
            "account_name",
            "company_name",
            "associated_company",
        ),
    )
    contact_id: int | None = refers(
        "The person who decides.",
        "contact",
        "contact",
        search=True,
        aliases=("contact_person", "primary_contact", "contact_name", "associated_contact"),
    )
    contacts: ClassVar[Virtual] = members(
        "deal_contact",
        "contact",
        "Others who take part, each with a role.",
        aliases=("participants", "people"),
    )
    owner_id: int | None = refers(
        "Who works on it.",
        "user",
        "app_user",
        listed=True,
        aliases=("deal_owner", "opportunity_owner", "assigned_to"),
    )
    source_id: int | None = refers(
        "Where it came from.", "source", "source", create=True, aliases=("lead_source",)
    )
    lost_reason: Text | None = fact("Why it was lost.", aliases=("closed_lost_reason", "reason"))
    tagged: ClassVar[Virtual] = tags()
    notes: LongText | None = fact(
        "Anything worth knowing.", search=True, aliases=("note", "description", "comments")
    )
    confirmed_on: Day | None = fact(
        "When somebody last said that all of it is right.",
        name="confirmed",
        past=True,
        aliases=("checked", "verified"),
    )
    stage_since: Moment = fact(
        "When it entered its stage.", required=True, readonly=True, aliases=("last_stage_change",)
    )
    closed_at: Moment | None = fact(
        "When it was won or lost.",
        readonly=True,
        name="closed",
        aliases=("won_time", "lost_time", "closed_on"),
    )


class DealContact(Row, table=True):
    """Somebody who takes part in a deal."""

    __tablename__ = "deal_contact"
    __table_args__ = (
        live_index("deal_contact", "deal_id", "contact_id", unique=True),
        live_index("deal_contact", "contact_id"),
        gone_index("deal_contact", "deal_id"),
    )

    deal_id: int = internal(required=True, foreign="deal.id")
    contact_id: int = internal(required=True, foreign="contact.id")
    label: str | None = internal()


class StageChange(Row, table=True):
    """A deal entered a stage: at its making, and at each move."""

    __tablename__ = "stage_change"
    __table_args__ = (
        live_index("stage_change", "deal_id", "at"),
        live_index("stage_change", "stage_id", "at"),
        gone_index("stage_change", "deal_id"),
    )

    deal_id: int = internal(required=True, foreign="deal.id")
    stage_id: int = internal(required=True, foreign="stage.id")
    from_id: int | None = internal(foreign="stage.id")
    at: Moment = internal(required=True)
    user_id: int | None = internal(foreign="app_user.id")
