"""Runs one process and measures it from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SHOWN_OF_ERRORS: Final = 2_000
_KILOBYTES_A_MEGABYTE: Final = 1_000
_KIBIBYTE: Final = 1.024
_FOREIGN: Final = ("DLT_", "SOURCES__", "DESTINATION__", "NORMALIZE__", "DATA_WRITER__")


class ChildFailed(RuntimeError):
    """A measured process ended with an exit code that nobody expected."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one process came to.

    Args:
        output: Its stdout.
        code: Its exit code.
        wall: Seconds from its start to its end.
        cpu: Seconds of processor time, user and system, processes it waited for included.
        peak_mb: The most memory that it, or the largest process it waited for, held at once, in megabytes. The
            system counts what the starting process held too, so that one must be small.
    """

    output: str
    code: int
    wall: float
    cpu: float
    peak_mb: float


def run(module: str, *arguments: str, environment: Mapping[str, str], codes: Sequence[int] = (0,)) -> Measured:
    """Runs a Python module to its end.

    Args:
        module: As after `python -m`.
        *arguments: What it is told.
        environment: All of its environment.
        codes: The exit codes that are no failure.

    Raises:
        ChildFailed: It ended with another code.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        command = [sys.executable, "-m", module, *arguments]
        began = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=errors)  # noqa: S603  # our own
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.monotonic() - began
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        output, complaints = out.read(), errors.read()
    if code not in codes:
        raise ChildFailed(f"{module} {' '.join(arguments)}: exit {code}\n{complaints[-_SHOWN_OF_ERRORS:]}")
    peak = usage.ru_maxrss * _KIBIBYTE / _KILOBYTES_A_MEGABYTE
    return Measured(output, code, wall, usage.ru_utime + usage.ru_stime, peak)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a process that keeps its settings, its state and its caches in a folder.

    Args:
        folder: An empty folder, or the one of an earlier load that it goes on from.
        **settings: Further variables.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **inherited,
        "DLT_PROJECT_DIR": str(folder),
        "DLT_LOCAL_DIR": str(folder),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        **settings,
    }
