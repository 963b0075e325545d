"""One table of a published schema: it keeps its place, and gets the columns, comments and rows of the warehouse's."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dlt.common.data_writers.escape import escape_postgres_literal
from psycopg2.errors import LockNotAvailable

from pipelines.publishable import Content, Publishable, PublishFailed, named
from pipelines.publishable_postgres import content, place, run

_SECONDS_TO_TRY: Final = 5.0
_SECONDS_BETWEEN_TRIES: Final = 0.1


class Filled(NamedTuple):
    """What a table of the copy holds, and whether its rows were written anew."""

    content: Content
    is_rewritten: bool


def is_reshaped(table: Publishable, earlier: Publishable | None) -> bool:
    """Whether the columns of a table differ from those that its copy has, if it has one.

    Args:
        table: The table of the warehouse.
        earlier: Its copy; None: there is none.
    """
    return earlier is not None and bool(_changes(table, earlier))


def shape(session: Any, where: str, table: Publishable, earlier: Publishable | None) -> None:
    """Let the copy of a table have its columns and comments.

    Args:
        session: A session, in the transaction of the publish.
        where: The copy.
        table: The table of the warehouse.
        earlier: The copy as it is; None: there is none yet.
    """
    if earlier is None:
        columns = ", ".join(f"{named(column.name)} {column.data_type}" for column in table.columns)
        run(session, f"CREATE TABLE {where} ({columns})")
    elif changes := _changes(table, earlier):
        _lock(session, where)
        run(session, f"ALTER TABLE {where} {', '.join(changes)}")
    if statements := list(_comments(where, table, earlier)):
        run(session, "; ".join(statements))


def fill(session: Any, where: str, table: Publishable) -> Filled:
    """Let the copy of a table have its rows, if it has not; who reads the old ones goes on reading them.

    Raises:
        PublishFailed: The copy has not what the warehouse has.
    """
    original = place(table.dataset, table.name)
    expected = content(session, original, table.columns)
    if content(session, where, table.columns) == expected:
        return Filled(expected, is_rewritten=False)
    columns = ", ".join(named(column.name) for column in table.columns)
    run(session, f"DELETE FROM {where}")  # noqa: S608  # quoted names
    run(session, f"INSERT INTO {where} ({columns}) SELECT {columns} FROM {original}")  # noqa: S608  # likewise
    if (found := content(session, where, table.columns)) != expected:
        raise PublishFailed(
            f"the copy of {table.dataset}.{table.name} has {found.rows:,} rows that are not the "
            f"{expected.rows:,} of the warehouse; it was thrown away."
        )
    return Filled(expected, is_rewritten=True)


def drop(session: Any, where: str) -> None:
    """Drop a table of the copy, unless something of others hangs on it."""
    _lock(session, where)
    run(session, f"DROP TABLE {where}")


def _lock(session: Any, where: str) -> None:
    """Keep readers from a table until the commit.

    Whoever waits for a lock has later readers waiting behind, and may wait in a circle with one who reads another
    table. So nothing waits here; it is tried again for some seconds.
    """
    ends = time.monotonic() + _SECONDS_TO_TRY
    while True:
        run(session, "SAVEPOINT before_lock")
        try:
            run(session, f"LOCK TABLE {where} IN ACCESS EXCLUSIVE MODE NOWAIT")
        except LockNotAvailable:
            if time.monotonic() >= ends:
                raise
            run(session, "ROLLBACK TO SAVEPOINT before_lock")
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return


def _changes(table: Publishable, earlier: Publishable) -> list[str]:
    """What makes the columns of the copy those of the table."""
    before = {column.name: column.data_type for column in earlier.columns}
    after = {column.name: column.data_type for column in table.columns}
    return [
        *(f"DROP COLUMN {named(name)}" for name, kind in before.items() if after.get(name) != kind),
        *(f"ADD COLUMN {named(name)} {kind}" for name, kind in after.items() if before.get(name) != kind),
    ]


def _comments(where: str, table: Publishable, earlier: Publishable | None) -> Iterator[str]:
    """What tells the copy of a table the comments that it has not."""
    before = {(column.name, column.data_type): column.comment for column in earlier.columns} if earlier else {}
    if table.comment != (earlier and earlier.comment):
        yield f"COMMENT ON TABLE {where} IS {_literal(table.comment)}"
    for column in table.columns:
        if column.comment != before.get((column.name, column.data_type)):
            yield f"COMMENT ON COLUMN {where}.{named(column.name)} IS {_literal(column.comment)}"


def _literal(text: str | None) -> str:
    return "NULL" if text is None else str(escape_postgres_literal(text))
