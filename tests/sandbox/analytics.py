"""Counters over a window of UTC days, computed from the world's own events."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.move_events import time_span

_NEWER_ONLY = ("in_mail", "interested", "maybe", "not_interested")


def day_bounds(first: date, last: date) -> tuple[int, int]:
    """Epoch seconds [start, end) of the UTC days from first to last, both included."""
    start = datetime.combine(first, time(), UTC)
    return int(start.timestamp()), int((datetime.combine(last, time(), UTC) + timedelta(days=1)).timestamp())


def sender_of(campaign: Campaign, event: Event) -> int:
    """The sender account that wrote to the event's person."""
    return campaign.sender_ids[event.person.number % len(campaign.sender_ids)]


@dataclass
class _Window:
    """Events of some campaigns in a window, by table."""

    events: dict[str, list[Event]] = field(default_factory=dict)

    def of(self, table: str, *notes: str) -> list[Event]:
        return [event for event in self.events[table] if not notes or event.note in notes]

    def people(self, table: str, *notes: str) -> set[int]:
        return {event.person.number for event in self.of(table, *notes)}


def campaign_analytics(
    account: Account,
    campaign_ids: Iterable[int],
    sender_ids: Collection[int],
    first: date,
    last: date,
    form: str,
) -> dict[str, Any]:
    """The counters of a set of campaigns.

    Args:
        account: Whose campaigns.
        campaign_ids: Unknown ones count nothing.
        sender_ids: Only events of these sender accounts; empty = all.
        first: First UTC day.
        last: Last UTC day, included.
        form: `newer`, or `older` without InMail and moods.
    """
    campaigns = [account.campaigns[known] for known in campaign_ids if known in account.campaigns]
    window = _read(account, campaigns, sender_ids, first, last)
    counters = {**_email_counters(window), **_linkedin_counters(window)}
    emailed, linked = window.people("emails_sent"), window.people("linkedin")
    counters["total_contacted"] = len(emailed | linked)
    if form == "older":
        return {key: value for key, value in counters.items() if not key.startswith(_NEWER_ONLY)}
    return counters


def _read(
    account: Account, campaigns: list[Campaign], sender_ids: Collection[int], first: date, last: date
) -> _Window:
    start, end = day_bounds(first, last)
    window = _Window({table: [] for table in account.events})
    for table, by_campaign in account.events.items():
        for campaign in campaigns:
            rows = by_campaign[campaign.id]
            low, high = time_span(rows, start, end)
            window.events[table] += [
                row for row in rows[low:high] if not sender_ids or sender_of(campaign, row) in sender_ids
            ]
    return window


def _rate(part: int, whole: int) -> str:
    return f"{round(100 * part / whole) if whole else 0}%"


def _email_counters(window: _Window) -> dict[str, Any]:
    sent = len(window.of("emails_sent"))
    first = sum(event.step == 0 for event in window.of("emails_sent"))
    bounced = len(window.of("bounces"))
    contacted = len(window.people("emails_sent"))
    counters: dict[str, Any] = {"emails_sent": sent}
    for key, count in (
        ("first_emails", first),
        ("follow_ups", sent - first),
        ("delivered", sent - bounced),
        ("bounced", bounced),
    ):
        counters |= {key: count, f"{key}_rate": _rate(count, sent)}
    counters["contacted_by_email"] = contacted
    for key, people in (
        ("email_opens", window.people("email_opens")),
        ("link_clicks", window.people("email_clicks")),
        ("email_replies", window.people("email_replies")),
        ("unsubscribed", window.people("unsubscribes")),
        ("auto_replied", window.people("email_replies", "auto")),
    ):
        counters |= {key: len(people), f"{key}_rate": _rate(len(people), contacted)}
    return counters


def _linkedin_counters(window: _Window) -> dict[str, Any]:
    def people(*notes: str) -> int:
        return len(window.people("linkedin", *notes))

    def events(note: str) -> int:
        return len(window.of("linkedin", note))

    contacted = people()
    replies = people("connection_reply", "message_reply")
    all_replies = replies + len(window.people("email_replies"))
    counters: dict[str, Any] = {"contacted_by_linkedin": contacted}
    for key, count, whole in (
        ("linkedin_total_replies", replies, contacted),
        ("connection_request_replies", people("connection_reply"), replies),
        ("message_replies", people("message_reply"), replies),
        ("in_mail_replies", 0, replies),
        ("accepted_requests", events("accepted"), events("connection_request")),
        *((mood, len(window.people("email_replies", mood)), all_replies)
          for mood in ("interested", "maybe", "not_interested")),
    ):  # fmt: skip
        counters |= {key: count, f"{key}_rate": _rate(count, whole)}
    return counters | {
        "connection_requests": events("connection_request"),
        "failed_connection_requests": events("failed_connection_request"),
        "messages_sent": events("message"),
        "linkedin_views": people("view"),
        "linkedin_likes": events("like"),
        "linkedin_follows": people("follow"),
        "in_mail_sent": events("in_mail"),
    }
