"""What is known of the counters of campaigns or senders: which days are found out, what recent ones held. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Generic, Self

from sources.snovio.days import DAY, Days
from sources.snovio.timeline import Counters
from sources.snovio.windows import Subject

MOST_DAYS_SINCE: Final = 14
"""After a longer break the days since the last load are found out like those of a first load."""


@dataclass(slots=True)
class AnalyticsMemory(Generic[Subject]):
    """The state of the analytics, kept in dlt's state as JSON.

    Args:
        settled: Days that are found out, by subject, oldest first, without overlap.
        recent: What the cells with activity held that will be looked at again, by subject and day.
        answers: Answers to whole questions, to be compared with those of the next load.
        sums: The additive counters of all cells of a subject together.
        most_days: The longest range of days that the API takes; None: no bound was met.
    """

    settled: dict[Subject, list[Days]] = field(default_factory=dict)
    recent: dict[tuple[Subject, date], Counters] = field(default_factory=dict)
    answers: dict[str, Counters] = field(default_factory=dict)
    sums: dict[Subject, Counters] = field(default_factory=dict)
    most_days: int | None = None

    @classmethod
    def from_state(cls, state: Mapping[str, Any], subject_of: Callable[[str], Subject]) -> Self:
        """Read what `to_state` wrote; nothing known for an empty state. Subjects are texts there."""
        return cls(
            settled={
                subject_of(name): [Days(*map(date.fromisoformat, ends)) for ends in found]
                for name, found in state.get("settled", {}).items()
            },
            recent={
                (subject_of(number), date.fromisoformat(day)): counters
                for number, cells in state.get("recent", {}).items()
                for day, counters in cells.items()
            },
            answers=dict(state.get("answers", {})),
            sums={subject_of(number): counters for number, counters in state.get("sums", {}).items()},
            most_days=state.get("most_days"),
        )

    def to_state(self) -> dict[str, Any]:
        """The same as JSON."""
        recent: dict[str, dict[str, Counters]] = {}
        for (number, day), counters in sorted(self.recent.items(), key=str):
            recent.setdefault(str(number), {})[day.isoformat()] = dict(counters)
        return {
            "settled": {
                str(number): [[days.first.isoformat(), days.last.isoformat()] for days in found]
                for number, found in sorted(self.settled.items(), key=str)
            },
            "recent": recent,
            "answers": {key: dict(counters) for key, counters in self.answers.items()},
            "sums": {str(number): dict(counters) for number, counters in sorted(self.sums.items(), key=str)},
            "most_days": self.most_days,
        }

    def through(self, subject: Subject) -> date | None:
        """The newest day that is found out."""
        found = self.settled.get(subject)
        return found[-1].last if found else None

    def last_days(self) -> list[date]:
        """The newest day of each subject that is found out."""
        return [days[-1].last for days in self.settled.values()]

    def on_last_day(self, subject: Subject) -> Counters:
        """What the newest day held that is found out."""
        through = self.through(subject)
        return self.recent.get((subject, through), {}) if through else {}

    def active_on(self, day: date) -> int:
        """Of how many subjects a recent day holds something."""
        return sum(active == day for _, active in self.recent)

    def looking_again_at(self, day: date) -> list[Subject]:
        """The subjects of which the next load looks at a recent day again."""
        return [number for number, days in self.settled.items() if days[-1].first <= day <= days[-1].last]

    def looked_at_again(self, subject: Subject, today: date, lookback_days: int) -> list[date]:
        """The days of a subject to look at again; those since the last load too, unless that is long ago."""
        through = self.through(subject)
        if through is None:
            return []
        since = max(through - lookback_days * DAY, self.settled[subject][-1].first)
        return Days(since, today if (today - through).days <= MOST_DAYS_SINCE else through).each()

    def unknown(self, subject: Subject, whole: Days) -> list[Days]:
        """The days of a range that are not found out."""
        left: list[Days] = []
        since = whole.first
        for days in self.settled.get(subject, ()):
            if days.first > since:
                left.append(Days(since, min(days.first - DAY, whole.last)))
            since = max(since, days.last + DAY)
        left.append(Days(since, whole.last))
        return [days for days in left if days.first <= days.last]

    def settle(self, subject: Subject, days: Days, cells: Mapping[date, Counters], additive: Collection[str]) -> None:
        """Note what days held that were not found out before."""
        merged = days
        others = []
        for known in self.settled.get(subject, ()):
            if known.first <= merged.last + DAY and merged.first <= known.last + DAY:
                merged = Days(min(known.first, merged.first), max(known.last, merged.last))
            else:
                others.append(known)
        self.settled[subject] = sorted([*others, merged])
        for day, counters in cells.items():
            self.change(subject, day, counters, additive)

    def change(self, subject: Subject, day: date, counters: Counters | None, additive: Collection[str]) -> None:
        """Note what a cell holds now; None: nothing."""
        before = self.recent.pop((subject, day), {})
        after = counters or {}
        if after:
            self.recent[subject, day] = dict(after)
        sums = dict(self.sums.get(subject, {}))
        for name in additive:
            if moved := after.get(name, 0) - before.get(name, 0):
                sums[name] = sums.get(name, 0) + moved
        self.sums[subject] = sums

    def sum_before(self, subject: Subject, floor: date, additive: Collection[str]) -> dict[str, int]:
        """The additive counters of all cells of a subject before a day, from which on they are looked at again."""
        sums = dict(self.sums.get(subject, {}))
        for (number, day), counters in self.recent.items():
            if number == subject and day >= floor:
                for name in additive:
                    sums[name] = sums.get(name, 0) - counters.get(name, 0)
        return {name: value for name, value in sums.items() if value}

    def keep_recent(self, lookback_days: int) -> None:
        """Forget what cells held that the next load does not look at again."""
        floors = {number: days[-1].last - lookback_days * DAY for number, days in self.settled.items()}
        self.recent = {cell: counters for cell, counters in self.recent.items() if cell[1] >= floors[cell[0]]}

    def forget(self, subject: Subject, additive: Collection[str] = (), *, but: Collection[date] = ()) -> None:
        """Take all days of a subject but some for not found out."""
        kept = {cell: counters for cell, counters in self.recent.items() if cell[0] == subject and cell[1] in but}
        self.settled.pop(subject, None)
        self.sums.pop(subject, None)
        self.recent = {cell: counters for cell, counters in self.recent.items() if cell[0] != subject}
        for day in but:
            cells = {day: kept[subject, day]} if (subject, day) in kept else {}
            self.settle(subject, Days(day, day), cells, additive)
