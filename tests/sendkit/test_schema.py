"""The schema of the dataset, against a golden file, so that every change shows in review.

To write the file anew after a change that is meant:

    OUTREACH_REWRITE_GOLDEN=1 python -m pytest tests/sendkit/test_schema.py
"""

import json
import os
from pathlib import Path

import pytest

from sources.sendkit.tables import TABLES
from tests.sendkit.conftest import MakeSendkit, Sendkit

GOLDEN = Path(__file__).parent / "schema.json"

pytestmark = pytest.mark.slow


def columns(loaded: Sendkit) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in loaded.columns():
        found.setdefault(table, {})[column] = kind
    return found


def test_the_schema_after_the_load_of_an_empty_workspace_is_the_golden_one(
    sendkit: MakeSendkit, loaded: Sendkit
) -> None:
    """Every documented column is there from the first load on, though nobody has a row."""
    server = sendkit(campaigns=0, leads=0)
    server.world.workspaces["default"].mailboxes.clear()
    loaded.load(server)
    if os.environ.get("OUTREACH_REWRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(columns(loaded), indent=1) + "\n", encoding="utf-8")
    assert columns(loaded) == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert loaded.differences(server) == {}


def test_a_full_workspace_has_the_same_schema_and_account_comes_first(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    loaded.load(sendkit(campaigns=3, leads=40))
    found = columns(loaded)
    assert found["campaigns"].pop("settings") == "VARCHAR", "a field that is not documented is kept"
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert loaded.tables() == sorted(TABLES)
    order = loaded.query(
        "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'sendkit' AND column_index = 1 "
        "AND column_name = 'account'"
    )
    assert {row["table_name"] for row in order} == {*TABLES}


def test_the_golden_schema_keeps_the_contract() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    types = {"instant": "TIMESTAMP WITH TIME ZONE", "date": "DATE", "fraction": "DOUBLE", "json": "JSON"}
    for table in TABLES.values():
        found = golden[table.name]
        assert "_dlt_load_id" in found
        assert {column.name for column in table.columns} <= found.keys() | {"_removed"}
        for column in table.columns:
            assert found.get(column.name) == types.get(column.kind, found.get(column.name))
    assert [column for found in golden.values() for column in found if "__v_" in column] == []
