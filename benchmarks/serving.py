"""Starts sandboxes as processes; knows nothing of worlds, so that the process that measures stays small."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

_ACCOUNTS: Final = "SOURCES__SNOVIO__ACCOUNTS__"


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


@dataclass(frozen=True, slots=True)
class ServedWorld:
    """A world that is served, and can be moved.

    Args:
        url: The base URL.
        accounts: Client id and secret of each account; the unnamed one comes first.
        running: The ids of the campaigns of the unnamed account that are running.
    """

    url: str
    accounts: Mapping[str, Sequence[str]]
    running: Sequence[int]

    def settings(self) -> dict[str, str]:
        """The settings of the accounts beside the unnamed one, for the environment of a load."""
        return {
            f"{_ACCOUNTS}{name.upper()}__{setting}": value
            for name, credentials in list(self.accounts.items())[1:]
            for setting, value in zip(("CLIENT_ID", "CLIENT_SECRET"), credentials, strict=True)
        }

    def move(self, **what: Any) -> None:
        """Have the world make a move, one of those that the sandbox's control port takes."""
        httpx.post(f"{self.url}/_sandbox/move", json=what).raise_for_status()


@contextmanager
def opens_server(rows: int, pages: Path) -> Iterator[Served]:
    """Runs a server of so many opens in a process of its own.

    Args:
        rows: How many opens its campaigns have.
        pages: An empty folder for the bodies of the pages.

    Raises:
        RuntimeError: It ended before it listened.
    """
    with _process("benchmarks.server", str(rows), str(pages)) as told:
        yield Served(**told)


@contextmanager
def world_server(kind: str, size: int) -> Iterator[ServedWorld]:
    """Runs a sandbox in a process of its own.

    Args:
        kind: What grows, one of `benchmarks.world_server.WORLDS`.
        size: How large it is.

    Raises:
        RuntimeError: It ended before it listened.
    """
    with _process("benchmarks.world_server", kind, str(size)) as told:
        yield ServedWorld(**told)


@contextmanager
def _process(module: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """A module that serves until its stdin ends, and what it tells when it begins."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        line = next(iter(process.stdout or ()), "")
        if not line:
            raise RuntimeError(f"{module} {' '.join(arguments)} did not start")
        yield json.loads(line)
