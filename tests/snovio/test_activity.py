"""Recipient activity: read in windows, loaded by the day, and told by type where it moved."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.errors import ApiError, WrongAnswer
from sources.snovio import activity
from sources.snovio.activity import ActivityReading
from sources.snovio.activity_coverage import ActivityCoverage
from sources.snovio.activity_windows import MOST_DAYS, windows
from sources.snovio.api import SnovioApi
from sources.snovio.day_lists import Handover
from sources.snovio.days import Days
from sources.snovio.event_rows import ACTIVITY, conversion_of
from sources.snovio.reading import AccountReading
from sources.snovio.settings import Settings
from sources.tables import REMOVED, Row
from tests.properties import examples

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
CAMPAIGN = 1234567
FIRST = date(2025, 1, 1)


# windows: a pure function


def spans_of(borders: Iterable[int]) -> list[Days]:
    """Spans between pairs of falling days, newest first."""
    falling = sorted({FIRST + border * DAY for border in borders}, reverse=True)
    return [Days(first, last) for last, first in zip(falling[::2], falling[1::2], strict=False)]


SPANS = st.sets(st.integers(0, 400), max_size=10).map(spans_of)


def days_in(found: Iterable[Days]) -> list[date]:
    return [span.last - number * DAY for span in found for number in range(len(span))]


@given(SPANS)
def test_windows_are_the_days_of_the_spans_newest_first(spans: list[Days]) -> None:
    found = windows(spans)
    assert days_in(found) == days_in(spans)
    assert all(1 <= len(window) <= MOST_DAYS for window in found)
    assert len(found) == sum(-(-len(span) // MOST_DAYS) for span in spans)


@given(st.integers(2, 400))
def test_halves_are_the_whole(length: int) -> None:
    whole = Days(FIRST, FIRST + (length - 1) * DAY)
    assert days_in(whole.halves()) == days_in([whole])
    assert all(len(half) >= length // 2 for half in whole.halves())


# one campaign against an API of made-up answers


def event(at: str, kind: str = "sent", email: str | None = "a@example.org", **more: Any) -> dict[str, Any]:
    return {"event_time": at, "event_type": kind, "recipient_email": email, "sender_email": "s@example.org", **more}


@dataclass
class Server:
    """Shows events that a test holds, in pages of so many.

    Args:
        events: What there is.
        page: The most rows of a page.
        lie: Added to every total.
        more: Rows that are shown in every window.
        offset_counts: Whether it heeds the offset.
    """

    events: list[dict[str, Any]]
    page: int = 1_000
    lie: int = 0
    more: tuple[dict[str, Any], ...] = ()
    offset_counts: bool = True

    def __post_init__(self) -> None:
        self.asked: list[tuple[date, date, int]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answers one call."""
        if request.url.path.endswith("access_token"):
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3600})
        first, last = (date.fromisoformat(request.url.params[name]) for name in ("dateFrom", "dateTo"))
        offset, limit = int(request.url.params["offset"]), min(self.page, int(request.url.params["limit"]))
        self.asked.append((first, last, offset))
        found = [*self.more, *(one for one in self.events if str(first) <= str(one["event_time"])[:10] <= str(last))]
        shown = found[offset if self.offset_counts else 0 :][:limit]
        has_more = offset + limit < len(found)
        return httpx.Response(
            200, json={"data": shown, "pagination": {"total": len(found) + self.lie, "has_more": has_more}}
        )

    def api(self) -> SnovioApi:
        """A client of this server."""
        return SnovioApi(
            client_id="id",
            client_secret="secret",
            base_url="http://127.0.0.1:1",
            requests_per_minute=0,
            transport=httpx.MockTransport(self.answer),
        )

    @property
    def windows(self) -> list[Days]:
        """What was asked for since the last read began."""
        return [Days(first, last) for first, last, offset in self.asked if offset == 0]


@dataclass
class Campaign:
    """A campaign that is read again and again, its state kept as JSON between reads, and what was loaded of it."""

    server: Server
    started: date = TODAY - 40 * DAY
    state: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.stored: dict[date, list[Row]] = {}

    def steps(self, **settings: Any) -> Iterator[Handover]:
        """Reads it; every step is loaded as it comes."""
        coverage = ActivityCoverage.from_state(self.state)
        row = {
            "id": CAMPAIGN,
            "status": "Active",
            "started_at": datetime.combine(self.started, datetime.min.time(), UTC),
        }
        with self.server.api() as api:
            reading = AccountReading(api, Settings(sweep_days=settings.pop("sweep_days", 90), **settings), [], "run")
            for found in ActivityReading(reading, row, coverage).handovers():
                self.state = json.loads(json.dumps(found.coverage))
                self._load(found)
                yield found

    def read(self, **how: Any) -> list[Handover]:
        """Reads it to its end."""
        self.server.asked.clear()
        return list(self.steps(**how))

    def _load(self, found: Handover) -> None:
        rows = [] if found.rows is None else found.rows.to_pylist()
        for day in {row["event_date"] for row in rows}:
            self.stored[day] = [row for row in rows if row["event_date"] == day and not row[REMOVED]]

    @property
    def shown(self) -> list[tuple[str, str, str, int]]:
        """Time, type, recipient and occurrence of every row that is loaded."""
        rows = [row for day in sorted(self.stored) for row in self.stored[day]]
        found = [
            (f"{row['event_time']:%F %T}", row["event_type"], row["recipient_email"], row["occurrence"])
            for row in rows
        ]
        return sorted(found)


def on(days_ago: int, clock: str = "10:00:00") -> str:
    return f"{TODAY - days_ago * DAY} {clock}"


def moved(found: list[Handover]) -> set[str]:
    return set().union(*(one.moved for one in found))


def test_a_first_read_goes_from_today_to_the_start_in_windows_of_at_most_31_days() -> None:
    campaign = Campaign(Server([event(on(0)), event(on(35), "open"), event(on(39), "reply")]), TODAY - 70 * DAY)
    found = campaign.read()
    assert days_in(campaign.server.windows) == days_in([Days(TODAY - 70 * DAY, TODAY)])
    assert [len(window) for window in campaign.server.windows] == [31, 31, 9]
    assert [one.is_last for one in found] == [False, False, False, True]
    assert moved(found) == set(), "nothing is known to have been there"
    assert [kind for _, kind, _, _ in campaign.shown] == ["reply", "open", "sent"]
    assert ActivityCoverage.from_state(campaign.state).complete


def test_later_reads_ask_for_the_lookback_and_hand_on_nothing_that_stands_still() -> None:
    campaign = Campaign(Server([event(on(0)), event(on(2)), event(on(20))]))
    campaign.read()
    found = campaign.read()
    assert campaign.server.asked == [(TODAY - 3 * DAY, TODAY, 0)]
    assert [one.rows for one in found] == [None, None]
    assert moved(found) == set()


def test_days_before_the_start_date_are_not_asked_for() -> None:
    campaign = Campaign(Server([event(on(0)), event(on(20))]))
    campaign.read(start_date=TODAY - 5 * DAY)
    assert campaign.server.asked == [(TODAY - 5 * DAY, TODAY, 0)]
    assert ActivityCoverage.from_state(campaign.state).complete
    assert len(campaign.shown) == 1


def test_a_campaign_that_starts_tomorrow_costs_no_call_and_is_read_to_its_end() -> None:
    campaign = Campaign(Server([]), TODAY + DAY)
    campaign.read()
    assert campaign.server.asked == []
    assert ActivityCoverage.from_state(campaign.state).complete


def test_days_that_were_loaded_are_asked_for_also_when_the_campaign_starts_anew() -> None:
    """Otherwise a sweep would clear what it has not seen."""
    campaign = Campaign(Server([event(on(0)), event(on(20))]))
    campaign.read()
    campaign.started = TODAY - 2 * DAY
    campaign.read(sweep_days=0)
    assert days_in(campaign.server.windows)[-1] == TODAY - 20 * DAY
    assert len(campaign.shown) == 2


def test_a_read_that_is_cut_off_after_every_window_comes_to_its_end() -> None:
    """Even if each read has one call only: the window that waits comes before the days that are asked for again."""
    events = [event(on(number)) for number in range(0, 100, 3)]
    campaign = Campaign(Server(events), TODAY - 100 * DAY)
    for _ in range(4):
        next(campaign.steps())
    assert len(campaign.shown) == len(events)
    assert len(days_in(campaign.server.windows)) == 101
    campaign.read()
    assert days_in(campaign.server.windows) == days_in([Days(TODAY - 3 * DAY, TODAY)])


def test_pages_follow_the_rows_received_whatever_their_length() -> None:
    campaign = Campaign(Server([event(on(1, f"10:00:{number:02}")) for number in range(25)], page=10), TODAY - DAY)
    campaign.read()
    assert [offset for _, _, offset in campaign.server.asked] == [0, 10, 20]
    assert len(campaign.shown) == 25


@pytest.mark.parametrize("moves", [1, 2, 5])
def test_a_window_that_moves_is_read_once_more(moves: int) -> None:
    """The second pass wins; if rows come during that too, the days are handed on and the operator is told."""
    events = [event(on(1, f"10:{number // 60:02}:{number % 60:02}")) for number in range(250)]

    class Moving(Server):
        def answer(self, request: httpx.Request) -> httpx.Response:
            if len(self.asked) in range(1, 3 * moves, 3):  # once a pass of three pages, after the first
                self.events.insert(0, event(on(1, "23:00:00"), email=f"{len(self.asked)}@example.org"))
            return super().answer(request)

    campaign = Campaign(Moving(events, page=100), TODAY - DAY)
    notes = [note for one in campaign.read() for note in one.notes]
    assert len(campaign.server.asked) == 6
    assert len(notes) == (moves > 1)
    assert all("do not add up" in note for note in notes)
    if moves == 1:
        assert len(campaign.shown) == len(campaign.server.events) == 251


def test_totals_that_never_add_up_are_told_and_the_rows_loaded() -> None:
    campaign = Campaign(Server([event(on(1))], lie=7), TODAY - DAY)
    found = campaign.read()
    assert len(campaign.server.asked) == 2
    assert [note for one in found for note in one.notes] == [
        f"{TODAY - DAY} to {TODAY}: the rows do not add up to the API's total, read twice"
    ]
    assert len(campaign.shown) == 1


def test_rows_of_other_days_are_told_and_not_loaded() -> None:
    """Their days would be replaced by what is a part of them."""
    campaign = Campaign(Server([event(on(1))], more=(event(on(20)), event(on(30)))), TODAY - DAY)
    notes = [note for one in campaign.read() for note in one.notes]
    assert notes == [f"{TODAY - DAY} to {TODAY}: 2 rows of other days, not loaded"]
    assert len(campaign.shown) == 1


def test_an_ignored_offset_is_an_error() -> None:
    campaign = Campaign(Server([event(on(1, f"10:00:{number:02}")) for number in range(25)], 10, offset_counts=False))
    with pytest.raises(WrongAnswer, match="`offset` is ignored"):
        campaign.read()


def test_an_answer_with_errors_is_an_error() -> None:
    class Refusing(Server):
        def answer(self, request: httpx.Request) -> httpx.Response:
            found = super().answer(request)
            return (
                found
                if request.url.path.endswith("token")
                else httpx.Response(200, json={"errors": ["dates"], "data": []})
            )

    with pytest.raises(ApiError, match="dates"):
        Campaign(Refusing([])).read()


def test_a_window_with_too_many_rows_is_read_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "MOST_ROWS", 4)
    campaign = Campaign(
        Server([event(on(number % 8, f"10:00:{number:02}")) for number in range(24)]), TODAY - 30 * DAY
    )
    found = campaign.read()
    assert len(campaign.shown) == 24
    assert max(len(one) for one in found) <= 4
    assert [window.last for window in campaign.server.windows] == sorted(
        (window.last for window in campaign.server.windows), reverse=True
    )


def test_equal_rows_are_numbered_by_type_and_recipient() -> None:
    at = on(1)
    twins = [event(at, "open"), event(at, "open", phone="1"), event(at, "sent"), event(at, "open", None)]
    campaign = Campaign(Server([*twins, event(at, "open", "b@example.org")]), TODAY - DAY)
    campaign.read()
    assert [(kind, email, number) for _, kind, email, number in campaign.shown] == [
        ("open", "", 0),
        ("open", "a@example.org", 0),
        ("open", "a@example.org", 1),
        ("open", "b@example.org", 0),
        ("sent", "a@example.org", 0),
    ]
    keys = [tuple(row[name] for name in ACTIVITY.table.key) for rows in campaign.stored.values() for row in rows]
    assert max(Counter(keys).values()) == 1


@pytest.mark.parametrize(
    "shown",
    [
        "2025-12-15 10:58:52",
        "2025-12-15T10:58:52Z",
        "2025-12-15T12:58:52+02:00",
        "2025-12-15T10:58:52.000000",
        1765796332,
        "1765796332",
        {"date": "2025-12-15 10:58:52.000000", "timezone_type": 3, "timezone": "UTC"},
    ],
    ids=str,
)
def test_every_form_of_a_time(shown: Any) -> None:
    conversion = conversion_of(ACTIVITY, CAMPAIGN, AccountReading(Server([]).api(), Settings(), [], "run"))
    rows = conversion([{**event(""), "event_time": shown}]).rows
    assert rows.rejected == {}
    assert rows.table["event_time"].to_pylist() == [datetime(2025, 12, 15, 10, 58, 52, tzinfo=UTC)]
    assert rows.table["event_date"].to_pylist() == [date(2025, 12, 15)]


def test_bad_rows_are_rejected_whole_and_stop_nothing() -> None:
    bad = [event(on(1), "future"), event(on(1), "never"), event(on(1)), event(on(1))]
    bad[0]["event_time"], bad[1]["event_time"] = "2999-01-01 00:00:00", "never"
    del bad[2]["event_type"]
    bad[3]["campaignId"] = 99
    campaign = Campaign(Server([event(on(1), "unknown word")], more=tuple(bad)), TODAY - DAY)
    for _ in range(2):
        found = campaign.read()
        assert [why.payload for one in found for why in one.rejected] == bad
        assert [note for one in found for note in one.notes] == []
    assert [kind for _, kind, _, _ in campaign.shown] == ["unknown word"]


# which types moved


def seen_again(campaign: Campaign, **how: Any) -> set[str]:
    return moved(campaign.read(**how))


def test_types_move_by_times_and_recipients_but_not_by_profiles() -> None:
    events = [event(on(1)), event(on(1), "open"), event(on(2), "reply")]
    campaign = Campaign(Server(events))
    campaign.read()
    events[0]["phone"] = "another"
    found = campaign.read()
    assert moved(found) == set()
    assert found[0].rows is not None
    events.append(event(on(1), "open"))
    assert seen_again(campaign) == {"open"}
    events.append(event(on(0), "click"))
    assert seen_again(campaign) == {"click"}
    del events[2]
    assert seen_again(campaign) == {"reply"}
    events[1]["recipient_email"] = "b@example.org"
    assert seen_again(campaign) == {"open"}
    assert seen_again(campaign) == set()


def test_a_sweep_tells_the_types_that_moved_in_older_days() -> None:
    events = [event(on(1)), event(on(20), "open"), event(on(21), "open"), event(on(22), "reply")]
    campaign = Campaign(Server(events))
    campaign.read()
    assert seen_again(campaign, sweep_days=0) == set()
    events[1]["event_time"], events[2]["event_time"] = on(19), on(18)
    del events[3]
    assert seen_again(campaign) == set()
    assert seen_again(campaign, sweep_days=0) == {"open", "reply"}
    assert len(campaign.shown) == 3


def contents(campaign: Campaign) -> dict[str, Counter[tuple[str, str]]]:
    """Type -> its events, as they are loaded."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for at, kind, email, _ in campaign.shown:
        found.setdefault(kind, Counter())[at, email] += 1
    return found


KINDS_OF_READS: list[dict[str, Any]] = [{"sweep_days": 0}, {}, {"full_refresh": True}]
EVENTS = st.builds(event, st.integers(0, 70).map(on), st.sampled_from(["sent", "open", "reply"]))


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(EVENTS, max_size=12), st.data())
def test_however_reads_are_cut_off_a_sweep_ends_with_the_truth_and_no_movement_is_missed(
    events: list[dict[str, Any]], data: st.DataObject
) -> None:
    """Events come and go between the reads, and a read may end after any window."""
    campaign = Campaign(Server(events), TODAY - 70 * DAY)
    campaign.read()
    before, told = contents(campaign), set[str]()
    for _ in range(data.draw(st.integers(0, 4))):
        events[:] = [one for one in events if data.draw(st.integers(0, 4))] + data.draw(st.lists(EVENTS, max_size=3))
        steps = campaign.steps(**data.draw(st.sampled_from(KINDS_OF_READS)))
        told |= moved(list(islice(steps, data.draw(st.integers(0, 5)))))
    for _ in range(2):  # the first ends what was cut off, so that the second reads everything
        told |= moved(campaign.read(sweep_days=0))
    after = contents(campaign)
    assert sorted((at, kind) for at, kind, _, _ in campaign.shown) == sorted(
        (one["event_time"], one["event_type"]) for one in events
    )
    assert {kind for kind in {*before, *after} if before.get(kind) != after.get(kind)} <= told
    assert moved(campaign.read(sweep_days=0)) == set()
