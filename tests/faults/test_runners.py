"""Runners that keep nothing, or too much: a lost folder of dlt's, an old copy of it, two machines in turn."""

import shutil
from collections.abc import Callable
from functools import partial
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

TABLES = ("campaigns", "emails_sent", "completed_prospects", "list_prospects")
SELECTED = ("--select", ",".join(TABLES))


def small(sandbox: MakeSandbox, outreach: CommandLine) -> SandboxServer:
    server = sandbox(campaigns=3, scale=0.05, most_prospects=10)
    outreach.use(server)
    return server


def move(server: SandboxServer, rng: Random) -> None:
    with server.lock:
        move_in_sight(server.world, rng)


def move_there(server: SandboxServer) -> Callable[[], None]:
    """Add events of today and prospects; returns what takes them away again."""
    world = server.world
    campaign = next(one.id for one in world.account("default").campaigns.values() if one.started_at is not None)
    prospects = next(iter(world.account("default").lists.values())).prospects
    with server.lock:
        before = list(prospects)
        added = {event.serial for event in world.add_events("default", "emails_sent", campaign, 3)}
        world.add_prospects("default", next(iter(world.account("default").lists)), 2)

    def back() -> None:
        with server.lock:
            world.delete_events("default", "emails_sent", campaign, where=lambda event: event.serial in added)
            prospects[:] = before

    return back


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


def kill_before_merging(loads: Loads, outreach: CommandLine) -> None:
    """Kill a load whose rows are staged; its package stays pending."""
    ended = loads.run(outreach, SELECTED, Death("merging", 1, 0))
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
    """The copy knows days and lists as they are again, but were not in the load before."""
    server = small(sandbox, outreach)
    load(outreach)
    shutil.copytree(outreach.data, tmp_path / "copy")
    move_back = move_there(server)
    load(outreach)
    shutil.rmtree(outreach.data)
    shutil.copytree(tmp_path / "copy", outreach.data)
    move_back()
    load(outreach)
    assert_right(outreach, server)


@proves("process", "dlt's working folder lost, or an old copy of it restored")
def test_two_machines_take_turns(sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path) -> None:
    """Each keeps a folder of its own, in which days and lists are as they are again, but were not meanwhile."""
    server, rng = small(sandbox, outreach), Random(6)
    folders = (outreach.data, tmp_path / "other machine")
    move_back: Callable[[], object] = partial(move, server, rng)
    for turn in range(4):
        outreach.data = folders[turn % 2]
        load(outreach)
        assert_right(outreach, server)
        if turn % 2:
            move_back()
        else:
            move_back = move_there(server)


@proves("process", "a package left pending, also one from an old copy of the folder")
def test_a_pending_package_is_thrown_away_and_read_again(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads
) -> None:
    """In the same run. Going on with it would double the rows of a table that was staged, but not noted as staged."""
    server = small(sandbox, outreach)
    one_table = ("--select", "emails_sent")
    outreach.run("load", "snovio", *one_table)
    for event in (3, 4, 3):
        move_there(server)
        assert loads.run(outreach, one_table, Death("staging", event, 0)).code == KILLED
        assert pending(outreach)
        outreach.run("load", "snovio", *one_table)
        assert pending(outreach) == []
        assert outreach.warehouse.differences(server, ignore=UNSTABLE_COLUMNS, tables=("emails_sent",)) == {}
        outreach.warehouse.close()


@proves("process", "a package left pending, also one from an old copy of the folder")
def test_a_pending_package_of_an_old_copy_of_the_folder_is_never_loaded(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads, tmp_path: Path
) -> None:
    """Its rows are older than those that were loaded since."""
    server, rng = small(sandbox, outreach), Random(8)
    load(outreach)
    move(server, rng)
    kill_before_merging(loads, outreach)
    shutil.copytree(outreach.data, tmp_path / "copy")
    move(server, rng)
    load(outreach)
    shutil.rmtree(outreach.data)
    shutil.copytree(tmp_path / "copy", outreach.data)
    assert pending(outreach)
    load(outreach)
    assert pending(outreach) == []
    assert_right(outreach, server)
