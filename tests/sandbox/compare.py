"""Compares warehouse rows with the truth, whatever their order."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.sandbox.truth_events import UNSTABLE_COLUMNS

Row = Mapping[str, Any]

EVENT_IGNORED = UNSTABLE_COLUMNS | {"occurrence"}
"""What to ignore in event rows when ids are unstable; `occurrence` then has no defined order among twins."""


def differences(expected: Iterable[Row], actual: Iterable[Row], ignore: Collection[str] = ()) -> list[str]:
    """What is missing and what is too much, as readable lines; empty when the rows are the same.

    Only the columns of the expected rows count, so that a warehouse's own columns (`_dlt_load_id`) do not.
    Equal values of different types agree: 1 and Decimal(1), an instant in another zone. JSON columns must have
    been parsed.

    Args:
        expected: Rows of the truth.
        actual: Rows of the warehouse.
        ignore: Columns that do not count.
    """
    wanted = [{column: row[column] for column in row if column not in ignore} for row in expected]
    columns = list(wanted[0]) if wanted else None
    there = Counter(_plain(row, columns) for row in actual)
    asked = Counter(_plain(row, columns) for row in wanted)
    missing = [f"missing {count} x {row}" for row, count in (asked - there).items()]
    extra = [f"too much {count} x {row}" for row, count in (there - asked).items()]
    return sorted(missing) + sorted(extra)


def _plain(row: Row, columns: list[str] | None) -> str:
    return repr([(column, _value(row.get(column))) for column in columns or sorted(row)])


def _value(value: Any) -> Any:
    """One form for values that are equal."""
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | int | float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, Mapping):
        return sorted((key, _value(member)) for key, member in value.items())
    return [_value(member) for member in value]
