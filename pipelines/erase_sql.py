"""The statements by which people are erased from a dataset; any SQL destination of dlt understands them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from dlt.destinations.sql_client import SqlClientBase

_TEXTS: Final = ("char", "text", "string", "json", "varchar")
"""Types of columns that may hold a text begin or end so."""


class Rows:
    """The rows of a dataset, read and changed within the client's transaction.

    Args:
        client: dlt's client of the dataset.
    """

    def __init__(self, client: SqlClientBase[Any]) -> None:
        self._client = client
        query = """
            SELECT c.table_schema, c.table_name, c.column_name, LOWER(c.data_type)
            FROM information_schema.columns AS c
            JOIN information_schema.tables AS t
              ON t.table_catalog = c.table_catalog AND t.table_schema = c.table_schema
              AND t.table_name = c.table_name
            WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('information_schema', 'pg_catalog')
        """
        self._everywhere: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, kind in client.execute_sql(query) or ():
            self._everywhere.setdefault((str(schema), str(table)), {})[str(column)] = str(kind)
        self._columns = {
            table: found for (schema, table), found in self._everywhere.items() if schema == client.dataset_name
        }

    def columns(self, table: str) -> set[str]:
        """The columns of a table of the dataset; none if there is no such table."""
        return set(self._columns.get(table, ()))

    def elsewhere(self) -> Iterator[tuple[str, str]]:
        """Schema and table of everything outside the dataset."""
        return (place for place in self._everywhere if place[0] != self._client.dataset_name)

    def different(self, table: str, *columns: str) -> Sequence[Sequence[Any]]:
        """The different values that some columns have together."""
        named = ", ".join(map(self.quoted, columns))
        return self.run(f"SELECT DISTINCT {named} FROM {self.place(table)}")  # noqa: S608  # quoted names

    def different_texts(self, schema: str, table: str, column: str) -> Sequence[Sequence[Any]]:
        """The different values of a column of a table of any schema, as text."""
        return self.run(f"SELECT DISTINCT {self._as_text(column)} FROM {self.place(table, schema)}")  # noqa: S608  # quoted names

    def change(
        self, table: str, columns: Mapping[str, Mapping[str, str]], emptied: Collection[str], where: Where
    ) -> int:
        """Put other values into some columns of some rows, and null into others; tell how many rows differed.

        Args:
            table: The table.
            columns: New values by old one, by column.
            emptied: Columns that become null.
            where: Which rows.
        """
        named = {self.quoted(name): new for name, new in columns.items() if new}
        empty = list(map(self.quoted, emptied))
        differing = [*(f"{name} IS NOT NULL" for name in empty), *(_is_in(name, new) for name, new in named.items())]
        if not differing:
            return 0
        old = Where(" OR ".join(differing), [old for new in named.values() for old in new])
        rows = where & old
        [[count]] = self.run(f"SELECT COUNT(*) FROM {self.place(table)} WHERE {rows.text}", *rows.values)  # noqa: S608  # quoted names
        cases = [
            f"{name} = CASE {name}{' WHEN %s THEN %s' * len(new)} ELSE {name} END" for name, new in named.items()
        ]
        sets = ", ".join([*cases, *(f"{name} = NULL" for name in empty)])
        pairs = [one for new in named.values() for pair in new.items() for one in pair]
        if count:
            self.run(f"UPDATE {self.place(table)} SET {sets} WHERE {rows.text}", *pairs, *rows.values)  # noqa: S608  # quoted names
        return int(count)

    def remove(self, place: str, where: Where) -> int:
        """Remove some rows; tell how many.

        Args:
            place: A table, as `place` tells it.
            where: Which rows.
        """
        [[count]] = self.run(f"SELECT COUNT(*) FROM {place} WHERE {where.text}", *where.values)  # noqa: S608  # quoted names
        if count:
            self.run(f"DELETE FROM {place} WHERE {where.text}", *where.values)  # noqa: S608  # quoted names
        return int(count)

    def mentioning(self, schema: str, table: str, needles: Sequence[str]) -> dict[str, int]:
        """How many rows of a table have one of some texts, written in lower case, in each of its columns."""
        named = [name for name, kind in self._everywhere.get((schema, table), {}).items() if _is_text(kind)]
        if not named or not needles:
            return {}
        counts = ", ".join(f"SUM(CASE WHEN {self._mentions(name, needles)} THEN 1 ELSE 0 END)" for name in named)
        values = list(needles) * len(named)
        [found] = self.run(f"SELECT {counts} FROM {self.place(table, schema)}", *values)  # noqa: S608  # quoted names
        return {name: int(count) for name, count in zip(named, found, strict=True) if count}

    def texts_mentioning(self, table: str, column: str, needles: Sequence[str]) -> list[str]:
        """The different values of a column that have one of some texts in them."""
        text = self._as_text(column)
        query = f"SELECT DISTINCT {text} FROM {self.place(table)} WHERE {self._mentions(column, needles)}"  # noqa: S608  # quoted names
        return [str(value) for (value,) in self.run(query, *needles)] if needles else []

    def is_one_of(self, column: str, values: Collection[str]) -> Where:
        """Rows in which a column has one of some values."""
        return Where(_is_in(self._as_text(column), values), tuple(values))

    def is_empty(self, column: str) -> Where:
        """Rows in which a column has no value, or an empty one."""
        return Where(f"({self.quoted(column)} IS NULL OR {self.quoted(column)} = '')", ())

    def text_columns(self, schema: str, table: str) -> list[str]:
        """The columns of a table that may hold a text."""
        return [name for name, kind in self._everywhere[schema, table].items() if _is_text(kind)]

    def place(self, table: str, schema: str | None = None) -> str:
        """A table's name as statements have it, with the dataset's or another schema."""
        if schema is None:
            return self._client.make_qualified_table_name(table)
        return f"{self.quoted(schema)}.{self.quoted(table)}"

    def quoted(self, name: str) -> str:
        """A name as statements have it."""
        return str(self._client.capabilities.escape_identifier(name))

    def run(self, statement: str, *values: Any) -> Sequence[Sequence[Any]]:
        """Run a statement and return what it brings."""
        return self._client.execute_sql(statement, *values) or []

    def _as_text(self, column: str) -> str:
        return f"CAST({self.quoted(column)} AS VARCHAR)"

    def _mentions(self, column: str, needles: Sequence[str]) -> str:
        return " OR ".join([f"POSITION(%s IN LOWER({self._as_text(column)})) > 0"] * len(needles))


class Where:
    """A condition, with the values of its parameters.

    Args:
        text: The condition.
        values: The values.
    """

    def __init__(self, text: str, values: Sequence[Any]) -> None:
        self.text = text
        self.values = tuple(values)

    def __or__(self, other: Where) -> Where:
        return Where(f"{self.text} OR {other.text}", (*self.values, *other.values))

    def __and__(self, other: Where) -> Where:
        return Where(f"({self.text}) AND ({other.text})", (*self.values, *other.values))


def _is_in(column: str, values: Collection[str]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})" if values else "1 = 0"


def _is_text(kind: str) -> bool:
    return kind.startswith(_TEXTS) or kind.endswith(_TEXTS)
