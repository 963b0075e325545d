"""What lies in the warehouse, how old it is, and what is unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import pendulum

from pipelines import warehouse
from pipelines.configuration import settings_of
from pipelines.looking import known, looking, states
from sources.snovio.known import Known, total
from sources.snovio.plan import planned
from sources.snovio.settings import Settings
from sources.snovio.tables import DAY_TABLES, DEFAULT_TABLES, TABLES


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
        last_calls: Calls that its last load spent on it.
        planned_least: Calls that were planned for it at least, when that load began; None: not planned.
        planned_most: The same at most.
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
    last_calls: int | None
    planned_least: int | None
    planned_most: int | None
    last_outcome: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class NextLoad:
    """How many calls the next load of an account will ask, told by the state alone."""

    account: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Status:
    """What lies in the warehouse."""

    warehouse: str
    tables: list[TableStatus] = field(default_factory=list)
    rejected_rows: int = 0
    calls: int = 0
    unfinished: list[str] = field(default_factory=list)
    next_loads: list[NextLoad] = field(default_factory=list)
    probes_off: list[str] = field(default_factory=list)


def status(project: Path, *, destination: str, dataset: str) -> Status:
    """Look into the warehouse, without touching it.

    Raises:
        ConfigurationError: The destination is wrong.
        WarehouseBusy: A load, or another program, holds the DuckDB file for longer than 30 s.
    """
    where = str(warehouse.duckdb_file(project)) if destination == warehouse.DUCKDB else destination
    with looking(project, destination=destination, dataset=dataset) as pipeline:
        there = warehouse.tables_there(pipeline) if pipeline else set()
        if pipeline is None or "sync_runs" not in there:
            return Status(where)
        tables = list(_tables(pipeline, there))
        accounts = list(_accounts(pipeline))
        return Status(
            where,
            tables,
            sum(table.rows for table in tables if table.table == "rejected_rows"),
            sum(table.calls for table in tables),
            [line for account, _, found in accounts for line in _unfinished(account, found)],
            [_next_load(*account) for account in accounts],
            [f"{account}: {why}" for account, _, found in accounts if (why := found.probe_off)],
        )


def _tables(pipeline: dlt.Pipeline, there: set[str]) -> Iterator[TableStatus]:
    counts = " UNION ALL ".join(
        f"SELECT account, '{name}' AS table_name, count(*) AS row_count FROM {name} GROUP BY account"  # noqa: S608
        for name in TABLES
        if name in there
    )
    rows = {(account, table): count for account, table, count in warehouse.read(pipeline, counts)}
    last: dict[tuple[str, str], dict[str, Any]] = {}
    calls: dict[tuple[str, str], int] = {}
    newest: dict[tuple[str, str], datetime] = {}
    for run in warehouse.read_named(pipeline, "SELECT * FROM sync_runs ORDER BY started_at"):
        key = (run["account"], run["table_name"])
        last[key] = run
        calls[key] = calls.get(key, 0) + run["calls"]
        if run["newest_row"] is not None:
            newest[key] = max(run["newest_row"], newest.get(key, run["newest_row"]))
    order = {name: position for position, name in enumerate(TABLES)}
    for account, table in sorted({*rows, *last}, key=lambda key: (key[0], order.get(key[1], len(order)))):
        key = (account, table)
        run = last.get(key, {})
        started = run.get("started_at")
        yield TableStatus(
            account=account,
            table=table,
            rows=rows.get(key, 0),
            newest_row=newest.get(key),
            last_load=started,
            lag="" if started is None else _ago(started),
            calls=calls.get(key, 0),
            last_calls=run.get("calls"),
            planned_least=run.get("calls_least"),
            planned_most=run.get("calls_most"),
            last_outcome=run.get("outcome"),
            detail=run.get("detail"),
        )


def _ago(moment: datetime) -> str:
    return pendulum.instance(moment).diff_for_humans(pendulum.now("UTC"), absolute=True)


def _accounts(pipeline: dlt.Pipeline) -> Iterator[tuple[str, Settings, Known]]:
    """What is known of each account whose campaigns were loaded."""
    for account, state in states(pipeline).items():
        settings = settings_of(account)
        found = known(pipeline, state, settings)
        if found is not None:
            yield account, settings, found


def _next_load(account: str, settings: Settings, found: Known) -> NextLoad:
    """What the next load of an account will ask, of which campaigns are known; token calls included."""
    calls = total(planned(found, settings, DEFAULT_TABLES, datetime.now(UTC).date()).values())
    return NextLoad(account, calls.least + 1, calls.most + 1)


def _unfinished(account: str, found: Known) -> Iterator[str]:
    """Event tables that were begun, but not read to the end of the list of every started campaign."""
    for table in filter(found.of, DAY_TABLES):
        unread = [campaign for campaign in found.started if not found.coverage(table, campaign["id"]).complete]
        if unread:
            yield f"{account}: {table} of {len(unread)} campaigns is not read to its end"
