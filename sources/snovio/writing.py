"""How rows reach the warehouse: one dlt resource for each way of keeping a table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import dlt
from dlt.extract import DltResource
from dlt.extract.extractors import MaterializedEmptyList

from sources.snovio.outcomes import Outcome
from sources.snovio.reading import AccountReading
from sources.tables import REMOVED, Row, Table

Read = Callable[[Outcome], Iterator[list[Row] | None]]
"""Yields lists of rows; None gives other tables their turn."""


def history(reading: AccountReading, table: Table, read: Read) -> DltResource:
    """SCD2 over the whole account: rows that changed or vanished are closed, also when all did.

    `read` yields the complete list once, an empty one included, or nothing at all when it could not be read.
    """
    scope = f"account = '{reading.account}'"  # the account's name is checked where it is configured
    disposition = {"disposition": "merge", "strategy": "scd2", "destination_scope": scope}

    def items(outcome: Outcome) -> Iterator[Any]:
        if table.name in reading.done:
            return
        for rows in filter(lambda rows: rows is not None, read(outcome)):
            outcome.read += 1
            reading.done.add(table.name)
            yield rows or dlt.mark.materialize_table_schema()

    return _resource(reading, table, items, nothing=_appended_nothing(), write_disposition=disposition)


def history_by_unit(
    reading: AccountReading, table: Table, read: Read, version: str, *, after: Collection[str] = ()
) -> DltResource:
    """SCD2 over the units that are read: what vanished from them is closed, other units are left alone.

    A unit that became empty is named by one row with `REMOVED` set, which is not stored itself.

    Args:
        reading: The read this is part of.
        table: The table; its `unit` names the columns of a unit.
        read: Yields the complete rows of one unit after another.
        version: The column with the hash that tells versions apart.
        after: Tables that must be read before.
    """
    unit = ", ".join(table.unit)
    staged = f"({unit}) IN (SELECT {unit} FROM {{staging_table}})"  # noqa: S608  # names of our own columns
    scope = f"account = '{reading.account}' AND {staged}"
    disposition = {
        "disposition": "merge",
        "strategy": "scd2",
        "destination_scope": scope,
        "source_filter": f"{REMOVED} IS NOT TRUE",
        "row_version_column_name": version,
    }
    # dlt cannot create a table with a row version from nothing; a unit that never was is cleared instead
    keys = (column for column in table.columns if column.name in table.key)
    key: Row = {column.name: 0 if column.kind == "integer" else "" for column in keys}
    nothing = [{"account": reading.account, **key, version: "", REMOVED: True}]
    return _resource(reading, table, read, after=after, nothing=nothing, write_disposition=disposition)


def units(
    reading: AccountReading, table: Table, read: Read, *, after: Collection[str] = (), asks: bool = True
) -> DltResource:
    """Units replaced whole: a campaign's day, a list. A row with `REMOVED` set clears the unit that it names.

    The merge key alone, no primary key: dlt joins the two by OR, which DuckDB answers with nested loops.
    """
    hints: Any = {REMOVED: {"name": REMOVED, "hard_delete": True}}
    resource = _resource(
        reading,
        table,
        read,
        after=after,
        asks=asks,
        write_disposition={"disposition": "merge", "strategy": "delete-insert"},
        merge_key=("account", *table.unit),
    )
    resource.apply_hints(columns=hints)
    return resource


def observations(
    reading: AccountReading, table: Table, read: Read, *, after: Collection[str] = (), asks: bool = True
) -> DltResource:
    """Rows that stand alone, each with its own key; a row written again replaces itself."""
    disposition = {"disposition": "merge", "strategy": "delete-insert"}
    key = ("account", *table.key)
    return _resource(reading, table, read, after=after, asks=asks, write_disposition=disposition, primary_key=key)


def seen_once(reading: AccountReading, table: Table, read: Read, *, after: Collection[str] = ()) -> DltResource:
    """Rows that are kept as they were first seen."""
    disposition = {"disposition": "merge", "strategy": "insert-only"}
    key = ("account", *table.key)
    return _resource(
        reading,
        table,
        read,
        after=after,
        asks=False,
        nothing=_appended_nothing(),
        write_disposition=disposition,
        primary_key=key,
    )


def _appended_nothing() -> Any:
    """Creates a table by appending no row to it.

    Merging no row would close the history of the whole account, and fails where dlt hashes the key of every row.
    """
    append = dlt.mark.make_hints(write_disposition="append")
    return dlt.mark.with_hints(dlt.mark.materialize_table_schema(), append)


def _resource(
    reading: AccountReading,
    table: Table,
    read: Callable[[Outcome], Iterator[Any]],
    *,
    after: Collection[str] = (),
    asks: bool = True,
    nothing: Any = None,
    **how: Any,
) -> DltResource:
    """Make the resource of a table, which creates the table also when there is nothing to put into it.

    Args:
        reading: The read this is part of.
        table: The table.
        read: Yields lists of rows.
        after: Tables that must be read before, whatever order dlt asks its resources in.
        asks: Whether it asks the API.
        nothing: What creates the table when there are no rows; None: dlt's own mark.
        how: Write disposition and keys.
    """

    def counted(outcome: Outcome) -> Iterator[Any]:
        for rows in read(outcome):
            if isinstance(rows, list):
                outcome.rows += sum(not row.get(REMOVED) for row in rows)
            yield rows

    def items() -> Iterator[Any]:
        reading.unfinished.add(table.name)
        try:
            yield None  # dlt goes on to the next resource: every selected one is entered before any reads
            while reading.unfinished.intersection(after):
                yield None
            exists = table.name in dlt.current.source_schema().tables
            for rows in reading.table(table, counted, asks=asks):
                handed_on = rows if rows or isinstance(rows, MaterializedEmptyList) else None
                exists = exists or handed_on is not None
                yield handed_on
            if not exists:
                yield nothing or dlt.mark.materialize_table_schema()
        finally:
            reading.unfinished.discard(table.name)

    return dlt.resource(items, name=table.name, columns=table.hints(), selected=table.default, **how)
