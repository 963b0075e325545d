"""What must be asked, and how many calls that should be: told from the state alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from sources.outcomes import Calls
from sources.sendkit.due import Campaign, campaign_swept, list_swept, must_ask, noted
from sources.sendkit.plan import MOST_UNKNOWN, planned
from sources.sendkit.settings import Settings
from sources.sendkit.tables import TABLES

TODAY = date(2025, 6, 18)


def campaign(number: int = 1, content: str = "a", status: str = "active", leads: int | None = 150) -> Campaign:
    return Campaign({"id": f"c{number}", "status": status, "stats__total_leads": leads}, {}, content)


def asked(content: str = "a", days_ago: int = 0, changed_days_ago: int = 0) -> dict[str, Any]:
    on, changed = TODAY - timedelta(days=days_ago), TODAY - timedelta(days=changed_days_ago)
    return {"content": content, "on": on.isoformat(), "changed": changed.isoformat(), "through": on.isoformat()}


@pytest.mark.parametrize(
    ("known", "settings", "expected"),
    [
        ({}, Settings(), True),
        (asked(), Settings(), False),
        (asked("b"), Settings(), True),
        (asked(days_ago=7), Settings(), True),
        (asked(), Settings(sweep_days=0), True),
        (asked(), Settings(full_refresh=True), True),
    ],
)
def test_when_a_campaign_is_asked(known: dict[str, Any], settings: Settings, expected: bool) -> None:
    assert must_ask(known, campaign(), settings, TODAY) is expected


def test_what_is_silent_for_long_is_swept_less_often() -> None:
    known = asked(days_ago=8, changed_days_ago=100)
    assert campaign_swept(known, campaign(status="active"), Settings(), TODAY)
    assert not campaign_swept(known, campaign(status="completed"), Settings(), TODAY)


def test_a_change_is_noted_without_counting_as_a_sweep() -> None:
    known = noted(asked("a", days_ago=3, changed_days_ago=3), campaign(content="b"), TODAY, swept=False)
    assert known["on"] == (TODAY - timedelta(days=3)).isoformat()
    assert known["changed"] == known["through"] == TODAY.isoformat()
    assert not must_ask(known, campaign(content="b"), Settings(sweep_days=90), TODAY)


def test_a_list_is_swept_once_in_a_while() -> None:
    assert list_swept({}, "leads", Settings(), TODAY)
    assert list_swept({"on": "2025-06-11"}, "leads", Settings(), TODAY)
    assert not list_swept({"on": TODAY.isoformat()}, "leads", Settings(), TODAY)


def plan(state: dict[str, Any], campaigns: list[Campaign] | None, *tables: str) -> dict[str, Calls]:
    return planned({"resources": state}, Settings(), tables or tuple(TABLES), TODAY, campaigns)


def test_a_first_load() -> None:
    found = plan({}, [campaign(1), campaign(2, leads=None)])
    assert found["campaigns"] == Calls(2 + 2, 3 + 2)
    assert found["campaign_analytics"] == found["campaign_daily_analytics"] == Calls(2, 2)
    assert found["campaign_leads"] == Calls(2, 3 + MOST_UNKNOWN)
    assert found["overview"] == Calls(1, 1)
    assert found["leads"] == found["mailboxes"] == Calls(1, MOST_UNKNOWN)
    silent = {"campaign_steps", "campaign_step_analytics", "subsequences", "rejected_rows", "sync_runs"}
    assert {table for table, calls in found.items() if calls == Calls()} == silent


def test_a_load_of_a_world_that_stands_still() -> None:
    known = {"campaigns": {"c1": asked()}}
    names = ("campaigns", "campaign_analytics", "campaign_step_analytics", "subsequences", "campaign_leads")
    state = dict.fromkeys(names, known) | {
        "leads": {"on": TODAY.isoformat(), "newest": "2025-06-18T00:00:00+00:00", "pages": 500},
        "inbox_threads": {"pages": 30},
    }
    found = plan(state, [campaign(1)])
    assert found["campaign_analytics"] == found["campaign_leads"] == Calls(0, 0)
    assert found["campaigns"] == Calls(2, 3)
    assert found["leads"] == Calls(1, MOST_UNKNOWN)
    assert found["inbox_threads"] == Calls(20, 40)


def test_what_a_table_hangs_on_is_planned_too() -> None:
    found = plan({}, [campaign(1)], "subsequences")
    assert found == {"campaigns": Calls(2, 3), "campaign_analytics": Calls(1, 1), "subsequences": Calls()}


def test_without_the_list_of_campaigns_the_most_is_a_guess() -> None:
    state = {"campaigns_seen": 5}
    found = planned(state, Settings(), ("campaign_leads",), TODAY, None)
    assert found["campaign_leads"] == Calls(0, 5 + MOST_UNKNOWN)
