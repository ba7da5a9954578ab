"""The program as a process: pipes, interrupts, terminals, encodings."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.surroundings import Crm

from crmcli.output.text import width

pytestmark = pytest.mark.sqlite_only

SOURCE = Path(__file__).parents[2] / "src"
PROGRAM = [sys.executable, "-m", "crmcli"]


@pytest.fixture(autouse=True)
def source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))


def run(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    spec: dict[str, object] = {"capture_output": True, "text": True, "timeout": 60, **options}
    return subprocess.run([*PROGRAM, *words], check=False, **spec)  # type: ignore[call-overload,no-any-return]


def test_the_module_is_the_program(db: Path) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "crm 0.1.0\n", "")


def test_a_reader_that_leaves_early_is_no_error(crm: Crm) -> None:
    for number in range(3):
        crm("add-contact", f"Person {number} {'x' * 9000}")
    script = f"{sys.executable} -m crmcli contacts --format csv --columns name,notes | head -c 9"
    for _turn in range(3):
        done = subprocess.run(
            ["/bin/bash", "-c", f"set -o pipefail; {script}"], capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
@pytest.mark.parametrize("words", [["contacts"], ["contacts", "--json"], ["show", "c1"], ["-h"]])
def test_output_that_finds_no_room_is_no_bug(crm: Crm, words: list[str]) -> None:
    crm("add-contact", "Ada")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "the output could not be written: No space left on device" in done.stderr
    assert "bug" not in done.stderr


def test_streams_may_be_closed(crm: Crm) -> None:
    crm("add-contact", "Ada")
    program = shlex.join(PROGRAM)
    for words, status in (("add-contact Grace <&- >&- 2>&-", 0), ("show c99 <&- >&-", 3)):
        done = subprocess.run(["/bin/sh", "-c", f"{program} {words}"], capture_output=True,
                              text=True, check=False)  # fmt: skip
        assert (done.returncode, "Traceback" in done.stderr) == (status, False)
    assert "Grace" in crm("contacts").out


def test_words_that_are_not_text_are_refused(db: Path) -> None:
    done = subprocess.run([*PROGRAM, b"add-contact", b"A\xff"], capture_output=True, check=False,
                          env={**os.environ, "PYTHONUTF8": "1"})  # fmt: skip
    assert done.returncode == 2
    assert b"encoding" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_old_terminals_encoding_is_no_error(crm: Crm) -> None:
    crm("add-contact", "Zoë 日本 😀")
    done = run("show", "c1", env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "Zo" in done.stdout
    done = run("show", "ß", env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 3


def test_ctrl_c_is_quiet_and_changes_nothing(crm: Crm, tmp_path: Path) -> None:
    crm("add-contact", "Ada")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    holder = os.open(fifo, os.O_RDWR)
    process = subprocess.Popen(
        [*PROGRAM, "delete", "-"], stdin=holder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    os.close(holder)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert crm("contacts", "--format", "ids").out == "c1\n"


# --- on a terminal


class Terminal:
    """The program on a pseudo terminal."""

    def __init__(self, *words: str) -> None:
        pid, self.fd = pty.fork()
        if pid == 0:
            os.execvpe(sys.executable, [*PROGRAM, *words], {**os.environ, "TERM": "xterm"})
        self.pid = pid
        self.seen = ""

    def until(self, text: str) -> str:
        """What has appeared, once `text` has."""
        end = time.monotonic() + 20
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(end - time.monotonic(), 0))[0]:
                pytest.fail(f"{text!r} did not appear in {self.seen!r}")
            self.seen += os.read(self.fd, 4096).decode()
        return self.seen

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.fd, text.encode() + b"\n")

    def end(self) -> int:
        """The exit status, after the rest has appeared."""
        while True:
            try:
                chunk = os.read(self.fd, 4096)
            except OSError:
                break
            if not chunk:
                break
            self.seen += chunk.decode()
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.fixture
def adas(crm: Crm) -> Crm:
    crm("add-contact", "Ada Lovelace", "--email", "ada@acme.com")
    crm("add-contact", "Ada Byron")
    return crm


@pytest.mark.parametrize(("answer", "handle"), [("2", "c2"), ("c1", "c1"), ("9\n1", "c1")])
def test_an_ambiguous_name_is_asked_for(adas: Crm, answer: str, handle: str) -> None:
    terminal = Terminal("tag", "ada", "x")
    terminal.until("Which one?")
    assert "  1  c" in terminal.seen
    assert "  2  c" in terminal.seen
    order = re.findall(r"^ +\d  (c\d)", terminal.seen, re.MULTILINE)
    wanted = order[int(answer[-1]) - 1] if not answer.startswith("c") else answer
    terminal.type(answer)
    assert terminal.end() == 0
    assert adas("contacts", "tag:x", "--format", "ids").out.split() == [wanted]


def test_those_to_choose_from_stand_in_columns_and_once(crm: Crm) -> None:
    for number, name in enumerate(("Ada Lovelace", "Ádá Byron", "阿达 Ada")):
        crm("add-contact", name, "--company", f"Acme {number}")
    terminal = Terminal("show", "ada")
    terminal.until("Which one?")
    terminal.type("")
    terminal.end()
    head, *lines = terminal.seen.replace("\r", "").splitlines()[:4]
    assert head == '"ada" fits 3 records'
    assert {width(line.partition("Acme")[0]) for line in lines} == {23}


def test_no_answer_changes_nothing(adas: Crm) -> None:
    terminal = Terminal("tag", "ada", "x")
    terminal.until("Which one?")
    terminal.type("")
    assert terminal.end() == 1
    assert "nothing was changed" in terminal.seen


def test_a_part_of_a_name_is_asked_about_before_a_write(adas: Crm) -> None:
    for answer, status, tagged in (("n", 1, []), ("", 0, ["c2"])):
        terminal = Terminal("tag", "byron", "x")
        terminal.until("Is it this one?")
        terminal.type(answer)
        assert terminal.end() == status
        assert adas("contacts", "tag:x", "--format", "ids").out.split() == tagged


def test_a_bulk_change_is_asked_about(adas: Crm) -> None:
    for answer, status, left in (("", 1, 2), ("no", 1, 2), ("yes", 0, 0)):
        terminal = Terminal("delete", "contacts", "--where", "ada")
        terminal.until("Delete 2 contacts (")
        terminal.until("[y/N]")
        terminal.type(answer)
        assert terminal.end() == status
        assert len(adas("contacts", "--format", "ids").out.split()) == left


def test_ctrl_c_at_a_question_is_quiet(adas: Crm) -> None:
    terminal = Terminal("delete", "contacts", "--where", "ada")
    terminal.until("[y/N]")
    os.write(terminal.fd, b"\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.seen


def test_a_list_on_a_terminal_is_a_page_and_says_how_many_more(crm: Crm) -> None:
    crm("config", "set", "page", "2")
    for number in range(3):
        crm("add-contact", f"Person {number}")
    terminal = Terminal("contacts")
    assert terminal.end() == 0
    assert "2 of 3" in terminal.seen
    assert "\x1b[" in terminal.seen
    terminal = Terminal("contacts", "--format", "ids")
    terminal.end()
    assert terminal.seen.split() == ["c1", "c2", "c3"]


def test_two_programs_that_write_at_once_both_succeed(crm: Crm) -> None:
    crm("init")
    running = [
        subprocess.Popen([*PROGRAM, "add-contact", f"Person {number}"], stdout=subprocess.DEVNULL)
        for number in range(4)
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert len(crm("contacts", "--format", "ids").out.split()) == 4
