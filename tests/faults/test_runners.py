"""Runners that keep nothing, or too much: a lost folder of dlt's, an old copy of it, two machines in turn."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.faults import history
from tests.faults.moves import move_in_sight
from tests.faults.phases import Death
from tests.faults.processes import KILLED, Loads
from tests.faults.scenarios import proves
from tests.sandbox.server import SandboxServer
from tests.sandbox.truth_events import UNSTABLE_COLUMNS

pytestmark = pytest.mark.slow

TABLES = ("campaigns", "emails_sent", "email_opens", "completed_prospects", "list_prospects", "list_prospect_emails")
SELECTED = ("--select", ",".join(TABLES))
PENDING = ("merging", "noting the load as complete")
"""Phases after which a package is pending: its rows are staged but not merged; merged but not noted."""


@pytest.fixture(scope="module")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loads]:
    with Loads(tmp_path_factory.mktemp("loads")) as started:
        yield started


def small(sandbox: MakeSandbox, outreach: CommandLine) -> SandboxServer:
    server = sandbox(campaigns=3, scale=0.05, most_prospects=10)
    outreach.use(server)
    return server


def move(server: SandboxServer, rng: Random) -> None:
    with server.lock:
        move_in_sight(server.world, rng)


def load(outreach: CommandLine) -> None:
    outreach.run("load", "snovio", *SELECTED)


def assert_right(outreach: CommandLine, server: SandboxServer) -> None:
    warehouse = outreach.warehouse
    try:
        assert warehouse.differences(server, ignore=UNSTABLE_COLUMNS, tables=TABLES) == {}
        assert history.wrong_in(history.versions(warehouse)) == []
    finally:
        warehouse.close()


def pending(outreach: CommandLine) -> list[Path]:
    """Packages that wait to be loaded."""
    return list((outreach.data / "pipelines" / "snovio_default" / "load" / "normalized").glob("*"))


def kill(loads: Loads, outreach: CommandLine, phase: str) -> None:
    """Kill a load in a phase after which its package stays pending."""
    ended = loads.run(outreach, SELECTED, Death(phase, 1, 0))
    assert ended.code == KILLED, ended.output
    assert pending(outreach)


@proves("process", "dlt's working folder lost, or an old copy of it restored")
def test_a_lost_folder_is_made_again_from_the_warehouse(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """The next load knows what was read: it asks for no list of events that stands still."""
    server = small(sandbox, outreach)
    load(outreach)
    shutil.rmtree(outreach.data)
    asked = server.calls["emails_sent"]
    load(outreach)
    assert server.calls["emails_sent"] - asked < asked
    assert_right(outreach, server)


@proves("process", "dlt's working folder lost, or an old copy of it restored")
def test_an_old_copy_of_the_folder_is_overruled_by_the_warehouse(
    sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path
) -> None:
    """Whatever the copy knows; here it is older than two loads that closed and opened versions."""
    server, rng = small(sandbox, outreach), Random(5)
    load(outreach)
    shutil.copytree(outreach.data, tmp_path / "copy")
    for _ in range(2):
        move(server, rng)
        load(outreach)
    shutil.rmtree(outreach.data)
    shutil.copytree(tmp_path / "copy", outreach.data)
    move(server, rng)
    load(outreach)
    assert_right(outreach, server)


@proves("process", "dlt's working folder lost, or an old copy of it restored")
def test_two_machines_take_turns(sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path) -> None:
    """Each has a folder of its own that it keeps; the warehouse alone is shared."""
    server, rng = small(sandbox, outreach), Random(6)
    folders = (outreach.data, tmp_path / "other machine")
    for turn in range(4):
        outreach.data = folders[turn % 2]
        load(outreach)
        assert_right(outreach, server)
        move(server, rng)


@proves("process", "a package left pending, also one from an old copy of the folder")
@pytest.mark.parametrize("phase", PENDING)
def test_a_pending_package_is_thrown_away_and_read_again(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads, phase: str
) -> None:
    """In the same run; another kill in between changes nothing."""
    server, rng = small(sandbox, outreach), Random(7)
    load(outreach)
    for _ in range(2):
        move(server, rng)
        kill(loads, outreach, phase)
    load(outreach)
    assert pending(outreach) == []
    assert_right(outreach, server)


@proves("process", "a package left pending, also one from an old copy of the folder")
def test_a_pending_package_of_an_old_copy_of_the_folder_is_never_loaded(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads, tmp_path: Path
) -> None:
    """Its rows are older than those that were loaded since."""
    server, rng = small(sandbox, outreach), Random(8)
    load(outreach)
    move(server, rng)
    kill(loads, outreach, "merging")
    shutil.copytree(outreach.data, tmp_path / "copy")
    for _ in range(2):
        move(server, rng)
        load(outreach)
    shutil.rmtree(outreach.data)
    shutil.copytree(tmp_path / "copy", outreach.data)
    assert pending(outreach)
    load(outreach)
    assert pending(outreach) == []
    assert_right(outreach, server)
