"""Who may call how often: the rate limit with its block, and the tokens."""

import secrets
from collections import deque
from dataclasses import dataclass, field
from functools import partial

from tests.sandbox.canary import CANARY


@dataclass
class RateLimit:
    """The sliding window of 60 s and the block after a breach. A call inside the block prolongs it.

    Attributes:
        calls_per_minute: The limit over all accounts, token calls included; None = no limit.
        block_seconds: Length of the block.
        time_scale: With 60 a minute lasts one second; the window and the block alike.
        rate_limited: How many calls were refused.
    """

    calls_per_minute: int | None
    block_seconds: float = 300.0
    time_scale: float = 1.0
    rate_limited: int = 0
    _accepted: deque[float] = field(default_factory=deque)
    _blocked_until: float = float("-inf")

    @property
    def window(self) -> float:
        """Real seconds of a minute."""
        return 60.0 / self.time_scale

    def admits(self, at: float) -> bool:
        """Counts a call at a monotonic time; false when it is refused."""
        while self._accepted and self._accepted[0] <= at - self.window:
            self._accepted.popleft()
        full = self.calls_per_minute is not None and len(self._accepted) >= self.calls_per_minute
        if full or at < self._blocked_until:
            self._blocked_until = at + self.block_seconds / self.time_scale
            self.rate_limited += 1
            return False
        self._accepted.append(at)
        return True

    def clear(self) -> None:
        """Forgets all calls and ends the block."""
        self._accepted.clear()
        self._blocked_until = float("-inf")
        self.rate_limited = 0


class RateLimits:
    """The limit over all accounts, or one for each.

    Args:
        calls_per_minute: As for `RateLimit`, and so are the others.
        block_seconds: Likewise.
        time_scale: Likewise.
        each: Whether every account has one to itself; nobody's calls have one too.
    """

    def __init__(self, calls_per_minute: int | None, block_seconds: float, time_scale: float, *, each: bool) -> None:
        self._made = partial(RateLimit, calls_per_minute, block_seconds, time_scale)
        self._each = each
        self._limits: dict[str | None, RateLimit] = {}
        self.window = self._made().window

    @property
    def rate_limited(self) -> int:
        """How many calls were refused."""
        return sum(limit.rate_limited for limit in self._limits.values())

    def admits(self, at: float, account: str | None) -> bool:
        """Counts an account's call at a monotonic time; false when it is refused."""
        who = account if self._each else None
        return self._limits.setdefault(who, self._made()).admits(at)

    def clear(self) -> None:
        """Forgets all calls and ends every block."""
        self._limits.clear()


@dataclass
class Tokens:
    """Tokens that were issued and until when they hold.

    Attributes:
        lifetime: Seconds a new token holds; also what `expires_in` says.
        issued: Every token ever issued, to look for leaks.
    """

    lifetime: float = 3600.0
    issued: list[str] = field(default_factory=list)
    _holders: dict[str, tuple[str, float]] = field(default_factory=dict)

    def issue(self, account: str, at: float) -> str:
        """A new token of an account; older ones keep on."""
        token = f"{CANARY}token-{secrets.token_hex(16)}"
        self.issued.append(token)
        self._holders[token] = (account, at + self.lifetime)
        return token

    def account_of(self, authorization: str | None, at: float) -> str | None:
        """The account of an `Authorization: Bearer` header; None when it opens nothing."""
        scheme, _, token = (authorization or "").partition(" ")
        account, until = self._holders.get(token, (None, 0.0))
        return account if scheme == "Bearer" and at < until else None

    def expire(self) -> None:
        """Ends every token now."""
        self._holders.clear()
