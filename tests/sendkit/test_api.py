"""Every method: the documented answer in, typed rows out; a wrong shape is an error; the right call leaves."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from sources.errors import (
    ApiError,
    ConfigurationError,
    CredentialsRefused,
    NotFound,
    NotInPlan,
    OutreachError,
    Unreachable,
    WrongAnswer,
)
from sources.sendkit.api import SendkitApi
from sources.sendkit.credentials import without_credentials
from sources.sendkit.endpoints import ENDPOINTS, is_allowed
from sources.sendkit.paging import Listing

EXAMPLES = Path(__file__).parents[1] / "examples" / "sendkit"
CAMPAIGN = "665a1b2c3d4e5f6a7b8c9d0e"
KEY = "sk_canary-key-value"
PLATFORM_KEY = "sk_user_canary-key-value"


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


class Fake:
    """Answers calls with the next of some answers, the last one again and again."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        # a copy: the same request may be sent once more with other headers
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
        self.requests.append(copy)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def api(self, key: str = KEY, workspace_id: str | None = None) -> SendkitApi:
        """Makes a client of this fake."""
        return SendkitApi(
            api_key=key, workspace_id=workspace_id, requests_per_minute=0, transport=httpx.MockTransport(self)
        )


def ok(data: Any, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "data": data, **more})


def rows(listing: Listing) -> list[Any]:
    return [row for page in listing for row in page]


# how to call it, the example, what is sent, whether it is a list
CALLS: list[tuple[Callable[[SendkitApi], Any], str, str]] = [
    (lambda api: rows(api.campaigns()), "campaigns", "GET /v1/campaigns?limit=100"),
    (lambda api: rows(api.campaigns()), "campaigns_older_paging", "GET /v1/campaigns?limit=100"),
    (lambda api: rows(api.campaigns("archived")), "campaigns", "GET /v1/campaigns?limit=100&status=archived"),
    (lambda api: api.campaign(CAMPAIGN), "campaign", f"GET /v1/campaigns/{CAMPAIGN}"),
    (
        lambda api: api.campaign_analytics(CAMPAIGN),
        "campaign_analytics",
        f"GET /v1/campaigns/{CAMPAIGN}/analytics",
    ),
    (
        lambda api: api.campaign_analytics(CAMPAIGN),
        "campaign_analytics_current",
        f"GET /v1/campaigns/{CAMPAIGN}/analytics",
    ),
    (lambda api: rows(api.leads()), "leads", "GET /v1/leads?limit=100"),
    (lambda api: next(iter(api.inbox_threads())), "inbox", "GET /v1/inbox?limit=100"),
    (lambda api: next(iter(api.do_not_contact())), "dnc", "GET /v1/dnc?limit=100"),
    (lambda api: api.overview(), "overview", "GET /v1/analytics/overview"),
]


@pytest.mark.parametrize(("call", "name", "sent"), CALLS)
def test_the_documented_answer_comes_as_it_is(call: Callable[[SendkitApi], Any], name: str, sent: str) -> None:
    fake = Fake(httpx.Response(200, json=example(name)))
    assert call(fake.api()) == example(name)["data"]
    (request,) = fake.requests
    assert f"{request.method} {request.url.raw_path.decode()}" == sent


def test_calls_whose_answer_is_not_documented_in_full() -> None:
    fake = Fake(ok([{"_id": "1"}]))
    api = fake.api()
    assert rows(api.workspaces()) == rows(api.mailboxes()) == rows(api.campaign_leads("c1")) == [{"_id": "1"}]
    assert api.campaign_daily_analytics("c1", date(2025, 6, 1), date(2025, 6, 2)) == [{"_id": "1"}]
    assert api.campaign_daily_analytics("c1") == [{"_id": "1"}]
    assert [request.url.raw_path.decode() for request in fake.requests] == [
        "/v1/workspaces?limit=100",
        "/v1/mailboxes?limit=100",
        "/v1/campaigns/c1/leads?limit=100",
        "/v1/analytics/daily/campaigns/c1?from=2025-06-01&to=2025-06-02",
        "/v1/analytics/daily/campaigns/c1",
    ]
    assert api.calls == {"workspaces": 1, "mailboxes": 1, "campaign_leads": 1, "campaign_daily_analytics": 2}


def test_new_leads_are_searched_with_a_body_on_every_page() -> None:
    fake = Fake(
        ok([{"_id": "2"}], pagination={"hasMore": True, "nextCursor": "c"}), ok([], pagination={"hasMore": False})
    )
    assert rows(fake.api().new_leads(datetime(2025, 6, 1, tzinfo=UTC))) == [{"_id": "2"}]
    body = {"filters": {"createdAfter": "2025-06-01T00:00:00Z"}, "limit": 100}
    assert [json.loads(request.content) for request in fake.requests] == [body, {**body, "cursor": "c"}]
    assert {f"{request.method} {request.url.path}" for request in fake.requests} == {"POST /v1/leads/search"}


def test_conversations_may_stand_one_level_down() -> None:
    fake = Fake(ok({"conversations": [{"id": "1"}]}))
    assert rows(fake.api().inbox_threads()) == [{"id": "1"}]


@pytest.mark.parametrize(
    "answer",
    [
        {"success": False, "data": []},
        {"success": "yes", "data": []},
        {"data": []},
        {"success": True},
        {"success": True, "data": None},
        {"success": True, "data": {"rows": []}},
        {"success": True, "data": ["a", "b"]},
        [],
    ],
)
def test_any_other_envelope_is_an_error_and_no_empty_list(answer: Any) -> None:
    with pytest.raises(WrongAnswer):
        rows(Fake(httpx.Response(200, json=answer)).api().leads())


@pytest.mark.parametrize("data", [{"_id": "other"}, {"campaign": {"id": "other"}}, [], "text"])
def test_an_answer_about_something_else_is_an_error(data: Any) -> None:
    with pytest.raises(WrongAnswer):
        Fake(ok(data)).api().campaign_analytics("c1")


@pytest.mark.parametrize("an_id", ["", "../leads", "a/b", "a?b", "c1\n"])
def test_an_id_that_is_none_is_not_sent(an_id: str) -> None:
    fake = Fake(ok({}))
    with pytest.raises(WrongAnswer, match="is no id"):
        fake.api().campaign(an_id)
    assert fake.requests == []


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (404, {"success": False, "error": "Campaign not found"}, NotFound, "Campaign not found"),
        (400, {"success": False, "message": "limit is wrong"}, ApiError, "limit is wrong"),
        (400, {"errors": ["one", "two"]}, ApiError, "one"),
        (400, {"error": {"message": "inner"}}, ApiError, "inner"),
        (500, "<html>oops</html>", Unreachable, "oops"),
    ],
)
def test_what_an_error_says(status: int, body: Any, error: type[ApiError], said: str) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    with pytest.raises(error, match=said):
        Fake(httpx.Response(status, content=content)).api().campaign("c1")


def test_a_key_of_a_workspace_goes_alone_and_one_of_a_platform_names_the_workspace() -> None:
    fake = Fake(ok([]))
    rows(fake.api(workspace_id="ws_1").leads())
    rows(fake.api(PLATFORM_KEY, "ws_1").leads())
    first, second = (request.headers for request in fake.requests)
    assert (first["x-api-key"], second["x-api-key"]) == (KEY, PLATFORM_KEY)
    assert "x-workspace-id" not in first
    assert second["x-workspace-id"] == "ws_1"
    assert not any("authorization" in request.headers for request in fake.requests)


@pytest.mark.parametrize(
    ("key", "workspace_id", "setting"),
    [
        (PLATFORM_KEY, None, "workspace_id"),
        (PLATFORM_KEY, "", "workspace_id"),
        (PLATFORM_KEY, "ws\n1", "workspace_id"),
        ("", None, "api_key"),
        ("sk_with a space", None, "api_key"),
        ("sk_ключ-довгий", None, "api_key"),
    ],
)
def test_a_key_that_cannot_work_is_a_setting_that_is_wrong(key: str, workspace_id: str | None, setting: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"sources\.sendkit\.{setting}") as raised:
        Fake(ok([])).api(key, workspace_id)
    assert not key or key not in str(raised.value)


def test_a_key_that_is_refused_from_the_start_is_tried_once_in_the_other_header() -> None:
    fake = Fake(httpx.Response(401, json={}), ok([]))
    api = fake.api()
    rows(api.leads())
    rows(api.leads())
    shown = [("x-api-key" in request.headers, "authorization" in request.headers) for request in fake.requests]
    assert shown == [(True, False), (False, True), (False, True)]
    assert fake.requests[1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_the_kinds_of_keys_and_never_itself(status: int) -> None:
    fake = Fake(httpx.Response(status, json={"success": False, "error": f"bad key {KEY}"}))
    with pytest.raises(CredentialsRefused, match="platform key") as raised:
        rows(fake.api().leads())
    assert KEY not in str(raised.value)
    assert len(fake.requests) == (2 if status == 401 else 1)


def test_a_key_that_opens_other_endpoints_fails_for_this_one_alone() -> None:
    fake = Fake(ok([]), httpx.Response(403, json={"error": "wrong kind of key"}))
    api = fake.api()
    rows(api.workspaces())
    with pytest.raises(NotInPlan, match="wrong kind of key"):
        rows(api.leads())


def test_a_key_that_is_revoked_later_is_not_tried_in_another_header() -> None:
    fake = Fake(ok([]), httpx.Response(401, json={}))
    api = fake.api()
    rows(api.workspaces())
    with pytest.raises(CredentialsRefused):
        rows(api.leads())
    assert len(fake.requests) == 2


def test_headers_that_tell_of_the_limit_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    answer = ok([])
    answer.headers.update({"X-RateLimit-Remaining": "59", "Content-Language": "en"})
    api = Fake(answer).api()
    with caplog.at_level(logging.INFO, "sources.sendkit"):
        rows(api.leads())
        rows(api.leads())
    assert [record.getMessage() for record in caplog.records if record.name.startswith("sources.sendkit")] == [
        "the API tells of its rate limit: x-ratelimit-remaining: 59"
    ]


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_is_allowed_with_its_own_verb_only(name: str) -> None:
    method, path = ENDPOINTS[name]
    path = path.replace("{}", CAMPAIGN)
    verbs = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}
    assert [verb for verb in verbs if is_allowed(verb, path)] == [method]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/campaigns"), ("PATCH", f"/v1/campaigns/{CAMPAIGN}"), ("DELETE", f"/v1/campaigns/{CAMPAIGN}"),
        ("POST", f"/v1/campaigns/{CAMPAIGN}/start"), ("POST", f"/v1/campaigns/{CAMPAIGN}/pause"),
        ("POST", f"/v1/campaigns/{CAMPAIGN}/send-test-email"), ("POST", f"/v1/campaigns/{CAMPAIGN}/leads"),
        ("POST", f"/v1/campaigns/{CAMPAIGN}/leads/action"), ("POST", "/v1/leads"), ("POST", "/v1/leads/bulk"),
        ("POST", "/v1/dnc"), ("POST", "/v1/warmup/start/1"), ("POST", "/v1/inbox-placement"),
        ("POST", "/v1/blacklist-tests"), ("PATCH", "/v1/account"), ("POST", "/v1/workspaces"),
        ("GET", f"/v1/inbox/{CAMPAIGN}"), ("GET", "/v1/account"), ("GET", "/v1/campaigns/../leads"),
    ],
)  # fmt: skip
def test_a_call_that_writes_or_may_change_something_cannot_be_made(method: str, path: str) -> None:
    assert not is_allowed(method, path)


def test_credentials_and_webhook_addresses_are_taken_out_at_any_depth() -> None:
    answer = {
        "name": "A",
        "apiKey": "x",
        "settings": {"webhook": {"enabled": True, "url": "https://h", "secret": "x"}, "webhookUrl": "https://h"},
        "smtp": [{"host": "h", "smtpPassword": "x", "access_token": "x", "deeper": {"client-secret": ["x"]}}],
        "url": "https://example.org",
    }
    assert without_credentials(answer) == {
        "name": "A",
        "settings": {"webhook": {"enabled": True}},
        "smtp": [{"host": "h", "deeper": {}}],
        "url": "https://example.org",
    }


def test_what_is_nested_too_deeply_hides_no_credential() -> None:
    deep: Any = {"secret": "canary"}
    for _ in range(200):
        deep = [deep]
    assert re.search("canary", str(without_credentials(deep))) is None


def test_every_error_of_a_read_is_one_of_ours() -> None:
    with pytest.raises(OutreachError):
        rows(Fake(httpx.Response(200, content=b"not json")).api().leads())
