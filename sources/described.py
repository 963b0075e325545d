"""Words for what the state knows of a table, that every source has a use for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from sources.tables import Row

NOTHING: Final = "nothing is known: the next load of it reads all"
EVERY_LOAD: Final = "read whole at every load"


def some(number: int, what: str, how: str) -> list[str]:
    """So many of something, whose name ends with an s where they are several; no line where there is none."""
    return [f"{number:,} {what if number == 1 else f'{what}s'} {how}"] if number else []


def days(found: Iterable[str | None]) -> str:
    """The oldest and the newest of some days, in ISO form."""
    known = sorted({day for day in found if day})
    if not known:
        return "never"
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"


def asked(units: Mapping[str, Row], what: str) -> list[str]:
    """What is known of campaigns or lists that are asked one by one."""
    read = [unit["on"] for unit in units.values() if unit.get("on")]
    return [
        *some(len(read), what, f"read, last on {days(read)}"),
        *some(len(units) - len(read), what, "never asked"),
    ]


def seen(number: int | None, what: str) -> list[str]:
    """How many rows a list had at the last load, if it is known."""
    return [*some(number or 0, what, "at the last load"), EVERY_LOAD]


def marks(campaigns: Collection[int]) -> list[str]:
    """Campaigns that are to be asked because something in them moved."""
    return some(len(campaigns), "campaign", "marked: to be asked by the next load")
