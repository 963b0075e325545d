"""The dlt pipelines of a source's accounts, and what guards them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines import lock, warehouse
from pipelines.registry import SOURCES
from pipelines.source import Source
from sources.errors import ConfigurationError, OutreachError


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

    def locked(self, account: str) -> AbstractContextManager[None]:
        """Hold the lock of an account.

        Raises:
            AlreadyRunning: Another process holds it; raised when the context is entered.
        """
        return lock.held(Path(get_dlt_pipelines_dir()), self.source.pipeline_name(account))

    def fresh_pipeline(self, account: str) -> dlt.Pipeline:
        """The pipeline of an account, which knows what the destination tells it: synchronize it before its use.

        The working folder is thrown away: state and schema come back from the destination, as the last complete load
        left them. So a package left by a killed load, an old copy of the folder, or the state of another warehouse
        can never be taken for what was loaded.
        """
        name = self.source.pipeline_name(account)
        shutil.rmtree(Path(get_dlt_pipelines_dir()) / name, ignore_errors=True)
        made = warehouse.destination(self.destination, self.project, account=account, dataset=self.dataset)
        return dlt.pipeline(name, destination=made, dataset_name=self.dataset)

    def writing(self, wait: Callable[[float], None]) -> AbstractContextManager[None]:
        """Guard a use of the warehouse: a DuckDB file has one writer at a time, also among our own loads.

        Args:
            wait: Sleeps; may raise to end the run.
        """
        if self.destination != warehouse.DUCKDB:
            return nullcontext()
        return warehouse.writing(warehouse.duckdb_file(self.project), wait)

    def check_dataset(self, pipeline: dlt.Pipeline) -> None:
        """Refuse a dataset with another source's tables, which have the same names.

        Raises:
            DatasetTaken: It is one.
        """
        if others := warehouse.schemas_there(pipeline).intersection(SOURCES) - {self.source.name}:
            raise DatasetTaken(
                f"--dataset: {self.dataset} holds the tables of {', '.join(others)}, some of which have the names of "
                f"those of {self.source.name}; choose another dataset."
            )

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
