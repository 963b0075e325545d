"""Every kind of fault does what its name says, on the calls it is meant for."""

import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.sandbox.answers import Answer, Delivery
from tests.sandbox.client import DirectClient
from tests.sandbox.faults import FAULTS, Fault
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import build_world

OPENS = "/v1/get-emails-opened"
BALANCE = "/v1/get-balance"


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(build_world(campaigns=8))


@pytest.fixture
def client(sandbox: Sandbox) -> DirectClient:
    return DirectClient(sandbox)


@pytest.fixture
def busy(sandbox: Sandbox) -> int:
    """The campaign with most opens."""
    opens = sandbox.world.account("default").events["email_opens"]
    return max(opens, key=lambda campaign_id: len(opens[campaign_id]))


def statuses(client: DirectClient, count: int, path: str = BALANCE) -> list[int]:
    return [client.ask("GET", path).status for _ in range(count)]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [500, 500, 500, 500]),
        ({"times": 2}, [500, 500, 200, 200]),
        ({"every": 2}, [200, 500, 200, 500]),
        ({"on_calls": (1, 3)}, [500, 200, 500, 200]),
        ({"probability": 0.0}, [200, 200, 200, 200]),
        ({"where": lambda call: call.path != BALANCE}, [200, 200, 200, 200]),
        ({"endpoint": "account_balance"}, [500, 500, 500, 500]),
        ({"endpoint": "campaigns"}, [200, 200, 200, 200]),
    ],
)
def test_a_fault_hits_the_calls_it_names(
    sandbox: Sandbox, client: DirectClient, conditions: dict[str, Any], expected: list[int]
) -> None:
    fault = sandbox.faults.add(Fault("server_error", **conditions))
    assert statuses(client, 4) == expected
    assert fault.hits == expected.count(500)
    sandbox.faults.clear()
    assert statuses(client, 1) == [200]


def test_chance_is_drawn_from_the_seed(sandbox: Sandbox, client: DirectClient) -> None:
    runs = []
    for seed in (1, 1, 2):
        fault = sandbox.faults.add(Fault("server_error", probability=0.5, seed=seed))
        runs.append(statuses(client, 20))
        sandbox.faults.remove(fault)
    assert runs[0] == runs[1] != runs[2]


def test_a_fault_can_single_out_a_campaign(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    sandbox.faults.add(Fault("not_found", campaign_id=busy))
    sandbox.faults.add(Fault("unprocessable", endpoint="campaign_progress", campaign_id=busy))
    other = next(key for key in sandbox.world.account("default").campaigns if key != busy)
    assert client.ask("GET", OPENS, campaignId=busy).status == 404
    assert client.ask("GET", f"/v2/campaigns/{busy}/progress").status == 404
    assert client.ask("GET", OPENS, campaignId=other).status == 200


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'typo'; known: rate_limited"):
        Fault("typo")


@pytest.mark.parametrize(
    ("name", "options", "status", "body"),
    [
        ("rate_limited", {}, 429, b"rate is limited"),
        ("server_error", {"status": 503}, 503, b"Server Error"),
        ("bad_gateway", {}, 502, b"<html>"),
        ("html", {}, 200, b"<html>"),
        ("empty_body", {}, 200, b""),
        ("null", {}, 200, b"null"),
        ("success_false", {"message": "no"}, 200, b'{"success":false,"data":[],"errors":["no"]}'),
        ("object_for_list", {}, 200, b'"rows":{}'),
        ("list_for_object", {}, 200, b'["a","b"]'),
        ("empty_list", {}, 200, b"[]"),
        ("unauthorized", {}, 401, b"Unauthenticated"),
        ("not_in_plan", {"status": 402}, 402, b"plan"),
        ("not_found", {}, 404, b"entity not found"),
        ("unprocessable", {}, 422, b"Campaign not found"),
        ("unprocessable_text", {}, 422, b"already exists"),
        ("payload", {"payload": {"a": 1}, "status": 418}, 418, b'{"a":1}'),
    ],
)
def test_answers_instead_of_the_real_one(
    sandbox: Sandbox, client: DirectClient, name: str, options: dict[str, Any], status: int, body: bytes
) -> None:
    sandbox.faults.add(Fault(name, options=options))
    answer = client.ask("GET", BALANCE)
    assert answer.status == status
    assert body in answer.encoded()
    assert bool(answer.encoded()) == bool(body)


@pytest.mark.parametrize("retry_after", ["0", "7", "soon"])
def test_retry_after_is_sent_as_told(sandbox: Sandbox, client: DirectClient, retry_after: str) -> None:
    sandbox.faults.add(Fault("rate_limited", endpoint="token", options={"retry_after": retry_after}))
    assert client.ask("GET", BALANCE).status == 200
    assert client.renew().headers["retry-after"] == retry_after


def test_retry_after_can_be_a_date(sandbox: Sandbox, client: DirectClient) -> None:
    sandbox.faults.add(Fault("rate_limited", options={"retry_after": "date", "in_seconds": 60}))
    assert parsedate_to_datetime(client.ask("GET", BALANCE).headers["retry-after"]).tzinfo is not None


def test_tokens_expire_and_secrets_are_revoked_between_two_calls(sandbox: Sandbox, client: DirectClient) -> None:
    sandbox.faults.add(Fault("expire_tokens", on_calls=(2,)))
    assert statuses(client, 3) == [200, 401, 401]
    assert client.renew().status == 200
    sandbox.faults.clear()
    sandbox.faults.add(Fault("revoke_secret", times=1))
    assert statuses(client, 1) == [401]
    assert client.renew().status == 401


@pytest.mark.parametrize("value", [0, -5, "soon", None])
def test_expires_in_can_be_anything(sandbox: Sandbox, client: DirectClient, value: Any) -> None:
    sandbox.faults.add(Fault("expires_in", endpoint="token", options={"value": value}))
    assert client.renew().payload["expires_in"] == value


def test_paging_faults(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    whole = client.get(OPENS, campaignId=busy)

    def page(name: str, offset: int, **options: Any) -> Any:
        sandbox.faults.clear()
        sandbox.faults.add(Fault(name, endpoint="email_opens", options=options))
        return client.get(OPENS, campaignId=busy, offset=offset)

    assert page("offset_ignored", 20) == whole
    assert page("page_size", 20, page_size=15) == whole[20:35]
    assert page("endless_pages", len(whole) + 50) == whole
    assert page("wrong_order", 0) == whole[::-1]
    short = page("short_page", 5)
    assert 0 < len(short) < len(whole) - 5
    assert short == whole[5 : 5 + len(short)]
    assert page("empty_list", 5) == []
    assert page("unstable_ids", 0)[0]["id"] != whole[0]["id"]
    assert isinstance(page("date_form", 0, date_form="epoch")[0]["visitedAt"], int)
    hidden = page("hidden_rows", 0, every=4)
    assert 0 < len(hidden) < len(whole)
    assert len([row for row in sandbox.true_rows("email_opens") if row["campaign_id"] == busy]) == len(hidden)
    days = page("hidden_days", 0, every=2)
    assert 0 < len(days) < len(whole)
    assert len([row for row in sandbox.true_rows("email_opens") if row["campaign_id"] == busy]) == len(days)


def test_prospect_pages_can_be_capped(sandbox: Sandbox, client: DirectClient) -> None:
    big = max(sandbox.world.account("default").lists.values(), key=lambda found: len(found.prospects))
    sandbox.faults.add(Fault("max_per_page", endpoint="list_prospects"))
    shown = client.post("/v1/prospect-list", listId=big.id, page=1, perPage=1_000)
    assert len(shown["prospects"]) == 100


def test_a_row_can_be_spoiled_on_one_call(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    sandbox.faults.add(
        Fault("spoiled_row", endpoint="email_opens", times=1, options={"spoiler": "null_key", "row": 1})
    )
    first, second = (client.get(OPENS, campaignId=busy) for _ in range(2))
    assert [row["visitedAt"] is None for row in first[:3]] == [False, True, False]
    assert all(row["visitedAt"] for row in second)


@pytest.mark.parametrize("name", ["truncated_json", "broken_gzip", "truncated_gzip", "bom", "wrong_content_type"])
def test_bytes_that_are_not_the_json_they_claim(sandbox: Sandbox, client: DirectClient, name: str) -> None:
    good = client.ask("GET", BALANCE).encoded()
    sandbox.faults.add(Fault(name))
    answer = client.ask("GET", BALANCE)
    changed = (answer.encoded(), answer.headers) != (good, Answer().headers)
    assert changed
    if name == "truncated_json":
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.encoded())


@pytest.mark.parametrize(
    ("name", "delivery"),
    [
        ("reset", Delivery.RESET),
        ("hang", Delivery.HANG),
        ("drip", Delivery.DRIP),
        ("cut_connection", Delivery.CUT),
    ],
)
def test_wire_faults_mark_the_delivery(sandbox: Sandbox, client: DirectClient, name: str, delivery: Delivery) -> None:
    sandbox.faults.add(Fault(name))
    assert client.ask("GET", BALANCE).delivery is delivery


def reversed_rows(payload: Any) -> Any:
    return payload[::-1]


def test_an_answer_can_be_reshaped(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    whole = client.get(OPENS, campaignId=busy)
    sandbox.faults.add(Fault("reshaped", endpoint="email_opens", options={"change": reversed_rows}))
    assert client.get(OPENS, campaignId=busy) == whole[::-1]


def test_every_fault_can_hit_a_plain_call(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    required: dict[str, dict[str, Any]] = {
        "hidden_rows": {"every": 2},
        "hidden_days": {"every": 2},
        "spoiled_row": {"spoiler": "nul"},
        "reshaped": {"change": reversed_rows},
    }
    for name in FAULTS:
        fault = sandbox.faults.add(Fault(name, options=required.get(name, {})))
        client.ask("GET", OPENS, campaignId=busy)
        sandbox.faults.clear()
        sandbox.restore_secret()
        client.renew()
        assert fault.hits == 1
