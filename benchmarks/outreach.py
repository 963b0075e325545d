"""Runs the measured command line, `outreach`, as a scheduler does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks import child

_PREFIX: Final = "SOURCES__SNOVIO__"


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

    def run(self, *arguments: str, codes: Sequence[int] = (0,)) -> child.Measured:
        """Runs one command to its end.

        Raises:
            ChildFailed: It ended with another exit code.
        """
        settings = {
            "BASE_URL": self.url,
            "CLIENT_ID": self.client_id,
            "CLIENT_SECRET": self.client_secret,
            "REQUESTS_PER_MINUTE": str(self.requests_per_minute),
        }
        named = {f"{_PREFIX}{name}": value for name, value in settings.items()}
        environment = child.environment(self.folder, **named, **self.settings)
        return child.run("pipelines", *arguments, environment=environment, codes=codes)

    def load(self, *options: str, codes: Sequence[int] = (0,)) -> tuple[child.Measured, dict[str, Any]]:
        """Loads once; returns also what the load says of its one account.

        Raises:
            ChildFailed: It ended with another exit code.
        """
        measured = self.run("load", "snovio", *options, "--json", codes=codes)
        (account,) = json.loads(measured.output)["accounts"]
        return measured, account
