"""Analytics: counters by campaign and day, and over a campaign's whole life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any, Final

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.snovio import due
from sources.snovio.analytics_memory import AnalyticsMemory, Days
from sources.snovio.campaigns import campaign_list, for_moved_campaigns
from sources.snovio.counting import Answer, Questions, additive_part, asked
from sources.snovio.evidence import may_hide, told_by_counters
from sources.snovio.movement import mark, mark_moved, probe_is_off, repaired_campaigns
from sources.snovio.reading import AccountReading
from sources.snovio.recheck import Cell, Recheck
from sources.snovio.tables import ADDITIVE, CAMPAIGN_ANALYTICS, CAMPAIGN_TOTALS, DAY_TABLES, RECIPIENT_ACTIVITY
from sources.snovio.timeline import Counters
from sources.snovio.windows import Backfill, Block, Settled
from sources.tables import REMOVED, Row
from sources.writing import units

_DAY: Final = timedelta(days=1)
_CELLS_TOGETHER: Final = 500


def campaign_analytics(reading: AccountReading) -> DltResource:
    """One row a campaign and day with activity."""

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        yield from _DailyAnalytics(reading, outcome).pieces()

    return units(reading, CAMPAIGN_ANALYTICS, read)


def campaign_totals(reading: AccountReading) -> DltResource:
    """One row a campaign that started, over its whole life: distinct people cannot be summed from days."""

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        first = campaign["started_at"].date()
        payload = reading.api.campaign_analytics(
            campaign_ids=[campaign["id"]], date_from=first, date_to=reading.today
        )
        known = {"campaign_id": campaign["id"], "date_from": first, "date_to": reading.today}
        return reading.convert_object(CAMPAIGN_TOTALS, payload, **known)

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        for rows in for_moved_campaigns(reading, CAMPAIGN_TOTALS, rows_of)(outcome):
            for row in rows or ():
                _compare_with_days(row)
            yield rows

    return units(reading, CAMPAIGN_TOTALS, read, after=(*DAY_TABLES, CAMPAIGN_ANALYTICS.name))


def _compare_with_days(row: Row) -> None:
    """Doubt the days of a campaign if its events do not add up to those of its whole life; the next load looks."""
    state = dlt.current.resource_state(CAMPAIGN_ANALYTICS.name)
    memory = state.get("memory", {})
    number, life = str(row["campaign_id"]), [row["date_from"].isoformat(), row["date_to"].isoformat()]
    if memory.get("settled", {}).get(number) != [life]:
        return
    sums = {name: value for name, value in memory["sums"].get(number, {}).items() if value}
    if sums != {name: row[name] for name in ADDITIVE if row[name]}:
        state["doubts"] = sorted({*state.get("doubts", ()), row["campaign_id"]})


class _DailyAnalytics:
    """The days of all campaigns, read once. With rows that are handed on goes what is known of them."""

    def __init__(self, reading: AccountReading, outcome: Outcome) -> None:
        self._reading = reading
        self._outcome = outcome
        self._memory = AnalyticsMemory.from_state(self._state().get("memory", {}))
        self._campaigns = {row["id"]: row for row in campaign_list(reading) if row["started_at"] is not None}
        self._stored = reading.look_for_stored(dlt.current.pipeline())
        self._rows: list[Row] = []
        self._looked_at: dict[int, list[date]] = {}
        self._settled_doubts: set[int] = set()
        self._recounted: set[int] = set()
        for campaign_id in self._memory.settled.keys() - self._campaigns.keys():
            self._memory.forget(campaign_id)

    def pieces(self) -> Iterator[list[Row] | None]:
        """Yield rows; None gives other tables their turn."""
        try:
            yield from self._together(self._probe())
            yield self._handed_on()
            self._reading.movement.passed.add(CAMPAIGN_ANALYTICS.name)
            yield from self._reading.wait_for(DAY_TABLES)  # their days with events are known soon
            yield from self._together(self._known_before(), self._found_out(), self._asked_together())
        except Exception:
            yield self._handed_on()
            raise
        yield self._handed_on()

    def _together(self, *steps: Iterator[None]) -> Iterator[list[Row] | None]:
        for _ in chain(*steps):
            if len(self._rows) >= _CELLS_TOGETHER:
                yield self._handed_on()
            yield None

    def _state(self) -> dict[str, Any]:
        """The table's state in the slice that is being read."""
        state: dict[str, Any] = dlt.current.resource_state(CAMPAIGN_ANALYTICS.name)
        return state

    def _handed_on(self) -> list[Row]:
        """The rows; with them goes what is known, and what need not be looked into any more."""
        state = self._state()
        self._memory.keep_recent(self._reading.settings.lookback_days)
        state["memory"] = self._memory.to_state()
        state["doubts"] = [number for number in state.get("doubts", ()) if number not in self._settled_doubts]
        repaired = repaired_campaigns()
        repaired[:] = [number for number in repaired if number not in self._recounted]
        self._settled_doubts, self._recounted = set(), set()
        rows, self._rows = self._rows, []
        return rows

    @property
    def _floor(self) -> date:
        """The oldest day that the next load looks at again."""
        return self._reading.today - self._reading.settings.lookback_days * _DAY

    def _distrust(self) -> None:
        """Find out anew what a full refresh asks for, or killed loads left."""
        if self._reading.settings.full_refresh:
            for campaign_id in self._campaigns:
                self._memory.forget(campaign_id)
        leftovers = self._reading.look_for_leftovers(dlt.current.pipeline())
        for campaign_id in leftovers.counted:
            self._memory.forget(campaign_id)

    def _probe(self) -> Iterator[None]:
        """Look at the last days of all campaigns, mark what moved, and note which campaigns stood still without one.

        Of a campaign that is not known yet only today is looked at, before its events are read: so the next load
        can tell what happened since.
        """
        self._distrust()
        today = self._reading.today
        followed: set[int] = set()
        hiding: dict[int, set[str]] = {}
        looked_at: dict[int, list[date]] = {}
        knows_activity = self._reading.reads(RECIPIENT_ACTIVITY.name)
        for number in self._likely_first():
            again = self._memory.looked_at_again(number, today, self._reading.settings.lookback_days)
            looked_at[number] = again if today in again else [*again, today]
            if today in again:
                followed.add(number)
                hiding[number] = may_hide(self._memory.on_last_day(number), knows_activity=knows_activity)
        planner = Recheck(looked_at, stored=self._memory.recent, additive=ADDITIVE, remembered=self._memory.answers)
        for _ in asked(self._reading, self._outcome, planner, self._ask):
            for cell in planner.take():
                self._changed(cell)
            yield
        self._memory.answers = dict(planner.answers)
        for campaign_id in {campaign_id for campaign_id, _ in planner.unknown}:
            del looked_at[campaign_id]
        for number, days in looked_at.items():
            for day in days:
                self._memory.settle(number, Days(day, day), {}, ADDITIVE)
            mark(number, hiding.get(number, ()))
        self._looked_at = looked_at
        if why := probe_is_off():
            self._outcome.notes.append(why)
        else:
            self._reading.movement.prove(followed & looked_at.keys())

    def _likely_first(self) -> list[int]:
        """The campaigns that started by today; those that are likely to have moved come first."""
        active = {number for number, _ in self._memory.recent}
        started = [row for row in self._campaigns.values() if row["started_at"].date() <= self._reading.today]
        likely_first = sorted(started, key=lambda row: (row["id"] not in active, not due.is_running(row)))
        return [row["id"] for row in likely_first]

    def _changed(self, cell: Cell[int]) -> None:
        """Take in a day that is not as it was stored."""
        number, day = cell.subject, cell.day
        moved = told_by_counters(self._memory.recent.get((number, day), {}), cell.counters or {})
        self._reading.movement.count(number, moved)
        mark_moved(number, moved)
        self._cell(number, day, cell.counters)
        self._memory.change(number, day, cell.counters, ADDITIVE)

    def _known_before(self) -> Iterator[None]:
        """Forget what is in doubt of what was found out before."""
        yield from self._doubted()
        self._recounted.update(repaired_campaigns())
        for campaign_id in self._recounted:
            self._forget_older(campaign_id)

    def _forget_older(self, campaign_id: int) -> None:
        """Find out all days of a campaign anew but those that were just looked at."""
        self._memory.forget(campaign_id, ADDITIVE, but=self._looked_at.get(campaign_id, ()))

    def _doubted(self) -> Iterator[None]:
        """Find out anew all days of campaigns whose events do not add up to what their days were found to hold."""
        doubts = set(self._state().get("doubts", ()))
        before = self._floor - _DAY
        questions = Questions(
            Block((campaign_id,), days[0].since, before)
            for campaign_id, days in self._memory.settled.items()
            if campaign_id in doubts and days[0].since <= before
        )
        yield from asked(self._reading, self._outcome, questions, self._ask)
        for block, counters in questions.answers.items():
            (campaign_id,) = block.subjects
            if self._memory.sum_before(campaign_id, self._floor, ADDITIVE) != additive_part(counters):
                self._forget_older(campaign_id)
                self._outcome.repaired += 1
        self._settled_doubts = doubts

    def _found_out(self) -> Iterator[None]:
        """Find out the days that are not known yet."""
        today = self._reading.today
        spans: dict[int, list[Days]] = {}
        for campaign_id, campaign in self._campaigns.items():
            first = due.first_day(campaign, self._reading.settings)
            if days := self._memory.unknown(campaign_id, Days(first, today)):
                spans[campaign_id] = days
        planner = Backfill(
            spans,
            active={campaign_id: self._days_with_events(campaign_id) for campaign_id in spans},
            first=[campaign_id for campaign_id in spans if due.is_running(self._campaigns[campaign_id])],
            most_days=self._memory.most_days,
        )
        for _ in asked(self._reading, self._outcome, planner, self._ask):
            for found in planner.take():
                self._settled(found)
            self._memory.most_days = planner.most_days
            yield

    def _asked_together(self) -> Iterator[None]:
        """Remember what the next load's questions answer now, where the stored cells do not add up to it.

        Whoever is in two campaigns is counted once by the question about both.
        """
        memory = self._memory
        days = [day for day in Days(self._floor, self._reading.today).each() if memory.active_on(day) > 1]
        blocks = [Block(tuple(memory.looking_again_at(day)), day, day) for day in days]
        questions = Questions(block for block in blocks if block.key not in self._memory.answers)
        yield from asked(self._reading, self._outcome, questions, self._ask)
        for block, counters in questions.answers.items():
            self._memory.answers[block.key] = dict(counters or {})

    def _settled(self, found: Settled[int]) -> None:
        """Take in days that are known from end to end, clearing those that are stored and hold nothing."""
        days = Days(found.since, found.through)
        for day, counters in found.cells.items():
            self._cell(found.subject, day, counters)
            if day == self._reading.today:  # its lists may have been read before this was counted
                mark_moved(found.subject, told_by_counters({}, counters))
        for day in self._stored.cells.get(found.subject, set()).intersection(days.each()) - found.cells.keys():
            self._cell(found.subject, day, None)
        self._memory.settle(found.subject, days, found.cells, ADDITIVE)

    def _days_with_events(self, campaign_id: int) -> set[date]:
        stored = self._stored
        seen = self._reading.days_seen[campaign_id]
        return seen | stored.events.get(campaign_id, set()) | stored.cells.get(campaign_id, set())

    def _cell(self, campaign_id: int, day: date, counters: Counters | None) -> None:
        """Add the row of a day, or what clears it."""
        if counters is None:
            self._rows.append(
                {"account": self._reading.account, "campaign_id": campaign_id, "date": day, REMOVED: True}
            )
        elif isinstance(counters, Answer):
            row = self._reading.convert(CAMPAIGN_ANALYTICS, counters.payload, campaign_id=campaign_id, date=day)
            if row is not None:
                self._rows.append(row)
                self._outcome.saw(datetime(day.year, day.month, day.day, tzinfo=UTC))

    def _ask(self, block: Block[int]) -> Mapping[str, Any]:
        return self._reading.api.campaign_analytics(
            campaign_ids=block.subjects, date_from=block.since, date_to=block.through
        )
