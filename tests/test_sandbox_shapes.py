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
OPTIONAL = {"imap"}
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
    *("isGibberish", "smtpStatus", "recipient_email", "location"),
}
"""Keys that may be null although the example is not."""
EITHER = {"emailsCount"}
"""Keys with two types: an empty PHP array stands for a number."""


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


def test_the_comparer_sees_missing_extra_and_mistyped_keys() -> None:
    assert mismatches([{"a": 1, "b": None}], [{"a": 2, "b": "x"}]) == []
    assert mismatches([{"a": 1}], [{"a": "2", "c": 0}]) == ["$[]: unexpected c", "$[].a: str instead of int"]
    assert mismatches({"a": True}, {}) == ["$: no a"]
    assert mismatches({"a": True}, {"a": 1}) == ["$.a: int instead of bool"]
    assert mismatches({"a": 1}, {"a": None}) == ["$.a: NoneType instead of int"]
