"""The counters of campaigns and senders: by day, and over a campaign's whole life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from sources.snovio.tables.common import BY_DAY, CAMPAIGN_ID
from sources.tables import REMOVED_MARK, Column, Mark, Table

_ENDPOINT: Final = "GET /v2/statistics/campaign-analytics"
_EVENTS: Final = "Events: adds up over days and campaigns."
_PEOPLE: Final = "Distinct people: not additive over days, nor over campaigns that share people."
_EITHER: Final = "Events or distinct people, which is not documented: treat as not additive."
_MARKS: Final[Mapping[str, Mark]] = {_EVENTS: "I", _PEOPLE: "D", _EITHER: "U"}
_NEWER: Final = " Null where the API answers in its older form."
_EMAILED: Final = "contacted_by_email"
_REPLIED: Final = "linkedin_total_replies"
_ALL_REPLIES: Final = "email_replies + linkedin_total_replies"
_UNKNOWN: Final = "a whole that is not documented"


class _Counter(NamedTuple):
    """A counter, what it counts and how, and the whole of which its rate is a part; "" where it has no rate."""

    name: str
    counts: str
    adds_up: str = _PEOPLE
    whole: str = ""
    newer: bool = False

    def columns(self) -> Iterator[Column]:
        """The counter, and its rate where it has one."""
        also = _NEWER if self.newer else ""
        yield Column(self.name, "integer", f"{self.counts}. {self.adds_up}{also}", mark=_MARKS[self.adds_up])
        if self.whole:
            share = (
                f"{self.name} as a share of {self.whole}, in whole percent, 0 to 1. Never sum or average it.{also}"
            )
            mark: Mark = "U" if self.whole == _UNKNOWN else "I"
            yield Column(f"{self.name}_rate", "fraction", share, mark=mark)


_COUNTERS: Final = (
    _Counter("total_contacted", "People contacted by e-mail, LinkedIn or both"),
    _Counter("emails_sent", "E-mails sent", _EVENTS),
    _Counter("first_emails", "First e-mails of a sequence sent", _EVENTS, "emails_sent"),
    _Counter("follow_ups", "Later e-mails of a sequence sent", _EVENTS, "emails_sent"),
    _Counter("delivered", "E-mails sent less those bounced", _EVENTS, "emails_sent"),
    _Counter("bounced", "E-mails bounced", _EVENTS, "emails_sent"),
    _Counter("contacted_by_email", "People an e-mail was sent to"),
    _Counter("email_opens", "People who opened an e-mail", whole=_EMAILED),
    _Counter("link_clicks", "People who clicked a link", whole=_EMAILED),
    _Counter("email_replies", "People who replied by e-mail", whole=_EMAILED),
    _Counter("unsubscribed", "People who unsubscribed", whole=_EMAILED),
    _Counter("auto_replied", "People whose reply was automatic", whole=_EMAILED),
    _Counter("contacted_by_linkedin", "People contacted on LinkedIn"),
    _Counter("linkedin_total_replies", "People who replied on LinkedIn", whole="contacted_by_linkedin"),
    _Counter("connection_request_replies", "People who replied to a connection request", whole=_REPLIED),
    _Counter("message_replies", "People who replied to a LinkedIn message", whole=_REPLIED),
    _Counter("in_mail_replies", "People who replied to an InMail", whole=_UNKNOWN, newer=True),
    _Counter("connection_requests", "Connection requests sent", _EVENTS),
    _Counter("accepted_requests", "Connection requests accepted", _EVENTS, "connection_requests"),
    _Counter("failed_connection_requests", "Connection requests that failed", _EVENTS),
    _Counter("messages_sent", "LinkedIn messages sent", _EVENTS),
    _Counter("linkedin_views", "LinkedIn profiles viewed", _EITHER),
    _Counter("linkedin_likes", "LinkedIn posts liked", _EVENTS),
    _Counter("linkedin_follows", "LinkedIn profiles followed", _EITHER),
    _Counter("in_mail_sent", "InMails sent", _EVENTS, newer=True),
    _Counter("interested", "People whose replies are of interest", whole=_ALL_REPLIES, newer=True),
    _Counter("maybe", "People whose replies are undecided", whole=_ALL_REPLIES, newer=True),
    _Counter("not_interested", "People whose replies decline", whole=_ALL_REPLIES, newer=True),
)
"""Every counter of an answer, in its order. The wholes are those that fit the documented examples."""

COUNTERS: Final[tuple[str, ...]] = tuple(counter.name for counter in _COUNTERS)
"""The counters, without their rates."""

ADDITIVE: Final[frozenset[str]] = frozenset(counter.name for counter in _COUNTERS if counter.adds_up == _EVENTS)
"""The counters of events: those of separate days and campaigns add up."""

_MEASURES: Final = tuple(column for counter in _COUNTERS for column in counter.columns())
_DATE: Final = Column("date", "date", "Day counted; its zone is not documented, UTC is assumed.", "", mark="U")
_DAYS: Final = "days since the last load and the lookback"

CAMPAIGN_ANALYTICS: Final = Table(
    "campaign_analytics",
    _ENDPOINT,
    ("campaign_id", "date"),
    (CAMPAIGN_ID, _DATE, *_MEASURES, REMOVED_MARK),
    grain="One row per campaign and day with activity: the API's counters of that day.",
    kept=BY_DAY,
    calls="1 a campaign and day with activity, and up to 2.5 to find it",
    cursor=_DAYS,
    unit=("campaign_id", "date"),
)

CAMPAIGN_TOTALS: Final = Table(
    "campaign_totals",
    _ENDPOINT,
    ("campaign_id",),
    (
        CAMPAIGN_ID,
        Column("date_from", "date", "First day counted: the campaign's start.", ""),
        Column("date_to", "date", "Last day counted: that of the read.", ""),
        *_MEASURES,
        REMOVED_MARK,
    ),
    grain="One row per campaign: the API's counters over its whole life, as of the last time it moved.",
    kept="a campaign's row is replaced",
    calls="1 a campaign that moved",
    cursor="campaigns that moved, all at their sweep",
    unit=("campaign_id",),
)

SENDER_ANALYTICS: Final = Table(
    "sender_analytics",
    _ENDPOINT,
    ("scope", "scope_id", "date"),
    (
        Column("scope", "text", "Whose counters: sender_email, sender_linkedin or campaign_owner.", ""),
        Column(
            "scope_id",
            "text",
            "Sender account id (joins sender_accounts.id), LinkedIn account id, or the owner's e-mail.",
            "",
            person="sender email",
        ),
        _DATE,
        *_MEASURES,
        REMOVED_MARK,
    ),
    grain="One row per sender or owner and day with activity: the API's counters of that day.",
    kept="a sender's UTC day is replaced whole",
    calls="1 a sender and day with activity, and up to 2.5 to find it",
    cursor=_DAYS,
    unit=("scope", "scope_id", "date"),
    default=False,
)
