"""What is known of a list, against a model: days that change between loads, loads that are cut and resumed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.snovio.coverage import NOTHING, Coverage, Digest, Span, Stretch
from tests.properties import examples

START = date(2026, 3, 1)
DAY = timedelta(days=1)
LOOKBACK = 2


def on(day: int) -> date:
    return START + day * DAY


@dataclass
class Model:
    """A list of days with content, what was loaded of it, and how often each day was handed on in this load."""

    coverage: Coverage = field(default_factory=Coverage)
    today: int = 12
    world: dict[date, int] = field(default_factory=dict)
    loaded: dict[date, int] = field(default_factory=dict)
    handed_on: Counter[date] = field(default_factory=Counter)

    def load(self, *, sweep: bool, days_allowed: int | None = None) -> int | None:
        """One load, ended after so many days with rows; keeps its state as JSON between loads, as dlt does."""
        self.coverage = Coverage.from_state(json.loads(json.dumps(self.coverage.to_state())))
        self.handed_on.clear()
        self.coverage.begin(lookback_days=LOOKBACK, sweep=sweep)
        left = days_allowed
        for span in self.coverage.spans():
            for day in self._days(span):
                if left == 0:
                    return None
                left = None if left is None else left - 1
                self._hand_on(span, day)
            self._end(span)
        assert max(self.handed_on.values(), default=1) == 1
        return self.coverage.finish(on(self.today))

    def _days(self, span: Span) -> list[date]:
        self._left = on(self.today) if span.before is None else span.before - DAY
        self._through = self._left
        lowest = span.since or date.min
        return sorted((day for day in self.world if lowest <= day <= self._left), reverse=True)

    def _hand_on(self, span: Span, day: date) -> None:
        assert span.before is None or day < span.before
        self._clear(day + DAY)
        if self.coverage.take(day, Digest(1, self.world[day])):
            self.loaded[day] = self.world[day]
            self.handed_on[day] += 1
        self.coverage.cover(day, self._through, lookback_days=LOOKBACK)
        self._left = day - DAY

    def _end(self, span: Span) -> None:
        self._clear(span.since)
        self.coverage.cover(span.since, self._through, lookback_days=LOOKBACK)

    def _clear(self, since: date | None) -> None:
        for day in self.coverage.emptied(since, self._left):
            self.loaded.pop(day, None)
            self.handed_on[day] += 1


changes = st.dictionaries(st.integers(0, 12), st.integers(0, 3), max_size=8)
"""Day -> new content; 0 empties the day."""
loads = st.lists(st.tuples(changes, st.booleans(), st.none() | st.integers(0, 4), st.integers(0, 2)), max_size=8)


def change(model: Model, changed: dict[int, int]) -> None:
    for day, content in changed.items():
        model.world.pop(on(day), None)
        if content and day <= model.today:
            model.world[on(day)] = content


@settings(max_examples=examples(500), deadline=None)
@given(loads, changes)
def test_whatever_was_cut_or_changed_a_whole_sweep_ends_with_what_the_list_shows(
    history: list[tuple[dict[int, int], bool, int | None, int]], last: dict[int, int]
) -> None:
    model = Model()
    for changed, sweep, days_allowed, days_later in history:
        change(model, changed)
        model.load(sweep=sweep, days_allowed=days_allowed)
        model.today += days_later
    change(model, last)
    model.load(sweep=False)
    assert model.coverage.complete
    model.load(sweep=True)
    assert model.loaded == model.world
    assert model.load(sweep=True) is None
    assert model.loaded == model.world


@settings(max_examples=examples(300), deadline=None)
@given(changes, changes, st.integers(0, 2), st.lists(st.integers(0, 3), max_size=4))
def test_a_load_brings_every_change_inside_the_lookback_also_when_cut(
    first: dict[int, int], second: dict[int, int], later: int, cuts: list[int]
) -> None:
    model = Model()
    change(model, first)
    model.load(sweep=False)
    model.today += later
    change(model, {day: content for day, content in second.items() if day >= 12 - LOOKBACK})
    for cut in cuts:
        model.load(sweep=False, days_allowed=cut)
    model.load(sweep=False)
    assert model.loaded == model.world


@given(changes)
def test_an_unmoved_list_is_not_handed_on_again(first: dict[int, int]) -> None:
    model = Model()
    change(model, first)
    model.load(sweep=False)
    model.load(sweep=False)
    assert not model.handed_on


@given(changes)
def test_a_sweep_says_what_it_repaired_outside_the_lookback(first: dict[int, int]) -> None:
    model = Model()
    change(model, {**first, 3: 1})
    model.load(sweep=False)
    assert model.load(sweep=True) is None
    change(model, {3: 2})
    assert model.load(sweep=True) == 0
    change(model, {3: 0})
    assert model.load(sweep=True) == -1
    assert model.loaded == model.world


def test_a_cut_first_read_leaves_one_open_stretch_and_a_cut_head_a_second() -> None:
    model = Model(world={on(day): 1 for day in range(13)})
    model.load(sweep=False, days_allowed=6)
    assert model.coverage.stretches == [Stretch(on(7), on(12))]
    assert model.coverage.spans() == [Span(None, on(13)), Span(on(7), None)]

    model.today = 20
    model.world |= {on(day): 1 for day in range(13, 21)}
    model.load(sweep=False, days_allowed=2)
    assert model.coverage.spans() == [Span(None, on(21)), Span(on(19), on(10)), Span(on(7), None)]
    model.load(sweep=False)
    assert model.coverage.complete
    assert model.loaded == model.world


def test_nothing_known_is_read_whole() -> None:
    assert Coverage().spans() == [Span(None, None)]
    assert Coverage.from_state(None).total() == NOTHING
    assert Coverage.from_state(Coverage().to_state()) == Coverage()
