"""`python -m tests.faults`: hundreds of kills, a soak, and every scenario without what it tests, with figures.

It exits with 1 if a row was lost or doubled, or if a scenario passes without its defence.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from tests.faults.chains import MODES, Chain
from tests.faults.killing import kill_all, tally
from tests.faults.removing import FAILS, chosen, removals, remove_each
from tests.faults.soak import figures, soak

_PARTS: Final = ("kills", "soak", "defences")
_MOST_WRONG: Final = 3
"""After so many chains with something wrong there is enough to look at."""
_WIDTH: Final = 200

logger = logging.getLogger("tests.faults")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for and return the exit code."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s")
    logger.setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # who dies in the middle of a call is no error here
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    wrong: list[str] = []
    if "kills" in given.parts:
        wrong += _kills(console, given.kills, given.seed, given.mode or tuple(MODES))
    if "soak" in given.parts:
        found = soak(given.loads, given.seed)
        console.print(figures(found))
        wrong += found.wrong
    if "defences" in given.parts:
        wrong += _defences(console, given.only)
    for line in wrong:
        console.print(line, markup=False)
    console.print(f"seed {given.seed}: {len(wrong)} wrong")
    return int(bool(wrong))


def _kills(console: Console, kills: int, seed: int, modes: Sequence[str]) -> list[str]:
    chains: list[Chain] = []
    for chain in kill_all(kills, seed, modes):
        chains.append(chain)
        if sum(bool(one.wrong) for one in chains) >= _MOST_WRONG:
            break
    console.print(tally(chains))
    return [line for chain in chains for line in chain.wrong]


def _defences(console: Console, only: str) -> list[str]:
    found = list(remove_each(chosen(only)))
    console.print(removals(found))
    return [
        f"{one.test}, without {one.defence.removed}: {one.verdict}\n{one.output}"
        for one in found
        if one.verdict != FAILS
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Kill loads; soak them in trouble; disarm them."
    )
    parser.add_argument("parts", nargs="*", default=_PARTS, metavar="PART", help=f"of {', '.join(_PARTS)}")
    parser.add_argument("--kills", type=int, default=300, metavar="N", help="the least number of kills")
    parser.add_argument("--loads", type=int, default=200, metavar="N", help="loads of the soak")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="decides all that is drawn")
    parser.add_argument("--only", default="", metavar="TEXT", help="defences with this in their row, words or tests")
    parser.add_argument("--mode", action="append", choices=tuple(MODES), help="kills of this way of writing alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
