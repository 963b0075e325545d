"""How likely a day without activity is, learned while windows are asked. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from math import exp, expm1, log1p
from typing import Final

_MEMORY: Final = 0.9
"""What is known counts so much less each time activity is found: the newest findings tell most."""

_MOST_CERTAIN: Final = 0.999


class Kind(Enum):
    """What is known of a subject before the days in question."""

    QUIET = "quiet"
    """No activity yet, and none expected."""
    EXPECTED = "expected"
    """No activity yet, but some expected: a running campaign."""
    SEEN = "seen"
    """There was activity some days before."""
    TOLD = "told"
    """The active days are told, and these are others."""


_NEXT_DAY: Final = {Kind.QUIET: 1e-6, Kind.EXPECTED: 0.1, Kind.SEEN: 0.7, Kind.TOLD: 0.02}
"""The chance of activity at age 0 until something is learned."""

_LATER: Final = {Kind.QUIET: 1e-6, Kind.EXPECTED: 0.003, Kind.TOLD: 0.01}
"""The same at any other age; that of `SEEN` falls with the age, so that its questions grow in doubling steps."""


class Silence:
    """The chance of activity on a day by kind and age: how many days before it had none.

    Ages of the same power of two count as one. So what is known of bursts (age 0), of single silent days and of long
    silence is kept apart.
    """

    def __init__(self) -> None:
        self._learned: dict[tuple[Kind, int], tuple[float, float]] = {}

    def intensity(self, kind: Kind, age: int, days: int) -> float:
        """The negative logarithm of the chance that so many days, from an age on, are all silent."""
        return sum(-log1p(-self._chance(kind, step)) * length for step, length in _steps(age, days))

    def worth_asking(self, kind: Kind, age: int, most: int) -> int:
        """How many days to ask at once: silence is about as likely as not, so that the answer tells most."""

        def tells_enough(days: int) -> bool:
            return is_even_chance(self.intensity(kind, age, days), self.intensity(kind, age, days + 1))

        return 1 + bisect_left(range(1, most), True, key=tells_enough)

    def middle(self, kind: Kind, age: int, days: int) -> int:
        """How many of the days to ask first, if there is activity on one of them at least."""
        half = expm1(-self.intensity(kind, age, days)) / 2
        return 1 + bisect_left(
            range(1, days - 1), True, key=lambda part: expm1(-self.intensity(kind, age, part)) <= half
        )

    def learn(self, kind: Kind, age: int, days: int, *, active: bool) -> None:
        """Learn from days without activity, or from one day with activity."""
        for step, length in _steps(age, days):
            with_activity, all_days = self._known(kind, step)
            if active:
                with_activity, all_days = with_activity * _MEMORY + 1, all_days * _MEMORY
            self._learned[kind, step] = with_activity, all_days + length

    def _chance(self, kind: Kind, step: int) -> float:
        with_activity, all_days = self._known(kind, step)
        return min(_MOST_CERTAIN, with_activity / all_days)

    def _known(self, kind: Kind, step: int) -> tuple[float, float]:
        """How many days had activity, of how many; to begin with, what a few days might have shown."""
        if (kind, step) in self._learned:
            return self._learned[kind, step]
        if step == 0:
            return 2 * _NEXT_DAY[kind], 2
        days = 1 << step - 1
        return 0.5 if kind is Kind.SEEN else _LATER[kind] * days, days


def is_even_chance(intensity: float, more: float) -> bool:
    """Whether silence is about as likely as not: the best size of a question, after Golomb.

    Args:
        intensity: Of the days to ask.
        more: Of one day more.
    """
    return exp(-intensity) + exp(-more) <= 1


def _step(age: int) -> int:
    return age.bit_length()


def _steps(age: int, days: int) -> Iterator[tuple[int, int]]:
    """Cut days from an age on into parts of one power of two: which power, how many days."""
    while days > 0:
        step = _step(age)
        length = min(days, (1 << step) - age)
        yield step, length
        age += length
        days -= length
