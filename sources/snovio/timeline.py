"""What is known of one subject's days while they are found out. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from sources.snovio.silence import Kind

Counters = Mapping[str, int]
"""Counters by name; those of distinct people do not add up over days or subjects."""


class Days(NamedTuple):
    """Days without a gap, both ends included, as ordinals."""

    since: int
    through: int

    @property
    def number(self) -> int:
        """How many days."""
        return self.through - self.since + 1


class Timeline:
    """The days of one subject: known, asked, or unknown.

    Args:
        spans: The days to find out.
        told: Days on which activity is known to be.
        expected: Whether there is activity somewhere, as far as anyone knows.
    """

    def __init__(self, spans: Iterable[Days], told: Collection[int], *, expected: bool) -> None:
        self._spans = list(_joined(spans))
        self._active = sorted({day for day in told if any(days.since <= day <= days.through for days in self._spans)})
        self._is_told = bool(self._active)
        self._expected = expected
        self._told = self._active[::-1]
        self._unknown = {days.since: days.through for span in self._spans for days in _around(span, self._active)}
        self._pending: set[Days] = set()
        self._known: list[Days] = []
        self._cells: dict[int, Counters] = {}

    @property
    def is_done(self) -> bool:
        """Whether every day is known."""
        return not (self._told or self._unknown or self._pending)

    def told(self) -> Days | None:
        """The next of the days that are known to be active."""
        return Days(self._told[-1], self._told[-1]) if self._told else None

    def unknown(self, *, ahead: bool) -> Days | None:
        """The oldest unknown days.

        Args:
            ahead: Also those right behind days whose answer is awaited.
        """
        waiting = {days.through + 1 for days in self._pending if not ahead}
        since = min(self._unknown.keys() - waiting, default=None)
        return None if since is None else Days(since, self._unknown[since])

    def can_join(self, days: Days) -> bool:
        """Whether the first of these days begins unknown days, and the last is one of them."""
        return self._unknown.get(days.since, 0) >= days.through

    def age(self, since: int) -> tuple[Kind, int]:
        """What is known of the days before a day: how many of them were silent."""
        first = next(span.since for span in reversed(self._spans) if span.since <= since)
        before = bisect_left(self._active, since) - 1
        last = self._active[before] if before >= 0 else first - 1
        awaited = since - 1
        while Days(awaited, awaited) in self._pending:
            awaited -= 1
        silent = 0 if awaited == last else since - 1 - max(last, first - 1)
        if self._is_told:
            return Kind.TOLD, silent
        if last >= first:
            return Kind.SEEN, silent
        return Kind.EXPECTED if self._expected else Kind.QUIET, silent

    def ask(self, days: Days) -> None:
        """Note that days are asked, which are told, or begin unknown days."""
        if self._told and days.since == days.through == self._told[-1]:
            self._told.pop()
        else:
            through = self._unknown.pop(days.since)
            if days.through < through:
                self._unknown[days.through + 1] = through
        self._pending.add(days)

    def give_back(self, asked: Days, kept: Days | None = None) -> None:
        """Take the days that were asked, or all but the first of them, for unknown again."""
        self._pending.remove(asked)
        since = asked.since
        if kept is not None:
            self._pending.add(kept)
            since = kept.through + 1
        self._unknown[since] = self._unknown.pop(asked.through + 1, asked.through)

    def settle(self, asked: Days, known: Days, counters: Counters | None) -> None:
        """Note the answer about the first of the days that were asked: one active day, or only silent ones."""
        self._pending.remove(asked)
        if known.through < asked.through:
            self._pending.add(Days(known.through + 1, asked.through))
        self._known.append(known)
        if counters is not None:
            self._cells[known.since] = counters
            if not self.is_marked(known.since):
                insort(self._active, known.since)

    def is_marked(self, day: int) -> bool:
        """Whether a day is told, or was found, to be active."""
        at = bisect_left(self._active, day)
        return at < len(self._active) and self._active[at] == day

    def take(self) -> Iterator[tuple[Days, dict[int, Counters]]]:
        """What became known since the last call: days, and the counters of the active ones."""
        known, self._known = self._known, []
        cells, self._cells = self._cells, {}
        for days in _joined(known):
            yield days, {day: cells[day] for day in range(days.since, days.through + 1) if day in cells}


def _joined(parts: Iterable[Days]) -> Iterator[Days]:
    """The same days, oldest first, with as few gaps as there are."""
    whole: Days | None = None
    for days in sorted(parts):
        if whole is not None and days.since <= whole.through + 1:
            whole = Days(whole.since, max(whole.through, days.through))
        else:
            if whole is not None:
                yield whole
            whole = days
    if whole is not None:
        yield whole


def _around(span: Days, left_out: Collection[int]) -> Iterator[Days]:
    """The days of a span without some of them."""
    since = span.since
    for day in (*(day for day in left_out if span.since <= day <= span.through), span.through + 1):
        if since < day:
            yield Days(since, day - 1)
        since = day + 1
