"""The command `outreach dashboard`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines import options
from pipelines.options import Account, Dataset, Destination, Json

commands = typer.Typer()


@commands.command(epilog="Example: outreach dashboard --html report.html --since 2026-10-01 --until 2026-10-31")
def dashboard(
    html: Annotated[Path | None, typer.Option(help="Write a static page to this file.", metavar="FILE")] = None,
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", metavar="N")] = 8500,
    copy: Annotated[
        Path | None, typer.Option(help="A published DuckDB file to read, not the warehouse.", metavar="PATH")
    ] = None,
    account: Account = None,
    campaign: Annotated[str, typer.Option(help="A campaign to show, as tool:id.", metavar="TOOL:ID")] = "",
    since: Annotated[
        datetime | None, typer.Option(help="The first day to show.", metavar="DATE", formats=options.DAYS)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="The last day to show.", metavar="DATE", formats=options.DAYS)
    ] = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Show the marts on a web page of this machine, until Ctrl-C, or write it to a file."""

    def run() -> int:
        from pipelines import project
        from pipelines.dashboard import server
        from pipelines.dashboard.filters import query_string
        from pipelines.dashboard.marts import Marts
        from pipelines.marts_profile import schema_of

        marts = Marts(project.find(), destination, schema_of(dataset), copy)
        days = {"since": f"{since:%Y-%m-%d}" if since else "", "until": f"{until:%Y-%m-%d}" if until else ""}
        asked = {"account": account or "", "campaign": campaign, **days}
        if html is not None:
            server.write(marts, asked, html)
            options.show({"html": str(html.resolve())} if as_json else f"written: {html.resolve()}")
            return 0

        def ready(url: str) -> None:
            address = url + query_string(asked)
            options.show({"url": address} if as_json else f"the page is at {address} until Ctrl-C")

        server.serve(marts, port, ready)
        return 0

    options.end_with(run, as_json)
