"""What the doctor found: a line for each thing, and below it what mends it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmcli.output.style import paint
from crmcli.output.text import harmless, pad, wrap
from crmcli.results import Column, Listing

if TYPE_CHECKING:
    from crmcli.output.how import How
    from crmcli.results import Check, Checkup

_STYLES = {"ok": "good", "mended": "good", "warning": "warn", "error": "bad"}
_STATE = max(map(len, _STYLES)) + 2
_COLUMNS = (
    Column("name", "text", "Check"),
    Column("state", "text", "State"),
    Column("says", "text", "What it found"),
    Column("mend", "text", "What mends it"),
)


def render(checkup: Checkup, how: How) -> list[str]:
    """The lines for people; when quiet only of what is not in order."""
    checks = [each for each in checkup.checks if not how.quiet or each.state != "ok"]
    names = max((len(check.name) for check in checks), default=0) + 2
    lines = [line for check in checks for line in _lines(check, names, how)]
    return lines if how.quiet else [*lines, "", _summary(checkup)]


def document(checkup: Checkup) -> dict[str, Any]:
    """The checkup as plain data for JSON."""
    checks = [
        {"name": c.name, "state": c.state, "says": c.says, "mend": c.mend or None,
         "mended": c.mended}
        for c in checkup.checks
    ]  # fmt: skip
    states = {check.state for check in checkup.checks}
    worst = next((state for state in ("error", "warning") if state in states), "ok")
    return {"state": worst, "checks": checks}


def table(checkup: Checkup) -> Listing:
    """The checkup as rows."""
    rows = tuple((c.name, c.state, c.says, c.mend or None) for c in checkup.checks)
    return Listing("checks", _COLUMNS, rows, len(rows))


def _lines(check: Check, names: int, how: How) -> list[str]:
    state = "mended" if check.mended else check.state
    indent = " " * (_STATE + names)
    texts = wrap(check.says, max(how.width - len(indent), 20))
    head = paint(pad(state, _STATE), _STYLES[state], how.color) + pad(check.name, names)
    lines = [head + texts[0], *(indent + text for text in texts[1:])]
    if check.mend:
        arrow = "-> " if how.ascii else "→ "
        lines.append(indent + paint(arrow + harmless(check.mend), "dim", how.color))
    return lines


def _summary(checkup: Checkup) -> str:
    counts = Counter(check.state for check in checkup.checks)
    parts = [
        f"{counts[state]} {state}{'s' if counts[state] > 1 else ''}"
        for state in ("error", "warning")
        if counts[state]
    ]
    return " and ".join(parts).capitalize() if parts else "All is well"
