"""The commands `outreach publish` and `outreach verify`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from pipelines.options import Dataset, Destination, Json, end_with, names, show

commands = typer.Typer()


class Format(StrEnum):
    """How a copy is written."""

    duckdb = "duckdb"
    parquet = "parquet"


@commands.command(epilog="Example: outreach publish /srv/bi/outreach_bi.duckdb")
def publish(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="The file, or the link to the folder, that readers open; on PostgreSQL a name, such as bi, for "
            "the schema of the copy.",
        ),
    ],
    kind: Annotated[
        Format | None,
        typer.Option(
            "--format",
            help="A DuckDB file, or a folder with a Parquet file for each table; not on PostgreSQL.",
            show_default="duckdb",
        ),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw/--no-raw", help="With the tables that loads write, or without.")] = True,
    destination: Destination = "duckdb",
    dataset: Annotated[str, typer.Option(help="Of these tables only this dataset's.", metavar="NAME")] = "",
    readers: Annotated[
        list[str] | None,
        typer.Option(
            help="Roles of PostgreSQL that may read the copy, beside those who may already; may be repeated.",
            metavar="ROLE,...",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a checked, read-only copy of the warehouse for BI tools, and put it into place in one step."""

    def run() -> int:
        from pipelines import publish as publishing
        from pipelines import report_publish as report
        from pipelines.project import find

        roles = names(",".join(readers or ()))
        what = publishing.What(kind.value if kind else "", raw, dataset, destination, roles)
        result = publishing.publish(find(), path, what)
        show(report.publish_as_json(result) if as_json else report.publish_as_text(result))
        return 0

    end_with(run, as_json)


@commands.command(epilog="Example: outreach verify --account north --tolerance 1%")
def verify(
    account: Annotated[str | None, typer.Option(help="Only this account.", metavar="NAME")] = None,
    tolerance: Annotated[
        str,
        typer.Option(help="Let unexplained differences pass up to so many rows, or such a share.", metavar="N|N%"),
    ] = "0",
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Compare the loaded events with Snov.io's own counters, by campaign and day; exit 3 names what differs."""

    def run() -> int:
        from pipelines import report_verify as report
        from pipelines import verify as verifying
        from pipelines.project import find

        result = verifying.verify(
            find(),
            account=account,
            tolerance=verifying.Tolerance.of(tolerance),
            destination=destination,
            dataset=dataset,
        )
        show(report.verify_as_json(result) if as_json else report.verify_as_table(result))
        return result.exit_code

    end_with(run, as_json)
