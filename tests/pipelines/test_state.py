"""`outreach state`: what is known between loads, shown and forgotten; and what leaves it alone."""

import shutil
from collections.abc import Iterator
from typing import Any

import dlt
import pytest

from pipelines import lock
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.sandbox.server import SandboxServer
from tests.warehouse import DATASET

pytestmark = pytest.mark.slow

SELECT = (
    "--select",
    "campaigns,emails_sent,email_opens,recipient_activity,campaign_analytics,completed_prospects,list_prospect_emails",
)
"""Tables of every kind that the state knows of."""
LOADED = tuple(SELECT[1].split(","))
FORGOTTEN = ("email_opens", "completed_prospects", "list_prospects", "list_prospect_emails")
WHY = "the probe is off since 2025-06-18: a made-up reason"


def state_of(outreach: CommandLine, *options: str, source: str = "snovio") -> dict[str, dict[str, Any]]:
    """What is kept of each table of the only account asked for."""
    [found] = outreach.json("state", "show", source, *options)["accounts"]
    return {table["table"]: table for table in found["tables"]}


def rows_of(outreach: CommandLine, *tables: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of tables without the load that wrote them."""
    return {
        table: [
            {name: row[name] for name in row if name != "_dlt_load_id"} for row in outreach.warehouse.stored(table)
        ]
        for table in tables
    }


def calls_of_a_load(outreach: CommandLine, server: SandboxServer, *options: str) -> dict[str, int]:
    server.reset_counts()
    outreach.run("load", "snovio", *options)
    return dict(server.calls)


def test_what_is_forgotten_is_read_again_and_nothing_else(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """What the API no longer shows is cleared; nothing is doubled, also where a budget cuts the load off."""
    server = sandbox(campaigns=3)
    server.world.page_size = 50
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    before, rows = state_of(outreach), rows_of(outreach, *FORGOTTEN)
    assert "3 rows at the last load; read whole at every load" in "; ".join(before["campaigns"]["text"])
    assert any("loaded through" in line for line in before["email_opens"]["text"])

    shown = outreach.json("state", "reset", "snovio", "--select", ",".join(FORGOTTEN))
    assert shown["accounts"][0]["tables"] == list(FORGOTTEN)
    after = state_of(outreach)
    assert after["email_opens"]["text"] == ["nothing is known: the next load of it reads all"]
    kept = before.keys() - FORGOTTEN
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
    assert rows_of(outreach, *FORGOTTEN) == rows

    with server.lock:
        lose(server)
    outreach.run("load", "snovio", *SELECT, "--max-requests", "12", expect=6)
    calls = calls_of_a_load(outreach, server, *SELECT)
    assert outreach.warehouse.differences(server, tables=FORGOTTEN) == {}
    assert "emails_sent" not in calls
    assert calls_of_a_load(outreach, server, *SELECT).keys().isdisjoint({*FORGOTTEN} - {"list_prospects"})


def lose(server: SandboxServer) -> None:
    """The API loses a day of opens, all that completed a campaign, and a list."""
    truth = server.truth("default")
    opened, completed, listed = (
        truth[table][-1] for table in ("email_opens", "completed_prospects", "list_prospects")
    )
    campaign_id, day = opened["campaign_id"], opened["event_date"]
    assert server.world.delete_events("default", "email_opens", campaign_id, day=day)
    server.world.account("default").completed[completed["campaign_id"]].clear()
    server.world.delete_list("default", listed["list_id"])


def test_a_full_refresh_of_chosen_tables_leaves_what_is_known_of_others(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=2)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    before = state_of(outreach)
    calls = calls_of_a_load(outreach, server, "--select", "email_opens", "--full-refresh")
    assert calls.keys() == {"token", "campaigns", "email_opens"}
    after = state_of(outreach)
    kept = before.keys() - {"email_opens"}
    assert {table: after[table]["state"] for table in kept} == {table: before[table]["state"] for table in kept}
    assert outreach.warehouse.differences(server, tables=LOADED) == {}


def test_a_reset_of_the_analytics_switches_the_probe_on_again(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=2)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    switch_probe_off(outreach)
    options = ("--select", "campaign_analytics")
    assert WHY in state_of(outreach, *options)["campaign_analytics"]["text"]
    assert outreach.json("status")["probes_off"] == [f"snovio default: {WHY}"]
    assert "email_opens" in calls_of_a_load(outreach, server, *SELECT)

    outreach.run("state", "reset", "snovio", *options)
    assert state_of(outreach, *options)["campaign_analytics"]["state"] == {}
    outreach.run("load", "snovio", *SELECT)
    assert (
        "the probe is on: what stands still is not asked"
        in state_of(outreach, *options)["campaign_analytics"]["text"]
    )
    assert "email_opens" not in calls_of_a_load(outreach, server, *SELECT)
    assert outreach.warehouse.differences(server, tables=LOADED) == {}


def switch_probe_off(outreach: CommandLine) -> None:
    """As a sweep does that finds what the counters deny."""
    path = str(outreach.warehouse.path)
    destination, folder = dlt.destinations.duckdb(path), str(outreach.elsewhere)
    pipeline = dlt.pipeline("snovio_default", destination=destination, dataset_name=DATASET, pipelines_dir=folder)
    pipeline.sync_destination()

    @dlt.resource(name="campaign_analytics")
    def analytics() -> Iterator[None]:
        dlt.current.resource_state()["probe_off"] = WHY
        yield None

    pipeline.run(dlt.source(lambda: analytics, name=DATASET)())


def test_the_state_comes_back_from_the_warehouse_and_is_that_of_one_account(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(accounts=("north", "south"), campaigns=2)
    outreach.use(server, "north", "south")
    select = ("--select", "campaigns,emails_sent,campaign_analytics,list_prospects")
    outreach.run("load", "snovio", "--account", "all", *select)
    shutil.rmtree(outreach.data)
    south = state_of(outreach, "--account", "south")
    outreach.run("state", "reset", "snovio", "--account", "north")
    shutil.rmtree(outreach.data)
    assert state_of(outreach, "--account", "south") == south
    assert all(
        not table["state"] and not table["aside"] for table in state_of(outreach, "--account", "north").values()
    )
    shown = outreach.run("state", "show", "snovio", "--account", "all", "--select", "emails_sent").stdout
    assert "north" in shown
    assert "loaded through" in shown
    assert (
        calls_of_a_load(outreach, server, *select, "--account", "south")
        .keys()
        .isdisjoint({"emails_sent", "list_prospects"})
    )
    outreach.run("load", "snovio", *select, "--account", "north")
    for account in ("north", "south"):
        assert outreach.warehouse.differences(server, account, tables=select[1].split(",")) == {}


def test_what_cannot_be_shown_or_reset_is_said(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=2)
    outreach.use(server)
    assert "nothing was loaded" in outreach.run("state", "show", "snovio", expect=2).stderr
    outreach.run("load", "snovio", "--select", "custom_fields")
    assert "default" in outreach.run("state", "reset", "snovio", "--account", "north", expect=2).stderr
    assert "email_openings" in outreach.run("state", "reset", "snovio", "--select", "email_openings", expect=2).stderr
    with lock.held(outreach.data / "pipelines", "snovio_default"):
        outreach.run("state", "reset", "snovio", expect=5)
    assert "nothing was known" in outreach.run("state", "reset", "snovio", "--select", "email_opens").stdout
    del outreach.environment[f"{SECTION}CLIENT_SECRET"]
    outreach.run("state", "reset", "snovio")
