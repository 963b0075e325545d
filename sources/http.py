"""One httpx client for every API: allow-list, rate, budget, retries and errors. It knows no endpoint."""

import ipaddress
import random
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, Self

import httpx
import stamina

from sources import redaction
from sources.answers import TryAgain, as_it_is, check_status, read_body
from sources.budget import Budget
from sources.decoding import Decoder
from sources.errors import ConfigurationError, Unreachable, WrongAnswer
from sources.rate_limit import RateLimiter
from sources.transport import GatedTransport, TooManyRequests

# Seconds. A page of 10,000 rows takes the server a while.
_TIMEOUT: Final = httpx.Timeout(10.0, read=60.0, write=30.0, pool=60.0)
_ATTEMPTS: Final = 5
_RETRY_SECONDS: Final = 300.0
_ANSWER_SECONDS: Final = 120.0
_WAIT_INITIAL: Final = 0.5
_WAIT_MAX: Final = 20.0


class HttpClient:
    """Sends one API's calls and returns decoded JSON; safe to share between threads.

    Args:
        base_url: `https://`, or `http://` for loopback.
        auth: What adds the credentials to a request.
        limiter: The rate and the 429 block, shared with other processes.
        budget: What the run may spend; it ends every wait.
        is_allowed: The allow-list: tells whether a method and a path below the base URL may be called.
        config_section: Where dlt finds this API's settings, such as `sources.snovio`; errors name its keys.
        block_seconds: The least time to be silent after a 429, in seconds.
        timeout: httpx's timeouts for connecting, for writing and for each piece of an answer.
        attempts: How often a call is sent before its failure is final; a 429 is not counted.
        retry_seconds: After so many seconds a failed attempt is final too.
        answer_seconds: The most seconds to receive one body.
        transport: Replaces the network in tests.
        decoder: Decodes the answers.

    Raises:
        ConfigurationError: The base URL is not acceptable.
    """

    def __init__(  # noqa: PLR0913  # keyword-only settings, most with a default
        self,
        *,
        base_url: str,
        auth: httpx.Auth,
        limiter: RateLimiter,
        budget: Budget,
        is_allowed: Callable[[str, str], bool],
        config_section: str,
        block_seconds: float = 300.0,
        timeout: httpx.Timeout = _TIMEOUT,
        attempts: int = _ATTEMPTS,
        retry_seconds: float = _RETRY_SECONDS,
        answer_seconds: float = _ANSWER_SECONDS,
        transport: httpx.BaseTransport | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        redaction.install()  # from here on secrets pass through loggers that are not ours
        url = checked_base_url(base_url, f"{config_section}.base_url")
        self._budget = budget
        self._attempts = attempts
        self._retry_seconds = retry_seconds
        self._gate = GatedTransport(
            transport or httpx.HTTPTransport(proxy=environment_proxy(url)),
            base_url=url,
            is_allowed=is_allowed,
            limiter=limiter,
            budget=budget,
            block_seconds=block_seconds,
            answer_seconds=answer_seconds,
        )
        self._decoder = decoder or Decoder()
        headers = {"User-Agent": "outreach-elt", "Accept": "application/json"}
        self._client = httpx.Client(
            base_url=url, auth=auth, timeout=timeout, headers=headers, transport=self._gate, follow_redirects=False
        )

    @property
    def calls(self) -> Counter[str]:
        """Requests sent so far, by the `endpoint` they were made for; retries counted, token calls under `token`."""
        return self._gate.calls

    @property
    def server_time(self) -> datetime | None:
        """The server's clock at its last answer, in UTC; the runner's own clock may be wrong."""
        return self._gate.server_time

    def request(
        self,
        method: str,
        path: str,
        *,
        endpoint: str,
        params: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        json: Any = None,
        convert: Callable[[Any], Any] = as_it_is,
    ) -> Any:
        """Makes one call, again where that may help, and returns what its answer is converted to.

        Args:
            method: The HTTP verb in capitals.
            path: The path below the base URL.
            endpoint: The endpoint by its table's name, for counting and for errors.
            params: The query.
            form: A form body.
            json: A JSON body.
            convert: Makes of the decoded JSON what is returned, where that is decoded. If it can be pickled, large
                answers are decoded by another process (`decoding.DecodingProcesses`).

        Raises:
            CallNotAllowed: The call is not on the allow-list; nothing was sent.
            Stopped: The run must end.
            CredentialsRefused: The credentials are wrong.
            NotFound: What was asked for is gone.
            NotInPlan: The plan lacks the method.
            WrongAnswer: The answer is no JSON, or says that it failed.
            RateLimited: 429 more often than a run accepts.
            Unreachable: The network or the server failed to the last attempt.
            ApiError: Any other refusal.
        """
        request = self._client.build_request(
            method, path, params=params, data=form, json=json, extensions={"endpoint": endpoint}
        )
        while True:
            try:
                return self._with_retries(endpoint, request, convert)
            except TooManyRequests:
                continue  # the limiter holds the next attempt back until the block is over

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _with_retries(self, endpoint: str, request: httpx.Request, convert: Callable[[Any], Any]) -> Any:
        pause = 0.0
        attempts = stamina.retry_context(
            on=_without_sleep,
            attempts=self._attempts,
            timeout=self._retry_seconds,
            wait_initial=_WAIT_INITIAL,
            wait_max=_WAIT_MAX,
        )
        try:
            for attempt in attempts:
                with attempt:
                    if pause:
                        self._budget.wait(random.uniform(pause, 2 * pause))  # noqa: S311  # jitter, not a secret
                    pause = attempt.next_wait
                    return self._send(endpoint, request, convert)
        except TryAgain as again:
            raise again.error from again.__cause__
        raise AssertionError("stamina ends with a result or an error")

    def _send(self, endpoint: str, request: httpx.Request, convert: Callable[[Any], Any]) -> Any:
        try:
            response = self._client.send(request)
        except httpx.DecodingError as error:
            raise TryAgain(WrongAnswer(endpoint, f"the body cannot be unpacked: {error}")) from error
        except httpx.TransportError as error:
            raise TryAgain(Unreachable(endpoint, f"{type(error).__name__}: {error}")) from error
        # httpx lets response and stream point at each other: a body would stay until garbage is looked for.
        response.stream = httpx.ByteStream(b"")
        check_status(endpoint, response)
        content_type = response.headers.get("Content-Type", "")
        read = partial(read_body, endpoint, content_type=content_type, convert=convert)
        return self._decoder.decode(response.content, read, portable=convert is not as_it_is)


def _without_sleep(error: Exception) -> bool | float:
    """Has stamina count the attempts and the time but not sleep: a sleep of its own could not be interrupted."""
    return 0.0 if isinstance(error, TryAgain) else False


def checked_base_url(base_url: str, key: str) -> httpx.URL:
    """Returns the URL when the credentials may be sent there.

    Args:
        base_url: The configured text.
        key: The setting's name, for the error.

    Raises:
        ConfigurationError: It is no absolute `https://` URL, holds a password or a query, or is `http://` beyond
            loopback.
    """
    url = checked_url(base_url, key)
    if url.userinfo or url.query or url.fragment:
        raise ConfigurationError(key, "The URL must not contain a user, a password, a query or a fragment.")
    return url


def checked_url(text: str, key: str) -> httpx.URL:
    """Returns the URL when what is sent there cannot be read on the way.

    Args:
        text: The configured text.
        key: The setting's name, for the error.

    Raises:
        ConfigurationError: It is no absolute `https://` URL, or is `http://` beyond loopback.
    """
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ConfigurationError(key, f"The value is not a URL ({error}).") from None
    if url.scheme not in {"http", "https"} or not url.host:
        raise ConfigurationError(key, "The value is not an absolute URL such as https://api.example.com.")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise ConfigurationError(key, "http:// would send the credentials in the clear; use https://.")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def environment_proxy(url: httpx.URL) -> str | None:
    """Returns the proxy that the environment sets for a URL, or None.

    httpx reads the environment only for transports that it makes itself.

    Args:
        url: Where the calls go; loopback never has a proxy.
    """
    if _is_loopback(url.host) or urllib.request.proxy_bypass(url.host):
        return None
    return urllib.request.getproxies().get(url.scheme)
