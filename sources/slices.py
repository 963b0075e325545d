"""A load is a row of dlt runs, each of which commits rows and state together: so a killed load loses one at most."""

from __future__ import annotations

import time
from typing import Final

MOST_ROWS: Final = 200_000
MOST_SECONDS: Final = 120.0
ROWS_PER_PAGE: Final = 10_000
"""The most rows that a page of any API brings."""


class Slice:
    """What the dlt run that is under way may still take.

    Args:
        most_rows: The most rows; None: no bound. What cannot be split, whole days of one list, may exceed it alone.
        most_seconds: No more is taken after so long, once there is something to commit; None: no bound.
    """

    def __init__(self, most_rows: int | None = None, most_seconds: float | None = None) -> None:
        self._most_rows = most_rows
        self._most_seconds = most_seconds
        self.begin()

    def begin(self) -> None:
        """Begin the next one."""
        self._rows = 0
        self._closed = False
        self._began = time.monotonic()

    @property
    def is_full(self) -> bool:
        """Whether the tables must be left as they are until the next one.

        One with just as many rows as it may take is not: if there are no more, no other dlt run is needed.
        """
        many = self._most_rows is not None and self._rows > self._most_rows
        return self._closed or many or (self.is_late and self._rows > 0)

    @property
    def is_late(self) -> bool:
        """Whether it is time to commit what there is."""
        return self._most_seconds is not None and time.monotonic() - self._began >= self._most_seconds

    def takes(self, rows: int) -> bool:
        """Whether so many rows still fit; if not, the slice is full."""
        if self._most_rows is not None and 0 < self._rows > self._most_rows - rows:
            self._closed = True
        return not self._closed

    def close(self) -> None:
        """Take nothing more."""
        self._closed = True

    def add(self, rows: int) -> None:
        """Count rows that were handed on."""
        self._rows += rows

    def may_ask(self, under_way: int) -> bool:
        """Whether one more page fits beside those under way: what is asked for should be committed with this slice.

        So a killed load has asked for one slice in vain at most.
        """
        fits = self._most_rows is None or self._rows + under_way * ROWS_PER_PAGE < self._most_rows
        return (fits or not under_way) and not self.is_full
