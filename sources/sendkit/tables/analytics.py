"""The counters of campaigns."""

from __future__ import annotations

from typing import Final

from sources.sendkit.tables.common import (
    BY_CAMPAIGN,
    CAMPAIGN_ID,
    OPENS_AND_CLICKS,
    PAYLOAD,
    READ_AT,
    WHEN_CHANGED,
    counters,
    key,
)
from sources.tables import REMOVED_MARK, Column, Table

_STEP: Final = {
    "sent": "E-mails sent.",
    "opened": "E-mails opened; whether opens or people are counted is unknown.",
    "clicked": "E-mails clicked; whether clicks or people are counted is unknown.",
    "bounced": "E-mails bounced.",
}
_STATS: Final = {
    "sent": "E-mails sent so far.",
    "delivered": "E-mails delivered so far.",
    "opened": "E-mails opened so far; whether opens or people are counted is unknown.",
    "clicked": "E-mails clicked so far; whether clicks or people are counted is unknown.",
    "bounced": "E-mails bounced so far.",
    "replied": "Leads that replied so far.",
    "unsubscribed": "Leads that unsubscribed so far.",
}

CAMPAIGN_ANALYTICS: Final = Table(
    "campaign_analytics",
    "GET /v1/campaigns/{id}/analytics",
    ("campaign_id",),
    (
        Column("campaign_id", "text", "The campaign; joins campaigns.id.", "campaign.id", ("campaign._id",)),
        READ_AT,
        Column("name", "text", "Campaign name at read time.", "campaign.name"),
        Column("status", "text", "Campaign status at read time.", "campaign.status"),
        Column("started_at", "instant", "Start, UTC.", "campaign.startedAt"),
        *counters("stats__", "stats.", OPENS_AND_CLICKS, **_STATS),
        *counters("by_sequence__main__", "bySequence.main.", OPENS_AND_CLICKS, **_STEP),
        *counters("by_sequence__subsequence__", "bySequence.subsequence.", OPENS_AND_CLICKS, **_STEP),
        Column("status_breakdown", "json", "Leads by status, which is an open vocabulary.", "statusBreakdown"),
        Column("total_replied", "integer", "Leads that replied.", "totalReplied"),
        REMOVED_MARK,
    ),
    grain="One row per campaign: its counters so far.",
    kept=BY_CAMPAIGN,
    calls="1 a campaign that changed",
    cursor=WHEN_CHANGED,
    unit=("campaign_id",),
)

CAMPAIGN_STEP_ANALYTICS: Final = Table(
    "campaign_step_analytics",
    "GET /v1/campaigns/{id}/analytics",
    ("campaign_id", "sequence_step", "variant"),
    (
        CAMPAIGN_ID,
        Column(
            "sequence_step",
            "integer",
            "The step; joins campaign_steps.position.",
            "_id.sequenceStep",
            ("sequenceStep",),
            mark="I",
        ),
        Column("variant", "text", "A/B variant; empty where there is none.", "variant", ("_id.variant",)),
        READ_AT,
        *counters("", "", OPENS_AND_CLICKS, **_STEP),
        REMOVED_MARK,
    ),
    grain="One row per step of a campaign and variant of it: its counters so far.",
    kept=BY_CAMPAIGN,
    calls="none: read with campaign_analytics",
    cursor=WHEN_CHANGED,
    unit=("campaign_id",),
)

SUBSEQUENCES: Final = Table(
    "subsequences",
    "GET /v1/campaigns/{id}/analytics",
    ("campaign_id", "id"),
    (
        CAMPAIGN_ID,
        key("id", "Subsequence id."),
        READ_AT,
        Column("name", "text", "Its name."),
        Column("trigger__type", "text", "What starts it; open vocabulary.", "trigger.type"),
        Column("trigger__value", "text", "The value that starts it.", "trigger.value"),
        Column("enabled", "boolean", "Whether it is on."),
        Column("archived", "boolean", "Whether it is archived."),
        Column("added_count", "integer", "Leads added so far.", "addedCount"),
        Column("currently_enrolled", "integer", "Leads in it; a snapshot.", "currentlyEnrolled"),
        *counters(
            "stats__",
            "stats.",
            OPENS_AND_CLICKS,
            sent="E-mails sent so far.",
            opened="E-mails opened so far; whether opens or people are counted is unknown.",
        ),
        REMOVED_MARK,
    ),
    grain="One row per subsequence of a campaign.",
    kept=BY_CAMPAIGN,
    calls="none: read with campaign_analytics",
    cursor=WHEN_CHANGED,
    unit=("campaign_id",),
)

CAMPAIGN_DAILY_ANALYTICS: Final = Table(
    "campaign_daily_analytics",
    "GET /v1/analytics/daily/campaigns/{id}",
    ("campaign_id", "date"),
    (
        CAMPAIGN_ID,
        Column("date", "date", "The day; its zone is not documented.", "_id", ("date",), mark="U"),
        PAYLOAD,
        REMOVED_MARK,
    ),
    grain="One row per campaign and day with figures.",
    kept="a campaign's day is replaced",
    calls="1 a campaign that changed",
    cursor=f"{WHEN_CHANGED}; from then on its last days",
    unit=("campaign_id", "date"),
)
