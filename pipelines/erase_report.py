"""What `outreach erase` prints: a table for people, an object for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table as Grid
from rich.text import Text

from pipelines.erase import Erased


def as_json(result: Erased) -> dict[str, Any]:
    """What was erased, and what could not be."""
    return {**asdict(result), "exit_code": 0}


def as_table(result: Erased) -> Group:
    """The same, with a row for each table in which anything was."""
    parts: list[Any] = []
    grid = Grid("table", title_justify="left")
    grid.add_column("changed", justify="right")
    grid.add_column("removed", justify="right")
    for one in result.tables:
        grid.add_row(one.table, f"{one.changed:,}", f"{one.removed:,}")
    if result.tables:
        parts.append(grid)
    if not result.found:
        parts.append(Text("nobody with this address is in the tables; later loads will leave them out"))
    if result.further:
        parts.append(Text(f"further addresses of the person, erased too: {', '.join(result.further)}"))
    if result.shared:
        parts.append(Text(f"addresses that somebody else has too, left alone: {', '.join(result.shared)}"))
    if any("." in one.table and "marts" in one.table for one in result.tables):
        parts.append(Text("rows of the marts are gone: build them anew with outreach marts"))
    parts += [Text(f"not reached: {one}") for one in result.not_reached]
    parts.append(Text(f"warehouse: {result.warehouse}, dataset {result.dataset}"))
    return Group(*parts)
