"""Takes each defence away in a copy of the checkout, and runs the tests there that must fail without it."""

import logging
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import pytest
from rich.markup import escape
from rich.table import Table as Grid

from tests.faults.defences import DEFENCES, Defence

ROOT: Final = Path(__file__).parents[2]
FAILS: Final = "fails"
PASSES: Final = "STILL PASSES"
BROKEN: Final = "BROKEN"
"""No test ran to a verdict: it is not there, was skipped, did not end, or cannot even be imported."""

_LONGEST: Final = 240
"""Seconds of a test; less than pytest's own timeout, whose end would look like a failure."""
_NOT_INHERITED: Final = ("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST")

logger = logging.getLogger("tests.faults")


class Removal(NamedTuple):
    """What became of a test without a defence.

    Args:
        defence: What was removed.
        test: The test.
        verdict: `FAILS`, as it should, `PASSES` or `BROKEN`.
        seconds: How long that took.
        output: What pytest said.
    """

    defence: Defence
    test: str
    verdict: str
    seconds: float
    output: str


def chosen(only: str) -> list[Defence]:
    """The defences in whose row, words or tests a text stands, in any case."""
    return [one for one in DEFENCES if only.lower() in " ".join((*one.row, one.removed, *one.tests)).lower()]


def remove_each(defences: Sequence[Defence]) -> Iterator[Removal]:
    """Remove one defence after another, each from the same copy, and run its tests."""
    with TemporaryDirectory() as folder:
        checkout = Path(folder, "checkout")
        copy_checkout(checkout)
        for defence in defences:
            with removed(checkout, defence):
                for test in defence.tests:
                    found = _run(checkout, defence, test)
                    logger.info("%s, without: %s: %s", test, defence.removed, _why(found))
                    yield found


def copy_checkout(folder: Path) -> None:
    """Copy what git knows or would take, as it lies in the checkout."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603  # git
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


@contextmanager
def removed(checkout: Path, defence: Defence) -> Iterator[None]:
    """Remove a defence from a copy of the checkout, and bring it back."""
    files = {checkout / change.file for change in defence.changes}
    before = {file: file.read_text(encoding="utf-8") for file in files}
    try:
        for change in defence.changes:
            file = checkout / change.file
            file.write_text(change.made_to(file.read_text(encoding="utf-8")), encoding="utf-8")
        yield
    finally:
        for file, content in before.items():
            file.write_text(content, encoding="utf-8")


def _run(checkout: Path, defence: Defence, test: str) -> Removal:
    """Run a test of the copy; also the processes that it starts import what lies there."""
    made = checkout.parent / "made"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--basetemp", str(made), test]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    environment |= {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    began = time.monotonic()
    try:
        ended = subprocess.run(  # noqa: S603  # our own
            command, cwd=checkout, env=environment, check=False, capture_output=True, text=True, timeout=_LONGEST
        )
        verdict, output = _verdict(ended.returncode, ended.stdout), ended.stdout + ended.stderr
    except subprocess.TimeoutExpired:
        verdict, output = BROKEN, f"did not end within {_LONGEST} s"
    shutil.rmtree(made, ignore_errors=True)
    return Removal(defence, test, verdict, time.monotonic() - began, output)


def _verdict(code: int, output: str) -> str:
    """What pytest's exit code and its last lines say; 2 to 5 mean that no test ran."""
    if code == pytest.ExitCode.TESTS_FAILED and re.search(r"^FAILED ", output, re.MULTILINE):
        return FAILS
    return PASSES if code == 0 and re.search(r"^\d+ passed", output, re.MULTILINE) else BROKEN


def _why(found: Removal) -> str:
    """The verdict, and the line in which pytest says why a test failed."""
    said = re.search(r"^FAILED .*? - (.*)", found.output, re.MULTILINE)
    return f"{found.verdict} after {found.seconds:.0f} s{f', {said[1]}' if said else ''}"


def removals(found: Sequence[Removal]) -> Grid:
    """A grid of what was removed and what became of the tests."""
    grid = Grid("fault", "removed", "test", "", "s", title="scenarios without the defence that they test")
    for one in found:
        group, fault, _ = one.defence.row
        _, _, name = one.test.rpartition("/")
        grid.add_row(
            escape(f"{group}: {fault}"),
            escape(one.defence.removed),
            escape(name),
            one.verdict,
            f"{one.seconds:.0f}",
        )
    return grid
