"""Each reminder reaches each person once by each channel, whatever happens on the way."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from reminders_tools import (
    PASSWORD,
    Mailbox,
    mail_server,
    misbehaving,
    settings_for,
)
from tests import engines
from tests.surroundings import context_at

from crmcli.actions import records
from crmcli.actions.assign import Assign, read_assign
from crmcli.actions.context import Context
from crmcli.reminders import outbox, running
from crmcli.reminders.channels import mail as mail_channel
from crmcli.store.logs import logging


@pytest.fixture
def team(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Context:
    """Ada and Grace, who want mail; a task of each that is due."""
    monkeypatch.setenv("CRM_SMTP_PASSWORD", PASSWORD)
    for name in ("ada", "grace"):
        words = [f"email={name}@loopback.test", "channels=mail"]
        records.add(ctx, "user", [read_assign(word) for word in words], title=name)
    for name in ("ada", "grace"):
        add_task(ctx, f"Call for {name}", name)
    return ctx


def add_task(ctx: Context, title: str, owner: str, due: str = "2026-03-04") -> None:
    words = [f"due={due}", f"owner={owner}"]
    records.add(ctx, "task", [read_assign(word) for word in words], title=title)


def later(ctx: Context, **length: float) -> Context:
    """The same surroundings some time later."""
    found = replace(ctx, env=ctx.env._replace(now=ctx.env.now + timedelta(**length)))
    found._reader = None
    return found


def run(ctx: Context) -> running.Ran:
    def clock() -> datetime:
        return ctx.env.now

    return running.run(ctx, clock=clock)


def states(ctx: Context) -> Counter[str]:
    found = engines.ask(ctx.location.path, "SELECT state FROM reminder_message")
    return Counter(row[0] for row in found)


def test_each_gets_theirs_once_however_often_it_runs(team: Context, tmp_path: Path) -> None:
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        first = run(team)
        again = [run(later(team, minutes=minute)) for minute in (1, 60, 60 * 24)]
    assert (first.sent, first.failed, first.delayed) == (2, 0, 0)
    assert [ran.sent for ran in again] == [0, 0, 0]
    assert sorted(str(mail["To"]) for mail in box.mails) == [
        "ada <ada@loopback.test>",
        "grace <grace@loopback.test>",
    ]
    assert states(team) == {"sent": 2}


def test_a_task_put_off_is_told_of_again(team: Context, tmp_path: Path) -> None:
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        run(team)
        records.edit(team, ["t1"], [Assign("due", "=", None, "2026-03-05")])
        assert run(later(team, days=1)).sent == 1
    assert len(set(box.ids)) == len(box.ids) == 3


def test_a_mail_says_what_is_needed_and_no_name_makes_a_header(
    team: Context, tmp_path: Path
) -> None:
    hostile = "Bcc: all@x.test\r\nX-Evil: 1 <b>bold</b>"
    words = ["email=eve@x.test", "phone=+44 20 7946 0958"]
    records.add(team, "contact", [read_assign(word) for word in words], title="Eve Hostile")
    task = [Assign("title", "=", None, hostile), read_assign("due=2026-03-04")]
    records.add(team, "task", [*task, read_assign("contact=c1"), read_assign("owner=ada")])
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        run(team)
    mail = next(mail for mail in box.mails if "ada" in str(mail["To"]))
    assert mail["Bcc"] is None
    assert mail["X-Evil"] is None
    body = mail.get_body(("plain",))
    page = mail.get_body(("html",))
    assert body is not None
    assert page is not None
    assert "+442079460958" in body.get_content()
    assert "crm done t3" in body.get_content()
    assert "<b>" not in page.get_content()


def test_two_runs_at_the_same_second_do_not_double(team: Context, tmp_path: Path) -> None:
    for number in range(8):
        add_task(team, f"Task {number}", "ada")
    records.edit(team, ["u1"], [Assign("one_each", "=", None, "yes")])
    with mail_server(tmp_path) as (box, port):
        ctxs = [context_at(team.location.path) for _ in range(4)]
        for ctx in ctxs:
            ctx.settings = settings_for(port, tmp_path)
        threads = [threading.Thread(target=run, args=(ctx,)) for ctx in ctxs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(box.ids) == len(set(box.ids)) == 9 + 1
    assert states(team) == {"sent": 10}


def test_a_message_accepted_but_not_recorded_goes_again_with_its_id(
    team: Context, tmp_path: Path
) -> None:
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        run(team)
        # As a run leaves it that is killed between the server's answer and its record.
        with logging(team.location) as log:
            log.execute(
                "UPDATE reminder_message SET state = 'sending', claimed_by = 'gone 1 x',"
                " claimed_at = '2026-03-04T09:15:00Z' WHERE id = 1"
            )
        assert run(later(team, minutes=1)).sent == 0, "a claim of another machine holds"
        assert run(later(team, minutes=16)).sent == 1
    assert Counter(box.ids)[box.ids[0]] == 2
    assert len(set(box.ids)) == 2


def test_one_recipient_that_is_refused_leaves_the_others_theirs(
    team: Context, tmp_path: Path
) -> None:
    box = Mailbox()
    box.refuse.add("ada@loopback.test")
    with mail_server(tmp_path, box) as (box, port):
        team.settings = settings_for(port, tmp_path)
        ran = run(team)
    assert (ran.sent, ran.failed) == (1, 1)
    assert "550" in ran.problems[0]
    assert [str(mail["To"]) for mail in box.mails] == ["grace <grace@loopback.test>"]


def test_a_server_that_refuses_for_an_hour_is_met_with_back_off_then_failure(
    team: Context, tmp_path: Path
) -> None:
    box = Mailbox()
    box.answers = ["451 4.7.1 try later"] * 1000
    tried = []
    with mail_server(tmp_path, box) as (box, port):
        team.settings = settings_for(port, tmp_path)
        for minute in range(0, 90, 1):
            ran = run(later(team, minutes=minute))
            if ran.delayed or ran.failed:
                tried.append(minute)
        assert states(team) == {"failed": 2}
        assert len(tried) == len(outbox.BACK_OFF) + 1
        assert [b - a for a, b in pairwise(tried)] == [1, 2, 5, 10, 20, 30]
        box.answers = []
        from crmcli.reminders.status import retry

        at_last = later(team, minutes=100)
        assert retry(at_last).data["messages"] == 2
        assert run(at_last).sent == 2
    assert len(set(box.ids)) == 2


def test_a_server_that_ends_the_connection_after_each_mail_still_gets_all(
    team: Context, tmp_path: Path
) -> None:
    with mail_server(tmp_path) as (box, port):
        box.hangs_up = True
        team.settings = settings_for(port, tmp_path)
        ran = run(team)
    assert (ran.sent, ran.delayed) == (2, 0)
    assert len(set(box.ids)) == 2


def test_what_is_tried_again_waits_for_the_end_of_quiet_hours(
    team: Context, tmp_path: Path
) -> None:
    box = Mailbox()
    box.answers = ["451 4.7.1 try later"] * 2
    records.edit(team, ["u1"], [Assign("quiet_hours", "=", None, "10:16-12:00")])  # it is 10:15
    with mail_server(tmp_path, box) as (box, port):
        team.settings = settings_for(port, tmp_path)
        assert run(team).delayed == 2
        assert run(later(team, minutes=5)).sent == 1
        assert [str(mail["To"]) for mail in box.mails] == ["grace <grace@loopback.test>"]
        assert run(later(team, minutes=105)).sent == 1


def test_a_claim_counts_as_gone_only_where_its_process_is_known_to_have_ended() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    machine = outbox.claimant().split()[0]
    assert outbox._is_gone(f"{machine} {ended.pid} x")
    assert not outbox._is_gone(f"{machine} {os.getpid()} x")
    assert not outbox._is_gone(f"{socket.gethostname()} {ended.pid} x"), "another of this name"


def _garbage(connection: socket.socket) -> None:
    connection.sendall(b"\xff\xfe\x00 what do you want\r\n" * 3)
    time.sleep(0.2)


def _drop(connection: socket.socket) -> None:
    connection.sendall(b"220 hello\r\n")
    connection.recv(100)


def _hang(connection: socket.socket) -> None:
    time.sleep(30)


def _drip(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"2")
        time.sleep(0.05)


def _no_tls(connection: socket.socket) -> None:
    connection.sendall(b"220 hello\r\n")
    while connection.recv(1000):
        connection.sendall(b"250 fine\r\n")


@pytest.mark.parametrize("serve", [_garbage, _drop, _hang, _drip, _no_tls])
def test_a_server_that_misbehaves_costs_bounded_time_and_loses_nothing(
    team: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Any
) -> None:
    monkeypatch.setattr(mail_channel, "_STEP", 0.5)
    monkeypatch.setattr(mail_channel, "LONGEST", 1.0)
    with misbehaving(serve) as port:
        team.settings = settings_for(port, tmp_path)
        begun = time.monotonic()
        ran = run(team)
        assert time.monotonic() - begun < 8
    assert (ran.sent, ran.failed, ran.delayed) == (0, 0, 2)
    assert states(team) == {"pending": 2}
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        assert run(later(team, minutes=2)).sent == 2
    assert len(box.ids) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"smtp_host": None}, "no mail server is named"),
        ({"mail_from": None, "smtp_user": None}, "sender"),
        ({"smtp_host": "nowhere.invalid"}, "the mail server"),
        ({"smtp_ca_file": None}, "encryption"),
        ({"smtp_ca_file": "/nowhere"}, "smtp_ca_file"),
        ({"smtp_password_command": "false"}, "smtp_password_command"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_and_nothing_is_sent(
    team: Context,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    says: str,
) -> None:
    if "smtp_password_command" in change:
        monkeypatch.delenv("CRM_SMTP_PASSWORD")
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path) | change
        ran = run(team)
    assert not box.mails
    assert ran.delayed == 2
    (problem,) = ran.problems
    assert says in problem
    assert "\n" not in problem


def test_a_wrong_password_is_refused_and_never_shown(
    team: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SMTP_PASSWORD", "s3cr3t-and-wrong")
    with mail_server(tmp_path) as (box, port):
        team.settings = settings_for(port, tmp_path)
        ran = run(team)
    assert not box.mails
    assert "user or the password" in ran.problems[0]
    notes = engines.ask(team.location.path, "SELECT note FROM reminder_run")
    errors = engines.ask(team.location.path, "SELECT error FROM reminder_message")
    assert "s3cr3t" not in f"{ran}{notes}{errors}"
