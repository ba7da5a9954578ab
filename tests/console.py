"""The console blocks of the documentation: what is typed in them, and where it runs.

`python -m tests.console README.md docs/*.md` runs them and writes what they print, 80 columns wide,
into the pages.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HOME = "/home/ada"
COLUMNS = 80

_BLOCK = re.compile(r"^(```console\n)(.*?)(^```)", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"\$ (?:[A-Z_]+=\S+ )*crm(?:cli)?\b|\$ .*\| crm\b")
_EXITS = re.compile(r"\s+# exits (\d+)$")
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Typed(NamedTuple):
    """A command on a page: its lines there, the command, and the status it says it ends with."""

    lines: tuple[str, ...]
    text: str
    status: int


def typed(page: Path) -> Iterator[Typed]:
    """The `crm` commands behind a prompt in the console blocks of a page, in order."""
    for block in _BLOCK.finditer(page.read_text("utf-8")):
        for command in _commands(block[2]):
            if _PROMPT.match(command.lines[0]):
                yield command


def _commands(block: str) -> Iterator[Typed]:
    """All that is typed in a block; what stands before the next prompt is output."""
    lines = iter(block.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            continue
        found = [line]
        while found[-1].endswith("\\"):
            found.append(next(lines))
        text = "".join(part.removesuffix("\\").removeprefix("> ") for part in found)
        exits = _EXITS.search(text)
        yield Typed(
            tuple(found),
            _EXITS.sub("", text).removeprefix("$ "),
            int(exits[1]) if exits else 0,
        )


def surroundings(home: Path) -> dict[str, str]:
    """The environment of a newcomer: `crm` in the path, no database; they work in `home`/work."""
    program = home / "bin" / "crm"
    program.parent.mkdir()
    (home / "work").mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m crmcli "$@"\n')
    program.chmod(0o755)
    program.with_name("crmcli").symlink_to(program)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return kept | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "CRM_USER": "ada",
        "EDITOR": "true",
        "VISUAL": "true",
        "BROWSER": "true",
        "LANG": "C.UTF-8",
    }


def write_files(page: Path, folder: Path) -> None:
    """Write the files that a page shows behind `<!-- file: NAME -->`."""
    for name, text in _FILE.findall(page.read_text("utf-8")):
        (folder / name).write_text(text, "utf-8")


def filled(page: Path) -> str:
    """The text of a page with its console blocks run anew; ValueError where a command fails."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        env = surroundings(home) | {"COLUMNS": str(COLUMNS), "NO_COLOR": "1", "TERM": "xterm"}
        write_files(page, home / "work")

        def run(block: re.Match[str]) -> str:
            parts = [
                "\n".join(command.lines) + "\n" + _printed(command, home, env)
                for command in _commands(block[2])
            ]
            return block[1] + "".join(parts) + block[3]

        return _BLOCK.sub(run, page.read_text("utf-8"))


def _printed(command: Typed, home: Path, env: dict[str, str]) -> str:
    """What a command prints on a terminal that nobody types at. ValueError for a wrong status."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        ["bash", "-c", command.text],
        cwd=home / "work",
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=slave,
    ) as process:
        os.close(slave)
        text = _drained(master)
    if process.returncode != command.status or "this is a bug" in text:
        raise ValueError(f"$ {command.text}\n{text}ended with {process.returncode}")
    shown = "\n".join(line.rstrip() for line in _screen(text)).strip("\n")
    shown = shown.replace(str(home), HOME).replace(sys.executable, f"{HOME}/.venv/bin/python")
    return shown and shown + "\n"


def _screen(text: str) -> list[str]:
    """The lines that stand on a terminal after `text`, which may go back and overwrite."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", text):
        if token == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif token == "\r":
            column = 0
        elif token.endswith("A") and token[0] == "\x1b":
            row -= int(token[2:-1] or 1)
        elif token == "\x1b[2K":
            lines[row] = ""
        elif token[0] != "\x1b":
            lines[row] = lines[row][:column] + token
            column += len(token)
    return lines


def _drained(master: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            part = b""
        if not part:
            os.close(master)
            return b"".join(parts).decode()
        parts.append(part)


def main(pages: list[Path]) -> int:
    """Fill the pages; leave one whose commands fail as it is, say which, and return 1."""
    failed = 0
    for page in pages:
        try:
            page.write_text(filled(page), "utf-8")
        except ValueError as error:
            failed = 1
            sys.stderr.write(f"{page}: {error}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
