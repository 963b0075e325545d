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
from sources.snovio.tables.details import (
    CAMPAIGN_DETAILS,
    CAMPAIGN_STEP_CONTENTS,
    CAMPAIGN_STEPS,
    EMAIL_STEP_CONTENTS,
)
from sources.snovio.tables.events import EMAIL_CLICKS, EMAIL_OPENS, EMAIL_REPLIES, EMAILS_SENT
from sources.snovio.tables.profiles import (
    PROSPECT_CAMPAIGNS,
    PROSPECT_JOBS,
    PROSPECT_LISTS_JOINED,
    PROSPECT_PROFILES,
    PROSPECT_SOCIALS,
)
from sources.snovio.tables.prospects import LIST_PROSPECT_EMAILS, LIST_PROSPECTS, PROSPECT_LISTS
from sources.snovio.tables.replies import CAMPAIGN_REPLIES, CAMPAIGN_REPLY_MESSAGES, RECIPIENT_STATUSES
from sources.snovio.tables.senders import SENDER_ACCOUNT_CHECKS, WARMUP_STATISTICS, WARMUPS

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
        CAMPAIGN_DETAILS,
        CAMPAIGN_STEPS,
        CAMPAIGN_STEP_CONTENTS,
        EMAIL_STEP_CONTENTS,
        CAMPAIGN_PROGRESS,
        CAMPAIGN_REPLIES,
        CAMPAIGN_REPLY_MESSAGES,
        COMPLETED_PROSPECTS,
        PROSPECT_LISTS,
        LIST_PROSPECTS,
        LIST_PROSPECT_EMAILS,
        RECIPIENT_STATUSES,
        PROSPECT_PROFILES,
        PROSPECT_JOBS,
        PROSPECT_SOCIALS,
        PROSPECT_LISTS_JOINED,
        PROSPECT_CAMPAIGNS,
        CUSTOM_FIELDS,
        SENDER_ACCOUNTS,
        SENDER_ACCOUNT_CHECKS,
        WARMUPS,
        WARMUP_STATISTICS,
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

READ_WITH: Final = {
    CAMPAIGN_STEPS.name: CAMPAIGN_DETAILS.name,
    CAMPAIGN_STEP_CONTENTS.name: CAMPAIGN_DETAILS.name,
    CAMPAIGN_REPLY_MESSAGES.name: CAMPAIGN_REPLIES.name,
    LIST_PROSPECT_EMAILS.name: LIST_PROSPECTS.name,
    PROSPECT_JOBS.name: PROSPECT_PROFILES.name,
    PROSPECT_SOCIALS.name: PROSPECT_PROFILES.name,
    PROSPECT_LISTS_JOINED.name: PROSPECT_PROFILES.name,
    PROSPECT_CAMPAIGNS.name: PROSPECT_PROFILES.name,
}
"""Tables without calls of their own, and the table whose answers hold their rows."""

__all__ = [
    "ACCOUNT_BALANCE",
    "ADDITIVE",
    "ASKED_BY_DAYS",
    "CAMPAIGNS",
    "CAMPAIGN_ANALYTICS",
    "CAMPAIGN_DETAILS",
    "CAMPAIGN_PROGRESS",
    "CAMPAIGN_REPLIES",
    "CAMPAIGN_REPLY_MESSAGES",
    "CAMPAIGN_SCHEDULES",
    "CAMPAIGN_SCHEDULE_DAYS",
    "CAMPAIGN_STEPS",
    "CAMPAIGN_STEP_CONTENTS",
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
    "EMAIL_STEP_CONTENTS",
    "EVENT_TABLES",
    "LIST_PROSPECTS",
    "LIST_PROSPECT_EMAILS",
    "PIPELINES",
    "PIPELINE_STAGES",
    "PROSPECT_CAMPAIGNS",
    "PROSPECT_JOBS",
    "PROSPECT_LISTS",
    "PROSPECT_LISTS_JOINED",
    "PROSPECT_PROFILES",
    "PROSPECT_SOCIALS",
    "READ_WITH",
    "RECIPIENT_ACTIVITY",
    "RECIPIENT_STATUSES",
    "REJECTED_ROWS",
    "SENDER_ACCOUNTS",
    "SENDER_ACCOUNT_CHECKS",
    "SENDER_ANALYTICS",
    "SYNC_RUNS",
    "TABLES",
    "WARMUPS",
    "WARMUP_STATISTICS",
    "WEBHOOKS",
]
