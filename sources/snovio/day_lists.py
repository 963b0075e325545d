"""Tables whose rows are replaced a campaign's UTC day at a time: what reading their lists has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from sources.outcomes import Outcome
from sources.snovio.campaigns import campaign_list, note_movement, note_repair
from sources.snovio.coverage import Coverage
from sources.snovio.event_rows import EventRows, Events, Rejected, numbered, removed
from sources.snovio.pages import Day
from sources.snovio.reading import AccountReading
from sources.tables import Row, Table

DAY: Final = timedelta(days=1)
_ROWS_TOGETHER: Final = 5_000
"""Lists with fewer rows are handed on together: each hand-over costs dlt some ten milliseconds."""


class TableReading(ABC):
    """The lists of one table, one a started campaign, read once.

    With rows that are handed on goes what is known of their lists.

    Args:
        reading: The read this is part of.
        table: The table.
        outcome: What reading the table comes to.
    """

    def __init__(self, reading: AccountReading, table: Table, outcome: Outcome) -> None:
        self._reading = reading
        self._table = table
        self._name = table.name
        self._outcome = outcome
        self._leftovers = reading.look_for_leftovers(dlt.current.pipeline()).days.get(self._name, {})
        self._campaigns = self._turned([one for one in campaign_list(reading) if one["started_at"] is not None])
        self._found: list[tuple[Row, Handover]] = []

    @abstractmethod
    def _begin(
        self, campaign: Row, known: Mapping[str, Any] | None, doubtful: Collection[date]
    ) -> Iterator[Handover]:
        """Begin to read a list.

        Args:
            campaign: Whose: a row of `campaigns`.
            known: What the state knows of it; None: nothing.
            doubtful: Days whose rows lie in the warehouse although no state tells of them.
        """

    def _known(self) -> dict[str, Any]:
        """What the state keeps of the table beside its lists."""
        return {}

    def pieces(self) -> Iterator[pa.Table | None]:
        """Yield rows of several lists together; None gives other tables their turn."""
        try:
            for step in self._reading.readers.read(self._campaigns, self._reader):
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

    def _reader(self, campaign: Row) -> Iterator[Handover]:
        known = self._lists().get(str(campaign["id"]))
        return self._begin(campaign, known, self._leftovers.get(campaign["id"], ()))

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
        self._state().update(self._known(), resume_at=next(unread, None))
        rows = joined(*(found.rows for _, found in self._found))
        self._found.clear()
        yield rows

    def _note(self, campaign: Row, found: Handover) -> None:
        """Account for what was found of a list, and write down what is known of it."""
        self._lists()[str(campaign["id"])] = found.coverage
        self._outcome.saw(found.newest)
        self._outcome.swept += found.swept
        self._outcome.unordered += found.unordered
        self._outcome.repaired += found.repaired
        self._outcome.notes += [f"{_label(campaign)}: {note}" for note in found.notes]
        for bad in found.rejected:
            self._reading.reject(self._table, bad.payload, bad.reason, {"campaign_id": campaign["id"]})
        if found.rows is not None:
            note_movement(campaign["id"])
            self._reading.days_seen[campaign["id"]].update(found.rows["event_date"].unique().to_pylist())
        if found.repaired:
            note_repair(campaign["id"])
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
