"""What cannot be read is recorded; everything else is loaded, and nothing that was loaded is lost."""

import json
from typing import Any

import pytest

from sources.errors import ConfigurationError, CredentialsRefused
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES
from tests.sandbox.server import SandboxServer
from tests.sandbox.spoiling import HARMLESS, SPOILERS
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

SENT_AND_OPENED = EVENT_TABLES[:2]
"""Enough to see both row shapes."""
SMALL = ("campaigns", *SENT_AND_OPENED)


def busiest(server: SandboxServer, table: str = "email_replies") -> int:
    lists = server.world.account("default").events[table]
    return max(lists, key=lambda campaign_id: len(lists[campaign_id]))


def roots(error: BaseException | None) -> list[BaseException]:
    """An error and all that caused it: dlt wraps what a source raises."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize(
    ("listed", "tables"),
    [
        ("campaigns", ("campaigns", *SENT_AND_OPENED, "campaign_progress", "completed_prospects")),
        ("prospect_lists", ("prospect_lists", "list_prospects", "list_prospect_emails")),
    ],
)
def test_an_empty_list_after_a_full_one_closes_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse, listed: str, tables: tuple[str, ...]
) -> None:
    server = sandbox(campaigns=3)
    selected = (*tables, "custom_fields")
    warehouse.load(server, tables=selected)
    before = warehouse.everything(without=("sync_runs",))
    server.reset_counts()
    server.faults.add(Fault("empty_list", listed))
    warehouse.load(server, tables=selected, sweep_days=0)
    assert server.calls[listed] >= 2
    run = warehouse.last_run()[listed]
    assert run["outcome"] in {"partial", "failed"}
    assert "empty, asked twice" in run["detail"]
    assert warehouse.last_run()["custom_fields"]["outcome"] == "ok"
    after = warehouse.everything(without=("sync_runs",))
    assert {table: after[table] for table in tables} == {table: before[table] for table in tables}

    server.faults.clear()
    warehouse.load(server, tables=selected)
    assert warehouse.differences(server, tables=selected) == {}


@proves("http", "success false")
@proves("http", "one campaign answers 404 or 422")
def test_campaigns_that_fail_in_any_way_stop_no_other_and_keep_their_rows(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox()
    started = [
        campaign.id
        for campaign in server.world.account("default").campaigns.values()
        if campaign.started_at is not None
    ]
    names = ("not_found", "unprocessable", "object_for_list", "success_false", "not_in_plan")
    failing = dict(zip(started, names, strict=False))
    tables = (*SENT_AND_OPENED, "campaign_progress", "completed_prospects")
    warehouse.load(server, tables=tables)
    for campaign_id in started:
        for table in SENT_AND_OPENED:
            server.world.add_late_events("default", table, campaign_id, server.world.now.date(), 2)
    for campaign_id, name in failing.items():
        server.faults.add(Fault(name, campaign_id=campaign_id))
    warehouse.load(server, tables=tables, sweep_days=0)

    runs = warehouse.last_run()
    assert {runs[table]["outcome"] for table in tables} == {"partial"}
    assert all(f"campaign {campaign_id}" in runs[table]["detail"] for table in tables for campaign_id in failing)
    missing = warehouse.differences(server, tables=tables)
    assert missing.keys() == set(SENT_AND_OPENED)
    lines = [line for lines in missing.values() for line in lines]
    assert all(line.startswith("missing") for line in lines)
    assert all(any(f"'{campaign_id}'" in line for campaign_id in failing) for line in lines)

    server.faults.clear()
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=tables) == {}


@proves("data", "lone surrogate, NUL")
@proves("data", "null, missing or repeated keys")
@proves("data", "new column, missing column")
def test_every_spoiled_row_is_loaded_or_rejected_and_later_loads_work(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """One row of each kind, in a list each reader sees."""
    server = sandbox(campaigns=1, scale=1)
    campaign_id = busiest(server)
    names = list(SPOILERS)
    for index, name in enumerate(names):
        server.world.spoil_event("default", "email_opens", campaign_id, name, index * 3)
    tables = ("campaigns", "email_opens")
    for _ in range(2):
        warehouse.load(server, tables=tables)
        assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}

    rejected = warehouse.rows("rejected_rows")
    loaded = {name for name in names if name in CLEANED or name in HARMLESS}
    assert len(rejected) == len(names) - len(loaded)
    assert all(row["reason"] and json.loads(row["row"])["hash"] for row in rejected)
    assert {row["campaign_id"] for row in rejected} == {campaign_id}
    total = len(server.world.events("default", "email_opens", campaign_id))
    assert len(warehouse.rows("email_opens")) == total - len(rejected)
    assert "new" in {row["brand_new_column"] for row in warehouse.rows("email_opens")}
    assert [name for _, name, _ in warehouse.columns() if "__v_" in name] == []

    server.world.add_events("default", "email_opens", campaign_id, 2)
    warehouse.load(server, tables=tables)
    assert len(warehouse.rows("email_opens")) == total - len(rejected) + 2


CLEANED = {
    "lone_surrogate", "invalid_utf8", "nul", "nan", "integer_over_64_bits", "list_for_text", "object_for_text",
    "huge_text",
}  # fmt: skip
"""Spoiled rows that are loaded with a value that every database takes."""


@proves("data", "null, missing or repeated keys")
def test_wrong_rows_of_small_lists_are_rejected_one_by_one(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    rows: list[Any] = [
        {"key": "a", "label": "A", "required": True, "type": "string"},
        {"key": "a", "label": "again", "required": True, "type": "string"},
        {"key": None, "label": "no key", "required": True, "type": "string"},
        {"key": "b", "label": "B", "required": "perhaps", "type": "string"},
        "no object",
    ]
    warehouse.load(server, tables=("custom_fields",))
    assert warehouse.rows("rejected_rows") == []
    server.faults.add(Fault("payload", "custom_fields", options={"payload": rows}))
    for _ in range(2):  # a row that is rejected again is kept as first seen
        warehouse.load(server, tables=("custom_fields",))
    found = {row["key"]: row["required"] for row in warehouse.rows("custom_fields")}
    assert found == {"a": True, "b": None}
    reasons = [row["reason"] for row in warehouse.rows("rejected_rows")]
    assert len(reasons) == 4
    assert any("there twice" in reason for reason in reasons)
    assert sum("may not be null" in reason for reason in reasons) == 2
    assert any("is not a boolean" in reason for reason in reasons)


def test_a_table_that_cannot_be_read_exists_all_the_same_and_keeps_its_history(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    fault = server.faults.add(Fault("not_in_plan", "sender_accounts"))
    warehouse.load(server, tables=("sender_accounts",))
    assert warehouse.rows("sender_accounts") == []
    assert ("sender_accounts", "email_from", "VARCHAR") in warehouse.columns()

    server.faults.remove(fault)
    warehouse.load(server, tables=("sender_accounts",))
    before = warehouse.stored("sender_accounts")
    assert warehouse.differences(server, tables=("sender_accounts",)) == {}
    server.faults.add(fault)
    warehouse.load(server, tables=("sender_accounts",))
    assert warehouse.last_run()["sender_accounts"]["outcome"] == "failed"
    assert warehouse.stored("sender_accounts") == before


@proves("http", "secret revoked")
def test_refused_credentials_end_the_load_and_change_nothing(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=SMALL)
    before = warehouse.everything()
    server.revoke_secret()
    with pytest.raises(Exception, match="credentials") as raised:
        warehouse.load(server, tables=SMALL)
    assert any(isinstance(error, CredentialsRefused) for error in roots(raised.value))
    assert warehouse.everything() == before
    server.restore_secret()
    warehouse.load(server, tables=SMALL)
    assert warehouse.differences(server, tables=SMALL) == {}


@pytest.mark.parametrize("name", ["id", "emails_sent.sent_date", "no_such_column", "no_table.email_body"])
def test_a_key_or_unknown_column_cannot_be_excluded(sandbox: MakeSandbox, warehouse: Warehouse, name: str) -> None:
    server = sandbox(campaigns=1)
    with pytest.raises(ConfigurationError, match=name):
        warehouse.load(server, exclude_columns=[name])
    assert server.calls.total() == 0


def test_excluded_columns_stay_null_everywhere(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=2)
    campaign_id = busiest(server, "email_opens")
    server.world.spoil_event("default", "email_opens", campaign_id, "unreadable_date")
    excluded = ["email_body", "email_opens.custom_fields", "list_prospect_emails.email_lower", "imap__username"]
    tables = ("email_opens", "email_clicks", "list_prospects", "list_prospect_emails", "sender_accounts")
    warehouse.load(server, tables=tables, exclude_columns=excluded)
    opens, clicks = warehouse.rows("email_opens"), warehouse.rows("email_clicks")
    assert {row["email_body"] for row in (*opens, *clicks)} == {None}
    assert {row["email_lower"] for row in warehouse.rows("list_prospect_emails")} == {None}
    assert {row["imap__username"] for row in warehouse.rows("sender_accounts")} == {None}
    assert {str(row["custom_fields"]) for row in opens} == {"None"}
    assert any(row["custom_fields"] for row in clicks)
    rejected = json.loads(warehouse.rows("rejected_rows")[0]["row"])
    assert "emailSubject" in rejected
    assert "emailBody" not in rejected
    assert [name for name in rejected if name.startswith("customField")] == []
