"""The page of a source's tables: what a row is, how it is kept, and every column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docs.generate.markdown import code, grid, head
from sources.tables import ACCOUNT, ADDED_BY_DLT, KINDS, MARKS, REMOVED_MARK, Column, Table, column_name

_TYPES: Final = {
    "text": ("VARCHAR", "varchar"),
    "bigint": ("BIGINT", "bigint"),
    "double": ("DOUBLE", "double precision"),
    "decimal": ("DECIMAL(38,9)", "numeric(38,9)"),
    "bool": ("BOOLEAN", "boolean"),
    "timestamp": ("TIMESTAMP WITH TIME ZONE", "timestamp with time zone"),
    "date": ("DATE", "date"),
    "json": ("JSON", "jsonb"),
}
"""dlt's types, as DuckDB and PostgreSQL have them."""

_EVERYWHERE: Final = (ACCOUNT, *ADDED_BY_DLT, REMOVED_MARK)


def tables_page(source: str, tables: Mapping[str, Table]) -> str:
    """The page of one source's tables.

    Args:
        source: The source's name, which is that of its dataset.
        tables: Its tables by name.
    """
    parts = [
        head(f"Tables of dataset `{source}`", f"sources/{source}/tables/"),
        f"{len(tables)} tables; [a diagram](../erd.md#{source}) shows how they join. `--select` reads all.\n",
        grid(
            ("table", "a row", "read"),
            ((f"[`{name}`](#{name})", table.grain, _read(table)) for name, table in tables.items()),
        ),
        _legend(),
        *(_table(table) for table in tables.values()),
        _renamed(tables),
    ]
    return "\n".join(parts)


def _read(table: Table) -> str:
    return "by default" if table.default else "if named"


def _legend() -> str:
    return "\n".join(
        (
            "## What holds for every table\n",
            "Instants are UTC, rates are between 0 and 1. Beside its own columns, a table has:\n",
            grid(("column", "type", "meaning"), ((code(one.name), _type(one), one.meaning) for one in _EVERYWHERE)),
            "Types are dlt's:\n",
            grid(("type", "DuckDB", "PostgreSQL"), ((name, *named) for name, named in _TYPES.items())),
            "The last column of each table below tells how the meaning is known:\n",
            grid(("mark", "the meaning is"), ((mark, meaning) for mark, meaning in MARKS.items() if mark)),
            f"Columns without a mark are {MARKS['']}.\n",
        )
    )


def _table(table: Table) -> str:
    facts = {
        "endpoint": code(table.endpoint) if " /" in table.endpoint else table.endpoint,
        "key": code("account", *table.key),
        "kept": table.kept,
        "calls": table.calls,
        "cursor": table.cursor,
        "read": _read(table),
    }
    columns = [column for column in table.columns if column != REMOVED_MARK]
    return "\n".join(
        (
            f"## {table.name}\n",
            f"{table.grain}\n",
            grid(("", ""), facts.items()),
            grid(
                ("column", "type", "meaning", "in the API's answer", "mark"),
                ((code(one.name), _type(one), one.meaning, _places(one), one.evidence) for one in columns),
            ),
        )
    )


def _type(column: Column) -> str:
    return KINDS[column.kind].data_type


def _places(column: Column) -> str:
    return " or ".join(code(place) for place in column.places) if column.evidence else ""


def _renamed(tables: Mapping[str, Table]) -> str:
    """The columns that are not named as dlt would name the API's field."""
    rows = [
        (code(table.name), code(column.name), _places(column))
        for table in tables.values()
        for column in table.columns
        if column.evidence and column.places and column.name not in map(column_name, column.places)
    ]
    return "\n".join(
        (
            "## Renamed columns\n",
            "Columns carry the API's own names in snake_case, two underscores between levels, but for these:\n",
            grid(("table", "column", "in the API's answer"), rows),
        )
    )
