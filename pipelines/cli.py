"""The command line `outreach`. No logic: each command asks one module and prints what it says."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from pipelines import project
from sources import redaction
from sources.errors import OutreachError

_WIDTH = 160
_DAYS = ["%Y-%m-%d"]

app = typer.Typer(
    help="Bring Snov.io outreach data into a warehouse.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


class Source(StrEnum):
    """What can be loaded."""

    snovio = "snovio"


SourceArgument = Annotated[Source, typer.Argument(help="The source.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Account = Annotated[str | None, typer.Option(help="An account's name, or all.", metavar="NAME")]
Select = Annotated[str, typer.Option(help="Only these tables.", metavar="T,...")]
Exclude = Annotated[str, typer.Option(help="Not these tables.", metavar="T,...")]
Destination = Annotated[str, typer.Option(help="A dlt destination.", metavar="NAME")]
Dataset = Annotated[str, typer.Option(help="The dataset.", metavar="NAME")]


@app.callback()
def settings(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log everything, secrets masked.")] = False,
) -> None:
    """Bring Snov.io outreach data into a warehouse."""
    redaction.install()
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
            help="Only days from this one on, of tables asked by days; state kept.", metavar="DATE", formats=_DAYS
        ),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(help="And none after this one.", metavar="DATE", formats=_DAYS)
    ] = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="End after so long, with what was read committed.", metavar="N", min=0)
    ] = None,
    max_requests: Annotated[
        int | None, typer.Option(help="End after so many calls, with what was read committed.", metavar="N", min=0)
    ] = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "snovio",
    as_json: Json = False,
) -> None:
    """Read what is new and commit it: the scheduled job."""
    del source

    def run() -> int:
        from pipelines import load as job
        from pipelines import report

        request = job.Request(
            select=_names(select),
            exclude=_names(exclude),
            account=account,
            full_refresh=full_refresh,
            since=since and since.date(),
            until=until and until.date(),
            max_minutes=max_minutes,
            max_requests=max_requests,
            destination=destination,
            dataset=dataset,
        )
        result = job.load(request, project.find())
        _print(report.load_as_json(result) if as_json else report.load_as_table(result))
        return result.exit_code

    _exit(run, as_json)


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
    dataset: Dataset = "snovio",
    as_json: Json = False,
) -> None:
    """Tell what a load would ask now, in calls and minutes; spend two calls at most, write nothing."""
    del source

    def run() -> int:
        from pipelines import load as job
        from pipelines import plan as plans
        from pipelines import report

        request = job.Request(
            select=_names(select),
            exclude=_names(exclude),
            account=account,
            full_refresh=full_refresh,
            destination=destination,
            dataset=dataset,
        )
        result = plans.plan(request, project.find())
        _print(report.plan_as_json(result) if as_json else report.plan_as_table(result))
        return result.exit_code

    _exit(run, as_json)


@app.command(epilog="Example: outreach check snovio --account north")
def check(
    source: SourceArgument,
    account: Account = None,
    destination: Destination = "duckdb",
    dataset: Dataset = "snovio",
    as_json: Json = False,
) -> None:
    """Check credentials, clock, disk and destination; write nothing."""
    del source

    def run() -> int:
        from pipelines import check as checks
        from pipelines import report

        result = checks.check(account, project.find(), destination=destination, dataset=dataset)
        _print(report.check_as_json(result) if as_json else report.check_as_table(result))
        return checks.exit_code(result)

    _exit(run, as_json)


@app.command(epilog="Example: outreach tables snovio --json")
def tables(source: SourceArgument, as_json: Json = False) -> None:
    """List every table: endpoint, key, cursor, how it is kept, what it costs in calls."""
    del source

    def run() -> int:
        from pipelines import report

        _print(report.tables_as_json() if as_json else report.tables_as_table())
        return 0

    _exit(run, as_json)


@app.command(epilog="Example: outreach status --json")
def status(destination: Destination = "duckdb", dataset: Dataset = "snovio", as_json: Json = False) -> None:
    """Show, for each table, its rows, newest row, last load and lag, and what is unfinished."""

    def run() -> int:
        from pipelines import report
        from pipelines import status as states

        result = states.status(project.find(), destination=destination, dataset=dataset)
        _print(report.status_as_json(result) if as_json else report.status_as_table(result))
        return 0

    _exit(run, as_json)


@app.command(epilog="Example: outreach sandbox --port 8400")
def sandbox(
    port: Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", metavar="N")] = 0,
    as_json: Json = False,
) -> None:
    """Run the bundled sandbox API alone, until Ctrl-C."""

    def run() -> int:
        from pipelines import demo

        return demo.serve(port, as_json=as_json)

    _exit(run, as_json)


@app.command(epilog="Example: outreach demo")
def demo(as_json: Json = False) -> None:
    """Load the bundled sandbox API into a DuckDB file and show what lies there."""

    def run() -> int:
        from pipelines import demo as demonstration
        from pipelines import report

        result = demonstration.run(project.find())
        _print(report.load_as_json(result) if as_json else demonstration.described(result))
        return result.exit_code

    _exit(run, as_json)


def main() -> None:
    """Run the command line."""
    app()


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _print(what: Any) -> None:
    """A JSON object, a rich renderable or text, on stdout."""
    if isinstance(what, dict):
        typer.echo(json.dumps(what, indent=2, default=str))
        return
    from rich.console import Console

    # Elsewhere than on a terminal a line is as long as it needs to be.
    width = None if sys.stdout.isatty() else _WIDTH
    Console(markup=False, highlight=False, width=width).print(what)


def _end(*_: object) -> None:
    raise SystemExit(143)


def _code(error: Exception) -> int:
    """The exit code of an error: dlt's own complaints about configuration are the operator's to mend."""
    if isinstance(error, OutreachError):
        return error.exit_code
    return 2 if type(error).__module__.startswith("dlt.common.configuration") else 1


def _exit(run: Callable[[], int], as_json: bool) -> None:
    """Run a command and end with its exit code; an error is a sentence, its traceback is for --verbose."""
    try:
        code = run()
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # the last place that can turn an error into a sentence
        code = _code(error)
        text = redaction.mask(str(error)) or type(error).__name__
        logging.getLogger(__name__).debug("the whole story", exc_info=error)
        if as_json:
            _print({"error": text, "exit_code": code})
        typer.echo(f"error: {text}", err=True)
    raise typer.Exit(code)
