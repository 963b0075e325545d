"""Loads that ended badly, side by side or with wrong settings: the next one is right, and each says what is wrong."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.model import EVENT_TABLES, Campaign, Completion, ProspectList
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import DATASET

pytestmark = pytest.mark.slow

LOST = (
    "campaigns", *EVENT_TABLES, "recipient_activity", "campaign_analytics", "completed_prospects",
    "prospect_lists", "list_prospects", "list_prospect_emails",
)  # fmt: skip
"""Tables in which anything is lost."""
DAY = timedelta(days=1)
TODAY = NOW.date()


def committed_loads(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute(f"USE {DATASET}")
        return [load_id for (load_id,) in connection.execute("SELECT load_id FROM _dlt_loads").fetchall()]


def undo_bookkeeping(path: Path, kept: list[str]) -> None:
    """Leaves the rows of all loads, but the record of these alone: as after a kill between the two."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"USE {DATASET}")
        connection.execute("DELETE FROM _dlt_loads WHERE NOT list_contains(?, load_id)", [kept])
        connection.execute("DELETE FROM _dlt_pipeline_state WHERE NOT list_contains(?, _dlt_load_id)", [kept])


def grow(world: World) -> Campaign:
    """A campaign with a day of events for each of three weeks, and a list."""
    campaign = world.add_campaign("default")
    campaign.created_at = campaign.started_at = int((NOW - 30 * DAY).timestamp())
    world.account("default").completed[campaign.id] = [
        Completion(world.next_serial(), person) for person in campaign.people[:3]
    ]
    for table in EVENT_TABLES:
        for back in range(21):
            world.add_late_events("default", table, campaign.id, TODAY - back * DAY, 2)
    return campaign


def lose(world: World, campaign: Campaign, prospects: ProspectList) -> None:
    """The API loses whole days of a campaign at both ends and in the middle, who completed it, and a list."""
    for table in EVENT_TABLES:
        for back in (20, 19, 11, 10, 1):
            assert world.delete_events("default", table, campaign.id, day=TODAY - back * DAY)
    world.account("default").completed[campaign.id].clear()
    world.delete_list("default", prospects.id)


@pytest.mark.parametrize("loads_before", [0, 1], ids=["first load", "second load"])
def test_a_load_killed_before_its_bookkeeping_is_made_good_by_the_next(
    sandbox: MakeSandbox, outreach: CommandLine, loads_before: int
) -> None:
    """Rows were merged, the state that tells of them was not: what vanished meanwhile must not stay."""
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    path = outreach.warehouse.path
    kept: list[str] = []
    if loads_before:
        outreach.run("load", "snovio", "--select", ",".join(LOST))
        kept = committed_loads(path)
    campaign, prospects = grow(server.world), server.world.add_list("default")
    outreach.run("load", "snovio", "--select", ",".join(LOST))
    assert set(committed_loads(path)) > set(kept)

    undo_bookkeeping(path, kept)
    lose(server.world, campaign, prospects)
    outreach.run("load", "snovio", "--select", ",".join(LOST))
    assert outreach.warehouse.differences(server, tables=LOST) == {}


def test_two_accounts_may_be_loaded_into_one_file_at_once(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    accounts = ("north", "south")
    tables = ("campaigns", "emails_sent", "custom_fields")
    server = sandbox(accounts=accounts, campaigns=3)
    outreach.use(server, *accounts)
    outreach.environment[f"{SECTION}SWEEP_DAYS"] = "0"
    rng = Random(3)
    for _ in range(2):
        processes = [
            outreach.start("load", "snovio", "--select", ",".join(tables), "--account", account)
            for account in accounts
        ]
        ended = [process.communicate(timeout=120) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], ended
        for account in accounts:
            assert outreach.warehouse.differences(server, account, tables=tables) == {}
            server.world.move(rng, account)


def test_an_account_without_its_secret_stops_no_other(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    tables = ("campaigns", "emails_sent", "custom_fields")
    server = sandbox(accounts=("north", "south"), campaigns=2)
    outreach.use(server, "north", "south")
    del outreach.environment[f"{SECTION}ACCOUNTS__NORTH__CLIENT_SECRET"]
    shown = outreach.run("load", "snovio", "--select", ",".join(tables), "--account", "all", expect=3)
    assert "sources.snovio.accounts.north.client_secret" in shown.stdout + shown.stderr
    assert f"{SECTION}ACCOUNTS__NORTH__CLIENT_SECRET" in shown.stdout + shown.stderr
    assert outreach.warehouse.differences(server, "south", tables=tables) == {}


def test_emails_of_prospects_can_be_selected_alone(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """They come with their prospects, in the same calls."""
    server = sandbox(campaigns=2)
    outreach.use(server)
    outreach.run("load", "snovio", "--select", "list_prospect_emails")
    assert outreach.warehouse.differences(server, tables=("list_prospects", "list_prospect_emails")) == {}


def test_configuration_that_cannot_be_read_exits_2_and_is_named(outreach: CommandLine) -> None:
    (outreach.project / ".dlt" / "config.toml").write_text("[sources.snovio\nlookback_days = 3\n")
    shown = outreach.run_alone("load", "snovio", expect=2)
    assert "config.toml" in shown.stderr
    assert "Traceback" not in shown.stderr


def a_folder(outreach: CommandLine) -> None:
    outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = str(outreach.elsewhere)


def a_file_of_something_else(outreach: CommandLine) -> None:
    junk = outreach.elsewhere / "junk.duckdb"
    junk.write_text("no database\n" * 1_000)
    outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = str(junk)


def an_endless_lookback(outreach: CommandLine) -> None:
    outreach.environment[f"{SECTION}LOOKBACK_DAYS"] = "10000000"


def nothing(_: CommandLine) -> None:
    """The command line alone is wrong."""


@pytest.mark.parametrize(
    ("spoil", "arguments", "names"),
    [
        (nothing, ("--destination", "nosuchdest"), ("--destination", "nosuchdest")),
        (a_folder, (), ("destination.duckdb.credentials", "DESTINATION__DUCKDB__CREDENTIALS")),
        (a_file_of_something_else, (), ("destination.duckdb.credentials", "DESTINATION__DUCKDB__CREDENTIALS")),
        (an_endless_lookback, (), ("sources.snovio.lookback_days", f"{SECTION}LOOKBACK_DAYS")),
    ],
)
def test_what_cannot_be_used_exits_2_and_is_named(
    sandbox: MakeSandbox,
    outreach: CommandLine,
    spoil: Callable[[CommandLine], None],
    arguments: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    server: SandboxServer = sandbox(campaigns=1)
    outreach.use(server)
    spoil(outreach)
    shown = outreach.run("load", "snovio", *arguments, expect=2)
    assert [name for name in names if name not in shown.stderr] == []
    assert "Traceback" not in shown.stderr
    assert not server.calls
