"""SendKit's API key as one httpx auth flow, and what a refusal of it means."""

from __future__ import annotations

import logging
from collections.abc import Generator
from typing import Final

import httpx

from sources.answers import error_message
from sources.errors import ApiError, ConfigurationError, CredentialsRefused, NotInPlan
from sources.redaction import register_secret

logger = logging.getLogger(__name__)

_PLATFORM_KEY: Final = "sk_user_"
_ADVICE: Final = (
    "A workspace key (sk_...) opens its own workspace alone; a platform key (sk_user_...) needs"
    " sources.sendkit.workspace_id."
)
_TELLING: Final = ("limit", "remaining", "reset")
"""Words in the names of headers that tell of the rate limit, whose names are not documented."""


class ApiKey(httpx.Auth):
    """Puts the key into the header `X-Api-Key`, or where that is refused from the start into `Authorization`.

    An older page of the reference marks both headers as required, the newer ones show the first alone.

    Args:
        api_key: The key; masked in every log from now on.
        workspace_id: The workspace to read, for a key that opens several; a key that is bound to one must not send
            it (documented).

    Raises:
        ConfigurationError: The key cannot be one, or it opens several workspaces and none is named.
    """

    def __init__(self, api_key: str, workspace_id: str | None = None) -> None:
        register_secret(api_key)
        _check("api_key", api_key)
        self._styles = [{"X-Api-Key": api_key}, {"Authorization": f"Bearer {api_key}"}]
        self._workspace: dict[str, str] = {}
        if api_key.startswith(_PLATFORM_KEY):
            if not workspace_id:
                problem = "The key opens several workspaces; name the one to read."
                raise ConfigurationError("sources.sendkit.workspace_id", problem)
            _check("workspace_id", workspace_id)
            self._workspace = {"X-Workspace-Id": workspace_id}
        self._was_accepted = False
        self._headers_seen: set[str] = set()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sends the request with the key; until one was accepted, once more in the other style after a 401.

        Raises:
            CredentialsRefused: The key is refused, or opens nothing.
            NotInPlan: The key opens other endpoints, but not this one.
        """
        response = yield self._signed(request)
        if response.status_code == httpx.codes.UNAUTHORIZED and not self._was_accepted:
            self._styles.reverse()
            response = yield self._signed(request)
        self._note_headers(response)
        if response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise self._refused(str(request.extensions.get("endpoint", "")), response)
        self._was_accepted |= response.is_success

    def _signed(self, request: httpx.Request) -> httpx.Request:
        for style in self._styles:
            for name in style:
                request.headers.pop(name, None)
        request.headers.update({**self._styles[0], **self._workspace})
        return request

    def _refused(self, endpoint: str, response: httpx.Response) -> CredentialsRefused | ApiError:
        response.read()
        message = error_message(response.content).rstrip(".")
        if response.status_code == httpx.codes.FORBIDDEN and self._was_accepted:
            return NotInPlan(endpoint, f"{message}. {_ADVICE}", response.status_code)
        return CredentialsRefused(f"{endpoint}: the API refuses the key: {message}. {_ADVICE}")

    def _note_headers(self, response: httpx.Response) -> None:
        """Log once the headers that seem to tell of the rate limit."""
        found = {name for name in response.headers if any(word in name.lower() for word in _TELLING)}
        if new := sorted(found - self._headers_seen):
            told = ", ".join(f"{name}: {response.headers[name]}" for name in new)
            logger.info("the API tells of its rate limit: %s", told)
        self._headers_seen |= found


def _check(name: str, value: str) -> None:
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        problem = "The value is empty or has characters that no such value has."
        raise ConfigurationError(f"sources.sendkit.{name}", problem)
