"""Every answer of the sandbox has the keys and types of the documented example."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.client import DirectClient
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import build_world

EXAMPLES = Path(__file__).parent / "examples" / "snovio"
WHOLE_TIME = {"date_from": "2000-01-01", "date_to": "2100-01-01"}
OPTIONAL = {"imap", "content", "content_slots", "next", "goal_name", "errors", "categories", "percent"}
"""Keys that an answer may leave out."""
NULLABLE = {
    *(
        "started_at",
        "deletionDate",
        "userEmail",
        "prospectEmail",
        "sourcePage",
        "locality",
        "industry",
        "country",
    ),
    *(
        "links",
        "customFields",
        "imap",
        "isVerified",
        "jobStatus",
        "isValidFormat",
        "isDisposable",
        "isWebmail",
    ),
    *("isGibberish", "smtpStatus", "recipient_email", "location", "linkedInProfile"),
    *("complete_campaign_at", "campaign_deadline", "black_list_id", "schedule_id", "street", "state", "status"),
}
"""Keys that may be null although the example is not."""
EITHER = {"emailsCount", "tracking", "sending_settings", "daily_statistics", "provider_statistics", "deliverability"}
"""Keys with two types, or with keys of their own: an empty PHP array stands for a number or an object."""


def mismatches(example: Any, shown: Any, where: str = "$") -> list[str]:
    """Where an answer differs from an example in keys or types; null in the example means anything."""
    key = where.rsplit(".", maxsplit=1)[-1]
    if example is None or key in EITHER or (shown is None and key in NULLABLE):
        return []
    if isinstance(example, dict) and isinstance(shown, dict):
        return _key_mismatches(example, shown, where)
    if isinstance(example, list) and isinstance(shown, list):
        if not example:
            return []
        return [line for row in shown for line in mismatches(_like(example, row), row, f"{where}[]")]
    if _same_type(example, shown):
        return []
    return [f"{where}: {type(shown).__name__} instead of {type(example).__name__}"]


def _key_mismatches(example: dict[str, Any], shown: dict[str, Any], where: str) -> list[str]:
    wanted = {key for key in example if not key.startswith("customField_")}
    extra = {key for key in shown if not key.startswith("customField_")} - wanted
    lines = [f"{where}: no {key}" for key in wanted - shown.keys() - OPTIONAL]
    lines += [f"{where}: unexpected {key}" for key in extra]
    for key in wanted & shown.keys():
        lines += mismatches(example[key], shown[key], f"{where}.{key}")
    return lines


def _like(examples: list[Any], row: Any) -> Any:
    """The example row that tells most: values of all rows, the first that is not null."""
    if not isinstance(row, dict):
        return examples[0]
    merged: dict[str, Any] = {}
    for example in examples:
        merged |= {key: value for key, value in example.items() if value is not None or key not in merged}
    return merged


def _same_type(example: Any, shown: Any) -> bool:
    if isinstance(example, bool) or isinstance(shown, bool):
        return type(example) is type(shown)
    if isinstance(example, int | float):
        return isinstance(shown, int | float)
    return type(example) is type(shown)


def example(name: str) -> Any:
    """The documented answer."""
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(build_world())


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> DirectClient:
    return DirectClient(sandbox)


@pytest.fixture(scope="module")
def busy(sandbox: Sandbox) -> int:
    """The campaign with most events."""
    sent = sandbox.world.account("default").events["emails_sent"]
    return max(sent, key=lambda campaign_id: len(sent[campaign_id]))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("campaigns", "/v1/get-user-campaigns"),
        ("prospect_lists", "/v1/get-user-lists"),
        ("custom_fields", "/v1/prospect-custom-fields"),
        ("sender_accounts", "/v2/sender-accounts/emails"),
        ("campaign_schedules", "/v2/campaigns/schedules"),
        ("do_not_email_lists", "/v2/blacklists"),
        ("pipelines", "/v2/pipelines"),
        ("webhooks", "/v2/webhooks"),
        ("account_balance", "/v1/get-balance"),
    ],
)
def test_an_account_wide_answer_has_the_documented_shape(client: DirectClient, name: str, path: str) -> None:
    shown = client.get(path)
    assert shown
    assert mismatches(example(name), shown) == []


@pytest.mark.parametrize(
    ("name", "path", "date_form"),
    [
        ("emails_sent", "/v1/emails-sent", "php"),
        ("email_opens", "/v1/get-emails-opened", "php"),
        ("email_clicks", "/v1/get-emails-clicked", "php"),
        ("email_replies", "/v1/get-emails-replies", "php"),
        ("email_replies_older", "/v1/get-emails-replies", "php"),
        ("email_opens_string_date", "/v1/get-emails-opened", "string"),
        ("completed_prospects", "/v1/prospect-finished", "php"),
    ],
)
def test_a_campaign_list_has_the_documented_shape(
    sandbox: Sandbox, client: DirectClient, busy: int, name: str, path: str, date_form: str
) -> None:
    sandbox.world.date_form = date_form
    shown = client.get(path, campaignId=busy)
    sandbox.world.date_form = "php"
    assert shown
    assert mismatches(example(name), shown) == []


def test_custom_fields_are_flat_keys_of_the_row(client: DirectClient, busy: int) -> None:
    rows = client.get("/v1/get-emails-opened", campaignId=busy)
    labels = {key for row in rows for key in row if key.startswith("customField_")}
    assert {"customField_рпа", "customField_", "customField_Deal size", "customField_deal-size"} <= labels


def test_list_prospects_have_the_documented_shape(sandbox: Sandbox, client: DirectClient) -> None:
    for found in sandbox.world.account("default").lists.values():
        if found.deletion_date is None:
            shown = client.post("/v1/prospect-list", listId=found.id, page=1, perPage=100)
            assert mismatches(example("list_prospects"), shown) == []


def test_progress_stages_and_token_have_the_documented_shape(
    sandbox: Sandbox, client: DirectClient, busy: int
) -> None:
    pipeline = sandbox.world.account("default").pipelines[0].id
    assert mismatches(example("campaign_progress"), client.get(f"/v2/campaigns/{busy}/progress")) == []
    assert mismatches(example("pipeline_stages"), client.get(f"/v2/pipelines/{pipeline}/stages")) == []
    assert mismatches(example("token"), client.renew().payload) == []


@pytest.mark.parametrize(("name", "form"), [("campaign_analytics", "newer"), ("campaign_analytics_older", "older")])
def test_analytics_have_the_documented_shape(
    sandbox: Sandbox, client: DirectClient, busy: int, name: str, form: str
) -> None:
    sandbox.world.analytics_form = form
    shown = client.get("/v2/statistics/campaign-analytics", campaign_id=busy, **WHOLE_TIME)
    sandbox.world.analytics_form = "newer"
    assert shown["emails_sent"] > 0
    assert mismatches(example(name), shown) == []


def test_recipient_activity_has_the_documented_shape(sandbox: Sandbox, client: DirectClient, busy: int) -> None:
    newest = sandbox.world.account("default").events["emails_sent"][busy][0].at
    day = sandbox.world.now.fromtimestamp(newest, sandbox.world.now.tzinfo).date().isoformat()
    shown = client.get(f"/v2/campaigns/{busy}/recipients-activity", dateFrom=day, dateTo=day)
    assert shown["data"]
    assert mismatches(example("recipient_activity"), shown) == []


def test_campaign_details_have_the_documented_shape(sandbox: Sandbox, client: DirectClient) -> None:
    """Steps of the types that the example shows; deals are not in it."""
    documented = example("campaign_details")
    switches = documented["data"]["sending_settings"].keys()
    for campaign_id in sandbox.world.account("default").campaigns:
        shown = client.get(f"/v2/campaigns/{campaign_id}")
        shown["data"].pop("deals", None)
        steps = shown["data"]["sequence"]["steps"]
        shown["data"]["sequence"]["steps"] = [step for step in steps if step["type"] in {"email", "goal"}]
        assert mismatches(documented, shown) == []
        assert not shown["data"]["sending_settings"] or shown["data"]["sending_settings"].keys() == switches
        assert {step["type"] for step in steps} >= {"email", "goal", "delay"}


def test_texts_replies_and_recipients_have_the_documented_shape(
    sandbox: Sandbox, client: DirectClient, busy: int
) -> None:
    step = client.get(f"/v2/campaigns/{busy}")["data"]["sequence"]["steps"][0]
    path = f"/v2/campaigns/{busy}/steps/{step['_ref']}/content/{step['content'][0]['id']}"
    replies = client.get(f"/v2/campaigns/{busy}/all-replies", offset=0)
    people = sandbox.world.account("default").campaigns[busy].people
    emails = [people[0].email, "nobody@example.org"]
    statuses = client.get(f"/v2/campaigns/{busy}/recipient", **{"emails[]": emails})
    assert mismatches(example("email_step_content"), client.get(path)) == []
    assert len(replies["data"]) > 1
    assert mismatches(example("campaign_replies"), replies) == []
    assert [row["exist"] for row in statuses["data"]] == [True, False]
    assert mismatches(example("recipient_status"), statuses) == []


def test_senders_and_warmups_have_the_documented_shape(sandbox: Sandbox, client: DirectClient) -> None:
    account = sandbox.world.account("default")
    for sender in account.senders:
        shown = client.get("/v2/sender-accounts/check-sender-status", sender_account_id=sender.id)
        assert mismatches(example("sender_account_check"), {"data": {**shown["data"], "imap": None}}) in (
            [],
            ["$.data.smtp: unexpected errors"],
        )
    assert mismatches(example("warmups"), client.get("/v2/warm-up", page=1, per_page=50)) == []
    for warmup in account.warmups:
        days = {"date_from": warmup.start_date, "date_to": max(warmup.start_date, sandbox.world.now.date())}
        statistics = client.get(f"/v2/warm-up/statistics/{warmup.id}", **days)
        assert mismatches(example("warmup"), client.get(f"/v2/warm-up/{warmup.id}")) == []
        assert mismatches(example("warmup_statistics"), statistics) == []
        daily = list((statistics["data"]["daily_statistics"] or {"": None}).values())
        documented = list(example("warmup_statistics")["data"]["daily_statistics"].values())
        assert daily == [None] or mismatches(documented, daily) == []


def test_profiles_have_the_documented_shape_by_id_and_by_email(sandbox: Sandbox, client: DirectClient) -> None:
    lists = sandbox.world.account("default").lists.values()
    members = [one for found in lists if found.deletion_date is None for one in found.prospects[:20]]
    for member in members:
        shown = client.post("/v1/get-prospect-by-id", id=member.id)
        assert mismatches(example("prospect_profile"), shown) == []
    email = next(one.emails[0].email for one in members if one.emails)
    assert mismatches(example("prospects_by_email"), client.post("/v1/get-prospects-by-email", email=email)) == []


def test_the_comparer_sees_missing_extra_and_mistyped_keys() -> None:
    assert mismatches([{"a": 1, "b": None}], [{"a": 2, "b": "x"}]) == []
    assert mismatches([{"a": 1}], [{"a": "2", "c": 0}]) == ["$[]: unexpected c", "$[].a: str instead of int"]
    assert mismatches({"a": True}, {}) == ["$: no a"]
    assert mismatches({"a": True}, {"a": 1}) == ["$.a: int instead of bool"]
    assert mismatches({"a": 1}, {"a": None}) == ["$.a: NoneType instead of int"]
