"""The marts over a loaded warehouse, against numbers counted from the sandbox's truth alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # dbt brings it, without types

from pipelines import marts_build
from sources.snovio.tables import TABLES
from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.marts import expected
from tests.marts.built import Built
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sandbox.server import SandboxServer

pytestmark = pytest.mark.slow

MODELS = sorted(marts_build.PROJECT.rglob("models/**/*.sql"))
SNAPSHOT = "snovio__list_memberships_seen"
UNREAD = {"sender_analytics", "warmup_statistics", "prospect_socials", "rejected_rows", "sync_runs"}
"""Tables that no mart reads, or that come with any load."""
SHARED = "campaigns,emails_sent,recipient_activity,prospect_lists,list_prospects,sender_accounts"
"""What the second account of a team loads of the same campaigns."""
SENDKIT = "SOURCES__SENDKIT__"


@pytest.fixture
def built(outreach: CommandLine) -> Iterator[Built]:
    """The marts of the project's warehouse."""
    marts = Built(outreach.warehouse.path)
    yield marts
    marts.close()


def test_every_mart_is_built_tested_and_right(sandbox: MakeSandbox, outreach: CommandLine, built: Built) -> None:
    """Two accounts of one team return the same campaigns, lists and senders: all of it counts once."""
    server = sandbox(campaigns=3, scale=0.1, most_prospects=20)
    _use_as_team(outreach, server, "north", "south")
    outreach.run("load", "snovio", "--account", "north", "--select", ",".join(set(TABLES) - UNREAD))
    before = _files(marts_build.PROJECT)

    answer = outreach.json("load", "snovio", "--account", "south", "--select", SHARED, "--marts")

    marts = answer["marts"]
    assert (answer["exit_code"], marts["failed"], marts["skipped"], marts["warned"]) == (0, [], [], [])
    assert sorted(marts["models"]) == sorted([SNAPSHOT, *(model.stem for model in MODELS)])
    assert marts["tests_passed"] > len(MODELS)
    assert _files(marts_build.PROJECT) == before
    assert list(_undescribed(built)) == []
    truth = server.truth("default")
    built.expect("snovio__campaigns", expected.campaigns(truth))
    built.expect("snovio__campaign_daily", expected.daily(truth))
    built.expect("snovio__campaign_recipients", expected.recipients(truth))
    built.expect("snovio__funnel", expected.funnel(truth))
    assert built.values("snovio__campaigns", "account", "accounts") == {("north", 2)}
    assert built.values("snovio__list_membership_history", "list_id", "contact") == expected.members(truth)
    assert len(built.rows("snovio__activities")) == len(list(expected.events(truth)))
    assert len(built.rows("snovio__replies")) == len(truth["campaign_reply_messages"])
    assert len(built.rows("snovio__senders")) == len(truth["sender_accounts"])
    assert len(built.rows("snovio__lists")) == len(truth["prospect_lists"])
    assert len(built.rows("snovio__campaign_steps")) == len(truth["campaign_steps"])
    assert built.values("snovio__reconciliation", "account", "verdict") == {("north", "equal")}
    assert built.values("snovio__sync_health", "account", "verdict") == {("north", "fresh"), ("south", "fresh")}
    assert built.values("outreach__campaigns", "campaign_id") == {(str(row["id"]),) for row in truth["campaigns"]}

    # Who leaves a list is gone from it at the next build.
    lists = server.world.account("default").lists.values()
    left_from = next(one for one in lists if len(one.prospects) > 2 and one.deletion_date is None)
    left = left_from.prospects.pop(0)
    built.close()
    outreach.run("load", "snovio", "--account", "north", "--select", "prospect_lists,list_prospects")
    marts_build.build(outreach.project, select=["+snovio__list_membership_history"], tested=False)
    gone = built.rows("snovio__list_membership_history", "not is_member")
    assert [(row["list_id"], row["name"]) for row in gone] == [(left_from.id, left.name)]


def test_what_was_never_loaded_is_empty(outreach: CommandLine, built: Built, sandbox: MakeSandbox) -> None:
    """From no warehouse at all, to one source, to two tables of the other one."""
    everything = marts_build.build(outreach.project, tested=False)
    assert (everything.failed, everything.skipped, len(everything.models)) == ({}, [], len(MODELS) + 1)
    assert built.rows("outreach__campaigns") == []
    built.close()

    with SendkitServer(World(1, NOW, campaigns=2, leads=20)) as sendkit:
        outreach.environment |= {f"{SENDKIT}BASE_URL": sendkit.url, f"{SENDKIT}API_KEY": sendkit.key()}
        outreach.environment[f"{SENDKIT}REQUESTS_PER_MINUTE"] = "0"
        outreach.run("load", "sendkit", "--select", "campaigns,campaign_analytics,campaign_daily_analytics")
        truth = sendkit.truth()
    both = ["+outreach__campaign_daily", "+snovio__sync_health"]
    assert marts_build.build(outreach.project, select=both, tested=False).failed == {}
    sent = {(row["campaign_id"], row["stats__sent"]) for row in truth["campaign_analytics"]}
    assert built.values("outreach__campaigns", "campaign_id", "emails_sent") == sent
    days = {(row["campaign_id"], row["date"], row["payload"]["sent"]) for row in truth["campaign_daily_analytics"]}
    assert built.values("outreach__campaign_daily", "campaign_id", "date", "emails_sent") == days
    built.close()

    outreach.use(sandbox(campaigns=2, scale=0.1))
    outreach.run("load", "snovio", "--select", "campaigns,emails_sent", "--dataset", "elsewhere")
    answer = marts_build.build(outreach.project, dataset="elsewhere", select=both, tested=False)
    assert (answer.schema, answer.failed) == ("elsewhere_marts", {})
    assert built.values("outreach__campaigns", "tool") == {("sendkit",)}
    elsewhere = Built(outreach.warehouse.path, answer.schema)
    assert elsewhere.values("outreach__campaigns", "tool") == {("snovio",), ("sendkit",)}
    health = elsewhere.values("snovio__sync_health", "table_name", "verdict")
    assert health > {("campaigns", "fresh"), ("emails_sent", "fresh")}
    elsewhere.close()


def _use_as_team(outreach: CommandLine, server: SandboxServer, *accounts: str) -> None:
    """Configure accounts that see the same campaigns."""
    outreach.use(server)
    client_id, client_secret = server.credentials()
    for account in accounts:
        section = f"{SECTION}ACCOUNTS__{account.upper()}__"
        outreach.environment |= {f"{section}CLIENT_ID": client_id, f"{section}CLIENT_SECRET": client_secret}
    outreach.environment[f"{SECTION}PROFILES_PER_RUN"] = "3"


def _undescribed(built: Built) -> Iterator[str]:
    """Models without a description or, staging aside, a unit test; and columns without a description."""
    there = built.columns()
    for file in marts_build.PROJECT.rglob("models/**/*.yml"):
        written: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        tested = {test["model"] for test in written.get("unit_tests", ())}
        for model in written.get("models", ()):
            name = model["name"]
            told = {column["name"]: column.get("description") for column in model["columns"]}
            yield from (f"{name}.{column}" for column in there[name].symmetric_difference(told))
            yield from (f"{name}.{column}" for column, description in told.items() if not description)
            if not model.get("description") or (not name.startswith("stg_") and name not in tested):
                yield name


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
