"""How a Dagster step ends: by the exit codes of the command line."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Final

import dagster as dg

from pipelines.results import BUDGET, FAILED, OK
from pipelines.warehouse import DUCKDB

DESTINATION: Final = os.environ.get("OUTREACH_DESTINATION", DUCKDB)
"""Where all assets lie."""
POOL: Final = "warehouse"
"""The pool of all steps that write. A DuckDB file has one writer, so one slot; see dagster.yaml."""
LATE: Final = timedelta(hours=26)
"""What was not loaded for so long is late."""
RETRY: Final = dg.RetryPolicy(max_retries=3, delay=300)
"""How a step is tried again, where that may help."""

_LOCKED: Final = 5
_MAY_DO_BETTER: Final = (FAILED, _LOCKED)


def end(code: int, what: str) -> None:
    """End a step.

    Args:
        code: The exit code that the command line would end with.
        what: What ended so, and what was said of it.

    Raises:
        dagster.Failure: The code is no good one. The step is tried again only where that may help: not after a
            partial load, whose next turn reads what failed.
    """
    if code not in (OK, BUDGET):
        raise dg.Failure(f"{what} (exit code {code}; see docs/operations.md)", allow_retries=code in _MAY_DO_BETTER)
