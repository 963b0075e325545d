"""Reads a paged list whole, in either of the API's two forms of paging. Pure.

An account gets one form or the other, told apart by the keys of `pagination`:

    {"limit": 100, "total": 250, "hasMore": true, "nextCursor": "665a..."}      current
    {"page": 1, "limit": 100, "total": 250, "pages": 3}                         older
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sources import values
from sources.errors import WrongAnswer
from sources.shapes import Rows, object_of, rows_of
from sources.tables import Row

ROWS_PER_PAGE: Final = 100
"""The documented maximum of `limit`."""

_MOST_PASSES: Final = 3
_MOST_BARREN: Final = 200
"""So many pages in a row may bring nothing new: a page may be empty, but a list must end."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Args:
        rows: Its rows; a page may be short or empty and not be the last.
        total: Rows of the whole list, as the API says.
        following: The parameter that asks for the next page; None: this is the last.
        numbered: Whether pages are numbered, so that a row that is removed hides another one at a border.
    """

    rows: Rows
    total: int | None
    following: Row | None
    numbered: bool


Ask = Callable[[Row], Page]
"""Asks for one page, given the parameter that names it; none for the first."""


def page_of(endpoint: str, answer: Row, rows: Any, asked: Row) -> Page:
    """Reads one page and tells how to ask for the next.

    Args:
        endpoint: The endpoint by its table's name, for errors.
        answer: The whole answer.
        rows: What stands where the rows belong.
        asked: The parameter that the page was asked with.

    Raises:
        WrongAnswer: The shape is another, the list does not say how it goes on, or a page other than the one asked
            for came.
    """
    found = rows_of(endpoint, rows)
    paging = object_of(endpoint, answer.get("pagination") or {})
    total = paging.get("total")
    total = total if isinstance(total, int) else None
    if "hasMore" in paging or "nextCursor" in paging:
        return Page(found, total, _next_cursor(endpoint, paging), numbered=False)
    if "pages" in paging:
        return Page(found, total, _next_number(endpoint, paging, asked), numbered=True)
    if len(found) >= ROWS_PER_PAGE:
        raise WrongAnswer(endpoint, f"a page of {len(found)} rows does not say whether more follow", 200)
    return Page(found, total, None, numbered=False)


def _next_cursor(endpoint: str, paging: Row) -> Row | None:
    """`hasMore` decides: the last page may have a cursor too (documented example)."""
    cursor = paging.get("nextCursor")
    has_more = paging.get("hasMore", bool(cursor))
    if not isinstance(has_more, bool):
        raise WrongAnswer(endpoint, f"hasMore is no boolean but a {type(has_more).__name__}", 200)
    if has_more and not (isinstance(cursor, str) and cursor):
        raise WrongAnswer(endpoint, "more rows should follow, but there is no cursor to ask for them", 200)
    return {"cursor": cursor} if has_more else None


def _next_number(endpoint: str, paging: Row, asked: Row) -> Row | None:
    number = asked.get("page", 1)
    pages = paging["pages"]
    if not isinstance(pages, int) or paging.get("page", number) != number:
        raise WrongAnswer(endpoint, f"page {number} was asked for, page {paging.get('page')} of {pages} came", 200)
    return {"page": number + 1} if number < pages else None


class Listing:
    """One read of a whole list; iterating over it brings, page by page, the rows that were not there before.

    A row that is there during the whole read comes exactly once. Numbered pages shift when a row is removed, so a
    pass over them counts when its rows are as many as the API says, or the same as in the pass before; the passes
    together are the list.

    Args:
        endpoint: The endpoint by its table's name, for errors.
        ask: Asks for a page.
        begin: The parameter of the page to begin with; the first page if left out.

    Attributes:
        pages: Pages asked for so far.
        rows: Rows brought so far.
        total: Rows of the whole list, as the last page said.
        following: The parameter of the page after the last one brought; None at the end, and for numbered pages.
    """

    def __init__(self, endpoint: str, ask: Ask, begin: Row | None = None) -> None:
        self._endpoint = endpoint
        self._ask = ask
        self._begin = begin or {}
        self.pages = 0
        self.rows = 0
        self.total: int | None = None
        self.following: Row | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it was read from its first page on."""
        return not self._begin

    def __iter__(self) -> Iterator[Rows]:
        """Reads the list.

        Raises:
            WrongAnswer: Paging does not end, or goes in a circle.
        """
        known: set[str] = set()
        before: list[str] | None = None
        for _ in range(_MOST_PASSES):
            passed: list[str] = []
            totals: set[int | None] = set()
            first, numbered = self.pages, False
            for page in self._pages(known):
                fresh = {name: row for row in page.rows if (name := identity(row)) not in known}
                known.update(fresh)
                passed += map(identity, page.rows)
                totals.add(page.total)
                numbered = page.numbered
                self.rows += len(fresh)
                yield list(fresh.values())
            is_whole = self.pages == first + 1 or totals == {len(set(passed))}
            if not numbered or is_whole or passed == before:
                return
            before = passed

    def _pages(self, known: set[str]) -> Iterator[Page]:
        asked, cursors, barren = self._begin, {self._begin.get("cursor")}, 0
        while True:
            page = self._ask(asked)
            self.pages += 1
            self.total = page.total
            self.following = None if page.numbered else page.following
            barren = 0 if any(identity(row) not in known for row in page.rows) else barren + 1
            yield page
            if page.following is None:
                return
            asked = page.following
            cursor = asked.get("cursor")
            if barren >= _MOST_BARREN or (cursor is not None and cursor in cursors):
                raise WrongAnswer(self._endpoint, "paging does not end: pages bring nothing new", 200)
            cursors.add(cursor)


def identity(row: Row) -> str:
    """What tells a row apart in its list: its id as it is stored, which has two names, or else its content."""
    for name in ("_id", "id"):
        with contextlib.suppress(ValueError, RecursionError):
            text = values.text(row.get(name))
            if text is not None:
                return text
    return values.payload_text(row)
