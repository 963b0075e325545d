"""What of a warehouse is for readers: the tables of a DuckDB file with their comments, and a digest of their rows.

`publishable_postgres` tells the same of a PostgreSQL database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import duckdb
from dlt.common.data_writers.escape import escape_duckdb_literal, escape_postgres_identifier

from sources.erased import ERASED_PEOPLE
from sources.errors import OutreachError

WAREHOUSE: Final = "warehouse"
"""What the warehouse is called in the connection that copies from it."""

RECORD: Final = "_published"
"""The table of a copy that tells which tables were copied, with how many rows, and when; it marks a copy as one."""

MARK: Final = "A copy for readers, which is replaced by: outreach publish "
"""How the comment begins that marks a schema of PostgreSQL as a copy; the copy's name follows."""

LIMITS: Final[dict[str, str | bool | int | float | list[str]]] = {"memory_limit": "400MB", "threads": 1}
"""Rows stream through; each further thread takes the memory of a batch."""

_LOADS: Final = "_dlt_loads"
_OWN: Final = "_dlt_"
_STAGING: Final = "_staging_"
_MADE_OF: Final = "marts_staging"
"""How the schema ends that holds what the marts are made of."""


class PublishRefused(OutreachError):
    """What was asked for cannot be published, or not there."""

    exit_code = 2


class PublishFailed(OutreachError):
    """The copy could not be made, or is not what the warehouse holds."""


class Content(NamedTuple):
    """What a table holds: how many rows, and the sum of their hashes, which any change alters."""

    rows: int
    digest: int | None


class Column(NamedTuple):
    """A column and what it means."""

    name: str
    data_type: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Publishable:
    """A table of the warehouse.

    Args:
        dataset: Its schema.
        name: Its name.
        comment: What a row is.
        columns: Its columns in order.
    """

    dataset: str
    name: str
    comment: str | None
    columns: tuple[Column, ...]

    def within(self, database: str) -> str:
        """Its name in SQL."""
        return ".".join(map(named, (database, self.dataset, self.name)))


def named(identifier: str) -> str:
    """A name in SQL."""
    return str(escape_postgres_identifier(identifier))


def literal(text: str) -> str:
    """A text in SQL."""
    return str(escape_duckdb_literal(text))


@contextmanager
def opened(file: Path, spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the warehouse open for reading.

    Args:
        file: The warehouse.
        spill: A folder for what does not fit into memory.
    """
    with duckdb.connect(config=LIMITS) as connection:
        connection.execute(f"SET temp_directory = {literal(str(spill))}")
        connection.execute(f"ATTACH {literal(str(file))} AS {WAREHOUSE} (READ_ONLY)")
        yield connection


def datasets(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """The datasets that loads wrote, and the sources whose tables are in each, as dlt keeps them."""
    query = "SELECT DISTINCT schema_name FROM duckdb_tables() WHERE database_name = ? AND table_name = ? ORDER BY ALL"
    found = [name for (name,) in connection.execute(query, [WAREHOUSE, _LOADS]).fetchall()]
    schemas = "SELECT DISTINCT schema_name FROM {}.{}._dlt_version"
    return {
        name: {source for (source,) in connection.execute(schemas.format(WAREHOUSE, named(name))).fetchall()}
        for name in found
    }


def tables(connection: duckdb.DuckDBPyConnection, raw: Collection[str]) -> list[Publishable]:
    """The tables for readers, by name.

    Left out are the staging datasets of loads, the tables in which dlt keeps its state, what the marts are made of,
    who was erased, and views, which call the tables that they read by the name of their file.

    Args:
        connection: That of `opened`.
        raw: The datasets of loads to take; whatever else is there, such as the marts, is taken anyway.
    """
    loaded = datasets(connection)
    columns: dict[tuple[str, str], list[Column]] = {}
    query = """
        SELECT schema_name, table_name, column_name, data_type, comment
        FROM duckdb_columns() WHERE database_name = ? ORDER BY schema_name, table_name, column_index
    """
    for dataset, table, *column in connection.execute(query, [WAREHOUSE]).fetchall():
        columns.setdefault((dataset, table), []).append(Column(*column))
    query = "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL"
    return [
        Publishable(dataset, table, comment, tuple(columns[dataset, table]))
        for dataset, table, comment in connection.execute(query, [WAREHOUSE]).fetchall()
        if (dataset in raw if dataset in loaded else _holds_results(dataset, loaded)) and is_for_readers(table)
    ]


def is_for_readers(table: str) -> bool:
    """Whether a table holds more than what keeps the loads going."""
    return (table == _LOADS or not table.startswith(_OWN)) and table != ERASED_PEOPLE


def _holds_results(schema: str, loaded: Collection[str]) -> bool:
    """Whether a schema that no load calls its dataset holds more than steps on the way."""
    return not schema.endswith(_MADE_OF) and not any(schema.startswith(one + _STAGING) for one in loaded)


def content(connection: duckdb.DuckDBPyConnection, rows: str) -> Content:
    """Read a table, or a query in parentheses, from end to end."""
    query = f"SELECT count(*), sum(hash(stored)) FROM {rows} AS stored"  # noqa: S608  # our own queries
    [found] = connection.execute(query).fetchall()
    return Content(*found)


def keep_record(
    connection: duckdb.DuckDBPyConnection, contents: Mapping[Publishable, Content], moment: datetime
) -> None:
    """Make the record of what is copied, in the connection that copies."""
    rows = [(table.dataset, table.name, found.rows, moment) for table, found in contents.items()]
    connection.execute(
        f"CREATE TEMP TABLE {RECORD} (dataset VARCHAR, table_name VARCHAR, rows BIGINT, published_at TIMESTAMPTZ)"
    )
    connection.executemany(f"INSERT INTO {RECORD} VALUES (?, ?, ?, ?)", rows)  # noqa: S608  # our own name


class Copy(Protocol):
    """A copy in some format, from its draft to its place."""

    def refuse(self) -> None:
        """Refuse a target that must not be replaced.

        Raises:
            PublishRefused: It is something else than an earlier copy.
        """
        ...

    def original(self, table: Publishable) -> str:
        """The table's rows in the warehouse, as the format can hold them, in SQL."""
        ...

    def copied(self, table: Publishable) -> str:
        """The table's rows in the copy, in SQL."""
        ...

    def write(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Publishable]) -> None:
        """Copy tables and record into the draft.

        Raises:
            PublishRefused: The target's name would stand in the way of readers.
        """
        ...

    def opened(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """The draft, read as readers will."""
        ...

    def put_in_place(self) -> None:
        """Let readers have the copy: at each instant they see the old one or this one, whole."""
        ...
