"""Reads a list that is paged by `offset`, whose page size nobody knows and which may move meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from sources.snovio.moving_list import NeverSettled

Record = TypeVar("Record")

_MOST_PASSES: Final = 5


class OffsetList(Generic[Record]):
    """A list that is read from its beginning to its end.

    Each page begins with the last record of the page before. Where it begins with another one, records came or went
    before it, and the list is read again from its beginning. So what is in the list throughout, in an order that
    stays, is read exactly once. The list ends with a page that brings nothing new; a page of any length may be
    followed by another.

    Args:
        page: Asks for what follows after so many records.
        content: What stays the same of a record from call to call.
    """

    def __init__(self, page: Callable[[int], list[Record]], content: Callable[[Record], str]) -> None:
        self._page = page
        self._content = content
        self.calls = 0
        """How many pages were asked for."""

    def read(self) -> list[Record]:
        """All records.

        Raises:
            NeverSettled: The list moved during every pass, or `offset` is ignored.
        """
        for _ in range(_MOST_PASSES):
            records = self._passed()
            if records is not None:
                return records
        raise NeverSettled(
            f"the list moved during each of {_MOST_PASSES} passes, or `offset` is ignored; it is read again next time"
        )

    def _passed(self) -> list[Record] | None:
        """All records, or None if the list moved."""
        records = self._asked(0)
        overlap = 0
        added = len(records)
        while added:
            # A page of a single record may be all that the server sends at once: it leaves no room for an overlap.
            overlap = int(added > 1 or overlap)
            found = self._asked(len(records) - overlap)
            if not self._continues(records, found, overlap):
                return None
            added = len(found) - overlap
            records += found[overlap:]
        return records

    def _continues(self, records: list[Record], found: list[Record], overlap: int) -> bool:
        if overlap:
            return bool(found) and self._content(found[0]) == self._content(records[-1])
        return not found or self._content(found[0]) != self._content(records[-1])

    def _asked(self, offset: int) -> list[Record]:
        self.calls += 1
        return self._page(offset)
