"""Having the system run `crm remind`: a crontab line, a systemd user timer, a launchd agent, a
Windows scheduled task.

A job is for one database, whose path gives it its name: installing it again replaces it, taking it
away leaves all others. It carries what it needs with it, as cron gives it next to nothing.
"""

from __future__ import annotations

import hashlib
import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from crmcli.errors import CrmError, InvalidValue, NotPermitted
from crmcli.store.location import Location, without_password

KINDS = ("cron", "systemd", "launchd", "windows")
EVERY = 10
_KEPT = ("CRM_CONFIG", "CRM_USER", "TZ", "LANG", "LC_ALL", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
_PATIENCE = 30


class Job(NamedTuple):
    """What is to be run: a name of its own, the words, the environment, every so many minutes."""

    name: str
    words: tuple[str, ...]
    env: dict[str, str]
    minutes: int


class File(NamedTuple):
    """A file of a job, and what it holds."""

    path: Path
    text: str


def make(location: Location, environ: Mapping[str, str], minutes: int = EVERY) -> Job:
    """The job for a database. A password in its address is left out.

    minutes: a divisor of 60. Raises InvalidValue for any other number.
    """
    if not 1 <= minutes <= 60 or 60 % minutes:
        raise InvalidValue(
            f"every {minutes} minutes cannot be said in a crontab",
            hint="1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60",
        )
    place = without_password(location.url) if location.url else str(location.path.absolute())
    digest = hashlib.sha256(place.encode()).hexdigest()[:8]
    env = {name: environ[name] for name in _KEPT if environ.get(name)}
    words = (sys.executable, "-m", "crmcli", "remind")
    return Job(f"crm-remind-{digest}", words, {"CRM_DB": place, **env}, minutes)


def kind_here(platform: str = sys.platform) -> str:
    """What this system has for such jobs."""
    if platform == "darwin":
        return "launchd"
    if platform == "win32":
        return "windows"
    return "systemd" if shutil.which("systemctl") and not shutil.which("crontab") else "cron"


# --- what is written


def crontab_line(job: Job) -> str:
    """The line for a crontab; its comment names the job."""
    words = [f"{name}={shlex.quote(value)}" for name, value in job.env.items()]
    words += [shlex.quote(word) for word in job.words]
    command = " ".join(words).replace("%", "\\%")
    when = "0" if job.minutes == 60 else f"*/{job.minutes}"
    return f"{when} * * * * {command} # {job.name}"


def systemd_files(job: Job, home: Path) -> tuple[File, File]:
    """The service and the timer of a user's systemd."""
    folder = home / ".config" / "systemd" / "user"
    env = "".join(f"Environment={_quoted(f'{n}={v}')}\n" for n, v in job.env.items())
    # only a command line has variables, which a doubled sign keeps out
    words = " ".join(_quoted(word).replace("$", "$$") for word in job.words)
    service = (
        f"[Unit]\nDescription=Reminders of crm\n\n[Service]\nType=oneshot\n{env}ExecStart={words}\n"
    )
    timer = (
        "[Unit]\nDescription=Reminders of crm\n\n[Timer]\n"
        f"OnCalendar=*:0/{job.minutes}\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    if job.minutes == 60:
        timer = timer.replace("*:0/60", "hourly")
    return File(folder / f"{job.name}.service", service), File(folder / f"{job.name}.timer", timer)


def _quoted(text: str) -> str:
    """A word of a unit."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def launchd_file(job: Job, home: Path) -> File:
    """The agent of a user's launchd."""
    content = {
        "Label": job.name,
        "ProgramArguments": list(job.words),
        "EnvironmentVariables": job.env,
        "StartInterval": job.minutes * 60,
        "RunAtLoad": True,
    }
    path = home / "Library" / "LaunchAgents" / f"{job.name}.plist"
    return File(path, plistlib.dumps(content).decode())


def windows_file(job: Job, folder: Path) -> File:
    """The scheduled task of Windows, as XML for `schtasks /create /xml`."""
    settings = " && ".join(f'set "{name}={value}"' for name, value in job.env.items())
    command = " ".join(f'"{word}"' if " " in word else word for word in job.words)
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <TimeTrigger>
      <Repetition><Interval>PT{job.minutes}M</Interval></Repetition>
      <StartBoundary>2026-01-01T00:00:00</StartBoundary>
      <Enabled>true</Enabled>
    </TimeTrigger>
  </Triggers>
  <Settings>
    <StartWhenAvailable>true</StartWhenAvailable>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
  </Settings>
  <Actions>
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>{escape(f"/c {settings} && {command}")}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
    return File(folder / f"{job.name}.xml", text)


def shown(job: Job, kind: str, home: Path) -> str:
    """What installing would write, for people."""
    if kind == "cron":
        return crontab_line(job)
    return "\n".join(f"{file.path}:\n{file.text}" for file in files(job, kind, home))


def files(job: Job, kind: str, home: Path) -> tuple[File, ...]:
    """The files of a job of a kind that has some."""
    if kind == "systemd":
        return systemd_files(job, home)
    return (launchd_file(job, home) if kind == "launchd" else windows_file(job, home),)


# --- having it done


def install(job: Job, kind: str, home: Path) -> None:
    """Install a job, in place of one of its name. Raises CrmError for what the system refuses."""
    if kind == "cron":
        _write_crontab([*_other_lines(job), crontab_line(job)])
        return
    written = files(job, kind, home)
    for file in written:
        _write(file, "utf-16" if kind == "windows" else "utf-8")
    for words in _started(job, kind, written):
        _run(words)


def is_installed(job: Job, kind: str, home: Path) -> bool:
    """Whether there is a job of its name."""
    if kind == "cron":
        return len(_other_lines(job)) < len(_crontab())
    return any(file.path.exists() for file in files(job, kind, home))


def uninstall(job: Job, kind: str, home: Path) -> bool:
    """Take a job away, and nothing else; returns whether there was one."""
    if not is_installed(job, kind, home):
        return False
    if kind == "cron":
        _write_crontab(_other_lines(job))
        return True
    there = [file for file in files(job, kind, home) if file.path.exists()]
    for words in _stopped(job, kind, there):
        _run(words)
    for file in there:
        file.path.unlink()
    if kind == "systemd":
        _run(["systemctl", "--user", "daemon-reload"])
    return True


def _started(job: Job, kind: str, written: tuple[File, ...]) -> list[list[str]]:
    if kind == "systemd":
        timer = f"{job.name}.timer"
        return [
            ["systemctl", "--user", "daemon-reload"],
            ["systemctl", "--user", "enable", "--now", timer],
        ]
    path = str(written[0].path)
    if kind == "launchd":
        return [["launchctl", "load", "-w", path]]
    return [["schtasks", "/create", "/f", "/tn", job.name, "/xml", path]]


def _stopped(job: Job, kind: str, there: list[File]) -> list[list[str]]:
    if kind == "systemd":
        return [["systemctl", "--user", "disable", "--now", f"{job.name}.timer"]]
    if kind == "launchd":
        return [["launchctl", "unload", "-w", str(there[0].path)]]
    return [["schtasks", "/delete", "/f", "/tn", job.name]]


def _crontab() -> list[str]:
    """The lines of the user's crontab; none where there is no crontab yet.

    Raises CrmError where it cannot be read, since what is written takes its place.
    """
    done = _called(["crontab", "-l"])
    if done.returncode and not re.search("no crontab|no such file", done.stderr, re.IGNORECASE):
        raise CrmError(f"crontab -l failed: {done.stderr.strip()[:200]}")
    return done.stdout.splitlines() if done.returncode == 0 else []


def _other_lines(job: Job) -> list[str]:
    return [line for line in _crontab() if not line.endswith(f"# {job.name}")]


def _write_crontab(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    done = _called(["crontab", "-"], text)
    if done.returncode:
        raise CrmError(f"crontab refuses it: {done.stderr.strip()[:200]}")


def _write(file: File, encoding: str) -> None:
    try:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        file.path.write_text(file.text, encoding)
    except OSError as error:
        raise NotPermitted(f"{file.path} cannot be written: {error.strerror}") from error


def _run(words: list[str]) -> None:
    done = _called(words)
    if done.returncode:
        raise CrmError(
            f"{shlex.join(words)} failed: {done.stderr.strip()[:200]}",
            hint="the files are written; `crm remind --uninstall` takes them away",
        )


def _called(words: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words, input=text, capture_output=True, text=True, timeout=_PATIENCE, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        why = getattr(error, "strerror", None) or "it took too long"
        raise CrmError(
            f"{words[0]} cannot be run: {why}", hint="--how cron or --how systemd names another way"
        ) from error
