"""A copy of the warehouse for BI tools, which readers never see half-written.

A DuckDB file has one writer or many readers, never both. So BI tools read a copy: it is made beside its place while
no load of ours writes, checked, and put into place in one step. On PostgreSQL the copy is schemas of the same
database, which readers may read and nothing else.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from pipelines import destinations, publishable, unfinished, warehouse
from pipelines.looking import looking
from pipelines.publishable import Content, Copy, Publishable, PublishFailed, PublishRefused
from pipelines.published_file import PublishedFile
from pipelines.published_folder import PublishedFolder
from pipelines.registry import SOURCES

PARQUET: Final = "parquet"
SCHEMA: Final = "schema"
_FORMATS: Final[Mapping[str, type[PublishedFile | PublishedFolder]]] = {
    warehouse.DUCKDB: PublishedFile,
    PARQUET: PublishedFolder,
}


@dataclass(frozen=True, slots=True)
class What:
    """What is published.

    Args:
        kind: `duckdb` or `parquet`, of a DuckDB file; empty: what the destination has, `duckdb` or a schema.
        raw: With the tables that loads wrote.
        dataset: Of these only this dataset's; empty: all.
        destination: Where loads go.
        readers: Roles of PostgreSQL that may read the copy, beside those who may already.
    """

    kind: str = ""
    raw: bool = True
    dataset: str = ""
    destination: str = warehouse.DUCKDB
    readers: Sequence[str] = ()


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
        path: Where; on PostgreSQL the schema.
        format: Its format: `duckdb`, `parquet`, or `schema`.
        warehouse: What it is a copy of.
        published_at: When the copy was made.
        size: Its bytes.
        seconds: How long it took.
        tables: What it holds.
        readers: On PostgreSQL the roles that were let in by this publish or an earlier one.
    """

    path: str
    format: str
    warehouse: str
    published_at: datetime
    size: int
    seconds: float
    tables: list[PublishedTable]
    readers: list[str] = field(default_factory=list)


def publish(project: Path, target: str, what: What) -> Published:
    """Copy the warehouse, check the copy and put it into place; until then the place is untouched.

    Args:
        project: The project folder.
        target: Where the copy goes: a path, from the current directory; on PostgreSQL the name of a schema.
        what: What is published.

    Raises:
        PublishRefused: It cannot be, or not there.
        CannotHold: There is no such destination.
        ConfigurationError: The settings of the server are wrong.
        NotPermitted: The server lets nobody of these settings make the copy.
        LoadUnfinished: A killed load left the warehouse half-written.
        WarehouseBusy: Another program writes to the warehouse.
        ServerUnreachable: The server went away; what was in the place still is.
        PublishFailed: The copy could not be made; what was in the place still is.
    """
    if what.destination == warehouse.DUCKDB:
        return _published_path(project, Path(target), what)
    server = destinations.server_of(what.destination)
    if server is None:
        raise PublishRefused(
            f"--destination: {what.destination} is neither DuckDB nor PostgreSQL; let readers into it directly."
        )
    return _published_schema(project, server, target, what)


def _published_path(project: Path, path: Path, what: What) -> Published:
    """The copy of a DuckDB file."""
    began = time.monotonic()
    if what.readers:
        raise PublishRefused("--readers: they are roles of PostgreSQL; a file is for whom its permissions let in.")
    kind = what.kind or warehouse.DUCKDB
    file, target = warehouse.duckdb_file(project), _target(path, kind)
    if not file.exists():
        raise PublishRefused(f"{file}: nothing is loaded yet; run: outreach load snovio, or outreach load sendkit")
    if target.exists() and target.samefile(file):
        raise PublishRefused(f"{target} is the warehouse itself; choose another path.")
    with warehouse.turn(target, time.sleep), _draft(target) as draft:
        copy = _FORMATS[kind](draft, target)
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
    return Published(str(target), kind, str(file), moment, size, time.monotonic() - began, _listed(contents))


def _published_schema(project: Path, server: Any, name: str, what: What) -> Published:
    """The copy of a PostgreSQL database."""
    began = time.monotonic()
    if what.kind:
        raise PublishRefused(
            "--format: on PostgreSQL a copy is a schema; files are made of a DuckDB warehouse alone."
        )
    from pipelines import publishable_postgres  # noqa: PLC0415  # the driver need not be installed
    from pipelines.published_schema import PublishedSchema  # noqa: PLC0415  # likewise

    with closing(server.connect(f"publishes {name}")) as session:
        copy = PublishedSchema(session, name)
        copy.refuse(what.readers)
        with ExitStack() as held:
            if not (loaded := publishable_postgres.datasets(session)):
                raise PublishRefused(f"{server.where}: nothing is loaded yet that this user may read; load first.")
            for dataset in sorted({*SOURCES, *loaded}):  # in this order, as all do who hold more than one
                held.enter_context(server.turn(dataset, time.sleep))
            moment = datetime.now(UTC)
            raw = _finished(project, what, server.where, loaded)
            tables = publishable_postgres.tables(session, raw, loaded)
            if not tables:
                raise PublishRefused(f"{server.where} has no marts yet; run: outreach marts --destination postgres")
            server.check_rights(copy.schemas(tables))
            contents = copy.write(tables, moment, what.readers)
        copy.tidy()
        size, readers = copy.size(contents), copy.readers()
    return Published(name, SCHEMA, server.where, moment, size, time.monotonic() - began, _listed(contents), readers)


def _listed(contents: Mapping[Publishable, Content]) -> list[PublishedTable]:
    return [PublishedTable(table.dataset, table.name, found.rows) for table, found in contents.items()]


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
    with publishable.opened(file, file.parent) as connection:
        loaded = publishable.datasets(connection)
    raw = _finished(project, what, str(file), loaded)
    with publishable.opened(file, draft / "spill") as connection:
        tables = publishable.tables(connection, raw)
        if not tables:
            raise PublishRefused(f"{file} has no marts yet; run: outreach marts")
        contents = {table: publishable.content(connection, copy.original(table)) for table in tables}
        publishable.keep_record(connection, contents, moment)
        copy.write(connection, tables)
    return contents


def _finished(project: Path, what: What, where: str, loaded: Mapping[str, Collection[str]]) -> list[str]:
    """The datasets of loads to publish, each of which must be finished.

    Args:
        project: The project folder.
        what: What is published.
        where: The warehouse, to which no load of ours writes now.
        loaded: Its datasets, and the sources whose tables are in each.
    """
    if what.dataset and what.dataset not in loaded:
        raise PublishRefused(f"--dataset: {where} holds no dataset {what.dataset}; there are: {', '.join(loaded)}")
    wanted = [what.dataset] if what.dataset else [*loaded]
    for dataset in wanted:
        for name in SOURCES.keys() & loaded[dataset]:
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
