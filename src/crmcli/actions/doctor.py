"""`crm doctor`: whether the database, its place, the settings and the backups are in order.

A probe looks at one thing and says how it is; what it raises is an error of that thing. Some have
a remedy that is always safe. To check something more, add a probe to one of the tuples below.
"""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import NamedTuple

from crmcli import __version__
from crmcli.actions.backups import known
from crmcli.actions.context import Context
from crmcli.errors import CrmError
from crmcli.queries.people import TERMINAL, people
from crmcli.results import Check, Checkup
from crmcli.store import health
from crmcli.store.read import VERSION, missing
from crmcli.values.calendar import moment_of

OK, WARNING, ERROR = "ok", "warning", "error"

_OLDEST_SQLITE = (3, 37, 0)
_LEAST_SPACE = 50_000_000  # bytes; an import or an upgrade needs some beside the file
_CLOCKS_DIFFER = timedelta(hours=1)

# extra -> its library, what it is for
_EXTRAS = {
    "encryption": ("pyrage", "encrypted backups"),
    "remind": ("icalendar", "calendars and templates of reminders"),
    "postgres": ("psycopg", "databases on PostgreSQL"),
    "xlsx": ("python_calamine", "spreadsheets"),
}


class Probe(NamedTuple):
    """Something to look at, and what mends it safely."""

    name: str
    look: Callable[[Context], Check]
    remedy: Callable[[Context], None] | None = None


def doctor(
    ctx: Context, problem: CrmError | None = None, *, fix: bool = False, strict: bool = False
) -> Checkup:
    """Look at everything; with `fix` apply the safe remedies.

    problem: what is wrong with the settings, whose defaults `ctx` then has. The exit status is 1
    when there is an error, with `strict` also for a warning.
    """
    surroundings = [Probe("settings", partial(_settings, problem)), *AROUND]
    checks = [_checked(probe, ctx, fix) for probe in (*surroundings, *_of_database(ctx))]
    states = {check.state for check in checks}
    failed = ERROR in states or (strict and WARNING in states)
    return Checkup(tuple(checks), exit_status=int(failed))


def _of_database(ctx: Context) -> Sequence[Probe]:
    """The probes that make sense for what is there."""
    server = bool(ctx.location.url)
    if not server and not ctx.location.path.exists():
        return (Probe("database", _missing),)
    around = () if server else FILE
    if _seen(DATABASE, ctx).state == ERROR:
        return (*around, DATABASE)
    content = [
        Probe(finding.name, partial(_finding, finding), _remake(finding))
        for finding in health.findings(ctx.location)
    ]
    return (*around, DATABASE, *(() if server else OURS), *content, *CHANGES)


def _checked(probe: Probe, ctx: Context, fix: bool) -> Check:
    """How it is, after its remedy where one was asked for and helps."""
    check = _seen(probe, ctx)
    if not fix or check.state == OK or probe.remedy is None:
        return check
    ctx.close()
    probe.remedy(ctx)
    again = _seen(probe, ctx)
    return Check(again.name, again.state, again.says, again.mend, mended=again.state == OK)


def _seen(probe: Probe, ctx: Context) -> Check:
    try:
        seen = probe.look(ctx)
    except CrmError as error:
        return Check(probe.name, ERROR, error.message, error.hint or "")
    return Check(probe.name, seen.state, seen.says, seen.mend)


def _well(says: str) -> Check:
    return Check("", OK, says)


def _warning(says: str, mend: str) -> Check:
    return Check("", WARNING, says, mend)


def _error(says: str, mend: str) -> Check:
    return Check("", ERROR, says, mend)


# --- the surroundings


def _settings(problem: CrmError | None, ctx: Context) -> Check:
    if problem is not None:
        return _error(problem.message, "crm config edit")
    return _well("the settings are in order")


def _time_zone(ctx: Context) -> Check:
    zone = ctx.env.zone
    # A zone that is only an offset knows nothing of summer time.
    if zone is not UTC and isinstance(zone, timezone):
        return _warning(
            f"the name of the time zone is unknown; {zone} is used all year",
            "crm config set time_zone Europe/Berlin",
        )
    return _well(str(zone))


def _parts(ctx: Context) -> Check:
    lacking = [
        f"{name} (for {purpose}: pip install 'crmcli[{name}]')"
        for name, (library, purpose) in _EXTRAS.items()
        if importlib.util.find_spec(library) is None
    ]
    if not lacking:
        return _well(f"all optional parts are installed: {', '.join(_EXTRAS)}")
    return _well(f"not installed: {'; '.join(lacking)}")


def _backups(ctx: Context) -> Check:
    found, most = known(ctx), int(ctx.settings["backup_days"])
    broken = [backup for backup in found if not backup.readable]
    if broken:
        name = broken[0].path.name
        return _warning(f"the backup {name} cannot be read", f"crm backup verify {name}")
    if not most or not (ctx.location.url or ctx.location.path.exists()):
        return _well(f"{len(found)} backups")
    if not found:
        return _warning("there is no backup yet", "crm backup create")
    days = (ctx.env.now - datetime.fromisoformat(found[0].made)).days
    if days > most:
        return _warning(f"the newest backup is {days} days old", "crm backup create")
    return _unopenable(ctx) or _well(f"the newest of {len(found)} was made {_ago(days)}")


def _unopenable(ctx: Context) -> Check | None:
    sealed = [backup for backup in known(ctx) if backup.encrypted]
    if not sealed or importlib.util.find_spec("pyrage"):
        return None
    return _warning(
        f"{len(sealed)} backups are encrypted, but nothing here can open them",
        "pip install 'crmcli[encryption]'",
    )


def _ago(days: int) -> str:
    return "today" if days <= 0 else "a day ago" if days == 1 else f"{days} days ago"


# --- the file and its place


def _missing(ctx: Context) -> Check:
    raise missing(ctx.location)


def _place(ctx: Context) -> Check:
    path = ctx.location.path
    advice = "keep it on a disk of this machine, and send backups there: crm backup create --to DIR"
    service = health.sync_service(path)
    if service:
        return _warning(
            f"{ctx.location.shown} is synchronised by {service}, which can damage it", advice
        )
    kind = health.network_type(path, _mounts())
    if kind:
        return _warning(
            f"{ctx.location.shown} is on a network drive ({kind}), where locks may fail", advice
        )
    return _well(f"{ctx.location.shown} is on a disk of this machine")


def _mounts() -> str:
    """What is mounted where; "" on systems that do not say."""
    return health.MOUNTS.read_text("utf-8", "replace") if health.MOUNTS.exists() else ""


def _space(ctx: Context) -> Check:
    path = ctx.location.path
    free = shutil.disk_usage(path.absolute().parent).free
    if free < max(_LEAST_SPACE, 2 * path.stat().st_size):
        return _warning(f"only {free / 1e6:,.0f} MB are free beside the database", "make room")
    return _well(f"{free / 1e9:,.1f} GB are free")


def _permissions(ctx: Context) -> Check:
    open_ones = list(_exposed(ctx))
    if not open_ones:
        return _well("nobody else can read the database")
    path, _bits = open_ones[0]
    return _warning(f"others on this machine can read {path}", "crm doctor --fix")


def _exposed(ctx: Context) -> Iterator[tuple[Path, int]]:
    """What is open to more people than it should be.

    A file in a place that somebody chose may be shared with a group; its folder is theirs.
    """
    path, given = ctx.location.path, ctx.location.given
    wanted = [(path, health.OTHERS if given else health.GROUP)]
    if not given:
        wanted.append((path.parent, health.GROUP))
    for place, forbidden in wanted:
        if health.exposure(place, forbidden):
            yield place, forbidden


def _close_off(ctx: Context) -> None:
    for path, forbidden in _exposed(ctx):
        health.close_off(path, forbidden)


def _journal(ctx: Context) -> Check:
    # The first read after a crash, which was that of the version, rolls back what was cut off.
    if health.journal(ctx.location.path) is None:
        return _well("no write was cut off")
    return _warning("another process is writing, or was cut off", "crm doctor, in a moment")


# --- the content


def _version(ctx: Context) -> Check:
    reader = ctx.reader
    text = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return _error(f"SQLite {text} is too old", "use a Python with SQLite 3.37 or newer")
    engine = f"SQLite {text}"
    if reader.location.url:
        engine = f"PostgreSQL {reader.scalar('SHOW server_version').split()[0]}"
    return _well(f"schema {VERSION}, crm {__version__}, {engine}, {health.size(reader):,} bytes")


def _finding(finding: health.Finding, ctx: Context) -> Check:
    problems = finding.look(ctx.reader)
    if not problems:
        return _well(finding.well)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    mend = "crm doctor --fix" if finding.remake else "crm backup restore FILE"
    return _error(problems[0] + more, mend)


def _remake(finding: health.Finding) -> Callable[[Context], None] | None:
    remake = finding.remake
    return None if remake is None else lambda ctx: remake(ctx.location)


def _imports(ctx: Context) -> Check:
    rows = ctx.reader.rows(
        "SELECT id, command FROM change_set WHERE state = 'unfinished' AND undone_by IS NULL"
        " ORDER BY id DESC"
    )
    if not rows:
        return _well("every import came to its end")
    number, command = rows[0]
    return _warning(
        f"an import is still running or was cut off: {command}",
        f"run it again, or crm undo h{number}",
    )


def _clock(ctx: Context) -> Check:
    newest = ctx.reader.scalar("SELECT at FROM change_set ORDER BY id DESC LIMIT 1")
    if newest and datetime.fromisoformat(newest) > ctx.env.now + _CLOCKS_DIFFER:
        return _warning(f"the last change is of the future: {newest}", "set the clock")
    return _well("the clock goes on from the last change")


def _reminders(ctx: Context) -> Check:
    """Whether reminders go out, where somebody wants them by more than the terminal."""
    reader = ctx.reader
    if all(set(person.channels) <= {TERMINAL} for person in people(reader, ctx.env)):
        return _well("nobody wants them by more than the terminal")
    failed = reader.scalar("SELECT count(*) FROM reminder_message WHERE state = 'failed'")
    if failed:
        return _warning(f"{failed} could not be sent; crm remind --status", "crm remind --retry")
    last = reader.scalar("SELECT max(at) FROM reminder_run")
    days = ctx.settings["remind_days"]
    if days and (last is None or moment_of(last) < ctx.env.now - timedelta(days=days)):
        since = "yet" if last is None else f"since {last}"
        return _warning(f"crm remind has not run {since}", "crm remind --install")
    return _well(f"they were last sent at {last}" if last else "they were not sent yet")


AROUND = (
    Probe("time zone", _time_zone),
    Probe("parts", _parts),
    Probe("backups", _backups),
)
FILE = (
    Probe("journal", _journal),
    Probe("place", _place),
    Probe("space", _space),
)
DATABASE = Probe("database", _version)
# not before the file is known to be ours: --fix changes nothing about anybody else's
OURS = (Probe("permissions", _permissions, _close_off),)
CHANGES = (
    Probe("imports", _imports),
    Probe("clock", _clock),
    Probe("reminders", _reminders),
)
