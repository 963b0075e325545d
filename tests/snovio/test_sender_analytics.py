"""Counters by sender, from the sandbox over HTTP, against its own truth."""

from __future__ import annotations

from typing import Any

import pytest

from sources.snovio.tables import SENDER_ANALYTICS
from tests.conftest import MakeSandbox
from tests.sandbox.compare import differences
from tests.sandbox.server import SandboxServer
from tests.sandbox.truth_analytics import sender_rows
from tests.warehouse import Warehouse

TABLE = SENDER_ANALYTICS.name
SCOPES = ("sender_email", "sender_linkedin", "campaign_owner")

pytestmark = pytest.mark.slow


def wrong(server: SandboxServer, warehouse: Warehouse) -> list[str]:
    """What differs from the truth of all three scopes."""
    account = server.world.account("default")
    with server.lock:
        expected = [{"account": "default", **row} for row in sender_rows(account, server.world.copy_rules(), SCOPES)]
    return differences(expected, warehouse.rows(TABLE))


def test_senders_of_all_scopes_after_a_first_load_and_after_moves(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=4, scale=0.05)
    account = server.world.account("default")
    settings: dict[str, Any] = {
        "linkedin_senders": [str(number) for number in account.linkedin_ids],
        "campaign_owners": sorted({campaign.owner_email for campaign in account.campaigns.values()}),
    }
    warehouse.load(server, tables=(TABLE,), **settings)
    assert wrong(server, warehouse) == []

    with server.lock:
        server.world.advance(30 * 3_600)
        for campaign in [one for one in account.campaigns.values() if one.started_at]:
            for table in account.events:
                server.world.add_events("default", table, campaign.id, 2)
    server.reset_counts()
    warehouse.load(server, tables=(TABLE,), **settings)
    assert wrong(server, warehouse) == []
    assert {row["scope"] for row in warehouse.rows(TABLE)} == set(SCOPES)
    assert server.calls["campaign_analytics"] < 60

    server.reset_counts()
    warehouse.load(server, tables=(TABLE,), **settings)
    assert server.calls["campaign_analytics"] <= 4 * len(SCOPES)


def test_a_plan_without_owners_keeps_the_other_scopes(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=3, scale=0.05)
    server.world.team_plan = False
    warehouse.load(server, tables=(TABLE,), campaign_owners=["owner@example.com"])
    assert warehouse.differences(server, tables=(TABLE,)) == {}
    run = warehouse.last_run()[TABLE]
    assert run["outcome"] == "partial"
    assert "campaign_owner owner@example.com" in run["detail"]
