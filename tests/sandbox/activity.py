"""Recipient activity: the events of a campaign of every type, in a window of UTC days."""

from datetime import date
from typing import Any

from tests.sandbox.analytics import day_bounds, sender_of
from tests.sandbox.dates import instant, shown, wall_clock
from tests.sandbox.ids import digest
from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.move_events import time_span
from tests.sandbox.rules import Rules

_TYPES = {
    "emails_sent": "sent",
    "email_opens": "open",
    "email_clicks": "click",
    "email_replies": "reply",
    "bounces": "bounce",
    "unsubscribes": "unsubscribe",
}


def recipient_activity(
    account: Account, campaign: Campaign, rules: Rules, days: tuple[date, date], offset: int, limit: int
) -> dict[str, Any]:
    """One page of a window, from its first to its last day, with its pagination object."""
    start, end = day_bounds(*days)
    found: list[tuple[str, Event]] = []
    for table, by_campaign in account.events.items():
        rows = by_campaign[campaign.id]
        low, high = time_span(rows, start, end)
        found += [(event_type(table, row), row) for row in rows[low:high]]
    _sort(found, rules.activity_order)
    senders = {sender.id: sender.email_from for sender in account.senders}
    return {
        "data": [
            _row(event, word, senders.get(sender_of(campaign, event)), rules)
            for word, event in found[offset : offset + limit]
            if not rules.hides("recipient_activity", event.serial, event.at)
        ],
        "pagination": {
            "total": len(found),
            "offset": offset,
            "limit": limit,
            "has_more": offset + limit < len(found),
        },
    }


def event_type(table: str, event: Event) -> str:
    """The word for an event of a table; LinkedIn's have one for each kind."""
    return _TYPES.get(table) or f"{table}_{event.note}"


def _sort(found: list[tuple[str, Event]], order: str) -> None:
    if order == "shuffled":
        found.sort(key=lambda entry: digest(entry[1].serial))
    else:
        found.sort(key=lambda entry: (entry[1].at, entry[1].serial), reverse=order == "newest_first")


def _row(event: Event, word: str, sender_email: str | None, rules: Rules) -> dict[str, Any]:
    person = event.person
    plain = rules.date_form == "php"
    return {
        "event_time": wall_clock(instant(event.at)) if plain else shown(event.at, rules.date_form, event.serial),
        "event_type": word,
        "sender_email": sender_email,
        "email_subject": event.content.subject,
        "recipient_email": person.email,
        "recipient_name": person.name,
        "phone": event.phone,
        "industry": person.industry,
        "country": person.country,
        "location": person.locality,
        "company": person.company,
        "job_position": person.job_position,
        "hq_phone": person.phone,
        "website": "example.com",
    }
