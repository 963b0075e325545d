"""What the command line costs: `--help`, a load that finds nothing new, and the page of the marts."""

import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.table import Table

from benchmarks.child import Measured
from benchmarks.options import Options
from benchmarks.outreach import Outreach
from benchmarks.worlds import ACCOUNT, NOW
from tests.dashboard.multiplied import multiplied
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world

logger = logging.getLogger(__name__)

_REPETITIONS: Final = 5
"""At least so many: these are short."""
_CAMPAIGNS: Final = 12
_SHOWN: Final = ("cpu", "wall")
_CAMPAIGNS_SHOWN: Final = 100
_EVENTS_SHOWN: Final = 1_000_000


def run(options: Options) -> dict[str, Any]:
    """Repeats each, after one that does not count: on a world of the demonstration's size, the page on more."""
    times = max(_REPETITIONS, options.repeat)
    world = build_world(seed=1, now=NOW, campaigns=_CAMPAIGNS)
    with SandboxServer(world) as server, tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        outreach = Outreach(Path(folder), server.url, *server.credentials(ACCOUNT))
        outreach.run("--help")
        outreach.load()
        found = {
            "outreach --help": [_figures(outreach.run("--help")) for _ in range(times)],
            "a load with nothing new": [_figures(outreach.load()[0]) for _ in range(times)],
        }
        outreach.run("marts")
        multiplied(outreach.warehouse, _CAMPAIGNS_SHOWN, events=_EVENTS_SHOWN)
        outreach.page()
        found[f"the page of {_EVENTS_SHOWN:,} events"] = [{"wall": outreach.page()} for _ in range(times)]
    logger.info("%d repetitions of each", times)
    return found


def _figures(measured: Measured) -> dict[str, float]:
    return {"cpu": measured.cpu, "wall": measured.wall, "peak_mb": measured.peak_mb}


def tables(result: dict[str, Any]) -> Iterable[Table]:
    """One grid."""
    table = Table(title=f"medians, {_CAMPAIGNS} campaigns, no latency", title_justify="left")
    table.add_column("command")
    for column in ("repetitions", "CPU seconds", "seconds"):
        table.add_column(column, justify="right")
    for name, measured in result.items():
        shown = [
            f"{median(one[figure] for one in measured):.2f}" if figure in measured[0] else "" for figure in _SHOWN
        ]
        table.add_row(name, str(len(measured)), *shown)
    yield table
