"""What reading a table costs and came to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

_LINES_SHOWN: Final = 5


class Calls(NamedTuple):
    """How many calls, at least and at most."""

    least: int = 0
    most: int = 0


def total(parts: Iterable[Calls]) -> Calls:
    """All of them together."""
    found = list(parts)
    return Calls(sum(calls.least for calls in found), sum(calls.most for calls in found))


@dataclass(slots=True)
class Outcome:
    """What reading one table came to.

    Args:
        table: The table.
        rows: Rows that were handed on.
        rejected: Rows that could not be understood.
        seconds: How long it took.
        newest: Time of the newest row.
        swept: Lists that were read whole because a sweep was due.
        repaired: Rows that sweeps found changed.
        unordered: Lists that are not newest first.
        read: Units that were read: campaigns, lists, or the table as a whole.
        failures: Why units were not read, by their names.
        notes: What else the operator may want to know.
        alerts: What the operator should be told at once.
        stopped: Whether a budget or a signal ended the read.
        unfinished: Whether another slice goes on with it.
    """

    table: str
    rows: int = 0
    rejected: int = 0
    seconds: float = 0.0
    newest: datetime | None = None
    swept: int = 0
    repaired: int = 0
    unordered: int = 0
    read: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    stopped: bool = False
    unfinished: bool = False

    @property
    def word(self) -> str:
        """ok, partial, failed or stopped; unfinished while another slice goes on with it."""
        if self.unfinished:
            return "unfinished"
        if self.stopped:
            return "stopped"
        if not self.failures:
            return "ok"
        return "partial" if self.read else "failed"

    @property
    def detail(self) -> str | None:
        """The failures, and what else the operator should know, in one line."""
        lines = [f"{what}: {why}" if what else why for what, why in self.failures.items()]
        lines += self.alerts + self.notes
        more = len(lines) - _LINES_SHOWN
        return "; ".join(lines[:_LINES_SHOWN]) + (f"; and {more} more" if more > 0 else "") or None

    def saw(self, moment: datetime | None) -> None:
        """Note the time of a row."""
        if moment is not None and (self.newest is None or moment > self.newest):
            self.newest = moment
