"""Whole loads against a sandbox that stands still: every row of every table, and nothing on a second load."""

import shutil
from pathlib import Path

import pytest

from sources.snovio.tables import DAY_TABLES
from tests.conftest import MakeSandbox
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

UNCOUNTED = ("sync_runs", "account_balance")
"""Tables in which every load leaves rows."""


def test_a_first_load_holds_the_truth_and_a_second_changes_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox()
    warehouse.load(server)
    assert warehouse.differences(server) == {}
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}

    before = warehouse.everything(without=UNCOUNTED)
    warehouse.load(server)
    assert warehouse.everything(without=UNCOUNTED) == before
    assert warehouse.differences(server) == {}


def test_a_lost_working_folder_changes_nothing(sandbox: MakeSandbox, warehouse: Warehouse, dlt_folder: Path) -> None:
    """The state comes back from the destination."""
    server = sandbox(campaigns=3)
    tables = ("campaigns", *DAY_TABLES, "completed_prospects", "list_prospects", "custom_fields")
    warehouse.load(server, tables=tables)
    before = warehouse.everything(without=UNCOUNTED)
    calls = server.calls["emails_sent"]

    shutil.rmtree(dlt_folder)
    warehouse.load(server, tables=tables)

    assert warehouse.everything(without=UNCOUNTED) == before
    assert server.calls["emails_sent"] < 2 * calls
