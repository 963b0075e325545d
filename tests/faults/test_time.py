"""Times in every form, times that cannot be, and a runner whose clock is wrong."""

from typing import Any, Final

import pytest

from tests.command_line import CommandLine
from tests.conftest import MakeSandbox
from tests.faults.scenarios import proves
from tests.faults.wrong_clock import WrongClock
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES
from tests.warehouse import Warehouse

pytestmark = pytest.mark.slow

TABLES: Final = ("emails_sent", "email_opens", "recipient_activity")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> WrongClock:
    return WrongClock(monkeypatch)


IMPOSSIBLE: Final = {
    "0000-00-00 00:00:00": "is not a date",
    "0001-01-01 00:00:00": "before the year 2000",
    "2999-01-01 00:00:00": "in the future",
    "9999-12-31 23:59:59": "in the future",
    "1970-01-01 00:00:00": "before the year 2000",
}
"""Times that cannot be, and why."""


def with_impossible_times(payload: Any) -> Any:
    """Copies of the first row with each impossible time, at the head of the page and at its end."""
    rows = payload if isinstance(payload, list) else payload["data"]
    if rows:
        name = next(name for name in ("sentDate", "visitedAt", "event_time") if name in rows[0])
        php = isinstance(rows[0][name], dict)
        for place, text in enumerate(IMPOSSIBLE):
            shown = {"date": f"{text}.000000", "timezone_type": 3, "timezone": "UTC"} if php else text
            rows.insert(0 if place % 2 else len(rows), {**rows[0], "id": f"impossible {place}", name: shown})
    return payload


@proves("time", "all four date forms")
def test_impossible_times_are_rejected_and_the_next_load_brings_what_is_new(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """A row of the year 2999 that counted as the newest would make all that comes later look old."""
    server = sandbox(campaigns=1)
    (campaign_id,) = server.world.account("default").campaigns
    for table in TABLES:
        server.faults.add(Fault("reshaped", table, options={"change": with_impossible_times}))
    for _ in range(2):
        warehouse.load(server, tables=TABLES)
        assert warehouse.differences(server, tables=TABLES) == {}
        rejected = warehouse.rows("rejected_rows")
        for table in TABLES:
            reasons = [row["reason"] for row in rejected if row["endpoint"] == table]
            assert [why for why in IMPOSSIBLE.values() if not any(why in reason for reason in reasons)] == []
            assert warehouse.last_run()[table]["outcome"] == "ok"
            assert warehouse.last_run()[table]["newest_row"] <= server.world.now
        server.world.advance(5 * 3600)
        for table in EVENT_TABLES:
            server.world.add_events("default", table, campaign_id, 3)
    warehouse.load(server, tables=TABLES)
    assert warehouse.differences(server, tables=TABLES) == {}


LOADED: Final = ("campaigns", "email_opens", "completed_prospects")


@proves("time", "all four date forms")
def test_a_runner_whose_clock_was_wrong_harms_no_later_load(
    sandbox: MakeSandbox, outreach: CommandLine, clock: WrongClock
) -> None:
    """It began in 1972, as after a cold start, then was four years ahead and jumped between any two calls.

    What comes and goes afterwards is told from what was loaded last, not from what was loaded latest by that clock.
    """
    server = sandbox(campaigns=1)
    outreach.use(server)
    load = ("load", "snovio", "--select", ",".join(LOADED))
    (campaign_id,) = server.world.account("default").campaigns
    clock.set(days=-20_000)
    outreach.run(*load)
    clock.set(days=1_500)
    stop = server.before_each_call(lambda *_: clock.jump(days=1_500 + 3 * (len(server.log) % 3)))
    outreach.run(*load)
    stop()

    clock.set()
    rows = server.world.events("default", "email_opens", campaign_id)
    before = list(rows)
    server.world.add_events("default", "email_opens", campaign_id, 3)
    server.world.change_status("default", campaign_id, "Paused")
    outreach.run(*load)
    assert outreach.warehouse.differences(server, tables=LOADED) == {}
    outreach.warehouse.close()
    rows[:] = before
    outreach.run(*load)
    assert outreach.warehouse.differences(server, tables=LOADED) == {}
    assert {row["status"] for row in outreach.warehouse.closed("campaigns")} == {"Active"}
