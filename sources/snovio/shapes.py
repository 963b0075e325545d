"""The shapes of Snov.io's answers: pages as typed records, and the checks that make them.

A wrong shape is an error. It never becomes an empty list, which would look like rows that are gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sources.errors import WrongAnswer

Row = dict[str, Any]
Rows = list[Row]

_KEYS_SHOWN = 8


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


def object_of(endpoint: str, answer: Any) -> Row:
    """Returns the answer, which must be an object.

    Raises:
        WrongAnswer: It is something else.
    """
    if not isinstance(answer, dict):
        raise _wrong(endpoint, "an object", answer)
    return answer


def rows_of(endpoint: str, answer: Any) -> Rows:
    """Returns the rows of an answer, which must be a list of objects.

    A single element that is no object is wrapped as `{"value": element}`: it still counts as a row of its page, and
    is rejected with a reason where rows are converted, without stopping the others.

    Raises:
        WrongAnswer: It is no list, or none of its elements is an object.
    """
    if not isinstance(answer, list):
        raise _wrong(endpoint, "a list", answer)
    if answer and not any(isinstance(row, dict) for row in answer):
        raise _wrong(endpoint, "a list of objects", answer[0])
    return [_row(row) for row in answer]


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
    return WebhookAnswer([_row(row.get("data", row)) for row in wrapped], meta)


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


def _wrong(endpoint: str, expected: str, answer: object) -> WrongAnswer:
    return WrongAnswer(endpoint, f"expected {expected}, the API sent {_kind(answer)}", 200)


def _kind(answer: object) -> str:
    """Names what came without quoting it: values are people's data."""
    if isinstance(answer, dict):
        return f"an object with the keys {sorted(map(str, answer))[:_KEYS_SHOWN]}"
    return "nothing" if answer is None else f"a value of the type {type(answer).__name__}"


def _row(row: Any) -> Row:
    return row if isinstance(row, dict) else {"value": row}
