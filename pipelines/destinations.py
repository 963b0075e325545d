"""Which of dlt's destinations can hold a source, told without connecting, and how each is made."""

from __future__ import annotations

from typing import Any, Final, cast

import dlt
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.common.exceptions import MissingDependencyException
from dlt.common.schema.typing import TLoaderMergeStrategy
from dlt.common.schema.utils import new_table
from dlt.extract import DltSource

from sources.errors import ConfigurationError, OutreachError

_NEEDED: Final = frozenset({"delete-insert", "scd2"})
"""How tables are merged: units are replaced, and history is kept."""
_WITHOUT_BOOLEANS: Final = ("fabric", "tsql")
"""Dialects in which `NOT column` is no condition."""
_SEEN_ONCE: Final = "insert-only"
_LAKES: Final = ("delta", "filesystem", "iceberg")
_INSTEAD: Final = (
    "load into duckdb or postgres, and give the lake its files with: outreach publish PATH --format parquet"
)
_POSTGRES: Final = "dlt.destinations.postgres"


class CannotHold(OutreachError):
    """The command line names a destination that cannot hold what is loaded."""

    exit_code = ConfigurationError.exit_code


def made(name: str, staging: str, *, read_only: bool = False) -> Destination[Any, Any]:
    """The dlt destination; nothing is connected to.

    Args:
        name: A dlt destination, or the name that the settings give one (`destination.NAME.destination_type`).
        staging: How its staging datasets are named, `%s` standing for the dataset.
        read_only: It is only looked at; PostgreSQL sees to that.

    Raises:
        CannotHold: dlt knows no such destination, it cannot merge, or what talks to it is not installed.
    """
    try:
        found: Any = Destination.from_reference(name)
    except UnknownDestinationModule:
        if name in _LAKES:
            raise _no_lake(name) from None
        raise CannotHold(f"--destination: dlt knows no destination {name!r}.") from None
    if found.destination_type == _POSTGRES:
        return _postgres(name, staging, read_only=read_only)
    if missing := sorted(_NEEDED - _strategies(found)):
        if _kind(found) in _LAKES:
            raise _no_lake(name)
        raise CannotHold(
            f"--destination: {name} cannot merge by {' and '.join(missing)}, which replacing rows and keeping "
            f"history need; {_INSTEAD}."
        )
    if found.capabilities().sqlglot_dialect in _WITHOUT_BOOLEANS:
        raise CannotHold(
            f"--destination: {name} knows no boolean conditions, which tell what units became empty; {_INSTEAD}."
        )
    try:
        _ = found.client_class
    except (ImportError, MissingDependencyException) as error:
        raise CannotHold(
            f"--destination: what talks to {name} is not installed ({error}); install dlt's extra for it: "
            f".venv/bin/python -m pip install 'dlt[{_kind(found)}]'"
        ) from None
    return cast("Destination[Any, Any]", Destination.from_reference(name, staging_dataset_name_layout=staging))


def _kind(found: Destination[Any, Any]) -> str:
    return found.destination_type.rpartition(".")[2]


def _no_lake(name: str) -> CannotHold:
    return CannotHold(
        f"--destination: {name} holds files, in which dlt can neither replace a unit of rows (delete-insert) nor "
        "keep history (scd2): without a table format it would append every row again, and delta and iceberg have "
        f"neither. Instead, {_INSTEAD}."
    )


def _strategies(found: Destination[Any, Any]) -> frozenset[TLoaderMergeStrategy]:
    """How a destination can merge plain tables."""
    capabilities = found.capabilities()
    strategies = capabilities.supported_merge_strategies or []
    if selector := capabilities.merge_strategies_selector:
        strategies = selector(strategies, table_schema=new_table("any"))
    return frozenset(strategies)


def _postgres(name: str, staging: str, *, read_only: bool) -> Destination[Any, Any]:
    try:
        from pipelines import postgres  # noqa: PLC0415  # its driver need not be installed
    except (ImportError, MissingDependencyException) as error:
        raise CannotHold(
            f"--destination: what talks to PostgreSQL is not installed ({error}); run: "
            ".venv/bin/python -m pip install 'dlt[postgres]'"
        ) from None
    return cast("Destination[Any, Any]", postgres.made(name, staging, read_only=read_only))


def server_of(name: str) -> Any:
    """The PostgreSQL server behind a destination, a `postgres_server.Server`; None: it is another destination.

    Raises:
        CannotHold: As for `made`.
        ConfigurationError: Its credentials are missing or are none.
    """
    found = made(name, "%s")
    if found.destination_type != _POSTGRES:
        return None
    from pipelines.postgres_server import Server  # noqa: PLC0415  # as above

    key = f"destination.{name}.credentials"
    example = "give it as postgresql://user:password@host:5432/database."
    try:
        resolved: Any = found.configuration(found.spec()._bind_dataset_name("any"))  # noqa: SLF001  # dlt's own way
    except ConfigurationException:
        # dlt tells of every place that it looked in, and of what it found there
        given: Any = dlt.secrets.get(key)
        problem = "is not complete" if given else "is missing"
        raise ConfigurationError(key, f"{problem}; {example}") from None
    return Server(key, resolved.credentials)


def adapted(source: DltSource, destination: Destination[Any, Any]) -> DltSource:
    """A source with its tables merged in ways that a destination knows.

    Where rows cannot be kept as they were first seen (`rejected_rows`), a row that comes again replaces itself.
    """
    if _SEEN_ONCE in _strategies(destination):
        return source
    for resource in source.resources.values():
        hints: Any = resource.write_disposition
        if isinstance(hints, dict) and hints.get("strategy") == _SEEN_ONCE:
            resource.apply_hints(write_disposition={"disposition": "merge", "strategy": "delete-insert"})
    return source
