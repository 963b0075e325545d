"""A disk that is full, told so that the operator knows which one and what becomes of the load."""

from __future__ import annotations

import errno
import os
from typing import Final

from dlt.common.pipeline import get_dlt_pipelines_dir

from sources.errors import OutreachError

_NO_ROOM: Final = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
"""How the operating system says that a file cannot grow; DuckDB repeats it."""


class DiskFull(OutreachError):
    """There is no room for the load's files or for the warehouse."""


def disk_full(error: BaseException) -> DiskFull | None:
    """The error that says what to do about a full disk, if that is what an error tells of."""
    if not any(text in str(error) for text in _NO_ROOM):
        return None
    return DiskFull(
        f"the disk is full: {error}. The load's files lie in {get_dlt_pipelines_dir()}. What was committed stays; "
        "make room and run again, the load goes on from there."
    )
