"""What every call to Snov.io shares: the token, the allow-list, the rate and the budget."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from sources.answers import as_it_is
from sources.budget import Budget
from sources.client import ApiClient
from sources.decoding import Decoder
from sources.snovio.auth import ClientCredentials
from sources.snovio.endpoints import ENDPOINTS, is_allowed
from sources.snovio.shapes import Row, object_of, rows_of


class SnovioClient(ApiClient):
    """Sends the calls of one account; safe to share between threads.

    Args:
        client_id: The API user id of the account.
        client_secret: Its secret.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep, token calls included; 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        budget: What the run may spend; unbounded when left out.
        limiter_store: The file through which all processes of this machine keep one limit
            (`rate_limit.shared_store(base_url)`); None limits this object alone.
        window_seconds: The limit's window; shorter only against a sandbox whose time is scaled.
        progress_wait_seconds: The wait before campaign progress is asked again after a 422.
        transport: Replaces the network in tests.
        decoder: Decodes the answers.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(  # noqa: PLR0913  # keyword-only settings, most with a default
        self,
        *,
        client_id: str,
        client_secret: str,
        base_url: str = "https://api.snov.io",
        requests_per_minute: int = 55,
        block_seconds: float = 300.0,
        budget: Budget | None = None,
        limiter_store: Path | None = None,
        window_seconds: float = 60.0,
        progress_wait_seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        super().__init__(
            auth=ClientCredentials(client_id, client_secret, base_url=base_url),
            is_allowed=is_allowed,
            config_section="sources.snovio",
            base_url=base_url,
            requests_per_minute=requests_per_minute,
            block_seconds=block_seconds,
            budget=budget,
            limiter_store=limiter_store,
            window_seconds=window_seconds,
            transport=transport,
            decoder=decoder,
        )
        self._progress_wait_seconds = progress_wait_seconds

    def sign_in(self) -> None:
        """Gets the token that the next call would get, so that the API's clock is known before it.

        Raises:
            CredentialsRefused: The credentials are refused.
            ApiError: The token cannot be had.
        """
        self._call("token")

    def _call(
        self,
        endpoint: str,
        *ids: int,
        params: Row | None = None,
        form: Row | None = None,
        convert: Callable[[Any], Any] = as_it_is,
        counted_as: str | None = None,
    ) -> Any:
        method, path = ENDPOINTS[endpoint]
        named = counted_as or endpoint
        path = path.format(*ids)
        return self._http.request(method, path, endpoint=named, params=params, form=form, convert=convert)

    def _data_rows(self, endpoint: str, *ids: int) -> list[Row]:
        return rows_of(endpoint, object_of(endpoint, self._call(endpoint, *ids)).get("data"))

    def _data_object(self, endpoint: str, *ids: int) -> Row:
        return object_of(endpoint, object_of(endpoint, self._call(endpoint, *ids)).get("data"))
