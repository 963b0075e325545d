"""What the clients of all APIs share: one connection, one limit, one budget, and what they tell of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self, TypedDict

import httpx

from sources.budget import Budget
from sources.decoding import Decoder
from sources.http import HttpClient
from sources.rate_limit import RateLimiter


class Connection(TypedDict, total=False):
    """How an API is talked to, whichever it is.

    Args:
        budget: What the run may spend; unbounded when left out.
        limiter_store: The file through which all processes of this machine keep one limit
            (`rate_limit.shared_store(base_url)`); None limits this client alone.
        window_seconds: The limit's window, 60 when left out; shorter only against a sandbox whose time is scaled.
        transport: Replaces the network in tests.
        decoder: Decodes the answers.
    """

    budget: Budget | None
    limiter_store: Path | None
    window_seconds: float
    transport: httpx.BaseTransport | None
    decoder: Decoder | None


class ApiClient:
    """Sends the calls of one account; safe to share between threads.

    Args:
        auth: Signs the requests.
        is_allowed: Whether a call may leave.
        config_section: Where the settings of the API stand.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep, all calls counted; 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        connection: As `Connection` says.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        auth: httpx.Auth,
        is_allowed: Callable[[str, str], bool],
        config_section: str,
        base_url: str,
        requests_per_minute: int,
        block_seconds: float,
    ) -> None:
        self._budget = connection.get("budget") or Budget()
        limiter = RateLimiter(
            calls_per_minute=requests_per_minute,
            store=connection.get("limiter_store"),
            window_seconds=connection.get("window_seconds", 60.0),
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
            transport=connection.get("transport"),
            decoder=connection.get("decoder"),
        )

    @property
    def calls(self) -> Counter[str]:
        """Requests sent so far by table name, retries counted; those for a token under `token`."""
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
