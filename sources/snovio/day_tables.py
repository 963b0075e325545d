"""Tables whose rows are replaced a campaign's UTC day at a time: which of their lists are read, and in what order."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final

import dlt
import pyarrow as pa
import pyarrow.compute as pc

from sources.outcomes import Outcome
from sources.snovio import due
from sources.snovio.campaigns import started_campaigns
from sources.snovio.coverage import Coverage
from sources.snovio.day_lists import Handover, joined
from sources.snovio.evidence import told_by_rows, told_by_types
from sources.snovio.movement import mark, mark_moved, marked, note_repair, unmark
from sources.snovio.reading import AccountReading
from sources.snovio.tables import DAY_TABLES
from sources.tables import REMOVED, Row, Table

_ROWS_TOGETHER: Final = 5_000
"""Lists with fewer rows are handed on together: each hand-over costs dlt some ten milliseconds."""


class TableReading(ABC):
    """The lists of one table, one a started campaign, read once.

    With rows that are handed on goes what is known of their lists. Lists that are known to stand still are not read,
    unless the probe that says so turns out to be wrong.

    Args:
        reading: The read this is part of.
        table: The table.
        outcome: What reading the table comes to.
        after: The tables whose evidence tells which lists to read.
    """

    def __init__(self, reading: AccountReading, table: Table, outcome: Outcome, after: Collection[str]) -> None:
        self._reading = reading
        self._table = table
        self._name = table.name
        self._outcome = outcome
        self._after = after
        self._leftovers = reading.look_for_leftovers(reading.pipeline).days.get(self._name, {})
        self._campaigns: list[Row] = []
        self._found: list[tuple[Row, Handover]] = []
        self._begun: set[int] = set()
        self._still_since: dict[int, date] = {}
        self._denied: dict[int, date] = {}

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

    def _checked(self) -> Iterator[None]:
        """Look into what the probe denied although it is there; yields to give other tables their turn."""
        yield from ()

    def pieces(self) -> Iterator[pa.Table | None]:
        """Yield rows of several lists together; None gives other tables their turn."""
        movement = self._reading.movement
        movement.passed.discard(self._name)
        yield from self._reading.wait_for(self._after, movement.passed)
        yield from self._read()
        yield from self._checked()
        movement.passed.add(self._name)
        yield from self._reading.wait_for(DAY_TABLES, movement.passed)
        if movement.is_probe_wrong:
            yield from self._read()  # what was left out

    def _read(self) -> Iterator[pa.Table | None]:
        """Read the lists that are to be read and are not yet."""
        self._campaigns = self._turned([one for one in started_campaigns(self._reading) if self._is_due(one)])
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

    def _is_due(self, campaign: Row) -> bool:
        """Whether a list is to be read: it may have moved, is not read to its end, or its sweep is due."""
        number = campaign["id"]
        if self._is_read(campaign) or number in self._begun:
            return False
        movement = self._reading.movement
        coverage = Coverage.from_state(self._lists().get(str(number)))
        if movement.is_denied(number, self._name) and coverage.complete and coverage.loaded_through is not None:
            self._still_since[number] = coverage.loaded_through
        if not movement.is_proved(number) or number in marked(self._name) or number in self._leftovers:
            return True
        return due.list_is_due(coverage, campaign, self._reading.settings, self._reading.today)

    def _turned(self, left: list[Row]) -> list[Row]:
        """The same, beginning where the last load was cut off, so that each gets its turn."""
        last = self._state().get("resume_at")
        first = next((index for index, campaign in enumerate(left) if campaign["id"] == last), 0)
        return left[first:] + left[:first]

    def _reader(self, campaign: Row) -> Iterator[Handover]:
        self._begun.add(campaign["id"])
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
        take_note(self._reading, self._table, self._outcome, campaign, found)
        number = campaign["id"]
        if found.rows is not None or found.moved:
            mark_moved(number, told_by_types(found.moved))
        if found.rows is not None:
            mark(number, told_by_rows(self._name))
            there = pc.invert(pc.fill_null(found.rows[REMOVED], fill_value=False))
            self._reading.days_seen[number].update(found.rows.filter(there)["event_date"].unique().to_pylist())
        if found.newest is not None and found.newest.date() > self._still_since.get(number, date.max):
            self._denied[number] = found.newest.date()
        if found.repaired:
            note_repair(number)
        if found.must_be_read_whole:
            self._reading.again.add(self._name)
        if found.is_last:
            unmark(number, self._name)
            self._reading.done.add((self._name, number))


def take_note(reading: AccountReading, table: Table, outcome: Outcome, campaign: Row, found: Handover) -> None:
    """Account for what was found of a campaign's list."""
    outcome.saw(found.newest)
    outcome.swept += found.swept
    outcome.unordered += found.unordered
    outcome.repaired += found.repaired
    outcome.notes += [f"{_label(campaign)}: {note}" for note in found.notes]
    for bad in found.rejected:
        reading.reject(table, bad.payload, bad.reason, {"campaign_id": campaign["id"]})
    if found.is_last:
        reading.succeeded(outcome, _label(campaign))


def _label(campaign: Row) -> str:
    return f"campaign {campaign['id']}"
