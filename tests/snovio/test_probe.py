"""What the counters tell before a list is asked: silent lists cost nothing, and nothing that moved is missed."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sources.snovio.evidence import may_hide, told_by_counters, told_by_types
from sources.snovio.tables import DAY_TABLES, EVENT_TABLES
from tests.conftest import MakeSandbox
from tests.sandbox.faults import Fault
from tests.sandbox.model import Campaign, Event
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.snovio.test_budgets import load as load_with_budget
from tests.warehouse import Warehouse

HOUR = 3_600
DAY = 24 * HOUR
PROBED = (*DAY_TABLES, "campaign_analytics", "campaign_totals")
slow = pytest.mark.slow


def started(world: World, *, running: bool) -> list[Campaign]:
    campaigns = [one for one in world.account("default").campaigns.values() if one.started_at is not None]
    return [one for one in campaigns if (one.status == "Active") is running]


def empty_today(world: World) -> None:
    """Takes away what happened on the day of the world's clock."""
    for table, lists in world.account("default").events.items():
        for campaign_id in lists:
            world.delete_events("default", table, campaign_id, day=world.now.date())


def load(server: SandboxServer, warehouse: Warehouse, tables: Collection[str] = PROBED, **settings: Any) -> None:
    server.reset_counts()
    warehouse.load(server, tables=tuple(tables), **settings)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {"emails_sent": 1, "contacted_by_email": 1}, {"emails_sent"}),
        ({"email_opens": 2, "emails_sent": 3}, {"email_opens": 3, "emails_sent": 3}, {"email_opens"}),
        ({"link_clicks": 2}, {}, {"email_clicks"}),
        ({"interested": 1}, {"maybe": 1}, {"email_replies", "campaign_replies"}),
        ({}, {"message_replies": 1}, {"campaign_replies"}),
        ({}, {"bounced": 1, "messages_sent": 2}, set()),
    ],
)
def test_counters_tell_what_moved(before: dict[str, int], after: dict[str, int], expected: set[str]) -> None:
    assert told_by_counters(before, after) == {"recipient_activity", *expected}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("sent", {"emails_sent"}), (" Open", {"email_opens"}), ("click", {"email_clicks"}),
        ("reply", {"email_replies", "campaign_replies"}), ("bounce", set()), ("unsubscribe", set()),
        ("linkedin_reply", {"campaign_replies"}), ("forwarded", {*EVENT_TABLES, "campaign_replies"}),
    ],
)  # fmt: skip
def test_a_type_of_activity_tells_what_moved_and_an_unknown_one_that_all_did(word: str, expected: set[str]) -> None:
    assert told_by_types([word]) == expected


def test_only_people_who_may_come_again_hide_anything() -> None:
    sent = {"emails_sent": 3, "contacted_by_email": 3, "total_contacted": 3}
    assert may_hide(sent, knows_activity=True) == may_hide(sent, knows_activity=False) == set()
    assert may_hide({**sent, "email_opens": 1}, knows_activity=True) == {"recipient_activity"}
    assert may_hide({**sent, "email_opens": 1, "linkedin_views": 1}, knows_activity=False) == {"email_opens"}


@slow
def test_a_load_asks_what_moved_and_no_more(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """The last events are older than the last load's day; then one campaign sends and is opened."""
    server = sandbox(campaigns=8, scale=0.05)
    empty_today(server.world)
    load(server, warehouse)
    load(server, warehouse)
    assert not any(server.calls[table] for table in (*DAY_TABLES, "campaign_totals", "campaign_progress"))
    assert server.calls["campaign_analytics"] <= 4

    moved = started(server.world, running=True)[2].id
    with server.lock:
        server.world.advance(HOUR)
        for table in ("emails_sent", "email_opens"):
            server.world.add_events("default", table, moved, 3)
    load(server, warehouse)
    assert {table: server.calls[table] for table in DAY_TABLES if server.calls[table]} == {
        "recipient_activity": 1, "emails_sent": 1, "email_opens": 1,
    }  # fmt: skip
    assert warehouse.differences(server, tables=PROBED) == {}


@slow
@pytest.mark.parametrize(("seed", "tables"), [(0, PROBED), (1, (*EVENT_TABLES, "campaign_analytics"))])
def test_whatever_happens_anew_is_loaded_without_a_sweep(
    sandbox: MakeSandbox, warehouse: Warehouse, seed: int, tables: tuple[str, ...]
) -> None:
    """At any hour, again and again by the same people, in silent campaigns too; late events of the last days."""
    server = sandbox(seed=seed, campaigns=4, scale=0.05)
    rng = random.Random(seed)
    load(server, warehouse, tables, sweep_days=90)
    for _ in range(3):
        with server.lock:
            server.world.advance(rng.choice((60, HOUR, 9 * HOUR, DAY, 3 * DAY)))
            happen(server.world, rng)
        load(server, warehouse, tables, sweep_days=90)
        assert warehouse.differences(server, tables=tables, ignore=("date_to",)) == {}


def again(world: World, event: Event, rows: list[Event]) -> None:
    """The same person does the same now."""
    rows.insert(0, replace(event, serial=world.next_serial(), at=world.now_seconds))


def happen(world: World, rng: random.Random) -> None:
    """New events of some campaigns; half of them repeat what a person did, which no counter of people shows."""
    campaigns = [*started(world, running=True), *started(world, running=False)]
    for campaign in rng.sample(campaigns, 2):
        for table in EVENT_TABLES:
            rows = world.events("default", table, campaign.id)
            if rows and rng.random() < 0.5:
                again(world, rng.choice(rows), rows)
            elif rng.random() < 0.5:
                world.add_events("default", table, campaign.id, rng.randrange(3))
    late = rng.choice(campaigns).id
    world.add_late_events("default", rng.choice(EVENT_TABLES), late, world.now.date() - timedelta(1))


@slow
@pytest.mark.parametrize("tables", [PROBED, (*EVENT_TABLES, "campaign_analytics")])
def test_who_opens_again_on_the_day_of_the_last_load_is_seen_although_no_counter_moves(
    sandbox: MakeSandbox, warehouse: Warehouse, tables: tuple[str, ...]
) -> None:
    server = sandbox(campaigns=3, scale=0.05)
    campaign_id = started(server.world, running=True)[0].id
    server.world.add_events("default", "email_opens", campaign_id)
    load(server, warehouse, tables)
    with server.lock:
        server.world.advance(HOUR)
        rows = server.world.events("default", "email_opens", campaign_id)
        again(server.world, rows[0], rows)
    load(server, warehouse, tables)
    assert warehouse.differences(server, tables=tables) == {}


@slow
def test_a_person_of_two_campaigns_does_not_hide_in_one_behind_the_other(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    """Counted in one campaign already, the person opens in another on the day of the last load."""
    server = sandbox(campaigns=6, scale=0.05)
    world = server.world
    empty_today(world)
    one, other = started(world, running=True)[:2]
    again(world, world.events("default", "emails_sent", one.id)[0], world.events("default", "email_opens", one.id))
    load(server, warehouse)
    with server.lock:
        world.advance(HOUR)
        [seen, *_] = world.events("default", "email_opens", one.id)
        other.people.append(seen.person)
        again(world, seen, world.events("default", "email_opens", other.id))
    load(server, warehouse)
    assert warehouse.differences(server, tables=PROBED) == {}


@slow
def test_what_was_seen_to_move_is_asked_although_a_budget_ended_before(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=5, scale=0.05)
    empty_today(server.world)
    load_with_budget(server, warehouse, 10_000)
    for calls in (9, 14):
        with server.lock:
            server.world.advance(HOUR)
            happen(server.world, random.Random(calls))
        assert load_with_budget(server, warehouse, calls).stopped is not None
    load_with_budget(server, warehouse, 10_000)
    assert warehouse.differences(server, tables=PROBED, ignore=("date_to",)) == {}


@slow
def test_without_counters_all_lists_are_asked_and_the_counters_are_not_asked_for_each_campaign(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=20, scale=0.02)
    load(server, warehouse)
    with server.lock:
        server.world.advance(HOUR)
        happen(server.world, random.Random(4))
    server.faults.add(Fault("not_in_plan", "campaign_analytics", on_calls=tuple(range(1, 500))))
    load(server, warehouse)
    assert warehouse.differences(server, tables=DAY_TABLES) == {}
    assert server.calls["campaign_analytics"] <= 2 * 6, "the plan lacks the method, for totals too"


@slow
def test_a_sweep_finds_a_wrong_probe_and_switches_it_off(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    """The analytics count what follows from an e-mail on the day that it was sent: late opens go unnoticed."""
    server = sandbox(campaigns=4, scale=0.05)
    server.world.analytics_days = "send"
    empty_today(server.world)
    load(server, warehouse)
    silent = started(server.world, running=False)[0].id
    with server.lock:
        server.world.advance(2 * DAY)
        for email in server.world.events("default", "emails_sent", silent)[-3:]:
            again(server.world, email, server.world.events("default", "email_opens", silent))
    load(server, warehouse)
    assert set(warehouse.differences(server, tables=EVENT_TABLES)) == {"email_opens"}, "the probe denied them"

    detail = None
    for _ in range(4):
        assert detail is None
        with server.lock:
            server.world.advance(4 * DAY)
        load(server, warehouse)
        detail = warehouse.last_run()["campaign_analytics"]["detail"]
        if detail is not None:
            break
    assert detail is not None
    assert warehouse.differences(server, tables=DAY_TABLES) == {}
    assert "the probe is off since" in detail
    assert f"email_opens of campaign {silent}" in detail

    load(server, warehouse)
    lists = len([*started(server.world, running=True), *started(server.world, running=False)])
    assert all(server.calls[table] >= lists for table in DAY_TABLES)
    assert warehouse.last_run()["campaign_analytics"]["detail"] == detail
