"""What is known of a campaign's recipient activity: beside its days, which events of each type they held. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Self

from sources.snovio.coverage import NOTHING, Coverage, Digest

Types = dict[str, Digest]
"""Type of event -> digest of its events: of their times and recipients alone, as profiles change without an event."""


@dataclass
class SweptTypes:
    """A re-read of everything, under way: what the days before its floor held, and what they are seen to hold."""

    before: Types
    seen: Types = field(default_factory=dict)


@dataclass
class ActivityCoverage(Coverage):
    """As `Coverage`; also tells the types of events by which days differ from what was loaded.

    Args:
        recent_types: The types of each day that will be read again.
        settled_types: Those of all older days together.
        swept_types: Those of the sweep under way.
    """

    recent_types: dict[date, Types] = field(default_factory=dict)
    settled_types: Types = field(default_factory=dict)
    swept_types: SweptTypes | None = None

    def __post_init__(self) -> None:
        self._moved: set[str] = set()

    @classmethod
    def from_state(cls, state: Mapping[str, Any] | None) -> Self:
        """Read what `to_state` wrote; nothing known for None."""
        coverage = super().from_state(state)
        types = (state or {}).get("types", {})
        recent = types.get("recent", {})
        coverage.recent_types = {date.fromisoformat(day): _from_json(found) for day, found in recent.items()}
        coverage.settled_types = _from_json(types.get("settled", {}))
        if "sweep" in types:
            coverage.swept_types = SweptTypes(*map(_from_json, types["sweep"]))
        return coverage

    def to_state(self) -> dict[str, Any]:
        """The same as JSON."""
        types: dict[str, Any] = {
            "recent": {day.isoformat(): _to_json(found) for day, found in sorted(self.recent_types.items())},
            "settled": _to_json(self.settled_types),
        }
        if self.swept_types is not None:
            types["sweep"] = [_to_json(self.swept_types.before), _to_json(self.swept_types.seen)]
        return {**super().to_state(), "types": types}

    def restart(self, *, lookback_days: int) -> None:
        """Begin to read the whole list again."""
        if self.loaded_through is not None:
            before = self.settled_types if self.swept_types is None else self.swept_types.before
            self.swept_types = SweptTypes(before)
        self.settled_types = {}
        super().restart(lookback_days=lookback_days)

    def emptied(self, since: date | None, through: date) -> Iterator[date]:
        """Days of a range that were read and have no rows, but had or may have had some: they must be cleared."""
        for day in super().emptied(since, through):
            self._moved.update(self.recent_types.pop(day, ()))
            yield day

    def take_types(self, days: Mapping[date, Types]) -> None:
        """Note what days hold that were taken and are covered."""
        for day, found in days.items():
            if self.swept_types is not None and self.sweep is not None and day < self.sweep.floor:
                self.swept_types.seen = _together(self.swept_types.seen, found)
            else:
                self._moved |= _differing(self.recent_types.get(day, {}), found)
            self.recent_types[day] = found
        for day in self.recent_types.keys() - self.recent.keys():
            self.settled_types = _together(self.settled_types, self.recent_types.pop(day))

    def finish(self, today: date) -> int | None:
        """End a read that left no gap; as `Coverage.finish`."""
        if self.complete and self.swept_types is not None:
            self._moved |= _differing(self.swept_types.before, self.swept_types.seen)
            self.swept_types = None
        return super().finish(today)

    def take_moved(self) -> frozenset[str]:
        """The types of events by which what was read since the last call differs from what was loaded before.

        What a sweep finds in days that are not read at every load is told once it is finished.
        """
        moved = frozenset(self._moved)
        self._moved.clear()
        return moved


def _differing(before: Types, after: Types) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _together(one: Types, other: Types) -> Types:
    return {name: one.get(name, NOTHING).plus(other.get(name, NOTHING)) for name in one.keys() | other.keys()}


def _to_json(types: Types) -> dict[str, list[int]]:
    return {name: list(digest) for name, digest in sorted(types.items())}


def _from_json(state: Mapping[str, Any]) -> Types:
    return {name: Digest(*digest) for name, digest in state.items()}
