"""What of a PostgreSQL database is for readers; of what is not ours there, nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from pipelines.marts_profile import schema_of
from pipelines.publishable import Column, Content, Publishable, is_for_readers, named
from pipelines.registry import SOURCES

_OF_MARTS: Final = ("", "_history")
"""How the schemas end that hold marts, and what cannot be made again."""
_DATASETS: Final = """
    SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname IN ('_dlt_loads', '_dlt_version') AND c.relkind = 'r'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    GROUP BY n.nspname HAVING count(*) = 2 ORDER BY n.nspname
"""
_COLUMNS: Final = """
    SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'),
        a.attname, format_type(a.atttypid, a.atttypmod), col_description(c.oid, a.attnum)
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%s)
    ORDER BY n.nspname, c.relname, a.attnum
"""


def run(session: Any, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement in a session and return what it brings."""
    with session.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []


def datasets(session: Any) -> dict[str, set[str]]:
    """The datasets that loads of ours wrote, and the sources whose tables are in each.

    A published copy is none: dlt's own tables, `_dlt_loads` aside, are not in it.
    """
    query = "SELECT DISTINCT schema_name FROM {}._dlt_version"
    found = {
        name: {source for (source,) in run(session, query.format(named(name)))} & SOURCES.keys()
        for (name,) in run(session, _DATASETS)
    }
    return {name: sources for name, sources in found.items() if sources}


def tables(session: Any, raw: Collection[str], loaded: Iterable[str]) -> list[Publishable]:
    """The tables for readers, by name.

    Args:
        session: A session.
        raw: The datasets of loads to take.
        loaded: All of them, each of which may have marts of its own.
    """
    marts = [f"{schema_of(dataset)}{end}" for dataset in ("", *loaded) for end in _OF_MARTS]
    return [table for table in stored(session, [*raw, *marts]) if is_for_readers(table.name)]


def stored(session: Any, schemas: Sequence[str]) -> list[Publishable]:
    """All tables of some schemas, by name."""
    rows = run(session, _COLUMNS, [*schemas])
    return [
        Publishable(dataset, table, comment, tuple(Column(*row[3:]) for row in columns))
        for (dataset, table, comment), columns in groupby(rows, lambda row: row[:3])
    ]


def place(schema: str, table: str) -> str:
    """A table's name in SQL."""
    return f"{named(schema)}.{named(table)}"


def content(session: Any, where: str, columns: Iterable[Column]) -> Content:
    """Read a table from end to end.

    Args:
        session: A session.
        where: The table, as `place` tells it.
        columns: Its columns, whose order the digest depends on.
    """
    row = ", ".join(named(column.name) for column in columns)
    query = f"SELECT count(*), sum(hashtextextended(CAST(ROW({row}) AS text), 0)) FROM {where}"  # noqa: S608  # quoted
    [found] = run(session, query)
    return Content(*found)
