"""Two hundred loads of one warehouse while the world moves between and during them, with everything going wrong."""

import logging
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from signal import SIGINT, SIGTERM
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from dlt.pipeline.trace import TRACE_FILE_NAME
from rich.table import Table as Grid

from sources.snovio.tables import EVENT_TABLES
from tests.command_line import SECTION, CommandLine
from tests.faults import history
from tests.faults.chains import INSTANTS, SWEEP, doubled, project_in
from tests.faults.killing import small_world
from tests.faults.phases import Death
from tests.faults.processes import KILLED, Ended, Loads
from tests.sandbox.calls import Call
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World

ALLOWED: Final = frozenset({0, 1, 3, 6, 143, 130, KILLED, -SIGTERM})
"""How a load may end while faults are on; 1: everything that it asked for failed; -15: it did not listen yet."""
MOST_GROWTH: Final = 1.2

_FAULTS: Final[Sequence[tuple[str, str, float]]] = (
    ("server_error", "*", 0.1),
    ("bad_gateway", "*", 0.1),
    ("html", "*", 0.05),
    ("reset", "*", 0.05),
    ("truncated_json", "*", 0.05),
    ("broken_gzip", "*", 0.05),
    ("cut_connection", "*", 0.05),
    ("rate_limited", "*", 0.02),
    ("expire_tokens", "*", 0.05),
    ("server_error", "token", 0.3),
    ("empty_list", "campaigns", 0.5),
    ("not_found", "campaign_details", 0.1),
    ("unprocessable", "completed_prospects", 0.1),
    *(("short_page", table, 0.2) for table in EVENT_TABLES),
)
"""Kind, endpoint and probability of the faults that may be switched on for a load."""
_LONGEST_PAUSE: Final = 2.0
_ROWS_A_SLICE: Final = 400

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Soaked:
    """What the loads came to.

    Args:
        ends: How each load ended.
        memory: The most that each load held that ended well, in KB.
        folder: The size of dlt's folder after each of these, in bytes.
        wrong: What was not as it must be.
    """

    ends: Counter[int] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)
    folder: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def soak(count: int, seed: int) -> Soaked:
    """Run so many loads; then, in peace, one that reads everything again.

    Args:
        count: How many.
        seed: Decides everything that is drawn.
    """
    rng, found = random.Random(seed), Soaked()
    with TemporaryDirectory() as name, Loads(Path(name)) as loads, SandboxServer(small_world(seed)) as server:
        outreach = project_in(Path(name))
        outreach.use(server)
        outreach.environment[f"{SECTION}BLOCK_SECONDS"] = "0.05"
        for number in range(count):
            with _trouble(server, rng):
                _note(found, _load(outreach, loads, rng), outreach)
            logger.info("load %d of %d: %s", number + 1, count, dict(found.ends))
        last = loads.run(outreach, [SWEEP])
        found.wrong += [f"the last load: exit {last.code}\n{last.output}"] if last.code else []
        found.wrong += _differences(outreach, server)
    found.wrong += [
        f"{what} grew from {early:,.0f} to {late:,.0f}"
        for what, early, late in (("memory", *quarters(found.memory)), ("dlt's folder", *quarters(found.folder)))
        if late > early * MOST_GROWTH
    ]
    return found


def quarters(figures: Sequence[float]) -> tuple[float, float]:
    """The medians of the first and of the last quarter."""
    part = max(1, len(figures) // 4)
    return median(figures[:part]), median(figures[-part:])


@contextmanager
def _trouble(server: SandboxServer, rng: random.Random) -> Iterator[None]:
    """Let the world move before a load and within it, and some faults strike."""
    with server.lock:
        if rng.random() < 0.7:
            server.world.move(rng)
        for kind, endpoint, probability in rng.sample(_FAULTS, rng.randrange(4)):
            server.faults.add(Fault(kind, endpoint, probability=probability, seed=rng.randrange(1_000_000)))

    def move(_: Call, world: World) -> None:
        if rng.random() < 0.03:
            world.move_events(rng, "default")

    forget = server.before_each_call(move)
    try:
        yield
    finally:
        with server.lock:
            forget()
            server.faults.clear()


def _load(outreach: CommandLine, loads: Loads, rng: random.Random) -> Ended:
    """One load: in peace, within a budget, or ended by a signal, by itself or by a runner that forgets."""
    chance = rng.random()
    options = [SWEEP] if rng.random() < 0.05 else []
    if chance < 0.05:
        rmtree(outreach.data, ignore_errors=True)
    elif chance < 0.15:
        options += ["--max-requests", str(rng.randrange(2, 40))]
    elif chance < 0.25:
        return loads.run(outreach, options, Death(rng.choice(INSTANTS), rng.randrange(1, 5), rng.random()))
    elif chance < 0.35:
        return _stopped(outreach, loads, options, rng)
    return loads.run(outreach, options, rows_a_slice=_ROWS_A_SLICE)


def _stopped(outreach: CommandLine, loads: Loads, options: Sequence[str], rng: random.Random) -> Ended:
    loads.start(outreach, options, rows_a_slice=_ROWS_A_SLICE)
    time.sleep(rng.uniform(0, _LONGEST_PAUSE))
    loads.signal(rng.choice((SIGTERM, SIGINT)))
    return loads.wait()


def _note(found: Soaked, ended: Ended, outreach: CommandLine) -> None:
    found.ends[ended.code] += 1
    if ended.code == 0:
        found.memory.append(ended.memory)
        found.folder.append(sum(path.stat().st_size for path in _files(outreach.data)))
    if ended.code not in ALLOWED or "Traceback" in ended.output:
        found.wrong.append(f"exit {ended.code}\n{ended.output}")


def _files(folder: Path) -> Iterator[Path]:
    """All files but the trace of the last run, which is as long as that had slices."""
    return (path for path in folder.rglob("*") if path.is_file() and path.name != TRACE_FILE_NAME)


def _differences(outreach: CommandLine, server: SandboxServer) -> Iterator[str]:
    warehouse = outreach.warehouse
    try:
        for table, lines in warehouse.differences(server).items():
            yield f"{table}: {'; '.join(lines)}"
        versions = history.versions(warehouse)
        yield from history.wrong_in(versions)
        for table in set(warehouse.tables()).difference(versions):
            yield from doubled(warehouse, table)
    finally:
        warehouse.close()


def figures(found: Soaked) -> Grid:
    """A grid of what was measured."""
    grid = Grid("", "first quarter", "last quarter", title=f"{found.ends.total()} loads: exits {_ends(found.ends)}")
    grid.add_row("memory of a load, MB", *(f"{figure / 1024:.0f}" for figure in quarters(found.memory)))
    grid.add_row("dlt's folder, KB", *(f"{figure / 1024:.0f}" for figure in quarters(found.folder)))
    return grid


def _ends(ends: Counter[int]) -> str:
    named: dict[int, Any] = {KILLED: "killed"}
    return ", ".join(f"{named.get(code, code)}: {count}" for code, count in sorted(ends.items()))
