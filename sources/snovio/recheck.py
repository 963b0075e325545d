"""Finds which recent days of which campaigns differ from what is stored, in few questions. Pure.

Each day is asked for all its subjects at once. The answer agrees with what is stored if every counter is the sum of
the stored cells, as it must be while nobody is in two campaigns; or if it is the answer that the very same question
had when the stored cells were last found right, and the counters that add up still do. Otherwise the subjects are
divided. From the answers about a whole and about one part, the rest is reckoned: it tells where to look next, but
proves nothing, since a person in both is counted once. What looks unchanged is proved by one more question in the
end.

The blind spot: changes that hide each other in every counter of a question that agrees. That is a gain here and as
much of a loss there; and, in the counters of distinct people, a person who is new to a cell but was counted already
by another cell of the same question. Such cells must be told (`doubtful`), or found by other means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic

from sources.snovio.timeline import Counters
from sources.snovio.windows import Block, Subject

MOST_SUBJECTS: Final = 500
"""So many ids fit into a URL."""

_MOST_WORTH_HALVING: Final = 0.4
"""The share of changed cells above which cells are asked one after the other."""

_MEMORY: Final = 0.8
"""What the share of changed cells known so far counts for when one more cell is known."""


@dataclass(frozen=True, slots=True)
class Cell(Generic[Subject]):
    """A day of a subject that is not as stored; without counters: there is no activity (any more)."""

    subject: Subject
    day: date
    counters: Counters | None


@dataclass(slots=True, eq=False)
class _Group(Generic[Subject]):
    """The subjects of one question about a day.

    Args:
        day: The day.
        subjects: Those that are most likely to have changed come first.
        whole: The answer to the question about all of them.
        undecided: Those of which it is not known whether they changed.
        calm: Those that look unchanged.
        waiting: How many questions are open, or about to be asked.
        changing: The share of changed ones among the last to be known.
    """

    day: date
    subjects: tuple[Subject, ...]
    undecided: set[Subject]
    whole: Counters | None = None
    calm: set[Subject] = field(default_factory=set)
    waiting: int = 0
    changing: float = 0.0

    def block(self, subjects: tuple[Subject, ...]) -> Block[Subject]:
        return Block(subjects, self.day, self.day)

    def learn(self, number: int, *, changed: bool) -> None:
        self.changing = 1 - (1 - self.changing) * _MEMORY if changed else self.changing * _MEMORY**number


@dataclass(frozen=True, slots=True)
class _Question(Generic[Subject]):
    """Some subjects to ask, the others they were divided from, and the reckoned counters of them all."""

    group: _Group[Subject]
    subjects: tuple[Subject, ...]
    others: tuple[Subject, ...] = ()
    together: Counters = field(default_factory=dict)


class Recheck(Generic[Subject]):
    """Finds the cells that differ from what is stored; a cell is a day of a subject.

    Args:
        days: The days to look at again by subject; subjects that are likely to have changed come first.
        stored: The counters of each stored cell; a cell that is missing had no activity.
        additive: The counters that add up over subjects and days.
        doubtful: Cells that are believed to have changed: asked singly, and part of no other question.
        remembered: The `answers` of the last load.
        most_subjects: How many subjects one question may name.

    Attributes:
        answers: What whole days answered, by `Block.key`, where all of their cells are known now.
        proved: Cells that are as stored and were not asked singly.
        unknown: Cells of questions that were given up.
    """

    def __init__(
        self,
        days: Mapping[Subject, Sequence[date]],
        *,
        stored: Mapping[tuple[Subject, date], Counters],
        additive: Collection[str],
        doubtful: Collection[tuple[Subject, date]] = (),
        remembered: Mapping[str, Counters] | None = None,
        most_subjects: int = MOST_SUBJECTS,
    ) -> None:
        self.answers: dict[str, Counters] = {}
        self.proved: set[tuple[Subject, date]] = set()
        self.unknown: set[tuple[Subject, date]] = set()
        self._stored = stored
        self._additive = frozenset(additive)
        self._remembered = remembered or {}
        self._changed: list[Cell[Subject]] = []
        self._open: dict[Block[Subject], _Question[Subject]] = {}
        self._ready: list[_Question[Subject]] = []
        for group in reversed(list(_groups(days, frozenset(doubtful), most_subjects))):
            self._ask(group, group.subjects)

    @property
    def is_done(self) -> bool:
        """Whether every cell is known, but for those that were given up."""
        return not (self._ready or self._open)

    def next(self) -> Block[Subject] | None:
        """The next question that can be asked now; None: an answer must come first, or all is done."""
        if not self._ready:
            return None
        question = self._ready.pop()
        block = question.group.block(question.subjects)
        self._open[block] = question
        return block

    def answer(self, block: Block[Subject], counters: Counters | None) -> None:
        """Take the answer to a question.

        Args:
            block: The question, as `next` gave it.
            counters: The counters by name; None, or only zeros: there was no activity.
        """
        question = self._open.pop(block)
        group, subjects = question.group, question.subjects
        found = _nonzero(counters)
        if subjects == group.subjects:
            group.whole = found
        if question.others:
            self._reckon(group, question.others, _difference(question.together, found))
        if len(subjects) == 1:
            self._decide(group, subjects[0], counters if found else None)
        elif self._agrees(block, found):
            self._prove(group, subjects)
        else:
            self._divide(group, subjects, found)
        self._answered(group)

    def give_up(self, block: Block[Subject]) -> None:
        """A question has no answer: its cells are left as they are stored, without a proof."""
        question = self._open.pop(block)
        self.unknown.update((subject, block.since) for subject in block.subjects)
        if question.others:
            self._ask(question.group, question.others)
        self._answered(question.group)

    def take(self) -> list[Cell[Subject]]:
        """The cells found since the last call that differ from what is stored."""
        changed, self._changed = self._changed, []
        return changed

    def _ask(
        self,
        group: _Group[Subject],
        subjects: tuple[Subject, ...],
        others: tuple[Subject, ...] = (),
        together: Counters | None = None,
    ) -> None:
        group.waiting += 1
        self._ready.append(_Question(group, subjects, others, together or {}))

    def _answered(self, group: _Group[Subject]) -> None:
        """When nothing else is to be asked of a group, prove what looks unchanged."""
        group.waiting -= 1
        if group.waiting:
            return
        if group.calm:
            calm = tuple(subject for subject in group.subjects if subject in group.calm)
            group.calm.clear()
            self._ask(group, calm)
        elif not group.undecided and group.whole is not None and len(group.subjects) > 1:
            self.answers[group.block(group.subjects).key] = group.whole

    def _agrees(self, block: Block[Subject], found: Counters) -> bool:
        stored = self._sum(block.subjects, block.since)
        if found == stored:
            return True
        remembered = self._remembered.get(block.key)
        return remembered is not None and found == _nonzero(remembered) and self._adds_up(found, stored)

    def _adds_up(self, found: Counters, stored: Counters) -> bool:
        return all(found.get(name, 0) == stored.get(name, 0) for name in self._additive)

    def _sum(self, subjects: Iterable[Subject], day: date) -> Counters:
        total: Counter[str] = Counter()
        for subject in subjects:
            total.update(self._stored.get((subject, day), {}))
        return _nonzero(total)

    def _decide(self, group: _Group[Subject], subject: Subject, counters: Counters | None) -> None:
        changed = _nonzero(counters) != self._sum([subject], group.day)
        if changed:
            self._changed.append(Cell(subject, group.day, counters))
        group.undecided.remove(subject)
        group.learn(1, changed=changed)

    def _prove(self, group: _Group[Subject], subjects: Collection[Subject]) -> None:
        self.proved.update((subject, group.day) for subject in subjects)
        group.undecided.difference_update(subjects)
        group.learn(len(subjects), changed=False)

    def _divide(self, group: _Group[Subject], subjects: tuple[Subject, ...], together: Counters) -> None:
        """Ask a part of what is not as stored; the rest is reckoned from its answer."""
        size = 1 if group.changing > _MOST_WORTH_HALVING else len(subjects) // 2
        self._ask(group, subjects[:size], subjects[size:], together)

    def _reckon(self, group: _Group[Subject], subjects: tuple[Subject, ...], found: Counters) -> None:
        """Go on with subjects whose counters are only reckoned: too small where people are counted elsewhere too."""
        stored = self._sum(subjects, group.day)
        if found == stored:
            group.calm.update(subjects)
        elif len(subjects) == 1 or (self._adds_up(found, stored) and _is_within(found, stored)):
            self._ask(group, subjects)
        else:
            self._divide(group, subjects, found)


def _groups(
    days: Mapping[Subject, Sequence[date]], doubtful: Collection[tuple[Subject, date]], most_subjects: int
) -> Iterator[_Group[Subject]]:
    """What is asked first: each doubtful cell, and each day of the others."""
    together: dict[date, list[Subject]] = {}
    for subject, its_days in days.items():
        for day in dict.fromkeys(its_days):
            if (subject, day) in doubtful:
                yield _Group(day, (subject,), {subject})
            else:
                together.setdefault(day, []).append(subject)
    for day, subjects in together.items():
        for start in range(0, len(subjects), most_subjects):
            group = tuple(subjects[start : start + most_subjects])
            yield _Group(day, group, set(group))


def _nonzero(counters: Counters | None) -> Counters:
    return {name: number for name, number in (counters or {}).items() if number}


def _difference(whole: Counters, part: Counters) -> Counters:
    return _nonzero({name: whole.get(name, 0) - part.get(name, 0) for name in whole.keys() | part.keys()})


def _is_within(found: Counters, most: Counters) -> bool:
    return all(number <= most.get(name, 0) for name, number in found.items())
