"""What reading an event list costs in calls: the reader itself, run over a list made up from what is known. Pure.

Only how many rows lie on which side of the days that are read matters, and how long pages are. So rows are spread
evenly over the time they are known to lie in, and a page of them is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from sources.snovio.coverage import Coverage, Span, Stretch
from sources.snovio.moving_list import MovingList
from sources.snovio.pages import Page, PageSizes, first_second

_DAY: Final = timedelta(days=1)
_SECONDS_A_DAY: Final = 86_400
_SECONDS_A_ROW: Final = 60
"""Between rows of which nobody knows the day."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows spread evenly over a time.

    Args:
        newest: Epoch second of the first row.
        seconds: How long the time is.
        rows: How many.
    """

    newest: int
    seconds: int
    rows: int

    @property
    def oldest(self) -> int:
        """Epoch second of the last row."""
        return self.times(self.rows - 1, self.rows)[0]

    def times(self, begin: int, end: int) -> Sequence[int]:
        """Epoch seconds of some of the rows, by their place in the block."""
        if self.rows <= self.seconds:
            step = self.seconds // self.rows
            return range(self.newest - begin * step, self.newest - end * step, -step)
        return [self.newest - place * self.seconds // self.rows for place in range(begin, end)]


@dataclass(frozen=True, slots=True)
class SimulatedList:
    """A list that stands still, and how it is read.

    Args:
        blocks: Its rows, newest first.
        spans: The days that are read; none if it is in no order and read whole.
        had_rows: Whether it is known to have had rows.
    """

    blocks: tuple[Block, ...]
    spans: tuple[Span, ...]
    had_rows: bool

    @property
    def rows(self) -> int:
        """How many rows."""
        return sum(block.rows for block in self.blocks)

    def calls(self, sizes: PageSizes, page_length: int) -> int:
        """How many calls the read takes.

        Args:
            sizes: What is known of the endpoint's page lengths; updated.
            page_length: The most rows that the server shows in a page.
        """
        calls, sizes.largest, sizes.confirmed, sizes.unreliable = _simulated(self, astuple(sizes), page_length)
        return calls


@lru_cache(maxsize=10_000)
def _simulated(made_up: SimulatedList, known: tuple[int, int, bool, int], length: int) -> tuple[int, int, int, bool]:
    """The calls, and what is known of page lengths after them."""
    sizes = PageSizes(*known)
    server = _Server(made_up.blocks, length)
    moving = MovingList(server.page, sizes, content=list, expect_rows=made_up.had_rows)
    if not made_up.spans:
        moving.read_whole()
    rows_read = 0
    for span in made_up.spans:
        for days in moving.read(before=span.before, since=span.since, newer=span.newer + rows_read):
            rows_read += sum(map(len, days))
    return server.calls, sizes.largest, sizes.confirmed, sizes.unreliable


class _Server:
    """Shows blocks of rows in pages; rows are their own positions."""

    def __init__(self, blocks: Sequence[Block], page_length: int) -> None:
        self._blocks = blocks
        self._page_length = page_length
        self.calls = 0

    def page(self, offset: int) -> Page[range]:
        """Answer one call."""
        self.calls += 1
        seconds: list[int] = []
        position = 0
        for block in self._blocks:
            begin, end = max(offset - position, 0), min(offset + self._page_length - position, block.rows)
            if begin < end:
                seconds += block.times(begin, end)
            position += block.rows
        return Page(range(offset, offset + len(seconds)), seconds)


def blocks_of(
    coverage: Coverage, *, lookback_days: int, today: date, gained: int, unread: int, start: date | None
) -> list[Block]:
    """The rows that a list is known to hold, newest first.

    Args:
        coverage: What is known of it, before a read begins.
        lookback_days: Days before the newest loaded one whose rows are known by day.
        today: The day of the load.
        gained: Rows that came today.
        unread: Rows in each stretch of days that was never read.
        start: Before this day lie rows that are never read; None: there are none.
    """
    days = {day: max(digest.rows, 1) for day, digest in coverage.recent.items() if digest.rows}
    if gained:
        days[today] = days.get(today, 0) + gained
    blocks = [Block(first_second(day + _DAY) - 1, _SECONDS_A_DAY, rows) for day, rows in days.items()]
    if coverage.complete:
        floor = coverage.stretches[0].through - lookback_days * _DAY
        blocks.append(_settled(min([floor, *days]), coverage.first_day, coverage.settled.rows))
    else:
        blocks += _around_gaps(coverage, today, unread)
    if start is not None:
        blocks.append(_unknown(start, 1))
    return _in_order(block for block in blocks if block.rows > 0)


def down_to(blocks: Iterable[Block], day: date) -> list[Block]:
    """The blocks without what lies below a day at which a read stops, but for the first row there, which it sees."""
    kept: list[Block] = []
    for block in blocks:
        if block.newest < first_second(day):
            return [*kept, Block(block.newest, 1, 1)]
        kept.append(block)
    return kept


def _around_gaps(coverage: Coverage, today: date, unread: int) -> Iterable[Block]:
    """Rows of the stretches of a list that is not read to its end, and of what lies between and below them."""
    before = today + _DAY
    for stretch in coverage.stretches:
        if stretch.through + _DAY < before and stretch is not coverage.stretches[0]:
            yield Block(first_second(before) - 1, (before - stretch.through - _DAY).days * _SECONDS_A_DAY, unread)
        yield _settled_of(coverage, stretch)
        before = stretch.since or date.min
    if before > date.min:
        sweep = coverage.sweep
        yield _unknown(before, unread if sweep is None else max(0, sweep.before.rows - sweep.seen.rows))


def _settled_of(coverage: Coverage, stretch: Stretch) -> Block:
    """The rows of a stretch that are not known by day."""
    inside = {
        day: digest.rows
        for day, digest in coverage.recent.items()
        if day <= stretch.through and (stretch.since is None or day >= stretch.since)
    }
    rows = stretch.rows - sum(inside.values())
    top = min(inside, default=stretch.through + _DAY)
    return _settled(top, stretch.since or coverage.first_day, rows)


def _settled(before: date, first: date | None, rows: int) -> Block:
    """Rows of the days from a first one, as far as it is known, to the one before another."""
    if first is None or first >= before:
        return _unknown(before, rows)
    return Block(first_second(before) - 1, (before - first).days * _SECONDS_A_DAY, rows)


def _unknown(before: date, rows: int) -> Block:
    """Rows somewhere before a day."""
    return Block(first_second(before) - 1, rows * _SECONDS_A_ROW, rows)


def _in_order(blocks: Iterable[Block]) -> list[Block]:
    """The blocks newest first; one that overlaps with the block before is moved below it."""
    ordered: list[Block] = []
    for block in sorted(blocks, key=lambda block: -block.newest):
        newest = min(block.newest, ordered[-1].oldest - 1) if ordered else block.newest
        ordered.append(Block(newest, block.seconds, block.rows))
    return ordered
