"""What one load leaves undone, the next one does: nothing between two tables or two loads falls through."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from sources.snovio.tables import LIST_PROSPECT_EMAILS, LIST_PROSPECTS
from tests.conftest import MakeSandbox
from tests.sandbox import shapes
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES, Completion
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.snovio.test_budgets import load as load_with_budget
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

PROSPECT_TABLES = (LIST_PROSPECTS.name, LIST_PROSPECT_EMAILS.name)
ASKED_WHEN_MOVED = ("campaign_progress", "completed_prospects", "campaign_replies")
DIFFERING = {*ASKED_WHEN_MOVED, "campaign_reply_messages"}
COUNTED = ("campaign_analytics", "campaign_totals")
OF_DAYS = ("emails_sent", "email_replies", "recipient_activity")
MOVING = (*OF_DAYS, *COUNTED, *DIFFERING)
CHILDREN = {
    "campaigns": ("campaign_id", ("emails_sent", "email_opens", "completed_prospects")),
    "prospect_lists": ("list_id", PROSPECT_TABLES),
}
"""By parent: the column that names it, and tables of what lies below."""
FROM_THE_SECOND_ON = tuple(range(2, 500))


def running_campaign(world: World) -> int:
    campaigns = world.account("default").campaigns.values()
    return next(one.id for one in campaigns if one.status == "Active" and one.started_at is not None)


def move(server: SandboxServer) -> int:
    """New events of a running campaign, and prospects that finish it; the campaign's own row stays as it is."""
    world = server.world
    with server.lock:
        world.advance(60)
        campaign_id = running_campaign(world)
        completed = world.account("default").completed[campaign_id]
        finished = {one.person.number for one in completed}
        people = [one for one in world.account("default").campaigns[campaign_id].people if one.number not in finished]
        completed[:0] = [Completion(world.next_serial(), person) for person in people[:2]]
        assert people
        for table in EVENT_TABLES:
            world.add_events("default", table, campaign_id, 2)
    return campaign_id


def load_halted(server: SandboxServer, warehouse: Warehouse, tables: Sequence[str] = ()) -> None:
    """A load during which the API answers 429 without end once the first list of prospects is read."""
    fault = server.faults.add(Fault("rate_limited", "list_prospects", on_calls=FROM_THE_SECOND_ON))
    with suppress(PipelineStepFailed):
        warehouse.load(server, tables=tables, block_seconds=0.01)
    assert fault.hits
    server.faults.remove(fault)


def events_only(server: SandboxServer, warehouse: Warehouse) -> None:
    warehouse.load(server, tables=OF_DAYS)


def forbidden_once(server: SandboxServer, warehouse: Warehouse) -> None:
    faults = [server.faults.add(Fault("not_in_plan", table)) for table in ASKED_WHEN_MOVED]
    warehouse.load(server, tables=MOVING)
    assert all(fault.hits for fault in faults)
    server.faults.clear()


@pytest.mark.parametrize(
    ("load_in_part", "left"), [(events_only, DIFFERING | {*COUNTED}), (forbidden_once, DIFFERING)]
)
def test_a_campaign_seen_to_move_is_asked_for_all_else_by_the_next_load(
    sandbox: MakeSandbox,
    warehouse: Warehouse,
    load_in_part: Callable[[SandboxServer, Warehouse], None],
    left: set[str],
) -> None:
    server = sandbox(campaigns=2)
    warehouse.load(server, tables=MOVING)
    move(server)
    load_in_part(server, warehouse)
    assert warehouse.differences(server, tables=OF_DAYS) == {}
    assert set(warehouse.differences(server, tables=MOVING)) == left
    warehouse.load(server, tables=MOVING)
    assert warehouse.differences(server, tables=MOVING) == {}


def test_a_campaign_seen_to_move_before_a_budget_ended_is_asked_for_all_else_by_the_next_load(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Whatever the call at which the budget ends."""
    server = sandbox(campaigns=2, scale=0.1)
    warehouse.load(server, tables=MOVING)
    for calls in (6, 11):
        move(server)
        assert load_with_budget(server, warehouse, calls, tables=MOVING).stopped is not None
        warehouse.load(server, tables=MOVING)
        assert warehouse.differences(server, tables=MOVING) == {}, f"after a load of {calls} calls"


def test_emails_of_prospects_that_were_loaded_without_them_are_loaded_by_the_next_load(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    warehouse.load(server, tables=(LIST_PROSPECTS.name,))
    warehouse.load(server, tables=PROSPECT_TABLES)
    assert warehouse.rows(LIST_PROSPECT_EMAILS.name)
    assert warehouse.differences(server, tables=PROSPECT_TABLES) == {}


def test_emails_of_prospects_are_complete_after_a_load_that_was_halted(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    load_halted(server, warehouse, PROSPECT_TABLES)
    warehouse.load(server, tables=PROSPECT_TABLES)
    assert warehouse.differences(server, tables=PROSPECT_TABLES) == {}


def test_a_halted_load_tells_what_it_rejected_and_did(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=2)
    campaign_id = running_campaign(server.world)
    server.world.spoil_event("default", "email_opens", campaign_id, "unreadable_date")
    load_halted(server, warehouse, ("email_opens", *PROSPECT_TABLES))
    assert [row["endpoint"] for row in warehouse.rows("rejected_rows")] == ["email_opens"]
    run = warehouse.last_run()
    assert run["email_opens"]["rejected"] == 1
    assert run["list_prospects"]["outcome"] in {"partial", "failed"}


def shown_campaigns(world: World) -> list[dict[str, Any]]:
    return [shapes.campaign(one) for one in world.account("default").campaigns.values()]


def shown_lists(world: World) -> list[dict[str, Any]]:
    return [shapes.prospect_list(one, world) for one in world.account("default").lists.values()]


@pytest.mark.parametrize(
    ("listed", "shown", "field", "column"),
    [
        ("campaigns", shown_campaigns, "created_at", "created_at"),
        ("prospect_lists", shown_lists, "creationDate", "creation_date"),
    ],
)
def test_an_unreadable_field_of_a_parent_costs_that_field_alone(
    sandbox: MakeSandbox,
    warehouse: Warehouse,
    listed: str,
    shown: Callable[[World], list[dict[str, Any]]],
    field: str,
    column: str,
) -> None:
    """What lies below the parent stays, and nothing is closed as vanished."""
    server = sandbox(campaigns=4)
    parent, children = CHILDREN[listed]
    tables = (listed, *children)
    warehouse.load(server, tables=tables)
    before = {table: warehouse.stored(table) for table in children}
    answer = shown(server.world)
    parents = set.intersection(*({row[parent] for row in rows} for rows in before.values()))
    spoiled = next(row for row in answer if row["id"] in parents)
    spoiled[field] = "soon"
    server.faults.add(Fault("payload", listed, options={"payload": answer}))
    warehouse.load(server, tables=tables)

    assert {table: warehouse.stored(table) for table in children} == before
    nulled = [{**row, column: None} if row["id"] == spoiled["id"] else row for row in server.truth()[listed]]
    there = {row["id"]: row for row in warehouse.rows(listed)}
    assert {row["id"]: there[row["id"]][column] for row in nulled} == {row["id"]: row[column] for row in nulled}
    assert {row["id"] for row in warehouse.closed(listed)} <= {spoiled["id"]}
    rejected = warehouse.rows("rejected_rows")
    assert [row["endpoint"] for row in rejected] == [listed]
    assert column in rejected[0]["reason"]
    assert str(spoiled["id"]) in rejected[0]["row"]

    server.faults.clear()
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=tables) == {}


def test_a_rejected_row_whose_ids_change_from_call_to_call_is_kept_once(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1, scale=0.1)
    server.world.unstable_ids = True
    campaign_id = running_campaign(server.world)
    server.world.spoil_event("default", "email_opens", campaign_id, "unreadable_date")
    for _ in range(3):
        warehouse.load(server, tables=("email_opens",), sweep_days=0)
    assert len(warehouse.rows("rejected_rows")) == 1
