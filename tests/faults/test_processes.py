"""What befalls the process, its disk and its warehouse: each is told, and the next load is right."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer
from typing import Any
from unittest.mock import patch

import pytest

from pipelines import warehouse as product
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.faults.small_disk import files_up_to, filled, small_disk
from tests.sandbox.calls import Call
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

TABLES = ("campaigns", "emails_sent")
SELECTED = ("--select", ",".join(TABLES))
KEPT = ("emails_sent", "_dlt_loads", "_dlt_pipeline_state")
"""What a load that failed must leave as it was: rows, the list of complete loads, and the state."""


def send(server: SandboxServer, count: int = 500) -> None:
    """New e-mails of every running campaign."""
    with server.lock:
        for campaign in server.world.account("default").campaigns.values():
            if campaign.started_at is not None:
                server.world.add_events("default", "emails_sent", campaign.id, count)


def content(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    try:
        return {table: warehouse.query(f"SELECT * FROM {table} ORDER BY ALL") for table in KEPT}  # noqa: S608
    finally:
        warehouse.close()


def assert_right(warehouse: Warehouse, server: SandboxServer) -> None:
    try:
        assert warehouse.differences(server, tables=TABLES) == {}
    finally:
        warehouse.close()


@proves("process", "disk full")
@pytest.mark.parametrize("what", ["warehouse", "load's files"])
def test_a_full_disk_is_told_and_changes_nothing_and_the_next_load_goes_on(
    sandbox: MakeSandbox, outreach: CommandLine, tmp_path: Path, what: str
) -> None:
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    with small_disk(tmp_path / "disk") as disk:
        if what == "warehouse":
            outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = str(disk / "outreach.duckdb")
        else:
            outreach.data = disk / "dlt"
        warehouse = Warehouse(disk / "outreach.duckdb") if what == "warehouse" else outreach.warehouse
        outreach.run("load", "snovio", *SELECTED)
        before = content(warehouse)
        send(server)
        with filled(disk):
            shown = outreach.run("load", "snovio", *SELECTED, expect=1)
            assert "the disk is full" in shown.stderr
            assert str(disk) in shown.stderr
        assert content(warehouse) == before
        outreach.run("load", "snovio", *SELECTED)
        assert_right(warehouse, server)


@proves("process", "disk full")
def test_files_that_cannot_grow_are_told_and_the_next_load_goes_on(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    """As with a quota; and where no disk can be mounted."""
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECTED)
    before = content(outreach.warehouse)
    send(server)
    with files_up_to(16_384):
        shown = outreach.run("load", "snovio", *SELECTED, expect=1)
    assert "the disk is full" in shown.stderr
    assert content(outreach.warehouse) == before
    outreach.run("load", "snovio", *SELECTED)
    assert_right(outreach.warehouse, server)


@proves("process", "two runs at once")
def test_the_second_of_two_runs_names_the_first_and_touches_nothing(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    """It is started while the first one, another process, is asking for the campaigns."""
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    asking, go_on = Event(), Event()

    def hold(call: Call, _: World) -> None:
        if call.endpoint == "campaigns" and not asking.is_set():
            asking.set()
            assert go_on.wait(60)

    server.before_each_call(hold)
    first = outreach.start("load", "snovio", *SELECTED)
    assert asking.wait(60)
    calls, size = server.calls.copy(), outreach.warehouse.path.stat().st_size
    try:
        shown = outreach.run("load", "snovio", *SELECTED, expect=5)
        assert (server.calls, outreach.warehouse.path.stat().st_size) == (calls, size)
        assert f"process {first.pid}" in shown.stderr
    finally:
        go_on.set()
        out, errors = first.communicate(timeout=120)
    assert first.returncode == 0, out + errors
    assert_right(outreach.warehouse, server)


@contextmanager
def reader(path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the DuckDB file open for reading, as a BI tool does, until its input ends."""
    hold = f"import duckdb; c = duckdb.connect({str(path)!r}, read_only=True); print(1, flush=True); input()"
    with subprocess.Popen(  # noqa: S603  # our own code
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.communicate("\n")


@proves("process", "a BI tool holds the DuckDB file")
def test_a_reader_that_does_not_let_go_is_named_and_nothing_is_asked_or_changed(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECTED)
    before = content(outreach.warehouse)
    server.reset_counts()
    with reader(outreach.warehouse.path) as holder, patch.object(product, "_SECONDS_TO_WAIT", 1.0):
        shown = outreach.run("load", "snovio", *SELECTED, expect=1)
    assert f"(PID {holder.pid}). A DuckDB file" in shown.stderr
    assert "outreach publish" in shown.stderr
    assert not server.calls
    assert content(outreach.warehouse) == before


@proves("process", "a BI tool holds the DuckDB file")
def test_a_reader_that_comes_while_the_api_is_read_and_goes_in_time_is_waited_for(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECTED)
    send(server, 20)
    waits: list[float] = []
    holding = reader(outreach.warehouse.path)

    def open_it(call: Call, _: World) -> None:
        if call.endpoint == "emails_sent" and not waits:
            waits.append(0)
            holding.__enter__()
            Timer(1.5, holding.__exit__, (None, None, None)).start()

    server.before_each_call(open_it)
    outreach.run("load", "snovio", *SELECTED)
    assert waits
    assert_right(outreach.warehouse, server)
