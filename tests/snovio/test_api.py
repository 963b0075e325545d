"""Every method: the documented answer in, typed rows out; a wrong shape is an error; the right call leaves."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import stamina

from sources.budget import Budget
from sources.errors import ApiError, ConfigurationError, NotFound, OutreachError, Stopped, StopReason, WrongAnswer
from sources.snovio.api import SnovioApi
from sources.snovio.endpoints import ENDPOINTS, is_allowed

EXAMPLES = Path(__file__).parents[1] / "examples" / "snovio"
DAY = date(2025, 12, 15)


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


class Snovio:
    """Answers every call but the token's with one answer, or with the next of several."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        if request.url.path == "/v1/oauth/access_token":
            return httpx.Response(200, json=example("token"))
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)

    def api(self, budget: Budget | None = None) -> SnovioApi:
        """Makes a client of this fake."""
        return SnovioApi(
            client_id="example-id",
            client_secret="canary-secret-value",
            budget=budget,
            requests_per_minute=0,
            progress_wait_seconds=0.0,
            transport=httpx.MockTransport(self),
        )


def ok(body: Any) -> httpx.Response:
    return httpx.Response(200, json=body)


# method's name: how to call it, the example, what is sent, the path to the rows in the example
CALLS: dict[str, tuple[Callable[[SnovioApi], Any], str, str, str]] = {
    "campaigns": (lambda api: api.campaigns(), "campaigns", "GET /v1/get-user-campaigns", ""),
    "campaign_progress": (
        lambda api: api.campaign_progress(7),
        "campaign_progress",
        "GET /v2/campaigns/7/progress",
        "",
    ),
    "emails_sent": (
        lambda api: api.emails_sent(7, 10_000),
        "emails_sent",
        "GET /v1/emails-sent?campaignId=7&offset=10000",
        "",
    ),
    "email_opens": (
        lambda api: api.email_opens(7, 0),
        "email_opens",
        "GET /v1/get-emails-opened?campaignId=7&offset=0",
        "",
    ),
    "email_clicks": (
        lambda api: api.email_clicks(7, 0),
        "email_clicks",
        "GET /v1/get-emails-clicked?campaignId=7&offset=0",
        "",
    ),
    "email_replies": (
        lambda api: api.email_replies(7, 0),
        "email_replies",
        "GET /v1/get-emails-replies?campaignId=7&offset=0",
        "",
    ),
    "completed_prospects": (
        lambda api: api.completed_prospects(7),
        "completed_prospects",
        "GET /v1/prospect-finished?campaignId=7",
        "",
    ),
    "prospect_lists": (lambda api: api.prospect_lists(), "prospect_lists", "GET /v1/get-user-lists", ""),
    "list_prospects": (
        lambda api: api.list_prospects(5, 2, 1000).prospects,
        "list_prospects",
        "POST /v1/prospect-list listId=5&page=2&perPage=1000",
        "prospects",
    ),
    "custom_fields": (lambda api: api.custom_fields(), "custom_fields", "GET /v1/prospect-custom-fields", ""),
    "sender_accounts": (
        lambda api: api.sender_accounts(),
        "sender_accounts",
        "GET /v2/sender-accounts/emails",
        "data",
    ),
    "campaign_schedules": (
        lambda api: api.campaign_schedules(),
        "campaign_schedules",
        "GET /v2/campaigns/schedules",
        "data",
    ),
    "do_not_email_lists": (
        lambda api: api.do_not_email_lists(),
        "do_not_email_lists",
        "GET /v2/blacklists",
        "data",
    ),
    "pipelines": (lambda api: api.pipelines(), "pipelines", "GET /v2/pipelines", "data"),
    "pipeline_stages": (
        lambda api: api.pipeline_stages(9),
        "pipeline_stages",
        "GET /v2/pipelines/9/stages",
        "data",
    ),
    "account_balance": (lambda api: api.account_balance(), "account_balance", "GET /v1/get-balance", "data"),
    "campaign_analytics": (
        lambda api: api.campaign_analytics(campaign_ids=[7, 8], date_from=DAY, date_to=DAY, sender_email=[3]),
        "campaign_analytics",
        (
            "GET /v2/statistics/campaign-analytics"
            "?date_from=2025-12-15&date_to=2025-12-15&campaign_id=7%2C8&sender_email=3"
        ),
        "",
    ),
    "recipient_activity": (
        lambda api: api.recipient_activity(7, date_from=DAY, date_to=DAY, offset=0).rows,
        "recipient_activity",
        "GET /v2/campaigns/7/recipients-activity?dateFrom=2025-12-15&dateTo=2025-12-15&offset=0&limit=1000",
        "data",
    ),
}

CALLS |= {
    "campaign_details": (
        lambda api: api.campaign_details(7),
        "campaign_details",
        "GET /v2/campaigns/7",
        "data",
    ),
    "email_step_contents": (
        lambda api: api.email_step_content(7, 8, 9),
        "email_step_content",
        "GET /v2/campaigns/7/steps/8/content/9",
        "data",
    ),
    "campaign_replies": (
        lambda api: api.campaign_replies(7, 20),
        "campaign_replies",
        "GET /v2/campaigns/7/all-replies?offset=20",
        "data",
    ),
    "recipient_statuses": (
        lambda api: api.recipient_statuses(7, ["a@example.org", "b@example.org"]),
        "recipient_status",
        "GET /v2/campaigns/7/recipient?emails%5B%5D=a%40example.org&emails%5B%5D=b%40example.org",
        "data",
    ),
    "sender_account_checks": (
        lambda api: api.sender_account_check(3),
        "sender_account_check_invalid",
        "GET /v2/sender-accounts/check-sender-status?sender_account_id=3",
        "data",
    ),
    "warmups": (lambda api: api.warmups(2).rows, "warmups", "GET /v2/warm-up?page=2&per_page=100", "data"),
    "warmup_statistics": (
        lambda api: api.warmup_statistics(5, DAY, DAY),
        "warmup_statistics",
        "GET /v2/warm-up/statistics/5?date_from=2025-12-15&date_to=2025-12-15",
        "data",
    ),
    "prospect_profiles": (
        lambda api: api.prospect_profiles_by_email("a@example.org"),
        "prospects_by_email",
        "POST /v1/get-prospects-by-email email=a%40example.org",
        "data",
    ),
}

OBJECTS = {
    "account_balance", "campaign_details", "email_step_contents", "sender_account_checks", "warmup_statistics",
}  # fmt: skip
"""Endpoints whose `data` is one object."""
ENVELOPES = {name for name, (_, _, _, path) in CALLS.items() if path} | {"campaign_progress", "campaign_analytics"}


def as_sent(request: httpx.Request) -> str:
    body = f" {request.content.decode()}" if request.content else ""
    return f"{request.method} {request.url.raw_path.decode()}{body}"


@pytest.mark.parametrize("name", CALLS)
def test_the_documented_answer_is_read(name: str) -> None:
    call, file, sent, path = CALLS[name]
    server = Snovio(ok(example(file)))
    with server.api() as api:
        body = example(file)
        assert call(api) == (body[path] if path else body)
        assert [as_sent(request) for request in server.requests] == [sent]
        assert api.calls == {"token": 1, name: 1}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    "body",
    [
        "text",
        0,
        {"success": False, "errors": ["Example error text"]},
        {"errors": {"code": 404, "title": "Sorry", "source": ""}},
        ["text"],
    ],
    ids=str,
)
def test_a_wrong_shape_is_an_error_and_never_zero_rows(name: str, body: Any) -> None:
    with Snovio(ok(body)).api() as api, pytest.raises(WrongAnswer, match=f"^{name}: "):
        CALLS[name][0](api)


@pytest.mark.parametrize("name", CALLS)
def test_list_and_object_are_not_mixed_up(name: str) -> None:
    with Snovio(ok([] if name in ENVELOPES else {})).api() as api, pytest.raises(WrongAnswer):
        CALLS[name][0](api)


@pytest.mark.parametrize("name", sorted(name for name, (_, _, _, path) in CALLS.items() if path))
@pytest.mark.parametrize("data", [None, "text", {"0": {}} | {"id": 1}])
def test_what_holds_the_rows_must_be_what_is_documented(name: str, data: Any) -> None:
    call, file, _, path = CALLS[name]
    if name in OBJECTS and isinstance(data, dict):
        data = []
    with Snovio(ok(example(file) | {path: data})).api() as api, pytest.raises(WrongAnswer):
        call(api)


def test_an_error_shows_keys_but_no_values() -> None:
    """Values are people's data, and may be long."""
    server = Snovio(ok({"private": "Ann Example", "ann@example.com": 1}))
    with server.api() as api, pytest.raises(WrongAnswer) as caught:
        api.campaigns()
    assert "private" in str(caught.value)
    assert "Ann" not in str(caught.value)
    assert "ann@" not in str(caught.value)


def test_an_empty_list_is_zero_rows() -> None:
    with Snovio(ok([])).api() as api:
        assert api.campaigns() == api.emails_sent(7, 0) == api.completed_prospects(7) == []
    with Snovio(ok({"data": []})).api() as api:
        assert api.pipelines() == []


def test_one_element_that_is_no_object_does_not_stop_the_others() -> None:
    with Snovio(ok([{"id": 1}, None, "text"])).api() as api:
        assert api.campaigns() == [{"id": 1}, {"value": None}, {"value": "text"}]


EVENTS = ("emails_sent", "email_opens", "email_clicks", "email_replies")


@pytest.mark.parametrize("name", EVENTS)
def test_a_404_ends_an_event_list_past_its_first_page_only(name: str) -> None:
    server = Snovio(httpx.Response(404, json=example("error_404")))
    with server.api() as api:
        assert getattr(api, name)(7, 10_000) == []
        with pytest.raises(NotFound):
            getattr(api, name)(7, 0)


def test_exactly_ten_thousand_completed_prospects_are_suspicious(caplog: pytest.LogCaptureFixture) -> None:
    with Snovio(ok([{"id": "a"}] * 10_000)).api() as api:
        assert len(api.completed_prospects(7)) == 10_000
    assert "undocumented cap" in caplog.text


@pytest.mark.parametrize("head", [[], None, example("list_prospects")["list"]])
def test_the_list_of_a_prospect_page_may_be_an_empty_php_array(head: Any) -> None:
    with Snovio(ok(example("list_prospects") | {"list": head})).api() as api:
        assert api.list_prospects(5, 1, 1000).list == (head or {})


def test_a_profile_is_found_by_id() -> None:
    server = Snovio(ok(example("prospect_profile")))
    with server.api() as api:
        assert [api.prospect_profile("xusD3-T_K5IktGoaa8Jc8A==")] == example("prospects_by_email")["data"]
        assert api.calls == {"token": 1, "prospect_profiles": 1}
    assert [as_sent(request) for request in server.requests] == [
        "POST /v1/get-prospect-by-id id=xusD3-T_K5IktGoaa8Jc8A%3D%3D"
    ]


@pytest.mark.parametrize(
    "answer",
    [ok({"success": True, "data": []}), httpx.Response(404, json=example("error_404"))],
    ids=["empty", "404"],
)
def test_a_prospect_nobody_knows_is_not_found(answer: httpx.Response) -> None:
    with Snovio(answer).api() as api:
        with pytest.raises(NotFound):
            api.prospect_profile("unknown")
        with pytest.raises(NotFound):
            api.prospect_profiles_by_email("nobody@example.org")


@pytest.mark.parametrize("body", [[], {}, {"success": True, "data": None}, {"data": "text"}, {"data": [{}]}], ids=str)
def test_a_profile_of_the_wrong_shape_is_an_error(body: Any) -> None:
    with Snovio(ok(body)).api() as api, pytest.raises(WrongAnswer, match=r"^prospect_profiles: "):
        api.prospect_profile("a")


@pytest.mark.parametrize(
    ("data", "meta", "is_last"),
    [
        ([{}], {"page": 1, "total_pages": 2}, False),
        ([{}], {"page": 2, "total_pages": 2}, True),
        ([{}], {}, False),
        ([], [], True),
        ([], {"page": 1, "total_pages": 2}, True),
    ],
)
def test_the_last_page_of_warmups_says_so_or_is_empty(data: Any, meta: Any, is_last: bool) -> None:
    with Snovio(ok({"data": data, "meta": meta})).api() as api:
        assert api.warmups(1).is_last is is_last


def test_statistics_of_a_warmup_without_a_start_are_those_of_the_last_month() -> None:
    server = Snovio(ok(example("warmup_statistics")))
    with server.api() as api:
        api.warmup_statistics(5, None, DAY)
    assert [as_sent(request) for request in server.requests] == ["GET /v2/warm-up/statistics/5?period=month"]


@pytest.mark.parametrize("count", [0, 101])
def test_statuses_are_asked_for_one_to_a_hundred_addresses(count: int) -> None:
    server = Snovio(ok({"data": []}))
    with server.api() as api, pytest.raises(ValueError, match="1 to 100"):
        api.recipient_statuses(7, [f"{number}@example.org" for number in range(count)])
    assert server.requests == []


def test_webhooks_are_unwrapped() -> None:
    with Snovio(ok(example("webhooks"))).api() as api:
        answer = api.webhooks()
    assert [row["id"] for row in answer.rows] == [8, 14, 17]
    assert answer.meta == {"webhooks_count": 3, "user_id": 1313777}


def activity(rows: list[Any], **pagination: Any) -> httpx.Response:
    return ok({"data": rows, "pagination": {"total": 2, "has_more": False} | pagination})


def test_activity_pages_say_whether_more_follows() -> None:
    with Snovio(activity([{}], has_more=True)).api() as api:
        page = api.recipient_activity(7, date_from=DAY, date_to=DAY, offset=0, limit=1)
    assert (page.rows, page.total, page.has_more) == ([{}], 2, True)


@pytest.mark.parametrize("answer", [activity([], has_more=True), activity([{}], has_more=None), ok({"data": []})])
def test_activity_that_could_loop_or_end_early_is_an_error(answer: httpx.Response) -> None:
    with Snovio(answer).api() as api, pytest.raises(WrongAnswer):
        api.recipient_activity(7, date_from=DAY, date_to=DAY, offset=0)


def test_analytics_are_never_asked_without_campaigns() -> None:
    server = Snovio(ok({}))
    with server.api() as api, pytest.raises(ValueError, match="at least one"):
        api.campaign_analytics(campaign_ids=[], date_from=DAY, date_to=DAY)
    assert server.requests == []


BUSY = httpx.Response(422, json={"errors": "try later"})


def test_progress_is_asked_again_after_a_422() -> None:
    server = Snovio(BUSY, BUSY, BUSY, BUSY, ok(example("campaign_progress")))
    with server.api() as api:
        assert api.campaign_progress(7)["progress"] == "90%"
        assert len(server.requests) == 5


def test_progress_gives_up_after_four_repeats() -> None:
    server = Snovio(BUSY)
    with server.api() as api, pytest.raises(ApiError, match="try later"):
        api.campaign_progress(7)
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(422, json=example("error_422_data_message")), NotFound),
        (httpx.Response(404, json=example("error_404")), NotFound),
        (httpx.Response(400, json=example("error_400_message")), ApiError),
    ],
)
def test_other_refusals_of_progress_are_final(answer: httpx.Response, kind: type[OutreachError]) -> None:
    server = Snovio(answer)
    with server.api() as api, pytest.raises(kind):
        api.campaign_progress(7)
    assert len(server.requests) == 1


def test_a_422_elsewhere_is_final() -> None:
    server = Snovio(BUSY)
    with server.api() as api, pytest.raises(ApiError):
        api.emails_sent(7, 0)
    assert len(server.requests) == 1


def test_a_stop_ends_the_wait_between_two_questions_for_progress() -> None:
    budget, server = Budget(), Snovio(BUSY)

    def stop_then_answer(request: httpx.Request) -> httpx.Response:
        budget.stop(StopReason.SIGTERM)
        return server(request)

    api = SnovioApi(
        client_id="example-id",
        client_secret="canary-secret-value",
        budget=budget,
        transport=httpx.MockTransport(stop_then_answer),
    )
    with api, pytest.raises(Stopped):
        api.campaign_progress(7)


def test_the_server_s_time_is_known_after_a_call() -> None:
    answer = httpx.Response(200, json=[], headers={"Date": "Mon, 15 Dec 2025 10:58:52 GMT"})
    with Snovio(answer).api() as api:
        assert api.server_time is None
        api.campaigns()
        assert api.server_time == datetime(2025, 12, 15, 10, 58, 52, tzinfo=UTC)


def test_a_plain_http_base_url_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="SOURCES__SNOVIO__BASE_URL"):
        SnovioApi(client_id="example-id", client_secret="canary-secret-value", base_url="http://api.example.com")


def test_no_token_or_secret_is_in_any_url_or_repr() -> None:
    server = Snovio(ok(example("campaigns")))
    with server.api() as api:
        api.campaigns()
        texts = [repr(api), *(str(request.url) for request in server.requests)]
    assert not [text for text in texts if re.search("canary|example-access-token", text)]


POSTS = {"/v1/oauth/access_token", "/v1/prospect-list", "/v1/get-prospect-by-id", "/v1/get-prospects-by-email"}


def test_the_allow_list_has_four_posts_and_only_gets_besides() -> None:
    assert {endpoint.path for endpoint in ENDPOINTS.values() if endpoint.method == "POST"} == POSTS
    assert {endpoint.method for endpoint in ENDPOINTS.values()} == {"GET", "POST"}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_every_endpoint_is_allowed_with_its_own_verb_only(name: str) -> None:
    method, path = ENDPOINTS[name]
    path = path.replace("{}", "17739963799960")
    assert is_allowed(method, path)
    assert not any(is_allowed(verb, path) for verb in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} - {method})


@pytest.mark.parametrize(
    "call",
    [
        "GET /v2/domain-emails-with-info",
        "POST /v1/get-profile-by-email",
        "POST /v1/add-names-to-find-emails",
        "POST /v1/get-emails-from-url",
        "POST /v1/change-recipient-status",
        "POST /v1/do-not-email-list",
        "POST /v1/add-prospect-to-list",
        "POST /v1/lists",
        "POST /v2/webhooks",
        "DELETE /v2/webhooks/1",
        "POST /v2/campaigns/create",
        "DELETE /v2/campaigns/1",
        "POST /v2/campaigns/1/action",
        "POST /v2/sender-accounts/emails",
        "POST /v2/warm-up",
        "GET /v2/campaigns",
        "GET /v2/campaigns/1/replies",
        "GET /v2/campaigns/one",
        "GET /v2/campaigns/1/progress/",
        "GET /v2/campaigns/1\n",
        "GET /v2/campaigns/٣",
        "GET /v2/campaigns/1/../../domain-search/start",
        "GET x/v1/get-balance",
        "get /v1/get-balance",
    ],
)
def test_what_writes_or_costs_is_not_on_the_allow_list(call: str) -> None:
    method, path = call.split(" ", 1)
    assert not is_allowed(method, path)


def test_forms_are_readable_by_php() -> None:
    server = Snovio(ok(example("list_prospects")))
    with server.api() as api:
        api.list_prospects(5, 1, 1000)
    assert parse_qs(server.requests[0].content.decode()) == {"listId": ["5"], "page": ["1"], "perPage": ["1000"]}
    assert server.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
