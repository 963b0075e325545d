"""Payloads as Arrow: what `Table.row` does for one payload, done for a page at once, column by column.

The result is the same, value for value and reason for reason. A column whose values are all as they are documented
is converted as a whole; only one with something else in it is converted value by value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from xxhash import xxh3_64_intdigest

from sources import values
from sources.tables import KINDS, Table, column_name

Problems = dict[int, str]
"""Position of a payload that cannot be understood -> the first reason."""

Fields = dict[str, list[Any]]
"""A field of the payloads -> its value in each of them."""

INSTANT: Final = pa.timestamp("us", "UTC")
TYPES: Final[Mapping[str, pa.DataType]] = {
    "text": pa.string(),
    "decoded text": pa.dictionary(pa.int32(), pa.string()),
    "integer": pa.int64(),
    "fraction": pa.float64(),
    "number": pa.float64(),
    "decimal": pa.decimal128(38, 9),
    "boolean": pa.bool_(),
    "instant": INSTANT,
    "date": pa.date32(),
    "json": pa.string(),
    "list": pa.string(),
}
"""The Arrow type of each kind of column; a page has few different subjects and bodies, and each is kept once."""

JSON: Final = msgspec.json.Encoder(order="sorted")
"""Writes JSON columns: equal values give equal text."""
_ZONES: Final = frozenset({"UTC", None})
_ROWS_TURNED: Final = 200
"""So many payloads at a time are turned into columns: they stay in the processor's cache."""
_WALL_CLOCK: Final = pa.timestamp("us")
_USUAL_TIME: Final = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?$"
"""As the API's examples have it."""
_REFUSED_JSON: Final = r"\\u0000|[0-9]{19}"
_BETWEEN: Final = "\x00"
"""Stands between the values of a row that is hashed; no value contains it."""
_NOTHING: Final = "\x00\x01"


def fields_of(payloads: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Fields:
    """The values of some fields of all payloads; None where a payload has none."""
    columns: Fields = {name: [] for name in names}
    for start in range(0, len(payloads) if names else 0, _ROWS_TURNED):
        part = payloads[start : start + _ROWS_TURNED]
        try:
            turned: Iterable[Sequence[Any]] = zip(*map(itemgetter(*names, names[0]), part), strict=True)
        except KeyError:
            turned = ([payload.get(name) for payload in part] for name in names)
        for column, found in zip(columns.values(), turned, strict=False):  # the first name stands at the end again
            column.extend(found)
    return columns


def arrow_table(
    table: Table,
    fields: Fields,
    known: Mapping[str, pa.Array],
    problems: Problems,
    excluded: Collection[str] = (),
) -> pa.Table:
    """Convert payloads into the table's columns, fields that no column declares kept as text behind them.

    Args:
        table: The table; none of its columns looks into an object of the payload.
        fields: The payloads' fields, those that `known` was made of left out.
        known: Columns that the payloads do not hold, `account` among them.
        problems: Takes the payloads that cannot be understood; their rows hold nulls and must not be loaded.
        excluded: Columns that stay null.

    Returns:
        A row for each payload, at its position.
    """
    left = dict(fields)
    length = len(known["account"])
    arrays: dict[str, pa.Array] = {"account": known["account"]}
    for column in table.columns:
        found = [left.pop(place) for place in column.places if place in left]
        if column.name in excluded:
            arrays[column.name] = pa.nulls(length, TYPES[column.kind])
        elif column.name in known:
            arrays[column.name] = known[column.name]
        else:
            arrays[column.name] = column_of(column.name, column.kind, _first(found, length), problems)
    further: dict[str, list[pa.Array]] = {}
    for place in sorted(left):
        if (name := column_name(place)) not in arrays:
            further.setdefault(name, []).append(column_of(name, "text", left[place], problems))
    arrays.update((name, pc.coalesce(*found)) for name, found in further.items())
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
    columns = [column for column in table.columns if column.name not in leaving_out]
    parts = [_as_text(rows[column.name].combine_chunks()) for column in columns]
    joined = pc.binary_join_element_wise(*parts, _BETWEEN, null_handling="replace", null_replacement=_NOTHING)
    for name in further:
        added = pc.binary_join_element_wise(f"{_BETWEEN}{name}=", rows[name].combine_chunks(), "").fill_null("")
        joined = pc.binary_join_element_wise(joined, added, "")
    return list(map(xxh3_64_intdigest, joined.cast(pa.binary()).to_pylist()))


def text_hash(text: str) -> int:
    """A 64-bit hash of a text."""
    return xxh3_64_intdigest(text.encode())


def json_text(value: Any) -> str | None:
    """A JSON column's value as text, keys sorted; None stays null."""
    return None if value is None else JSON.encode(value).decode()


def _as_text(array: pa.Array) -> pa.Array:
    """Each value as text; of texts that are kept once for many rows, their hashes."""
    if pa.types.is_dictionary(array.type):
        hashes = pa.array([str(text_hash(text)) for text in array.dictionary.to_pylist()], pa.string())
        return hashes.take(array.indices)
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    return array.cast(pa.string())


def _first(found: Sequence[Sequence[Any]], length: int) -> Sequence[Any]:
    """The first value of each payload that is not null."""
    if not found:
        return [None] * length
    first, *others = found
    for other in others:
        first = [value if instead is None else instead for instead, value in zip(first, other, strict=True)]
    return first


def column_of(name: str, kind: str, found: Sequence[Any], problems: Problems) -> pa.Array:
    """Convert the values of one column.

    Args:
        name: The column, for the reasons.
        kind: Its kind, a key of `KINDS`.
        found: The payloads' values.
        problems: Takes the positions of those that cannot be converted; they become null.
    """
    if not found or (found[0] is None and found.count(None) == len(found)):
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
    return pa.array(map(json_text, results) if kind in {"json", "list"} else results, TYPES[kind])


def _texts(found: Sequence[Any]) -> pa.Array | None:
    """Text columns hold text; None if there is something else, or text that databases refuse."""
    try:
        array = pa.array(found, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    data = array.buffers()[2]
    return None if data is not None and b"\x00" in data.to_pybytes() else array


def _decoded_texts(found: Sequence[Any]) -> pa.Array | None:
    """As `_texts`, each text once."""
    if not set(map(type, found)) <= {str, type(None)}:
        return None
    decoded = {value: values.decoded_text(value) for value in dict.fromkeys(found)}
    different = [text for text in dict.fromkeys(decoded.values()) if text is not None]
    texts = _texts(different)
    if texts is None:
        return None
    places: dict[str | None, int] = {text: place for place, text in enumerate(different)}
    indices = {value: places.get(text) for value, text in decoded.items()}
    return pa.DictionaryArray.from_arrays(pa.array(list(map(indices.__getitem__, found)), pa.int32()), texts)


def _json_texts(found: Sequence[Any]) -> pa.Array | None:
    """Structures as they are; None if one holds what databases refuse, long numbers, or is deeply nested."""
    try:
        lines = JSON.encode_lines(found)
    except (UnicodeEncodeError, RecursionError):
        return None
    texts = pa.array([None if text == b"null" else text for text in lines.splitlines()], pa.string())
    levels = pc.add(pc.count_substring(texts, "["), pc.count_substring(texts, "{"))
    refused = pc.or_(pc.match_substring_regex(texts, _REFUSED_JSON), pc.greater(levels, values.MOST_NESTING))
    return None if pc.any(refused).as_py() else texts


def instants(found: Sequence[Any]) -> pa.Array | None:
    """Times without a zone, or PHP dates in UTC; None if there is any other form."""
    kinds = set(map(type, found))
    try:
        if kinds == {dict}:
            if not {value.get("timezone") for value in found} <= _ZONES:
                return None
            found = [value["date"] for value in found]
        moments = _wall_clocks(found)
    except (KeyError, TypeError, ValueError):  # Arrow's errors are of these, too
        return None  # another form, or none at all: each value tells for itself
    return None if moments is None else moments.cast(INSTANT)


def _wall_clocks(found: Sequence[Any]) -> pa.Array | None:
    """Texts as times without a zone; None if one has a zone.

    Raises:
        TypeError, ValueError: One is no text, or no time.
    """
    texts = pa.array(found, pa.string())
    if pc.all(pc.match_substring_regex(texts, _USUAL_TIME), skip_nulls=False).as_py():
        return texts.cast(_WALL_CLOCK)
    if any(map(str.isdecimal, found)):
        return None
    moments = [datetime.fromisoformat(value) for value in found]
    return pa.array(moments, _WALL_CLOCK) if {moment.tzinfo for moment in moments} == {None} else None


_AT_ONCE: Final[Mapping[str, Callable[[Sequence[Any]], pa.Array | None]]] = {
    "text": _texts,
    "decoded text": _decoded_texts,
    "instant": instants,
    "json": _json_texts,
}


def _positions_of_nulls(array: pa.Array) -> list[int]:
    if array.null_count == 0:
        return []
    positions: list[int] = pc.indices_nonzero(array.is_null()).to_pylist()
    return positions
