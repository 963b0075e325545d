"""Recipient activity in the warehouse: the table is the truth after loads of every kind."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import NOW, MakeSandbox
from tests.sandbox.calls import Call
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES, HIDDEN_EVENTS
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.snovio.test_budgets import load as load_with_budget
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

TABLE = "recipient_activity"
TODAY = NOW.date()
ONE = (TABLE,)


def load(server: SandboxServer, warehouse: Warehouse, **settings: Any) -> list[str]:
    """Loads the table alone and tells what is wrong with it."""
    warehouse.load(server, tables=ONE, **settings)
    return warehouse.differences(server, tables=ONE).get(TABLE, [])


def busiest(world: World) -> int:
    sent = world.account("default").events["emails_sent"]
    return max(sent, key=lambda campaign_id: len(sent[campaign_id]))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def crowd(server: SandboxServer, campaign_id: int, count: int = 2_500) -> None:
    """So many opens in a few days, many of them in one second."""
    for place in range(count):
        server.world.add_late_events("default", "email_opens", campaign_id, ago(5 + place % 3))
    server.world.add_events("default", "email_opens", campaign_id, 50, NOW - timedelta(days=6))


@pytest.mark.parametrize("order", ["oldest_first", "newest_first", "shuffled"])
def test_windows_of_several_pages_in_any_order_and_nothing_on_a_second_load(
    sandbox: MakeSandbox, warehouse: Warehouse, order: str
) -> None:
    server = sandbox(campaigns=8)
    server.world.activity_order = order
    crowd(server, busiest(server.world))
    assert load(server, warehouse) == []
    assert {call.query["offset"] for call in server.log if call.endpoint == TABLE} >= {"0", "1000", "2000"}
    types = {row["event_type"] for row in warehouse.rows(TABLE)}
    assert types >= {"sent", "open", "click", "reply", "bounce", "linkedin_message"}

    before = warehouse.stored(TABLE)
    assert load(server, warehouse) == []
    assert warehouse.stored(TABLE) == before
    run = warehouse.last_run()[TABLE]
    assert (run["outcome"], run["rows"], run["detail"]) == ("ok", 0, None)


def test_what_moves_inside_the_lookback_is_brought_by_the_next_load(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Late rows, single deletions, whole days that become empty, new rows, twins; of every type."""
    server = sandbox(campaigns=4)
    world, campaign_id = server.world, busiest(server.world)
    tables = (*EVENT_TABLES, *HIDDEN_EVENTS)
    for table in tables:
        for back in range(4):
            world.add_late_events("default", table, campaign_id, ago(back), 3)
    assert load(server, warehouse) == []
    for table in tables:
        world.delete_events("default", table, campaign_id, day=ago(2))
        world.delete_events("default", table, campaign_id, index=1)
        world.add_late_events("default", table, campaign_id, ago(3), 2)
        world.add_twin("default", table, campaign_id, 2)
        world.add_events("default", table, campaign_id, 3)
    calls = server.calls[TABLE]
    assert load(server, warehouse) == []
    started = [one for one in world.account("default").campaigns.values() if one.started_at is not None]
    assert server.calls[TABLE] - calls == len(started)
    assert ago(2) not in {row["event_date"] for row in warehouse.rows(TABLE) if row["campaign_id"] == campaign_id}


def test_what_moves_before_the_lookback_is_brought_by_the_sweep(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=3)
    world, campaign_id = server.world, busiest(server.world)
    assert load(server, warehouse) == []
    for table in EVENT_TABLES:
        world.delete_events("default", table, campaign_id, count=2)
        world.add_late_events("default", table, campaign_id, ago(30), 2)
    oldest = min(row["event_date"] for row in warehouse.rows(TABLE) if row["campaign_id"] == campaign_id)
    for table in world.account("default").events:
        world.delete_events("default", table, campaign_id, day=oldest)
    assert load(server, warehouse) != []
    assert load(server, warehouse, sweep_days=0) == []
    run = warehouse.last_run()[TABLE]
    assert run["repaired"] == 1
    assert run["swept"] > 1


@pytest.mark.parametrize("order", ["oldest_first", "newest_first"])
def test_rows_that_come_while_a_window_is_read(sandbox: MakeSandbox, warehouse: Warehouse, order: str) -> None:
    """The window is read once more, and loaded as it is then."""
    server = sandbox(campaigns=1)
    server.world.activity_order = order
    campaign_id = busiest(server.world)
    crowd(server, campaign_id)
    left = [3]

    def come(call: Call, world: World) -> None:
        if call.endpoint == TABLE and call.query["offset"] == "1000" and left[0]:
            left[0] -= 3
            for back in (0, 6, 20):
                world.add_late_events("default", "email_clicks", campaign_id, ago(back), 2)

    server.before_each_call(come)
    assert load(server, warehouse) == []
    assert warehouse.last_run()[TABLE]["detail"] is None


def test_a_window_that_never_stands_still_is_loaded_and_told_and_a_sweep_puts_it_right(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    campaign_id = busiest(server.world)
    crowd(server, campaign_id)

    def come(call: Call, world: World) -> None:
        if call.endpoint == TABLE and call.query["offset"] != "0":
            world.add_late_events("default", "email_clicks", campaign_id, ago(6), 2)

    stop = server.before_each_call(come)
    load(server, warehouse)
    run = warehouse.last_run()[TABLE]
    assert run["outcome"] == "ok"
    assert f"campaign {campaign_id}" in run["detail"]
    assert "do not add up" in run["detail"]
    stop()
    assert load(server, warehouse, sweep_days=0) == []


def test_rows_that_the_server_filters_after_cutting_the_page_cost_a_note(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    server.world.hidden = {TABLE: 3}
    assert load(server, warehouse) == []
    assert "do not add up" in warehouse.last_run()[TABLE]["detail"]


def test_a_first_read_that_a_budget_cuts_off_three_times_goes_on_below(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox()
    for number in range(3):
        reading = load_with_budget(server, warehouse, 10, str(number), ONE)
        assert reading.stopped is not None
        found = warehouse.differences(server, tables=ONE)[TABLE]
        assert all(line.startswith("missing") for line in found)
    assert warehouse.rows(TABLE)
    asked = [(call.campaign_id, call.query["dateTo"]) for call in server.log if call.endpoint == TABLE]
    assert load(server, warehouse) == []
    again = [(call.campaign_id, call.query["dateTo"]) for call in server.log if call.endpoint == TABLE][len(asked) :]
    older = {window for window in asked if window[1] != TODAY.isoformat()}
    assert older
    assert not older.intersection(again)


def test_a_budget_of_one_call_for_the_table_reads_every_campaign_in_time(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    for number in range(20):
        load_with_budget(server, warehouse, 3, str(number), ONE)
        if not warehouse.differences(server, tables=ONE):
            return
    raise AssertionError("not read after 20 loads")


def test_a_campaign_that_is_gone_is_recorded_and_its_events_are_kept(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=3)
    gone, other = (one.id for one in list(server.world.account("default").campaigns.values())[:2])
    assert load(server, warehouse) == []
    kept = [row for row in warehouse.stored(TABLE) if row["campaign_id"] == gone]
    assert kept
    server.faults.add(Fault("not_found", TABLE, campaign_id=gone))
    server.world.add_late_events("default", "bounces", other, TODAY, 2)
    load(server, warehouse, sweep_days=0)
    run = warehouse.last_run()[TABLE]
    assert run["outcome"] == "partial"
    assert f"campaign {gone}" in run["detail"]
    assert [row for row in warehouse.stored(TABLE) if row["campaign_id"] == gone] == kept
    assert warehouse.differences(server, tables=ONE) == {}
    server.world.delete_campaign("default", gone)
    load(server, warehouse, sweep_days=0)
    assert [row for row in warehouse.stored(TABLE) if row["campaign_id"] == gone] == kept


def test_a_campaign_that_cannot_be_read_keeps_what_it_has(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=2)
    campaign_id = busiest(server.world)
    crowd(server, campaign_id, 1_500)
    assert load(server, warehouse) == []
    before = [row for row in warehouse.stored(TABLE) if row["campaign_id"] == campaign_id]
    for name in ("success_false", "object_for_list", "not_in_plan", "offset_ignored"):
        fault = server.faults.add(Fault(name, TABLE, campaign_id=campaign_id))
        assert load(server, warehouse, sweep_days=0) == []
        assert fault.hits
        assert f"campaign {campaign_id}" in warehouse.last_run()[TABLE]["detail"]
        assert [row for row in warehouse.stored(TABLE) if row["campaign_id"] == campaign_id] == before
        server.faults.remove(fault)


def test_any_moves_and_a_sweep_end_with_the_truth(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(seed=3, campaigns=4, scale=0.1, now=NOW - timedelta(days=9))
    for days in (0, 1, 5):
        server.world.advance(days * 86_400)
        server.world.move(server.world.rng)
        load(server, warehouse, sweep_days=3)
    assert load(server, warehouse, sweep_days=0) == []
