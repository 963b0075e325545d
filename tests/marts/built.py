"""The marts that a DuckDB file holds."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]


class Built:
    """Reads marts; the file is open from the first question until `close`.

    Args:
        file: The DuckDB file.
        schema: That of the marts.
    """

    def __init__(self, file: Path, schema: str = "marts") -> None:
        self._file = file
        self._schema = schema
        self._connection: duckdb.DuckDBPyConnection | None = None

    def rows(self, mart: str, where: str = "true") -> list[Row]:
        """Rows of a mart."""
        return self.query(f"SELECT * FROM {self._schema}.{mart} WHERE {where}")  # noqa: S608  # our own names

    def values(self, mart: str, *columns: str) -> set[tuple[Any, ...]]:
        """What some columns of a mart hold together."""
        return {tuple(row[column] for column in columns) for row in self.rows(mart)}

    def expect(self, mart: str, rows: Collection[Row], where: str = "true") -> None:
        """The columns of the expected rows must hold just these."""
        columns = list(next(iter(rows)))
        found = [{column: row[column] for column in columns} for row in self.rows(mart, where)]
        assert sorted(found, key=str) == sorted(rows, key=str), mart

    def columns(self) -> dict[str, set[str]]:
        """Table or view -> its columns, staging ones too."""
        found: dict[str, set[str]] = {}
        query = "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name LIKE 'marts%'"
        for row in self.query(query):
            found.setdefault(row["table_name"], set()).add(row["column_name"])
        return found

    def query(self, query: str) -> list[Row]:
        """Rows of a query over all schemas."""
        if self._connection is None:
            self._connection = duckdb.connect(str(self._file), read_only=True)
        found = self._connection.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def close(self) -> None:
        """Let go of the file, so that it can be written."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
