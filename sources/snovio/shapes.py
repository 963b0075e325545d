"""The shapes of Snov.io's answers: pages as typed records, and the checks that make them.

A wrong shape is an error. It never becomes an empty list, which would look like rows that are gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sources.errors import NotFound, WrongAnswer
from sources.shapes import Rows, as_row, object_of, rows_of
from sources.tables import Row

__all__ = [
    "ActivityPage",
    "ProspectPage",
    "Row",
    "WarmupPage",
    "WebhookAnswer",
    "activity_page",
    "object_of",
    "profile_of",
    "profiles_of",
    "prospect_page",
    "rows_of",
    "warmup_page",
    "webhook_answer",
]


@dataclass(frozen=True)
class ProspectPage:
    """One page of a list's prospects, newest first (the order is inferred).

    Attributes:
        list: The list itself: `name`, `contacts`, `creationDate`, `emailsCount`. Empty when the API sent none.
        prospects: The rows of this page.
    """

    list: Row
    prospects: Rows


@dataclass(frozen=True)
class WebhookAnswer:
    """All webhooks, unwrapped from `data[].data`, and the account's counters in `meta`."""

    rows: Rows
    meta: Row


@dataclass(frozen=True)
class ActivityPage:
    """One page of a campaign's recipient activity.

    Attributes:
        rows: The events of this page, converted; their order is unknown.
        count: How many they are.
        total: Events in the whole window, or None when the API did not say.
        has_more: Whether another page follows at `offset + count`.
    """

    rows: Any
    count: int
    total: int | None
    has_more: bool


@dataclass(frozen=True)
class WarmupPage:
    """One page of warm-ups, and whether it is the last one."""

    rows: Rows
    is_last: bool


def prospect_page(answer: Any) -> ProspectPage:
    """Reads `{"list": {...}, "prospects": [...]}`; an empty PHP array in place of `list` counts as none.

    Raises:
        WrongAnswer: The shape is another.
    """
    body = object_of("list_prospects", answer)
    head = object_of("list_prospects", body.get("list") or {})
    return ProspectPage(head, rows_of("list_prospects", body.get("prospects")))


def webhook_answer(answer: Any) -> WebhookAnswer:
    """Reads `{"data": [{"data": {...}}], "meta": {...}}`.

    Raises:
        WrongAnswer: The shape is another.
    """
    body = object_of("webhooks", answer)
    wrapped = rows_of("webhooks", body.get("data"))
    meta = object_of("webhooks", body.get("meta") or {})
    return WebhookAnswer([as_row(row.get("data", row)) for row in wrapped], meta)


def activity_page(convert: Callable[[Rows], Any], answer: Any) -> ActivityPage:
    """Reads `{"data": [...], "pagination": {"total": 2, "has_more": false}}`.

    Args:
        convert: Makes of the rows what the page holds.
        answer: The answer.

    Raises:
        WrongAnswer: The shape is another, or an empty page claims that more follows, which would never end.
    """
    body = object_of("recipient_activity", answer)
    rows = rows_of("recipient_activity", body.get("data"))
    paging = object_of("recipient_activity", body.get("pagination"))
    has_more, total = paging.get("has_more"), paging.get("total")
    if not isinstance(has_more, bool) or (has_more and not rows):
        raise WrongAnswer("recipient_activity", f"has_more is {has_more!r} on a page of {len(rows)} rows", 200)
    return ActivityPage(convert(rows), len(rows), total if isinstance(total, int) else None, has_more)


def warmup_page(answer: Any) -> WarmupPage:
    """Reads `{"data": [...], "meta": {"page": 1, "total_pages": 1}}`; an empty page is the last one, too.

    Raises:
        WrongAnswer: The shape is another.
    """
    body = object_of("warmups", answer)
    rows = rows_of("warmups", body.get("data"))
    meta = object_of("warmups", body.get("meta") or {})
    page, pages = meta.get("page"), meta.get("total_pages")
    return WarmupPage(rows, not rows or (isinstance(page, int) and isinstance(pages, int) and page >= pages))


def profile_of(answer: Any) -> Row:
    """Reads `{"success": true, "data": {...}}`.

    Raises:
        NotFound: `data` is an empty PHP array.
        WrongAnswer: The shape is another.
    """
    return object_of("prospect_profiles", _found(answer))


def profiles_of(answer: Any) -> Rows:
    """Reads `{"success": true, "data": [{...}]}`; errors as for `profile_of`."""
    return rows_of("prospect_profiles", _found(answer))


def _found(answer: Any) -> Any:
    body = object_of("prospect_profiles", answer)
    if body.get("data") == []:
        raise NotFound("prospect_profiles", "there is no such prospect", 200)
    return body.get("data")
