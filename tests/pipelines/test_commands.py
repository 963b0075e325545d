"""The commands around the load: check, tables, status, sandbox, demo, and what --help and --json print."""

import json
import os
import re
import signal
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines import demo as demonstration
from pipelines import marts_build, project
from pipelines.cli import app
from sources.snovio.tables import DEFAULT_TABLES, TABLES
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.pipelines.parsed_once import ParsedOnce
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world
from tests.warehouse import Warehouse

COMMANDS = (
    *("load", "plan", "check", "tables", "status", "state", "marts", "dashboard", "verify", "erase", "publish"),
    *("sandbox", "demo"),
)


@pytest.mark.parametrize("command", [*(name for name in COMMANDS if name != "state"), "state show", "state reset"])
def test_every_command_shows_an_example_and_json(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"]).output
    assert f"Example: outreach {command}" in shown
    assert "--json" in shown


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert set(re.findall(r"^  ([a-z]+)  ", shown, flags=re.MULTILINE)) == set(COMMANDS)


@pytest.mark.slow
def test_tables_names_every_table_with_its_facts(outreach: CommandLine) -> None:
    answer = outreach.json("tables", "snovio")
    assert [table["table"] for table in answer["tables"]] == list(TABLES)
    assert all(table["endpoint"] and table["key"][0] == "account" and table["calls"] for table in answer["tables"])
    shown = outreach.run("tables", "snovio").stdout
    assert "email_opens" in shown
    assert "/v1/prospect-list" in shown


def test_the_project_folder_is_the_nearest_that_holds_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DLT_PROJECT_DIR")
    (tmp_path / "a" / ".dlt").mkdir(parents=True)
    (tmp_path / "a" / ".dlt" / "config.toml").touch()
    (tmp_path / "a" / "b").mkdir()
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert project.find() == tmp_path / "a"
    monkeypatch.setenv("HOME", str(tmp_path / "a"))
    assert project.find() == Path(project.__file__).parent.parent
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    assert project.find() == tmp_path


@pytest.mark.slow
def test_secrets_that_others_may_read_are_pointed_out(outreach: CommandLine) -> None:
    secrets = outreach.project / ".dlt" / "secrets.toml"
    secrets.touch(mode=0o644)
    secrets.chmod(0o644)
    assert f"chmod 600 {secrets}" in outreach.run("tables", "snovio").stderr
    secrets.chmod(0o600)
    assert "chmod" not in outreach.run("tables", "snovio").stderr


@pytest.mark.slow
def test_check_finds_everything_well_and_writes_nothing(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(now=datetime.now(UTC))
    outreach.use(server)
    answer = outreach.json("check", "snovio")
    assert answer["ok"]
    assert {check["name"] for check in answer["checks"]} >= {"credentials of default", "clock", "destination"}
    assert sum(server.calls.values()) == 2
    assert [path.name for path in outreach.project.iterdir()] == [".dlt"]


@pytest.mark.slow
def test_check_tells_what_is_wrong(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = str(outreach.project / "missing" / "w.duckdb")
    assert "missing" in outreach.run("check", "snovio", expect=1).stdout
    del outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"]
    outreach.environment[f"{SECTION}CLIENT_SECRET"] = "not-the-secret"
    shown = outreach.run("check", "snovio", expect=4).stdout
    assert "[sources.snovio]" in shown
    assert "not-the-secret" not in shown
    del outreach.environment[f"{SECTION}CLIENT_ID"]
    assert f"{SECTION}CLIENT_ID" in outreach.run("check", "snovio", expect=2).stderr


@pytest.mark.slow
def test_status_tells_rows_age_calls_and_what_is_unfinished(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    server.world.page_size = 50
    select = ("--select", "campaigns,emails_sent,email_opens,prospect_lists,list_prospects")
    outreach.use(server)
    assert "nothing is loaded yet" in outreach.run("status").stdout
    outreach.run("load", "snovio", *select, "--max-requests", "12", expect=6)
    assert outreach.json("status")["unfinished"]

    outreach.run("load", "snovio", *select)
    answer = outreach.json("status")
    truth = server.truth("default")
    rows = {row["table"]: row for row in answer["tables"]}
    assert {table: rows[table]["rows"] for table in ("emails_sent", "list_prospects")} == {
        table: len(truth[table]) for table in ("emails_sent", "list_prospects")
    }
    newest = max(row["sent_date"] for row in truth["emails_sent"])
    assert rows["emails_sent"]["newest_row"].startswith(f"{newest:%Y-%m-%d %H:%M:%S}")
    assert answer["unfinished"] == []
    # two token calls are nobody's table
    assert answer["calls"] == sum(server.calls.values()) - server.calls["token"]
    assert "emails_sent" in outreach.run("status").stdout


@pytest.mark.slow
def test_the_sandbox_command_says_how_to_load_from_it(outreach: CommandLine) -> None:
    process = outreach.start("sandbox", "--json")
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        outreach.environment |= ready["environment"]
        answer = outreach.json("load", "snovio", "--select", "campaigns")
        assert answer["accounts"][0]["tables"][0]["rows"] > 0
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.slow
def test_demo_fills_a_warehouse_of_its_own(outreach: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marts_build, "dbtRunner", ParsedOnce)
    shown = outreach.run("demo").stdout
    demo = Warehouse(outreach.project / "demo.duckdb")
    assert str(demo.path) in shown
    assert not outreach.warehouse.path.exists()
    assert set(demo.tables()) == set(DEFAULT_TABLES)
    assert len(demo.rows("emails_sent")) > 1000
    demo.close()

    # Another one takes its place; the marts of it are one here.
    monkeypatch.setattr(demonstration, "build_world", partial(build_world, campaigns=1, scale=0.1))
    monkeypatch.setattr(marts_build, "build", partial(marts_build.build, select=["stg_snovio__campaigns"]))
    again = outreach.json("demo")
    assert (again["exit_code"], again["marts"]["models"]) == (0, ["stg_snovio__campaigns"])
    assert len(demo.stored("campaigns")) == 1


@pytest.mark.slow
def test_no_secret_reaches_any_output_file_or_table(outreach: CommandLine) -> None:
    """At the loudest log level, through httpx, dlt and our own loggers."""
    world = build_world(seed=3, campaigns=3, scale=0.1)
    with SandboxServer(world) as server:
        outreach.use(server)
        outreach.environment["RUNTIME__LOG_LEVEL"] = "DEBUG"
        shown = outreach.run_alone("--verbose", "load", "snovio")
        _, client_secret = server.credentials("default")
        canaries = [client_secret, *server.tokens.issued]
    assert len(canaries) > 1
    texts = [shown.stdout, shown.stderr]
    texts += [path.read_bytes().decode("latin-1") for path in _files(outreach.project, outreach.data)]
    assert [canary for canary in canaries if any(canary in text for text in texts)] == []


def _files(*folders: Path) -> list[Path]:
    return [Path(root) / name for folder in folders for root, _, names in os.walk(folder) for name in names]
