"""How many calls the backfill of windows costs, on generated activity."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from sources.snovio.windows import Backfill
from tests.snovio.people import Facts, facts, on
from tests.snovio.windows_model import Api, drive, truth


def bursts(rng: random.Random, days: int, *, density: float, length: float) -> Iterator[int]:
    """Days with activity in bursts of random length, so many days on average."""
    silent = length * (1 - density) / density
    active = rng.random() < density
    for day in range(days):
        if active:
            yield day
        active = rng.random() >= 1 / length if active else rng.random() < 1 / silent


def single_days(rng: random.Random, days: int, *, density: float) -> list[int]:
    return [day for day in range(days) if rng.random() < density]


def working_days(rng: random.Random, days: int) -> list[int]:
    """Two months without the weekends."""
    begun = rng.randrange(days - 60)
    return [day for day in range(begun, begun + 60) if on(day).weekday() < 5]


def world_of(days_by_subject: Mapping[int, Collection[int]]) -> dict[tuple[int, date], Facts]:
    return {
        (subject, on(day)): facts(subject, on(day), ["a", f"{day}"])
        for subject, days in days_by_subject.items()
        for day in days
    }


def calls_for(world_days: Mapping[int, Collection[int]], days: int, *, most_open: int = 1, **options: Any) -> int:
    """How many calls it takes to find these days, all of which are found."""
    spans = {subject: [(on(0), on(days - 1))] for subject in world_days}
    world = world_of(world_days)
    api = Api(world, spans)
    result = drive(Backfill(spans, **options), api, most_open=most_open)
    assert result.cells == truth(world, spans)
    return api.calls


def told(active: Mapping[int, Collection[int]]) -> dict[int, list[date]]:
    return {subject: [on(day) for day in days] for subject, days in active.items()}


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "most_open"), [(1, 1), (2, 4), (3, 4)])
def test_sparse_bursts_cost_about_two_calls_a_cell(seed: int, most_open: int) -> None:
    rng = random.Random(seed)
    active = {campaign: list(bursts(rng, 730, density=0.03, length=10)) for campaign in range(100)}
    cells = sum(map(len, active.values()))
    assert calls_for(active, 730, most_open=most_open) <= 2.2 * cells
    assert calls_for(active, 730, most_open=most_open, active=told(active)) <= 1.2 * cells


@pytest.mark.parametrize(("seed", "length"), [(1, None), (2, 5), (1, 10), (2, 40)])
def test_dense_activity_costs_no_more_than_the_grid(seed: int, length: int | None) -> None:
    rng = random.Random(seed)
    active = {
        campaign: list(bursts(rng, 200, density=0.8, length=length) if length else single_days(rng, 200, density=0.8))
        for campaign in range(30)
    }
    assert calls_for(active, 200, most_open=4) <= 1.03 * 30 * 200


@pytest.mark.parametrize(
    ("campaigns", "options", "most"),
    [(100, {}, 1), (300, {}, 3), (1, {}, 1), (100, {"most_days": 31}, 24), (1, {"first": [0]}, 6)],
)
def test_a_silent_world_costs_a_handful_of_calls(campaigns: int, options: dict[str, Any], most: int) -> None:
    assert calls_for({campaign: [] for campaign in range(campaigns)}, 730, most_open=4, **options) <= most


def test_drafts_beside_running_campaigns_cost_next_to_nothing() -> None:
    rng = random.Random(1)
    active = {campaign: list(bursts(rng, 365, density=0.1, length=10)) for campaign in range(20)}
    with_drafts = active | {campaign: [] for campaign in range(20, 120)}
    assert calls_for(with_drafts, 365, first=active) <= calls_for(active, 365, first=active) + 5
    assert calls_for(with_drafts, 365) <= calls_for(active, 365) + 100


def test_silent_weekends_of_several_campaigns_are_asked_together() -> None:
    rng = random.Random(1)
    active = {campaign: working_days(rng, 200) for campaign in range(50)}
    cells = sum(map(len, active.values()))
    assert calls_for(active, 200, active=told(active)) <= 1.1 * cells


def test_wrong_hints_cost_one_call_each() -> None:
    active: dict[int, list[int]] = {0: [], 1: [10, 11]}
    hints = {0: [on(3), on(70)], 1: [on(10), on(11), on(12)]}
    right = {1: hints[1][:2]}
    assert calls_for(active, 100, active=hints) <= calls_for(active, 100, active=right) + 3 + 2
