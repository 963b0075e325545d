"""Tables as data: which columns a table has, what each means, and how a payload becomes a row.

A source describes each of its tables once, as a `Table`. From it come dlt's column hints, the conversion of
payloads, the `tables` command and the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from dlt.common.data_types.typing import TDataType
from dlt.common.normalizers.naming.snake_case import NamingConvention
from dlt.common.schema.typing import TColumnSchema, TTableSchemaColumns

from sources import values

Row = dict[str, Any]

Mark = Literal["", "D", "I", "O", "U"]
"""How the meaning of a column is known; see `MARKS`."""

MARKS: Final[Mapping[Mark, str]] = {
    "D": "documented by the API's own reference",
    "I": "inferred, from examples or from what else is known of the API",
    "O": "observed by others who use the API",
    "U": "unknown in part; the meaning says what",
    "": "not in the answer: the connector knows or makes them",
}

Person = Literal["", "email", "id", "hint", "detail", "raw", "sender email", "sender detail"]
"""What a column tells of a person; see `PERSON`."""

PERSON: Final[Mapping[Person, str]] = {
    "email": "an address of the recipient, which tells whose row it is",
    "id": "the recipient's id in a list of people, which tells it too",
    "hint": "an id or a page of the recipient, which tells it only where no address stands beside it",
    "detail": "what else is known of the recipient",
    "sender email": "an address of the sender",
    "sender detail": "what else is known of the sender",
    "raw": "text in which anybody may be named",
    "": "nobody's",
}

_NAMING: Final = NamingConvention()

REMOVED: Final = "_removed"
"""Marks a row that is no row: it clears the unit (a campaign's day, a list) it names and is not stored."""


class BadRow(ValueError):
    """A payload that cannot be understood; the text says which column and why."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds: the type in the warehouse and the converter from the payload."""

    data_type: TDataType
    convert: Callable[[Any], Any]


KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind("text", values.text),
    "decoded text": Kind("text", values.decoded_text),
    "integer": Kind("bigint", values.integer),
    "fraction": Kind("double", values.fraction),
    "number": Kind("double", values.number),
    "decimal": Kind("decimal", values.decimal),
    "boolean": Kind("bool", values.boolean),
    "instant": Kind("timestamp", values.instant),
    "date": Kind("date", values.calendar_date),
    "json": Kind("json", values.json_value),
    "list": Kind("json", values.listed),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Args:
        name: Its name in the warehouse.
        kind: A key of `KINDS`.
        meaning: What it says, with its unit.
        source: Where it stands in the payload, dots between levels; None: at the column's own name; "" (empty):
            not in the payload, the reader knows it.
        other_sources: Places where the API is known to put it instead.
        mark: How the meaning is known, a key of `MARKS`; None: documented if it is in the payload, else our own.
        person: What it tells of a person, a key of `PERSON`: erasing a person goes by it.
    """

    name: str
    kind: str
    meaning: str
    source: str | None = None
    other_sources: tuple[str, ...] = ()
    mark: Mark | None = None
    person: Person = ""

    @property
    def evidence(self) -> Mark:
        """How the meaning is known."""
        if self.mark is not None:
            return self.mark
        return "D" if self.places else ""

    @property
    def places(self) -> tuple[str, ...]:
        """Where the payload may hold the value, best first."""
        if self.source == "":
            return ()
        return (self.source or self.name, *self.other_sources)


ACCOUNT: Final = Column("account", "text", "The account's configured name; part of every key.", "")
"""The first column of every table."""

REMOVED_MARK: Final = Column(
    REMOVED, "boolean", "Technical: clears a unit that became empty; never true in a stored row.", ""
)

ADDED_BY_DLT: Final = (
    Column("_dlt_load_id", "text", "The load that wrote the row; joins _dlt_loads.load_id.", ""),
    Column("_dlt_id", "text", "dlt's own id of the row.", ""),
    Column("_dlt_valid_from", "instant", "In tables with history: when the load first saw this version, UTC.", ""),
    Column("_dlt_valid_to", "instant", "In tables with history: when it was gone or changed; null: holds now.", ""),
)
"""Columns that dlt adds, not each of them to every table."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Args:
        name: Its name in the warehouse.
        endpoint: Method and path it is read from.
        key: What tells its rows apart, `account` aside.
        columns: All documented columns but `account`, in order.
        kept: How its rows are kept, in a few words.
        calls: What one load costs in calls, in a few words.
        cursor: What makes it incremental, in a few words.
        unit: The columns whose rows are replaced together; empty where rows stand alone.
        default: Whether a load reads it when nothing is selected.
        grain: What a row is: "One row per ...".
        asked_by_person: Whether the API is asked for its rows person by person.
    """

    name: str
    endpoint: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    kept: str
    calls: str
    cursor: str = "none"
    unit: tuple[str, ...] = ()
    default: bool = True
    grain: str = ""
    asked_by_person: bool = False

    def place(self, column_name: str) -> str:
        """Where the payload holds a column's value."""
        return next(column.places[0] for column in self.columns if column.name == column_name)

    def hints(self) -> TTableSchemaColumns:
        """Column hints for dlt: every documented column, so that each exists from the first load on."""
        columns: TTableSchemaColumns = {}
        for column in (ACCOUNT, *self.columns):
            hint: TColumnSchema = {
                "name": column.name,
                "data_type": KINDS[column.kind].data_type,
                "nullable": column is not ACCOUNT and column.name not in self.key,
                "description": column.meaning,
            }
            columns[column.name] = hint
        return columns

    def row(
        self,
        payload: Mapping[str, Any],
        known: Mapping[str, Any],
        excluded: Collection[str] = (),
        problems: list[str] | None = None,
    ) -> Row:
        """Convert one payload.

        Fields that no column declares are kept, as text, so that a field the API adds is never lost and never
        changes type.

        Args:
            payload: The API's row.
            known: Values that the payload does not hold, by column name, `account` first.
            excluded: Columns that stay null.
            problems: Takes what cannot be converted outside the key, which is then null; None: that is an error.

        Raises:
            BadRow: A value cannot be converted, or a key is missing.
        """
        row: Row = {name: None if name in excluded else value for name, value in known.items()}
        left = _flat(payload, _opened(self.columns))
        for column in self.columns:
            value = _taken(left, column.places)
            if column.name not in row:
                value = None if column.name in excluded else value
                tolerated = None if column.name in self.key else problems
                row[column.name] = _converted(column.name, KINDS[column.kind].convert, value, tolerated)
        added: Row = {}
        for place in sorted(left):  # of fields with one column name the first that has a value counts
            if (name := column_name(place)) not in row:
                value = _converted(name, values.text, left[place], problems)
                added[name] = value if added.get(name) is None else added[name]
        row.update(added)
        for name in self.key:
            if row.get(name) is None:
                raise BadRow(f"{name}: a key may not be null")
        return row


def _converted(name: str, convert: Callable[[Any], Any], value: Any, problems: list[str] | None) -> Any:
    try:
        return convert(value)
    except (ValueError, RecursionError) as problem:
        if problems is None:
            raise BadRow(f"{name}: {problem}") from None
        problems.append(f"{name}: {problem}")
        return None


@lru_cache(maxsize=10_000)
def column_name(place: str) -> str:
    """The name of an undeclared field's column, as dlt would make it; never one of dlt's own or an empty one."""
    name = "__".join(_NAMING.normalize_identifier(part) if part.strip() else "x" for part in place.split("."))
    return f"x{name}" if name.startswith("_") else name


@lru_cache
def _opened(columns: tuple[Column, ...]) -> frozenset[str]:
    """The payload's objects, at any depth, whose fields are columns of their own."""
    places = (place.split(".") for column in columns for place in column.places)
    return frozenset(".".join(parts[:depth]) for parts in places for depth in range(1, len(parts)))


def _flat(payload: Mapping[str, Any], opened: Collection[str], above: str = "") -> Row:
    """The payload's fields, and with dotted names those of the objects that columns look into."""
    places: Row = {}
    for key, value in payload.items():
        place = f"{above}{key}"
        if place in opened and isinstance(value, Mapping):
            places.update(_flat(value, opened, f"{place}."))
        elif place not in opened or value not in (None, []):
            places[place] = value
    return places


def _taken(places: Row, wanted: tuple[str, ...]) -> Any:
    """Take the wanted places out of `places` and return the first value that is not null."""
    found = None
    for place in wanted:
        value = places.pop(place, None)
        found = value if found is None else found
    return found
