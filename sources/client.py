"""What the clients of all APIs share: the rate, the budget, the connections, and what they tell of their calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self

import httpx

from sources.budget import Budget
from sources.decoding import Decoder
from sources.http import HttpClient
from sources.rate_limit import RateLimiter


class ApiClient:
    """Sends the calls of one account; safe to share between threads.

    Args:
        auth: Signs requests.
        is_allowed: Whether a method and a path may be called.
        config_section: Where dlt finds this API's settings; errors name its keys.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep; 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        budget: What the run may spend; unbounded when left out.
        limiter_store: The file through which all processes of this machine keep one limit
            (`rate_limit.shared_store(base_url)`); None limits this object alone.
        window_seconds: The limit's window; shorter only against a sandbox whose time is scaled.
        transport: Replaces the network in tests.
        decoder: Decodes the answers.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(  # noqa: PLR0913  # keyword-only settings
        self,
        *,
        auth: httpx.Auth,
        is_allowed: Callable[[str, str], bool],
        config_section: str,
        base_url: str,
        requests_per_minute: int,
        block_seconds: float,
        budget: Budget | None,
        limiter_store: Path | None,
        window_seconds: float,
        transport: httpx.BaseTransport | None,
        decoder: Decoder | None = None,
    ) -> None:
        self._budget = budget or Budget()
        limiter = RateLimiter(
            calls_per_minute=requests_per_minute,
            store=limiter_store,
            window_seconds=window_seconds,
            wait=self._budget.wait,
        )
        self._http = HttpClient(
            base_url=base_url,
            auth=auth,
            limiter=limiter,
            budget=self._budget,
            is_allowed=is_allowed,
            config_section=config_section,
            block_seconds=block_seconds,
            transport=transport,
            decoder=decoder,
        )

    @property
    def calls(self) -> Counter[str]:
        """Requests sent so far by table name, retries counted; calls for tokens under `token`."""
        return self._http.calls

    @property
    def calls_left(self) -> int | None:
        """Requests that the budget still allows; None: no bound."""
        return self._budget.calls_left

    @property
    def server_time(self) -> datetime | None:
        """The API's own clock at its last answer, in UTC; None before the first answer."""
        return self._http.server_time

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
