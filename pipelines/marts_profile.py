"""How dbt reaches the warehouse: a profile for each kind of destination."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pipelines import destinations, warehouse
from pipelines.pipeline import Place
from sources.errors import ConfigurationError

SCHEMA: Final = "marts"
"""Where the marts of the sources' own datasets lie."""

_MARTS: Final = re.compile(r"(?:\w+_)?marts(?:_[a-z]+)?")
_PASSWORD: Final = "DBT_ENV_SECRET_POSTGRES_PASSWORD"  # noqa: S105  # a name; dbt masks what it holds
_SETTINGS: Final = {"memory_limit": "1GB", "TimeZone": "UTC"}
_TAKEN_OVER: Final = ("sslmode", "sslcert", "sslkey", "sslrootcert", "connect_timeout")
"""Parameters of a connection string that dbt takes too."""


def schema_of(dataset: str) -> str:
    """The schema of the marts, by the dataset that is named for the sources' tables; empty: none is."""
    return f"{dataset}_{SCHEMA}" if dataset else SCHEMA


def holds_marts(schema: str) -> bool:
    """Whether a schema is called like those that marts, what they are made of and their history lie in."""
    return _MARTS.fullmatch(schema) is not None


@contextmanager
def environment(place: Place) -> Iterator[None]:
    """What dbt reads from the environment while it runs: the password, and that days are UTC on PostgreSQL too."""
    before = dict(os.environ)
    if place.destination != warehouse.DUCKDB:
        os.environ |= {_PASSWORD: str(_credentials(place).password or ""), "PGTZ": "UTC"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def profile(place: Place, schema: str) -> dict[str, Any]:
    """The contents of dbt's `profiles.yml`; a password is not in it.

    Args:
        place: Where the sources are loaded to.
        schema: The schema of the marts.

    Raises:
        ConfigurationError: dbt builds no marts there.
    """
    output = _duckdb(place) if place.destination == warehouse.DUCKDB else _postgres(_credentials(place))
    return {"outreach": {"target": "marts", "outputs": {"marts": {**output, "schema": schema}}}}


def _duckdb(place: Place) -> Mapping[str, Any]:
    file = warehouse.duckdb_file(place.project)
    return {"type": "duckdb", "path": str(file), "threads": 1, "settings": _SETTINGS}


def _postgres(found: Any) -> Mapping[str, Any]:
    query = dict(found.query or {})
    return {
        "type": "postgres",
        "host": query.get("host") or found.host,
        "port": found.port,
        "user": found.username,
        "password": f"{{{{ env_var('{_PASSWORD}') }}}}",
        "dbname": found.database,
        "threads": 4,
        **{name: query[name] for name in _TAKEN_OVER if name in query},
    }


def _credentials(place: Place) -> Any:
    server = destinations.server_of(place.destination)
    if server is None:
        raise ConfigurationError(
            "destination", f"--destination: marts are built on duckdb and postgres, not on {place.destination}."
        )
    return server.credentials
