"""A warehouse that tests load into and look at."""

import json
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Protocol

import dlt
import duckdb
from dlt.common.pipeline import LoadInfo
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

from sources.snovio import snovio_source
from sources.snovio.tables import DEFAULT_TABLES
from tests.sandbox.compare import differences
from tests.sandbox.server import SandboxServer

Row = dict[str, Any]

DATASET = "snovio"
RECORDS = ("rejected_rows", "sync_runs")
"""What a run says of itself."""
OBSERVATIONS = frozenset({"campaign_progress", "account_balance", "sender_account_checks"})
"""Tables with one row an observation: the truth knows the newest one only."""


class Truthful(Protocol):
    """A sandbox that knows what a warehouse must hold."""

    def truth(self, account: str, /) -> dict[str, list[Row]]:
        """Table -> the rows of an account."""


class Dataset:
    """What a DuckDB file holds of a source.

    Args:
        path: Where the file lies.
    """

    name: ClassVar[str]
    default_tables: ClassVar[Collection[str]]
    observations: ClassVar[frozenset[str]]

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_written = False

    def query(self, sql: str, *parameters: Any) -> list[Row]:
        """Runs one statement in the dataset: JSON comes parsed, instants in UTC."""
        if self._connection is None:
            self._connection = duckdb.connect(str(self.path), read_only=True)
        self._connection.execute(f"SET TimeZone = 'UTC'; USE {self.name}")
        found = self._connection.execute(sql, parameters)
        columns = [(name, str(kind)) for name, kind, *_ in found.description]
        return [
            {name: _value(value, kind) for (name, kind), value in zip(columns, row, strict=True)}
            for row in found.fetchall()
        ]

    def kept_open(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """The file, open for writing, which it stays for further loads and queries until it is closed.

        A load opens it again and again, which is most of what it costs, and whenever the last connection is closed
        all is written from the log into the file.
        """
        if self._connection is None or not self._is_written:
            self.close()  # a file that is open for reading cannot be written
            self._connection = duckdb.connect(str(self.path))
            self._connection.execute("SET disabled_compression_methods = 'fsst'")  # canaries are found in its bytes
            self._is_written = True
        return nullcontext(self._connection)

    def close(self) -> None:
        """Let go of the file, so that others can use it; the next query opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection, self._is_written = None, False

    def tables(self) -> list[str]:
        """The names of all tables of the dataset, dlt's own aside."""
        found = self.query("SELECT table_name FROM duckdb_tables() WHERE schema_name = ? ORDER BY ALL", self.name)
        return [row["table_name"] for row in found if not row["table_name"].startswith("_dlt")]

    def columns(self) -> list[tuple[str, str, str]]:
        """Table, column and type of every column of the dataset, dlt's own tables aside."""
        found = self.query(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = ? ORDER BY ALL",
            self.name,
        )
        return [(row["table_name"], row["column_name"], row["data_type"]) for row in found
                if not row["table_name"].startswith("_dlt")]  # fmt: skip

    def stored(self, table: str, account: str = "default") -> list[Row]:
        """All rows of an account with every technical column, closed versions included."""
        return self.query(f"SELECT * FROM {table} WHERE account = ? ORDER BY ALL", account)  # noqa: S608  # our own

    def rows(self, table: str, account: str = "default") -> list[Row]:
        """What holds now: active versions, and of each observation the newest."""
        rows = [row for row in self.stored(table, account) if row.get("_dlt_valid_to") is None]
        if table in self.observations:
            newest = {_observed(row): row for row in sorted(rows, key=_observed_at)}
            rows = list(newest.values())
        return [{name: value for name, value in row.items() if not name.startswith("_")} for row in rows]

    def closed(self, table: str, account: str = "default") -> list[Row]:
        """The versions that history keeps of what is gone or changed."""
        return [row for row in self.stored(table, account) if row["_dlt_valid_to"] is not None]

    def everything(self, account: str = "default", without: Collection[str] = ()) -> dict[str, list[Row]]:
        """Every table with all its rows and columns, to compare two moments to the last column."""
        return {table: self.stored(table, account) for table in self.tables() if table not in without}

    def differences(
        self,
        sandbox: Truthful,
        account: str = "default",
        ignore: Collection[str] = (),
        tables: Collection[str] = (),
    ) -> dict[str, list[str]]:
        """What differs from the sandbox's truth, by table (all if none is named); empty when all is right."""
        found = {
            table: differences(expected, self.rows(table, account), ignore)
            for table, expected in sandbox.truth(account).items()
            if table in (tables or self.default_tables)
        }
        return {table: lines[:6] for table, lines in found.items() if lines}

    def last_run(self, account: str = "default") -> dict[str, Row]:
        """Table -> what the newest load said of it."""
        runs = self.stored("sync_runs", account)
        newest = max(run["started_at"] for run in runs)
        return {run["table_name"]: run for run in runs if run["started_at"] == newest}


class Warehouse(Dataset):
    """A DuckDB file, loaded with Snov.io the plain dlt way.

    Args:
        path: Where the file lies.
    """

    name = DATASET
    default_tables = DEFAULT_TABLES
    observations = OBSERVATIONS

    def load(
        self, sandbox: SandboxServer, account: str = "default", tables: Sequence[str] = (), **settings: Any
    ) -> LoadInfo:
        """Loads an account of a sandbox once.

        Args:
            sandbox: The API.
            account: Whose rows.
            tables: Only these, and what the run says of itself; all if empty.
            **settings: Those of `snovio_source`.
        """
        client_id, client_secret = sandbox.credentials(account)
        credentials = DuckDbCredentials()
        credentials.database = str(self.path)  # given at once it is read as an address, again and again
        destination = dlt.destinations.duckdb(credentials, preferred_loader_file_format="parquet")
        pipeline = dlt.pipeline(f"snovio_{account}", destination=destination, dataset_name=DATASET)
        given = {"base_url": sandbox.url, "requests_per_minute": 0, "account": account, **settings}
        source = snovio_source(client_id, client_secret, **given)
        with self.kept_open():
            return pipeline.run(source.with_resources(*tables, *RECORDS) if tables else source)


def _observed(row: Row) -> Any:
    """What an observation is about; None: the account."""
    return row.get("campaign_id", row.get("sender_account_id"))


def _observed_at(row: Row) -> datetime:
    moment: datetime = row["observed_at"]
    return moment


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return json.loads(value) if kind == "JSON" and value is not None else value
