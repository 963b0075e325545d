"""Analytics: counters by campaign and day, and over a campaign's whole life."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.snovio import due
from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.calibration import END_EXCLUDED, samples
from sources.snovio.campaigns import for_moved_campaigns, started_campaigns
from sources.snovio.counting import Questions, additive_part, asked
from sources.snovio.day_counters import DayCounters
from sources.snovio.days import DAY, Days
from sources.snovio.evidence import may_hide, people_in, told_by_counters
from sources.snovio.movement import mark, mark_moved, probe_is_off, repaired_campaigns
from sources.snovio.reading import AccountReading
from sources.snovio.recheck import Cell, Recheck
from sources.snovio.tables import ADDITIVE, CAMPAIGN_ANALYTICS, CAMPAIGN_TOTALS, DAY_TABLES, RECIPIENT_ACTIVITY
from sources.snovio.windows import Block, Settled
from sources.tables import Row
from sources.writing import units


def campaign_analytics(reading: AccountReading) -> DltResource:
    """One row a campaign and day with activity."""

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        yield from _CampaignDays(reading, outcome).pieces()

    return units(reading, CAMPAIGN_ANALYTICS, read)


def campaign_totals(reading: AccountReading) -> DltResource:
    """One row a campaign that started, over its whole life: distinct people cannot be summed from days."""

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        first = campaign["started_at"].date()
        payload = reading.counters(CAMPAIGN_TOTALS, [campaign["id"]], Days(first, reading.today))
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


class _CampaignDays(DayCounters[int]):
    """The days of all campaigns, and the probe: what moved since the last load."""

    def __init__(self, reading: AccountReading, outcome: Outcome) -> None:
        known = {} if reading.settings.range else _state().get("memory", {})
        super().__init__(reading, CAMPAIGN_ANALYTICS, outcome, AnalyticsMemory.from_state(known, int))
        self._campaigns = {row["id"]: row for row in started_campaigns(reading)}
        self._stored = reading.look_for_stored(reading.pipeline)
        self._settled_doubts: set[int] = set()
        self._recounted: set[int] = set()
        for campaign_id in self._memory.settled.keys() - self._campaigns.keys():
            self._memory.forget(campaign_id)

    def pieces(self) -> Iterator[list[Row] | None]:
        """Yield rows; None gives other tables their turn."""
        if self._reading.settings.range is not None:
            yield from self._together(self._all_unknown())
            return
        yield from self._together(self._probe())
        self._reading.movement.passed.add(CAMPAIGN_ANALYTICS.name)
        yield from self._reading.wait_for(DAY_TABLES)  # their days with events are known soon
        yield from self._together(self._calibrated(), self._doubted(), self._all_unknown(), self._asked_together())

    def _key(self, subject: int) -> Row:
        return {"campaign_id": subject}

    def _ask(self, block: Block[int]) -> Mapping[str, Any]:
        return self._reading.counters(self._table, block.subjects, Days(block.since, block.through))

    def _stored_days(self, subject: int) -> Collection[date]:
        return self._stored.cells.get(subject, set())

    def _write_down(self) -> None:
        """With what is known goes what need not be looked into any more."""
        state = _state()
        state["memory"] = self._memory.to_state()
        state["doubts"] = [number for number in state.get("doubts", ()) if number not in self._settled_doubts]
        repaired = repaired_campaigns()
        repaired[:] = [number for number in repaired if number not in self._recounted]
        self._settled_doubts, self._recounted = set(), set()

    def _probe(self) -> Iterator[None]:
        """Look at the last days of all campaigns, mark what moved, and note which of them stood still."""
        self._distrust()
        today, lookback_days = self._reading.today, self._reading.settings.lookback_days
        knows_activity = self._reading.reads(RECIPIENT_ACTIVITY.name)
        hiding = {
            number: may_hide(self._memory.on_last_day(number), knows_activity=knows_activity)
            for number in self._campaigns
            if today in self._memory.looked_at_again(number, today, lookback_days)
        }
        last_days = {number: self._memory.through(number) for number in hiding}
        yield from self._looked_again(self._likely_first())
        yield from self._behind_others(last_days)
        for number in hiding.keys() & self._looked_at.keys():
            mark(number, hiding[number])
        if why := probe_is_off():
            self._outcome.notes.append(why)
        else:
            self._reading.movement.prove(hiding.keys() & self._looked_at.keys())

    def _behind_others(self, last_days: Mapping[int, date | None]) -> Iterator[None]:
        """Look once more at the campaigns without people on the day of the last load, apart from those with.

        Whoever is in two campaigns is counted once by a question about both: so what is new here hides behind there.

        Args:
            last_days: The day of the last load, by campaign that is followed.
        """
        looked_at = [number for number in last_days if number in self._looked_at]
        for day in sorted({day for day in last_days.values() if day is not None}):
            here = [number for number in looked_at if last_days[number] == day]
            cells = {number: self._memory.recent.get((number, day), {}) for number in here}
            without = [number for number in here if not people_in(cells[number])]
            if not without or len(without) == len(here):
                continue
            block = Block(tuple(without), day, day)
            questions = Questions([block])
            yield from asked(self._reading, self._outcome, questions, self._ask)
            found = questions.answers.get(block) or {}
            events = Counter[str]()
            for number in without:
                events.update(additive_part(cells[number]))
            if people_in(found) or additive_part(found) != dict(events):
                again = {number: [day] for number in without}
                yield from self._rechecked(Recheck(again, stored=self._memory.recent, additive=ADDITIVE))

    def _distrust(self) -> None:
        """Find out anew what a full refresh asks for, or killed loads left."""
        refreshed = self._campaigns if self._reading.settings.full_refresh else ()
        leftovers = self._reading.look_for_leftovers(self._reading.pipeline)
        for campaign_id in {*refreshed, *leftovers.counted}:
            self._memory.forget(campaign_id)
        for campaign_id in leftovers.counted:  # with what was known goes what would tell that it moved
            mark_moved(campaign_id)

    def _likely_first(self) -> list[int]:
        """The campaigns that started by today; those that are likely to have moved come first."""
        active = {number for number, _ in self._memory.recent}
        started = [row for row in self._campaigns.values() if row["started_at"].date() <= self._reading.today]
        likely_first = sorted(started, key=lambda row: (row["id"] not in active, not due.is_running(row)))
        return [row["id"] for row in likely_first]

    def _moved(self, cell: Cell[int]) -> None:
        tables = told_by_counters(self._memory.recent.get((cell.subject, cell.day), {}), cell.counters or {})
        self._reading.movement.count(cell.subject, tables)
        mark_moved(cell.subject, tables)

    def _calibrated(self) -> Iterator[None]:
        """Find out whether questions include their last day, from days on which events are known to be."""
        state = dlt.current.source_state()
        if END_EXCLUDED in state:
            return
        seen = {number: self._days_with_events(number) for number in self._campaigns}
        for campaign_id, day in samples(seen, self._reading.today):
            alone = Block((campaign_id,), day, day)
            longer = Block((campaign_id,), day, day + DAY)
            questions = Questions([alone, longer])
            yield from asked(self._reading, self._outcome, questions, self._ask)
            if questions.answers.get(alone):
                dlt.current.source_state()[END_EXCLUDED] = False
                return
            if questions.answers.get(longer):
                dlt.current.source_state()[END_EXCLUDED] = True
        if dlt.current.source_state().get(END_EXCLUDED):
            self._reading.days_past_end = 1
            self._looked_at = {}
            for campaign_id in self._campaigns:
                self._memory.forget(campaign_id)

    def _doubted(self) -> Iterator[None]:
        """Take for unknown what does not add up to the events of a campaign's whole life, or was repaired."""
        doubts = set(_state().get("doubts", ()))
        before = self._floor - DAY
        questions = Questions(
            Block((campaign_id,), days[0].first, before)
            for campaign_id, days in self._memory.settled.items()
            if campaign_id in doubts and days[0].first <= before
        )
        yield from asked(self._reading, self._outcome, questions, self._ask)
        for block, counters in questions.answers.items():
            (campaign_id,) = block.subjects
            if self._memory.sum_before(campaign_id, self._floor, ADDITIVE) != additive_part(counters):
                self._forget_older(campaign_id)
                self._outcome.repaired += 1
        self._settled_doubts = doubts
        self._recounted.update(repaired_campaigns())
        for campaign_id in self._recounted:
            self._forget_older(campaign_id)

    def _forget_older(self, campaign_id: int) -> None:
        """Find out all days of a campaign anew but those that were just looked at."""
        self._memory.forget(campaign_id, ADDITIVE, but=self._looked_at.get(campaign_id, ()))

    def _all_unknown(self) -> Iterator[None]:
        """Find out the days that are not known yet."""
        settings = self._reading.settings
        spans: dict[int, list[Days]] = {}
        for campaign_id, campaign in self._campaigns.items():
            whole = Days(due.first_day(campaign, settings), self._reading.today).within(settings.range)
            if days := self._memory.unknown(campaign_id, whole):
                spans[campaign_id] = days
        running = [campaign_id for campaign_id in spans if due.is_running(self._campaigns[campaign_id])]
        yield from self._found_out(spans, {number: self._days_with_events(number) for number in spans}, running)

    def _settled(self, found: Settled[int]) -> None:
        super()._settled(found)
        today = self._reading.today
        if today in found.cells and self._reading.settings.range is None:
            # its lists may have been read before this was counted
            mark_moved(found.subject, told_by_counters({}, found.cells[today]))

    def _days_with_events(self, campaign_id: int) -> set[date]:
        stored = self._stored
        seen = self._reading.days_seen[campaign_id]
        return seen | stored.events.get(campaign_id, set()) | stored.cells.get(campaign_id, set())


def _state() -> dict[str, Any]:
    """The table's state in the slice that is being read."""
    state: dict[str, Any] = dlt.current.resource_state(CAMPAIGN_ANALYTICS.name)
    return state
