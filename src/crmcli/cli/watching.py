"""`crm remind --watch`: in the foreground, until somebody says stop."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from types import FrameType

from crmcli.cli.reminders import send, told
from crmcli.cli.session import Session
from crmcli.errors import DatabaseBusy, DatabaseError, Delayed, UsageError
from crmcli.results import Done


def watch(session: Session, minutes: int) -> Done:
    """Run now and every so many minutes; SIGTERM and SIGINT end it after what is being sent.

    A database that is busy or away is waited for; anything else that is wrong ends it.
    """
    from crmcli.output import emit, message

    if session.ctx.dry_run:
        raise UsageError("--watch sends", hint="crm remind --dry-run tells what would be sent")
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    message(f"crm remind runs every {minutes} min; Ctrl-C ends it")
    runs = 0
    while not stop.is_set():
        now = datetime.now(UTC).replace(microsecond=0)
        session.ctx.env = session.ctx.env._replace(now=now)
        try:
            ran = send(session)
            if ran is not None and (ran.sent or ran.problems):
                emit(told(ran), session.how)
        except (DatabaseBusy, DatabaseError, Delayed) as problem:
            message(f"crm: {problem.message}")
        finally:
            session.ctx.close()
        runs += 1
        stop.wait(minutes * 60)
    return Done((f"Stopped after {runs} run{'' if runs == 1 else 's'}",))
