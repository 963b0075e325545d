"""Days with rows in the warehouse: what is known to have happened before the API is asked about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dlt

from sources.snovio.tables import CAMPAIGN_ANALYTICS, EVENT_TABLES, SENDER_ANALYTICS
from sources.stored_tables import select, stored_tables

ByCampaign = dict[int, set[date]]


@dataclass(slots=True)
class StoredDays:
    """Days with rows, by campaign.

    Args:
        events: Days with events of any kind.
        cells: Days with a row of `campaign_analytics`.
        senders: Days with a row of `sender_analytics`, by scope and sender.
    """

    events: ByCampaign = field(default_factory=dict)
    cells: ByCampaign = field(default_factory=dict)
    senders: dict[tuple[str, str], set[date]] = field(default_factory=dict)


def find(pipeline: dlt.Pipeline, account: str) -> StoredDays:
    """Look into the pipeline's dataset.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
    """
    found = StoredDays()
    with pipeline.sql_client() as client:
        there = stored_tables(client)

        def days(table: str, column: str, into: ByCampaign) -> None:
            query = f"SELECT DISTINCT campaign_id, {column} FROM {table} WHERE account = %s"  # noqa: S608  # our own
            rows: Any = select(client, query, account) if table in there else ()
            for campaign_id, day in rows:
                into.setdefault(campaign_id, set()).add(day)

        for table in EVENT_TABLES:
            days(table, "event_date", found.events)
        days(CAMPAIGN_ANALYTICS.name, "date", found.cells)
        if SENDER_ANALYTICS.name in there:
            query = f"SELECT scope, scope_id, date FROM {SENDER_ANALYTICS.name} WHERE account = %s"  # noqa: S608
            for scope, sender, day in select(client, query, account):
                found.senders.setdefault((scope, sender), set()).add(day)
    return found
