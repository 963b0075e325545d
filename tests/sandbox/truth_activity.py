"""The warehouse rows of recipient activity."""

from typing import Any

from tests.sandbox.activity import event_type
from tests.sandbox.analytics import sender_of
from tests.sandbox.dates import instant
from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.rules import Rules
from tests.sandbox.truth_events import numbered

Row = dict[str, Any]

_KEY_COLUMNS = 5
"""Those before `occurrence`."""


def activity_rows(account: Account, rules: Rules) -> list[Row]:
    """The events of every type, of whole campaigns; rows that the server hides are not among them."""
    senders = {sender.id: sender.email_from for sender in account.senders}
    rows: list[Row] = []
    for campaign in account.campaigns.values():
        found = [
            _row(campaign, event, event_type(table, event), senders.get(sender_of(campaign, event)))
            for table, by_campaign in account.events.items()
            for event in by_campaign[campaign.id]
            if not rules.hides("recipient_activity", event.serial, event.at)
        ]
        rows += numbered(found, _KEY_COLUMNS)
    return rows


def _row(campaign: Campaign, event: Event, word: str, sender_email: str | None) -> Row:
    at = instant(event.at)
    person = event.person
    return {
        "campaign_id": campaign.id,
        "event_date": at.date(),
        "event_type": word,
        "recipient_email": person.email or "",
        "event_time": at,
        "occurrence": 0,
        "sender_email": sender_email,
        "email_subject": event.content.subject,
        "recipient_name": person.name,
        "phone": event.phone,
        "industry": person.industry,
        "country": person.country,
        "location": person.locality,
        "company": person.company,
        "job_position": person.job_position,
        "hq_phone": person.phone,
        "website": "example.com",
        "recipient_email_lower": (person.email or "").lower(),
    }
