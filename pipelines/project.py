"""The project folder: the one that holds `.dlt`, found whatever directory a scheduler starts in."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_CONFIGURATION: Final = ("config.toml", "secrets.toml")
_SETTINGS: Final = {
    # Usage figures leave the machine only if the operator says so.
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    # A signal ends the read, not the commit of what was read: the load handles signals itself.
    "RUNTIME__INTERCEPT_SIGNALS": "false",
    # A load package that was loaded is only disk.
    "LOAD__DELETE_COMPLETED_JOBS": "true",
    # Rows for PostgreSQL are CSV, which lies on the disk for seconds: packing it took half of the time.
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
    # dlt pauses so many seconds whenever a table has nothing to hand on: our readers do the waiting themselves.
    "EXTRACT__FUTURES_POLL_INTERVAL": "0.001",
    # Arrow's own allocator keeps what was freed, for each thread: some 200 MB more.
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


def find() -> Path:
    """The folder of `DLT_PROJECT_DIR`, else the nearest one above the current directory, else this checkout."""
    if configured := os.environ.get("DLT_PROJECT_DIR"):
        return Path(configured).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        # dlt keeps a .dlt of its own in the home folder
        if folder != Path.home() and any((folder / ".dlt" / name).is_file() for name in _CONFIGURATION):
            return folder
    return Path(__file__).resolve().parent.parent


def activate() -> Path:
    """Make dlt read the project's configuration, and return the project folder. Call it before dlt is imported."""
    project = find()
    os.environ["DLT_PROJECT_DIR"] = str(project)
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    return project


def secrets_readable_by_others(project: Path) -> Path | None:
    """The secrets file, if other users of the machine may read it."""
    secrets = project / ".dlt" / "secrets.toml"
    if secrets.is_file() and secrets.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return secrets
    return None
