"""The sandbox shows what the documented examples show, and refuses what the API refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW
from tests.sandbox.canary import CANARY
from tests.sandbox.sendkit.sandbox import SendkitSandbox
from tests.sandbox.sendkit.world import World

EXAMPLES = Path(__file__).parents[1] / "examples" / "sendkit"
OPEN = {"statusBreakdown"}
"""Objects whose keys are data."""


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_bytes())


def keys(value: Any) -> Any:
    """The keys of an answer at every depth; of a list those of its first row."""
    if isinstance(value, dict):
        return {key: None if key in OPEN else keys(below) for key, below in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


@pytest.fixture
def sandbox() -> SendkitSandbox:
    return SendkitSandbox(World(1, NOW))


def ask(sandbox: SendkitSandbox, path: str, **headers: str) -> Any:
    path, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&") if part)
    given = {name.replace("_", "-"): text for name, text in headers.items()} or {"x-api-key": sandbox.key()}
    return sandbox.answer("GET", path, asked, {}, given)


@pytest.mark.parametrize(
    ("name", "path", "rules"),
    [
        ("campaigns", "/v1/campaigns", {}),
        ("campaigns_older_paging", "/v1/campaigns", {"paging": "older", "decorated": False}),
        ("campaign_analytics", "/v1/campaigns/{}/analytics", {"analytics": "older"}),
        ("campaign_analytics_current", "/v1/campaigns/{}/analytics", {}),
        ("leads", "/v1/leads", {}),
        ("inbox", "/v1/inbox", {}),
        ("dnc", "/v1/dnc", {}),
        ("overview", "/v1/analytics/overview", {}),
    ],
)
def test_an_answer_has_the_keys_of_the_example(
    sandbox: SendkitSandbox, name: str, path: str, rules: dict[str, Any]
) -> None:
    vars(sandbox.world.rules).update(rules)
    shown = ask(sandbox, path.format(next(iter(sandbox.world.workspaces["default"].campaigns)))).payload
    if name == "dnc":
        shown["data"] = [row for row in shown["data"] if row["entryType"] == "email"]
    assert keys(shown) == keys(example(name))


def test_pages_hold_at_most_what_is_asked_for(sandbox: SendkitSandbox) -> None:
    shown = ask(sandbox, "/v1/leads?limit=100").payload
    assert len(shown["data"]) == 100
    assert shown["pagination"] == {
        "limit": 100,
        "total": 230,
        "hasMore": True,
        "nextCursor": shown["data"][-1]["_id"],
    }
    assert ask(sandbox, "/v1/leads?limit=200").status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_api_key": f"sk_{CANARY}key-of-default-value"}, 200),
        ({"authorization": f"Bearer sk_{CANARY}key-of-default-value"}, 200),
        ({"x_api_key": "sk_wrong"}, 401),
        ({"x_api_key": f"sk_user_{CANARY}platform-key-value", "x_workspace_id": "wrong"}, 403),
    ],
)
def test_who_may_read(sandbox: SendkitSandbox, headers: dict[str, str], status: int) -> None:
    assert ask(sandbox, "/v1/leads", **headers).status == status
    assert sandbox.violations == []


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v1/leads", {}),
        ("GET", "/v1/inbox/1", {}),
        ("GET", "/v1/leads", {"authorization": f"Bearer sk_{CANARY}key-of-default-value"}),
        ("GET", "/v1/leads", {"x-workspace-id": "1"}),
    ],
)
def test_what_a_client_must_never_do_is_noted(
    sandbox: SendkitSandbox, method: str, path: str, headers: dict[str, str]
) -> None:
    sandbox.answer(method, path, {}, {}, {"x-api-key": sandbox.key(), **headers})
    assert len(sandbox.violations) == 1
