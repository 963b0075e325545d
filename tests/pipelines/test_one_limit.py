"""The rate limit over processes, as the API counts it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world

pytestmark = pytest.mark.slow


def test_two_processes_at_once_keep_one_limit(tmp_path: Path) -> None:
    """As the sandbox itself counts: no minute (here 2 s) with more calls than allowed, no 429."""
    code = (
        "import sys; from pathlib import Path; from sources.snovio.api import SnovioApi\n"
        "url, client_id, client_secret, store = sys.argv[1:]\n"
        "api = SnovioApi(client_id=client_id, client_secret=client_secret, base_url=url, requests_per_minute=18,"
        " limiter_store=Path(store), window_seconds=2.0)\n"
        "[api.custom_fields() for _ in range(20)]"
    )
    world = build_world(seed=1, now=NOW, campaigns=2, scale=0.1)
    with SandboxServer(world, calls_per_minute=20, time_scale=30.0) as server:
        arguments = [server.url, *server.credentials("default"), str(tmp_path / "limit.sqlite")]
        both = [subprocess.Popen([sys.executable, "-c", code, *arguments]) for _ in range(2)]  # noqa: S603
        assert [process.wait(timeout=60) for process in both] == [0, 0]
        assert server.calls == {"token": 2, "custom_fields": 40}
        assert server.rate_limited == 0
        assert server.most_calls_in_a_window() <= 18
