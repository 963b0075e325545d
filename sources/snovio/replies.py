"""What recipients answered, and how far they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from dlt.extract import DltResource

from sources import values
from sources.errors import ApiError
from sources.outcomes import Outcome
from sources.snovio.api import MOST_EMAILS
from sources.snovio.api import Row as Payload
from sources.snovio.campaigns import for_moved_campaigns
from sources.snovio.members import Members
from sources.snovio.nested import inner_rows
from sources.snovio.offset_list import OffsetList
from sources.snovio.parts import Parts, cleared, stable
from sources.snovio.reading import AccountReading
from sources.snovio.tables import (
    CAMPAIGN_REPLIES,
    CAMPAIGN_REPLY_MESSAGES,
    DAY_TABLES,
    LIST_PROSPECTS,
    RECIPIENT_STATUSES,
)
from sources.tables import Row
from sources.writing import units

_URL_TOO_LONG = 414

Reply = tuple[Row, list[Row]]
"""The row of a reply, and those of its messages."""


def campaign_replies(reading: AccountReading) -> list[DltResource]:
    """Replies by e-mail and LinkedIn, and their messages, of each campaign that moved."""
    parts = reading.kept(CAMPAIGN_REPLIES, lambda: Parts(reading, CAMPAIGN_REPLIES, CAMPAIGN_REPLY_MESSAGES))

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        number = campaign["id"]
        pages = OffsetList(lambda offset: reading.api.campaign_replies(number, offset), _content)
        found = _numbered(reply for one in pages.read() if (reply := _reply(reading, number, one)) is not None)
        reading.costs[CAMPAIGN_REPLIES.name, number] = {"calls": pages.calls}
        parts.bring(number, {CAMPAIGN_REPLY_MESSAGES.name: [message for _, rows in found for message in rows]})
        return [row for row, _ in found] or [cleared(reading, CAMPAIGN_REPLIES, campaign_id=number)]

    read = for_moved_campaigns(reading, CAMPAIGN_REPLIES, rows_of, parts=parts)
    messages = parts.read_of(CAMPAIGN_REPLY_MESSAGES, "campaign_id")
    return [
        units(reading, CAMPAIGN_REPLIES, read, after=DAY_TABLES),
        units(reading, CAMPAIGN_REPLY_MESSAGES, messages, after=(CAMPAIGN_REPLIES.name,), asks=False),
    ]


def recipient_statuses(reading: AccountReading) -> DltResource:
    """How far the prospects of a campaign's list came in it, of each campaign that moved."""
    parts = reading.kept(RECIPIENT_STATUSES, lambda: Parts(reading, RECIPIENT_STATUSES))

    def rows_of(campaign: Row, _: Outcome) -> list[Row]:
        number = campaign["id"]
        emails = (reading.members or Members()).emails_of(campaign["list_id"])
        batches = [emails[start : start + MOST_EMAILS] for start in range(0, len(emails), MOST_EMAILS)]
        payloads = [payload for batch in batches for payload in _statuses(reading, number, batch)]
        reading.costs[RECIPIENT_STATUSES.name, number] = {"calls": len(batches)}
        found = [{**payload, "email_lower": _lower(payload.get("email"))} for payload in payloads]
        rows = reading.convert_all(RECIPIENT_STATUSES, found, campaign_id=number)
        parts.bring(number, {})
        return rows or [cleared(reading, RECIPIENT_STATUSES, campaign_id=number)]

    moved = for_moved_campaigns(reading, RECIPIENT_STATUSES, rows_of, parts=parts)

    def read(outcome: Outcome) -> Iterator[list[Row] | None]:
        if not any(reading.look_for_members(reading.pipeline).prospects.values()):
            outcome.notes.append("no prospects are known: load list_prospects and list_prospect_emails")
        yield from moved(outcome)

    return units(reading, RECIPIENT_STATUSES, read, after=(*DAY_TABLES, LIST_PROSPECTS.name))


def _reply(reading: AccountReading, campaign_id: int, payload: Payload) -> Reply | None:
    """The rows of a reply, numbered 0 until the whole list is; None if it cannot be understood."""
    email = _lower(payload.get("prospectEmail"))
    contact = email or values.text(payload.get("linkedInProfile")) or ""
    known: dict[str, Any] = {"campaign_id": campaign_id, "contact": contact, "occurrence": 0}
    own = {name: payload[name] for name in payload if name != "replies"}
    row = reading.convert(CAMPAIGN_REPLIES, own, **known, prospect_email_lower=email)
    if row is None:
        return None
    messages = [
        reading.convert(CAMPAIGN_REPLY_MESSAGES, message, **known, reply_type=row["reply_type"], position=position)
        for position, message in enumerate(inner_rows(payload.get("replies")))
    ]
    return row, [message for message in messages if message is not None]


def _numbered(replies: Iterable[Reply]) -> list[Reply]:
    """Number replies that agree in the key, in the order of what is stable in them."""
    found: list[Reply] = sorted(replies, key=lambda reply: values.json_text([stable(reply[0]), reply[1]]))
    seen: Counter[tuple[str, str]] = Counter()
    for row, messages in found:
        key = row["contact"], row["reply_type"]
        for one in (row, *messages):
            one["occurrence"] = seen[key]
        seen[key] += 1
    return found


def _statuses(reading: AccountReading, campaign_id: int, emails: list[str]) -> list[Payload]:
    """Ask for some addresses; for half of them at a time where the URL gets too long."""
    try:
        return reading.api.recipient_statuses(campaign_id, emails)
    except ApiError as error:
        if error.status != _URL_TOO_LONG or len(emails) == 1:
            raise
    half = len(emails) // 2
    return [*_statuses(reading, campaign_id, emails[:half]), *_statuses(reading, campaign_id, emails[half:])]


def _content(payload: Payload) -> str:
    return values.payload_text({**payload, "prospectId": None})


def _lower(email: Any) -> str | None:
    found = values.text(email)
    return found and found.lower()
