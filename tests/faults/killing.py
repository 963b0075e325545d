"""Hundreds of kills, spread over every phase of a load and every way in which a table is written."""

import logging
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.table import Table as Grid

from tests.conftest import NOW
from tests.faults.chains import INSTANTS, MODES, Chain, Kill, project_in
from tests.faults.processes import Loads
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World, build_world

_MOST_IN_A_ROUND: Final = 3
_MOST_PROSPECTS: Final = 10

logger = logging.getLogger(__name__)


def small_world(seed: int) -> World:
    """A world whose first load takes a second."""
    world = build_world(seed=seed, now=NOW, campaigns=3, scale=0.05)
    for account in world.accounts.values():
        for found in account.lists.values():
            del found.prospects[_MOST_PROSPECTS:]
    return world


@contextmanager
def chain(mode: str, seed: int, loads: Loads, folder: Path) -> Iterator[Chain]:
    """An empty warehouse and a world of its own.

    Args:
        mode: One of `MODES`.
        seed: Decides everything that is drawn.
        loads: Starts the loads.
        folder: Takes all files.
    """
    with SandboxServer(small_world(seed)) as server:
        outreach = project_in(folder)
        outreach.use(server)
        yield Chain(mode, seed, server, outreach, loads)


def kill_all(kills: int, seed: int, modes: Sequence[str] = tuple(MODES)) -> Iterator[Chain]:
    """Run chains until so many loads were killed; those are yielded that are over.

    Args:
        kills: The least number.
        seed: That of the first chains; each further round of them has the next one.
        modes: Some of `MODES`.
    """
    killed = 0
    while killed < kills:
        for mode in modes:
            with (
                TemporaryDirectory() as folder,
                Loads(Path(folder)) as loads,
                chain(mode, seed, loads, Path(folder)) as running,
            ):
                _run(running)
            killed += sum(kill.happened for kill in running.kills)
            logger.info("%s, seed %d: %d kills so far, %d wrong", mode, seed, killed, len(running.wrong))
            yield running
        seed += 1


def _run(running: Chain) -> None:
    """Kill at each instant once, a few times a round."""
    rng = random.Random(running.seed)
    instants = rng.sample(INSTANTS, len(INSTANTS))
    while instants and not running.wrong:
        count = rng.randint(1, _MOST_IN_A_ROUND)
        running.round(instants[:count])
        del instants[:count]


def tally(chains: Iterable[Chain]) -> Grid:
    """A grid of the kills: phases down, ways of writing across."""
    kills = [kill for running in chains for kill in running.kills]
    counted = Counter((kill.death.phase, kill.mode) for kill in kills if kill.happened)
    grid = Grid("phase", *MODES, "kills", "pending before", title="kills by phase and way of writing")
    for phase in INSTANTS:
        of_phase = [kill for kill in kills if kill.happened and kill.death.phase == phase]
        grid.add_row(phase, *(str(counted[phase, mode]) for mode in MODES), *_counts(of_phase))
    happened = [kill for kill in kills if kill.happened]
    totals = (str(sum(counted[phase, mode] for phase in INSTANTS)) for mode in MODES)
    grid.add_row("all", *totals, *_counts(happened), end_section=True)
    return grid


def _counts(kills: Sequence[Kill]) -> tuple[str, str]:
    return str(len(kills)), str(sum(kill.again for kill in kills))
