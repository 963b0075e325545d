"""The token: early renewal, renewal after a refusal, one renewal at a time, and wrong credentials."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import stamina

from sources.budget import Budget
from sources.errors import ApiError, CredentialsRefused, Unreachable, WrongAnswer
from sources.http import HttpClient
from sources.rate_limit import RateLimiter
from sources.redaction import mask
from sources.snovio.auth import ClientCredentials

URL = "https://api.example.com"
SUCCESS_FALSE = {"success": False, "errors": ["Invalid access token"]}


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


class Server:
    """Gives out tokens `token-1`, `token-2`... and accepts only the newest, until told otherwise."""

    def __init__(self, *, expires_in: Any = 3600) -> None:
        self.expires_in = expires_in
        self.tokens = 0
        self.token_answers: list[httpx.Response] = []
        self.answer: Callable[[httpx.Request], httpx.Response] = self.accept_the_newest
        self.now = 0.0
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        self.requests.append(request)
        if request.url.path != "/v1/oauth/access_token":
            return self.answer(request)
        if self.token_answers:
            return self.token_answers.pop(0)
        self.tokens += 1
        token = {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": self.expires_in}
        return httpx.Response(200, json=token)

    def accept_the_newest(self, request: httpx.Request) -> httpx.Response:
        """Refuses every token but the last that was given out."""
        accepted = request.headers["Authorization"] == f"Bearer token-{self.tokens}"
        return httpx.Response(200, json=[]) if accepted else httpx.Response(401, json={"message": "Unauthorized"})

    def client(self) -> HttpClient:
        """Makes a client of this server, on the server's own clock."""
        auth = ClientCredentials("example-id", "canary-secret-value", base_url=URL, clock=lambda: self.now)
        budget = Budget()
        return HttpClient(
            base_url=URL,
            auth=auth,
            limiter=RateLimiter(calls_per_minute=0, store=None, wait=budget.wait),
            budget=budget,
            is_allowed=lambda *_: True,
            config_section="sources.snovio",
            transport=httpx.MockTransport(self),
        )


def campaigns(http: HttpClient) -> object:
    return http.request("GET", "/v1/get-user-campaigns", endpoint="campaigns")


def test_the_token_is_asked_for_once_by_form_and_sent_in_the_header_only() -> None:
    server = Server()
    with server.client() as http:
        assert [campaigns(http), campaigns(http)] == [[], []]
        assert http.calls == {"token": 1, "campaigns": 2}
    token_call, call, _ = server.requests
    assert token_call.method == "POST"
    form = b"grant_type=client_credentials&client_id=example-id&client_secret=canary-secret-value"
    assert token_call.content == form
    assert "Authorization" not in token_call.headers
    assert token_call.extensions["timeout"] == call.extensions["timeout"]
    assert call.headers["Authorization"] == "Bearer token-1"
    assert "token" not in str(call.url)


@pytest.mark.parametrize(
    ("expires_in", "kept_until", "renewed_at"),
    [
        (3600, 3299.0, 3301.0),
        ("3600", 3299.0, 3301.0),
        (60, 29.0, 31.0),
        (0, 86_400.0, None),
        (-1, 86_400.0, None),
        (None, 86_400.0, None),
        ("soon", 86_400.0, None),
        ([], 86_400.0, None),
        (10**400, 86_400.0, None),
    ],
)
def test_a_token_is_renewed_early(expires_in: Any, kept_until: float, renewed_at: float | None) -> None:
    """A lifetime of 0 or nonsense neither loops nor asks for a token at every call."""
    server = Server(expires_in=expires_in)
    with server.client() as http:
        campaigns(http)
        server.now = kept_until
        campaigns(http)
        assert server.tokens == 1
        if renewed_at is not None:
            server.now = renewed_at
            campaigns(http)
            assert server.tokens == 2


def test_a_refused_token_is_renewed_once_and_the_same_call_made_again() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
        server.tokens += 1  # the token that the client holds is not the newest any more
        query = {"offset": 10_000}
        assert http.request("GET", "/v1/emails-sent", endpoint="emails_sent", params=query) == []
        assert http.calls == {"token": 2, "campaigns": 1, "emails_sent": 2}
    assert [request.url.query for request in server.requests[-3:]] == [b"offset=10000", b"", b"offset=10000"]


def test_a_200_that_names_the_token_renews_it_once() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
        answers = [httpx.Response(200, json=SUCCESS_FALSE), httpx.Response(200, json=[])]
        server.answer = lambda _: answers.pop(0)
        assert campaigns(http) == []
        assert server.tokens == 2


@pytest.mark.parametrize(
    ("body", "tokens"),
    [(SUCCESS_FALSE, 2), ({"success": False, "errors": ["No such campaign"]}, 1)],
)
def test_a_200_that_stays_a_failure_is_a_wrong_answer(body: dict[str, Any], tokens: int) -> None:
    server = Server()
    server.answer = lambda _: httpx.Response(200, json=body)
    with server.client() as http, pytest.raises(WrongAnswer):
        campaigns(http)
    assert server.tokens == tokens


def test_a_new_token_that_no_endpoint_ever_accepts_means_wrong_credentials() -> None:
    server = Server()
    server.answer = lambda _: httpx.Response(401)
    with server.client() as http:
        with pytest.raises(CredentialsRefused, match="a new token was refused"):
            campaigns(http)
        assert http.calls == {"token": 2, "campaigns": 2}


def test_a_new_token_that_only_one_endpoint_refuses_fails_that_endpoint() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
        server.answer = lambda _: httpx.Response(401)
        with pytest.raises(ApiError, match="campaigns: a new token was refused"):
            campaigns(http)
        server.answer = server.accept_the_newest
        assert campaigns(http) == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(401, json={"message": "Client authentication failed"}),
        httpx.Response(400, json={"error": "invalid_client"}),
        httpx.Response(403, text="no"),
        httpx.Response(200, json={"success": False, "errors": ["Invalid client"]}),
    ],
)
def test_wrong_credentials_end_at_once(answer: httpx.Response) -> None:
    server = Server()
    server.token_answers = [answer]
    with server.client() as http:
        with pytest.raises(CredentialsRefused, match="refused the credentials") as caught:
            campaigns(http)
        assert http.calls == {"token": 1}
    assert "canary-secret-value" not in str(caught.value) + repr(caught.value)


def test_a_missing_token_endpoint_points_at_the_base_url() -> None:
    """It must not pass for a campaign that is gone, which would only be skipped."""
    server = Server()
    server.token_answers = [httpx.Response(404, json={"errors": {"title": "url not found"}})]
    with server.client() as http, pytest.raises(ApiError, match="token: url not found; check base_url") as caught:
        campaigns(http)
    assert type(caught.value) is ApiError


def test_a_secret_that_is_revoked_in_the_middle_is_refused() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
        server.answer = lambda _: httpx.Response(401)
        server.token_answers = [httpx.Response(401)]
        with pytest.raises(CredentialsRefused):
            campaigns(http)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(200, html="<h1>Maintenance</h1>"),
        httpx.Response(200, content=b"null"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"token_type": "Bearer"}),
        httpx.Response(200, json={"access_token": "two\nlines"}),
    ],
)
def test_a_failing_token_endpoint_is_tried_again(failure: httpx.Response) -> None:
    server = Server()
    server.token_answers = [failure]
    with server.client() as http:
        assert campaigns(http) == []
        assert http.calls == {"token": 2, "campaigns": 1}


def test_a_token_endpoint_that_stays_down_is_unreachable() -> None:
    server = Server()
    server.token_answers = [httpx.Response(503) for _ in range(9)]
    with server.client() as http, pytest.raises(Unreachable, match="token: "):
        campaigns(http)


def test_threads_renew_once() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
        server.now = 3500.0
        answer = server.answer

        def slowly(request: httpx.Request) -> httpx.Response:
            time.sleep(0.01)
            return answer(request)

        server.answer = slowly
        threads = [threading.Thread(target=campaigns, args=(http,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert http.calls == {"token": 2, "campaigns": 7}


def test_secrets_are_masked_from_the_moment_they_are_known() -> None:
    server = Server()
    with server.client() as http:
        campaigns(http)
    assert mask("canary-secret-value token") == "*** token"
    assert "canary" not in repr(ClientCredentials("example-id", "canary-secret-value", base_url=URL))
