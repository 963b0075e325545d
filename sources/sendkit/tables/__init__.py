"""Every table of the SendKit source, as data."""

from __future__ import annotations

from typing import Final

from sources.record_tables import SYNC_RUNS, rejected_rows_table
from sources.sendkit.tables.account import DO_NOT_CONTACT, MAILBOXES, OVERVIEW, WORKSPACES
from sources.sendkit.tables.analytics import (
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_DAILY_ANALYTICS,
    CAMPAIGN_STEP_ANALYTICS,
    SUBSEQUENCES,
)
from sources.sendkit.tables.campaigns import CAMPAIGN_DETAILS, CAMPAIGN_STEPS, CAMPAIGNS
from sources.sendkit.tables.leads import CAMPAIGN_LEADS, INBOX_THREADS, LEADS

REJECTED_ROWS: Final = rejected_rows_table("text")

BY_CAMPAIGN: Final = (
    CAMPAIGN_ANALYTICS.name,
    CAMPAIGN_STEP_ANALYTICS.name,
    SUBSEQUENCES.name,
    CAMPAIGN_DAILY_ANALYTICS.name,
    CAMPAIGN_LEADS.name,
)
"""Tables that are asked for campaigns."""

TABLES: Final = {
    table.name: table
    for table in (
        CAMPAIGNS,
        CAMPAIGN_STEPS,
        CAMPAIGN_ANALYTICS,
        CAMPAIGN_STEP_ANALYTICS,
        SUBSEQUENCES,
        CAMPAIGN_DAILY_ANALYTICS,
        CAMPAIGN_LEADS,
        LEADS,
        INBOX_THREADS,
        MAILBOXES,
        DO_NOT_CONTACT,
        OVERVIEW,
        WORKSPACES,
        REJECTED_ROWS,
        SYNC_RUNS,
    )
}
"""All tables by name, in the order in which a load reads them."""

DEFAULT_TABLES: Final = tuple(name for name, table in TABLES.items() if table.default)
"""The tables that a load reads when none is named."""

__all__ = [
    "BY_CAMPAIGN",
    "CAMPAIGNS",
    "CAMPAIGN_ANALYTICS",
    "CAMPAIGN_DAILY_ANALYTICS",
    "CAMPAIGN_DETAILS",
    "CAMPAIGN_LEADS",
    "CAMPAIGN_STEPS",
    "CAMPAIGN_STEP_ANALYTICS",
    "DEFAULT_TABLES",
    "DO_NOT_CONTACT",
    "INBOX_THREADS",
    "LEADS",
    "MAILBOXES",
    "OVERVIEW",
    "REJECTED_ROWS",
    "SUBSEQUENCES",
    "SYNC_RUNS",
    "TABLES",
    "WORKSPACES",
]
