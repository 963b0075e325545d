"""Tables without calls of their own: the answers to the questions of another table, their head, hold their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

import dlt

from sources import values
from sources.outcomes import Outcome
from sources.snovio.reading import UNSTABLE, AccountReading
from sources.tables import REMOVED, Row, Table
from sources.writing import Read

_NOTHING: Final = {"integer": 0, "boolean": False}
_VERSION: Final = "row_version"


def cleared(reading: AccountReading, table: Table, **unit: Any) -> Row:
    """What removes the rows of a unit: its key, empty but for the unit itself."""
    kinds = {column.name: column.kind for column in table.columns}
    key: Row = {name: _NOTHING.get(kinds[name], "") for name in table.key}
    version = {_VERSION: ""} if _VERSION in kinds else {}
    return {"account": reading.account, **key, **version, **unit, REMOVED: True}


def stable(row: Row) -> Row:
    """The row without columns that may change from call to call."""
    return {name: value for name, value in row.items() if name not in UNSTABLE}


def versioned(rows: list[Row]) -> list[Row]:
    """Give each row the hash of what is stable in it, so that ids that change open no new version."""
    for row in rows:
        row[_VERSION] = values.digest(stable(row))
    return rows


class Parts:
    """The parts of a table that is asked once a campaign.

    Head and parts keep, of each campaign, a digest of what its answer held. A part with another digest than the head
    was not loaded with it: the campaign is asked again.

    Args:
        reading: The read this is part of.
        head: The table that asks.
        tables: The parts.
    """

    def __init__(self, reading: AccountReading, head: Table, *tables: Table) -> None:
        self.head = head
        self.tables = tables
        self._reading = reading
        self._brought: dict[int, dict[str, list[Row]]] = {}
        self._kept: defaultdict[str, dict[int, tuple[str, list[Row]]]] = defaultdict(dict)

    def bring(self, campaign_id: int, rows: dict[str, list[Row]]) -> None:
        """Take the parts' rows of an answer, by table; may be called in any thread."""
        self._brought[campaign_id] = rows

    def handed_on(self, campaign_id: int, known: Row, rows: list[Row]) -> list[Row]:
        """Keep what was brought with the head's rows; these are returned where something else was loaded.

        Args:
            campaign_id: The campaign.
            known: What the head's state knows of it; updated.
            rows: The head's rows.
        """
        brought = self._brought.pop(campaign_id)
        every = {self.head.name: rows, **brought}
        content = values.digest({table: [stable(row) for row in found] for table, found in every.items()})
        is_new = known.get("content") != content or self._reading.replaces_everything
        known["content"] = content
        for table in self._present():
            self._kept[table.name][campaign_id] = content, brought[table.name]
        return rows if is_new else []

    def remove(self, campaign_id: int) -> None:
        """Have the parts clear a campaign that is gone."""
        for table in self._present():
            self._loaded(table).pop(str(campaign_id), None)
            self._kept[table.name][campaign_id] = "", []

    def forget(self, campaign_id: int) -> None:
        """Trust nothing that the parts say of a campaign."""
        for table in self._present():
            self._loaded(table).pop(str(campaign_id), None)

    def is_missing(self, campaign_id: int, known: Row) -> bool:
        """Whether a part was not loaded with what the head knows."""
        return any(self._loaded(table).get(str(campaign_id)) != known.get("content") for table in self._present())

    def read_of(self, table: Table, unit: str) -> Read:
        """Hands on what was brought for a part.

        Args:
            table: The part.
            unit: Its column with the campaign.
        """
        return handed_on_with(self._reading, self.head, lambda: self._rows(table, unit))

    def _rows(self, table: Table, unit: str) -> Iterator[list[Row]]:
        kept, loaded = self._kept[table.name], self._loaded(table)
        while kept:
            campaign_id, (content, rows) = kept.popitem()
            if loaded.get(str(campaign_id)) != content or self._reading.replaces_everything:
                if content:
                    loaded[str(campaign_id)] = content
                yield rows or [cleared(self._reading, table, **{unit: campaign_id})]

    def _present(self) -> list[Table]:
        """The parts that this dlt run loads; none of them is through while the head is read."""
        return [table for table in self.tables if table.name in self._reading.unfinished]

    def _loaded(self, table: Table) -> dict[str, str]:
        """The digest with which each campaign was loaded into a part."""
        loaded: dict[str, str] = dlt.current.resource_state(table.name).setdefault("campaigns", {})
        return loaded


def handed_on_with(reading: AccountReading, head: Table, rows: Callable[[], Iterator[list[Row]]]) -> Read:
    """Reads a part: it fails with its head.

    Args:
        reading: The read this is part of.
        head: The table that asked.
        rows: Yields the rows of one unit after another.
    """

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        if reading.outcome(head.name).word == "failed":
            outcome.failures[""] = f"read with {head.name}, which failed"
        for found in rows():
            outcome.read += 1
            yield found

    return read
