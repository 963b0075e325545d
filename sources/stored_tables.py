"""What is in the warehouse already, whatever the state says.

Queries are written once, as DuckDB and PostgreSQL understand them, with the names of tables alone. Any other
destination gets them in its own dialect, with the names that dlt gave its tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import dlt
import sqlglot
from dlt.destinations.sql_client import SqlClientBase
from sqlglot import expressions as sql

_AS_WRITTEN: Final = ("duckdb", "postgres")
"""Dialects that need no translation: there, a connection of dlt's finds tables by their names alone."""
_BIGQUERY: Final = "bigquery"
_ARGUMENT: Final = "'%s'"
"""Stands for an argument while a query is translated: a text, which every dialect writes alike."""


def select(client: SqlClientBase[Any], query: str, *arguments: Any) -> Sequence[Sequence[Any]]:
    """Rows of a query over the client's dataset; names of tables stand without it.

    Args:
        client: A client that is open.
        query: The query, with `%s` for each argument.
        arguments: Values.
    """
    return client.execute_sql(understood(client, query), *arguments) or []


def understood(client: SqlClientBase[Any], query: str) -> str:
    """A query as the client's destination understands it."""
    capabilities = client.capabilities
    if capabilities.sqlglot_dialect in _AS_WRITTEN:
        return query
    tree = sqlglot.parse_one(query.replace("%s", _ARGUMENT), dialect="postgres")
    for column in tree.find_all(sql.Column):
        name = capabilities.casefold_identifier(column.name)
        column.set("this", sql.to_identifier(name, quoted=True))
    for table in list(tree.find_all(sql.Table)):
        path = client.make_qualified_table_name_path(table.name, quote=False)
        parts = zip(("this", "db", "catalog"), reversed(path), strict=False)
        named = sql.Table(**{part: sql.to_identifier(name, quoted=True) for part, name in parts})
        named.set("alias", table.args.get("alias"))
        table.replace(named)
    return tree.sql(dialect=capabilities.sqlglot_dialect).replace(_ARGUMENT, "%s")


def stored_tables(client: SqlClientBase[Any]) -> set[str]:
    """The tables that exist in the client's dataset, by the names that dlt knows them by."""
    *_, schema = client.make_qualified_table_name_path(None, quote=False)
    prefix = client.make_qualified_table_name_path("_", quote=False)[-1].removesuffix("_").lower()
    where = "information_schema.tables"
    if client.capabilities.sqlglot_dialect == _BIGQUERY:  # has one in each dataset
        where = f"{client.fully_qualified_dataset_name()}.INFORMATION_SCHEMA.TABLES"
    query = f"SELECT table_name FROM {where} WHERE table_schema = %s"  # noqa: S608  # the client's own name
    names = (str(name).lower() for (name,) in client.execute_sql(query, schema) or [])
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


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
        return {tuple(values) for values in select(client, query, account)}
