"""Reads the marts, from the warehouse or from a published copy, for a moment at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

import duckdb

from pipelines import warehouse
from pipelines.looking import looking
from pipelines.registry import SOURCES
from pipelines.warehouse import WarehouseBusy
from sources.errors import ConfigurationError, OutreachError

Row = dict[str, Any]

_WITHOUT: Final = "outreach__campaigns"
"""The model without which there is nothing to show."""
_LOCKED: Final = "Could not set lock"


class NoMarts(OutreachError):
    """There are no marts to show."""


class Query(Protocol):
    """Runs a query over the marts; %s stands for a parameter."""

    def __call__(self, text: str, parameters: Sequence[Any] = (), /) -> list[Row]:
        """The rows, by the names of their columns."""
        ...


@dataclass(frozen=True, slots=True)
class Marts:
    """Where the marts lie.

    Args:
        project: The project folder.
        destination: A dlt destination.
        schema: The schema that holds them.
        copy: A published copy to read in the warehouse's stead.
    """

    project: Path
    destination: str
    schema: str
    copy: Path | None = None

    @property
    def where(self) -> str:
        """In words."""
        return str(self.copy) if self.copy else warehouse.described(self.destination, self.project)

    @contextmanager
    def opened(self) -> Iterator[Query]:
        """Open them for some queries; a load that wants to write has to wait no longer than these take.

        Raises:
            NoMarts: There are none.
            WarehouseBusy: A load is writing at this moment.
            ConfigurationError: The file is no DuckDB file.
        """
        is_file = self.copy is not None or self.destination == warehouse.DUCKDB
        with self._file() if is_file else self._server() as query:
            yield query

    @contextmanager
    def _file(self) -> Iterator[Query]:
        file = self.copy or warehouse.duckdb_file(self.project)
        with _connected(file) as connection:

            def query(text: str, parameters: Sequence[Any] = ()) -> list[Row]:
                found = connection.execute(text.replace("%s", "?"), list(parameters))
                return _named(found.description or [], found.fetchall())

            self._check(query)
            connection.execute(f"SET TimeZone = 'UTC'; USE {self.schema}")
            yield query

    @contextmanager
    def _server(self) -> Iterator[Query]:
        source = next(iter(SOURCES.values()))  # whichever: it is the marts that are asked
        with ExitStack() as stack:
            pipeline = stack.enter_context(
                looking(source, self.project, destination=self.destination, dataset=self.schema)
            )
            if pipeline is None:
                raise NoMarts(f"{self.where} holds nothing yet; run: outreach load snovio --marts")
            client: Any = stack.enter_context(cast("AbstractContextManager[Any]", pipeline.sql_client()))

            def query(text: str, parameters: Sequence[Any] = ()) -> list[Row]:
                with client.execute_query(text, *parameters) as cursor:
                    return _named(cursor.native_cursor.description, cursor.fetchall())

            self._check(query)
            yield query

    def _check(self, query: Query) -> None:
        there = "SELECT 1 FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
        if not query(there, (self.schema, _WITHOUT)):
            raise NoMarts(f"{self.where} holds no marts yet; run: outreach marts")


@contextmanager
def _connected(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not file.exists():
        raise NoMarts(f"{file} is not there yet; run: outreach load snovio --marts")
    try:
        connection = duckdb.connect(str(file), read_only=True)
    except duckdb.IOException as error:
        if _LOCKED in str(error):
            raise WarehouseBusy(
                f"{file} is being written at this moment; a published copy can be read always"
            ) from None
        raise ConfigurationError("destination.duckdb.credentials", f"{file} does not open: {error}") from None
    with connection:
        yield connection


def _named(description: Sequence[Sequence[Any]], rows: Sequence[Sequence[Any]]) -> list[Row]:
    names = [column[0] for column in description]
    return [dict(zip(names, row, strict=True)) for row in rows]
