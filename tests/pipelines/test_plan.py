"""`outreach plan`: the load that follows falls between its least and its most, for two calls and without a trace."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipelines.plan import AccountPlan
from sources.snovio.tables import DEFAULT_TABLES
from tests.command_line import SECTION, CommandLine
from tests.conftest import NOW, MakeSandbox
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES, HIDDEN_EVENTS
from tests.sandbox.server import SandboxServer

DAY = 86_400
TODAY = NOW.replace(hour=0, minute=0, second=0)
CAMPAIGNS = 120
STARTED = 30
MOVED = 12
WITHIN = 20
"""What a quiet load costs is told to so many calls."""
OF_EVERY_KIND = (
    "campaigns,emails_sent,email_opens,recipient_activity,campaign_analytics,completed_prospects,"
    "prospect_lists,list_prospects"
)
"""Tables that are asked once, by the campaign, by the day and by the list."""
SELECT = ("--select", OF_EVERY_KIND)


def forget_events_since(server: SandboxServer, moment: datetime) -> None:
    """As if the account had been silent since then."""
    for table in (*EVENT_TABLES, *HIDDEN_EVENTS):
        for rows in server.world.account("default").events[table].values():
            rows[:] = [row for row in rows if row.at < moment.timestamp()]


def move(server: SandboxServer, campaigns: int, rows: int = 3) -> None:
    """New events in every list of some campaigns."""
    with server.lock:
        started = [one.id for one in server.world.account("default").campaigns.values() if one.started_at]
        for campaign_id in started[:campaigns]:
            for table in EVENT_TABLES:
                server.world.add_events("default", table, campaign_id, rows)


def state_of(*folders: Path) -> dict[str, str]:
    """Every file of some folders with its content."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files if "cache" not in path.parts}


def plan(outreach: CommandLine, server: SandboxServer, *options: str) -> dict[str, Any]:
    """The plan of the only account; it must cost two calls at most and leave everything as it was."""
    server.reset_counts()
    before = state_of(outreach.project, outreach.data)
    answer = outreach.json("plan", "snovio", *options)
    assert state_of(outreach.project, outreach.data) == before
    [found] = answer["accounts"]
    assert found["calls_spent"] == sum(server.calls.values()) <= 2
    assert (answer["least"], answer["most"]) == (found["least"], found["most"])
    return dict(found)


ONE_ENDPOINT = ("campaign_analytics", "campaign_totals", "sender_analytics")
"""Tables that one endpoint answers: the sandbox cannot tell them apart."""


def load_as_planned(outreach: CommandLine, server: SandboxServer, *options: str) -> dict[str, Any]:
    """Plans a load and runs it: each table, and all together, cost what was planned."""
    found = plan(outreach, server, *options)
    server.reset_counts()
    outreach.run("load", "snovio", *options)
    calls = dict(server.calls)
    planned = {row["table"]: (row["least"], row["most"]) for row in found["tables"]}
    asked_at_one = [planned.pop(table) for table in ONE_ENDPOINT if table in planned]
    if asked_at_one:
        least, most = zip(*asked_at_one, strict=True)
        planned[ONE_ENDPOINT[0]] = sum(least), sum(most)
    assert calls.keys() <= planned.keys()
    outside = {
        table: (least, calls.get(table, 0), most)
        for table, (least, most) in planned.items()
        if not least <= calls.get(table, 0) <= most
    }
    assert outside == {}
    assert found["least"] <= sum(calls.values()) <= found["most"]
    return found


@pytest.mark.slow
def test_many_campaigns_cost_what_was_planned(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """A first load; one a day later in which nothing moved but sweeps are due; and one with twenty that moved.

    Three of four campaigns and more were never started.
    """
    server = sandbox(campaigns=CAMPAIGNS, scale=0.02)
    for number, campaign in enumerate(server.world.account("default").campaigns.values()):
        if number % (CAMPAIGNS // STARTED):
            campaign.status, campaign.started_at = "Draft", None
    forget_events_since(server, TODAY - timedelta(days=1))
    outreach.use(server)
    first = load_as_planned(outreach, server)
    assert first["least"] > 4 * 20

    server.world.advance(DAY)
    quiet = load_as_planned(outreach, server)
    assert quiet["most"] - quiet["least"] <= WITHIN

    move(server, MOVED)
    load_as_planned(outreach, server)


def nothing(_: SandboxServer) -> None:
    """The account stands still."""


def a_week_passes(server: SandboxServer) -> None:
    server.world.advance(7 * DAY)


def some_move_on_another_day(server: SandboxServer) -> None:
    server.world.advance(DAY)
    move(server, 3, rows=60)


def prospects_come(server: SandboxServer) -> None:
    """Beside events, as nobody can see lists change from a campaign's counters."""
    move(server, 1)
    for found in server.world.account("default").lists.values():
        if found.deletion_date is None:
            server.world.add_prospects("default", found.id, 2)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page_size", "options", "happens"),
    [(60, (), (some_move_on_another_day, a_week_passes)), (10_000, SELECT, (nothing, prospects_come))],
)
def test_a_load_costs_what_was_planned(
    sandbox: MakeSandbox,
    outreach: CommandLine,
    page_size: int,
    options: Sequence[str],
    happens: Sequence[Callable[[SandboxServer], None]],
) -> None:
    """The first one, and one after each of these."""
    server = sandbox()
    server.world.page_size = page_size
    outreach.use(server)
    load_as_planned(outreach, server, *options)
    for what in happens:
        what(server)
        load_as_planned(outreach, server, *options)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"SWEEP_DAYS": "0", "START_DATE": "2025-05-20"}, SELECT),
        (
            {"LOOKBACK_DAYS": "0"},
            ("--full-refresh", *SELECT, "--exclude", "campaigns,prospect_lists,email_opens"),
        ),
        ({}, ("--select", "email_opens,webhooks,pipeline_stages,sender_analytics")),
        ({}, ("--select", "campaign_steps,email_step_contents,campaign_reply_messages,warmup_statistics")),
        (
            {"PROFILES_PER_RUN": "7"},
            ("--select", "recipient_statuses,list_prospect_emails,prospect_jobs,sender_account_checks"),
        ),
    ],
)
def test_settings_and_options_are_those_of_the_load(
    sandbox: MakeSandbox, outreach: CommandLine, settings: dict[str, str], options: tuple[str, ...]
) -> None:
    """For a first load and for one after it."""
    server = sandbox(campaigns=3, scale=0.1)
    outreach.use(server)
    outreach.environment |= {f"{SECTION}{name}": value for name, value in settings.items()}
    for _ in range(2):
        load_as_planned(outreach, server, *options)


@pytest.mark.slow
def test_a_first_load_that_was_cut_off_goes_on_as_planned(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=4)
    server.world.page_size = 100
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT, "--max-requests", "16", expect=6)
    load_as_planned(outreach, server, *SELECT)


@pytest.mark.slow
def test_one_question_proves_that_nothing_moved_on_the_day_of_the_last_load(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    """Also of campaigns with events on that day."""
    server = sandbox(campaigns=6, scale=0.1)
    forget_events_since(server, TODAY - timedelta(days=1))
    move(server, 2)
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    found = load_as_planned(outreach, server, *SELECT)
    assert found["calls_spent"] == 2
    assert found["most"] - found["least"] <= WITHIN
    assert any("0 may have moved" in note for note in found["notes"])


@pytest.mark.slow
def test_a_question_that_fails_leaves_wide_bounds_and_a_note(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(campaigns=4, scale=0.1)
    forget_events_since(server, TODAY - timedelta(days=1))
    outreach.use(server)
    outreach.run("load", "snovio", *SELECT)
    narrow = plan(outreach, server, *SELECT)
    for name in ("not_in_plan", "bad_gateway"):
        fault = server.faults.add(Fault(name, endpoint="campaign_analytics"))
        wide = plan(outreach, server, *SELECT)
        assert wide["least"] <= narrow["least"] <= narrow["most"] < wide["most"]
        assert any("could not be asked" in note for note in wide["notes"])
        server.faults.remove(fault)


@pytest.mark.slow
def test_the_load_notes_what_was_planned_and_status_shows_it(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    """Also of the next load, by the state alone."""
    server = sandbox(campaigns=3, scale=0.1)
    outreach.use(server)
    for _ in range(2):
        outreach.run("load", "snovio")
        runs = outreach.warehouse.last_run()
        outreach.warehouse.close()
        outside = {
            name: run for name, run in runs.items() if not run["calls_least"] <= run["calls"] <= run["calls_most"]
        }
        assert outside == {}
        assert runs.keys() == set(DEFAULT_TABLES) - {"sync_runs"}
    server.reset_counts()
    answer = outreach.json("status")
    assert sum(server.calls.values()) == 0
    sent = next(row for row in answer["tables"] if row["table"] == "emails_sent")
    assert sent["last_calls"] == runs["emails_sent"]["calls"]
    assert (sent["planned_least"], sent["planned_most"]) == (
        runs["emails_sent"]["calls_least"],
        runs["emails_sent"]["calls_most"],
    )
    [upcoming] = answer["next_loads"]
    assert upcoming["account"] == "default"
    assert 0 < upcoming["least"] < upcoming["most"]
    shown = outreach.run("status").stdout
    assert f"next load of snovio default: {upcoming['least']:,}-{upcoming['most']:,} calls" in shown


@pytest.mark.slow
def test_wrong_credentials_and_settings_end_as_for_a_load(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.run("plan", "snovio", "--select", "campaings", expect=2)
    outreach.environment[f"{SECTION}CLIENT_SECRET"] = "not-the-secret"
    shown = outreach.run("plan", "snovio", expect=4)
    assert "not-the-secret" not in shown.stdout + shown.stderr
    assert server.calls == {"token": 1}


@pytest.mark.slow
def test_accounts_are_planned_one_by_one(sandbox: MakeSandbox, outreach: CommandLine) -> None:
    server = sandbox(accounts=("north", "south"), campaigns=2)
    outreach.use(server, "north", "south")
    options = ("snovio", "--select", "emails_sent,campaign_analytics", "--account")
    outreach.run("load", *options, "north")
    answer = outreach.json("plan", *options, "all")
    assert [row["account"] for row in answer["accounts"]] == ["north", "south"]
    assert answer["most"] == sum(row["most"] for row in answer["accounts"])
    assert outreach.json("plan", *options, "north")["most"] == answer["accounts"][0]["most"]

    outreach.environment[f"{SECTION}ACCOUNTS__SOUTH__CLIENT_SECRET"] = "not-the-secret"
    answer = outreach.json("plan", *options, "all", expect=3)
    assert [bool(row["error"]) for row in answer["accounts"]] == [False, True]


@pytest.mark.slow
def test_the_page_shows_tables_minutes_and_what_the_figures_rest_on(
    sandbox: MakeSandbox, outreach: CommandLine
) -> None:
    server = sandbox()
    outreach.use(server)
    outreach.environment[f"{SECTION}REQUESTS_PER_MINUTE"] = "55"
    shown = outreach.run("plan", "snovio").stdout
    assert "emails_sent" in shown
    assert "minutes at 55 calls a minute; 2 calls spent" in shown
    assert "one more for each further 10,000 rows of a list" in shown
    assert "not in these figures: retries" in shown


@pytest.mark.parametrize(("calls", "minutes"), [(0, 0), (1, 0), (55, 0), (56, 1), (97, 1), (110, 1), (111, 2)])
def test_minutes_begin_with_a_burst(calls: int, minutes: int) -> None:
    assert AccountPlan("default", requests_per_minute=55).minutes(calls) == minutes
    assert AccountPlan("default", requests_per_minute=0).minutes(calls) == 0
