"""`outreach verify`: what was loaded is what the API counted; what is missing is named, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from unittest.mock import patch

import duckdb
import pytest

from pipelines import marts_build
from pipelines.verify import BadTolerance, Tolerance
from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.pipelines.parsed_once import ParsedOnce
from tests.sandbox.model import EVENT_TABLES

DELETED = {"email_replies": 4, "email_clicks": 6, "email_opens": 15, "emails_sent": 15, "recipient_activity": 10}
"""Fifty rows, by table."""
SELECT = ("--select", ",".join(("campaigns", "campaign_analytics", *DELETED)))
SETTLED = (NOW - timedelta(days=7)).date()
"""Before this day, no read of what is new changes anything."""
Place = tuple[int, str]
"""A campaign and a day."""


@pytest.fixture(autouse=True, scope="module")
def _parsed_once() -> Iterator[None]:
    """Spares all but the first verification most of what dbt takes."""
    with patch.object(marts_build, "dbtRunner", ParsedOnce):
        yield


def delete_by_hand(outreach: CommandLine) -> set[Place]:
    """Deletes rows of all kinds of events with SQL, no two kinds on one day of a campaign; returns where."""
    rng, places = Random(7), dict[Place, str]()
    with duckdb.connect(str(outreach.warehouse.path)) as connection:
        for table, rows in DELETED.items():
            left = rows
            linkedin = "event_type LIKE 'linkedin%'" if table == "recipient_activity" else "FALSE"  # nobody counts it
            found = connection.execute(
                f"SELECT campaign_id, event_date, rowid FROM snovio.{table} "  # noqa: S608  # our own tables
                f"WHERE event_date < ? AND NOT {linkedin} ORDER BY ALL",
                [SETTLED],
            ).fetchall()
            rng.shuffle(found)
            for campaign_id, day, row in found:
                if left and places.setdefault((campaign_id, day.isoformat()), table) == table:
                    connection.execute(f"DELETE FROM snovio.{table} WHERE rowid = ?", [row])  # noqa: S608
                    left -= 1
            assert not left, table
    return set(places)


@pytest.mark.slow
def test_rows_that_were_deleted_by_hand_are_named_and_a_whole_read_brings_them_back(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox(campaigns=5, scale=0.3)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    campaign = next(iter(server.world.account("default").campaigns))
    for table in EVENT_TABLES:  # rows and counters stay until the next whole read
        server.world.delete_events("default", table, campaign, day=SETTLED)
    server.world.move(Random(3))
    outreach.run("load", "snovio", *SELECT)
    places = delete_by_hand(outreach)
    [account] = outreach.json("verify", expect=3)["accounts"]
    assert {(one["campaign_id"], one["date"]) for one in account["unexplained"]} == places
    assert account["compared"] == account["equal"] + sum(account["explained"].values()) + len(account["unexplained"])

    outreach.run("load", "snovio", *SELECT, "--full-refresh")
    [account] = outreach.json("verify")["accounts"]
    assert (account["account"], account["unexplained"]) == ("default", [])
    assert account["equal"] > 100


@pytest.mark.slow
def test_without_counters_there_is_nothing_to_compare_with(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    outreach.use(sandbox(campaigns=1, scale=0.05))
    outreach.run("load", "snovio", "--select", "campaigns,emails_sent")
    shown = outreach.run("verify", expect=2).stderr
    assert "nothing to compare" in shown
    assert "--select campaigns,campaign_analytics" in shown


@pytest.mark.parametrize(
    ("text", "difference", "counted", "covered"),
    [
        ("0", 0, 100, True),
        ("0", -1, 100, False),
        ("5", -5, 0, True),
        ("5", 6, 1_000, False),
        ("1%", -1, 100, True),
        ("1%", -1, 99, False),
        ("2.5%", 5, 200, True),
        ("2.5%", 6, 200, False),
    ],
)
def test_a_tolerance_is_a_number_of_rows_or_a_share(
    text: str, difference: int, counted: int, *, covered: bool
) -> None:
    assert Tolerance.of(text).covers(difference, counted) is covered


@pytest.mark.parametrize("text", ["", "few", "-1", "0.5", "1 %%"])
def test_what_is_neither_exits_2(outreach: CommandLine, text: str) -> None:
    with pytest.raises(BadTolerance):
        Tolerance.of(text)
    assert "--tolerance" in outreach.run("verify", f"--tolerance={text}", expect=2).stderr
