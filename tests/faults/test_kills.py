"""Loads that are killed in every phase: the next one ends with the rows of the API, none lost or doubled.

`python -m tests.faults kills` does so some hundred times.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults import history
from tests.faults.chains import INSTANTS, MODES
from tests.faults.killing import chain
from tests.faults.phases import PHASES
from tests.faults.processes import Loads
from tests.faults.scenarios import proves

DAY = timedelta(days=1)
NOON = datetime(2025, 6, 18, 12, tzinfo=UTC)

ROUNDS = {
    ("a day replaced", 1): (
        ("merging", "committing a merge", "noting the load as complete"),
        ("asking", "staging"),
    ),
    ("history of a campaign", 2): (
        ("putting the package away", "writing the state"),
        ("merging", "extracting rows", "noting the load as complete"),
    ),
    ("all together", 3): (("changing tables", "committing a merge", "beginning a slice"),),
}
"""By mode and seed of a chain: the instants at which loads are killed before one is let be, round by round."""


@pytest.mark.slow
@proves("process", "kill -9 during extract, normalize, load, and between load and commit")
@pytest.mark.parametrize(("mode", "seed"), ROUNDS)
def test_no_kill_loses_or_doubles_a_row(loads: Loads, tmp_path: Path, mode: str, seed: int) -> None:
    """Nor does another kill while the package of the one before lies there."""
    with chain(mode, seed, loads, tmp_path) as running:
        for instants in ROUNDS[mode, seed]:
            running.round(instants)
            assert running.wrong == []
    happened = [kill for kill in running.kills if kill.happened]
    assert len(happened) >= len(running.kills) - 1, "an instant never came"
    assert any(kill.again for kill in happened)


def test_every_instant_of_the_quick_kills_is_one_of_the_many() -> None:
    named = {instant for rounds in ROUNDS.values() for instants in rounds for instant in instants}
    assert named <= set(INSTANTS)
    assert len(PHASES) >= 8
    assert {mode for mode, _ in ROUNDS} <= set(MODES)


def version(key: int, content: str, begins: int, ends: int | None) -> dict[str, Any]:
    return {
        "account": "default",
        "id": key,
        "name": content,
        "_dlt_valid_from": NOON + begins * DAY,
        "_dlt_valid_to": None if ends is None else NOON + ends * DAY,
    }


def test_a_history_that_changes_is_right() -> None:
    rows = [version(1, "a", 0, 1), version(1, "b", 1, None), version(2, "a", 0, 2)]
    assert history.wrong_in({"prospect_lists": rows}) == []
    assert history.lost_from({"prospect_lists": [version(1, "a", 0, None)]}, {"prospect_lists": rows}) == []


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([version(1, "a", 0, None), version(1, "a", 0, None)], "hold at once"),
        ([version(1, "a", 0, 2), version(1, "b", 1, None)], "hold at once"),
        ([version(1, "a", 0, 1), version(1, "a", 1, None)], "same content"),
        ([version(1, "a", 0, 1), version(1, "a", 2, None)], "same content"),
    ],
)
def test_a_history_that_is_doubled_or_opened_again_is_wrong(rows: list[dict[str, Any]], what: str) -> None:
    assert [what in line for line in history.wrong_in({"prospect_lists": rows})] == [True]


@pytest.mark.parametrize(
    ("after", "what"),
    [([], "is gone"), ([version(1, "b", 0, 1)], "is gone"), ([version(1, "a", 0, 2)], "now ends")],
)
def test_a_history_that_forgets_is_wrong(after: list[dict[str, Any]], what: str) -> None:
    before = {"prospect_lists": [version(1, "a", 0, 1)]}
    assert [what in line for line in history.lost_from(before, {"prospect_lists": after})] == [True]
