"""Completion in bash, zsh and fish.

The shell's script hands over the line up to the cursor and gets back one candidate a line, with a
tab and a remark for zsh and fish. Candidates may be names from the database, so the scripts never
evaluate them: bash takes them escaped by us, zsh and fish escape them on their own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple

from crmcli.cli.guess import unknown
from crmcli.cli.toolkit import Command, CompletionItem
from crmcli.errors import UsageError

SHELLS = ("bash", "zsh", "fish")

BASH = r"""
_crm_completion() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(env _CRM_COMPLETE=bash _CRM_LINE="${COMP_LINE:0:COMP_POINT}" \
        _CRM_BREAKS="$COMP_WORDBREAKS" "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -o default -F _crm_completion crm crmcli
"""

ZSH = r"""
#compdef crm crmcli
_crm_completion() {
    local line value text
    local -a full shown open opened
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        text=$value
        [[ $line == *$'\t'* ]] && text="$value  -- ${line#*$'\t'}"
        if [[ $value == *[:=] ]]; then
            open+=("$value")
            opened+=("$text")
        else
            full+=("$value")
            shown+=("$text")
        fi
    done < <(env _CRM_COMPLETE=zsh _CRM_LINE="${(pj:\n:)words[1,CURRENT]}" \
        "${(Q)words[1]}" 2>/dev/null)
    if (( $#full + $#open == 0 )); then
        _files
        return
    fi
    (( $#full )) && compadd -M 'm:{[:lower:]}={[:upper:]}' -l -d shown -a -- full
    (( $#open )) && compadd -M 'm:{[:lower:]}={[:upper:]}' -S '' -l -d opened -a -- open
    return 0
}
if [[ $funcstack[1] == _crm ]]; then
    _crm_completion "$@"
else
    compdef _crm_completion crm crmcli
fi
"""

FISH = r"""
function __crm_completion
    set -l found (env _CRM_COMPLETE=fish _CRM_LINE=(commandline -cp | string collect) \
        crm 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command crm --no-files --arguments '(__crm_completion)'
complete --command crmcli --no-files --arguments '(__crm_completion)'
"""

_SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


class Word(NamedTuple):
    """A word of a line: what it means, how it is typed so far, the quote it is still in."""

    text: str
    typed: str
    quote: str = ""


def script_for(shell: str) -> str:
    """The script that makes `shell` complete this program's lines; UnknownName for others."""
    if shell not in _SCRIPTS:
        raise unknown("completion for the shell", shell, SHELLS)
    return _SCRIPTS[shell].strip()


def answer(command: Command, shell: str) -> int:
    """Print what the line in `_CRM_LINE` may go on with, in the form that `shell` reads."""
    words = split_line(os.environ.get("_CRM_LINE", ""))
    last = words.pop() if words else Word("", "")
    args = [word.text for word in words[1:]]
    for item in candidates(command, args, last.text):
        line = _for_bash(item, last) if shell == "bash" else _with_remark(item)
        if line is not None:
            sys.stdout.write(line + "\n")
    return 0


def candidates(command: Command, args: list[str], incomplete: str) -> list[CompletionItem]:
    """What the word `incomplete` after the whole words `args` may become."""
    from typer._click.shell_completion import _resolve_context, _resolve_incomplete

    # an option that still waits for its value would keep the parser from reading the rest
    whole = args[:-1] if args and args[-1].startswith("-") else args
    ctx = _resolve_context(command, {}, "crm", whole)
    place, incomplete = _resolve_incomplete(ctx, args, incomplete)
    return place.shell_complete(ctx, incomplete)


def split_line(line: str) -> list[Word]:
    """The words of a shell line; the last one is what is being typed, perhaps empty."""
    words: list[Word] = []
    text, start, quote, position = "", -1, "", 0
    while position < len(line):
        char = line[position]
        if start < 0 and not char.isspace():
            start = position
        if char == "\\" and quote != "'":
            position += 1
            text += line[position : position + 1]
        elif quote and char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        elif not quote and char.isspace():
            if start >= 0:
                words.append(Word(text, line[start:position]))
            text, start = "", -1
        else:
            text += char
        position += 1
    typed = line[start:] if start >= 0 else ""
    return [*words, Word(text, typed, quote)]


def _with_remark(item: CompletionItem) -> str | None:
    value = str(item.value)
    if not value.isprintable():
        return None
    note = "".join(char if char.isprintable() else " " for char in item.help or "")
    return f"{value}\t{note}" if note else value


def _for_bash(item: CompletionItem, word: Word) -> str | None:
    """The candidate as bash puts it in place of the current word.

    bash replaces only what follows the last break character such as `:`, unless the word is
    quoted; and it puts what it gets on the line as it is.
    """
    value = str(item.value)
    if not value.isprintable():
        return None
    if word.quote:
        return _escape(value, '\\"$`!' if word.quote == '"' else "")
    breaks = [mark for mark in ":=" if mark in os.environ.get("_CRM_BREAKS", ":=")]
    cut = max((word.text.rfind(mark) + 1 for mark in breaks), default=0)
    return _escape(value[cut:], " \t\\'\"`$&|;<>()[]{}*?!#~^")


def _escape(text: str, special: str) -> str:
    return "".join(f"\\{char}" if char in special else char for char in text)


def detect_shell() -> str:
    """The shell that started the program; UsageError when it is not one of ours."""
    import shellingham  # type: ignore[import-untyped]

    try:
        name = str(shellingham.detect_shell()[0])
    except shellingham.ShellDetectionFailure:
        name = Path(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        raise UsageError("cannot tell which shell this is", hint=f"add --shell {'|'.join(SHELLS)}")
    return name


def install_for(shell: str) -> str:
    """Install completion for `shell`; a sentence on what was done. NotPermitted if it cannot."""
    script = script_for(shell)
    try:
        path = _INSTALLERS[shell](script)
    except OSError as problem:
        from crmcli.errors import NotPermitted

        raise NotPermitted(
            f"cannot write {problem.filename}: {problem.strerror}",
            hint=f"`crm --show-completion --shell {shell}` prints the script to install by hand",
        ) from problem
    return f"completion for {shell} is in {path}; it works in the next shell you open"


def _install_bash(script: str) -> Path:
    path = Path.home() / ".bash_completions" / "crm.sh"
    _write(path, script)
    _append_once(Path.home() / ".bashrc", f"source '{path}'")
    return path


def _install_zsh(script: str) -> Path:
    path = Path.home() / ".zfunc" / "_crm"
    _write(path, script)
    startup = Path(os.environ.get("ZDOTDIR") or Path.home()) / ".zshrc"
    _append_once(startup, "fpath+=~/.zfunc; autoload -Uz compinit; compinit")
    return path


def _install_fish(script: str) -> Path:
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folder = home / "fish" / "completions"
    _write(folder / "crmcli.fish", script)
    _write(folder / "crm.fish", script)
    return folder / "crm.fish"


_INSTALLERS = {"bash": _install_bash, "zsh": _install_zsh, "fish": _install_fish}


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script + "\n", encoding="utf-8")


def _append_once(path: Path, line: str) -> None:
    """Add `line` to a start-up file, unless it is there."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if line not in text.splitlines():
        gap = "" if not text or text.endswith("\n") else "\n"
        path.write_text(f"{text}{gap}{line}\n", encoding="utf-8")
