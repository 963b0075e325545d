"""What tables and columns mean, told to the warehouse: BI tools show it beside the data.

dlt itself tells descriptions of columns to BigQuery, Databricks and Snowflake alone. Here DuckDB and PostgreSQL get
comments, and any other destination gets a table `_columns`. Both are compared with what is there, so a load after
which nothing is new writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any, Final

import dlt
from dlt.common.destination.exceptions import DestinationException
from dlt.pipeline.exceptions import PipelineStepFailed

from sources import values
from sources.tables import ACCOUNT, ADDED_BY_DLT, KINDS, Row, Table

logger = logging.getLogger(__name__)

COLUMNS: Final = "_columns"
"""The table of descriptions, where a destination has no comments."""

_HINTS: Final[Any] = {
    name: {"data_type": "text"}
    for name in ("table_name", "one_row", "column_name", "data_type", "meaning", "in_the_answer", "mark")
}

_BY_DLT: Final = ("bigquery", "databricks", "snowflake")
_STORED: Final = {
    "duckdb": """
        SELECT table_name, NULL, comment FROM duckdb_tables()
        WHERE database_name = current_database() AND schema_name = %s
        UNION ALL
        SELECT table_name, column_name, comment FROM duckdb_columns()
        WHERE database_name = current_database() AND schema_name = %s
    """,
    "postgres": """
        SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p') AND n.nspname = %s
        UNION ALL
        SELECT c.relname, NULL, obj_description(c.oid, 'pg_class')
        FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = %s
    """,
}
"""By kind of destination, what asks for table, column (null: the table) and comment; takes the dataset twice."""


def describe(pipeline: dlt.Pipeline, tables: Mapping[str, Table]) -> int:
    """Tell the warehouse what its tables and columns mean, where it does not know yet.

    Descriptions are worth no load: when they cannot be written, a warning says so.

    Args:
        pipeline: A pipeline that has just loaded; nobody else may be writing to its warehouse.
        tables: The source's tables by name; those that are not there are passed over.

    Returns:
        How many descriptions were written.
    """
    kind = pipeline.destination.destination_type.rpartition(".")[2]
    try:
        if kind in _STORED:
            return _comment(pipeline, _STORED[kind], tables)
        return 0 if kind in _BY_DLT else _list(pipeline, tables)
    except (DestinationException, PipelineStepFailed) as error:
        logger.warning("tables and columns could not be described in the warehouse: %s", error)
        logger.debug("the whole story", exc_info=error)
        return 0


def _comment(pipeline: dlt.Pipeline, query: str, tables: Mapping[str, Table]) -> int:
    """Write the comments that differ, all at once or none."""
    # PostgreSQL takes 63 characters; dlt shortens what is longer
    named = pipeline.naming.normalize_path
    wanted: dict[tuple[str, str | None], str] = {
        (row["table_name"], named(row["column_name"])): row["meaning"] for row in _rows(tables)
    }
    wanted |= {(name, None): table.grain for name, table in tables.items()}
    with pipeline.sql_client() as client:
        literal = client.capabilities.escape_literal
        stored = client.execute_sql(query, client.dataset_name, client.dataset_name) or []
        statements = []
        for table, column, comment in stored:
            meaning = wanted.get((table, column))
            if meaning and meaning != comment:
                place = client.make_qualified_table_name(table)
                what = f"COLUMN {place}.{client.escape_column_name(column)}" if column else f"TABLE {place}"
                statements.append(f"COMMENT ON {what} IS {literal(meaning)}")
        if statements:
            with client.begin_transaction():
                client.execute_many(statements)
    return len(statements)


def _list(pipeline: dlt.Pipeline, tables: Mapping[str, Table]) -> int:
    """Write the table of descriptions anew, unless it is what the state says was written last."""
    rows = list(_rows(tables))
    content = values.digest(rows)

    @dlt.resource(name=COLUMNS, write_disposition="replace", columns=_HINTS)
    def columns() -> Iterator[list[Row]]:
        dlt.current.resource_state()["content"] = content
        yield rows

    state: Any = pipeline.state
    for part in ("sources", pipeline.default_schema_name, "resources", COLUMNS):
        state = state.get(part, {})
    if state.get("content") == content:
        return 0
    pipeline.run(columns())
    return len(rows)


def _rows(tables: Mapping[str, Table]) -> Iterator[Row]:
    """A row for each column that a table may have."""
    for table in tables.values():
        for column in (ACCOUNT, *table.columns, *ADDED_BY_DLT):
            yield {
                "table_name": table.name,
                "one_row": table.grain,
                "column_name": column.name,
                "data_type": KINDS[column.kind].data_type,
                "meaning": column.meaning,
                "in_the_answer": " or ".join(column.places) if column.evidence else None,
                "mark": column.evidence or None,
            }
