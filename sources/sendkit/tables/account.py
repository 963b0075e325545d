"""What belongs to the workspace as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sources.sendkit.tables.common import HISTORY, OPENS_AND_CLICKS, PAYLOAD, counters, key
from sources.tables import Column, Table, column_name

WORKSPACES: Final = Table(
    "workspaces",
    "GET /v1/workspaces",
    ("id",),
    (key("id", "Workspace id."), replace(PAYLOAD, person="raw")),
    grain="One row per workspace and version of it.",
    kept=HISTORY,
    calls="1 a load",
)

MAILBOXES: Final = Table(
    "mailboxes",
    "GET /v1/mailboxes",
    ("id",),
    (
        key("id", "Mailbox id."),
        Column("email", "text", "Its address.", person="sender email"),
        Column("display_name", "text", "Sender's name.", "displayName", person="sender detail"),
        Column("provider", "text", "Mail provider; open vocabulary."),
        Column("status", "text", "The API's own word; open vocabulary."),
        Column("connection_type", "text", "How it is connected.", "connectionType"),
        Column("daily_send_limit", "integer", "E-mails a day.", "dailySendLimit"),
        Column("sent_today", "integer", "E-mails sent today; a snapshot.", "sentToday"),
        Column("sending_enabled", "boolean", "Whether it may send.", "sendingEnabled"),
        Column("signature", "text", "Its signature.", person="sender detail"),
        Column("warmup__enabled", "boolean", "Whether it is warmed up.", "warmup.enabled"),
        Column("warmup__status", "text", "State of the warm-up; open vocabulary.", "warmup.status"),
        Column("warmup__current_day", "integer", "Day of the warm-up.", "warmup.currentDay"),
        Column("warmup__current_volume", "integer", "Warm-up e-mails a day now.", "warmup.currentVolume"),
        Column("warmup__metrics", "json", "Counters of the warm-up; a snapshot.", "warmup.metrics", mark="I"),
        Column("tags", "json", "Tags, a list of text."),
        Column(
            "bounce_rate",
            "fraction",
            "Share of e-mails that bounced, 0 to 1; the API's unit is not documented.",
            "bounceRate",
            mark="U",
        ),
        Column("total_sent", "integer", "E-mails sent so far.", "totalSent"),
        Column("setup_status__health_score", "number", "Score of its set-up.", "setupStatus.healthScore"),
        Column("last_error", "text", "Its last error.", "lastError", person="sender detail"),
        Column("created_at", "instant", "Creation, UTC.", "createdAt"),
        replace(PAYLOAD, person="sender detail"),
    ),
    grain="One row per mailbox and version of it.",
    kept=HISTORY,
    calls="1 a 100 mailboxes",
)

DO_NOT_CONTACT: Final = Table(
    "do_not_contact",
    "GET /v1/dnc",
    ("id",),
    (
        key("id", "Entry id."),
        Column(
            "email",
            "text",
            "The address; where the domain of a domain entry stands is unknown.",
            mark="U",
            person="email",
        ),
        Column("email_lower", "text", "The address in lower case.", "", person="email"),
        Column("entry_type", "text", "email or domain.", "entryType"),
        Column("workspace_id", "text", "The workspace it belongs to.", "workspaceId"),
        Column("reason", "text", "unsubscribe_link, manual, bounce or complaint; open vocabulary."),
        Column("unsubscribed_at", "instant", "When the person opted out, UTC.", "unsubscribedAt"),
        Column("created_at", "instant", "Creation, UTC.", "createdAt"),
        Column("updated_at", "instant", "Last change, UTC.", "updatedAt"),
        replace(PAYLOAD, person="detail"),
    ),
    grain="One row per address or domain not to write to, and version of it.",
    kept=HISTORY,
    calls="1 a 100 entries",
)

_EVENTS: Final = {
    "sent": "E-mails sent.",
    "opened": "E-mails opened; whether opens or people are counted is unknown.",
    "clicked": "E-mails clicked; whether clicks or people are counted is unknown.",
    "bounced": "E-mails bounced.",
}
_RATES: Final = {
    "open": "Opened e-mails",
    "click": "Clicked e-mails",
    "reply": "Replies",
    "positiveReply": "Positive replies",
    "bounce": "Bounces",
}

OVERVIEW: Final = Table(
    "overview",
    "GET /v1/analytics/overview",
    ("observed_at",),
    (
        Column("observed_at", "instant", "When it was read, UTC.", ""),
        Column("workspace_id", "text", "The configured workspace; null with a key that is bound to one.", ""),
        *counters(
            "",
            "",
            {},
            totalSent="E-mails sent so far.",
            totalOpened="E-mails opened so far.",
            totalClicked="E-mails clicked so far.",
            totalBounced="E-mails bounced so far.",
            totalReplied="Replies so far.",
            totalPositiveReplied="Positive replies so far.",
            totalCampaigns="Campaigns.",
            activeCampaigns="Campaigns that are running.",
        ),
        *counters("by_sequence__main__", "bySequence.main.", OPENS_AND_CLICKS, **_EVENTS),
        *counters("by_sequence__subsequence__", "bySequence.subsequence.", OPENS_AND_CLICKS, **_EVENTS),
        *(
            Column(
                f"rates__{column_name(name)}",
                "fraction",
                f"{meaning} divided by e-mails sent, 0 to 1; the API says percent.",
                f"rates.{name}",
                mark="I",
            )
            for name, meaning in _RATES.items()
        ),
    ),
    grain="One row per time at which the workspace's totals were read.",
    kept="one row an observation",
    calls="1 a load",
)
