"""Rows without the people who were erased: the row stays, so that counts stay right, and the person goes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sources import values
from sources.erased import ErasedPeople
from sources.persons import Told, raw_columns, told_by
from sources.tables import REMOVED, Row, Table


def tells_of_people(table: Table) -> bool:
    """Whether a row of the table may name somebody."""
    return bool(told_by(table) or raw_columns(table))


def without(erased: ErasedPeople, table: Table, rows: Any) -> Any:
    """Rows as they may be stored; anything but rows is returned as it is.

    Args:
        erased: Who was erased.
        table: The table.
        rows: A list of rows or an Arrow table.
    """
    if not erased or not tells_of_people(table):
        return rows
    if isinstance(rows, pa.Table):
        return _arrow(erased, table, rows)
    if isinstance(rows, list) and rows:
        return [_row(erased, table, row) for row in rows]
    return rows


def is_of_erased(erased: ErasedPeople, told: Told, row: Row) -> bool:
    """Whether a row is one of an erased person."""
    emails = [row[name] for name in told.emails if row.get(name)]
    if any(map(erased.names, emails)) or any(erased.names(row.get(name)) for name in told.ids):
        return True
    return not emails and any(erased.names(row.get(name)) for name in told.hints)


def _row(erased: ErasedPeople, table: Table, row: Row) -> Row:
    if row.get(REMOVED):
        return row
    found = dict(row)
    for told in told_by(table):
        if is_of_erased(erased, told, row):
            found.update(dict.fromkeys((*told.emptied, *told.undeclared(table, row))))
            found.update((name, erased.pseudonym(row[name])) for name in told.emails if name in row)
    raw = raw_columns(table)
    if any(erased.mentions(_text(row.get(name))) for name in raw):
        found.update(dict.fromkeys(raw))
    return found


def _text(value: Any) -> Any:
    return values.json_text(value) if isinstance(value, dict | list) else value


def _arrow(erased: ErasedPeople, table: Table, rows: pa.Table) -> pa.Table:
    """The same for events, which have addresses and hints and nothing raw."""
    for told in told_by(table):
        mask = _mask(erased, told, rows)
        if mask is None:
            continue
        for name in (*told.emptied, *told.undeclared(table, rows.column_names)):
            rows = _replaced(rows, name, pc.if_else(mask, pa.scalar(None, rows[name].type), rows[name]))
        for name in told.emails:
            of_theirs = pc.unique(rows[name].filter(mask)).to_pylist()
            for value in filter(None, of_theirs):
                column = rows[name]
                theirs = pc.and_(mask, pc.equal(column, value).fill_null(False))
                rows = _replaced(rows, name, pc.if_else(theirs, erased.pseudonym(value), column))
    return rows


def _mask(erased: ErasedPeople, told: Told, rows: pa.Table) -> pa.ChunkedArray | None:
    """Which rows are of erased people; None: no row."""
    unaddressed = everywhere = pa.chunked_array([pa.array([True] * len(rows))])
    found = _named(erased, (*told.emails, *told.ids), rows, everywhere)
    for name in told.emails:
        unaddressed = pc.and_(unaddressed, pc.equal(pc.coalesce(rows[name], pa.scalar("")), ""))
    if pc.any(unaddressed).as_py():
        found += _named(erased, told.hints, rows, unaddressed)
    return reduce(pc.or_, found) if found else None


def _named(
    erased: ErasedPeople, names: Iterable[str], rows: pa.Table, among: pa.ChunkedArray
) -> list[pa.ChunkedArray]:
    """Which of some rows name an erased person, for each of some columns in which any does."""
    found = []
    for name in names:
        theirs = [value for value in pc.unique(rows[name].filter(among)).to_pylist() if erased.names(value)]
        if theirs:
            found.append(pc.and_(among, pc.is_in(rows[name], value_set=pa.array(theirs, pa.string()))))
    return found


def _replaced(rows: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), column)
