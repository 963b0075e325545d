"""Analytics of senders: the same counters, by sender account, LinkedIn account or campaign owner."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import dlt
from dlt.extract import DltResource

from sources.errors import CannotBeRead
from sources.outcomes import Outcome
from sources.snovio import due
from sources.snovio.analytics_memory import AnalyticsMemory
from sources.snovio.campaigns import started_campaigns
from sources.snovio.day_counters import DayCounters
from sources.snovio.days import Days
from sources.snovio.reading import AccountReading
from sources.snovio.settings import fitting
from sources.snovio.tables import CAMPAIGN_ANALYTICS, SENDER_ANALYTICS
from sources.snovio.windows import Block
from sources.tables import Row
from sources.writing import units


def sender_analytics(reading: AccountReading) -> DltResource:
    """One row a sender and day with activity, of all campaigns together."""

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        campaigns = started_campaigns(reading)
        ids = [row["id"] for row in campaigns]
        if list(fitting(ids)) != ids:
            raise CannotBeRead(
                f"{SENDER_ANALYTICS.name}: {len(ids):,} campaigns do not fit into one question, and the answers to "
                "several do not add up. Leave the table out with --exclude."
            )
        for scope, senders in _senders(reading).items():
            if senders and campaigns:
                yield from _SenderDays(reading, outcome, scope, senders, campaigns).pieces()

    return units(reading, SENDER_ANALYTICS, read, after=(CAMPAIGN_ANALYTICS.name,))


def _senders(reading: AccountReading) -> dict[str, list[str]]:
    """The senders by scope: the API lists its e-mail accounts alone, the others are configured."""
    return {
        "sender_email": [str(row["id"]) for row in reading.senders()],
        "sender_linkedin": list(reading.settings.linkedin_senders),
        "campaign_owner": [one for one in reading.settings.campaign_owners if not reading.erased.names(one)],
    }


class _SenderDays(DayCounters[str]):
    """The days of all senders of one scope."""

    def __init__(
        self, reading: AccountReading, outcome: Outcome, scope: str, senders: Sequence[str], campaigns: Sequence[Row]
    ) -> None:
        known = {} if reading.settings.range or reading.settings.full_refresh else _state(scope)
        super().__init__(reading, SENDER_ANALYTICS, outcome, AnalyticsMemory.from_state(known, str))
        self._scope = scope
        self._senders = senders
        self._campaigns = campaigns
        self._stored = reading.look_for_stored(reading.pipeline).senders
        leftovers = reading.look_for_leftovers(reading.pipeline)
        for sender in {*(self._memory.settled.keys() - set(senders)), *leftovers.senders}:
            self._memory.forget(sender)

    def pieces(self) -> Iterator[list[Row] | None]:
        """Yield rows; None gives other tables their turn."""
        if self._reading.settings.range is not None:
            yield from self._together(self._all_unknown())
        else:
            yield from self._together(self._looked_again(self._senders), self._all_unknown(), self._asked_together())

    @property
    def _subject_word(self) -> str:
        return self._scope

    def _key(self, subject: str) -> Row:
        return {"scope": self._scope, "scope_id": subject}

    def _ask(self, block: Block[str]) -> Mapping[str, Any]:
        campaign_ids = [row["id"] for row in self._campaigns]
        days = Days(block.since, block.through)
        return self._reading.counters(self._table, campaign_ids, days, **{self._scope: block.subjects})

    def _stored_days(self, subject: str) -> Collection[date]:
        return self._stored.get((self._scope, subject), set())

    def _write_down(self) -> None:
        _state(self._scope).update(self._memory.to_state())

    def _all_unknown(self) -> Iterator[None]:
        """Find out the days that are not known yet, since the first campaign began."""
        settings = self._reading.settings
        first = min(due.first_day(campaign, settings) for campaign in self._campaigns)
        whole = Days(first, self._reading.today).within(settings.range)
        unknown = {sender: self._memory.unknown(sender, whole) for sender in self._senders}
        spans = {sender: days for sender, days in unknown.items() if days}
        yield from self._found_out(spans, {sender: self._stored_days(sender) for sender in spans})


def _state(scope: str) -> dict[str, Any]:
    """What is known of a scope, in the slice that is being read."""
    state: dict[str, Any] = dlt.current.resource_state(SENDER_ANALYTICS.name).setdefault(scope, {})
    return state
