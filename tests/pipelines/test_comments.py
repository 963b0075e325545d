"""Descriptions of tables and columns in the warehouse."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from pipelines.comments import COLUMNS, describe
from sources.tables import Column, Table

THINGS = Table(
    "things",
    "GET /v1/things",
    ("id",),
    (
        Column("id", "integer", "The thing's own id."),
        Column("maker", "text", 'Who "made" it: O\'Neill & Co; 100%.', "makerName", ("maker",)),
        Column("odd", "text", "Meaning not documented.", mark="U"),
    ),
    kept="replaced",
    calls="1 a load",
    grain="One row per thing.",
)
ABSENT = replace(THINGS, name="not_loaded")
TABLES = {table.name: table for table in (THINGS, ABSENT)}

Comments = dict[tuple[str, str | None], str | None]
Load = Callable[..., dlt.Pipeline]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the warehouse lies."""
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def load(file: Path) -> Load:
    """Loads a thing into DuckDB; its fields may be named."""

    def loaded(**fields: Any) -> dlt.Pipeline:
        pipeline = dlt.pipeline("made_up", destination=dlt.destinations.duckdb(str(file)), dataset_name="made_up")
        hints: Any = THINGS.hints()
        pipeline.run([{"account": "default", "id": 1, **fields}], table_name="things", columns=hints)
        return pipeline

    return loaded


def comments(file: Path) -> Comments:
    """What DuckDB says of the dataset's tables and columns."""
    query = """
        SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'made_up'
        UNION ALL SELECT table_name, NULL, comment FROM duckdb_tables() WHERE schema_name = 'made_up'
    """
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(query).fetchall()
    return {(table, column): comment for table, column, comment in found if not table.startswith("_dlt")}


def test_tables_and_columns_that_are_there_say_what_they_mean(load: Load, file: Path) -> None:
    describe(load(), TABLES)
    assert comments(file) == {
        ("things", None): "One row per thing.",
        ("things", "account"): "The account's configured name; part of every key.",
        ("things", "id"): "The thing's own id.",
        ("things", "maker"): 'Who "made" it: O\'Neill & Co; 100%.',
        ("things", "odd"): "Meaning not documented.",
        ("things", "_dlt_load_id"): "The load that wrote the row; joins _dlt_loads.load_id.",
        ("things", "_dlt_id"): "dlt's own id of the row.",
    }


def test_only_what_differs_is_written(load: Load, file: Path) -> None:
    assert describe(load(), TABLES) == 7
    assert describe(load(), TABLES) == 0
    renewed = {"things": replace(THINGS, grain="One row per thing and version of it.")}
    assert describe(load(), renewed) == 1
    assert comments(file)["things", None] == "One row per thing and version of it."


def test_columns_that_are_added_or_made_again_are_described(load: Load, file: Path) -> None:
    describe(load(), TABLES)
    pipeline = load(added_by_the_api="x")
    with pipeline.sql_client() as client:
        client.execute_sql("CREATE OR REPLACE TABLE things AS SELECT * FROM things")
    assert describe(pipeline, TABLES) == 7
    assert comments(file)["things", "added_by_the_api"] is None
    grown = replace(THINGS, columns=(*THINGS.columns, Column("added_by_the_api", "text", "New.")))
    assert describe(pipeline, {"things": grown}) == 1
    assert comments(file)["things", "added_by_the_api"] == "New."


def test_a_warehouse_that_cannot_be_written_costs_a_warning_and_no_load(
    load: Load, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load()
    credentials = dlt.destinations.duckdb(duckdb.connect(str(file), read_only=True))
    pipeline = dlt.pipeline("reader", destination=credentials, dataset_name="made_up")
    assert describe(pipeline, TABLES) == 0
    assert "could not be described" in caplog.text


def test_where_there_are_no_comments_a_table_tells_the_same(tmp_path: Path) -> None:
    def written(tables: dict[str, Table]) -> list[dict[str, Any]]:
        files = dlt.destinations.filesystem(str(tmp_path))
        describe(dlt.pipeline("made_up", destination=files, dataset_name="files"), tables)
        parts = [part.read_bytes() for part in (tmp_path / "files" / COLUMNS).iterdir()]
        packed = b"\x1f\x8b"  # whether dlt packs files is a setting, which the commands change
        texts = [gzip.decompress(part) if part.startswith(packed) else part for part in parts]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    first = written(TABLES)
    assert {name: value for name, value in first[2].items() if not name.startswith("_dlt")} == {
        "table_name": "things",
        "one_row": "One row per thing.",
        "column_name": "maker",
        "data_type": "text",
        "meaning": 'Who "made" it: O\'Neill & Co; 100%.',
        "in_the_answer": "makerName or maker",
        "mark": "D",
    }
    assert len(first) == 2 * (1 + len(THINGS.columns) + 4)
    assert written(TABLES) == first, "written again, by another load"
    assert {row["table_name"] for row in written({"things": THINGS})} == {"things"}
