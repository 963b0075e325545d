"""The schema of the warehouse, against a golden file, so that every change shows in review.

To write the file anew after a change that is meant:

    OUTREACH_REWRITE_GOLDEN=1 python -m pytest tests/snovio/test_schema.py
"""

import json
import os
from pathlib import Path

import pytest

from sources.snovio.tables import TABLES
from tests.conftest import MakeSandbox
from tests.sandbox.model import Account
from tests.warehouse import Warehouse

GOLDEN = Path(__file__).parent / "schema.json"

pytestmark = pytest.mark.slow


def empty(account: Account) -> None:
    """Leaves an account with nothing in it but its balance."""
    for value in vars(account).values():
        if isinstance(value, dict | list):
            value.clear()


def test_the_schema_after_the_load_of_an_empty_account_is_the_golden_one(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Every documented column is there from the first load on, though nobody has a row."""
    server = sandbox(campaigns=1)
    empty(server.world.account("default"))
    warehouse.load(server, tables=tuple(TABLES))
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in warehouse.columns():
        found.setdefault(table, {})[column] = kind
    if os.environ.get("OUTREACH_REWRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_full_account_has_the_same_schema_and_account_comes_first(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    warehouse.load(sandbox(campaigns=4, scale=0.1), tables=tuple(TABLES))
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {(table, column): kind for table, column, kind in warehouse.columns()} == {
        (table, column): kind for table, columns in golden.items() for column, kind in columns.items()
    }
    order = warehouse.query(
        "SELECT table_name FROM duckdb_columns() WHERE schema_name = 'snovio' AND column_index = 1 "
        "AND column_name = 'account' ORDER BY table_name"
    )
    assert [row["table_name"] for row in order] == warehouse.tables() == sorted(TABLES)


def test_the_golden_schema_keeps_the_contract() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    types = {"instant": "TIMESTAMP WITH TIME ZONE", "date": "DATE", "fraction": "DOUBLE", "json": "JSON"}
    for table in TABLES.values():
        columns = golden[table.name]
        assert columns["account"] == "VARCHAR"
        assert "_dlt_load_id" in columns
        assert {column.name for column in table.columns} <= columns.keys() | {"_removed"}
        for column in table.columns:
            assert columns.get(column.name) == types.get(column.kind, columns.get(column.name))
    assert [column for columns in golden.values() for column in columns if "__v_" in column] == []
