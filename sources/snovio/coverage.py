"""What is known of one event list: which days are loaded, and what they held. Pure; kept in dlt's state as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple, Self

_DAY = timedelta(days=1)
DIGEST_RANGE = 2**64


class Digest(NamedTuple):
    """How many rows, and the sum of their hashes: equal for equal rows in any order; digests of parts add up."""

    rows: int = 0
    total: int = 0

    def plus(self, other: Digest) -> Digest:
        """The digest of both parts together."""
        return Digest(self.rows + other.rows, (self.total + other.total) % DIGEST_RANGE)


NOTHING = Digest()
UNKNOWN = Digest(-1)
"""Of a day that holds rows nobody knows; unlike any digest of rows."""


class Stretch(NamedTuple):
    """Days that are loaded without a gap, both ends included; `since` None: from the end of the list.

    `rows` is how many they held when they were read: a hint where older days begin.
    """

    since: date | None
    through: date
    rows: int = 0


class Span(NamedTuple):
    """Days to read: before a day (None: from the head), down to a day (None: to the end).

    `newer` is how many rows are known to lie before them in the list.
    """

    before: date | None
    since: date | None
    newer: int = 0


@dataclass(slots=True)
class Sweep:
    """A re-read of the whole list, under way: what the days before `floor` held, and what they are seen to hold."""

    floor: date
    before: Digest
    seen: Digest = NOTHING


@dataclass(slots=True)
class Coverage:
    """The state of one list of one campaign.

    Args:
        stretches: Complete stretches of days, newest first.
        recent: Digest of each day with rows that will be read again, so that unchanged days are left alone.
        settled: Digest of all older days.
        first_day: The oldest day that ever had rows.
        loaded_through: The newest day ever loaded.
        newest: ISO time of the newest row.
        swept_on: When the list was last read whole.
        sweep: The sweep under way.
        unordered: The list is not newest first.
    """

    stretches: list[Stretch] = field(default_factory=list)
    recent: dict[date, Digest] = field(default_factory=dict)
    settled: Digest = NOTHING
    first_day: date | None = None
    loaded_through: date | None = None
    newest: str | None = None
    swept_on: date | None = None
    sweep: Sweep | None = None
    unordered: bool = False

    @classmethod
    def from_state(cls, state: Mapping[str, Any] | None) -> Self:
        """Read what `to_state` wrote; nothing known for None."""
        if not state:
            return cls()
        sweep = state.get("sweep")
        return cls(
            stretches=[
                Stretch(_day(since), date.fromisoformat(day), rows) for since, day, rows in state["stretches"]
            ],
            recent={date.fromisoformat(day): Digest(*digest) for day, digest in state["recent"].items()},
            settled=Digest(*state["settled"]),
            first_day=_day(state.get("first_day")),
            loaded_through=_day(state.get("loaded_through")),
            newest=state.get("newest"),
            swept_on=_day(state.get("swept_on")),
            sweep=Sweep(date.fromisoformat(sweep[0]), Digest(*sweep[1]), Digest(*sweep[2])) if sweep else None,
            unordered=state.get("unordered", False),
        )

    def to_state(self) -> dict[str, Any]:
        """The same as JSON; what is not set is left out."""
        state: dict[str, Any] = {
            "stretches": [
                [since and since.isoformat(), day.isoformat(), rows] for since, day, rows in self.stretches
            ],
            "recent": {day.isoformat(): list(digest) for day, digest in sorted(self.recent.items())},
            "settled": list(self.settled),
            "first_day": self.first_day and self.first_day.isoformat(),
            "loaded_through": self.loaded_through and self.loaded_through.isoformat(),
            "newest": self.newest,
            "swept_on": self.swept_on and self.swept_on.isoformat(),
            "sweep": self.sweep and [self.sweep.floor.isoformat(), list(self.sweep.before), list(self.sweep.seen)],
            "unordered": self.unordered,
        }
        return {key: value for key, value in state.items() if value is not None and value is not False}

    @property
    def complete(self) -> bool:
        """Whether every day down to the end of the list is loaded."""
        return len(self.stretches) == 1 and self.stretches[0].since is None

    def begin(self, *, lookback_days: int, sweep: bool) -> None:
        """Begin a read: forget the days that it must read again.

        Args:
            lookback_days: Days before the newest loaded day that are read again.
            sweep: Read everything again.
        """
        if not self.stretches or self.loaded_through is None:
            return
        if sweep and self.complete:
            self.restart(lookback_days=lookback_days)
            return
        floor = self.loaded_through - lookback_days * _DAY
        newest = self.stretches[0]
        if newest.through >= floor:
            reread = sum(digest.rows for day, digest in self.recent.items() if day >= floor)
            kept = Stretch(newest.since, floor - _DAY, max(0, newest.rows - reread))
            self.stretches[:1] = [kept] if kept.since is None or kept.since <= kept.through else []

    def distrust(self, days: Collection[date]) -> None:
        """Take days for unknown whose rows lie in the warehouse although no state tells of them.

        They are read again, with what lies between them, and cleared where they turn out to be empty.
        """
        if not days:
            return
        oldest, newest = min(days), max(days)
        self.recent |= dict.fromkeys(days, UNKNOWN)
        self.first_day = oldest if self.first_day is None else min(oldest, self.first_day)
        self.stretches = [part for stretch in self.stretches for part in _around(stretch, oldest, newest)]

    def restart(self, *, lookback_days: int) -> None:
        """Begin to read the whole list again."""
        if self.loaded_through is not None:
            self.sweep = Sweep(self.loaded_through - lookback_days * _DAY, self.settled)
        self.settled = NOTHING
        self.stretches = []

    def spans(self) -> list[Span]:
        """The days that are not loaded, newest first."""
        spans: list[Span] = []
        before: date | None = None
        newer = 0
        for stretch in self.stretches:
            spans.append(Span(before, stretch.through + _DAY, newer))
            before = stretch.since
            newer += stretch.rows
            if before is None:
                return spans
        return [*spans, Span(before, None, newer)]

    def take(self, day: date, digest: Digest) -> bool:
        """Note what a day holds and say whether it must be loaded.

        During a sweep every day must; otherwise those that differ from what was loaded.
        """
        changed = self.sweep is not None or self.recent.get(day) != digest
        self.recent[day] = digest
        self.first_day = day if self.first_day is None else min(day, self.first_day)
        if self.sweep is not None and day < self.sweep.floor:
            self.sweep.seen = self.sweep.seen.plus(digest)
        return changed

    def emptied(self, since: date | None, through: date) -> Iterator[date]:
        """Days of a range that were read and have no rows, but had or may have had some: they must be cleared."""
        days = {day for day in self.recent if (since is None or day >= since) and day <= through}
        for day in days:
            del self.recent[day]
        if self.sweep is not None and self.first_day is not None and self.loaded_through is not None:
            first, last = max(self.first_day, since or self.first_day), min(through, self.loaded_through)
            days.update(first + number * _DAY for number in range((last - first).days + 1))
        yield from sorted(days, reverse=True)

    def cover(self, since: date | None, through: date, *, rows: int = 0, lookback_days: int) -> None:
        """Note that all days of a range are loaded, and how many rows more than before that makes.

        Args:
            since: The first day; None: down to the end of the list.
            through: The last day.
            rows: How many rows were read that no earlier `cover` told of.
            lookback_days: As in `begin`.
        """
        merged = Stretch(since, through, rows)
        others = []
        for stretch in self.stretches:
            if _touch(stretch, merged):
                merged = _joined(stretch, merged)
            else:
                others.append(stretch)
        self.stretches = sorted([*others, merged], key=lambda stretch: stretch.through, reverse=True)
        self.loaded_through = max(self.loaded_through or through, through)
        self._settle(self.stretches[0].through - lookback_days * _DAY, merged)

    def finish(self, today: date) -> int | None:
        """End a read that left no gap.

        Returns:
            How many rows more a sweep found than were stored (0: as many, but others), or None if nothing differed.
        """
        if not self.complete:
            return None
        sweep, self.sweep = self.sweep, None
        if sweep is None:
            self.swept_on = self.swept_on or today
            return None
        self.swept_on = today
        return None if sweep.seen == sweep.before else sweep.seen.rows - sweep.before.rows

    def total(self) -> Digest:
        """The digest of all rows loaded."""
        whole = self.settled
        for digest in self.recent.values():
            whole = whole.plus(digest)
        return whole

    def _settle(self, floor: date, loaded: Stretch) -> None:
        """Days that were just loaded and will not be read again need no digest of their own."""
        inside = [day for day in self.recent if _lies_in(loaded, day) and day < floor]
        for day in inside:
            self.settled = self.settled.plus(self.recent.pop(day))


def _lies_in(stretch: Stretch, day: date) -> bool:
    return day <= stretch.through and (stretch.since is None or day >= stretch.since)


def _around(stretch: Stretch, oldest: date, newest: date) -> Iterator[Stretch]:
    """What is left of a stretch, newest first, without the days from `oldest` through `newest`."""
    newer = Stretch(newest + _DAY if stretch.since is None else max(stretch.since, newest + _DAY), stretch.through)
    if newer.since is not None and newer.since <= newer.through:
        yield newer
    older = Stretch(stretch.since, min(stretch.through, oldest - _DAY), stretch.rows)
    if older.since is None or older.since <= older.through:
        yield older


def _joined(one: Stretch, other: Stretch) -> Stretch:
    ends = None if one.since is None or other.since is None else min(one.since, other.since)
    return Stretch(ends, max(one.through, other.through), one.rows + other.rows)


def _touch(one: Stretch, other: Stretch) -> bool:
    return (one.since is None or one.since <= other.through + _DAY) and (
        other.since is None or other.since <= one.through + _DAY
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
