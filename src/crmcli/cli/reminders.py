"""`crm remind`, `crm reminders`, `crm cadence`: reminding, and what to remind of."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from crmcli.cli.arguments import flag, option, ref, words
from crmcli.cli.session import Act, Session
from crmcli.errors import UsageError
from crmcli.results import Done

if TYPE_CHECKING:
    from crmcli.reminders.running import Ran
    from crmcli.results import Screen

KINDS = ("cron", "systemd", "launchd", "windows")
ACTIONS = ("show", "on", "off", "give", "drop")


def remind(
    *,
    owner: Annotated[
        str | None,
        option("Look only at what this user owns; `me` is you.", "--owner", metavar="USER",
               source="users"),
    ] = None,
    days: Annotated[
        str | None, option("Look so many days ahead, too.", "--days", metavar="N")
    ] = None,
    status: Annotated[
        bool, flag("Show the last runs, what failed, and what is coming.", "--status")
    ] = False,
    interactive: Annotated[
        bool, flag("Step through the list: done, snooze, log, open, next.", "--interactive", "-i")
    ] = False,
    retry: Annotated[bool, flag("Try again what has failed.", "--retry")] = False,
    calendar: Annotated[
        str | None, option("Write your tasks and meetings as a calendar.", "--calendar",
                           metavar="FILE"),
    ] = None,
    install: Annotated[
        bool, flag("Have the system run it for this database.", "--install")
    ] = False,
    uninstall: Annotated[bool, flag("Take that away again.", "--uninstall")] = False,
    how: Annotated[
        str | None, option("By what: cron, systemd, launchd or windows.", "--how", metavar="KIND",
                           choices=KINDS),
    ] = None,
    watch: Annotated[
        bool, flag("Stay, and run again and again; for containers.", "--watch")
    ] = False,
    every: Annotated[
        str | None, option("Minutes between two runs of --install or --watch.", "--every",
                           metavar="N"),
    ] = None,
) -> Act:  # fmt: skip
    """Send and print what is due; quiet when nothing is.

    Each person gets theirs by the channels that they chose; the rest is printed.

    Each reminder reaches each person once by each channel, however often and on however many
    machines this runs. The status is 1 when something could not be sent. With --owner or --days it
    only looks.
    """
    if install or uninstall:
        return lambda session: _job(session, how, every, take_away=uninstall)
    if watch:
        from crmcli.cli.watching import watch as keep_running

        return lambda session: keep_running(session, _minutes(every, 5))
    if interactive:
        from crmcli.cli.stepping import step_through

        return lambda session: step_through(session, owner)
    if status:
        return _status
    if retry:
        return _retry
    if calendar is not None:
        return lambda session: _calendar(session, calendar, owner)
    return lambda session: _remind(session, owner, days)


def _remind(session: Session, owner: str | None, days: str | None) -> Any:
    looking = owner is not None or days is not None
    if session.ctx.dry_run:
        return _tried(session)
    ran = None if looking else send(session)
    screen = _due(session, owner, days)
    shown: list[Any] = [screen] if screen is not None else []
    if ran is not None and not session.how.json:
        shown += [told(ran)] if ran.sent and session.how.tty else []
    if ran is not None and (ran.failed or ran.delayed):
        problem = Done((), warnings=ran.problems, exit_status=1)
        shown = [*shown, problem] if not session.how.json else shown
    return shown or None


def send(session: Session) -> Ran | None:
    """One run; None where nobody is to be reached by anything but the terminal."""
    from crmcli.reminders import running

    ctx = session.ctx
    ran = running.run(ctx) if running.wanted(ctx) else None
    if ctx.settings["calendar_file"]:
        from crmcli.reminders.feed import write

        write(ctx, Path(ctx.settings["calendar_file"]).expanduser())
    return ran


def told(ran: Ran) -> Done:
    """What came of a run, in a line."""
    parts = [f"{ran.sent} sent"]
    parts += [f"{ran.delayed} to be tried again"] if ran.delayed else []
    parts += [f"{ran.failed} failed"] if ran.failed else []
    return Done(
        (f"Reminders: {', '.join(parts)}",), warnings=ran.problems,
        exit_status=int(bool(ran.failed or ran.delayed)),
    )  # fmt: skip


def _due(session: Session, owner: str | None, days: str | None) -> Screen | None:
    """What is owed as a screen; off a terminal, without what other channels bring people."""
    from crmcli.queries.people import TERMINAL, people
    from crmcli.reminders.screen import due

    ctx = session.ctx
    looks = owner is not None or days is not None or session.how.tty or session.how.json
    team = [] if looks else people(ctx.reader, ctx.env)
    elsewhere = {person.id for person in team if TERMINAL not in person.channels}
    screen = due(ctx.reader, ctx.env, owner=owner, days=days, me=ctx.user, but=elsewhere)
    return screen if screen.sections or session.how.json else None


def _tried(session: Session) -> Done:
    from crmcli.reminders.screen import planned

    return planned(session.ctx)


def _status(session: Session) -> Screen:
    from crmcli.reminders.status import status

    return status(session.ctx)


def _retry(session: Session) -> Done:
    from crmcli.reminders.status import retry

    return retry(session.ctx)


def _calendar(session: Session, file: str, owner: str | None) -> Done:
    from crmcli.reminders.feed import write

    return write(session.ctx, Path(file).expanduser(), owner or "me")


def _minutes(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 1440:
        raise UsageError(f'--every takes minutes, not "{text}"', hint="for example --every 10")
    return int(text)


def _job(session: Session, how: str | None, every: str | None, *, take_away: bool) -> Done:
    from crmcli.reminders import job

    kind = how or job.kind_here()
    if kind not in KINDS:
        raise UsageError(f"--how {kind} is none of {', '.join(KINDS)}")
    made = job.make(session.ctx.location, os.environ, _minutes(every, job.EVERY))
    home = Path.home()
    if take_away:
        tried = session.ctx.dry_run
        gone = (job.is_installed if tried else job.uninstall)(made, kind, home)
        line = f"Took away {made.name}" if gone else f"There is no {made.name}"
        return Done((line,), dry_run=tried and gone)
    text = job.shown(made, kind, home)
    if session.ctx.dry_run:
        return Done(tuple(text.splitlines()), data={"job": text})
    sys.stderr.write(text.rstrip("\n") + "\n")
    session.confirm("Install this?")
    job.install(made, kind, home)
    often = "minute" if made.minutes == 1 else f"{made.minutes} minutes"
    line = f"Installed {made.name}: crm remind runs every {often}"
    return Done((line,), data={"name": made.name, "kind": kind})


def reminders(
    words: Annotated[
        list[str] | None,
        words("show REF, on NAME, off NAME, give NAME USER, drop REF.",
              "[ACTION]...", choices=ACTIONS),
    ] = None,
) -> Act:  # fmt: skip
    """List and switch what people are reminded of.

    `show t31` lists every delivery of a task. `drop c12` ends the reminders about a record and does
    not change it; `crm snooze c12 +3d` puts them off.
    """
    given = words or []
    if not given:
        return _listing
    action, rest = given[0], given[1:]
    if action not in ACTIONS or not rest:
        raise UsageError(
            f"cannot read {' '.join(given)}",
            hint="crm reminders show t31, or on, off, give, drop; see --help",
        )
    return lambda session: _act(session, action, rest)


def _listing(session: Session) -> Any:
    from crmcli.reminders.switching import listing

    return listing(session.ctx)


def _act(session: Session, action: str, rest: list[str]) -> Any:
    from crmcli.reminders import holding, status, switching

    ctx, name = session.ctx, " ".join(rest)
    if action == "show":
        return status.deliveries(ctx, name)
    if action in ("on", "off"):
        return switching.switch(ctx, name, on=action == "on")
    if action == "drop":
        return holding.drop(ctx, name)
    if len(rest) < 2:
        raise UsageError(f"{action} needs one word more", hint="crm reminders --help")
    return switching.give(ctx, " ".join(rest[:-1]), rest[-1])


def cadence(
    who: Annotated[
        str, ref("A contact, a company, or segment:NAME.", nouns="contact,company", metavar="WHO")
    ],
    every: Annotated[list[str], words("How long may pass, such as 30d; off for any.", "EVERY")],
) -> Act:
    """Set how often to keep in touch.

    It counts from the last talk, notes aside. For a company or a segment it holds for those of its
    contacts that have no interval of their own.
    """
    from crmcli.reminders import switching

    return lambda session: switching.cadence(session.ctx, who, " ".join(every))
