"""The sandbox's analytics: their rules and filters, and the truth, which is counted another way than the answers."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.client import DirectClient
from tests.sandbox.model import Campaign, Event
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.truth_analytics import sender_rows
from tests.sandbox.world import build_world

Row = dict[str, Any]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
ONE_DAY = timedelta(days=1)
PATH = "/v2/statistics/campaign-analytics"
NEWER_ONLY = {
    *("in_mail_replies", "in_mail_replies_rate", "in_mail_sent", "interested", "interested_rate"),
    *("maybe", "maybe_rate", "not_interested", "not_interested_rate"),
}
SCOPES = ("sender_email", "sender_linkedin", "campaign_owner")


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(build_world(now=NOW, campaigns=9, scale=0.4))


@pytest.fixture
def client(sandbox: Sandbox) -> DirectClient:
    return DirectClient(sandbox)


@pytest.fixture
def quiet(sandbox: Sandbox) -> Campaign:
    """A started campaign of eight people without any event."""
    campaign = sandbox.world.add_campaign("default", sent=0)
    del campaign.people[8:]
    return campaign


def measures(row: Row) -> Row:
    """A row of the truth without what tells it apart."""
    scope = {"account", "campaign_id", "date", "date_from", "date_to", "scope", "scope_id"}
    return {name: value for name, value in row.items() if name not in scope}


def warehoused(shown: Row) -> Row:
    """An answer as a warehouse holds it: "67%" is 0.67, and what the older form lacks is null."""
    values = {name: int(text[:-1]) / 100 if isinstance(text, str) else text for name, text in shown.items()}
    return dict.fromkeys(NEWER_ONLY) | values


def asked(client: DirectClient, sandbox: Sandbox, first: date, last: date, **scope: Any) -> Row:
    """The answer about the days from first to last, wherever the rules end a range."""
    end = last + ONE_DAY if sandbox.world.analytics_end == "exclusive" else last
    return warehoused(client.get(PATH, date_from=first, date_to=end, **scope))


def happened(sandbox: Sandbox, table: str, campaign: Campaign, person: int, at: datetime, note: str = "") -> Event:
    """Adds one event of the campaign's nth person."""
    (event,) = sandbox.world.add_events("default", table, campaign.id, at=at)
    event.person, event.note, event.step = campaign.people[person], note, 0
    return event


def days_between(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def all_campaigns(sandbox: Sandbox) -> str:
    return ",".join(map(str, sandbox.world.account("default").campaigns))


@pytest.mark.parametrize("form", ["newer", "older"])
@pytest.mark.parametrize("end", ["inclusive", "exclusive"])
@pytest.mark.parametrize("days", ["event", "send"])
def test_the_truth_is_what_the_api_answers_cell_by_cell(
    sandbox: Sandbox, client: DirectClient, days: str, end: str, form: str
) -> None:
    world = sandbox.world
    world.analytics_days, world.analytics_end, world.analytics_form = days, end, form
    for seed in range(2):
        world.move(random.Random(seed))
    truth = sandbox.truth()
    assert len({row["campaign_id"] for row in truth["campaign_analytics"]}) > 5
    for row in truth["campaign_analytics"]:
        assert any(row[name] for name in measures(row))
        assert asked(client, sandbox, row["date"], row["date"], campaign_id=row["campaign_id"]) == measures(row)
    for row in truth["campaign_totals"]:
        shown = asked(client, sandbox, row["date_from"], row["date_to"], campaign_id=row["campaign_id"])
        assert shown == measures(row)


@pytest.mark.parametrize("days", ["event", "send"])
def test_days_that_are_not_in_the_truth_count_nothing(sandbox: Sandbox, client: DirectClient, days: str) -> None:
    sandbox.world.analytics_days = days
    truth = sandbox.truth()
    active = {(row["campaign_id"], row["date"]) for row in truth["campaign_analytics"]}
    assert len(active) == len(truth["campaign_analytics"])
    silent = [
        (row["campaign_id"], day)
        for row in truth["campaign_totals"]
        for day in days_between(row["date_from"], row["date_to"])
        if (row["campaign_id"], day) not in active
    ]
    assert len(silent) > len(active)
    for campaign_id, day in silent:
        assert not any(asked(client, sandbox, day, day, campaign_id=campaign_id).values())


def test_campaigns_that_never_started_have_no_totals(sandbox: Sandbox) -> None:
    started = {one.id for one in sandbox.world.account("default").campaigns.values() if one.started_at is not None}
    totals = sandbox.true_rows("campaign_totals")
    assert len(totals) == len(started) < len(sandbox.world.account("default").campaigns)
    assert {row["campaign_id"] for row in totals} == started
    assert {row["date_to"] for row in totals} == {TODAY}


def test_events_add_up_over_days_and_people_do_not(sandbox: Sandbox) -> None:
    truth = sandbox.truth()
    sums: Counter[tuple[int, str]] = Counter()
    for row in truth["campaign_analytics"]:
        sums.update({(row["campaign_id"], name): row[name] for name in ("emails_sent", "bounced", "email_opens")})
    totals = {row["campaign_id"]: row for row in truth["campaign_totals"]}
    for campaign_id, row in totals.items():
        assert sums[campaign_id, "emails_sent"] == row["emails_sent"]
        assert sums[campaign_id, "bounced"] == row["bounced"]
        assert sums[campaign_id, "email_opens"] >= row["email_opens"]
    assert any(sums[campaign_id, "email_opens"] > row["email_opens"] for campaign_id, row in totals.items())


def test_a_counted_day_by_hand(sandbox: Sandbox, client: DirectClient, quiet: Campaign) -> None:
    at = NOW - timedelta(hours=6)
    for person in range(8):
        happened(sandbox, "emails_sent", quiet, person, at)
    happened(sandbox, "bounces", quiet, 7, at)
    for _ in range(2):
        happened(sandbox, "email_opens", quiet, 0, at)
    for person, mood in enumerate(("interested", "interested", "maybe", "auto")):
        happened(sandbox, "email_replies", quiet, person, at, mood)
    kinds = ("connection_request", "connection_request", "accepted", "connection_reply", "view", "view", "in_mail")
    for kind in kinds:
        happened(sandbox, "linkedin", quiet, 0, at, kind)
    happened(sandbox, "linkedin", quiet, 1, at, "message_reply")
    expected = {
        "total_contacted": 8, "emails_sent": 8, "first_emails": 8, "follow_ups": 0, "delivered": 7,
        "delivered_rate": 0.88, "bounced": 1, "bounced_rate": 0.13, "contacted_by_email": 8, "email_opens": 1,
        "email_opens_rate": 0.13, "email_replies": 4, "email_replies_rate": 0.5, "auto_replied": 1, "interested": 2,
        "interested_rate": 0.33, "maybe": 1, "maybe_rate": 0.17, "not_interested": 0, "contacted_by_linkedin": 2,
        "linkedin_total_replies": 2, "linkedin_total_replies_rate": 1.0, "connection_request_replies": 1,
        "connection_request_replies_rate": 0.5, "connection_requests": 2, "accepted_requests": 1,
        "accepted_requests_rate": 0.5, "linkedin_views": 1, "in_mail_sent": 1, "unsubscribed": 0, "link_clicks": 0,
    }  # fmt: skip
    (row,) = (row for row in sandbox.true_rows("campaign_analytics") if row["campaign_id"] == quiet.id)
    assert {name: row[name] for name in expected} == expected
    assert asked(client, sandbox, TODAY, TODAY, campaign_id=quiet.id) == measures(row)


def test_by_sending_day_recent_days_deny_a_fresh_open_of_an_old_email(
    sandbox: Sandbox, client: DirectClient, quiet: Campaign
) -> None:
    sent, opened = NOW - timedelta(days=9), NOW - timedelta(hours=1)
    happened(sandbox, "emails_sent", quiet, 0, sent)
    happened(sandbox, "emails_sent", quiet, 1, sent + ONE_DAY)
    happened(sandbox, "email_opens", quiet, 0, opened)

    def opens(first: date, last: date) -> int:
        found: int = asked(client, sandbox, first, last, campaign_id=quiet.id)["email_opens"]
        return found

    recent, old = (TODAY - ONE_DAY, TODAY), (sent.date(), sent.date())
    assert (opens(*recent), opens(*old)) == (1, 0)
    sandbox.world.analytics_days = "send"
    assert (opens(*recent), opens(*old)) == (0, 1)
    happened(sandbox, "email_opens", quiet, 2, opened)
    assert (opens(*recent), opens(*old)) == (1, 1)


def test_an_email_of_the_very_second_counts_as_sent_before(
    sandbox: Sandbox, client: DirectClient, quiet: Campaign
) -> None:
    sandbox.world.analytics_days = "send"
    for at in (NOW - timedelta(days=9), NOW):
        happened(sandbox, "emails_sent", quiet, 0, at)
    happened(sandbox, "email_opens", quiet, 0, NOW)
    opens = {row["date"]: row["email_opens"] for row in sandbox.true_rows("campaign_analytics")
             if row["campaign_id"] == quiet.id}  # fmt: skip
    assert opens == {TODAY - 9 * ONE_DAY: 0, TODAY: 1}
    for day, expected in opens.items():
        assert asked(client, sandbox, day, day, campaign_id=quiet.id)["email_opens"] == expected


def test_an_exclusive_end_is_not_counted(sandbox: Sandbox, client: DirectClient, quiet: Campaign) -> None:
    happened(sandbox, "emails_sent", quiet, 0, NOW)
    tomorrow = TODAY + ONE_DAY

    def sent(first: date, last: date) -> int:
        found: int = client.get(PATH, campaign_id=quiet.id, date_from=first, date_to=last)["emails_sent"]
        return found

    assert [sent(TODAY - ONE_DAY, TODAY), sent(TODAY, TODAY), sent(TODAY, tomorrow)] == [1, 1, 1]
    sandbox.world.analytics_end = "exclusive"
    assert [sent(TODAY - ONE_DAY, TODAY), sent(TODAY, TODAY), sent(TODAY, tomorrow)] == [0, 0, 1]


def test_too_long_a_range_is_refused(sandbox: Sandbox, client: DirectClient) -> None:
    sandbox.world.analytics_longest_days = 31
    first = TODAY - timedelta(days=30)
    assert client.ask("GET", PATH, date_from=first, date_to=TODAY).status == 200
    refused = client.ask("GET", PATH, date_from=first - ONE_DAY, date_to=TODAY)
    assert (refused.status, refused.payload) == (422, {"errors": "The period must not exceed 31 days"})


@pytest.mark.parametrize(
    "days", [{}, {"date_from": TODAY}, {"date_to": TODAY}, {"date_from": TODAY, "date_to": TODAY - ONE_DAY}]
)
def test_a_missing_or_turned_range_is_a_bad_request(client: DirectClient, days: Row) -> None:
    assert client.ask("GET", PATH, **days).status == 400


@pytest.mark.parametrize("days", ["event", "send"])
def test_filters_count_what_is_theirs(sandbox: Sandbox, client: DirectClient, days: str) -> None:
    sandbox.world.analytics_days = days
    rows = sender_rows(sandbox.world.account("default"), sandbox.world.copy_rules(), SCOPES)
    assert len({(row["scope"], row["scope_id"]) for row in rows}) == 4 + 2 + 2
    campaigns = all_campaigns(sandbox)
    for row in rows:
        scope = {row["scope"]: row["scope_id"]}
        assert asked(client, sandbox, row["date"], row["date"], campaign_id=campaigns, **scope) == measures(row)
    by_email = [{"account": "default", **row} for row in rows if row["scope"] == "sender_email"]
    assert sandbox.true_rows("sender_analytics") == by_email


def test_several_senders_count_together_and_people_once(sandbox: Sandbox, client: DirectClient) -> None:
    account = sandbox.world.account("default")
    senders = ",".join(str(sender.id) for sender in account.senders)
    linkedin = ",".join(map(str, account.linkedin_ids))
    whole: Row = {"first": date(2000, 1, 1), "last": TODAY, "campaign_id": all_campaigns(sandbox)}
    unfiltered = asked(client, sandbox, **whole)
    assert asked(client, sandbox, **whole, sender_email=senders, sender_linkedin=linkedin) == unfiltered
    emails = asked(client, sandbox, **whole, sender_email=senders)
    assert emails["total_contacted"] == emails["contacted_by_email"] == unfiltered["contacted_by_email"]
    assert emails["contacted_by_linkedin"] == 0 < unfiltered["contacted_by_linkedin"]
    assert asked(client, sandbox, **whole, sender_linkedin=linkedin)["emails_sent"] == 0
    assert not any(asked(client, sandbox, **whole, sender_email=1).values())


def test_owners_may_be_asked_in_a_team_plan_only(sandbox: Sandbox, client: DirectClient) -> None:
    days: Row = {"date_from": TODAY, "date_to": TODAY}
    owner = "ann.owner@example.com"
    assert client.ask("GET", PATH, campaign_owner=owner, **days).status == 200
    sandbox.world.team_plan = False
    assert client.ask("GET", PATH, campaign_owner=owner, **days).status == 403
    assert client.ask("GET", PATH, **days).status == 200
