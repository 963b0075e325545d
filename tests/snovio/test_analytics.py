"""Daily counters and totals from the sandbox over HTTP, against its own truth."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from sources.snovio.tables import EVENT_TABLES
from tests.conftest import NOW, MakeSandbox
from tests.snovio.test_budgets import load
from tests.warehouse import Warehouse

COUNTED = ("campaign_analytics", "campaign_totals")
TABLES = (*EVENT_TABLES, *COUNTED)

pytestmark = pytest.mark.slow


def test_a_first_load_and_loads_after_moves(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """New events, late ones of yesterday, and what only the counters show."""
    server = sandbox(campaigns=2)
    warehouse.load(server, tables=TABLES)
    assert not warehouse.differences(server, tables=COUNTED)
    rng = random.Random(7)
    world = server.world
    for _ in range(2):
        with server.lock:
            world.advance(rng.randrange(20) * 3_600)
            for campaign in [one for one in world.account("default").campaigns.values() if one.started_at]:
                for table in world.account("default").events:
                    world.add_events("default", table, campaign.id, rng.randrange(3))
                    world.add_late_events(
                        "default", table, campaign.id, world.now.date() - timedelta(1), rng.randrange(2)
                    )
        warehouse.load(server, tables=TABLES)
        assert not warehouse.differences(server, tables=COUNTED)


def test_a_sweep_finds_what_changed_in_old_days(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """The lists show that old events were deleted or edited; then their days are counted anew."""
    server = sandbox(campaigns=3)
    warehouse.load(server, tables=TABLES)
    rng = random.Random(7)
    for _ in range(2):
        with server.lock:
            server.world.move(rng)
        warehouse.load(server, tables=TABLES)
    warehouse.load(server, tables=TABLES, sweep_days=0)
    assert not warehouse.differences(server, tables=TABLES)


def test_a_day_that_became_empty_goes(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=3)
    server.world.add_events("default", "linkedin", min(server.world.account("default").campaigns), 3)
    warehouse.load(server, tables=TABLES)
    (before,) = warehouse.query("SELECT count(*) AS rows FROM campaign_analytics WHERE date = ?", NOW.date())
    with server.lock:
        for campaign_id in server.world.account("default").campaigns:
            for table in server.world.account("default").events:
                server.world.delete_events("default", table, campaign_id, day=NOW.date())
    warehouse.load(server, tables=TABLES)
    assert before["rows"] > 0
    assert not warehouse.differences(server, tables=COUNTED)


def test_a_quiet_load_asks_a_question_a_day(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """And changes nothing, to the last column."""
    server = sandbox(campaigns=4)
    warehouse.load(server, tables=TABLES)
    warehouse.load(server, tables=TABLES)
    before = warehouse.everything(without=("sync_runs",))
    server.reset_counts()
    warehouse.load(server, tables=TABLES)
    assert server.calls["campaign_analytics"] == 4
    assert warehouse.everything(without=("sync_runs",)) == before


def test_a_backfill_that_is_cut_off_three_times(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Nothing that was found out is asked again."""
    server = sandbox(campaigns=4)
    asked = 0
    for number, calls in enumerate((30, 30, 30)):
        reading = load(server, warehouse, calls, str(number), TABLES)
        assert reading.stopped is not None
        asked += reading.api.calls["campaign_analytics"]
    assert asked
    load(server, warehouse, 100_000, "last", TABLES)
    assert not warehouse.differences(server, tables=TABLES)


def test_a_break_of_weeks(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=2)
    warehouse.load(server, tables=TABLES)
    with server.lock:
        server.world.advance(40 * 86_400)
        started = [one.id for one in server.world.account("default").campaigns.values() if one.started_at]
        for campaign_id in started:
            for days in (2, 20, 39):
                server.world.add_late_events("default", "email_opens", campaign_id, NOW.date() + timedelta(days), 2)
    warehouse.load(server, tables=TABLES)
    assert not warehouse.differences(server, tables=COUNTED)


def test_an_api_that_answers_short_ranges_only(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """The range is halved until it is accepted, and the next load knows."""
    server = sandbox(campaigns=3)
    server.world.analytics_longest_days = 31
    warehouse.load(server, tables=TABLES)
    assert not warehouse.differences(server, tables=("campaign_analytics",))


def test_older_answers_leave_newer_counters_null(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=3)
    server.world.analytics_form = "older"
    warehouse.load(server, tables=TABLES)
    assert not warehouse.differences(server, tables=COUNTED)
    counts = "count(in_mail_sent) AS filled, count(emails_sent) AS rows"
    (found,) = warehouse.query(f"SELECT {counts} FROM campaign_analytics")  # noqa: S608  # our own
    assert found["filled"] == 0 < found["rows"]


def test_what_vanishes_long_afterwards_is_found_by_the_totals(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """A campaign whose e-mails do not add up to its days any more is found out anew."""
    server = sandbox(campaigns=3)
    warehouse.load(server, tables=TABLES)
    with server.lock:
        world = server.world
        campaign_id = next(one.id for one in world.account("default").campaigns.values() if one.started_at)
        oldest = world.events("default", "emails_sent", campaign_id)[-1]
        world.delete_events("default", "emails_sent", campaign_id, where=lambda event: event.at == oldest.at)
        world.add_events("default", "email_opens", campaign_id, 1)
    for _ in range(2):
        warehouse.load(server, tables=TABLES)
    assert not warehouse.differences(server, tables=("campaign_analytics",))
