"""The truth of a world equals what a reader sees who knows nothing of its model."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.sandbox.client import DirectClient
from tests.sandbox.compare import EVENT_IGNORED, differences
from tests.sandbox.dates import DATE_FORMS
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.spoiling import HARMLESS, SPOILERS
from tests.sandbox.world import build_world

Row = dict[str, Any]
PATHS = {
    "emails_sent": "/v1/emails-sent",
    "email_opens": "/v1/get-emails-opened",
    "email_clicks": "/v1/get-emails-clicked",
    "email_replies": "/v1/get-emails-replies",
}


def read_instant(shown: Any) -> datetime:
    """An instant from any of the forms the API shows."""
    if isinstance(shown, int):
        return datetime.fromtimestamp(shown, UTC)
    if isinstance(shown, str):
        moment = datetime.fromisoformat(shown)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    wall = datetime.fromisoformat(shown["date"])
    if shown["timezone_type"] == 1:
        return datetime.fromisoformat(f"{wall.isoformat()}{shown['timezone']}").astimezone(UTC)
    return wall.replace(tzinfo=ZoneInfo(shown["timezone"])).astimezone(UTC)


def read_text(shown: str) -> str:
    """A subject or body: decoded once when it is a JSON string literal as a whole."""
    try:
        decoded = json.loads(shown)
    except ValueError:
        return shown
    return decoded if isinstance(decoded, str) else shown


def read_event(table: str, campaign_id: int, row: Row) -> Row:
    """An event row as the warehouse holds it, `occurrence` apart."""
    if table == "emails_sent":
        at, email = read_instant(row["sentDate"]), row["userEmail"] or ""
        own: Row = {
            "user_email": email,
            "sent_date": at,
            "user_name": row["userName"],
            "campaign": row["campaign"],
        }
    else:
        at, email = read_instant(row["visitedAt"]), row["prospectEmail"] or ""
        own = {
            "prospect_email": email,
            "visited_at": at,
            "campaign": row["campaign"],
            "prospect_id": row["prospectId"],
            "prospect_first_name": row["prospectFirstName"],
            "prospect_last_name": row["prospectLastName"],
            "prospect_name": row["prospectName"],
            "source": row["source"],
            "source_page": row["sourcePage"],
            "locality": row["locality"],
            "industry": row.get("industry"),
            "country": row["country"],
            "skills": row["skills"],
            "links": row["links"],
            "email_subject": read_text(row["emailSubject"]),
            "email_body": read_text(row["emailBody"]),
            "custom_fields": {key[12:]: value for key, value in row.items() if key.startswith("customField_")}
            or None,
        }
    lower = "user_email_lower" if table == "emails_sent" else "prospect_email_lower"
    ids = {"source_id": row["id"], "source_hash": row["hash"], lower: email.lower()}
    return {"account": "default", "campaign_id": campaign_id, "event_date": at.date(), **own, **ids}


def read_events(sandbox: Sandbox, table: str, keep: Callable[[Row], bool] = lambda _: True) -> list[Row]:
    """All rows of an event table, page after page until nothing comes."""
    client, rows = DirectClient(sandbox), []
    for campaign in client.get("/v1/get-user-campaigns"):
        offset = 0
        total = len(sandbox.world.events("default", table, campaign["id"]))
        while offset < total:
            page = client.get(PATHS[table], campaignId=campaign["id"], offset=offset)
            rows += [read_event(table, campaign["id"], row) for row in page if keep(row)]
            offset += sandbox.world.page_size
    return rows


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(build_world(campaigns=9, scale=0.4))


@pytest.mark.parametrize("table", PATHS)
def test_event_truth_is_what_paging_shows_before_and_after_moves(sandbox: Sandbox, table: str) -> None:
    assert differences(sandbox.true_rows(table), read_events(sandbox, table), {"occurrence"}) == []
    for seed in range(3):
        sandbox.world.move(random.Random(seed))
    assert differences(sandbox.true_rows(table), read_events(sandbox, table), {"occurrence"}) == []


@pytest.mark.parametrize("form", DATE_FORMS)
def test_every_date_form_tells_the_same_instants(sandbox: Sandbox, form: str) -> None:
    sandbox.world.date_form = form
    for table in ("emails_sent", "email_opens"):
        assert differences(sandbox.true_rows(table), read_events(sandbox, table), {"occurrence"}) == []


@pytest.mark.parametrize("rules", [{"page_size": 7}, {"order": "oldest_first"}, {"order": "shuffled"}])
def test_page_size_and_order_change_no_rows(sandbox: Sandbox, rules: Row) -> None:
    for name, value in rules.items():
        setattr(sandbox.world, name, value)
    shown = read_events(sandbox, "email_opens")
    assert differences(sandbox.true_rows("email_opens"), shown, {"occurrence"}) == []


def test_unstable_ids_differ_between_calls_and_change_nothing_else(sandbox: Sandbox) -> None:
    sandbox.world.unstable_ids = True
    first, second = read_events(sandbox, "email_clicks"), read_events(sandbox, "email_clicks")
    assert not {row["source_id"] for row in first} & {row["source_id"] for row in second}
    assert not {row["prospect_id"] for row in first} & {row["prospect_id"] for row in second}
    assert differences(sandbox.true_rows("email_clicks"), second, EVENT_IGNORED) == []


def test_occurrence_numbers_twins_from_zero_by_their_content(sandbox: Sandbox) -> None:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in sandbox.true_rows("email_opens"):
        key = (row["campaign_id"], row["prospect_email"], row["visited_at"])
        groups.setdefault(key, []).append(row)
    twins = [group for group in groups.values() if len(group) > 1]
    assert twins
    for group in groups.values():
        assert sorted(row["occurrence"] for row in group) == list(range(len(group)))
    assert any(len({row["email_subject"] for row in group}) > 1 for group in twins)
    assert any(len({row["email_subject"] for row in group}) < len(group) for group in twins)


def test_hidden_rows_are_in_no_page_and_not_in_the_truth(sandbox: Sandbox) -> None:
    sandbox.world.page_size = 5
    sandbox.world.hidden = {"email_opens": 3}
    sandbox.world.hidden_days = {"email_opens": 2}
    shown = read_events(sandbox, "email_opens")
    assert 0 < len(shown) < sum(map(len, sandbox.world.account("default").events["email_opens"].values())) / 1.5
    assert differences(sandbox.true_rows("email_opens"), shown, {"occurrence"}) == []


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_spoiled_row_is_shown_but_true_only_when_harmless(sandbox: Sandbox, spoiler: str) -> None:
    campaign_id = next(iter(sandbox.world.account("default").campaigns))
    before = len(sandbox.true_rows("email_opens"))
    event = sandbox.world.spoil_event("default", "email_opens", campaign_id, spoiler, index=2)
    answer = DirectClient(sandbox).ask("GET", PATHS["email_opens"], campaignId=campaign_id)
    assert answer.status == 200
    assert b"@@" not in answer.encoded()
    rows = sandbox.true_rows("email_opens")
    assert len(rows) == before - (spoiler not in HARMLESS)
    assert event.spoiled == spoiler


def test_list_truth_is_what_paging_shows(sandbox: Sandbox) -> None:
    sandbox.world.move(random.Random(5))
    client, members = DirectClient(sandbox), []
    for found in client.get("/v1/get-user-lists"):
        page = 1
        rows: list[Row] = []
        while not found["isDeleted"] and len(rows) < found["contacts"]:
            rows += client.post("/v1/prospect-list", listId=found["id"], page=page, perPage=500)["prospects"]
            page += 1
        members += [
            (found["id"], row["id"], row["name"], address["email"]) for row in rows for address in row["emails"]
        ]
    truth = sandbox.truth()
    names = {(row["list_id"], row["id"]): row["name"] for row in truth["list_prospects"]}
    emails = [
        (row["list_id"], row["id"], names[row["list_id"], row["id"]], row["email"])
        for row in truth["list_prospect_emails"]
    ]
    assert sorted(emails) == sorted(members)


def test_a_repeated_prospect_is_numbered(sandbox: Sandbox) -> None:
    rows = sandbox.true_rows("list_prospects")
    assert {row["occurrence"] for row in rows} == {0, 1}
    assert len({(row["list_id"], row["id"], row["occurrence"]) for row in rows}) == len(rows)


def test_event_truth_agrees_with_analytics(sandbox: Sandbox) -> None:
    """Counters of events add up to the rows; counters of people are distinct people."""
    world, client = sandbox.world, DirectClient(sandbox)
    last = (world.now - timedelta(days=10)).date()
    rows = [row for row in sandbox.true_rows("email_opens") if row["event_date"] <= last]
    for campaign_id in world.account("default").campaigns:
        shown = client.get(
            "/v2/statistics/campaign-analytics", campaign_id=campaign_id, date_from="2000-01-01", date_to=last
        )
        own = {row["prospect_id"] for row in rows if row["campaign_id"] == campaign_id}
        assert shown["email_opens"] == len(own)
