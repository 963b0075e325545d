"""Loads that ended badly, side by side or with wrong settings: the next one is right, and each says what is wrong."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.faults.processes import loads_at_once
from tests.sandbox.server import SandboxServer

pytestmark = pytest.mark.slow


def test_two_accounts_may_be_loaded_into_one_file_at_once(
    sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path
) -> None:
    accounts = ("north", "south")
    tables = ("campaigns", "emails_sent", "custom_fields")
    server = sandbox(accounts=accounts, campaigns=3)
    outreach.use(server, *accounts)
    outreach.environment[f"{SECTION}SWEEP_DAYS"] = "0"
    rng = Random(3)
    with loads_at_once(tmp_path, len(accounts)) as loads:
        for _ in range(2):
            for one, account in zip(loads, accounts, strict=True):
                one.start(outreach, ("--select", ",".join(tables), "--account", account))
            ended = [one.wait() for one in loads]
            assert [one.code for one in ended] == [0, 0], ended
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
