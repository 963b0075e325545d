"""The API's JSON of what is asked once for a campaign: its details, replies and recipients."""

from typing import Any

from tests.sandbox import details
from tests.sandbox.conversations import Conversation
from tests.sandbox.dates import instant, wall_clock
from tests.sandbox.details import Step, Variant
from tests.sandbox.ids import prospect_id
from tests.sandbox.model import Account, Campaign

Shape = dict[str, Any]

_STEP_FIELDS = {
    "next": "next", "yes": "yes", "no": "no", "waiting_type": "waiting_type", "waiting_val": "waiting_val",
    "action": "action", "goal_name": "goal_name", "body": "body", "value": "value",
}  # fmt: skip
"""Key of a step -> the record's attribute; what is None is not shown."""


def campaign_details(account: Account, record: Campaign) -> Shape:
    """Settings and sequence, in their envelope."""
    linkedin_only = details.has_no_email(record)
    deals = details.deals(account, record)
    return {
        "success": True,
        "data": {
            "id": record.id,
            "status": details.status(record),
            "title": record.name,
            "email_accounts": list(record.sender_ids),
            "linkedin_accounts": list(account.linkedin_ids) if linkedin_only else [],
            "priority": details.priority(record),
            "tracking": [] if linkedin_only else {"open": True, "link_click": record.id % 2 == 0},
            "sending_settings": details.sending_settings(record) or [],
            "recipients": {
                "list_id": record.list_id,
                "black_list_id": next((one.id for one in account.do_not_email_lists), None),
            },
            "schedule_id": next((one.id for one in account.schedules), None),
            "start_campaign_at": wall_clock(instant(record.created_at)),
            "complete_campaign_at": None,
            "timezone": "America/New_York",
            "complete_campaign_after_last_step": False,
            "archive_in_months": 3,
            "provider_matching": False,
            "sequence": {
                "entry": details.steps(record)[0].ref,
                "steps": [_step(step) for step in details.steps(record)],
            },
            **({"deals": deals} if deals else {}),
        },
    }


def _step(record: Step) -> Shape:
    row: Shape = {"_ref": record.ref, "type": record.type}
    if record.variants:
        row["content_slots"] = len(record.variants)
        row["content"] = [{"id": one.id, "plain_text": one.plain_text, "usage": one.usage} for one in record.variants]
    shown = {key: getattr(record, name) for key, name in _STEP_FIELDS.items()}
    return row | {key: value for key, value in shown.items() if value is not None}


def email_step_content(record: Variant) -> Shape:
    """One text of an e-mail step."""
    return {
        "data": {
            "id": record.id,
            "subject": record.subject,
            "body": record.content.body,
            "plain_text": record.plain_text,
            "usage": record.usage,
        }
    }


def campaign_reply(record: Conversation, of: Campaign, salt: str) -> Shape:
    """A record of the replies. With a `salt` the prospect's id is another one."""
    return {
        "campaignId": of.id,
        "campaign": of.name,
        "prospectId": prospect_id(record.prospect, salt),
        "prospectName": record.person.name,
        "prospectEmail": record.person.email,
        "linkedInProfile": record.person.source_page,
        "replyType": record.type,
        "receivedAt": wall_clock(instant(record.received_at)),
        "replies": [
            {
                "subject": record.subject(event),
                "message": record.message(event),
                "receivedAt": wall_clock(instant(event.at)),
            }
            for event in record.events
        ],
    }


def recipient_status(account: Account, record: Campaign, email: str) -> Shape:
    """Whether an address is a recipient, and how far it came."""
    status = recipient_word(account, record, email)
    return {"email": email, "exist": status is not None, "status": status}


def recipient_word(account: Account, record: Campaign, email: str) -> str | None:
    """The status of a recipient; None if it is none."""
    lower = email.lower()
    if not any((person.email or "").lower() == lower for person in record.people):
        return None
    if any((done.person.email or "").lower() == lower for done in account.completed[record.id]):
        return "finished"
    return "tocheck" if record.started_at is None else "active"
