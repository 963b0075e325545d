"""What cannot be read is recorded; everything else is loaded, and nothing that was loaded is lost."""

import json
from typing import Any

import pytest
import stamina

from sources.errors import ConfigurationError, CredentialsRefused
from tests.sandbox.faults import Fault
from tests.sendkit.conftest import MakeSendkit, Sendkit

pytestmark = pytest.mark.slow

UNCOUNTED = ("sync_runs", "overview")
NOTHING = {
    "success": True,
    "data": [],
    "pagination": {"limit": 100, "total": 0, "hasMore": False, "nextCursor": None},
}


def roots(error: BaseException | None) -> list[BaseException]:
    """An error and all that caused it: dlt wraps what a source raises."""
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def test_empty_lists_after_full_ones_close_and_remove_nothing(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=2, leads=40)
    lists = ("campaigns", "leads", "inbox_threads", "mailboxes", "do_not_contact", "workspaces")
    tables = (*lists, "campaign_steps", "campaign_leads", "overview")
    loaded.load(server, tables=tables)
    before = loaded.everything(without=UNCOUNTED)
    for name in lists:
        server.faults.add(Fault("payload", name, options={"payload": NOTHING}))
    server.reset_counts()
    loaded.load(server, tables=tables, sweep_days=0)
    runs = loaded.last_run()
    assert all(server.calls[name] >= 2 for name in lists)
    assert all("empty, asked twice" in runs[name]["detail"] for name in lists)
    assert runs["overview"]["outcome"] == "ok"
    assert loaded.everything(without=UNCOUNTED) == before

    server.faults.clear()
    loaded.load(server, tables=tables)
    assert loaded.differences(server, tables=tables) == {}


def test_campaigns_that_fail_in_any_way_stop_no_other(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(leads=60)
    campaigns = list(server.world.workspaces["default"].campaigns)
    names = ("not_found", "unprocessable", "list_for_object", "success_false", "not_in_plan")
    failing = dict(zip(campaigns, names, strict=False))
    for campaign_id, name in failing.items():
        server.faults.add(Fault(name, where=lambda call, wanted=campaign_id: wanted in call.path))  # type: ignore[misc]
    asked = ("campaign_analytics", "campaign_step_analytics", "campaign_daily_analytics", "campaign_leads")
    tables = (*asked, "campaigns", "campaign_steps")
    loaded.load(server, tables=tables)
    runs = loaded.last_run()
    assert {runs[table]["outcome"] for table in (*asked, "campaigns")} == {"partial"}
    assert all(f"campaign {campaign_id}" in runs[table]["detail"] for table in asked for campaign_id in failing)
    assert {row["campaign_id"] for row in loaded.rows("campaign_analytics")} == {campaigns[5]}
    assert {row["id"] for row in loaded.rows("campaigns")} == set(campaigns)
    assert loaded.differences(server, tables=("campaign_steps",)) == {}
    assert server.calls["campaign_analytics"] == len(campaigns), "a failed call is not made for each of its tables"

    server.faults.clear()
    loaded.load(server, tables=tables)
    assert loaded.differences(server, tables=tables) == {}
    assert {row["user_id"] for row in loaded.closed("campaigns")} == {None}


def test_a_campaign_that_fails_later_keeps_what_was_known_of_it(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=2, leads=40)
    tables = ("campaigns",)
    loaded.load(server, tables=tables)
    before = loaded.stored("campaigns")
    server.faults.add(Fault("not_found", "campaign_details"))
    loaded.load(server, tables=tables, sweep_days=0)
    assert loaded.last_run()["campaigns"]["outcome"] == "partial"
    assert loaded.stored("campaigns") == before


def test_what_passes_is_asked_again(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    """One load meets every fault."""
    server = sendkit(campaigns=2, leads=120)
    faults = [
        server.faults.add(Fault("server_error", times=2)),
        server.faults.add(Fault("reset", "campaigns", times=2)),
        server.faults.add(Fault("rate_limited", "leads", times=2, options={"retry_after": 0})),
        server.faults.add(Fault("truncated_json", "campaign_leads", times=2)),
        server.faults.add(Fault("bad_gateway", "mailboxes", times=2)),
    ]
    tables = ("campaigns", "campaign_leads", "leads", "mailboxes")
    with stamina.set_testing(True, attempts=10, cap=True):  # as many attempts as ever, without the waits
        loaded.load(server, tables=tables, block_seconds=0.0)
    assert {fault.name: fault.hits for fault in faults} == {fault.name: 2 for fault in faults}
    assert loaded.differences(server, tables=tables) == {}


def test_a_read_that_is_cut_off_goes_on_where_it_ended(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1, leads=350)
    fault = server.faults.add(Fault("not_found", "leads", on_calls=(3,)))
    loaded.load(server, tables=("leads",))
    assert loaded.last_run()["leads"]["outcome"] == "partial"
    assert len(loaded.rows("leads")) == 200

    server.faults.remove(fault)
    server.reset_counts()
    loaded.load(server, tables=("leads",))
    assert server.calls["leads"] == 2
    assert loaded.differences(server, tables=("leads",)) == {}


def test_a_place_to_go_on_from_that_is_gone_means_the_beginning(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1, leads=150)
    server.faults.add(Fault("not_found", "leads", on_calls=(2, 3)))
    for _ in range(2):
        loaded.load(server, tables=("leads",))
    assert loaded.last_run()["leads"]["outcome"] == "ok"
    assert loaded.differences(server, tables=("leads",)) == {}


def test_wrong_rows_are_rejected_one_by_one(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1)
    rows: list[Any] = [
        {"_id": "a", "email": "ann@example.org", "createdAt": "2025-06-01T00:00:00.000Z", "brandNew": 1},
        {"_id": "b", "email": "\ud800", "createdAt": "the day before yesterday"},
        {"_id": None, "email": "no id"},
        "no object",
    ]
    server.faults.add(Fault("payload", "leads", options={"payload": {**NOTHING, "data": rows[:1] + rows[2:]}}))
    loaded.load(server, tables=("leads",))
    assert {row["id"]: row["brand_new"] for row in loaded.rows("leads")} == {"a": "1"}
    rejected = loaded.rows("rejected_rows")
    assert {row["reason"] for row in rejected} == {"id: a key may not be null"}
    assert all(json.loads(row["row"]) for row in rejected)


def test_a_failing_campaign_is_named_in_rejected_rows(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1)
    (campaign_id,) = server.world.workspaces["default"].campaigns
    payload = {"success": True, "data": [{"_id": "no day", "sent": 1}, {"_id": "2025-06-01"}, {"_id": "2025-06-01"}]}
    server.faults.add(Fault("payload", "campaign_daily_analytics", options={"payload": payload}))
    loaded.load(server, tables=("campaign_daily_analytics",))
    rejected = loaded.rows("rejected_rows")
    assert {row["campaign_id"] for row in rejected} == {campaign_id}
    assert sorted(row["reason"].split(":")[0] for row in rejected) == ["date", "date"]
    assert len(loaded.rows("campaign_daily_analytics")) == 1


def test_refused_keys_end_the_load_and_change_nothing(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1, leads=20)
    loaded.load(server, tables=("campaigns", "leads"))
    before = loaded.everything()
    server.revoked = True
    with pytest.raises(Exception, match="refuses the key") as raised:
        loaded.load(server, tables=("campaigns", "leads"))
    assert any(isinstance(error, CredentialsRefused) for error in roots(raised.value))
    assert loaded.everything() == before


@pytest.mark.parametrize("setting", [{"exclude_columns": ["leads.id"]}, {"account": "it's"}, {"sweep_days": -1}])
def test_a_wrong_setting_is_named_before_any_call(
    sendkit: MakeSendkit, loaded: Sendkit, setting: dict[str, Any]
) -> None:
    server = sendkit(campaigns=1, leads=1)
    with pytest.raises(ConfigurationError, match=r"sources\.sendkit\."):
        loaded.load(server, **{"api_key": server.key(), **setting})
    assert server.calls.total() == 0


def test_excluded_columns_stay_null(sendkit: MakeSendkit, loaded: Sendkit) -> None:
    server = sendkit(campaigns=1, leads=40)
    excluded = ["email_lower", "inbox_threads.last_message__content", "campaign_leads.payload"]
    tables = ("leads", "campaign_leads", "inbox_threads", "do_not_contact", "mailboxes")
    loaded.load(server, tables=tables, exclude_columns=excluded)
    assert {row["email_lower"] for row in loaded.rows("leads") + loaded.rows("do_not_contact")} == {None}
    assert {row["last_message__content"] for row in loaded.rows("inbox_threads")} == {None}
    assert {row["payload"] for row in loaded.rows("campaign_leads")} == {None}
    assert all(row["payload"] for row in loaded.rows("mailboxes"))
