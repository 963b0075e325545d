"""Campaigns and their sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sources.sendkit.tables.common import HISTORY, counters, key
from sources.tables import Column, Mark, Table

_STATS: Final = {
    "totalLeads": "Leads; not in every form of the answer.",
    "contacted": "Contacted; not in every form of the answer.",
    "contactedLeads": "Leads contacted; not in every form of the answer.",
    "totalEmailsSent": "E-mails sent; not in every form of the answer.",
    "sent": "E-mails sent so far.",
    "delivered": "E-mails delivered so far.",
    "opened": "E-mails opened so far; nothing where opens are not tracked.",
    "clicked": "E-mails clicked so far; nothing where clicks are not tracked.",
    "replied": "Leads that replied so far.",
    "bounced": "E-mails bounced so far.",
    "unsubscribed": "Leads that unsubscribed so far.",
}

_INFERRED: Final = ("sent", "delivered", "opened", "clicked", "replied", "bounced", "unsubscribed")
_STATS_MARKS: Final[Mapping[str, Mark]] = dict.fromkeys(_INFERRED, "I")

_DETAILS: Final = (
    Column("user_id", "text", "The user that owns it.", "userId"),
    Column("workspace_id", "text", "The workspace it belongs to.", "workspaceId"),
    Column("mailboxes", "json", "Ids of the mailboxes it sends from; older form of the answer."),
    Column("mailbox_count", "integer", "How many mailboxes it sends from; newer form of the answer.", "mailboxCount"),
    Column("mailbox_rotation", "text", "How mailboxes take turns.", "mailboxRotation"),
    Column("include_unsubscribe_link", "boolean", "Whether e-mails carry the link.", "includeUnsubscribeLink"),
    Column("email_interval_minutes", "integer", "Minutes between two e-mails.", "emailIntervalMinutes"),
    Column("lead_counts__total", "integer", "Leads; a snapshot.", "leadCounts.total"),
    Column("lead_counts__active", "integer", "Leads in the sequence; a snapshot.", "leadCounts.active"),
    Column("updated_at", "instant", "Last change, UTC.", "updatedAt"),
)
"""What the list does not show."""

CAMPAIGNS: Final = Table(
    "campaigns",
    "GET /v1/campaigns",
    ("id",),
    (
        key("id", "Campaign id."),
        Column("name", "text", "Campaign name."),
        Column("status", "text", "draft, active, paused, completed or archived."),
        *counters("stats__", "stats.", _STATS_MARKS, **_STATS),
        Column("sending_schedule__timezone", "text", "Zone of the times below.", "sendingSchedule.timezone"),
        Column("sending_schedule__start_time", "text", "HH:MM, wall clock of the zone.", "sendingSchedule.startTime"),
        Column("sending_schedule__end_time", "text", "HH:MM, wall clock of the zone.", "sendingSchedule.endTime"),
        Column(
            "sending_schedule__working_days",
            "json",
            "Days of the week as the API numbers them; whether Monday is 1 is not documented.",
            "sendingSchedule.workingDays",
            mark="U",
        ),
        Column("track_opens", "boolean", "Whether opens are tracked.", "trackOpens"),
        Column("track_clicks", "boolean", "Whether clicks are tracked.", "trackClicks"),
        Column("stop_on_reply", "boolean", "Whether a reply ends the sequence.", "stopOnReply"),
        Column("started_at", "instant", "Start, UTC; null while never started.", "startedAt"),
        Column("completed_at", "instant", "End, UTC; null while not completed.", "completedAt"),
        Column("created_at", "instant", "Creation, UTC.", "createdAt"),
        *_DETAILS,
    ),
    grain="One row per campaign and version of it.",
    kept=HISTORY,
    calls="1 a 100 campaigns, twice for archived ones, and 1 a campaign that changed",
)

CAMPAIGN_DETAILS: Final = Table(
    "campaigns",
    "GET /v1/campaigns/{id}",
    ("id",),
    (key("id", "Campaign id."), *_DETAILS),
    grain=CAMPAIGNS.grain,
    kept=CAMPAIGNS.kept,
    calls=CAMPAIGNS.calls,
)
"""The part of `campaigns` that is asked for one by one; no table of its own."""

CAMPAIGN_STEPS: Final = Table(
    "campaign_steps",
    "GET /v1/campaigns",
    ("campaign_id", "position"),
    (
        Column("campaign_id", "text", "The campaign; joins campaigns.id.", "campaignId", mark=""),
        Column(
            "position",
            "integer",
            "Place in the sequence, waits counted; the API calls it `order`.",
            "order",
            mark="I",
        ),
        Column("type", "text", "email or wait."),
        Column("name", "text", "Name of the step."),
        Column("subject", "text", "Subject of the e-mail."),
        Column("body", "text", "Body of the e-mail, HTML."),
        Column("wait_days", "integer", "Days to wait.", "waitDays"),
    ),
    grain="One row per step of a campaign's sequence and version of it.",
    kept=HISTORY,
    calls="none: read with campaigns",
)
