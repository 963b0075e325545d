"""Every number of the page, asked of the marts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from pipelines.dashboard.filters import Filters
from pipelines.dashboard.marts import NoMarts, Query, Row

ENOUGH: Final = 30
"""So many people must have been e-mailed before a reply rate says anything."""
_STAGES: Final = ("emailed", "delivered", "opened", "clicked", "replied")


@dataclass(frozen=True, slots=True)
class Headline:
    """What a period came to.

    Args:
        emails_sent: E-mails sent, of all tools.
        emails_bounced: Those that bounced.
        replies: Replies, of all tools.
        people_emailed: People who got an e-mail in the period; only Snov.io tells people apart.
        people_opened: People who opened one then.
        people_replied: People who replied then.
    """

    emails_sent: int
    emails_bounced: int
    replies: int
    people_emailed: int
    people_opened: int
    people_replied: int

    @property
    def open_rate(self) -> float | None:
        """Of the people e-mailed, those who opened."""
        return _share(self.people_opened, self.people_emailed)

    @property
    def reply_rate(self) -> float | None:
        """Of the people e-mailed, those who replied."""
        return _share(self.people_replied, self.people_emailed)

    @property
    def bounce_rate(self) -> float | None:
        """Of the e-mails sent, those that bounced."""
        return _share(self.emails_bounced, self.emails_sent)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the filters offer.

    Args:
        accounts: Names of accounts.
        campaigns: Names of campaigns by `tool:id`, the most recently active first.
        first: The first day with activity.
        last: The last one.
    """

    accounts: Sequence[str]
    campaigns: Mapping[str, str]
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of the page."""

    now: Headline
    before: Headline
    stages: Sequence[Row]
    days: Sequence[Row]
    campaigns: Sequence[Row]
    senders: Sequence[Row]
    loads: Sequence[Row]
    troubles: Sequence[Row]


def choice(query: Query) -> Choice:
    """What can be chosen.

    Raises:
        NoMarts: There is no campaign at all.
    """
    campaigns = query("""
        SELECT tool, account, campaign_id, campaign, is_gone, last_day
        FROM outreach__campaigns
        LEFT JOIN (
            SELECT tool AS its_tool, campaign_id AS its_id, max(date) AS last_day
            FROM outreach__campaign_daily GROUP BY tool, campaign_id
        ) AS days ON its_tool = tool AND its_id = campaign_id
        ORDER BY last_day DESC NULLS LAST, campaign
    """)
    if not campaigns:
        raise NoMarts("There are no campaigns yet; run: outreach load snovio --marts")
    (days,) = query("SELECT min(date) AS first, max(date) AS last FROM outreach__campaign_daily")
    today = date.today()  # noqa: DTZ011  # the operator's day, where nothing tells a better one
    return Choice(
        accounts=sorted({row["account"] for row in campaigns}),
        campaigns={f"{row['tool']}:{row['campaign_id']}": row["campaign"] or "(no name)" for row in campaigns},
        first=days["first"] or today,
        last=days["last"] or today,
    )


def figures(query: Query, filters: Filters) -> Figures:
    """All numbers of the page."""
    return Figures(
        now=_headline(query, filters),
        before=_headline(query, filters.before),
        stages=_stages(query, filters),
        days=_days(query, filters),
        campaigns=_campaigns(query, filters),
        senders=_senders(query, filters),
        loads=_loads(query, filters),
        troubles=_troubles(query, filters),
    )


def _headline(query: Query, filters: Filters) -> Headline:
    where, values = filters.conditions("snovio", "activity_date")
    (people,) = query(
        f"""
        SELECT
            count(DISTINCT CASE WHEN type = 'sent' THEN contact END) AS people_emailed,
            count(DISTINCT CASE WHEN type = 'open' THEN contact END) AS people_opened,
            count(DISTINCT CASE WHEN type = 'reply' THEN contact END) AS people_replied
        FROM snovio__activities WHERE {where}
        """,
        values,
    )
    where, values = filters.conditions()
    (emails,) = query(
        f"""
        SELECT sum(emails_sent) AS emails_sent, sum(emails_bounced) AS emails_bounced, sum(replies) AS replies
        FROM outreach__campaign_daily WHERE {where}
        """,
        values,
    )
    return Headline(**{name: int(value or 0) for name, value in (people | emails).items()})


def _stages(query: Query, filters: Filters) -> list[Row]:
    """How far those came who were first e-mailed in the period; each stage counts later ones too."""
    did = {
        "emailed": "was_sent",
        "delivered": "was_sent AND NOT was_bounced",
        "opened": "was_opened OR was_clicked OR was_replied",
        "clicked": "was_clicked",
        "replied": "was_replied",
    }
    counts = ", ".join(f"count(CASE WHEN {did[stage]} THEN 1 END) AS {stage}" for stage in _STAGES)
    where, values = filters.conditions("snovio", "CAST(first_sent_at AS date)")
    (found,) = query(f"SELECT {counts} FROM snovio__campaign_recipients WHERE {where}", values)
    return [
        {"stage": stage.capitalize(), "people": found[stage], "share": _share(found[stage], found["emailed"])}
        for stage in _STAGES
    ]


def _days(query: Query, filters: Filters) -> list[Row]:
    """Every day of the period, also those on which nothing happened."""
    where, values = filters.conditions()
    found = query(
        f"""
        SELECT date, sum(emails_sent) AS emails_sent, sum(emails_bounced) AS emails_bounced, sum(replies) AS replies
        FROM outreach__campaign_daily WHERE {where} GROUP BY date
        """,
        values,
    )
    active = {row["date"]: row for row in found}
    nothing = dict.fromkeys(("emails_sent", "emails_bounced", "replies"), 0)
    days = (filters.since + timedelta(days=number) for number in range(filters.days))
    return [active.get(day, {"date": day, **nothing}) for day in days] if active else []


def _campaigns(query: Query, filters: Filters) -> list[Row]:
    """Campaigns with activity in the period: those with enough people first, by reply rate."""
    of_events, event_values = filters.conditions("snovio", "activity_date")
    of_days, day_values = filters.conditions()
    found = query(
        f"""
        WITH people AS (
            SELECT
                'snovio' AS tool,
                CAST(campaign_id AS varchar) AS campaign_id,
                count(DISTINCT CASE WHEN type = 'sent' THEN contact END) AS people_emailed,
                count(DISTINCT CASE WHEN type = 'open' THEN contact END) AS people_opened,
                count(DISTINCT CASE WHEN type = 'click' THEN contact END) AS people_clicked,
                count(DISTINCT CASE WHEN type = 'reply' THEN contact END) AS people_replied
            FROM snovio__activities WHERE {of_events} GROUP BY campaign_id
        ),
        emails AS (
            SELECT tool, campaign_id, sum(emails_sent) AS emails_sent, sum(emails_bounced) AS emails_bounced,
                sum(replies) AS replies, max(date) AS last_day
            FROM outreach__campaign_daily WHERE {of_days} GROUP BY tool, campaign_id
        )
        SELECT campaigns.tool, campaigns.account, campaigns.campaign_id, campaigns.campaign, campaigns.status,
            campaigns.is_gone, emails.emails_sent, emails.emails_bounced, emails.replies, emails.last_day,
            people.people_emailed, people.people_opened, people.people_clicked, people.people_replied
        FROM emails
        JOIN outreach__campaigns AS campaigns
            ON campaigns.tool = emails.tool AND campaigns.campaign_id = emails.campaign_id
        LEFT JOIN people ON people.tool = emails.tool AND people.campaign_id = emails.campaign_id
        """,
        [*event_values, *day_values],
    )
    return sorted(map(_rated, found), key=_best_first)


def _rated(row: Row) -> Row:
    """A campaign with its rates: by people where the tool tells them apart, else by e-mails."""
    by_people = row["people_emailed"] is not None
    base = row["people_emailed"] if by_people else row["emails_sent"]
    return row | {
        "base": base,
        "open_rate": _share(row["people_opened"], base) if by_people else None,
        "click_rate": _share(row["people_clicked"], base) if by_people else None,
        "reply_rate": _share(row["people_replied"] if by_people else row["replies"], base),
        "bounce_rate": _share(row["emails_bounced"], row["emails_sent"]),
        "is_enough": (base or 0) >= ENOUGH,
    }


def _best_first(row: Row) -> tuple[bool, float, int, str]:
    rate = row["reply_rate"] if row["is_enough"] else None
    return not row["is_enough"], -(rate or 0.0), -(row["base"] or 0), str(row["campaign"])


def _senders(query: Query, filters: Filters) -> list[Row]:
    where, values = _of_account(filters)
    return query(
        f"""
        SELECT account, email_from, name, is_valid, is_suspended, gone_at, smtp_status, warmup_status, deliverability,
            emails_sent, bounce_rate, reply_rate, last_sent_at
        FROM snovio__senders WHERE {where}
        ORDER BY CASE WHEN is_valid AND NOT is_suspended THEN 1 ELSE 0 END, emails_sent DESC, email_from
        """,
        values,
    )


def _loads(query: Query, filters: Filters) -> list[Row]:
    where, values = _of_account(filters)
    return query(
        f"""
        SELECT account, max(last_load_at) AS last_load_at, sum(last_calls) AS last_calls, count(*) AS tables,
            count(CASE WHEN verdict = 'fresh' THEN 1 END) AS fresh, sum(rejected_rows) AS rejected_rows,
            max(CASE WHEN is_probe_off THEN 1 ELSE 0 END) AS is_probe_off
        FROM snovio__sync_health WHERE {where} GROUP BY account ORDER BY account
        """,
        values,
    )


def _troubles(query: Query, filters: Filters) -> list[Row]:
    where, values = _of_account(filters)
    return query(
        f"""
        SELECT account, table_name, verdict, last_load_at, last_outcome, last_detail
        FROM snovio__sync_health WHERE verdict <> 'fresh' AND {where} ORDER BY account, table_name
        """,
        values,
    )


def _of_account(filters: Filters) -> tuple[str, list[Any]]:
    return ("account = %s", [filters.account]) if filters.account else ("true", [])


def _share(part: Any, whole: Any) -> float | None:
    """Null, not 0, where nobody could do it or nobody knows."""
    return float(part) / float(whole) if whole and part is not None else None
