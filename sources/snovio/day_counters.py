"""Counters by day: how the days of campaigns, or of senders, are found out and looked at again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any, Final, Generic

from sources.outcomes import Outcome
from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.counting import Answer, Questions, asked
from sources.snovio.days import DAY, Days
from sources.snovio.reading import AccountReading
from sources.snovio.recheck import Cell, Recheck
from sources.snovio.tables import ADDITIVE
from sources.snovio.timeline import Counters
from sources.snovio.windows import Backfill, Block, Settled, Subject
from sources.tables import REMOVED, Row, Table

_CELLS_TOGETHER: Final = 500


class DayCounters(ABC, Generic[Subject]):
    """The days of some subjects, read once. With rows that are handed on goes what is known of them.

    Args:
        reading: The read this is part of.
        table: Where the rows go.
        outcome: What reading it comes to.
        memory: What is known of the subjects; nothing, where only a range of days is read.
    """

    def __init__(
        self, reading: AccountReading, table: Table, outcome: Outcome, memory: AnalyticsMemory[Subject]
    ) -> None:
        self._reading = reading
        self._table = table
        self._outcome = outcome
        self._memory = memory
        self._rows: list[Row] = []
        self._looked_at: dict[Subject, list[date]] = {}

    @abstractmethod
    def _key(self, subject: Subject) -> Row:
        """The columns that name a subject."""

    @abstractmethod
    def _ask(self, block: Block[Subject]) -> Mapping[str, Any]:
        """Ask for the counters of some subjects over some days; runs in a thread."""

    @abstractmethod
    def _stored_days(self, subject: Subject) -> Collection[date]:
        """Days of a subject with a row in the warehouse."""

    @abstractmethod
    def _write_down(self) -> None:
        """Write what is known into the state of the slice that is being read."""

    @property
    def _subject_word(self) -> str:
        """What a subject is, for failures."""
        return "campaign"

    def _moved(self, cell: Cell[Subject]) -> None:
        """Take note of a day that is not as it was stored."""

    @property
    def _floor(self) -> date:
        """The oldest day that the next load looks at again."""
        return self._reading.today - self._reading.settings.lookback_days * DAY

    def _together(self, *steps: Iterator[None]) -> Iterator[list[Row] | None]:
        """Rows as the steps bring them; whatever ends the steps, what they brought is handed on."""
        try:
            for _ in chain(*steps):
                if len(self._rows) >= _CELLS_TOGETHER:
                    yield self._handed_on()
                yield None
        except Exception:
            yield self._handed_on()
            raise
        yield self._handed_on()

    def _handed_on(self) -> list[Row]:
        """The rows; with them goes what is known, unless only a range of days is read."""
        if self._reading.settings.range is None:
            self._memory.keep_recent(self._reading.settings.lookback_days)
            self._write_down()
        rows, self._rows = self._rows, []
        return rows

    def _looked_again(self, subjects: Sequence[Subject]) -> Iterator[None]:
        """Look at the last days of subjects, those that are likely to have moved first.

        Of a subject that is not known yet only today is looked at, before anything else is read: so the next load can
        tell what happened since.
        """
        today = self._reading.today
        looked_at: dict[Subject, list[date]] = {}
        for subject in subjects:
            again = self._memory.looked_at_again(subject, today, self._reading.settings.lookback_days)
            looked_at[subject] = again if today in again else [*again, today]
        planner = Recheck(looked_at, stored=self._memory.recent, additive=ADDITIVE, remembered=self._memory.answers)
        yield from self._rechecked(planner)
        self._memory.answers = dict(planner.answers)
        for subject in {subject for subject, _ in planner.unknown}:
            del looked_at[subject]
        for subject, days in looked_at.items():
            if subject not in self._memory.settled:  # of which nobody knows that it holds nothing
                self._clear({day for day in days if (subject, day) not in self._memory.recent}, subject)
            for day in days:
                self._memory.settle(subject, Days(day, day), {}, ADDITIVE)
        self._looked_at = looked_at

    def _rechecked(self, planner: Recheck[Subject]) -> Iterator[None]:
        """Take in the days that are not as they were stored."""
        for _ in asked(self._reading, self._outcome, planner, self._ask, self._subject_word):
            for cell in planner.take():
                self._moved(cell)
                self._add(cell.subject, cell.day, cell.counters)
                self._memory.change(cell.subject, cell.day, cell.counters, ADDITIVE)
            yield

    def _found_out(
        self,
        spans: Mapping[Subject, Sequence[Days]],
        active: Mapping[Subject, Collection[date]],
        first: Collection[Subject] = (),
    ) -> Iterator[None]:
        """Find out days that are not known.

        Args:
            spans: Which, by subject.
            active: Days on which something is known to have happened.
            first: Subjects that come first.
        """
        planner = Backfill(spans, active=active, first=first, most_days=self._memory.most_days)
        for _ in asked(self._reading, self._outcome, planner, self._ask, self._subject_word):
            for found in planner.take():
                self._settled(found)
            self._memory.most_days = planner.most_days
            yield

    def _settled(self, found: Settled[Subject]) -> None:
        """Take in days that are known from end to end, clearing those that are stored and hold nothing."""
        days = Days(found.since, found.through)
        for day, counters in found.cells.items():
            self._add(found.subject, day, counters)
        self._clear(set(days.each()) - found.cells.keys(), found.subject)
        self._memory.settle(found.subject, days, found.cells, ADDITIVE)

    def _asked_together(self) -> Iterator[None]:
        """Remember what the next load's questions answer now, where the stored cells do not add up to it.

        Whoever is counted for two subjects is counted once by the question about both.
        """
        memory = self._memory
        days = [day for day in Days(self._floor, self._reading.today).each() if memory.active_on(day) > 1]
        blocks = [Block(tuple(memory.looking_again_at(day)), day, day) for day in days]
        questions = Questions(block for block in blocks if block.key not in memory.answers)
        yield from asked(self._reading, self._outcome, questions, self._ask, self._subject_word)
        for block, counters in questions.answers.items():
            memory.answers[block.key] = dict(counters or {})

    def _clear(self, days: Collection[date], subject: Subject) -> None:
        """Clear the days of a subject that are stored and hold nothing."""
        for day in set(self._stored_days(subject)).intersection(days):
            self._add(subject, day, None)

    def _add(self, subject: Subject, day: date, counters: Counters | None) -> None:
        """Add the row of a day, or what clears it."""
        key = {**self._key(subject), "date": day}
        if counters is None:
            self._rows.append({"account": self._reading.account, **key, REMOVED: True})
        elif isinstance(counters, Answer):
            row = self._reading.convert(self._table, counters.payload, **key)
            if row is not None:
                self._rows.append(row)
                self._outcome.saw(datetime(day.year, day.month, day.day, tzinfo=UTC))
