"""When a list is read whole again."""

from datetime import date, timedelta

import pytest

from sources.sweeps import interval_days, sweep_due

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("silent_days", "running", "expected"),
    [
        (0, False, 7), (29, False, 7), (30, False, 14), (59, False, 14), (60, False, 28), (90, False, 56),
        (120, False, 90), (4_000, False, 90), (4_000, True, 7),
    ],
)  # fmt: skip
def test_the_interval_doubles_with_every_thirty_silent_days_up_to_ninety(
    silent_days: int, running: bool, expected: int
) -> None:
    assert interval_days(sweep_days=7, silent_days=silent_days, running=running) == expected


def test_a_longer_setting_wins() -> None:
    assert interval_days(sweep_days=180, silent_days=400, running=False) == 180


@pytest.mark.parametrize(("last", "sweep_days"), [(None, 7), (TODAY, 0)])
def test_due_at_once(last: date | None, sweep_days: int) -> None:
    assert sweep_due(1, last=last, today=TODAY, sweep_days=sweep_days, last_activity=TODAY, running=True)


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("sweep_days", [1, 7, 30])
def test_a_running_campaign_is_swept_at_least_every_sweep_days_but_once_a_day(number: int, sweep_days: int) -> None:
    last, gaps = TODAY, []
    for day in (TODAY + timedelta(days=ahead) for ahead in range(100)):
        if sweep_due(number, last=last, today=day, sweep_days=sweep_days, last_activity=None, running=True):
            gaps.append((day - last).days)
            last = day
    assert gaps
    assert 0 < min(gaps) <= max(gaps) <= sweep_days


def test_campaigns_that_were_first_read_together_are_spread_over_the_days() -> None:
    for ahead in range(1, 7):
        day = TODAY + timedelta(days=ahead)
        due = [
            number
            for number in range(700)
            if sweep_due(number, last=TODAY, today=day, sweep_days=7, last_activity=day, running=True)
        ]
        assert len(due) == 100


def test_a_campaign_without_any_row_counts_as_long_silent() -> None:
    def due(ahead: int) -> bool:
        day = TODAY + timedelta(days=ahead)
        return sweep_due(45, last=TODAY, today=day, sweep_days=7, last_activity=None, running=False)

    assert sum(due(ahead) for ahead in range(56)) <= 1
    assert due(56)
