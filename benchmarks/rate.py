"""How much of the allowed rate a load uses while it is busy, with calls that take their time.

The API's window slides: after a silence a whole minute's calls may leave at once. That burst says nothing of how
well the rate is used, so the first minute does not count; counted are the whole minutes after it, up to the last
call. The sandbox's own limiter is on, in real time, and what it counts is what is shown.
"""

import logging
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from benchmarks.options import Options
from benchmarks.outreach import Outreach
from benchmarks.relay import Relay
from benchmarks.worlds import ACCOUNT, NOW, SMALL_SCALE
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world

logger = logging.getLogger(__name__)

_LATENCIES: Final = (0.3, 1.5)
_API_LIMIT: Final = 60
_ALLOWED: Final = 55
_MINUTE: Final = 60.0
_MINUTES: Final = 3.2
"""The first one, two that count, and a little for the start."""
_CAMPAIGNS: Final = 300
_ENDED_BY_BUDGET: Final = 6


def run(_: Options) -> dict[str, Any]:
    """Measures both latencies side by side: their loads do little but wait."""
    logger.info("about %.0f minutes", _MINUTES)
    with ThreadPoolExecutor(len(_LATENCIES)) as together:
        return {"cases": list(together.map(_measure, _LATENCIES))}


def _measure(latency: float) -> dict[str, Any]:
    """A first load that its budget ends after some minutes."""
    world = build_world(seed=1, now=NOW, campaigns=_CAMPAIGNS, scale=SMALL_SCALE)
    with (
        SandboxServer(world, calls_per_minute=_API_LIMIT) as server,
        Relay(server.port, latency) as relay,
        tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder,
    ):
        outreach = Outreach(Path(folder), relay.url, *server.credentials(ACCOUNT), requests_per_minute=_ALLOWED)
        outreach.load("--max-minutes", str(_MINUTES), codes=(_ENDED_BY_BUDGET,))
        minutes = calls_by_minute([call.at for call in server.log])
        used = sum(minutes[1:]) / (_ALLOWED * (len(minutes) - 1))
        logger.info("%.1f s a call: %.1f %% used", latency, 100 * used)
        return {
            "latency": latency,
            "allowed": _ALLOWED,
            "calls_by_minute": minutes,
            "share": used,
            "rate_limited": server.rate_limited,
            "most_in_a_minute": server.most_calls_in_a_window(),
        }


def calls_by_minute(times: Sequence[float]) -> list[int]:
    """Calls in each whole minute from the first call on; the last one, which the load did not fill, is left out."""
    whole = int((times[-1] - times[0]) / _MINUTE)
    places = [int((at - times[0]) / _MINUTE) for at in times]
    return [places.count(minute) for minute in range(whole)]


def tables(result: dict[str, Any]) -> Iterable[Table]:
    """One grid."""
    table = Table(title=f"use of {_ALLOWED} calls a minute, after the first minute", title_justify="left")
    for column in ("seconds a call", "calls by minute", "share used", "most in a minute", "429s"):
        table.add_column(column, justify="right")
    for case in result["cases"]:
        minutes = ", ".join(map(str, case["calls_by_minute"]))
        counts = (str(case[name]) for name in ("most_in_a_minute", "rate_limited"))
        table.add_row(f"{case['latency']:.1f}", minutes, f"{case['share']:.1%}", *counts)
    yield table
