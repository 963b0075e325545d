"""A copy of the warehouse for BI tools, which readers never see half-written and loads never wait for.

A DuckDB file has one writer or many readers, never both. So BI tools read a copy: it is made beside its place while
no load of ours writes, checked, and put into place in one step.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from pipelines import publishable, unfinished, warehouse
from pipelines.looking import looking
from pipelines.publishable import Content, Copy, Publishable, PublishRefused
from pipelines.published_file import PublishedFile
from pipelines.published_folder import PublishedFolder
from pipelines.registry import SOURCES
from sources.errors import OutreachError

PARQUET: Final = "parquet"
_FORMATS: Final[Mapping[str, type[PublishedFile | PublishedFolder]]] = {
    warehouse.DUCKDB: PublishedFile,
    PARQUET: PublishedFolder,
}


class PublishFailed(OutreachError):
    """The copy could not be made, or is not what the warehouse holds."""


@dataclass(frozen=True, slots=True)
class What:
    """What is published.

    Args:
        kind: `duckdb` or `parquet`.
        raw: With the tables that loads wrote.
        dataset: Of these only this dataset's; empty: all.
        destination: Where loads go.
    """

    kind: str = warehouse.DUCKDB
    raw: bool = True
    dataset: str = ""
    destination: str = warehouse.DUCKDB


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of the copy."""

    dataset: str
    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Published:
    """A copy that is in place.

    Args:
        path: Where.
        format: Its format.
        warehouse: What it is a copy of.
        published_at: When the copy was made.
        size: Its bytes.
        seconds: How long it took.
        tables: What it holds.
    """

    path: str
    format: str
    warehouse: str
    published_at: datetime
    size: int
    seconds: float
    tables: list[PublishedTable]


def publish(project: Path, path: Path, what: What) -> Published:
    """Copy the warehouse, check the copy and put it into place; until then the place is untouched.

    Args:
        project: The project folder.
        path: Where the copy goes, from the current directory.
        what: What is published.

    Raises:
        PublishRefused: It cannot be, or not there.
        LoadUnfinished: A killed load left the warehouse half-written.
        WarehouseBusy: Another program writes to the warehouse.
        PublishFailed: The copy could not be made; what was in the place still is.
    """
    began = time.monotonic()
    if what.destination != warehouse.DUCKDB:
        raise PublishRefused(f"--destination: {what.destination} is no DuckDB file; let readers into it directly.")
    file, target = warehouse.duckdb_file(project), _target(path, what.kind)
    if not file.exists():
        raise PublishRefused(f"{file}: nothing is loaded yet; run: outreach load snovio, or outreach load sendkit")
    if target.exists() and target.samefile(file):
        raise PublishRefused(f"{target} is the warehouse itself; choose another path.")
    with warehouse.turn(target, time.sleep), _draft(target) as draft:
        copy = _FORMATS[what.kind](draft, target)
        copy.refuse()
        try:
            with warehouse.reading(file, time.sleep):
                moment = datetime.now(UTC)
                contents = _copied(project, what, draft, copy, moment)
            _check(copy, contents)
            size = sum(each.stat().st_size for each in draft.rglob("*") if each.is_file())
            copy.put_in_place()
        except (duckdb.Error, OSError) as error:
            raise PublishFailed(f"{target} was not published, what was there is untouched: {error}") from error
    tables = [PublishedTable(table.dataset, table.name, found.rows) for table, found in contents.items()]
    return Published(str(target), what.kind, str(file), moment, size, time.monotonic() - began, tables)


def _target(path: Path, kind: str) -> Path:
    """The place, absolute; links are followed, but for the one that is the place of a published folder."""
    folder = path.expanduser().parent.resolve()
    if not folder.is_dir():
        raise PublishRefused(f"{folder} is no folder.")
    target = folder / path.name
    return target if kind == PARQUET else target.resolve()


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """An empty folder beside the target; a killed publish leaves one, which the next one removes."""
    draft = target.with_name(f".{target.name}.publishing")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir()
    except OSError as error:
        raise PublishRefused(f"{target.parent} cannot be written to: {error.strerror}") from error
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copied(project: Path, what: What, draft: Path, copy: Copy, moment: datetime) -> dict[Publishable, Content]:
    """Copy the warehouse, to which no load of ours writes now."""
    file = warehouse.duckdb_file(project)
    raw = _datasets(project, file, what)
    with publishable.opened(file, draft / "spill") as connection:
        tables = publishable.tables(connection, raw)
        if not tables:
            raise PublishRefused(f"{file} has no marts yet; run: outreach marts")
        contents = {table: publishable.content(connection, copy.original(table)) for table in tables}
        publishable.keep_record(connection, contents, moment)
        copy.write(connection, tables)
    return contents


def _datasets(project: Path, file: Path, what: What) -> list[str]:
    """The datasets of loads to publish, each of which must be finished."""
    with publishable.opened(file, file.parent) as connection:
        found = publishable.datasets(connection)
    if what.dataset and what.dataset not in found:
        raise PublishRefused(f"--dataset: {file} holds no dataset {what.dataset}; there are: {', '.join(found)}")
    wanted = [what.dataset] if what.dataset else [*found]
    for dataset in wanted:
        for name in found[dataset].intersection(SOURCES):
            source = SOURCES[name]
            with looking(source, project, destination=what.destination, dataset=dataset) as pipeline:
                if pipeline is not None:
                    unfinished.check_finished(source, pipeline)
    return wanted if what.raw else []


def _check(copy: Copy, contents: Mapping[Publishable, Content]) -> None:
    """Read the copy from end to end: every table must hold the rows that the warehouse had."""
    with copy.opened() as connection:
        for table, expected in contents.items():
            found = publishable.content(connection, copy.copied(table))
            if found != expected:
                raise PublishFailed(
                    f"the copy of {table.dataset}.{table.name} has {found.rows:,} rows that are not the "
                    f"{expected.rows:,} of the warehouse; it was thrown away."
                )
