"""One load at a time for each account, on this machine."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from filelock import FileLock, Timeout

from sources.errors import OutreachError


class AlreadyRunning(OutreachError):
    """Another load of the same account holds the lock."""

    exit_code: ClassVar[int] = 5


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock of a pipeline; the operating system frees it if this process dies.

    Args:
        folder: Where lock files lie.
        name: The pipeline.

    Raises:
        AlreadyRunning: Another process holds it; the message names the process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / f"{name}.lock.json"
    lock = FileLock(folder / f"{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(
            f"another load of {name} is running{_described(holder)}. Nothing was touched; run again later."
        ) from None
    try:
        who = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        holder.write_text(json.dumps(who))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _described(holder: Path) -> str:
    try:
        who = json.loads(holder.read_text())
        return f": process {who['pid']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError):
        return ""
