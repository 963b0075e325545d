"""The four event lists: sent, opens, clicks, replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.extract import DltResource

from sources.snovio.campaigns import campaign_list, note_movement
from sources.snovio.coverage import Coverage, Span
from sources.snovio.due import begin_list
from sources.snovio.event_rows import EventList, EventRows, Rejected, contents, numbered, page_of, removed
from sources.snovio.moving_list import MovingList, NotNewestFirst
from sources.snovio.outcomes import Outcome
from sources.snovio.pages import Day, PageSizes
from sources.snovio.reading import AccountReading
from sources.snovio.writing import units
from sources.tables import Row

_DAY: Final = timedelta(days=1)
_ROWS_TOGETHER: Final = 5_000
"""Lists with fewer rows are handed on together: each hand-over costs dlt some ten milliseconds."""


def event_list(reading: AccountReading, events: EventList) -> DltResource:
    """One event table: every started campaign's list, whole UTC days at a time."""

    def read(outcome: Outcome) -> Iterator[pa.Table | None]:
        yield from _TableReading(reading, events, outcome).pieces()

    return units(reading, events.table, read, nothing=removed(events, reading.account, 0, ()))


class _TableReading:
    """The lists of one table, read once. With rows that are handed on goes what is known of their lists."""

    def __init__(self, reading: AccountReading, events: EventList, outcome: Outcome) -> None:
        self._reading = reading
        self._events = events
        self._name = events.table.name
        self._outcome = outcome
        self._sizes = PageSizes(**self._state().get("page_sizes", {}))
        self._leftovers = reading.look_for_leftovers(dlt.current.pipeline()).days.get(self._name, {})
        self._campaigns = self._turned([one for one in campaign_list(reading) if one["started_at"] is not None])
        self._found: list[tuple[Row, Handover]] = []

    def pieces(self) -> Iterator[pa.Table | None]:
        """Yield rows of several lists together; None gives other tables their turn."""
        try:
            for step in self._reading.readers.read(self._campaigns, self._begin):
                if step is not None:
                    self._take(*step)
                if self._rows() >= _ROWS_TOGETHER or (self._found and self._reading.slice.is_late):
                    yield from self._handed_on()
                yield None
        except Exception:
            yield from self._handed_on()
            raise
        yield from self._handed_on()

    def _state(self) -> dict[str, Any]:
        """The table's state in the slice that is being read."""
        state: dict[str, Any] = dlt.current.resource_state(self._name)
        return state

    def _lists(self) -> dict[str, Any]:
        lists: dict[str, Any] = self._state().setdefault("lists", {})
        return lists

    def _is_read(self, campaign: Row) -> bool:
        return (self._name, campaign["id"]) in self._reading.done

    def _turned(self, campaigns: list[Row]) -> list[Row]:
        """Those not read yet, beginning where the last load was cut off, so that each gets its turn."""
        left = [campaign for campaign in campaigns if not self._is_read(campaign)]
        last = self._state().get("resume_at")
        first = next((index for index, campaign in enumerate(left) if campaign["id"] == last), 0)
        return left[first:] + left[:first]

    def _begin(self, campaign: Row) -> Iterator[Handover]:
        coverage = Coverage.from_state(self._lists().get(str(campaign["id"])))
        coverage.distrust(self._leftovers.get(campaign["id"], ()))
        return ListReading(self._reading, self._events, campaign, coverage, self._sizes).handovers()

    def _take(self, campaign: Row, brought: Callable[[], Handover | None]) -> None:
        with self._reading.one(self._outcome, _label(campaign)):
            if (found := brought()) is not None:
                self._found.append((campaign, found))

    def _rows(self) -> int:
        return sum(len(found) for _, found in self._found)

    def _handed_on(self) -> Iterator[pa.Table | None]:
        if not self._reading.slice.takes(self._rows()):
            yield None  # the slice ends here; what was found opens the next one
        for campaign, found in self._found:
            self._note(campaign, found)
        unread = (campaign["id"] for campaign in self._campaigns if not self._is_read(campaign))
        self._state().update(page_sizes=asdict(self._sizes), resume_at=next(unread, None))
        rows = _joined(*(found.rows for _, found in self._found))
        self._found.clear()
        yield rows

    def _note(self, campaign: Row, found: Handover) -> None:
        """Account for what was found of a list, and write down what is known of it."""
        self._lists()[str(campaign["id"])] = found.coverage
        self._outcome.saw(found.newest)
        self._outcome.swept += found.swept
        self._outcome.unordered += found.unordered
        self._outcome.repaired += found.repaired
        for bad in found.rejected:
            self._reading.reject(self._events.table, bad.payload, bad.reason, {"campaign_id": campaign["id"]})
        if found.rows is not None:
            note_movement(campaign["id"])
        if found.must_be_read_whole:
            self._reading.again.add(self._name)
        if found.is_last:
            self._reading.done.add((self._name, campaign["id"]))
            self._reading.succeeded(self._outcome, _label(campaign))


def _label(campaign: Row) -> str:
    return f"campaign {campaign['id']}"


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
