"""Event lists that move, lie about their order or come in odd pages."""

import random
from collections import Counter
from typing import Any

import pytest

from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.calls import Call
from tests.sandbox.compare import EVENT_IGNORED, differences
from tests.sandbox.faults import Fault
from tests.sandbox.ids import source_id
from tests.sandbox.model import EVENT_TABLES
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

TWO = ("emails_sent", "email_opens")
"""Enough to see both row shapes."""


def long_lists(sandbox: MakeSandbox, **rules: Any) -> SandboxServer:
    """A world of two campaigns with some hundred rows a list, shown by these rules."""
    server = sandbox(campaigns=2, scale=2)
    for name, value in rules.items():
        setattr(server.world, name, value)
    return server


class Moves:
    """Adds and removes rows of a list before every call for it but the first, and keeps the score by serial."""

    def __init__(self, world: World, seed: int) -> None:
        self.random = random.Random(seed)
        lists = world.account("default").events
        self.throughout = {table: {row.serial for rows in lists[table].values() for row in rows} for table in TWO}
        self.ever = {table: set(serials) for table, serials in self.throughout.items()}

    def __call__(self, call: Call, world: World) -> None:
        """Moves the list that is about to be asked for."""
        table, campaign_id = call.endpoint, call.campaign_id
        if table not in TWO or campaign_id is None or call.query.get("offset") == "0":
            return
        added = world.add_events("default", table, campaign_id, self.random.randrange(4))
        day = world.now.date().fromordinal(world.now.date().toordinal() - self.random.randrange(60))
        added += world.add_late_events("default", table, campaign_id, day, self.random.randrange(2))
        gone = world.delete_events("default", table, campaign_id, self.random.randrange(1, 4))
        self.ever[table] |= {row.serial for row in added}
        self.throughout[table] -= {row.serial for row in gone}


@proves("paging", "rows added, removed")
@pytest.mark.parametrize(("page_size", "seed"), [(100, 1), (200, 2)])
def test_rows_that_come_and_go_between_any_two_pages(
    sandbox: MakeSandbox, warehouse: Warehouse, page_size: int, seed: int
) -> None:
    """Rows there throughout exactly once, any other at most once; after a sweep of the still world the truth."""
    server = long_lists(sandbox, page_size=page_size)
    moves = Moves(server.world, seed)
    stop = server.before_each_call(moves)
    warehouse.load(server, tables=TWO)
    stop()
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
    for table in TWO:
        seen = Counter(row["source_id"] for row in warehouse.rows(table))
        assert max(seen.values()) == 1
        assert {source_id(serial) for serial in moves.throughout[table]} <= seen.keys()
        assert seen.keys() <= {source_id(serial) for serial in moves.ever[table]}

    warehouse.load(server, tables=TWO, sweep_days=0)
    assert warehouse.differences(server, tables=TWO) == {}


@proves("paging", "pages shorter than documented")
@proves("paging", "list not newest first")
@pytest.mark.parametrize(
    "rules",
    [
        {"page_size": 1_000},
        {"page_size": 200, "unstable_ids": True},
        {"page_size": 200, "order": "shuffled"},
        {"page_size": 200, "order": "oldest_first"},
    ],
    ids=str,
)
def test_however_the_server_shows_a_still_list_it_is_loaded_once(
    sandbox: MakeSandbox, warehouse: Warehouse, rules: dict[str, Any]
) -> None:
    server = long_lists(sandbox, **rules)
    for campaign_id in server.world.account("default").campaigns if rules["page_size"] > 200 else ():
        server.world.add_late_events("default", "emails_sent", campaign_id, server.world.now.date(), 1_500)
    ignore = EVENT_IGNORED if {"unstable_ids", "order"} & rules.keys() else ()  # twins have no order then
    warehouse.load(server, tables=TWO)
    assert warehouse.differences(server, tables=TWO, ignore=ignore) == {}
    unordered = 2 if "order" in rules else 0
    assert [warehouse.last_run()[table]["unordered"] for table in TWO] == [unordered, unordered]


@proves("time", "all four date forms")
@pytest.mark.parametrize("date_form", ["iso", "epoch", "php_offset"])
def test_a_form_of_a_date_that_is_a_text_a_number_or_an_object(
    sandbox: MakeSandbox, warehouse: Warehouse, date_form: str
) -> None:
    server = sandbox(campaigns=1)
    server.world.date_form = date_form
    tables = ("email_clicks", "recipient_activity", "prospect_lists")
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=tables) == {}
    assert warehouse.rows("rejected_rows") == []


@pytest.mark.parametrize("rules", [{"unstable_ids": True}, {"order": "shuffled"}], ids=str)
def test_a_second_load_changes_nothing_also_of_odd_lists(
    sandbox: MakeSandbox, warehouse: Warehouse, rules: dict[str, Any]
) -> None:
    server = long_lists(sandbox, page_size=200, **rules)
    warehouse.load(server, tables=TWO)
    before = warehouse.everything(without=("sync_runs",))
    warehouse.load(server, tables=TWO)
    assert warehouse.everything(without=("sync_runs",)) == before


@proves("paging", "pages shorter than documented")
@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("short_page", {"every": 3, "seed": 1}),
        ("empty_list", {"every": 3}),
        ("endless_pages", {}),
        ("hidden_rows", {"options": {"every": 3}}),
    ],
)
def test_short_empty_and_repeated_pages_lose_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse, name: str, conditions: dict[str, Any]
) -> None:
    server = long_lists(sandbox, page_size=200)
    for table in TWO:
        server.faults.add(Fault(name, table, **conditions))
    warehouse.load(server, tables=TWO)
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
    assert warehouse.differences(server, tables=TWO) == {}


@proves("paging", "pages shorter than documented")
def test_an_ignored_offset_is_the_failure_of_its_campaign_alone(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = long_lists(sandbox, page_size=200)
    bad, good = server.world.account("default").campaigns
    server.faults.add(Fault("offset_ignored", "emails_sent", campaign_id=bad))
    warehouse.load(server, tables=TWO)

    run = warehouse.last_run()["emails_sent"]
    assert run["outcome"] == "partial"
    assert f"campaign {bad}" in run["detail"]
    assert "`offset` is ignored" in run["detail"]
    assert warehouse.last_run()["email_opens"]["outcome"] == "ok"
    lines = differences(server.true_rows("emails_sent"), warehouse.rows("emails_sent"))
    assert all(line.startswith("missing") and f"'{bad}'" in line for line in lines)
    assert good in {row["campaign_id"] for row in warehouse.rows("emails_sent")}

    server.faults.clear()
    warehouse.load(server, tables=TWO)
    assert warehouse.differences(server, tables=TWO) == {}


def test_unstable_ids_of_all_tables_open_no_versions(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Of all that the API gives such ids."""
    server = sandbox(campaigns=3)
    server.world.unstable_ids = True
    tables = (*EVENT_TABLES, "completed_prospects", "campaign_replies", "campaign_reply_messages")
    warehouse.load(server, tables=tables)
    warehouse.load(server, tables=tables, sweep_days=0)
    assert warehouse.closed("completed_prospects") == []
    assert warehouse.differences(server, ignore=EVENT_IGNORED, tables=tables) == {}


@proves("time", "all four date forms")
def test_every_form_of_a_date_everywhere(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=3)
    server.world.date_form = "mixed"
    warehouse.load(server)
    assert warehouse.differences(server) == {}
    assert {run["rejected"] for run in warehouse.last_run().values()} == {0}
    assert set(EVENT_TABLES) <= set(warehouse.tables())
