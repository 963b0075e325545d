"""Counters over a window of UTC days, computed from the world's own events."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.move_events import time_span
from tests.sandbox.rules import Rules

_NEWER_ONLY = ("in_mail", "interested", "maybe", "not_interested")
_FOLLOWING = frozenset({"email_opens", "email_clicks", "email_replies", "bounces", "unsubscribes"})
"""What follows from an e-mail."""


def day_bounds(first: date, last: date) -> tuple[int, int]:
    """Epoch seconds [start, end) of the UTC days from first to last, both included."""
    start = datetime.combine(first, time(), UTC)
    return int(start.timestamp()), int((datetime.combine(last, time(), UTC) + timedelta(days=1)).timestamp())


def sender_of(campaign: Campaign, event: Event) -> int:
    """The sender account that wrote to the event's person."""
    return campaign.sender_ids[event.person.number % len(campaign.sender_ids)]


@dataclass(frozen=True)
class Scope:
    """What is asked for. Unknown ones count nothing; of what is empty all count.

    Attributes:
        campaigns: Campaign ids; empty = the active ones.
        senders: Sender account ids: their e-mails and what follows from them.
        linkedin: LinkedIn account ids: their LinkedIn events. With both, the events of either.
        owners: E-mail addresses of the campaigns' owners.
    """

    campaigns: Collection[int] = ()
    senders: Collection[int] = ()
    linkedin: Collection[int] = ()
    owners: Collection[str] = ()

    def of(self, account: Account) -> list[Campaign]:
        """The campaigns that count."""
        return [
            campaign
            for campaign in account.campaigns.values()
            if (campaign.id in self.campaigns if self.campaigns else campaign.status == "Active")
            and (not self.owners or campaign.owner_email in self.owners)
        ]

    def counts(self, account: Account, campaign: Campaign, table: str, event: Event) -> bool:
        """Whether the event is of a sender that counts."""
        if not self.senders and not self.linkedin:
            return True
        if table == "linkedin":
            return account.linkedin_ids[event.person.number % 2] in self.linkedin
        return sender_of(campaign, event) in self.senders


@dataclass
class _Window:
    """Events of some campaigns in a window, by table."""

    events: dict[str, list[Event]] = field(default_factory=dict)

    def of(self, table: str, *notes: str) -> list[Event]:
        return [event for event in self.events[table] if not notes or event.note in notes]

    def people(self, table: str, *notes: str) -> set[int]:
        return {event.person.number for event in self.of(table, *notes)}


def campaign_analytics(account: Account, scope: Scope, first: date, last: date, rules: Rules) -> dict[str, Any]:
    """The counters of a scope.

    Args:
        account: Whose campaigns.
        scope: Which of them, and of which senders.
        first: First UTC day.
        last: Last UTC day; whether it is included is a rule.
        rules: Which form the answer has, and on which day an event counts.
    """
    if rules.analytics_end == "exclusive":
        last -= timedelta(days=1)
    window = _read(account, scope, *day_bounds(first, last), rules.analytics_days)
    counters = {**_email_counters(window), **_linkedin_counters(window)}
    emailed, linked = window.people("emails_sent"), window.people("linkedin")
    counters["total_contacted"] = len(emailed | linked)
    if rules.analytics_form == "older":
        return {key: value for key, value in counters.items() if not key.startswith(_NEWER_ONLY)}
    return counters


def _read(account: Account, scope: Scope, start: int, end: int, days: str) -> _Window:
    window = _Window({table: [] for table in account.events})
    for campaign in scope.of(account):
        sent_before = _sent_before(account.events["emails_sent"][campaign.id]) if days == "send" else None
        for table, by_campaign in account.events.items():
            rows = by_campaign[campaign.id]
            if sent_before and table in _FOLLOWING:
                late_enough, _ = time_span(rows, 0, start)
                found = [row for row in rows[:late_enough] if start <= sent_before(row) < end]
            else:
                low, high = time_span(rows, start, end)
                found = rows[low:high]
            window.events[table] += [row for row in found if scope.counts(account, campaign, table, row)]
    return window


def _sent_before(sent: list[Event]) -> Callable[[Event], int]:
    """Tells when the last e-mail before an event was sent to its person; its own time if there was none."""
    times: dict[int, list[int]] = defaultdict(list)
    for email in reversed(sent):
        times[email.person.number].append(email.at)

    def sent_before(event: Event) -> int:
        own = times.get(event.person.number, [])
        place = bisect_right(own, event.at)
        return own[place - 1] if place else event.at

    return sent_before


def _rate(part: int, whole: int) -> str:
    """In whole percent, halves upwards."""
    return f"{math.floor(100 * part / whole + 0.5) if whole else 0}%"


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
