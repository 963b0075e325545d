"""A BI tool: `python -m tests.pipelines.bi_tool FILE LINK` reads published copies until its input ends.

It prints what it saw as one JSON object: how often it read each, how many different copies it met, and what failed.
"""

import json
import select
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.publishable import content


def read_file(file: Path) -> str:
    """Read every table of a published file.

    Returns:
        When it was published.

    Raises:
        AssertionError: It is not whole.
        duckdb.Error: It cannot be read.
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        return _read(connection, "_published", lambda table: table)


def read_folder(link: Path) -> str:
    """The same of a published folder: who follows the link once has one copy before him."""
    folder = link.resolve(strict=True)
    with duckdb.connect() as connection:
        return _read(connection, f"'{folder}/_published.parquet'", lambda table: f"'{folder}/{table}.parquet'")


def _read(connection: duckdb.DuckDBPyConnection, record: str, rows_of: Callable[[str], str]) -> str:
    query = f"SELECT dataset || '.' || table_name, rows, published_at::VARCHAR FROM {record}"  # noqa: S608  # our own
    told = connection.execute(query).fetchall()
    assert told
    for table, rows, _ in told:
        assert content(connection, rows_of(table)).rows == rows, table
    return str(told[0][2])


def main() -> None:
    """Read both copies in turn."""
    tools = [(read_file, Path(sys.argv[1])), (read_folder, Path(sys.argv[2]))]
    reads, copies, failed = 0, set(), []
    while not select.select([sys.stdin], [], [], 0.1)[0]:
        for read, path in tools:
            try:
                copies.add((path.name, read(path)))
            except (duckdb.Error, AssertionError, OSError) as error:
                failed.append(f"{path.name}: {error!r}")
            reads += 1
    json.dump({"reads": reads, "copies": len(copies), "failed": failed}, sys.stdout)


if __name__ == "__main__":
    main()
