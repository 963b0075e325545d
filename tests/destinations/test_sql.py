"""What dlt would tell destinations without a server here: the SQL for every table parses, and so do our look-ups."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pendulum
import pytest
import sqlglot
from dlt.common.destination import Destination
from dlt.common.schema import Schema
from dlt.destinations import sql_jobs
from dlt.extract import DltSource

from pipelines.destinations import adapted
from sources.sendkit import sendkit_source
from sources.sendkit.tables import TABLES as SENDKIT_TABLES
from sources.snovio import snovio_source
from sources.snovio.tables import TABLES
from sources.stored_tables import stored_tables, understood
from tests.conftest import MakeSandbox
from tests.destinations.absent_packages import standing_in
from tests.sandbox.sendkit.server import SendkitServer

pytestmark = pytest.mark.slow

CREDENTIALS: dict[str, Any] = {
    "bigquery": {"project_id": "project", "private_key": "k", "client_email": "robot@example.com"},
    "clickhouse": "clickhouse://u:p@localhost:9440/db",
    "databricks": {"server_hostname": "h", "http_path": "p", "access_token": "t", "catalog": "catalog"},
    "motherduck": "md:///db?token=t",
    "redshift": "redshift://u:p@localhost:5439/db",
    "snowflake": {"database": "db", "username": "u", "password": "p", "host": "h", "warehouse": "w"},
}
NOT_ONCE = {"clickhouse", "redshift"}
"""Where rows cannot be kept as they were first seen."""
LOOK_UP = (
    "SELECT DISTINCT campaign_id, date FROM campaign_analytics WHERE account = %s AND _dlt_load_id NOT IN "
    "(SELECT load_id FROM _dlt_loads WHERE status = 0)"
)


@pytest.fixture
def destinations(monkeypatch: pytest.MonkeyPatch, dlt_folder: Path) -> Iterator[dict[str, Destination[Any, Any]]]:  # noqa: ARG001  # nothing is written elsewhere
    """Every destination, whether its package is installed or not."""
    monkeypatch.setattr(sql_jobs, "current_load_package", lambda: {"state": {"created_at": pendulum.now("UTC")}})
    layout = "%s_staging_default"
    with standing_in():
        made: Any = {
            name: Destination.from_reference(name, credentials=given, staging_dataset_name_layout=layout)
            for name, given in CREDENTIALS.items()
        }
        yield made


def client_of(destination: Destination[Any, Any], schema: Schema) -> Any:
    config = destination.spec()._bind_dataset_name(schema.name)  # noqa: SLF001  # dlt's own way
    return destination.client(schema.clone(), config)


def read(source: DltSource) -> Schema:
    """The schema after a load of everything, without the load."""
    pipeline = dlt.pipeline(f"reads_{source.name}", destination="duckdb", dataset_name=source.name)
    pipeline.extract(source.with_resources(*source.resources))
    pipeline.normalize()
    return pipeline.default_schema


def statements(client: Any, table: str) -> Iterator[str]:
    """What creates a table and its staging table, and what merges the one into the other."""
    columns = list(client.schema.get_table_columns(table).values())
    yield from client._get_table_update_sql(table, columns, False)  # noqa: SLF001  # dlt's own tests do so
    for job in client._create_merge_followup_jobs([client.prepare_load_table(table)]):  # noqa: SLF001  # likewise
        text = Path(job.new_file_path()).read_text(encoding="utf-8")
        yield from (part for line in text.split("\n") for part in line.split(";") if part.strip())


def test_every_table_can_be_made_and_merged(
    sandbox: MakeSandbox, sendkit_server: SendkitServer, destinations: dict[str, Destination[Any, Any]]
) -> None:
    server = sandbox(campaigns=1, scale=0.05, most_prospects=1)
    snovio = snovio_source(*server.credentials(), base_url=server.url, requests_per_minute=0)
    sendkit = sendkit_source(sendkit_server.key(), base_url=sendkit_server.url, requests_per_minute=0)
    for source, tables in ((snovio, TABLES), (sendkit, SENDKIT_TABLES)):
        schema = read(source)
        assert set(schema.data_table_names()) == set(tables)
        for name, destination in destinations.items():
            adjusted = schema.clone()
            for table, resource in adapted(source.clone(), destination).resources.items():
                how: Any = resource.compute_table_schema()
                kept = {hint: how[hint] for hint in how if hint == "write_disposition" or hint.startswith("x-merge")}
                adjusted.tables[table].update(kept)  # type: ignore[typeddict-item]  # a load of no row appends it
            strategy = adjusted.tables["rejected_rows"]["x-merge-strategy"]  # type: ignore[typeddict-item]
            assert strategy == ("delete-insert" if name in NOT_ONCE else "insert-only")
            client = client_of(destination, adjusted)
            dialect, longest = client.capabilities.sqlglot_dialect, client.capabilities.max_column_identifier_length
            for table in tables:
                made = list(statements(client, table))
                assert made[0].lstrip().startswith("CREATE TABLE"), (name, table)
                assert len(made) > 1, (name, table)
                for statement in made:
                    assert sqlglot.parse(statement, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)
                assert max(map(len, client.schema.get_table_columns(table))) <= longest


def test_a_look_up_is_translated(destinations: dict[str, Destination[Any, Any]]) -> None:
    """Names of tables are those that dlt gives them there; reserved words and upper case are no trouble."""

    def translated(name: str) -> str:
        return understood(client_of(destinations[name], Schema("snovio")).sql_client, LOOK_UP)

    assert translated("motherduck") == LOOK_UP
    assert translated("snowflake") == (
        'SELECT DISTINCT "CAMPAIGN_ID", "DATE" FROM "SNOVIO"."CAMPAIGN_ANALYTICS" WHERE "ACCOUNT" = %s AND '
        'NOT "_DLT_LOAD_ID" IN (SELECT "LOAD_ID" FROM "SNOVIO"."_DLT_LOADS" WHERE "STATUS" = 0)'
    )
    assert translated("clickhouse") == (
        'SELECT DISTINCT "campaign_id", "date" FROM "db"."snovio___campaign_analytics" WHERE "account" = %s AND '
        'NOT ("_dlt_load_id" IN (SELECT "load_id" FROM "db"."snovio____dlt_loads" WHERE "status" = 0))'
    )
    assert translated("bigquery") == (
        "SELECT DISTINCT `campaign_id`, `date` FROM `project`.`snovio`.`campaign_analytics` WHERE `account` = %s AND "
        "NOT `_dlt_load_id` IN (SELECT `load_id` FROM `project`.`snovio`.`_dlt_loads` WHERE `status` = 0)"
    )


@pytest.mark.parametrize(
    ("name", "where", "schema", "rows"),
    [
        ("snowflake", "information_schema.tables", "SNOVIO", ["CAMPAIGNS"]),
        ("clickhouse", "information_schema.tables", "db", ["snovio___campaigns", "other___leads"]),
        ("bigquery", "`project`.`snovio`.INFORMATION_SCHEMA.TABLES", "snovio", ["campaigns"]),
    ],
)
def test_tables_are_found_by_dlts_names(
    destinations: dict[str, Destination[Any, Any]],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    where: str,
    schema: str,
    rows: list[str],
) -> None:
    client = client_of(destinations[name], Schema("snovio")).sql_client
    asked: list[tuple[str, ...]] = []

    def execute(*query: str) -> list[tuple[str]]:
        asked.append(query)
        return [(row,) for row in rows]

    monkeypatch.setattr(client, "execute_sql", execute)
    assert stored_tables(client) == {"campaigns"}
    assert asked == [(f"SELECT table_name FROM {where} WHERE table_schema = %s", schema)]  # noqa: S608  # expected
