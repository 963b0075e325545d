"""What PostgreSQL holds of a source, seen as the tests see a DuckDB file."""

from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2

from tests.warehouse import Dataset, Row

LONGEST = 63
"""The most characters that PostgreSQL takes in a name."""
LONG_NAMES = {
    "sending_settings__skip_recipit6v2dgded_to_team_another_campaign":
    "sending_settings__skip_recipients_added_to_team_another_campaign",
}  # fmt: skip
"""Names that dlt shortens, and what they are elsewhere."""


class PostgresDataset(Dataset):
    """A schema of a database.

    Args:
        url: The database.
        name: The schema.
        default_tables: As for any dataset.
        observations: Likewise.
    """

    def __init__(self, url: str, name: str, default_tables: Collection[str], observations: frozenset[str]) -> None:
        super().__init__(Path())
        self._url = url
        self.name = name  # type: ignore[misc]  # one class for both sources
        self.default_tables = default_tables  # type: ignore[misc]  # likewise
        self.observations = observations  # type: ignore[misc]  # likewise

    def query(self, sql: str, *parameters: Any) -> list[Row]:
        """Runs one statement in the schema, written for DuckDB; rows come in a stable order where it asks for any."""
        options = f"-csearch_path={self.name} -ctimezone=UTC"
        with closing(psycopg2.connect(self._url, options=options)) as session, session.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s").removesuffix(" ORDER BY ALL"), parameters)
            names = [LONG_NAMES.get(column.name, column.name) for column in cursor.description]
            rows = [dict(zip(names, map(_value, row), strict=True)) for row in cursor.fetchall()]
        return sorted(rows, key=repr) if sql.endswith(" ORDER BY ALL") else rows

    def columns(self) -> list[tuple[str, str, str]]:
        """Table, column and type of every column of the schema, dlt's own tables aside."""
        found = self.query(
            "SELECT c.relname AS t, a.attname AS c, format_type(a.atttypid, a.atttypmod) AS k FROM pg_attribute AS a "
            "JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind = 'r' AND c.relnamespace = ?::regnamespace "
            "WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum",
            self.name,
        )
        return [(row["t"], row["c"], row["k"]) for row in found if not row["t"].startswith("_dlt")]

    def tables(self) -> list[str]:
        """The names of all tables of the schema, dlt's own aside."""
        return sorted({table for table, _, _ in self.columns()})


def _value(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
