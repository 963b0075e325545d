"""What the marts must tell of a sandbox's account, counted from the sandbox's truth alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

Row = dict[str, Any]
Truth = Mapping[str, Sequence[Row]]

_LISTS = {
    "emails_sent": ("sent", "user_email_lower", "user_name"),
    "email_opens": ("open", "prospect_email_lower", "prospect_name"),
    "email_clicks": ("click", "prospect_email_lower", "prospect_name"),
    "email_replies": ("reply", "prospect_email_lower", "prospect_name"),
}
"""List -> type of event, address and name."""


class Event(NamedTuple):
    """An event of a campaign."""

    campaign_id: int
    type: str
    contact: str
    day: date


def events(truth: Truth) -> Iterator[Event]:
    """Every event once: those of the lists, and of the recipients' activity what no list shows."""
    for table, (kind, email, name) in _LISTS.items():
        for row in truth[table]:
            yield Event(row["campaign_id"], kind, row[email] or row[name].lower(), row["event_date"])
    for row in truth["recipient_activity"]:
        if row["event_type"] not in {kind for kind, _, _ in _LISTS.values()}:
            contact = row["recipient_email_lower"] or row["recipient_name"].lower()
            yield Event(row["campaign_id"], row["event_type"], contact, row["event_date"])


def campaigns(truth: Truth) -> list[Row]:
    """Counts of each campaign over its whole life."""
    people: dict[tuple[int, str], set[str]] = defaultdict(set)
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for event in events(truth):
        people[event.campaign_id, event.type].add(event.contact)
        counts[event.campaign_id, event.type] += 1
    return [
        {
            "campaign_id": one,
            "campaign": row["campaign"],
            "emails_sent": counts[one, "sent"],
            "emails_bounced": counts[one, "bounce"],
            "opens": counts[one, "open"],
            "people_emailed": len(people[one, "sent"]),
            "people_opened": len(people[one, "open"]),
            "people_clicked": len(people[one, "click"]),
            "people_replied": len(people[one, "reply"]),
            "people_bounced": len(people[one, "bounce"]),
            "people_unsubscribed": len(people[one, "unsubscribe"]),
            "reply_rate": _share(len(people[one, "reply"]), len(people[one, "sent"])),
            "bounce_rate": _share(counts[one, "bounce"], counts[one, "sent"]),
        }
        for row in truth["campaigns"]
        for one in [row["id"]]
    ]


def daily(truth: Truth) -> list[Row]:
    """Counts of each campaign and day with an event."""
    people: dict[tuple[int, date, str], set[str]] = defaultdict(set)
    counts: dict[tuple[int, date, str], int] = defaultdict(int)
    first: dict[tuple[int, str], date] = {}
    for event in events(truth):
        people[event.campaign_id, event.day, event.type].add(event.contact)
        counts[event.campaign_id, event.day, event.type] += 1
        if event.type == "sent":
            one = (event.campaign_id, event.contact)
            first[one] = min(event.day, first.get(one, event.day))
    return [
        {
            "campaign_id": campaign,
            "date": day,
            "emails_sent": counts[campaign, day, "sent"],
            "opens": counts[campaign, day, "open"],
            "replies": counts[campaign, day, "reply"],
            "people_opened": len(people[campaign, day, "open"]),
            "new_people_emailed": sum(one == campaign and began == day for (one, _), began in first.items()),
        }
        for campaign, day in {(campaign, day) for campaign, day, _ in list(counts)}
    ]


def recipients(truth: Truth) -> list[Row]:
    """What each person of a campaign did."""
    did: dict[tuple[int, str], set[str]] = defaultdict(set)
    for event in events(truth):
        did[event.campaign_id, event.contact].add(event.type)
    return [
        {
            "campaign_id": campaign,
            "contact": contact,
            "was_sent": "sent" in types,
            "was_opened": "open" in types,
            "was_clicked": "click" in types,
            "was_replied": "reply" in types,
            "was_bounced": "bounce" in types,
        }
        for (campaign, contact), types in did.items()
    ]


def funnel(truth: Truth) -> list[Row]:
    """How many people of each campaign came how far."""
    stages = ("emailed", "delivered", "opened", "clicked", "replied")
    rows = []
    by_campaign: dict[int, list[list[bool]]] = defaultdict(list)
    for one in recipients(truth):
        delivered = one["was_sent"] and not one["was_bounced"]
        reached = [one["was_sent"], delivered, one["was_opened"], one["was_clicked"], one["was_replied"]]
        by_campaign[one["campaign_id"]].append(reached)
    for campaign, people in by_campaign.items():
        for number, stage in enumerate(stages):
            did = sum(one[number] for one in people)
            later = sum(any(one[number:]) for one in people)
            rows.append({"campaign_id": campaign, "stage": stage, "people": did, "people_or_later": later})
    return rows


def members(truth: Truth) -> set[tuple[int, str]]:
    """List and person, by the first address or the id."""
    addresses: dict[tuple[int, str, int], list[str]] = defaultdict(list)
    for row in truth["list_prospect_emails"]:
        addresses[row["list_id"], row["id"], row["occurrence"]].append(row["email_lower"])
    return {
        (row["list_id"], min(addresses[key]) if addresses[key] else f"id:{row['id']}")
        for row in truth["list_prospects"]
        for key in [(row["list_id"], row["id"], row["occurrence"])]
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
