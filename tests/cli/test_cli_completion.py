"""Completion: what is offered, in the forms of the shells, and in the shells themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.surroundings import Crm

from crmcli.cli.completion import BASH, FISH, ZSH, Word, split_line

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def team(crm: Crm) -> Crm:
    crm("add-contact", "Ada Lovelace", "--company", "Acme", "--tag", "vip")
    crm("add-contact", "Zoë $(touch pwned) `x` \"q\" 'a'\\")
    crm("add-deal", "Renewal", "--company", "Acme")
    crm("add-task", "Call")
    crm("add-field", "plan", "--record", "contact", "--kind", "choice", "--choices", "free,pro")
    return crm


def offered(crm: Crm, monkeypatch: pytest.MonkeyPatch, line: str, shell: str = "fish") -> list[str]:
    monkeypatch.setenv("_CRM_COMPLETE", shell)
    monkeypatch.setenv("_CRM_LINE", line)
    ran = crm()
    assert (ran.status, ran.err) == (0, "")
    return [text.partition("\t")[0] for text in ran.out.splitlines()]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("crm pipe", "pipeline"),
        ("crm config s", "set"),
        ("crm contacts --col", "--columns"),
        ("crm --for", "--format"),
        ("crm --format js", "json"),
        ("crm contacts --color al", "always"),
        ("crm add-contact Ada --ema", "--email"),
        ("crm add-contact Ada --status cu", "customer"),
        ("crm add-contact Ada --company ac", "Acme"),
        ("crm add-contact Ada --tag v", "vip"),
        ("crm contacts sta", "status:"),
        ("crm contacts status:cus", "status:customer"),
        ("crm link ada rep", "reports-to"),
        ("crm contacts not:tag:v", "not:tag:vip"),
        ("crm contacts plan:f", "plan:free"),
        ("crm contacts company:ac", "company:Acme"),
        ("crm show ada", "Ada Lovelace"),
        ("crm show c", "c1"),
        ("crm show d", "d1"),
        ("crm show t", "t1"),
        ("crm tag c1,c", "c1,c2"),
        ("crm tag contac", "contacts"),
        ("crm tag ada v", "vip"),
        ("crm edit c1 tit", "title="),
        ("crm edit c1 status=cu", "status=customer"),
        ("crm edit d1 exp", "expected_close="),
        ("crm edit c1 plan=p", "plan=pro"),
        ("crm move d", "d1"),
        ("crm move d1 nego", "Negotiation"),
        ("crm assign c1 ad", "ada"),
        ("crm done ", "t1"),
        ("crm log me", "meeting"),
        ("crm log call ada x --deal d", "d1"),
        ("crm report lea", "leaderboard"),
        ("crm report won --by ow", "owner"),
        ("crm config set cur", "currency"),
        ("crm search x --in de", "deals"),
        ("crm lose d1 --rea", "--reason"),
        ("crm --json contacts sta", "status:"),
        ("crm contacts city:Berlin or sta", "status:"),
    ],
)
def test_a_word_is_completed(
    team: Crm, monkeypatch: pytest.MonkeyPatch, line: str, word: str
) -> None:
    assert word in offered(team, monkeypatch, line)


def test_another_database_completes_from_that_one(
    team: Crm, monkeypatch: pytest.MonkeyPatch, db: Path
) -> None:
    other = db.with_name("other.db")
    team("--db", str(other), "add-contact", "Grace Hopper")
    assert offered(team, monkeypatch, f"crm --db {other} show gr") == ["Grace Hopper"]
    assert offered(team, monkeypatch, f"crm show --db {other} gr") == ["Grace Hopper"]
    assert offered(team, monkeypatch, "crm show gr") == []


def test_without_a_database_there_is_nothing_to_offer_and_no_noise(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert offered(crm, monkeypatch, "crm show a") == []
    assert offered(crm, monkeypatch, "crm nonsense --bogus x") == []
    assert offered(crm, monkeypatch, "crm show 'a") == []


def test_names_that_a_terminal_would_obey_are_not_offered(
    team: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    team("add-contact", "Eve\u202eevil")
    assert offered(team, monkeypatch, "crm show eve") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("crm show ada", ["crm", "show", "ada"]),
        ("crm show ", ["crm", "show", ""]),
        ("crm  tag 'Ada L", ["crm", "tag", "Ada L"]),
        ('crm tag "a \\" b" c\\ d', ["crm", "tag", 'a " b', "c d"]),
        ("crm\nshow\n", ["crm", "show", ""]),
        ("", [""]),
        ("crm tag ''", ["crm", "tag", ""]),
    ],
)
def test_a_line_is_split_as_a_shell_does(line: str, words: list[str]) -> None:
    assert [word.text for word in split_line(line)] == words


def test_a_word_knows_the_quote_it_is_in() -> None:
    assert split_line("crm tag 'Ada L")[-1] == Word("Ada L", "'Ada L", "'")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("crm contacts status:cus", "customer"),
        ("crm contacts 'status:cus", "status:customer"),
        ("crm show ada", "Ada\\ Lovelace"),
        ('crm show "ada', "Ada Lovelace"),
        ("crm show zo", "Zoë\\ \\$\\(touch\\ pwned\\)\\ \\`x\\`\\ \\\"q\\\"\\ \\'a\\'\\\\"),
        ("crm edit c1 status=cu", "customer"),
    ],
)
def test_bash_gets_what_it_puts_in_place_of_the_word(
    team: Crm, monkeypatch: pytest.MonkeyPatch, line: str, word: str
) -> None:
    assert offered(team, monkeypatch, line, "bash") == [word]


# --- in the shells themselves


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with the program in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "crm"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m crmcli "$@"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "src"))
    return folder


def in_shell(shell: str, script: str, cwd: Path) -> str:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here")
    options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", script],
        cwd=cwd,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def bash_script(line: str) -> str:
    words = line.split(" ")
    listed = " ".join(f'"{word}"' for word in words)
    return (
        f"{BASH}\nCOMP_LINE='{line}' COMP_POINT={len(line)}\n"
        f"COMP_WORDS=({listed}) COMP_CWORD={len(words) - 1}\n"
        '_crm_completion crm\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )


def test_bash_completes(team: Crm, path: Path, tmp_path: Path) -> None:
    assert in_shell("bash", bash_script("crm contacts status:cus"), tmp_path) == "customer\n"
    assert in_shell("bash", bash_script("crm show ada"), tmp_path) == "Ada\\ Lovelace\n"
    hostile = in_shell("bash", bash_script("crm show zo"), tmp_path)
    assert "touch" in hostile
    back = in_shell("bash", f"printf %s {hostile.strip()}", tmp_path)
    assert back == "Zoë $(touch pwned) `x` \"q\" 'a'\\"
    assert not (tmp_path / "pwned").exists()


def zsh_script(line: str) -> str:
    # compadd works in a completion widget only: a pseudo terminal drives one
    return f"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'PROMPT= RPROMPT=; autoload -Uz compinit; compinit -u -d {{DUMP}}'
zpty -w shell 'source {{SCRIPT}}; bindkey "^I" complete-word; zstyle ":completion:*" menu no'
zpty -w shell 'report() {{ print -r -- "<$BUFFER>"; zle kill-buffer }}; zle -N report'
zpty -w shell 'bindkey "^G" report; print READY'
while zpty -r shell seen; do [[ $seen == *READY$'\\r'* && $seen != *print* ]] && break; done
zpty -w -n shell $'{line}\\t\\C-G'
while zpty -r -t shell seen || sleep 0.1; do
    [[ $seen == *"<"*">"* ]] && {{ print -r -- "${{${{seen##*<}}%%>*}}"; break }}
done
zpty -d shell
"""


def test_zsh_completes(team: Crm, path: Path, tmp_path: Path) -> None:
    script = tmp_path / "crm.zsh"
    script.write_text(ZSH)

    def completed(line: str) -> str:
        text = zsh_script(line).replace("{DUMP}", str(tmp_path / "dump"))
        return in_shell("zsh", text.replace("{SCRIPT}", str(script)), tmp_path).strip()

    assert completed("crm contacts status:cus") == "crm contacts status:customer"
    assert completed("crm show ada") == "crm show Ada\\ Lovelace"
    assert completed("crm contacts sta") == "crm contacts status:"
    completed("crm show zo")
    assert not (tmp_path / "pwned").exists()


def test_fish_completes(team: Crm, path: Path, tmp_path: Path) -> None:
    def completed(line: str) -> list[str]:
        out = in_shell("fish", f"{FISH}\ncomplete --do-complete '{line}'", tmp_path)
        return [text.partition("\t")[0] for text in out.splitlines()]

    assert completed("crm contacts status:cus") == ["status:customer"]
    assert completed("crm show ada") == ["Ada Lovelace"]
    completed("crm show zo")
    assert not (tmp_path / "pwned").exists()


# --- installing


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", ".bash_completions/crm.sh"),
        ("zsh", ".zfunc/_crm"),
        ("fish", "config/fish/completions/crm.fish"),
    ],
)
def test_installing_writes_the_script_once(crm: Crm, tmp_path: Path, shell: str, file: str) -> None:
    for _turn in range(2):
        ran = crm("--install-completion", "--shell", shell)
        assert (ran.status, ran.err) == (0, "")
        assert file in ran.out
    script = crm("--show-completion", "--shell", shell).out
    assert (tmp_path / file).read_text() == script
    for startup in (".bashrc", ".zshrc"):
        path = tmp_path / startup
        lines = path.read_text().splitlines() if path.exists() else []
        assert len(lines) == len(set(lines))


def test_a_shell_that_is_not_known_is_refused(crm: Crm) -> None:
    assert crm("--show-completion", "--shell", "csh").status == 2
