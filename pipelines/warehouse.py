"""Where the rows go: the destination, and plain reads from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import dlt
import duckdb
from dlt.common.destination import Destination
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from filelock import FileLock, Timeout

from pipelines import destinations
from sources.errors import ConfigurationError, OutreachError
from sources.stored_tables import stored_tables, understood

DUCKDB: Final = "duckdb"
_FILE: Final = "outreach.duckdb"
_SETTINGS: Final = {
    "memory_limit": "200MB",
    # A slice has few row groups: with a second thread it took more time, not less.
    "threads": 1,
    # Trying it on every text takes a third of the time of a load; `publish` compresses.
    "disabled_compression_methods": "fsst",
}
_LOCKED: Final = "Could not set lock on file"
_SECONDS_TO_WAIT: Final = 30.0
_SECONDS_BETWEEN_TRIES: Final = 0.5


class WarehouseBusy(OutreachError):
    """Another program holds the DuckDB file."""


def duckdb_file(project: Path) -> Path:
    """The DuckDB file: `destination.duckdb.credentials`, or `outreach.duckdb` in the project folder."""
    configured: Any = dlt.secrets.get("destination.duckdb.credentials") or dlt.config.get(
        "destination.duckdb.credentials"
    )
    if isinstance(configured, dict):
        configured = configured.get("database")
    path = str(configured or _FILE).removeprefix("duckdb:///")
    if "://" in path or path.startswith((":", "md:")):
        raise ConfigurationError("destination.duckdb.credentials", f"{path!r} is no file; give a path.")
    return (project / Path(path).expanduser()).resolve()


def destination(
    name: str, project: Path, *, account: str, dataset: str, read_only: bool = False
) -> Destination[Any, Any]:
    """The dlt destination.

    Args:
        name: `duckdb`, or another dlt destination that is configured.
        project: The project folder.
        account: Gives each account a staging dataset of its own, so that two loads never meet in one.
        dataset: The dataset that is loaded.
        read_only: For reading only.

    Raises:
        ConfigurationError: The file and the dataset have one name, which DuckDB could not tell apart.
        CannotHold: The destination cannot hold what is loaded.
    """
    staging = f"%s_staging_{account.replace('-', '_')}"
    if name != DUCKDB:
        return destinations.made(name, staging, read_only=read_only)
    file = duckdb_file(project)
    if not may_hold(name, project, dataset):
        raise ConfigurationError(
            "destination.duckdb.credentials",
            f"the file {file.name} has the name of the dataset {dataset!r}, which DuckDB cannot tell apart; "
            "choose another file.",
        )
    credentials = DuckDbCredentials(read_only=read_only, global_config=dict(_SETTINGS))
    credentials.database = str(file)  # given at once it is read as an address, for which sqlalchemy is imported
    # The default, INSERT statements, is some 15 times slower on DuckDB and takes three times the memory.
    return dlt.destinations.duckdb(
        credentials,
        preferred_loader_file_format="parquet",
        supports_transactions=True,  # dlt does not say so: a merge killed after its DELETE would have lost the rows
        staging_dataset_name_layout=staging,
    )


@contextmanager
def writing(file: Path, wait: Callable[[float], None]) -> Iterator[None]:
    """Hold a DuckDB file for writing, one load of ours after another.

    It stays open all the time: each time that it is closed, DuckDB would write everything from its log into it.

    Args:
        file: The file; it need not exist.
        wait: Sleeps; may raise to end the run.

    Raises:
        WarehouseBusy: Another program holds it for 30 s.
    """
    with turn(file, wait), _opened(file, wait):
        yield


@contextmanager
def reading(file: Path, wait: Callable[[float], None]) -> Iterator[None]:
    """The same for reading: no load of ours writes to the file meanwhile, and other readers are welcome."""
    with turn(file, wait):
        wait_until_free(file, wait, read_only=True)
        yield


@contextmanager
def turn(file: Path, wait: Callable[[float], None]) -> Iterator[None]:
    """Wait for the other commands of ours that use a file on this machine, and keep them waiting meanwhile."""
    Path(get_dlt_pipelines_dir()).mkdir(parents=True, exist_ok=True)
    ours = FileLock(Path(get_dlt_pipelines_dir()) / f"{file.name}-{sha256(bytes(file)).hexdigest()[:16]}.lock")
    while True:
        try:
            ours.acquire(timeout=0)
            break
        except Timeout:
            wait(_SECONDS_BETWEEN_TRIES)
    try:
        yield
    finally:
        ours.release()


def wait_until_free(file: Path, wait: Callable[[float], None], *, read_only: bool = False) -> None:
    """Wait until no other program holds a DuckDB file.

    Args:
        file: The file; it need not exist.
        wait: Sleeps; may raise to end the run.
        read_only: Whether to read only: other readers are welcome then.

    Raises:
        WarehouseBusy: It is held for 30 s; the message says by whom.
        ConfigurationError: It is no DuckDB file.
    """
    if file.exists() or not file.parent.is_dir():
        _opened(file, wait, read_only=read_only).close()


def _opened(file: Path, wait: Callable[[float], None], *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    if not file.parent.is_dir():
        raise ConfigurationError("destination.duckdb.credentials", f"{file.parent} is no folder.")
    ends = time.monotonic() + _SECONDS_TO_WAIT
    while True:
        try:
            return duckdb.connect(str(file), read_only=read_only)
        except duckdb.Error as error:
            if _LOCKED not in str(error):
                raise ConfigurationError("destination.duckdb.credentials", f"{file} does not open: {error}") from None
            if time.monotonic() >= ends:
                raise WarehouseBusy(_busy(file, error)) from None
            wait(_SECONDS_BETWEEN_TRIES)


def _busy(file: Path, error: Exception) -> str:
    holder = str(error).partition("Conflicting lock is held in ")[2].partition(". ")[0]
    by = f" by {holder}" if holder else ""
    return (
        f"{file} is held open{by}. A DuckDB file has one writer or many readers, never both: close that program, "
        "or let BI tools read the copy that outreach publish makes."
    )


def read(pipeline: dlt.Pipeline, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the pipeline's dataset; names of tables stand without the dataset."""
    with pipeline.sql_client() as client, client.execute_query(understood(client, query)) as cursor:
        return list(cursor.fetchall())


def read_named(pipeline: dlt.Pipeline, query: str) -> list[dict[str, Any]]:
    """The same, each row by the names of its columns."""
    with pipeline.sql_client() as client, client.execute_query(understood(client, query)) as cursor:
        names = [str(column[0]).lower() for column in cursor.native_cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def tables_there(pipeline: dlt.Pipeline) -> set[str]:
    """The tables that exist in the pipeline's dataset."""
    with pipeline.sql_client() as client:
        return stored_tables(client)


def schemas_there(pipeline: dlt.Pipeline) -> set[str]:
    """The dlt schemas that were loaded into the pipeline's dataset: each source has one, named like it."""
    if "_dlt_version" not in tables_there(pipeline):
        return set()
    return {name for (name,) in read(pipeline, "SELECT DISTINCT schema_name FROM _dlt_version")}


def may_hold(name: str, project: Path, dataset: str) -> bool:
    """Whether a destination can have a dataset of that name: a DuckDB file cannot have one that is named like it."""
    return name != DUCKDB or duckdb_file(project).stem != dataset


def described(name: str, project: Path) -> str:
    """Where the rows lie: the file, the server without its password, or the destination's name.

    Raises:
        ConfigurationError: Where that is, is not configured.
        CannotHold: The destination cannot hold what is loaded.
    """
    if name == DUCKDB:
        return str(duckdb_file(project))
    server = destinations.server_of(name)
    return name if server is None else str(server.where)
