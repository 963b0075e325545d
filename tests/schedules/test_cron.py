"""The cron line does what it says, in the bare environment that cron gives."""

import subprocess
from pathlib import Path

import pytest

from tests.conftest import MakeSandbox
from tests.sandbox.server import SandboxServer
from tests.schedules.files import CHECKOUT, INSTALLED, cron_line
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow


def run_as_cron(command: str, home: Path, **added: str) -> subprocess.CompletedProcess[str]:
    """What cron does with a line; `added` are variables that a crontab may set."""
    given = {"HOME": str(home), "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", "LOGNAME": "outreach", **added}
    return subprocess.run(  # noqa: S603  # our own line
        ["/bin/sh", "-c", command], cwd="/", env=given, capture_output=True, text=True, check=False
    )


def secrets(sandbox: SandboxServer) -> str:
    client_id, client_secret = sandbox.credentials()
    return (
        f'[sources.snovio]\nclient_id = "{client_id}"\nclient_secret = "{client_secret}"\n'
        f'base_url = "{sandbox.url}"\nrequests_per_minute = 0\n'
    )


def test_the_line_loads_from_any_folder_without_an_environment(sandbox: MakeSandbox, tmp_path: Path) -> None:
    api = sandbox(campaigns=4, scale=0.1)
    project = tmp_path / "project"
    (project / ".dlt").mkdir(parents=True)
    (project / ".dlt" / "config.toml").touch()
    (project / ".dlt" / "secrets.toml").write_text(secrets(api))
    (project / ".dlt" / "secrets.toml").chmod(0o600)
    command = cron_line().command.replace(INSTALLED, str(CHECKOUT)).replace("--marts", "--select campaigns")

    ended = run_as_cron(command, tmp_path, DLT_PROJECT_DIR=str(project), DLT_DATA_DIR=str(tmp_path / "dlt"))

    log = (tmp_path / "outreach.log").read_text()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", ""), log
    assert "account default: " in log
    assert Warehouse(project / "outreach.duckdb").differences(api, tables=["campaigns"]) == {}


@pytest.mark.parametrize(("code", "told"), [(0, ""), (5, ""), (6, ""), (1, "said\n"), (3, "said\n"), (4, "said\n")])
def test_cron_has_something_to_mail_when_a_load_fails_only(code: int, told: str, tmp_path: Path) -> None:
    program = tmp_path / "checkout" / ".venv" / "bin" / "outreach"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho said\nexit {code}\n")
    program.chmod(0o755)

    ended = run_as_cron(cron_line().command.replace(INSTALLED, str(tmp_path / "checkout")), tmp_path)

    assert ended.stdout == told
    assert (tmp_path / "outreach.log").read_text() == "said\n"


def test_the_line_avoids_the_full_hour_and_the_sign_that_cron_makes_a_line_end() -> None:
    assert cron_line().when.split()[0] not in {"0", "*"}
    assert "%" not in cron_line().command
