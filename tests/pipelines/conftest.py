"""The command line as a scheduler runs it: a process of its own, started in some other folder."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

SECTION = "SOURCES__SNOVIO__"


@dataclass
class CommandLine:
    """Runs `outreach` in a project folder of its own, against a sandbox.

    Args:
        project: The folder that holds `.dlt`.
        elsewhere: The folder in which the process is started.
        data: dlt's working folder.
        environment: Settings added to the process's environment.
        program: What Python runs.
    """

    project: Path
    elsewhere: Path
    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, str] = ("-m", "pipelines")

    @property
    def warehouse(self) -> Warehouse:
        """The DuckDB file that lies in the project folder by default."""
        return Warehouse(self.project / "outreach.duckdb")

    def use(self, sandbox: SandboxServer, *accounts: str) -> None:
        """Point the settings at a sandbox: the unnamed account, or these named ones."""
        self.environment |= {f"{SECTION}BASE_URL": sandbox.url, f"{SECTION}REQUESTS_PER_MINUTE": "0"}
        for account in accounts or ("default",):
            client_id, client_secret = sandbox.credentials(account)
            section = f"{SECTION}ACCOUNTS__{account.upper()}__" if accounts else SECTION
            self.environment |= {f"{section}CLIENT_ID": client_id, f"{section}CLIENT_SECRET": client_secret}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DLT_", SECTION))}
        environment = {
            **inherited,
            "DLT_PROJECT_DIR": str(self.project),
            "DLT_DATA_DIR": str(self.data),
            "XDG_CACHE_HOME": str(self.data / "cache"),
            **self.environment,
        }
        return subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, *self.program, *arguments],
            cwd=self.elsewhere,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end; its exit code must be the expected one."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=120)
        assert process.returncode == expect, f"exit {process.returncode}\n{out}\n{errors}"
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    def json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run a command with --json and return the object it prints."""
        answer: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect).stdout)
        return answer


@pytest.fixture
def outreach(tmp_path: Path) -> CommandLine:
    """The command line with an empty project folder."""
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (project / ".dlt").mkdir(parents=True)
    elsewhere.mkdir()
    (project / ".dlt" / "config.toml").write_text("")
    return CommandLine(project, elsewhere, tmp_path / "dlt")
