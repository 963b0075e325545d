"""Whether a question about counters includes its last day, which the API does not say: found out once an account."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Final

from sources.snovio.days import DAY

END_EXCLUDED: Final = "analytics_end_excluded"
"""Where the state says whether questions about counters leave out their last day; missing: nobody knows."""

SAMPLES: Final = 3
"""So many days are looked at: an event near midnight may count for the day before or after, in another zone."""


def samples(days_with_events: Mapping[int, Collection[date]], today: date) -> list[tuple[int, date]]:
    """Past days with events that have none on the days around them, each with its campaign; the newest first."""

    def alone() -> Iterator[tuple[date, int]]:
        for campaign_id, days in days_with_events.items():
            for day in days:
                if day + DAY < today and not {day - DAY, day + DAY}.intersection(days):
                    yield day, campaign_id

    newest_first = sorted(alone(), reverse=True)
    return [(campaign_id, day) for day, campaign_id in islice(newest_first, SAMPLES)]
