"""Runs that are killed lose nothing and double nothing: every delivery has one Message-ID."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from reminders_tools import PASSWORD, Mailbox, mail_server, settings_for, write_settings
from tests import engines
from tests.surroundings import context_at

from crmcli.actions.household import init
from crmcli.store.logs import logging


def fill(path: Path, number: int) -> None:
    """So many people who want mail, each with a task that is due."""
    ctx = context_at(path)
    init(ctx)
    made, numbers = "2026-03-04T09:15:00Z", range(1, number + 1)
    with logging(ctx.location) as log:
        log.executemany(
            "INSERT INTO app_user (id, name, name_key, email, channels, active, version,"
            " created_at, updated_at) VALUES (?, ?, ?, ?, 'mail', 1, 1, ?, ?)",
            [
                (n, f"p{n}", f"p{n}", f"p{n}@loopback.test", made, made)
                for n in range(1, number + 1)
            ],
        )
        log.executemany(
            "INSERT INTO task (title, due, status, priority, owner_id, version, created_at,"
            " updated_at) VALUES (?, '2026-03-04', 'open', 'normal', ?, 1, ?, ?)",
            [(f"Call {n}", n, made, made) for n in numbers],
        )


def start(path: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start `crm remind` as cron does."""
    location = engines.location_of(path)
    env = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "TZ": "UTC", "LANG": "C.UTF-8",
        "CRM_DB": location.url or str(path), "CRM_CONFIG": str(folder / "config.toml"),
        "CRM_USER": "p1", "CRM_SMTP_PASSWORD": PASSWORD,
    }  # fmt: skip
    words = [sys.executable, "-m", "crmcli", "remind"]
    return subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def states(path: Path) -> dict[str, int]:
    rows = engines.ask(path, "SELECT state, count(*) FROM reminder_message GROUP BY state")
    return dict(rows)


def check_all(path: Path, box: Mailbox, number: int) -> None:
    """Every person got theirs, under one Message-ID, which is the recorded one."""
    by_person: dict[str, set[str]] = {}
    for mail in box.mails:
        by_person.setdefault(str(mail["To"]), set()).add(str(mail["Message-ID"]))
    assert len(by_person) == number
    assert all(len(ids) == 1 for ids in by_person.values())
    recorded = {row[0] for row in engines.ask(path, "SELECT message_id FROM reminder_message")}
    assert recorded == set(box.ids)
    assert states(path) == {"sent": number}


def test_a_run_killed_between_the_answer_and_the_record_sends_it_again_under_its_id(
    db: Path, tmp_path: Path
) -> None:
    fill(db, 8)
    box = Mailbox()
    with mail_server(tmp_path, box) as (box, port):
        write_settings(tmp_path, settings_for(port, tmp_path))
        first = start(db, tmp_path)
        box.slow = lambda: first.kill() if len(box.mails) == 3 else None
        first.communicate(timeout=60)
        assert first.returncode != 0
        box.slow = lambda: None
        second = start(db, tmp_path)
        said, _none = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert sorted(Counter(box.ids).values()) == [1] * 7 + [2]
    check_all(db, box, 8)


@pytest.mark.slow
def test_runs_killed_at_random_moments_deliver_each_of_thousands_under_one_id(
    db: Path, tmp_path: Path
) -> None:
    number, dice = 2000, random.Random(20261122)
    fill(db, number)
    kills = 0
    with mail_server(tmp_path) as (box, port):
        write_settings(tmp_path, settings_for(port, tmp_path))
        while states(db) != {"sent": number}:
            runs = [start(db, tmp_path) for _ in range(dice.choice((1, 2)))]
            if kills < 25:
                time.sleep(dice.uniform(0.8, 3.0))
                for run in runs:
                    run.kill()
                kills += len(runs)
            for run in runs:
                run.communicate(timeout=300)
        check_all(db, box, number)
    doubled = len(box.ids) - len(set(box.ids))
    assert doubled <= kills, "at most the one that was on its way"
