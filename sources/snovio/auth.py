"""Snov.io's token: OAuth client credentials as one httpx auth flow."""

import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, Final

import httpx

from sources.answers import TryAgain, error_message, read_answer
from sources.errors import ApiError, CredentialsRefused, WrongAnswer
from sources.redaction import register_secret
from sources.snovio.endpoints import ENDPOINTS

logger = logging.getLogger(__name__)

_RENEW_EARLY_SECONDS: Final = 300.0
_LONGEST_LIFETIME: Final = 366 * 86_400.0

# Of a request that is always the same, these can only mean its credentials.
_REFUSALS: Final = frozenset({200, 400, 401, 403, 422})

# No documented row page is so short and names a token; longer bodies are not searched.
_SHORT_BODY: Final = 4_096

_Flow = Generator[httpx.Request, httpx.Response, Any]


class ClientCredentials(httpx.Auth):
    """Puts the token into the header, and gets a new one early, and once after it was refused.

    Documented: the form body, `expires_in` of 3600 seconds, the Bearer header, no refresh token. The other token
    forms (query, form field) are documented too, and never used: they put the token into logs.

    Args:
        client_id: The API user id.
        client_secret: Its secret; masked in every log from now on.
        base_url: The API's base URL.
        clock: Seconds on a clock that does not jump.
    """

    def __init__(
        self, client_id: str, client_secret: str, *, base_url: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        register_secret(client_secret)
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._method, path = ENDPOINTS["token"]
        self._url = base_url.rstrip("/") + path
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0
        self._was_accepted = False

    def sync_auth_flow(self, request: httpx.Request) -> _Flow:
        """Sends the request with a token, and once more with a new one when the token was refused.

        A request for the token itself is none but that.

        Raises:
            CredentialsRefused: The token endpoint refuses the credentials, or no token was ever accepted.
            ApiError: A new token is refused although others were accepted: only this endpoint does not take it.
        """
        token = yield from self._current_token(request)
        if request.extensions["endpoint"] == "token":
            return
        response = yield _signed(request, token)
        if _refuses_the_token(response):
            token = yield from self._current_token(request, refused=token)
            response = yield _signed(request, token)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            raise self._refused_again(str(request.extensions["endpoint"]), response)
        self._was_accepted |= response.is_success

    def _current_token(self, request: httpx.Request, refused: str = "") -> _Flow:
        """Returns the token, a new one where the old is stale or refused; one thread renews, the others wait."""
        with self._lock:
            if self._token == refused or self._clock() >= self._renew_at:
                response = yield self._token_request(request)
                response.read()
                self._keep(_read_token_answer(response))
            return self._token

    def _token_request(self, request: httpx.Request) -> httpx.Request:
        # The timeouts travel in the extensions: without them this call would have none.
        extensions = {**request.extensions, "endpoint": "token"}
        headers = {name: request.headers[name] for name in ("User-Agent", "Accept")}
        return httpx.Request(self._method, self._url, data=self._form, headers=headers, extensions=extensions)

    def _keep(self, answer: dict[str, Any]) -> None:
        token = answer["access_token"]
        register_secret(token)
        self._token = token
        self._renew_at = self._clock() + _usable_seconds(answer.get("expires_in"))
        logger.debug("got a new token")

    def _refused_again(self, endpoint: str, response: httpx.Response) -> Exception:
        response.read()
        message = f"a new token was refused: {error_message(response.content)}"
        if self._was_accepted:
            return ApiError(endpoint, message, response.status_code)
        return CredentialsRefused(f"{endpoint}: {message.rstrip('.')}.")


def _signed(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _refuses_the_token(response: httpx.Response) -> bool:
    """A 401, or a 200 that says `success: false` and names the token (the second form is inferred)."""
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return True
    body = response.read()
    if len(body) > _SHORT_BODY or b'"success"' not in body:
        return False
    try:
        read_answer("", response)
    except WrongAnswer as error:
        return "token" in error.message.lower()
    except (ApiError, TryAgain, CredentialsRefused):
        return False
    return False


def _read_token_answer(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = read_answer("token", response)
    except CredentialsRefused:
        raise CredentialsRefused(_refusal(error_message(response.content))) from None
    except ApiError as error:
        if error.status in _REFUSALS:
            raise CredentialsRefused(_refusal(error.message)) from None
        # Not a NotFound: that would pass for a campaign that is gone.
        raise ApiError("token", f"{error.message.rstrip('.')}; check base_url", error.status) from None
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise TryAgain(WrongAnswer("token", "the answer has no usable access_token", response.status_code))
    return dict(answer)


def _refusal(message: str) -> str:
    return f"The API refused the credentials: {message.rstrip('.')}."


def _usable_seconds(expires_in: Any) -> float:
    """Returns how long to use a token: until five minutes before its end, or until it is refused.

    A lifetime of 0 or nonsense says nothing, and must not make every call ask for a token; a short one is used for
    its first half.
    """
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError, OverflowError):
        return _LONGEST_LIFETIME
    if not 0 < seconds < _LONGEST_LIFETIME:
        return _LONGEST_LIFETIME
    return seconds - min(_RENEW_EARLY_SECONDS, seconds / 2)
