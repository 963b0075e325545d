"""The demonstration: the bundled sandbox API, loaded into a DuckDB file with its marts; and that API alone."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Group
from rich.text import Text

from pipelines import marts_after
from pipelines.load import load
from pipelines.marts_after import After
from pipelines.report import load_as_json, load_as_table
from pipelines.report_marts import after_as_json, after_as_lines
from pipelines.results import Report
from pipelines.selection import Request
from pipelines.snovio import SNOVIO
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sandbox.server import SandboxServer, serve_forever
from tests.sandbox.world import build_world

_ACCOUNT: Final = "default"
_FILE: Final = "demo.duckdb"
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration made: what was loaded, and the marts of it."""

    loaded: Report
    marts: After


def run(project: Path) -> Demonstration:
    """Start the sandbox, run the main job against it into a fresh `demo.duckdb`, and build the marts."""
    file = project / _FILE
    for leftover in (file, file.with_name(f"{_FILE}.wal")):
        leftover.unlink(missing_ok=True)
    world = build_world(now=datetime.now(UTC))
    with SandboxServer(world) as sandbox, tempfile.TemporaryDirectory(prefix="outreach-demo-") as folder:
        os.environ.update(_environment(sandbox.url, *sandbox.credentials(_ACCOUNT)))
        os.environ["DESTINATION__DUCKDB__CREDENTIALS"] = str(file)
        os.environ["DLT_DATA_DIR"] = folder
        typer.echo(f"the sandbox API answers at {sandbox.url}", err=True)
        loaded = load(SNOVIO, Request(), project)
        return Demonstration(loaded, marts_after.build(loaded, Request(), project))


def as_json(shown: Demonstration) -> dict[str, Any]:
    """What the demonstration made, as one object."""
    marts = after_as_json(shown.marts)
    return {**load_as_json(shown.loaded), "marts": marts, "exit_code": shown.marts.exit_code}


def described(shown: Demonstration) -> Group:
    """What the demonstration made, and how to look at it."""
    file = shown.loaded.warehouse
    query = f"ATTACH '{file}' AS demo (READ_ONLY); FROM demo.marts.snovio__campaigns"
    page = f"DESTINATION__DUCKDB__CREDENTIALS='{file}' .venv/bin/outreach dashboard"
    look = f'.venv/bin/python -c "import duckdb; duckdb.sql(\\"{query}\\").show()"'
    return Group(
        load_as_table(shown.loaded),
        after_as_lines(shown.marts),
        Text(f"look at it:\n  {page}\n  {look}"),
    )


def serve(port: int, *, as_json: bool) -> int:
    """Run the sandbox APIs alone, until SIGINT or SIGTERM, and say first how to load from them.

    Args:
        port: That of Snov.io; SendKit listens at the next one. 0 takes free ones.
        as_json: Say it as one JSON object.
    """
    world = build_world(now=datetime.now(UTC))
    account = world.account(_ACCOUNT)

    def ready(url: str) -> None:
        environment = {
            **_environment(url, account.client_id, account.client_secret),
            "SOURCES__SENDKIT__BASE_URL": sendkit.url,
            "SOURCES__SENDKIT__API_KEY": sendkit.key(),
            "SOURCES__SENDKIT__REQUESTS_PER_MINUTE": "0",
        }
        if as_json:
            typer.echo(json.dumps({"url": url, "sendkit_url": sendkit.url, "environment": environment}))
            return
        typer.echo(f"the sandbox APIs answer at {url} (Snov.io) and {sendkit.url} (SendKit);")
        typer.echo("to load from them, in another terminal:")
        for name, value in environment.items():
            typer.echo(f"  export {name}={value}")
        typer.echo("  .venv/bin/outreach load snovio")
        typer.echo("  .venv/bin/outreach load sendkit")

    with SendkitServer(World(_SEED, world.now), port=port and port + 1) as sendkit:
        serve_forever(port, world, on_ready=ready)
    return 0


def _environment(url: str, client_id: str, client_secret: str) -> Mapping[str, str]:
    """The settings that point a load at a sandbox; its credentials are made up."""
    return {
        "SOURCES__SNOVIO__BASE_URL": url,
        "SOURCES__SNOVIO__CLIENT_ID": client_id,
        "SOURCES__SNOVIO__CLIENT_SECRET": client_secret,
        "SOURCES__SNOVIO__REQUESTS_PER_MINUTE": "0",
    }
