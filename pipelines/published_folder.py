"""A published folder of Parquet files, one a table: what takes a warehouse to a lake.

The path is a symbolic link to the newest of the folders `.NAME.TIME` beside it. Replacing the link is one step, so
that the path always leads to one whole folder; two folders cannot be exchanged in one step on every file system. The
last folder before the newest one is kept, for who resolved the link and is reading there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from pipelines.in_place import finish, synced
from pipelines.publishable import LIMITS, RECORD, WAREHOUSE, Publishable, PublishRefused, literal, named

COLUMNS: Final = "_columns"
"""The file that says what tables and columns mean; a table's own row names no column."""

_WIDE: Final = ("HUGEINT", "UHUGEINT")
"""Types that Parquet lacks: DuckDB would write doubles."""
_TIME: Final = "%Y%m%dT%H%M%S%fZ"


class PublishedFolder:
    """The format `parquet`; a `Copy`.

    Args:
        draft: An empty folder on the target's file system.
        target: The path of the link.
    """

    def __init__(self, draft: Path, target: Path) -> None:
        self._folder = draft / "tables"
        self._link = draft / "link"
        self._target = target
        self._pattern = f".{target.name}.[0-9]*Z"

    def refuse(self) -> None:
        """Refuse a target that is something else."""
        if self._target.is_symlink() and self._target.readlink().match(self._pattern):
            return
        if self._target.is_symlink() or self._target.exists():
            raise PublishRefused(
                f"{self._target} exists and is no published copy; choose another path, or remove it."
            )

    def original(self, table: Publishable) -> str:
        """The table, whole numbers that are too wide for Parquet as decimals."""
        wide = [named(column.name) for column in table.columns if column.data_type in _WIDE]
        casts = ", ".join(f"CAST({name} AS DECIMAL(38, 0)) AS {name}" for name in wide)
        return f"(SELECT *{f' REPLACE ({casts})' if wide else ''} FROM {table.within(WAREHOUSE)})"  # noqa: S608

    def copied(self, table: Publishable) -> str:
        """The table's file."""
        return f"read_parquet({self._file(f'{table.dataset}.{table.name}')})"

    def write(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Publishable]) -> None:
        """Copy tables, the record, and what tables and columns mean."""
        self._folder.mkdir()
        for table in tables:
            self._export(connection, self.original(table), f"{table.dataset}.{table.name}")
        self._export(connection, f"(FROM {RECORD})", RECORD)
        connection.execute(
            f"CREATE TEMP TABLE {COLUMNS} "
            "(dataset VARCHAR, table_name VARCHAR, column_name VARCHAR, data_type VARCHAR, meaning VARCHAR)"
        )
        rows = [
            (table.dataset, table.name, *column)
            for table in tables
            for column in ((None, None, table.comment), *table.columns)
        ]
        connection.executemany(f"INSERT INTO {COLUMNS} VALUES (?, ?, ?, ?, ?)", rows)  # noqa: S608  # our own name
        self._export(connection, f"(FROM {COLUMNS})", COLUMNS)

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that reads the files."""
        with duckdb.connect(config=LIMITS) as connection:
            yield connection

    def put_in_place(self) -> None:
        """Replace the link, then remove folders older than the one that it led to until now."""
        for file in self._folder.iterdir():
            finish(file)
        synced(self._folder)
        before = self._target.readlink().name if self._target.is_symlink() else ""
        name = f".{self._target.name}.{datetime.now(UTC):{_TIME}}"
        self._folder.replace(self._target.with_name(name))
        self._link.symlink_to(name)
        self._link.replace(self._target)
        synced(self._target.parent)
        for folder in self._target.parent.glob(self._pattern):
            if folder.name not in {name, before}:
                shutil.rmtree(folder, ignore_errors=True)

    def _export(self, connection: duckdb.DuckDBPyConnection, rows: str, name: str) -> None:
        connection.execute(f"COPY {rows} TO {self._file(name)} (FORMAT parquet, COMPRESSION zstd)")

    def _file(self, name: str) -> str:
        return literal(str(self._folder / f"{name}.parquet"))
