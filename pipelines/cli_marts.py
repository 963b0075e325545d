"""The command `outreach marts`, and what `load --marts` does after the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from pipelines.options import Dataset, Destination, Json, end_with, show

if TYPE_CHECKING:
    from pipelines.notify import Webhook
    from pipelines.results import Report
    from pipelines.selection import Request

commands = typer.Typer()


@commands.command(epilog="Example: outreach marts --json")
def marts(destination: Destination = "duckdb", dataset: Dataset = "", as_json: Json = False) -> None:
    """Build the marts, tables made for questions, from what was loaded, and run their tests."""

    def run() -> int:
        from pipelines import marts_build
        from pipelines import report_marts as report
        from pipelines.project import find

        result = marts_build.build(find(), destination=destination, dataset=dataset)
        show(report.marts_as_json(result) if as_json else report.marts_as_lines(result))
        return result.exit_code

    end_with(run, as_json)


def show_with_marts(loaded: Report, request: Request, webhook: Webhook | None, *, as_json: bool) -> int:
    """Build the marts after a load that committed something; show both, and return the exit code of both.

    Args:
        loaded: What the load came to.
        request: What it was asked for.
        webhook: Is told if the marts fail; None: nobody is.
        as_json: Show one object.
    """
    from rich.console import Group

    from pipelines import marts_after, notices, report
    from pipelines import report_marts as of_marts
    from pipelines.project import find

    after = marts_after.build(loaded, request, find())
    if after.problem and webhook is not None:
        webhook.tell(notices.of_marts(loaded.source, after.problem))
    if as_json:
        show({**report.load_as_json(loaded), "marts": of_marts.after_as_json(after), "exit_code": after.exit_code})
    else:
        show(Group(report.load_as_table(loaded), of_marts.after_as_lines(after)))
    return after.exit_code
