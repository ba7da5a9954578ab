"""The entry of the program: parse, run, and turn whatever goes wrong into a line and a status."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from crmcli.cli.toolkit import (
    Abort,
    ClickException,
    ClickUsageError,
    Command,
    Context,
    Exit,
    MissingParameter,
    NoSuchOption,
)
from crmcli.errors import CrmError, NotFound, UsageError

PROGRAM = "crm"
COMPLETE = "_CRM_COMPLETE"
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program on `argv`, by default the words of the command line; the exit status."""
    args = list(sys.argv[1:] if argv is None else argv)
    _prepare_streams()
    try:
        status = _run(args)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()  # the reader has gone (`| head`)
        return 0
    except (KeyboardInterrupt, Abort):
        return INTERRUPTED
    if argv is None and os.environ.get(COMPLETE):
        os._exit(status)  # somebody waits at the prompt, and nothing is left to tidy up
    return status


def _prepare_streams() -> None:
    """Have all three streams, also where the caller closed them (`>&-`, some schedulers)."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # what the terminal's encoding lacks becomes "?", rather than an error in mid-sentence
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _drop_output() -> None:
    """Have what is still buffered for stdout fail neither now nor at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(args: list[str]) -> int:
    """The status of a run whose errors have been reported."""
    try:
        _check_encoding(args)
        return _dispatch(args)
    except Exit as leaving:
        return leaving.exit_code
    except ClickException as problem:
        return _report(_in_our_words(problem), args)
    except CrmError as problem:
        return _report(problem, args)
    except BrokenPipeError:
        raise
    except Exception as bug:  # noqa: BLE001  the one place that nothing may get past
        from crmcli.cli.bugs import report_bug

        return _report(_unwritten(bug) or report_bug(bug, args), args)


def _dispatch(args: list[str]) -> int:
    """Complete a word for the shell, or run the command."""
    from crmcli.cli.root import root

    group = root()
    instruction = os.environ.get(COMPLETE)
    if instruction:
        from crmcli.cli.completion import answer

        return answer(group, instruction)
    # the parser takes words off the list that it is given
    with group.make_context(PROGRAM, list(args)) as ctx:
        return int(group.invoke(ctx) or 0)


def _check_encoding(args: list[str]) -> None:
    for number, arg in enumerate(args, 1):
        if any("\ud800" <= char <= "\udfff" for char in arg):
            raise UsageError(
                f"word {number} of the command line is not valid in this terminal's encoding",
                hint="use UTF-8",
            )


def _report(problem: CrmError, args: list[str]) -> int:
    from crmcli.cli.surroundings import how_of_errors
    from crmcli.output import error

    sys.stdout.flush()
    if problem.exit_status in (UsageError.exit_status, NotFound.exit_status):
        problem.hint = _meant(args) or problem.hint
    error(problem, how_of_errors(args))
    return problem.exit_status


def _unwritten(problem: Exception) -> CrmError | None:
    """The error for output that finds no room; None for any other problem."""
    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
    if not isinstance(problem, OSError) or problem.errno not in full or problem.filename:
        return None
    _drop_output()
    return CrmError(
        f"the output could not be written: {problem.strerror}", hint="make room where it goes"
    )


def _meant(args: list[str]) -> str:
    """What to type instead where a verb was taken for a group, as in `crm tag list`."""
    from crmcli.catalog import BY_NAME
    from crmcli.cli.everywhere import without_options
    from crmcli.cli.guess import instead
    from crmcli.cli.table import COMMANDS

    words = without_options(args)
    verbs = {entry.name for entry in COMMANDS if not entry.children}
    guess = instead(words) if words[1:] and words[0] in verbs.intersection(BY_NAME) else None
    return f"did you mean `{PROGRAM} {guess}`?" if guess else ""


def _in_our_words(problem: ClickException) -> CrmError:
    """A complaint of the parser as one of ours."""
    ctx = problem.ctx if isinstance(problem, ClickUsageError) else None
    path = ctx.command_path if ctx else PROGRAM
    hint = f"`{path} --help` explains it"
    if isinstance(problem, NoSuchOption):
        return _no_such_option(problem, ctx, path, hint)
    if isinstance(problem, MissingParameter) and problem.param is not None:
        name = problem.param.human_readable_name
        choices = ", ".join(getattr(problem.param.type, "choices", ()))
        known = f"choose from {choices}" if choices else _where(ctx, path) or _usage(ctx)
        return UsageError(f"{path} needs {name}", hint=known or hint)
    message = problem.format_message().rstrip(".")
    if message.startswith("Got unexpected extra argument"):
        words = message.partition("(s) (")[2].removesuffix(")")
        return UsageError(f"{path} has no use for: {words}", hint=_usage(ctx) or hint)
    return UsageError(message[:1].lower() + message[1:], hint=hint)


def _no_such_option(problem: NoSuchOption, ctx: Context | None, path: str, hint: str) -> UsageError:
    from crmcli.cli.guess import nearest

    name = problem.option_name
    spellings = {word.lstrip("-"): word for word in _spellings(ctx)}
    near = nearest(name.lstrip("-"), spellings) if name.startswith("--") else None
    guess = spellings.get(near or "")
    if guess:
        hint = f"did you mean {guess}?"
    elif not name.startswith("--") and ctx and ctx.command.name != PROGRAM:
        asks = any(param.name == "query" for param in ctx.command.params)
        dash = "to leave out a word type not:WORD" if asks else "put -- before a word with a dash"
        hint = f"{dash}; `{path} --help` lists the options"
    details = {"option": name, "did_you_mean": guess}
    return UsageError(f"{path} has no option {name}", hint=hint, details=details)


def _spellings(ctx: Context | None) -> list[str]:
    if ctx is None:
        return []
    return [word for param in ctx.command.get_params(ctx) for word in param.opts]


def _where(ctx: Context | None, path: str) -> str:
    """How --where is written, for who left out the list that the query is for."""
    query = ctx.params.get("where") if ctx else None
    if not query:
        return ""
    return f"with --where the first word says which list: {path} contacts --where '{query}' …"


def _usage(ctx: Context | None) -> str:
    if ctx is None:
        return ""
    command: Command = ctx.command
    return f"usage: {ctx.command_path} {' '.join(command.collect_usage_pieces(ctx))}"
