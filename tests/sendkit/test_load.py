"""Whole loads against a sandbox that stands still, in every form the API may take."""

from typing import Any

import pytest

from tests.sendkit.conftest import MakeSendkit, Sendkit

pytestmark = pytest.mark.slow

UNCOUNTED = ("sync_runs", "overview")
"""Tables in which every load leaves rows."""


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"paging": "older", "analytics": "older", "plain_lead_ids": True, "decorated": False},
        {"hidden": 150, "header": "Authorization", "lists_archived": True},
    ],
    ids=["current", "older", "sparse"],
)
def test_a_first_load_holds_the_truth_and_a_second_changes_nothing(
    sendkit: MakeSendkit, loaded: Sendkit, rules: dict[str, Any]
) -> None:
    server = sendkit()
    vars(server.world.rules).update(rules)
    loaded.load(server)
    assert loaded.differences(server) == {}
    assert {run["outcome"] for run in loaded.last_run().values()} == {"ok"}
    assert loaded.stored("rejected_rows") == []

    before = loaded.everything(without=UNCOUNTED)
    first = server.calls.total()
    loaded.load(server)
    assert loaded.everything(without=UNCOUNTED) == before
    assert server.calls.total() - first < first
