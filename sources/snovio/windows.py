"""Plans which windows of the analytics to ask so that each campaign's days with activity cost few calls. Pure.

A window answers with one object of counters for all its subjects and days. Counters of distinct people do not add up,
so a day with activity mostly needs a call of its own, and silence is to cost next to nothing:

- Days that are known to be active are asked singly; the others are read from the oldest on. A question covers as many
  days, and in silent places as many subjects, as make silence and activity equally likely by what was found so far
  (`Silence`): one day where it is dense, years of a hundred campaigns where it is not.
- A window with activity is halved to find its first active day. If the first half is silent, the counters of the
  whole are those of the rest, which is not asked: a single day left over is known without a call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Generic, TypeVar

from sources.snovio.silence import Silence, is_even_chance
from sources.snovio.timeline import Counters, Days, Timeline

Subject = TypeVar("Subject")
"""Hashable: a campaign id, or the id of a sender account."""


@dataclass(frozen=True, slots=True)
class Block(Generic[Subject]):
    """One question: some subjects over days without a gap, both ends included."""

    subjects: tuple[Subject, ...]
    since: date
    through: date

    @property
    def key(self) -> str:
        """A short text, the same in every process, for the same days and the same subjects in any order."""
        asked = (sorted(map(repr, self.subjects)), self.since.isoformat(), self.through.isoformat())
        return blake2b(repr(asked).encode(), digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Settled(Generic[Subject]):
    """Days of one subject that are known from end to end, and the counters of those with activity."""

    subject: Subject
    since: date
    through: date
    cells: Mapping[date, Counters]


@dataclass(frozen=True, slots=True)
class _Active(Generic[Subject]):
    """Subjects and days that hold activity somewhere, and their counters as a whole."""

    subjects: tuple[Subject, ...]
    days: Days
    counters: Counters


class Backfill(Generic[Subject]):
    """Finds the days with activity, and their counters, in long ranges of days.

    Args:
        spans: The days to find out by subject, as first and last days; days that are final already are not in them.
        active: Days that are known to be active. A day without activity among them costs a call and no more.
        first: Subjects that are asked before the others, and never together with any.
        most_days: The longest range that the API answers; None: unknown.
        most_subjects: How many subjects one question may name.
    """

    def __init__(
        self,
        spans: Mapping[Subject, Sequence[tuple[date, date]]],
        *,
        active: Mapping[Subject, Collection[date]] | None = None,
        first: Collection[Subject] = (),
        most_days: int | None = None,
        most_subjects: int = 100,
    ) -> None:
        self.most_days = most_days
        self._most_subjects = most_subjects
        self._alone = frozenset(first)
        self._lines = {
            subject: Timeline(
                [
                    Days(since.toordinal(), through.toordinal())
                    for since, through in spans[subject]
                    if since <= through
                ],
                {day.toordinal() for day in (active or {}).get(subject, ())},
                expected=subject in self._alone,
            )
            for subject in sorted(spans, key=lambda subject: subject not in self._alone)
        }
        self._unfinished = {subject: line for subject, line in self._lines.items() if not line.is_done}
        self._silence = Silence()
        self._found: list[_Active[Subject]] = []
        self._open: dict[Block[Subject], _Active[Subject] | None] = {}

    @property
    def is_done(self) -> bool:
        """Whether every day is known, but for the subjects that were given up."""
        return not self._unfinished

    def next(self) -> Block[Subject] | None:
        """The next question that can be asked now; None: an answer must come first, or all is done."""
        found = self._found.pop(0) if self._found else None
        asked = self._first_part(found) if found else self._unasked(ahead=False) or self._unasked(ahead=True)
        if asked is None:
            return None
        subjects, days = asked
        block = Block(subjects, date.fromordinal(days.since), date.fromordinal(days.through))
        self._open[block] = found
        return block

    def answer(self, block: Block[Subject], counters: Counters | None) -> None:
        """Take the answer to a question.

        Args:
            block: The question, as `next` gave it.
            counters: The counters by name; None, or only zeros: there was no activity.
        """
        found = self._open.pop(block)
        asked = _days(block)
        if counters is not None and any(counters.values()):
            if found is not None:
                self._give_back(found, but=block)
            self._narrow(_Active(block.subjects, asked, counters))
            return
        for subject in self._live(block.subjects):
            self._settle(subject, found.days if found else asked, asked, None)
        if found is not None:
            self._narrow(_rest(found, block))

    def too_long(self, block: Block[Subject]) -> None:
        """The API refuses a question for its many days: `most_days` becomes half of them, and they are asked anew."""
        asked = _days(block)
        if asked.number == 1:
            self.give_up(block)
            return
        self.most_days = min(self.most_days or asked.number, asked.number // 2)
        found = self._open.pop(block)
        self._give_back(found or _Active(block.subjects, asked, {}))

    def give_up(self, block: Block[Subject]) -> None:
        """A question has no answer: what is not known of its subjects is left so."""
        found = self._open.pop(block)
        for subject in block.subjects:
            self._unfinished.pop(subject, None)
        if found is not None:
            self._give_back(found)
        waiting, self._found = self._found, []
        for one in waiting:
            self._narrow(one)

    def take(self) -> list[Settled[Subject]]:
        """The days that became known since the last call."""
        return [
            Settled(
                subject,
                date.fromordinal(days.since),
                date.fromordinal(days.through),
                {date.fromordinal(day): counters for day, counters in cells.items()},
            )
            for subject, line in self._lines.items()
            for days, cells in line.take()
        ]

    def _first_part(self, found: _Active[Subject]) -> tuple[tuple[Subject, ...], Days]:
        """Half of what holds activity: of several subjects, or of the days of one."""
        subjects, days = found.subjects, found.days
        if len(subjects) > 1:
            return subjects[: len(subjects) // 2], days
        half = self._silence.middle(*self._lines[subjects[0]].age(days.since), days.number)
        return subjects, _first(days, min(half, self.most_days or half))

    def _unasked(self, *, ahead: bool) -> tuple[tuple[Subject, ...], Days] | None:
        """Days that nothing is known of, now asked: of the first subject that has some."""
        for subject, line in self._unfinished.items():
            if (days := line.told()) is not None:
                subjects: tuple[Subject, ...] = (subject,)
            elif (unknown := line.unknown(ahead=ahead)) is not None:
                subjects, days = self._as_likely_as_not(subject, unknown)
            else:
                continue
            for one in subjects:
                self._lines[one].ask(days)
            return subjects, days
        return None

    def _as_likely_as_not(self, subject: Subject, unknown: Days) -> tuple[tuple[Subject, ...], Days]:
        """The first of some unknown days, as many as are worth asking, and the subjects to ask with them."""
        kind, age = self._lines[subject].age(unknown.since)
        most = min(unknown.number, self.most_days or unknown.number)
        days = _first(unknown, self._silence.worth_asking(kind, age, most))
        if days.number < most or subject in self._alone:
            return (subject,), days
        together = [subject]
        intensity = self._silence.intensity(kind, age, days.number)
        for other, line in self._unfinished.items():
            if other == subject or other in self._alone or not line.can_join(days):
                continue
            more = intensity + self._silence.intensity(*line.age(days.since), days.number)
            if len(together) == self._most_subjects or is_even_chance(intensity, more):
                break
            together.append(other)
            intensity = more
        return tuple(together), days

    def _narrow(self, found: _Active[Subject]) -> None:
        """Note where activity is; the counters of a single day are that day's."""
        if len(self._live(found.subjects)) < len(found.subjects):
            self._give_back(found)
        elif len(found.subjects) == found.days.number == 1:
            self._settle(found.subjects[0], found.days, found.days, found.counters)
        else:
            self._found.append(found)

    def _give_back(self, found: _Active[Subject], *, but: Block[Subject] | None = None) -> None:
        """Take what was asked or found to be active for unknown again, but for one part of it."""
        for subject in self._live(found.subjects):
            if but is None or subject not in but.subjects:
                self._lines[subject].give_back(found.days)
            elif found.days != _days(but):
                self._lines[subject].give_back(found.days, _days(but))

    def _settle(self, subject: Subject, asked: Days, known: Days, counters: Counters | None) -> None:
        line = self._lines[subject]
        if not line.is_marked(known.since):
            self._silence.learn(*line.age(known.since), known.number, active=counters is not None)
        line.settle(asked, known, counters)
        if line.is_done:
            del self._unfinished[subject]

    def _live(self, subjects: Iterable[Subject]) -> list[Subject]:
        """Those that were not given up."""
        return [subject for subject in subjects if subject in self._unfinished]


def _days(block: Block[Subject]) -> Days:
    return Days(block.since.toordinal(), block.through.toordinal())


def _first(days: Days, number: int) -> Days:
    return Days(days.since, days.since + number - 1)


def _rest(found: _Active[Subject], silent: Block[Subject]) -> _Active[Subject]:
    """What holds the activity if its first part is silent."""
    if len(found.subjects) > 1:
        return _Active(found.subjects[len(silent.subjects) :], found.days, found.counters)
    return _Active(found.subjects, Days(silent.through.toordinal() + 1, found.days.through), found.counters)
