"""Pages of a newest-first list, what is known of their lengths, and the days that their rows fall into. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, Self, TypeVar


class Sliceable(Protocol):
    """Rows in an order, such as a list or a columnar table."""

    def __len__(self) -> int:
        """How many."""
        ...

    def __getitem__(self, part: slice, /) -> Self:
        """Some of them."""
        ...


Rows = TypeVar("Rows", bound=Sliceable)

_EPOCH = date(1970, 1, 1)
_SECONDS_A_DAY = 86_400
_SMALLEST_PAGE = 20
"""No endpoint is documented with pages shorter than this."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Rows]):
    """What one call shows: rows, newest first, and the time of each.

    Args:
        rows: The rows in the order of the API.
        seconds: One epoch second (UTC) a row. A row without a readable time carries its neighbour's.
    """

    rows: Rows
    seconds: Sequence[int]

    @property
    def oldest(self) -> int:
        """Epoch second of the last row."""
        return self.seconds[-1]

    def first_index_of_oldest(self) -> int:
        """Where the rows of the oldest second begin."""
        return first_not_newer(self.seconds, self.oldest)


@dataclass(frozen=True, slots=True)
class Day(Generic[Rows]):
    """All rows of one UTC day, newest first, in one or several parts."""

    date: date
    parts: list[Rows]

    def __len__(self) -> int:
        """How many rows."""
        return sum(map(len, self.parts))


@dataclass(slots=True)
class PageSizes:
    """What is known of an endpoint's page lengths; kept between loads so that trust, once earned, saves calls.

    Args:
        largest: The longest page seen, in rows.
        confirmed: How often one more call proved that a short page was the end.
        unreliable: A page clearly shorter than the largest was not the end: every end is confirmed from then on.
        granularity: Page sizes that a server may be configured with are multiples of this many rows.
    """

    largest: int = 0
    confirmed: int = 0
    unreliable: bool = False
    granularity: int = 100

    confirmations_for_trust = 3

    def may_be_full(self, length: int) -> bool:
        """Whether a page of this length may have been cut by the server's page size."""
        if length == 0:
            return False
        return length % self.granularity == 0 or (self.is_plausible(length) and length >= 0.9 * self.largest)

    def is_plausible(self, length: int) -> bool:
        """Whether a server may be configured with pages as short as this."""
        return length >= min(_SMALLEST_PAGE, self.granularity)

    def is_full(self, length: int) -> bool:
        """Whether a page is as long as the longest that was seen."""
        return self.is_plausible(length) and length >= self.largest

    def was_not_the_end(self, length: int) -> None:
        """Note that a page of this length was followed by older rows."""
        self.unreliable = self.unreliable or not self.may_be_full(length)

    def proves_end(self, length: int) -> bool:
        """Whether a page of this length ends the list without one more call."""
        trusted = not self.unreliable and self.confirmed >= self.confirmations_for_trust
        return trusted and not self.may_be_full(length)


def first_not_newer(seconds: Sequence[int], second: int) -> int:
    """Index of the first row not newer than `second`, in a newest-first sequence."""
    return bisect_left(seconds, -second, key=lambda value: -value)


def day_of(second: int) -> date:
    """The UTC day that an epoch second lies in."""
    return _EPOCH + timedelta(days=second // _SECONDS_A_DAY)


def first_second(day: date) -> int:
    """The first epoch second of a UTC day."""
    return (day - _EPOCH).days * _SECONDS_A_DAY


class DayBuffer(Generic[Rows]):
    """Rows of days not yet seen from end to end."""

    def __init__(self) -> None:
        self._days: dict[date, list[Rows]] = {}

    def add(self, rows: Rows, seconds: Sequence[int]) -> None:
        """Take rows of falling days."""
        start = 0
        while start < len(rows):
            day = day_of(seconds[start])
            end = first_not_newer(seconds, first_second(day) - 1)
            self._days.setdefault(day, []).append(rows[start:end])
            start = end

    def complete(self, frontier: int | None) -> list[Day[Rows]]:
        """Hand on, newest first, the days that begin at or after the frontier (None: all)."""
        done = [day for day in self._days if frontier is None or first_second(day) >= frontier]
        return [Day(day, self._days.pop(day)) for day in sorted(done, reverse=True)]
