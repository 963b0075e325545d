"""What the API nests inside a row. Pure."""

from __future__ import annotations

from typing import Any

from sources.shapes import as_row
from sources.tables import Row


def inner_rows(value: Any) -> list[Row]:
    """The rows of a nested list: also where PHP made an object of it, or left a single row or nothing at all."""
    if value is None:
        return []
    if isinstance(value, dict) and value and all(str(key).isdecimal() for key in value):
        value = list(value.values())
    return [as_row(row) for row in (value if isinstance(value, list) else [value])]
