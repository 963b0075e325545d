"""Counts rows and distinct ids: `python -m benchmarks.contenders.count FILE TABLE KEY`."""

import json
import sys

import duckdb


def main(file: str, table: str, key: str) -> None:
    """Prints both numbers as a JSON array."""
    with duckdb.connect(file, read_only=True) as warehouse:
        counted = warehouse.sql(f"SELECT count(*), count(DISTINCT {key}) FROM {table}").fetchone()  # noqa: S608  # ours
    sys.stdout.write(json.dumps(counted) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
