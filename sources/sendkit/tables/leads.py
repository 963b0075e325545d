"""People: leads, where they stand in campaigns, and what they wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sources.sendkit.tables.common import (
    BY_CAMPAIGN,
    BY_ROW,
    CAMPAIGN_ID,
    PAYLOAD,
    ROW_VERSION,
    WHEN_CHANGED,
    key,
)
from sources.tables import REMOVED_MARK, Column, Table

LEADS: Final = Table(
    "leads",
    "GET /v1/leads",
    ("id",),
    (
        replace(key("id", "Lead id."), person="id"),
        Column("email", "text", "Address as it was entered.", person="email"),
        Column("email_lower", "text", "Address in lower case.", "", person="email"),
        Column("first_name", "text", "First name.", "firstName", person="detail"),
        Column("last_name", "text", "Last name.", "lastName", person="detail"),
        Column("company_name", "text", "Company.", "companyName", person="detail"),
        Column("job_title", "text", "Job title.", "jobTitle", person="detail"),
        Column("tags", "json", "Tags, a list of text.", person="detail"),
        Column("email_verified", "boolean", "Whether the address was verified.", "emailVerified"),
        Column("email_verification_result", "text", "For example deliverable.", "emailVerificationResult"),
        Column(
            "seg_protected",
            "boolean",
            "Whether a secure e-mail gateway protects the address.",
            "segProtected",
            mark="I",
        ),
        Column("seg_provider", "text", "The gateway.", "segProvider"),
        Column("seg_provider_name", "text", "The gateway's name.", "segProviderName"),
        Column("city", "text", "City.", person="detail"),
        Column("state", "text", "State.", person="detail"),
        Column("country", "text", "Country.", person="detail"),
        Column(
            "custom_fields",
            "json",
            "Custom fields, where the answer has them: no documented one does.",
            "customFields",
            mark="U",
            person="detail",
        ),
        Column("created_at", "instant", "Creation, UTC.", "createdAt"),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per lead.",
    kept=BY_ROW,
    calls="1 a 100 leads at a sweep, else 1 a 100 new ones",
    cursor="created_at with a look-back; all at the sweep",
    unit=("id",),
)

CAMPAIGN_LEADS: Final = Table(
    "campaign_leads",
    "GET /v1/campaigns/{id}/leads",
    ("campaign_id", "id"),
    (
        CAMPAIGN_ID,
        key("id", "Id of the lead's place in the campaign."),
        Column("lead_id", "text", "The lead; joins leads.id.", "leadId._id", ("leadId",), person="id"),
        Column("email", "text", "The lead's address.", "leadId.email", person="email"),
        Column("status", "text", "The API's own word (pending, active, replied ...); open vocabulary."),
        replace(PAYLOAD, person="detail"),
        REMOVED_MARK,
    ),
    grain="One row per lead of a campaign.",
    kept=BY_CAMPAIGN,
    calls="1 a campaign that changed and 100 leads",
    cursor=WHEN_CHANGED,
    unit=("campaign_id",),
)

INBOX_THREADS: Final = Table(
    "inbox_threads",
    "GET /v1/inbox",
    ("id",),
    (
        Column("id", "text", "Conversation id.", "id", ("_id",)),
        Column("lead_id", "text", "The lead; joins leads.id.", "lead._id", ("lead.id",), person="id"),
        Column("lead__email", "text", "The lead's address.", "lead.email", person="email"),
        Column("lead__first_name", "text", "The lead's first name.", "lead.firstName", person="detail"),
        Column("lead__last_name", "text", "The lead's last name.", "lead.lastName", person="detail"),
        Column("lead__company_name", "text", "The lead's company.", "lead.companyName", person="detail"),
        Column("campaign_id", "text", "The campaign; joins campaigns.id.", "campaign._id", ("campaign.id",)),
        Column("campaign__name", "text", "Campaign name at read time.", "campaign.name"),
        Column("status", "text", "The API's own word; open vocabulary."),
        Column("ai_tag", "text", "What the reply means to the API; open vocabulary.", "aiTag"),
        Column("tags", "json", "Tags, a list of text.", person="detail"),
        Column("replied_at", "instant", "Time of the reply, UTC.", "repliedAt"),
        Column("last_message__content", "text", "Text of the last message.", "lastMessage.content", person="detail"),
        Column("last_message__from", "text", "Its sender.", "lastMessage.from", person="detail"),
        Column("last_message__received_at", "instant", "When it came, UTC.", "lastMessage.receivedAt"),
        Column("last_message__is_from_lead", "boolean", "Whether the lead wrote it.", "lastMessage.isFromLead"),
        Column("is_read", "boolean", "Whether it was read.", "isRead"),
        Column("unread_count", "integer", "Messages not read; a snapshot.", "unreadCount"),
        Column("message_count", "integer", "Messages; a snapshot.", "messageCount"),
        ROW_VERSION,
        REMOVED_MARK,
    ),
    grain="One row per conversation.",
    kept=BY_ROW,
    calls="1 a 100 conversations",
    unit=("id",),
)
