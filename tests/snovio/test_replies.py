"""Replies with their messages, and how far recipients came."""

from dataclasses import replace
from typing import Any

import pytest

from sources.errors import ConfigurationError
from sources.snovio.settings import excluded_columns
from sources.snovio.tables import TABLES
from tests.conftest import MakeSandbox
from tests.sandbox.compare import EVENT_IGNORED
from tests.sandbox.conversations import conversations
from tests.sandbox.faults import Fault
from tests.sandbox.model import EVENT_TABLES, ProspectEmail
from tests.sandbox.server import SandboxServer
from tests.warehouse import Warehouse

slow = pytest.mark.slow

REPLIES = ("campaign_replies", "campaign_reply_messages")
SEEN = (*EVENT_TABLES, *REPLIES)
"""Replies, and the lists that show what moved."""
STATUSES = ("prospect_lists", "list_prospects", "list_prospect_emails", "recipient_statuses")


def talkative(server: SandboxServer) -> int:
    """The campaign with most records of replies."""
    account = server.world.account("default")
    return max(account.campaigns, key=lambda number: len(conversations(account, account.campaigns[number])))


@slow
@pytest.mark.parametrize("page_size", [1, 2, 100])
def test_replies_of_pages_of_any_size(sandbox: MakeSandbox, warehouse: Warehouse, page_size: int) -> None:
    """Of e-mail and LinkedIn, with duplicates of one prospect."""
    server = sandbox(campaigns=8)
    server.world.replies_page_size = page_size
    campaign_id = talkative(server)
    server.world.add_events("default", "email_replies", campaign_id, 30)
    warehouse.load(server, tables=REPLIES)
    assert warehouse.differences(server, tables=REPLIES) == {}
    rows = warehouse.rows("campaign_replies")
    assert {"email", "linkedinInvite", "linkedinMessage"} <= {row["reply_type"] for row in rows}
    assert max(row["occurrence"] for row in rows) > 0
    assert max(row["position"] for row in warehouse.rows("campaign_reply_messages")) > 0


@slow
def test_a_campaign_is_asked_again_when_it_moved_and_replaced_whole(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=4)
    campaign_id = talkative(server)
    warehouse.load(server, tables=SEEN)
    before = warehouse.everything(without=("sync_runs",))
    server.reset_counts()
    warehouse.load(server, tables=SEEN)
    assert warehouse.everything(without=("sync_runs",)) == before
    assert server.calls["campaign_replies"] == 0

    server.world.advance(60)
    server.world.add_events("default", "email_replies", campaign_id, 3)
    server.world.delete_events("default", "email_replies", campaign_id, index=0)
    warehouse.load(server, tables=SEEN)
    assert warehouse.differences(server, tables=SEEN) == {}
    assert 1 <= server.calls["campaign_replies"] <= 3


@slow
def test_unstable_ids_change_no_row(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=2)
    server.world.unstable_ids = True
    warehouse.load(server, tables=REPLIES)
    before = warehouse.everything(without=("sync_runs",))
    server.world.advance(8 * 86_400)
    warehouse.load(server, tables=REPLIES)
    assert warehouse.last_run()["campaign_replies"]["swept"] > 0
    assert warehouse.everything(without=("sync_runs",)) == before
    assert warehouse.differences(server, ignore=EVENT_IGNORED, tables=REPLIES) == {}


@slow
def test_an_ignored_offset_is_the_failure_of_its_campaign_and_loses_nothing(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=2)
    campaign_id = talkative(server)
    warehouse.load(server, tables=REPLIES)
    before = warehouse.everything(without=("sync_runs",))
    server.faults.add(Fault("offset_ignored", "campaign_replies", campaign_id=campaign_id))
    warehouse.load(server, tables=REPLIES, sweep_days=0)
    run = warehouse.last_run()["campaign_replies"]
    assert run["outcome"] == "partial"
    assert f"campaign {campaign_id}" in run["detail"]
    own = {name: [row for row in rows if row["campaign_id"] == campaign_id] for name, rows in before.items()
           if name in REPLIES}  # fmt: skip
    after = {name: [row for row in warehouse.stored(name) if row["campaign_id"] == campaign_id] for name in REPLIES}
    assert after == own


@slow
def test_messages_selected_later_are_loaded_and_odd_ones_do_no_harm(
    sandbox: MakeSandbox, warehouse: Warehouse
) -> None:
    server = sandbox(campaigns=1)
    reply = {"campaignId": 1, "prospectId": "p", "replyType": "email", "receivedAt": "2025-06-01 10:00:00"}
    message = {"subject": "Re", "message": "Дякую", "receivedAt": "2025-06-01 10:00:00", "mood": "maybe"}
    records: list[dict[str, Any]] = [
        {**reply, "prospectEmail": "Ann@Example.com", "replies": [message]},
        {**reply, "prospectEmail": None, "linkedInProfile": "https://linkedin.example.com/ann", "replies": message},
        {**reply, "prospectEmail": None, "linkedInProfile": None, "replies": []},
        {**reply, "replyType": None, "replies": [message]},
    ]
    for offset, payload in ((0, records), (3, records[3:])):
        where = {"payload": {"data": payload}}
        server.faults.add(Fault("payload", "campaign_replies", where=_at(offset), options=where))
    warehouse.load(server, tables=REPLIES[:1])
    warehouse.load(server, tables=REPLIES)
    contacts = {row["contact"]: row["prospect_email"] for row in warehouse.rows("campaign_replies")}
    assert contacts == {"ann@example.com": "Ann@Example.com", "https://linkedin.example.com/ann": None, "": None}
    messages = warehouse.rows("campaign_reply_messages")
    assert [(row["message"], row["mood"]) for row in messages] == [("Дякую", "maybe")] * 2
    assert len(warehouse.rows("rejected_rows")) == 1


def _at(offset: int) -> Any:
    return lambda call: call.query["offset"] == str(offset)


def test_the_messages_of_replies_can_be_excluded_by_the_name_of_either_table() -> None:
    tables = TABLES.values()
    for name in ("campaign_replies.message", "campaign_reply_messages.message"):
        assert excluded_columns([name], tables) == {"campaign_reply_messages": frozenset({"message"})}
    with pytest.raises(ConfigurationError, match="nothing_like_it"):
        excluded_columns(["campaign_replies.nothing_like_it"], tables)


@slow
@pytest.mark.parametrize("longest_url", [0, 200])
def test_statuses_of_the_prospects_of_each_campaign_s_list(
    sandbox: MakeSandbox, warehouse: Warehouse, longest_url: int
) -> None:
    """Each address once, whatever its case; none that is too long; fewer at a time where the URL gets too long."""
    server = sandbox(campaigns=2, most_prospects=130)
    server.world.longest_url = longest_url
    account = server.world.account("default")
    big = max(account.lists.values(), key=lambda found: len(found.prospects))
    first, second, *_ = big.prospects
    big.prospects[0] = replace(first, emails=(ProspectEmail("Twice@Example.com"), ProspectEmail("x" * 101)))
    big.prospects[1] = replace(second, emails=(ProspectEmail("twice@example.com"),))
    for campaign in account.campaigns.values():
        campaign.list_id = big.id
        person = campaign.people[0]
        campaign.people[0] = replace(person, email="TWICE@example.com")
    warehouse.load(server, tables=STATUSES)
    assert warehouse.differences(server, tables=STATUSES) == {}
    assert {row["status"] for row in warehouse.rows("recipient_statuses")} >= {None, "active"}
    before = warehouse.stored("recipient_statuses")
    server.reset_counts()
    server.world.advance(8 * 86_400)
    warehouse.load(server, tables=STATUSES)
    assert warehouse.stored("recipient_statuses") == before
    assert server.calls["recipient_statuses"] > 0


@slow
def test_statuses_without_any_known_prospect_say_what_to_load(sandbox: MakeSandbox, warehouse: Warehouse) -> None:
    server = sandbox(campaigns=1)
    warehouse.load(server, tables=("recipient_statuses",))
    assert "load list_prospects" in warehouse.last_run()["recipient_statuses"]["detail"]
    assert server.calls["recipient_statuses"] == 0
