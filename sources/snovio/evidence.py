"""What counters and types of activity tell about the event lists. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sources.snovio.tables import (
    ADDITIVE,
    CAMPAIGN_REPLIES,
    EMAIL_CLICKS,
    EMAIL_OPENS,
    EMAIL_REPLIES,
    EMAILS_SENT,
    EVENT_TABLES,
    RECIPIENT_ACTIVITY,
)
from sources.snovio.timeline import Counters

_REPLIES: Final = frozenset({"email_replies", "auto_replied", "interested", "maybe", "not_interested"})

COUNTED_BY: Final[Mapping[str, frozenset[str]]] = {
    EMAILS_SENT.name: frozenset({"emails_sent"}),
    EMAIL_OPENS.name: frozenset({"email_opens"}),
    EMAIL_CLICKS.name: frozenset({"link_clicks"}),
    EMAIL_REPLIES.name: _REPLIES,
    CAMPAIGN_REPLIES.name: _REPLIES
    | {"linkedin_total_replies", "connection_request_replies", "message_replies", "in_mail_replies"},
}
"""The counters that tell of a table."""

_TOLD_BY_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "sent": (EMAILS_SENT.name,),
    "open": (EMAIL_OPENS.name,),
    "click": (EMAIL_CLICKS.name,),
    "reply": (EMAIL_REPLIES.name, CAMPAIGN_REPLIES.name),
    "bounce": (),
    "unsubscribe": (),
}
"""The tables in which an event of a documented type stands."""
_LINKEDIN: Final = "linkedin"

_HIDES_NOTHING: Final = frozenset({"total_contacted", "contacted_by_email", "contacted_by_linkedin"})
"""Counters of people that cannot hide an event: the e-mails and messages themselves are counted too."""


def told_by_counters(before: Counters, after: Counters) -> set[str]:
    """The tables whose rows moved when the counters of a day changed."""
    differing = {name for name in before.keys() | after.keys() if before.get(name, 0) != after.get(name, 0)}
    return {RECIPIENT_ACTIVITY.name, *_counting(differing)}


def told_by_types(types: Collection[str]) -> set[str]:
    """The tables that moved when activity of some types did; all of them, where a type is none we know."""
    tables: set[str] = set()
    for name in types:
        word = name.strip().lower()
        unknown = () if word.startswith(_LINKEDIN) else EVENT_TABLES
        tables.update(_TOLD_BY_TYPE.get(word, (*unknown, CAMPAIGN_REPLIES.name)))
    return tables


def told_by_rows(table: str) -> set[str]:
    """The tables that moved when an event list did."""
    return {CAMPAIGN_REPLIES.name} if table == EMAIL_REPLIES.name else set()


def may_hide(counters: Counters, *, knows_activity: bool) -> set[str]:
    """The tables to ask because of people who were counted on a day, and whose next events of that day are not.

    Args:
        counters: The day's, as stored.
        knows_activity: Whether recipients' activity is read, which shows what the lists hold.
    """
    people = people_in(counters)
    if knows_activity or not people:
        return {RECIPIENT_ACTIVITY.name} if people else set()
    return _counting(people)


def people_in(counters: Counters) -> set[str]:
    """The counters of people, on a day, who may have come before and may come again."""
    return {name for name, number in counters.items() if number} - _HIDES_NOTHING - ADDITIVE


def _counting(counters: Collection[str]) -> set[str]:
    return {table for table, names in COUNTED_BY.items() if names.intersection(counters)}
