"""The dlt pipelines of a source's accounts, and what guards them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.common.time import increasing_precise_time

from pipelines import destinations, lock, warehouse
from pipelines.registry import SOURCES
from pipelines.source import Source
from sources.errors import ConfigurationError, OutreachError

_EARLIEST_LOAD: Final = 1_000_000_000.0
"""Seconds: loads are named by the time and ordered by these names as text, and a name from before 2001 is shorter."""
_FORGETTING: Final = ("duckdb", "postgres")
"""Dialects that the statement below is written for."""
_FORGET_STATES: Final = """
    DELETE FROM _dlt_pipeline_state WHERE pipeline_name = %s AND _dlt_load_id < (
        SELECT max(load_id) FROM _dlt_pipeline_state JOIN _dlt_loads ON load_id = _dlt_load_id
        WHERE pipeline_name = %s AND status = 0
    )
"""


class DatasetTaken(OutreachError):
    """The dataset holds the tables of another source."""

    exit_code = ConfigurationError.exit_code


@dataclass(frozen=True, slots=True)
class Place:
    """Where the accounts of a source are loaded to: one pipeline, state and lock an account, one dataset for all.

    Args:
        source: The source.
        project: The project folder.
        destination: A dlt destination.
        dataset: The dataset.
    """

    source: Source
    project: Path
    destination: str
    dataset: str
    _still_alone: list[Callable[[], None]] = field(default_factory=list, repr=False, compare=False)

    @contextmanager
    def locked(self, account: str) -> Iterator[None]:
        """Hold the lock of an account: on this machine, and on PostgreSQL against every other one too.

        Raises:
            AlreadyRunning: Another process holds it; raised when the context is entered.
            ConfigurationError: PostgreSQL refuses the settings.
            ServerUnreachable: There is no server.
        """
        name = self.source.pipeline_name(account)
        with lock.held(Path(get_dlt_pipelines_dir()), name):
            if (server := destinations.server_of(self.destination)) is None:
                yield
                return
            with server.alone(name, self.dataset) as still_alone:
                self._still_alone.append(still_alone)
                try:
                    yield
                finally:
                    self._still_alone.remove(still_alone)

    def fresh_pipeline(self, account: str) -> dlt.Pipeline:
        """The pipeline of an account, which knows what the destination tells it: `synchronize` it before its use.

        The working folder is thrown away: state and schema come back from the destination, as the last complete load
        left them. So a package left by a killed load, an old copy of the folder, or the state of another warehouse
        can never be taken for what was loaded.
        """
        name = self.source.pipeline_name(account)
        shutil.rmtree(Path(get_dlt_pipelines_dir()) / name, ignore_errors=True)
        made = warehouse.destination(self.destination, self.project, account=account, dataset=self.dataset)
        return dlt.pipeline(name, destination=made, dataset_name=self.dataset)

    def synchronize(self, pipeline: dlt.Pipeline) -> None:
        """Take up state and schema from the destination, and have the next loads come after all that are there.

        dlt takes the state of the load with the latest name: one that was loaded while the runner's clock was ahead
        would be taken for the newest until that time has come.
        """
        pipeline.sync_destination()
        newest = ""
        if "_dlt_loads" in warehouse.tables_there(pipeline):
            [(newest,)] = warehouse.read(pipeline, "SELECT max(load_id) FROM _dlt_loads")
        last = increasing_precise_time._last  # noqa: SLF001  # dlt has no other way to name a load
        increasing_precise_time._last = max(last, _EARLIEST_LOAD, float(newest or 0))  # noqa: SLF001  # likewise

    @contextmanager
    def writing(self, wait: Callable[[float], None]) -> Iterator[None]:
        """Guard a use of the warehouse: one of our loads after another.

        A DuckDB file has one writer at a time. On PostgreSQL two loads that make the same table at once would fail,
        and one that lost its lock must not write.

        Args:
            wait: Sleeps; may raise to end the run.

        Raises:
            WarehouseBusy: Another program holds the DuckDB file.
            ServerUnreachable: The server went away, or the session that holds the lock did.
        """
        if self.destination == warehouse.DUCKDB:
            with warehouse.writing(warehouse.duckdb_file(self.project), wait):
                yield
        elif (server := destinations.server_of(self.destination)) is None:
            yield
        else:
            for check in self._still_alone:
                check()
            with server.turn(self.dataset, wait):
                yield

    def check_dataset(self, pipeline: dlt.Pipeline) -> None:
        """Refuse a dataset that cannot be written, or with another source's tables, which have the same names.

        Raises:
            DatasetTaken: It has such tables.
            NotPermitted: PostgreSQL's user may not write it.
        """
        if (server := destinations.server_of(self.destination)) is not None:
            with pipeline.sql_client() as client:
                schemas = [client.dataset_name, client.staging_dataset_name]
            server.check_rights(schemas)
        if others := warehouse.schemas_there(pipeline).intersection(SOURCES) - {self.source.name}:
            raise DatasetTaken(
                f"--dataset: {self.dataset} holds the tables of {', '.join(others)}, some of which have the names of "
                f"those of {self.source.name}; choose another dataset."
            )

    def forget_states(self, pipeline: dlt.Pipeline) -> None:
        """Remove what dlt kept of an account at earlier loads: it keeps every state, and takes up the newest alone.

        A state is as large as the account has campaigns; those of a year's hourly loads would outgrow the rows.
        """
        with pipeline.sql_client() as client:
            if client.capabilities.sqlglot_dialect in _FORGETTING:
                client.execute_sql(_FORGET_STATES, pipeline.pipeline_name, pipeline.pipeline_name)

    def forget_loaded(self, pipeline: dlt.Pipeline) -> None:
        """Remove packages that were loaded: nobody reads them."""
        shutil.rmtree(Path(pipeline.working_dir) / "load" / "loaded", ignore_errors=True)


def place_of(source: str, project: Path, *, destination: str, dataset: str) -> Place:
    """Where a source is loaded to.

    Args:
        source: Its name.
        project: The project folder.
        destination: A dlt destination.
        dataset: The dataset; empty: that of the source's name.
    """
    return Place(SOURCES[source], project, destination, dataset or source)
