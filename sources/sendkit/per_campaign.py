"""Reads what is asked for one campaign at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import dlt

from sources.outcomes import Outcome
from sources.sendkit.due import Campaign, campaign_swept, must_ask, noted
from sources.sendkit.reading import WorkspaceReading
from sources.sendkit.tables import CAMPAIGNS
from sources.tables import Row, Table
from sources.writing import Read


@dataclass(frozen=True, slots=True)
class Asked:
    """One campaign that is asked.

    Args:
        campaign: The campaign.
        known: What the state knew of it; empty: it was never asked.
        whole: Whether it must be read from its beginning.
    """

    campaign: Campaign
    known: Row
    whole: bool

    @property
    def id(self) -> str:
        """The campaign's id."""
        return self.campaign.id


def for_each_campaign(
    reading: WorkspaceReading,
    table: Table,
    rows_of: Callable[[Asked], list[Row] | None],
    *,
    clears_gone: bool = False,
) -> Read:
    """Ask for every campaign that changed since it was last asked, and for each at its sweep.

    Args:
        reading: The read this is part of.
        table: The table.
        rows_of: Asks for one campaign and converts what comes; None: what is stored is left as it is.
        clears_gone: Whether the rows of campaigns that are gone are removed; if not, they stay as they were.
    """

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        campaigns = reading.campaigns()
        if CAMPAIGNS.name not in reading.unkeyed:
            yield from _forget_gone(reading, table, campaigns, clears_gone=clears_gone)
        for campaign in campaigns:
            known = _state(table).get(campaign.id, {})
            if not must_ask(known, campaign, reading.settings, reading.today):
                continue
            swept = campaign_swept(known, campaign, reading.settings, reading.today)
            with reading.one(outcome, f"campaign {campaign.id}"):
                rows = rows_of(Asked(campaign, known, swept))
                reading.note_swept(outcome, known, swept=swept)
                _state(table)[campaign.id] = noted(known, campaign, reading.today, swept=swept)
                reading.succeeded(outcome, f"campaign {campaign.id}")
                yield rows

    return read


def _forget_gone(
    reading: WorkspaceReading, table: Table, campaigns: list[Campaign], *, clears_gone: bool
) -> Iterator[list[Row]]:
    present = {campaign.id for campaign in campaigns}
    for gone in _state(table).keys() - present:
        del _state(table)[gone]
    if clears_gone:
        stored = reading.look_for_stored(reading.pipeline).with_leads
        yield [reading.removed(table, campaign_id=gone) for gone in stored - present]


def _state(table: Table) -> dict[str, Any]:
    """What the state knows of each campaign, in the slice that is being read."""
    campaigns: dict[str, Any] = dlt.current.resource_state(table.name).setdefault("campaigns", {})
    return campaigns
