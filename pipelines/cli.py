"""The command line `outreach`. No logic: each command asks one module and prints what it says."""

from __future__ import annotations

import logging
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines import project
from pipelines.cli_dashboard import commands as pages
from pipelines.cli_erase import erase
from pipelines.cli_marts import commands as tables_made
from pipelines.cli_marts import show_with_marts
from pipelines.cli_publish import commands as for_readers
from pipelines.cli_state import states
from pipelines.options import (
    DAYS,
    Account,
    Dataset,
    Destination,
    Exclude,
    Json,
    Select,
    SourceArgument,
    end_with,
    names,
    show,
)
from sources import redaction

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

app = typer.Typer(
    help="Bring outreach data of Snov.io and SendKit into a warehouse.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def settings(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log everything, secrets masked.")] = False,
) -> None:
    """Bring outreach data of Snov.io and SendKit into a warehouse."""
    import stamina

    redaction.install()
    stamina.instrumentation.set_on_retry_hooks([_retried])  # its own would print to stdout where structlog is there
    signal.signal(signal.SIGTERM, _end)  # until a load listens itself
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    for name in ("sources", "pipelines"):
        logging.getLogger(name).setLevel(level)
    folder = project.activate()
    if secrets := project.secrets_readable_by_others(folder):
        logging.getLogger(__name__).warning("%s is readable by other users: chmod 600 %s", secrets, secrets)


@app.command(epilog="Example: outreach load snovio --select campaigns,email_replies --max-minutes 20")
def load(
    source: SourceArgument,
    select: Select = "",
    exclude: Exclude = "",
    account: Account = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Read everything again and replace it; history is kept.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Only days from this one on, of tables asked by days; state kept.", metavar="DATE", formats=DAYS
        ),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="And none after this one.", metavar="DATE", formats=DAYS)
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="End after so long, with what was read committed.", metavar="N", min=0)
    ] = None,
    max_requests: Annotated[
        int | None, typer.Option(help="End after so many calls, with what was read committed.", metavar="N", min=0)
    ] = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    marts: Annotated[bool, typer.Option("--marts", help="Build the marts of what was loaded afterwards.")] = False,
    notify: Annotated[
        str,
        typer.Option(
            help="Webhook to tell of failures and the like; in the environment others cannot see it.",
            metavar="URL",
            envvar="OUTREACH_NOTIFY",
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Read what is new and commit it: the scheduled job."""

    def run() -> int:
        from pipelines import load as job
        from pipelines import notify as told
        from pipelines import report
        from pipelines.registry import SOURCES
        from pipelines.selection import Request

        request = Request(
            select=names(select),
            exclude=names(exclude),
            account=account,
            full_refresh=full_refresh,
            since=since and since.date(),
            until=until and until.date(),
            max_minutes=max_minutes,
            max_requests=max_requests,
            destination=destination,
            dataset=dataset,
        )
        arguments = (SOURCES[source], request, project.find())
        webhook = told.Webhook(notify) if notify else None
        result = told.loading(webhook, job.load, *arguments) if webhook else job.load(*arguments)
        if marts:
            return show_with_marts(result, request, webhook, as_json=as_json)
        show(report.load_as_json(result) if as_json else report.load_as_table(result))
        return result.exit_code

    end_with(run, as_json)


@app.command(epilog="Example: outreach plan snovio --account all --json")
def plan(
    source: SourceArgument,
    select: Select = "",
    exclude: Exclude = "",
    account: Account = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Plan a load that reads everything again.")
    ] = False,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Tell what a load would ask now, in calls and minutes; spend two calls at most, write nothing."""

    def run() -> int:
        from pipelines import plan as plans
        from pipelines import report
        from pipelines.registry import SOURCES
        from pipelines.selection import Request

        request = Request(
            select=names(select),
            exclude=names(exclude),
            account=account,
            full_refresh=full_refresh,
            destination=destination,
            dataset=dataset,
        )
        result = plans.plan(SOURCES[source], request, project.find())
        show(report.plan_as_json(result) if as_json else report.plan_as_table(result))
        return result.exit_code

    end_with(run, as_json)


@app.command(epilog="Example: outreach check snovio --account north")
def check(
    source: SourceArgument,
    account: Account = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "",
    as_json: Json = False,
) -> None:
    """Check credentials, clock, disk and destination; write nothing."""

    def run() -> int:
        from pipelines import check as checks
        from pipelines import report
        from pipelines.registry import SOURCES

        result = checks.check(SOURCES[source], account, project.find(), destination=destination, dataset=dataset)
        show(report.check_as_json(result) if as_json else report.check_as_table(result))
        return checks.exit_code(result)

    end_with(run, as_json)


@app.command(epilog="Example: outreach tables snovio --json")
def tables(source: SourceArgument, as_json: Json = False) -> None:
    """List every table: endpoint, key, cursor, how it is kept, what it costs in calls."""

    def run() -> int:
        from pipelines import report
        from pipelines.registry import SOURCES

        show(report.tables_as_json(SOURCES[source]) if as_json else report.tables_as_table(SOURCES[source]))
        return 0

    end_with(run, as_json)


@app.command(epilog="Example: outreach status --json")
def status(destination: Destination = "duckdb", dataset: Dataset = "", as_json: Json = False) -> None:
    """Show, for each table, its rows, newest row, last load and lag, and what is unfinished."""

    def run() -> int:
        from pipelines import report
        from pipelines import status as states

        result = states.status(project.find(), destination=destination, dataset=dataset)
        show(report.status_as_json(result) if as_json else report.status_as_table(result))
        return 0

    end_with(run, as_json)


app.add_typer(tables_made)
app.add_typer(for_readers)
app.add_typer(pages)
app.command(epilog="Example: outreach erase snovio --email ann@example.com")(erase)
app.add_typer(states, name="state", epilog="Example: outreach state reset snovio --select email_opens")


@app.command(epilog="Example: outreach sandbox --port 8400")
def sandbox(
    port: Annotated[
        int,
        typer.Option(help="Snov.io's port on 127.0.0.1; SendKit's is the next one. 0 takes free ones.", metavar="N"),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Run the bundled sandbox APIs of both sources alone, until Ctrl-C."""

    def run() -> int:
        from pipelines import demo

        return demo.serve(port, as_json=as_json)

    end_with(run, as_json)


@app.command(epilog="Example: outreach demo")
def demo(as_json: Json = False) -> None:
    """Load the bundled sandbox API into a DuckDB file, build the marts, and show what lies there."""

    def run() -> int:
        from pipelines import demo as demonstration

        result = demonstration.run(project.find())
        show(demonstration.as_json(result) if as_json else demonstration.described(result))
        return result.marts.exit_code

    end_with(run, as_json)


def main() -> None:
    """Run the command line."""
    app()


def _retried(details: RetryDetails) -> None:
    logging.getLogger("sources").warning("trying again after failure %d: %s", details.retry_num, details.caused_by)


def _end(*_: object) -> None:
    raise SystemExit(143)
