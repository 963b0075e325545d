"""`outreach load`: exit codes, what is committed with each, and how a run that was cut off goes on."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
import stamina

from sources.snovio.tables import DEFAULT_TABLES
from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

UNCOUNTED = ("sync_runs", "account_balance")
ALWAYS = ("rejected_rows", "sync_runs")
TABLES = ("campaigns", "emails_sent", "email_opens", "prospect_lists", "list_prospects")
"""Some that are asked once, by the campaign and by the list."""
EVENTS_AND_LISTS = ("--select", ",".join(TABLES))


def loaded(answer: dict[str, Any], account: int = 0) -> dict[str, dict[str, Any]]:
    return {row["table"]: row for row in answer["accounts"][account]["tables"]}


def test_a_load_holds_the_truth_and_a_second_one_changes_nothing(
    sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path
) -> None:
    """As a process that some scheduler started elsewhere: the file lies in the project folder.

    The summary names every table, that place and the calls; plain dlt loads the same rows.
    """
    server = sandbox(campaigns=5)
    outreach.use(server)
    shown = outreach.run_alone("load", "snovio").stdout
    assert all(table in shown for table in DEFAULT_TABLES)
    assert str(outreach.project / "outreach.duckdb") in shown
    assert f"{sum(server.calls.values())} calls" in shown
    assert list(outreach.elsewhere.iterdir()) == []
    assert outreach.warehouse.differences(server) == {}

    before = outreach.warehouse.everything(without=UNCOUNTED)
    second = outreach.json("load", "snovio")
    assert second["exit_code"] == 0
    assert outreach.warehouse.everything(without=UNCOUNTED) == before
    truth = server.truth("default")
    stored = {table: row["stored"] for table, row in loaded(second).items()}
    for table, rows in ((name, truth[name]) for name in DEFAULT_TABLES if name in truth and name not in UNCOUNTED):
        assert stored[table] == len(rows), table
    assert sum(loaded(second)[table]["rows"] for table in ("emails_sent", "email_opens", "list_prospects")) == 0

    plain = Warehouse(tmp_path / "plain.duckdb")
    plain.load(server)
    assert plain.columns() == outreach.warehouse.columns()
    for table in set(plain.tables()) - {"sync_runs", "account_balance", "campaign_progress"}:
        assert plain.rows(table) == outreach.warehouse.rows(table), table


def test_selected_tables_alone_are_asked_for(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.run("load", "snovio", "--select", "prospect_lists,webhooks,custom_fields", "--exclude", "webhooks")
    assert set(server.calls) == {"token", "prospect_lists", "custom_fields"}
    assert outreach.warehouse.rows("custom_fields")


def test_wrong_credentials_exit_4_at_once(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.environment[f"{SECTION}CLIENT_SECRET"] = "not-the-secret"
    shown = outreach.run("load", "snovio", expect=4)
    assert f"{SECTION}CLIENT_SECRET" in shown.stderr
    assert "not-the-secret" not in shown.stdout + shown.stderr
    assert sum(server.calls.values()) == 1


@pytest.mark.parametrize(
    ("broken", "arguments", "names"),
    [
        ({f"{SECTION}CLIENT_ID": ""}, (), ("sources.snovio.client_id", f"{SECTION}CLIENT_ID")),
        ({f"{SECTION}BASE_URL": "http://api.example.com"}, (), ("sources.snovio.base_url", f"{SECTION}BASE_URL")),
        ({f"{SECTION}SWEEP_DAYS": "often"}, (), ("sources.snovio.sweep_days", f"{SECTION}SWEEP_DAYS")),
        ({f"{SECTION}START_DATE": "last May"}, (), ("sources.snovio.start_date", f"{SECTION}START_DATE")),
        (
            {f"{SECTION}EXCLUDE_COLUMNS": '["visited_at"]'},
            (),
            ("sources.snovio.exclude_columns", f"{SECTION}EXCLUDE_COLUMNS", "visited_at"),
        ),
        ({"DESTINATION__DUCKDB__CREDENTIALS": "snovio.duckdb"}, (), ("destination.duckdb.credentials", "snovio")),
        ({}, ("--select", "campaings"), ("campaings", "campaigns")),
        ({}, ("--select", ""), ("--select", "no table is named")),
        ({}, ("--account", "north"), ("sources.snovio.accounts.north", f"{SECTION}ACCOUNTS__NORTH__CLIENT")),
    ],
)
def test_wrong_configuration_exits_2_and_names_the_key(
    sandbox: MakeSandbox,
    outreach: CommandLine,
    broken: dict[str, str],
    arguments: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.environment |= broken
    shown = outreach.run("load", "snovio", *arguments, expect=2)
    assert all(name in shown.stderr for name in names)
    assert not server.calls


@proves("http", "one campaign answers 404 or 422")
@pytest.mark.parametrize("fault", ["not_found", "unprocessable"])
def test_one_campaign_that_is_gone_exits_3_and_the_others_are_committed(
    sandbox: MakeSandbox, outreach: CommandLine, fault: str
) -> None:
    server = sandbox(campaigns=3)
    outreach.use(server)
    gone = next(row["campaign_id"] for row in server.true_rows("emails_sent"))
    server.faults.add(Fault(fault, endpoint="emails_sent", campaign_id=gone))
    answer = outreach.json("load", "snovio", *EVENTS_AND_LISTS, expect=3)
    assert str(gone) in loaded(answer)["emails_sent"]["detail"]
    truth = [row for row in server.true_rows("emails_sent") if row["campaign_id"] != gone]
    assert len(outreach.warehouse.rows("emails_sent")) == len(truth)
    assert set(outreach.warehouse.differences(server, tables=TABLES)) == {"emails_sent"}

    server.faults.clear()
    outreach.run("load", "snovio", *EVENTS_AND_LISTS)
    assert outreach.warehouse.differences(server, tables=TABLES) == {}


def test_everything_failing_exits_1_and_changes_nothing(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.run("load", "snovio", "--select", "custom_fields")
    before = outreach.warehouse.rows("custom_fields")
    server.faults.add(Fault("success_false", endpoint="custom_fields"))
    outreach.run("load", "snovio", "--select", "custom_fields", expect=1)
    assert outreach.warehouse.rows("custom_fields") == before


def test_an_api_that_cannot_be_reached_exits_1_after_one_round_of_retries(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox()
    outreach.use(server)
    server.faults.add(Fault("bad_gateway", endpoint="token"))
    with stamina.set_testing(True, attempts=10, cap=True):  # as many attempts as ever, without the waits
        answer = outreach.json("load", "snovio", *EVENTS_AND_LISTS, expect=1)
    assert server.calls["token"] == answer["accounts"][0]["calls"] < 10
    assert {row["outcome"] for row in answer["accounts"][0]["tables"] if row["table"] not in ALWAYS} == {"failed"}


def test_a_budget_exits_6_and_the_next_runs_go_on_from_there(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=4)
    server.world.page_size = 100
    outreach.use(server)
    for _ in range(2):
        answer = outreach.json("load", "snovio", *EVENTS_AND_LISTS, "--max-requests", "9", expect=6)
        assert answer["accounts"][0]["calls"] == 9
        assert answer["accounts"][0]["stopped"] == "--max-requests"
    outreach.run("load", "snovio", *EVENTS_AND_LISTS)
    assert outreach.warehouse.differences(server, tables=TABLES) == {}


@proves("process", "SIGTERM, SIGINT")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_from_within_a_wait_and_keeps_what_was_read(
    sandbox: MakeSandbox, outreach: CommandLine, number: signal.Signals, code: int
) -> None:
    server = sandbox(campaigns=6)
    outreach.use(server)
    outreach.environment[f"{SECTION}REQUESTS_PER_MINUTE"] = "12"
    process = outreach.start("load", "snovio", *EVENTS_AND_LISTS)
    _wait_for_calls(server, 12)
    process.send_signal(number)
    out, errors = process.communicate(timeout=30)
    assert process.returncode == code, out + errors
    assert any(outreach.warehouse.rows(table) for table in ("emails_sent", "email_opens"))

    outreach.environment[f"{SECTION}REQUESTS_PER_MINUTE"] = "0"
    outreach.run("load", "snovio", *EVENTS_AND_LISTS)
    assert outreach.warehouse.differences(server, tables=TABLES) == {}


def _wait_for_calls(server: SandboxServer, calls: int) -> None:
    for _ in range(1_500):
        if sum(server.calls.values()) >= calls:
            return
        time.sleep(0.02)
    raise AssertionError(f"only {sum(server.calls.values())} calls")


def test_accounts_share_a_dataset_and_one_failing_never_stops_the_others(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(accounts=("north", "south", "west"), campaigns=2)
    outreach.use(server, "north", "south", "west")
    outreach.environment[f"{SECTION}ACCOUNTS__SOUTH__CLIENT_SECRET"] = "not-the-secret"
    answer = outreach.json("load", "snovio", *EVENTS_AND_LISTS, "--account", "all", expect=3)
    assert {row["account"]: row["exit_code"] for row in answer["accounts"]} == {"north": 0, "south": 4, "west": 0}
    for account in ("north", "west"):
        assert outreach.warehouse.differences(server, account, tables=TABLES) == {}
    north = outreach.warehouse.everything("north")
    outreach.environment[f"{SECTION}SWEEP_DAYS"] = "0"
    outreach.run("load", "snovio", *EVENTS_AND_LISTS, "--account", "west")
    assert outreach.warehouse.everything("north") == north


@proves("process", "a BI tool holds the DuckDB file")
def test_a_load_waits_for_a_warehouse_that_another_program_holds(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """And asks nothing meanwhile; here the other program lets go in time."""
    server = sandbox()
    outreach.use(server)
    outreach.run("load", "snovio", "--select", "custom_fields")
    server.reset_counts()
    hold = f"import duckdb; c = duckdb.connect({str(outreach.warehouse.path)!r}); print(1, flush=True); input()"
    with subprocess.Popen(  # noqa: S603  # our own code
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        calls_meanwhile: list[dict[str, int]] = []

        def let_go() -> None:
            calls_meanwhile.append(dict(server.calls))
            holder.communicate("\n")

        Timer(1, let_go).start()
        outreach.run("load", "snovio", "--select", "custom_fields,campaigns")
    assert calls_meanwhile == [{}]
    assert outreach.warehouse.differences(server, tables=("custom_fields", "campaigns")) == {}


def test_full_refresh_replaces_and_keeps_history(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=3)
    outreach.use(server)
    outreach.run("load", "snovio", *EVENTS_AND_LISTS)
    with server.lock:
        campaign = server.true_rows("campaigns")[0]["id"]
        server.world.rename_campaign("default", campaign, "Renamed")
    outreach.run("load", "snovio", *EVENTS_AND_LISTS, "--full-refresh")
    assert outreach.warehouse.differences(server, tables=TABLES) == {}
    assert [row["id"] for row in outreach.warehouse.closed("campaigns")] == [campaign]


@pytest.mark.slow
def test_full_refresh_clears_today_where_nothing_is_left_of_it(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Today is looked at before everything is found out anew."""
    server = sandbox(campaigns=2, scale=0.1)
    campaign = next(found.id for found in server.world.account("default").campaigns.values() if found.started_at)
    server.world.add_events("default", "emails_sent", campaign, 2)
    outreach.use(server)
    load, today = ("load", "snovio", "--select", "campaign_analytics"), "date = '2025-06-18'"
    outreach.run(*load)
    assert outreach.warehouse.query(f"SELECT 1 FROM campaign_analytics WHERE {today}")  # noqa: S608  # our own
    outreach.warehouse.close()
    for table in server.world.account("default").events:
        server.world.delete_events("default", table, campaign, day=NOW.date())
    outreach.run(*load, "--full-refresh")
    assert outreach.warehouse.differences(server, tables=("campaign_analytics",)) == {}
