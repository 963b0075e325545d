"""What a world is made of: accounts, a clock, randomness and the numbers of rows."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.sandbox.model import Account
from tests.sandbox.rules import Rules


class WorldState(Rules):
    """The state that every move works on.

    Args:
        seed: Decides everything that is drawn.
        now: The world's clock, aware; kept in UTC and whole seconds.
    """

    def __init__(self, seed: int, now: datetime) -> None:
        super().__init__()
        self.seed = seed
        self.now = now.astimezone(UTC).replace(microsecond=0)
        self.accounts: dict[str, Account] = {}
        self.rng = random.Random(f"moves/{seed}")
        self.last_serial = 0

    @property
    def now_seconds(self) -> int:
        """The world's clock as epoch seconds."""
        return int(self.now.timestamp())

    def account(self, name: str) -> Account:
        """The account of that name."""
        return self.accounts[name]

    def next_serial(self) -> int:
        """A number that no row had before."""
        self.last_serial += 1
        return self.last_serial

    def serials(self) -> Iterator[int]:
        """Endless new serial numbers."""
        while True:
            yield self.next_serial()
