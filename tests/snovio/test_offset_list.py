"""A list of unknown page size that moves between any two calls, as a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.snovio.moving_list import NeverSettled
from sources.snovio.offset_list import OffsetList

MOST_MOVES = 4
"""Fewer than passes, so that one of them meets a list that stands still."""


class Model:
    """A list of different records, newest first, that moves before some calls.

    Args:
        records: The records.
        page_size: Records of a full page.
        moves: Before which call a record comes (True) or goes (False), and where.
    """

    def __init__(self, records: list[str], page_size: int, moves: dict[int, tuple[bool, int]]) -> None:
        self.records = list(records)
        self.ever = set(records)
        self.throughout = set(records)
        self.calls = 0
        self._page_size = page_size
        self._moves = moves

    def page(self, offset: int) -> list[str]:
        """What follows after so many records."""
        if (move := self._moves.get(self.calls)) is not None and self.calls:
            self._move(*move)
        self.calls += 1
        return self.records[offset : offset + self._page_size]

    def _move(self, comes: bool, place: int) -> None:
        if comes:
            new = f"new {self.calls}"
            self.records.insert(place % (len(self.records) + 1), new)
            self.ever.add(new)
        elif self.records:
            self.throughout.discard(self.records.pop(place % len(self.records)))


@given(count=st.integers(0, 60), page_size=st.integers(1, 25))
def test_a_still_list_is_read_once_for_one_call_more_than_it_has_pages(count: int, page_size: int) -> None:
    model = Model([str(number) for number in range(count)], page_size, {})
    pages = OffsetList(model.page, str)
    assert pages.read() == model.records
    new_rows = page_size - (page_size > 1)
    further = max(0, count - page_size)
    assert pages.calls == model.calls == (1 if count == 0 else 2 + -(-further // new_rows))


@given(
    count=st.integers(0, 60),
    page_size=st.integers(2, 25),
    moves=st.dictionaries(st.integers(1, 12), st.tuples(st.booleans(), st.integers(0, 99)), max_size=MOST_MOVES),
)
def test_records_there_throughout_are_read_exactly_once_and_others_at_most_once(
    count: int, page_size: int, moves: dict[int, tuple[bool, int]]
) -> None:
    model = Model([str(number) for number in range(count)], page_size, moves)
    found = OffsetList(model.page, str).read()
    assert len(found) == len(set(found))
    assert model.throughout <= set(found) <= model.ever


@pytest.mark.parametrize("count", [1, 2, 30])
def test_an_ignored_offset_is_an_error(count: int) -> None:
    records = [str(number) for number in range(count)]
    with pytest.raises(NeverSettled, match="offset"):
        OffsetList(lambda _: list(records), str).read()


def test_what_changes_from_call_to_call_is_not_taken_for_a_move() -> None:
    calls = iter(range(100))

    def page(offset: int) -> list[dict[str, int]]:
        call = next(calls)
        return [{"number": number, "call": call} for number in range(7)][offset : offset + 3]

    found = OffsetList(page, lambda record: str(record["number"])).read()
    assert [record["number"] for record in found] == list(range(7))
