"""Whether a load was ended before it was complete: what it left is neither the old rows nor the new ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines import warehouse
from pipelines.source import Source
from sources.errors import OutreachError
from sources.record_tables import SYNC_RUNS

_LOADS: Final = "_dlt_loads"
_RECORDED: Final = f"SELECT load_id FROM {_LOADS} WHERE status = 0"  # noqa: S608  # dlt's own
_BEGUN: Final = ("started_jobs", "completed_jobs")


class LoadUnfinished(OutreachError):
    """A load ended in the middle of its commit; the next one makes it good."""


def check_finished(source: Source, pipeline: dlt.Pipeline) -> None:
    """Refuse a dataset that a killed load left half-written.

    Hold the warehouse while asking: then no load of ours is in the middle of its commit, only one that was killed.
    A load that is still reading the API does no harm: what it committed before is whole.

    Args:
        source: The source.
        pipeline: A pipeline of its dataset; any account's.

    Raises:
        LoadUnfinished: One did; the message says whose.
    """
    there = warehouse.tables_there(pipeline)
    if not {_LOADS, SYNC_RUNS.name} <= there:
        return
    recorded = {load_id for (load_id,) in warehouse.read(pipeline, _RECORDED)}
    left = _left_rows(source, pipeline, there)
    for account in _begun(source, pipeline, recorded):
        left.setdefault(account, [])
    if left:
        account, tables = min(left.items())
        rows = f" It left rows in {', '.join(tables)}." if tables else ""
        raise LoadUnfinished(
            f"a load of {source.name}, account {account}, was ended in the middle of its commit.{rows} Make it good "
            f"with: outreach load {source.name} --account {account}"
        )


def _left_rows(source: Source, pipeline: dlt.Pipeline, there: set[str]) -> dict[str, list[str]]:
    """By account, the tables with rows of no recorded load that are newer than the last recorded one.

    Older ones were met by a later load, which found them right: history and observations keep theirs. What a run says
    of itself is no part of what it must make good.
    """
    queries = [
        f"SELECT DISTINCT account, '{name}' FROM {name} AS stored"  # noqa: S608  # names of our own
        # with NOT IN, PostgreSQL compares each row with each load once these are more than its memory holds
        f" WHERE _dlt_load_id IN (SELECT _dlt_load_id FROM {name} EXCEPT {_RECORDED}) AND _dlt_load_id > COALESCE(("
        f"SELECT max(_dlt_load_id) FROM {SYNC_RUNS.name} AS run WHERE run.account = stored.account"
        f" AND run.table_name = '{name}' AND run._dlt_load_id IN ({_RECORDED})), '')"
        for name in source.tables
        if name in there and name != SYNC_RUNS.name
    ]
    left: dict[str, list[str]] = {}
    for account, table in warehouse.read(pipeline, " UNION ALL ".join(queries)) if queries else []:
        left.setdefault(account, []).append(table)
    return left


def _begun(source: Source, pipeline: dlt.Pipeline, recorded: set[str]) -> Iterator[str]:
    """The accounts with a package whose load into the warehouse was begun and is not recorded."""
    prefix = source.pipeline_name("")
    for package in Path(get_dlt_pipelines_dir()).glob(f"{prefix}*/load/normalized/*"):
        if package.name in recorded or not any(any((package / jobs).glob("*")) for jobs in _BEGUN):
            continue
        folder = package.parents[2]
        if _is_of(pipeline, folder):
            yield folder.name.removeprefix(prefix)


def _is_of(pipeline: dlt.Pipeline, folder: Path) -> bool:
    """Whether a pipeline's working folder is that of loads into the same dataset of the same kind of destination."""
    try:
        state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return True  # it does not say otherwise
    ours = (pipeline.destination.destination_type, pipeline.dataset_name)
    return (state.get("destination_type"), state.get("dataset_name")) == ours
