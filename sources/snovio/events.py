"""The four event lists: sent, opens, clicks, replies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.extract import DltResource

from sources.snovio.campaigns import campaign_list, note_movement
from sources.snovio.coverage import Coverage, Span
from sources.snovio.event_rows import EventList, EventRows, Rejected, contents, numbered, page_of, removed
from sources.snovio.moving_list import MovingList, NotNewestFirst
from sources.snovio.outcomes import Outcome
from sources.snovio.pages import Day, PageSizes
from sources.snovio.reading import RUNNING, AccountReading
from sources.snovio.sweeps import sweep_due
from sources.snovio.writing import units
from sources.tables import Row

_DAY: Final = timedelta(days=1)


def event_list(reading: AccountReading, events: EventList) -> DltResource:
    """One event table: every started campaign's list, whole UTC days at a time."""
    table = events.table

    def read(outcome: Outcome) -> Iterator[pa.Table | None]:
        sizes = PageSizes(**_state(events).get("page_sizes", {}))
        leftovers = reading.look_for_leftovers(dlt.current.pipeline()).days.get(table.name, {})
        campaigns = [one for one in campaign_list(reading) if one["started_at"] is not None]
        campaigns = _turned([one for one in campaigns if (table.name, one["id"]) not in reading.done], events)

        def begin(campaign: Row) -> Iterator[Handover]:
            coverage = Coverage.from_state(_lists(events).get(str(campaign["id"])))
            coverage.distrust(leftovers.get(campaign["id"], ()))
            return ListReading(reading, events, campaign, coverage, sizes).handovers()

        for step in reading.readers.read(campaigns, begin):
            if step is None:
                yield None  # the other tables get their turn
                continue
            campaign, brought = step
            with reading.one(outcome, f"campaign {campaign['id']}"):
                found = brought()
                if found is None:
                    continue
                if not reading.slice.takes(len(found)):
                    yield None  # the slice ends here; what was found opens the next one
                _lists(events)[str(campaign["id"])] = found.coverage
                _state(events)["page_sizes"] = asdict(sizes)
                _note(reading, outcome, events, campaign, found)
                if found.is_last:
                    reading.done.add((table.name, campaign["id"]))
                    reading.succeeded(outcome, f"campaign {campaign['id']}")
                    unread = (one["id"] for one in campaigns if (table.name, one["id"]) not in reading.done)
                    _state(events)["resume_at"] = next(unread, None)
                yield found.rows

    return units(reading, table, read, nothing=removed(events, reading.account, 0, ()))


def _state(events: EventList) -> dict[str, Any]:
    """The table's state in the slice that is being read."""
    state: dict[str, Any] = dlt.current.resource_state(events.table.name)
    return state


def _lists(events: EventList) -> dict[str, Any]:
    lists: dict[str, Any] = _state(events).setdefault("lists", {})
    return lists


def _turned(campaigns: list[Row], events: EventList) -> list[Row]:
    """The campaigns, beginning with the one at which the last read was cut off, so that each gets its turn."""
    last = _state(events).get("resume_at")
    first = next((index for index, campaign in enumerate(campaigns) if campaign["id"] == last), 0)
    return campaigns[first:] + campaigns[:first]


def _note(reading: AccountReading, outcome: Outcome, events: EventList, campaign: Row, found: Handover) -> None:
    """Account for what was found."""
    outcome.saw(found.newest)
    outcome.swept += found.swept
    outcome.unordered += found.unordered
    outcome.repaired += found.repaired
    for bad in found.rejected:
        reading.reject(events.table, bad.payload, bad.reason, {"campaign_id": campaign["id"]})
    if found.rows is not None:
        note_movement(campaign["id"])
    if found.must_be_read_whole:
        reading.again.add(events.table.name)


@dataclass(frozen=True, slots=True)
class Handover:
    """What one step of reading a list brought: whole days, and what is known of the list with them.

    Args:
        coverage: The list's state, once the rows are loaded.
        rows: Days that differ from what is loaded, and what clears days that became empty; None if there are none.
        rejected: The events of these days that cannot be loaded.
        newest: Time of the newest event.
        is_last: Whether the list is read to its end.
        must_be_read_whole: It turned out to be in no order after days of it were handed on.
        swept: Whether it was read whole.
        unordered: Whether it is not newest first.
        repaired: Whether a sweep found other rows than were loaded.
    """

    coverage: dict[str, Any]
    rows: pa.Table | None = None
    rejected: Sequence[Rejected] = ()
    newest: datetime | None = None
    is_last: bool = False
    must_be_read_whole: bool = False
    swept: bool = False
    unordered: bool = False
    repaired: bool = False

    def __len__(self) -> int:
        """How many rows."""
        return 0 if self.rows is None else int(self.rows.num_rows)


class ListReading:
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
        self._reading = reading
        self._events = events
        self._campaign = campaign
        self._coverage = coverage
        self._list = MovingList(self._page, sizes, content=contents, expect_rows=coverage.first_day is not None)
        self._lookback = reading.settings.lookback_days
        self._rows_read = 0

    def handovers(self) -> Iterator[Handover]:
        """Read what must be loaded, newest first.

        Raises:
            NotNewestFirst: The list turned out to be in no order after days of it were handed on; it must be read
                whole, in a dlt run of its own.
        """
        coverage = self._coverage
        whole = self._reading.settings.full_refresh
        if whole:
            coverage.restart(lookback_days=self._lookback)
        swept = coverage.complete and self._sweep_due()
        coverage.begin(lookback_days=self._lookback, sweep=swept)
        if coverage.unordered and not swept:
            yield self._whole()
        else:
            yield from self._ordered()
        repaired = coverage.finish(self._reading.today) is not None
        yield Handover(
            coverage.to_state(),
            is_last=True,
            swept=swept or whole,
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

    def _span(self, span: Span) -> Iterator[Handover]:
        """Read the days of one span, newest first, clearing those that became empty."""
        through = self._reading.today if span.before is None else span.before - _DAY
        start = self._reading.settings.start_date
        since = max(filter(None, (span.since, start)), default=None)
        left = through
        for days in self._list.read(before=span.before, since=since, newer=span.newer + self._rows_read):
            yield self._taken(days, through, left)
            left = days[-1].date - _DAY
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
        cleared = list(self._coverage.emptied(None, days[-1].date - _DAY if days else today))
        self._coverage.cover(None, today, lookback_days=self._lookback)
        if self._coverage.total() == before:
            return Handover(self._coverage.to_state(), newest=found.newest)
        rows = _joined(found.rows, self._removed(cleared))
        return Handover(self._coverage.to_state(), rows, found.rejected, found.newest)

    def _taken(self, days: Sequence[Day[EventRows]], through: date, left: date) -> Handover:
        """Take in days that were seen from end to end.

        Args:
            days: The days with rows, newest first.
            through: The newest day of the span.
            left: The newest day of the span that is not taken in yet.
        """
        events = numbered(self._events, EventRows.together([part for day in days for part in day.parts]))
        changed: list[EventRows] = []
        cleared: list[date] = []
        start = 0
        for day in days:
            cleared += self._coverage.emptied(day.date + _DAY, left)
            part = events[start : start + len(day)]
            if self._coverage.take(day.date, part.digest()):
                changed.append(part)
                if len(part.rejected) == len(part):
                    cleared.append(day.date)
            self._coverage.cover(day.date, max(through, day.date), rows=len(day), lookback_days=self._lookback)
            left = day.date - _DAY
            start += len(day)
        self._rows_read += start
        newest = self._newest(events)
        whole = [events] if len(changed) == len(days) else changed
        rows = _joined(*(part.loadable() for part in whole), self._removed(cleared))
        rejected = tuple(bad for part in whole for bad in part.rejected.values())
        return Handover(self._coverage.to_state(), rows, rejected, newest)

    def _newest(self, events: EventRows) -> datetime | None:
        """The time of the newest event, which is noted."""
        newest: datetime | None = pc.max(events.loadable()[self._events.time]).as_py()
        if newest is not None:
            newest = newest.astimezone(UTC)
            self._coverage.newest = max(self._coverage.newest or "", newest.isoformat())
        return newest

    def _removed(self, days: Sequence[date]) -> pa.Table:
        return removed(self._events, self._reading.account, self._campaign["id"], days)

    def _page(self, offset: int) -> Any:
        return page_of(self._events, offset, self._campaign["id"], self._reading)


def _joined(*parts: pa.Table | None) -> pa.Table | None:
    """Rows together, None if there are none."""
    rows = [part for part in parts if part is not None and part.num_rows]
    return pa.concat_tables(rows, promote_options="default") if rows else None
