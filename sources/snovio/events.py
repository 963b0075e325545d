"""The four event lists: sent, opens, clicks, replies."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import pyarrow as pa
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.readers import once
from sources.snovio.counting import Answer
from sources.snovio.coverage import Coverage, Span
from sources.snovio.day_lists import DAY, DayReading, Handover, joined
from sources.snovio.day_tables import TableReading
from sources.snovio.days import Days
from sources.snovio.due import begin_list
from sources.snovio.event_rows import EventList, contents, page_of, removed
from sources.snovio.evidence import COUNTED_BY
from sources.snovio.movement import switch_probe_off
from sources.snovio.moving_list import MovingList, NotNewestFirst
from sources.snovio.pages import PageSizes
from sources.snovio.reading import AccountReading
from sources.snovio.tables import CAMPAIGN_ANALYTICS, RECIPIENT_ACTIVITY
from sources.tables import Row
from sources.writing import units

logger = logging.getLogger(__name__)


def event_list(reading: AccountReading, events: EventList) -> DltResource:
    """One event table: every started campaign's list, whole UTC days at a time."""

    def read(outcome: Outcome) -> Iterator[pa.Table | None]:
        yield from _EventTableReading(reading, events, outcome).pieces()

    return units(reading, events.table, read, nothing=removed(events, reading.account, 0, ()))


class _EventTableReading(TableReading):
    """The event lists of one table."""

    def __init__(self, reading: AccountReading, events: EventList, outcome: Outcome) -> None:
        super().__init__(reading, events.table, outcome, after=(CAMPAIGN_ANALYTICS.name, RECIPIENT_ACTIVITY.name))
        self._events = events
        self._sizes = PageSizes(**self._state().get("page_sizes", {}))

    def _begin(
        self, campaign: Row, known: Mapping[str, Any] | None, doubtful: Collection[date]
    ) -> Iterator[Handover]:
        coverage = Coverage.from_state(known)
        coverage.distrust(doubtful)
        return ListReading(self._reading, self._events, campaign, coverage, self._sizes).handovers()

    def _known(self) -> dict[str, Any]:
        return {"page_sizes": asdict(self._sizes)}

    def _checked(self) -> Iterator[None]:
        analytics = self._reading.outcome(CAMPAIGN_ANALYTICS.name)
        for step in self._reading.readers.read(list(self._denied.items()), once(self._is_denied)):
            if step is not None:
                (campaign_id, day), brought = step
                with self._reading.one(analytics, f"campaign {campaign_id}, {day}"):
                    if brought():
                        self._distrust_probe(analytics, campaign_id, day)
            yield

    def _is_denied(self, found: tuple[int, date]) -> bool:
        """Whether the analytics still know nothing of a day with rows, whatever zone their days are in."""
        campaign_id, day = found
        payload = self._reading.counters(
            CAMPAIGN_ANALYTICS, [campaign_id], Days(day - DAY, min(day + DAY, self._reading.today))
        )
        return COUNTED_BY[self._name].isdisjoint(Answer(payload))

    def _distrust_probe(self, analytics: Outcome, campaign_id: int, day: date) -> None:
        why = (
            f"the probe is off since {self._reading.today}: a sweep found {self._name} of campaign {campaign_id} on "
            f"{day}, of which the analytics know nothing; every list is asked at every load"
        )
        if not self._reading.movement.is_probe_wrong:
            logger.warning("%s", why)
            analytics.alerts.append(why)
        switch_probe_off(why)
        self._reading.movement.doubt()


class ListReading(DayReading):
    """One list of one campaign, read once. Runs in a thread of its own and touches nothing but the list.

    Args:
        reading: The read this is part of.
        events: Which list.
        campaign: Whose list: a row of `campaigns`.
        coverage: What is known of it.
        sizes: What is known of the endpoint's page lengths; updated.
    """

    def __init__(
        self, reading: AccountReading, events: EventList, campaign: Row, coverage: Coverage, sizes: PageSizes
    ) -> None:
        super().__init__(reading, events, campaign, coverage)
        self._events: EventList = events
        self._list = MovingList(self._page, sizes, content=contents, expect_rows=coverage.first_day is not None)
        self._rows_read = 0

    def handovers(self) -> Iterator[Handover]:
        """Read what must be loaded, newest first.

        Raises:
            NotNewestFirst: The list turned out to be in no order after days of it were handed on; it must be read
                whole, in a dlt run of its own.
        """
        coverage = self._coverage
        settings = self._reading.settings
        swept = begin_list(coverage, self._campaign, settings, self._reading.today)
        if coverage.unordered and not swept:
            yield self._whole()
        else:
            yield from self._ordered()
        repaired = coverage.finish(self._reading.today) is not None
        yield Handover(
            coverage.to_state(),
            is_last=True,
            swept=swept or settings.full_refresh,
            unordered=coverage.unordered,
            repaired=repaired,
        )

    def _ordered(self) -> Iterator[Handover]:
        """Read what is not loaded yet; whole, if the list proves to be in no order."""
        handed_on = False
        try:
            for span in self._coverage.spans():
                for found in self._span(span):
                    handed_on = handed_on or found.rows is not None
                    yield found
        except NotNewestFirst:
            self._coverage.unordered = True
            if handed_on:
                yield Handover(self._coverage.to_state(), must_be_read_whole=True)
                raise
            yield self._whole()
        else:
            self._coverage.unordered = False

    def _span(self, span: Span) -> Iterator[Handover]:
        """Read the days of one span, newest first, clearing those that became empty."""
        through = self._reading.today if span.before is None else span.before - DAY
        start = self._reading.settings.start_date
        since = max(filter(None, (span.since, start)), default=None)
        left = through
        for days in self._list.read(before=span.before, since=since, newer=span.newer + self._rows_read):
            self._rows_read += sum(map(len, days))
            yield self._taken(days, through, left)
            left = days[-1].date - DAY
        cleared = list(self._coverage.emptied(None if self._list.reached_end else since, left))
        lowest = None if self._list.reached_end or since == start else since
        self._coverage.cover(lowest, through, lookback_days=self._lookback)
        if cleared:
            yield Handover(self._coverage.to_state(), self._removed(cleared))

    def _whole(self) -> Handover:
        """Read a list that is in no order, whole."""
        before = self._coverage.total()
        self._coverage.restart(lookback_days=self._lookback)
        days = self._list.read_whole()
        today = self._reading.today
        found = self._taken(days, today, today) if days else Handover({})
        cleared = list(self._coverage.emptied(None, days[-1].date - DAY if days else today))
        self._coverage.cover(None, today, lookback_days=self._lookback)
        if self._coverage.total() == before:
            return Handover(self._coverage.to_state(), newest=found.newest)
        rows = joined(found.rows, self._removed(cleared))
        return Handover(self._coverage.to_state(), rows, found.rejected, found.newest)

    def _page(self, offset: int) -> Any:
        return page_of(self._events, offset, self._campaign["id"], self._reading)
