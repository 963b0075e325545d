"""Recipient activity: the events of every type of a campaign, asked for in windows of days."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from dlt.extract import DltResource

from sources.arrow import text_hash
from sources.errors import WrongAnswer
from sources.outcomes import Outcome
from sources.snovio.activity_coverage import ActivityCoverage, Types
from sources.snovio.activity_windows import windows
from sources.snovio.campaigns import started_campaigns
from sources.snovio.coverage import NOTHING, Digest, Span
from sources.snovio.day_lists import DAY, DayReading, Handover, joined
from sources.snovio.day_tables import TableReading, take_note
from sources.snovio.days import Days
from sources.snovio.due import begin_list, first_day
from sources.snovio.event_rows import ACTIVITY, EventRows, Rejected, conversion_of, removed
from sources.snovio.pages import Day
from sources.snovio.reading import AccountReading
from sources.snovio.tables import CAMPAIGN_ANALYTICS, RECIPIENT_ACTIVITY
from sources.tables import Row
from sources.writing import units

MOST_ROWS: Final = 20_000
"""A window with more is read in halves, down to single days: a step must fit into any budget, and into memory."""


def recipient_activity(reading: AccountReading) -> DltResource:
    """Every started campaign's events of all types, whole UTC days at a time."""

    def read(outcome: Outcome) -> Iterator[pa.Table | None]:
        if reading.settings.range is not None:
            yield from _of_range(reading, outcome, reading.settings.range)
        else:
            told_by = (CAMPAIGN_ANALYTICS.name,)
            yield from _ActivityTableReading(reading, RECIPIENT_ACTIVITY, outcome, told_by).pieces()

    return units(reading, RECIPIENT_ACTIVITY, read, nothing=removed(ACTIVITY, reading.account, 0, ()))


def _of_range(reading: AccountReading, outcome: Outcome, days: Days) -> Iterator[pa.Table | None]:
    """Read some days of all campaigns whatever is known of them, and leave that as it is."""

    def begin(campaign: Row) -> Iterator[Handover]:
        coverage = ActivityCoverage()
        coverage.distrust(Days(first_day(campaign, reading.settings), reading.today).within(days).each())
        return ActivityReading(reading, campaign, coverage, days).handovers()

    for step in reading.readers.read(started_campaigns(reading), begin):
        if step is None:
            yield None
            continue
        campaign, brought = step
        with reading.one(outcome, f"campaign {campaign['id']}"):
            if (found := brought()) is not None:
                take_note(reading, RECIPIENT_ACTIVITY, outcome, campaign, found)
                yield found.rows


class _ActivityTableReading(TableReading):
    """The activity of all campaigns."""

    def _begin(
        self, campaign: Row, known: Mapping[str, Any] | None, doubtful: Collection[date]
    ) -> Iterator[Handover]:
        coverage = ActivityCoverage.from_state(known)
        coverage.distrust(doubtful)
        return ActivityReading(self._reading, campaign, coverage).handovers()


@dataclass(frozen=True, slots=True)
class _Found:
    """What a window holds.

    Args:
        rows: Its events, newest first.
        rejected: Those that cannot be loaded, whatever their days.
        notes: What the operator should know.
    """

    rows: EventRows
    rejected: Sequence[Rejected]
    notes: Sequence[str]


class ActivityReading(DayReading):
    """The activity of one campaign, read once. Runs in a thread of its own and touches nothing but the campaign's.

    Args:
        reading: The read this is part of.
        campaign: Whose: a row of `campaigns`.
        coverage: What is known of it.
        within: No other days are read; None: all.
    """

    def __init__(
        self, reading: AccountReading, campaign: Row, coverage: ActivityCoverage, within: Days | None = None
    ) -> None:
        super().__init__(reading, ACTIVITY, campaign, coverage)
        self._within = within
        self._coverage: ActivityCoverage = coverage
        self._is_first_read = not coverage.complete and coverage.sweep is None
        self._first = first_day(campaign, reading.settings, oldest_loaded=coverage.first_day)

    def handovers(self) -> Iterator[Handover]:
        """Read what must be loaded, newest first, a window at a time."""
        coverage, settings = self._coverage, self._reading.settings
        swept = begin_list(coverage, self._campaign, settings, self._reading.today)
        for span in self._in_turn(coverage.spans()):
            yield from self._span(span)
        repaired = coverage.finish(self._reading.today) is not None
        yield Handover(
            coverage.to_state(),
            is_last=True,
            swept=swept or settings.full_refresh,
            repaired=repaired,
            moved=self._moved(),
        )

    def _moved(self) -> frozenset[str]:
        """The types of events that moved since the last call: none while nothing is known to have been there."""
        moved = self._coverage.take_moved()
        return frozenset() if self._is_first_read else moved

    def _in_turn(self, spans: list[Span]) -> list[Span]:
        """The spans as they are read: newest first, but before all the next window of a read that was cut off.

        So a campaign is read to its end in time even if there is one call for it in each load.
        """
        waiting = windows([self._days(span) for span in spans[1:2]])
        if not waiting:
            return spans
        head, cut_off, *older = spans
        first = waiting[0].first
        return [cut_off._replace(since=first), head, cut_off._replace(before=first), *older]

    def _days(self, span: Span) -> Days:
        """The days that are asked for of a span."""
        through = self._reading.today if span.before is None else span.before - DAY
        return Days(max(filter(None, (span.since, self._first))), through).within(self._within)

    def _span(self, span: Span) -> Iterator[Handover]:
        """Read the days of one span, clearing those that became empty."""
        since, through = self._days(span)
        left = through
        asked = windows([Days(since, through)])[::-1]
        while asked:
            window = asked.pop()
            found = self._read(window)
            if found is None:
                asked += reversed(window.halves())
                continue
            yield self._window(window, found, through, left)
            left = window.first - DAY
        cleared = list(self._coverage.emptied(since, left))
        lowest = None if since == self._first else since
        self._coverage.cover(lowest, through, lookback_days=self._lookback)
        if cleared:
            yield Handover(self._coverage.to_state(), self._removed(cleared), moved=self._moved())

    def _window(self, window: Days, found: _Found, through: date, left: date) -> Handover:
        """Take in a window; `through` and `left` as in `_taken`."""
        coverage = self._coverage
        days = _days_of(found.rows)
        handover = self._taken(days, through, left) if days else Handover({})
        cleared = list(coverage.emptied(window.first, days[-1].date - DAY if days else left))
        coverage.cover(window.first, through, lookback_days=self._lookback)
        coverage.take_types(_types_of(found.rows))
        return replace(
            handover,
            coverage=coverage.to_state(),
            rows=joined(handover.rows, self._removed(cleared)),
            rejected=found.rejected,
            moved=self._moved(),
            notes=found.notes,
        )

    def _read(self, window: Days) -> _Found | None:
        """Read a window from end to end, once more if rows came or went meanwhile; None if it has too many."""
        pages, adds_up = self._pages(window)
        if not adds_up:
            pages, adds_up = self._pages(window)
        if not pages:
            return None
        notes = [] if adds_up else [f"{_text(window)}: the rows do not add up to the API's total, read twice"]
        whole = EventRows.together(pages)
        days = whole.table["event_date"]
        inside = pc.and_(pc.greater_equal(days, window.first), pc.less_equal(days, window.last)).to_pylist()
        kept = [position for position, is_inside in enumerate(inside) if is_inside and position not in whole.rejected]
        if outside := len(whole) - len(whole.rejected) - len(kept):
            notes.append(f"{_text(window)}: {outside} rows of other days, not loaded")
        return _Found(_newest_first(whole.at(kept)), tuple(whole.rejected.values()), notes)

    def _pages(self, window: Days) -> tuple[list[EventRows], bool]:
        """Ask for all pages of a window.

        Returns:
            The pages, none if the window has too many rows, and whether they hold as many as each of them says.

        Raises:
            WrongAnswer: A page repeats the one before it.
        """
        campaign_id = self._campaign["id"]
        conversion = conversion_of(ACTIVITY, campaign_id, self._reading)
        pages: list[EventRows] = []
        totals: set[int | None] = {None}
        offset = 0
        while True:
            page = self._reading.api.recipient_activity(
                campaign_id, date_from=window.first, date_to=window.last, offset=offset, convert=conversion
            )
            if not pages and (page.total or 0) > MOST_ROWS and len(window) > 1:
                return [], True
            rows: EventRows = page.rows.rows
            if pages and rows.hashes == pages[-1].hashes:
                problem = f"the page at offset {offset} repeats the one before it: `offset` is ignored"
                raise WrongAnswer(RECIPIENT_ACTIVITY.name, problem, 200)
            pages.append(rows)
            totals.add(page.total)
            offset += page.count
            if not page.has_more:
                return pages, totals <= {None, offset}


def _text(window: Days) -> str:
    return f"{window.first} to {window.last}"


def _newest_first(rows: EventRows) -> EventRows:
    order = pc.array_sort_indices(rows.table[ACTIVITY.time].combine_chunks(), order="descending")
    return rows.at(order.to_pylist())


def _days_of(rows: EventRows) -> list[Day[EventRows]]:
    """Rows that are newest first by their days."""
    days: list[Day[EventRows]] = []
    start = 0
    for found in pc.value_counts(rows.table["event_date"]).to_pylist():
        days.append(Day(found["values"], [rows[start : start + found["counts"]]]))
        start += found["counts"]
    return days


def _types_of(rows: EventRows) -> dict[date, Types]:
    """What each day holds of each type of event."""
    table = rows.table
    moments = table[ACTIVITY.time].cast(pa.int64()).cast(pa.string())
    texts = pc.binary_join_element_wise(moments, table[ACTIVITY.email], " ").to_pylist()
    days: dict[date, Types] = {}
    for day, name, text in zip(table["event_date"].to_pylist(), table["event_type"].to_pylist(), texts, strict=True):
        types = days.setdefault(day, {})
        types[name] = types.get(name, NOTHING).plus(Digest(1, text_hash(text)))
    return days
