"""How the world moves between loads that are killed."""

import random
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from typing import Final

from tests.sandbox.model import EVENT_TABLES, Completion, Event
from tests.sandbox.world import World

_FEW_COMPLETED: Final = 3


def move_in_sight(world: World, rng: random.Random, account: str = "default") -> None:
    """Moves that the next load must bring, whether it reads everything again or not."""
    world.advance(rng.randrange(60, 1_800))
    for campaign_id in [one.id for one in world.account(account).campaigns.values() if one.started_at is not None]:
        if rng.random() < 0.6:
            _move_today(world, rng, account, campaign_id)
    if rng.random() < 0.2:
        world.add_campaign(account, sent=rng.randrange(5, 20))
    if rng.random() < 0.3:
        world.change_status(
            account, rng.choice([*world.account(account).campaigns]), rng.choice(("Active", "Paused"))
        )
    _move_lists(world, rng, account)
    world.change_balance(account, rng.randrange(1, 50))


def _move_today(world: World, rng: random.Random, account: str, campaign_id: int) -> None:
    """Events of today come and go, now and then all of them, and prospects complete the campaign."""
    midnight = datetime(world.now.year, world.now.month, world.now.day, tzinfo=UTC).timestamp()
    if rng.random() < 0.25:
        for table in EVENT_TABLES:
            world.delete_events(account, table, campaign_id, day=world.now.date())
        return
    for table in EVENT_TABLES:
        world.add_events(account, table, campaign_id, rng.randrange(1, 6))
        today = [event for event in world.events(account, table, campaign_id) if event.at >= midnight]
        gone = {event.serial for event in rng.sample(today, len(today) // 3)}
        world.delete_events(account, table, campaign_id, where=partial(_is_one_of, gone))
        world.add_twin(account, table, campaign_id)
    owner = world.account(account)
    people, completed = owner.campaigns[campaign_id].people, owner.completed.setdefault(campaign_id, [])
    finished = {one.person.number for one in completed}
    waiting = [one for one in people if one.number not in finished]
    completed[:0] = [Completion(world.next_serial(), person) for person in waiting[: rng.randrange(3)]]
    if len(completed) > _FEW_COMPLETED and rng.random() < 0.5:
        people.remove(completed.pop().person)  # and nobody completes a campaign twice


def _is_one_of(serials: Collection[int], event: Event) -> bool:
    return event.serial in serials


def _move_lists(world: World, rng: random.Random, account: str) -> None:
    """Lists come and go, and prospects in numbers that the list of lists shows."""
    lists = [one for one in world.account(account).lists.values() if one.deletion_date is None and one.prospects]
    for found in lists:
        if rng.random() < 0.4:
            world.add_prospects(account, found.id, rng.randrange(2, 5))
        elif rng.random() < 0.3:
            world.remove_prospects(account, found.id)
    if rng.random() < 0.3:
        world.add_list(account)
    elif rng.random() < 0.2 and len(lists) > 2:
        world.delete_list(account, rng.choice(lists).id)
    elif rng.random() < 0.2 and len(lists) > 2:
        world.empty_list(account, rng.choice(lists).id)
