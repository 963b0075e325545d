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


def states(source: Source, pipeline: dlt.Pipeline, account: str = "") -> Mapping[str, State]:
    """What dlt keeps of every account as its last complete load left it; none where nothing was loaded.

    Args:
        source: The source.
        pipeline: A pipeline of its dataset.
        account: Of this one alone; empty: of all.
    """
    if not {"_dlt_loads", "_dlt_pipeline_state"} <= warehouse.tables_there(pipeline):
        return {}
    only = f"AND pipeline_name = '{source.pipeline_name(account)}' " if account else ""
    # the warehouse tells the newest of each: all that were ever kept need not fit into memory
    query = (
        "SELECT pipeline_name, state FROM (SELECT pipeline_name, state, "  # noqa: S608  # an account's name is checked
        "row_number() OVER (PARTITION BY pipeline_name ORDER BY load_id DESC) AS place "
        f"FROM _dlt_pipeline_state JOIN _dlt_loads ON load_id = _dlt_load_id WHERE status = 0 {only}) AS kept "
        "WHERE place = 1"
    )
    newest: dict[str, str] = dict(warehouse.read(pipeline, query))
    prefix = source.pipeline_name("")
    return {
        name.removeprefix(prefix): dict(decompress_state(state)).get("sources", {}).get(source.name, {})
        for name, state in sorted(newest.items())
        if name.startswith(prefix)
    }
