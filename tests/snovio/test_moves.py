"""The world moves between loads: an incremental load brings what is inside the lookback, a sweep the rest."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import NOW, MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.compare import differences
from tests.sandbox.model import EVENT_TABLES
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Row, Warehouse

pytestmark = pytest.mark.slow

TODAY = NOW.date()
LOOKBACK = [TODAY - timedelta(days=back) for back in range(4)]
"""The days that every load reads again."""
DAY_TABLES = (*EVENT_TABLES, "recipient_activity")
"""Tables with events, replaced by the day."""
REPLIES = ("campaign_replies", "campaign_reply_messages")
"""Tables with replies, which are made of the events."""
COUNTED = ("campaign_analytics", "campaign_totals")
"""Tables with counters, which are made of the events."""
KEPT = (*DAY_TABLES, *COUNTED, "campaign_progress", *REPLIES)
"""Tables that keep the rows of a campaign that is gone."""
LISTS = ("prospect_lists", "list_prospects", "list_prospect_emails")
"""Tables with prospect lists."""
MOVING = (*KEPT, "campaigns", "completed_prospects", *LISTS)
"""Tables in which these tests move anything."""


def busy_campaign(world: World, account: str = "default") -> int:
    """The campaign with most sent e-mails."""
    sent = world.account(account).events["emails_sent"]
    return max(sent, key=lambda campaign_id: len(sent[campaign_id]))


def fill_lookback(world: World, campaign_id: int, account: str = "default") -> None:
    for table in EVENT_TABLES:
        for day in LOOKBACK:
            world.add_late_events(account, table, campaign_id, day, 4)


def move_inside_lookback(world: World, campaign_id: int) -> None:
    """New rows at the head, a late row, a day that becomes empty, single deletions, another spelling."""
    for table in EVENT_TABLES:
        world.delete_events("default", table, campaign_id, day=LOOKBACK[2])
        world.delete_events("default", table, campaign_id, index=1)
        world.add_late_events("default", table, campaign_id, LOOKBACK[3], 2)
        world.add_twin("default", table, campaign_id, 2)
        recased = world.events("default", table, campaign_id)[3]
        recased.person = replace(recased.person, email="RE.Cased@Example.com")
        world.add_events("default", table, campaign_id, 3)


def recent(rows: Iterable[Row], days: Iterable[date]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows if row["event_date"] in set(days)]


def without(rows: Iterable[Row], campaign_id: int) -> list[Row]:
    return [row for row in rows if row["campaign_id"] != campaign_id]


@proves("data", "null, missing or repeated keys")
def test_an_incremental_load_brings_every_change_inside_the_lookback(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    campaign_id = busy_campaign(server.world)
    fill_lookback(server.world, campaign_id)
    warehouse.load(server, tables=KEPT)
    move_inside_lookback(server.world, campaign_id)

    calls = server.calls.copy()
    warehouse.load(server, tables=KEPT)

    truth = server.truth()
    for table in DAY_TABLES:
        found = recent(warehouse.rows(table), LOOKBACK)
        assert differences(recent(truth[table], LOOKBACK), found) == []
        assert server.calls[table] - calls[table] <= 4
    assert warehouse.differences(server, tables=KEPT) == {}


@proves("data", "campaign, list or prospect deleted")
def test_campaigns_and_lists_that_go_close_their_history_and_the_next_sweep_holds_the_truth(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=3)
    world = server.world
    gone = busy_campaign(world)
    renamed = next(campaign_id for campaign_id in world.account("default").campaigns if campaign_id != gone)
    first, _, third, big, *_ = world.account("default").lists
    world.delete_events("default", "email_opens", renamed, count=1)
    warehouse.load(server, tables=MOVING)
    kept = {table: [row for row in warehouse.rows(table) if row["campaign_id"] == gone] for table in KEPT}

    world.delete_campaign("default", gone)
    world.rename_campaign("default", renamed, "Renamed")
    world.delete_list("default", first)
    world.empty_list("default", third)
    world.mark_list_deleted("default", big)
    for table in EVENT_TABLES:
        world.delete_events("default", table, renamed, count=2)
    added = world.add_campaign("default").id
    world.add_list("default")

    warehouse.load(server, tables=MOVING)
    left = warehouse.differences(server, tables=MOVING)
    assert set(left) <= set(KEPT)
    assert added in {row["campaign_id"] for row in warehouse.rows("emails_sent")}

    warehouse.load(server, tables=MOVING, sweep_days=0)
    truth = server.truth()
    assert set(warehouse.differences(server, tables=MOVING)) <= set(KEPT)
    for table in KEPT:
        assert differences(truth[table], without(warehouse.rows(table), gone)) == []
        assert [row for row in warehouse.rows(table) if row["campaign_id"] == gone] == kept[table]
    assert {row["id"] for row in warehouse.closed("campaigns")} == {gone, renamed}
    assert {row["id"] for row in warehouse.closed("prospect_lists")} == {first, third, big}
    assert gone in {row["campaign_id"] for row in warehouse.closed("completed_prospects")}


def test_what_is_older_than_the_lookback_comes_right_with_the_sweep(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    campaign_id = busy_campaign(server.world)
    warehouse.load(server, tables=KEPT)
    for table in EVENT_TABLES:
        rows = server.world.events("default", table, campaign_id)
        server.world.delete_events("default", table, campaign_id, index=len(rows) - 1)
        server.world.add_late_events("default", table, campaign_id, TODAY - timedelta(days=30), 2)
    warehouse.load(server, tables=KEPT)
    assert set(warehouse.differences(server, tables=KEPT)) == {*DAY_TABLES, *COUNTED, *REPLIES}
    warehouse.load(server, tables=KEPT, sweep_days=0)
    assert warehouse.differences(server, tables=KEPT) == {}
    runs = warehouse.last_run()
    assert all(runs[table]["repaired"] == 1 for table in DAY_TABLES)


def test_a_whole_list_that_vanishes_closes_all_its_history(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    tables = ("custom_fields", "prospect_lists", "list_prospects", "list_prospect_emails")
    warehouse.load(server, tables=tables)
    known = len(warehouse.rows("custom_fields"))
    account = server.world.account("default")
    account.custom_fields.clear()
    for gone in list(account.lists)[1:]:
        del account.lists[gone]
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=tables) == {}
    assert len(warehouse.closed("custom_fields")) == known > 0


def test_another_accounts_rows_stay_as_they_are(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Two accounts share a dataset, even campaigns; a load of one touches nothing of the other."""
    tables = (*MOVING, "custom_fields")
    server = sandbox(accounts=("default", "second"), campaigns=2, scale=0.1)
    share_a_campaign(server)
    warehouse.load(server, "second", tables)
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, "second", tables=tables) == {}
    before = warehouse.everything("second")
    for _ in range(2):
        server.world.move(server.world.rng)
    warehouse.load(server, tables=tables, sweep_days=0)
    assert warehouse.differences(server, tables=tables) == {}
    assert warehouse.everything("second") == before


def share_a_campaign(server: SandboxServer) -> None:
    """The second account sees the busiest campaign of the first too, and all its lists: one team."""
    one, other = server.world.account("default"), server.world.account("second")
    shared = busy_campaign(server.world)
    other.campaigns[shared] = one.campaigns[shared]
    other.completed[shared] = list(one.completed[shared])
    for table, events in one.events.items():
        other.events[table][shared] = list(events[shared])
    other.lists.update((found.id, replace(found, prospects=list(found.prospects))) for found in one.lists.values())
    other.custom_fields = list(one.custom_fields)


def test_any_moves_and_a_sweep_end_with_the_truth(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Of every table that is loaded by default."""
    server = sandbox(seed=0, campaigns=3, scale=0.1, now=NOW - timedelta(days=9))
    for days in (0, 5, 1):  # the last of these loads sweeps nothing
        server.world.advance(days * 86_400)
        server.world.move(server.world.rng)
        warehouse.load(server, sweep_days=3)
    warehouse.load(server, sweep_days=0)
    assert warehouse.differences(server) == {}
