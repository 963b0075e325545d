"""The backfill of windows against a model whose counters of distinct people do not add up."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.snovio.windows import Backfill, Block
from tests.properties import examples
from tests.snovio.people import Facts, facts, on
from tests.snovio.windows_model import Api, Order, Spans, days_in, days_of, drive, truth

LAST = 50


@dataclass
class Case:
    """A world, the days to find out, and days that are said to be active, rightly or wrongly."""

    world: dict[tuple[int, date], Facts]
    spans: dict[int, list[tuple[date, date]]]
    hints: dict[int, set[date]]
    first: list[int]
    options: dict[str, Any]

    def backfill(self, spans: Spans | None = None) -> Backfill[int]:
        """Of all its days, or of what is left of them."""
        return Backfill(self.spans if spans is None else spans, active=self.hints, first=self.first, **self.options)


day_numbers = st.integers(0, LAST)
people = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4)


@st.composite
def activities(draw: st.DrawFn) -> set[int]:
    """Days with activity: none, one, some, bursts, most."""
    kind = draw(st.sampled_from(["none", "one", "some", "bursts", "most"]))
    if kind == "none":
        return set()
    if kind == "one":
        return {draw(day_numbers)}
    if kind == "some":
        return draw(st.sets(day_numbers, max_size=6))
    if kind == "bursts":
        bursts = draw(st.lists(st.tuples(day_numbers, st.integers(1, 12)), max_size=3))
        return {day for since, length in bursts for day in range(since, min(LAST, since + length) + 1)}
    return set(range(LAST + 1)) - draw(st.sets(day_numbers, max_size=10))


@st.composite
def ranges(draw: st.DrawFn, same: list[tuple[int, int]]) -> list[tuple[date, date]]:
    """Some spans, in any order; they may overlap. Many subjects share theirs."""
    ends = st.tuples(day_numbers, day_numbers).map(lambda pair: (min(pair), max(pair)))
    chosen = draw(st.one_of(st.just(same), st.lists(ends, min_size=1, max_size=3)))
    return [(on(since), on(through)) for since, through in chosen]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    world, spans, hints = {}, {}, {}
    same = draw(st.sampled_from([[(0, LAST)], [(5, 20), (30, 44)]]))
    for subject in range(draw(st.integers(1, 6))):
        active = {on(day) for day in draw(activities())}
        for day in active:
            world[subject, day] = facts(subject, day, draw(people), "ab" if day.day % 3 else "")
        spans[subject] = draw(ranges(same))
        if draw(st.booleans()):
            wrong = {on(day) for day in draw(st.sets(day_numbers, max_size=3))}
            hints[subject] = wrong | (active if draw(st.booleans()) else {day for day in active if day.day % 2})
    first = draw(st.lists(st.sampled_from(sorted(spans)), unique=True, max_size=2))
    options = {"most_subjects": draw(st.sampled_from([1, 3, 100])), "most_days": draw(st.sampled_from([None, 7]))}
    return Case(world, spans, hints, first, options)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    chosen = random.Random(draw(st.integers(0, 1_000)))
    return chosen.randrange


@given(cases(), st.integers(1, 4), orders())
@settings(max_examples=examples(150), deadline=None)
def test_every_active_cell_is_found_and_every_day_is_settled_once(case: Case, most_open: int, order: Order) -> None:
    api = Api(case.world, case.spans)
    result = drive(case.backfill(), api, most_open=most_open, order=order)
    assert result.cells == truth(case.world, case.spans)
    assert result.settled == Counter(days_in(case.spans))
    assert max(api.asked.values(), default=1) == 1


@given(cases(), st.integers(1, 4), orders(), st.integers(0, 40))
@settings(deadline=None)
def test_a_backfill_that_was_cut_off_goes_on_from_what_it_settled(
    case: Case, most_open: int, order: Order, most_answers: int
) -> None:
    begun = drive(
        case.backfill(), Api(case.world, case.spans), most_open=most_open, order=order, most_answers=most_answers
    )
    left: dict[int, list[tuple[date, date]]] = {}
    for subject, day in days_in(case.spans) - set(begun.settled):
        left.setdefault(subject, []).append((day, day))
    result = drive(case.backfill(left), Api(case.world, left), result=begun)
    assert result.cells == truth(case.world, case.spans)
    assert result.settled == Counter(days_in(case.spans))


@given(cases(), st.integers(1, 4), orders(), st.integers(1, 40))
@settings(deadline=None)
def test_ranges_that_the_api_refuses_are_asked_in_shorter_ones(
    case: Case, most_open: int, order: Order, most_days: int
) -> None:
    api = Api(case.world, case.spans, most_days=most_days)
    backfill = case.backfill()
    result = drive(backfill, api, most_open=most_open, order=order)
    assert result.cells == truth(case.world, case.spans)
    assert result.settled == Counter(days_in(case.spans))
    assert max(api.asked.values(), default=1) == 1
    if api.refused:
        assert backfill.most_days is not None
        assert backfill.most_days <= LAST


@given(cases(), st.integers(1, 4), orders(), st.integers(0, 1_000))
@settings(max_examples=examples(200), deadline=None)
def test_subjects_without_an_answer_do_not_touch_the_others(
    case: Case, most_open: int, order: Order, seed: int
) -> None:
    """Questions fail at random: also such as name subjects that another open question names."""
    failing = random.Random(seed)
    api = Api(case.world, case.spans, fails=lambda _: failing.random() < 0.1)
    result = drive(case.backfill(), api, most_open=most_open, order=order)
    true = truth(case.world, case.spans)
    assert result.cells.items() <= true.items()
    assert {cell for cell in true if cell[0] not in api.given_up} <= set(result.cells)
    answered = {cell for cell in days_in(case.spans) if cell[0] not in api.given_up}
    assert answered <= set(result.settled)
    assert set(result.cells) == {cell for cell in true if cell in result.settled}


def test_the_second_of_two_days_is_known_when_the_first_is_silent() -> None:
    spans = {1: [(on(0), on(1))]}
    backfill: Backfill[int] = Backfill(spans)
    both = backfill.next()
    assert both == Block((1,), on(0), on(1))
    backfill.answer(both, {"emails_sent": 3})
    first = backfill.next()
    assert first == Block((1,), on(0), on(0))
    backfill.answer(first, None)
    assert backfill.is_done
    assert [dict(found.cells) for found in backfill.take()] == [{on(1): {"emails_sent": 3}}]


def test_expected_subjects_are_asked_first_and_alone() -> None:
    spans = {subject: [(on(0), on(29))] for subject in range(6)}
    backfill = Backfill(spans, first=[4, 2])
    asked: list[tuple[int, ...]] = []
    while (block := backfill.next()) is not None:
        asked.append(block.subjects)
        backfill.answer(block, None)
    assert backfill.is_done
    alone = [subjects for subjects in asked if set(subjects) & {2, 4}]
    assert asked[: len(alone)] == alone
    assert {len(subjects) for subjects in alone} == {1}
    assert asked[len(alone) :] == [(0, 1, 3, 5)]


def test_several_questions_can_be_open() -> None:
    """Also about one subject; none is about days that another open question is about."""
    backfill: Backfill[int] = Backfill({1: [(on(0), on(99))]}, active={1: [on(50)]}, most_days=10)
    blocks = [backfill.next() for _ in range(4)]
    days = [day for block in blocks if block is not None for day in days_of(block.since, block.through)]
    assert None not in blocks
    assert len(days) == len(set(days))


def test_zeros_are_no_activity() -> None:
    backfill: Backfill[int] = Backfill({1: [(on(0), on(9))]})
    block = backfill.next()
    assert block is not None
    backfill.answer(block, {"emails_sent": 0})
    assert backfill.is_done
    assert [dict(found.cells) for found in backfill.take()] == [{}]


def test_nothing_to_find_out_is_done_at_once() -> None:
    backfill: Backfill[int] = Backfill({1: []})
    assert backfill.is_done
    assert backfill.next() is None
    assert backfill.take() == []


def test_a_single_day_that_is_refused_is_given_up() -> None:
    backfill: Backfill[int] = Backfill({1: [(on(0), on(0))]})
    block = backfill.next()
    assert block is not None
    backfill.too_long(block)
    assert backfill.is_done
    assert backfill.take() == []


def test_the_key_of_a_question_knows_no_order() -> None:
    block = Block((1, 20, 3), on(0), on(0))
    assert block.key == Block((20, 3, 1), on(0), on(0)).key
    assert block.key not in {Block((1, 20), on(0), on(0)).key, Block((1, 20, 3), on(0), on(1)).key}
    assert Block((7,), on(0), on(0)).key == "12bd3d72c9dbba385893"
