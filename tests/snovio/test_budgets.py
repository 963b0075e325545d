"""Reads that are cut off by a budget, again and again."""

from collections.abc import Sequence

import dlt
import pytest

from sources.budget import Budget
from sources.snovio import resources
from sources.snovio.api import SnovioApi
from sources.snovio.reading import AccountReading
from sources.snovio.settings import Settings
from sources.snovio.tables import TABLES
from tests.conftest import MakeSandbox
from tests.sandbox.server import SandboxServer
from tests.warehouse import DATASET, Warehouse

pytestmark = pytest.mark.slow


def load(
    server: SandboxServer, warehouse: Warehouse, calls: int, run_id: str = "run", tables: Sequence[str] = ()
) -> AccountReading:
    """One load with a budget of so many calls; of these tables alone, or of all."""
    client_id, client_secret = server.credentials("default")
    destination = dlt.destinations.duckdb(str(warehouse.path), preferred_loader_file_format="parquet")
    pipeline = dlt.pipeline("snovio_default", destination=destination, dataset_name=DATASET)
    with SnovioApi(
        client_id=client_id,
        client_secret=client_secret,
        base_url=server.url,
        requests_per_minute=0,
        budget=Budget(max_requests=calls),
    ) as api:
        reading = AccountReading(api, Settings(), list(tables or TABLES), run_id)

        @dlt.source(name="snovio", max_table_nesting=0)
        def account() -> object:
            return resources(reading)

        source = account()
        with warehouse.kept_open():
            pipeline.run(source.with_resources(*tables) if tables else source)
    return reading


def test_a_budget_below_the_cost_of_a_quiet_load_still_reaches_every_list(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Each load begins with the campaign at which the last one was cut off, and the tables take turns."""
    server = sandbox(campaigns=3, scale=0.1)
    of_days = ("emails_sent", "email_opens", "recipient_activity")
    tables = (*of_days, "completed_prospects", "prospect_lists", "list_prospects")
    for number in range(30):
        reading = load(server, warehouse, 10, str(number), tables)
        assert reading.stopped is not None
        assert reading.api.calls.total() == 10
        if not set(warehouse.differences(server, tables=of_days)):
            return
    raise AssertionError(f"not read after 30 loads: {warehouse.differences(server, tables=of_days)}")
