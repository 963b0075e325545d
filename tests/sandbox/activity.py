"""Recipient activity: the e-mail events of a campaign in a window of UTC days, oldest first."""

from datetime import date
from typing import Any

from tests.sandbox.analytics import day_bounds, sender_of
from tests.sandbox.dates import instant, wall_clock
from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.move_events import time_span

_TYPES = {
    "emails_sent": "sent",
    "email_opens": "open",
    "email_clicks": "click",
    "email_replies": "reply",
    "bounces": "bounce",
    "unsubscribes": "unsubscribe",
}


def recipient_activity(
    account: Account, campaign: Campaign, first: date, last: date, offset: int, limit: int
) -> dict[str, Any]:
    """One page of a window with its pagination object."""
    start, end = day_bounds(first, last)
    found: list[tuple[int, int, str, Event]] = []
    for table, word in _TYPES.items():
        rows = account.events[table][campaign.id]
        low, high = time_span(rows, start, end)
        found += [(row.at, row.serial, word, row) for row in rows[low:high]]
    found.sort(key=lambda entry: entry[:2])
    senders = {sender.id: sender.email_from for sender in account.senders}
    return {
        "data": [
            _row(event, word, senders.get(sender_of(campaign, event)))
            for _, _, word, event in found[offset : offset + limit]
        ],
        "pagination": {
            "total": len(found),
            "offset": offset,
            "limit": limit,
            "has_more": offset + limit < len(found),
        },
    }


def _row(event: Event, word: str, sender_email: str | None) -> dict[str, Any]:
    person = event.person
    return {
        "event_time": wall_clock(instant(event.at)),
        "event_type": word,
        "sender_email": sender_email,
        "email_subject": event.content.subject,
        "recipient_email": person.email,
        "recipient_name": person.name,
        "phone": person.phone,
        "industry": person.industry,
        "country": person.country,
        "location": person.locality,
        "company": person.company,
        "job_position": person.job_position,
        "hq_phone": person.phone,
        "website": "example.com",
    }
