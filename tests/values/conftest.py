"""A fixed present for reading and showing: Wednesday 4 March 2026, 10:15 in Berlin."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crmcli.values import Env


@pytest.fixture(scope="session")
def env() -> Env:
    return Env(datetime(2026, 3, 4, 9, 15, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
