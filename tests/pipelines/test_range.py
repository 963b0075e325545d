"""`--since` and `--until`: days that are read again whatever is known of them, and leave that as it is."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, time, timedelta

import pytest

from sources.snovio.tables import ASKED_BY_DAYS
from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox

FIRST, LAST = (NOW - timedelta(days=40)).date(), (NOW - timedelta(days=10)).date()
BY_DAYS = ASKED_BY_DAYS[:2]
SELECTED = ("--select", ",".join(BY_DAYS))
RANGE = ("--since", FIRST.isoformat(), "--until", LAST.isoformat())


@pytest.mark.slow
def test_days_are_read_again_and_the_state_stays(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Of an empty warehouse, and of one in which days were changed and deleted by hand."""
    server = sandbox(campaigns=4, scale=0.1)
    outreach.use(server)
    outreach.run("load", "snovio", *RANGE)
    with closing(outreach.warehouse) as warehouse:
        for table, column in zip(BY_DAYS, ("event_date", "date"), strict=True):
            expected = [row for row in server.true_rows(table) if FIRST <= row[column] <= LAST]
            assert expected
            assert len(warehouse.rows(table)) == len(expected)

    outreach.run("load", "snovio", *SELECTED)
    with server.lock:
        account = server.world.account("default")
        begun = datetime.combine(FIRST, time(), UTC).timestamp()
        for campaign in [one for one in account.campaigns.values() if one.started_at and one.started_at < begun]:
            for table in account.events:
                server.world.delete_events("default", table, campaign.id, day=LAST)
                server.world.add_late_events("default", table, campaign.id, FIRST, 1)
    outreach.run("load", "snovio", *RANGE)
    with closing(outreach.warehouse) as warehouse:
        assert warehouse.differences(server, tables=BY_DAYS) == {}
    quiet = outreach.json("load", "snovio", *SELECTED)
    assert quiet["accounts"][0]["calls"] < 30, "the state knows what it knew before"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--since", "2025-06-02", "--until", "2025-06-01"), "is after --until"),
        (("--since", "2025-06-02", "--select", "emails_sent"), "emails_sent: no range of days"),
        (("--since", "2025-06-02", "--full-refresh"), "reads all days"),
        (("--since", "2999-01-01"), "lies in the future"),
        (("--since", "June"), "June"),
    ],
)
def test_a_range_that_cannot_be_read_is_refused(
    outreach: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    assert message in outreach.run("load", "snovio", *arguments, expect=2).stderr
