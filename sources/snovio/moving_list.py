"""Read a newest-first, offset-paged list exactly once while it moves.

The event lists have no time filter and no stable row ids, and rows come and go between two calls: a new row
pushes everything down (the next page repeats rows), a removed row pulls everything up (the next page skips
rows). The reader therefore trusts positions only as hints and time as the truth:

* **Overlap and anchor.** Every page starts a little above the last second of the page before. It continues the
  read only if its first row is not older than the *frontier*, the boundary down to which every second has been
  seen whole; otherwise the reader steps back, doubling, until it does. Each second is taken from one page, seen
  at one instant: no row of it is missed or doubled.
* **The unit is a day.** A UTC day is handed on once the frontier has passed its first second.
* **The end.** An empty or short page alone does not end the list. One more page that continues the read and ends
  at the same row does, until the endpoint has earned trust (`PageSizes`).
* **A second larger than a page** is read until two passes agree, and so is a list that is not newest first.
* **An ignored offset** is an error, never a silent end.

What holds: rows present during the whole read are handed on exactly once; rows that came or went meanwhile at
most once. Nothing here knows HTTP or dlt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import ge
from typing import Generic

from sources.errors import CannotBeRead
from sources.snovio.pages import Day, DayBuffer, Page, PageSizes, Rows, day_of, first_not_newer, first_second

_FAR_OFFSET = 1_000_000_000
"""An offset beyond any list: a server that answers it with rows does not honour `offset`."""
_MOST_PASSES = 6
_IDLE_PAGES_BEFORE_DOUBT = 3
_MOST_IDLE_PAGES = 12


class MovingListError(CannotBeRead):
    """The list cannot be read safely; what was handed on before is right."""


class NotNewestFirst(MovingListError):
    """A page is not ordered by time: the list must be read whole (`MovingList.read_whole`)."""


class OffsetIgnored(MovingListError):
    """The server answers every offset with the same rows."""


class NeverSettled(MovingListError):
    """The list changed during every pass over a stretch that only equal passes can prove."""


@dataclass(frozen=True, slots=True)
class _Seen(Generic[Rows]):
    """Rows of seconds seen whole, and the second down to which (inclusive) everything has been seen."""

    rows: Rows
    seconds: Sequence[int]
    whole_down_to: int


@dataclass(frozen=True, slots=True)
class _Pass(Generic[Rows]):
    """What one plain pass found.

    Args:
        pages: The rows, in the order of the list.
        contents: What is stable in them.
        begin: The position of the first of them in the list.
        next_offset: Where the rows behind them can be continued.
        ended: Whether the list ends with them.
    """

    pages: list[Page[Rows]]
    contents: Counter[Hashable]
    begin: int
    next_offset: int
    ended: bool


class MovingList(Generic[Rows]):
    """One list, read by offset while it moves.

    Args:
        fetch: Asks for the page at an offset. Whatever it raises ends the read; days handed on before stay right.
        sizes: What is known of the endpoint's page lengths; updated by the read.
        content: The stable content of each row, to compare two passes over the same rows.
        expect_rows: The list had rows before, so an empty first page is asked for twice whatever is trusted.
        overlap: How many rows a page starts above the last second of the page before, at most.
    """

    def __init__(
        self,
        fetch: Callable[[int], Page[Rows]],
        sizes: PageSizes,
        *,
        content: Callable[[Rows], Sequence[Hashable]],
        expect_rows: bool = False,
        overlap: int = 100,
    ) -> None:
        self._ask = fetch
        self._sizes = sizes
        self._content = content
        self._expect_rows = expect_rows
        self._overlap = overlap
        self._head: int | None = None
        self._offset_honoured = False
        self.reached_end = False
        """Whether the last read saw the end of the list."""

    def read(
        self, *, before: date | None = None, since: date | None = None, newer: int = 0
    ) -> Iterator[list[Day[Rows]]]:
        """Hand on every day of a span that has rows, newest first: those that a page completed together.

        Args:
            before: Only days before this one; None reads from the head of the list.
            since: Only this day and newer ones; None reads to the end of the list.
            newer: How many rows are thought to lie before those of the span; only speed depends on it.

        Raises:
            NotNewestFirst: A page is out of order; days handed on by this read may be incomplete.
            OffsetIgnored: Every offset is answered with the same rows.
            NeverSettled: A second larger than a page changed during every pass over it.
        """
        self.reached_end = False
        buffer: DayBuffer[Rows] = DayBuffer()
        floor = None if since is None else first_second(since)
        ceiling = None if before is None else first_second(before)
        for seen in self._whole_seconds(ceiling, floor, max(0, newer - self._overlap)):
            wanted = len(seen.rows) if floor is None else first_not_newer(seen.seconds, floor - 1)
            buffer.add(seen.rows[:wanted], seen.seconds[:wanted])
            if days := buffer.complete(seen.whole_down_to):
                yield days
        if days := buffer.complete(None):
            yield days

    def read_whole(self) -> list[Day[Rows]]:
        """Read a list that is in no order, whole, and return its days, newest first.

        Raises:
            NeverSettled: The list changed during every pass over it.
            OffsetIgnored: Every offset is answered with the same rows.
        """
        found = self._agreeing_pass(0, None)
        days: dict[date, list[Rows]] = {}
        for page in found.pages:
            start = 0
            for day, run in groupby(page.seconds, day_of):
                end = start + len(list(run))
                days.setdefault(day, []).append(page.rows[start:end])
                start = end
        self.reached_end = True
        return [Day(day, days[day]) for day in sorted(days, reverse=True)]

    def _whole_seconds(self, frontier: int | None, floor: int | None, offset: int) -> Iterator[_Seen[Rows]]:
        """Yield stretches of rows whose seconds are seen whole, newest first."""
        offset = 0 if frontier is None else offset
        previous: Page[Rows] | None = None
        deepest: int | None = None
        idle = 0
        while not self.reached_end and (floor is None or frontier is None or frontier > floor):
            offset, page, met_empty = self._continuing_page(offset, frontier)
            if page is None:
                self.reached_end = True
                return
            begin = 0 if frontier is None else first_not_newer(page.seconds, frontier - 1)
            border = page.first_index_of_oldest()
            idle = idle + 1 if deepest is not None and page.oldest >= deepest else 0
            cut = self._is_full(page) or (previous is not None and page.oldest > previous.oldest)
            if previous is not None and page.oldest < previous.oldest:
                self._sizes.was_not_the_end(len(previous.rows))
            deepest = page.oldest if deepest is None else min(deepest, page.oldest)
            if idle > _MOST_IDLE_PAGES:
                raise NeverSettled(f"{idle} pages in a row brought nothing older, and none of them is the end")
            if (idle > _IDLE_PAGES_BEFORE_DOUBT and self._repeats_beyond_end(page)) or (
                not (met_empty or cut) and self._is_end(page, previous)
            ):
                self.reached_end = True
                yield _Seen(page.rows[begin:], page.seconds[begin:], page.oldest)
                return
            whole_down_to = page.oldest + 1
            if border > begin:
                yield _Seen(page.rows[begin:border], page.seconds[begin:border], whole_down_to)
            stuck = border <= 1 and self._is_full(page)
            if stuck and (frontier is None or whole_down_to <= frontier):
                found = self._agreeing_pass(offset, page.oldest)
                self.reached_end = found.ended
                for part in found.pages:
                    yield _Seen(part.rows, part.seconds, page.oldest + 1)
                frontier, offset, previous = page.oldest, found.next_offset, None
            else:
                frontier = whole_down_to if frontier is None else min(frontier, whole_down_to)
                offset += len(page.rows) - 1 if stuck else border - min(self._overlap, max(1, border // 2), border)
                previous = page

    def _fetch(self, offset: int) -> Page[Rows]:
        page = self._ask(offset)
        self._sizes.largest = max(self._sizes.largest, len(page.rows))
        if offset == 0 and page.rows:
            self._head = page.seconds[0]
        return page

    def _continuing_page(self, offset: int, frontier: int | None) -> tuple[int, Page[Rows] | None, bool]:
        """Ask for the page at an offset, stepping back until it continues the read.

        Returns:
            The offset, the page (None: the list is empty), and whether an offset above 0 answered with no rows.
            Such a page never ends the list: either the list shrank, or the server failed to show what it has.
        """
        step = max(1, self._overlap)
        met_empty = False
        empty_heads = 0
        while True:
            page = self._fetch(offset)
            if page.rows:
                if empty_heads:
                    self._sizes.was_not_the_end(0)
                _require_newest_first(page)
                if offset > 0:
                    self._require_offset_honoured(page)
                if offset == 0 or (frontier is not None and page.seconds[0] >= frontier):
                    return offset, page, met_empty
            elif offset == 0:
                empty_heads += 1
                if empty_heads > 1 or (self._sizes.proves_end(0) and not (self._expect_rows or met_empty)):
                    self._sizes.confirmed += empty_heads > 1 and not met_empty
                    return 0, None, met_empty
            else:
                met_empty = True
            offset = max(0, offset - step)
            step *= 2

    def _is_full(self, page: Page[Rows]) -> bool:
        return self._sizes.is_full(len(page.rows))

    def _is_end(self, page: Page[Rows], previous: Page[Rows] | None) -> bool:
        """Whether a page that continues the read, reaches as deep as any and is not full ends the list."""
        if self._sizes.proves_end(len(page.rows)):
            return True
        if previous is None or page.oldest < previous.oldest or self._is_full(previous):
            return False
        if _oldest_count(page) < _oldest_count(previous):
            return False
        self._sizes.confirmed += 1
        return True

    def _require_offset_honoured(self, page: Page[Rows]) -> None:
        """A page above offset 0 that begins at the head of the list may mean that `offset` is ignored."""
        if self._head is None or page.seconds[0] < self._head or not self._sizes.is_plausible(len(page.rows)):
            return
        if self._rows_beyond_any_list() is not None:
            raise OffsetIgnored("every offset is answered with the head of the list: `offset` is ignored")

    def _repeats_beyond_end(self, page: Page[Rows]) -> bool:
        """Whether the server answers offsets past the end with the last page again."""
        far = self._rows_beyond_any_list()
        if far is None:
            return False
        if far.oldest == page.oldest:
            return True
        raise OffsetIgnored("offsets past the end of the list are answered with rows that do not continue it")

    def _rows_beyond_any_list(self) -> Page[Rows] | None:
        if self._offset_honoured:
            return None
        far = self._ask(_FAR_OFFSET)
        if far.rows:
            return far
        self._offset_honoured = True
        return None

    def _agreeing_pass(self, offset: int, second: int | None) -> _Pass[Rows]:
        """Read the rows of one second (None: all rows) until two passes agree, and return the first of them.

        A row added or removed above the second moves its beginning: passes that agree begin at the same place.
        """
        before: _Pass[Rows] | None = None
        for _ in range(_MOST_PASSES):
            found = self._pass(offset, second)
            if before and before.contents == found.contents and before.begin == found.begin:
                return before
            before = found
        raise NeverSettled(f"the list changed during each of {_MOST_PASSES} passes over the same rows")

    def _pass(self, offset: int, second: int | None) -> _Pass[Rows]:
        """Read plainly, offset after offset, the rows of one second (None: all rows) to their end."""
        anchored = None if second is None else self._continuing_page(offset, second + 1)
        offset, page = (offset, self._fetch(offset)) if anchored is None else anchored[:2]
        pages: list[Page[Rows]] = []
        contents: Counter[Hashable] = Counter()
        start, last = offset, list[Hashable]()
        first = start if page is None or second is None else start + first_not_newer(page.seconds, second)
        while page is not None and (page.rows or (page := self._fetch(offset)).rows):
            shown = list(self._content(page.rows))
            if shown == last and self._rows_beyond_any_list() is not None:
                if offset == start + len(shown) and self._sizes.is_plausible(len(shown)):
                    raise OffsetIgnored("the second page repeats the first: `offset` is ignored")
                break
            begin = 0 if second is None else first_not_newer(page.seconds, second)
            end = len(shown) if second is None else first_not_newer(page.seconds, second - 1)
            pages.append(Page(page.rows[begin:end], page.seconds[begin:end]))
            contents.update(shown[begin:end])
            if end < len(shown):
                return _Pass(pages, contents, first, max(0, offset + end - 1), ended=False)
            offset, last = offset + len(shown), shown
            page = self._fetch(offset)
        return _Pass(pages, contents, first, offset, ended=True)


def _oldest_count(page: Page[Rows]) -> int:
    return len(page.rows) - page.first_index_of_oldest()


def _require_newest_first(page: Page[Rows]) -> None:
    if not all(map(ge, page.seconds, page.seconds[1:])):
        raise NotNewestFirst("a page is not ordered newest first")
