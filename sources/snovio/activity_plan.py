"""What recipient activity costs in calls, told before it is asked for. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from sources.outcomes import Calls, total
from sources.snovio import due
from sources.snovio.activity_windows import windows
from sources.snovio.api import MOST_ACTIVITY_ROWS
from sources.snovio.coverage import Coverage, Span
from sources.snovio.days import Days
from sources.snovio.known import MOST_GAINED, Known
from sources.snovio.probed import Probed
from sources.snovio.settings import Settings
from sources.snovio.tables import RECIPIENT_ACTIVITY
from sources.tables import Row

MOST_UNREAD: Final = 10_000
"""So many events are allowed for in the days of a campaign that were never read."""

_DAY: Final = timedelta(days=1)


def activity_calls(known: Known, settings: Settings, today: date, perhaps: Collection[int], probed: Probed) -> Calls:
    """What the activity of all campaigns costs.

    Args:
        known: What is known of the account.
        settings: How it is read.
        today: The UTC day of the load.
        perhaps: Campaigns that may have moved.
        probed: What the probe spares.
    """

    def calls(campaign: Row) -> Calls:
        coverage = known.coverage(RECIPIENT_ACTIVITY.name, campaign["id"])
        is_due = due.list_is_due(coverage, campaign, settings, today)
        if is_due or not probed.is_spared(RECIPIENT_ACTIVITY.name, campaign):
            return asked(campaign)
        return Calls(0, asked(campaign).most if campaign["id"] in perhaps else 0)

    def asked(campaign: Row) -> Calls:
        before = known.coverage(RECIPIENT_ACTIVITY.name, campaign["id"])
        begun = known.coverage(RECIPIENT_ACTIVITY.name, campaign["id"])
        due.begin_list(begun, campaign, settings, today)
        first = due.first_day(campaign, settings, oldest_loaded=before.first_day)
        wanted = [window for span in begun.spans() for window in _windows(span, first, today)]
        if not wanted:
            return Calls()
        again = before.complete and begun.sweep is None
        rows = _rows(before, wanted[-1].first) if again else before.total().rows
        moved = MOST_GAINED if campaign["id"] in perhaps else 0
        unread = 0 if before.complete or before.sweep else MOST_UNREAD
        if len(wanted) == 1 and not unread:
            return Calls(max(1, _pages(rows - moved)), max(1, _pages(rows + moved)))
        return Calls(len(wanted), len(wanted) + _pages(rows + moved + unread))

    return total(calls(campaign) for campaign in known.started)


def _windows(span: Span, first: date, today: date) -> list[Days]:
    """The windows of a span; before the first day nothing is asked."""
    through = today if span.before is None else span.before - _DAY
    return windows([Days(max(filter(None, (span.since, first))), through)])


def _rows(coverage: Coverage, since: date) -> int:
    """Rows of the days that are read again."""
    return sum(digest.rows for day, digest in coverage.recent.items() if day >= since)


def _pages(rows: int) -> int:
    return -(-rows // MOST_ACTIVITY_ROWS)
