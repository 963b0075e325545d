"""The workflow of GitHub Actions: what its scripts make of options and exit codes, and what keeps it safe."""

import subprocess
from pathlib import Path

import pytest

from pipelines.registry import SOURCES
from tests.schedules.files import scripts, workflow


def run_step(name: str, folder: Path, **given: str) -> subprocess.CompletedProcess[str]:
    """Run the script of a step as a runner does."""
    script = folder / "step.sh"
    script.write_text(scripts()[name])
    return subprocess.run(  # noqa: S603  # our own script
        ["/bin/bash", "-e", str(script)],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("code", "seen"), [(0, 0), (6, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)], ids=str)
def test_every_code_but_that_of_a_budget_fails_the_run(code: int, seen: int, tmp_path: Path) -> None:
    program = tmp_path / ".venv" / "bin" / "outreach"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > arguments\nexit {code}\n')
    program.chmod(0o755)

    ended = run_step("Load", tmp_path, OPTIONS="--since 2026-01-01  --exclude $(touch${IFS}harm)")

    assert ended.returncode == seen
    assert (tmp_path / "arguments").read_text().split("\n")[-5:-1] == [
        "--since", "2026-01-01", "--exclude", "$(touch${IFS}harm)"
    ]  # fmt: skip
    assert not (tmp_path / "harm").exists()


def test_every_secret_is_a_setting_of_the_same_name() -> None:
    known = {f"SOURCES__{name}__{key}".upper() for name, source in SOURCES.items() for key in source.credentials}
    given = workflow()["jobs"]["load"]["env"]
    for name, value in given.items():
        assert value == f"${{{{ secrets.{name} }}}}"
    assert set(given) <= known | {"DESTINATION__POSTGRES__CREDENTIALS", "OUTREACH_NOTIFY"}


def test_runs_never_overlap_never_begin_at_the_full_hour_and_may_only_read() -> None:
    found = workflow()
    assert found["concurrency"] == {"group": "outreach", "cancel-in-progress": False}
    assert found["permissions"] == {"contents": "read"}
    assert found["on"]["schedule"][0]["cron"].split()[0] not in {"0", "*"}
    assert found["jobs"]["load"]["timeout-minutes"] > 50


def test_rows_and_state_outlive_the_runner() -> None:
    assert "--destination postgres" in scripts()["Load"]
