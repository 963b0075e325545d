"""`python -m benchmarks`: measures, writes one JSON file, and shows tables.

Each part is a module with two functions: `run` measures and returns plain data, `tables` makes grids of it. They are
imported when it is their turn: what the events need for the worlds and warehouses of the other parts would weigh on
the process that starts the measured ones. A part whose tables stand in a page of docs has that as `PAGE`, and gives
them by name with `named_tables`.
"""

import argparse
import json
import logging
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from benchmarks.machine import facts
from benchmarks.options import Options

_PARTS: Final = ("events", "calls", "rate", "startup", "scale")
_FILE: Final = Path(__file__).with_name("results.json")
_WIDTH: Final = 140
_TERMINATED: Final = 143

logger = logging.getLogger("benchmarks")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts asked for; the file is written after each of them."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s")
    logger.setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # as with SIGINT, what was started is ended
    options = Options(rows=given.rows, repeat=given.repeat)
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    results: dict[str, Any] = {"machine": facts(), "parts": {}}
    for name in given.only:
        logger.info("%s", name)
        part = import_module(f"benchmarks.{name}")
        results["parts"][name] = part.run(options)
        given.json.write_text(json.dumps(results, indent=2) + "\n")
        for table in part.tables(results["parts"][name]):
            console.print(table)
        if given.pages and hasattr(part, "PAGE"):
            page = import_module("benchmarks.page")  # late, as it is heavy too
            page.fill(part.PAGE, part.named_tables(results["parts"][name]))
    logger.info("written: %s", given.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the connector on the sandbox.")
    parser.add_argument("--only", type=_parts, default=_PARTS, metavar="PART,...", help=f"of {', '.join(_PARTS)}")
    parser.add_argument("--rows", type=_numbers, default=(200_000, 1_000_000), metavar="N,...", help="event rows")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="rounds; the median is shown")
    parser.add_argument("--json", type=Path, default=_FILE, metavar="FILE", help="where the results go")
    parser.add_argument("--pages", action="store_true", help="write the tables into the pages of docs that have them")
    return parser


def _parts(text: str) -> Sequence[str]:
    wanted = text.split(",")
    if unknown := set(wanted) - set(_PARTS):
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; parts are {', '.join(_PARTS)}")
    return [name for name in _PARTS if name in wanted]


def _numbers(text: str) -> Sequence[int]:
    return [int(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
