"""Campaigns, and what is asked once for each of them."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import (
    CAMPAIGN_ID,
    HISTORY,
    OBSERVED_AT,
    ROW_VERSION,
    SOURCE_HASH,
    SOURCE_ID,
)
from sources.tables import REMOVED_MARK, Column, Table

CAMPAIGNS: Final = Table(
    "campaigns",
    "GET /v1/get-user-campaigns",
    ("id",),
    (
        Column("id", "integer", "Campaign id."),
        Column("campaign", "text", "Campaign name; not unique."),
        Column("list_id", "integer", "Recipient list; joins prospect_lists.id."),
        Column("status", "text", "The API's own word (Active, Paused, Draft ...); open vocabulary."),
        Column("created_at", "instant", "Creation, UTC."),
        Column("updated_at", "instant", "Last change of the campaign itself, UTC; events do not move it."),
        Column("started_at", "instant", "Start, UTC; null while never started."),
        Column("hash", "text", "Meaning not documented.", mark="U"),
    ),
    grain="One row per campaign and version of it.",
    kept=HISTORY,
    calls="1 a load",
)

CAMPAIGN_PROGRESS: Final = Table(
    "campaign_progress",
    "GET /v2/campaigns/{id}/progress",
    ("campaign_id", "observed_at"),
    (
        CAMPAIGN_ID,
        OBSERVED_AT,
        Column("status", "text", "The API's own word; open vocabulary."),
        Column("unfinished", "integer", "Recipients whose sequence is neither finished nor stopped."),
        Column("progress", "fraction", "Share of recipients that reached the end or were stopped, 0 to 1."),
    ),
    grain="One row per campaign and time at which its progress was read.",
    kept="one row an observation",
    calls="1 a campaign that moved",
    cursor="campaigns that moved, all at their sweep",
)

COMPLETED_PROSPECTS: Final = Table(
    "completed_prospects",
    "GET /v1/prospect-finished",
    ("campaign_id", "user_email"),
    (
        CAMPAIGN_ID,
        Column("user_email", "text", "Prospect's e-mail.", "userEmail", person="email"),
        Column("user_name", "text", "Prospect's name.", "userName", person="detail"),
        Column("campaign", "text", "Campaign name at read time."),
        Column("prospect_id", "text", "Prospect; not known to be stable.", "prospectId", mark="U", person="hint"),
        SOURCE_ID,
        SOURCE_HASH,
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per campaign, prospect that finished it, and version of that.",
    kept="history (SCD2), a campaign at a time; _dlt_valid_from is when it was first seen",
    calls="1 a campaign that moved",
    cursor="campaigns that moved, all at their sweep",
    unit=("campaign_id",),
)
