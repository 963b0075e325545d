"""What lies in the warehouse, how old it is, and what is unfinished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import dlt
import pendulum

from pipelines import warehouse
from pipelines.looking import looking, states
from pipelines.registry import SOURCES
from pipelines.source import Source
from sources.record_tables import REJECTED_ROWS, SYNC_RUNS


@dataclass(frozen=True, slots=True)
class TableStatus:
    """One table of one account.

    Args:
        source: The source.
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

    source: str
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

    source: str
    account: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Status:
    """What lies in the warehouse."""

    warehouse: str
    tables: list[TableStatus] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    next_loads: list[NextLoad] = field(default_factory=list)
    probes_off: list[str] = field(default_factory=list)

    @property
    def rejected_rows(self) -> int:
        """Rows that could not be understood, of all accounts."""
        return sum(table.rows for table in self.tables if table.table == REJECTED_ROWS.name)

    @property
    def calls(self) -> int:
        """Calls spent so far, those for tokens aside."""
        return sum(table.calls for table in self.tables)


def status(project: Path, *, destination: str, dataset: str = "") -> Status:
    """Look into the warehouse, without touching it.

    Args:
        project: The project folder.
        destination: A dlt destination.
        dataset: The dataset to look into; empty: that of each source's name.

    Raises:
        ConfigurationError: The destination is wrong.
        WarehouseBusy: A load, or another program, holds the DuckDB file for longer than 30 s.
    """
    found = Status(warehouse.described(destination, project))
    for source in SOURCES.values():
        if not dataset and not warehouse.may_hold(destination, project, source.name):
            continue
        with looking(source, project, destination=destination, dataset=dataset or source.name) as pipeline:
            if pipeline is None or source.name not in warehouse.schemas_there(pipeline):
                continue
            there = warehouse.tables_there(pipeline)
            if SYNC_RUNS.name in there:
                found.tables.extend(_tables(source, pipeline, there))
                _add_accounts(found, source, pipeline)
    return found


def _tables(source: Source, pipeline: dlt.Pipeline, there: set[str]) -> Iterator[TableStatus]:
    counts = " UNION ALL ".join(
        f"SELECT account, '{name}' AS table_name, count(*) AS row_count FROM {name} GROUP BY account"  # noqa: S608
        for name in source.tables
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
    order = {name: position for position, name in enumerate(source.tables)}
    for account, table in sorted({*rows, *last}, key=lambda key: (key[0], order.get(key[1], len(order)))):
        key = (account, table)
        run = last.get(key, {})
        started = run.get("started_at")
        yield TableStatus(
            source=source.name,
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


def _add_accounts(found: Status, source: Source, pipeline: dlt.Pipeline) -> None:
    """Add how each account stands, told by its state and the warehouse alone."""
    for account, state in states(source, pipeline).items():
        standing = source.standing(pipeline, source.settings_of(account), state)
        name = f"{source.name} {account}"
        found.unfinished.extend(f"{name}: {line}" for line in standing.unfinished)
        found.probes_off.extend(f"{name}: {line}" for line in standing.notes)
        if standing.next_load is not None:
            found.next_loads.append(NextLoad(source.name, account, *standing.next_load))
