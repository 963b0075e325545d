"""Looking into the warehouse without touching it: rows, and what the state of each account says."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import dlt
from dlt.common.versioned_state import decompress_state

from pipelines import warehouse
from sources.snovio import leftovers
from sources.snovio.known import Known
from sources.snovio.settings import Settings
from sources.snovio.tables import CAMPAIGNS

States = Mapping[str, Mapping[str, Any]]
"""What dlt keeps of the source, by account."""


@contextmanager
def looking(project: Path, *, destination: str, dataset: str) -> Iterator[dlt.Pipeline | None]:
    """Open the warehouse for reading; None while there is no file.

    Raises:
        ConfigurationError: The destination is wrong.
        WarehouseBusy: A load, or another program, holds the DuckDB file for longer than 30 s.
    """
    if destination == warehouse.DUCKDB:
        file = warehouse.duckdb_file(project)
        warehouse.wait_until_free(file, time.sleep, read_only=True)
        if not file.exists():
            yield None
            return
    folder = mkdtemp(prefix="outreach-looking-")
    try:
        made = warehouse.destination(destination, project, account="looking", dataset=dataset, read_only=True)
        yield dlt.pipeline("snovio_looking", destination=made, dataset_name=dataset, pipelines_dir=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def states(pipeline: dlt.Pipeline) -> States:
    """The state of every account as its last complete load left it; none where nothing was loaded."""
    if not {"_dlt_loads", "_dlt_pipeline_state"} <= warehouse.tables_there(pipeline):
        return {}
    query = (
        "SELECT pipeline_name, state FROM _dlt_pipeline_state "
        "JOIN _dlt_loads ON load_id = _dlt_load_id WHERE status = 0 ORDER BY version"
    )
    found = {name: decompress_state(state) for name, state in warehouse.read(pipeline, query)}
    return {
        name.removeprefix("snovio_"): dict(state).get("sources", {}).get("snovio", {})
        for name, state in sorted(found.items())
    }


def known(pipeline: dlt.Pipeline, state: Mapping[str, Any], settings: Settings) -> Known | None:
    """What is known of an account before it is loaded; None if its campaigns were never loaded."""
    if CAMPAIGNS.name not in warehouse.tables_there(pipeline):
        return None
    query = (
        f"SELECT id, status, started_at, updated_at FROM campaigns "  # noqa: S608  # the name is checked
        f"WHERE account = '{settings.account}' AND _dlt_valid_to IS NULL ORDER BY id"
    )
    campaigns = [
        {"id": number, "status": status, "started_at": started and started.astimezone(UTC),
         "updated_at": updated and updated.astimezone(UTC)}
        for number, status, started, updated in warehouse.read(pipeline, query)
    ]  # fmt: skip
    if not campaigns and state.get("campaigns_seen"):
        return None
    left = leftovers.find(pipeline, settings.account, everything=settings.full_refresh)
    return Known(state, campaigns, left)
