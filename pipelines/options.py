"""What the commands of the command line share: options, how they print, and how they end."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from sources import redaction
from sources.errors import OutreachError

DAYS = ["%Y-%m-%d"]
"""How a day is written on the command line."""
_WIDTH = 160


class Source(StrEnum):
    """What can be loaded."""

    snovio = "snovio"
    sendkit = "sendkit"


SourceArgument = Annotated[Source, typer.Argument(help="The source.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


def _some_names(context: typer.Context, parameter: typer.CallbackParam, text: str) -> str:
    """Refuse a list that is given and names nothing, which a script's empty variable makes: it would mean all."""
    origin = context.get_parameter_source(str(parameter.name))
    if origin and origin.name != "DEFAULT" and not names(text):
        raise typer.BadParameter("no table is named; leave the option out to mean the default set.")
    return text


Account = Annotated[str | None, typer.Option(help="An account's name, or all.", metavar="NAME")]
Select = Annotated[str, typer.Option(help="Only these tables.", metavar="T,...", callback=_some_names)]
Exclude = Annotated[str, typer.Option(help="Not these tables.", metavar="T,...")]
Destination = Annotated[str, typer.Option(help="A dlt destination.", metavar="NAME")]
Dataset = Annotated[str, typer.Option(help="The dataset; the source's name if left out.", metavar="NAME")]


def names(text: str) -> list[str]:
    """The names of a list on the command line."""
    return [name.strip() for name in text.split(",") if name.strip()]


def show(what: Any) -> None:
    """A JSON object, a rich renderable or text, on stdout."""
    if isinstance(what, dict):
        typer.echo(json.dumps(what, indent=2, default=str))
        return
    from rich.console import Console  # noqa: PLC0415  # --help answers at once

    # Elsewhere than on a terminal a line is as long as it needs to be.
    width = None if sys.stdout.isatty() else _WIDTH
    Console(markup=False, highlight=False, width=width).print(what)


def _code(error: Exception) -> int:
    """The exit code of an error: dlt's own complaints about configuration are the operator's to mend."""
    if isinstance(error, OutreachError):
        return error.exit_code
    return 2 if type(error).__module__.startswith("dlt.common.configuration") else 1


def end_with(run: Callable[[], int], as_json: bool) -> None:
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
            show({"error": text, "exit_code": code})
        typer.echo(f"error: {text}", err=True)
    raise typer.Exit(code)
