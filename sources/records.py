"""What a read tells about itself: rows it could not understand, and what it did."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.reading import Reading
from sources.record_tables import REJECTED_ROWS, SYNC_RUNS
from sources.tables import Row, Table
from sources.writing import observations, seen_once


def rejected_rows(reading: Reading, tables: Mapping[str, Table]) -> DltResource:
    """Rows that could not be understood, as first seen; read after the tables (of the source) they come from."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        yield reading.take_rejected()

    after = {*tables} - {REJECTED_ROWS.name, SYNC_RUNS.name}
    return seen_once(reading, tables[REJECTED_ROWS.name], read, after=after)


def sync_runs(reading: Reading, tables: Collection[str]) -> DltResource:
    """What this read did, a row a table; read last, and written again by each slice of a load."""

    def read(_: Outcome) -> Iterator[list[Row]]:
        reading.plan(dlt.current.source_state())  # a load that read neither campaigns nor lists
        yield [_run(reading, outcome) for outcome in reading.outcomes.values() if outcome.table != SYNC_RUNS.name]

    return observations(reading, SYNC_RUNS, read, after={*tables} - {SYNC_RUNS.name}, asks=False)


def _run(reading: Reading, outcome: Outcome) -> Row:
    least, most = (reading.planned or {}).get(outcome.table, (None, None))
    return {
        "account": reading.account,
        "run_id": reading.run_id,
        "table_name": outcome.table,
        "started_at": reading.started_at,
        "seconds": outcome.seconds,
        "calls": reading.api.calls[outcome.table],
        "calls_least": least,
        "calls_most": most,
        "rows": outcome.rows,
        "rejected": outcome.rejected,
        "newest_row": outcome.newest,
        "swept": outcome.swept,
        "repaired": outcome.repaired,
        "unordered": outcome.unordered,
        "outcome": outcome.word,
        "detail": outcome.detail,
    }
