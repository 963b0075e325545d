"""The warehouse rows of the event lists."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from tests.sandbox.dates import instant
from tests.sandbox.ids import prospect_id, source_hash, source_id
from tests.sandbox.model import Account, Campaign, Event, Person
from tests.sandbox.rules import Rules
from tests.sandbox.spoiling import HARMLESS

Row = dict[str, Any]

UNSTABLE_COLUMNS = frozenset({"source_id", "source_hash", "prospect_id"})
"""Columns that do not take part in the numbering of `occurrence`."""


def event_rows(account: Account, table: str, rules: Rules) -> list[Row]:
    """The rows of an event table; hidden rows and rows nobody can read are not among them."""
    make = _sent if table == "emails_sent" else _prospect_event
    rows = []
    for campaign_id, events in account.events[table].items():
        campaign = account.campaigns[campaign_id]
        found = [make(event, campaign) for event in events if _is_loaded(event, table, rules)]
        rows += numbered(found, 4)
    return rows


def _is_loaded(event: Event, table: str, rules: Rules) -> bool:
    return not rules.hides(table, event.serial, event.at) and (not event.spoiled or event.spoiled in HARMLESS)


def numbered(rows: Iterable[Row], key_columns: int) -> list[Row]:
    """Numbers rows that agree in their first columns, in the order of their stable content."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.values())[:key_columns]].append(row)
    for group in groups.values():
        if len(group) > 1:
            group.sort(key=_stable_content)
        for occurrence, row in enumerate(group):
            row["occurrence"] = occurrence
    return [row for group in groups.values() for row in group]


def _stable_content(row: Row) -> str:
    """JSON with sorted keys: the order in which rows that agree in the key are numbered."""
    stable = {column: value for column, value in row.items() if column not in UNSTABLE_COLUMNS}
    return json.dumps(stable, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _sent(event: Event, campaign: Campaign) -> Row:
    email = event.person.email or ""
    at = instant(event.at)
    return {
        "campaign_id": campaign.id,
        "event_date": at.date(),
        "user_email": email,
        "sent_date": at,
        "occurrence": 0,
        "user_name": event.person.name,
        "campaign": campaign.name,
        "source_id": source_id(event.serial),
        "source_hash": source_hash(event.serial),
        "user_email_lower": email.lower(),
    }


def _prospect_event(event: Event, campaign: Campaign) -> Row:
    at = instant(event.at)
    person = _person(event.person)
    if event.spoiled == "missing_column":
        person["industry"] = None
    return {
        "campaign_id": campaign.id,
        "event_date": at.date(),
        "prospect_email": event.person.email or "",
        "visited_at": at,
        "occurrence": 0,
        "campaign": campaign.name,
        **person,
        "email_subject": event.content.subject,
        "email_body": event.content.body,
        "source_id": source_id(event.serial),
        "source_hash": source_hash(event.serial),
        "prospect_email_lower": (event.person.email or "").lower(),
    }


def _person(person: Person) -> Row:
    return {
        "prospect_id": prospect_id(person.number),
        "prospect_first_name": person.first_name,
        "prospect_last_name": person.last_name,
        "prospect_name": person.name,
        "source": person.source,
        "source_page": person.source_page,
        "locality": person.locality,
        "industry": person.industry,
        "country": person.country,
        "skills": person.skills,
        "links": person.links,
        "custom_fields": dict(person.custom_fields) or None,
    }
