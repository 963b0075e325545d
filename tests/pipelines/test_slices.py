"""A first load of twenty full pages, in slices of at most ten: what was asked for once is not asked for again."""

import signal
import time
from datetime import timedelta
from unittest.mock import patch

import pytest

from sources import slices
from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.server import SandboxServer

pytestmark = pytest.mark.slow

TABLE = "emails_sent"
PAGE = 500
PAGES = 20
SLICE = 10 * PAGE
"""Rows of a slice: ten pages, as 200,000 are twenty of 10,000."""
SMALL_SLICES = (
    "-c",
    f"""
from pipelines.cli import main
from sources import slices
slices.MOST_ROWS, slices.ROWS_PER_PAGE = {SLICE}, {PAGE}
main()
""",
)
HEAD = 4
"""Calls that every load makes: token, campaigns, and the head of the list with its lookback."""
PAGES_A_SLICE = SLICE // (PAGE - 100) + 1
UNDISTURBED = PAGES * PAGE // (PAGE - 100) + HEAD
"""Calls of a load that nothing ends: every page repeats the last hundred rows of the one before."""


def long_list(sandbox: MakeSandbox, outreach: CommandLine) -> SandboxServer:
    """One campaign whose list of sent e-mails fills twenty pages, with some 80 rows a day."""
    server = sandbox(campaigns=1)
    server.world.page_size = PAGE
    campaign = next(iter(server.world.account("default").campaigns))
    server.world.events("default", TABLE, campaign).clear()
    days = 120
    for back in range(days):
        server.world.add_late_events(
            "default", TABLE, campaign, NOW.date() - timedelta(days=back + 1), PAGE * PAGES // days
        )
    outreach.use(server)
    outreach.program = SMALL_SLICES
    return server


def calls(server: SandboxServer) -> int:
    return sum(server.calls.values())


def load(outreach: CommandLine, *options: str, expect: int = 0) -> None:
    with patch.multiple(slices, MOST_ROWS=SLICE, ROWS_PER_PAGE=PAGE):
        outreach.run("load", "snovio", "--select", TABLE, *options, expect=expect)


def assert_right(outreach: CommandLine, server: SandboxServer) -> None:
    assert outreach.warehouse.differences(server, tables=[TABLE]) == {}


@proves("process", "a backfill killed late")
@pytest.mark.parametrize("after_calls", [22])
def test_a_killed_load_asks_again_for_one_slice_at_most(
    sandbox: MakeSandbox, outreach: CommandLine, after_calls: int
) -> None:
    server = long_list(sandbox, outreach)
    process = outreach.start("load", "snovio", "--select", TABLE)
    wait_for_calls(server, after_calls)
    process.kill()
    process.communicate()
    load(outreach)
    assert_right(outreach, server)
    assert calls(server) <= UNDISTURBED + PAGES_A_SLICE + HEAD + 1


@pytest.mark.parametrize("most", [7, 22])
def test_a_load_that_a_budget_ended_asks_again_for_the_day_that_was_cut(
    sandbox: MakeSandbox, outreach: CommandLine, most: int
) -> None:
    server = long_list(sandbox, outreach)
    load(outreach, "--max-requests", str(most), expect=6)
    assert calls(server) == most
    load(outreach)
    assert_right(outreach, server)
    assert calls(server) <= UNDISTURBED + HEAD + 1


def test_a_load_that_goes_on_begins_with_what_is_new_at_the_head(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = long_list(sandbox, outreach)
    load(outreach, "--max-requests", "15", expect=6)
    campaign = next(iter(server.world.account("default").campaigns))
    server.world.add_events("default", TABLE, campaign, 30)
    load(outreach, "--max-requests", "8", expect=6)
    assert len(outreach.warehouse.query("SELECT 1 FROM emails_sent WHERE event_date = ?", NOW.date())) == 30
    load(outreach)
    assert_right(outreach, server)
    assert calls(server) <= UNDISTURBED + 2 * (HEAD + 1)


@proves("process", "SIGTERM, SIGINT")
def test_a_signal_ends_a_load_between_two_slices_with_all_whole_days(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = long_list(sandbox, outreach)
    process = outreach.start("load", "snovio", "--select", TABLE)
    wait_for_calls(server, 18)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    asked = calls(server)
    assert len(outreach.warehouse.rows(TABLE)) >= (asked - HEAD) * (PAGE - 100) - PAGE
    load(outreach)
    assert_right(outreach, server)
    assert calls(server) <= UNDISTURBED + HEAD + 1


def test_the_disk_of_load_packages_is_freed_after_each_slice(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = long_list(sandbox, outreach)
    load(outreach)
    assert_right(outreach, server)
    packages = outreach.data / "pipelines" / "snovio_default"
    left = [path for path in packages.rglob("*") if path.is_file() and path.suffix in {".parquet", ".jsonl", ".gz"}]
    assert left == []
    assert list((packages / "load" / "loaded").glob("*")) == []
    loads = outreach.warehouse.query("SELECT DISTINCT _dlt_load_id FROM emails_sent")
    assert len(loads) >= PAGES * PAGE // SLICE


def wait_for_calls(server: SandboxServer, wanted: int) -> None:
    for _ in range(1_200):
        if calls(server) >= wanted:
            return
        time.sleep(0.02)
    raise AssertionError(f"only {calls(server)} calls")
