"""`outreach marts`: what it refuses, and what it says when a test fails."""

from functools import partial

import duckdb
import pytest

from pipelines import marts_build
from pipelines.pipeline import place_of
from tests.command_line import CommandLine
from tests.conftest import MakeSandbox

pytestmark = pytest.mark.slow


def test_a_failed_test_is_named_and_a_half_written_load_refused(
    sandbox: MakeSandbox, outreach: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of the models stand for all."""
    two = partial(marts_build.build, select=["stg_snovio__campaigns", "snovio__campaigns"])
    monkeypatch.setattr(marts_build, "build", two)
    outreach.use(sandbox(campaigns=2, scale=0.1))
    outreach.run("load", "snovio", "--select", "campaigns")
    _run(outreach, "INSERT INTO snovio.campaigns SELECT * FROM snovio.campaigns")

    shown = outreach.run("marts", expect=1).stdout
    assert "failed: unique_together_stg_snovio__campaigns" in shown
    assert "not built for that" in shown
    assert "snovio__campaigns" in shown.partition("not built for that")[2]

    # A killed load leaves rows that no record of a load tells of.
    _run(outreach, "UPDATE snovio.campaigns SET _dlt_load_id = '9999999999.0'")
    refused = outreach.json("marts", expect=1)
    assert "outreach load snovio" in refused["error"]
    loaded = outreach.json("load", "snovio", "--select", "campaign_schedules", "--marts", expect=1)
    assert loaded["accounts"][0]["exit_code"] == 0
    assert "outreach load snovio" in loaded["marts"]["error"]


def test_a_running_load_is_left_alone(outreach: CommandLine) -> None:
    with place_of("snovio", outreach.project, destination="duckdb", dataset="").locked("north"):
        refused = outreach.run("marts", expect=5)
    assert "snovio_north" in refused.stderr
    assert not outreach.warehouse.path.exists()


def test_places_that_hold_no_marts_are_refused(outreach: CommandLine) -> None:
    assert "--dataset" in outreach.run("marts", "--dataset", "nowhere", expect=2).stderr
    assert "--destination" in outreach.run("marts", "--destination", "filesystem", expect=2).stderr
    outreach.environment["DESTINATION__DUCKDB__CREDENTIALS"] = "marts.duckdb"
    assert "schema 'marts'" in outreach.run("marts", expect=2).stderr
    assert not (outreach.project / "marts.duckdb").exists()


def _run(outreach: CommandLine, statement: str) -> None:
    with duckdb.connect(str(outreach.warehouse.path)) as connection:
        connection.execute(statement)
