"""Whether a load could run now: credentials, clock, disk and destination. Nothing is written."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
from dlt.common.destination.exceptions import DestinationException
from dlt.common.pipeline import get_dlt_pipelines_dir

from pipelines import destinations, warehouse
from pipelines.configuration import Configuration
from pipelines.looking import looking
from pipelines.source import Source
from sources.budget import Budget
from sources.errors import ConfigurationError, CredentialsRefused, OutreachError

_MOST_CLOCK_SECONDS: Final = 120
_LEAST_FREE_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked.

    Args:
        name: What was checked.
        ok: Whether a load can live with it.
        text: What was found, and what to do about it.
        exit_code: What the command exits with because of it.
    """

    name: str
    ok: bool
    text: str
    exit_code: int = 0


def check(source: Source, account: str | None, project: Path, *, destination: str, dataset: str) -> list[Finding]:
    """Check everything that a load needs.

    Raises:
        ConfigurationError: The settings of no account are right.
    """
    findings: list[Finding] = []
    for name, configuration in source.each_configured(account).items():
        if isinstance(configuration, ConfigurationError):
            findings.append(Finding(_credentials_of(name), False, str(configuration), configuration.exit_code))
        else:
            findings += _api(source, configuration)
    made = _destination(source, project, destination=destination, dataset=dataset or source.name)
    return [*findings, *_disk(project), made]


def exit_code(findings: list[Finding]) -> int:
    """The worst finding decides: 1 before 4; 4 only when every account is refused."""
    credentials = [finding for finding in findings if finding.name.startswith("credentials")]
    others = [finding.exit_code for finding in findings if not finding.ok and finding not in credentials]
    refused = [finding.exit_code for finding in credentials if not finding.ok]
    if others:
        return min(others)
    if refused:
        return refused[0] if len(refused) == len(credentials) else 3
    return 0


def _credentials_of(account: str) -> str:
    return f"credentials of {account}"


def _api(source: Source, configuration: Configuration) -> list[Finding]:
    """One cheap call, one that costs nothing and needs no plan."""
    name = _credentials_of(configuration.account)
    try:
        with source.opened(configuration, Budget(max_seconds=60)) as api:
            found = source.greeting(api)
            return [Finding(name, True, f"accepted; {found}"), _clock(api.server_time)]
    except OutreachError as error:
        code = CredentialsRefused.exit_code if isinstance(error, CredentialsRefused) else 1
        return [Finding(name, False, str(error), code)]


def _clock(server: datetime | None) -> Finding:
    if server is None:
        return Finding("clock", True, "the API tells no time; days are cut by this machine's clock")
    seconds = abs((datetime.now(UTC) - server).total_seconds())
    text = f"{seconds:.0f} s away from the API's clock"
    if seconds > _MOST_CLOCK_SECONDS:
        return Finding("clock", False, f"{text}: set this machine's clock (NTP)", 1)
    return Finding("clock", True, text)


def _disk(project: Path) -> list[Finding]:
    return [_free("project", project), _free("working folder", Path(get_dlt_pipelines_dir()))]


def _free(name: str, folder: Path) -> Finding:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / (1 << 30):.1f} GiB free at {folder}"
    if not os.access(folder, os.W_OK):
        return Finding(f"disk of the {name}", False, f"{folder} is not writable", 1)
    return Finding(f"disk of the {name}", free >= _LEAST_FREE_BYTES, text, 0 if free >= _LEAST_FREE_BYTES else 1)


def _destination(source: Source, project: Path, *, destination: str, dataset: str) -> Finding:
    """Whether the destination answers; a DuckDB file that is not there yet only needs a writable folder."""
    try:
        if destination != warehouse.DUCKDB:
            return _server(source, project, destination, dataset)
        warehouse.destination(destination, project, account="check", dataset=dataset)
        file = warehouse.duckdb_file(project)
        if not file.exists():
            writable = os.access(file.parent, os.W_OK)
            return Finding("destination", writable, f"{file} will be created", 0 if writable else 1)
        duckdb.connect(str(file), read_only=True).close()
        writable = os.access(file, os.W_OK)
        return Finding(
            "destination", writable, f"{file} opens" if writable else f"{file} is read-only", int(not writable)
        )
    except OutreachError as error:
        return Finding("destination", False, str(error), error.exit_code)
    except (duckdb.Error, OSError) as error:
        return Finding("destination", False, str(error), 1)


def _server(source: Source, project: Path, destination: str, dataset: str) -> Finding:
    """Whether a destination with a server answers, and may be written."""
    if server := destinations.server_of(destination):
        version = server.check()
        server.check_rights([dataset])
        return Finding("destination", True, f"PostgreSQL {version} answers at {server.where}, and may be written")
    try:
        with looking(source, project, destination=destination, dataset=dataset) as pipeline:
            if pipeline is not None:
                warehouse.tables_there(pipeline)
    except DestinationException as error:
        return Finding("destination", False, str(error), 1)
    return Finding("destination", True, f"{destination} answers")
