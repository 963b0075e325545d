"""Prospect lists that move while they are read, or come in odd pages."""

from collections import Counter
from typing import Any

import pytest

from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.calls import Call
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

LISTS = ("prospect_lists", "list_prospects", "list_prospect_emails")


def big_list(server: SandboxServer) -> int:
    lists = server.world.account("default").lists
    return max(lists, key=lambda list_id: len(lists[list_id].prospects))


def of_list(warehouse: Warehouse, list_id: int) -> Counter[str]:
    return Counter(row["id"] for row in warehouse.rows("list_prospects") if row["list_id"] == list_id)


def test_a_silent_cap_of_the_page_size_loses_nothing(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1, most_prospects=900)
    server.world.max_per_page = 400
    warehouse.load(server, tables=LISTS)
    assert warehouse.differences(server, tables=LISTS) == {}


def test_a_list_of_more_than_a_page_of_the_largest_size(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    server.world.add_prospects("default", big_list(server), 5_100)
    warehouse.load(server, tables=LISTS[:2])
    assert warehouse.differences(server, tables=LISTS[:2]) == {}
    assert server.calls["list_prospects"] == 5


@proves("data", "null, missing or repeated keys")
def test_a_prospect_that_is_listed_twice_across_pages_is_two_rows(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1, most_prospects=250)
    server.world.max_per_page = 100
    prospects = server.world.account("default").lists[big_list(server)].prospects
    prospects.append(prospects[0])
    warehouse.load(server, tables=LISTS)
    assert warehouse.differences(server, tables=LISTS) == {}


@proves("paging", "rows added, removed")
@pytest.mark.parametrize("busy_calls", [7, 1_000], ids=["for a while", "all the time"])
def test_a_list_that_moves_between_any_two_pages(sandbox: MakeSandbox, warehouse: Warehouse, busy_calls: int) -> None:
    """Prospects there throughout exactly once, others at most once; the next load of the still list is right."""
    server = sandbox(campaigns=1, most_prospects=400)
    server.world.max_per_page = 100
    list_id = big_list(server)
    throughout = {member.id for member in server.world.account("default").lists[list_id].prospects}
    ever = set(throughout)
    left = iter(range(busy_calls))

    def step(call: Call, world: World) -> None:
        about = call.endpoint == "list_prospects" and call.form["listId"] == str(list_id)
        if about and call.form["page"] != "1" and next(left, None) is not None:
            ever.update(member.id for member in world.add_prospects("default", list_id, 2))
            throughout.difference_update(member.id for member in world.remove_prospects("default", list_id, 3))

    stop = server.before_each_call(step)
    warehouse.load(server, tables=LISTS)
    stop()
    seen = of_list(warehouse, list_id)
    assert max(seen.values()) == 1
    assert throughout <= seen.keys() <= ever

    warehouse.load(server, tables=LISTS)
    assert warehouse.differences(server, tables=LISTS) == {}


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("payload", "list_prospects", every=2, options={"payload": {"list": [], "prospects": []}}), "ok"),
        (Fault("max_per_page", "list_prospects", every=2, options={"max_per_page": 30}), "ok"),
        (Fault("not_found", "list_prospects", on_calls=(2,)), "partial"),
        (Fault("object_for_list", "list_prospects", on_calls=(2,)), "partial"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_odd_answers_never_clear_a_list(
    sandbox: MakeSandbox, warehouse: Warehouse, fault: Fault, outcome: str
) -> None:
    server = sandbox(campaigns=1, most_prospects=250)
    lists = server.world.account("default").lists
    if fault.every > 1:  # several lists are read at once: it would hit every call of one of them
        for other in lists.keys() - {big_list(server)}:
            del lists[other]
    warehouse.load(server, tables=LISTS)
    server.faults.add(fault)
    warehouse.load(server, tables=LISTS, sweep_days=0)
    assert warehouse.last_run()["list_prospects"]["outcome"] == outcome
    assert warehouse.differences(server, tables=LISTS) == {}


def test_bad_addresses_are_rejected_and_their_prospect_kept(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    good = {"email": "Ann@Example.com", "probability": 97}
    bad: list[Any] = [{"email": None}, "no object", {"email": "Ann@Example.com", "probability": 1}]
    prospect = {"id": "1", "name": "Ann Example", "emails": [good, *bad]}
    payload = {"success": True, "list": {"name": "One", "contacts": 1}, "prospects": [prospect]}
    server.faults.add(Fault("payload", "list_prospects", options={"payload": payload}))
    warehouse.load(server, tables=LISTS)
    assert {row["email"] for row in warehouse.rows("list_prospect_emails")} == {"Ann@Example.com"}
    assert {row["probability"] for row in warehouse.rows("list_prospect_emails")} == {0.97}
    assert {row["name"] for row in warehouse.rows("list_prospects")} == {"Ann Example"}
    assert len(warehouse.rows("rejected_rows")) == len(bad)
