"""What is in the warehouse already, whatever the state says."""

from __future__ import annotations

from typing import Any

import dlt
from dlt.destinations.sql_client import SqlClientBase


def stored_tables(client: SqlClientBase[Any]) -> set[str]:
    """The tables that exist in the client's dataset."""
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
    return {str(name) for (name,) in client.execute_sql(query, client.dataset_name) or []}


def stored_values(pipeline: dlt.Pipeline, account: str, table: str, *columns: str) -> set[tuple[Any, ...]]:
    """The values that some columns of an account's rows have together; none while the table does not exist.

    Args:
        pipeline: The pipeline that is about to load.
        account: Whose rows.
        table: The table.
        columns: The columns.
    """
    with pipeline.sql_client() as client:
        if table not in stored_tables(client):
            return set()
        query = f"SELECT DISTINCT {', '.join(columns)} FROM {table} WHERE account = %s"  # noqa: S608  # our own names
        return {tuple(values) for values in client.execute_sql(query, account) or []}
