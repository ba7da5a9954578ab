"""Results made by hand, such as actions and queries return: a team of four in March 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crmcli.output import How
from crmcli.results import (
    Column,
    DealLine,
    Done,
    Fact,
    FieldChange,
    ImportSummary,
    Listing,
    NearMatch,
    PipelineView,
    Point,
    Report,
    Screen,
    Section,
    StageLine,
)
from crmcli.values import Env, Money

ENV = Env(datetime(2026, 3, 5, 9, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "DE", "EUR")


def how(width: int = 80, **changes: object) -> How:
    """A terminal of this width, with colour."""
    return How(ENV, width=width, color=True, tty=True)._replace(**changes)


def eur(amount: int) -> Money:
    return Money(amount * 100, "EUR")


def usd(amount: int) -> Money:
    return Money(amount * 100, "USD")


CONTACTS = Listing(
    "contacts",
    (
        Column("handle", "handle", "Contact"),
        Column("name", "name", "Name"),
        Column("email", "email", "Email", 2),
        Column("phone", "phone", "Phone", 5),
        Column("company", "ref", "Company", 1),
        Column("status", "choice", "Status", 3),
        Column("owner", "ref", "Owner", 4),
        Column("last_contact", "moment", "Last contact", 6),
    ),
    (
        (
            "c12",
            "Ada Lovelace",
            (Point("ada@acme.com", "work", True), Point("ada@home.org", "home")),
            "+442079460958",
            "Acme Corp",
            "customer",
            "grace",
            "2026-03-04T15:00:00Z",
        ),
        ("c7", "山田 太郎", "taro@example.jp", None, "日本電気株式会社", "lead", "ada", None),
        ("c105", "שירה כהן", None, None, "כהן ובניו", "qualified", None, "2026-02-28T09:00:00Z"),
        ("c3", "José Núñez 👩‍👩‍👧‍👦", "jose@nunez.es", None, None, "former", "alan", None),
        ("c4", "x" * 10_000, None, None, "[bold red]not markup[/]", "lead", None, None),
    ),
    1234,
)

TASKS = Listing(
    "tasks",
    (
        Column("handle", "handle", "Task"),
        Column("due", "when", "Due"),
        Column("title", "text", "Title"),
        Column("about", "ref", "About", 1),
        Column("owner", "ref", "Owner", 2),
    ),
    (
        ("t31", "2026-03-02", "Send the contract", "Acme renewal", "ada"),
        ("t40", "2026-03-04T16:00:00Z", "Call back", "Ada Lovelace", "ada"),
        ("t41", "2026-03-05T13:00:00Z", "Prepare the demo", "Globex rollout", "grace"),
    ),
    3,
    note="done tasks are left out",
    marks=(("overdue",), ("overdue",), ()),
)

EMPTY = Listing("contacts", CONTACTS.columns, (), 0, hint="no contacts yet: crm add-contact NAME")


def deal(
    number: int, title: str, company: str | None, value: Money | None, **more: object
) -> DealLine:
    given: dict[str, object] = {
        "owner": "ada",
        "age": 12,
        "expected_close": "2026-03-20",
        "next_step": "Call about the offer",
        "next_due": "2026-03-06T09:00:00Z",
    }
    return DealLine(f"d{number}", title, company, value, **{**given, **more})  # type: ignore[arg-type]


_STAGES = (
    StageLine(
        "New",
        "open",
        10,
        12,
        (eur(120_000), usd(40_000)),
        (eur(12_000), usd(4_000)),
        rotting=2,
        idle=5,
        deals=(
            deal(7, "Acme renewal", "Acme Corp", eur(12_000)),
            deal(
                19,
                "A very long deal title that goes on and on, about everything",
                "日本電気株式会社",
                usd(40_000),
                age=95,
                next_step=None,
                next_due=None,
                marks=("rotting", "no next step"),
            ),
        ),
        more=10,
    ),
    StageLine("Qualified", "open", 25, 9, (eur(310_500),), (eur(77_625),), late=1),
    StageLine(
        "Proposal",
        "open",
        50,
        6,
        (eur(264_000),),
        (eur(132_000),),
        late=2,
        deals=(
            deal(
                33,
                "Globex rollout",
                "Globex",
                eur(90_000),
                owner="grace",
                expected_close="2026-02-20",
                marks=("late",),
            ),
            deal(34, "Pilot", None, None, owner=None, age=0, expected_close=None),
        ),
    ),
    StageLine("Negotiation", "open", 75, 3, (eur(96_000),), (eur(72_000),)),
    StageLine("Parked", "hold", 0, 0, (), ()),
    StageLine("Won", "won", 100, 31, (eur(1_204_300), usd(81_000)), (eur(1_204_300), usd(81_000))),
    StageLine("Lost", "lost", 0, 18, (eur(402_000),), ()),
)
_TOTAL = StageLine(
    "Open",
    "open",
    0,
    30,
    (eur(790_500), usd(40_000)),
    (eur(293_625), usd(4_000)),
    rotting=2,
    late=3,
    idle=5,
)
PIPELINE = PipelineView("Sales", _STAGES, _TOTAL, filtered="owner:ada", others=("Partners",))
PIPELINE_DEALS = PipelineView("Sales", _STAGES, _TOTAL, with_deals=True)
PIPELINE_EMPTY = PipelineView(
    "Sales", _STAGES[4:5], _TOTAL, hint='no deals yet: crm add-deal "Acme renewal" --value 12k'
)

_DEALS = Listing(
    "deals",
    (
        Column("handle", "handle", "Deal"),
        Column("title", "text", "Title"),
        Column("stage", "ref", "Stage", 1),
        Column("value", "money", "Value"),
        Column("expected_close", "day", "Close", 2),
    ),
    (
        ("d7", "Acme renewal", "Proposal", eur(12_000), "2026-03-20"),
        ("d9", "Support plan", "New", Money(450_050, "EUR"), "2026-02-01"),
    ),
    7,
    marks=((), ("late", "rotting")),
)

CARD = Screen(
    "card",
    "Ada Lovelace",
    "Countess · Acme Corp · customer",
    "c12",
    (
        Fact("name", "name", "Name", "Ada Lovelace"),
        Fact("title", "text", "Title", "Countess of Lovelace"),
        Fact("company", "ref", "Company", "Acme Corp"),
        Fact("owner", "ref", "Owner", "grace"),
        Fact(
            "email",
            "email",
            "Email",
            (Point("ada@acme.com", "work", True), Point("ada@home.org", "home")),
        ),
        Fact(
            "phone",
            "phone",
            "Phone",
            (Point("+442079460958", "work", True), Point("0800 CALL", None, valid=False)),
        ),
        Fact("birthday", "birthday", "Birthday", "--12-10"),
        Fact("revenue", "money", "Revenue", eur(1_200_000)),
        Fact("tags", "tags", "Tags", (Point("vip"), Point("math"))),
        Fact("last_contact", "moment", "Last contact", "2026-03-04T15:00:00Z"),
        Fact("department", "text", "Department", None),
        Fact(
            "notes",
            "longtext",
            "Notes",
            "Met at the conference in Zürich.\nPrefers mail to the phone, and wants to see how the "
            "engine computes Bernoulli numbers before anything is signed.",
        ),
    ),
    (
        Section("deals", "Open deals", _DEALS),
        Section("tasks", "Next tasks", TASKS),
        Section("links", "Links", Listing("links", (Column("type", "text", "Type"),), (), 0)),
    ),
)

TODAY = Screen(
    "today",
    "Thursday, 5 March 2026",
    "ada · 2 overdue, 1 due today",
    sections=(
        Section("overdue", "Overdue", TASKS),
        Section("meetings", "Meetings", Listing("activities", (Column("x", "text", "X"),), (), 0)),
        Section("deals", "Deals that need attention", _DEALS),
    ),
)

_MEASURES = tuple(
    Column(name, "number", label, 3)
    for name, label in (
        ("completeness", "Complete"),
        ("validity", "Valid"),
        ("uniqueness", "Unique"),
        ("freshness", "Fresh"),
        ("consistency", "Consistent"),
    )
)
_TYPE = Column("type", "text", "Type")
_RECORDS = Column("records", "integer", "Records", 4)
_SCORE = Column("score", "number", "Score")
QUALITY = Screen(
    "quality",
    "Data quality",
    "87.2 of 100 over 1,341 records",
    facts=(Fact("score", "number", "Score", 87.2, quiet=True),),
    sections=(
        Section(
            "scores",
            "Scores, of 100",
            Listing(
                "scores",
                (_TYPE, _RECORDS, _SCORE, *_MEASURES, Column("trend", "trend", "Trend", 5)),
                (
                    ("deals", 96, 71.4, 62.5, 100, 93.7, 50, 51, (90.1, 84.0, 60.2, 71.4)),
                    ("contacts", 1245, 88.5, 62, 98.1, 91.0, 100, 91.4, (40.0, 66.6, 88.5)),
                ),
                2,
            ),
        ),
        Section(
            "mend",
            "What to mend, most first",
            Listing(
                "problems",
                (
                    Column("type", "text", "Type", 2),
                    Column("records", "integer", "Records"),
                    Column("problem", "text", "Problem"),
                    Column("command", "shell", "Mended by"),
                ),
                (
                    ("contacts", 473, "no phone", "crm contacts phone:none"),
                    ("contacts", 112, "the same as another one", "crm dupes contacts"),
                    ("deals", 48, "untouched since 2025-03-05", "crm quality deals freshness"),
                ),
                9,
            ),
        ),
        Section(
            "worst",
            "Worst records",
            Listing(
                "records",
                (
                    Column("handle", "handle", "Record"),
                    Column("title", "text", "Name"),
                    Column("owner", "text", "Owner", 3),
                    _SCORE,
                    Column("problems", "text", "Problems", 1),
                ),
                (
                    ("d19", "A very long deal title that goes on and on", "ada", 20.0,
                     "no contact, untouched since 2025-03-05, open, but past its close date"),
                    ("c7", "Jane Doe", "grace", 46.6, "no phone, the same as another one"),
                ),
                410,
            ),
        ),
    ),
)  # fmt: skip

NOTHING_TODAY = Screen(
    "today", "Thursday, 5 March 2026", empty="nothing is due: a good day to call"
)

REPORT = Report(
    "won",
    "Deals won",
    "Sum and count of deals by the month in which they were won.",
    "2026-01-01 to 2026-03-31",
    Listing(
        "months",
        (
            Column("month", "text", "Month"),
            Column("deals", "integer", "Deals"),
            Column("sum", "money", "Sum"),
            Column("rate", "percent", "Win rate"),
            Column("trend", "trend", "Weeks"),
        ),
        (
            ("January", 4, eur(48_000), 40, (1, 0, 2, 1)),
            ("February", 9, eur(121_500), 56, (3, 3, 1, 2)),
            ("March", 1, eur(5_000), 100, (1, 0, 0, 0)),
        ),
        3,
    ),
    bar="sum",
    totals=("All", 14, eur(174_500), 54, None),
)

DONE = Done(
    ("added contact c12 Ada Lovelace", "undo with: crm undo h412"),
    ("c12",),
    "h412",
    ("ada@acme is also the e-mail of c9",),
)

IMPORTED = ImportSummary(
    file="leads.csv",
    noun="contact",
    plural="contacts",
    detected="comma-separated, UTF-8",
    read=8,
    created=4,
    updated=2,
    unchanged=1,
    skipped=0,
    rejected=1,
    mapping=(("Name", "name"), ("Lead Owner", "owner"), ("Deal Stage", "status"), ("Index", "")),
    made=(("company", 3),),
    translated=(("status", "Closed Won", "customer", 2),),
    warnings=(("phone kept as typed", 6),),
    problems=('line 2, Phone: "857" is not valid, kept as typed',),
    reasons=("line 9: the row names nobody",),
    rejects="leads.rejects.csv",
    handle="i3",
    change_set="h3",
    unmatched=(("owner", "Bethany Dixon", "", 1), ("owner", "", "root", 1)),
    lines=(("phone kept as typed", (2, 3, 4, 5, 6, 7)),),
    changes=(FieldChange("c12", "Ada Lovelace", "title", "Analyst", "Engineer"),),
    kept=(FieldChange("c13", "Alan Turing", "title", "Fellow", "Reader"),),
    kept_counts=(("title", 1),),
    near=(NearMatch(4, "Grace Hoper", "c14", "the names are alike"),),
    near_count=1,
)

HUMAN = {
    "contacts": CONTACTS,
    "tasks": TASKS,
    "empty": EMPTY,
    "pipeline": PIPELINE,
    "pipeline-deals": PIPELINE_DEALS,
    "pipeline-empty": PIPELINE_EMPTY,
    "card": CARD,
    "today": TODAY,
    "today-empty": NOTHING_TODAY,
    "quality": QUALITY,
    "report": REPORT,
    "done": DONE,
    "import": IMPORTED,
}
"""Every kind of result under a name, for the golden transcripts."""
