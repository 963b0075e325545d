"""Reading a list whole: both forms of paging, odd pages, and lists that move while they are read."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.errors import WrongAnswer
from sources.sendkit.paging import ROWS_PER_PAGE, Listing, Page, identity, page_of

Row = dict[str, Any]


def page(rows: list[Row], asked: Row | None = None, **pagination: Any) -> Page:
    return page_of("leads", {"pagination": pagination}, rows, asked or {})


def rows(*numbers: int) -> list[Row]:
    return [{"_id": f"{number:04d}"} for number in numbers]


def read(ask: Callable[[Row], Page]) -> list[str]:
    return [row["_id"] for found in Listing("leads", ask) for row in found]


@pytest.mark.parametrize(
    ("pagination", "following", "numbered"),
    [
        ({"hasMore": True, "nextCursor": "c"}, {"cursor": "c"}, False),
        ({"hasMore": False, "nextCursor": "c"}, None, False),
        ({"hasMore": False, "nextCursor": None}, None, False),
        ({"nextCursor": "c"}, {"cursor": "c"}, False),
        ({"nextCursor": None}, None, False),
        ({"page": 1, "pages": 3}, {"page": 2}, True),
        ({"pages": 1}, None, True),
        ({"page": 1, "pages": 0}, None, True),
        ({"limit": 25, "total": 1}, None, False),
        ({}, None, False),
    ],
)
def test_how_a_page_says_what_follows(pagination: Row, following: Row | None, numbered: bool) -> None:
    found = page(rows(1), **pagination)
    assert (found.following, found.numbered) == (following, numbered)


@pytest.mark.parametrize(
    ("pagination", "count"),
    [
        ({"hasMore": True}, 1),
        ({"hasMore": True, "nextCursor": ""}, 1),
        ({"hasMore": "yes", "nextCursor": "c"}, 1),
        ({"page": 7, "pages": 9}, 1),
        ({"pages": "many"}, 1),
        ({}, ROWS_PER_PAGE),
    ],
)
def test_a_page_that_does_not_say_how_to_go_on_is_an_error(pagination: Row, count: int) -> None:
    with pytest.raises(WrongAnswer):
        page(rows(*range(count)), **pagination)


@pytest.mark.parametrize("answer", [{"pagination": [1]}, {"pagination": "none"}])
def test_pagination_of_another_shape_is_an_error(answer: Row) -> None:
    with pytest.raises(WrongAnswer, match="expected an object"):
        page_of("leads", answer, [], {})


def test_the_same_cursor_again_is_an_error_and_no_loop() -> None:
    answers = iter([page(rows(1), hasMore=True, nextCursor=cursor) for cursor in ("a", "b", "a")])
    with pytest.raises(WrongAnswer, match="does not end"):
        read(lambda _: next(answers))


def test_pages_that_bring_nothing_new_for_ever_are_an_error() -> None:
    cursors = iter(range(10_000))
    with pytest.raises(WrongAnswer, match="does not end"):
        read(lambda _: page(rows(1), hasMore=True, nextCursor=str(next(cursors))))


@pytest.mark.parametrize("row", [{"_id": "7"}, {"id": "7"}, {"_id": 7}, {"_id": None, "id": "7"}])
def test_an_id_has_two_names(row: Row) -> None:
    assert identity(row) == "7"


class MovingList:
    """A list, newest first, that answers in either form and changes before every page but the first.

    Args:
        ids: What is there at first.
        moves: For each call how many new rows come to the head, and which place is removed.
        ghosts: Every so many slots one is never shown.
        limit: Slots of a page.
        older: Whether pages are numbered.
    """

    def __init__(
        self, ids: list[int], moves: list[tuple[int, int | None]], *, ghosts: int, limit: int, older: bool
    ) -> None:
        self.ids = sorted(ids, reverse=True)
        self.throughout = set(ids)
        self.ever = set(ids)
        self._moves = iter(moves)
        self._ghosts, self._limit, self._older = ghosts, limit, older
        self._asked = False

    def __call__(self, asked: Row) -> Page:
        """Answers one call."""
        if self._asked:
            self._move()
        self._asked = True
        total = len([number for number in self.ids if not self._is_ghost(number)])
        if self._older:
            number = asked.get("page", 1)
            taken = self.ids[(number - 1) * self._limit : number * self._limit]
            pages = -(-len(self.ids) // self._limit)
            return page(rows(*filter(self._is_shown, taken)), asked, page=number, pages=pages, total=total)
        left = [number for number in self.ids if "cursor" not in asked or number < int(asked["cursor"])]
        taken = left[: self._limit]
        cursor = str(taken[-1]) if taken else None
        more = len(left) > self._limit
        return page(rows(*filter(self._is_shown, taken)), asked, hasMore=more, nextCursor=cursor, total=total)

    def _move(self) -> None:
        new, removed = next(self._moves, (0, None))
        if removed is not None and self.ids:
            gone = self.ids.pop(removed % len(self.ids))
            self.throughout.discard(gone)
        for _ in range(new):
            self.ids.insert(0, max(self.ever, default=0) + 1)
            self.ever.add(self.ids[0])

    def _is_ghost(self, number: int) -> bool:
        return self._ghosts > 0 and number % self._ghosts == 0

    def _is_shown(self, number: int) -> bool:
        return not self._is_ghost(number)

    def shown(self, numbers: set[int]) -> set[str]:
        """Ids of those of some rows that are shown."""
        return {row["_id"] for row in rows(*filter(self._is_shown, numbers))}


IDS = st.sets(st.integers(1, 400), max_size=60).map(list)
MOVES = st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 50)), max_size=40)


@given(ids=IDS, ghosts=st.integers(0, 3), limit=st.integers(1, 10), older=st.booleans())
def test_a_still_list_is_read_once_and_whole(ids: list[int], ghosts: int, limit: int, older: bool) -> None:
    moving = MovingList(ids, [], ghosts=ghosts, limit=limit, older=older)
    found = read(moving)
    assert Counter(found) == Counter(moving.shown(set(ids)))


@given(ids=IDS, moves=MOVES, ghosts=st.integers(0, 3), limit=st.integers(1, 10))
def test_a_list_that_moves_while_it_is_read_by_cursor(
    ids: list[int], moves: list[tuple[int, int | None]], ghosts: int, limit: int
) -> None:
    """Rows there throughout exactly once, others at most once."""
    moving = MovingList(ids, moves, ghosts=ghosts, limit=limit, older=False)
    found = Counter(read(moving))
    assert set(found.values()) <= {1}
    assert moving.shown(moving.throughout) <= found.keys() <= moving.shown(moving.ever)


@given(ids=IDS, new=st.lists(st.integers(0, 3), max_size=40), limit=st.integers(1, 10))
def test_a_numbered_list_that_grows_while_it_is_read(ids: list[int], new: list[int], limit: int) -> None:
    moving = MovingList(ids, [(count, None) for count in new], ghosts=0, limit=limit, older=True)
    found = Counter(read(moving))
    assert set(found.values()) <= {1}
    assert moving.shown(moving.throughout) <= found.keys()


@given(ids=IDS, removed=st.lists(st.integers(0, 50), max_size=3), limit=st.integers(2, 10))
def test_a_numbered_list_from_which_rows_are_removed_while_it_is_read(
    ids: list[int], removed: list[int], limit: int
) -> None:
    """A removed row hides another one at a border; the passes together miss none."""
    moving = MovingList(ids, [(0, place) for place in removed], ghosts=0, limit=limit, older=True)
    found = Counter(read(moving))
    assert set(found.values()) <= {1}
    assert moving.shown(moving.throughout) <= found.keys()


def test_a_read_can_begin_where_another_ended() -> None:
    moving = MovingList(list(range(1, 31)), [], ghosts=0, limit=10, older=False)
    first = Listing("leads", moving)
    head = next(iter(first))
    rest = Listing("leads", moving, first.following)
    found = [*head, *(row for fresh in rest for row in fresh)]
    assert found == rows(*range(30, 0, -1))
    assert (first.is_whole, rest.is_whole) == (True, False)
    assert (rest.pages, rest.rows, rest.total, rest.following) == (2, 20, 30, None)
