"""What many loads come to: after a sweep of the still world the rows are the same, whatever loads ran before."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from sources.snovio.tables import ASKED_BY_DAYS
from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.faults.chains import project_in
from tests.faults.scenarios import proves
from tests.faults.soak import MOST_GROWTH, quarters
from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.warehouse import Row

pytestmark = pytest.mark.slow

TABLES = ("campaigns", "emails_sent", "recipient_activity", "campaign_analytics", "completed_prospects")
SELECTED = ("--select", ",".join(TABLES))
BY_DAYS = ("--select", ",".join(table for table in ASKED_BY_DAYS if table in TABLES))
WHOLE = "--full-refresh"


def move(server: SandboxServer, rng: Random) -> None:
    with server.lock:
        server.world.move(rng)


def again_and_again(outreach: CommandLine, server: SandboxServer, rng: Random) -> None:
    for _ in range(2):
        outreach.run("load", "snovio", *SELECTED)
        move(server, rng)


def whole_every_time(outreach: CommandLine, server: SandboxServer, rng: Random) -> None:
    for _ in range(2):
        outreach.run("load", "snovio", *SELECTED, WHOLE)
        move(server, rng)


def backfills(outreach: CommandLine, server: SandboxServer, rng: Random) -> None:
    """Ranges of days that overlap, leave gaps and come in any order, with a load among them."""
    for place, (since, until) in enumerate(Random(3).sample(RANGES, len(RANGES))):
        outreach.run("load", "snovio", *BY_DAYS, "--since", since.isoformat(), "--until", until.isoformat())
        if place == 1:
            outreach.run("load", "snovio", *SELECTED)
        if place:
            move(server, rng)


def days_ago(first: int, last: int) -> tuple[date, date]:
    return NOW.date() - timedelta(days=first), NOW.date() - timedelta(days=last)


RANGES: Sequence[tuple[date, date]] = (days_ago(90, 40), days_ago(50, 10), days_ago(3, 0))


def rows(outreach: CommandLine) -> dict[str, list[Row]]:
    """What holds now, in an order of its content."""
    found = {table: sorted(outreach.warehouse.rows(table), key=repr) for table in TABLES}
    outreach.warehouse.close()
    return found


@pytest.mark.usefixtures("dlt_folder")
@proves("over time", "load N times; full against incremental; any order of backfills")
def test_any_loads_end_with_the_same_rows_after_a_sweep(sandbox: MakeSandbox, tmp_path: Path) -> None:
    """Each into a warehouse of its own, from a world of its own that moves in the same way."""
    ends = []
    for load in (again_and_again, whole_every_time, backfills):
        server = sandbox(campaigns=2, scale=0.05, most_prospects=5)
        outreach = project_in(tmp_path / load.__name__)
        outreach.use(server)
        load(outreach, server, Random(1))
        outreach.run("load", "snovio", *SELECTED, WHOLE)
        assert outreach.warehouse.differences(server, tables=TABLES) == {}, load.__name__
        ends.append(rows(outreach))
    assert ends[0] == ends[1] == ends[2]
    outreach.run("load", "snovio", *SELECTED)
    assert rows(outreach) == ends[2], "another load of the still world changed rows"


def test_growth_is_seen() -> None:
    assert quarters([10, 10, 11, 9, 10, 12, 10, 10]) == (10, 10)
    early, late = quarters(range(100, 200))
    assert late > early * MOST_GROWTH


@proves("over time", "an empty campaign list after a full one")
def test_an_empty_campaign_list_exits_3_and_closes_nothing(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """If it is empty when it is asked again, too; empty once, it costs one call and no more."""
    server = sandbox(campaigns=2, scale=0.05, most_prospects=5)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECTED)
    server.faults.add(Fault("empty_list", "campaigns", times=1))
    outreach.run("load", "snovio", *SELECTED)
    before = outreach.warehouse.everything(without=("sync_runs",))
    outreach.warehouse.close()
    asked = server.calls["campaigns"]
    fault = server.faults.add(Fault("empty_list", "campaigns"))
    shown = outreach.run("load", "snovio", *SELECTED, expect=3)
    assert server.calls["campaigns"] - asked >= 2
    assert "empty, asked twice" in shown.stdout + shown.stderr
    assert outreach.warehouse.everything(without=("sync_runs",)) == {**before}
    outreach.warehouse.close()
    server.faults.remove(fault)
    outreach.run("load", "snovio", *SELECTED)
    assert outreach.warehouse.differences(server, tables=TABLES) == {}
