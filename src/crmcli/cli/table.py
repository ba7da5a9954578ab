"""All commands, as a table: name, home, one line of help. Nothing is loaded to list them.

A command's function lives in the module `crmcli.cli.MODULE` under its name with underscores; a
module that makes a command for every record type has a function `build(entry)` instead, and its
entries come from the catalogue. A group has `children`.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import NamedTuple

from crmcli.catalog import RECORDS
from crmcli.fields import Record

READ, PAGED, LIST, WRITE, CHANGE = "read", "paged", "list", "write", "change"
DECIDE = "decide"

RECORDS_PANEL = "Records"
DAY = "The working day"
DATA = "Data in and out"
HOUSEHOLD = "The household"
PANELS = (RECORDS_PANEL, DAY, DATA, HOUSEHOLD)


class Entry(NamedTuple):
    """One command, or a group of them.

    takes: PAGED adds --limit, LIST also --columns and --sort, WRITE --yes, --dry-run and --reason,
    CHANGE --if-version, too; DECIDE, which lists and writes, --limit and what WRITE adds.
    noun: the record type that a generated command is for. aside: `--help` names it in a summary
    rather than on a line of its own.
    """

    name: str
    module: str
    help: str
    panel: str = ""
    takes: str = READ
    noun: str = ""
    aside: bool = False
    children: tuple[Entry, ...] = ()

    @property
    def function(self) -> str:
        """The name of the command's function in its module."""
        name = self.name.replace("-", "_")
        return f"{name}_" if iskeyword(name) else name


MAIN_NOUNS = ("contact", "company", "deal", "activity", "task")
"""The record types of daily work; the others are the team's own words."""


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def _list_of(record: Record) -> Entry:
    aside = record.name not in (*MAIN_NOUNS, "import")
    panel = HOUSEHOLD if aside else DATA if record.name == "import" else RECORDS_PANEL
    return Entry(
        record.plural,
        "lists",
        f"List {record.plural}, all or those that match a query.",
        panel,
        LIST,
        record.name,
        aside,
    )


def _adder_of(record: Record) -> Entry:
    aside = record.name not in MAIN_NOUNS
    panel = HOUSEHOLD if aside else RECORDS_PANEL
    return Entry(
        f"add-{record.name}",
        "adding",
        f"Add {_article(record.name)}.",
        panel,
        WRITE,
        record.name,
        aside,
    )


def by_hand(record: Record) -> bool:
    """Whether people make such records themselves."""
    return any(not field.readonly for field in record.fields)


ADDERS = tuple(_adder_of(record) for record in RECORDS if by_hand(record))
LISTS = tuple(_list_of(record) for record in RECORDS)

CONFIG = (
    Entry("list", "settings", "List all settings with their values."),
    Entry("get", "settings", "Print one setting."),
    Entry("set", "settings", "Change one setting."),
    Entry("unset", "settings", "Return one setting to its default."),
    Entry("path", "settings", "Print the path of the settings file."),
    Entry("edit", "settings", "Open the settings file in your editor."),
)
BACKUP = (
    Entry("create", "backups", "Write a backup of the database."),
    Entry("list", "backups", "List the backups, newest first."),
    Entry("verify", "backups", "Examine a backup: checksums, integrity and counts."),
    Entry(
        "restore",
        "backups",
        "Replace the database by a backup, or restore it into a new file.",
        takes=WRITE,
    ),
    Entry(
        "prune",
        "backups",
        "Delete old backups, but the newest of each day, week and month.",
        takes=WRITE,
    ),
)
DB = (
    Entry("path", "database", "Print the path of the database."),
    Entry("info", "database", "Show the size, version and contents of the database."),
    Entry("check", "database", "Examine the database for damage."),
    Entry("copy", "database", "Copy everything into another database.", takes=WRITE),
    Entry("migrate", "database", "Bring an older database forward, after a backup."),
)
USER = (
    Entry("me", "users", "Show which user you are, and why."),
    Entry("use", "users", "Set which user you are on this machine."),
    Entry("deactivate", "users", "Keep a user's history, but offer them no more.", takes=WRITE),
    Entry("activate", "users", "Bring a deactivated user back.", takes=WRITE),
)
FIELD = (
    Entry("list", "fields", "List the fields of a record type, built in and your own."),
    Entry("kinds", "fields", "List the kinds of value that a custom field may hold."),
)
STAGE = (
    Entry("order", "stages", "Put the stages of a pipeline in order.", takes=WRITE),
    Entry("move", "stages", "Move one stage before or after another.", takes=WRITE),
)

COMMANDS: tuple[Entry, ...] = (
    *(entry for entry in LISTS if entry.noun in MAIN_NOUNS),
    Entry("leads", "lists", "List contacts with the status lead.", RECORDS_PANEL, LIST, "contact"),
    *(entry for entry in ADDERS if entry.noun in MAIN_NOUNS),
    Entry("show", "showing", "Show records with all that belongs to them.", RECORDS_PANEL),
    Entry("search", "showing", "Find records by any of their words.", RECORDS_PANEL, PAGED),
    Entry("open", "opening", "Open a record's mail, phone or web page.", RECORDS_PANEL),
    Entry("edit", "editing", "Change fields of records.", RECORDS_PANEL, CHANGE),
    Entry("delete", "verbs", "Delete records; they can be restored.", RECORDS_PANEL, CHANGE),
    Entry("restore", "verbs", "Bring deleted records back.", RECORDS_PANEL, WRITE),
    Entry("tag", "verbs", "Tag records.", RECORDS_PANEL, CHANGE),
    Entry("untag", "verbs", "Take tags off records.", RECORDS_PANEL, CHANGE),
    Entry("assign", "verbs", "Give records to another owner.", RECORDS_PANEL, CHANGE),
    Entry("link", "verbs", "Link two records, for example as reports-to.", RECORDS_PANEL, WRITE),
    Entry("unlink", "verbs", "Remove a link between two records.", RECORDS_PANEL, WRITE),
    Entry("pipeline", "screens", "Show the deals by stage: count, sum and what is stuck.", DAY),
    Entry("today", "screens", "Show what is due, planned and waiting for you.", DAY),
    Entry("log", "day", "Log a call, e-mail, meeting, note, chat or visit.", DAY, WRITE),
    Entry("follow-up", "day", "Set a task to come back to somebody.", DAY, WRITE),
    Entry("done", "day", "Settle tasks and planned activities.", DAY, CHANGE),
    Entry("snooze", "day", "Put off tasks, or the reminders about other records.", DAY, CHANGE),
    Entry("move", "day", "Move deals to another stage.", DAY, CHANGE),
    Entry("win", "day", "Mark deals as won.", DAY, CHANGE),
    Entry("lose", "day", "Mark deals as lost, with the reason.", DAY, CHANGE),
    Entry("reopen", "day", "Reopen deals and tasks that were closed.", DAY, CHANGE),
    Entry("report", "screens", "Show a report: won, lost, conversion, forecast …", DAY),
    Entry("repeat", "repeating", "Have a task repeat; skip or end it.", DAY, WRITE),
    Entry("check", "repeating", "Show a task's checklist; tick its points.", DAY, WRITE),
    Entry("remind", "reminders", "Send and print what is due; quiet when nothing is.", DAY, WRITE),
    Entry("reminders", "reminders", "List and switch what people are reminded of.", DAY, WRITE),
    Entry("cadence", "reminders", "Set how often to keep in touch.", DAY, WRITE),
    Entry("import", "exchange", "Load records from files of any kind.", DATA, WRITE),
    *(entry for entry in LISTS if entry.noun == "import"),
    Entry("export", "exchange", "Write records to a file of any kind.", DATA),
    Entry("dupes", "dupes", "Find records that may be the same.", DATA, DECIDE),
    Entry(
        "clean",
        "cleaning",
        "Write names, places, phones and e-mails as they should be.",
        DATA,
        WRITE,
    ),
    Entry("quality", "quality", "Score how clean the data is, and say what mends it.", DATA, PAGED),
    Entry("confirm", "quality", "Mark records as checked.", DATA, CHANGE),
    Entry("bounced", "quality", "Mark e-mails that bounce and phones that are dead.", DATA, WRITE),
    Entry("rules", "rules", "List the rules for the data, and what breaks them.", DATA, PAGED),
    Entry("enrich", "enriching", "Fill in the blanks of records.", DATA, WRITE),
    Entry("merge", "dupes", "Make one record of several that are the same.", DATA, WRITE),
    Entry("history", "journal", "Show who changed what and when.", DATA, PAGED),
    Entry("undo", "journal", "Take back your last change, or a given one.", DATA, WRITE),
    Entry("redo", "journal", "Do again what was taken back.", DATA, WRITE),
    Entry("purge", "erasing", "Remove for good what was deleted long ago.", DATA, WRITE),
    Entry(
        "erase", "erasing", "Erase a person for good, and all that tells who it was.", DATA, WRITE
    ),
    Entry("init", "household", "Make an empty database.", HOUSEHOLD),
    Entry("demo", "household", "Fill a separate database with an example team.", HOUSEHOLD),
    Entry("config", "", "Read and change settings.", HOUSEHOLD, children=CONFIG),
    Entry("doctor", "doctor", "Look whether all is well, and say what mends it.", HOUSEHOLD),
    Entry("backup", "", "Make, verify and restore backups.", HOUSEHOLD, children=BACKUP),
    Entry("db", "", "Where the database is, and how it is.", HOUSEHOLD, children=DB),
    Entry("user", "", "Who you are, and who of the team is active.", HOUSEHOLD, children=USER),
    Entry("field", "", "Which fields there are.", HOUSEHOLD, children=FIELD),
    Entry("stage", "", "The order of the stages.", HOUSEHOLD, children=STAGE),
    *(entry for entry in LISTS if entry.aside),
    *(entry for entry in ADDERS if entry.aside),
)

LISTING = ("list", "ls", "all")
ADDING = ("add", "new", "create", "make")
"""Verbs of other programs, which here are part of a command's name."""

GUESSES: dict[str, str] = {
    **dict.fromkeys(ADDING, "add-contact"),
    "people": "contacts",
    "persons": "contacts",
    "organizations": "companies",
    "organisations": "companies",
    "opportunities": "deals",
    "todo": "tasks",
    "todos": "tasks",
    "notes": "activities",
    "calls": "activities",
    "rm": "delete",
    "remove": "delete",
    "del": "delete",
    "update": "edit",
    "set": "edit",
    "change": "edit",
    "find": "search",
    "grep": "search",
    "view": "show",
    "get": "show",
    "cat": "show",
    "info": "show",
    "rename": "edit",
    "modify": "edit",
    "board": "pipeline",
    "kanban": "pipeline",
    "agenda": "today",
    "due": "today",
    "note": "log",
    "call": "log",
    "meeting": "log",
    "close": "win",
    "complete": "done",
    "finish": "done",
    "settings": "config",
    "configure": "config",
    "load": "import",
    "dump": "export",
    "forget": "erase",
    "anonymize": "erase",
    "vacuum": "purge",
    "stats": "report",
    "reports": "report",
    "me": "user",
    "whoami": "user",
    "audit": "quality",
    "score": "quality",
    "verify": "confirm",
    "bounce": "bounced",
    "dead": "bounced",
    "help": "--help",
    "version": "--version",
    "completion": "--install-completion",
    **dict.fromkeys(LISTING, "contacts"),
    **dict.fromkeys(("config ls", "config show", "config all"), "config list"),
    **dict.fromkeys(("backup add", "backup new", "backup make"), "backup create"),
    **dict.fromkeys(("backup rm", "backup delete", "backup remove"), "backup prune"),
    **dict.fromkeys(("db show", "db status", "db stats"), "db info"),
    "db verify": "db check",
    "db backup": "backup create",
    "db upgrade": "db migrate",
    "user whoami": "user me",
    "user switch": "user use",
}
"""Words of other programs, one or two, and what they are called here."""
