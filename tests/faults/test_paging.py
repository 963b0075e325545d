"""Pages of lists that move, shrink and lie: each row once, and a loop is told."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from tests.conftest import NOW, MakeSandbox
from tests.faults.scenarios import proves
from tests.sandbox.calls import Call
from tests.sandbox.compare import EVENT_IGNORED
from tests.sandbox.faults import Fault
from tests.sandbox.ids import source_id
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

TWO: Final = ("emails_sent", "email_opens")
PAGE: Final = 100


def crowded(sandbox: MakeSandbox, longest: int = 30) -> tuple[SandboxServer, int]:
    """A campaign with lists of many pages, where rows of one second lie on borders; so many are the most of one."""
    server = sandbox(campaigns=1)
    server.world.page_size = PAGE
    (campaign_id,) = server.world.account("default").campaigns
    for table in TWO:
        for minutes in range(20):
            server.world.add_events("default", table, campaign_id, 30, NOW - timedelta(minutes=3 * minutes))
        server.world.add_events("default", table, campaign_id, longest, NOW - timedelta(minutes=7))
    return server, campaign_id


class Score:
    """Lets a list move before each of its pages but the first, and keeps the score of its rows.

    Args:
        server: Whose lists.
        campaign_id: Which campaign's.
        move: Moves one list; the number of the page is told too.
    """

    def __init__(self, server: SandboxServer, campaign_id: int, move: Callable[[str, int], None]) -> None:
        self._lists = {table: server.world.events("default", table, campaign_id) for table in TWO}
        self._move = move
        self._asked: Counter[str] = Counter()
        self._throughout = self._now()
        self._ever = self._now()
        self._stop = server.before_each_call(self._step)

    def stop(self) -> None:
        """Lets the lists stand still."""
        self._stop()

    def assert_fair(self, warehouse: Warehouse) -> None:
        """Rows there throughout are there exactly once, all others at most once."""
        for table in TWO:
            seen = Counter(row["source_id"] for row in warehouse.rows(table))
            assert max(seen.values()) == 1
            assert {source_id(serial) for serial in self._throughout[table]} <= seen.keys()
            assert seen.keys() <= {source_id(serial) for serial in self._ever[table]}

    def _now(self) -> dict[str, set[int]]:
        return {table: {row.serial for row in rows} for table, rows in self._lists.items()}

    def _step(self, call: Call, _: World) -> None:
        table = call.endpoint
        if table not in TWO or call.query["offset"] == "0":
            return
        self._asked[table] += 1
        self._move(table, self._asked[table])
        now = self._now()[table]
        self._throughout[table] &= now
        self._ever[table] |= now


@proves("paging", "rows added, removed, arriving late or changing")
def test_rows_that_change_come_and_go_around_seconds_that_lie_on_page_borders(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server, campaign_id = crowded(sandbox)
    world, chance = server.world, random.Random(3)

    def move(table: str, _: int) -> None:
        for change in ("subject", "name", "email_case"):
            world.edit_events("default", table, campaign_id, 3, change)
        world.add_events("default", table, campaign_id, chance.randrange(4), NOW - timedelta(minutes=7))
        world.add_late_events("default", table, campaign_id, NOW.date() - timedelta(days=2), chance.randrange(3))
        world.add_events("default", table, campaign_id, chance.randrange(4))
        world.delete_events("default", table, campaign_id, chance.randrange(1, 4))

    score = Score(server, campaign_id, move)
    warehouse.load(server, tables=TWO)
    score.stop()
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
    score.assert_fair(warehouse)

    warehouse.load(server, tables=TWO, sweep_days=0)
    assert warehouse.differences(server, tables=TWO) == {}


@proves("paging", "pages shorter than documented")
def test_a_list_that_shrinks_below_the_offset_is_read_to_its_end(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """It loses nine rows of ten before its sixth page; whole days are empty, and a second is longer than a page."""
    server, campaign_id = crowded(sandbox, longest=PAGE + 50)
    for table in TWO:
        server.faults.add(Fault("hidden_days", table, options={"every": 3}))
    shown = {table: {row["source_id"] for row in server.true_rows(table)} for table in TWO}

    def move(table: str, page: int) -> None:
        if page == 5:
            rows = len(server.world.events("default", table, campaign_id))
            server.world.delete_events("default", table, campaign_id, rows * 9 // 10)

    score = Score(server, campaign_id, move)
    warehouse.load(server, tables=TWO)
    score.stop()
    assert {run["outcome"] for run in warehouse.last_run().values()} == {"ok"}
    kept = {table: {row["source_id"] for row in server.true_rows(table)} for table in TWO}
    for table in TWO:
        seen = Counter(row["source_id"] for row in warehouse.rows(table))
        assert max(seen.values()) == 1
        assert kept[table] <= seen.keys() <= shown[table]

    warehouse.load(server, tables=TWO, sweep_days=0)
    assert warehouse.differences(server, tables=TWO) == {}


@proves("paging", "pages shorter than documented")
def test_an_ignored_place_is_told_by_every_paged_list(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    tables = ("recipient_activity", "campaign_replies", "list_prospects", "warmups")
    server = sandbox(campaigns=2, scale=2, most_prospects=300)
    server.world.replies_page_size = server.world.warmups_per_page = 2
    server.world.max_per_page = 50
    (first, _) = server.world.account("default").campaigns
    server.world.add_events("default", "email_opens", first, 1_100, NOW - timedelta(hours=3))
    faults = [server.faults.add(Fault("offset_ignored", table)) for table in tables]
    warehouse.load(server, tables=tables)
    runs = warehouse.last_run()
    assert {table: runs[table]["outcome"] for table in tables} == {
        "recipient_activity": "partial", "campaign_replies": "failed", "list_prospects": "partial",
        "warmups": "failed",
    }  # fmt: skip
    assert ["is ignored" in runs[table]["detail"] for table in tables] == [True] * len(tables)
    assert all(fault.hits < 100 for fault in faults)

    server.faults.clear()
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=tables) == {}


@proves("paging", "list not newest first")
def test_a_list_in_no_order_is_never_believed_to_be_read_early(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """Its ids change on every call too. What comes far down is found by the next load, not by a sweep alone."""
    server, campaign_id = crowded(sandbox)
    server.world.order, server.world.unstable_ids = "shuffled", True
    warehouse.load(server, tables=TWO)
    assert warehouse.differences(server, tables=TWO, ignore=EVENT_IGNORED) == {}
    for table in TWO:
        server.world.add_late_events("default", table, campaign_id, NOW.date() - timedelta(days=40), 3)
        server.world.delete_events("default", table, campaign_id, 3)
    warehouse.load(server, tables=TWO)
    assert [warehouse.last_run()[table]["unordered"] for table in TWO] == [1, 1]
    assert warehouse.differences(server, tables=TWO, ignore=EVENT_IGNORED) == {}
