"""Windows of days in which recipient activity is asked for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sources.snovio.days import DAY, Days

MOST_DAYS: Final = 31
"""Calendar days of a window, both ends included: the API allows 31 days between them, or 31 with them."""


def windows(spans: Iterable[Days]) -> list[Days]:
    """Cut spans of days into windows that the API allows.

    Args:
        spans: The days to read, newest first, none of them twice.

    Returns:
        The windows, newest first; each lies in one span.
    """
    return [window for span in spans for window in _windows(span)]


def _windows(span: Days) -> Iterator[Days]:
    last = span.last
    while last >= span.first:
        first = max(span.first, last - (MOST_DAYS - 1) * DAY)
        yield Days(first, last)
        last = first - DAY
