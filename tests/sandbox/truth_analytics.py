"""The warehouse rows of the analytics: every event counted once more, by UTC day, from the model alone."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.sandbox.model import Account, Campaign, Event
from tests.sandbox.rules import Rules

Row = dict[str, Any]
Tables = dict[str, list[Row]]

_DAY = 86_400
_EVENTS = {
    "emails_sent": "emails_sent",
    "first_emails": "emails_sent first",
    "follow_ups": "emails_sent later",
    "bounced": "bounces",
    "connection_requests": "linkedin connection_request",
    "accepted_requests": "linkedin accepted",
    "failed_connection_requests": "linkedin failed_connection_request",
    "messages_sent": "linkedin message",
    "linkedin_likes": "linkedin like",
    "in_mail_sent": "linkedin in_mail",
}
"""Counter -> the mark of the events it counts."""
_PEOPLE = {
    "total_contacted": ("emails_sent", "linkedin"),
    "contacted_by_email": ("emails_sent",),
    "email_opens": ("email_opens",),
    "link_clicks": ("email_clicks",),
    "email_replies": ("email_replies",),
    "unsubscribed": ("unsubscribes",),
    "auto_replied": ("email_replies auto",),
    "contacted_by_linkedin": ("linkedin",),
    "linkedin_total_replies": ("linkedin connection_reply", "linkedin message_reply"),
    "connection_request_replies": ("linkedin connection_reply",),
    "message_replies": ("linkedin message_reply",),
    "in_mail_replies": (),
    "linkedin_views": ("linkedin view",),
    "linkedin_follows": ("linkedin follow",),
    "interested": ("email_replies interested",),
    "maybe": ("email_replies maybe",),
    "not_interested": ("email_replies not_interested",),
}
"""Counter -> the marks of the events whose people it counts, each once."""
_WHOLES = {
    **dict.fromkeys(("first_emails", "follow_ups", "delivered", "bounced"), ("emails_sent",)),
    **dict.fromkeys(
        ("email_opens", "link_clicks", "email_replies", "unsubscribed", "auto_replied"), ("contacted_by_email",)
    ),
    "linkedin_total_replies": ("contacted_by_linkedin",),
    **dict.fromkeys(
        ("connection_request_replies", "message_replies", "in_mail_replies"), ("linkedin_total_replies",)
    ),
    "accepted_requests": ("connection_requests",),
    **dict.fromkeys(("interested", "maybe", "not_interested"), ("email_replies", "linkedin_total_replies")),
}
"""Counter -> the counters whose sum its rate is a share of."""
_NEWER_ONLY = ("in_mail_replies", "in_mail_sent", "interested", "maybe", "not_interested")


class _Tally:
    """Events of a day, or of more."""

    def __init__(self, parts: Iterable["_Tally"] = ()) -> None:
        self.events: Counter[str] = Counter()
        self.people: dict[str, set[int]] = defaultdict(set)
        for part in parts:
            self.events.update(part.events)
            for mark, people in part.people.items():
                self.people[mark] |= people

    def add(self, table: str, event: Event) -> None:
        """Counts an event."""
        for mark in (table, f"{table} {_note(table, event)}"):
            self.events[mark] += 1
            self.people[mark].add(event.person.number)

    def measures(self, form: str) -> Row:
        """All counters, and the rates as fractions of 1; null what the form lacks."""
        row: Row = {name: self.events[mark] for name, mark in _EVENTS.items()}
        for name, marks in _PEOPLE.items():
            row[name] = len(set[int]().union(*(self.people.get(mark, ()) for mark in marks)))
        row["delivered"] = row["emails_sent"] - row["bounced"]
        for name, wholes in _WHOLES.items():
            row[f"{name}_rate"] = _rounded_share(row[name], sum(row[whole] for whole in wholes))
        lacking = _NEWER_ONLY if form == "older" else ()
        return row | {name: None for one in lacking for name in (one, f"{one}_rate") if name in row}


def _note(table: str, event: Event) -> str:
    if table == "emails_sent":
        return "later" if event.step else "first"
    return event.note


def _rounded_share(part: int, whole: int) -> float:
    """In hundredths, halves upwards."""
    return (200 * part + whole) // (2 * whole) / 100 if whole else 0.0


def analytics_tables(account: Account, rules: Rules, today: date) -> Tables:
    """The analytics by campaign and day, over each campaign's life, and by e-mail sender and day."""
    daily, totals = [], []
    for campaign in account.campaigns.values():
        days: dict[date, _Tally] = defaultdict(_Tally)
        for day, table, event in _counted_events(account, campaign, rules):
            days[day].add(table, event)
        for day, tally in days.items():
            daily.append({"campaign_id": campaign.id, "date": day, **tally.measures(rules.analytics_form)})
        if campaign.started_at is not None:
            start = datetime.fromtimestamp(campaign.started_at, UTC).date()
            life = _Tally(tally for day, tally in days.items() if start <= day <= today)
            totals.append(
                {
                    "campaign_id": campaign.id,
                    "date_from": start,
                    "date_to": today,
                    **life.measures(rules.analytics_form),
                }
            )
    return {
        "campaign_analytics": daily,
        "campaign_totals": totals,
        "sender_analytics": sender_rows(account, rules, ("sender_email",)),
    }


def sender_rows(account: Account, rules: Rules, scopes: Collection[str]) -> list[Row]:
    """Analytics of all campaigns together, by scope: `sender_email`, `sender_linkedin`, `campaign_owner`."""
    days: dict[tuple[str, str, date], _Tally] = defaultdict(_Tally)
    for campaign in account.campaigns.values():
        for day, table, event in _counted_events(account, campaign, rules):
            for scope, scope_id in _scopes(account, campaign, table, event):
                if scope in scopes:
                    days[scope, scope_id, day].add(table, event)
    return [
        {"scope": scope, "scope_id": scope_id, "date": day, **tally.measures(rules.analytics_form)}
        for (scope, scope_id, day), tally in days.items()
    ]


def _scopes(account: Account, campaign: Campaign, table: str, event: Event) -> Iterator[tuple[str, str]]:
    """Whose an event is, in every way."""
    number = event.person.number
    yield "campaign_owner", campaign.owner_email
    if table == "linkedin":
        yield "sender_linkedin", str(account.linkedin_ids[number % len(account.linkedin_ids)])
    else:
        yield "sender_email", str(campaign.sender_ids[number % len(campaign.sender_ids)])


def _counted_events(account: Account, campaign: Campaign, rules: Rules) -> Iterator[tuple[date, str, Event]]:
    """Every event of a campaign with its table and the UTC day it is counted on, oldest first."""
    events = [(table, event) for table, rows in account.events.items() for event in rows[campaign.id]]
    events.sort(key=lambda entry: (entry[1].at, entry[0] != "emails_sent"))
    last_sent: dict[int, int] = {}
    for table, event in events:
        person, at = event.person.number, event.at
        if table == "emails_sent":
            last_sent[person] = at
        elif table != "linkedin" and rules.analytics_days == "send":
            at = last_sent.get(person, at)
        yield date(1970, 1, 1) + timedelta(days=at // _DAY), table, event
