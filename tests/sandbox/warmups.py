"""Warm-ups of senders and what they came to, made of the warm-up alone."""

from collections.abc import Iterator
from datetime import date, timedelta

from tests.sandbox.ids import digest
from tests.sandbox.model_account import Warmup

COUNTS = ("emails_sent", "replies", "bounces", "spam_emails", "inbox_emails", "categories_emails", "scheduled")
PROVIDERS = {"google": 1, "outlook": 2, "other": 9}


def days(warmup: Warmup, first: date, last: date) -> Iterator[date]:
    """The days of a window on which it ran."""
    day = max(first, warmup.start_date)
    while day <= last and not warmup.is_silent:
        yield day
        day += timedelta(days=1)


def daily(warmup: Warmup, day: date) -> dict[str, int]:
    """The counts of a day."""
    return {name: int(digest(warmup.id, day, name, length=2), 16) % 9 for name in COUNTS}


def by_provider(warmup: Warmup, first: date, last: date) -> dict[str, dict[str, int]]:
    """Totals of a window by provider; one of them tells nothing of categories."""
    spans = len(list(days(warmup, first, last)))
    found = {}
    for name, number in PROVIDERS.items() if spans else ():
        spam = number % 3
        row = {"id": number, "count": spans, "spam": spam, "percent": round(100 * spans / (spans + spam))}
        found[name] = row | ({"categories": 0} if name != "other" else {})
    return found


def deliverability(warmup: Warmup, first: date, last: date) -> dict[str, dict[str, int]]:
    """Totals of a window by folder."""
    spans = len(list(days(warmup, first, last)))
    if not spans:
        return {}
    return {
        "inbox": {"count": spans * 7, "percent": 88},
        "spam": {"count": spans, "percent": 13},
        "categories": {"count": 0, "percent": 0},
    }
