"""The client over a fake network: the gate, retries, the 429 rules, and where credentials may go."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest
import stamina

from sources.budget import Budget
from sources.errors import (
    ApiError,
    CallNotAllowed,
    ConfigurationError,
    CredentialsRefused,
    RateLimited,
    Stopped,
    StopReason,
    Unreachable,
    WrongAnswer,
)
from sources.http import HttpClient, checked_base_url, environment_proxy
from sources.rate_limit import RateLimiter

Handler = Callable[[httpx.Request], httpx.Response]

PAGE = httpx.Response(200, json=[{"id": 1}])
DATE = "Mon, 15 Dec 2025 10:58:52 GMT"


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """Retries follow at once; their number stays as configured."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


class Waits:
    """A clock that moves when the limiter waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        """Passes the time and notes it."""
        self.seconds.append(seconds)
        self.now += seconds


@contextmanager
def client(
    handler: Handler,
    *,
    budget: Budget | None = None,
    waits: Waits | None = None,
    answer_seconds: float = 120.0,
    base_url: str = "https://api.example.com",
) -> Iterator[HttpClient]:
    waits = waits or Waits()
    limiter = RateLimiter(calls_per_minute=0, store=None, wait=waits, clock=lambda: waits.now)
    with HttpClient(
        base_url=base_url,
        auth=httpx.Auth(),
        limiter=limiter,
        budget=budget or Budget(),
        is_allowed=lambda method, path: method == "GET" and path == "/v1/rows",
        config_section="sources.example",
        answer_seconds=answer_seconds,
        transport=httpx.MockTransport(handler),
    ) as http:
        yield http


def rows(http: HttpClient) -> object:
    return http.request("GET", "/v1/rows", endpoint="rows")


def script(*steps: httpx.Response | Exception) -> Handler:
    """Answers the calls in turn; the last answer stays."""
    remaining = list(steps)

    def handle(_: httpx.Request) -> httpx.Response:
        step = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        if isinstance(step, Exception):
            raise step
        return httpx.Response(step.status_code, headers=step.headers, content=step.content)

    return handle


def test_a_call_returns_decoded_json_and_is_counted() -> None:
    with client(script(PAGE)) as http:
        assert rows(http) == [{"id": 1}]
        assert http.calls == {"rows": 1}


def test_query_form_and_json_are_sent() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return PAGE

    with client(handle) as http:
        http.request("GET", "/v1/rows", endpoint="rows", params={"offset": 0, "ids": "1,2"})
        http.request("GET", "/v1/rows", endpoint="rows", form={"page": 1})
        http.request("GET", "/v1/rows", endpoint="rows", json={"page": 1})
    assert dict(seen[0].url.params) == {"offset": "0", "ids": "1,2"}
    assert [request.read() for request in seen[1:]] == [b"page=1", b'{"page":1}']


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(200, html="<h1>Maintenance</h1>"),
        httpx.Response(200, content=b'[{"id": 1}, {"i'),
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"null"),
    ],
)
def test_what_may_pass_is_tried_again(failure: httpx.Response | Exception) -> None:
    with client(script(failure, failure, PAGE)) as http:
        assert rows(http) == [{"id": 1}]
        assert http.calls == {"rows": 3}


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.Response(503, text="down, ask ann@example.com"), Unreachable),
        (httpx.Response(200, content=b"null"), WrongAnswer),
    ],
)
def test_a_failure_that_stays_ends_after_the_last_attempt(
    failure: httpx.Response | Exception, kind: type[ApiError]
) -> None:
    with client(script(failure)) as http:
        with pytest.raises(kind, match="rows: ") as caught:
            rows(http)
        assert http.calls == {"rows": 5}
        assert "ann@" not in str(caught.value)


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
def test_a_refusal_is_not_tried_again(status: int) -> None:
    with client(script(httpx.Response(status, json={"message": "no"}))) as http:
        with pytest.raises(ApiError):
            rows(http)
        assert http.calls == {"rows": 1}


def test_a_key_that_is_refused_ends_at_once() -> None:
    with client(script(httpx.Response(401))) as http:
        with pytest.raises(CredentialsRefused):
            rows(http)
        assert http.calls == {"rows": 1}


def test_pauses_between_attempts_grow_and_are_the_budget_s(monkeypatch: pytest.MonkeyPatch) -> None:
    budget, pauses = Budget(), list[float]()
    monkeypatch.setattr(budget, "wait", pauses.append)
    stamina.set_testing(False)
    with client(script(httpx.Response(500)), budget=budget) as http, pytest.raises(Unreachable):
        rows(http)
    assert len(pauses) == 4
    assert all(least <= pause <= 2 * least for pause, least in zip(pauses, (0.5, 1.0, 2.0, 4.0), strict=True))


def test_a_stop_ends_the_pause_before_a_retry() -> None:
    budget = Budget()
    stamina.set_testing(False)

    def handle(_: httpx.Request) -> httpx.Response:
        budget.stop(StopReason.SIGTERM)
        return httpx.Response(500)

    began = time.monotonic()
    with client(handle, budget=budget) as http, pytest.raises(Stopped):
        rows(http)
    assert time.monotonic() - began < 0.3


def test_every_attempt_is_spent_and_none_beyond_the_budget() -> None:
    budget = Budget(max_requests=3)
    with client(script(httpx.Response(500)), budget=budget) as http:
        with pytest.raises(Stopped) as caught:
            rows(http)
        assert caught.value.reason is StopReason.MAX_REQUESTS
        assert http.calls.total() == budget.calls == 3


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 300.0),
        ({"Retry-After": "0"}, 300.0),
        ({"Retry-After": "450"}, 450.0),
        ({"Retry-After": "soon"}, 300.0),
        ({"Retry-After": "-5"}, 300.0),
        ({"Retry-After": "nan"}, 300.0),
        ({"Retry-After": "1e300"}, 300.0),
        ({"Retry-After": "Mon, 15 Dec 2025 11:08:52 GMT", "Date": DATE}, 600.0),
        ({"Retry-After": "Mon, 15 Dec 2025 09:00:00 GMT", "Date": DATE}, 300.0),
    ],
)
def test_a_429_pauses_for_the_longer_of_block_and_retry_after(headers: dict[str, str], seconds: float) -> None:
    waits = Waits()
    blocked = httpx.Response(429, text="rate is limited", headers=headers)
    with client(script(blocked, PAGE), waits=waits) as http:
        assert rows(http) == [{"id": 1}]
        assert http.calls == {"rows": 2}
    assert waits.seconds == [seconds]


def test_the_fourth_429_of_a_run_ends_it() -> None:
    waits = Waits()
    with client(script(httpx.Response(429)), waits=waits) as http:
        with pytest.raises(RateLimited, match="requests_per_minute"):
            rows(http)
        assert http.calls == {"rows": 4}
        assert waits.seconds == [300.0] * 3
        with pytest.raises(RateLimited):
            rows(http)
        assert http.calls == {"rows": 4}


def test_a_stop_ends_the_pause_after_a_429_and_the_call_is_given_back() -> None:
    budget = Budget()
    limiter = RateLimiter(calls_per_minute=10, store=None, wait=budget.wait)
    timer = threading.Timer(0.05, budget.stop, (StopReason.SIGINT,))
    with HttpClient(
        base_url="https://api.example.com",
        auth=httpx.Auth(),
        limiter=limiter,
        budget=budget,
        is_allowed=lambda *_: True,
        config_section="sources.example",
        transport=httpx.MockTransport(script(httpx.Response(429))),
    ) as http:
        timer.start()
        with pytest.raises(Stopped):
            rows(http)
        timer.join()
        assert http.calls.total() == budget.calls == 1


def test_a_429_does_not_use_up_attempts() -> None:
    blocked, failed = httpx.Response(429), httpx.Response(500)
    with client(script(failed, failed, blocked, failed, failed, blocked, PAGE)) as http:
        assert rows(http) == [{"id": 1}]


def test_calls_in_threads_that_meet_one_block_count_it_once() -> None:
    """Four calls under way together are all answered 429: one pause, then all succeed."""
    together, waits = threading.Barrier(4), Waits()
    answered = threading.local()
    answered.once = True  # in this thread, whose call comes after the block

    def handle(_: httpx.Request) -> httpx.Response:
        if not hasattr(answered, "once"):
            answered.once = True
            together.wait(5.0)
            return httpx.Response(429)
        return httpx.Response(200, json=[])

    with client(handle, waits=waits) as http:
        threads = [threading.Thread(target=rows, args=(http,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert http.calls == {"rows": 8}
        assert rows(http) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/v1/rows"), ("GET", "/v1/rows/"), ("GET", "/v1/other"), ("GET", "/v1/rows/../other")],
)
def test_a_call_off_the_allow_list_never_leaves(method: str, path: str) -> None:
    sent: list[httpx.Request] = []
    budget = Budget()

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return PAGE

    with client(handle, budget=budget) as http, pytest.raises(CallNotAllowed):
        http.request(method, path, endpoint="rows")
    assert (sent, budget.calls) == ([], 0)


def test_another_host_never_gets_a_call() -> None:
    with client(script(PAGE)) as http, pytest.raises(CallNotAllowed):
        http.request("GET", "https://elsewhere.example.com/v1/rows", endpoint="rows")


def test_a_redirect_is_not_followed() -> None:
    redirect = httpx.Response(302, headers={"Location": "https://elsewhere.example.com/v1/rows"})
    with client(script(redirect)) as http:
        with pytest.raises(ApiError, match="redirect"):
            rows(http)
        assert http.calls == {"rows": 1}


def test_a_base_url_may_have_a_path() -> None:
    with client(script(PAGE), base_url="https://gateway.example.com/snovio/") as http:
        assert rows(http) == [{"id": 1}]


def test_the_server_s_clock_is_kept() -> None:
    later = datetime(2025, 12, 15, 11, tzinfo=UTC)
    answers = (
        httpx.Response(200, json=[], headers={"Date": DATE}),
        httpx.Response(200, json=[], headers={"Date": "not a date"}),
        httpx.Response(200, json=[], headers={"Date": format_datetime(later)}),
    )
    with client(script(*answers)) as http:
        times = [http.server_time, *[(rows(http), http.server_time)[1] for _ in answers]]
    first = datetime(2025, 12, 15, 10, 58, 52, tzinfo=UTC)
    assert times == [None, first, first, later]


class Drip(httpx.SyncByteStream):
    """A body that comes a byte at a time."""

    def __init__(self, between: Callable[[], None]) -> None:
        self._between = between

    def __iter__(self) -> Iterator[bytes]:
        yield b"["
        for _ in range(1000):
            self._between()
            yield b" "
        yield b"]"


def test_a_dripping_body_is_given_up() -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Drip(lambda: time.sleep(0.002)))

    with client(handle, answer_seconds=0.02) as http, pytest.raises(Unreachable, match="took more than"):
        rows(http)


def test_a_stop_ends_a_body_that_is_being_received() -> None:
    budget = Budget()

    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Drip(lambda: budget.stop(StopReason.SIGINT)))

    with client(handle, budget=budget) as http, pytest.raises(Stopped):
        rows(http)


@pytest.mark.parametrize(
    "base_url",
    ["https://api.example.com", "http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"],
)
def test_good_base_urls(base_url: str) -> None:
    assert str(checked_base_url(base_url, "sources.snovio.base_url")) == base_url


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "ftp://api.example.com",
        "api.example.com",
        "https://",
        "",
        "https://user:password@api.example.com",
        "https://api.example.com?access_token=x",
        "https://api.example.com:port",
    ],
)
def test_bad_base_urls_name_the_key_and_the_variable(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sources\.snovio\.base_url") as caught:
        checked_base_url(base_url, "sources.snovio.base_url")
    assert "SOURCES__SNOVIO__BASE_URL" in str(caught.value)
    assert "password@" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "proxy"),
    [
        ("https://api.example.com", "http://proxy.example.com:3128"),
        ("https://inside.example.com", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_the_environment_s_proxy_is_used_but_not_for_loopback(
    monkeypatch: pytest.MonkeyPatch, base_url: str, proxy: str | None
) -> None:
    for scheme in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(scheme, raising=False)
        monkeypatch.setenv(scheme.lower(), "http://proxy.example.com:3128")
    monkeypatch.setenv("no_proxy", "inside.example.com")
    assert environment_proxy(httpx.URL(base_url)) == proxy


def test_a_body_does_not_stay_in_memory() -> None:
    """Pages have ten megabytes and leave little garbage, so that it is seldom looked for."""
    bodies: list[weakref.ref[httpx.Response]] = []

    def answer(_: httpx.Request) -> httpx.Response:
        response = httpx.Response(200, json=[1])
        bodies.append(weakref.ref(response))
        return response

    gc.disable()
    try:
        with client(answer) as http:
            assert http.request("GET", "/v1/rows", endpoint="rows") == [1]
            assert [body() for body in bodies] == [None]
    finally:
        gc.enable()
