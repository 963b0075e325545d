"""When a list must be read whole again. Pure."""

from __future__ import annotations

from datetime import date
from typing import Final

SILENT_AFTER_DAYS: Final = 30
LONGEST_INTERVAL_DAYS: Final = 90


def interval_days(*, sweep_days: int, silent_days: int, running: bool) -> int:
    """How many days may pass between two sweeps.

    Running campaigns, and those that moved within 30 days, are swept every `sweep_days`; the interval of silent
    ones doubles with every 30 days of silence, up to 90 days.
    """
    if running or silent_days < SILENT_AFTER_DAYS:
        return sweep_days
    doublings = min(silent_days // SILENT_AFTER_DAYS, 10)
    return max(sweep_days, min(LONGEST_INTERVAL_DAYS, sweep_days << doublings))


def sweep_due(
    number: int, *, last: date | None, today: date, sweep_days: int, last_activity: date | None, running: bool
) -> bool:
    """Whether a campaign or list must be swept today.

    Args:
        number: Its id; spreads campaigns that were first read on one day over the days of an interval.
        last: When it was last read whole; None: never.
        today: The day of the load.
        sweep_days: The setting; 0 sweeps at every load.
        last_activity: Day of its newest row; None: it never had one.
        running: Whether it is running.
    """
    if sweep_days == 0 or last is None:
        return True
    age = (today - last).days
    silent_days = (today - last_activity).days if last_activity else LONGEST_INTERVAL_DAYS
    interval = interval_days(sweep_days=sweep_days, silent_days=silent_days, running=running)
    return age >= interval or (age > 0 and (today.toordinal() + number) % interval == 0)
