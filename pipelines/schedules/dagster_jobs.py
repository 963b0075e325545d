"""What Dagster is to do when: a job and a schedule for the load of each source, and for the marts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import dagster as dg

from pipelines.configuration import ALL_ACCOUNTS
from pipelines.registry import SOURCES
from pipelines.schedules.dagster_fresh import freshness
from pipelines.schedules.dagster_marts import marts
from pipelines.schedules.dagster_tables import days_again, tables
from sources.errors import ConfigurationError

_MINUTES: Final = {"snovio": 17, "sendkit": 27}
_MARTS_AT: Final = "47 * * * *"


def definitions(project: Path) -> dg.Definitions:
    """All assets, checks, jobs and schedules of the configured accounts.

    Args:
        project: The project folder.

    Raises:
        ConfigurationError: No account is configured.
    """
    accounts = _accounts()
    loads = {name: tables(SOURCES[name], names, project) for name, names in accounts.items()}
    again = [days_again(SOURCES[name], project) for name in accounts if SOURCES[name].asked_by_days]
    built, fresh = marts(project), freshness(accounts, project)
    selection = dg.AssetSelection.assets(built) | dg.AssetSelection.checks(fresh)
    build = dg.define_asset_job("build_marts", selection)
    return dg.Definitions(
        assets=[*loads.values(), *again, built],
        asset_checks=[fresh],
        jobs=[build],
        schedules=[
            *(each_account(name, names) for name, names in accounts.items()),
            dg.ScheduleDefinition(job=build, cron_schedule=_MARTS_AT),
        ],
    )


def _accounts() -> dict[str, list[str]]:
    """Source -> its accounts; a source without any is left out."""
    found, missing = {}, []
    for source in SOURCES.values():
        try:
            found[source.name] = source.account_names(ALL_ACCOUNTS)
        except ConfigurationError as error:
            missing.append(error)
    if not found:
        raise missing[0]
    return found


def each_account(name: str, accounts: Sequence[str]) -> dg.ScheduleDefinition:
    """The schedule that loads all accounts of a source, each by a run of its own.

    Args:
        name: The source.
        accounts: Its accounts.
    """
    keys = [dg.AssetKey([name, table]) for table in SOURCES[name].default_tables]
    job = dg.define_asset_job(f"load_{name}", dg.AssetSelection.assets(*keys).without_checks())

    @dg.schedule(name=f"load_{name}_schedule", job=job, cron_schedule=f"{_MINUTES[name]} * * * *")
    def each(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        for account in accounts:
            yield dg.RunRequest(run_key=f"{context.scheduled_execution_time}/{account}", partition_key=account)

    return each
