"""The Dagster definitions, materialised within this process."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

from pipelines.schedules import dagster_jobs, dagster_tables
from pipelines.schedules.dagster_ends import end
from pipelines.snovio import SNOVIO
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.sandbox.server import SandboxServer

pytestmark = pytest.mark.slow

ACCOUNTS = ("north", "south")


@pytest.fixture
def api(sandbox: MakeSandbox, outreach: CommandLine, monkeypatch: pytest.MonkeyPatch) -> SandboxServer:
    """A sandbox with two accounts, which the settings of this process point at."""
    made = sandbox(accounts=ACCOUNTS, campaigns=2, scale=0.1, now=datetime.now(UTC))
    outreach.use(made, *ACCOUNTS)
    for name, value in outreach.environment.items():
        monkeypatch.setenv(name, value)
    Container()[PluggableRunContext].reload_providers()
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster that forgets."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def only(source: str, name: str) -> dg.AssetSelection:
    """An asset without the checks of its freshness."""
    return dg.AssetSelection.assets(dg.AssetKey([source, name])).without_checks()


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    events = result.get_asset_materialization_events()
    return sorted(event.asset_key.to_user_string() for event in events if event.asset_key)


def test_tables_marts_days_and_freshness(
    api: SandboxServer, outreach: CommandLine, instance: dg.DagsterInstance
) -> None:
    definitions = dagster_jobs.definitions(outreach.project)
    checks = list(definitions.asset_checks or [])
    assets: list[Any] = [*(definitions.assets or []), *checks]

    loaded = dg.materialize(assets, selection=only("snovio", "campaigns"), partition_key="north", instance=instance)
    assert materialized(loaded) == ["snovio/campaigns"]
    (told,) = loaded.asset_materializations_for_node("snovio")
    assert told.metadata["rows"].value == 2
    assert outreach.warehouse.differences(api, "north", tables=["campaigns"]) == {}
    assert outreach.warehouse.stored("campaigns", "south") == []
    outreach.warehouse.close()

    built = dg.materialize(
        assets, selection=dg.AssetSelection.assets(["marts", "stg_snovio__campaigns"]), instance=instance
    )
    assert materialized(built) == ["marts/stg_snovio__campaigns"]
    tests = built.get_asset_check_evaluations()
    assert tests
    assert all(test.passed for test in tests)

    day = datetime.now(UTC).date().isoformat()
    again = dg.materialize(assets, selection=only("snovio", "days_again"), partition_key=day, instance=instance)
    assert materialized(again) == ["snovio/days_again"]
    runs = outreach.warehouse.query("SELECT DISTINCT table_name FROM sync_runs WHERE account = 'south'")
    assert {"campaign_analytics", "recipient_activity"} <= {run["table_name"] for run in runs}
    outreach.warehouse.close()

    seen = dg.materialize(
        assets,
        selection=dg.AssetSelection.checks(*checks),
        instance=instance,
    )
    fresh = {check.asset_key.path[-1]: check.passed for check in seen.get_asset_check_evaluations()}
    assert (fresh["campaigns"], fresh["campaign_analytics"]) == (False, True), "south's campaigns were never loaded"


def test_each_turn_loads_every_account_by_a_run_of_its_own(instance: dg.DagsterInstance) -> None:
    moment = datetime(2026, 1, 1, 5, 17, tzinfo=UTC)

    with dg.build_schedule_context(instance, scheduled_execution_time=moment) as turn:
        told: Any = dagster_jobs.each_account("snovio", ACCOUNTS)(turn)
        asked = list(told)

    assert [request.partition_key for request in asked] == [*ACCOUNTS]
    assert len({request.run_key for request in asked}) == len(ACCOUNTS)


def test_a_failed_account_fails_its_run_and_no_other_and_is_not_tried_again_in_vain(
    api: SandboxServer, outreach: CommandLine, instance: dg.DagsterInstance
) -> None:
    api.revoke_secret("south")
    assets = dagster_tables.tables(SNOVIO, [*ACCOUNTS], outreach.project)
    wanted: dict[str, Any] = {
        "selection": only("snovio", "prospect_lists"),
        "instance": instance,
        "raise_on_error": False,
    }

    refused = dg.materialize([assets], partition_key="south", **wanted)
    loaded = dg.materialize([assets], partition_key="north", **wanted)

    (failure,) = refused.filter_events(lambda event: event.is_step_failure)
    assert "exit code 4" in failure.step_failure_data.error_display_string
    assert refused.filter_events(lambda event: event.is_step_up_for_retry) == []
    assert materialized(refused) == []
    assert materialized(loaded) == ["snovio/prospect_lists"]


@pytest.mark.parametrize("code", [0, 6])
def test_a_budget_is_no_failure(code: int) -> None:
    end(code, "account default: loaded")


@pytest.mark.parametrize(
    ("code", "again"), [(1, True), (2, False), (3, False), (4, False), (5, True), (143, False)], ids=str
)
def test_only_what_may_do_better_is_tried_again(code: int, again: bool) -> None:
    with pytest.raises(dg.Failure, match=f"exit code {code}") as failure:
        end(code, "account default: refused")
    assert failure.value.allow_retries is again
