"""The world behind the sandbox: accounts, a clock, how the API shows them, and the moves that change them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.sandbox.move_campaigns import CampaignMoves
from tests.sandbox.move_events import EventMoves
from tests.sandbox.move_lists import ListMoves
from tests.sandbox.seed_account import seed_account


class World(CampaignMoves, EventMoves, ListMoves):
    """All accounts of a sandbox. Its methods are its moves; its `Rules` attributes say how answers look."""

    def advance(self, seconds: float) -> None:
        """Moves the world's clock forward by whole seconds."""
        self.now = datetime.fromtimestamp(self.now_seconds + int(seconds), UTC)

    def move(self, rng: random.Random, account: str = "default") -> None:
        """A random mix of everything sensible that happens to an account in some hours."""
        self.advance(rng.randrange(60, 6 * 3600))
        self.move_events(rng, account)
        self.move_campaigns(rng, account)
        self.move_lists(rng, account)
        self.move_hidden_events(rng, account)


def build_world(
    seed: int = 1,
    now: datetime | None = None,
    accounts: Sequence[str] = ("default",),
    campaigns: int = 12,
    scale: float = 1.0,
) -> World:
    """A world that depends on its arguments alone.

    Args:
        seed: Decides everything that is drawn.
        now: The end of its history (aware); the real now if left out.
        accounts: Names; the first is full size, each further one smaller.
        campaigns: Campaigns of the first account; at least 8 shows every kind.
        scale: Multiplies the events: 1.0 gives some 4,000 rows, 250 about a million.
    """
    world = World(seed, now or datetime.now(UTC))
    for place, name in enumerate(accounts):
        size = 1.0 / (1 + place)
        count = max(1, round(campaigns * size))
        world.accounts[name] = seed_account(seed, name, world.now_seconds, count, scale, size, world.serials())
    return world
