"""Days with rows in the warehouse: what is known to have happened before the API is asked about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dlt

from sources.snovio.tables import CAMPAIGN_ANALYTICS, EVENT_TABLES
from sources.stored_tables import stored_tables

ByCampaign = dict[int, set[date]]


@dataclass(slots=True)
class StoredDays:
    """Days with rows, by campaign.

    Args:
        events: Days with events of any kind.
        cells: Days with a row of `campaign_analytics`.
    """

    events: ByCampaign = field(default_factory=dict)
    cells: ByCampaign = field(default_factory=dict)


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
            rows: Any = client.execute_sql(query, account) if table in there else ()
            for campaign_id, day in rows or ():
                into.setdefault(campaign_id, set()).add(day)

        for table in EVENT_TABLES:
            days(table, "event_date", found.events)
        days(CAMPAIGN_ANALYTICS.name, "date", found.cells)
    return found
