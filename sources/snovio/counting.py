"""Questions about counters: asked several at once, and what their answers say."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from sources import values
from sources.errors import ApiError, WrongAnswer
from sources.outcomes import Outcome
from sources.readers import once
from sources.reading import LISTS_AT_ONCE
from sources.snovio.reading import AccountReading
from sources.snovio.tables import ADDITIVE, CAMPAIGN_ANALYTICS, COUNTERS
from sources.snovio.windows import Block

Subject = TypeVar("Subject")

_RANGE_REFUSED = frozenset({400, 422})


class Answer(dict[str, int]):
    """The counters of an answer that are not zero.

    Args:
        payload: The answer.

    Raises:
        WrongAnswer: It has no documented counter, or one that is no number.
    """

    def __init__(self, payload: Mapping[str, Any]) -> None:
        found = {name: payload[name] for name in COUNTERS if payload.get(name) is not None}
        try:
            numbers = {name: values.integer(value) or 0 for name, value in found.items()}
        except ValueError as problem:
            raise WrongAnswer(CAMPAIGN_ANALYTICS.name, f"a counter is no number: {problem}", 200) from None
        if not numbers:
            raise WrongAnswer(CAMPAIGN_ANALYTICS.name, "the answer has no documented counter", 200)
        super().__init__({name: number for name, number in numbers.items() if number})
        self.payload = payload


def additive_part(counters: Mapping[str, int] | None) -> dict[str, int]:
    """The counters that add up over days."""
    return {name: number for name, number in (counters or {}).items() if name in ADDITIVE}


class Planner(Protocol[Subject]):
    """What `windows.Backfill` and `recheck.Recheck` have in common."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        ...

    def next(self) -> Block[Subject] | None:
        """The next question; None until an answer comes."""
        ...

    def answer(self, block: Block[Subject], counters: Mapping[str, int] | None) -> None:
        """Take an answer; None: nothing happened."""
        ...

    def give_up(self, block: Block[Subject]) -> None:
        """Do without the answer."""
        ...


class Questions(Generic[Subject]):
    """Questions that are known beforehand.

    Args:
        blocks: What is asked.
    """

    def __init__(self, blocks: Iterable[Block[Subject]]) -> None:
        self._left = deque(blocks)
        self._open = 0
        self.answers: dict[Block[Subject], Mapping[str, int] | None] = {}

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to ask."""
        return not self._left and not self._open

    def next(self) -> Block[Subject] | None:
        """The next question."""
        if not self._left:
            return None
        self._open += 1
        return self._left.popleft()

    def answer(self, block: Block[Subject], counters: Mapping[str, int] | None) -> None:
        """Keep an answer."""
        self._open -= 1
        self.answers[block] = counters

    def give_up(self, block: Block[Subject]) -> None:
        """Do without the answer."""
        del block
        self._open -= 1


def asked(
    reading: AccountReading,
    outcome: Outcome,
    planner: Planner[Subject],
    ask: Callable[[Block[Subject]], Mapping[str, Any]],
    subject: str = "campaign",
) -> Iterator[None]:
    """Ask what a planner wants to know; yields after each few answers, and to give other tables their turn.

    Args:
        reading: The read this is part of.
        outcome: Where failures are noted.
        planner: Says what to ask next.
        ask: Asks it; runs in a thread.
        subject: What a subject is, for failures.

    Raises:
        CredentialsRefused, RateLimited, Stopped, Unreachable: The read ends.
    """

    def answered(block: Block[Subject]) -> Answer:
        return Answer(ask(block))

    while not planner.is_done:
        blocks = list(islice(iter(planner.next, None), LISTS_AT_ONCE))
        for step in reading.readers.read(blocks, once(answered)):
            if step is not None:
                block, brought = step
                label = f"{subject} {_named(block)}, {block.since} to {block.through}"
                _taken(reading, outcome, planner, label, block, brought)
            yield


def _taken(  # one answer and all that takes part in it
    reading: AccountReading,
    outcome: Outcome,
    planner: Planner[Subject],
    label: str,
    block: Block[Subject],
    brought: Callable[[], Answer | None],
) -> None:
    found = False
    with reading.one(outcome, label):
        try:
            answer = brought()
        except ApiError as error:
            too_long = getattr(planner, "too_long", None)
            if error.status in _RANGE_REFUSED and block.since < block.through and too_long is not None:
                too_long(block)
                return
            raise
        found = True
        if answer is not None:  # None is the end of the reader
            planner.answer(block, answer or None)
            reading.succeeded(outcome, label)
    if not found:
        planner.give_up(block)


def _named(block: Block[Any]) -> str:
    first, *others = block.subjects
    return f"{first} and {len(others)} more" if others else f"{first}"
