"""What one dlt run takes: so many rows, so many seconds, and never nothing at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.slices import Slice


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        """Stands in for the function of `time`."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(time, "monotonic", stopped.monotonic)
    return stopped


def taken(part: Slice, rows: int) -> bool:
    """Hands on rows if they fit, as the tables do."""
    if not part.takes(rows):
        return False
    part.add(rows)
    return True


def test_without_bounds_it_takes_everything_and_is_never_full(clock: Clock) -> None:
    part = Slice()
    assert taken(part, 10**9)
    assert taken(part, 10**9)
    clock.now += 10**9
    assert not part.is_full


@pytest.mark.parametrize(
    ("units", "fit", "full"),
    [
        ([40, 60], [True, True], False),
        ([40, 60, 0], [True, True, True], False),
        ([40, 60, 1], [True, True, False], True),
        ([40, 61], [True, False], True),
        ([100], [True], False),
        ([1_000], [True], True),
        ([1, 1_000], [True, False], True),
        ([0, 1_000], [True, True], True),
        ([0, 0], [True, True], False),
        ([60, 50, 1], [True, False, False], True),
    ],
)
def test_rows_that_fit(units: list[int], fit: list[bool], full: bool) -> None:  # a case of the table
    part = Slice(most_rows=100)
    assert [taken(part, rows) for rows in units] == fit
    assert part.is_full is full


def test_a_single_unit_larger_than_the_bound_has_a_slice_of_its_own() -> None:
    """A whole day cannot be split: a new slice takes it whatever its size, and then nothing more."""
    part = Slice(most_rows=100)
    assert taken(part, 10)
    assert not taken(part, 1_000)
    part.begin()
    assert not part.is_full
    assert taken(part, 1_000)
    assert part.is_full
    assert not part.takes(1)


def test_what_did_not_fit_closes_the_slice_for_smaller_ones_too() -> None:
    """Units are handed on in order: a later one may not overtake the one that waits."""
    part = Slice(most_rows=100)
    assert taken(part, 60)
    assert not part.is_full
    assert not part.takes(50)
    assert part.is_full
    assert not part.takes(1)
    assert not part.takes(0)


def test_to_ask_does_not_count() -> None:
    part = Slice(most_rows=100)
    assert all(part.takes(100) for _ in range(3))
    assert not part.is_full


def test_it_is_full_after_its_seconds_once_there_is_something_to_commit(clock: Clock) -> None:
    part = Slice(most_seconds=120)
    clock.now += 119.5
    part.add(1)
    assert not part.is_full
    clock.now += 0.5
    assert part.is_full


def test_it_is_not_full_with_nothing_to_commit_however_late(clock: Clock) -> None:
    part = Slice(most_rows=100, most_seconds=120)
    clock.now += 10_000
    part.add(0)
    assert not part.is_full
    part.add(1)
    assert part.is_full


def test_the_next_one_begins_with_no_rows_at_no_time(clock: Clock) -> None:
    part = Slice(most_rows=100, most_seconds=120)
    clock.now += 120
    assert taken(part, 101)
    assert part.is_full
    part.begin()
    assert not part.is_full
    assert taken(part, 99)
    assert not part.is_full
    clock.now += 120
    assert part.is_full


def test_seconds_of_zero_mean_a_slice_for_each_unit(clock: Clock) -> None:
    """The clock need not move."""
    part = Slice(most_seconds=0)
    assert clock.now == 1_000.0
    assert not part.is_full
    assert taken(part, 1)
    assert part.is_full


@given(st.lists(st.integers(0, 150), max_size=40))
def test_no_slice_exceeds_its_bound_but_by_a_single_unit_and_every_unit_is_taken(units: list[int]) -> None:
    part = Slice(most_rows=100)
    slices: list[list[int]] = [[]]
    for rows in units:
        if not taken(part, rows):
            part.begin()
            slices.append([])
            assert taken(part, rows)
        slices[-1].append(rows)
    assert [rows for found in slices for rows in found] == units
    for found in slices:
        assert sum(found) <= 100 or len([rows for rows in found if rows]) == 1
