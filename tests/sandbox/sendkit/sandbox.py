"""The SendKit sandbox itself, without HTTP: it judges a call, answers it and remembers it."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.sandbox.answers import Answer
from tests.sandbox.calls import UNKNOWN, Call, CallLog, Violation
from tests.sandbox.canary import CANARY
from tests.sandbox.faults import Faults
from tests.sandbox.limits import RateLimit
from tests.sandbox.sendkit import shapes
from tests.sandbox.sendkit.model import SECRET, Workspace
from tests.sandbox.sendkit.truth import Tables, truth
from tests.sandbox.sendkit.world import World

API_CALLS: tuple[tuple[str, str, str], ...] = (
    ("workspaces", "GET", "/v1/workspaces"),
    ("campaigns", "GET", "/v1/campaigns"),
    ("campaign_details", "GET", "/v1/campaigns/{}"),
    ("campaign_analytics", "GET", "/v1/campaigns/{}/analytics"),
    ("campaign_leads", "GET", "/v1/campaigns/{}/leads"),
    ("campaign_daily_analytics", "GET", "/v1/analytics/daily/campaigns/{}"),
    ("overview", "GET", "/v1/analytics/overview"),
    ("leads", "GET", "/v1/leads"),
    ("new_leads", "POST", "/v1/leads/search"),
    ("inbox_threads", "GET", "/v1/inbox"),
    ("mailboxes", "GET", "/v1/mailboxes"),
    ("do_not_contact", "GET", "/v1/dnc"),
)
"""Endpoint, method, path: everything a read-only client may call. Any other call is a violation."""

_PATTERNS = tuple((name, method, re.compile(path.replace("{}", "([^/]+)"))) for name, method, path in API_CALLS)
_SMALLEST_LIMIT, _LARGEST_LIMIT = 25, 100

Step = Callable[[Call, World], None]


class SendkitSandbox:
    """A world behind an API.

    Args:
        world: What it shows; may be moved at any time under `lock`.
        calls_per_minute: The limit; None = no limit.
        block_seconds: How long a breach blocks.
        time_scale: With 60 a minute lasts a second.
    """

    def __init__(
        self,
        world: World,
        calls_per_minute: int | None = None,
        block_seconds: float = 60.0,
        time_scale: float = 1.0,
    ) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.faults = Faults()
        self.limit = RateLimit(calls_per_minute, block_seconds, time_scale)
        self.revoked = False
        self._record = CallLog()
        self._steps: list[Step] = []
        self._began = time.monotonic()

    @property
    def clock(self) -> datetime:
        """The server's clock: the world's, running on from when the sandbox was made."""
        return self.world.now + timedelta(seconds=time.monotonic() - self._began)

    @property
    def calls(self) -> Counter[str]:
        """Calls by endpoint, the refused ones included."""
        return self._record.calls

    @property
    def log(self) -> list[Call]:
        """Every call, oldest first."""
        return self._record.log

    @property
    def violations(self) -> list[Violation]:
        """Calls that a read-only client must never make, each with the reason."""
        return self._record.violations

    @property
    def secrets(self) -> list[str]:
        """Everything that must not be found anywhere."""
        return [self.platform_key, *map(self.key, self.world.workspaces), SECRET]

    @property
    def platform_key(self) -> str:
        """The key that opens every workspace."""
        return f"sk_user_{CANARY}platform-key-value"

    def key(self, name: str = "default") -> str:
        """The key that is bound to a workspace."""
        return f"sk_{CANARY}key-of-{name}-value"

    def workspace_id(self, name: str = "default") -> str:
        """The id of a workspace."""
        return self.world.workspaces[name].id

    def truth(self, name: str = "default") -> Tables:
        """Table -> the rows a warehouse must hold of a workspace, now."""
        with self.lock:
            return truth(self.world.workspaces[name], self.world.rules)

    def before_each_call(self, step: Step) -> Callable[[], None]:
        """Runs `step(call, world)` under the lock before every call is answered; returns its remover."""
        self._steps.append(step)
        return lambda: self._steps.remove(step)

    def reset_counts(self) -> None:
        """Forgets all calls, violations and the rate limit's window and block."""
        with self.lock:
            self._record = CallLog()
            self.limit.clear()

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Answer:
        """Answers one API call and records it."""
        with self.lock:
            endpoint, an_id = _endpoint_of(method, path)
            call = Call(time.monotonic(), endpoint, method, path, query, body, {})
            self._record.add(call, (), self.secrets)
            for step in list(self._steps):
                step(call, self.world)
            answer = self._judged(call, an_id, headers)
            call.status = answer.status
            limits = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59"}
            answer.headers.update(limits)
            return answer

    def _judged(self, call: Call, an_id: str, headers: Mapping[str, str]) -> Answer:
        if not self.limit.admits(call.at):
            return Answer({"success": False, "error": "Too many requests"}, 429)
        hits = self.faults.hitting(call)
        replaced = hits.instead(_Around(self), call)
        if replaced is not None:
            return replaced
        status, workspaces = self._opened(call, headers)
        if status != 200:
            return Answer({"success": False, "error": "Invalid API key"}, status)
        if call.endpoint == "workspaces":
            return hits.on_answer(_data([shapes.workspace(one) for one in workspaces]))
        if call.endpoint == UNKNOWN or len(workspaces) != 1:
            return _error("Not found", 404) if call.endpoint == UNKNOWN else _error("Workspace required", 403)
        return hits.on_answer(self._shown(call, workspaces[0], an_id))

    def _opened(self, call: Call, headers: Mapping[str, str]) -> tuple[int, list[Workspace]]:
        """The status, and the workspaces that the headers open."""
        keys = {"X-Api-Key": headers.get("x-api-key"), "Authorization": headers.get("authorization")}
        wanted = headers.get("x-workspace-id")
        if all(keys.values()):
            self.violations.append(Violation(call, "both headers at once"))
        key = next((text for name, text in keys.items() if text and self.world.rules.header in {"", name}), "")
        key = key.removeprefix("Bearer ")
        if self.revoked:
            return 401, []
        if key == self.platform_key:
            named = [one for one in self.world.workspaces.values() if wanted in {None, one.id}]
            return (200, named) if named else (403, [])
        for name, one in self.world.workspaces.items():
            if key == self.key(name):
                if wanted is not None:
                    self.violations.append(Violation(call, "a workspace key with a workspace id"))
                return 200, [one]
        return 401, []

    def _shown(self, call: Call, owner: Workspace, an_id: str) -> Answer:
        rules, asked = self.world.rules, call.parameters
        if call.endpoint in {"campaign_details", "campaign_analytics", "campaign_leads", "campaign_daily_analytics"}:
            return self._of_campaign(call, owner, an_id)
        if call.endpoint == "overview":
            return _data(shapes.overview(owner))
        if call.endpoint == "campaigns":
            wanted = {asked["status"]} if "status" in asked else None
            found = [
                one
                for one in owner.campaigns.values()
                if (one.status in wanted if wanted else rules.lists_archived or one.status != "archived")
            ]
            return self._page(asked, ((one.id, shapes.campaign(one, rules)) for one in found))
        if call.endpoint == "new_leads":
            if not rules.searches:
                return _error("Not found", 404)
            after = datetime.fromisoformat(asked["filters"]["createdAfter"])
            leads = [one for one in owner.leads.values() if one.created_at > after]
            return self._page(asked, ((one.id, shapes.lead(one)) for one in leads))
        rows: dict[str, Iterable[tuple[str, Any]]] = {
            "leads": ((one.id, shapes.lead(one)) for one in owner.leads.values()),
            "inbox_threads": ((one.id, shapes.thread(one)) for one in owner.threads.values()),
            "mailboxes": ((one.id, shapes.mailbox(one)) for one in owner.mailboxes.values()),
            "do_not_contact": ((one.id, shapes.blocked(one, owner)) for one in owner.blocked.values()),
        }
        return self._page(asked, rows[call.endpoint])

    def _of_campaign(self, call: Call, owner: Workspace, campaign_id: str) -> Answer:
        rules, campaign = self.world.rules, owner.campaigns.get(campaign_id)
        if campaign is None:
            return _error("Campaign not found", 404)
        if call.endpoint == "campaign_details":
            return _data(shapes.campaign_details(campaign, owner, rules))
        if call.endpoint == "campaign_analytics":
            return _data(shapes.analytics(campaign, rules))
        if call.endpoint == "campaign_leads":
            return self._page(
                call.parameters, ((one.id, shapes.member(one, rules)) for one in campaign.members.values())
            )
        today, long = self.world.now.date(), rules.longest_days
        default = today - timedelta(days=30)
        first, last = call.query.get("from", default.isoformat()), call.query.get("to", today.isoformat())
        if long:
            first = max(first, (today - timedelta(days=long)).isoformat())
        return _data([row for row in shapes.days(campaign) if first <= row["_id"] <= last])

    def _page(self, asked: Mapping[str, Any], rows: Iterable[tuple[str, Any]]) -> Answer:
        """A page of a list, newest first, in the account's form of paging."""
        slots, limit = self._slots(rows), int(asked.get("limit", _SMALLEST_LIMIT))
        if not 1 <= limit <= _LARGEST_LIMIT:
            return _error("limit must be between 1 and 100", 400)
        total = sum(row is not None for _, row in slots)
        if self.world.rules.paging == "older":
            number, pages = int(asked.get("page", 1)), max(1, -(-len(slots) // limit))
            taken = slots[(number - 1) * limit : number * limit]
            paging: dict[str, Any] = {"page": number, "limit": limit, "total": total, "pages": pages}
        else:
            cursor = asked.get("cursor")
            left = [slot for slot in slots if cursor is None or slot[0] < cursor]
            taken = left[:limit]
            ends = taken[-1][0] if taken else None
            paging = {"limit": limit, "total": total, "hasMore": len(left) > limit, "nextCursor": ends}
        return Answer({"success": True, "data": [row for _, row in taken if row is not None], "pagination": paging})

    def _slots(self, rows: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
        """Everything that a page is cut from, newest first: rows, and slots that are never shown."""
        slots = sorted(rows, key=lambda slot: slot[0], reverse=True)
        hidden = self.world.rules.hidden
        ghosts = [(f"{slot[0]}{ghost:05d}", None) for slot in slots[::40] for ghost in range(hidden)]
        return sorted([*slots, *ghosts], key=lambda slot: slot[0], reverse=True)


class _Around:
    """What faults need of a sandbox."""

    def __init__(self, sandbox: SendkitSandbox) -> None:
        self._sandbox = sandbox
        self.other_url = ""

    @property
    def clock(self) -> datetime:
        return self._sandbox.clock

    def expire_tokens(self) -> None:
        """There are none."""

    def revoke_secret(self, account: str | None) -> None:  # noqa: ARG002  # all keys at once
        self._sandbox.revoked = True


def _endpoint_of(method: str, path: str) -> tuple[str, str]:
    for name, verb, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found and verb == method:
            return name, "".join(found.groups())
    return UNKNOWN, ""


def _data(data: Any) -> Answer:
    return Answer({"success": True, "data": data})


def _error(message: str, status: int) -> Answer:
    return Answer({"success": False, "error": message}, status)
