"""Events that no list shows move like all others: analytics count them."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.model import HIDDEN_EVENTS
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import build_world

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(build_world(now=NOW, campaigns=9, scale=0.4))


@pytest.fixture
def quiet(sandbox: Sandbox) -> int:
    """A started campaign without any event."""
    return sandbox.world.add_campaign("default", sent=0).id


def counted(sandbox: Sandbox, campaign_id: int, counter: str) -> dict[Any, int]:
    """Day -> a campaign's counter."""
    rows = sandbox.true_rows("campaign_analytics")
    return {row["date"]: row[counter] for row in rows if row["campaign_id"] == campaign_id}


@pytest.mark.parametrize(
    ("table", "counter"),
    [("bounces", "bounced"), ("unsubscribes", "unsubscribed"), ("linkedin", "contacted_by_linkedin")],
)
def test_they_are_added_at_the_head_and_late_and_deleted(
    sandbox: Sandbox, quiet: int, table: str, counter: str
) -> None:
    today, day = NOW.date(), (NOW - timedelta(days=3)).date()
    sandbox.world.add_events("default", table, quiet)
    assert counted(sandbox, quiet, counter) == {today: 1}
    sandbox.world.add_late_events("default", table, quiet, day)
    assert counted(sandbox, quiet, counter) == {day: 1, today: 1}
    sandbox.world.delete_events("default", table, quiet, day=day)
    assert counted(sandbox, quiet, counter) == {today: 1}


def test_added_linkedin_events_and_replies_are_of_every_kind(sandbox: Sandbox, quiet: int) -> None:
    for table in ("linkedin", "email_replies"):
        sandbox.world.add_events("default", table, quiet, 12)
    (row,) = (row for row in sandbox.true_rows("campaign_totals") if row["campaign_id"] == quiet)
    kinds = {
        *("connection_requests", "accepted_requests", "failed_connection_requests", "messages_sent"),
        *("connection_request_replies", "message_replies", "linkedin_likes", "linkedin_follows", "linkedin_views"),
        *("in_mail_sent", "auto_replied", "interested", "maybe", "not_interested"),
    }
    assert all(row[name] for name in kinds)


def test_a_mixed_move_now_and_then_moves_them(sandbox: Sandbox) -> None:
    def serials() -> dict[str, set[int]]:
        events = sandbox.world.account("default").events
        return {table: {row.serial for rows in events[table].values() for row in rows} for table in HIDDEN_EVENTS}

    before = serials()
    for seed in range(3):
        sandbox.world.move(random.Random(seed))
    after = serials()
    assert all(after[table] - before[table] for table in HIDDEN_EVENTS)
    assert any(before[table] - after[table] for table in HIDDEN_EVENTS)


def test_a_move_lets_no_email_bounce_on_another_day_than_it_was_sent(sandbox: Sandbox) -> None:
    for seed in range(3):
        sandbox.world.move_hidden_events(random.Random(seed), "default")
    rows = sandbox.true_rows("campaign_analytics")
    assert any(row["bounced"] for row in rows)
    assert all(row["delivered"] >= 0 for row in rows)
