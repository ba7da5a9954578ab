"""The people of the team who use the program."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Channels,
    Clock,
    Email,
    Hours,
    RecordRow,
    Text,
    Weekdays,
    Whole,
    YesNo,
    Zone,
    fact,
    internal,
    live_index,
)


class User(RecordRow, table=True):
    """A member of the team."""

    __tablename__ = "app_user"
    __table_args__ = (live_index("app_user", "name_key", unique=True),)
    about: ClassVar[About] = About(
        noun="user",
        plural="users",
        letter="u",
        help="A member of the team, who owns records.",
        title="name",
        order=("name_key",),
        owned=False,
    )

    name: Text = fact(
        "The short name, as typed after --as and --owner.",
        required=True,
        listed=True,
        aliases=("login",),
    )
    name_key: str = internal(required=True)
    full_name: Text | None = fact("The full name.", listed=True)
    email: Email | None = fact("Where reminders go.", listed=True, aliases=("mail",))
    time_zone: Zone | None = fact("Their time zone.")
    channels: Channels | None = fact(
        "How reminders reach them: mail, desktop, webhook, program; else the terminal.",
        aliases=("channel",),
    )
    digest_at: Clock | None = fact(
        "When their digest goes out, such as 08:00; else as things come."
    )
    quiet_hours: Hours | None = fact("When nothing is sent, such as 22:00-07:00.")
    working_days: Weekdays | None = fact("The days on which something is sent, such as mon-fri.")
    one_each: YesNo | None = fact("One message for each reminder, not one for all.")
    max_per_day: Whole | None = fact("At most so many messages a day by each channel.")
    active: YesNo = fact("Still with the team.", default=1, listed=True)
