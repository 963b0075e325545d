"""What is planned, against real reads of generated lists; and the one question that proves campaigns still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sources.outcomes import Calls
from sources.snovio import simulation
from sources.snovio.coverage import Coverage, Digest, Span, Stretch
from sources.snovio.event_rows import EVENT_LISTS
from sources.snovio.events import ListReading
from sources.snovio.known import Known
from sources.snovio.leftovers import Leftovers
from sources.snovio.pages import PageSizes, first_second
from sources.snovio.plan import planned
from sources.snovio.reading import AccountReading
from sources.snovio.settings import Settings
from sources.snovio.standstill import Question, question
from sources.snovio.tables import EVENT_TABLES
from sources.snovio.windows import Block
from sources.tables import Row
from tests.properties import examples

TABLE = "emails_sent"
CAMPAIGN = 7
DOCUMENTED = 10_000
"""Rows of a page."""
DAY = timedelta(days=1)
FIRST = date(2025, 5, 1)


def campaign_row(campaign_id: int = CAMPAIGN, *, status: str = "Active", started: bool = True) -> Row:
    moment = datetime(2025, 4, 1, tzinfo=UTC)
    return {
        "id": campaign_id,
        "status": status,
        "started_at": moment if started else None,
        "updated_at": moment,
    }


@dataclass
class Account:
    """One event list behind the API, and what dlt would keep of it between loads.

    Args:
        page_size: The server's.
        today: The day, counted from `FIRST`.
        seconds: Times of the rows, newest first.
    """

    page_size: int
    today: int = 40
    seconds: list[int] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    calls: int = 0

    @property
    def day(self) -> date:
        """The UTC day."""
        return FIRST + self.today * DAY

    def add(self, rows: dict[int, int], *, tied: int = 1) -> None:
        """Adds rows to days, so many of them in one second."""
        for day, count in rows.items():
            midnight = first_second(FIRST + min(day, self.today) * DAY)
            self.seconds += [midnight + len(self.seconds) * 61 % 80_000 + place // tied for place in range(count)]
        self.seconds.sort(reverse=True)

    def ask(self, _: Any, __: int, offset: int, convert: Callable[[list[Row]], Any]) -> Any:
        """Answers one call."""
        self.calls += 1
        shown = self.seconds[offset : offset + self.page_size]
        times = (datetime.fromtimestamp(second, UTC).isoformat() for second in shown)
        return convert(
            [{"userEmail": f"{offset + place}@example.com", "sentDate": at} for place, at in enumerate(times)]
        )

    def load(self, given: Settings, *, handovers: int | None = None) -> int:
        """Reads the list as a load does, cut off after so many handovers; returns the calls it took."""
        self.calls = 0
        clock = datetime.combine(self.day, datetime.min.time(), UTC) + timedelta(hours=23)
        api = cast("Any", SimpleNamespace(server_time=clock, calls_left=None))
        reading = AccountReading(api, given, [TABLE], "run")
        sizes = PageSizes(**self.kept.get("page_sizes", {}))
        coverage = Coverage.from_state(self.kept.get("lists", {}).get(str(CAMPAIGN)))
        events = replace(EVENT_LISTS[0], ask=self.ask)
        steps = ListReading(reading, events, campaign_row(), coverage, sizes).handovers()
        for number, found in enumerate(steps, start=1):
            self.kept = {"page_sizes": asdict(sizes), "lists": {str(CAMPAIGN): found.coverage}}
            if number == handovers:
                break
        return self.calls

    def planned(self, given: Settings, *, quiet: bool) -> Calls:
        """What is planned for the next load."""
        known = Known({"resources": {TABLE: self.kept}}, [campaign_row()])
        return planned(known, given, [TABLE], self.day, {CAMPAIGN} if quiet else None)[TABLE]


days = st.dictionaries(st.integers(0, 40), st.integers(1, 90), max_size=8)
page_sizes = st.sampled_from((DOCUMENTED, DOCUMENTED, 150, 100, 60, 25))
rules = st.builds(
    Settings,
    lookback_days=st.sampled_from((3, 0, 10)),
    sweep_days=st.sampled_from((7, 7, 0)),
    start_date=st.sampled_from((None, None, FIRST + 20 * DAY)),
)


@settings(max_examples=examples(60), deadline=None)
@given(days, page_sizes, rules, st.integers(1, 4), st.integers(0, 9))
def test_a_list_that_stands_still_costs_exactly_what_is_planned(
    rows: dict[int, int], page_size: int, given: Settings, loads: int, days_later: int
) -> None:
    """Sweeps and ends that must be confirmed included; one call more or less where rows of one second may matter."""
    account = Account(page_size)
    account.add(rows)
    for _ in range(loads):
        account.load(given)
    account.today += days_later
    calls = account.planned(given, quiet=True)
    spent = account.load(given)
    assert calls.least <= spent <= calls.most
    if given.start_date is None:
        slack = calls.most > calls.least
        assert spent == calls.most - slack
        assert not slack or len(account.seconds) > page_size


@settings(max_examples=examples(60), deadline=None)
@given(days, days, page_sizes, rules, st.integers(0, 3), st.integers(1, 9))
def test_a_list_that_moved_costs_between_the_least_and_the_most(
    rows: dict[int, int], came: dict[int, int], page_size: int, given: Settings, days_later: int, tied: int
) -> None:
    """New rows of the last days, some of them in one second.

    A server's page that is shorter than documented is known once more rows are loaded of a list than a page shows.
    """
    account = Account(page_size)
    account.add(rows, tied=tied)
    loaded = [second for second in account.seconds if second >= first_second(given.start_date or FIRST)]
    assume(page_size == DOCUMENTED or len(loaded) > page_size)
    account.load(given)
    account.today += days_later
    account.add({account.today - day % 3: count for day, count in came.items()}, tied=tied)
    calls = account.planned(given, quiet=False)
    assert calls.least <= account.load(given) <= calls.most


@settings(max_examples=examples(60), deadline=None)
@given(days, page_sizes, rules, st.lists(st.integers(1, 4), min_size=1, max_size=2), st.integers(0, 3))
def test_a_first_read_that_was_cut_off_costs_between_the_least_and_the_most(
    rows: dict[int, int], page_size: int, given: Settings, cuts: list[int], days_later: int
) -> None:
    """As long as no more than a page lies unread."""
    account = Account(page_size)
    account.add(rows)
    for handovers in cuts:
        account.load(given, handovers=handovers)
    account.today += days_later
    calls = account.planned(given, quiet=True)
    spent = account.load(given)
    assert calls.least <= spent
    if len(account.seconds) <= page_size:
        assert spent <= calls.most


def test_a_long_list_is_simulated_page_by_page() -> None:
    block = simulation.Block(first_second(FIRST), 86_400 * 400, 1_000_000)
    made_up = simulation.SimulatedList((block,), (Span(None, None),), had_rows=True)
    sizes = PageSizes(largest=10_000, confirmed=3)
    assert 1_000_000 / 9_900 <= made_up.calls(sizes, 10_000) <= 1_000_000 / 9_900 + 2


def read_through(day: date, *, newest: date | None = None) -> dict[str, Any]:
    """The state of a list that a load read to its end."""
    coverage = Coverage([Stretch(None, day, 5)], settled=Digest(5, 1), first_day=FIRST, loaded_through=day)
    coverage.newest = f"{newest}T10:00:00+00:00" if newest else None
    coverage.swept_on = day
    return coverage.to_state()


def known_of(lists: dict[int, dict[str, Any]], *drafts: int) -> Known:
    """Campaigns whose four lists are in one state."""
    state = {
        "resources": {table: {"lists": {str(key): found for key, found in lists.items()}} for table in EVENT_TABLES}
    }
    rows = [campaign_row(key) for key in lists] + [campaign_row(key, started=False) for key in drafts]
    return Known(state, rows)


LAST_LOAD = FIRST + 30 * DAY
TODAY = LAST_LOAD + DAY


def test_only_campaigns_that_were_silent_and_read_by_the_last_load_are_asked_for() -> None:
    incomplete = {**read_through(LAST_LOAD), "stretches": [[LAST_LOAD.isoformat(), LAST_LOAD.isoformat(), 5]]}
    known = known_of(
        {
            1: read_through(LAST_LOAD, newest=LAST_LOAD - 2 * DAY),
            2: read_through(LAST_LOAD, newest=LAST_LOAD - DAY),
            3: read_through(LAST_LOAD),
            4: read_through(LAST_LOAD - 5 * DAY),
            5: incomplete,
        },
        6,
    )
    asked = question(known, Settings(), EVENT_TABLES, TODAY)
    assert asked is not None
    assert asked.campaign_ids == [1, 3]
    assert (asked.since, asked.through) == (LAST_LOAD - DAY, TODAY + DAY)
    assert question(known, Settings(), ["webhooks"], TODAY) is None
    assert question(known_of({}), Settings(), EVENT_TABLES, TODAY) is None


def test_no_more_campaigns_are_asked_for_than_fit_into_a_url() -> None:
    known = known_of({10_000_000 + number: read_through(LAST_LOAD) for number in range(900)})
    asked = question(known, Settings(), EVENT_TABLES, TODAY)
    assert asked is not None
    assert 400 < len(asked.campaign_ids) < 900
    assert len("%2C".join(map(str, asked.campaign_ids))) < 5_900


@pytest.mark.parametrize(("counters", "still"), [({}, True), ({"email_opens": 1}, False)])
def test_silent_campaigns_stand_still_if_every_counter_is_zero(counters: dict[str, int], still: bool) -> None:
    assert Question([1, 2], LAST_LOAD - DAY, TODAY + DAY).is_still(counters) is still


@pytest.mark.parametrize(
    ("counters", "remembered", "still"),
    [
        ({"emails_sent": 5, "email_opens": 3}, {}, True),
        ({"emails_sent": 6, "email_opens": 3}, {}, False),
        ({"emails_sent": 5, "email_opens": 2}, {}, False),
        ({"emails_sent": 5, "email_opens": 2}, {"emails_sent": 5, "email_opens": 2}, True),
    ],
)
def test_on_the_day_of_the_last_load_the_counters_must_be_those_that_are_stored(
    counters: dict[str, int], remembered: dict[str, int], still: bool
) -> None:
    """Or those that the same question had, where a person is in two campaigns."""
    stored = {(1, TODAY): {"emails_sent": 2, "email_opens": 1}, (2, TODAY): {"emails_sent": 3, "email_opens": 2}}
    key = Block((1, 2), TODAY, TODAY).key
    asked = Question([1, 2], TODAY, TODAY, stored, {key: remembered} if remembered else {})
    assert asked.is_still(counters) is still


def asked_once(known: Known, quiet: set[int] | None, **given: Any) -> dict[str, Calls]:
    tables = [*EVENT_TABLES, "campaign_progress", "completed_prospects", "list_prospects", "pipeline_stages"]
    found = planned(known, Settings(**given), tables, TODAY, quiet)
    return {table: found[table] for table in tables[4:]}


def settled_account() -> Known:
    """Two started campaigns and a draft, all asked for today, a list of 1,200 prospects, three pipelines."""
    known = known_of({10: read_through(TODAY), 12: read_through(TODAY)}, 14)
    seen = {"updated_at": int(campaign_row()["updated_at"].timestamp()), "on": TODAY.isoformat()}
    resources = {
        **known.state["resources"],
        "campaign_progress": {"campaigns": {str(key): seen for key in (10, 12, 14)}},
        "completed_prospects": {"campaigns": {str(key): seen for key in (10, 12, 14)}},
        "list_prospects": {"lists": {"5": {"contacts": 1_200, "name": "All", "on": TODAY.isoformat()}}},
    }
    return replace(known, state={"resources": resources, "pipelines_seen": 3})


def test_what_hangs_on_campaigns_is_asked_where_something_may_have_moved() -> None:
    known = settled_account()
    assert asked_once(known, {10, 12, 14}) == {
        "campaign_progress": (0, 0),
        "completed_prospects": (0, 0),
        "list_prospects": (0, 0),
        "pipeline_stages": (3, 3),
    }
    one_moved = asked_once(known, {12, 14})
    assert (one_moved["campaign_progress"], one_moved["completed_prospects"]) == ((0, 1), (0, 1))
    anything = asked_once(known, None)
    assert (anything["campaign_progress"], anything["completed_prospects"]) == ((0, 3), (0, 2))
    assert anything["list_prospects"] == (0, 1)


def due_again() -> Iterator[Any]:
    known = settled_account()
    remembered = {**known.state, "moved": {"campaign_progress": [12], "completed_prospects": [12]}}
    yield pytest.param(replace(known, state=remembered), {}, (1, 1), (1, 1), id="seen to move before")
    yield pytest.param(known, {"sweep_days": 0}, (3, 3), (2, 2), id="swept at every load")
    yield pytest.param(known, {"full_refresh": True}, (3, 3), (2, 2), id="full refresh")
    left = Leftovers(days={"email_opens": {10: {LAST_LOAD}}})
    yield pytest.param(replace(known, leftovers=left), {}, (1, 1), (1, 1), id="left by a killed load")


@pytest.mark.parametrize(("known", "given_settings", "progress", "completed"), list(due_again()))
def test_what_is_due_is_asked_though_nothing_moved(
    known: Known, given_settings: dict[str, Any], progress: tuple[int, int], completed: tuple[int, int]
) -> None:
    found = asked_once(known, {10, 12, 14}, **given_settings)
    assert (found["campaign_progress"], found["completed_prospects"]) == (progress, completed)


def test_tables_that_others_hang_on_are_asked_though_nobody_selected_them() -> None:
    found = planned(Known({}, []), Settings(), ["emails_sent", "pipeline_stages", "campaign_schedule_days"], TODAY)
    assert found.keys() >= {"campaigns", "pipelines", "campaign_schedules"}
    assert found["campaign_schedule_days"] == (0, 0)


def test_a_first_load_confirms_ends_until_they_are_trusted() -> None:
    """The first three lists cost two calls even if they are empty, a few more if they are read at once and full."""
    known = Known({}, [campaign_row(number) for number in range(50)])
    calls = planned(known, Settings(), [TABLE], TODAY)[TABLE]
    assert calls == (50 + 3, 2 * 50 + 3 + 3)
