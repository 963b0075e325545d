"""What daily counters cost in calls, told before they are asked for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Final

from sources.outcomes import Calls
from sources.snovio import due
from sources.snovio.analytics_memory import AnalyticsMemory, Days
from sources.snovio.known import Known
from sources.snovio.settings import Settings
from sources.snovio.tables import CAMPAIGN_ANALYTICS

_CALLS_A_DAY: Final = 2
"""At most so many for each day of a campaign: one that tells its counters, and one to find it."""


def analytics_calls(known: Known, settings: Settings, today: date, perhaps: Collection[int]) -> Calls:
    """What the daily counters of all campaigns cost.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        perhaps: Campaigns that may have moved.
    """
    state = known.of(CAMPAIGN_ANALYTICS.name)
    memory = AnalyticsMemory.from_state({} if settings.full_refresh else state.get("memory", {}))
    doubts = len(set(state.get("doubts", ())))
    again = Counter[date]()
    unsure = unknown = 0
    for campaign in known.started:
        number = campaign["id"]
        first = due.first_day(campaign, settings)
        days = memory.looked_at_again(number, today, settings.lookback_days)
        again.update(days)
        unsure += len(days) if number in perhaps else sum((number, day) in memory.recent for day in days)
        left = memory.unknown(number, Days(first, today))
        unknown += len({day for part in left for day in part.each()}.difference(days))
    return Calls(len(again) + bool(unknown), len(again) + doubts + _CALLS_A_DAY * (unsure + unknown))
