"""The four event lists: sent, opens, clicks, replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final

import dlt
from dlt.extract import DltResource

from sources.snovio.campaigns import campaign_list, note_movement
from sources.snovio.coverage import Coverage, Span
from sources.snovio.event_rows import Event, EventList, digest_of, numbered, page_of, stable_content
from sources.snovio.moving_list import MovingList, NotNewestFirst
from sources.snovio.outcomes import Outcome
from sources.snovio.pages import Day, Page, PageSizes
from sources.snovio.reading import RUNNING, AccountReading
from sources.snovio.sweeps import sweep_due
from sources.snovio.writing import units
from sources.tables import REMOVED, Row

_DAY: Final = timedelta(days=1)


def event_list(reading: AccountReading, events: EventList) -> DltResource:
    """One event table: every started campaign's list, a UTC day at a time."""

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        state = dlt.current.resource_state(events.table.name)
        sizes = PageSizes(**state.get("page_sizes", {}))
        lists = state.setdefault("lists", {})
        leftovers = reading.look_for_leftovers(dlt.current.pipeline()).days.get(events.table.name, {})
        for campaign in _resumed(campaign_list(reading), state):
            key = (events.table.name, campaign["id"])
            if campaign["started_at"] is None or key in reading.done:
                continue
            coverage = Coverage.from_state(lists.get(str(campaign["id"])))
            coverage.distrust(leftovers.get(campaign["id"], ()))
            with reading.one(outcome, f"campaign {campaign['id']}"):
                try:
                    for rows in _ListReading(reading, events, campaign, coverage, sizes, outcome).rows():
                        note_movement(campaign["id"])
                        yield rows
                    reading.done.add(key)
                finally:
                    lists[str(campaign["id"])] = coverage.to_state()
                    state["page_sizes"] = asdict(sizes)
            yield None  # the other lists get their turn

    return units(reading, events.table, read)


def _resumed(campaigns: list[Row], state: dict[str, Any]) -> Iterator[Row]:
    """The campaigns, beginning with the one at which the last read was cut off, so that each gets its turn."""
    last = state.get("resume_at")
    first = next((index for index, campaign in enumerate(campaigns) if campaign["id"] == last), 0)
    for campaign in campaigns[first:] + campaigns[:first]:
        state["resume_at"] = campaign["id"]
        yield campaign
    state.pop("resume_at", None)


class _ListReading:
    """One list of one campaign, read once."""

    def __init__(
        self,
        reading: AccountReading,
        events: EventList,
        campaign: Row,
        coverage: Coverage,
        sizes: PageSizes,
        outcome: Outcome,
    ) -> None:
        self._reading = reading
        self._events = events
        self._campaign = campaign
        self._coverage = coverage
        self._outcome = outcome
        self._list = MovingList(self._page, sizes, content=stable_content, expect_rows=coverage.first_day is not None)
        self._lookback = reading.settings.lookback_days

    def rows(self) -> Iterator[list[Row]]:
        """Yield what must be loaded, a day at a time.

        Raises:
            NotNewestFirst: The list turned out to be in no order after days of it were handed on; it must be read
                whole, in a dlt run of its own.
        """
        coverage = self._coverage
        if self._reading.settings.full_refresh:
            coverage.restart(lookback_days=self._lookback)
        swept = coverage.complete and self._sweep_due()
        self._outcome.swept += swept or self._reading.settings.full_refresh
        coverage.begin(lookback_days=self._lookback, sweep=swept)
        if coverage.unordered and not swept:
            yield from self._whole()
        else:
            yield from self._ordered()
        self._outcome.unordered += coverage.unordered
        self._outcome.repaired += coverage.finish(self._reading.today) is not None

    def _ordered(self) -> Iterator[list[Row]]:
        """Read what is not loaded yet, newest first; whole, if the list proves to be in no order."""
        handed_on = False
        try:
            for span in self._coverage.spans():
                for rows in filter(None, self._span(span)):
                    handed_on = True
                    yield rows
        except NotNewestFirst:
            self._coverage.unordered = True
            if handed_on:
                self._reading.again.add(self._events.table.name)
                raise
            yield from self._whole()
        else:
            self._coverage.unordered = False

    def _sweep_due(self) -> bool:
        settings = self._reading.settings
        active = self._coverage.newest or self._campaign["started_at"].isoformat()
        return sweep_due(
            self._campaign["id"],
            last=self._coverage.swept_on,
            today=self._reading.today,
            sweep_days=settings.sweep_days,
            last_activity=datetime.fromisoformat(active).date(),
            running=(self._campaign["status"] or "").lower() in RUNNING,
        )

    def _span(self, span: Span) -> Iterator[list[Row]]:
        """Read the days of one span, newest first, clearing those that became empty."""
        through = self._reading.today if span.before is None else span.before - _DAY
        start = self._reading.settings.start_date
        since = max(filter(None, (span.since, start)), default=None)
        left = through
        for day in self._list.read(before=span.before, since=since):
            rows = self._cleared(day.date + _DAY, left) + self._day(day)
            self._coverage.cover(day.date, max(through, day.date), lookback_days=self._lookback)
            left = day.date - _DAY
            yield rows
        rows = self._cleared(None if self._list.reached_end else since, left)
        lowest = None if self._list.reached_end or since == start else since
        self._coverage.cover(lowest, through, lookback_days=self._lookback)
        yield rows

    def _whole(self) -> Iterator[list[Row]]:
        """Read a list that is in no order, whole."""
        before = self._coverage.total()
        rows: list[Row] = []
        left = self._reading.today
        self._coverage.restart(lookback_days=self._lookback)
        for day in self._list.read_whole():
            rows += self._cleared(day.date + _DAY, left)
            rows += self._day(day)
            left = day.date - _DAY
        rows += self._cleared(None, left)
        self._coverage.cover(None, self._reading.today, lookback_days=self._lookback)
        if rows and self._coverage.total() != before:
            yield rows

    def _cleared(self, since: date | None, through: date) -> list[Row]:
        return [self._removed(day) for day in self._coverage.emptied(since, through)]

    def _removed(self, day: date) -> Row:
        moment = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
        key = {"account": self._reading.account, "campaign_id": self._campaign["id"], "event_date": day}
        return {**key, self._events.email: "", self._events.time: moment, "occurrence": 0, REMOVED: True}

    def _day(self, day: Day[Event]) -> list[Row]:
        """The rows of a day, numbered, if they differ from what was loaded."""
        rows = numbered(self._events, day.rows)
        if rows:
            newest: datetime = max(row[self._events.time] for row in rows)
            self._outcome.saw(newest)
            self._coverage.newest = max(self._coverage.newest or "", newest.isoformat())
        if not self._coverage.take(day.date, digest_of(day.rows)):
            return []
        for event in day.rows:
            if event.row is None:
                known = {"campaign_id": self._campaign["id"]}
                self._reading.reject(self._events.table, event.payload, event.reason, known)
        return rows or [self._removed(day.date)]

    def _page(self, offset: int) -> Page[Event]:
        return page_of(self._events, offset, self._campaign["id"], self._reading)
