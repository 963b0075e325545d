"""Files as readers get them: unwritable, and on the disk before they have their name."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_WRITABLE: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def finish(file: Path) -> None:
    """Take away the right to write to a file, and wait until the disk has it."""
    file.chmod(file.stat().st_mode & ~_WRITABLE)
    synced(file)


def synced(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
