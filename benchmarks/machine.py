"""Where the figures come from."""

import os
import platform
from importlib.metadata import version
from typing import Final

_PACKAGES: Final = ("dlt", "duckdb", "pyarrow")
_MEGABYTE: Final = 1_000_000


def facts() -> dict[str, str | int]:
    """The machine and the versions of what does the work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.platform(),
        "cpus": os.cpu_count() or 0,
        "memory_mb": memory // _MEGABYTE,
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }
