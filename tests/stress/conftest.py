"""The numbers of the stress tests, at the end of the run: writes, reads, kills."""

from __future__ import annotations

from typing import Any

_NUMBERS = "numbers"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what each test counted, also when the tests ran in processes of their own."""
    said = [
        value
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == _NUMBERS
    ]
    if said:
        terminalreporter.write_sep("-", "numbers of the stress tests")
        for line in said:
            terminalreporter.write_line(line)
