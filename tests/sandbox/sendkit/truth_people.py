"""The rows of people and of what writes to them, computed from the model."""

from typing import Any

from tests.sandbox.sendkit import shapes
from tests.sandbox.sendkit.model import Blocked, Lead, Mailbox, Thread, Workspace

Row = dict[str, Any]


def lead(one: Lead) -> Row:
    """A row of `leads`."""
    return {
        "id": one.id,
        "email": one.email,
        "email_lower": one.email.lower(),
        "first_name": one.first_name,
        "last_name": one.last_name,
        "company_name": "Example Ltd",
        "job_title": "Buyer",
        "tags": one.tags,
        "email_verified": one.verified,
        "email_verification_result": "deliverable",
        "seg_protected": False,
        "seg_provider": None,
        "seg_provider_name": None,
        "city": one.city,
        "state": None,
        "country": "UA",
        "custom_fields": None,
        "created_at": one.created_at,
    }


def thread(one: Thread) -> Row:
    """A row of `inbox_threads`."""
    return {
        "id": one.id,
        "lead_id": one.lead.id,
        "lead__email": one.lead.email,
        "lead__first_name": one.lead.first_name,
        "lead__last_name": one.lead.last_name,
        "lead__company_name": "Example Ltd",
        "campaign_id": one.campaign.id,
        "campaign__name": one.campaign.name,
        "status": "active",
        "ai_tag": one.ai_tag,
        "tags": one.lead.tags,
        "replied_at": one.replied_at,
        "last_message__content": one.text,
        "last_message__from": one.lead.email,
        "last_message__received_at": one.replied_at,
        "last_message__is_from_lead": True,
        "is_read": one.unread == 0,
        "unread_count": one.unread,
        "message_count": one.messages,
    }


def mailbox(one: Mailbox) -> Row:
    """A row of `mailboxes`."""
    payload = shapes.mailbox(one)
    return {
        "id": one.id,
        "email": one.email,
        "display_name": "Sender",
        "provider": "google",
        "status": "active",
        "connection_type": "oauth",
        "daily_send_limit": 50,
        "sent_today": one.sent_today,
        "sending_enabled": True,
        "signature": "<p>Best</p>",
        "warmup__enabled": True,
        "warmup__status": "running",
        "warmup__current_day": 3,
        "warmup__current_volume": 6,
        "warmup__metrics": {"sent": 18},
        "tags": [],
        "bounce_rate": float(one.bounce_rate) / 100,
        "total_sent": 100,
        "setup_status__health_score": 92.0,
        "last_error": None,
        "created_at": one.created_at,
        "payload": {**payload, "smtp": {"host": "smtp.example.com"}},
    }


def blocked(one: Blocked, owner: Workspace) -> Row:
    """A row of `do_not_contact`."""
    return {
        "id": one.id,
        "email": one.email,
        "email_lower": one.email.lower() if one.email else None,
        "entry_type": "email" if one.email else "domain",
        "workspace_id": owner.id,
        "reason": one.reason,
        "unsubscribed_at": one.created_at,
        "created_at": one.created_at,
        "updated_at": one.created_at,
        "payload": shapes.blocked(one, owner),
    }
