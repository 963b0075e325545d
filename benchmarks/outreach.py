"""Runs the measured command line, `outreach`, as a scheduler does."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks import child

_PREFIX: Final = "SOURCES__SNOVIO__"
_ADDRESS: Final = re.compile(r"http://\S+")
_LONGEST_PAGE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Outreach:
    """The command line with a project folder of its own.

    Args:
        folder: The project folder; the warehouse comes to lie in it.
        url: Where the API is.
        client_id: The made-up credentials.
        client_secret: Likewise.
        requests_per_minute: The limit it keeps; 0: none.
        settings: Further variables of its environment.
    """

    folder: Path
    url: str
    client_id: str
    client_secret: str
    requests_per_minute: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.folder / "outreach.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        """All of the environment of a command."""
        settings = {
            "BASE_URL": self.url,
            "CLIENT_ID": self.client_id,
            "CLIENT_SECRET": self.client_secret,
            "REQUESTS_PER_MINUTE": str(self.requests_per_minute),
        }
        named = {f"{_PREFIX}{name}": value for name, value in settings.items()}
        return child.environment(self.folder, **named, **self.settings)

    def run(self, *arguments: str, codes: Sequence[int] = (0,)) -> child.Measured:
        """Runs one command to its end.

        Raises:
            ChildFailed: It ended with another exit code.
        """
        return child.run("pipelines", *arguments, environment=self.environment, codes=codes)

    def load(self, *options: str, codes: Sequence[int] = (0,)) -> tuple[child.Measured, dict[str, Any]]:
        """Loads once; returns also what the load says of its one account.

        Raises:
            ChildFailed: It ended with another exit code.
        """
        measured = self.run("load", "snovio", *options, "--json", codes=codes)
        (account,) = json.loads(measured.output)["accounts"]
        return measured, account

    def page(self) -> float:
        """Serves the page of the marts once; returns the seconds from the start of the process to the whole page.

        Raises:
            ChildFailed: There was no page.
        """
        command = [sys.executable, "-m", "pipelines", "dashboard", "--port", "0"]
        began = time.monotonic()
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own
            try:
                told = _ADDRESS.search(next(iter(process.stdout or ()), ""))
                if told is None or not httpx.get(told[0], timeout=_LONGEST_PAGE).is_success:
                    raise child.ChildFailed("the dashboard showed no page")
                return time.monotonic() - began
            finally:
                process.terminate()
