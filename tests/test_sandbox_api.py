"""Tokens, paging, the rate limit and the record of calls."""

import time
from typing import Any

import pytest

from tests.sandbox.answers import Answer
from tests.sandbox.calls import Call
from tests.sandbox.client import DirectClient
from tests.sandbox.limits import RateLimit
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import World, build_world

OPENS = "/v1/get-emails-opened"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(build_world(accounts=("default", "north"), campaigns=8))


@pytest.fixture
def client(sandbox: Sandbox) -> DirectClient:
    return DirectClient(sandbox)


@pytest.fixture
def busy(sandbox: Sandbox) -> int:
    """The campaign with most opens."""
    opens = sandbox.world.account("default").events["email_opens"]
    return max(opens, key=lambda campaign_id: len(opens[campaign_id]))


def token_call(sandbox: Sandbox, **form: str) -> Answer:
    return sandbox.answer("POST", "/v1/oauth/access_token", {}, form, None)


def test_a_token_opens_its_own_account_only(sandbox: Sandbox) -> None:
    ours, theirs = DirectClient(sandbox), DirectClient(sandbox, "north")
    listed = [{row["id"] for row in one.get("/v1/get-user-campaigns")} for one in (ours, theirs)]
    assert listed == [set(sandbox.world.account(name).campaigns) for name in ("default", "north")]
    assert [call.account for call in sandbox.log] == ["default", "north", "default", "north"]


def test_wrong_credentials_and_a_missing_grant_are_refused(sandbox: Sandbox) -> None:
    client_id, secret = sandbox.credentials()
    assert token_call(sandbox, client_id=client_id, client_secret="wrong").status == 401
    assert token_call(sandbox).status == 401
    assert token_call(sandbox, client_id=client_id, client_secret=secret).status == 400


@pytest.mark.parametrize("authorization", [None, "Bearer nonsense", "sandbox-token", "Basic abc"])
def test_without_a_valid_bearer_token_there_is_401(sandbox: Sandbox, authorization: str | None) -> None:
    assert sandbox.answer("GET", "/v1/get-balance", {}, {}, authorization).status == 401


def test_tokens_end_by_time_by_command_and_with_the_secret(sandbox: Sandbox, client: DirectClient) -> None:
    sandbox.token_lifetime = 0.2
    assert client.renew().payload["expires_in"] == 0
    assert client.ask("GET", "/v1/get-balance").status == 200
    time.sleep(0.25)
    assert client.ask("GET", "/v1/get-balance").status == 401
    sandbox.token_lifetime = 3600.0
    client.renew()
    sandbox.expire_tokens()
    assert client.ask("GET", "/v1/get-balance").status == 401
    assert client.renew().status == 200
    sandbox.revoke_secret()
    assert client.ask("GET", "/v1/get-balance").status == 401
    assert client.renew().status == 401
    sandbox.restore_secret()
    assert client.renew().status == 200


def test_pages_follow_each_other_and_end_empty(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    whole = client.get(OPENS, campaignId=busy)
    sandbox.world.page_size = 10
    assert client.get(OPENS, campaignId=busy, offset="") == whole[:10]
    assert client.get(OPENS, campaignId=busy, offset=7) == whole[7:17]
    assert client.get(OPENS, campaignId=busy, offset=len(whole) - 3) == whole[-3:]
    assert client.get(OPENS, campaignId=busy, offset=len(whole)) == []


def test_list_pages_honour_per_page_up_to_the_cap(sandbox: Sandbox, client: DirectClient) -> None:
    big = max(sandbox.world.account("default").lists.values(), key=lambda found: len(found.prospects))

    def rows(page: int, per_page: int) -> list[Any]:
        shown = client.post("/v1/prospect-list", listId=big.id, page=page, perPage=per_page)
        found: list[Any] = shown["prospects"]
        return found

    assert len(rows(1, 5_000)) == 1_200
    assert rows(2, 1_000) == rows(1, 5_000)[1_000:]
    assert rows(3, 1_000) == []
    sandbox.world.max_per_page = 100
    assert len(rows(1, 5_000)) == 100


def test_unknown_things_and_bad_parameters_have_their_documented_errors(
    sandbox: Sandbox, client: DirectClient, busy: int
) -> None:
    unknown = client.ask("GET", OPENS, campaignId=1)
    assert (unknown.status, unknown.payload["errors"]["code"]) == (404, 404)
    progress = client.ask("GET", "/v2/campaigns/1/progress")
    assert (progress.status, progress.payload) == (422, {"data": {"message": "Campaign not found"}})
    deleted = next(found.id for found in sandbox.world.account("default").lists.values() if found.deletion_date)
    assert client.ask("POST", "/v1/prospect-list", {"listId": deleted}).status == 404
    assert client.ask("GET", OPENS, campaignId=busy, offset="x").status == 400
    activity = f"/v2/campaigns/{busy}/recipients-activity"
    assert client.ask("GET", activity, dateFrom="2026-01-01", dateTo="2026-02-01").status == 422
    assert client.ask("GET", activity).status == 400
    assert client.ask("GET", "/v2/statistics/campaign-analytics").status == 400


def test_activity_pages_add_up_to_the_total(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    newest = sandbox.world.events("default", "emails_sent", busy)[0].at
    day = sandbox.world.now.fromtimestamp(newest, sandbox.world.now.tzinfo).date()
    path, days = f"/v2/campaigns/{busy}/recipients-activity", {"dateFrom": day, "dateTo": day}
    whole = client.get(path, limit=1_000, **days)
    first = client.get(path, limit=2, **days)
    assert first["pagination"]["has_more"] == (whole["pagination"]["total"] > 2)
    assert first["data"] + client.get(path, limit=998, offset=2, **days)["data"] == whole["data"]
    assert len(whole["data"]) == whole["pagination"]["total"]


def test_every_call_is_counted_and_logged(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    client.get(OPENS, campaignId=busy, offset=3)
    assert sandbox.calls == {"token": 1, "email_opens": 1}
    call = sandbox.log[-1]
    assert (call.method, call.path, call.status, call.campaign_id) == ("GET", OPENS, 200, busy)
    assert call.query["offset"] == "3"
    assert sandbox.most_calls_in_a_window() == 2
    sandbox.reset_counts()
    assert not sandbox.calls
    assert sandbox.log == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/get-user-campaigns"),
        ("DELETE", "/v2/campaigns/5"),
        ("POST", "/v1/lists"),
        ("GET", "/v2/campaigns"),
        ("GET", "/v2/campaigns/abc/progress"),
        ("POST", "/v1/get-profile-by-email"),
    ],
)
def test_calls_off_the_allow_list_are_violations(
    sandbox: Sandbox, client: DirectClient, method: str, path: str
) -> None:
    assert client.ask(method, path).status == 404
    assert [wrong.reason for wrong in sandbox.violations] == ["not on the allow-list"]
    assert sandbox.violations[0].call.path == path


def test_tokens_and_secrets_outside_header_and_body_are_violations(sandbox: Sandbox, client: DirectClient) -> None:
    client.ask("GET", "/v1/get-balance", access_token="anything")
    client.ask("GET", "/v1/get-balance", other=client.token)
    client.ask("POST", "/v1/prospect-list", {"access_token": client.token})
    client.ask("GET", "/v1/get-balance", secret=sandbox.credentials()[1])
    assert [wrong.reason for wrong in sandbox.violations] == [
        "token in the URL",
        "token in the URL",
        "token in the body",
        "secret in the URL",
    ]


def test_steps_run_before_the_answer_until_removed(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    seen: list[str] = []

    def step(call: Call, world: World) -> None:
        seen.append(call.endpoint)
        world.add_events("default", "email_opens", busy)

    before = len(client.get(OPENS, campaignId=busy))
    remove = sandbox.before_each_call(step)
    assert len(client.get(OPENS, campaignId=busy)) == before + 1
    remove()
    assert len(client.get(OPENS, campaignId=busy)) == before + 1
    assert seen == ["email_opens"]


def test_the_limit_blocks_and_a_call_inside_the_block_prolongs_it() -> None:
    limit = RateLimit(calls_per_minute=3)
    assert [limit.admits(at) for at in (0, 1, 2, 3)] == [True, True, True, False]
    assert not limit.admits(302)
    assert not limit.admits(601)
    assert limit.admits(902)
    assert limit.rate_limited == 3


def test_the_window_slides_and_time_can_be_scaled() -> None:
    limit = RateLimit(calls_per_minute=2, time_scale=60)
    assert [limit.admits(at) for at in (0.0, 0.9, 1.0, 1.91)] == [True] * 4
    assert not limit.admits(1.95)
    assert limit.admits(1.95 + 5.0)


def test_the_limit_answers_429_in_plain_text_on_the_token_call_too(sandbox: Sandbox) -> None:
    limited = Sandbox(sandbox.world, calls_per_minute=2, block_seconds=30, time_scale=300)
    client = DirectClient(limited)
    assert client.ask("GET", "/v1/get-balance").status == 200
    refused = client.renew()
    assert (refused.status, refused.encoded()) == (429, b"rate is limited")
    assert "retry-after" not in refused.headers
    assert limited.rate_limited == 1
    time.sleep(0.25)
    assert client.ask("GET", "/v1/get-balance").status == 200
