"""Rows a second and memory for a first load and for a load that replaces every row.

Every load is a process of its own, in a folder of its own, against one server whose pages are encoded beforehand.
The contenders take turns, so that a slow minute of the machine hits them alike; ratios are taken within a round.
"""

import logging
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.table import Table

from benchmarks.contenders import CONTENDERS, OURS, Contender
from benchmarks.options import Options
from benchmarks.serving import Served, opens_server

logger = logging.getLogger(__name__)

LOADS: Final = ("first", "again")
_WARM_UP_ROWS: Final = 20_000
_SECONDS_A_MINUTE: Final = 60


def run(options: Options) -> dict[str, Any]:
    """Measures every contender at every size."""
    logger.info("about %.0f minutes at this machine's usual pace", _minutes(options))
    logger.info("one round to warm up, which does not count")
    _measure(_WARM_UP_ROWS, 1)
    return {"sizes": [_measure(rows, options.repeat) for rows in options.rows]}


def _minutes(options: Options) -> float:
    loads = [(rows, one) for rows in options.rows for one in CONTENDERS]
    seconds = sum(rows / one.expected * _rounds(one, options.repeat) * len(LOADS) for rows, one in loads)
    return seconds / _SECONDS_A_MINUTE


def _rounds(contender: Contender, repeat: int) -> int:
    return 1 if contender.slow else repeat


def _measure(rows: int, repeat: int) -> dict[str, Any]:
    """All rounds of one size."""
    rounds = []
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        pages = Path(folder) / "pages"
        pages.mkdir()
        with opens_server(rows, pages) as served:
            for number in range(repeat):
                turn = [one for one in CONTENDERS if number < _rounds(one, repeat)]
                rounds.append({one.name: _two_loads(one, served, Path(folder)) for one in turn})
    return {"rows": rows, "rounds": rounds}


def _two_loads(contender: Contender, served: Served, parent: Path) -> dict[str, Any]:
    """A first load and one on top of it; both must leave every row once."""
    measurements = {}
    with tempfile.TemporaryDirectory(dir=parent) as name:
        for load in LOADS:
            measured, seconds = contender.load(served, Path(name), load != LOADS[0])
            contender.check(Path(name), served.rows)
            kept = {key: round(value, 3) for key, value in asdict(measured).items() if isinstance(value, float)}
            measurements[load] = {"seconds": seconds, "rows_per_second": served.rows / seconds, **kept}
            logger.info(
                "%s rows, %s, %s: %.1f s, %.0f rows/s, %.0f MB",
                f"{served.rows:,}", contender.name, load, seconds, served.rows / seconds, measured.peak_mb,
            )  # fmt: skip
    return measurements


def tables(result: dict[str, Any]) -> Iterable[Table]:
    """A grid for each size, and one of how memory grows between the smallest and the largest."""
    yield from map(_size_table, result["sizes"])
    if len(result["sizes"]) > 1:
        yield _growth_table(result["sizes"])


def _size_table(size: dict[str, Any]) -> Table:
    table = Table(title=f"{size['rows']:,} rows of email_opens; medians, ratios of one round", title_justify="left")
    table.add_column("loaded by")
    for column in ("rounds", "first, rows/s", "again, rows/s", "outreach / this", "again", "first, MB", "again, MB"):
        table.add_column(column, justify="right")
    for one in _present(size):
        mine = [measured[one] for measured in size["rounds"] if one in measured]
        speeds = [f"{_median(mine, load, 'rows_per_second'):,.0f}" for load in LOADS]
        ratios = ["" if one == OURS else f"{_ratio(size['rounds'], one, load):.2f}" for load in LOADS]
        peaks = [f"{_median(mine, load, 'peak_mb'):,.0f}" for load in LOADS]
        table.add_row(one, str(len(mine)), *speeds, *ratios, *peaks)
    return table


def _growth_table(sizes: Sequence[dict[str, Any]]) -> Table:
    smallest, largest = (pick(sizes, key=lambda size: size["rows"]) for pick in (min, max))
    title = f"memory at {largest['rows']:,} rows relative to {smallest['rows']:,}"
    table = Table(title=title, title_justify="left")
    table.add_column("loaded by")
    for load in LOADS:
        table.add_column(load, justify="right")
    for one in _present(largest):
        peaks = {
            (size["rows"], load): _median([found[one] for found in size["rounds"] if one in found], load, "peak_mb")
            for size in (smallest, largest)
            for load in LOADS
        }
        growth = [f"{peaks[largest['rows'], load] / peaks[smallest['rows'], load]:.2f}" for load in LOADS]
        table.add_row(one, *growth)
    return table


def _present(size: dict[str, Any]) -> list[str]:
    return list(size["rounds"][0])


def _median(measured: Iterable[dict[str, Any]], load: str, figure: str) -> float:
    return float(median(one[load][figure] for one in measured))


def _ratio(rounds: Iterable[dict[str, Any]], other: str, load: str) -> float:
    """How many times as many rows a second ours loads; the median over the rounds in which both took part."""
    speeds = [(found[OURS][load], found[other][load]) for found in rounds if other in found]
    return float(median(ours["rows_per_second"] / theirs["rows_per_second"] for ours, theirs in speeds))
