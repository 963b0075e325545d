"""A load in many small dlt runs: every run commits what it has, and the runs together are one read."""

from contextlib import closing
from pathlib import Path
from typing import Any

import dlt
import pytest

from sources.budget import Budget
from sources.sendkit import resources
from sources.sendkit.api import SendkitApi
from sources.sendkit.reading import WorkspaceReading
from sources.sendkit.settings import Settings
from sources.slices import Slice
from tests.sandbox.sendkit.server import SendkitServer
from tests.sendkit.conftest import MakeSendkit, Sendkit
from tests.warehouse import RECORDS

pytestmark = pytest.mark.slow

TABLES = ("campaigns", "campaign_steps", "campaign_analytics", "campaign_leads", "leads", "mailboxes")


def load(server: SendkitServer, path: Path, bounds: Slice, run_id: str = "run", budget: Budget | None = None) -> int:
    """Loads in slices, and says in how many."""
    destination = dlt.destinations.duckdb(str(path), preferred_loader_file_format="parquet")
    pipeline = dlt.pipeline("sendkit_default", destination=destination, dataset_name="sendkit")
    api = SendkitApi(api_key=server.key(), base_url=server.url, requests_per_minute=0, budget=budget)
    reading = WorkspaceReading(api, Settings(), (*TABLES, *RECORDS), run_id, bounds)

    @dlt.source(name="sendkit", max_table_nesting=0)
    def workspace() -> Any:
        return resources(reading)

    with api, closing(reading.readers):
        slices = 0
        while slices == 0 or reading.unread:
            reading.slice.begin()
            pipeline.run(workspace())
            slices += 1
    return slices


def test_many_slices_ask_no_more_than_one_and_hold_the_truth(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=2, leads=120)
    assert load(server, loaded.path, Slice(most_rows=80)) > 3
    assert loaded.differences(server, tables=TABLES) == {}
    assert {run["outcome"] for run in loaded.last_run().values()} == {"ok"}
    assert max(server.calls[name] for name in ("campaigns", "campaign_analytics", "leads")) == 2

    loaded.close()
    server.reset_counts()
    load(server, loaded.path, Slice(most_rows=80), "second run")
    assert server.calls["campaign_leads"] == server.calls["campaign_analytics"] == 0


def test_loads_with_small_budgets_come_to_the_end(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    """What a cut-off load committed is not asked again for as long as nothing moves."""
    server = sendkit(campaigns=2, leads=150)
    loads = 0
    while loads < 20:
        load(server, loaded.path, Slice(), f"run {loads}", Budget(max_requests=12))
        loads += 1
        if "stopped" not in {run["outcome"] for run in loaded.last_run().values()}:
            break
        loaded.close()
    assert loaded.differences(server, tables=TABLES) == {}
    assert 1 < loads < 20
