"""`crm remind --interactive`: one reminder after the other, with what can be done about it."""

from __future__ import annotations

from typing import Any

from crmcli.cli.session import Session, ask
from crmcli.errors import CrmError, Declined, UsageError
from crmcli.reminders.details import Detail
from crmcli.results import Done, Fact, Screen

_KEYS = "[d]one [s]nooze [l]og a call [o]pen [n]ext [q]uit"


def step_through(session: Session, owner: str | None) -> Any:
    """Show each item that is owed, ask what to do, do it. Raises UsageError off a terminal."""
    if not session.interactive:
        raise UsageError("--interactive needs a terminal", hint="`crm remind` prints the list")
    from crmcli.output import emit
    from crmcli.reminders.screen import owed_to

    shown: set[str] = set()
    answered = 0
    # looked up anew each time: an answer to one may settle another
    while ahead := [d for d in owed_to(session.ctx, owner) if d.item.key not in shown]:
        if shown:
            emit(Done(("",)), session.how)
        place = f"{len(shown) + 1} of {len(shown) + len(ahead)}"
        shown.add(ahead[0].item.key)
        emit(_card(ahead[0], place, session), session.how)
        try:
            answered += _ask(session, ahead[0])
        except Declined:
            break
    left = len(owed_to(session.ctx, owner))
    return Done((f"{answered} answered, {left} left" if shown else "Nothing is due",))


def _card(detail: Detail, place: str, session: Session) -> Screen:
    plain = detail.plain(session.ctx.env)
    labels = {
        "shown": "When", "contact": "Who", "company": "Company", "phone": "Phone",
        "email": "Mail", "deal": "Deal", "last_talk": "Last talk", "command": "Command",
    }  # fmt: skip
    facts = tuple(Fact(name, "text", label, plain[name]) for name, label in labels.items())
    subtitle = f"{place} · {detail.item.rule}{' · overdue' if detail.overdue else ''}"
    return Screen("card", detail.item.title, subtitle, detail.item.handle, facts)


def _ask(session: Session, detail: Detail) -> bool:
    """Do what somebody chooses, and ask again where that cannot be done; returns whether something
    was. Declined to end it all."""
    from crmcli.output import emit, error

    while True:
        answer = ask(f"{_KEYS}? ").casefold()[:1]
        if answer == "q":
            raise Declined("nothing was changed")
        if answer in ("n", ""):
            return False
        if answer == "o":
            _open(session, detail)
        elif answer in _DEEDS:
            try:
                done = _DEEDS[answer](session, detail)
            except Declined:
                raise
            except CrmError as problem:
                error(problem, session.how)
                continue
            emit(done, session.how)
            return True


def _done(session: Session, detail: Detail) -> Done:
    from crmcli.actions import day
    from crmcli.reminders import holding

    handle = detail.item.handle
    if detail.item.noun in ("task", "activity"):
        return day.done(session.ctx, [handle])
    return holding.drop(session.ctx, handle)


def _snooze(session: Session, detail: Detail) -> Done:
    from crmcli.reminders import holding

    when = ask("Until when? ") or "tomorrow"
    return holding.snooze(session.ctx, [detail.item.handle], when)


def _log(session: Session, detail: Detail) -> Done:
    from crmcli.actions import day

    who = detail.contact_handle or detail.deal_handle or detail.item.handle
    text = ask("What came of it? ") or detail.item.title
    options = {"deal": detail.deal_handle}
    logged = day.log(session.ctx, "call", [who], text, options)
    if detail.item.noun == "task":
        settled = day.done(session.ctx, [detail.item.handle])
        logged = logged._replace(lines=(*logged.lines, *settled.lines))
    return logged


def _open(session: Session, detail: Detail) -> None:
    from crmcli.actions.show import show
    from crmcli.output import emit

    emit(show(session.ctx, detail.contact_handle or detail.item.handle), session.how)


_DEEDS = {"d": _done, "s": _snooze, "l": _log}
