"""Campaigns and the steps of their sequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.sendkit.due import Campaign, campaign_swept, must_ask, noted
from sources.sendkit.reading import SEQUENCE, WorkspaceReading
from sources.sendkit.tables import CAMPAIGN_DETAILS, CAMPAIGN_STEPS, CAMPAIGNS
from sources.shapes import rows_of
from sources.tables import Row
from sources.writing import history


def campaigns(reading: WorkspaceReading) -> DltResource:
    """All campaigns, as history. What the list does not show is asked for those that changed, and remembered."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        found = reading.campaigns()
        outcome.saw(max((each.row["created_at"] for each in found if each.row["created_at"]), default=None))
        if CAMPAIGNS.name not in reading.unkeyed:
            for gone in _details().keys() - {campaign.id for campaign in found}:
                del _details()[gone]
        yield [_with_details(reading, campaign, outcome) for campaign in found]

    return history(reading, CAMPAIGNS, read)


def campaign_steps(reading: WorkspaceReading) -> DltResource:
    """The steps of all campaigns, as history; they come with the campaigns."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        state = dlt.current.resource_state(CAMPAIGN_STEPS.name)
        steps = [step for campaign in reading.campaigns() for step in _steps(campaign)]
        rows = reading.whole_list(CAMPAIGN_STEPS, lambda: steps, known=bool(state.get("seen")))
        state["seen"] = len(rows)
        yield rows

    return history(reading, CAMPAIGN_STEPS, read)


def _steps(campaign: Campaign) -> list[Row]:
    steps = rows_of(CAMPAIGN_STEPS.name, campaign.payload.get(SEQUENCE) or [])
    return [{**step, "campaignId": campaign.id} for step in steps]


def _with_details(reading: WorkspaceReading, campaign: Campaign, outcome: Outcome) -> Row:
    """The row of a campaign; what cannot be asked now is what it was."""
    known = _details().get(campaign.id, {})
    if must_ask(known, campaign, reading.settings, reading.today):
        swept = campaign_swept(known, campaign, reading.settings, reading.today)
        with reading.one(outcome, f"campaign {campaign.id}"):
            details = reading.api.campaign(campaign.id)
            fields = {name: details[name] for name in details.keys() - campaign.payload.keys() - {SEQUENCE}}
            reading.note_swept(outcome, known, swept=swept)
            known = {**noted(known, campaign, reading.today, swept=swept), "fields": fields}
            _details()[campaign.id] = known
            reading.succeeded(outcome, f"campaign {campaign.id}")
    row = reading.convert(CAMPAIGN_DETAILS, known.get("fields", {}), id=campaign.id) or {}
    return {**row, **{name: value for name, value in campaign.row.items() if value is not None or name not in row}}


def _details() -> dict[str, Any]:
    """What the state knows of each campaign beyond the list, in the slice that is being read."""
    details: dict[str, Any] = dlt.current.resource_state(CAMPAIGNS.name).setdefault("campaigns", {})
    return details
