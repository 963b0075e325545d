"""Which campaigns one question about their counters can prove to stand still. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from sources.snovio.calibration import END_EXCLUDED
from sources.snovio.known import Known
from sources.snovio.probed import Probed
from sources.snovio.recheck import Recheck
from sources.snovio.settings import Settings, fitting
from sources.snovio.tables import ADDITIVE, EVENT_TABLES
from sources.snovio.timeline import Counters

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask.

    Args:
        campaign_ids: Campaigns whose counters are known.
        since: The first day.
        through: The last day.
        stored: What the counters of a single day were, by campaign; nothing: they were all zero.
        remembered: What the load before learned from the same question, by `Block.key`.
        days_past_end: How many days more must be named, so that the last one is included.
    """

    campaign_ids: list[int]
    since: date
    through: date
    stored: Mapping[tuple[int, date], Counters] = field(default_factory=dict)
    remembered: Mapping[str, Counters] = field(default_factory=dict)
    days_past_end: int = 0

    @property
    def date_to(self) -> date:
        """The last day as the API is told it."""
        return self.through + self.days_past_end * _DAY

    def is_still(self, counters: Counters) -> bool:
        """Whether an answer says that nothing happened since the counters were stored."""
        if self.since != self.through:
            return not any(counters.values())
        days = {campaign_id: [self.since] for campaign_id in self.campaign_ids}
        planner = Recheck(days, stored=self.stored, additive=ADDITIVE, remembered=self.remembered)
        if (block := planner.next()) is not None:
            planner.answer(block, counters)
        return planner.is_done and not planner.take()


def question(known: Known, settings: Settings, tables: Collection[str], today: date) -> Question | None:
    """The question that tells most; None if nothing can be learned.

    Args:
        known: What is known of the account.
        settings: How it is read.
        tables: The tables that are loaded.
        today: The UTC day.
    """
    probed = Probed(known, settings, today, tables)
    followed = list(probed.followed())
    if not followed:
        return _of_silent_lists(known, tables, today)
    memory = probed.memory
    last_load = max(memory.last_days())
    asked = list(fitting(followed))
    if last_load == today and asked == followed:
        return Question(
            followed, today, today, memory.recent, memory.answers, int(known.state.get(END_EXCLUDED, False))
        )
    since = last_load - _DAY
    active = {number for number, day in memory.recent if day >= since}
    silent = [number for number in followed if number not in active]
    return Question(list(fitting(silent)), since, today + _DAY) if silent else None


def _of_silent_lists(known: Known, tables: Collection[str], today: date) -> Question | None:
    """A question about campaigns without an event since the day before the last load's, where no counters are known.

    The day before that, and the one after today: which zone the API's days mean is unknown, and whether the last day
    is included.
    """
    lists = [table for table in EVENT_TABLES if table in tables]
    loaded = Counter(day for table in lists for day in _loaded_through(known, table))
    if not loaded:
        return None
    [(last_load, _)] = loaded.most_common(1)
    since = last_load - _DAY
    silent = [row["id"] for row in known.started if all(_is_silent(known, one, row["id"], since) for one in lists)]
    return Question(list(fitting(silent)), since, today + _DAY) if silent else None


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
