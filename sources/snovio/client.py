"""What every call to Snov.io shares: the token, the allow-list, the rate and the budget."""

from collections.abc import Callable
from typing import Any, Unpack

from sources.answers import as_it_is
from sources.client import ApiClient, Connection
from sources.snovio.auth import ClientCredentials
from sources.snovio.endpoints import ENDPOINTS, is_allowed
from sources.snovio.settings import SECTION
from sources.snovio.shapes import Row, object_of, rows_of


class SnovioClient(ApiClient):
    """Sends the calls of one account; safe to share between threads.

    Args:
        client_id: The API user id of the account.
        client_secret: Its secret.
        base_url: `https://`, or `http://` for loopback.
        requests_per_minute: The limit to keep, token calls included; 0 means none.
        block_seconds: The least time to be silent after a 429, in seconds.
        progress_wait_seconds: The wait before campaign progress is asked again after a 422.
        connection: As `client.Connection` says.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        base_url: str = "https://api.snov.io",
        requests_per_minute: int = 55,
        block_seconds: float = 300.0,
        progress_wait_seconds: float = 30.0,
        **connection: Unpack[Connection],
    ) -> None:
        super().__init__(
            connection,
            auth=ClientCredentials(client_id, client_secret, base_url=base_url),
            is_allowed=is_allowed,
            config_section=SECTION,
            base_url=base_url,
            requests_per_minute=requests_per_minute,
            block_seconds=block_seconds,
        )
        self._progress_wait_seconds = progress_wait_seconds

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
