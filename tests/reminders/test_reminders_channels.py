"""The other channels, templates and secrets; the job and the watch as people run them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from reminders_tools import settings_for, write_settings
from tests import engines
from tests.surroundings import Crm, context_at

from crmcli.actions import journal, records
from crmcli.actions.assign import read_assign
from crmcli.actions.context import Context
from crmcli.data_rules import read_rules
from crmcli.errors import BrokenRule, CrmError, Delayed, InvalidValue
from crmcli.exchange.calendars import import_calendar
from crmcli.reminders import running
from crmcli.reminders.channels import Recipient, desktop, mail, program, webhook
from crmcli.reminders.outbox import Message
from crmcli.reminders.secrets import secret

ITEM: dict[str, Any] = {
    "handle": "t1", "rule": "tasks", "title": "Call <Ada>", "when": "2026-03-04", "shown": "today",
    "overdue": False, "contact": "Ada Lovelace", "contact_handle": "c1", "phone": "+442079460958",
    "email": None, "company": "Acme", "deal": None, "deal_handle": None,
    "last_talk": "call yesterday: price", "command": "crm done t1",
}  # fmt: skip
MESSAGE = Message(1, 1, "mail", "single", "<x@y>", [ITEM], [], 0, "2026-03-04T09:15:00Z")
ADA = Recipient("ada", "Ada King", "ada@x.test")


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@contextmanager
def web_server(answers: list[int]) -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(answers.pop(0) if answers else 204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", got
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_gets_signed_json_and_what_it_answers_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_WEBHOOK_SECRET", "key")
    with web_server([204, 500, 400]) as (url, got):
        channel = webhook.make(settings_for(0, tmp_path, webhook_url=url))
        channel.send(MESSAGE, ADA)
        with pytest.raises(Delayed):
            channel.send(MESSAGE, ADA)
        with pytest.raises(CrmError) as refused:
            channel.send(MESSAGE, ADA)
    assert refused.value.code == "refused"
    headers, body = got[0]
    assert json.loads(body)["items"][0]["title"] == "Call <Ada>"
    assert headers["Idempotency-Key"] == "<x@y>"
    wanted = webhook.signature("key", headers["X-Crm-Timestamp"], body)
    assert headers["X-Crm-Signature"] == wanted


def test_a_program_gets_json_and_its_status_counts(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    good = script(tmp_path / "good", f"cat > {kept}")
    program.make(settings_for(0, tmp_path, remind_program=str(good))).send(MESSAGE, ADA)
    assert json.loads(kept.read_text())["person"]["name"] == "ada"
    for status, code in ((65, "refused"), (1, "delayed")):
        bad = script(tmp_path / "bad", f"exit {status}")
        with pytest.raises(CrmError) as caught:
            program.make(settings_for(0, tmp_path, remind_program=str(bad))).send(MESSAGE, ADA)
        assert caught.value.code == code


def test_sendmail_gets_a_whole_mail(tmp_path: Path) -> None:
    kept = tmp_path / "mail"
    tool = script(tmp_path / "sendmail", f'echo "$@" > {kept}.args; cat > {kept}')
    mail.make(settings_for(0, tmp_path, sendmail=str(tool))).send(MESSAGE, ADA)
    assert "Message-ID: <x@y>" in kept.read_text()
    assert (tmp_path / "mail.args").read_text() == "-i -- ada@x.test\n"
    with pytest.raises(Delayed, match="setting sendmail"):
        mail.make(settings_for(0, tmp_path, sendmail="'half")).send(MESSAGE, ADA)


def test_texts_never_become_options_or_scripts_of_the_desktop() -> None:
    for platform in ("linux", "darwin", "win32"):
        words = desktop.command("--title", '"; do shell script "x', platform)
        options = words[: words.index("--")] if "--" in words else words
        assert "--title" not in options
        assert not any("do shell script" in word for word in options)
    words = desktop.command("title", r"<b>Ada</b> & \033", "linux")
    assert words[-1] == r"&lt;b&gt;Ada&lt;/b&gt; &amp; \\033"


def test_a_team_changes_what_mails_say_and_a_wrong_template_sends_nothing(tmp_path: Path) -> None:
    settings = settings_for(0, tmp_path, remind_templates=str(tmp_path))
    (tmp_path / "mail.html").write_text("{% for i in items %}<b>{{ i.title }}</b>{% endfor %}")
    (tmp_path / "subject.txt").write_text("{{ items|length }} for {{ person }}\nBcc: x@y")
    made = mail.composed(settings, MESSAGE, ADA)
    page = made.get_body(("html",))
    assert page is not None
    assert "<b>Call &lt;Ada&gt;</b>" in page.get_content()
    assert made["Subject"] == "1 for Ada King Bcc: x@y"
    assert made["Bcc"] is None
    for text in ("{% for %}", "{{ nothing.here }}", "{{ person.__class__.__mro__ }}"):
        (tmp_path / "mail.txt").write_text(text)
        with pytest.raises(Delayed, match="template"):
            mail.composed(settings, MESSAGE, ADA)


def test_secrets_come_from_a_command_and_its_output_is_never_told(tmp_path: Path) -> None:
    tool = script(tmp_path / "pass", "echo hunter2; echo more")
    settings = settings_for(0, tmp_path, smtp_password_command=str(tool))
    assert secret(settings, "smtp_password", "x@y") == "hunter2"
    script(tool, "echo hunter2; exit 3")
    with pytest.raises(CrmError) as caught:
        secret(settings, "smtp_password", "x@y")
    assert "hunter2" not in str(caught.value)


# --- the program


def test_the_job_is_shown_installed_and_taken_away_alone(
    crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "table"
    table.write_text("0 1 * * * mine\n")
    script(tmp_path / "crontab", f'if [ "$1" = -l ]; then cat {table}; else cat > {table}; fi')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    crm("init")
    assert crm("remind", "--install", "--how", "cron", "--dry-run").status == 0
    assert table.read_text() == "0 1 * * * mine\n"
    assert crm("remind", "--install", "--how", "cron").status == 2, "nobody was there to agree"
    for _twice in range(2):
        assert crm("remind", "--install", "--how", "cron", "--yes", "--every", "5").status == 0
    first, second = table.read_text().splitlines()
    assert first == "0 1 * * * mine"
    assert second.startswith("*/5 * * * * CRM_DB=")
    command = second.partition(" * * * * ")[2].partition("* ")[2] or second.split(" ", 5)[5]
    bare = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh"}
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    tried = crm("remind", "--uninstall", "--how", "cron", "--dry-run")
    assert "took away" in tried.out
    assert table.read_text().splitlines() == [first, second]
    assert crm("remind", "--uninstall", "--how", "cron").status == 0
    assert table.read_text() == "0 1 * * * mine\n"
    script(
        tmp_path / "crontab", f'if [ "$1" = -l ]; then echo denied >&2; exit 1; fi; cat > {table}'
    )
    refused = crm("remind", "--install", "--how", "cron", "--yes")
    assert (refused.status, "denied" in refused.err) == (1, True)
    assert table.read_text() == "0 1 * * * mine\n", "what cannot be read is not replaced"


def test_what_cannot_be_sent_ends_with_one_and_the_doctor_says_so(crm: Crm, db: Path) -> None:
    crm("add-user", "ada", "--email", "ada@x.test", "--channels", "mail")
    crm("add-task", "Call", "--due", "today", "--owner", "ada")
    assert "has not run yet" in crm("doctor").out
    ran = crm("remind")
    assert ran.status == 1
    assert "sender" in ran.err
    assert ran.out == "", "what goes by mail is not printed"
    assert "send ada by mail" not in crm("remind", "--dry-run").out, "it is planned already"
    assert "sender" in crm("remind", "--status").out
    assert "pending" in crm("reminders", "show", "t1").out
    assert crm("remind", "--every", "x", "--watch").status == 2
    assert crm("remind", "--watch", "--dry-run").status == 2
    with engines.connected(db) as connection:
        connection.execute("UPDATE reminder_message SET state = 'failed'")
    assert "1 message" in crm("remind", "--retry", "--dry-run").out
    assert "1 message" in crm("remind", "--retry").out, "the first one only told so"
    feed = db.with_name("crm.ics")
    assert "wrote 1 entry" in crm("remind", "--calendar", str(feed), "--dry-run").out
    assert not feed.exists()
    assert crm("remind", "--interactive").status == 2


def test_the_watch_goes_on_and_stops_when_it_is_told(db: Path, tmp_path: Path) -> None:
    ctx = context_at(db)
    kept = tmp_path / "kept"
    tool = script(tmp_path / "tool", f"cat >> {kept}")
    write_settings(tmp_path, settings_for(0, tmp_path, remind_program=str(tool)))
    records.add(ctx, "user", [read_assign("channels=program")], title="ada")
    records.add(ctx, "task", [read_assign("due=2026-03-04")], title="Call")
    words = [sys.executable, "-m", "crmcli", "remind", "--watch", "--every", "1"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as watching:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not kept.exists():
            time.sleep(0.1)
        time.sleep(0.5)
        watching.send_signal(signal.SIGTERM)
        out, _err = watching.communicate(timeout=30)
    assert watching.returncode == 0
    assert b"Stopped after 1 run" in out
    assert json.loads(kept.read_text())["items"][0]["title"] == "Call"


def test_all_channels_of_a_person_get_it_once(ctx: Context, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    tool = script(tmp_path / "tool", f"cat >> {kept}; echo >> {kept}")
    records.add(ctx, "user", [read_assign("channels=program,webhook")], title="ada")
    records.add(ctx, "task", [read_assign("due=2026-03-04")], title="Call")
    with web_server([]) as (url, got):
        ctx.settings |= {"remind_program": str(tool), "webhook_url": url}
        ran = [running.run(ctx, clock=lambda: ctx.env.now) for _ in range(3)]
    assert [(each.sent, each.problems) for each in ran] == [(2, ()), (0, ()), (0, ())]
    assert len(got) == len(kept.read_text().splitlines()) == 1


# --- calendars in


def calendar(*events: str) -> str:
    stamp = "DTSTAMP:20260101T000000Z"
    parts = "".join(f"BEGIN:VEVENT\n{stamp}\n{each}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{parts}END:VCALENDAR\n"


ONE = (
    "UID:one\nDTSTART:20260310T090000Z\nDTEND:20260310T103000Z\nSUMMARY:Demo\n"
    "ATTENDEE:mailto:ADA@acme.com\nATTENDEE:mailto:who@x.test"
)
WEEKLY = "UID:two\nDTSTART;TZID=Europe/Berlin:20260105T090000\nRRULE:FREQ=WEEKLY\nSUMMARY:Weekly"
MOVED = (
    "UID:two\nRECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\n"
    "DTSTART;TZID=Europe/Berlin:20260310T140000\nSUMMARY:Moved"
)


def test_a_calendar_makes_meetings_and_updates_them_by_their_uid(
    ctx: Context, tmp_path: Path
) -> None:
    words = ["email=ada@acme.com", "company=Acme"]
    records.add(ctx, "contact", [read_assign(word) for word in words], title="Ada")
    path = tmp_path / "team.ics"
    path.write_text(calendar(ONE, WEEKLY, MOVED))
    first = import_calendar(ctx, path)
    assert first.created == 19, "Demo, and each Monday from 2 February to 1 June"
    assert import_calendar(ctx, path).change_set is None
    sql = "SELECT at, duration, contacts, company FROM activities WHERE subject = 'Demo'"
    ((at, minutes, contacts, company),) = engines.ask(ctx.location.path, sql)
    assert (at, minutes, company) == ("2026-03-10T09:00:00Z", 90, "Acme")
    assert "Ada" in contacts
    weekly = "SELECT at FROM activity WHERE subject = 'Weekly' ORDER BY at"
    times = [row[0] for row in engines.ask(ctx.location.path, weekly)]
    assert "2026-03-09T08:00:00Z" not in times, "that one was moved"
    assert {"2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z"} <= set(times), "summer begins"
    path.write_text(calendar(ONE.replace("T09", "T08"), WEEKLY, MOVED, "UID:x\nSTATUS:CANCELLED"))
    assert import_calendar(ctx, path).updated == 1
    path.write_text(calendar(ONE + "\nSTATUS:CANCELLED"))
    last = import_calendar(ctx, path)
    assert (first.handle, last.handle) == ("i1", "i3")
    assert (last.updated, last.warnings) == (1, (("cancelled meeting", 1),))
    journal.undo(ctx, last.handle)
    journal.undo(ctx, first.handle)
    left = engines.ask(ctx.location.path, "SELECT subject FROM activities WHERE deleted_at IS NULL")
    assert left == [("Demo",)], "what i2 changed is kept"


def test_a_calendar_keeps_to_the_teams_rules(ctx: Context, tmp_path: Path) -> None:
    rule = {"record": "activity", "require": "company"}
    ctx.settings["rules"] = read_rules([rule])
    path = tmp_path / "team.ics"
    path.write_text(calendar(ONE))
    with pytest.raises(BrokenRule):
        import_calendar(ctx, path)
    assert engines.ask(ctx.location.path, "SELECT id FROM activity") == []
    ctx.settings["rules"] = read_rules([{**rule, "severity": "warning"}])
    ((warning, _once),) = import_calendar(ctx, path).warnings
    assert "company" in warning


@pytest.mark.parametrize("text", ["", "garbage", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "\x00\xff"])
def test_what_is_no_calendar_is_refused_in_a_line(ctx: Context, tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ics"
    path.write_text(text)
    with pytest.raises(InvalidValue) as caught:
        import_calendar(ctx, path)
    assert "\n" not in caught.value.message
