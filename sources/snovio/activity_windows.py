"""Windows of days in which recipient activity is asked for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

MOST_DAYS: Final = 31
"""Calendar days of a window, both ends included: the API allows 31 days between them, or 31 with them."""

_DAY: Final = timedelta(days=1)


class Days(NamedTuple):
    """Days without a gap, both ends included; none if they end before they begin."""

    first: date
    last: date

    def __len__(self) -> int:
        """How many."""
        return max(0, (self.last - self.first).days + 1)

    def halves(self) -> tuple[Days, Days]:
        """The newer and the older half of at least two days."""
        middle = self.first + len(self) // 2 * _DAY
        return Days(middle, self.last), Days(self.first, middle - _DAY)


def windows(spans: Iterable[Days], active: Collection[date] | None = None) -> list[Days]:
    """Cut spans of days into windows that the API allows.

    Args:
        spans: The days to read, newest first, none of them twice.
        active: Days that may hold events: as few windows as cover those of them that lie in the spans, and what is in
            no window is taken to be empty. None: any day may.

    Returns:
        The windows, newest first; each lies in one span.
    """
    return [window for span in spans for window in _windows(span, active)]


def _windows(span: Days, active: Collection[date] | None) -> Iterator[Days]:
    if active is None:
        wanted: Iterable[date] = (span.last - number * _DAY for number in range(len(span)))
    else:
        wanted = sorted((day for day in active if span.first <= day <= span.last), reverse=True)
    lowest: date | None = None
    for day in wanted:
        if lowest is None or day < lowest:
            lowest = max(span.first, day - (MOST_DAYS - 1) * _DAY)
            yield Days(lowest, day)
