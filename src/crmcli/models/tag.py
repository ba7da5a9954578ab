"""Tags, and which record bears which."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    RecordRow,
    Row,
    Text,
    Virtual,
    derived,
    fact,
    gone_index,
    internal,
    live_index,
)


class Tag(RecordRow, table=True):
    """A word that records of any type can bear."""

    __tablename__ = "tag"
    __table_args__ = (live_index("tag", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="tag",
        plural="tags",
        letter="tg",
        help="A word that records of any type can bear.",
        title="name",
        order=("name_key",),
        owned=False,
    )

    name: Text = fact("The word.", required=True, listed=True)
    name_key: str = internal(required=True)
    notes: Text | None = fact("What it stands for.", listed=True, aliases=("description",))
    uses: ClassVar[Virtual] = derived(
        "integer",
        "(SELECT count(*) FROM tagging g WHERE g.tag_id = t.id AND g.deleted_at IS NULL)",
        "How many records bear it.",
        listed=True,
    )


class Tagging(Row, table=True):
    """A record bears a tag. `record` is the noun of its type."""

    __tablename__ = "tagging"
    __table_args__ = (
        live_index("tagging", "record", "record_id", "tag_id", unique=True),
        live_index("tagging", "tag_id", "record", "record_id"),
        gone_index("tagging", "record", "record_id"),
    )

    tag_id: int = internal(required=True, foreign="tag.id")
    record: str = internal(required=True)
    record_id: int = internal(required=True)
