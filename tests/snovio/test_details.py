"""What campaigns are set to: one answer fills three tables, and the texts of e-mails are asked one by one."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeSandbox
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

DETAILS = ("campaign_details", "campaign_steps", "campaign_step_contents")
TEXTS = "email_step_contents"
EXAMPLE = json.loads((Path(__file__).parents[1] / "examples" / "snovio" / "campaign_details.json").read_bytes())


def campaign_ids(server: SandboxServer) -> list[int]:
    return list(server.world.account("default").campaigns)


def spent(server: SandboxServer, endpoint: str) -> int:
    """Calls since the last look."""
    calls = server.calls[endpoint]
    server.reset_counts()
    return calls


def test_campaigns_are_asked_once_and_again_when_their_own_row_changed(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Events do not change settings; what is gone or changed is history."""
    server = sandbox(campaigns=4)
    changed, gone, *_ = campaign_ids(server)
    warehouse.load(server, tables=(*DETAILS, TEXTS))
    assert warehouse.differences(server, tables=(*DETAILS, TEXTS)) == {}
    variants = len(warehouse.rows(TEXTS))
    assert (server.calls["campaign_details"], server.calls[TEXTS]) == (4, variants)
    before = warehouse.everything(without=("sync_runs",))

    server.reset_counts()
    server.world.add_events("default", "emails_sent", changed, 3)
    warehouse.load(server, tables=(*DETAILS, TEXTS))
    assert warehouse.everything(without=("sync_runs",)) == before
    assert spent(server, "campaign_details") == 0

    server.world.advance(60)
    server.world.change_settings("default", changed)
    server.world.delete_campaign("default", gone)
    warehouse.load(server, tables=(*DETAILS, TEXTS))
    assert warehouse.differences(server, tables=(*DETAILS, TEXTS)) == {}
    assert spent(server, "campaign_details") == 1
    assert {row["id"] for row in warehouse.closed("campaign_details")} == {changed, gone}
    for table in ("campaign_steps", "campaign_step_contents", TEXTS):
        assert gone in {row["campaign_id"] for row in warehouse.closed(table)}


def test_a_campaign_without_details_is_recorded_and_then_left_alone(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Named as a failure by the first load, confirmed by the second, not asked by the third; a change asks again."""
    server = sandbox(campaigns=3)
    lacking = server.world.account("default").campaigns[campaign_ids(server)[0]]
    lacking.has_details = False
    told = []
    for _ in range(3):
        warehouse.load(server, tables=DETAILS)
        run = warehouse.last_run()["campaign_details"]
        told.append((run["outcome"], str(lacking.id) in (run["detail"] or ""), spent(server, "campaign_details")))
        assert warehouse.differences(server, tables=DETAILS) == {}
    assert told == [("partial", True, 3), ("ok", True, 1), ("ok", False, 0)]

    lacking.has_details = True
    server.world.advance(60)
    server.world.change_settings("default", lacking.id)
    warehouse.load(server, tables=DETAILS)
    assert warehouse.differences(server, tables=DETAILS) == {}


def test_tables_that_are_selected_later_are_loaded_without_a_change(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Also the texts alone, which then ask for the details themselves."""
    server = sandbox(campaigns=3)
    warehouse.load(server, tables=DETAILS[:1])
    warehouse.load(server, tables=DETAILS)
    assert warehouse.differences(server, tables=DETAILS) == {}
    assert spent(server, "campaign_details") == 6
    warehouse.load(server, tables=(TEXTS,))
    assert warehouse.differences(server, tables=(TEXTS,)) == {}
    assert spent(server, "campaign_details") == 3


def with_quirks() -> dict[str, Any]:
    """The example with empty PHP arrays, fields nobody knows, a step twice and one without a reference."""
    payload: dict[str, Any] = copy.deepcopy(EXAMPLE)
    data = payload["data"]
    data |= {"tracking": [], "recipients": [], "deals": [], "brand_new": 7}
    data["sending_settings"]["brand_new"] = "inside"
    email, goal = data["sequence"]["steps"]
    goal |= {"value": 5, "content": []}
    data["sequence"]["steps"] = {"0": email, "1": goal, "2": {**goal, "type": "delay"}, "3": {"type": "goal"}}
    return payload


def test_odd_answers_lose_nothing_that_can_be_understood(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    server.faults.add(Fault("payload", "campaign_details", options={"payload": with_quirks()}))
    warehouse.load(server, tables=DETAILS)
    [row] = warehouse.rows("campaign_details")
    assert [row["tracking__open"], row["recipients__list_id"], row["deals__event"]] == [None, None, None]
    assert (row["brand_new"], row["sending_settings__brand_new"]) == ("7", "inside")
    steps = warehouse.rows("campaign_steps")
    assert [(step["type"], step["value"]) for step in steps] == [("email", None), ("goal", [5])]
    assert len(warehouse.rows("campaign_step_contents")) == 3
    reasons = {reject["reason"].split(":")[0] for reject in warehouse.rows("rejected_rows")}
    assert reasons == {"campaign_id, step_id", "step_id"}


@pytest.mark.parametrize("sequence", [[], None, {"entry": None, "steps": []}], ids=str)
def test_a_campaign_without_a_sequence_has_no_steps(
    sandbox: MakeSandbox, warehouse: Warehouse, sequence: Any
) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=(*DETAILS, TEXTS))
    payload = {"success": True, "data": {**EXAMPLE["data"], "sequence": sequence}}
    server.faults.add(Fault("payload", "campaign_details", options={"payload": payload}))
    warehouse.load(server, tables=(*DETAILS, TEXTS), sweep_days=0)
    assert warehouse.rows("campaign_steps") == warehouse.rows("campaign_step_contents") == warehouse.rows(TEXTS) == []
    assert [row["title"] for row in warehouse.rows("campaign_details")] == ["My top campaign"]
