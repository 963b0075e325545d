"""Payloads as Arrow: what `Table.row` does for one payload, done for a page at once, column by column.

The result is the same, value for value and reason for reason. A column whose values are all as they are documented
is converted as a whole; only one with something else in it is converted value by value.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from sources import values
from sources.tables import KINDS, Table, column_name, flat

Problems = dict[int, str]
"""Position of a payload that cannot be understood -> the first reason."""

INSTANT: Final = pa.timestamp("us", "UTC")
TYPES: Final[Mapping[str, pa.DataType]] = {
    "text": pa.string(),
    "decoded text": pa.string(),
    "integer": pa.int64(),
    "fraction": pa.float64(),
    "number": pa.float64(),
    "decimal": pa.decimal128(38, 9),
    "boolean": pa.bool_(),
    "instant": INSTANT,
    "date": pa.date32(),
    "json": pa.string(),
}
"""The Arrow type of each kind of column."""

JSON: Final = msgspec.json.Encoder(order="sorted")
"""Writes JSON columns: equal values give equal text."""
_ZONES: Final = frozenset({"UTC", None})
_ROWS_TURNED: Final = 200
"""So many payloads at a time are turned into columns: they stay in the processor's cache."""
_LONG_TEXT: Final = 100
"""Bytes a row."""
_BETWEEN: Final = "\x00"
"""Stands between the values of a row that is hashed; no value contains it."""
_NOTHING: Final = "\x00\x00"


def arrow_table(
    table: Table,
    payloads: Sequence[Mapping[str, Any]],
    known: Mapping[str, pa.Array],
    problems: Problems,
    taken: Collection[str] = (),
    excluded: Collection[str] = (),
) -> pa.Table:
    """Convert payloads into the table's columns, those that no column declares kept as text behind them.

    Args:
        table: The table.
        payloads: The API's rows.
        known: Columns that the payloads do not hold, `account` among them.
        problems: Takes the payloads that cannot be understood; their rows hold nulls and must not be loaded.
        taken: Fields that `known` was made of.
        excluded: Columns that stay null.

    Returns:
        A row for each payload, at its position.
    """
    if table.opened:
        payloads = [flat(payload, table.opened) for payload in payloads]
    places = _values(payloads, [name for name in field_names(payloads) if name not in taken])
    arrays: dict[str, pa.Array] = {"account": known["account"]}
    for column in table.columns:
        found = [places.pop(place) for place in column.places if place in places]
        if column.name in excluded:
            arrays[column.name] = pa.nulls(len(payloads), TYPES[column.kind])
        elif column.name in known:
            arrays[column.name] = known[column.name]
        else:
            arrays[column.name] = column_of(column.name, column.kind, _first(found, len(payloads)), problems)
    for place in places:
        name = column_name(place)
        if name not in arrays:
            same = [field for field in places if column_name(field) == name]
            arrays[name] = column_of(place, "text", _present(payloads, same), problems)
    for name in table.key:
        for position in _positions_of_nulls(arrays[name]):
            problems.setdefault(position, f"{name}: a key may not be null")
    return pa.table(arrays)


def row_hashes(table: Table, rows: pa.Table, leaving_out: Collection[str]) -> list[int]:
    """A 64-bit hash of each row: equal for equal content, the same in every process and release.

    Args:
        table: The table.
        rows: Its rows. A column that is not declared counts where it has a value only: whether it is there at all
            depends on the other rows of the page.
        leaving_out: Columns that are no part of the content.
    """
    declared = [column.name for column in table.columns]
    further = sorted(set(rows.column_names) - {"account", *declared})
    parts = [_as_short_text(rows[name]) for name in declared if name not in leaving_out]
    added = [pc.binary_join_element_wise(name, rows[name], "=").fill_null("") for name in further]
    joined = pc.binary_join_element_wise(*parts, *added, _BETWEEN, null_handling="replace", null_replacement=_NOTHING)
    return list(map(text_hash, joined.to_pylist()))


def text_hash(text: str) -> int:
    """A 64-bit hash of a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def json_text(value: Any) -> str | None:
    """A JSON column's value as text, keys sorted; None stays null."""
    return None if value is None else JSON.encode(value).decode()


def _as_short_text(column: pa.ChunkedArray) -> pa.Array:
    """Each value as text; of a column with few long texts, such as e-mail bodies, their hashes."""
    array = column.combine_chunks()
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    if not pa.types.is_string(array.type):
        return array.cast(pa.string())
    if array.nbytes < _LONG_TEXT * len(array):
        return array
    texts = array.dictionary_encode()
    hashes = pa.array([str(text_hash(text)) for text in texts.dictionary.to_pylist()], pa.string())
    return hashes.take(texts.indices)


def field_names(payloads: Sequence[Mapping[str, Any]]) -> list[str]:
    """The fields of all payloads together, in the order in which they appear."""
    layouts = dict.fromkeys(map(tuple, payloads))
    return list(dict.fromkeys(name for layout in layouts for name in layout))


def _values(payloads: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each field."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for start in range(0, len(payloads), _ROWS_TURNED):
        part = payloads[start : start + _ROWS_TURNED]
        try:
            turned: Iterable[Sequence[Any]] = zip(*map(itemgetter(*names, names[0]), part), strict=True)
        except KeyError:
            turned = ([payload.get(name) for payload in part] for name in names)
        for column, found in zip(columns.values(), turned, strict=False):  # the first name stands at the end again
            column.extend(found)
    return columns


def _first(found: Sequence[Sequence[Any]], length: int) -> Sequence[Any]:
    """The first value of each payload that is not null."""
    if not found:
        return [None] * length
    first, *others = found
    for other in others:
        first = [value if instead is None else instead for instead, value in zip(first, other, strict=True)]
    return first


def _present(payloads: Sequence[Mapping[str, Any]], names: list[str]) -> Sequence[Any]:
    """The value of the first of some fields that is there at all."""
    if len(names) == 1:
        return [payload.get(names[0]) for payload in payloads]
    return [next((payload[name] for name in payload if name in names), None) for payload in payloads]


def column_of(name: str, kind: str, found: Sequence[Any], problems: Problems) -> pa.Array:
    """Convert the values of one column.

    Args:
        name: The column, for the reasons.
        kind: Its kind, a key of `KINDS`.
        found: The payloads' values.
        problems: Takes the positions of those that cannot be converted; they become null.
    """
    if found.count(None) == len(found):
        return pa.nulls(len(found), TYPES[kind])
    whole = _AT_ONCE[kind](found) if kind in _AT_ONCE else None
    return _one_by_one(name, kind, found, problems) if whole is None else whole


def _one_by_one(name: str, kind: str, found: Sequence[Any], problems: Problems) -> pa.Array:
    convert = KINDS[kind].convert
    results: list[Any] = []
    for position, value in enumerate(found):
        try:
            results.append(convert(value))
        except (ValueError, RecursionError) as problem:
            results.append(None)
            problems.setdefault(position, f"{name}: {problem}")
    return pa.array(map(json_text, results) if kind == "json" else results, TYPES[kind])


def _texts(found: Sequence[Any]) -> pa.Array | None:
    """Text columns hold text; None if there is something else, or text that databases refuse."""
    try:
        array = pa.array(found, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    data = array.buffers()[2]
    return None if data is not None and b"\x00" in data.to_pybytes() else array


def _decoded_texts(found: Sequence[Any]) -> pa.Array | None:
    """As `_texts`; a page has few different subjects and bodies."""
    if not set(map(type, found)) <= {str, type(None)}:
        return None
    decoded = {value: values.decoded_text(value) for value in set(found)}
    return _texts([decoded[value] for value in found])


def instants(found: Sequence[Any]) -> pa.Array | None:
    """Times without a zone, or PHP dates in UTC; None if there is any other form."""
    kinds = set(map(type, found))
    try:
        if kinds == {dict}:
            if not {value.get("timezone") for value in found} <= _ZONES:
                return None
            found = [value["date"] for value in found]
        if any(map(str.isdecimal, found)):
            return None
        moments = [datetime.fromisoformat(value) for value in found]
    except (KeyError, TypeError, ValueError):
        return None  # another form, or none at all: each value tells for itself
    if {moment.tzinfo for moment in moments} != {None}:
        return None
    return pa.array(moments, pa.timestamp("us")).cast(INSTANT)


_AT_ONCE: Final[Mapping[str, Callable[[Sequence[Any]], pa.Array | None]]] = {
    "text": _texts,
    "decoded text": _decoded_texts,
    "instant": instants,
}


def _positions_of_nulls(array: pa.Array) -> list[int]:
    if array.null_count == 0:
        return []
    positions: list[int] = pc.indices_nonzero(array.is_null()).to_pylist()
    return positions
