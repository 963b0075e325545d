"""The scheduled job: read one account after another, load, commit, and say what came of it."""

from __future__ import annotations

import logging
import signal
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

import dlt
from dlt.extract import DltSource

from pipelines import comments, warehouse
from pipelines.configuration import Configuration
from pipelines.destinations import adapted
from pipelines.pipeline import Place
from pipelines.progress import watched
from pipelines.results import BUDGET, FAILED, OK, PARTIAL, SIGNALLED, AccountReport, Report, cause
from pipelines.selection import Request, tables_of
from pipelines.source import ALWAYS, Source
from sources import slices
from sources.budget import Budget
from sources.decoding import DecodingProcesses
from sources.errors import ConfigurationError, OutreachError, Stopped, StopReason
from sources.reading import Reading
from sources.slices import Slice

logger = logging.getLogger(__name__)

_ENDED_BY: Final = {StopReason.MAX_REQUESTS: "--max-requests", StopReason.MAX_MINUTES: "--max-minutes"}


@dataclass(frozen=True, slots=True)
class _Job:
    """What all accounts of a load share."""

    source: Source
    tables: Sequence[str]
    place: Place
    budget: Budget
    processes: DecodingProcesses


def load(source: Source, request: Request, project: Path) -> Report:
    """Load every account asked for; one account's failure never stops the others.

    Raises:
        ConfigurationError: A setting is wrong; nothing was asked.
        UnknownTable: A table's name is wrong.
        NotByDays: As for `tables_of`.
    """
    tables = tables_of(source, request)
    configurations = source.each_configured(request.account, request.asked)
    budget = Budget(
        max_requests=request.max_requests,
        max_seconds=None if request.max_minutes is None else request.max_minutes * 60,
    )
    place = Place(source, project, request.destination, request.dataset_of(source))
    report = Report(source.name, [], warehouse.described(request.destination, project), place.dataset)
    with closing(DecodingProcesses()) as processes, _signals(budget):
        job = _Job(source, tables, place, budget, processes)
        for name, configuration in configurations.items():
            if isinstance(configuration, ConfigurationError):
                logger.error("account %s: %s", name, configuration)
                report.accounts.append(AccountReport(name, "", configuration.exit_code, str(configuration)))
            else:
                report.accounts.append(_load_account(job, configuration))
    return report


def _load_account(job: _Job, configuration: Configuration) -> AccountReport:
    account, source, budget = configuration.account, job.source, job.budget
    report = AccountReport(account, uuid.uuid4().hex)
    began, calls = time.monotonic(), budget.calls
    try:
        with job.place.locked(account), source.opened(configuration, budget, job.processes) as api:
            bounds = Slice(slices.MOST_ROWS, slices.MOST_SECONDS)
            reading = source.reading(api, configuration.settings, job.tables, report.run_id, bounds)
            pipeline = job.place.fresh_pipeline(account)
            with watched(reading, budget), closing(reading.readers):
                report.new_columns = _run(job, pipeline, reading)
            report.outcomes = [found for name in source.tables if (found := reading.outcomes.get(name)) is not None]
            report.calls_by_table = dict(api.calls)
            report.stopped = reading.stopped and _ENDED_BY.get(reading.stopped, reading.stopped.name)
            report.exit_code = _exit_code(reading)
            with job.place.writing(time.sleep):
                comments.describe(pipeline, source.tables)
                job.place.forget_states(pipeline)
                report.stored = _stored(source, pipeline, account)
    except Stopped as stop:
        report.stopped = _ENDED_BY.get(stop.reason, stop.reason.name)
        report.exit_code = SIGNALLED.get(stop.reason, BUDGET)
    except Exception as error:  # one account's failure never stops the others; it is reported
        known = cause(error)
        report.error = str(known)
        report.exit_code = known.exit_code if isinstance(known, OutreachError) else FAILED
        logger.error("account %s: %s", account, known)  # noqa: TRY400  # the text says what to do
        logger.debug("the whole story", exc_info=error)
    report.calls = budget.calls - calls
    report.seconds = time.monotonic() - began
    return report


def _run(job: _Job, pipeline: dlt.Pipeline, reading: Reading) -> list[str]:
    """Run dlt slice after slice until every table is read; return what the warehouse then has of unknown fields.

    The warehouse is held only while it is used, not while the API is read. Once something was read, no budget and no
    signal keeps it from being committed.
    """
    with job.place.writing(job.budget.wait):
        job.place.synchronize(pipeline)
        job.place.check_dataset(pipeline)
        reading.look_for_erased(pipeline)
        job.source.look(reading, pipeline)
    known = _undeclared(job.source, pipeline)
    while True:
        reading.slice.begin()
        pipeline.extract(adapted(_source(job.source, reading), pipeline.destination))
        pipeline.normalize()
        with job.place.writing(time.sleep):
            pipeline.load()
        job.place.forget_loaded(pipeline)
        if not reading.unread:
            return sorted(_undeclared(job.source, pipeline) - known)


def _undeclared(source: Source, pipeline: dlt.Pipeline) -> set[str]:
    """Columns of fields that nobody described, as `table.column`."""
    schemas = [pipeline.schemas[source.name]] if source.name in pipeline.schemas else []
    return {
        f"{name}.{column}"
        for schema in schemas
        for name, table in source.tables.items()
        if name in schema.tables
        for column in schema.tables[name]["columns"].keys() - map(schema.naming.normalize_path, table.hints())
        if not column.startswith("_dlt")
    }


def _source(source: Source, reading: Reading) -> DltSource:
    @dlt.source(name=source.name, max_table_nesting=0)
    def account() -> Any:
        return source.resources(reading)

    return account().with_resources(*reading.selected)


def _exit_code(reading: Reading) -> int:
    if reading.stopped in SIGNALLED:
        return SIGNALLED[reading.stopped]
    read = [outcome for name, outcome in reading.outcomes.items() if name not in ALWAYS]
    failed = [outcome for outcome in read if outcome.failures]
    if failed:
        return FAILED if all(outcome.word == "failed" for outcome in read) else PARTIAL
    return BUDGET if reading.stopped else OK


def _stored(source: Source, pipeline: dlt.Pipeline, account: str) -> dict[str, int]:
    """How many rows of the account each table holds."""
    there = warehouse.tables_there(pipeline)
    counts = [
        f"SELECT '{name}', count(*) FROM {name} WHERE account = '{account}'"  # noqa: S608  # our own names
        for name in source.tables
        if name in there
    ]
    return dict(warehouse.read(pipeline, " UNION ALL ".join(counts))) if counts else {}


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
