"""Looking into the warehouse without touching it: rows, and what the state of each account says."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import dlt
from dlt.common.versioned_state import decompress_state

from pipelines import destinations, warehouse
from pipelines.source import Source, State


@contextmanager
def looking(source: Source, project: Path, *, destination: str, dataset: str) -> Iterator[dlt.Pipeline | None]:
    """Open the warehouse for reading; None while there is no file.

    Raises:
        ConfigurationError: The destination is wrong.
        CannotHold: Likewise.
        ServerUnreachable: There is no PostgreSQL server.
        WarehouseBusy: A load, or another program, holds the DuckDB file for longer than 30 s.
    """
    if destination == warehouse.DUCKDB:
        file = warehouse.duckdb_file(project)
        warehouse.wait_until_free(file, time.sleep, read_only=True)
        if not file.exists():
            yield None
            return
    elif server := destinations.server_of(destination):
        server.check()
    folder = mkdtemp(prefix="outreach-looking-")
    try:
        made = warehouse.destination(destination, project, account="looking", dataset=dataset, read_only=True)
        name = source.pipeline_name("looking")
        yield dlt.pipeline(name, destination=made, dataset_name=dataset, pipelines_dir=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def states(source: Source, pipeline: dlt.Pipeline) -> Mapping[str, State]:
    """What dlt keeps of every account as its last complete load left it; none where nothing was loaded."""
    if not {"_dlt_loads", "_dlt_pipeline_state"} <= warehouse.tables_there(pipeline):
        return {}
    query = (
        "SELECT pipeline_name, state FROM _dlt_pipeline_state "
        "JOIN _dlt_loads ON load_id = _dlt_load_id WHERE status = 0 ORDER BY version"
    )
    newest: dict[str, str] = dict(warehouse.read(pipeline, query))
    prefix = source.pipeline_name("")
    return {
        name.removeprefix(prefix): dict(decompress_state(state)).get("sources", {}).get(source.name, {})
        for name, state in sorted(newest.items())
        if name.startswith(prefix)
    }
