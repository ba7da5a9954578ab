"""What somebody has to do, and by when."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Choice,
    LongText,
    Moment,
    RecordRow,
    Recurrence,
    Text,
    Virtual,
    When,
    fact,
    live_index,
    refers,
    tags,
)

STATUSES = ("open", "done", "dropped")
PRIORITIES = ("low", "normal", "high")


class Task(RecordRow, table=True):
    """Something to do."""

    __tablename__ = "task"
    __table_args__ = (
        live_index("task", "status", "due"),
        live_index("task", "contact_id"),
        live_index("task", "company_id"),
        live_index("task", "deal_id"),
        live_index("task", "status", "deal_id", "due", "deleted_at", name="ix_task_next"),
        live_index("task", "owner_id", "status", "due"),
        live_index("task", "created_at"),
        live_index("task", "title"),
    )
    about: ClassVar[About] = About(
        noun="task",
        plural="tasks",
        letter="t",
        help="Something to do, with a date and somebody who does it.",
        title="title",
        order=("due", "id"),
        open_where="t.status = 'open'",
        open_note="status:open",
    )

    title: Text = fact(
        "What to do.",
        required=True,
        search=True,
        listed=True,
        aliases=("name", "subject", "task", "summary", "text"),
    )
    due: When | None = fact(
        "By when: a day, or a moment.", listed=True, aliases=("due_date", "deadline")
    )
    remind_at: Moment | None = fact(
        "When to be reminded before it is due.", name="remind", aliases=("reminder",)
    )
    status: Choice = fact(
        "open, done or dropped.",
        default="open",
        choices=STATUSES,
        check="status",
        aliases=("state",),
    )
    priority: Choice = fact(
        "low, normal or high.",
        default="normal",
        choices=PRIORITIES,
        check="priority",
        listed=True,
    )
    contact_id: int | None = refers(
        "Whom it concerns.", "contact", "contact", listed=True, search=True, aliases=("person",)
    )
    company_id: int | None = refers(
        "The company it concerns.", "company", "company", aliases=("organization", "account")
    )
    deal_id: int | None = refers(
        "The deal it concerns.", "deal", "deal", listed=True, aliases=("opportunity",)
    )
    owner_id: int | None = refers(
        "Who does it.",
        "user",
        "app_user",
        listed=True,
        aliases=("assignee", "assigned_to"),
    )
    recurrence: Recurrence | None = fact("How it repeats, as an RFC 5545 RRULE.", readonly=True)
    done_at: Moment | None = fact(
        "When it was done.", readonly=True, name="done", aliases=("completed",)
    )
    tagged: ClassVar[Virtual] = tags()
    notes: LongText | None = fact(
        "The details.", search=True, aliases=("note", "body", "description")
    )
