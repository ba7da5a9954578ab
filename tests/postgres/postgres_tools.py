"""What the tests of both engines share."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from crmcli.values import Env

ENV = Env(datetime(2026, 3, 5, 9, tzinfo=UTC), ZoneInfo("Europe/Berlin"), "GB", "EUR")
