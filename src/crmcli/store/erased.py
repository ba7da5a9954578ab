"""The people who were erased, as far as they can be told: keyed hashes of e-mails and phones.

Nothing can be read from a hash (HMAC-SHA-256), but what somebody types or imports can be compared
with it. The key is made at random with the first person of a database that is erased.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crmcli.store.inside import Inside
    from crmcli.store.read import Rows

REACHED = ("email", "phone")
"""The kinds of contact point by which somebody who was erased is told."""

_KEY = "erased"  # its name in `meta`

Point = tuple[str, str]
"""Kind and key of an e-mail or a phone, as `contact_point` has them."""


class Known(NamedTuple):
    """The hashes of a database, and the key that they were made with."""

    secret: bytes
    digests: frozenset[str]

    def digest(self, point: Point) -> str:
        """What is kept of an e-mail or a phone."""
        return hmac.digest(self.secret, "\n".join(point).encode(), "sha256").hex()

    def any_of(self, points: Iterable[Point]) -> Point | None:
        """The first of these e-mails and phones that an erased person had; None without any."""
        return next(
            (
                point
                for point in points
                if point[0] in REACHED and self.digest(point) in self.digests
            ),
            None,
        )


def known(rows: Rows) -> Known | None:
    """The people who were erased from this database; None while there are none."""
    secret = rows.scalar("SELECT value FROM meta WHERE name = ?", (_KEY,))
    if secret is None:
        return None
    found = rows.rows("SELECT digest FROM erased")
    return Known(bytes.fromhex(secret), frozenset(digest for (digest,) in found))


def remember(writer: Inside, points: Iterable[Point]) -> None:
    """Have these e-mails and phones refused from now on."""
    held = known(writer) or _begin(writer)
    writer.executemany(
        "INSERT INTO erased (digest) VALUES (?) ON CONFLICT DO NOTHING", _rows(held, points)
    )


def forget(writer: Inside, point: Point) -> bool:
    """Have an e-mail or a phone accepted again; returns whether it was refused."""
    held = known(writer)
    if held is None or held.any_of([point]) is None:
        return False
    writer.executemany("DELETE FROM erased WHERE digest = ?", _rows(held, [point]))
    return True


def _rows(held: Known, points: Iterable[Point]) -> Iterator[tuple[str]]:
    return ((held.digest(point),) for point in points)


def _begin(writer: Inside) -> Known:
    from secrets import token_bytes

    secret = token_bytes(32)
    writer.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (_KEY, secret.hex()))
    return Known(secret, frozenset())
