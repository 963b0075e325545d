"""The numbers of the page, against what the sandbox knows and what was made up."""

import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import duckdb
import pytest

from pipelines.dashboard.figures import ENOUGH, choice, figures
from pipelines.dashboard.filters import Filters
from pipelines.dashboard.marts import Marts
from pipelines.dashboard.page import page
from tests.conftest import NOW
from tests.dashboard.conftest import ACCOUNTS, marts_of
from tests.dashboard.multiplied import multiplied

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
LAST = NOW.date()


def raw(file: Path, query: str) -> tuple[int, ...]:
    """Numbers of one row, asked of the loaded tables."""
    with duckdb.connect(str(file), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return tuple(connection.execute(query).fetchall()[0])


def text_of(html: str) -> str:
    """What a person reads."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)).split())


@pytest.mark.parametrize("account", ["", "south"])
def test_the_headline_counts_the_loaded_events_of_the_period(built: Path, marts: Marts, account: str) -> None:
    filters = Filters(LAST - 20 * DAY, LAST, account)
    whose = f"BETWEEN '{filters.since}' AND '{filters.until}'" + (f" AND account = '{account}'" if account else "")
    with marts.opened() as query:
        now = figures(query, filters).now
    sent, people = raw(
        built, f"SELECT count(*), count(DISTINCT user_email_lower) FROM snovio.emails_sent WHERE event_date {whose}"
    )
    replies, replied = raw(
        built,
        f"SELECT count(*), count(DISTINCT prospect_email_lower) FROM snovio.email_replies WHERE event_date {whose}",
    )
    (opened,) = raw(
        built, f"SELECT count(DISTINCT prospect_email_lower) FROM snovio.email_opens WHERE event_date {whose}"
    )
    emails, answers = raw(
        built,
        "SELECT coalesce(sum((payload->>'sent')::int), 0), coalesce(sum((payload->>'replied')::int), 0) "
        f"FROM sendkit.campaign_daily_analytics WHERE date {whose}",
    )
    assert sent > 0
    assert (now.people_emailed, now.people_opened, now.people_replied) == (people, opened, replied)
    assert now.emails_sent == sent + emails
    assert now.replies == replies + answers
    assert now.reply_rate == pytest.approx(replied / people)


def test_the_period_before_has_the_same_length_and_ends_the_day_before(marts: Marts) -> None:
    filters = Filters(LAST - 9 * DAY, LAST)
    assert (filters.before.since, filters.before.until) == (LAST - 19 * DAY, LAST - 10 * DAY)
    with marts.opened() as query:
        assert figures(query, filters).before == figures(query, filters.before).now


def test_one_campaign_is_shown_alone(marts: Marts) -> None:
    with marts.opened() as query:
        choices = choice(query)
        whole = figures(query, Filters(choices.first, choices.last))
        busiest = max((row for row in whole.campaigns if row["tool"] == "snovio"), key=lambda row: row["emails_sent"])
        key = f"snovio:{busiest['campaign_id']}"
        alone = figures(query, Filters(choices.first, choices.last, campaign=key))
    assert set(choices.accounts) == {*ACCOUNTS, "default"}
    assert [row["campaign_id"] for row in alone.campaigns] == [busiest["campaign_id"]]
    assert alone.now.emails_sent == busiest["emails_sent"]
    assert alone.now.people_emailed == busiest["people_emailed"] == alone.stages[0]["people"]
    assert sum(int(day["emails_sent"]) for day in alone.days) == busiest["emails_sent"]
    people = [stage["people"] for stage in alone.stages]
    assert people == sorted(people, reverse=True)


def test_campaigns_with_enough_people_come_first_by_reply_rate(marts: Marts) -> None:
    with marts.opened() as query:
        choices = choice(query)
        found = figures(query, Filters(choices.first, choices.last)).campaigns
    enough = [row for row in found if (row["base"] or 0) >= ENOUGH]
    assert enough
    assert len(enough) < len(found)
    assert list(found[: len(enough)]) == enough
    rates = [row["reply_rate"] or 0.0 for row in enough]
    assert rates == sorted(rates, reverse=True)


def test_an_empty_period_says_so_and_has_no_rate(marts: Marts) -> None:
    shown = text_of(page(marts, {"since": "2020-01-01", "until": "2020-01-31"}).html)
    for words in ("Nobody was e-mailed", "Nothing happened", "No campaign was active", "\N{EN DASH}"):
        assert words in shown
    assert "0.0%" not in shown.partition("Campaigns by reply rate")[0]


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        ({}, date(2025, 5, 20), LAST),
        ({"since": "nonsense", "until": "2025-06-01"}, date(2025, 5, 3), date(2025, 6, 1)),
        ({"since": "2025-06-10", "until": "2025-06-01"}, date(2025, 6, 1), date(2025, 6, 10)),
    ],
)
def test_what_is_asked_wrongly_falls_back(query: dict[str, str], since: date, until: date) -> None:
    asked = Filters.asked(query, date(2025, 1, 1), LAST)
    assert (asked.since, asked.until) == (since, until)


def test_names_are_text_and_never_markup(warehouse_file: Path) -> None:
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("UPDATE marts.outreach__campaigns SET campaign = '<script>alert(1)</script>'")
        connection.execute("UPDATE marts.snovio__senders SET email_from = '\"><img src=x onerror=alert(1)>'")
    html = page(marts_of(warehouse_file), {"since": "2025-01-01"}).html
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert "<img" not in html


def test_what_cannot_be_shown_says_what_to_do(tmp_path: Path, warehouse_file: Path) -> None:
    assert "outreach load snovio --marts" in text_of(page(marts_of(tmp_path / "none.duckdb"), {}).html)
    with duckdb.connect(str(warehouse_file)) as connection:
        for table in ("outreach__campaigns", "outreach__campaign_daily"):
            connection.execute(f"TRUNCATE marts.{table}")
    assert "There are no campaigns yet" in text_of(page(marts_of(warehouse_file), {}).html)
    with duckdb.connect(str(warehouse_file)) as connection:
        connection.execute("DROP SCHEMA marts CASCADE")
    assert "run: outreach marts" in text_of(page(marts_of(warehouse_file), {}).html)


def test_many_campaigns_are_all_there(warehouse_file: Path) -> None:
    multiplied(warehouse_file, 100)
    html = page(marts_of(warehouse_file), {"since": "2025-01-01"}).html
    assert "Show all" in html
    assert html.count('<td class="name"><a') > 80, "those that were active"
