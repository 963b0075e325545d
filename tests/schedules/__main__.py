"""Runs every schedule file for real, one after another, and says what came of each: `make schedules`."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.destinations.server import running
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world
from tests.schedules import prove_airflow, prove_cron, prove_dagster, prove_github_actions, prove_systemd
from tests.schedules.bench import Bench, Failed, Ran

_ACCOUNTS = ("default", "south")
_PROOFS: Mapping[str, Callable[[Bench], Ran]] = {
    "systemd": prove_systemd.prove,
    "cron": prove_cron.prove,
    "github": prove_github_actions.prove,
    "dagster": prove_dagster.prove,
    "airflow": prove_airflow.prove,
}


def main(wanted: Sequence[str]) -> int:
    """Run the proofs that are named, all if none is; 1 if one failed."""
    failed = 0
    world = build_world(now=datetime.now(UTC), accounts=_ACCOUNTS, campaigns=4, scale=0.1)
    with (
        TemporaryDirectory(prefix="outreach-schedules-") as name,
        SandboxServer(world) as sandbox,
        running() as server,
    ):
        bench = Bench(Path(name), sandbox, _ACCOUNTS, server)
        for proof in wanted or _PROOFS:
            began = time.monotonic()
            try:
                ran = _PROOFS[proof](bench)
                line = f"exit 0  {ran.rows:>6,} rows  {time.monotonic() - began:4.0f} s  {ran.what}"
            except Failed as problem:
                failed = 1
                line = f"FAILED  {problem}"
            sys.stdout.write(f"{proof:<8} {line}\n")
            sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
