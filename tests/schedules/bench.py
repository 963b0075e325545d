"""What the proofs need: a sandbox, project folders that point at it, commands run for real, and what they left."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.destinations.server import Server
from tests.sandbox.server import SandboxServer

BARE = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
"""The environment of a service that nobody added to."""

_LINES_SHOWN = 30
_MINUTES = 10


class Failed(Exception):
    """A schedule did not do what it is for."""


@dataclass(frozen=True)
class Ran:
    """What ran, and how many rows lie in the warehouse after it."""

    what: str
    rows: int


@dataclass(frozen=True)
class Bench:
    """Where the proofs work.

    Args:
        folder: A folder that goes afterwards.
        sandbox: The API.
        accounts: Its accounts, the unnamed one first.
        server: A PostgreSQL server.
    """

    folder: Path
    sandbox: SandboxServer
    accounts: Sequence[str]
    server: Server

    def project(self, name: str) -> Path:
        """Make a project folder whose settings point at the sandbox."""
        settings = self.folder / name / ".dlt"
        settings.mkdir(parents=True)
        (settings / "config.toml").write_text(
            f'[sources.snovio]\nbase_url = "{self.sandbox.url}"\nrequests_per_minute = 0\n'
        )
        secrets = settings / "secrets.toml"
        secrets.touch(mode=0o600)
        secrets.write_text("".join(map(self._credentials, self.accounts)))
        return settings.parent

    def _credentials(self, account: str) -> str:
        client_id, client_secret = self.sandbox.credentials(account)
        section = "sources.snovio" if account == "default" else f"sources.snovio.accounts.{account}"
        return f'[{section}]\nclient_id = "{client_id}"\nclient_secret = "{client_secret}"\n'

    def settings(self, project: Path) -> dict[str, str]:
        """What keeps a command within a project folder."""
        return {
            "DLT_PROJECT_DIR": str(project),
            "DLT_DATA_DIR": str(project / "dlt"),
            "XDG_CACHE_HOME": str(project / "cache"),
            "HOME": str(project),
        }

    def run(self, command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path | str = "/") -> str:
        """Run a command to its end; return what it printed.

        Raises:
            Failed: It ended with another code than 0.
        """
        ended = subprocess.run(  # noqa: S603  # our own commands
            [*map(str, command)],
            cwd=cwd,
            env={**BARE, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_MINUTES * 60,
            check=False,
        )
        if ended.returncode:
            shown = "\n".join(ended.stdout.splitlines()[-_LINES_SHOWN:])
            raise Failed(f"exit {ended.returncode}: {' '.join(map(str, command))}\n{shown}")
        return ended.stdout

    def rows(self, environment: Mapping[str, str], destination: str = "duckdb") -> int:
        """How many rows of all accounts lie in the warehouse; the marts must lie there too.

        Raises:
            Failed: An account or the marts are missing.
        """
        outreach = (sys.executable, "-m", "pipelines")
        found = json.loads(self.run([*outreach, "status", "--json", "--destination", destination], environment))
        if missing := {*self.accounts} - {table["account"] for table in found["tables"] if table["rows"]}:
            raise Failed(f"nothing of {', '.join(sorted(missing))} was loaded")
        return sum(table["rows"] for table in found["tables"])


def tool(name: str, package: str) -> str:
    """The path of a program, which Debian's package manager installs where it may.

    Raises:
        Failed: There is none.
    """
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    found = shutil.which(name, path=places)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(  # noqa: S603  # a package of Debian's
            ["apt-get", "install", "-qq", "--no-install-recommends", package],  # noqa: S607
            stdout=subprocess.DEVNULL,
            check=False,
        )
        found = shutil.which(name, path=places)
    if found is None:
        raise Failed(f"{name} is missing: install the package {package}")
    return found


def wait_for(file: Path, seconds: float) -> None:
    """Wait until a file is there.

    Raises:
        Failed: It does not come.
    """
    ends = time.monotonic() + seconds
    while not file.exists():
        if time.monotonic() > ends:
            raise Failed(f"{file.name} did not come within {seconds:.0f} s")
        time.sleep(0.5)
