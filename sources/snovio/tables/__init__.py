"""Every table of the Snov.io source, as data."""

from __future__ import annotations

from typing import Final

from sources.record_tables import REJECTED_ROWS, SYNC_RUNS
from sources.snovio.tables.account import (
    ACCOUNT_BALANCE,
    CAMPAIGN_SCHEDULE_DAYS,
    CAMPAIGN_SCHEDULES,
    CUSTOM_FIELDS,
    DO_NOT_EMAIL_LISTS,
    PIPELINE_STAGES,
    PIPELINES,
    SENDER_ACCOUNTS,
    WEBHOOKS,
)
from sources.snovio.tables.activity import RECIPIENT_ACTIVITY
from sources.snovio.tables.analytics import (
    ADDITIVE,
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_TOTALS,
    COUNTERS,
    SENDER_ANALYTICS,
)
from sources.snovio.tables.campaigns import CAMPAIGN_PROGRESS, CAMPAIGNS, COMPLETED_PROSPECTS
from sources.snovio.tables.events import EMAIL_CLICKS, EMAIL_OPENS, EMAIL_REPLIES, EMAILS_SENT
from sources.snovio.tables.prospects import LIST_PROSPECT_EMAILS, LIST_PROSPECTS, PROSPECT_LISTS

EVENT_TABLES: Final = (EMAILS_SENT.name, EMAIL_OPENS.name, EMAIL_CLICKS.name, EMAIL_REPLIES.name)
"""The event lists, newest first and paged by offset."""

DAY_TABLES: Final = (*EVENT_TABLES, RECIPIENT_ACTIVITY.name)
"""The tables whose unit is a campaign's UTC day of events."""

ASKED_BY_DAYS: Final = (RECIPIENT_ACTIVITY.name, CAMPAIGN_ANALYTICS.name, SENDER_ANALYTICS.name)
"""The tables whose endpoint takes a range of days."""

TABLES: Final = {
    table.name: table
    for table in (
        CAMPAIGNS,
        EMAILS_SENT,
        EMAIL_OPENS,
        EMAIL_CLICKS,
        EMAIL_REPLIES,
        RECIPIENT_ACTIVITY,
        CAMPAIGN_ANALYTICS,
        CAMPAIGN_TOTALS,
        SENDER_ANALYTICS,
        CAMPAIGN_PROGRESS,
        COMPLETED_PROSPECTS,
        PROSPECT_LISTS,
        LIST_PROSPECTS,
        LIST_PROSPECT_EMAILS,
        CUSTOM_FIELDS,
        SENDER_ACCOUNTS,
        CAMPAIGN_SCHEDULES,
        CAMPAIGN_SCHEDULE_DAYS,
        DO_NOT_EMAIL_LISTS,
        PIPELINES,
        PIPELINE_STAGES,
        WEBHOOKS,
        ACCOUNT_BALANCE,
        REJECTED_ROWS,
        SYNC_RUNS,
    )
}
"""All tables by name, in the order in which a load reads them."""

DEFAULT_TABLES: Final = tuple(name for name, table in TABLES.items() if table.default)
"""The tables that a load reads when none is named."""

__all__ = [
    "ACCOUNT_BALANCE",
    "ADDITIVE",
    "ASKED_BY_DAYS",
    "CAMPAIGNS",
    "CAMPAIGN_ANALYTICS",
    "CAMPAIGN_PROGRESS",
    "CAMPAIGN_SCHEDULES",
    "CAMPAIGN_SCHEDULE_DAYS",
    "CAMPAIGN_TOTALS",
    "COMPLETED_PROSPECTS",
    "COUNTERS",
    "CUSTOM_FIELDS",
    "DAY_TABLES",
    "DEFAULT_TABLES",
    "DO_NOT_EMAIL_LISTS",
    "EMAILS_SENT",
    "EMAIL_CLICKS",
    "EMAIL_OPENS",
    "EMAIL_REPLIES",
    "EVENT_TABLES",
    "LIST_PROSPECTS",
    "LIST_PROSPECT_EMAILS",
    "PIPELINES",
    "PIPELINE_STAGES",
    "PROSPECT_LISTS",
    "RECIPIENT_ACTIVITY",
    "REJECTED_ROWS",
    "SENDER_ACCOUNTS",
    "SENDER_ANALYTICS",
    "SYNC_RUNS",
    "TABLES",
    "WEBHOOKS",
]
