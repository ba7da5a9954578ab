"""A process that writes, or one that reads, while others do: `python worker.py write|read …`.

write ME COUNT FOLDER: COUNT mixed writes as user ME; each one that was acknowledged is a JSON line
in FOLDER/ME.jsonl. read ME FOLDER: read until FOLDER/stop is there; ends with status 1 when a read
sees a part of an import.
"""

from __future__ import annotations

import csv
import json
import os
import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crmcli.actions import day, journal, records
from crmcli.actions.assign import Assign
from crmcli.actions.context import Context
from crmcli.actions.show import show
from crmcli.catalog import BY_NAME
from crmcli.config import load
from crmcli.exchange.importing import import_file
from crmcli.queries.listing import listing
from crmcli.store.location import locate
from crmcli.values import Env

BATCH, COMMON = 45, 5  # rows of an import: of its own, and those that every import has
STAGES = ("qualified", "proposal", "negotiation")


def context(user: str) -> Context:
    """Surroundings at the present moment, on the database that CRM_DB names."""
    return Context(
        location=locate(os.environ["CRM_DB"]),
        env=Env(datetime.now(UTC), UTC, region="GB", currency="EUR"),
        settings=load(Path(os.environ["CRM_CONFIG"])),
        user=user,
        command="crm stress",
    )


class Worker:
    """One user who writes all day."""

    def __init__(self, me: str, folder: Path) -> None:
        self.me, self.folder = me, folder
        self.chance = random.Random(me)
        self.own: list[str] = []
        self.imported = ""

    def work(self, number: int) -> dict[str, Any]:
        """Do the write of this number; what was acknowledged."""
        self.ctx = context(self.me)
        act = (self.add, self.edit, self.note, self.log, self.move,
               self.add, self.tag, self.load, self.collide, self.undo)[number % 10]  # fmt: skip
        return {"what": act.__name__, "n": number, **act(f"{self.me} {number}")}

    def add(self, key: str) -> dict[str, Any]:
        """A person of a company that others make at the same time."""
        email = f"p.{key.replace(' ', '.')}@example.org"
        assigns = [Assign("email", "=", None, email),
                   Assign("company", "=", None, f"Company {len(key) % 3}{key[-1]}")]  # fmt: skip
        done = records.add(self.ctx, "contact", assigns, title=f"Person {key}")
        self.own.append(done.records[-1])
        return {"set": done.change_set, "handle": done.records[-1], "key": key}

    def edit(self, key: str) -> dict[str, Any]:
        """A new title for somebody of one's own."""
        handle = self.chance.choice(self.own)
        done = records.edit(self.ctx, [handle], [Assign("title", "=", None, f"Title {key}")])
        return {"set": done.change_set, "handle": handle, "title": f"Title {key}"}

    def note(self, key: str) -> dict[str, Any]:
        """A line of notes on the record that all write to."""
        done = records.edit(self.ctx, ["c1"], [Assign("notes", "+=", None, f"note {key}")])
        return {"set": done.change_set, "line": f"note {key}"}

    def collide(self, key: str) -> dict[str, Any]:
        """A field that all change."""
        done = records.edit(self.ctx, ["c1"], [Assign("department", "=", None, key)])
        return {"set": done.change_set}

    def log(self, key: str) -> dict[str, Any]:
        """A call with the record that all write to."""
        done = day.log(self.ctx, "call", ["c1"], f"call {key}", {})
        return {"set": done.change_set, "subject": f"call {key}"}

    def move(self, key: str) -> dict[str, Any]:
        """The deal that all move."""
        done = day.move(self.ctx, ["d1"], self.chance.choice(STAGES))
        return {"set": done.change_set}

    def tag(self, key: str) -> dict[str, Any]:
        """A tag that others put on and take off, too."""
        act = self.chance.choice((records.tag, records.tag, records.untag))
        return {"set": act(self.ctx, ["c1"], [f"tag{self.chance.randrange(4)}"]).change_set}

    def load(self, key: str) -> dict[str, Any]:
        """An import of 50 people, five of whom everybody imports."""
        path = self.folder / f"{key.replace(' ', '-')}.csv"
        with path.open("w", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(["Name", "Email", "Job title"])
            for row in range(BATCH):
                mail = f"b.{key.replace(' ', '.')}.{row}@example.org"
                sheet.writerow([f"Batch {key} {row}", mail, f"batch {key}"])
            for row in range(COMMON):
                sheet.writerow([f"Common {row}", f"common{row}@example.org", ""])
        found = import_file(self.ctx, path)
        assert found.created + found.unchanged == BATCH + COMMON, found
        self.imported = found.change_set or ""
        return {"set": found.change_set, "title": f"batch {key}"}

    def undo(self, key: str) -> dict[str, Any]:
        """Take back one's last change, or every other time the last import."""
        whole = int(key.rsplit(" ", 1)[-1]) % 20 == 19
        done = journal.undo(self.ctx, self.imported if whole else None)
        return {"set": done.change_set, "of": done.data["of"]}


def write(me: str, count: str, folder: str) -> None:
    """Do the writes, noting each that was acknowledged."""
    worker = Worker(me, Path(folder))
    with (Path(folder) / f"{me}.jsonl").open("w") as notes:
        for number in range(int(count)):
            print(json.dumps(worker.work(number)), file=notes, flush=True)


def read(me: str, folder: str) -> None:
    """Read until told to stop; how often is printed."""
    reads, last = 0, 0
    while not (Path(folder) / "stop").exists():
        ctx = context(me)
        parts = ctx.reader.rows(
            "SELECT title, count(*) FROM contacts WHERE title LIKE 'batch %'"
            " AND deleted_at IS NULL GROUP BY title HAVING count(*) <> ?",
            (BATCH,),
        )
        assert not parts, f"a part of an import was seen: {parts}"
        listing(ctx.reader, ctx.env, BY_NAME["contact"], ["person"], limit=20)
        show(ctx, "c1")
        newest = journal.history(ctx, (), 1).total
        assert newest >= last, "history went back"
        last, reads = newest, reads + 4
        ctx.close()
        time.sleep(0.2)
    print(reads)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](*sys.argv[2:])
