"""Dagster's checks that no table of any account is late.

A freshness policy sees when an asset was last materialised, by whatever account; these checks ask the warehouse.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import dagster as dg
import pendulum

from pipelines.registry import SOURCES
from pipelines.schedules.dagster_ends import DESTINATION, LATE, POOL
from pipelines.status import status

FRESH = "fresh_for_every_account"
"""The name of the checks."""


def freshness(accounts: Mapping[str, Sequence[str]], project: Path) -> dg.AssetChecksDefinition:
    """A check for each table that is loaded by default.

    Args:
        accounts: Source -> its accounts.
        project: The project folder.
    """
    specs = [
        dg.AssetCheckSpec(FRESH, asset=dg.AssetKey([source, table]))
        for source in accounts
        for table in SOURCES[source].default_tables
    ]

    @dg.multi_asset_check(name="freshness", specs=specs, can_subset=True, pool=POOL)
    def fresh(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        last_loads = {
            (one.source, one.table, one.account): one.last_load
            for one in status(project, destination=DESTINATION).tables
        }
        for key in sorted(context.selected_asset_check_keys):
            source, table = key.asset_key.path
            found = {account: last_loads.get((source, table, account)) for account in accounts[source]}
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=FRESH,
                passed=not any(map(_late, found.values())),
                metadata={account: str(moment or "never") for account, moment in found.items()},
            )

    return fresh


def _late(last_load: datetime | None) -> bool:
    return last_load is None or last_load < pendulum.now("UTC") - LATE
