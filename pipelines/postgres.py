"""PostgreSQL as dlt's destination, with three things of our own.

Rows that are read as Arrow come as CSV, which dlt copies in with every empty text turned into null. Arrow writes a
null as nothing and an empty text as two quotes, so a plain COPY tells them apart. Instants come back in UTC, whatever
zone the server keeps. And what only looks cannot write.
"""

from __future__ import annotations

import csv
from typing import Any, Final, cast

from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.destination.client import HasFollowupJobs, LoadJob, RunnableLoadJob
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema import Schema
from dlt.common.storages import ParsedLoadJobFileName
from dlt.common.storages.file_storage import FileStorage
from dlt.destinations import postgres
from dlt.destinations.impl.postgres.configuration import PostgresClientConfiguration
from dlt.destinations.impl.postgres.postgres import PostgresClient

NAME: Final = "postgres"
_BYTES_AT_ONCE: Final = 1 << 20
_READ_ONLY: Final = "-cdefault_transaction_read_only=on"


class CopyJob(RunnableLoadJob, HasFollowupJobs):
    """Copies a file of rows, written by Arrow as CSV with a header, into its table."""

    _job_client: Client

    def run(self) -> None:
        """Copy it, all or nothing."""
        client = self._job_client.sql_client
        with FileStorage.open_zipsafe_ro(self._file_path, "rb") as rows:
            [header] = csv.reader([rows.readline().decode()])
            columns = ", ".join(client.escape_column_name(name) for name in header)
            table = client.make_qualified_table_name(self.load_table_name)
            with client.begin_transaction(), client.native_connection.cursor() as cursor:
                copy = f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '', ENCODING 'utf8')"
                cursor.copy_expert(copy, rows, size=_BYTES_AT_ONCE)


class Client(PostgresClient):
    """What dlt does with PostgreSQL, for a load."""

    def __init__(
        self, schema: Schema, config: PostgresClientConfiguration, capabilities: DestinationCapabilitiesContext
    ) -> None:
        config.credentials.session_timezone = "UTC"
        super().__init__(schema, config, capabilities)

    def create_load_job(
        self, table: PreparedTableSchema, file_path: str, load_id: str, restore: bool = False
    ) -> LoadJob:
        """Make the job that loads a file."""
        if ParsedLoadJobFileName.parse(file_path).file_format == "csv":
            return CopyJob(file_path)
        return super().create_load_job(table, file_path, load_id, restore)


class LookingClient(Client):
    """The same for those who only look: the server refuses what they might write."""

    def __init__(
        self, schema: Schema, config: PostgresClientConfiguration, capabilities: DestinationCapabilitiesContext
    ) -> None:
        query = config.credentials.query or {}
        options = f"{query.get('options', '')} {_READ_ONLY}".strip()
        config.credentials.query = {**query, "options": options}
        super().__init__(schema, config, capabilities)


class Postgres(postgres):
    """The destination; see `dlt.destinations.postgres` for the arguments."""

    @property
    def destination_type(self) -> str:
        """That of dlt's own destination: it is the same warehouse."""
        return f"dlt.destinations.{NAME}"

    @property
    def client_class(self) -> type[PostgresClient]:
        """What talks to the server."""
        return Client

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities: Any = super()._raw_capabilities()
        # INSERT statements for the small tables; Arrow has no fast way there, and takes CSV.
        capabilities.supported_loader_file_formats = ["insert_values", "csv"]
        capabilities.loader_file_format_selector = None
        return cast("DestinationCapabilitiesContext", capabilities)


class LookingPostgres(Postgres):
    """The same for those who only look."""

    @property
    def client_class(self) -> type[PostgresClient]:
        """What talks to the server."""
        return LookingClient


def made(name: str, staging: str, *, read_only: bool = False) -> Any:
    """The destination.

    Args:
        name: Its name in the settings, `postgres` or one of the operator's own.
        staging: How staging datasets are named.
        read_only: For looking only.
    """
    kind = LookingPostgres if read_only else Postgres
    return kind(destination_name=name, staging_dataset_name_layout=staging)
