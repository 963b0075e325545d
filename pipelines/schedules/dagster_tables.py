"""The raw tables as Dagster assets: a partition for each account; and days again, a partition for each day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import dagster as dg
from dagster_dlt import DagsterDltTranslator
from dagster_dlt.translator import DltResourceTranslatorData

from pipelines.configuration import ALL_ACCOUNTS
from pipelines.load import load
from pipelines.report import load_as_json
from pipelines.schedules.dagster_ends import DESTINATION, LATE, POOL, RETRY, end
from pipelines.selection import Request
from pipelines.source import Source
from sources.tables import ACCOUNT, Table

DAYS_AGAIN: Final = "days_again"
"""The asset that reads days again."""

_FIRST_DAY: Final = "2020-01-01"
_PLACEHOLDER: Final = "sk_placeholder"  # a source is made to be looked at; nothing is asked


class _Translator(DagsterDltTranslator):
    """Makes the asset of a dlt resource: its key is `<source>/<table>`, as dbt names it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
        """The asset of a resource."""
        table = self._source.tables[data.resource.name]
        found = super().get_asset_spec(data)
        return found.replace_attributes(
            key=dg.AssetKey([self._source.name, table.name]),
            deps=[],
            description=table.grain,
            group_name=self._source.name,
            skippable=True,
            kinds={*found.kinds, DESTINATION},
            metadata={
                **found.metadata,
                "dagster/column_schema": _columns(table),
                "dagster/storage_kind": DESTINATION,
            },
            freshness_policy=dg.FreshnessPolicy.time_window(fail_window=LATE) if table.default else None,
        )


def _columns(table: Table) -> dg.TableSchema:
    return dg.TableSchema(
        [dg.TableColumn(column.name, column.kind, column.meaning) for column in (ACCOUNT, *table.columns)]
    )


def tables(source: Source, accounts: list[str], project: Path) -> dg.AssetsDefinition:
    """The tables of a source, loaded an account at a time."""
    made = source.dlt_source(**dict.fromkeys(source.credentials, _PLACEHOLDER))
    translator = _Translator(source)
    specs = [
        translator.get_asset_spec(DltResourceTranslatorData(resource=resource, pipeline=None))
        for resource in made.resources.values()
    ]

    @dg.multi_asset(
        name=source.name,
        specs=specs,
        can_subset=True,
        partitions_def=dg.StaticPartitionsDefinition(accounts),
        retry_policy=RETRY,
        pool=POOL,
    )
    def loaded(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        wanted = {key.path[-1]: key for key in context.selected_asset_keys}
        request = Request(select=tuple(wanted), account=context.partition_key, destination=DESTINATION)
        report = load(source, request, project)
        (account,) = load_as_json(report)["accounts"]
        for table in account["tables"]:
            if table["table"] in wanted and table["outcome"] != "failed":
                yield dg.MaterializeResult(asset_key=wanted[table["table"]], metadata=_metadata(table))
        end(report.exit_code, _said(account))

    return loaded


def days_again(source: Source, project: Path) -> dg.AssetsDefinition:
    """The tables that are asked by days, read once more for the days of the partitions, for all accounts."""

    @dg.asset(
        key=[source.name, DAYS_AGAIN],
        group_name=source.name,
        description=f"Days again, of {', '.join(source.asked_by_days)}; the state of the loads stays as it is.",
        kinds={"dlt", DESTINATION},
        partitions_def=dg.DailyPartitionsDefinition(_FIRST_DAY, end_offset=1),
        backfill_policy=dg.BackfillPolicy.single_run(),  # many days are one load
        retry_policy=RETRY,
        pool=POOL,
    )
    def loaded(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        days = context.partition_key_range
        report = load(
            source,
            Request(
                account=ALL_ACCOUNTS,
                since=date.fromisoformat(days.start),
                until=date.fromisoformat(days.end),
                destination=DESTINATION,
            ),
            project,
        )
        found = load_as_json(report)["accounts"]
        rows = {f"{one['account']}/{table['table']}": table["rows"] for one in found for table in one["tables"]}
        end(report.exit_code, "; ".join(map(_said, found)))
        yield dg.MaterializeResult(metadata={"calls": sum(one["calls"] for one in found), "rows": rows})

    return loaded


def _metadata(table: dict[str, Any]) -> dict[str, Any]:
    """What is told of a table that was loaded."""
    told = {name: value if isinstance(value, int | float) else str(value) for name, value in table.items() if value}
    return {"rows": 0, "calls": 0, **told, "dagster/partition_row_count": table["stored"] or 0}


def _said(account: dict[str, Any]) -> str:
    """What went wrong with an account."""
    lines = [f"{table['table']}: {table['detail']}" for table in account["tables"] if table["outcome"] != "ok"]
    return f"account {account['account']}: {account['error'] or '; '.join(lines) or account['stopped'] or 'loaded'}"
