"""Recipient activity: events of every type, of e-mail and beyond, in one table."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import BY_DAY, CAMPAIGN_ID, EVENT_DATE, OCCURRENCE
from sources.tables import REMOVED_MARK, Column, Table

RECIPIENT_ACTIVITY: Final = Table(
    "recipient_activity",
    "GET /v2/campaigns/{id}/recipients-activity",
    ("campaign_id", "event_date", "event_type", "recipient_email", "event_time", "occurrence"),
    (
        CAMPAIGN_ID,
        EVENT_DATE,
        Column("event_type", "text", "sent, open, click, reply, bounce, unsubscribe or any other word of the API."),
        Column(
            "recipient_email",
            "text",
            "Recipient's e-mail as sent by the API; empty where it has none.",
            person="email",
        ),
        Column("event_time", "instant", "When it happened, UTC."),
        OCCURRENCE,
        Column("sender_email", "text", "Mailbox of the campaign.", person="sender email"),
        Column("email_subject", "text", "Subject as it stands in the sequence."),
        Column(
            "recipient_name", "text", "Recipient's name, like all of the profile as of read time.", person="detail"
        ),
        Column("phone", "text", "Recipient's phone; may differ between the rows of one recipient.", person="detail"),
        Column("industry", "text", "Industry.", person="detail"),
        Column("country", "text", "Country.", person="detail"),
        Column("location", "text", "Location.", person="detail"),
        Column("company", "text", "Company.", person="detail"),
        Column("job_position", "text", "Position in the company.", person="detail"),
        Column("hq_phone", "text", "Phone of the company's headquarters.", person="detail"),
        Column("website", "text", "The company's website.", person="detail"),
        Column("recipient_email_lower", "text", "The e-mail in lower case, for joins.", "", person="email"),
        REMOVED_MARK,
    ),
    grain="One row per event of any type: sent, open, click, reply, bounce, unsubscribe.",
    kept=BY_DAY,
    calls="1 a started campaign, 31 days and 1,000 rows",
    cursor="days since the last load and the lookback",
    unit=("campaign_id", "event_date"),
)
