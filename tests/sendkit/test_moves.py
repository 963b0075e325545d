"""Loads of a world that moves: what changed comes, what is gone is closed or removed, and little is asked for it."""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.sandbox.calls import Call
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sendkit.conftest import MakeSendkit, Sendkit

pytestmark = pytest.mark.slow

BY_CAMPAIGN = ("campaign_analytics", "campaign_step_analytics", "subsequences", "campaign_daily_analytics")
"""Tables that keep the rows of a campaign that is gone."""
ASKED_ONE_BY_ONE = ("campaign_analytics", "campaign_daily_analytics", "campaign_leads")


def without(rows: Iterable[dict[str, Any]], campaign_id: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["campaign_id"] != campaign_id]


def campaign_ids(server: SendkitServer) -> list[str]:
    return list(server.world.workspaces["default"].campaigns)


def test_a_load_of_a_moved_world_brings_every_change_and_asks_for_no_more(
    sendkit: MakeSendkit, loaded: Sendkit
) -> None:
    server = sendkit()
    loaded.load(server)
    server.world.move("default")
    server.reset_counts()
    loaded.load(server, sweep_days=3_650)
    assert loaded.differences(server) == {}

    moved = 2
    assert {table: server.calls[table] for table in ASKED_ONE_BY_ONE} == dict.fromkeys(ASKED_ONE_BY_ONE, moved)
    assert (server.calls["campaign_details"], server.calls["new_leads"], server.calls["leads"]) == (moved, 1, 0)
    assert {row["name"] for row in loaded.closed("campaigns")} == {"Campaign 0", "Campaign 1"}
    assert len(loaded.closed("do_not_contact")) == len(loaded.closed("mailboxes")) == 1
    (day,) = {call.query["from"] for call in server.log if call.endpoint == "campaign_daily_analytics"}
    assert day == "2025-06-15"
    runs = loaded.last_run()
    for table in ("campaigns", *ASKED_ONE_BY_ONE, "leads", "overview", "mailboxes"):
        assert runs[table]["calls_least"] <= runs[table]["calls"] <= runs[table]["calls_most"], table


def test_a_deleted_campaign_closes_its_history_and_its_leads_go(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=3, leads=60)
    tables = ("campaigns", "campaign_steps", "campaign_leads", *BY_CAMPAIGN)
    loaded.load(server, tables=tables)
    gone = campaign_ids(server)[1]
    kept = {table: [row for row in loaded.rows(table) if row["campaign_id"] == gone] for table in BY_CAMPAIGN}
    assert all(kept.values())
    server.world.delete_campaign("default", gone)
    loaded.load(server, tables=tables, sweep_days=0)
    assert loaded.differences(server, tables=tables).keys() == set(BY_CAMPAIGN)
    assert {row["id"] for row in loaded.closed("campaigns")} == {gone}
    assert {row["campaign_id"] for row in loaded.closed("campaign_steps")} == {gone}
    for table in BY_CAMPAIGN:
        assert [row for row in loaded.rows(table) if row["campaign_id"] == gone] == kept[table]


def test_leads_that_are_gone_or_changed_show_at_the_sweep(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1)
    tables = ("leads", "inbox_threads")
    loaded.load(server, tables=tables)
    workspace = server.world.workspaces["default"]
    first, second, *_ = workspace.leads
    workspace.leads[second].city = "Lviv"
    server.world.remove_lead("default", first)
    loaded.load(server, tables=tables, sweep_days=3_650)
    assert len(loaded.differences(server, tables=("leads",))["leads"]) == 3
    loaded.load(server, tables=tables, sweep_days=0)
    assert loaded.differences(server, tables=tables) == {}


def test_a_search_that_does_not_exist_costs_a_whole_read(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1)
    server.world.rules.searches = False
    for _ in range(2):
        loaded.load(server, tables=("leads",), sweep_days=3_650)
        server.world.add_lead("default")
    loaded.load(server, tables=("leads",), sweep_days=3_650)
    assert loaded.differences(server, tables=("leads",)) == {}
    assert loaded.last_run()["leads"]["outcome"] == "ok"
    assert "all are read" in loaded.last_run()["leads"]["detail"]


def test_a_day_that_goes_is_removed_unless_the_api_shows_no_days_so_old(
    sendkit: MakeSendkit, loaded: Sendkit
) -> None:
    server = sendkit(campaigns=1)
    tables = ("campaign_daily_analytics",)
    loaded.load(server, tables=tables)
    campaign = server.world.workspaces["default"].campaigns[campaign_ids(server)[0]]
    days = sorted({cell[0] for cell in campaign.cells})
    for cell in [cell for cell in campaign.cells if cell[0] == days[-4]]:
        del campaign.cells[cell]
    server.world.rules.longest_days = 6
    loaded.load(server, tables=tables, sweep_days=0)
    assert sorted(row["date"] for row in loaded.rows("campaign_daily_analytics")) == [*days[:-4], *days[-3:]]


def test_lists_that_move_while_they_are_read(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    """What is there throughout comes exactly once, and the next load of the still world is right."""
    server = sendkit(campaigns=2)
    workspace = server.world.workspaces["default"]
    throughout = {*workspace.leads}

    def step(call: Call, world: World) -> None:
        if call.endpoint in {"leads", "campaign_leads"}:
            world.add_lead("default")
            gone = world.rng.choice(list(workspace.leads))
            world.remove_lead("default", gone)
            throughout.discard(gone)

    stop = server.before_each_call(step)
    tables = ("leads", "campaign_leads")
    loaded.load(server, tables=tables)
    stop()
    found = [row["id"] for row in loaded.rows("leads")]
    assert len(found) == len(set(found))
    assert throughout <= set(found)
    loaded.load(server, tables=tables, sweep_days=0)
    assert loaded.differences(server, tables=tables) == {}


def test_two_accounts_do_not_touch_each_other(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    """One with a key of its own, one with the platform's."""
    server = sendkit(workspaces=("default", "north"), campaigns=2, leads=40)
    tables = ("campaigns", "campaign_leads", "leads", "overview")
    loaded.load(server, tables=tables)
    north = {"api_key": server.platform_key, "workspace_id": server.workspace_id("north")}
    before = loaded.everything()
    loaded.load(server, account="north", tables=tables, **north)
    assert loaded.everything() == before
    assert loaded.differences(server, "north", tables=tables) == {}
    assert {row["workspace_id"] for row in loaded.rows("overview", "north")} == {north["workspace_id"]}
    server.world.move("north")
    loaded.load(server, account="north", tables=tables, **north)
    assert loaded.everything() == before
