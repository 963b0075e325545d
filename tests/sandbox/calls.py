"""The record of what was asked, and what of it was not allowed."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

API_CALLS: tuple[tuple[str, str, str], ...] = (
    ("token", "POST", "/v1/oauth/access_token"),
    ("campaigns", "GET", "/v1/get-user-campaigns"),
    ("campaign_schedules", "GET", "/v2/campaigns/schedules"),
    ("campaign_details", "GET", "/v2/campaigns/{campaign_id}"),
    ("campaign_progress", "GET", "/v2/campaigns/{campaign_id}/progress"),
    ("campaign_analytics", "GET", "/v2/statistics/campaign-analytics"),
    ("recipient_activity", "GET", "/v2/campaigns/{campaign_id}/recipients-activity"),
    ("emails_sent", "GET", "/v1/emails-sent"),
    ("email_opens", "GET", "/v1/get-emails-opened"),
    ("email_clicks", "GET", "/v1/get-emails-clicked"),
    ("email_replies", "GET", "/v1/get-emails-replies"),
    ("campaign_replies", "GET", "/v2/campaigns/{campaign_id}/all-replies"),
    ("completed_prospects", "GET", "/v1/prospect-finished"),
    ("recipient_statuses", "GET", "/v2/campaigns/{campaign_id}/recipient"),
    ("email_step_contents", "GET", "/v2/campaigns/{campaign_id}/steps/{step_id}/content/{content_id}"),
    ("do_not_email_lists", "GET", "/v2/blacklists"),
    ("sender_accounts", "GET", "/v2/sender-accounts/emails"),
    ("sender_account_checks", "GET", "/v2/sender-accounts/check-sender-status"),
    ("warmups", "GET", "/v2/warm-up"),
    ("warmups", "GET", "/v2/warm-up/{warmup_id}"),
    ("warmup_statistics", "GET", "/v2/warm-up/statistics/{warmup_id}"),
    ("prospect_lists", "GET", "/v1/get-user-lists"),
    ("list_prospects", "POST", "/v1/prospect-list"),
    ("prospect_profiles", "POST", "/v1/get-prospect-by-id"),
    ("prospect_profiles", "POST", "/v1/get-prospects-by-email"),
    ("custom_fields", "GET", "/v1/prospect-custom-fields"),
    ("pipelines", "GET", "/v2/pipelines"),
    ("pipeline_stages", "GET", "/v2/pipelines/{pipeline_id}/stages"),
    ("account_balance", "GET", "/v1/get-balance"),
    ("webhooks", "GET", "/v2/webhooks"),
)
"""Endpoint's table, method, path: everything a read-only client may call. Any other call is a violation."""

UNKNOWN = "unknown"
"""The endpoint name of calls that are not in `API_CALLS`."""

_PATTERNS = tuple(
    (endpoint, method, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>\\d+)", path))) for endpoint, method, path in API_CALLS
)


def endpoint_of(method: str, path: str) -> tuple[str, dict[str, int]]:
    """The endpoint a call is for, or `UNKNOWN`, and the numbers in its path."""
    for endpoint, allowed, pattern in _PATTERNS:
        found = pattern.fullmatch(path)
        if found and method == allowed:
            return endpoint, {name: int(text) for name, text in found.groupdict().items()}
    return UNKNOWN, {}


@dataclass(eq=False)
class Call:
    """One call as it arrived. `at` is seconds of the monotonic clock; `status` is 0 until it is answered."""

    at: float
    endpoint: str
    method: str
    path: str
    query: Mapping[str, Any]
    form: Mapping[str, Any]
    ids: Mapping[str, int]
    account: str | None = None
    status: int = 0

    @property
    def parameters(self) -> dict[str, Any]:
        """What the endpoint reads: the query of a GET, the form or JSON body of a POST."""
        return dict(self.query if self.method == "GET" else self.form)

    @property
    def campaign_id(self) -> int | None:
        """The one campaign the call is about, if it is about one."""
        text = str(self.ids.get("campaign_id", self.query.get("campaignId", "")))
        return int(text) if text.isdecimal() else None


@dataclass(frozen=True, eq=False)
class Violation:
    """A call that a read-only client must never make."""

    call: Call
    reason: str


@dataclass
class CallLog:
    """Everything that was asked since the last reset, control calls apart."""

    log: list[Call] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def add(self, call: Call, tokens: Iterable[str], secrets: Iterable[str]) -> None:
        """Records a call and what it does wrong."""
        self.log.append(call)
        self.calls[call.endpoint] += 1
        self.violations += [Violation(call, reason) for reason in _wrongs(call, tokens, secrets)]

    def most_in(self, seconds: float, account: str | None = None) -> int:
        """The highest number of calls, of an account or of all, in any sliding window of that many seconds."""
        times = sorted(call.at for call in self.log if account in {None, call.account})
        most = first = 0
        for last, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most


def _wrongs(call: Call, tokens: Iterable[str], secrets: Iterable[str]) -> list[str]:
    url = " ".join((call.path, *call.query, *map(str, call.query.values())))
    form = " ".join((*call.form, *map(str, call.form.values())))
    wrongs = []
    if call.endpoint == UNKNOWN:
        wrongs.append("not on the allow-list")
    if "access_token" in call.query or any(token in url for token in tokens):
        wrongs.append("token in the URL")
    if "access_token" in call.form or any(token in form for token in tokens):
        wrongs.append("token in the body")
    if any(secret in url for secret in secrets):
        wrongs.append("secret in the URL")
    return wrongs
