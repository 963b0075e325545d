"""The one door to the network: every request that is really sent passes here, token calls and retries included."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from sources.budget import Budget
from sources.errors import CallNotAllowed, RateLimited, Stopped
from sources.rate_limit import RateLimiter

logger = logging.getLogger(__name__)

# After so many blocks, the next 429 ends the run: something else is using up the limit.
_BLOCKS_PER_RUN: Final = 3

# A longer Retry-After is taken for nonsense.
_LONGEST_RETRY_AFTER: Final = 24 * 3600.0


class TooManyRequests(Exception):
    """The answer was 429 and the block has begun: the same call may be made again, and will wait by itself."""


class GatedTransport(httpx.BaseTransport):
    """Lets a request pass when it is allowed, affordable and within the rate; counts it; obeys a 429.

    Args:
        inner: What really sends.
        base_url: Nothing is sent to another scheme, host or port, and every path lies below it.
        is_allowed: Tells whether a method and a path below the base URL may be called.
        limiter: The rate and the block.
        budget: What the run may spend.
        block_seconds: The least time to be silent after a 429, in seconds.
        answer_seconds: The most seconds to receive one body, however steadily it drips.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        base_url: httpx.URL,
        is_allowed: Callable[[str, str], bool],
        limiter: RateLimiter,
        budget: Budget,
        block_seconds: float,
        answer_seconds: float,
    ) -> None:
        self._inner = inner
        self._base_url = base_url
        self._is_allowed = is_allowed
        self._limiter = limiter
        self._budget = budget
        self._block_seconds = block_seconds
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._blocks = 0
        self._last_block = 0.0
        self._calls: Counter[str] = Counter()
        self.server_time: datetime | None = None

    @property
    def calls(self) -> Counter[str]:
        """A copy of the numbers of requests sent, by endpoint."""
        with self._lock:
            return Counter(self._calls)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request.

        Raises:
            CallNotAllowed: The call is not on the allow-list; nothing was sent.
            Stopped: The run must end, perhaps from within the wait for a place.
            TooManyRequests: 429; all calls of the machine now wait.
            RateLimited: 429 once more than a run accepts.
            httpx.TransportError: The network failed.
        """
        endpoint = str(request.extensions.get("endpoint", "unnamed"))
        self._refuse_what_is_not_allowed(request)
        place = self._admit(endpoint)
        sent = time.monotonic()
        try:
            response = self._inner.handle_request(request)
        finally:
            self._limiter.arrived(place)
        self._note_server_time(response)
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            response.close()
            self._block(endpoint, response, sent)
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _BoundedStream(response.stream, self._budget, self._answer_seconds)
        return response

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()

    def _refuse_what_is_not_allowed(self, request: httpx.Request) -> None:
        url, base = request.url, self._base_url
        same_place = (url.scheme, url.host, url.port) == (base.scheme, base.host, base.port)
        path = url.path.removeprefix(base.path.rstrip("/"))
        if not same_place or not self._is_allowed(request.method, path):
            raise CallNotAllowed(f"{request.method} {url.copy_with(query=None)} is not on the allow-list: not sent")

    def _admit(self, endpoint: str) -> int:
        """Spends one call and returns its place; the call is given back when the wait for the place is ended."""
        if self._blocks > _BLOCKS_PER_RUN:
            raise self._rate_limited(endpoint)
        self._budget.spend()
        try:
            place = self._limiter.acquire()
        except Stopped:
            self._budget.give_back()
            raise
        with self._lock:
            self._calls[endpoint] += 1
        return place

    def _block(self, endpoint: str, response: httpx.Response, sent: float) -> None:
        seconds = max(self._block_seconds, self._retry_after(response))
        self._limiter.block(seconds)
        with self._lock:
            # Calls that were under way when the block began are answered 429 too: still one block.
            if sent >= self._last_block:
                self._blocks += 1
                self._last_block = time.monotonic()
            if self._blocks > _BLOCKS_PER_RUN:
                raise self._rate_limited(endpoint)
        logger.warning("%s: the API answered 429, all calls pause for %.0f s", endpoint, seconds)
        raise TooManyRequests

    def _rate_limited(self, endpoint: str) -> RateLimited:
        message = f"the API answered 429 again after {_BLOCKS_PER_RUN} pauses of at least {self._block_seconds:.0f} s"
        return RateLimited(endpoint, message, httpx.codes.TOO_MANY_REQUESTS)

    def _retry_after(self, response: httpx.Response) -> float:
        """Returns the seconds that `Retry-After` asks for; 0 when it is missing or nonsense."""
        text = response.headers.get("Retry-After", "")
        date = _http_date(text)
        if date:
            # The server's own clock counts: the runner's may be wrong.
            seconds = (date - (self.server_time or datetime.now(UTC))).total_seconds()
        else:
            try:
                seconds = float(text)
            except ValueError:
                return 0.0
        return seconds if 0 <= seconds <= _LONGEST_RETRY_AFTER else 0.0

    def _note_server_time(self, response: httpx.Response) -> None:
        self.server_time = _http_date(response.headers.get("Date", "")) or self.server_time


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


class _BoundedStream(httpx.SyncByteStream):
    """A body that ends with an error when it takes too long, or when the run must stop.

    httpx bounds the silence between two pieces only, so a server that drips could hold a run for hours.
    """

    def __init__(self, stream: httpx.SyncByteStream, budget: Budget, seconds: float) -> None:
        self._stream = stream
        self._budget = budget
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        ends = time.monotonic() + self._seconds
        for piece in self._stream:
            self._budget.check()
            if time.monotonic() > ends:
                raise httpx.ReadTimeout(f"the body took more than {self._seconds:.0f} s")
            yield piece

    def close(self) -> None:
        self._stream.close()
