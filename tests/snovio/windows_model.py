"""A model of the API that the backfill of windows asks, and the loop that asks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sources.snovio.windows import Backfill, Block
from tests.snovio.people import World, counters

Spans = Mapping[int, Sequence[tuple[date, date]]]
Order = Callable[[int], int]
"""Picks one of so many open questions to answer next."""

Cells = dict[tuple[int, date], Mapping[str, int]]


def days_of(since: date, through: date) -> list[date]:
    return [date.fromordinal(day) for day in range(since.toordinal(), through.toordinal() + 1)]


def days_in(spans: Spans) -> set[tuple[int, date]]:
    return {(subject, day) for subject, parts in spans.items() for part in parts for day in days_of(*part)}


def oldest(_: int) -> int:
    return 0


@dataclass
class Api:
    """Answers questions about a world, and watches over what is asked."""

    world: World
    spans: Spans
    most_days: int = 10_000
    fails: Callable[[Block[int]], bool] = lambda _: False
    asked: Counter[Block[int]] = field(default_factory=Counter)
    given_up: set[int] = field(default_factory=set)
    refused: int = 0

    def __post_init__(self) -> None:
        self._allowed = days_in(self.spans)

    @property
    def calls(self) -> int:
        """How many questions were asked, also those that were refused."""
        return self.asked.total() + self.refused

    def answer(self, backfill: Backfill[int], block: Block[int]) -> None:
        """Answers a question, refuses it, or fails."""
        days = days_of(block.since, block.through)
        assert self._allowed.issuperset((subject, day) for subject in block.subjects for day in days)
        if len(days) > self.most_days:
            self.refused += 1
            backfill.too_long(block)
            return
        self.asked[block] += 1
        if self.fails(block):
            self.given_up.update(block.subjects)
            backfill.give_up(block)
            return
        cells = [cell for subject in block.subjects for day in days if (cell := self.world.get((subject, day)))]
        backfill.answer(block, counters(cells) or None)


@dataclass
class Result:
    """What a backfill brought: the cells, and how often each day was settled."""

    cells: Cells = field(default_factory=dict)
    settled: Counter[tuple[int, date]] = field(default_factory=Counter)

    def take(self, backfill: Backfill[int]) -> None:
        """Keeps what became known."""
        for found in backfill.take():
            days = days_of(found.since, found.through)
            assert set(found.cells) <= set(days)
            self.settled.update((found.subject, day) for day in days)
            self.cells |= {(found.subject, day): cell for day, cell in found.cells.items()}


def drive(
    backfill: Backfill[int],
    api: Api,
    *,
    most_open: int = 1,
    order: Order = oldest,
    most_answers: int = 1_000_000,
    result: Result | None = None,
) -> Result:
    """Asks until all is done, or so many answers came."""
    result = result or Result()
    waiting: list[Block[int]] = []
    while not backfill.is_done and api.calls < most_answers:
        asks = not waiting or order(2) == 0
        while asks and len(waiting) < most_open and (block := backfill.next()) is not None:
            assert api.given_up.isdisjoint(block.subjects)
            waiting.append(block)
        assert waiting, "nothing can be asked, nothing is open, and yet it is not done"
        api.answer(backfill, waiting.pop(order(len(waiting))))
        if api.calls % 3 == 0:
            result.take(backfill)
    result.take(backfill)
    return result


def truth(world: World, spans: Spans) -> Cells:
    return {cell: counters([world[cell]]) for cell in days_in(spans) if world.get(cell)}
