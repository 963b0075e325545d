"""The commands with the second source, beside the first one in one file."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from sources.sendkit.tables import DEFAULT_TABLES, TABLES
from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sendkit.conftest import Sendkit

pytestmark = pytest.mark.slow

SECTION = "SOURCES__SENDKIT__"
UNCOUNTED = ("sync_runs", "overview")
"""Tables in which every load leaves rows."""
OF_SNOVIO = ("campaigns", "emails_sent", "campaign_analytics")
"""Tables of the other source, two of which have names of this one's."""


@pytest.fixture
def server() -> Iterator[SendkitServer]:
    """A sandbox that may be called for what is on the allow-list alone."""
    with SendkitServer(World(1, NOW, campaigns=3, leads=60)) as running:
        yield running
        assert [violation.reason for violation in running.violations] == []


@pytest.fixture
def sendkit(outreach: CommandLine, server: SendkitServer) -> Sendkit:
    """What the commands load, with settings that point to the sandbox."""
    outreach.environment |= {
        f"{SECTION}BASE_URL": server.url,
        f"{SECTION}REQUESTS_PER_MINUTE": "0",
        f"{SECTION}API_KEY": server.key(),
    }
    return Sendkit(outreach.project / "outreach.duckdb")


def test_both_sources_are_loaded_and_shown_side_by_side(
    outreach: CommandLine, server: SendkitServer, sendkit: Sendkit, sandbox: MakeSandbox
) -> None:
    snovio = sandbox(campaigns=2)
    outreach.use(snovio)
    outreach.run("load", "snovio", "--select", ",".join(OF_SNOVIO))
    answer = outreach.json("load", "sendkit")
    assert answer["source"] == answer["dataset"] == "sendkit"
    assert {row["table"] for row in answer["accounts"][0]["tables"]} == set(DEFAULT_TABLES)
    assert sendkit.differences(server) == {}
    assert outreach.warehouse.differences(snovio, tables=OF_SNOVIO) == {}

    shown = outreach.json("status")
    assert {row["source"] for row in shown["tables"]} == {"snovio", "sendkit"}
    assert {load["source"] for load in shown["next_loads"]} == {"snovio", "sendkit"}
    rows = {row["table"]: row["rows"] for row in shown["tables"] if row["source"] == "sendkit"}
    assert rows["leads"] == len(server.truth()["leads"])
    of_one = outreach.json("status", "--dataset", "sendkit")
    assert {row["source"] for row in of_one["tables"]} == {"sendkit"}

    sendkit.close()
    refused = outreach.run("load", "sendkit", "--dataset", "snovio", expect=2)
    assert "--dataset" in refused.stderr
    assert outreach.warehouse.differences(snovio, tables=OF_SNOVIO) == {}


def test_a_second_load_changes_nothing_and_costs_what_was_planned(
    outreach: CommandLine, server: SendkitServer, sendkit: Sendkit
) -> None:
    for expected in ("first", "second"):
        server.reset_counts()
        [plan] = outreach.json("plan", "sendkit")["accounts"]
        assert plan["calls_spent"] == server.calls.total() <= 2
        before = sendkit.everything(without=UNCOUNTED) if expected == "second" else {}
        sendkit.close()
        server.reset_counts()
        outreach.run("load", "sendkit")
        assert plan["least"] <= server.calls.total() <= plan["most"]
        assert {row["table"] for row in plan["tables"]} >= {*server.calls} - {"campaign_details", "new_leads"}
    assert plan["least"] < 10
    assert sendkit.everything(without=UNCOUNTED) == before


def test_the_commands_around_the_load(outreach: CommandLine, server: SendkitServer, sendkit: Sendkit) -> None:
    answer = outreach.json("tables", "sendkit")
    assert [table["table"] for table in answer["tables"]] == list(TABLES)
    server.world.now = datetime.now(UTC)
    assert outreach.json("check", "sendkit")["ok"]
    assert server.calls.total() == 1
    assert not sendkit.path.exists()
    assert "sendkit" in outreach.run("load", "sendkit", "--since", "2025-06-01", expect=2).stderr

    outreach.environment[f"{SECTION}API_KEY"] = "sk_not-the-key"
    shown = outreach.run("load", "sendkit", expect=4)
    assert f"{SECTION}API_KEY" in shown.stderr
    assert "sk_not-the-key" not in shown.stdout + shown.stderr
    outreach.run("check", "sendkit", expect=4)
    del outreach.environment[f"{SECTION}API_KEY"]
    assert "sources.sendkit.api_key" in outreach.run("load", "sendkit", expect=2).stderr


def test_a_budget_ends_a_load_and_the_next_ones_go_on(
    outreach: CommandLine, server: SendkitServer, sendkit: Sendkit
) -> None:
    answer = outreach.json("load", "sendkit", "--max-requests", "7", expect=6)
    assert answer["accounts"][0]["calls"] == 7
    outreach.run("load", "sendkit")
    assert sendkit.differences(server) == {}
