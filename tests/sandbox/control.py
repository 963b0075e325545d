"""The control port, under `/_sandbox/` of the same server; never counted, never limited, no token needed.

GET  /_sandbox/counts               calls by endpoint, most calls in a window, refused calls, violations
GET  /_sandbox/violations           each with its reason
GET  /_sandbox/truth?account=NAME   table -> rows; instants and days as ISO text, decimals as text
GET  /_sandbox/accounts             account -> client_id, client_secret, campaign ids, list ids
POST /_sandbox/move                 {"action": "add_events", "account": "default", ...}: a method of World
POST /_sandbox/rules                {"page_size": 500, "date_form": "string", ...}: attributes of Rules
POST /_sandbox/faults               {"name": "server_error", "endpoint": "campaigns", ...}: fields of Fault
POST /_sandbox/faults/clear         switches all faults off
POST /_sandbox/tokens/expire        ends every token
POST /_sandbox/reset                forgets counts, violations and the limit's window
"""

import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import orjson
from starlette.requests import Request

from tests.sandbox.answers import Answer, bad_request, not_found
from tests.sandbox.calls import Call
from tests.sandbox.faults import Fault
from tests.sandbox.rules import Rules
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import World

PREFIX = "/_sandbox/"

MOVES = frozenset(
    {
        "advance", "add_events", "add_twin", "add_late_events", "delete_events", "edit_events", "spoil_event",
        "add_campaign", "delete_campaign", "rename_campaign", "change_status", "change_settings", "add_list",
        "delete_list", "mark_list_deleted", "empty_list", "add_prospects", "remove_prospects", "edit_prospects",
        "change_balance", "move",
    }
)  # fmt: skip
"""The methods of `World` that a move may name."""


def control(sandbox: Sandbox, request: Request, body: bytes) -> Answer:
    """Answers one control call; 400 with the reason when it makes no sense."""
    wanted = _CONTROLS.get((request.method, request.url.path.removeprefix(PREFIX)))
    if wanted is None:
        return not_found()
    given = orjson.loads(body) if body else dict(request.query_params)
    try:
        with sandbox.lock:
            return Answer(body=orjson.dumps(wanted(sandbox, given), default=str))
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        return bad_request(f"{type(problem).__name__}: {problem}")


def _counts(sandbox: Sandbox, _: dict[str, Any]) -> Any:
    return {
        "calls": sandbox.calls,
        "total": sandbox.calls.total(),
        "most_calls_in_a_window": sandbox.most_calls_in_a_window(),
        "rate_limited": sandbox.rate_limited,
        "violations": len(sandbox.violations),
    }


def _violations(sandbox: Sandbox, _: dict[str, Any]) -> Any:
    return [{"reason": wrong.reason, **_call(wrong.call)} for wrong in sandbox.violations]


def _call(call: Call) -> dict[str, Any]:
    return {"endpoint": call.endpoint, "method": call.method, "path": call.path, "account": call.account}


def _accounts(sandbox: Sandbox, _: dict[str, Any]) -> Any:
    return {
        account.name: {
            "client_id": account.client_id,
            "client_secret": account.client_secret,
            "campaigns": list(account.campaigns),
            "lists": list(account.lists),
        }
        for account in sandbox.world.accounts.values()
    }


def _move(sandbox: Sandbox, given: dict[str, Any]) -> Any:
    action = given.pop("action")
    if action not in MOVES:
        raise ValueError(f"unknown action {action!r}; known: {', '.join(sorted(MOVES))}")
    if action == "move":
        given["rng"] = random.Random(given.pop("seed", 0))
    if "day" in given:
        given["day"] = date.fromisoformat(given["day"])
    if "at" in given:
        given["at"] = datetime.fromisoformat(given["at"])
    getattr(World, action)(sandbox.world, **given)
    return {"done": action}


def _rules(sandbox: Sandbox, given: dict[str, Any]) -> Any:
    unknown = given.keys() - Rules.__dataclass_fields__.keys()
    if unknown:
        raise ValueError(f"unknown rules: {', '.join(sorted(unknown))}")
    for name, value in given.items():
        setattr(sandbox.world, name, value)
    return {"done": sorted(given)}


def _add_fault(sandbox: Sandbox, given: dict[str, Any]) -> Any:
    return {"done": sandbox.faults.add(Fault(**given)).name}


def _done(act: Callable[[Sandbox], None]) -> Callable[[Sandbox, dict[str, Any]], Any]:
    def run(sandbox: Sandbox, _: dict[str, Any]) -> Any:
        act(sandbox)
        return {"done": True}

    return run


_CONTROLS: dict[tuple[str, str], Callable[[Sandbox, dict[str, Any]], Any]] = {
    ("GET", "counts"): _counts,
    ("GET", "violations"): _violations,
    ("GET", "truth"): lambda sandbox, given: sandbox.truth(given.get("account", "default")),
    ("GET", "accounts"): _accounts,
    ("POST", "move"): _move,
    ("POST", "rules"): _rules,
    ("POST", "faults"): _add_fault,
    ("POST", "faults/clear"): _done(lambda sandbox: sandbox.faults.clear()),
    ("POST", "tokens/expire"): _done(Sandbox.expire_tokens),
    ("POST", "reset"): _done(Sandbox.reset_counts),
}
