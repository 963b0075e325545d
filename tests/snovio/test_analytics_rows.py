"""Both documented forms of the analytics become rows of the three tables, and nothing of them is lost."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sources.snovio.tables.analytics import (
    ADDITIVE,
    CAMPAIGN_ANALYTICS,
    CAMPAIGN_TOTALS,
    COUNTERS,
    SENDER_ANALYTICS,
)
from sources.tables import REMOVED, Table

EXAMPLES = Path(__file__).parents[1] / "examples" / "snovio"
DAY = date(2025, 6, 1)
SCOPES: dict[str, dict[str, Any]] = {
    "campaign_analytics": {"campaign_id": 7, "date": DAY},
    "campaign_totals": {"campaign_id": 7, "date_from": DAY, "date_to": DAY},
    "sender_analytics": {"scope": "sender_email", "scope_id": "10000", "date": DAY},
}
TABLES = pytest.mark.parametrize(
    "table", [CAMPAIGN_ANALYTICS, CAMPAIGN_TOTALS, SENDER_ANALYTICS], ids=lambda table: str(table.name)
)
NEWER_ONLY = {
    "in_mail_replies",
    "in_mail_replies_rate",
    "in_mail_sent",
    "interested",
    "interested_rate",
    "maybe",
    "maybe_rate",
    "not_interested",
    "not_interested_rate",
}


def answer(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_bytes())
    return found


def measured(table: Table, payload: dict[str, Any]) -> dict[str, Any]:
    """What the payload alone gives: the row without its scope."""
    known = {"account": "default", **SCOPES[table.name], REMOVED: None}
    row = table.row(payload, known)
    assert {name: row[name] for name in known} == known
    return {name: value for name, value in row.items() if name not in known}


def warehoused(shown: int | str) -> float:
    """A counter as it is, "67%" as 0.67."""
    return int(shown[:-1]) / 100 if isinstance(shown, str) else shown


@TABLES
def test_every_leaf_of_the_newer_form_has_a_column_and_every_column_a_leaf(table: Table) -> None:
    payload = answer("campaign_analytics")
    assert measured(table, payload) == {name: warehoused(shown) for name, shown in payload.items()}


@TABLES
def test_what_the_older_form_lacks_is_null(table: Table) -> None:
    payload = answer("campaign_analytics_older")
    expected = {name: warehoused(shown) for name, shown in payload.items()}
    assert measured(table, payload) == expected | dict.fromkeys(NEWER_ONLY)


@TABLES
def test_a_row_is_told_apart_by_its_scope(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    assert set(table.key) <= SCOPES[table.name].keys()
    assert table.unit == table.key
    assert table.default is (table.name != "sender_analytics")


def test_counters_are_the_answers_whole_numbers() -> None:
    counted = {name for name, shown in answer("campaign_analytics").items() if isinstance(shown, int)}
    assert set(COUNTERS) == counted
    assert len(COUNTERS) == len(counted) == 28


def test_counters_of_people_do_not_add_up() -> None:
    assert {
        "emails_sent", "first_emails", "follow_ups", "delivered", "bounced", "connection_requests",
        "accepted_requests", "failed_connection_requests", "messages_sent", "linkedin_likes", "in_mail_sent",
    } == ADDITIVE  # fmt: skip


def test_every_measure_says_whether_it_adds_up_or_of_what_it_is_a_share() -> None:
    meanings = {column.name: column.meaning for column in CAMPAIGN_ANALYTICS.columns}
    for name in COUNTERS:
        assert ("adds up" in meanings[name]) == (name in ADDITIVE)
        assert ("not additive" in meanings[name]) == (name not in ADDITIVE)
    rates = {name for name, shown in answer("campaign_analytics").items() if isinstance(shown, str)}
    assert all("as a share of" in meanings[name] for name in rates)
    assert all(("older form" in meanings[name]) == (name in NEWER_ONLY) for name in rates | set(COUNTERS))
