"""Windows of days in which recipient activity is asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def windows(spans: Iterable[Days]) -> list[Days]:
    """Cut spans of days into windows that the API allows.

    Args:
        spans: The days to read, newest first, none of them twice.

    Returns:
        The windows, newest first; each lies in one span.
    """
    return [window for span in spans for window in _windows(span)]


def _windows(span: Days) -> Iterator[Days]:
    last = span.last
    while last >= span.first:
        first = max(span.first, last - (MOST_DAYS - 1) * _DAY)
        yield Days(first, last)
        last = first - _DAY
