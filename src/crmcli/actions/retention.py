"""Which backups to keep: the newest of each of the last days, weeks, months and years."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from crmcli.errors import InvalidValue

if TYPE_CHECKING:
    from crmcli.store.backup import Backup

Keep = dict[str, int]
"""Unit -> of how many such periods the newest backup stays."""

_UNITS: dict[str, Callable[[datetime], tuple[int, ...]]] = {
    "d": lambda at: (at.year, at.month, at.day),
    "w": lambda at: at.isocalendar()[:2],
    "m": lambda at: (at.year, at.month),
    "y": lambda at: (at.year,),
}
_TERM = re.compile(r"(\d{1,4})([dwmy])")


def parse_keep(text: str) -> Keep:
    """What `7d4w12m` says: days, weeks, months, years, each at most once. Raises InvalidValue."""
    plain = text.replace(" ", "").casefold()
    terms = _TERM.findall(plain)
    keep = {unit: int(number) for number, unit in terms}
    written = "".join(number + unit for number, unit in terms)
    if not terms or written != plain or len(keep) != len(terms):
        raise InvalidValue(
            f'"{text}" does not say what to keep',
            hint="7d4w12m keeps the newest of each of 7 days, 4 weeks and 12 months; y is years",
        )
    return keep


def superfluous(backups: Sequence[Backup], keep: Keep, zone: tzinfo) -> list[Backup]:
    """Those that need not be kept, newest first; never the newest of all.

    Only periods in which there is a backup count, so that a pause costs none. zone: whose days.
    """
    ordered = sorted(backups, key=lambda backup: (backup.made, backup.path.name), reverse=True)
    kept = {backup.path for backup in ordered[:1]}
    for unit, most in keep.items():
        seen: set[tuple[int, ...]] = set()
        for backup in ordered:
            period = _UNITS[unit](datetime.fromisoformat(backup.made).astimezone(zone))
            if period not in seen and len(seen) < most:
                seen.add(period)
                kept.add(backup.path)
    return [backup for backup in ordered if backup.path not in kept]
