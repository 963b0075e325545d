"""The commands `outreach state`."""

from __future__ import annotations

import typer

from pipelines import options
from pipelines.options import Account, Dataset, Destination, Json, Select, SourceArgument

states = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@states.callback()
def state() -> None:
    """Show what is known between loads, or forget it for chosen tables."""


@states.command(epilog="Example: outreach state show snovio --select email_opens,campaign_analytics")
def show(
    source: SourceArgument,
    select: Select = "",
    account: Account = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Show what is known of each table: loaded through when, unfinished, to be asked next; --json shows it raw."""

    def run() -> int:
        from pipelines import report
        from pipelines import state as kept
        from pipelines.pipeline import place_of
        from pipelines.project import find

        place = place_of(source, find(), destination=destination, dataset=dataset)
        result = kept.show(place, account, options.names(select))
        options.show(report.state_as_json(result) if as_json else report.state_as_table(result))
        return 0

    options.end_with(run, as_json)


@states.command(epilog="Example: outreach state reset snovio --select email_opens")
def reset(
    source: SourceArgument,
    select: Select = "",
    account: Account = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Forget what is known of tables, so that the next load reads them again; their rows and history stay."""

    def run() -> int:
        from pipelines import report
        from pipelines import state as kept
        from pipelines.pipeline import place_of
        from pipelines.project import find

        place = place_of(source, find(), destination=destination, dataset=dataset)
        result = kept.reset(place, account, options.names(select))
        options.show(report.reset_as_json(result) if as_json else report.reset_as_table(result))
        return 0

    options.end_with(run, as_json)
