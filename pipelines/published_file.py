"""A published DuckDB file: a compact copy, which readers keep open while the next one takes its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from pipelines.in_place import finish, synced
from pipelines.publishable import LIMITS, RECORD, WAREHOUSE, Publishable, PublishRefused, literal, named

_COPY: Final = "copy"


class PublishedFile:
    """The format `duckdb`; a `Copy`.

    Args:
        draft: An empty folder on the target's file system.
        target: The file.
    """

    def __init__(self, draft: Path, target: Path) -> None:
        self._draft = draft / f"{_COPY}.duckdb"
        self._target = target

    def refuse(self) -> None:
        """Refuse a target that is something else."""
        if self._target.exists() and not _is_copy(self._target):
            raise PublishRefused(
                f"{self._target} exists and is no published copy; choose another path, or remove it."
            )

    def original(self, table: Publishable) -> str:
        """The table itself."""
        return table.within(WAREHOUSE)

    def copied(self, table: Publishable) -> str:
        """The table of the same name."""
        return table.within(_COPY)

    def write(self, connection: duckdb.DuckDBPyConnection, tables: Sequence[Publishable]) -> None:
        """Copy tables, comments and the record, compressed as DuckDB does by default."""
        if self._target.stem in {table.dataset for table in tables}:
            raise PublishRefused(
                f"{self._target.name} has the name of the dataset {self._target.stem!r}, which DuckDB cannot tell "
                "apart; choose another path."
            )
        connection.execute(f"ATTACH {literal(str(self._draft))} AS {_COPY}")
        connection.begin()  # one commit, not one for each comment
        for table in tables:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_COPY}.{named(table.dataset)}")
            connection.execute(f"CREATE TABLE {self.copied(table)} AS FROM {self.original(table)}")
            for statement in _comments(table, self.copied(table)):
                connection.execute(statement)
        connection.execute(f"CREATE TABLE {_COPY}.{RECORD} AS FROM {RECORD}")
        connection.commit()
        connection.execute(f"DETACH {_COPY}")

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, open for reading."""
        with duckdb.connect(str(self._draft), read_only=True, config=LIMITS) as connection:
            yield connection

    def put_in_place(self) -> None:
        """Rename it: who has the old file open keeps that."""
        finish(self._draft)
        # What a program that could write to the old copy left; DuckDB would take it for changes to the new one.
        self._target.with_name(f"{self._target.name}.wal").unlink(missing_ok=True)
        self._draft.replace(self._target)
        synced(self._target.parent)


def _comments(table: Publishable, copied: str) -> Iterator[str]:
    if table.comment:
        yield f"COMMENT ON TABLE {copied} IS {literal(table.comment)}"
    for column in table.columns:
        if column.comment:
            place = f"{copied}.{named(column.name)}"
            yield f"COMMENT ON COLUMN {place} IS {literal(column.comment)}"


def _is_copy(file: Path) -> bool:
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            found = connection.execute(
                "SELECT TRUE FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = ?", [RECORD]
            )
            return found.fetchone() is not None
    except duckdb.Error:
        return False
