"""The moving-list reader against a model list that changes between any two calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.snovio.moving_list import MovingList, NeverSettled, NotNewestFirst, OffsetIgnored
from sources.snovio.pages import Day, Page, PageSizes, day_of, first_second
from tests.properties import examples

HOUR = 3600
START = first_second(date(2026, 3, 10))


class Event(NamedTuple):
    """A row; `uid` is the model's own and no part of what the reader may look at."""

    second: int
    content: str
    uid: int


def contents(rows: list[Event]) -> list[Hashable]:
    return [content(row) for row in rows]


def content(row: Event) -> tuple[int, str]:
    return row.second, row.content


@dataclass
class ModelList:
    """A newest-first list behind an offset API, and the things that may happen to it between two calls."""

    rows: list[Event]
    page_size: int = 4
    moves: list[Callable[[ModelList], None]] = field(default_factory=list)
    cuts: list[int | None] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    throughout: set[int] = field(default_factory=set)
    ever: dict[int, Event] = field(default_factory=dict)
    most_in_a_second: int = 1_000
    next_uid: int = 1_000

    def __post_init__(self) -> None:
        self.rows.sort(key=lambda row: -row.second)
        self.throughout = {row.uid for row in self.rows}
        self.ever = {row.uid: row for row in self.rows}

    def fetch(self, offset: int) -> Page[list[Event]]:
        """Answers one call, after whatever happens before it."""
        if self.calls and self.moves:
            self.moves.pop(0)(self)
        self.calls.append(offset)
        shown = self.rows[offset : offset + self.page_size]
        cut = self.cuts.pop(0) if self.cuts and shown else None
        shown = shown[:cut]
        return Page(shown, [row.second for row in shown])

    def add(self, second: int, text: str) -> None:
        """Adds a row where it belongs, unless its second is full."""
        if sum(row.second == second for row in self.rows) >= self.most_in_a_second:
            return
        event = Event(second, text, self.next_uid)
        self.next_uid += 1
        self.ever[event.uid] = event
        self.rows.append(event)
        self.rows.sort(key=lambda row: -row.second)

    def remove(self, index: int) -> None:
        """Removes a row."""
        if self.rows:
            self.throughout.discard(self.rows.pop(index % len(self.rows)).uid)

    def edit(self, index: int, text: str) -> None:
        """Changes a row in place."""
        if self.rows:
            index %= len(self.rows)
            self.rows[index] = self.rows[index]._replace(content=text)


seconds = st.integers(0, 12).map(lambda step: START - step * 9 * HOUR)
texts = st.sampled_from("ab")
events = st.lists(st.tuples(seconds, texts), max_size=25)


@st.composite
def moves(
    draw: st.DrawFn, kinds: tuple[str, ...] = ("head", "late", "remove", "edit")
) -> Callable[[ModelList], None]:
    steps = draw(st.lists(st.tuples(st.sampled_from(kinds), seconds, texts, st.integers(0, 30)), max_size=3))

    def move(model: ModelList) -> None:
        for kind, second, text, index in steps:
            if kind == "head":
                model.add(START + 5 * HOUR, text)
            elif kind == "late":
                model.add(second, text)
            elif kind == "remove":
                model.remove(index)
            else:
                model.edit(index, text)

    return move


def build(pairs: list[tuple[int, str]], **options: object) -> ModelList:
    return ModelList([Event(second, text, uid) for uid, (second, text) in enumerate(pairs)], **options)  # type: ignore[arg-type]  # the options are the dataclass's own fields


def reader(model: ModelList, sizes: PageSizes | None = None, *, overlap: int = 2) -> MovingList[list[Event]]:
    sizes = sizes or PageSizes(largest=model.page_size, granularity=1)
    return MovingList(model.fetch, sizes, content=contents, expect_rows=True, overlap=overlap)


def read(moving: MovingList[list[Event]], **span: Any) -> list[Day[list[Event]]]:
    return [day for together in moving.read(**span) for day in together]


def rows_of(day: Day[list[Event]]) -> list[Event]:
    return [row for part in day.parts for row in part]


def uids(days: list[Day[list[Event]]]) -> Counter[int]:
    return Counter(row.uid for day in days for row in rows_of(day))


def assert_promise(model: ModelList, days: list[Day[list[Event]]]) -> None:
    """Rows there throughout exactly once, any other at most once, whole days in falling order."""
    seen = uids(days)
    assert not {uid: times for uid, times in seen.items() if times > 1}
    assert model.throughout <= set(seen)
    assert set(seen) <= set(model.ever)
    assert [day.date for day in days] == sorted({day.date for day in days}, reverse=True)
    for day in days:
        assert {day_of(row.second) for row in rows_of(day)} == {day.date}
        assert [row.second for row in rows_of(day)] == sorted((row.second for row in rows_of(day)), reverse=True)


def thinned(pairs: list[tuple[int, str]], most: int) -> list[tuple[int, str]]:
    """Keep at most so many rows of a second."""
    kept: Counter[int] = Counter()
    return [pair for pair in pairs if kept.update([pair[0]]) or kept[pair[0]] <= most]


@settings(max_examples=examples(300), deadline=None)
@given(events, st.lists(moves(), max_size=12), st.integers(5, 9), st.integers(1, 3))
def test_a_list_that_moves_between_any_two_calls_with_ties_across_page_borders(
    pairs: list[tuple[int, str]],
    steps: list[Callable[[ModelList], None]],
    page_size: int,
    overlap: int,
) -> None:
    most = page_size - 2
    model = build(thinned(pairs, most), page_size=page_size, moves=list(steps), most_in_a_second=most)
    assert_promise(model, read(reader(model, overlap=overlap)))


def assert_promise_for_twins(model: ModelList, days: list[Day[list[Event]]]) -> None:
    """The same promise for rows that nothing tells apart: by how many of each kind there are."""
    seen = Counter(content(row) for day in days for row in rows_of(day))
    assert Counter(content(model.ever[uid]) for uid in model.throughout) <= seen
    assert seen <= Counter(content(row) for row in model.ever.values())


@settings(max_examples=examples(300), deadline=None)
@given(events, moves(("head", "late", "remove")), st.integers(0, 6), st.integers(2, 5))
def test_ties_and_seconds_larger_than_a_page_with_one_burst_of_moves(
    pairs: list[tuple[int, str]], burst: Callable[[ModelList], None], calls_before: int, page_size: int
) -> None:
    still: list[Callable[[ModelList], None]] = [lambda _: None] * calls_before
    model = build(pairs, page_size=page_size, moves=[*still, burst])
    assert_promise_for_twins(model, read(reader(model)))


@settings(max_examples=examples(300), deadline=None)
@given(events, st.lists(st.tuples(st.integers(0, 3), st.just(None)), max_size=4), st.integers(3, 6))
def test_short_and_empty_pages_in_the_middle(
    pairs: list[tuple[int, str]], cuts: list[tuple[int, None]], page_size: int
) -> None:
    """A page cut short, even to nothing, never loses a row as long as the next answer is whole."""
    model = build(pairs, page_size=page_size, cuts=[cut for pair in cuts for cut in pair])
    assert_promise(model, read(reader(model)))


@settings(max_examples=examples(300), deadline=None)
@given(events, st.lists(moves(), max_size=6), st.integers(5, 9), st.integers(1, 12), st.integers(0, 40))
def test_a_read_cut_anywhere_and_resumed_below_its_last_whole_day(
    pairs: list[tuple[int, str]],
    steps: list[Callable[[ModelList], None]],
    page_size: int,
    calls_allowed: int,
    newer: int,
) -> None:
    class Cut(Exception):
        pass

    most = page_size - 2
    model = build(thinned(pairs, most), page_size=page_size, moves=list(steps), most_in_a_second=most)

    def cut_fetch(offset: int) -> Page[list[Event]]:
        if len(model.calls) >= calls_allowed:
            raise Cut
        return model.fetch(offset)

    days: list[Day[list[Event]]] = []
    first = MovingList(cut_fetch, PageSizes(largest=page_size, granularity=1), content=contents, overlap=2)
    try:
        for day in chain.from_iterable(first.read()):
            days.append(day)  # noqa: PERF402  # the days before the cut are what counts
    except Cut:
        before = days[-1].date if days else None
        model.moves = []
        days += read(reader(model), before=before, newer=newer)
    assert_promise(model, days)


@settings(max_examples=examples(200), deadline=None)
@given(events, st.integers(5, 9), st.integers(0, 5), st.lists(moves(), max_size=6))
def test_stops_early_at_the_day_asked_for(
    pairs: list[tuple[int, str]], page_size: int, back: int, steps: list[Callable[[ModelList], None]]
) -> None:
    since = date(2026, 3, 10) - timedelta(days=back)
    most = page_size - 2
    model = build(thinned(pairs, most), page_size=page_size, moves=list(steps), most_in_a_second=most)
    days = read(reader(model), since=since)
    seen = uids(days)
    assert all(day.date >= since for day in days)
    assert max(seen.values(), default=1) == 1
    wanted = {row.uid for row in model.rows if day_of(row.second) >= since} & model.throughout
    assert wanted <= set(seen)


def test_early_stop_costs_one_call_when_the_page_reaches_past_the_day() -> None:
    model = build([(START - step * HOUR, "a") for step in range(200)], page_size=100)
    days = read(reader(model, PageSizes()), since=date(2026, 3, 9))
    assert model.calls == [0]
    assert [day.date for day in days] == [date(2026, 3, 10), date(2026, 3, 9)]


@pytest.mark.parametrize("page_size", [100, 500, 1000])
def test_a_page_size_below_the_documented_one_costs_about_one_call_a_page(page_size: int) -> None:
    model = build([(START - step * 60, "a") for step in range(5_000)], page_size=page_size)
    assert_promise(model, read(reader(model, PageSizes(), overlap=20)))
    assert len(model.calls) <= 5_000 / (page_size - 21) + 2


def test_short_lists_earn_trust_after_three_confirmed_ends() -> None:
    sizes = PageSizes(largest=1_000)
    calls = []
    for _ in range(6):
        model = build([(START - step * HOUR, "a") for step in range(37)], page_size=1000)
        assert len(uids(read(reader(model, sizes, overlap=10)))) == 37
        calls.append(len(model.calls))
    assert calls == [2, 2, 2, 1, 1, 1]
    assert sizes.confirmed == 3


def test_trust_ends_for_good_when_a_short_page_was_not_the_end() -> None:
    sizes = PageSizes(largest=1000, confirmed=2)
    model = build([(START - step * 60, "a") for step in range(1_500)], page_size=1000, cuts=[137])
    assert_promise(model, read(reader(model, sizes, overlap=10)))
    assert sizes.unreliable
    assert not sizes.proves_end(137)


def test_an_empty_list_that_had_rows_is_asked_twice() -> None:
    model = build([(START, "a")], cuts=[0])
    assert len(uids(read(reader(model)))) == 1
    assert model.calls[:2] == [0, 0]


def test_an_ignored_offset_is_an_error() -> None:
    rows = [Event(START - step * 60, "a", step) for step in range(500)]

    def fetch(_: int) -> Page[list[Event]]:
        return Page(rows[:100], [row.second for row in rows[:100]])

    with pytest.raises(OffsetIgnored):
        read(MovingList(fetch, PageSizes(), content=contents))


def test_offsets_past_the_end_that_repeat_the_last_page_end_the_list() -> None:
    model = build([(START - step * 60, "a") for step in range(450)], page_size=100)

    def clamped(offset: int) -> Page[list[Event]]:
        return model.fetch(min(offset, 350))

    assert_promise(model, read(MovingList(clamped, PageSizes(), content=contents)))


def test_offsets_that_stay_empty_in_the_middle_are_an_error() -> None:
    model = build([(START - step * 60, "a") for step in range(1_000)], page_size=100)

    def holed(offset: int) -> Page[list[Event]]:
        return Page([], []) if 300 <= offset < 450 else model.fetch(offset)

    with pytest.raises(NeverSettled):
        read(MovingList(holed, PageSizes(), content=contents))


def test_a_second_that_never_holds_still_is_an_error() -> None:
    model = build([(START, "a")] * 50, page_size=10)
    turns = iter(range(500))
    model.moves = [lambda moved: moved.edit(turn := next(turns), f"edited {turn}")] * 500
    with pytest.raises(NeverSettled):
        read(reader(model))


@pytest.mark.parametrize("order", ["oldest first", "shuffled"])
def test_a_list_in_another_order_is_read_whole(order: str) -> None:
    model = build([(START - step * 5 * HOUR, "a") for step in range(40)], page_size=10)
    if order == "oldest first":
        model.rows.reverse()
    else:
        model.rows = model.rows[1::2] + model.rows[::2]
    with pytest.raises(NotNewestFirst):
        read(reader(model))
    days = reader(model).read_whole()
    assert uids(days) == Counter(range(40))
    assert [day.date for day in days] == sorted((day.date for day in days), reverse=True)


def test_a_span_below_a_day_starts_where_it_is_thought_to_lie() -> None:
    model = build([(START - step * 60, "a") for step in range(20_000)], page_size=1_000)
    before = day_of(START - 12_000 * 60)
    read(reader(model, PageSizes(), overlap=50), before=before, newer=12_000)
    assert len(model.calls) <= 12
