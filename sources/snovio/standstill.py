"""Which campaigns one question about their counters can prove to stand still. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sources.snovio.known import Known
from sources.snovio.tables import EVENT_TABLES

_DAY: Final = timedelta(days=1)
_MOST_CHARACTERS: Final = 5_800
"""Of the ids in the URL; with host, path and days it stays below 6,000."""
_COMMA: Final = len("%2C")


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask.

    Args:
        campaign_ids: Campaigns that have no event since the first day, as far as was loaded.
        since: The first day, the one before the last load's: which zone the API's days mean is unknown.
        through: The last day, the one after today, for the same reason, and as the last day may not be included.
    """

    campaign_ids: list[int]
    since: date
    through: date


def question(known: Known, tables: Collection[str], today: date) -> Question | None:
    """The question that tells most; None if nothing can be learned.

    Args:
        known: What is known of the account.
        tables: The tables that are loaded.
        today: The UTC day.
    """
    lists = [table for table in EVENT_TABLES if table in tables]
    loaded = Counter(day for table in lists for day in _loaded_through(known, table))
    if not loaded:
        return None
    [(last_load, _)] = loaded.most_common(1)
    since = last_load - _DAY
    silent = [row["id"] for row in known.started if all(_is_silent(known, one, row["id"], since) for one in lists)]
    return Question(list(_fitting(silent)), since, today + _DAY) if silent else None


def nothing_moved(counters: Mapping[str, Any]) -> bool:
    """Whether an answer says that nothing happened: it has counters, and all of them are zero."""
    numbers = [_number(value) for value in counters.values() if value is not None]
    return bool(numbers) and all(number == 0 for number in numbers)


def _loaded_through(known: Known, table: str) -> Iterator[date]:
    for row in known.started:
        coverage = known.coverage(table, row["id"])
        if coverage.loaded_through is not None:
            yield coverage.loaded_through


def _is_silent(known: Known, table: str, campaign_id: int, since: date) -> bool:
    """Whether a list was read by the last load, to its end, and shows nothing since a day."""
    coverage = known.coverage(table, campaign_id)
    was_read = coverage.complete and coverage.loaded_through is not None and coverage.loaded_through > since
    return was_read and (coverage.newest or "") < since.isoformat()


def _fitting(campaign_ids: list[int]) -> Iterator[int]:
    """As many as fit into a URL."""
    left = _MOST_CHARACTERS
    for campaign_id in campaign_ids:
        left -= len(str(campaign_id)) + _COMMA
        if left >= 0:
            yield campaign_id


def _number(value: object) -> float | None:
    """A counter, or a rate such as `0%`; None if it is something else."""
    try:
        return float(str(value).removesuffix("%"))
    except ValueError:
        return None
