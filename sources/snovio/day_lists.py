"""Lists whose rows are replaced a campaign's UTC day at a time: what reading one has in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sources.snovio.coverage import Coverage
from sources.snovio.event_rows import EventRows, Events, Rejected, numbered, removed
from sources.snovio.pages import Day
from sources.snovio.reading import AccountReading
from sources.tables import Row

DAY: Final = timedelta(days=1)


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
        moved: The types of events that differ from what was loaded, where a list has several.
        notes: What the operator should know of the list.
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
    moved: frozenset[str] = frozenset()
    notes: Sequence[str] = ()

    def __len__(self) -> int:
        """How many rows."""
        return 0 if self.rows is None else int(self.rows.num_rows)


class DayReading:
    """One list of one campaign, read once. Runs in a thread of its own and touches nothing but the list.

    Args:
        reading: The read this is part of.
        events: What differs between the tables.
        campaign: Whose list: a row of `campaigns`.
        coverage: What is known of it.
    """

    def __init__(self, reading: AccountReading, events: Events, campaign: Row, coverage: Coverage) -> None:
        self._reading = reading
        self._events = events
        self._campaign = campaign
        self._coverage = coverage
        self._lookback = reading.settings.lookback_days

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
            cleared += self._coverage.emptied(day.date + DAY, left)
            part = events[start : start + len(day)]
            if self._coverage.take(day.date, part.digest()):
                changed.append(part)
                if len(part.rejected) == len(part):
                    cleared.append(day.date)
            self._coverage.cover(day.date, max(through, day.date), rows=len(day), lookback_days=self._lookback)
            left = day.date - DAY
            start += len(day)
        newest = self._newest(events)
        whole = [events] if len(changed) == len(days) else changed
        rows = joined(*(part.loadable() for part in whole), self._removed(cleared))
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


def joined(*parts: pa.Table | None) -> pa.Table | None:
    """Rows together, None if there are none."""
    rows = [part for part in parts if part is not None and part.num_rows]
    return pa.concat_tables(rows, promote_options="default") if rows else None
