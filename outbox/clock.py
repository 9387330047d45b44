"""What time it is, for what people are promised: deadlines, days, the hour a thing was done.

It is handed in rather than asked for, so that a test can hold the clock for a whole process. How long a session lasts
is measured by the database alone, which every process shares.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def machine_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)
