"""What must hold of tables with history, whatever became of the loads that wrote them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from sources.snovio.tables import TABLES
from tests.warehouse import Row, Warehouse

_FROM, _TO = "_dlt_valid_from", "_dlt_valid_to"
_TECHNICAL: Final = frozenset({"row_version", "source_id", "source_hash", "prospect_id"})
"""Columns that may differ between two versions with one content, beside those that begin with `_`."""
_COME_BACK: Final = frozenset({"campaign_step_contents"})
"""Tables whose rows the sandbox's moves take away and bring back as they were."""

Versions = Mapping[str, Sequence[Row]]


def versions(warehouse: Warehouse, account: str = "default") -> dict[str, list[Row]]:
    """All versions of all rows, by table."""
    with_history = {table for table, column, _ in warehouse.columns() if column == _TO}
    return {table: warehouse.stored(table, account) for table in sorted(with_history)}


def wrong_in(found: Versions) -> list[str]:
    """Versions that overlap, or that follow one with the same content: they were doubled, or closed in vain."""
    return [line for table, rows in found.items() for line in _wrong_in_table(table, rows)]


def lost_from(before: Versions, after: Versions) -> list[str]:
    """Versions that were there and are not, or whose time of validity was changed after it was over."""
    return [line for table, rows in before.items() for line in _lost_from_table(table, rows, after.get(table, []))]


def _wrong_in_table(table: str, rows: Sequence[Row]) -> Iterator[str]:
    of_key: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row[_FROM], row[_TO] is None)):
        of_key[_key(table, row)].append(row)
    for key, lives in of_key.items():
        for one, next_one in pairwise(lives):
            if one[_TO] is None or one[_TO] > next_one[_FROM]:
                yield f"{table} {key}: two versions hold at once"
            elif _content(one) == _content(next_one) and (table not in _COME_BACK or one[_TO] == next_one[_FROM]):
                yield f"{table} {key}: closed and opened again with the same content"


def _lost_from_table(table: str, before: Sequence[Row], after: Sequence[Row]) -> Iterator[str]:
    now = {(_key(table, row), row[_FROM]): row for row in after}
    for row in before:
        found = now.get((_key(table, row), row[_FROM]))
        if found is None or _content(found) != _content(row):
            yield f"{table} {_key(table, row)}: a version from {row[_FROM]} is gone"
        elif row[_TO] is not None and found[_TO] != row[_TO]:
            yield f"{table} {_key(table, row)}: a version that ended {row[_TO]} now ends {found[_TO]}"


def _key(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in TABLES[table].key)


def _content(row: Row) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in row.items() if not name.startswith("_") and name not in _TECHNICAL)
