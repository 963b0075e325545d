"""Progress while a load runs: a live line on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

from sources.budget import Budget
from sources.reading import Reading

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS: Final = 0.25
_SECONDS_BETWEEN_SIGNS_OF_LIFE: Final = 60.0


@contextmanager
def watched(reading: Reading, budget: Budget) -> Iterator[None]:
    """Show what a read is doing while it runs."""
    over = threading.Event()
    watch = _on_terminal if sys.stderr.isatty() else _in_log
    thread = threading.Thread(target=watch, args=(reading, budget, over), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _on_terminal(reading: Reading, budget: Budget, over: threading.Event) -> None:
    with Console(stderr=True).status("") as status:
        while not over.wait(_SECONDS_BETWEEN_LOOKS):
            status.update(_line(reading, budget))


def _in_log(reading: Reading, budget: Budget, over: threading.Event) -> None:
    last = time.monotonic()
    while not over.wait(_SECONDS_BETWEEN_LOOKS):
        if time.monotonic() - last >= _SECONDS_BETWEEN_SIGNS_OF_LIFE:
            logger.info(_line(reading, budget))
            last = time.monotonic()


def _line(reading: Reading, budget: Budget) -> str:
    rows = sum(outcome.rows for outcome in list(reading.outcomes.values()))
    doing = sorted(reading.unfinished & reading.outcomes.keys())
    what = "to the warehouse" if not doing else doing[0] + (f" and {len(doing) - 1} more" if doing[1:] else "")
    return f"account {reading.account}: {budget.calls} calls, {rows:,} rows, reading {what}"
