"""Sender checks, warm-ups and what these came to: only where they are selected."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sources.snovio.tables import DEFAULT_TABLES
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.faults import Fault
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

CHECKS = "sender_account_checks"
WARMUPS = ("warmups", "warmup_statistics")


def test_each_sender_is_checked_once_a_run_and_every_check_is_kept(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    senders = server.world.account("default").senders
    for loads in (1, 2):
        server.reset_counts()
        warehouse.load(server, tables=("sender_accounts", CHECKS))
        assert server.calls[CHECKS] == len(senders)
        assert server.calls["sender_accounts"] == 1
        assert len(warehouse.stored(CHECKS)) == loads * len(senders)
        assert warehouse.differences(server, tables=(CHECKS,)) == {}
        senders[0] = replace(senders[0], valid=False)
        server.world.advance(60)


def test_warmups_and_their_statistics_hold_the_truth_and_a_second_load_changes_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Also where a page holds fewer warm-ups than were asked for."""
    server = sandbox(campaigns=1)
    server.world.warmups_per_page = 2
    warehouse.load(server, tables=WARMUPS)
    assert warehouse.differences(server, tables=WARMUPS) == {}
    assert {row["statistic"] for row in warehouse.rows("warmup_statistics")} == {"day", "provider", "deliverability"}
    assert (server.calls["warmups"], server.calls["warmup_statistics"]) == (2, 3)
    before = warehouse.everything(without=("sync_runs",))
    warehouse.load(server, tables=WARMUPS)
    assert warehouse.everything(without=("sync_runs",)) == before


def test_warmups_that_move_or_go_are_history_and_their_statistics_follow(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    warmups = server.world.account("default").warmups
    warehouse.load(server, tables=WARMUPS)
    gone = warmups.pop()
    silenced = warmups[1] = replace(warmups[1], is_silent=True, sent_today=0)
    server.world.advance(86_400)
    warehouse.load(server, tables=WARMUPS)
    assert warehouse.differences(server, tables=WARMUPS) == {}
    assert {row["id"] for row in warehouse.closed("warmups")} == {gone.id, silenced.id}


def test_a_time_that_is_too_long_is_asked_for_as_the_last_month(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    server.world.warmup_longest_days = 31
    oldest = server.world.account("default").warmups[0]
    warehouse.load(server, tables=WARMUPS)
    assert warehouse.last_run()["warmup_statistics"]["outcome"] == "ok"
    rows = [row for row in warehouse.rows("warmup_statistics") if row["warmup_id"] == oldest.id]
    days = [row["date"] for row in rows if row["statistic"] == "day"]
    assert (min(days), max(days)) == (NOW.date() - timedelta(days=30), NOW.date())
    assert {row["date_from"] for row in rows} == {None}


@pytest.mark.parametrize("payload", [{"data": {"message": "later"}}, {"data": []}], ids=str)
def test_an_answer_without_statistics_clears_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse, payload: dict[str, Any]
) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=WARMUPS)
    before = warehouse.stored("warmup_statistics")
    server.faults.add(Fault("payload", "warmup_statistics", options={"payload": payload}))
    warehouse.load(server, tables=WARMUPS, sweep_days=0)
    assert warehouse.last_run()["warmup_statistics"]["outcome"] == "failed"
    assert warehouse.stored("warmup_statistics") == before


def test_an_ignored_page_is_an_error(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    meta = {"total_items": 9, "page": 1, "per_page": 1, "total_pages": 9}
    payload = {"data": [{"id": 1, "status": "active"}], "success": True, "meta": meta}
    server.faults.add(Fault("payload", "warmups", options={"payload": payload}))
    warehouse.load(server, tables=WARMUPS[:1])
    assert "`page` is ignored" in warehouse.last_run()["warmups"]["detail"]
    assert server.calls["warmups"] == 2


def test_nothing_of_this_is_asked_unless_it_is_selected() -> None:
    assert not {CHECKS, *WARMUPS, "email_step_contents", "recipient_statuses"} & set(DEFAULT_TABLES)
    assert not [table for table in DEFAULT_TABLES if table.startswith("prospect_") and table != "prospect_lists"]
