"""Writing of logs: runs, messages and deliveries, which are no part of any change set.

One `logging` block is one transaction that holds the write lock from its beginning, as every write
does, but it knows no records, no journal and no search index, and loads no ORM.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crmcli.store import connect
from crmcli.store.faults import explained
from crmcli.store.inside import Inside
from crmcli.store.location import Location


@contextmanager
def logging(location: Location) -> Iterator[Inside]:
    """A write of log rows to a database that is there; an exception takes all of it back.

    Raises DatabaseBusy after `read.PATIENCE` seconds, or another DatabaseError.
    """
    with explained(location):
        connection = connect.begun(location)
    with connect.all_or_nothing(connection):
        yield Inside(connection, location)
        with explained(location):
            connect.commit(connection)
