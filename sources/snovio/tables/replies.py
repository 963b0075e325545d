"""What recipients answered, and how far they came."""

from __future__ import annotations

from typing import Final

from sources.snovio.tables.common import CAMPAIGN_ID, OCCURRENCE, SHOWN_CAMPAIGN_ID
from sources.tables import REMOVED_MARK, Column, Table

_CURSOR: Final = "campaigns that moved, all at their sweep"
_KEPT: Final = "a campaign is replaced whole"
_REPLY_KEY: Final = (
    SHOWN_CAMPAIGN_ID,
    Column(
        "contact",
        "text",
        "Who replied: the e-mail in lower case, else the LinkedIn profile, else empty.",
        "",
        person="email",
    ),
    Column("reply_type", "text", "email, linkedinMessage, linkedinInvite or linkedinInMail.", "replyType"),
    OCCURRENCE,
)

CAMPAIGN_REPLIES: Final = Table(
    "campaign_replies",
    "GET /v2/campaigns/{id}/all-replies",
    ("campaign_id", "contact", "reply_type", "occurrence"),
    (
        *_REPLY_KEY,
        Column("campaign", "text", "Campaign name at read time."),
        Column("prospect_id", "text", "Prospect; not known to be stable.", "prospectId", mark="U", person="hint"),
        Column("prospect_name", "text", "Prospect's name.", "prospectName", person="detail"),
        Column("prospect_email", "text", "Prospect's e-mail.", "prospectEmail", person="email"),
        Column(
            "linked_in_profile",
            "text",
            "Prospect's LinkedIn profile, where there is one.",
            "linkedInProfile",
            person="hint",
        ),
        Column("received_at", "instant", "When the first of the replies came, UTC.", "receivedAt", mark="I"),
        Column("prospect_email_lower", "text", "The e-mail in lower case, for joins.", "", person="email"),
        REMOVED_MARK,
    ),
    grain="One row per campaign, contact and way of replying: e-mail or a kind of LinkedIn message.",
    kept=_KEPT,
    calls="1 or 2 a campaign that moved, and 1 a further page of replies",
    cursor=_CURSOR,
    unit=("campaign_id",),
)

CAMPAIGN_REPLY_MESSAGES: Final = Table(
    "campaign_reply_messages",
    "GET /v2/campaigns/{id}/all-replies",
    ("campaign_id", "contact", "reply_type", "occurrence", "position"),
    (
        *_REPLY_KEY[:2],
        Column("reply_type", "text", "As in campaign_replies.", ""),
        OCCURRENCE,
        Column("position", "integer", "Order among the contact's replies, oldest first, from 0.", ""),
        Column("subject", "text", "Subject; empty on LinkedIn.", person="detail"),
        Column("message", "text", "Text of the reply.", person="detail"),
        Column("received_at", "instant", "When it came, UTC.", "receivedAt", mark="I"),
        REMOVED_MARK,
    ),
    grain="One row per reply, with its text.",
    kept=_KEPT,
    calls="none: read with campaign_replies",
    cursor=_CURSOR,
    unit=("campaign_id",),
)

RECIPIENT_STATUSES: Final = Table(
    "recipient_statuses",
    "GET /v2/campaigns/{id}/recipient",
    ("campaign_id", "email_lower"),
    (
        CAMPAIGN_ID,
        Column("email_lower", "text", "The e-mail in lower case.", mark="", person="email"),
        Column("email", "text", "E-mail of a prospect in the campaign's list.", person="email"),
        Column("exist", "boolean", "Whether it is a recipient of the campaign."),
        Column("status", "text", "tocheck, active, finished, unsubscribe or moved; null if it is no recipient."),
        REMOVED_MARK,
    ),
    grain="One row per campaign and e-mail address of its list.",
    kept=_KEPT,
    calls="1 a campaign that moved and 100 e-mails of its list",
    cursor=_CURSOR,
    unit=("campaign_id",),
    default=False,
    asked_by_person=True,
)
