"""What the four event lists have in common: how a payload becomes a row, and what is stable in it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sources import values
from sources.snovio.api import Row as Payload
from sources.snovio.api import SnovioApi
from sources.snovio.coverage import Digest
from sources.snovio.pages import Page
from sources.snovio.reading import UNSTABLE, AccountReading
from sources.snovio.settings import EARLIEST_YEAR, FUTURE_TOLERANCE_DAYS
from sources.snovio.tables import EMAIL_CLICKS, EMAIL_OPENS, EMAIL_REPLIES, EMAILS_SENT
from sources.tables import BadRow, Row, Table

_UNSTABLE_FIELDS: Final = frozenset({"id", "hash", "prospectId"})
_FUTURE_TOLERANCE: Final = timedelta(days=FUTURE_TOLERANCE_DAYS)


@dataclass(frozen=True, slots=True)
class EventList:
    """What differs between the four lists.

    Args:
        table: The table.
        ask: One page of one campaign at an offset.
        time: The column with the event's time.
        email: The column with the recipient's e-mail.
    """

    table: Table
    ask: Callable[[SnovioApi, int, int], list[Payload]]
    time: str
    email: str

    @property
    def has_custom_fields(self) -> bool:
        """Whether its rows carry flat `customField_<label>` keys."""
        return any(column.name == "custom_fields" for column in self.table.columns)


EVENT_LISTS: Final = (
    EventList(EMAILS_SENT, SnovioApi.emails_sent, "sent_date", "user_email"),
    EventList(EMAIL_OPENS, SnovioApi.email_opens, "visited_at", "prospect_email"),
    EventList(EMAIL_CLICKS, SnovioApi.email_clicks, "visited_at", "prospect_email"),
    EventList(EMAIL_REPLIES, SnovioApi.email_replies, "visited_at", "prospect_email"),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of a list: converted, or the reason why it cannot be.

    Args:
        payload: The row as the API sent it.
        row: The warehouse row, or None.
        content: Its stable content as text: equal for equal events, whatever ids the API gives them.
        reason: Why it was rejected.
    """

    payload: Payload
    row: Row | None
    content: str
    reason: str = ""


def page_of(events: EventList, offset: int, campaign_id: int, reading: AccountReading) -> Page[Event]:
    """Ask for one page of a campaign's list and convert its rows; those that cannot be keep their place in it."""
    found = [
        _event(events, payload, campaign_id, reading) for payload in events.ask(reading.api, campaign_id, offset)
    ]
    return Page(found, _seconds(found, events.time, reading.now))


def numbered(events: EventList, day: Sequence[Event]) -> list[Row]:
    """The rows of a day; those that agree in the key are numbered in the order of their stable content."""
    seen: Counter[tuple[Any, Any]] = Counter()
    rows = {}
    for event in sorted(day, key=stable_content):
        if event.row is not None:
            key = (event.row[events.email], event.row[events.time])
            rows[id(event)] = {**event.row, "occurrence": seen[key]}
            seen[key] += 1
    return [rows[id(event)] for event in day if id(event) in rows]


def digest_of(day: Sequence[Event]) -> Digest:
    """How many events, and the sum of the hashes of their stable content."""
    whole = Digest()
    for event in day:
        hashed = hashlib.blake2b(event.content.encode(), digest_size=8).digest()
        whole = whole.plus(Digest(1, int.from_bytes(hashed)))
    return whole


def _seconds(events: Sequence[Event], time: str, now: datetime) -> list[int]:
    """The epoch second of each event; one without a readable time carries its neighbour's."""
    known = [None if event.row is None else int(event.row[time].timestamp()) for event in events]
    current = next((second for second in known if second is not None), int(now.timestamp()))
    seconds = []
    for second in known:
        current = current if second is None else second
        seconds.append(current)
    return seconds


def stable_content(event: Event) -> str:
    """What stays the same of an event from call to call."""
    return event.content


def _event(events: EventList, payload: Payload, campaign_id: int, reading: AccountReading) -> Event:
    try:
        row = _converted(events, payload, campaign_id, reading)
    except ValueError as problem:
        stable = {key: value for key, value in payload.items() if key not in _UNSTABLE_FIELDS}
        return Event(payload, None, values.payload_text(stable), str(problem))
    stable = {key: value for key, value in row.items() if key not in UNSTABLE}
    return Event(payload, row, values.json_text(stable))


def _converted(events: EventList, payload: Payload, campaign_id: int, reading: AccountReading) -> Row:
    """Convert one payload.

    Raises:
        ValueError: It is of another campaign, lies in the future, or a value cannot be understood.
    """
    if payload.get("campaignId", campaign_id) not in (campaign_id, str(campaign_id)):
        raise BadRow(f"campaign_id: the row is of campaign {payload['campaignId']!r}, not of the one asked for")
    moment = values.instant(payload.get(events.table.place(events.time)))
    if moment is None:
        raise BadRow(f"{events.time}: a key may not be null")
    if moment > reading.now + _FUTURE_TOLERANCE:
        raise BadRow(f"{events.time}: {moment.isoformat()} lies in the future")
    if moment.year < EARLIEST_YEAR:
        raise BadRow(f"{events.time}: {moment.isoformat()} lies before the year {EARLIEST_YEAR}")
    email = values.text(payload.get(events.table.place(events.email))) or ""
    known = {
        "account": reading.account,
        "campaign_id": campaign_id,
        "event_date": moment.date(),
        events.time: moment,
        events.email: email,
        f"{events.email}_lower": email.lower(),
        "occurrence": 0,
    }
    if events.has_custom_fields:
        known["custom_fields"] = values.custom_fields(payload)
        payload = {key: value for key, value in payload.items() if not key.startswith(values.CUSTOM_FIELD_PREFIX)}
    return events.table.row(payload, known, reading.excluded(events.table))
