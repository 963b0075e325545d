"""What lies in the warehouse, how old it is, and what is unfinished."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import dlt
import pendulum
from dlt.common.versioned_state import decompress_state

from pipelines import warehouse
from sources.snovio.coverage import Coverage
from sources.snovio.tables import EVENT_TABLES, TABLES


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of one account.

    Args:
        account: The account.
        table: The table.
        rows: Rows in the warehouse, closed versions included.
        newest_row: Time of the newest row ever seen.
        last_load: When it was last read.
        lag: How long ago that is, in words.
        calls: Calls spent on it so far.
        last_outcome: What the last load came to.
        detail: What failed then.
    """

    account: str
    table: str
    rows: int
    newest_row: datetime | None
    last_load: datetime | None
    lag: str
    calls: int
    last_outcome: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What lies in the warehouse."""

    warehouse: str
    tables: list[TableStatus] = field(default_factory=list)
    rejected_rows: int = 0
    calls: int = 0
    unfinished: list[str] = field(default_factory=list)


def status(project: Path, *, destination: str, dataset: str) -> Status:
    """Look into the warehouse, without touching it.

    Raises:
        ConfigurationError: The destination is wrong.
        WarehouseBusy: A load, or another program, holds the DuckDB file for longer than 30 s.
    """
    where = str(warehouse.duckdb_file(project)) if destination == warehouse.DUCKDB else destination
    if destination == warehouse.DUCKDB:
        if not Path(where).exists():
            return Status(where)
        warehouse.wait_until_free(Path(where), time.sleep, read_only=True)
    folder = mkdtemp(prefix="outreach-status-")
    try:
        made = warehouse.destination(destination, project, account="status", dataset=dataset, read_only=True)
        pipeline = dlt.pipeline("snovio_status", destination=made, dataset_name=dataset, pipelines_dir=folder)
        there = warehouse.tables_there(pipeline)
        if "sync_runs" not in there:
            return Status(where)
        tables = list(_tables(pipeline, there))
        return Status(
            where,
            tables,
            sum(table.rows for table in tables if table.table == "rejected_rows"),
            sum(table.calls for table in tables),
            list(_unfinished(pipeline)),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tables(pipeline: dlt.Pipeline, there: set[str]) -> Iterator[TableStatus]:
    counts = " UNION ALL ".join(
        f"SELECT account, '{name}' AS table_name, count(*) AS row_count FROM {name} GROUP BY account"  # noqa: S608
        for name in TABLES
        if name in there
    )
    rows = {(account, table): count for account, table, count in warehouse.read(pipeline, counts)}
    runs = warehouse.read(
        pipeline,
        "SELECT account, table_name, started_at, newest_row, calls, outcome, detail FROM sync_runs "
        "ORDER BY started_at",
    )
    last: dict[tuple[str, str], tuple[Any, ...]] = {}
    calls: dict[tuple[str, str], int] = {}
    newest: dict[tuple[str, str], datetime] = {}
    for account, table, *facts in runs:
        key = (account, table)
        last[key] = tuple(facts)
        calls[key] = calls.get(key, 0) + facts[2]
        if facts[1] is not None:
            newest[key] = max(facts[1], newest.get(key, facts[1]))
    order = {name: position for position, name in enumerate(TABLES)}
    for account, table in sorted({*rows, *last}, key=lambda key: (key[0], order.get(key[1], len(order)))):
        key = (account, table)
        started, _, _, outcome, detail = last.get(key, (None,) * 5)
        yield TableStatus(
            account=account,
            table=table,
            rows=rows.get(key, 0),
            newest_row=newest.get(key),
            last_load=started,
            lag="" if started is None else _ago(started),
            calls=calls.get(key, 0),
            last_outcome=outcome,
            detail=detail,
        )


def _ago(moment: datetime) -> str:
    return pendulum.instance(moment).diff_for_humans(pendulum.now("UTC"), absolute=True)


def _unfinished(pipeline: dlt.Pipeline) -> Iterator[str]:
    """Event lists whose first read, or whose sweep, was cut off; told by the state in the warehouse."""
    query = (
        "SELECT pipeline_name, state FROM _dlt_pipeline_state "
        "JOIN _dlt_loads ON load_id = _dlt_load_id WHERE status = 0 ORDER BY version"
    )
    states = {name: decompress_state(state) for name, state in warehouse.read(pipeline, query)}
    for name, state in sorted(states.items()):
        read = state.get("sources", {}).get("snovio", {}).get("resources", {})
        for table in EVENT_TABLES:
            open_lists = [number for number, found in _lists(read, table) if not Coverage.from_state(found).complete]
            if open_lists:
                yield f"{name.removeprefix('snovio_')}: {table} of {len(open_lists)} campaigns is not read to its end"


def _lists(resources: Mapping[str, Any], table: str) -> Iterator[tuple[str, Any]]:
    yield from resources.get(table, {}).get("lists", {}).items()
