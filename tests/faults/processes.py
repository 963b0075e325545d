"""Loads as processes of their own, against a sandbox, which end by themselves, by a signal or in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.command_line import CommandLine
from tests.faults.phases import Death

KILLED = -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Ended:
    """A load that is over.

    Args:
        code: Its exit code; negative: the signal that killed it.
        output: All that it said.
        memory: The most that it held, in KB.
        seconds: How long it ran.
        events: The events of each phase; empty if it was killed.
    """

    code: int
    output: str
    memory: int
    seconds: float
    events: Mapping[str, int] = field(default_factory=dict)


class Loads(AbstractContextManager["Loads"]):
    """Starts loads, one at a time; see `tests.faults.starter`.

    Args:
        folder: Takes what they say.
    """

    def __init__(self, folder: Path) -> None:
        self._output, self._events = folder / "output.txt", folder / "events.json"
        self._process = 0
        self._starter = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.starter"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._starter.communicate()

    def start(
        self,
        outreach: CommandLine,
        arguments: Sequence[str],
        death: Death | None = None,
        rows_a_slice: int = 200_000,
    ) -> int:
        """Start `outreach load snovio` and return the process's id; `wait` for it before the next one.

        Args:
            outreach: Where and with which settings.
            arguments: Further arguments.
            death: When it kills itself.
            rows_a_slice: The most rows of a slice.
        """
        self._events.unlink(missing_ok=True)
        order = {
            "arguments": ["load", "snovio", *arguments],
            "environment": outreach.whole_environment(),
            "folder": str(outreach.elsewhere),
            "output": str(self._output),
            "events": str(self._events),
            "death": death,
            "rows_a_slice": rows_a_slice,
            "rows_a_page": min(rows_a_slice, 10_000),
        }
        self._write(order)
        self._process = int(self._read()["pid"])
        return self._process

    def signal(self, number: signal.Signals) -> None:
        """Send the load a signal; one that is over already misses it."""
        with suppress(ProcessLookupError):
            os.kill(self._process, number)

    def wait(self) -> Ended:
        """Wait until the load is over."""
        found = self._read()
        events = json.loads(self._events.read_text()) if self._events.exists() else {}
        return Ended(
            found["code"], self._output.read_text(errors="replace"), found["memory"], found["seconds"], events
        )

    def run(
        self,
        outreach: CommandLine,
        arguments: Sequence[str],
        death: Death | None = None,
        rows_a_slice: int = 200_000,
    ) -> Ended:
        """Start one and wait until it is over."""
        self.start(outreach, arguments, death, rows_a_slice)
        return self.wait()

    def _write(self, order: Mapping[str, Any]) -> None:
        assert self._starter.stdin is not None
        self._starter.stdin.write(json.dumps(order) + "\n")
        self._starter.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._starter.stdout is not None
        line = self._starter.stdout.readline()
        if not line:
            raise RuntimeError(f"what starts the loads ended with {self._starter.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
