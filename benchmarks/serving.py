"""Starts the server of the opens; knows nothing of worlds, so that the process that measures stays small."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Served:
    """Where a server listens, and what a load of its opens must come to.

    Args:
        url: The base URL.
        client_id: The made-up credentials.
        client_secret: Likewise.
        rows: How many opens there are.
        pages: The folder with the bodies of all pages.
    """

    url: str
    client_id: str
    client_secret: str
    rows: int
    pages: str


@contextmanager
def opens_server(rows: int, pages: Path) -> Iterator[Served]:
    """Runs a server of so many opens in a process of its own.

    Args:
        rows: How many opens its campaigns have.
        pages: An empty folder for the bodies of the pages.

    Raises:
        RuntimeError: It ended before it listened.
    """
    command = [sys.executable, "-m", "benchmarks.server", str(rows), str(pages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        line = next(iter(process.stdout or ()), "")
        if not line:
            raise RuntimeError(f"the server of {rows:,} rows did not start")
        yield Served(**json.loads(line))
