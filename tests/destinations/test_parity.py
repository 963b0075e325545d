"""The same history of a sandbox, loaded into DuckDB and into PostgreSQL, gives the same rows in every table."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sources.sendkit.tables import TABLES as SENDKIT_TABLES
from sources.snovio.tables import DAY_TABLES, TABLES
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.destinations.conftest import TO_POSTGRES
from tests.destinations.dataset import LONG_NAMES, LONGEST, PostgresDataset
from tests.faults.phases import Death
from tests.faults.processes import KILLED, Loads
from tests.sandbox.sendkit.server import SendkitServer
from tests.sendkit.conftest import Sendkit
from tests.warehouse import Dataset, Row

pytestmark = pytest.mark.slow

TO_EACH: Sequence[tuple[str, ...]] = ((), TO_POSTGRES)
OF_THE_LOAD = frozenset(
    {"_dlt_id", "_dlt_load_id", "_dlt_valid_from", "observed_at", "read_at", "rejected_at",
     "run_id", "started_at", "seconds", "newest_row", "calls", "calls_least", "calls_most"}
)  # fmt: skip
"""Columns that tell which load wrote a row, and when; a call may be asked twice."""
OF_EVERY_KIND = (
    "campaigns", "campaign_details", "emails_sent", "email_opens", "recipient_activity", "campaign_analytics",
    "campaign_replies", "completed_prospects", "list_prospects", "list_prospect_emails",
)  # fmt: skip
"""Tables kept in each of the ways."""
GOLDEN = Path(__file__).parents[1] / "snovio" / "schema.json"
TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DECIMAL(38,9)": "numeric(38,9)",
    "DOUBLE": "double precision",
    "JSON": "jsonb",
    "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
    "VARCHAR": "character varying",
}
"""PostgreSQL's types for DuckDB's."""


def content(dataset: Dataset, table: str) -> Counter[str]:
    """The rows of a table, without what differs between any two loads."""
    rows = dataset.query(f"SELECT * FROM {table}")  # noqa: S608  # our own
    return Counter(repr(_comparable(row)) for row in rows)


def _comparable(row: Row) -> list[tuple[str, Any]]:
    kept = {name: value for name, value in row.items() if name not in OF_THE_LOAD}
    kept["_dlt_valid_to"] = row.get("_dlt_valid_to") is None
    return sorted((name, _plain(value)) for name, value in kept.items())


def _plain(value: Any) -> Any:
    """One form of what is equal: keys of JSON come in any order, decimals with any number of zeros."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict):
        return sorted((name, _plain(member)) for name, member in value.items())
    return [_plain(member) for member in value] if isinstance(value, list) else value


def assert_same(one: Dataset, other: Dataset, tables: Sequence[str]) -> None:
    assert set(tables) <= set(one.tables()) == set(other.tables())
    assert [table for table in tables if content(one, table) != content(other, table)] == []


def assert_described(dataset: PostgresDataset) -> None:
    """The schema is the golden one, but for names that are too long, and each of its columns says what it means."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {(table, LONG_NAMES.get(name, name)): kind for table, name, kind in dataset.columns()} == {
        (table, name): TYPES[kind] for table, columns in golden.items() for name, kind in columns.items()
    }
    assert set(LONG_NAMES.values()) == {name for names in golden.values() for name in names if len(name) > LONGEST}
    silent = dataset.query(
        "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid "
        "WHERE c.relkind = 'r' AND relnamespace = ?::regnamespace AND left(relname, 1) != '_' AND attnum > 0 "
        "AND col_description(attrelid, attnum) IS NULL",
        dataset.name,
    )
    assert silent == []


def test_every_table_of_snovio_holds_the_same_rows_also_after_kills(
    sandbox: MakeSandbox, outreach: CommandLine, snovio: PostgresDataset, tmp_path: Path
) -> None:
    """A first load; a whole read of what moved, killed while it stages and again while it merges; one more load."""
    server = sandbox(campaigns=2, scale=0.05, most_prospects=10)
    outreach.use(server)
    rng = random.Random(7)
    every = ("--select", ",".join(TABLES))
    for destination in TO_EACH:
        [account] = outreach.json("load", "snovio", *every, *destination)["accounts"]
        assert account["new_columns"] == []
    assert_described(snovio)
    with closing(outreach.warehouse) as duckdb:
        assert_same(snovio, duckdb, tuple(TABLES))
    assert "" in {value for table in DAY_TABLES for row in snovio.rows(table) for value in map(str, row.values())}

    server.world.move(rng)
    killed = ("--select", ",".join(OF_EVERY_KIND), "--full-refresh")
    with Loads(tmp_path) as loads:
        for destination in TO_EACH:
            for death in (Death("staging", 5, 0), Death("merging", 8, 0)):
                assert loads.run(outreach, (*killed, *destination), death).code == KILLED
            outreach.run("load", "snovio", *killed, *destination)
    with closing(outreach.warehouse) as duckdb:
        assert_same(snovio, duckdb, OF_EVERY_KIND)
        assert snovio.differences(server, tables=OF_EVERY_KIND) == {}

    server.world.move(rng)
    for destination in TO_EACH:
        outreach.run("load", "snovio", "--select", ",".join(OF_EVERY_KIND), *destination)
    with closing(outreach.warehouse) as duckdb:
        assert_same(snovio, duckdb, OF_EVERY_KIND)


def test_every_table_of_sendkit_holds_the_same_rows(
    outreach: CommandLine, sendkit_server: SendkitServer, sendkit: PostgresDataset
) -> None:
    """A first load, and one after the workspace moved."""
    for _ in range(2):
        for destination in TO_EACH:
            outreach.run("load", "sendkit", "--select", ",".join(SENDKIT_TABLES), *destination)
        with closing(Sendkit(outreach.project / "outreach.duckdb")) as duckdb:
            assert_same(sendkit, duckdb, tuple(SENDKIT_TABLES))
            assert sendkit.differences(sendkit_server) == {}
        sendkit_server.world.move("default")
