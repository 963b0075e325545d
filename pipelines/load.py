"""The scheduled job: read one account after another, load, commit, and say what came of it."""

from __future__ import annotations

import logging
import shutil
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any, Final

import dlt
from dlt.common.pipeline import get_dlt_pipelines_dir
from dlt.extract import DltSource

from pipelines import lock, warehouse
from pipelines.configuration import SnovioConfiguration, account_names, snovio
from pipelines.progress import watched
from pipelines.results import BUDGET, FAILED, OK, PARTIAL, SIGNALLED, AccountReport, Report
from sources import slices
from sources.budget import Budget
from sources.decoding import DecodingProcesses
from sources.errors import ConfigurationError, OutreachError, Stopped, StopReason
from sources.slices import Slice
from sources.snovio import resources
from sources.snovio.days import Days
from sources.snovio.members import NEED_MEMBERS
from sources.snovio.reading import AccountReading
from sources.snovio.tables import (
    ASKED_BY_DAYS,
    CAMPAIGN_ANALYTICS,
    DEFAULT_TABLES,
    READ_WITH,
    REJECTED_ROWS,
    SENDER_ANALYTICS,
    SYNC_RUNS,
    TABLES,
)

logger = logging.getLogger(__name__)

_ENDED_BY: Final = {StopReason.MAX_REQUESTS: "--max-requests", StopReason.MAX_MINUTES: "--max-minutes"}
_ALWAYS: Final = (REJECTED_ROWS.name, SYNC_RUNS.name)


Writing = Callable[[Callable[[float], None]], AbstractContextManager[None]]
"""Holds the warehouse for writing; told how to wait for it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a load is asked to do.

    Args:
        select: Only these tables; empty: the default set.
        exclude: Not these.
        account: An account's name, `all`, or None for the one under `sources.snovio`.
        full_refresh: Read everything again, replacing what is there.
        since: Read only days from this one on, of the tables that are asked by days; the state stays as it is.
        until: Likewise no later ones.
        max_minutes: End after so many minutes, with what was read committed.
        max_requests: End after so many calls, with what was read committed.
        destination: A dlt destination.
        dataset: The dataset.
    """

    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    account: str | None = None
    full_refresh: bool = False
    since: date | None = None
    until: date | None = None
    max_minutes: float | None = None
    max_requests: int | None = None
    destination: str = warehouse.DUCKDB
    dataset: str = "snovio"

    @property
    def range(self) -> Days | None:
        """The days to read; None: what is new."""
        if self.since is None and self.until is None:
            return None
        return Days(self.since or date.min, self.until or date.max)


def tables_of(request: Request) -> list[str]:
    """The tables that a load reads, in order.

    Raises:
        UnknownTable: A name is wrong.
        NotByDays: A range of days is asked for of a table whose endpoint takes none, or it ends before it begins.
    """
    if request.range is None:
        return selected_tables(request.select, request.exclude)
    if not len(request.range):
        raise NotByDays(f"--since {request.since} is after --until {request.until}.")
    if request.full_refresh:
        raise NotByDays("--full-refresh reads all days; leave out --since and --until.")
    tables = selected_tables(request.select or [*set(DEFAULT_TABLES).intersection(ASKED_BY_DAYS)], request.exclude)
    if others := [name for name in request.select if name not in ASKED_BY_DAYS]:
        raise NotByDays(
            f"{', '.join(others)}: no range of days can be asked for; only of {', '.join(ASKED_BY_DAYS)}."
        )
    return tables


def selected_tables(select: Sequence[str], exclude: Sequence[str]) -> list[str]:
    """The tables to read, in order.

    Raises:
        UnknownTable: A name is wrong.
    """
    for option, names in (("--select", select), ("--exclude", exclude)):
        if unknown := sorted(set(names) - TABLES.keys()):
            raise UnknownTable(option, unknown)
    chosen = set(select or DEFAULT_TABLES)
    chosen |= {READ_WITH[name] for name in chosen if name in READ_WITH}  # the same calls show both
    if not chosen - set(exclude):
        raise UnknownTable("--select", ["left: --exclude names all of them"])
    return [name for name in TABLES if (name in chosen and name not in exclude) or name in _ALWAYS]


class NotByDays(OutreachError):
    """The command line asks for days that cannot be read."""

    exit_code = ConfigurationError.exit_code


class UnknownTable(OutreachError):
    """The command line names a table that does not exist."""

    exit_code = ConfigurationError.exit_code

    def __init__(self, option: str, names: Sequence[str]) -> None:
        known = ", ".join(TABLES)
        super().__init__(f"{option}: no table {', '.join(names)}. Tables are: {known}.")


def pipeline_of(account: str, project: Path, *, destination: str, dataset: str) -> dlt.Pipeline:
    """The dlt pipeline of one account; all accounts share the dataset."""
    return dlt.pipeline(
        f"snovio_{account}",
        destination=warehouse.destination(destination, project, account=account, dataset=dataset),
        dataset_name=dataset,
    )


def load(request: Request, project: Path) -> Report:
    """Load every account asked for; one account's failure never stops the others.

    Raises:
        ConfigurationError: A setting is wrong; nothing was asked.
        UnknownTable: A table's name is wrong.
        NotByDays: As for `tables_of`.
    """
    tables = tables_of(request)
    names = account_names(request.account)
    configurations = {name: _configuration(name, request) for name in names}
    if all(isinstance(found, ConfigurationError) for found in configurations.values()):
        raise next(found for found in configurations.values() if isinstance(found, ConfigurationError))
    budget = Budget(
        max_requests=request.max_requests,
        max_seconds=None if request.max_minutes is None else request.max_minutes * 60,
    )
    where = str(warehouse.duckdb_file(project)) if request.destination == warehouse.DUCKDB else request.destination
    report = Report([], where, request.dataset)
    with closing(DecodingProcesses()) as processes, _signals(budget):
        for name, configuration in configurations.items():
            if isinstance(configuration, ConfigurationError):
                logger.error("account %s: %s", name, configuration)
                report.accounts.append(AccountReport(name, "", configuration.exit_code, str(configuration)))
            else:
                report.accounts.append(_load_account(configuration, tables, request, project, budget, processes))
    return report


def _configuration(account: str, request: Request) -> SnovioConfiguration | ConfigurationError:
    """The settings of an account, or what is wrong with them: one account's mistake never stops the others."""
    try:
        return snovio(account, full_refresh=request.full_refresh, days=request.range)
    except ConfigurationError as error:
        return error


def _load_account(  # what all accounts share, and what is this one's
    configuration: SnovioConfiguration,
    tables: Sequence[str],
    request: Request,
    project: Path,
    budget: Budget,
    processes: DecodingProcesses,
) -> AccountReport:
    settings = configuration.settings
    report = AccountReport(settings.account, uuid.uuid4().hex)
    began, calls = time.monotonic(), budget.calls
    try:
        with (
            lock.held(Path(get_dlt_pipelines_dir()), f"snovio_{settings.account}"),
            configuration.api(budget, processes) as api,
        ):
            bounds = Slice(slices.MOST_ROWS, slices.MOST_SECONDS)
            reading = AccountReading(api, settings, tables, report.run_id, bounds)
            pipeline = _pipeline(settings.account, request, project)
            writing = _writing(request, project)
            with watched(reading, budget), closing(reading.readers):
                _run(pipeline, reading, writing, budget)
            report.outcomes = [found for name in TABLES if (found := reading.outcomes.get(name)) is not None]
            report.calls_by_table = dict(api.calls)
            report.stopped = reading.stopped and _ENDED_BY.get(reading.stopped, reading.stopped.name)
            report.exit_code = _exit_code(reading)
            with writing(time.sleep):
                report.stored = _stored(pipeline, settings.account)
    except Stopped as stop:
        report.stopped = _ENDED_BY.get(stop.reason, stop.reason.name)
        report.exit_code = SIGNALLED.get(stop.reason, BUDGET)
    except Exception as error:  # one account's failure never stops the others; it is reported
        known = _cause(error)
        report.error = str(known)
        report.exit_code = known.exit_code if isinstance(known, OutreachError) else FAILED
        logger.error("account %s: %s", settings.account, known)  # noqa: TRY400  # the text says what to do
        logger.debug("the whole story", exc_info=error)
    report.calls = budget.calls - calls
    report.seconds = time.monotonic() - began
    return report


def _pipeline(account: str, request: Request, project: Path) -> dlt.Pipeline:
    """The account's pipeline, as the destination knows it.

    The working folder is thrown away first: state and schema come back from the destination, as the last complete
    load left them. So a package left by a killed load, an old copy of the folder, or the state of another warehouse
    can never be taken for what was loaded.
    """
    shutil.rmtree(Path(get_dlt_pipelines_dir()) / f"snovio_{account}", ignore_errors=True)
    return pipeline_of(account, project, destination=request.destination, dataset=request.dataset)


def _writing(request: Request, project: Path) -> Writing:
    """What guards each use of the warehouse: a DuckDB file has one writer at a time, also among our own loads."""
    if request.destination != warehouse.DUCKDB:
        return lambda _: nullcontext()
    return lambda wait: warehouse.writing(warehouse.duckdb_file(project), wait)


def _run(pipeline: dlt.Pipeline, reading: AccountReading, writing: Writing, budget: Budget) -> None:
    """Run dlt slice after slice until every table is read.

    The warehouse is held only while it is used, not while the API is read. Once something was read, no budget and no
    signal keeps it from being committed.
    """
    with writing(budget.wait):
        pipeline.sync_destination()
        reading.look_for_leftovers(pipeline)
        if reading.selected.intersection((CAMPAIGN_ANALYTICS.name, SENDER_ANALYTICS.name)):
            reading.look_for_stored(pipeline)
        if reading.selected.intersection(NEED_MEMBERS):
            reading.look_for_members(pipeline)
    while True:
        reading.slice.begin()
        pipeline.extract(_source(reading))
        pipeline.normalize()
        with writing(time.sleep):
            pipeline.load()
        shutil.rmtree(Path(pipeline.working_dir) / "load" / "loaded", ignore_errors=True)  # nobody reads it
        if not reading.unread:
            return


def _source(reading: AccountReading) -> DltSource:
    @dlt.source(name="snovio", max_table_nesting=0)
    def snovio_account() -> Any:
        return resources(reading)

    return snovio_account().with_resources(*reading.selected)


def _exit_code(reading: AccountReading) -> int:
    if reading.stopped in SIGNALLED:
        return SIGNALLED[reading.stopped]
    read = [outcome for name, outcome in reading.outcomes.items() if name not in _ALWAYS]
    failed = [outcome for outcome in read if outcome.failures]
    if failed:
        return FAILED if all(outcome.word == "failed" for outcome in read) else PARTIAL
    return BUDGET if reading.stopped else OK


def _stored(pipeline: dlt.Pipeline, account: str) -> dict[str, int]:
    """How many rows of the account each table holds."""
    there = warehouse.tables_there(pipeline)
    counts = [
        f"SELECT '{name}', count(*) FROM {name} WHERE account = '{account}'"  # noqa: S608  # our own names
        for name in TABLES
        if name in there
    ]
    return dict(warehouse.read(pipeline, " UNION ALL ".join(counts))) if counts else {}


def _cause(error: BaseException) -> BaseException:
    """The error of ours behind what dlt raised, or the innermost one."""
    seen: BaseException = error
    while True:
        if isinstance(seen, OutreachError):
            return seen
        inner = seen.__cause__ or seen.__context__
        if inner is None:
            return seen
        seen = inner


@contextmanager
def _signals(budget: Budget) -> Iterator[None]:
    """Let SIGTERM and SIGINT end the read from within any wait; what was read is committed."""
    before: dict[int, Any] = {}

    def handle(number: int, _: FrameType | None) -> None:
        budget.stop(StopReason.SIGTERM if number == signal.SIGTERM else StopReason.SIGINT)
        signal.signal(number, before[number])  # the second one ends the process at once

    for stopping in (signal.SIGTERM, signal.SIGINT):
        before[stopping] = signal.signal(stopping, handle)
    try:
        yield
    finally:
        for changed, handler in before.items():
            signal.signal(changed, handler)
