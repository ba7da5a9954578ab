"""Where contacts, companies and deals come from."""

from typing import ClassVar

from crmcli.models.base import About, RecordRow, Text, fact, internal, live_index


class Source(RecordRow, table=True):
    """An origin: a campaign, a fair, a referral."""

    __tablename__ = "source"
    __table_args__ = (live_index("source", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="source",
        plural="sources",
        letter="src",
        help="Where contacts, companies and deals come from.",
        title="name",
        order=("name_key",),
        owned=False,
    )

    name: Text = fact("What it is called.", required=True, listed=True)
    name_key: str = internal(required=True)
    notes: Text | None = fact("What it stands for.", listed=True, aliases=("description",))
