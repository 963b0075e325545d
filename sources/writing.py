"""How rows reach the warehouse: one dlt resource for each way of keeping a table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from typing import Any

import dlt
import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.schema.typing import C_DLT_LOAD_ID
from dlt.extract import DltResource
from dlt.extract.extractors import MaterializedEmptyList

from sources import erasing
from sources.outcomes import Outcome
from sources.reading import Reading
from sources.tables import REMOVED, Row, Table

Read = Callable[[Outcome], Iterator[list[Row] | pa.Table | None]]
"""Yields rows, as lists or as Arrow tables; None gives other tables their turn."""


def history(reading: Reading, table: Table, read: Read) -> DltResource:
    """SCD2 over the whole account: rows that changed or vanished are closed, also when all did.

    `read` yields the complete list once, an empty one included, or nothing at all when it could not be read.
    """
    scope = f"account = '{reading.account}'"  # the account's name is checked where it is configured
    disposition = {"disposition": "merge", "strategy": "scd2", "destination_scope": scope}

    def items(outcome: Outcome) -> Iterator[Any]:
        for rows in filter(lambda rows: rows is not None, read(outcome)):
            outcome.read += 1
            yield rows or _empty()

    return _resource(reading, table, items, nothing=_appended_nothing(), write_disposition=disposition)


def history_by_unit(
    reading: Reading, table: Table, read: Read, version: str, *, after: Collection[str] = (), asks: bool = True
) -> DltResource:
    """SCD2 over the units that are read: what vanished from them is closed, other units are left alone.

    A unit that became empty is named by one row with `REMOVED` set, which is not stored itself.

    Args:
        reading: The read this is part of.
        table: The table; its `unit` names the columns of a unit.
        read: Yields the complete rows of one unit after another.
        version: The column with the hash that tells versions apart.
        after: Tables that must be read before.
        asks: Whether it asks the API.
    """
    unit = ", ".join(table.unit)
    staged = f"({unit}) IN (SELECT {unit} FROM {{staging_table}})"  # noqa: S608  # names of our own columns
    scope = f"account = '{reading.account}' AND {staged}"
    disposition = {
        "disposition": "merge",
        "strategy": "scd2",
        "destination_scope": scope,
        "source_filter": f"({REMOVED} IS NULL OR NOT {REMOVED})",  # not every destination knows IS NOT TRUE
        "row_version_column_name": version,
    }
    # dlt cannot create a table with a row version from nothing; a unit that never was is cleared instead
    keys = (column for column in table.columns if column.name in table.key)
    key: Row = {column.name: 0 if column.kind == "integer" else "" for column in keys}
    nothing = [{"account": reading.account, **key, version: "", REMOVED: True}]
    return _resource(reading, table, read, after=after, asks=asks, nothing=nothing, write_disposition=disposition)


def units(
    reading: Reading,
    table: Table,
    read: Read,
    *,
    after: Collection[str] = (),
    asks: bool = True,
    nothing: Any = None,
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
        nothing=nothing,
        write_disposition={"disposition": "merge", "strategy": "delete-insert"},
        merge_key=("account", *table.unit),
    )
    resource.apply_hints(columns=hints)
    return resource


def observations(
    reading: Reading, table: Table, read: Read, *, after: Collection[str] = (), asks: bool = True
) -> DltResource:
    """Rows that stand alone, each with its own key; a row written again replaces itself."""
    disposition = {"disposition": "merge", "strategy": "delete-insert"}
    key = ("account", *table.key)
    return _resource(reading, table, read, after=after, asks=asks, write_disposition=disposition, primary_key=key)


def seen_once(reading: Reading, table: Table, read: Read, *, after: Collection[str] = ()) -> DltResource:
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
    return dlt.mark.with_hints(_empty(), append)


def _resource(
    reading: Reading,
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
        for rows in (erasing.without(reading.erased, table, found) for found in read(outcome)):
            found = _length(rows)
            outcome.rows += found
            reading.slice.add(found)
            yield _marked(rows) if isinstance(rows, pa.Table) else rows

    def items() -> Iterator[Any]:
        reading.enter(table, asks=asks)
        try:
            yield None  # dlt goes on to the next resource: every selected one is entered before any reads
            while reading.unfinished.intersection(after):
                yield None
            if asks and (reading.slice.is_full or reading.unread.intersection(after)):
                return
            exists = table.name in dlt.current.source_schema().tables
            for rows in reading.pieces(table, counted) if asks else reading.table(table, counted, asks=False):
                handed_on = rows if isinstance(rows, pa.Table | MaterializedEmptyList) else rows or None
                exists = exists or handed_on is not None
                yield handed_on
                if asks and reading.slice.is_full:
                    break
            if not exists:
                yield _marked(nothing) if isinstance(nothing, pa.Table) else nothing or _empty()
        finally:
            reading.unfinished.discard(table.name)

    return dlt.resource(items, name=table.name, columns=table.hints(), selected=table.default, **how)


def _empty() -> Any:
    return dlt.mark.materialize_table_schema()


def _length(rows: Any) -> int:
    """How many rows there are beside those that clear a unit."""
    if isinstance(rows, pa.Table):
        return int(rows.num_rows - (pc.sum(rows[REMOVED]).as_py() or 0))
    return sum(not row.get(REMOVED) for row in rows) if isinstance(rows, list) else 0


def _marked(rows: pa.Table) -> pa.Table:
    """Rows with the load that they belong to, which dlt adds to dicts alone unless it is configured."""
    load_id = dlt.current.load_package_state()["load_id"]
    return rows.append_column(pa.field(C_DLT_LOAD_ID, pa.string(), nullable=False), pa.repeat(load_id, len(rows)))


def _says_json_comes_as_text(record: logging.LogRecord) -> bool:
    return "when merging arrow schema with dlt schema" in record.getMessage()


# Arrow has no JSON type that dlt knows: JSON comes as text, as the hints say otherwise, and dlt warns at each item.
logging.getLogger("dlt").addFilter(lambda record: not _says_json_comes_as_text(record))
