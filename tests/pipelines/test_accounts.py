"""Several accounts in one dataset: each keeps its rows, its state, and if it is told so its rate to itself."""

from pathlib import Path

import pytest

from pipelines.configuration import Configuration
from pipelines.registry import SOURCES
from sources.errors import ConfigurationError
from sources.rate_limit import shared_store
from tests.command_line import SECTION, CommandLine
from tests.conftest import MakeSandbox
from tests.sandbox.faults import Fault

ACCOUNTS = ("north", "south", "west")
VANISHED = "recipient_activity"
SELECT = ("--select", f"campaigns,emails_sent,{VANISHED},list_prospects")
LOADED = SELECT[1].split(",")


@pytest.mark.slow
def test_three_accounts_of_which_one_is_refused_and_one_lost_a_campaign(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(accounts=ACCOUNTS, campaigns=2)
    outreach.use(server, *ACCOUNTS)
    outreach.run("load", "snovio", "--account", "all", *SELECT)
    south = outreach.warehouse.everything("south")
    gone = next(row["campaign_id"] for row in server.true_rows(VANISHED, "west"))
    server.faults.add(Fault("not_found", endpoint=VANISHED, campaign_id=gone))
    outreach.environment[f"{SECTION}ACCOUNTS__SOUTH__CLIENT_SECRET"] = "not-the-secret"
    outreach.environment[f"{SECTION}SWEEP_DAYS"] = "0"

    answer = outreach.json("load", "snovio", "--account", "all", *SELECT, expect=3)

    accounts = {account["account"]: account for account in answer["accounts"]}
    assert {name: account["exit_code"] for name, account in accounts.items()} == {"north": 0, "south": 4, "west": 3}
    assert "[sources.snovio.accounts.south]" in accounts["south"]["error"]
    assert [table["table"] for table in accounts["west"]["tables"] if f"campaign {gone}" in str(table["detail"])] == [
        VANISHED
    ]
    assert {name: outreach.warehouse.differences(server, name, tables=LOADED) for name in ("north", "west")} == {
        "north": {},
        "west": {},
    }
    assert outreach.warehouse.everything("south") == south

    north = outreach.warehouse.everything("north")
    shown = outreach.run("load", "snovio", "--account", "south", *SELECT, expect=4)
    assert "[sources.snovio.accounts.south]" in shown.stderr
    assert "north, south, west, or all" in outreach.run("load", "snovio", expect=2).stderr
    outreach.run("load", "snovio", "--account", "west", *SELECT, expect=3)
    assert outreach.warehouse.everything("north") == north
    plans = outreach.json("plan", "snovio", "--account", "all", *SELECT, expect=3)["accounts"]
    assert [plan["account"] for plan in plans if plan["error"]] == ["south"]


@pytest.mark.slow
def test_the_history_of_one_account_is_not_that_of_another(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Both have campaigns with the same ids; what one loses, the other keeps."""
    server = sandbox(accounts=("north", "south"), campaigns=2)
    outreach.use(server, "north", "south")
    outreach.run("load", "snovio", "--account", "all", "--select", "campaigns,prospect_lists")
    with server.lock:
        campaign = next(iter(server.true_rows("campaigns", "north")))["id"]
        server.world.rename_campaign("north", campaign, "Renamed")
    outreach.run("load", "snovio", "--account", "all", "--select", "campaigns,prospect_lists")
    assert [row["id"] for row in outreach.warehouse.closed("campaigns", "north")] == [campaign]
    assert outreach.warehouse.closed("campaigns", "south") == []
    rows = {row["account"] for row in outreach.json("status")["tables"]}
    assert rows == {"north", "south"}


@pytest.mark.slow
def test_one_state_of_each_account_is_kept(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """It is the newest: a load after it goes on from there."""
    server = sandbox(accounts=("north", "south"), campaigns=2)
    outreach.use(server, "north", "south")
    load = ("load", "snovio", "--select", "campaigns,emails_sent")
    outreach.run(*load, "--account", "all")
    with server.lock:
        campaign = next(found.id for found in server.world.account("north").campaigns.values() if found.started_at)
        server.world.add_events("north", "emails_sent", campaign, 3)
    outreach.run(*load, "--account", "north")
    kept = outreach.warehouse.query(
        "SELECT pipeline_name AS name, count(*) AS states FROM _dlt_pipeline_state GROUP BY 1"
    )
    assert {row["name"]: row["states"] for row in kept} == {"snovio_north": 1, "snovio_south": 1}
    for account in ("north", "south"):
        outreach.run(*load, "--account", account)
        assert outreach.warehouse.last_run(account)["emails_sent"]["swept"] == 0
        assert outreach.warehouse.differences(server, account, tables=("campaigns", "emails_sent")) == {}


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Three accounts of Snov.io: the unnamed one, one with a rate and a limit of its own, one with nothing more."""
    for account in ("", "ACCOUNTS__NORTH__", "ACCOUNTS__SOUTH__"):
        monkeypatch.setenv(f"{SECTION}{account}CLIENT_ID", f"id {account}")
        monkeypatch.setenv(f"{SECTION}{account}CLIENT_SECRET", f"secret of {account or 'the unnamed'}")
    monkeypatch.setenv(f"{SECTION}ACCOUNTS__NORTH__REQUESTS_PER_MINUTE", "20")
    monkeypatch.setenv(f"{SECTION}ACCOUNTS__NORTH__OWN_LIMIT", "true")
    return monkeypatch


def settings_of(account: str) -> Configuration:
    return SOURCES["snovio"].configured(account)


@pytest.mark.usefixtures("configured")
def test_an_account_may_have_a_rate_and_a_limit_of_its_own() -> None:
    default, north, south = (settings_of(account) for account in ("default", "north", "south"))
    assert (default.requests_per_minute, north.requests_per_minute, south.requests_per_minute) == (55, 20, 55)
    assert default.limiter_store == south.limiter_store == shared_store(default.base_url)
    assert north.limiter_store == Path(default.limiter_store.parent, "api.snov.io-north.sqlite")
    assert "secret" not in repr(north)


def test_all_accounts_may_have_limits_of_their_own(configured: pytest.MonkeyPatch) -> None:
    configured.setenv(f"{SECTION}OWN_LIMIT", "yes")
    configured.setenv(f"{SECTION}ACCOUNTS__NORTH__OWN_LIMIT", "false")
    assert len({settings_of(account).limiter_store for account in ("default", "north", "south")}) == 3
    assert settings_of("north").limiter_store == shared_store("https://api.snov.io")
    configured.setenv(f"{SECTION}OWN_LIMIT", "perhaps")
    with pytest.raises(ConfigurationError, match=r"sources\.snovio\.own_limit: 'perhaps'"):
        settings_of("south")


@pytest.mark.usefixtures("configured")
def test_all_accounts_are_those_that_are_configured() -> None:
    source = SOURCES["snovio"]
    assert source.account_names("all") == ["default", "north", "south"]
    assert source.account_names(None) == ["default"]
    with pytest.raises(ConfigurationError, match=r"sources\.snovio\.accounts\.east\.client_id: is missing"):
        settings_of("east")


def test_an_account_of_sendkit_has_its_own_key_and_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account reads another's workspace, also when it lacks what it needs."""
    section = "SOURCES__SENDKIT__"
    monkeypatch.setenv(f"{section}API_KEY", "sk_one")
    monkeypatch.setenv(f"{section}WORKSPACE_ID", "w1")
    monkeypatch.setenv(f"{section}ACCOUNTS__NORTH__API_KEY", "sk_user_all")
    monkeypatch.setenv(f"{section}ACCOUNTS__SOUTH__WORKSPACE_ID", "w3")
    source = SOURCES["sendkit"]
    assert source.configured("default").settings.workspace_id == "w1"
    assert source.configured("north").settings.workspace_id is None
    with pytest.raises(ConfigurationError, match=r"sources\.sendkit\.accounts\.south\.api_key"):
        source.configured("south")
    assert source.account_names("all") == ["default", "north"]
