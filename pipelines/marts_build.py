"""The marts: the dbt project in `pipelines/marts`, built and tested by dbt within this process.

dbt keeps nothing in the checkout: its profile, its compiled files and its logs lie in a folder of their own that goes
when it is done. What it writes is in three schemas of the warehouse: `marts`, `marts_staging` (what the marts are
made of) and `marts_history` (what the API does not tell again: who was in a list, and when).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines import warehouse
from pipelines.configuration import DEFAULT_ACCOUNT
from pipelines.looking import looking
from pipelines.marts_profile import environment, profile, schema_of
from pipelines.pipeline import Place, place_of
from pipelines.registry import SOURCES
from pipelines.snovio import SNOVIO
from pipelines.unfinished import check_finished
from sources.errors import ConfigurationError, OutreachError
from sources.tables import ACCOUNT, ADDED_BY_DLT, KINDS

logger = logging.getLogger(__name__)

PROJECT: Final = Path(__file__).with_name("marts")
"""The dbt project."""

_FLAGS: Final = [
    "--log-level",
    "none",
    "--log-level-file",
    "none",
    "--no-use-colors",
    "--no-print",
    "--no-version-check",
    "--no-send-anonymous-usage-stats",
    "--no-partial-parse",
    "--no-write-json",
]
_UNTESTED: Final = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
_MODELS: Final = ("model", "snapshot")
_GOOD: Final = ("success", "pass", "warn")


class MartsFailed(OutreachError):
    """dbt could not run at all."""


@dataclass(slots=True)
class Marts:
    """What building the marts came to.

    Args:
        warehouse: Where they lie: the file, or the destination's name.
        schema: The schema that holds them.
        models: The models that were built, snapshots included.
        passed: How many data and unit tests passed.
        warned: Tests that found something worth a look, in words, by name; they count as passed.
        failed: What failed, in words, by the name of the model or test.
        skipped: What was not built for that.
        seconds: How long it took.
    """

    warehouse: str
    schema: str
    models: list[str] = field(default_factory=list)
    passed: int = 0
    warned: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """1 if anything failed."""
        return 1 if self.failed else 0


def build(
    project: Path,
    *,
    destination: str = warehouse.DUCKDB,
    dataset: str = "",
    select: Sequence[str] = (),
    tested: bool = True,
) -> Marts:
    """Build the marts and run their tests.

    Args:
        project: The project folder.
        destination: `duckdb` or `postgres`.
        dataset: A dataset that holds a source's tables instead of the one of the source's name; the marts lie in a
            schema named after it then. Empty: none.
        select: Only these models, in dbt's words (`+snovio__reconciliation`); all if empty.
        tested: Whether their tests run too.

    Raises:
        AlreadyRunning: A load is running; nothing was touched.
        ConfigurationError: The destination or the dataset is wrong.
        LoadUnfinished: A load was ended in the middle of its commit; the next one makes it good.
        MartsFailed: dbt could not run.
        WarehouseBusy: Another program holds the DuckDB file for longer than 30 s.
    """
    schema = schema_of(dataset)
    if not warehouse.may_hold(destination, project, schema):
        raise ConfigurationError(
            "destination.duckdb.credentials",
            f"the file has the name of the schema {schema!r}, which DuckDB cannot tell apart; choose another file.",
        )
    began = time.monotonic()
    marts = Marts(warehouse.described(destination, project), schema)
    places = [place_of(name, project, destination=destination, dataset="") for name in SOURCES]
    with ExitStack() as held:
        for place in places:
            for account in _accounts_with_locks(place):
                held.enter_context(place.locked(account))
        datasets = held.enter_context(_held(places, dataset))
        _run(marts, places[0], datasets, [*_selected(select), *(() if tested else _UNTESTED)])
    marts.seconds = time.monotonic() - began
    return marts


def _selected(select: Sequence[str]) -> Sequence[str]:
    return ("--select", *select) if select else ()


def _accounts_with_locks(place: Place) -> list[str]:
    """The accounts that were ever loaded from this machine."""
    prefix = place.source.pipeline_name("")
    return sorted(file.stem.removeprefix(prefix) for file in Path(get_dlt_pipelines_dir()).glob(f"{prefix}*.lock"))


@contextmanager
def _held(places: Sequence[Place], dataset: str) -> Iterator[dict[str, str]]:
    """Keep loads from writing to what the marts are made of; by source, the dataset that holds its tables.

    A DuckDB file is one for all datasets, and cannot be looked into while it is held. On PostgreSQL each dataset has
    a turn of its own, and until that is held a load of another machine may be writing.
    """
    if places[0].destination == warehouse.DUCKDB:
        datasets = _datasets(places, dataset)
        with places[0].writing(time.sleep):
            yield datasets
        return
    with ExitStack() as held:
        for name in sorted({*SOURCES, dataset} - {""}):  # in this order, as all do who hold more than one
            held.enter_context(replace(places[0], dataset=name).writing(time.sleep))
        yield _datasets(places, dataset)


def _datasets(places: Sequence[Place], dataset: str) -> dict[str, str]:
    """By source, the dataset that holds its tables; each was loaded to its end.

    Raises:
        ConfigurationError: A dataset is named that holds no source's tables.
    """
    found = {place.source.name: place.source.name for place in places}
    named = not dataset
    for place in places:
        for name in filter(None, (dataset, place.source.name)):
            if _holds(place, name):
                found[place.source.name] = name
                named = named or name == dataset
                break
    if not named:
        raise ConfigurationError("dataset", f"--dataset: {dataset!r} holds no tables of {' or '.join(found)}.")
    return found


def _holds(place: Place, dataset: str) -> bool:
    """Whether a dataset holds the tables of the place's source; no load of them may be half-written."""
    if not warehouse.may_hold(place.destination, place.project, dataset):
        return False
    with looking(place.source, place.project, destination=place.destination, dataset=dataset) as pipeline:
        if pipeline is None or place.source.name not in warehouse.schemas_there(pipeline):
            return False
        check_finished(place.source, pipeline)
    return True


def _run(marts: Marts, place: Place, datasets: Mapping[str, str], what: Sequence[str]) -> None:
    variables = {
        "columns": _columns(),
        "lookback_days": SNOVIO.settings_of(DEFAULT_ACCOUNT).lookback_days,
        **{f"{source}_dataset": dataset for source, dataset in datasets.items()},
    }
    with TemporaryDirectory(prefix="outreach-marts-") as name, environment(place):
        folder = Path(name)
        (folder / "profiles.yml").write_text(json.dumps(profile(place, marts.schema)), encoding="utf-8")
        try:
            answer = dbtRunner(callbacks=[_tell]).invoke(
                [
                    "build",
                    *_FLAGS,
                    *("--project-dir", str(PROJECT), "--profiles-dir", name),
                    *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
                    *("--vars", json.dumps(variables)),
                    *what,
                ]
            )
        finally:
            _let_go()
    if answer.exception is not None:
        raise MartsFailed(f"dbt did not run: {answer.exception}") from answer.exception
    for result in getattr(answer.result, "results", ()):
        _note(marts, result)


def _columns() -> dict[str, dict[str, dict[str, str]]]:
    """Source -> table -> column -> dlt's type: what a table holds that was never loaded."""
    return {
        source.name: {
            table.name: {
                column.name: KINDS[column.kind].data_type for column in (ACCOUNT, *table.columns, *ADDED_BY_DLT)
            }
            for table in source.tables.values()
        }
        for source in SOURCES.values()
    }


def _note(marts: Marts, result: Any) -> None:
    """Add what came of a model or test."""
    name, kind, status = result.node.name, str(result.node.resource_type), str(result.status)
    if status == "skipped":
        marts.skipped.append(name)
    elif status not in _GOOD:
        marts.failed[name] = " ".join(str(result.message).split())
    elif kind in _MODELS:
        marts.models.append(name)
    else:
        marts.passed += 1
        if status == "warn":
            marts.warned[name] = " ".join(str(result.message).split())


def _tell(event: Any) -> None:
    """Log what dbt says."""
    level = logging.WARNING if event.info.level == "warn" else logging.DEBUG
    logger.log(level, "dbt: %s", event.info.msg)


def _let_go() -> None:
    """Close what dbt keeps open until the process ends."""
    adapters: Any = FACTORY.adapters.values()
    for adapter in adapters:
        adapter.cleanup_connections()
        manager = adapter.connections
        if (opened := getattr(manager, "_ENV", None)) is not None:  # the DuckDB file, open for as long as the process
            opened.close()
            manager.close_all_connections()
    FACTORY.reset_adapters()  # type: ignore[no-untyped-call]  # dbt left it without types
