"""The four event lists."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import (
    BY_DAY,
    CAMPAIGN_ID,
    EVENT_DATE,
    OCCURRENCE,
    SHOWN_CAMPAIGN_ID,
    SOURCE_HASH,
    SOURCE_ID,
)
from sources.tables import REMOVED_MARK, Column, Mark, Table

EMAILS_SENT: Final = Table(
    "emails_sent",
    "GET /v1/emails-sent",
    ("campaign_id", "event_date", "user_email", "sent_date", "occurrence"),
    (
        CAMPAIGN_ID,
        EVENT_DATE,
        Column(
            "user_email",
            "text",
            "Recipient's e-mail as sent by the API; empty where it has none.",
            "userEmail",
            person="email",
        ),
        Column("sent_date", "instant", "When the e-mail was sent, UTC.", "sentDate"),
        OCCURRENCE,
        Column("user_name", "text", "Recipient's name.", "userName", person="detail"),
        Column("campaign", "text", "Campaign name at read time."),
        SOURCE_ID,
        SOURCE_HASH,
        Column("user_email_lower", "text", "The e-mail in lower case, for joins.", "", person="email"),
        REMOVED_MARK,
    ),
    grain="One row per e-mail sent.",
    kept=BY_DAY,
    calls="1 a started campaign and 10,000 rows",
    cursor="days since the last load and the lookback",
    unit=("campaign_id", "event_date"),
)


def _visits(name: str, endpoint: str, what: str, about: str, mark: Mark = "D") -> Table:
    """Opens, clicks and replies share one row shape."""
    return Table(
        name,
        endpoint,
        ("campaign_id", "event_date", "prospect_email", "visited_at", "occurrence"),
        (
            SHOWN_CAMPAIGN_ID,
            EVENT_DATE,
            Column(
                "prospect_email",
                "text",
                "Prospect's e-mail as entered; empty where it has none.",
                "prospectEmail",
                person="email",
            ),
            Column("visited_at", "instant", f"When the {what} happened, UTC.", "visitedAt", mark=mark),
            OCCURRENCE,
            Column("campaign", "text", "Campaign name at read time."),
            Column("prospect_id", "text", "Prospect; not known to be stable.", "prospectId", mark="U", person="hint"),
            Column("prospect_first_name", "text", "First name.", "prospectFirstName", person="detail"),
            Column("prospect_last_name", "text", "Last name.", "prospectLastName", person="detail"),
            Column("prospect_name", "text", "Full name.", "prospectName", person="detail"),
            Column("source", "text", "How the prospect came in, for example `copy`."),
            Column("source_page", "text", "In practice the LinkedIn URL.", "sourcePage", mark="O", person="hint"),
            Column("locality", "text", "Locality.", person="detail"),
            Column("industry", "text", "Industry.", person="detail"),
            Column("country", "text", "Country.", person="detail"),
            Column(
                "email_subject", "decoded text", "Subject of our e-mail, decoded.", "emailSubject", person="detail"
            ),
            Column(
                "email_body",
                "decoded text",
                "Body (HTML) of our e-mail, decoded; never a reply.",
                "emailBody",
                person="detail",
            ),
            Column("skills", "text", "Skills; empty in every documented example.", person="detail"),
            Column("links", "json", "Links; null in every documented example.", person="detail"),
            Column(
                "custom_fields",
                "json",
                "Custom fields, label to value; the API sends `customField_<label>` for each.",
                "customFields",
                person="detail",
            ),
            SOURCE_ID,
            SOURCE_HASH,
            Column("prospect_email_lower", "text", "The e-mail in lower case, for joins.", "", person="email"),
            REMOVED_MARK,
        ),
        grain=f"One row per {what}{about}; whether a person's repeated ones are shown is not documented.",
        kept=BY_DAY,
        calls="1 a started campaign and 10,000 rows",
        cursor="days since the last load and the lookback",
        unit=("campaign_id", "event_date"),
    )


EMAIL_OPENS: Final = _visits("email_opens", "GET /v1/get-emails-opened", "open", " of an e-mail")
EMAIL_CLICKS: Final = _visits("email_clicks", "GET /v1/get-emails-clicked", "click", " in an e-mail")
EMAIL_REPLIES: Final = _visits(
    "email_replies", "GET /v1/get-emails-replies", "reply", " by e-mail, without its text", mark="I"
)
