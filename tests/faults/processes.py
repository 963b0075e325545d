"""Loads as processes of their own, against a sandbox, which end by themselves, by a signal or in the middle."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket, socketpair
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
        connection: To a starter that others use too; None: it has one of its own.
    """

    def __init__(self, folder: Path, connection: socket | None = None) -> None:
        self._output, self._events = folder / "output.txt", folder / "events.json"
        self._process = 0
        self._starter: subprocess.Popen[bytes] | None = None
        if connection is None:
            connection, theirs = socketpair()
            self._starter = _started([theirs])
        self._connection = connection
        self._orders = connection.makefile("rw")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orders.close()
        self._connection.close()
        if self._starter is not None:
            self._starter.wait()

    def start(
        self,
        outreach: CommandLine,
        arguments: Sequence[str],
        death: Death | None = None,
        rows_a_slice: int = 200_000,
        window_seconds: float = 60.0,
    ) -> int:
        """Start `outreach load snovio` and return the process's id; `wait` for it before the next one.

        Args:
            outreach: Where and with which settings.
            arguments: Further arguments.
            death: When it kills itself.
            rows_a_slice: The most rows of a slice.
            window_seconds: The window of the rate limit.
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
            "window_seconds": window_seconds,
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
        window_seconds: float = 60.0,
    ) -> Ended:
        """Start one and wait until it is over; see `start`."""
        self.start(outreach, arguments, death, rows_a_slice, window_seconds)
        return self.wait()

    def _write(self, order: Mapping[str, Any]) -> None:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()

    def _read(self) -> dict[str, Any]:
        line = self._orders.readline()
        if not line:
            raise RuntimeError("what starts the loads has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def loads_at_once(folder: Path, count: int) -> Iterator[list[Loads]]:
    """Several that start loads, side by side, each in a folder of its own.

    Args:
        folder: Takes the folders.
        count: How many.
    """
    pairs = [socketpair() for _ in range(count)]
    starter = _started([theirs for _, theirs in pairs])
    try:
        with ExitStack() as stack:
            made = []
            for place, (ours, _) in enumerate(pairs):
                own = folder / f"worker-{place}"
                own.mkdir()
                made.append(stack.enter_context(Loads(own, ours)))
            yield made
    finally:
        starter.wait()


def _started(sockets: Sequence[socket]) -> subprocess.Popen[bytes]:
    """A starter that serves some sockets; they are closed here."""
    numbers = [one.fileno() for one in sockets]
    command = [sys.executable, "-m", "tests.faults.starter", *map(str, numbers)]
    starter = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=numbers)  # noqa: S603  # our own
    for one in sockets:
        one.close()
    return starter
