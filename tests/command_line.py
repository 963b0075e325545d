"""The command line as a scheduler runs it: in some other folder, with the settings of the environment."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from typer.testing import CliRunner

from pipelines.cli import app
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

SECTION = "SOURCES__SNOVIO__"


@dataclass
class CommandLine:
    """Runs `outreach` in a project folder of its own, against a sandbox.

    Args:
        project: The folder that holds `.dlt`.
        elsewhere: The folder in which the command is started.
        data: dlt's working folder.
        environment: Settings added to the command's environment.
        program: What Python runs as a process.
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

    def run(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end within this process; its exit code must be the expected one."""
        with _as_if_alone(self.whole_environment(), self.elsewhere):
            found = CliRunner().invoke(app, arguments, catch_exceptions=False)
        return _ended(arguments, found.exit_code, found.stdout, found.stderr, expect)

    def json(self, *arguments: str, expect: int = 0) -> dict[str, Any]:
        """Run a command with --json and return the object it prints."""
        answer: dict[str, Any] = json.loads(self.run(*arguments, "--json", expect=expect).stdout)
        return answer

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command as a process of its own, and return that."""
        return subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, *self.program, *arguments],
            cwd=self.elsewhere,
            env=self.whole_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_alone(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command to its end as a process of its own; its exit code must be the expected one."""
        process = self.start(*arguments)
        out, errors = process.communicate(timeout=120)
        return _ended(arguments, process.returncode, out, errors, expect)

    def whole_environment(self) -> dict[str, str]:
        """The environment of the command."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("DLT_", SECTION))}
        return {
            **inherited,
            "DLT_PROJECT_DIR": str(self.project),
            "DLT_DATA_DIR": str(self.data),
            "XDG_CACHE_HOME": str(self.data / "cache"),
            **self.environment,
        }


def _ended(
    arguments: tuple[str, ...], code: int, out: str, errors: str, expect: int
) -> subprocess.CompletedProcess[str]:
    assert code == expect, f"exit {code}\n{out}\n{errors}"
    return subprocess.CompletedProcess(arguments, code, out, errors)


@contextmanager
def _as_if_alone(environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    """What a process has to itself, and gives back: environment, folder, signals, logging, dlt's settings."""
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in ("sources", "pipelines")]
    handlers, levels, factory = root.handlers[:], [one.level for one in (root, *ours)], logging.getLogRecordFactory()
    listening = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    root.handlers.clear()
    try:
        with patch.dict(os.environ, environment, clear=True), chdir(folder):
            Container()[PluggableRunContext].reload_providers()
            yield
    finally:
        for number, handler in listening.items():
            signal.signal(number, handler)
        root.handlers[:] = handlers
        for logger, level in zip((root, *ours), levels, strict=True):
            logger.setLevel(level)
        logging.setLogRecordFactory(factory)
        Container()[PluggableRunContext].reload_providers()
