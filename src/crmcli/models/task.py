"""What somebody has to do, and by when."""

from typing import ClassVar

from crmcli.models.base import (
    About,
    Choice,
    Json,
    Leads,
    LongText,
    Moment,
    RecordRow,
    Recurrence,
    Row,
    Text,
    Virtual,
    When,
    Whole,
    YesNo,
    derived,
    fact,
    internal,
    live_index,
    refers,
    tags,
)

STATUSES = ("open", "done", "dropped")
PRIORITIES = ("low", "normal", "high")


class Task(RecordRow, table=True):
    """Something to do.

    A task that repeats belongs to a series, which is named by its first task: `occurrence` is the
    day or moment that the rule gave it, wherever it was put off to, and `once` holds, as a JSON
    object, what fields were before they were changed for this one only.
    """

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
        live_index("task", "series_id", "occurrence", unique=True, given="series_id"),
        live_index("task", "remind_at", given="remind_at"),
        live_index("task", "after_id", given="after_id"),
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
    remind: Leads | None = fact(
        "When to be reminded: so long before it is due, or moments.",
        aliases=("reminder", "reminders"),
    )
    remind_at: Moment | None = fact("When the first reminder comes.", readonly=True)
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
    recurrence: Recurrence | None = fact(
        "How it repeats, as an RFC 5545 RRULE.",
        option="every",
        aliases=("every", "repeat", "repeats", "rrule"),
    )
    after_id: int | None = refers(
        "The task that has to be settled first.", "task", "task", aliases=("depends_on",)
    )
    checklist: ClassVar[Virtual] = derived(
        "text",
        "(SELECT CASE WHEN count(*) = 0 THEN NULL ELSE"
        " CAST(sum(i.done) AS TEXT) || '/' || CAST(count(*) AS TEXT) END"
        " FROM task_item i WHERE i.task_id = t.id AND i.deleted_at IS NULL)",
        "How many points of its checklist are done; see `crm check`.",
    )
    series_id: int | None = internal(foreign="task.id")
    occurrence: When | None = internal()
    once: Json | None = internal()
    done_at: Moment | None = fact(
        "When it was done.", readonly=True, name="done", aliases=("completed",)
    )
    tagged: ClassVar[Virtual] = tags()
    notes: LongText | None = fact(
        "The details.", search=True, aliases=("note", "body", "description")
    )


class TaskItem(Row, table=True):
    """A point of a task's checklist."""

    __tablename__ = "task_item"
    __table_args__ = (live_index("task_item", "task_id", "position"),)

    task_id: int = internal(required=True, foreign="task.id")
    position: Whole = internal(required=True)
    text: Text = internal(required=True)
    done: YesNo = internal(0)
