"""The worlds that are measured: seeded, so that every run and every contender meets the same rows."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tests.sandbox.model import Campaign, Event
from tests.sandbox.seed_account import seed_account
from tests.sandbox.seed_people import people
from tests.sandbox.world import World, build_world

NOW: Final = datetime(2025, 6, 18, 15, tzinfo=UTC)
"""The clock of every world here."""
ACCOUNT: Final = "default"
OPENS: Final = "email_opens"
SMALL_SCALE: Final = 0.15

RUNNING_OF: Final = 5
"""Of so many campaigns of a still world one is running."""

_CAMPAIGNS: Final = 12
_PEOPLE: Final = 3_000
_DAY: Final = 86_400
_FEWEST_A_DAY, _MOST_A_DAY = 500, 20_000
_FIRST_SECOND, _LAST_SECOND = 7 * 3_600, 22 * 3_600


def opens_world(rows: int) -> World:
    """A world of 12 campaigns whose lists of opens hold exactly `rows` rows; the other lists are small.

    A campaign's day has 500 to 20,000 opens, small days being the more frequent ones, between 7 and 22 o'clock UTC.
    """
    world = build_world(seed=1, now=NOW, campaigns=_CAMPAIGNS, scale=SMALL_SCALE)
    rng = random.Random(rows)  # noqa: S311  # the same rows every time
    started = [one for one in world.account(ACCOUNT).campaigns.values() if one.started_at is not None]
    for place, campaign in enumerate(started):
        campaign.people = people(rng, _PEOPLE, (place + 1) * 1_000_000)
    lists = world.account(ACCOUNT).events[OPENS]
    lists.update({campaign_id: [] for campaign_id in lists})
    for place, count in enumerate(_days(rng, rows)):
        campaign = started[place % len(started)]
        midnight = world.now_seconds - world.now_seconds % _DAY - (1 + place // len(started)) * _DAY
        lists[campaign.id] += _opens(world, rng, campaign, midnight, count)
    return world


def still_world(campaigns: int, scale: float = SMALL_SCALE) -> World:
    """A world of which a fifth of the campaigns, at most, is running, and none has an event of today.

    Args:
        campaigns: How many.
        scale: Multiplies the events.
    """
    world = build_world(seed=1, now=NOW, campaigns=campaigns, scale=scale)
    for campaign_id in running(world)[campaigns // RUNNING_OF :]:
        world.change_status(ACCOUNT, campaign_id, "Paused")
    for table, lists in world.account(ACCOUNT).events.items():
        for campaign_id in lists:
            world.delete_events(ACCOUNT, table, campaign_id, day=NOW.date())
    return world


def accounts_world(accounts: Sequence[str]) -> World:
    """A world of accounts of one size."""
    world = World(1, NOW)
    for name in accounts:
        world.accounts[name] = seed_account(1, name, world.now_seconds, _CAMPAIGNS, SMALL_SCALE, 1.0, world.serials())
    return world


def running(world: World, account: str = ACCOUNT) -> list[int]:
    """The ids of the campaigns that are running."""
    return [one.id for one in world.account(account).campaigns.values() if one.status == "Active"]


def _days(rng: random.Random, rows: int) -> list[int]:
    """Rows of one campaign's day, drawn evenly over the orders of magnitude, until there are enough of them."""
    days: list[int] = []
    while rows:
        drawn = int(_FEWEST_A_DAY * (_MOST_A_DAY / _FEWEST_A_DAY) ** rng.random())
        days.append(min(drawn, rows))
        rows -= days[-1]
    return days


def _opens(world: World, rng: random.Random, campaign: Campaign, midnight: int, count: int) -> list[Event]:
    """One day of a campaign's opens, newest first."""
    times = sorted((midnight + rng.randrange(_FIRST_SECOND, _LAST_SECOND) for _ in range(count)), reverse=True)
    return [
        Event(world.next_serial(), at, rng.choice(campaign.people), rng.choice(campaign.contents)) for at in times
    ]
