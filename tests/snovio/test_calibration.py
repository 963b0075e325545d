"""Whether the API's ranges of days include their last one is found out, not assumed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sources.snovio.calibration import SAMPLES, samples
from tests.conftest import MakeSandbox
from tests.warehouse import Warehouse

DAY = timedelta(days=1)
TODAY = date(2025, 6, 18)
COUNTED = ("campaign_analytics", "campaign_totals", "sender_analytics")


def test_days_that_stand_alone_are_looked_at_the_newest_first() -> None:
    days = {1: {TODAY - number * DAY for number in (0, 1, 3, 6, 7, 9)}, 2: {TODAY - 5 * DAY, TODAY - 30 * DAY}}
    assert samples(days, TODAY) == [(1, TODAY - 3 * DAY), (2, TODAY - 5 * DAY), (1, TODAY - 9 * DAY)]
    assert SAMPLES == 3
    assert samples({1: {TODAY, TODAY - DAY}}, TODAY) == []


@pytest.mark.slow
def test_an_api_that_leaves_out_the_last_day_is_counted_right(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """From the first load on, after moves, and with as few questions as any other."""
    server = sandbox(campaigns=4, scale=0.1)
    server.world.analytics_end = "exclusive"
    tables = ("emails_sent", "email_opens", *COUNTED)
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=COUNTED) == {}

    campaign = next(one for one in server.world.account("default").campaigns.values() if one.status == "Active")
    with server.lock:
        server.world.advance(26 * 3_600)
        server.world.add_events("default", "emails_sent", campaign.id, 2)
    warehouse.load(server, tables=tables)
    assert warehouse.differences(server, tables=COUNTED, ignore=("date_to",)) == {}

    server.reset_counts()
    warehouse.load(server, tables=tables)
    assert server.calls["campaign_analytics"] <= 8, "four days, of campaigns and of senders"
