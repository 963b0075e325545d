"""Days in a row. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

DAY: Final = timedelta(days=1)


class Days(NamedTuple):
    """Days without a gap, both ends included; none if they end before they begin."""

    first: date
    last: date

    def __len__(self) -> int:
        """How many."""
        return max(0, (self.last - self.first).days + 1)

    def each(self) -> list[date]:
        """Every day, oldest first."""
        return [self.first + number * DAY for number in range(len(self))]

    def halves(self) -> tuple[Days, Days]:
        """The newer and the older half of at least two days."""
        middle = self.first + len(self) // 2 * DAY
        return Days(middle, self.last), Days(self.first, middle - DAY)

    def within(self, other: Days | None) -> Days:
        """Those that are among others; all for None."""
        return self if other is None else Days(max(self.first, other.first), min(self.last, other.last))
