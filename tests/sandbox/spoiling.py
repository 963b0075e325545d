"""Faults inside one row of an event list: what the row shows, and what becomes of it in the warehouse."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

RAW: dict[bytes, bytes] = {
    b'"@@nan@@"': b"NaN",
    b'"@@integer over 64 bits@@"': b"1" + b"0" * 30,
    b'"@@lone surrogate@@"': b'"\\ud83d cut"',
    b'"@@invalid utf-8@@"': b'"caf\xe9 \xff"',
    b'"@@deep@@"': b"[" * 20_000 + b"]" * 20_000,
}
"""Texts that no JSON writer would produce, put in place of their markers after encoding."""


def _time_key(row: Row) -> str:
    return "sentDate" if "sentDate" in row else "visitedAt"


def _email_key(row: Row) -> str:
    return "userEmail" if "userEmail" in row else "prospectEmail"


def _set(row: Row, **values: Any) -> None:
    row.update(values)


def _drop(row: Row, key: str) -> None:
    row.pop(key, None)


def _date(text: str) -> Callable[[Row], None]:
    def spoil(row: Row) -> None:
        row[_time_key(row)] = {"date": text, "timezone_type": 3, "timezone": "UTC"}

    return spoil


def _number_as_text(row: Row) -> None:
    if "campaignId" in row:
        row["campaignId"] = str(row["campaignId"])


SPOILERS: dict[str, Callable[[Row], None]] = {
    "null_key": lambda row: _set(row, **{_time_key(row): None}),
    "missing_key": lambda row: _drop(row, _time_key(row)),
    "unreadable_date": _date("the day before yesterday"),
    "year_0000": _date("0000-00-00 00:00:00.000000"),
    "future_timestamp": _date("2999-01-01 00:00:00.000000"),
    "lone_surrogate": lambda row: _set(row, campaign="@@lone surrogate@@"),
    "invalid_utf8": lambda row: _set(row, campaign="@@invalid utf-8@@"),
    "nul": lambda row: _set(row, campaign="nul\x00nul"),
    "nan": lambda row: _set(row, **{_email_key(row): "@@nan@@"}),
    "deep_nesting": lambda row: _set(row, links="@@deep@@"),
    "integer_over_64_bits": lambda row: _set(row, newNumber="@@integer over 64 bits@@"),
    "list_for_text": lambda row: _set(row, campaign=["a", "b"]),
    "object_for_text": lambda row: _set(row, campaign={"a": 1}),
    "huge_text": lambda row: _set(row, emailBody="x" * 16_000_000),
    "wrong_campaign_id": lambda row: _set(row, campaignId=999_999_999),
    "number_as_text": _number_as_text,
    "new_column": lambda row: _set(row, brandNewColumn="new"),
    "missing_column": lambda row: _drop(row, "industry"),
}
"""Name -> changes a shown row in place. `wrong_campaign_id` and `missing_column` mean opens, clicks and replies."""

HARMLESS = frozenset({"number_as_text", "new_column", "missing_column"})
"""Spoilers whose row is loaded all the same; the truth keeps it and leaves out every other spoiled row."""


def spoil(name: str, row: Row) -> None:
    """Applies a spoiler by its name to a shown row, in place."""
    SPOILERS[name](row)
