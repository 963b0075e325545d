"""The rows a warehouse must hold: computed from the model alone, never from the API's JSON.

Timestamps are aware UTC datetimes, days are dates, money is Decimal, JSON columns are Python objects.
Observation tables (`campaign_progress`, `account_balance`, `sender_account_checks`) come without `observed_at`.
"""

from collections.abc import Callable, Collection
from datetime import date
from functools import partial
from typing import Any

from tests.sandbox.dates import instant
from tests.sandbox.ids import prospect_id, source_hash, source_id
from tests.sandbox.model import EVENT_TABLES, Account, Campaign
from tests.sandbox.rules import Rules
from tests.sandbox.truth_account import account_tables
from tests.sandbox.truth_activity import activity_rows
from tests.sandbox.truth_analytics import analytics_tables
from tests.sandbox.truth_campaign import CAMPAIGN_TABLES, campaign_tables
from tests.sandbox.truth_events import event_rows
from tests.sandbox.truth_lists import list_tables
from tests.sandbox.truth_people import PEOPLE_TABLES, people_tables

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Parts = list[tuple[Collection[str], Callable[[], Tables]]]

_ANALYTICS = ("campaign_analytics", "campaign_totals", "sender_analytics")
_LISTS = ("prospect_lists", "list_prospects", "list_prospect_emails")


def truth(account: Account, rules: Rules, today: date, only: Collection[str] = ()) -> Tables:
    """Every table of an account as a warehouse shows it after a sweep of the still world.

    Rows that a spoiler made unreadable and rows the server hides are left out, and so are the prospects
    of deleted lists. `source_id`, `source_hash` and `prospect_id` are those of stable ids.

    Args:
        account: Whose.
        rules: What the server hides and how it counts.
        today: The last day.
        only: Only these tables; all if empty.
    """
    tables = {**_campaign_tables(account), **account_tables(account)}
    for names, made in _parts(account, rules, today):
        if not only or not set(only).isdisjoint(names):
            tables |= made()
    return {
        table: [{"account": account.name, **row} for row in rows]
        for table, rows in tables.items()
        if not only or table in only
    }


def _parts(account: Account, rules: Rules, today: date) -> Parts:
    """What takes long to count, by the tables that it makes: many ask for one of them alone."""
    return [
        *(((table,), partial(_event_table, account, table, rules)) for table in EVENT_TABLES),
        (("recipient_activity",), lambda: {"recipient_activity": activity_rows(account, rules)}),
        (CAMPAIGN_TABLES, partial(campaign_tables, account)),
        (PEOPLE_TABLES, partial(people_tables, account, today)),
        (_LISTS, partial(list_tables, account)),
        (_ANALYTICS, partial(analytics_tables, account, rules, today)),
    ]


def _event_table(account: Account, table: str, rules: Rules) -> Tables:
    return {table: event_rows(account, table, rules)}


def _campaign_tables(account: Account) -> Tables:
    campaigns, progress, completed = [], [], []
    for campaign in account.campaigns.values():
        done = account.completed[campaign.id]
        campaigns.append(_campaign(campaign))
        progress.append(_progress(campaign, len(done)))
        completed += [
            {
                "campaign_id": campaign.id,
                "user_email": record.person.email,
                "user_name": record.person.name,
                "campaign": campaign.name,
                "prospect_id": prospect_id(record.person.number),
                "source_id": source_id(record.serial),
                "source_hash": source_hash(record.serial),
            }
            for record in done
        ]
    return {"campaigns": campaigns, "campaign_progress": progress, "completed_prospects": completed}


def _campaign(campaign: Campaign) -> Row:
    return {
        "id": campaign.id,
        "campaign": campaign.name,
        "list_id": campaign.list_id,
        "status": campaign.status,
        "created_at": instant(campaign.created_at),
        "updated_at": instant(campaign.updated_at),
        "started_at": None if campaign.started_at is None else instant(campaign.started_at),
        "hash": campaign.hash,
    }


def _progress(campaign: Campaign, done: int) -> Row:
    total = len(campaign.people)
    return {
        "campaign_id": campaign.id,
        "status": campaign.status,
        "unfinished": total - done,
        "progress": round(100 * done / total) / 100 if total else 0.0,
    }
