"""What a killed load merged and did not note, and the API has lost since: the next load clears it."""

from datetime import timedelta

import pytest

from tests.command_line import CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.faults.phases import Death
from tests.faults.processes import KILLED, Loads
from tests.faults.scenarios import proves
from tests.sandbox.model import EVENT_TABLES, Campaign, Completion, ProspectList
from tests.sandbox.world import World

pytestmark = pytest.mark.slow

LOST = (
    "campaigns", *EVENT_TABLES, "recipient_activity", "campaign_analytics", "completed_prospects",
    "prospect_lists", "list_prospects", "list_prospect_emails",
)  # fmt: skip
"""Tables in which anything is lost."""
SELECTED = ("--select", ",".join(LOST))
DAY = timedelta(days=1)
TODAY = NOW.date()


def grow(world: World) -> Campaign:
    """A campaign with a day of events for each of three weeks, and a list."""
    campaign = world.add_campaign("default")
    campaign.created_at = campaign.started_at = int((NOW - 30 * DAY).timestamp())
    world.account("default").completed[campaign.id] = [
        Completion(world.next_serial(), person) for person in campaign.people[:3]
    ]
    for table in EVENT_TABLES:
        for back in range(21):
            world.add_late_events("default", table, campaign.id, TODAY - back * DAY, 2)
    return campaign


def lose(world: World, campaign: Campaign, prospects: ProspectList) -> None:
    """The API loses whole days of a campaign at both ends and in the middle, today, who completed it, and a list."""
    for table in EVENT_TABLES:
        for back in (20, 19, 11, 10, 1, 0):
            assert world.delete_events("default", table, campaign.id, day=TODAY - back * DAY)
    world.account("default").completed[campaign.id].clear()
    world.delete_list("default", prospects.id)


@proves("process", "kill -9 during extract, normalize, load, and between load and commit")
@pytest.mark.parametrize("loads_before", [0, 1], ids=["first load", "second load"])
def test_what_vanished_since_a_load_killed_before_its_bookkeeping_is_cleared_by_the_next(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads, loads_before: int
) -> None:
    """Rows were merged, the state that tells of them was not."""
    server = sandbox(campaigns=2, scale=0.05)
    outreach.use(server)
    if loads_before:
        outreach.run("load", "snovio", *SELECTED)
    campaign, prospects = grow(server.world), server.world.add_list("default")
    assert loads.run(outreach, SELECTED, Death("noting the load as complete", 1, 0)).code == KILLED
    with_days = outreach.warehouse.query("SELECT 1 FROM emails_sent WHERE campaign_id = ?", campaign.id)
    outreach.warehouse.close()
    assert with_days

    lose(server.world, campaign, prospects)
    outreach.run("load", "snovio", *SELECTED)
    assert outreach.warehouse.differences(server, tables=LOST) == {}


@proves("process", "kill -9 during extract, normalize, load, and between load and commit")
@pytest.mark.parametrize("event", [2, 4, 6])
def test_a_load_killed_between_two_statements_of_a_merge_leaves_the_rows_of_before(
    sandbox: MakeSandbox, outreach: CommandLine, loads: Loads, event: int
) -> None:
    """What was deleted to be replaced is there until all that replaces it is."""
    server = sandbox(campaigns=1)
    outreach.use(server)
    one_table = ("--select", "emails_sent")
    campaign = next(found.id for found in server.world.account("default").campaigns.values() if found.started_at)
    server.world.add_events("default", "emails_sent", campaign, 3)
    outreach.run("load", "snovio", *one_table)
    before = ids(outreach)
    server.world.add_events("default", "emails_sent", campaign, 3)
    assert loads.run(outreach, one_table, Death("within a merge", event, 0)).code == KILLED
    assert before
    assert before <= ids(outreach)


def ids(outreach: CommandLine) -> set[str]:
    found = {str(row["source_id"]) for row in outreach.warehouse.rows("emails_sent")}
    outreach.warehouse.close()
    return found
