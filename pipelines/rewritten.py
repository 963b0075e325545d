"""A DuckDB file written anew: what was deleted or changed is in the old one until its room is used again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb
from dlt.common.data_writers.escape import escape_duckdb_literal, escape_postgres_identifier

from pipelines import warehouse
from pipelines.in_place import synced
from sources.errors import OutreachError

_COPY: Final = "rewritten"


class NotRewritten(OutreachError):
    """The file could not be written anew; it is as it was."""


def rewrite(file: Path, wait: Callable[[float], None]) -> None:
    """Put a copy of a DuckDB file in its place, with everything that can be read in it and nothing else.

    Args:
        file: The file.
        wait: Sleeps; may raise to end the run.

    Raises:
        NotRewritten: There is no room for the copy, or DuckDB cannot make it.
        WarehouseBusy: Another program holds the file.
    """
    draft = file.with_name(f".{file.name}.{_COPY}")
    with warehouse.turn(file, wait):
        warehouse.wait_until_free(file, wait)
        try:
            draft.unlink(missing_ok=True)
            _copy(file, draft)
            draft.chmod(file.stat().st_mode)
            synced(draft)
            draft.replace(file)
            synced(file.parent)
        except (OSError, duckdb.Error) as error:
            draft.unlink(missing_ok=True)
            raise NotRewritten(
                f"{file} could not be written anew: {error}. The person is in none of its tables any more, but what "
                "was deleted can still be found in its free blocks. Run the same command again."
            ) from None


def _copy(file: Path, draft: Path) -> None:
    with duckdb.connect(str(file)) as connection:
        connection.execute("SET disabled_compression_methods = 'fsst'")  # as loads write it
        [database] = connection.execute("SELECT current_database()").fetchall()[0]
        connection.execute(f"ATTACH {escape_duckdb_literal(str(draft))} AS {_COPY}")
        connection.execute(f"COPY FROM DATABASE {escape_postgres_identifier(database)} TO {_COPY}")
        connection.execute(f"DETACH {_COPY}")
