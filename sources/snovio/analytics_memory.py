"""What is known of the analytics of an account: which days are found out, and what the recent ones held. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, Self

from sources.snovio.timeline import Counters

MOST_DAYS_SINCE: Final = 14
"""After a longer break the days since the last load are found out like those of a first load."""

_DAY: Final = timedelta(days=1)


class Days(NamedTuple):
    """Days in a row, both ends included."""

    since: date
    through: date

    def each(self) -> list[date]:
        """Every day, oldest first."""
        return [self.since + number * _DAY for number in range((self.through - self.since).days + 1)]


@dataclass(slots=True)
class AnalyticsMemory:
    """The state of the analytics, kept in dlt's state as JSON.

    Args:
        settled: Days that are found out, by campaign, oldest first, without overlap.
        recent: What the cells with activity held that will be looked at again, by campaign and day.
        answers: Answers to whole questions, to be compared with those of the next load.
        sums: The additive counters of all cells of a campaign together.
        most_days: The longest range of days that the API takes; None: no bound was met.
    """

    settled: dict[int, list[Days]] = field(default_factory=dict)
    recent: dict[tuple[int, date], Counters] = field(default_factory=dict)
    answers: dict[str, Counters] = field(default_factory=dict)
    sums: dict[int, Counters] = field(default_factory=dict)
    most_days: int | None = None

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Read what `to_state` wrote; nothing known for an empty state."""
        return cls(
            settled={
                int(number): [Days(date.fromisoformat(since), date.fromisoformat(through)) for since, through in days]
                for number, days in state.get("settled", {}).items()
            },
            recent={
                (int(number), date.fromisoformat(day)): counters
                for number, cells in state.get("recent", {}).items()
                for day, counters in cells.items()
            },
            answers=dict(state.get("answers", {})),
            sums={int(number): counters for number, counters in state.get("sums", {}).items()},
            most_days=state.get("most_days"),
        )

    def to_state(self) -> dict[str, Any]:
        """The same as JSON."""
        recent: dict[str, dict[str, Counters]] = {}
        for (number, day), counters in sorted(self.recent.items()):
            recent.setdefault(str(number), {})[day.isoformat()] = dict(counters)
        return {
            "settled": {
                str(number): [[days.since.isoformat(), days.through.isoformat()] for days in found]
                for number, found in sorted(self.settled.items())
            },
            "recent": recent,
            "answers": {key: dict(counters) for key, counters in self.answers.items()},
            "sums": {str(number): dict(counters) for number, counters in sorted(self.sums.items())},
            "most_days": self.most_days,
        }

    def through(self, campaign_id: int) -> date | None:
        """The newest day that is found out."""
        found = self.settled.get(campaign_id)
        return found[-1].through if found else None

    def last_days(self) -> list[date]:
        """The newest day of each campaign that is found out."""
        return [days[-1].through for days in self.settled.values()]

    def on_last_day(self, campaign_id: int) -> Counters:
        """What the newest day held that is found out."""
        through = self.through(campaign_id)
        return self.recent.get((campaign_id, through), {}) if through else {}

    def active_on(self, day: date) -> int:
        """Of how many campaigns a recent day holds something."""
        return sum(active == day for _, active in self.recent)

    def looking_again_at(self, day: date) -> list[int]:
        """The campaigns of which the next load looks at a recent day again."""
        return [number for number, days in self.settled.items() if days[-1].since <= day <= days[-1].through]

    def looked_at_again(self, campaign_id: int, today: date, lookback_days: int) -> list[date]:
        """The days of a campaign to look at again; those since the last load too, unless that is long ago."""
        through = self.through(campaign_id)
        if through is None:
            return []
        since = max(through - lookback_days * _DAY, self.settled[campaign_id][-1].since)
        return Days(since, today if (today - through).days <= MOST_DAYS_SINCE else through).each()

    def unknown(self, campaign_id: int, whole: Days) -> list[Days]:
        """The days of a range that are not found out."""
        left: list[Days] = []
        since = whole.since
        for days in self.settled.get(campaign_id, ()):
            if days.since > since:
                left.append(Days(since, min(days.since - _DAY, whole.through)))
            since = max(since, days.through + _DAY)
        left.append(Days(since, whole.through))
        return [days for days in left if days.since <= days.through]

    def settle(self, campaign_id: int, days: Days, cells: Mapping[date, Counters], additive: Collection[str]) -> None:
        """Note what days held that were not found out before."""
        merged = days
        others = []
        for known in self.settled.get(campaign_id, ()):
            if known.since <= merged.through + _DAY and merged.since <= known.through + _DAY:
                merged = Days(min(known.since, merged.since), max(known.through, merged.through))
            else:
                others.append(known)
        self.settled[campaign_id] = sorted([*others, merged])
        for day, counters in cells.items():
            self.change(campaign_id, day, counters, additive)

    def change(self, campaign_id: int, day: date, counters: Counters | None, additive: Collection[str]) -> None:
        """Note what a cell holds now; None: nothing."""
        before = self.recent.pop((campaign_id, day), {})
        after = counters or {}
        if after:
            self.recent[campaign_id, day] = dict(after)
        sums = dict(self.sums.get(campaign_id, {}))
        for name in additive:
            if moved := after.get(name, 0) - before.get(name, 0):
                sums[name] = sums.get(name, 0) + moved
        self.sums[campaign_id] = sums

    def sum_before(self, campaign_id: int, floor: date, additive: Collection[str]) -> dict[str, int]:
        """The additive counters of all cells of a campaign before a day, from which on they are looked at again."""
        sums = dict(self.sums.get(campaign_id, {}))
        for (number, day), counters in self.recent.items():
            if number == campaign_id and day >= floor:
                for name in additive:
                    sums[name] = sums.get(name, 0) - counters.get(name, 0)
        return {name: value for name, value in sums.items() if value}

    def keep_recent(self, lookback_days: int) -> None:
        """Forget what cells held that the next load does not look at again."""
        floors = {number: days[-1].through - lookback_days * _DAY for number, days in self.settled.items()}
        self.recent = {cell: counters for cell, counters in self.recent.items() if cell[1] >= floors[cell[0]]}

    def forget(self, campaign_id: int, additive: Collection[str] = (), *, but: Collection[date] = ()) -> None:
        """Take all days of a campaign but some for not found out."""
        kept = {cell: counters for cell, counters in self.recent.items() if cell[0] == campaign_id and cell[1] in but}
        self.settled.pop(campaign_id, None)
        self.sums.pop(campaign_id, None)
        self.recent = {cell: counters for cell, counters in self.recent.items() if cell[0] != campaign_id}
        for day in but:
            cells = {day: kept[campaign_id, day]} if (campaign_id, day) in kept else {}
            self.settle(campaign_id, Days(day, day), cells, additive)
