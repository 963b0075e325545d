"""What is in the warehouse before the API is asked: the unchanged is not written anew, what is gone is removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import dlt

from sources.sendkit.tables import CAMPAIGN_DAILY_ANALYTICS, CAMPAIGN_LEADS, INBOX_THREADS, LEADS
from sources.stored_tables import stored_values


@dataclass(slots=True)
class Stored:
    """Rows of an account.

    Args:
        versions: The hash of each row, by table and id.
        with_leads: Campaigns with rows in `campaign_leads`.
        days: Days with rows in `campaign_daily_analytics`, by campaign.
    """

    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    with_leads: set[str] = field(default_factory=set)
    days: dict[str, set[date]] = field(default_factory=dict)


def find(pipeline: dlt.Pipeline, account: str) -> Stored:
    """Look into the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
    """
    found = Stored()
    for table in (LEADS.name, INBOX_THREADS.name):
        rows = stored_values(pipeline, account, table, "id", "row_version")
        found.versions[table] = {row[0]: row[1] for row in rows}
    found.with_leads = {row[0] for row in stored_values(pipeline, account, CAMPAIGN_LEADS.name, "campaign_id")}
    for campaign_id, day in stored_values(pipeline, account, CAMPAIGN_DAILY_ANALYTICS.name, "campaign_id", "date"):
        found.days.setdefault(campaign_id, set()).add(day)
    return found
